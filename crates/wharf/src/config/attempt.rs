//! From a configuration to a connection: what the session and TLS are told, and the attempt itself.

use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::Credentials;
use wharf_proto::secret::Secret;
use wharf_proto::session::{Security, Session, SessionConfig};

use super::{Config, Login};
use crate::client::Client;
use crate::connect;
use crate::control::{ControlSocket, ControlStream};
use crate::data::{Dial, TcpDialer};
use crate::driver::{Driver, Limits};
use crate::lane::Shared;
use crate::tls::TlsContext;
use crate::tls::mode::Tls;
use crate::watch::Standstill;

impl Config {
    /// Connects and logs in. The handle is of the task that drives the connection to its end.
    pub(crate) async fn start(&self) -> Result<(Client, JoinHandle<()>), Error> {
        // Explicit TLS only: what is lost are its first bytes behind the 234, and no secret is among them.
        let hasty = self.tls != Tls::Implicit && self.findings.pause().is_none();
        match self.attempt().await {
            Err(error) if hasty && self.findings.learn(&error) => self.attempt().await,
            result => result,
        }
    }

    async fn attempt(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let (client, driver) = self.open().await?;
        let driver = tokio::spawn(driver.run());
        client.logged_in().await?;
        Ok((client, driver))
    }

    /// Makes the control connection; the login waits for the driver to run. What cannot be used in the
    /// configuration is refused before anything is opened.
    async fn open(&self) -> Result<(Client, Driver), Error> {
        let session = self.session()?;
        let tls = match session.security {
            Security::Off => None,
            _ => Some(self.tls_context_aside().await?),
        };
        let limit = self.connect_timeout;
        let stream =
            connect::connect(&self.host, self.port_used(), self.family, self.local, limit).await?;
        let unusable =
            |error| Error::new(ErrorKind::Connect, "the connection is unusable").with_source(error);
        let peer = stream.peer_addr().map_err(unusable)?;
        let local = stream.local_addr().map_err(unusable)?.ip();
        let dialer = TcpDialer::new(local, peer, self.active_ports.clone(), self.advertise);
        let control = ControlSocket::new(stream).map_err(unusable)?;
        Ok(self.driver(Box::new(control), Arc::new(dialer), peer, session, tls))
    }

    pub(super) fn driver(
        &self,
        io: Box<dyn ControlStream>,
        dialer: Arc<dyn Dial>,
        peer: SocketAddr,
        mut session: SessionConfig,
        tls: Option<Arc<TlsContext>>,
    ) -> (Client, Driver) {
        let now = Instant::now();
        session.peer = peer.ip().to_canonical();
        let session = Session::new(session, now.into_std());
        let shared = Shared::new(self.queue_limit, self.tls_manner.close_notify);
        let (lane, inbox) = mpsc::unbounded_channel();
        let limits = Limits {
            standstill: Standstill {
                stall: self.stall_timeout,
                hold: self.hold_timeout.unwrap_or(self.stall_timeout),
            },
            end: self.total_timeout.and_then(|limit| now.checked_add(limit)),
        };
        let driver = Driver::new(
            io,
            session,
            (dialer, tls),
            (lane.clone(), inbox),
            Arc::clone(&shared),
            limits,
        );
        let client = Client::new(
            lane,
            shared,
            self.mode,
            self.encoding,
            self.listing_limits,
            // What is given up while the server still may answer costs the session, if it does not settle.
            self.stall_timeout.max(self.reply_timeout),
        );
        (client, driver)
    }

    /// What the session is told, but for the server's address.
    pub(super) fn session(&self) -> Result<SessionConfig, Error> {
        let mut session = SessionConfig::default();
        session.login = self.credentials()?;
        session.security = self.security(session.login.as_ref());
        session.plaintext_secrets = matches!(self.tls, Tls::Off | Tls::IfOfferedElsePlaintext);
        session.data_protection = self.tls_manner.data_protection;
        session.clear_command_channel = self.tls_manner.clear_command_channel;
        session.reply_timeout = self.reply_timeout;
        session.settle_timeout = self.settle_timeout;
        session.accept_timeout = self.connect_timeout;
        session.handshake_timeout = self.connect_timeout;
        session.keep_alive = self.keep_alive;
        session.multiline = self.multiline;
        session.limits = self.limits;
        session.quirks = self.quirks;
        session.trust_address = self.trust_address;
        Ok(session)
    }

    fn security(&self, login: Option<&Credentials>) -> Security {
        match self.tls {
            Tls::RequiredForPasswords if login.is_some_and(Credentials::has_secret) => {
                Security::Explicit
            }
            Tls::RequiredForPasswords | Tls::Off => Security::Off,
            Tls::Explicit => Security::Explicit,
            Tls::Implicit => Security::Implicit,
            Tls::IfOffered | Tls::IfOfferedElsePlaintext => Security::IfOffered,
        }
    }

    /// What TLS needs, some of it from files.
    pub(super) fn tls_context(&self) -> Result<Arc<TlsContext>, Error> {
        let findings = Arc::clone(&self.findings);
        TlsContext::new(&self.tls_manner, &self.host, self.port_used(), findings).map(Arc::new)
    }

    /// The same on a thread for such work: the platform has its authorities in a hundred files and more, and
    /// other tasks have their connections to look after meanwhile.
    async fn tls_context_aside(&self) -> Result<Arc<TlsContext>, Error> {
        let config = self.clone();
        match spawn_blocking(move || config.tls_context()).await {
            Ok(context) => context,
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(error) => {
                    let message = "the runtime is shutting down";
                    Err(Error::new(ErrorKind::Connect, message).with_source(error))
                }
            },
        }
    }

    fn port_used(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Implicit => 990,
            _ => 21,
        })
    }

    fn credentials(&self) -> Result<Option<Credentials>, Error> {
        let anonymous_password = Secret::from("wharf@");
        let (user, password) = match &self.login {
            Login::None => return Ok(None),
            Login::Anonymous => ("anonymous", Some(&anonymous_password)),
            Login::Named { user, password } => (user.as_str(), password.as_ref()),
        };
        let invalid = |error| {
            Error::new(ErrorKind::InvalidInput, "the login cannot be sent").with_source(error)
        };
        let user = self.encoding.encode(user).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "the user name cannot be encoded")
                .with_source(error)
        })?;
        let mut credentials = Credentials::new(&user, password).map_err(invalid)?;
        if let Some(account) = &self.account {
            credentials = credentials.with_account(account).map_err(invalid)?;
        }
        if let Some(host) = &self.virtual_host {
            credentials = credentials.with_host(host.as_bytes()).map_err(invalid)?;
        }
        Ok(Some(credentials))
    }
}
