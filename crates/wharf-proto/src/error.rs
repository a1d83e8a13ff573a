//! The one error type of wharf: what went wrong, in the server's own words where it spoke.
//!
//! A lost connection must reach every queued operation, so an [`Error`] is cheap to clone. It says
//! its own level only; [`source`](std::error::Error::source) leads to the cause.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use crate::reply::{Code, Reply};

/// Why an operation failed.
///
/// Clones share their contents, so an error may be kept, compared by [`kind`](Self::kind) and sent
/// to many waiters. `Display` tells this level only; the cause is behind
/// [`source`](std::error::Error::source).
///
/// # Examples
///
/// ```
/// use wharf_proto::error::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::Timeout, "no reply within 30 s").with_command("STAT", true);
/// assert_eq!(error.kind(), ErrorKind::Timeout);
/// assert_eq!(error.to_string(), "`STAT`: no reply within 30 s");
/// assert!(error.was_sent());
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    command: Option<Arc<str>>,
    sent: bool,
    reply: Option<Reply>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// The classes of failure. The first five carry the names of the API that wharf began from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server answered 4yz or 5yz; [`Error::reply`] has its words.
    CommandFailed,
    /// The answer breaks the protocol: a code outside 1yz–5yz, or a text that must be parsed and
    /// cannot be. The connection lives on.
    BadResponse,
    /// A reply came that nobody asked for, so the connection was closed. Only ever a cause.
    UnexpectedResponse,
    /// The server sent data on a connection that is for uploading.
    UnexpectedData,
    /// The control connection is gone; the source says why.
    ConnectionLost,
    /// The server did not let us in: USER, PASS, ACCT or TYPE was refused.
    Login,
    /// The host name could not be resolved.
    Resolve,
    /// No control connection could be made.
    Connect,
    /// The data connection could not be made, or broke off.
    DataConnection,
    /// TLS could not be agreed on, or broke.
    Tls,
    /// The server's certificate is not to be trusted; the message says why.
    Certificate,
    /// The server refused a data connection because it did not take it for the control connection's
    /// continuation: its TLS session was not resumed.
    SessionReuse,
    /// Something took longer than its limit.
    Timeout,
    /// Fewer or more bytes were moved than the file has.
    Truncated,
    /// A rule that guards the caller refused what the server asked for, such as a data connection
    /// to or from another host.
    Refused,
    /// The caller's argument cannot be sent; nothing was sent.
    InvalidInput,
    /// A password would have gone out in clear text, or the session would have begun in it, without the
    /// caller having said so.
    Cleartext,
    /// The operation was taken back before it was sent.
    Withdrawn,
    /// The transfer was given up by the caller.
    Aborted,
    /// More operations are queued than the configuration allows.
    QueueFull,
    /// The server cannot do this.
    Unsupported,
    /// A local file or stream failed.
    Io,
}

