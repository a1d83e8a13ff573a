//! A command with a data connection: RETR, STOR, APPE, STOU, LIST, NLST, MLSD and whatever else a
//! caller names.
//!
//! ```text
//!            passive                                   active
//! [Type] ─▶ Extended ──5yz──▶ Classic          [Type] ─▶ Listening ──▶ Port
//!              │ 229            │ 227                                   │ 2yz
//!              └──▶ Dialling ◀──┘                                       │
//!                      │ connected                                      │
//!                      └───────────▶ Setup (REST n …) ◀─────────────────┘
//!                                      │ 2yz,3yz
//!                                      ▼
//!      4yz,5yz: failed ◀──────────── Asked ──2yz, no connection yet──▶ Accepting
//!                                      │ 1yz and connected                 │ connected
//!                                      ▼                                   ▼
//!      4yz,5yz: failed ◀──────────── Running ──2yz──▶ done                done
//!                                      │ data broke      │ given up
//!                                      ▼                 ▼
//!                                    Joining ──────▶ Settling ──▶ over
//! ```
//!
//! `Refused` is a `failed` that waits for a TLS handshake to say what was wrong.
//!
//! A data connection that is to be encrypted counts as connected once it is; see `secure`.
//!
//! A download is done, as far as the control connection goes, when its 2yz is there: the stream itself
//! knows when its last byte has come, and reports success only then. So PWD can be answered while a
//! slow reader empties the socket. An upload is done when it was finished *and* the 2yz is there.

use std::time::Instant;

use super::abort::Settling;
use super::{Cx, DataAction, DataEvent, Event, Listed, Machine, Mark, Step};
use crate::command::Command;
use crate::error::{Error, ErrorKind};
use crate::reply::Reply;

mod address;
mod end;
mod mode;
mod secure;

pub use mode::{DataMode, Direction, Passive, Representation};
use secure::Protection;

/// A transfer.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states of a machine"
)]
pub struct Transfer {
    direction: Direction,
    mode: DataMode,
    representation: Option<Representation>,
    setup: Vec<Command>,
    command: Command,

    state: State,
    connected: bool,
    protection: Protection,
    marks: u32,
    mark: Option<Reply>,
    address: Option<Reply>,
    setup_replies: Vec<Reply>,
    /// Whether the server was asked once more for a port that it could not open.
    asked_again: bool,
    /// Why EPSV led nowhere, if the server knows it.
    epsv_failure: Option<Error>,
    deadline: Option<Instant>,
    /// Given up while a setup command was outstanding: stop at its reply.
    given_up: Option<Error>,
    /// Whether the caller has the result already.
    told: bool,
    aborted: bool,
    /// What it lists by, if that was chosen.
    listed: Option<Listed>,
    returns: bool,
    started: bool,
}

#[derive(Debug)]
enum State {
    Type,
    Extended,
    Classic,
    Dialling {
        by_epsv: bool,
    },
    Listening,
    Port,
    Setup,
    /// An offset was accepted for a transfer that will not happen; it must not hit the next one.
    Unrest(Error),
    Asked,
    Accepting(Reply),
    Running {
        finished: bool,
    },
    Joining(Error),
    /// Refused while the data connection shakes hands, which tells why.
    Refused(Error),
    Settling(Settling),
}

impl Transfer {
    /// A transfer by `command`, in this mode and direction, in the representation that is current.
    pub fn new(direction: Direction, mode: DataMode, command: Command) -> Self {
        Self {
            direction,
            mode,
            representation: None,
            setup: Vec::new(),
            command,
            state: State::Type,
            connected: false,
            protection: Protection::Clear,
            marks: 0,
            mark: None,
            address: None,
            setup_replies: Vec::new(),
            asked_again: false,
            epsv_failure: None,
            deadline: None,
            given_up: None,
            told: false,
            aborted: false,
            listed: None,
            returns: false,
            started: false,
        }
    }

    /// The same in this representation: a TYPE goes ahead if another is current.
    #[must_use]
    pub fn represented_as(mut self, representation: Representation) -> Self {
        self.representation = Some(representation);
        self
    }

    /// The same from a byte offset (`REST`, RFC 3659 §5). An offset of zero sends nothing.
    #[must_use]
    pub fn from_offset(mut self, offset: u64) -> Self {
        if offset > 0 {
            self.setup.push(rest(offset));
        }
        self
    }

    /// The same with commands of the caller's own before the transfer command, each of which must be
    /// answered 2yz or 3yz.
    #[must_use]
    pub fn after(mut self, commands: impl IntoIterator<Item = Command>) -> Self {
        self.setup.extend(commands);
        self
    }

