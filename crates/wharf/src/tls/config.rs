//! How TLS is spoken, and with whom.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedProtocolVersion};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::session::DataProtection;
use wharf_proto::text::escaped_str;

use super::identity::Identity;
use super::key_log::KeyLogFile;
use super::pem;
use super::pin::Pin;
use super::trust::{Trust, Verifier};

/// How TLS is spoken and whom it trusts. Each method returns the configuration changed, so that calls
/// chain. The same holds for the control connection and for its data connections.
///
/// # Defaults
///
/// | what | default | method |
/// |---|---|---|
/// | trusted servers | those the platform trusts | [`trust`](Self::trust) |
/// | pins | none | [`pins`](Self::pins) |
/// | client certificate | none | [`identity`](Self::identity) |
/// | name expected in the certificate | the host connected to | [`server_name`](Self::server_name) |
/// | name sent ahead (SNI) | the same, unless it is an address | [`sni`](Self::sni) |
/// | versions | TLS 1.2 and 1.3 | [`min_version`](Self::min_version), [`max_version`](Self::max_version) |
/// | key log | none | [`key_log`](Self::key_log) |
/// | cryptography | aws-lc-rs if it is compiled in, else ring | [`provider`](Self::provider) |
/// | an end without `close_notify` | tolerated where something else proves the transfer whole | [`close_notify`](Self::close_notify) |
/// | resumed sessions on data connections | yes | [`session_reuse`](Self::session_reuse) |
/// | data connections | encrypted | [`data_protection`](Self::data_protection) |
/// | control connection encrypted behind the login | yes | [`danger_clear_command_channel`](Self::danger_clear_command_channel) |
///
/// # Examples
///
/// ```
/// use wharf::tls::{Pin, TlsConfig, TlsVersion, Trust};
///
/// // One server with a self-signed certificate, known by its key and by nothing else.
/// let pins = Pin::parse("sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")?;
/// let tls = TlsConfig::new()
///     .trust(Trust::DangerAnything)
///     .pins(pins)
///     .min_version(TlsVersion::Tls13);
/// # Ok::<(), wharf::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a configuration does nothing by itself"]
pub struct TlsConfig {
    trust: Trust,
    pins: Vec<Pin>,
    identity: Option<Identity>,
    server_name: Option<String>,
    sni: bool,
    pub(crate) min_version: TlsVersion,
    max_version: TlsVersion,
    key_log: Option<PathBuf>,
    provider: Provider,
    pub(crate) close_notify: CloseNotify,
    pub(crate) session_reuse: bool,
    pub(crate) data_protection: DataProtection,
    pub(crate) clear_command_channel: bool,
}

/// A version of TLS. Older ones are not spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

/// Whose implementation of the cryptography is used. Each has its Cargo feature, both may be on, and
/// nothing is installed for the whole process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// AWS-LC, by the feature `aws-lc-rs`, which is on by default.
    AwsLcRs,
    /// ring, by the feature `ring`.
    Ring,
}

/// What is made of a data connection that ends without TLS's goodbye, for anybody on the way can cut a
/// connection there, and the file would seem whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseNotify {
    /// The transfer has failed.
    Strict,
    /// The transfer has failed unless the server confirms it and its size is known and right. Servers
    /// that never say goodbye are common.
    #[default]
    TolerateIfProven,
    /// It is an end like any other, so that a cut file can pass for a whole one.
    DangerIgnore,
}

