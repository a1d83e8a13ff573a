//! Operations: one job each, however many commands it takes.
//!
//! Every operation is a state machine in a file of its own, under a diagram of its states. A machine
//! sees only its own replies and data events, speaks through `Cx`, and returns a `Step`; the
//! [`session`](crate::session) owns the queue and decides whose turn it is.

use std::fmt;
use std::time::Instant;

use crate::error::Error;
use crate::reply::{Code, Reply};

mod abort;
mod cx;
mod excursion;
mod list;
mod login;
mod memory;
mod presence;
mod rename;
pub(crate) mod secure;
mod simple;
mod transfer;

pub use crate::credentials::Credentials;
pub use crate::ledger::OpId;
pub use crate::output::{Completion, DataAction, DataEvent, Event, Outcome};
pub(crate) use cx::Cx;
pub use list::{List, ListAll, ListCommand, Listed, may_mean_nothing};
pub(crate) use login::GREETING;
pub use login::Login;
pub(crate) use memory::Memory;
pub use presence::{Place, Presence};
pub use rename::Rename;
pub use simple::Simple;
pub use transfer::{DataMode, Direction, Passive, Representation, Transfer};

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
    /// A listing by the best command that the server has.
    List(Box<List>),
    /// MLST, or a CWD there and back.
    Presence(Box<Presence>),
}

impl Op {
    pub(crate) fn into_machine(self) -> Box<dyn Machine> {
        match self {
            Self::Simple(simple) => Box::new(simple),
            Self::Login(login) => Box::new(login),
            Self::Rename(rename) => Box::new(rename),
            Self::Transfer(transfer) => transfer,
            Self::List(list) => list,
            Self::Presence(presence) => presence,
        }
    }
}

/// One operation as the session runs it.
///
/// `Err` ends the operation with that error while the session goes on; whatever leaves the control
/// connection in doubt is a [`Step::Close`].
pub(crate) trait Machine: fmt::Debug + Send {
    /// The (redacted) command that this operation is about, for errors; empty if there is none.
    fn describe(&self) -> String;

    /// Whether that command has left for the server, once the operation runs.
    fn is_sent(&self) -> bool {
        true
    }

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

    /// The control connection was changed over, as the operation had asked.
    fn on_tls(&mut self, _cx: &mut Cx<'_>) -> Result<Step, Error> {
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

/// Whether a failure says that the server does not know the command at all (RFC 959 §4.2: 500, 502).
pub(crate) fn is_unknown_command(code: Option<Code>) -> bool {
    code.is_some_and(|code| matches!(code.get(), 500 | 502))
}

/// Whether a refusal says that the server does not have the command, or not in this form (RFC 959 §4.2: 504).
/// GridFTP has 500 for a file that is not there.
///
/// # Examples
///
/// ```
/// use wharf_proto::error::Error;
/// use wharf_proto::op::is_not_offered;
/// use wharf_proto::reply::{Code, Message, Reply};
///
/// let refused = |code, line: &'static str| {
///     let message = Message { code: Code::new(code).unwrap(), lines: vec![line.into()] };
///     Error::from_reply(Reply::new(Vec::new(), message), "MLST README")
/// };
/// assert!(is_not_offered(&refused(500, "500 Unknown command")));
/// assert!(!is_not_offered(&refused(500, "500 README: No such file or directory")));
/// ```
pub fn is_not_offered(refusal: &Error) -> bool {
    let code = refusal.code();
    let is_refused = is_unknown_command(code) || code.is_some_and(|code| code == 504);
    is_refused && !refusal.is_not_found()
}
