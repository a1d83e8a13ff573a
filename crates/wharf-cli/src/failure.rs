//! What the user is told when something failed, and the exit code that goes with it.

use std::borrow::Cow;
use std::error::Error as _;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use wharf::{Error, ErrorKind};

use crate::advice;
use crate::copy::CopyError;
use crate::exit::Exit;
use crate::local;

/// A failure, ready to be shown.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What it was about: a URL or a file. Safe for a terminal.
    subject: Option<String>,
    /// What happened, in the server's words if it spoke. Safe for a terminal.
    message: String,
    advice: Option<Cow<'static, str>>,
    next: Next,
    repeatable: bool,
}

/// What a failure means for the items after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// They are done, over the same connection.
    Continue,
    /// They are done, over a new connection: the old one is lost or busy.
    Reconnect,
    /// They are left.
    Stop,
}

/// What a path was expected to name: decides what "not found" means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    File,
    Directory,
}

impl Failure {
    /// A failure of this class.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            subject: None,
            message: message.into(),
            advice: None,
            next: Next::Reconnect,
            repeatable: false,
        }
    }

    /// A failure of which all has been said.
    pub(crate) fn said(exit: Exit) -> Self {
        Self::new(exit, String::new()).then(Next::Continue)
    }

    /// The command line or a configuration is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message).then(Next::Stop)
    }

    /// A local file failed.
    pub(crate) fn local(path: &Path, error: &io::Error) -> Self {
        Self::local_stream(error).about(local::shown(path).to_string())
    }

    /// Standard input or output failed. A reader that has seen enough is no failure.
    pub(crate) fn local_stream(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Exit::Success, String::new()).then(Next::Stop),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::new(Exit::StorageFull, format!("no space left here: {error}"))
            }
            _ => Self::new(Exit::LocalFile, error.to_string()),
        }
    }

    /// An operation at the server failed.
    pub(crate) fn remote(error: &Error, expected: Expected) -> Self {
        let root = error.root();
        Self {
            exit: classify(root, expected),
            subject: None,
            message: told(error),
            advice: advice::for_error(error).map(Cow::Borrowed),
            // The server has refused the data connection, so no byte of it went anywhere. The next
            // connection is made in the way that such servers want.
            repeatable: root.kind() == ErrorKind::SessionReuse,
            next: if is_answer(error) || was_not_tried(error) {
                Next::Continue
            } else {
                Next::Reconnect
            },
        }
    }

    /// A copy failed; `local` is the file of ours, `None` for standard input or output.
    pub(crate) fn copy(error: CopyError, local: Option<&Path>, expected: Expected) -> Self {
        match (error, local) {
            (CopyError::Local(error), Some(path)) => Self::local(path, &error),
            (CopyError::Local(error), None) => Self::local_stream(&error),
            (CopyError::Remote(error), _) => match error.downcast::<Error>() {
                Ok(error) => Self::remote(&error, expected).then(Next::Reconnect),
                Err(error) => Self::new(Exit::DataConnection, error.to_string()),
            },
        }
    }

    /// The same failure, saying what it was about, unless it says so already.
    #[must_use]
    pub(crate) fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject.get_or_insert_with(|| subject.into());
        self
    }

    /// The same failure with advice.
    #[must_use]
    pub(crate) fn advise(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// The same failure with other consequences.
    #[must_use]
    pub(crate) fn then(mut self, next: Next) -> Self {
        self.next = next;
        self
    }

    /// The same failure, of something that must not be done twice: a part of it is done.
    #[must_use]
    pub(crate) fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// Whether the same, done once more over a new connection, may succeed and does no harm.
    pub(crate) fn may_be_repeated(&self) -> bool {
        self.repeatable
    }

    pub(crate) fn next(&self) -> Next {
        self.next
    }

    /// The lines to show; `None` if there is nothing to say.
    pub(crate) fn text(&self) -> Option<String> {
        if self.message.is_empty() {
            return None;
        }
        let mut text = "wharf: ".to_owned();
        if let Some(subject) = &self.subject {
            write!(text, "{subject}: ").expect("a string takes any text");
        }
        text.push_str(&self.message);
        if let Some(advice) = &self.advice {
            write!(text, "\n  advice: {advice}").expect("a string takes any text");
        }
        Some(text)
    }
}

/// The answer to a question that a server need not be able to answer: `None` if it is refused or
/// cannot be understood.
pub(crate) fn known<T>(answer: Result<T, Error>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_answer(&error) => Ok(None),
        Err(error) => Err(Failure::remote(&error, Expected::File)),
    }
}

/// Whether an error is the server's answer to the command, and not the end of the connection.
pub(crate) fn is_answer(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::CommandFailed => error.code().is_some_and(|code| code.get() != 421),
        ErrorKind::BadResponse => true,
        _ => false,
    }
}

/// Whether it was refused on our side, and the connection is as it was: a path that no command can hold,
/// or a listing of which it cannot be known what it is of.
fn was_not_tried(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidInput | ErrorKind::Unsupported
    )
}

/// The whole chain of an error on one line. Each error says its own level only.
fn told(error: &Error) -> String {
    let kind = error.root().kind();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let needless = match kind {
            // In words already, for which rustls has only symbols.
            ErrorKind::Certificate => cause.is::<rustls::Error>(),
            // That a refused data connection ends early, which shows or does not.
            ErrorKind::SessionReuse => error.kind() == kind,
            _ => false,
        };
        if needless {
            break;
        }
        let cause_text = wharf::text::escaped_str(&cause.to_string()).to_string();
        if !text.ends_with(&cause_text) {
            write!(text, ": {cause_text}").expect("a string takes any text");
        }
        source = cause.source();
    }
    text
}