impl Error {
    /// An error of this kind; `message` says what happened, without the cause.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            command: None,
            sent: false,
            reply: None,
            source: None,
        }))
    }

    /// The error of a command that was answered with a failure, or with a code that FTP does not have;
    /// `command` is empty for the greeting, which answers none.
    pub fn from_reply(reply: Reply, command: &str) -> Self {
        let kind = if reply.code().is_failure() {
            ErrorKind::CommandFailed
        } else {
            ErrorKind::BadResponse
        };
        let message = match (kind, command) {
            (ErrorKind::CommandFailed, "") => "the server turned us away",
            (ErrorKind::CommandFailed, _) => "refused",
            (_, "") => "the server greeted us with an unknown code",
            _ => "was answered with an unknown code",
        };
        Self::new(kind, message)
            .with_reply(reply)
            .with_command(command, true)
    }

    /// What a waiting operation gets when the connection has ended because of `cause`.
    pub fn connection_lost(cause: &Self) -> Self {
        Self::new(ErrorKind::ConnectionLost, "the FTP connection was lost")
            .with_source(cause.clone())
    }

    /// The same error, naming the command it belongs to (secrets already masked) and whether that
    /// command had left for the server. An empty command is none, and changes nothing: the greeting
    /// answers none.
    #[must_use]
    pub fn with_command(mut self, command: &str, sent: bool) -> Self {
        if command.is_empty() {
            return self;
        }
        let inner = Arc::make_mut(&mut self.0);
        inner.command = Some(command.into());
        inner.sent = sent;
        self
    }

    /// The same error with the server's words.
    #[must_use]
    pub fn with_reply(mut self, reply: Reply) -> Self {
        Arc::make_mut(&mut self.0).reply = Some(reply);
        self
    }

    /// The same error as another kind, for a failure whose meaning depends on where it happened.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        Arc::make_mut(&mut self.0).kind = kind;
        self
    }

    /// The same error with another message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        Arc::make_mut(&mut self.0).message = message.into();
        self
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.0).source = Some(Arc::new(source));
        self
    }

    /// The class of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Everything the server said to the command that failed, 1yz lines included.
    pub fn reply(&self) -> Option<&Reply> {
        self.0.reply.as_ref()
    }

    /// The code of [`reply`](Self::reply).
    pub fn code(&self) -> Option<Code> {
        self.reply().map(Reply::code)
    }

    /// The command that failed, with secrets shown as `…`.
    pub fn command(&self) -> Option<&str> {
        self.0.command.as_deref()
    }

    /// Whether the command had left for the server. What was never sent may be repeated on another
    /// connection without harm.
    pub fn was_sent(&self) -> bool {
        self.0.sent
    }

    /// The first error in the chain of causes, this one included, that is not
    /// [`ConnectionLost`](ErrorKind::ConnectionLost): the reason a person wants to read.
    pub fn root(&self) -> &Self {
        let mut error = self;
        while error.0.kind == ErrorKind::ConnectionLost {
            match error
                .0
                .source
                .as_ref()
                .and_then(|s| s.downcast_ref::<Self>())
            {
                Some(cause) => error = cause,
                None => break,
            }
        }
        error
    }

    /// Whether the same request may succeed later: a 4yz reply, a goodbye (221), a timeout, a lost or
    /// refused connection, or a 530 or 550 that says the server is merely full.
    pub fn is_transient(&self) -> bool {
        let root = self.root();
        match root.0.kind {
            ErrorKind::Timeout
            | ErrorKind::Connect
            | ErrorKind::DataConnection
            | ErrorKind::ConnectionLost => true,
            ErrorKind::CommandFailed | ErrorKind::Login => root.reply().is_some_and(|reply| {
                let code = reply.code();
                code.is_transient() || code == 221 || says_the_server_is_full(&reply.text())
            }),
            _ => false,
        }
    }

    /// Whether the server says that the file or directory does not exist.
    ///
    /// RFC 959 gives "not found" and "no access" the same code 550, and some servers use others, so the
    /// text decides; a 550 that says neither counts as not found, for that is what servers that say nothing mean.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::CommandFailed
            && self.reply().is_some_and(|reply| {
                let text = all_in_lower_case(reply);
                let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
                says(&ABSENCE)
                    || matches!(reply.code().get(), 550 | 551)
                        && !denies_permission(&text)
                        && !says(&NOT_ABOUT_ABSENCE)
            })
    }

    /// Whether the server says that the caller may not do this.
    pub fn is_permission_denied(&self) -> bool {
        matches!(self.0.kind, ErrorKind::CommandFailed | ErrorKind::Login)
            && self.reply().is_some_and(|reply| {
                matches!(reply.code().get(), 530 | 532 | 533)
                    || reply.code().is_permanent() && denies_permission(&all_in_lower_case(reply))
            })
    }

    /// Whether storage ran out at the server (452, 552).
    pub fn is_storage_full(&self) -> bool {
        self.code()
            .is_some_and(|code| matches!(code.get(), 452 | 552))
    }

    /// Whether it is the server's word on such a command.
    fn answers(&self, command: &str) -> bool {
        self.reply().is_some()
            && self
                .command()
                .is_some_and(|asked| asked.starts_with(command))
    }

    /// What the person at the keyboard can do about it, where there is something to say.
    pub fn advice(&self) -> Option<&'static str> {
        let root = self.root();
        Some(match root.0.kind {
            ErrorKind::Resolve => "check the spelling of the host name and the network",
            ErrorKind::Connect => "check the host, the port and any firewall between",
            ErrorKind::DataConnection => {
                "a firewall or NAT may block data connections: try the other of passive and active mode"
            }
            ErrorKind::Tls if root.answers("AUTH") => {
                "the server may speak TLS from the first byte instead (Tls::Implicit), or not at all (Tls::Off)"
            }
            ErrorKind::Tls if root.answers("PBSZ") || root.answers("PROT P") => {
                "say so by name if files may travel unencrypted: DataProtection::DangerClearByProt"
            }
            ErrorKind::SessionReuse => {
                "connect again; if that does not help, TLS 1.2 as the newest version may"
            }
            ErrorKind::Cleartext => {
                "say so by name if the password may travel unencrypted: Tls::Off"
            }
            ErrorKind::Login if root.is_transient() => "the server is full: try again later",
            ErrorKind::Login if root.answers("TYPE") => {
                "the login was good, but no file comes through whole without TYPE I: ask who runs the server"
            }
            ErrorKind::Login => "check the user name, the password and the account",
            ErrorKind::Timeout => "try again, or allow more time",
            ErrorKind::QueueFull => "await some of the queued operations first",
            ErrorKind::CommandFailed if root.is_storage_full() => {
                "free some space at the server, or raise the quota there"
            }
            // ftp-srv has 451 for what is not there.
            ErrorKind::CommandFailed if root.is_transient() && !root.is_not_found() => {
                "try again later"
            }
            _ => return None,
        })
    }
}