    /// The same as part of a listing whose command was chosen. `returns` if the listing has to be led back into
    /// another directory behind it, and says only then that it has settled.
    pub(in crate::op) fn listing(mut self, listed: Listed, returns: bool) -> Self {
        self.listed = Some(listed);
        self.returns = returns;
        self
    }

    /// Which way the bytes go.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    fn next_setup(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        self.deadline = None;
        if let Some(command) = self.setup.get(self.setup_replies.len()) {
            self.state = State::Setup;
            cx.send(command)?;
        } else {
            self.state = State::Asked;
            cx.send(&self.command)?;
            if cx.memory.protected {
                self.protection = Protection::Wanted;
            }
            return self.proceed(cx);
        }
        Ok(Step::Wait)
    }

    /// A command of the setup was accepted.
    fn prepared(&mut self, reply: Reply, cx: &mut Cx<'_>) {
        if let Some(command) = self.setup.get(self.setup_replies.len()) {
            cx.memory.learn(command, &reply);
        }
        self.setup_replies.push(reply);
    }

    /// Both the server's consent and the data connection are there.
    fn run(&mut self, cx: &mut Cx<'_>) -> Step {
        self.deadline = None;
        self.state = State::Running { finished: false };
        cx.time_reply(None);
        self.start_stream(cx);
        Step::Wait
    }

    fn start_stream(&mut self, cx: &mut Cx<'_>) {
        self.started = true;
        cx.event(Event::Started {
            mark: self.mark.clone(),
            listed: self.listed,
        });
    }
}

impl Machine for Transfer {
    fn describe(&self) -> String {
        self.command.redacted()
    }

    fn is_sent(&self) -> bool {
        matches!(
            self.state,
            State::Asked
                | State::Accepting(_)
                | State::Running { .. }
                | State::Joining(_)
                | State::Refused(_)
                | State::Settling(_)
        )
    }

    fn is_transfer(&self) -> bool {
        true
    }

    fn start(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        cx.check(self.setup.iter().chain([&self.command]))?;
        match self.representation {
            Some(wanted) if cx.memory.representation != Some(wanted) => {
                cx.send(&wanted.command())?;
                Ok(Step::Wait)
            }
            _ => self.ask_for_address(cx),
        }
    }

    fn on_reply(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let before_the_command = !matches!(
            self.state,
            State::Asked | State::Running { .. } | State::Settling(_)
        );
        if let (true, Some(error)) = (before_the_command, self.given_up.take()) {
            let step = match (&self.state, reply) {
                (State::Type, Ok(_)) => {
                    cx.memory.representation = self.representation;
                    None
                }
                (State::Setup, Ok(reply)) => {
                    self.prepared(reply, cx);
                    None
                }
                (State::Extended, Ok(reply)) if cx.memory.quirks.waits_for_dial => {
                    self.on_epsv(Ok(reply), cx).ok()
                }
                (State::Classic, Ok(reply)) if cx.memory.quirks.waits_for_dial => {
                    self.on_pasv(reply, cx).ok()
                }
                _ => None,
            };
            let Some(step) = step else {
                return self.fail_early(error, cx);
            };
            self.given_up = Some(error);
            return Ok(step);
        }
        match &mut self.state {
            State::Type => match reply {
                Ok(_) => {
                    cx.memory.representation = self.representation;
                    self.ask_for_address(cx)
                }
                Err(error) => self.fail_early(error, cx),
            },
            State::Extended => match self.on_epsv(reply, cx) {
                Err(error) => self.fail_early(error, cx),
                step => step,
            },
            State::Classic => match self.on_pasv_or_neither(reply, cx) {
                Err(error) => self.fail_early(error, cx),
                step => step,
            },
            State::Port => match reply {
                Ok(reply) => {
                    self.address = Some(reply);
                    self.next_setup(cx)
                }
                Err(error) => self.fail_early(error, cx),
            },
            State::Setup => match reply {
                Ok(reply) => {
                    self.prepared(reply, cx);
                    self.next_setup(cx)
                }
                Err(error) => self.fail_early(error, cx),
            },
            State::Unrest(error) => {
                let error = error.clone();
                self.conclude(Err(error), cx)
            }
            State::Asked | State::Running { .. } => self.on_final(reply, cx),
            State::Joining(error) => {
                let error = error.clone();
                let error = self.joined(error, reply);
                self.conclude(Err(error), cx)
            }
            State::Settling(settling) => {
                let settled = settling.on_reply(reply, cx)?;
                self.settled(settled, cx)
            }
            // The ledger expects no reply of ours in these states.
            State::Dialling { .. } | State::Listening | State::Accepting(_) | State::Refused(_) => {
                Ok(Step::Wait)
            }
        }
    }

