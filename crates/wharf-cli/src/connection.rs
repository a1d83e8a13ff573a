//! The connection in use. URLs of one account in a row share it.

use std::time::Duration;

use wharf::{Client, Config, Encoding, ErrorKind, Family, FtpUrl, Representation, Tls};

use crate::advice;
use crate::args::ConnectionArgs;
use crate::credentials::{Account, Login, Logins};
use crate::encryption::Encryption;
use crate::failure::{Expected, Failure, known};
use crate::printer::Printer;
use crate::security::Security;

/// How long the goodbye may take. The work is done by then, so nobody should wait for it.
const QUIT_LIMIT: Duration = Duration::from_secs(2);

/// Makes connections, and keeps the last one.
#[derive(Debug)]
pub(crate) struct Connections<'a> {
    printer: &'a Printer,
    settings: Settings,
    logins: Logins,
    /// Kept for the whole run, for a configuration remembers what its server needs.
    servers: Vec<(Peer, Config)>,
    open: Option<Open>,
}

/// Whom a connection is to, and how it is encrypted. URLs with the same one share it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Peer {
    account: Account,
    tls: Tls,
}

/// A connection.
#[derive(Debug)]
struct Open {
    peer: Peer,
    client: Client,
    /// Whether the last file went as text. SIZE is refused or means something else then.
    in_text: bool,
}

/// What all connections have in common.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    security: Security,
    encryption: Encryption,
    passive: bool,
    family: Family,
    encoding: Encoding,
    connect_timeout: Option<Duration>,
    timeout: Option<Duration>,
}

impl Settings {
    pub(crate) fn new(args: &ConnectionArgs, security: Security, encryption: Encryption) -> Self {
        Self {
            security,
            encryption,
            passive: !args.active,
            family: match (args.ipv4, args.ipv6) {
                (true, _) => Family::V4,
                (false, true) => Family::V6,
                (false, false) => Family::Any,
            },
            encoding: args.encoding(),
            connect_timeout: args.connect_timeout.or(args.timeout),
            timeout: args.timeout,
        }
    }

    fn config(&self, peer: &Peer, login: Login) -> Config {
        let mut config = Config::new(peer.account.host.as_str())
            // Whoever reads our output or writes our input may pause for as long as they like.
            .hold_timeout(Duration::MAX)
            .port(peer.account.port)
            .tls(peer.tls)
            .tls_config(self.encryption.config.clone())
            .passive(self.passive)
            .encoding(self.encoding)
            .family(self.family);
        if let Some(limit) = self.connect_timeout {
            config = config.connect_timeout(limit);
        }
        if let Some(limit) = self.timeout {
            config = config
                .reply_timeout(limit)
                .stall_timeout(limit)
                .settle_timeout(limit);
        }
        if let Login::Named {
            user,
            password,
            account,
        } = login
        {
            config = match password {
                Some(password) => config.login(user, password),
                None => config.login_without_password(user),
            };
            if let Some(account) = account {
                config = config.account(account);
            }
        }
        config
    }
}

impl<'a> Connections<'a> {
    pub(crate) fn new(printer: &'a Printer, settings: Settings, logins: Logins) -> Self {
        Self {
            printer,
            settings,
            logins,
            servers: Vec::new(),
            open: None,
        }
    }

    /// The account that a URL means.
    pub(crate) fn account(&self, url: &FtpUrl) -> Account {
        self.logins.account(url)
    }

    /// A connection for this URL: the one in use if it is for the same account, encrypted in the same
    /// way, and still alive.
    pub(crate) async fn to(&mut self, url: &FtpUrl) -> Result<Client, Failure> {
        let (account, login) = self.logins.of(url);
        let peer = Peer {
            account,
            tls: self.settings.security.of(url),
        };
        if let Some(open) = &mut self.open
            && open.peer == peer
            && open.client.close_cause().is_none()
        {
            if std::mem::take(&mut open.in_text) {
                known(open.client.set_representation(Representation::Image).await)?;
            }
            return Ok(open.client.clone());
        }
        self.close().await;
        let unanswered = matches!(login, Login::Named { password: None, .. });
        let config = self.config(&peer, login);
        let known_before = self.settings.encryption.known();
        let connected = config.connect().await;
        // Before what became of the login: the server's key is written down in any case.
        if let Some(before) = known_before
            && let Some(meeting) = self
                .settings
                .encryption
                .first_meeting(&peer.account, &before)
        {
            self.printer.warn(meeting);
        }
        let client = connected.map_err(|error| {
            let mut failure = Failure::remote(&error, Expected::File);
            if let Some(advice) = advice::for_connecting(&error, peer.tls) {
                failure = failure.advise(advice);
            }
            if unanswered && error.root().kind() == ErrorKind::Login {
                failure.advise(
                    "no password was given: use --password-stdin, WHARF_PASSWORD or --netrc",
                )
            } else {
                failure
            }
        })?;
        self.open = Some(Open {
            peer,
            client: client.clone(),
            in_text: false,
        });
        Ok(client)
    }

    fn config(&mut self, peer: &Peer, login: Login) -> Config {
        if let Some((_, config)) = self.servers.iter().find(|(server, _)| server == peer) {
            return config.clone();
        }
        let config = self.settings.config(peer, login);
        self.servers.push((peer.clone(), config.clone()));
        config
    }

    /// Notes that a file goes as text over the connection in use.
    pub(crate) fn note_text(&mut self) {
        if let Some(open) = &mut self.open {
            open.in_text = true;
        }
    }

    /// Ends the connection without a word: it is busy with what was given up, or lost.
    pub(crate) fn abandon(&mut self) {
        if let Some(open) = self.open.take() {
            open.client.stop();
        }
    }

    /// Says goodbye.
    pub(crate) async fn close(&mut self) {
        if let Some(open) = self.open.take() {
            // The work is done; whether the server is polite about the end changes nothing.
            let _ = tokio::time::timeout(QUIT_LIMIT, open.client.quit()).await;
        }
    }
}
