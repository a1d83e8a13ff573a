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
            // The key may be in the same file.
            &Zeroizing::new(pem::read(certificate)?),
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
            .and_then(|first| Certificate::from_der(first.as_ref()).public_key_sha256());
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
        let first = self.chain.first();
        let certificate = first.map(|der| Certificate::from_der(der.as_ref()));
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

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::{CertificateParams, KeyPair};
    use wharf_proto::error::ErrorKind;

    use super::*;
    use crate::tls::{TlsConfig, Trust};

    fn certificate(key: &KeyPair) -> String {
        CertificateParams::default().self_signed(key).unwrap().pem()
    }

    fn me(identity: Identity) -> TlsConfig {
        TlsConfig::new()
            .trust(Trust::DangerAnything)
            .identity(identity)
    }

    fn refused(certificate: &str, key: &str) -> String {
        let error = Identity::from_pem(certificate, key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        error.to_string()
    }

    #[test]
    fn one_file_may_hold_both_in_any_order() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("me.pem");
        let key = KeyPair::generate().unwrap();
        for text in [
            key.serialize_pem() + &certificate(&key),
            certificate(&key) + &key.serialize_pem(),
        ] {
            fs::write(&path, text).unwrap();
            let identity = Identity::from_pem_files(&path, &path).unwrap();
            me(identity).prepare("localhost", 21).unwrap();
        }
    }

    #[test]
    fn a_key_of_another_certificate_is_refused_with_both_files() {
        let directory = tempfile::tempdir().unwrap();
        let (one, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let paths = ["me.crt", "you.key"].map(|name| directory.path().join(name));
        fs::write(&paths[0], certificate(&one)).unwrap();
        fs::write(&paths[1], other.serialize_pem()).unwrap();
        let identity = Identity::from_pem_files(&paths[0], &paths[1]).unwrap();
        let error = me(identity).prepare("localhost", 21).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let text = error.to_string();
        assert!(
            text.contains("you.key` does not belong to the first certificate in `"),
            "{text}"
        );
        assert!(text.contains("me.crt`"), "{text}");
    }

    #[test]
    fn what_is_no_usable_key_is_told_apart() {
        let key = KeyPair::generate().unwrap();
        let certificate = certificate(&key);
        for (text, words) in [
            (
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHs\n",
                "under a passphrase",
            ),
            (
                "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,5CDB\n\nMIHs\n",
                "under a passphrase",
            ),
            (
                "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n",
                "one of OpenSSH",
            ),
            (&*certificate, "holds no private key in PEM form"),
            (
                "-----BEGIN PRIVATE KEY-----\n####\n-----END PRIVATE KEY-----\n",
                "is damaged",
            ),
        ] {
            let told = refused(&certificate, text);
            assert!(told.contains(words), "{told}");
        }
        let told = refused(&key.serialize_pem(), &key.serialize_pem());
        assert!(
            told.contains("client certificate holds no certificate"),
            "{told}"
        );

        let nonsense = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let identity = Identity::from_pem(&certificate, nonsense).unwrap();
        let error = me(identity).prepare("localhost", 21).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("cannot be used"), "{error}");
    }

    #[test]
    fn the_key_is_not_in_what_is_printed_for_debugging() {
        let key = KeyPair::generate().unwrap();
        let identity = Identity::from_pem(certificate(&key), key.serialize_pem()).unwrap();
        let text = format!("{identity:?} {:?}", me(identity.clone()));
        let secret = identity.key.secret_der();
        let numbers = format!("{:?}", &secret[secret.len() - 8..]);
        assert!(!text.contains(numbers.trim_matches(['[', ']'])), "{text}");
        assert!(text.contains("Certificate"), "{text}");
    }
}
