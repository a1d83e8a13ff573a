//! A certification authority that exists in memory only.
//!
//! ```
//! use wharf_testing::tls::authority::{Authority, Leaf, Validity};
//!
//! let authority = Authority::shared();
//! let good = authority.issue(["ftp.example"], Leaf::default());
//! let late = authority.issue(["ftp.example"], Leaf { validity: Validity::Expired, ..Leaf::default() });
//! assert_ne!(good.public_key_der(), late.public_key_der());
//! let file = authority.pem_file()?; // for `--cacert`
//! assert_eq!(std::fs::read_to_string(file.path())?, authority.pem());
//! # std::io::Result::Ok(())
//! ```

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, date_time_ymd,
};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

use crate::temporary::TemporaryDirectory;

/// A certification authority. Clones are the same one.
#[derive(Clone)]
pub struct Authority {
    inner: Arc<Inner>,
}

struct Inner {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
    /// The authorities between a leaf and the root, this one first. The root has none.
    intermediates: Chain,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("intermediates", &self.inner.intermediates.der.len())
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// A new authority, which nobody trusts yet.
    ///
    /// # Panics
    ///
    /// The system gives no randomness.
    #[expect(
        clippy::new_without_default,
        reason = "each is another one, which a default should not be"
    )]
    pub fn new() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(1);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let params = Self::params(&format!("wharf test authority {number}"));
        let key = new_key();
        let certificate = params.self_signed(&key).expect("the parameters are ours");
        Self::from_parts(certificate, params, key, Chain::default())
    }

    /// The authority of this process: made once, when first asked for.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Authority> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    /// An authority that this one vouches for. What it issues is sent with its own certificate, so
    /// that a client needs to trust only the root.
    ///
    /// # Panics
    ///
    /// The system gives no randomness.
    #[must_use]
    pub fn intermediate(&self) -> Self {
        let params = Self::params("wharf test intermediate");
        let key = new_key();
        let certificate = params
            .signed_by(&key, &self.inner.issuer)
            .expect("the parameters are ours");
        let intermediates = self.inner.intermediates.under(&certificate);
        Self::from_parts(certificate, params, key, intermediates)
    }

    /// A certificate for `names`, DNS names or IP addresses, and the key to it.
    ///
    /// # Panics
    ///
    /// A name is not ASCII, or the system gives no randomness.
    pub fn issue<N: Into<String>>(
        &self,
        names: impl IntoIterator<Item = N>,
        leaf: Leaf,
    ) -> Identity {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let common_name = names.first().map_or("nobody", String::as_str).to_owned();
        let mut params = CertificateParams::new(names).expect("names are ASCII");
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        (params.not_before, params.not_after) = match leaf.validity {
            Validity::Current => (date_time_ymd(2020, 1, 1), date_time_ymd(2120, 1, 1)),
            Validity::Expired => (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1)),
            Validity::NotYet => (date_time_ymd(2110, 1, 1), date_time_ymd(2120, 1, 1)),
        };
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match leaf.usage {
            Usage::Server => ExtendedKeyUsagePurpose::ServerAuth,
            Usage::Client => ExtendedKeyUsagePurpose::ClientAuth,
        }];
        let key = match leaf.key_of {
            Some(other) => other.key,
            None => Arc::new(new_key()),
        };
        let (certificate, above) = if leaf.self_signed {
            (params.self_signed(&*key), &Chain::default())
        } else {
            params.use_authority_key_identifier_extension = true;
            let signed = params.signed_by(&*key, &self.inner.issuer);
            (signed, &self.inner.intermediates)
        };
        let certificate = certificate.expect("a key pair of ours signs what it is given");
        Identity {
            chain: above.under(&certificate),
            key,
        }
    }

    /// Its certificate in PEM, as a file of roots has it.
    pub fn pem(&self) -> String {
        self.inner.certificate.pem()
    }

    /// Its certificate.
    pub fn der(&self) -> &CertificateDer<'static> {
        self.inner.certificate.der()
    }

    /// A file with [`Self::pem`] in it, for as long as the value lives.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn pem_file(&self) -> io::Result<PemFile> {
        PemFile::new("ca.pem", &self.pem())
    }

    /// What somebody trusts who trusts this authority alone.
    #[expect(
        clippy::missing_panics_doc,
        reason = "a certificate that was just made can be read"
    )]
    pub fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots
            .add(self.der().clone())
            .expect("a certificate of our own making");
        roots
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2121, 1, 1);
        params
    }

    fn from_parts(
        certificate: Certificate,
        params: CertificateParams,
        key: KeyPair,
        intermediates: Chain,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                certificate,
                issuer: Issuer::new(params, key),
                intermediates,
            }),
        }
    }
}