/// Texts that speak of a missing file or directory, whatever their code: GridFTP says so with 500,
/// ftp-srv with 451, and pyftpdlib's MLSD with 501.
const ABSENCE: [&str; 3] = ["no such file", "no such directory", "not exist"];

/// 550 texts that speak of something else than a missing or forbidden file. Twisted says `internal server error`
/// of whatever it has not foreseen.
const NOT_ABOUT_ABSENCE: [&str; 8] = [
    "exists",
    "not empty",
    "is a directory",
    "not a plain file",
    "not a regular file",
    "file too large",
    "internal server error",
    "internal error",
];

/// All lines, for GridFTP's reason stands in the middle of many.
fn all_in_lower_case(reply: &Reply) -> String {
    let text = reply.lines_lossy().collect::<Vec<_>>().join("\n");
    text.to_ascii_lowercase()
}

fn denies_permission(lower_case_text: &str) -> bool {
    [
        "denied",
        "permission",
        "not permitted",
        "forbidden",
        "not allowed",
        "read-only",
        "prohibited",
    ]
    .iter()
    .any(|words| lower_case_text.contains(words))
}

/// ProFTPD answers 530 to PASS when too many are logged in, and others use 5yz likewise.
fn says_the_server_is_full(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "too many",
        "maximum number",
        "limit reached",
        "connection limit",
        "try again later",
    ]
    .iter()
    .any(|words| text.contains(words))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        // "refused" is said of the command; "the data connection broke" is not.
        let sentence = inner.message.starts_with("the ");
        match (&inner.command, &inner.reply) {
            (Some(command), Some(reply)) if sentence => {
                write!(f, "`{command}`: {}: {reply}", inner.message)
            }
            (Some(command), Some(reply)) => {
                write!(f, "`{command}` {}: {reply}", inner.message)
            }
            (Some(command), None) => write!(f, "`{command}`: {}", inner.message),
            (None, Some(reply)) => write!(f, "{}: {reply}", inner.message),
            (None, None) => f.write_str(&inner.message),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("message", &inner.message)
            .field("command", &inner.command)
            .field("sent", &inner.sent)
            .field("reply", &inner.reply)
            .field("source", &inner.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// For streams: the [`io::Error`] wraps this error, so `get_ref()` and `downcast_ref` find it.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.root().kind() {
            ErrorKind::Timeout => io::ErrorKind::TimedOut,
            ErrorKind::Truncated => io::ErrorKind::UnexpectedEof,
            ErrorKind::InvalidInput => io::ErrorKind::InvalidInput,
            ErrorKind::BadResponse | ErrorKind::UnexpectedData | ErrorKind::UnexpectedResponse => {
                io::ErrorKind::InvalidData
            }
            ErrorKind::Unsupported => io::ErrorKind::Unsupported,
            ErrorKind::Aborted | ErrorKind::Withdrawn => io::ErrorKind::ConnectionAborted,
            ErrorKind::ConnectionLost | ErrorKind::DataConnection => io::ErrorKind::ConnectionReset,
            ErrorKind::Connect => io::ErrorKind::ConnectionRefused,
            ErrorKind::CommandFailed if error.is_storage_full() => io::ErrorKind::StorageFull,
            ErrorKind::CommandFailed | ErrorKind::Login if error.is_permission_denied() => {
                io::ErrorKind::PermissionDenied
            }
            ErrorKind::CommandFailed if error.is_not_found() => io::ErrorKind::NotFound,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::reply::Message;

    #[test]
    fn a_message_that_speaks_of_the_command_follows_it_and_a_sentence_stands_for_itself() {
        let error = refused("426 Gone");
        assert_eq!(error.to_string(), "`RETR a` refused: 426 Gone");
        let error = error.with_message("the data connection broke");
        assert_eq!(
            error.to_string(),
            "`RETR a`: the data connection broke: 426 Gone"
        );
    }

    fn refused(line: &'static str) -> Error {
        answered(line, "RETR a")
    }

    fn answered(line: &'static str, command: &str) -> Error {
        let code = Code::new(line.split_at(3).0.parse().unwrap()).unwrap();
        let lines = line.split("\r\n");
        let message = Message {
            code,
            lines: lines.map(|it| Bytes::from_static(it.as_bytes())).collect(),
        };
        Error::from_reply(Reply::new(Vec::new(), message), command)
    }

    #[test]
    fn the_server_s_words_and_the_command_are_in_the_message() {
        let text = refused("553 Could not create file.").to_string();
        assert_eq!(text, "`RETR a` refused: 553 Could not create file.");
        let text = refused("999 x").to_string();
        assert_eq!(text, "`RETR a` was answered with an unknown code: 999 x");
    }

    #[test]
    fn a_bad_greeting_is_nobody_s_answer() {
        let full = answered("421 Too many users.", "");
        assert_eq!((full.command(), full.was_sent()), (None, false));
        let text = "the server turned us away: 421 Too many users.";
        assert_eq!(full.to_string(), text);
        let text = answered("300 hi", "").to_string();
        assert_eq!(text, "the server greeted us with an unknown code: 300 hi");
    }

    #[test]
    fn display_leaves_the_cause_to_source() {
        let lost = Error::connection_lost(&refused("421 bye"));
        assert_eq!(lost.to_string(), "the FTP connection was lost");
        assert!(lost.source().unwrap().to_string().contains("421 bye"));
        assert_eq!(lost.root().code().unwrap(), 421);
    }

    #[test]
    fn absence_and_denial_are_told_apart_by_the_text_of_550() {
        assert!(refused("550 No such file").is_not_found());
        assert!(refused("550 Failed to open file.").is_not_found());
        assert!(!refused("550 Permission denied").is_not_found());
        assert!(refused("550 Permission denied").is_permission_denied());
        let gridftp =
            "550-GlobusError: v=1 c=PERMISSION_DENIED\r\n550-GridFTP-Errno: 13\r\n550 End.";
        assert!(refused(gridftp).is_permission_denied() && !refused(gridftp).is_not_found());
        assert!(!refused("550 File exists").is_not_found());
        let twisted = "550 Requested action not taken: internal server error";
        assert!(!refused(twisted).is_not_found());
        assert!(!refused("552 Quota").is_not_found());
        // aioftp, which does not mean that it exists.
        assert!(refused("550 path does not exists").is_not_found());
    }

    #[test]
    fn words_that_speak_of_absence_need_no_550() {
        for line in [
            "500 System error in open: No such file or directory",
            "451 ENOENT: no such file or directory, stat '/nope'",
            "501 No such directory.",
        ] {
            assert!(refused(line).is_not_found(), "{line}");
        }
        let gridftp = Message {
            code: Code::new(500).unwrap(),
            lines: [
                "500-Command failed.",
                "500-No such file or directory",
                "500 End.",
            ]
            .map(|line| Bytes::from_static(line.as_bytes()))
            .to_vec(),
        };
        let error = Error::from_reply(Reply::new(Vec::new(), gridftp), "RETR a");
        assert!(error.is_not_found(), "{error}");
        assert!(!refused("500 Unknown command.").is_not_found());
        assert!(!refused("451 Local error").is_not_found());
        // "File unavailable (e.g., file busy)", says RFC 959: it may be there tomorrow.
        assert!(!refused("450 In use").is_not_found());
        assert!(refused("450 No such file").is_not_found());
    }

    #[test]
    fn a_full_server_is_transient_whatever_its_code() {
        assert!(refused("530 Sorry, the maximum number of clients").is_transient());
        assert!(refused("450 busy").is_transient());
        assert!(!refused("550 No such file").is_transient());
    }

    #[test]
    fn what_to_do_about_tls_depends_on_what_was_refused() {
        let advice = |command: &str| {
            let refusal = answered("500 no", command).with_kind(ErrorKind::Tls);
            refusal.advice().unwrap_or_default()
        };
        assert!(advice("AUTH TLS").contains("Tls::Implicit"));
        assert!(advice("PROT P").contains("DangerClearByProt"));
        assert_eq!(advice("CCC"), "");
        let broken = Error::new(ErrorKind::Tls, "the handshake failed").with_command("AUTH", true);
        assert_eq!(broken.advice(), None);
    }

    #[test]
    fn a_password_is_not_blamed_for_what_came_behind_it() {
        let advice = |command: &str| {
            let refusal = answered("504 no", command).with_kind(ErrorKind::Login);
            refusal.advice().unwrap_or_default()
        };
        assert!(advice("PASS …").contains("password"));
        assert!(advice("TYPE I").starts_with("the login was good"));
    }

    #[test]
    fn what_is_not_there_is_not_tried_again() {
        assert_eq!(refused("451 Busy").advice(), Some("try again later"));
        assert_eq!(refused("451 no such file").advice(), None);
    }

    #[test]
    fn io_errors_keep_the_original() {
        let io = io::Error::from(refused("550 No such file"));
        assert_eq!(io.kind(), io::ErrorKind::NotFound);
        let inner = io.get_ref().unwrap().downcast_ref::<Error>().unwrap();
        assert_eq!(inner.code().unwrap(), 550);
    }
}
