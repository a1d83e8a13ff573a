//! Certificates of X.509's first version, which rcgen does not make.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;

use super::Shown;

/// The same certificate without what came with version 3. Its authority's signature is wrong then, which
/// nobody checks who asks for no authority.
pub(super) fn version_1(shown: &Shown) -> Shown {
    let (whole, _) = split(&shown.chain[0]);
    let (to_be_signed, signature) = split(whole);
    let mut fields = Vec::new();
    let mut rest = to_be_signed;
    while !rest.is_empty() {
        let (_, behind) = split(rest);
        let field = &rest[..rest.len() - behind.len()];
        // [0] is the version, [3] the extensions.
        if !matches!(field[0], 0xa0 | 0xa3) {
            fields.extend_from_slice(field);
        }
        rest = behind;
    }
    let certificate = sequence(&[&sequence(&fields), signature].concat());
    Shown {
        chain: vec![CertificateDer::from(certificate)],
        key: Arc::clone(&shown.key),
    }
}

/// The content of the first DER element, and what is behind it.
fn split(der: &[u8]) -> (&[u8], &[u8]) {
    let (header, length) = match der[1] {
        short @ 0..=0x7f => (2, usize::from(short)),
        0x81 => (3, usize::from(der[2])),
        _ => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
    };
    (&der[header..header + length], &der[header + length..])
}

fn sequence(content: &[u8]) -> Vec<u8> {
    let header = match u16::try_from(content.len()).unwrap().to_be_bytes() {
        [0, length @ 0..=0x7f] => vec![0x30, length],
        [0, length] => vec![0x30, 0x81, length],
        [high, low] => vec![0x30, 0x82, high, low],
    };
    [&header, content].concat()
}
