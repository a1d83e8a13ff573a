//! Certificates that the caller trusts by name.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use wharf_proto::error::{Error, ErrorKind};

use super::certificate::Certificate;
use super::pem;

/// The certificates that decide whom to trust, in place of the platform's.
///
/// One that may sign others is an authority: whatever chains up to it is trusted, for the names in the
/// server's certificate and while that is valid. Any of them is also trusted itself: a server that shows
/// this very certificate needs no chain, so that the self-signed certificate of a single server can be
/// given here, as to curl. Its name and its dates count then too.
///
/// # Examples
///
/// ```no_run
/// use wharf::tls::{Roots, TlsConfig, Trust};
///
/// let roots = Roots::from_pem_file("/etc/company/ca.pem")?.with(Roots::from_dir("/etc/partners")?);
/// let tls = TlsConfig::new().trust(Trust::Roots(roots));
/// # Ok::<(), wharf::Error>(())
/// ```
#[derive(Clone)]
pub struct Roots {
    authorities: Arc<RootCertStore>,
    all: Vec<CertificateDer<'static>>,
}

impl Roots {
    /// The certificates in this PEM file.
    ///
    /// # Errors
    ///
    /// [`Io`](crate::ErrorKind::Io) if it cannot be read, else as [`from_pem`](Self::from_pem).
    pub fn from_pem_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::parse(&pem::read(path)?, &pem::origin(path))
    }

    /// The certificates in every file of this directory whose name ends in `.pem`, `.crt` or `.cer`, or is
    /// a hash with a number, as `c_rehash` makes them. Files without a certificate are passed over.
    ///
    /// # Errors
    ///
    /// [`Io`](crate::ErrorKind::Io) if the directory or a file cannot be read, and
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a file is damaged, or if none has a certificate.
    pub fn from_dir(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let mut all = Vec::new();
        for file in files(path)? {
            let text = pem::read(&file)?;
            let found = CertificateDer::pem_slice_iter(&text)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| pem::malformed(&error, &pem::origin(&file)))?;
            for certificate in found {
                // `c_rehash` gives every file a second name.
                if !all.contains(&certificate) {
                    all.push(certificate);
                }
            }
        }
        if all.is_empty() {
            let message = format!("no file in {} holds a certificate", pem::origin(path));
            return Err(pem::invalid(message));
        }
        let mut authorities = RootCertStore::empty();
        let (_, unusable) =
            authorities.add_parsable_certificates(all.iter().filter(|der| may_sign(der)).cloned());
        if unusable > 0 {
            tracing::warn!(
                unusable,
                directory = %pem::origin(path),
                "some authorities cannot be used"
            );
        }
        Ok(Self {
            authorities: Arc::new(authorities),
            all,
        })
    }

    /// The certificates in this PEM text.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it is damaged or holds no certificate.
    pub fn from_pem(text: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::parse(text.as_ref(), "the text")
    }

    /// These and the others.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        let authorities = Arc::make_mut(&mut self.authorities);
        authorities.extend(other.authorities.roots.iter().cloned());
        self.all.extend(other.all);
        self
    }

    /// Those that may sign others; there may be none.
    pub(crate) fn authorities(&self) -> &Arc<RootCertStore> {
        &self.authorities
    }

    /// Whether this very certificate is one of them.
    pub(crate) fn contains(&self, certificate: &CertificateDer<'_>) -> bool {
        self.all.iter().any(|one| one == certificate)
    }

    fn parse(text: &[u8], origin: &str) -> Result<Self, Error> {
        let all = pem::certificates(text, origin)?;
        let mut authorities = RootCertStore::empty();
        for der in all.iter().filter(|der| may_sign(der)) {
            authorities.add(der.clone()).map_err(|error| {
                pem::invalid(format!("{origin} holds a certificate that cannot be used"))
                    .with_source(error)
            })?;
        }
        Ok(Self {
            authorities: Arc::new(authorities),
            all,
        })
    }
}

