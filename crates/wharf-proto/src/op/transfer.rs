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
//! A download is done, as far as the control connection goes, when its 2yz is there: the stream itself
//! knows when its last byte has come, and reports success only then. So PWD can be answered while a
//! slow reader empties the socket. An upload is done when it was finished *and* the 2yz is there.

use std::net::IpAddr;
use std::time::Instant;

use super::abort::{Settled, Settling};
use super::{Completion, Cx, DataAction, DataEvent, Event, Machine, Mark, Outcome, Step};
use crate::addr::{self, AddrError};
use crate::command::Command;
use crate::error::{Error, ErrorKind};
use crate::reply::{Code, Reply};

/// Which way the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To us: RETR and the listings.
    Download,
    /// To the server: STOR, APPE, STOU.
    Upload,
}

/// Who opens the data connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataMode {
    /// We dial (EPSV, PASV): works through NAT and firewalls on our side.
    Passive(Passive),
    /// The server dials (PORT, EPRT).
    Active,
}

impl Default for DataMode {
    fn default() -> Self {
        Self::Passive(Passive::Auto)
    }
}

/// Which passive command asks for the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Passive {
    /// EPSV; PASV where a server does not know it or its port cannot be reached. What was found is
    /// remembered for the session.
    #[default]
    Auto,
    /// EPSV only (RFC 2428).
    Extended,
    /// PASV only (RFC 959); IPv4 only.
    Classic,
}

/// How a file's bytes are represented on the wire (RFC 959 §3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Representation {
    /// `TYPE I`: the bytes as they are.
    #[default]
    Image,
    /// `TYPE A`: text, with CRLF at the end of each line.
    Ascii,
}

impl Representation {
    /// The command that selects it. `TYPE A N` is the same in RFC 959, but pyftpdlib, Twisted and
    /// ftp-srv refuse that spelling.
    pub fn command(self) -> Command {
        Command::bare(match self {
            Self::Image => "TYPE I",
            Self::Ascii => "TYPE A",
        })
    }

    /// What a TYPE command of the caller's selects, if it is one of the two.
    pub(crate) fn of_type_command(command: &Command) -> Option<Self> {
        match command.line().get(5).map(u8::to_ascii_uppercase) {
            Some(b'I') => Some(Self::Image),
            Some(b'A') => Some(Self::Ascii),
            _ => None,
        }
    }
}

/// A transfer.
#[derive(Debug)]
pub struct Transfer {
    direction: Direction,
    mode: DataMode,
    representation: Option<Representation>,
    setup: Vec<Command>,
    command: Command,

    state: State,
    connected: bool,
    marks: u32,
    mark: Option<Reply>,
    address: Option<Reply>,
    setup_replies: Vec<Reply>,
    /// Why EPSV led nowhere, if the server knows it.
    epsv_failure: Option<Error>,
    deadline: Option<Instant>,
    /// Given up while a setup command was outstanding: stop at its reply.
    given_up: Option<Error>,
    /// Whether the caller has the result already.
    told: bool,
    aborted: bool,
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
            marks: 0,
            mark: None,
            address: None,
            setup_replies: Vec::new(),
            epsv_failure: None,
            deadline: None,
            given_up: None,
            told: false,
            aborted: false,
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