/// What a certificate is to be. The default is a good one for a server.
#[derive(Clone, Debug, Default)]
pub struct Leaf {
    /// When it is good.
    pub validity: Validity,
    /// What it is good for.
    pub usage: Usage,
    /// Signed by its own key, so that no authority vouches for it.
    pub self_signed: bool,
    /// Uses the key of another certificate, as one that was renewed does; otherwise it has a new
    /// one.
    pub key_of: Option<Identity>,
}

/// When a certificate is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validity {
    /// For this whole century.
    #[default]
    Current,
    /// For the year 2001 only.
    Expired,
    /// From the year 2110 on.
    NotYet,
}

/// What a certificate is good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Usage {
    /// Proving who a server is.
    #[default]
    Server,
    /// Proving who a client is.
    Client,
}

/// A certificate and its key. Clones share the key.
#[derive(Clone)]
pub struct Identity {
    chain: Chain,
    key: Arc<KeyPair>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("certificates", &self.chain.der.len())
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// The one a server has if nothing is said: of the [shared authority](Authority::shared), for
    /// `localhost`, 127.0.0.1 and `::1`.
    pub fn localhost() -> &'static Self {
        static LOCALHOST: OnceLock<Identity> = OnceLock::new();
        LOCALHOST.get_or_init(|| {
            Authority::shared().issue(["localhost", "127.0.0.1", "::1"], Leaf::default())
        })
    }

    /// The certificate itself.
    #[expect(
        clippy::missing_panics_doc,
        reason = "every identity is made with a certificate"
    )]
    pub fn der(&self) -> &CertificateDer<'static> {
        self.chain.der.first().expect("made with a certificate")
    }

    /// The certificate, and those of the authorities up to the root, which is left out.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain.der
    }

    /// The key.
    pub fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }

    /// The public key as the certificate has it (`SubjectPublicKeyInfo`), which is what a pin is
    /// the hash of.
    pub fn public_key_der(&self) -> Vec<u8> {
        self.key.subject_public_key_info()
    }

    /// The [`chain`](Self::chain) in PEM.
    pub fn certificate_pem(&self) -> &str {
        &self.chain.pem
    }

    /// The key in PEM (PKCS #8).
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// The public key in PEM.
    pub fn public_key_pem(&self) -> String {
        self.key.public_key_pem()
    }

    /// A file with the chain in it, for as long as the value lives.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn certificate_file(&self) -> io::Result<PemFile> {
        PemFile::new("certificate.pem", self.certificate_pem())
    }

    /// A file with the key in it, for as long as the value lives.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn key_file(&self) -> io::Result<PemFile> {
        PemFile::new("key.pem", &self.key_pem())
    }
}

/// Certificates, each vouched for by the next, in the two forms they are wanted in.
#[derive(Clone, Debug, Default)]
struct Chain {
    der: Vec<CertificateDer<'static>>,
    pem: String,
}

impl Chain {
    /// The chain that goes on from `certificate` with this one.
    fn under(&self, certificate: &Certificate) -> Self {
        let mut der = vec![certificate.der().clone()];
        der.extend_from_slice(&self.der);
        Self {
            der,
            pem: certificate.pem() + &self.pem,
        }
    }
}

/// A file that is removed when this is dropped.
#[derive(Debug)]
pub struct PemFile {
    path: PathBuf,
    /// Held so that the file stays.
    _directory: TemporaryDirectory,
}