/// The subjects.
impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(
                self.all
                    .iter()
                    .map(|der| Certificate::from_der(der.as_ref()).subject().to_owned()),
            )
            .finish()
    }
}

fn may_sign(der: &CertificateDer<'_>) -> bool {
    Certificate::from_der(der.as_ref()).is_authority()
}

/// The files of a directory that are to be read, in the order of their names.
fn files(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |error: io::Error| {
        let message = format!("the directory {} cannot be read", pem::origin(directory));
        Error::new(ErrorKind::Io, message).with_source(error)
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if is_certificate_name(&path) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_certificate_name(path: &Path) -> bool {
    let (Some(stem), Some(extension)) = (path.file_stem(), path.extension()) else {
        return false;
    };
    let hashed = || {
        let stem = stem.as_encoded_bytes();
        stem.len() == 8
            && stem.iter().all(u8::is_ascii_hexdigit)
            && extension.as_encoded_bytes().iter().all(u8::is_ascii_digit)
    };
    ["pem", "crt", "cer"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
        || hashed()
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

    use super::*;
    use crate::tls::pem::CERTIFICATE_BY_OPENSSL;

    fn authority() -> String {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .self_signed(&KeyPair::generate().unwrap())
            .unwrap()
            .pem()
    }

    fn leaf() -> String {
        let params = CertificateParams::default();
        params
            .self_signed(&KeyPair::generate().unwrap())
            .unwrap()
            .pem()
    }

    #[test]
    fn only_those_that_may_sign_become_authorities() {
        let roots = Roots::from_pem(authority() + &leaf() + CERTIFICATE_BY_OPENSSL).unwrap();
        assert_eq!((roots.all.len(), roots.authorities.len()), (3, 2));
        let both = roots.with(Roots::from_pem(authority()).unwrap());
        assert_eq!((both.all.len(), both.authorities.len()), (4, 3));
    }

    #[test]
    fn a_directory_is_read_by_the_names_that_certificates_have() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        let error = Roots::from_dir(directory.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with("no file in `"), "{error}");

        let hashed = authority();
        write("a.pem", &authority());
        write("b.CRT", &authority());
        write("c.cer", &hashed);
        write("0123abcd.0", &hashed);
        write("server.pem", &leaf());
        write("key.pem", &KeyPair::generate().unwrap().serialize_pem());
        write("notes.txt", "-----BEGIN CERTIFICATE-----");
        write("0123abcd.r0", "-----BEGIN X509 CRL-----");
        fs::create_dir(directory.path().join("d.pem")).unwrap();
        let roots = Roots::from_dir(directory.path()).unwrap();
        assert_eq!((roots.all.len(), roots.authorities.len()), (4, 3));

        write("z.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
        let error = Roots::from_dir(directory.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("z.pem` is damaged"), "{error}");
    }

    #[test]
    fn a_file_without_a_certificate_is_refused_and_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ca.pem");
        for (content, words) in [
            (&b""[..], "ca.pem` holds no certificate in PEM form"),
            (b"\x30\x82\x01\x00", "it looks like DER"),
            (
                b"-----BEGIN CERTIFICATE-----\n####\n-----END CERTIFICATE-----\n",
                "is not Base64",
            ),
            (
                b"-----BEGIN CERTIFICATE-----\nAAAA",
                "`-----END CERTIFICATE-----` is missing",
            ),
        ] {
            fs::write(&path, content).unwrap();
            let error = Roots::from_pem_file(&path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(words), "{error}");
        }
        for missing in ["none.pem", "none\u{1b}[2J"] {
            let error = Roots::from_pem_file(directory.path().join(missing)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io);
            assert!(!error.to_string().contains('\u{1b}'));
        }
        let nowhere = Roots::from_dir(directory.path().join("none")).unwrap_err();
        assert_eq!(nowhere.kind(), ErrorKind::Io);
    }
}
