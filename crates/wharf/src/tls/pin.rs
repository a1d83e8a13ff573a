//! Public keys and certificates that a server must have, whoever signed for them.

use std::path::Path;

use base64ct::{Base64, Encoding as _};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;
use wharf_proto::error::Error;
use wharf_proto::text::escaped_str;

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
    /// [`Io`](crate::ErrorKind::Io) if it cannot be read, and [`InvalidInput`](ErrorKind::InvalidInput) if it
    /// holds neither.
    pub fn from_public_key_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = pem::read(path)?;
        let key = SubjectPublicKeyInfoDer::from_pem_slice(&text)
            .map_err(|error| pem::malformed(&error, &pem::origin(path)))?;
        Ok(Self::public_key(Fingerprint::of(&key)))
    }

    /// Whether the server's certificate is or has what is meant.
    pub(crate) fn matches(self, certificate: &Certificate) -> bool {
        match self.0 {
            Pinned::PublicKey(pinned) => certificate.public_key_sha256() == Some(pinned),
            Pinned::Certificate(pinned) => certificate.sha256() == pinned,
        }
    }
}