impl TlsConfig {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            trust: Trust::default(),
            pins: Vec::new(),
            identity: None,
            server_name: None,
            sni: true,
            min_version: TlsVersion::Tls12,
            max_version: TlsVersion::Tls13,
            key_log: None,
            provider: Provider::default(),
            close_notify: CloseNotify::default(),
            session_reuse: true,
            data_protection: DataProtection::default(),
            clear_command_channel: false,
        }
    }

    /// Which servers are believed to be who they say.
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Keys and certificates of which the server must have one, besides being trusted; with
    /// [`Trust::DangerAnything`] they alone decide. They take the place of earlier ones; none asks for
    /// nothing.
    pub fn pins(mut self, pins: impl IntoIterator<Item = Pin>) -> Self {
        self.pins = pins.into_iter().collect();
        self
    }

    /// Shows this certificate to servers that ask for one.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// The name that the server's certificate must be valid for and that is sent ahead, in place of the
    /// host that is connected to.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Whether the name is sent ahead in clear text (SNI, RFC 6066 §3), by which a server of many names
    /// picks its certificate.
    pub fn sni(mut self, sni: bool) -> Self {
        self.sni = sni;
        self
    }

    /// The oldest version that is accepted.
    pub fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = version;
        self
    }

    /// The newest version that is offered.
    pub fn max_version(mut self, version: TlsVersion) -> Self {
        self.max_version = version;
        self
    }

    /// Appends the secrets of every handshake to this file, in the format of NSS's key log. Whoever has
    /// it can read the traffic.
    pub fn key_log(mut self, path: impl Into<PathBuf>) -> Self {
        self.key_log = Some(path.into());
        self
    }

    /// Whose cryptography is used.
    pub fn provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// What is made of a data connection that ends without `close_notify` (RFC 8446 §6.1).
    pub fn close_notify(mut self, close_notify: CloseNotify) -> Self {
        self.close_notify = close_notify;
        self
    }

    /// Whether data connections resume the control connection's TLS session. Many servers refuse those
    /// that do not.
    pub fn session_reuse(mut self, session_reuse: bool) -> Self {
        self.session_reuse = session_reuse;
        self
    }

    /// Whether data connections are encrypted too.
    #[doc(alias = "PROT")]
    pub fn data_protection(mut self, protection: DataProtection) -> Self {
        self.data_protection = protection;
        self
    }

    /// Ends the encryption of the control connection behind the login (`CCC`, RFC 4217 §12.3), for
    /// firewalls that must read it. Whoever is in between can then read and change every command and
    /// reply, and so decide where data goes.
    #[doc(alias = "CCC")]
    pub fn danger_clear_command_channel(mut self) -> Self {
        self.clear_command_channel = true;
        self
    }

    /// What the connections of one session to this host and port need. Resumption is off and no ALPN is
    /// set.
    pub(crate) fn prepare(&self, host: &str, port: u16) -> Result<Prepared, Error> {
        let provider = self.provider.cryptography()?;
        let versions = self.versions()?;
        let name = server_name(self.server_name.as_deref().unwrap_or(host))?;
        let verifier = Verifier::new(&self.trust, &self.pins, (host, port), &provider)?;
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions)
            .map_err(|error| {
                let message = "the cryptography compiled in cannot speak these TLS versions";
                Error::new(ErrorKind::Unsupported, message).with_source(error)
            })?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        if let Some(identity) = &self.identity {
            config.client_auth_cert_resolver = identity.resolver(&provider)?;
        }
        config.resumption = Resumption::disabled();
        config.enable_sni = self.sni;
        config.enable_secret_extraction = true;
        if let Some(path) = &self.key_log {
            config.key_log = Arc::new(KeyLogFile::open(path)?);
        }
        Ok(Prepared { config, name })
    }

    fn versions(&self) -> Result<Vec<&'static SupportedProtocolVersion>, Error> {
        if self.min_version > self.max_version {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "the oldest TLS version to accept is newer than the newest to offer",
            ));
        }
        Ok([(TlsVersion::Tls13, &TLS13), (TlsVersion::Tls12, &TLS12)]
            .into_iter()
            .filter(|(version, _)| (self.min_version..=self.max_version).contains(version))
            .map(|(_, version)| version)
            .collect())
    }
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// aws-lc-rs if it is compiled in, else ring.
impl Default for Provider {
    fn default() -> Self {
        if cfg!(feature = "aws-lc-rs") || !cfg!(feature = "ring") {
            Self::AwsLcRs
        } else {
            Self::Ring
        }
    }
}

impl Provider {
    #[cfg_attr(
        all(feature = "aws-lc-rs", feature = "ring"),
        expect(clippy::unnecessary_wraps, reason = "one of them may be missing")
    )]
    pub(super) fn cryptography(self) -> Result<Arc<CryptoProvider>, Error> {
        match self {
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLcRs => Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider())),
            #[cfg(feature = "ring")]
            Self::Ring => Ok(Arc::new(rustls::crypto::ring::default_provider())),
            #[cfg(not(all(feature = "aws-lc-rs", feature = "ring")))]
            missing => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "TLS with {} is not compiled in: build with Cargo's feature `{}`",
                    missing.name(),
                    missing.name()
                ),
            )),
        }
    }

    #[cfg(not(all(feature = "aws-lc-rs", feature = "ring")))]
    fn name(self) -> &'static str {
        match self {
            Self::AwsLcRs => "aws-lc-rs",
            Self::Ring => "ring",
        }
    }
}

/// What [`TlsConfig::prepare`] makes.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) config: ClientConfig,
    pub(crate) name: ServerName<'static>,
}

/// The name in rustls' form. The final dot of a full domain name is not part of any certificate, and an
/// address is known without its zone.
fn server_name(host: &str) -> Result<ServerName<'static>, Error> {
    let bare = host.strip_suffix('.').unwrap_or(host);
    let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
    ServerName::try_from(bare.to_owned()).map_err(|_| {
        pem::invalid(format!(
            "`{}` cannot be the name of a TLS server",
            escaped_str(host)
        ))
    })
}
