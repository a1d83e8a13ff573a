//! The knobs: how a server differs from the well-behaved one.

use std::{net::Ipv4Addr, time::Duration};

/// How the server departs from good behaviour, and its limits.
///
/// The default is a complete and honest server. A test sets the one thing it is about:
///
/// ```
/// use wharf_testing::server::{Interrupt, Options};
///
/// let no_epsv = Options { without: vec!["EPSV"], ..Options::default() };
/// let cut = Options { interrupt: Some(Interrupt::truncated(1000)), ..Options::default() };
/// # drop((no_epsv, cut));
/// ```
///
/// Give it to [`Builder::options`](super::Builder::options), or change it while clients are
/// connected with [`Server::set_options`](super::Server::set_options): each session reads the
/// options anew before every command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The text of the 220 that welcomes a client. Several lines make a multi-line reply.
    pub greeting: String,
    /// How long the server thinks before it sends each reply.
    pub latency: Duration,
    /// Silence on the control connection after which the server says 421 and closes.
    pub idle: Option<Duration>,
    /// How long a transfer waits for its data connection before it answers 425.
    pub data_wait: Duration,
    /// Clients served at once; one more is told 421 in place of the greeting.
    pub max_clients: Option<usize>,
    /// Commands a session may send; the next one is answered 421 and the connection closed.
    pub goodbye_after: Option<u64>,
    /// Verbs the server does not know: answered 500, and gone from `FEAT`.
    pub without: Vec<&'static str>,
    /// Verbs answered with a fixed reply and not carried out, such as `("SIZE", "550 Not now")`.
    /// Newlines in the reply separate the lines of a multi-line one.
    pub answers: Vec<(&'static str, String)>,
    /// The account the server wants after the password: `PASS` is answered 332.
    pub account: Option<String>,
    /// The address `PASV` shows in place of the true one, as a server behind a NAT does.
    pub pasv_host: Option<Ipv4Addr>,
    /// Refuses everything that would change the tree, with 550.
    pub read_only: bool,
    /// Bytes all uploads together may store; the upload that goes beyond ends in a 552.
    pub quota: Option<u64>,
    /// `RETR` sends zeros for ever once the file is over.
    pub endless: bool,
    /// Breaks every `RETR`, `STOR`, `APPE` and `STOU` that gets far enough. Listings are spared.
    pub interrupt: Option<Interrupt>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            greeting: "wharf test server ready.".to_owned(),
            latency: Duration::ZERO,
            idle: None,
            data_wait: Duration::from_secs(10),
            max_clients: None,
            goodbye_after: None,
            without: Vec::new(),
            answers: Vec::new(),
            account: None,
            pasv_host: None,
            read_only: false,
            quota: None,
            endless: false,
            interrupt: None,
        }
    }
}

impl Options {
    /// Whether the server pretends not to know `verb`.
    pub(super) fn lacks(&self, verb: &str) -> bool {
        self.without
            .iter()
            .any(|name| name.eq_ignore_ascii_case(verb))
    }

    /// The fixed reply to `verb`, if there is one.
    pub(super) fn answer(&self, verb: &str) -> Option<&str> {
        self.answers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(verb))
            .map(|(_, reply)| reply.as_str())
    }
}

/// Where a file transfer breaks, and how.
///
/// A transfer with fewer bytes than that is not touched. An upload the client is still sending
/// ends in a reset even where it says cleanly: that is how TCP refuses bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupt {
    /// Bytes that pass on the data connection before it happens.
    pub after: u64,
    /// What happens then.
    pub how: Interruption,
}

impl Interrupt {
    /// The data connection is closed cleanly and the reply is 426: an honest failure.
    pub fn announced(after: u64) -> Self {
        Self {
            after,
            how: Interruption::Announced,
        }
    }

    /// The data connection is closed cleanly and the reply is 226: a truncation nobody mentions.
    pub fn truncated(after: u64) -> Self {
        Self {
            after,
            how: Interruption::Truncated,
        }
    }

    /// The data connection is reset and the reply is 426.
    pub fn reset(after: u64) -> Self {
        Self {
            after,
            how: Interruption::Reset,
        }
    }

    /// Nothing more happens: the data connection stays open, and silent.
    pub fn stalled(after: u64) -> Self {
        Self {
            after,
            how: Interruption::Stalled,
        }
    }

    /// Both connections are closed without a word.
    pub fn vanished(after: u64) -> Self {
        Self {
            after,
            how: Interruption::Vanished,
        }
    }
}

/// What happens to an interrupted transfer; see the constructors of [`Interrupt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Closed, 426.
    Announced,
    /// Closed, 226.
    Truncated,
    /// Reset, 426.
    Reset,
    /// Left open, no reply.
    Stalled,
    /// Closed together with the control connection, no reply.
    Vanished,
}