impl PemFile {
    fn new(name: &str, text: &str) -> io::Result<Self> {
        let directory = TemporaryDirectory::new()?;
        let path = directory.path().join(name);
        fs::write(&path, text)?;
        Ok(Self {
            path,
            _directory: directory,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A new P-256 key, which takes no time to make, as one for RSA would.
fn new_key() -> KeyPair {
    KeyPair::generate().expect("the system gives randomness")
}

#[cfg(test)]
mod tests {
    use rustls::{
        CertificateError, Error,
        client::{WebPkiServerVerifier, danger::ServerCertVerifier},
        pki_types::{ServerName, UnixTime, pem::PemObject},
    };

    use super::*;
    use crate::tls::provider;

    /// What a client that trusts `authority` makes of `identity` as that of `name`.
    fn verify(authority: &Authority, identity: &Identity, name: &str) -> Result<(), Error> {
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(authority.roots()), provider())
                .build()
                .unwrap();
        let name = ServerName::try_from(name).unwrap();
        let (leaf, above) = identity.chain().split_first().unwrap();
        verifier
            .verify_server_cert(leaf, above, &name, &[], UnixTime::now())
            .map(drop)
    }

    fn reason(result: Result<(), Error>) -> CertificateError {
        match result {
            Err(Error::InvalidCertificate(reason)) => reason,
            other => panic!("no fault of a certificate: {other:?}"),
        }
    }

    #[test]
    fn a_good_certificate_is_good_for_each_of_its_names() {
        for name in ["localhost", "127.0.0.1", "::1"] {
            verify(Authority::shared(), Identity::localhost(), name).unwrap();
        }
        let other = verify(Authority::shared(), Identity::localhost(), "ftp.example");
        assert!(matches!(
            reason(other),
            CertificateError::NotValidForNameContext { .. }
        ));
    }

    #[test]
    fn an_intermediate_authority_sends_its_own_certificate_along() {
        let root = Authority::new();
        let below = root.intermediate().intermediate();
        let identity = below.issue(["ftp.example"], Leaf::default());
        assert_eq!(identity.chain().len(), 3);
        verify(&root, &identity, "ftp.example").unwrap();
        let alone = Identity {
            chain: Chain {
                der: identity.chain.der[..1].to_vec(),
                ..Chain::default()
            },
            ..identity
        };
        let missing = verify(&root, &alone, "ftp.example");
        assert_eq!(reason(missing), CertificateError::UnknownIssuer);
    }

    #[test]
    fn each_bad_certificate_is_bad_for_its_own_reason() {
        let authority = Authority::shared();
        let of = |leaf| {
            let identity = authority.issue(["ftp.example"], leaf);
            reason(verify(authority, &identity, "ftp.example"))
        };
        let late = Leaf {
            validity: Validity::Expired,
            ..Leaf::default()
        };
        assert!(matches!(of(late), CertificateError::ExpiredContext { .. }));
        let early = Leaf {
            validity: Validity::NotYet,
            ..Leaf::default()
        };
        assert!(matches!(
            of(early),
            CertificateError::NotValidYetContext { .. }
        ));
        let alone = Leaf {
            self_signed: true,
            ..Leaf::default()
        };
        assert_eq!(of(alone), CertificateError::UnknownIssuer);
        let client = Leaf {
            usage: Usage::Client,
            ..Leaf::default()
        };
        assert!(matches!(
            of(client),
            CertificateError::InvalidPurposeContext { .. }
        ));
        let stranger = Authority::new().issue(["ftp.example"], Leaf::default());
        let strange = verify(authority, &stranger, "ftp.example");
        assert_eq!(reason(strange), CertificateError::UnknownIssuer);
    }

    #[test]
    fn a_renewed_certificate_has_the_key_of_the_old_one() {
        let authority = Authority::shared();
        let old = authority.issue(["ftp.example"], Leaf::default());
        let renewed = authority.issue(
            ["ftp.example"],
            Leaf {
                key_of: Some(old.clone()),
                validity: Validity::NotYet,
                ..Leaf::default()
            },
        );
        let other = authority.issue(["ftp.example"], Leaf::default());
        assert_ne!(old.der(), renewed.der());
        assert_eq!(old.public_key_der(), renewed.public_key_der());
        assert_ne!(old.public_key_der(), other.public_key_der());
    }

    #[test]
    fn files_hold_what_was_issued_and_go_with_their_owner() {
        let identity = Authority::new()
            .intermediate()
            .issue(["ftp.example"], Leaf::default());
        let (certificates, key) = (
            identity.certificate_file().unwrap(),
            identity.key_file().unwrap(),
        );
        let read: Vec<_> = CertificateDer::pem_file_iter(certificates.path())
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(read, identity.chain());
        let read = PrivateKeyDer::from_pem_file(key.path()).unwrap();
        assert_eq!(read, identity.key());
        let path = key.path().to_owned();
        drop(key);
        assert!(!path.exists());
    }
}
