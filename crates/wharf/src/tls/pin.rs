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
