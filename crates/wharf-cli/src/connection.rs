//! The connection in use. URLs of one account in a row share it.

use std::time::Duration;

use wharf::{Client, Config, ErrorKind, Family, FtpUrl, Representation, Tls};

use crate::args::ConnectionArgs;
use crate::credentials::{Account, Login, Logins};
use crate::failure::{Expected, Failure, known};

/// How long the goodbye may take. The work is done by then, so nobody should wait for it.
const QUIT_LIMIT: Duration = Duration::from_secs(2);

/// Makes connections, and keeps the last one.
#[derive(Debug)]
pub(crate) struct Connections {
    settings: Settings,
    logins: Logins,
    open: Option<Open>,
}

/// A connection.
#[derive(Debug)]
struct Open {
    account: Account,
    client: Client,
    /// Whether the last file went as text. SIZE is refused or means something else then.
    in_text: bool,
}

/// What all connections have in common.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) plaintext: bool,
    pub(crate) passive: bool,
    pub(crate) family: Family,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
}

impl Settings {
    pub(crate) fn new(args: &ConnectionArgs, plaintext: bool) -> Self {
        Self {
            plaintext,
            passive: !args.active,
            family: match (args.ipv4, args.ipv6) {
                (true, _) => Family::V4,
                (false, true) => Family::V6,
                (false, false) => Family::Any,
            },
            connect_timeout: args.connect_timeout.or(args.timeout),
            timeout: args.timeout,
        }
    }

    fn config(&self, account: &Account, login: Login) -> Config {
        let mut config = Config::new(account.host.as_str())
            // Whoever reads our output or writes our input may pause for as long as they like.
            .hold_timeout(Duration::MAX)
            .port(account.port)
            .passive(self.passive)
            .family(self.family);
        if self.plaintext {
            config = config.tls(Tls::Off);
        }
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

impl Connections {
    pub(crate) fn new(settings: Settings, logins: Logins) -> Self {
        Self {
            settings,
            logins,
            open: None,
        }
    }

    /// A connection for this URL: the one in use if it is for the same account and still alive.
    pub(crate) async fn to(&mut self, url: &FtpUrl) -> Result<Client, Failure> {
        let (account, login) = self.logins.of(url);
        if let Some(open) = &mut self.open
            && open.account == account
            && open.client.close_cause().is_none()
        {
            if std::mem::take(&mut open.in_text) {
                known(open.client.set_representation(Representation::Image).await)?;
            }
            return Ok(open.client.clone());
        }
        self.close().await;
        let unanswered = matches!(login, Login::Named { password: None, .. });
        let config = self.settings.config(&account, login);
        let client = config.connect().await.map_err(|error| {
            let failure = Failure::remote(&error, Expected::File);
            if unanswered && error.root().kind() == ErrorKind::Login {
                failure.advise(
                    "no password was given: use --password-stdin, WHARF_PASSWORD or --netrc, and \
                     --plaintext if it may travel unencrypted",
                )
            } else {
                failure
            }
        })?;
        self.open = Some(Open {
            account,
            client: client.clone(),
            in_text: false,
        });
        Ok(client)
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
