//! Files of certificates and keys in PEM form (RFC 7468), and what is wrong with those that are not.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::text::{escaped, escaped_str};

/// The bytes of a file, or an error that names it.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    read_bounded(path).map_err(|error| {
        let message = format!("{} cannot be read", origin(path));
        Error::new(ErrorKind::Io, message).with_source(error)
    })
}

/// The bytes of a file that is no larger than lists of certificates and keys are: a platform's whole is some
/// hundred KiB, and a device has no end.
pub(crate) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = File::open(path)?.take(LARGEST_FILE + 1);
    if file.read_to_end(&mut bytes)? as u64 > LARGEST_FILE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    // Editors on Windows begin a text in UTF-8 so.
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(bytes)
}

const LARGEST_FILE: u64 = 16 << 20;

/// The text of a file's bytes.
pub(crate) fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// How a file is called in messages.
pub(crate) fn origin(path: &Path) -> String {
    format!("`{}`", escaped(path.as_os_str().as_encoded_bytes()))
}

/// All certificates in `text`, at least one. `origin` is where it came from.
pub(crate) fn certificates(
    text: &[u8],
    origin: &str,
) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found = CertificateDer::pem_slice_iter(text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| malformed(&error, origin))?;
    if found.is_empty() {
        return Err(missing("certificate", text, origin));
    }
    Ok(found)
}

/// PEM that breaks off or is not Base64.
pub(crate) fn malformed(error: &pem::Error, origin: &str) -> Error {
    let what = match error {
        pem::Error::MissingSectionEnd { end_marker } => {
            format!(
                "the line `-----END {}-----` is missing",
                escaped(end_marker)
            )
        }
        pem::Error::IllegalSectionStart { line } => {
            format!("`{}` begins nothing", escaped(line))
        }
        pem::Error::Base64Decode(_) => "what stands between the lines is not Base64".to_owned(),
        other => escaped_str(&other.to_string()).to_string(),
    };
    invalid(format!("{origin} is damaged: {what}"))
}

/// PEM, or not even that, without what was looked for.
pub(crate) fn missing(what: &str, text: &[u8], origin: &str) -> Error {
    // 0x30 is a DER sequence, as every certificate and key begins.
    let why = if text.first() == Some(&0x30) {
        "; it looks like DER: convert it to PEM first"
    } else {
        ""
    };
    invalid(format!("{origin} holds no {what} in PEM form{why}"))
}

pub(crate) fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}

/// What OpenSSL 3.0 made of `req -x509 -utf8 -subj "/C=DE/O=Häfen, Werft/CN=ftp.example.com"`, so that
/// another program is the judge of what is read here.
#[cfg(test)]
pub(crate) const CERTIFICATE_BY_OPENSSL: &str = "\
-----BEGIN CERTIFICATE-----
MIICGDCCAb6gAwIBAgIUROkyS33CyWb3kttZBevIPz2VkPkwCgYIKoZIzj0EAwIw
PzELMAkGA1UEBhMCREUxFjAUBgNVBAoMDUjDpGZlbiwgV2VyZnQxGDAWBgNVBAMM
D2Z0cC5leGFtcGxlLmNvbTAeFw0yNjExMjIyMTAxNDVaFw0zNjExMTkyMTAxNDVa
MD8xCzAJBgNVBAYTAkRFMRYwFAYDVQQKDA1Iw6RmZW4sIFdlcmZ0MRgwFgYDVQQD
DA9mdHAuZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR2Cp83
OKU/U8joRL8S580oQ8ZEjRjfPZ8Hd1CUPWTpdsxjWfG93+OueTwpCoD5aw6ACt9v
UOH29rx71+Wiy68Io4GXMIGUMB0GA1UdDgQWBBQFpIeqBimc2/PGYW3MdmN6lCEw
+TAfBgNVHSMEGDAWgBQFpIeqBimc2/PGYW3MdmN6lCEw+TAPBgNVHRMBAf8EBTAD
AQH/MEEGA1UdEQQ6MDiCD2Z0cC5leGFtcGxlLmNvbYINKi5leGFtcGxlLmNvbYcE
wAACAYcQIAENuAAAAAAAAAAAAAAAATAKBggqhkjOPQQDAgNIADBFAiBOJxY5DFHe
xJqLMNPt90dDUJWB0l3ISF14vJJFT2pv1AIhAOKyEk5SygZf8bnwKvMxrjADcYP5
Otk/+FrunxAGqpBe
-----END CERTIFICATE-----
";

/// Its public key.
#[cfg(test)]
pub(crate) const PUBLIC_KEY_BY_OPENSSL: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdgqfNzilP1PI6ES/EufNKEPGRI0Y
3z2fB3dQlD1k6XbMY1nxvd/jrnk8KQqA+WsOgArfb1Dh9va8e9flosuvCA==
-----END PUBLIC KEY-----
";

/// The SHA-256 of that key, in Base64, as `openssl dgst` has it.
#[cfg(test)]
pub(crate) const PIN_BY_OPENSSL: &str = "oJ0uPAljGOSrwzh/rRaebHGNheqL/frQVT1jH275HsM=";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_end_is_not_read_to_it_and_a_byte_order_mark_is_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("large");
        let file = File::create(&path).unwrap();
        file.set_len(LARGEST_FILE + 1).unwrap();
        let error = read_bounded(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        file.set_len(LARGEST_FILE).unwrap();
        assert_eq!(read(&path).unwrap().len() as u64, LARGEST_FILE);
        std::fs::write(&path, b"\xef\xbb\xbf-----").unwrap();
        assert_eq!(read(&path).unwrap(), b"-----");
    }
}
