//! Who we are, for servers that ask for a certificate.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use wharf_proto::error::Error;
use zeroize::Zeroizing;

use super::certificate::Certificate;
use super::fingerprint::Fingerprint;
use super::pem;

/// A client certificate, with the chain up to its authority, and its private key.
///
/// # Examples
///
/// ```no_run
/// use wharf::tls::{Identity, TlsConfig};
///
/// let tls = TlsConfig::new().identity(Identity::from_pem_files("me.crt", "me.key")?);
/// # Ok::<(), wharf::Error>(())
/// ```
#[derive(Clone)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<Zeroizing<PrivateKeyDer<'static>>>,
    chain_origin: String,
    key_origin: String,
}

impl Identity {
    /// The certificate, its chain behind it, and the key in these PEM files, which may be one file. The
    /// key may be in PKCS #8, SEC 1 or PKCS #1 form.
    ///
    /// # Errors
    ///
    /// [`Io`](crate::ErrorKind::Io) if a file cannot be read, else as [`from_pem`](Self::from_pem).
    pub fn from_pem_files(
        certificate: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, Error> {
        let (certificate, key) = (certificate.as_ref(), key.as_ref());
        Self::parse(
            &pem::read(certificate)?,
            pem::origin(certificate),
            &Zeroizing::new(pem::read(key)?),
            pem::origin(key),
        )
    }

    /// The certificate, its chain behind it, and the key in these PEM texts.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a text is damaged or holds something else, such
    /// as a key under a passphrase. Whether the key belongs to the certificate is seen when a connection
    /// is made.
    pub fn from_pem(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::parse(
            certificate.as_ref(),
            "the text given for the client certificate".to_owned(),
            key.as_ref(),
            "the text given for its key".to_owned(),
        )
    }

    fn parse(
        certificate: &[u8],
        chain_origin: String,
        key: &[u8],
        key_origin: String,
    ) -> Result<Self, Error> {
        Ok(Self {
            chain: pem::certificates(certificate, &chain_origin)?,
            key: Arc::new(Zeroizing::new(private_key(key, &key_origin)?)),
            chain_origin,
            key_origin,
        })
    }

    /// The answer to every server that asks.
    ///
    /// rustls' own way here reads the certificate, and refuses those of version 1, which are for the
    /// server to judge.
    pub(crate) fn resolver(
        &self,
        provider: &CryptoProvider,
    ) -> Result<Arc<dyn ResolvesClientCert>, Error> {
        let key = provider
            .key_provider
            .load_private_key(self.key.clone_key())
            .map_err(|error| {
                pem::invalid(format!(
                    "the private key in {} cannot be used: it is damaged, or of a kind or size that is not \
                     supported",
                    self.key_origin
                ))
                .with_source(error)
            })?;
        let own = key.public_key().map(|public| Fingerprint::of(&public));
        let certified = self
            .chain
            .first()
            .and_then(|first| Certificate::from(first).public_key_sha256());
        if own.is_some() && own != certified {
            return Err(pem::invalid(format!(
                "the private key in {} does not belong to the first certificate in {}",
                self.key_origin, self.chain_origin
            )));
        }
        let certified = CertifiedKey::new(self.chain.clone(), key);
        Ok(Arc::new(SingleCertAndKey::from(certified)))
    }
}

/// The certificate; the key stays out of it.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let certificate = self.chain.first().map(Certificate::from);
        f.debug_struct("Identity")
            .field("certificate", &certificate)
            .finish_non_exhaustive()
    }
}

fn private_key(text: &[u8], origin: &str) -> Result<PrivateKeyDer<'static>, Error> {
    let has = |words: &[u8]| text.windows(words.len()).any(|window| window == words);
    // PKCS #8 says so in its first line, the older forms in a header behind it (RFC 1421 §4.6.1.1).
    if has(b"-----BEGIN ENCRYPTED PRIVATE KEY-----") || has(b"Proc-Type: 4,ENCRYPTED") {
        return Err(pem::invalid(format!(
            "the private key in {origin} is under a passphrase: take it off with `openssl pkey`, into a file \
             that only you can read"
        )));
    }
    if has(b"-----BEGIN OPENSSH PRIVATE KEY-----") {
        return Err(pem::invalid(format!(
            "the private key in {origin} is one of OpenSSH, whose form TLS does not use"
        )));
    }
    match PrivateKeyDer::pem_slice_iter(text).next() {
        Some(Ok(key)) => Ok(key),
        Some(Err(error)) => Err(pem::malformed(&error, origin)),
        None => Err(pem::missing("private key", text, origin)),
    }
}
