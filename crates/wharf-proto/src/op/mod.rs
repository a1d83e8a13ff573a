//! Operations: one job each, however many commands it takes.
//!
//! Every operation is a state machine in a file of its own, under a diagram of its states. A machine
//! sees only its own replies and data events, speaks through [`Cx`], and returns a [`Step`]; the
//! [`session`](crate::session) owns the queue and decides whose turn it is.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::command::Command;
use crate::error::Error;
use crate::reply::{Code, Reply};
use crate::session::{Ledger, Memory, Output, SessionConfig};

mod abort;
mod login;
mod rename;
mod simple;
mod transfer;

pub(crate) use login::GREETING;
pub use login::{Credentials, Login};
pub use rename::Rename;
pub use simple::Simple;
pub use transfer::{Completion, DataMode, Direction, Passive, Representation, Transfer};

/// Names one submitted operation for as long as the session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(u64);

impl OpId {
    /// The greeting and the login that follows it: every session's first operation.
    pub const LOGIN: Self = Self(0);
    /// The NOOP of an idle session; its outcome interests nobody.
    pub(crate) const KEEPALIVE: Self = Self(u64::MAX);
    /// The QUIT of a session whose last handle is gone.
    pub(crate) const FAREWELL: Self = Self(u64::MAX - 1);

    /// The id of the `n`th operation a caller submits, from 1.
    pub const fn new(n: u64) -> Self {
        Self(n)
    }
}

/// What can be asked of a session.
#[derive(Debug)]
#[non_exhaustive]
pub enum Op {
    /// One command, one reply.
    Simple(Simple),
    /// USER, PASS, ACCT and TYPE I once more.
    Login(Login),
    /// RNFR and RNTO.
    Rename(Rename),
    /// A command with a data connection.
    Transfer(Box<Transfer>),
}

impl Op {
    pub(crate) fn into_machine(self) -> Box<dyn Machine> {
        match self {
            Self::Simple(simple) => Box::new(simple),
            Self::Login(login) => Box::new(login),
            Self::Rename(rename) => Box::new(rename),
            Self::Transfer(transfer) => transfer,
        }
    }
}

/// What has become of an operation.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A transfer's data connection is open and the server has agreed to use it.
    Started {
        /// The server's 1yz, if it sent one.
        mark: Option<Reply>,
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
    /// It could not be made, or it broke.
    Failed(Error),
    /// A download's data ended cleanly, or the caller finished an upload. For an upload this is
    /// reported before the connection is shut down, so that the server's 226 cannot overtake it.
    Finished,
    /// The caller let go of the stream before its end.
    Dropped,
}

/// One operation as the session runs it.
///
/// `Err` ends the operation with that error while the session goes on; whatever leaves the control
/// connection in doubt is a [`Step::Close`].
pub(crate) trait Machine: fmt::Debug + Send {
    /// The (redacted) command that this operation is about, for errors.
    fn describe(&self) -> String;

    /// Sends the first command.
    fn start(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error>;

    /// A final reply: 2yz and 3yz as `Ok`, everything else as the error it makes.
    fn on_reply(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Step, Error>;

    /// A 1yz.
    fn on_mark(&mut self, _mark: &Reply, _cx: &mut Cx<'_>) -> Mark {
        Mark::Preliminary
    }

    /// Something happened to the data connection.
    fn on_data(&mut self, _event: DataEvent, _cx: &mut Cx<'_>) -> Result<Step, Error> {
        Ok(Step::Wait)
    }

    /// A time of the operation's own, apart from the limit on each reply.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// That time has come.
    fn on_deadline(&mut self, _cx: &mut Cx<'_>) -> Result<Step, Error> {
        Ok(Step::Wait)
    }

    /// A reply is overdue. Unless the operation knows how to get in step again, nobody can tell
    /// whose reply comes next, so the connection closes.
    fn on_reply_timeout(&mut self, error: Error, _cx: &mut Cx<'_>) -> Result<Step, Error> {
        Ok(Step::Close(error))
    }

    /// The caller gives the operation up while it runs. Commands run on; transfers stop.
    fn abort(&mut self, _error: Error, _cx: &mut Cx<'_>) -> Result<Step, Error> {
        Ok(Step::Wait)
    }

    /// The connection is gone; says goodbye to whoever waits.
    fn on_lost(&mut self, error: Error, cx: &mut Cx<'_>) {
        cx.event(Event::Finished(Err(error)));
    }

    /// Whether other commands may be in flight beside this operation's.
    fn pipelines(&self) -> bool {
        false
    }

    /// Whether a data connection belongs to it.
    fn is_transfer(&self) -> bool {
        false
    }
}

/// What a machine wants after it was called.
#[derive(Debug)]
pub(crate) enum Step {
    /// Something else has to happen first.
    Wait,
    /// The operation is over, well.
    Done(Outcome),
    /// The operation is over, and whoever waited has been told.
    Over,
    /// The operation is over and the connection with it.
    DoneAndClose(Outcome, Error),
    /// The connection cannot go on; the operation fails with the same error.
    Close(Error),
}

/// How a 1yz counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The final reply is still to come.
    Preliminary,
    /// This is the final reply: Pure-FTPd ends a transfer whose data connection was closed with
    /// `150 0.2 seconds (measured here)`.
    Final,
}

/// What a machine may touch while it is called.
pub(crate) struct Cx<'a> {
    pub(crate) id: OpId,
    pub(crate) now: Instant,
    pub(crate) config: &'a SessionConfig,
    pub(crate) memory: &'a mut Memory,
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) outputs: &'a mut VecDeque<Output>,
}

impl Cx<'_> {
    /// Sends a command and enters its reply in the ledger.
    pub(crate) fn send(&mut self, command: &Command) -> Result<(), Error> {
        let line = command.encode(&self.memory.wire).map_err(|error| {
            Error::new(
                crate::error::ErrorKind::InvalidInput,
                "is too long for this server",
            )
            .with_command(&command.redacted(), false)
            .with_source(error)
        })?;
        let redacted = command.redacted();
        self.ledger.expect(
            self.id,
            &redacted,
            Some(self.config.reply_timeout),
            self.now,
        );
        self.outputs.push_back(Output::sent(redacted));
        self.outputs.push_back(Output::Transmit(line));
        Ok(())
    }

    /// Expects a reply without having sent anything: the greeting, or what an abort left behind.
    pub(crate) fn expect(&mut self, what: &str, limit: Option<Duration>) {
        self.ledger.expect(self.id, what, limit, self.now);
    }

    /// Sets or lifts the limit on the reply that this operation waits for.
    pub(crate) fn time_reply(&mut self, limit: Option<Duration>) {
        self.ledger.time(self.id, limit, self.now);
    }

    /// When `limit` is over; never, if that is beyond what the clock can tell.
    pub(crate) fn after(&self, limit: Duration) -> Option<Instant> {
        self.now.checked_add(limit)
    }

    pub(crate) fn data(&mut self, action: DataAction) {
        self.outputs.push_back(Output::Data(self.id, action));
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(self.id, event));
    }
}

/// Whether a failure says that the server does not know the command at all (RFC 959 §4.2: 500, 502).
pub(crate) fn is_unknown_command(code: Option<Code>) -> bool {
    code.is_some_and(|code| matches!(code.get(), 500 | 502))
}