/// The class of a remote failure. `error` is a root cause.
fn classify(error: &Error, expected: Expected) -> Exit {
    let code = error.code().map(wharf::Code::get);
    if error.is_storage_full() {
        return Exit::StorageFull;
    }
    match error.kind() {
        ErrorKind::Login if error.is_transient() => Exit::Temporary,
        ErrorKind::Login => Exit::Login,
        ErrorKind::Resolve | ErrorKind::Connect => Exit::Connect,
        ErrorKind::Tls | ErrorKind::Certificate | ErrorKind::SessionReuse => Exit::Tls,
        ErrorKind::DataConnection => Exit::DataConnection,
        ErrorKind::Timeout => Exit::Timeout,
        ErrorKind::Truncated => Exit::Mismatch,
        ErrorKind::Refused | ErrorKind::Cleartext => Exit::Refused,
        ErrorKind::BadResponse | ErrorKind::UnexpectedResponse | ErrorKind::UnexpectedData => {
            Exit::Protocol
        }
        ErrorKind::InvalidInput => Exit::Usage,
        ErrorKind::Withdrawn | ErrorKind::Aborted => Exit::Interrupted,
        ErrorKind::Io => Exit::LocalFile,
        ErrorKind::ConnectionLost => Exit::Temporary,
        ErrorKind::CommandFailed if matches!(code, Some(425 | 426)) => Exit::DataConnection,
        // libunftp takes leave of the idle with it, in place of an answer.
        ErrorKind::CommandFailed if code == Some(221) => Exit::Temporary,
        ErrorKind::CommandFailed if error.is_permission_denied() => Exit::Permission,
        // vsFTPd lists with success what may not be read.
        ErrorKind::CommandFailed if error.code().is_some_and(wharf::Code::is_completion) => {
            Exit::Permission
        }
        ErrorKind::CommandFailed if error.is_not_found() => match expected {
            Expected::File => Exit::FileNotFound,
            Expected::Directory => Exit::DirectoryNotFound,
        },
        ErrorKind::CommandFailed if error.is_transient() => Exit::Temporary,
        _ => Exit::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(kind: ErrorKind) -> Exit {
        Failure::remote(&Error::new(kind, "x"), Expected::File).exit
    }

    #[test]
    fn every_kind_of_error_has_its_code() {
        for (kind, code) in [
            (ErrorKind::CommandFailed, Exit::Other),
            (ErrorKind::BadResponse, Exit::Protocol),
            (ErrorKind::UnexpectedResponse, Exit::Protocol),
            (ErrorKind::UnexpectedData, Exit::Protocol),
            (ErrorKind::ConnectionLost, Exit::Temporary),
            (ErrorKind::Login, Exit::Login),
            (ErrorKind::Resolve, Exit::Connect),
            (ErrorKind::Connect, Exit::Connect),
            (ErrorKind::Tls, Exit::Tls),
            (ErrorKind::Certificate, Exit::Tls),
            (ErrorKind::SessionReuse, Exit::Tls),
            (ErrorKind::DataConnection, Exit::DataConnection),
            (ErrorKind::Timeout, Exit::Timeout),
            (ErrorKind::Truncated, Exit::Mismatch),
            (ErrorKind::Refused, Exit::Refused),
            (ErrorKind::Cleartext, Exit::Refused),
            (ErrorKind::InvalidInput, Exit::Usage),
            (ErrorKind::Withdrawn, Exit::Interrupted),
            (ErrorKind::Aborted, Exit::Interrupted),
            (ErrorKind::QueueFull, Exit::Other),
            (ErrorKind::Unsupported, Exit::Other),
            (ErrorKind::Io, Exit::LocalFile),
        ] {
            assert_eq!(exit(kind), code, "{kind:?}");
        }
    }

    #[test]
    fn a_lost_connection_has_the_code_and_the_words_of_its_cause() {
        let lost = Error::connection_lost(&Error::new(ErrorKind::Timeout, "no reply"));
        let failure = Failure::remote(&lost, Expected::File).about("ftp://h/");
        assert_eq!(
            (failure.exit, failure.next()),
            (Exit::Timeout, Next::Reconnect)
        );
        let text = failure.text().unwrap();
        assert!(
            text.starts_with("wharf: ftp://h/: the FTP connection was lost: no reply"),
            "{text}"
        );
    }

    #[test]
    fn what_was_not_tried_leaves_the_connection_as_it_was() {
        for (kind, next) in [
            (ErrorKind::InvalidInput, Next::Continue),
            (ErrorKind::Unsupported, Next::Continue),
            (ErrorKind::Timeout, Next::Reconnect),
        ] {
            let failure = Failure::remote(&Error::new(kind, "x"), Expected::File);
            assert_eq!(failure.next(), next, "{kind:?}");
        }
    }

    #[test]
    fn the_first_subject_stays() {
        let failure = Failure::usage("wrong").about("a").about("b").advise("do c");
        assert_eq!(failure.text().unwrap(), "wharf: a: wrong\n  advice: do c");
    }

    #[test]
    fn a_broken_pipe_is_silence_and_success() {
        let failure = Failure::local_stream(&io::ErrorKind::BrokenPipe.into());
        assert_eq!((failure.exit, failure.text()), (Exit::Success, None));
    }
}