    /// Which way the bytes go.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    fn ask_for_address(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        match self.mode {
            DataMode::Active => {
                self.state = State::Listening;
                self.deadline = cx.after(cx.config.accept_timeout);
                cx.data(DataAction::Listen);
                Ok(Step::Wait)
            }
            DataMode::Passive(Passive::Auto) if cx.memory.avoid_epsv => self.ask_pasv(cx),
            DataMode::Passive(Passive::Classic) => self.ask_pasv(cx),
            DataMode::Passive(_) => {
                self.state = State::Extended;
                cx.send(&Command::bare("EPSV"))?;
                Ok(Step::Wait)
            }
        }
    }

    fn ask_pasv(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if !cx.config.peer.is_ipv4() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "PASV cannot name an IPv6 address, and EPSV is not to be used",
            )
            .with_command(&self.command.redacted(), false));
        }
        self.state = State::Classic;
        self.deadline = None;
        cx.send(&Command::bare("PASV"))?;
        Ok(Step::Wait)
    }

    /// Whether an EPSV that failed may be followed by a PASV.
    fn may_fall_back(&self, cx: &Cx<'_>) -> bool {
        self.mode == DataMode::Passive(Passive::Auto) && cx.config.peer.is_ipv4()
    }

    fn on_epsv(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let error = match reply {
            Ok(reply) if reply.code() == 229 => match addr::parse_epsv(reply.text_bytes()) {
                Ok(address) => return self.dial(address.address, address.port, reply, cx),
                Err(error) => bad_address("EPSV", reply, error),
            },
            Ok(reply) => Error::from_reply(reply, "EPSV")
                .with_kind(ErrorKind::BadResponse)
                .with_message("needs 229 and was answered"),
            Err(error) => error,
        };
        // A 4yz is this moment's trouble, not the server's ignorance.
        let transient = error.code().is_some_and(Code::is_transient);
        if transient || !self.may_fall_back(cx) {
            return Err(error);
        }
        cx.memory.avoid_epsv = true;
        if error.kind() != ErrorKind::CommandFailed {
            self.epsv_failure = Some(error);
        }
        self.ask_pasv(cx)
    }

    fn on_pasv(&mut self, reply: Reply, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if reply.code() != 227 {
            return Err(Error::from_reply(reply, "PASV")
                .with_kind(ErrorKind::BadResponse)
                .with_message("needs 227 and was answered"));
        }
        match addr::parse_pasv(reply.text_bytes()) {
            Ok(address) => self.dial(Some(IpAddr::V4(*address.ip())), address.port(), reply, cx),
            Err(error) => Err(bad_address("PASV", reply, error)),
        }
    }

    fn dial(
        &mut self,
        advertised: Option<IpAddr>,
        port: u16,
        reply: Reply,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        let by_epsv = matches!(self.state, State::Extended);
        let target = addr::data_target(advertised, port, cx.config.peer, cx.config.trust_address)
            .map_err(|error| {
            let command = if by_epsv { "EPSV" } else { "PASV" };
            bad_address(command, reply.clone(), error).with_kind(ErrorKind::Refused)
        })?;
        self.address = Some(reply);
        self.state = State::Dialling { by_epsv };
        self.deadline = cx.after(cx.config.accept_timeout);
        cx.data(DataAction::Dial(target));
        Ok(Step::Wait)
    }

    fn next_setup(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        self.deadline = None;
        if let Some(command) = self.setup.get(self.setup_replies.len()) {
            self.state = State::Setup;
            cx.send(command)?;
        } else {
            self.state = State::Asked;
            cx.send(&self.command)?;
        }
        Ok(Step::Wait)
    }

    /// Ends the operation before its command went out.
    fn fail_early(&mut self, error: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
        cx.data(DataAction::Release);
        let offset_stands = self
            .setup
            .iter()
            .zip(&self.setup_replies)
            .any(|(command, _)| command.verb() == "REST");
        if offset_stands {
            self.state = State::Unrest(error);
            cx.send(&rest(0))?;
            return Ok(Step::Wait);
        }
        Ok(self.conclude(Err(error), cx))
    }

    /// Reports the result unless that was done already, and ends the operation.
    fn conclude(&mut self, result: Result<Outcome, Error>, cx: &mut Cx<'_>) -> Step {
        self.tell(result, cx);
        if self.aborted {
            cx.event(Event::Settled(Ok(())));
        }
        Step::Over
    }

    fn tell(&mut self, result: Result<Outcome, Error>, cx: &mut Cx<'_>) {
        if !self.told {
            self.told = true;
            cx.event(Event::Finished(result));
        }
    }

    /// Both the server's consent and the data connection are there.
    fn run(&mut self, cx: &mut Cx<'_>) -> Step {
        self.deadline = None;
        self.state = State::Running { finished: false };
        cx.time_reply(None);
        cx.event(Event::Started {
            mark: self.mark.clone(),
        });
        Step::Wait
    }

    fn completion(&mut self, reply: Reply) -> Outcome {
        Outcome::Transferred(Completion {
            address: self
                .address
                .take()
                .expect("the command follows the address's reply"),
            setup: std::mem::take(&mut self.setup_replies),
            reply,
        })
    }

    /// The final reply, good or bad, while the transfer was asked for or running.
    fn on_final(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Step {
        let reply = match reply {
            Ok(reply) if reply.code().is_completion() => reply,
            Ok(reply) => {
                cx.data(DataAction::Release);
                let error = Error::from_reply(reply, &self.command.redacted())
                    .with_kind(ErrorKind::BadResponse)
                    .with_message("is neither done nor refused by");
                return self.conclude(Err(error), cx);
            }
            Err(error) => {
                cx.data(DataAction::Release);
                return self.conclude(Err(error), cx);
            }
        };
        match (self.direction, &self.state) {
            (Direction::Upload, State::Running { finished: true }) => {}
            (Direction::Upload, _) => {
                cx.data(DataAction::Release);
                let error = Error::new(
                    ErrorKind::Truncated,
                    "was called complete by the server before the upload was",
                )
                .with_command(&self.command.redacted(), true)
                .with_reply(reply);
                return self.conclude(Err(error), cx);
            }
            // Twisted's NLST of nothing: a 2yz without a 1yz.
            (Direction::Download, State::Asked) if self.connected => {
                cx.event(Event::Started { mark: None });
            }
            (Direction::Download, State::Asked) => {
                self.deadline = cx.after(cx.config.accept_timeout);
                self.state = State::Accepting(reply);
                return Step::Wait;
            }
            (Direction::Download, _) => {}
        }
        let outcome = self.completion(reply);
        self.conclude(Ok(outcome), cx)
    }

    /// The data connection broke; the server's words, which say why, may be on their way.
    fn on_data_failure(&mut self, error: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let error = self.of_this_command(error);
        match &self.state {
            State::Dialling { by_epsv: true }
                if self.given_up.is_none() && self.may_fall_back(cx) =>
            {
                // Remembered even if PASV fares no better, unless the server has none.
                cx.memory.avoid_epsv = true;
                self.epsv_failure = Some(error);
                self.ask_pasv(cx)
            }
            State::Dialling { .. } => self.fail_early(error, cx),
            State::Listening => Ok(self.conclude(Err(error), cx)),
            State::Port | State::Setup => {
                self.given_up = Some(error);
                Ok(Step::Wait)
            }
            State::Accepting(reply) => {
                let error = error.with_reply(reply.clone());
                Ok(self.conclude(Err(error), cx))
            }
            State::Asked | State::Running { .. } => {
                cx.data(DataAction::Release);
                cx.time_reply(None);
                self.deadline = cx.after(cx.config.settle_timeout / 2);
                self.state = State::Joining(error);
                Ok(Step::Wait)
            }
            _ => Ok(Step::Wait),
        }
    }

    /// Gives the transfer up: tells the caller, stops the data, and gets in step again.
    fn give_up(&mut self, error: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
        match &self.state {
            State::Dialling { .. } if cx.memory.quirks.waits_for_dial => {
                // Not told yet, for then the connection would be let go of before it stands.
                self.given_up = Some(error);
                Ok(Step::Wait)
            }
            State::Type | State::Extended | State::Classic | State::Port | State::Setup => {
                cx.data(DataAction::Release);
                self.tell(Err(error.clone()), cx);
                self.given_up = Some(error);
                Ok(Step::Wait)
            }
            State::Dialling { .. } | State::Listening => self.fail_early(error, cx),
            State::Accepting(_) => {
                cx.data(DataAction::Release);
                Ok(self.conclude(Err(error), cx))
            }
            State::Asked | State::Running { finished: false } | State::Joining(_) => {
                cx.data(DataAction::Release);
                self.tell(Err(error), cx);
                Ok(self.settle(cx))
            }
            // Everything was said; only the server's verdict is missing, and it will come.
            State::Running { finished: true } | State::Unrest(_) | State::Settling(_) => {
                Ok(Step::Wait)
            }
        }
    }

    fn settle(&mut self, cx: &mut Cx<'_>) -> Step {
        let settling = Settling::begin(cx);
        self.deadline = settling.deadline();
        self.state = State::Settling(settling);
        Step::Wait
    }

    fn settled(&mut self, settled: Settled, cx: &mut Cx<'_>) -> Step {
        if let State::Settling(settling) = &self.state {
            self.deadline = settling.deadline();
        }
        match settled {
            Settled::NotYet => Step::Wait,
            Settled::InStep => {
                let error = Error::new(ErrorKind::Aborted, "the transfer was given up");
                self.conclude(Err(error), cx)
            }
            Settled::Lost(error) => Step::Close(error),
        }
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
                    self.setup_replies.push(reply);
                    None
                }
                (State::Extended, reply) if cx.memory.quirks.waits_for_dial => {
                    self.on_epsv(reply, cx).ok()
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
            State::Classic => match reply.and_then(|reply| self.on_pasv(reply, cx)) {
                Err(error) => {
                    let unknown = error.code().is_some_and(Code::is_permanent);
                    match self.epsv_failure.take().filter(|_| unknown) {
                        // A server without PASV: EPSV is all there is, and its failure the reason.
                        Some(reason) => {
                            cx.memory.avoid_epsv = false;
                            self.fail_early(reason, cx)
                        }
                        None => self.fail_early(error, cx),
                    }
                }
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
                    self.setup_replies.push(reply);
                    self.next_setup(cx)
                }
                Err(error) => self.fail_early(error, cx),
            },
            State::Unrest(error) => {
                let error = error.clone();
                Ok(self.conclude(Err(error), cx))
            }
            State::Asked | State::Running { .. } => Ok(self.on_final(reply, cx)),
            State::Joining(error) => {
                let error = match reply {
                    Ok(reply) => error.clone().with_reply(reply),
                    // The refusal is the server's answer to our hanging up.
                    Err(refusal) if error.kind() == ErrorKind::UnexpectedData => {
                        error.clone().with_source(refusal)
                    }
                    // The server knows why it broke.
                    Err(refusal) => refusal.with_source(error.clone()),
                };
                Ok(self.conclude(Err(error), cx))
            }
            State::Settling(settling) => {
                let settled = settling.on_reply(reply, cx)?;
                Ok(self.settled(settled, cx))
            }
            // The ledger expects no reply of ours in these states.
            State::Dialling { .. } | State::Listening | State::Accepting(_) => Ok(Step::Wait),
        }
    }

    fn on_mark(&mut self, mark: &Reply, cx: &mut Cx<'_>) -> Mark {
        match &self.state {
            State::Settling(settling) if settling.awaits_final() && self.marks > 0 => {
                return Mark::Final;
            }
            State::Asked => {
                self.mark = Some(mark.clone());
                if self.connected {
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
                    let command = Command::raw(addr::port_command(address))
                        .expect("an address has no line end");
                    self.state = State::Port;
                    self.deadline = None;
                    cx.send(&command)?;
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
                    State::Asked if self.marks > 0 => Ok(self.run(cx)),
                    State::Accepting(reply) => {
                        let reply = reply.clone();
                        cx.event(Event::Started {
                            mark: self.mark.clone(),
                        });
                        let outcome = self.completion(reply);
                        Ok(self.conclude(Ok(outcome), cx))
                    }
                    _ => Ok(Step::Wait),
                }
            }
            DataEvent::Secured { .. } => Ok(Step::Wait),
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
                Ok(self.conclude(Err(error), cx))
            }
            State::Joining(error) => {
                let error = error.clone();
                self.tell(Err(error), cx);
                Ok(self.settle(cx))
            }
            State::Settling(settling) => {
                let settled = settling.on_deadline(cx)?;
                Ok(self.settled(settled, cx))
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
        self.tell(Err(error.clone()), cx);
        if self.aborted {
            cx.event(Event::Settled(Err(error)));
        }
    }
}

impl Transfer {
    /// The error as the transfer command's, unless it is another command's.
    fn of_this_command(&self, error: Error) -> Error {
        if error.command().is_some() {
            return error;
        }
        error.with_command(&self.command.redacted(), self.is_sent())
    }

    fn no_connection(&self) -> Error {
        Error::new(
            ErrorKind::Timeout,
            "the server did not open the data connection in time",
        )
        .with_command(&self.command.redacted(), true)
    }
}

fn rest(offset: u64) -> Command {
    Command::text("REST", offset.to_string().as_bytes()).expect("digits are a fine argument")
}

fn bad_address(command: &str, reply: Reply, error: AddrError) -> Error {
    Error::from_reply(reply, command)
        .with_kind(ErrorKind::BadResponse)
        .with_message("was answered with an unusable address")
        .with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_command_s_representation_is_read_off_its_first_letter() {
        let of = |line: &str| Representation::of_type_command(&Command::raw(line).unwrap());
        assert_eq!(of("TYPE I"), Some(Representation::Image));
        assert_eq!(of("type a n"), Some(Representation::Ascii));
        assert_eq!(of("TYPE L 8"), None);
    }
}
