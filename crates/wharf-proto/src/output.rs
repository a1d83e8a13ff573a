//! What a session wants done, and what it reports: the words between it and the I/O layer.

use std::fmt;
use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;

use crate::error::Error;
use crate::ledger::OpId;
use crate::op::Listed;
use crate::reply::Reply;

/// What the I/O layer is to do next. `Debug` does not show the bytes to write, which may be a password.
#[non_exhaustive]
pub enum Output {
    /// Write these bytes to the control connection.
    Transmit(Bytes),
    /// Change the control connection over, and report to
    /// [`Session::handle_tls`](crate::session::Session::handle_tls). Whatever was to be written before goes
    /// out first, as it was to; nothing is written or handed in until the report.
    Tls(TlsAction),
    /// Do this about an operation's data connection.
    Data(OpId, DataAction),
    /// Tell the caller of an operation.
    Event(OpId, Event),
    /// The server has greeted us with this.
    Greeting(Reply),
    /// A line of the conversation, secrets masked and control characters escaped.
    Trace(Trace),
    /// The session has ended; write nothing more, close the control connection.
    Closed(Error),
    /// Nothing until something happens, or this time has come.
    Wait(Option<Instant>),
}

impl Output {
    pub(crate) fn sent(line: String) -> Self {
        Self::Trace(Trace::Sent(line))
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transmit(_) => f.write_str("Transmit(…)"),
            Self::Tls(action) => f.debug_tuple("Tls").field(action).finish(),
            Self::Data(id, action) => f.debug_tuple("Data").field(id).field(action).finish(),
            Self::Event(id, event) => f.debug_tuple("Event").field(id).field(event).finish(),
            Self::Greeting(reply) => f.debug_tuple("Greeting").field(reply).finish(),
            Self::Trace(line) => f.debug_tuple("Trace").field(line).finish(),
            Self::Closed(cause) => f.debug_tuple("Closed").field(cause).finish(),
            Self::Wait(until) => f.debug_tuple("Wait").field(until).finish(),
        }
    }
}

/// What becomes of the control connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsAction {
    /// Shake hands: everything is encrypted from here on.
    Start,
    /// End TLS with a `close_notify` each way: everything is in clear text from here on (`CCC`).
    Stop,
}

/// One line of a session's transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trace {
    /// A command as it was sent, secrets shown as `…`.
    Sent(String),
    /// A line of a reply.
    Received(String),
    /// A line that belongs to no reply and was passed over.
    Ignored(String),
}

/// What has become of an operation.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A transfer's data connection is open, encrypted if that was agreed, and the server has agreed to
    /// use it.
    Started {
        /// The server's 1yz, if it sent one.
        mark: Option<Reply>,
        /// What was chosen, if it is a listing whose command was.
        listed: Option<Listed>,
    },
    /// The operation's result. Exactly one for every submitted operation.
    Finished(Result<Outcome, Error>),
    /// A transfer that was aborted has been cleared away: the control connection is in step again,
    /// or lost.
    Settled(Result<(), Error>),
}

/// The good end of an operation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Outcome {
    /// A command's reply; for a login, the one that let us in.
    Reply(Reply),
    /// The replies to RNFR and RNTO.
    Renamed(Reply, Reply),
    /// The replies of a transfer.
    Transferred(Completion),
    /// There is nothing to list: the server said so without a data connection, and the directory is there.
    Empty {
        /// What was chosen.
        listed: Listed,
        /// The server's words, a refusal mostly.
        completion: Completion,
    },
}

/// What the I/O layer is to do about a transfer's data connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataAction {
    /// Connect there and report [`DataEvent::Connected`] or [`DataEvent::Failed`].
    Dial(SocketAddr),
    /// Listen on a port the server can reach and report [`DataEvent::Listening`]; then accept one
    /// connection from the control peer and report [`DataEvent::Connected`].
    Listen,
    /// Shake hands on the data connection that stands, as the client of TLS whichever side dialled
    /// (RFC 4217 §7), and report [`DataEvent::Secured`] or [`DataEvent::Failed`].
    Secure,
    /// Give up whatever is being dialled, listened for or held, without a word to the server that
    /// would look like success: an upload's socket is reset.
    Release,
}

/// What happened to a transfer's data connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DataEvent {
    /// The listener is up; this is the address to tell the server.
    Listening(SocketAddr),
    /// The data connection stands.
    Connected,
    /// It is encrypted.
    Secured {
        /// Whether it continues the TLS session of the control connection, which many servers demand.
        resumed: bool,
    },
    /// It could not be made, or it broke.
    Failed(Error),
    /// A download's data ended cleanly, or the caller finished an upload. For an upload this is
    /// reported before the connection is shut down, so that the server's 226 cannot overtake it.
    Finished,
    /// The caller let go of the stream before its end.
    Dropped,
}

/// The replies of a transfer that went well.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Completion {
    /// What EPSV, PASV, EPRT or PORT was answered with.
    pub address: Reply,
    /// The replies to the commands between that and the transfer's own, such as REST.
    pub setup: Vec<Reply>,
    /// The reply to the transfer command, its 1yz lines included.
    pub reply: Reply,
}
