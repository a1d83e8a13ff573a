//! Who we are, for servers that ask for a certificate.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use wharf_proto::error::{Error, ErrorKind};

use super::pem;

/// A client certificate, with the chain up to its authority, and its private key.
#[derive(Clone)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
}

impl Identity {
    /// The certificate, its chain behind it, and the key in these PEM files, which may be one file.
    ///
    /// # Errors
    ///
    /// [`Io`](ErrorKind::Io) if a file cannot be read, else as [`from_pem`](Self::from_pem).
    pub fn from_pem_files(
        certificate: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, Error> {
        let (certificate, key) = (certificate.as_ref(), key.as_ref());
        Self::parse(
            &pem::read(certificate)?,
            &pem::origin(certificate),
            &pem::read(key)?,
            &pem::origin(key),
        )
    }

    /// The certificate, its chain behind it, and the key in these PEM texts.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if a text is damaged or holds something else.
    pub fn from_pem(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::parse(
            certificate.as_ref(),
            "the text of the client certificate",
            key.as_ref(),
            "the text of its key",
        )
    }

    fn parse(
        certificate: &[u8],
        certificate_origin: &str,
        key: &[u8],
        key_origin: &str,
    ) -> Result<Self, Error> {
        Ok(Self {
            chain: pem::certificates(certificate, certificate_origin)?,
            key: Arc::new(
                PrivateKeyDer::from_pem_slice(key)
                    .map_err(|error| pem::malformed(&error, key_origin))?,
            ),
        })
    }

    pub(crate) fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    pub(crate) fn key(&self) -> &PrivateKeyDer<'static> {
        &self.key
    }
}

/// The key stays out of it.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

const _: ErrorKind = ErrorKind::Io;
