//! Public keys and certificates that a server must have, whoever signed for them.

use std::path::Path;

use base64ct::{Base64, Encoding as _};
use rustls::pki_types::pem::{SectionKind, SliceIter};
use wharf_proto::error::Error;
use wharf_proto::text::escaped_str;
use x509_cert::der::Decode;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::certificate::Certificate;
use super::fingerprint::Fingerprint;
use super::pem;

/// A key or a certificate by its fingerprint, one of which a server must have.
///
/// # Examples
///
/// ```
/// use wharf::tls::Pin;
///
/// let pins = Pin::parse("sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")?;
/// assert_eq!(pins.len(), 1);
/// # Ok::<(), wharf::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pin(Pinned);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Pinned {
    PublicKey(Fingerprint),
    Certificate(Fingerprint),
}

impl Pin {
    /// Reads the form of curl's `--pinnedpubkey`: `sha256//` and the fingerprint of a public key in
    /// Base64, and more of them behind semicolons.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it is anything else.
    pub fn parse(text: &str) -> Result<Vec<Self>, Error> {
        text.split(';')
            .map(|one| {
                one.trim()
                    .strip_prefix("sha256//")
                    .and_then(|base64| Base64::decode_vec(base64).ok())
                    .and_then(|hash| <[u8; 32]>::try_from(hash).ok())
                    .map(|hash| Self::public_key(Fingerprint::new(hash)))
                    .ok_or_else(|| {
                        pem::invalid(format!(
                            "`{}` is not a pin: sha256// and a SHA-256 hash in Base64",
                            escaped_str(one)
                        ))
                    })
            })
            .collect()
    }

    /// The public key with this fingerprint, which is that of its `SubjectPublicKeyInfo`. It outlives
    /// the certificate if the server keeps its key.
    pub fn public_key(sha256: Fingerprint) -> Self {
        Self(Pinned::PublicKey(sha256))
    }

    /// The certificate with this fingerprint.
    pub fn certificate(sha256: Fingerprint) -> Self {
        Self(Pinned::Certificate(sha256))
    }

    /// The public key in this file: a key or a certificate in PEM form, or a key in DER form.
    ///
    /// # Errors
    ///
    /// [`Io`](crate::ErrorKind::Io) if it cannot be read, and [`InvalidInput`](crate::ErrorKind::InvalidInput) if it
    /// holds neither.
    pub fn from_public_key_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = pem::read(path)?;
        public_key(&text, &pem::origin(path)).map(Self::public_key)
    }

    /// Whether the server's certificate is or has what is meant.
    pub(crate) fn matches(self, certificate: &Certificate) -> bool {
        match self.0 {
            Pinned::PublicKey(pinned) => certificate.public_key_sha256() == Some(pinned),
            Pinned::Certificate(pinned) => certificate.sha256() == pinned,
        }
    }
}

fn public_key(text: &[u8], origin: &str) -> Result<Fingerprint, Error> {
    if SubjectPublicKeyInfoRef::from_der(text).is_ok() {
        return Ok(Fingerprint::of(text));
    }
    for section in SectionIter::new(text) {
        match section.map_err(|error| pem::malformed(&error, origin))? {
            (SectionKind::PublicKey, der) => return Ok(Fingerprint::of(&der)),
            (SectionKind::Certificate, der) => {
                return Certificate::from_der(der)
                    .public_key_sha256()
                    .ok_or_else(|| {
                        pem::invalid(format!("the certificate in {origin} cannot be read"))
                    });
            }
            _ => {}
        }
    }
    Err(pem::missing("public key or certificate", text, origin))
}

type SectionIter<'a> = SliceIter<'a, (SectionKind, Vec<u8>)>;

#[cfg(test)]
mod tests {
    use std::fs;

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
    use wharf_proto::error::ErrorKind;

    use super::*;
    use crate::tls::pem::{CERTIFICATE_BY_OPENSSL, PIN_BY_OPENSSL, PUBLIC_KEY_BY_OPENSSL};

    fn right() -> Pin {
        Pin::parse(&format!("sha256//{PIN_BY_OPENSSL}")).unwrap()[0]
    }

    #[test]
    fn several_pins_may_stand_in_one_line() {
        let other = Fingerprint::of(b"other").base64();
        let pins = Pin::parse(&format!("sha256//{PIN_BY_OPENSSL}; sha256//{other}")).unwrap();
        assert_eq!(pins, [right(), Pin::public_key(Fingerprint::of(b"other"))]);
    }

    #[test]
    fn what_is_no_pin_is_refused_whole() {
        let good = format!("sha256//{PIN_BY_OPENSSL}");
        for bad in [
            "",
            "sha256//",
            "sha256//AAAA",
            PIN_BY_OPENSSL,
            "sha1//AAAA",
            "key.pem",
        ] {
            for text in [bad.to_owned(), format!("{good};{bad}")] {
                let error = Pin::parse(&text).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
            }
        }
    }

    #[test]
    fn a_file_may_hold_the_key_or_its_certificate_in_pem_or_the_key_in_der() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let der =
            SubjectPublicKeyInfoDer::from_pem_slice(PUBLIC_KEY_BY_OPENSSL.as_bytes()).unwrap();
        for content in [
            PUBLIC_KEY_BY_OPENSSL.as_bytes(),
            CERTIFICATE_BY_OPENSSL.as_bytes(),
            &der,
        ] {
            fs::write(&path, content).unwrap();
            assert_eq!(Pin::from_public_key_file(&path).unwrap(), right());
        }
        for content in ["", "nothing", "-----BEGIN PUBLIC KEY-----\nAAAA"] {
            fs::write(&path, content).unwrap();
            let error = Pin::from_public_key_file(&path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("key`"), "{error}");
        }
        let missing = Pin::from_public_key_file(directory.path().join("missing"));
        assert_eq!(missing.unwrap_err().kind(), ErrorKind::Io);
    }

    #[test]
    fn a_pin_matches_its_key_or_its_certificate_and_no_other() {
        let der = CertificateDer::from_pem_slice(CERTIFICATE_BY_OPENSSL.as_bytes()).unwrap();
        let certificate = Certificate::from_der(der.as_ref());
        assert!(right().matches(&certificate));
        assert!(Pin::certificate(certificate.sha256()).matches(&certificate));
        // The kinds are not taken for each other.
        assert!(!Pin::public_key(certificate.sha256()).matches(&certificate));
        let key = certificate.public_key_sha256().unwrap();
        assert!(!Pin::certificate(key).matches(&certificate));
        let unreadable = Certificate::from_der(b"");
        assert!(!right().matches(&unreadable));
    }
}
