//! How to connect, and to whom.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use wharf_proto::addr::TrustAddress;
use wharf_proto::error::Error;
use wharf_proto::listing::ListingLimits;
use wharf_proto::op::{DataMode, Passive};
use wharf_proto::reply::{Multiline, ReplyLimits};
use wharf_proto::secret::Secret;
use wharf_proto::server::Quirks;
use wharf_proto::session::Security;
use wharf_proto::text::Encoding;

use crate::client::Client;
use crate::connect::Family;
use crate::control::ControlStream;
use crate::data::Dial;
use crate::driver::Driver;
use crate::tls::mode::Tls;
use crate::tls::{Findings, TlsConfig};
use crate::url::FtpUrl;

mod attempt;

/// A connection to be made. Each method returns the configuration changed, so that calls chain.
///
/// `Duration::MAX` as a limit means none.
///
/// # Defaults
///
/// | what | default | method |
/// |---|---|---|
/// | port | 21, with implicit TLS 990 | [`port`](Self::port) |
/// | user | `anonymous`, password `wharf@` | [`login`](Self::login) |
/// | encryption | TLS for a password, none for anonymous | [`tls`](Self::tls) |
/// | trusted certificates | those the platform trusts | [`tls_config`](Self::tls_config) |
/// | data connections | passive, EPSV then PASV | [`passive`](Self::passive), [`mode`](Self::mode) |
/// | address family | any, IPv6 first | [`family`](Self::family) |
/// | connect | 30 s | [`connect_timeout`](Self::connect_timeout) |
/// | each reply | 60 s | [`reply_timeout`](Self::reply_timeout) |
/// | a stream without a byte moving | 60 s | [`stall_timeout`](Self::stall_timeout) |
/// | a stream that its user leaves alone | as the stall | [`hold_timeout`](Self::hold_timeout) |
/// | clearing up after an abort | 20 s | [`settle_timeout`](Self::settle_timeout) |
/// | the whole session | unlimited | [`total_timeout`](Self::total_timeout) |
/// | NOOP when idle | none | [`keep_alive`](Self::keep_alive) |
/// | text of paths | UTF-8 | [`encoding`](Self::encoding) |
/// | queued operations | 10,000 | [`queue_limit`](Self::queue_limit) |
/// | a listing | ten million lines of 64 KiB | [`listing_limits`](Self::listing_limits) |
/// | end of a multi-line reply | the code that began it | [`tolerant_replies`](Self::tolerant_replies) |
/// | data address in a PASV reply | ignored: data goes to the control peer | [`trust_address`](Self::trust_address) |
///
/// The server's URL is read by [`FtpUrl`], whose page has the forms it may take:
/// [`Config::for_url`] takes its host, port and login.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use wharf::{Config, ErrorKind, Tls};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = wharf_testing::server::Server::builder().user("ship", "harbor").start().await?;
/// # let port = server.addr().port();
/// let config = Config::new("localhost")
///     .port(port)
///     .login("ship", "harbor")
///     .reply_timeout(Duration::from_secs(20));
/// # let config = config.family(wharf::Family::V4);
///
/// // A password does not travel in clear text by accident: this server has no TLS.
/// let error = config.connect().await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Tls);
///
/// let client = config.tls(Tls::Off).connect().await?;
/// assert_eq!(client.get_directory().await?.to_string(), "/");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a configuration does nothing until it connects"]
pub struct Config {
    host: String,
    /// The one of the way TLS is begun, if none is given.
    port: Option<u16>,
    login: Login,
    account: Option<Secret>,
    virtual_host: Option<String>,
    tls: Tls,
    /// How TLS is spoken.
    tls_manner: TlsConfig,
    /// What connecting has taught about this server; shared by the configuration's clones.
    findings: Arc<Findings>,
    mode: DataMode,
    family: Family,
    local: Option<IpAddr>,
    active_ports: Option<RangeInclusive<u16>>,
    advertise: Option<IpAddr>,
    connect_timeout: Duration,
    reply_timeout: Duration,
    stall_timeout: Duration,
    hold_timeout: Option<Duration>,
    settle_timeout: Duration,
    total_timeout: Option<Duration>,
    keep_alive: Option<Duration>,
    encoding: Encoding,
    queue_limit: usize,
    multiline: Multiline,
    trust_address: TrustAddress,
    quirks: Option<Quirks>,
    limits: ReplyLimits,
    listing_limits: ListingLimits,
}