    fn on_mark(&mut self, mark: &Reply, cx: &mut Cx<'_>) -> Mark {
        match &self.state {
            State::Settling(settling) if settling.awaits_final() && self.marks > 0 => {
                return Mark::Final;
            }
            State::Asked => {
                self.mark = Some(mark.clone());
                if self.is_ready() {
                    let _waits = self.run(cx);
                } else {
                    cx.time_reply(None);
                    self.deadline = cx.after(cx.config.accept_timeout);
                }
            }
            _ => {}
        }
        self.marks += 1;
        Mark::Preliminary
    }

    fn on_data(&mut self, event: DataEvent, cx: &mut Cx<'_>) -> Result<Step, Error> {
        match event {
            DataEvent::Listening(address) => {
                if let State::Listening = self.state {
                    self.ask_port(address, cx)?;
                }
                Ok(Step::Wait)
            }
            DataEvent::Connected => {
                self.connected = true;
                match &self.state {
                    State::Dialling { .. } => match self.given_up.take() {
                        Some(error) => self.fail_early(error, cx),
                        None => self.next_setup(cx),
                    },
                    State::Asked | State::Accepting(_) => self.proceed(cx),
                    _ => Ok(Step::Wait),
                }
            }
            DataEvent::Secured { resumed } => {
                if self.protection == Protection::Shaking {
                    self.protection = Protection::Secured { resumed };
                }
                self.proceed(cx)
            }
            DataEvent::Finished => {
                if let State::Running { finished } = &mut self.state {
                    *finished = true;
                    cx.time_reply(Some(cx.config.reply_timeout));
                }
                Ok(Step::Wait)
            }
            DataEvent::Failed(error) => self.on_data_failure(error, cx),
            DataEvent::Dropped => {
                let error = Error::new(ErrorKind::Aborted, "the stream was dropped before its end")
                    .with_command(&self.command.redacted(), true);
                self.give_up(error, cx)
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn on_deadline(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        self.deadline = None;
        match &mut self.state {
            State::Dialling { .. } => {
                cx.data(DataAction::Release);
                let error = Error::new(
                    ErrorKind::Timeout,
                    "the data connection could not be made in time",
                );
                self.on_data_failure(error, cx)
            }
            State::Listening => {
                cx.data(DataAction::Release);
                let error = Error::new(ErrorKind::Timeout, "could not listen for data in time");
                self.on_data_failure(error, cx)
            }
            State::Asked => {
                let error = self.no_connection();
                cx.data(DataAction::Release);
                self.tell(Err(error), cx);
                Ok(self.settle(cx))
            }
            State::Accepting(reply) => {
                let reply = reply.clone();
                cx.data(DataAction::Release);
                let error = self.no_connection().with_reply(reply);
                self.conclude(Err(error), cx)
            }
            State::Joining(error) => {
                let error = error.clone();
                self.tell(Err(error), cx);
                Ok(self.settle(cx))
            }
            State::Refused(refusal) => {
                let refusal = refusal.clone();
                self.refused(refusal, cx)
            }
            State::Settling(settling) => {
                let settled = settling.on_deadline(cx)?;
                self.settled(settled, cx)
            }
            _ => Ok(Step::Wait),
        }
    }

    fn on_reply_timeout(&mut self, error: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
        cx.data(DataAction::Release);
        self.tell(Err(error.clone()), cx);
        // The server may be waiting for a data connection that never reached it.
        if matches!(self.state, State::Asked) {
            return Ok(self.settle(cx));
        }
        Ok(Step::Close(error))
    }

    fn abort(&mut self, error: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
        self.aborted = true;
        let error = self.of_this_command(error);
        self.give_up(error, cx)
    }

    fn on_lost(&mut self, error: Error, cx: &mut Cx<'_>) {
        cx.data(DataAction::Release);
        let error = match &self.state {
            // vsFTPd hangs up behind its 522.
            State::Refused(refusal) => refusal.clone(),
            // The end is the server's answer to our alert.
            State::Joining(failure)
                if matches!(failure.kind(), ErrorKind::Certificate | ErrorKind::Tls) =>
            {
                failure.clone()
            }
            _ => error,
        };
        self.tell(Err(error.clone()), cx);
        if self.aborted {
            cx.event(Event::Settled(Err(error)));
        }
    }
}

fn rest(offset: u64) -> Command {
    Command::text("REST", offset.to_string().as_bytes()).expect("digits are a fine argument")
}