#[derive(Debug, Clone)]
enum Login {
    Anonymous,
    Named {
        user: String,
        password: Option<Secret>,
    },
    None,
}

impl Config {
    /// A connection to this host, a name or an address.
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: None,
            login: Login::Anonymous,
            account: None,
            virtual_host: None,
            tls: Tls::default(),
            tls_manner: TlsConfig::default(),
            findings: Arc::default(),
            mode: DataMode::default(),
            family: Family::default(),
            local: None,
            active_ports: None,
            advertise: None,
            connect_timeout: Duration::from_secs(30),
            reply_timeout: Duration::from_mins(1),
            stall_timeout: Duration::from_mins(1),
            hold_timeout: None,
            settle_timeout: Duration::from_secs(20),
            total_timeout: None,
            keep_alive: None,
            encoding: Encoding::default(),
            queue_limit: 10_000,
            multiline: Multiline::default(),
            trust_address: TrustAddress::default(),
            quirks: None,
            limits: ReplyLimits::default(),
            listing_limits: ListingLimits::default(),
        }
    }

    /// The host, port, login and encryption of a URL.
    pub fn for_url(url: &FtpUrl) -> Self {
        let mut config = Self::new(url.host()).tls(url.tls());
        config.port = url.port();
        if let Some(user) = url.user() {
            config.login = Login::Named {
                user: user.to_owned(),
                password: url.password().cloned(),
            };
        }
        config
    }

    /// The port of the control connection.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        // Another server than the clones'.
        self.findings = Arc::default();
        self
    }

    /// Logs in as this user with this password, over TLS unless [`tls`](Self::tls) says otherwise.
    #[doc(alias = "USER")]
    #[doc(alias = "PASS")]
    pub fn login(mut self, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.login = Login::Named {
            user: user.into(),
            password: Some(password.into()),
        };
        self
    }

    /// Logs in as this user; no password is ever sent, and a server that wants one refuses us.
    pub fn login_without_password(mut self, user: impl Into<String>) -> Self {
        self.login = Login::Named {
            user: user.into(),
            password: None,
        };
        self
    }

    /// Waits for the greeting only. HOST, USER and the rest are the caller's to send; so is TYPE.
    pub fn no_login(mut self) -> Self {
        self.login = Login::None;
        self
    }

    /// The account to name if the server asks for one (332).
    #[doc(alias = "ACCT")]
    pub fn account(mut self, account: impl Into<Secret>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Names the virtual host before the login (`HOST`, RFC 7151).
    #[doc(alias = "HOST")]
    pub fn virtual_host(mut self, host: impl Into<String>) -> Self {
        self.virtual_host = Some(host.into());
        self
    }

    /// Whether the connection is encrypted, and what may travel if it is not.
    #[doc(alias = "AUTH")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// How TLS is spoken, and whose certificates are trusted.
    #[doc(alias = "PROT")]
    #[doc(alias = "CCC")]
    pub fn tls_config(mut self, config: TlsConfig) -> Self {
        self.tls_manner = config;
        self
    }

    /// Passive (true) or active (false) data connections.
    pub fn passive(self, passive: bool) -> Self {
        self.mode(if passive {
            DataMode::Passive(Passive::Auto)
        } else {
            DataMode::Active
        })
    }

    /// How data connections are made.
    #[doc(alias = "EPSV")]
    #[doc(alias = "PASV")]
    #[doc(alias = "EPRT")]
    #[doc(alias = "PORT")]
    pub fn mode(mut self, mode: DataMode) -> Self {
        self.mode = mode;
        self
    }

    /// Which of the host's addresses may be used.
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// The local address to connect from.
    pub fn local_address(mut self, local: IpAddr) -> Self {
        self.local = Some(local);
        self
    }

    /// The ports to listen on in active mode, for a firewall that lets them in.
    pub fn active_ports(mut self, ports: RangeInclusive<u16>) -> Self {
        self.active_ports = Some(ports);
        self
    }

    /// The address to name in PORT and EPRT, where NAT hides the local one.
    pub fn advertise(mut self, address: IpAddr) -> Self {
        self.advertise = Some(address);
        self
    }

    /// How long a connection may take to be made: the control connection with its name's resolution,
    /// a data connection, and the server's in active mode. As long again may its TLS handshake take.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long each reply may take, to its last line.
    pub fn reply_timeout(mut self, limit: Duration) -> Self {
        self.reply_timeout = limit;
        self
    }

    /// How long a transfer may go without a byte moving, also where the server has confirmed it and does
    /// not end its data.
    ///
    /// That holds while the server is waited for and, unless [`hold_timeout`](Self::hold_timeout) says
    /// otherwise, while the user of the stream neither reads nor writes, which is found out after one to two
    /// times this.
    pub fn stall_timeout(mut self, limit: Duration) -> Self {
        self.stall_timeout = limit;
        self
    }

    /// How long a stream may be left alone by its user, who neither reads nor writes. Meanwhile the
    /// control connection is held, and what is queued behind it waits. For a user who may pause at
    /// will, a person behind a pager or a slow pipe, make this long.
    pub fn hold_timeout(mut self, limit: Duration) -> Self {
        self.hold_timeout = Some(limit);
        self
    }

    /// How long the server may take to clear up after an abandoned transfer before the connection is
    /// given up.
    pub fn settle_timeout(mut self, limit: Duration) -> Self {
        self.settle_timeout = limit;
        self
    }

    /// How long the whole session may take, from the connection on.
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.total_timeout = Some(limit);
        self
    }

    /// Sends NOOP when nothing has happened for this long, so that the server does not hang up. Never
    /// during a transfer.
    pub fn keep_alive(mut self, interval: Duration) -> Self {
        self.keep_alive = Some(interval);
        self
    }

    /// The encoding of paths that are given as text.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// How many operations may be queued; a call over that fails with
    /// [`QueueFull`](crate::ErrorKind::QueueFull).
    pub fn queue_limit(mut self, limit: usize) -> Self {
        self.queue_limit = limit;
        self
    }

    /// Lets a multi-line reply be ended by another code than its first (glFTPd). A reply that quotes a
    /// line such as `100 Acacia Avenue` is then cut short.
    pub fn tolerant_replies(mut self, tolerant: bool) -> Self {
        self.multiline = if tolerant {
            Multiline::Tolerant
        } else {
            Multiline::Strict
        };
        self
    }

    /// Whether a passive reply may send us to another host than the control connection's.
    pub fn trust_address(mut self, trust: TrustAddress) -> Self {
        self.trust_address = trust;
        self
    }

    /// The server's peculiarities, where its greeting does not tell them.
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.quirks = Some(quirks);
        self
    }

    /// How large a reply may be.
    pub fn reply_limits(mut self, limits: ReplyLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How large a listing may be that is read as entries. One that is larger fails with
    /// [`BadResponse`](crate::ErrorKind::BadResponse).
    pub fn listing_limits(mut self, limits: ListingLimits) -> Self {
        self.listing_limits = limits;
        self
    }

    /// Connects, waits for the greeting and logs in.
    ///
    /// # Errors
    ///
    /// - [`Resolve`](crate::ErrorKind::Resolve), [`Connect`](crate::ErrorKind::Connect),
    ///   [`Timeout`](crate::ErrorKind::Timeout) on the way to the server;
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput), [`Io`](crate::ErrorKind::Io) and
    ///   [`Unsupported`](crate::ErrorKind::Unsupported) if the login cannot be sent, or TLS not be spoken as it was
    ///   configured; nothing was opened then;
    /// - [`CommandFailed`](crate::ErrorKind::CommandFailed) if it turned us away with its greeting,
    ///   [`BadResponse`](crate::ErrorKind::BadResponse) if it does not speak FTP;
    /// - [`Tls`](crate::ErrorKind::Tls) if it refuses TLS or the handshake fails,
    ///   [`Certificate`](crate::ErrorKind::Certificate) if its certificate is not to be trusted;
    /// - [`Login`](crate::ErrorKind::Login) if it did not let us in;
    /// - [`Cleartext`](crate::ErrorKind::Cleartext) if a password would have gone out in clear text unasked.
    ///
    /// A server that answers the first bytes of TLS in clear text, which some do that change over too late,
    /// is connected to once more, and given more time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O and time enabled.
    pub async fn connect(&self) -> Result<Client, Error> {
        self.start().await.map(|(client, _driver)| client)
    }

    /// Makes a client over any control stream, and the driver that does its work.
    ///
    /// Operations can be queued on the client at once; they wait behind the greeting and the login.
    /// `dialer` makes the data connections, and `peer` is the server's address as it knows it: where
    /// EPSV leads.
    ///
    /// TLS on this stream and on what `dialer` makes is the driver's work. The files that it needs, such as the
    /// platform's authorities, are read before this returns. A server that [`connect`](Self::connect) would try
    /// again is not; the driver's failure is remembered for the next connection of this configuration.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the login cannot be sent, or the host is no name for TLS;
    /// - [`Io`](crate::ErrorKind::Io), [`Certificate`](crate::ErrorKind::Certificate) and
    ///   [`Unsupported`](crate::ErrorKind::Unsupported) if TLS cannot be spoken as it was configured.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with time enabled.
    ///
    /// # Examples
    ///
    /// A server played by hand, over a pipe in memory:
    ///
    /// ```
    /// use std::io;
    /// use std::net::SocketAddr;
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// use wharf::{BoxFuture, Config, DataSocket, Dial, Listen};
    ///
    /// /// Makes no data connections.
    /// struct NoData;
    ///
    /// impl Dial for NoData {
    ///     fn dial(&self, _: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn DataSocket>>> {
    ///         Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    ///     }
    ///
    ///     fn listen(&self) -> BoxFuture<'_, io::Result<Box<dyn Listen>>> {
    ///         Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (ours, mut theirs) = tokio::io::duplex(1024);
    /// let peer = "192.0.2.1:21".parse()?;
    /// let (client, driver) = Config::new("").no_login().handshake(ours, NoData, peer)?;
    /// tokio::spawn(driver.run());
    ///
    /// let noop = client.noop(); // waits behind the greeting
    /// theirs.write_all(b"220 Ahoy.\r\n").await?;
    /// let mut line = [0; 6];
    /// theirs.read_exact(&mut line).await?;
    /// assert_eq!(&line, b"NOOP\r\n");
    /// theirs.write_all(b"200 Aye.\r\n").await?;
    /// assert_eq!(noop.await?.code(), 200);
    /// # Ok(()) }
    /// ```
    pub fn handshake(
        &self,
        io: impl ControlStream,
        dialer: impl Dial,
        peer: SocketAddr,
    ) -> Result<(Client, Driver), Error> {
        let session = self.session()?;
        let tls = match session.security {
            Security::Off => None,
            _ => Some(self.tls_context()?),
        };
        Ok(self.driver(Box::new(io), Arc::new(dialer), peer, session, tls))
    }
}

impl Client {
    /// Connects to the server of a URL and logs in; its path is not looked at. A password goes over TLS, to
    /// a server that the platform trusts; [`Config::for_url`] is for all else.
    ///
    /// # Errors
    ///
    /// As of [`FtpUrl::parse`] and [`Config::connect`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes whatever was opened.
    ///
    /// # Panics
    ///
    /// As of [`Config::connect`].
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Config::for_url(&FtpUrl::parse(url)?).connect().await
    }
}
