//! The session: one control connection's queue, reply ledger and timers, without I/O.
//!
//! Four kinds of method change a session, and one is drained:
//!
//! - [`submit`](Session::submit), [`withdraw`](Session::withdraw), [`abort`](Session::abort): what
//!   callers want;
//! - [`handle_input`](Session::handle_input), [`handle_eof`](Session::handle_eof),
//!   [`handle_tls`](Session::handle_tls), [`handle_data`](Session::handle_data): what the network did;
//! - [`handle_timeout`](Session::handle_timeout): what the clock says;
//! - [`pause`](Session::pause), [`resume`](Session::resume), [`finish`](Session::finish),
//!   [`fail`](Session::fail): what becomes of the whole.
//!
//! After any of them, call [`poll_output`](Session::poll_output) until it says [`Output::Wait`], and do
//! what it says in that order. Time is an argument everywhere.
//!
//! ```text
//! submit ─▶ queue ─▶ running ─(commands)─▶ ledger ─(replies)─▶ running ─▶ Event::Finished
//! ```
//!
//! Where TLS is wanted, the session asks for it by [`Output::Tls`] at the right moment, and neither says nor
//! hears anything until [`handle_tls`](Session::handle_tls). The bytes in and out are those within TLS.
//!
//! One operation runs at a time, unless [`SessionConfig::window`] lets several commands be in flight:
//! then plain commands follow each other unanswered, and the ledger, being a queue, gives reply *k* to
//! command *k*. Transfers, renames and logins always run alone.

use std::collections::VecDeque;
use std::time::Instant;

use crate::command::Command;
use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;
use crate::op::{
    Cx, DataAction, DataEvent, Event, GREETING, Login, Machine, Memory, Op, OpId, Outcome, Simple,
    Step,
};
use crate::reply::{Reply, ReplyDecoder};
use crate::server::{Quirks, Server};

mod hearing;

pub use crate::config::{DataProtection, Security, SessionConfig};
pub use crate::output::{Output, TlsAction, Trace};

/// Whether a withdrawn operation was still unsent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawn {
    /// It was taken back; its result is [`ErrorKind::Withdrawn`].
    Yes,
    /// It is running or over.
    AlreadySent,
}

type Job = (OpId, Box<dyn Machine>);

/// One FTP session without I/O. See the [module](self) for how it is driven.
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    decoder: ReplyDecoder,
    ledger: Ledger,
    memory: Memory,
    running: VecDeque<Job>,
    queue: VecDeque<Job>,
    outputs: VecDeque<Output>,
    closed: Option<Error>,
    paused: bool,
    /// No caller is left: QUIT once the queue is empty.
    finishing: bool,
    /// When the last byte was sent or received.
    active_at: Instant,
    ignored_lines: u32,
}

impl Session {
    /// A session that waits for the greeting, and logs in if it is configured to.
    pub fn new(config: SessionConfig, now: Instant) -> Self {
        let login = Login::first(config.login.clone());
        let mut session = Self {
            decoder: ReplyDecoder::new(config.limits, config.multiline),
            config,
            ledger: Ledger::default(),
            memory: Memory::default(),
            running: VecDeque::new(),
            queue: VecDeque::new(),
            outputs: VecDeque::new(),
            closed: None,
            paused: false,
            finishing: false,
            active_at: now,
            ignored_lines: 0,
        };
        session.queue.push_back((OpId::LOGIN, Box::new(login)));
        session.dispatch(now);
        session
    }

    /// Takes an operation into the queue. Its [`Event::Finished`] comes exactly once, whatever
    /// happens. Ids are the caller's, each used once.
    pub fn submit(&mut self, id: OpId, op: Op, now: Instant) {
        let machine = op.into_machine();
        if let Some(cause) = &self.closed {
            let error = lost(cause, &*machine, false);
            self.outputs
                .push_back(Output::Event(id, Event::Finished(Err(error))));
        } else {
            self.queue.push_back((id, machine));
            self.dispatch(now);
        }
    }

    /// Takes an operation back if nothing of it was sent yet.
    pub fn withdraw(&mut self, id: OpId) -> Withdrawn {
        let position = self.queue.iter().position(|(queued, _)| *queued == id);
        let Some((_, machine)) = position.and_then(|position| self.queue.remove(position)) else {
            return Withdrawn::AlreadySent;
        };
        let error = Error::new(ErrorKind::Withdrawn, "was taken back before it was sent")
            .with_command(&machine.describe(), false);
        self.outputs
            .push_back(Output::Event(id, Event::Finished(Err(error))));
        Withdrawn::Yes
    }

    /// Gives an operation up: withdraws it if it is queued, stops it if it is a running transfer
    /// ([`Event::Settled`] follows), and lets it run on if it is a command.
    pub fn abort(&mut self, id: OpId, error: Error, now: Instant) {
        if self.withdraw(id) == Withdrawn::AlreadySent {
            self.with_machine(id, now, |machine, cx| machine.abort(error, cx));
        }
    }

    /// The transfer that holds the control connection, if one does.
    pub fn running_transfer(&self) -> Option<OpId> {
        self.running
            .iter()
            .find(|(_, machine)| machine.is_transfer())
            .map(|(id, _)| *id)
    }

    /// Bytes came from the server, as they are once TLS is taken off. None may come between an
    /// [`Output::Tls`] and [`handle_tls`](Self::handle_tls): the session ends.
    pub fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        if self.closed.is_none() {
            self.active_at = now;
            self.decoder.push(bytes);
            self.read_replies(now);
        }
    }

    /// The server closed the control connection, or it broke (`error`).
    pub fn handle_eof(&mut self, error: Option<std::io::Error>) {
        // What was held back by a pause is lost with the rest.
        let cause = match error {
            None => Error::new(
                ErrorKind::ConnectionLost,
                "the server closed the connection",
            ),
            Some(error) => Error::new(
                ErrorKind::ConnectionLost,
                "the connection to the server broke",
            )
            .with_source(error),
        };
        self.close(cause);
    }

    /// The control connection was changed over as [`Output::Tls`] said; or it could not be, which ends the
    /// session, for what has come half-way is neither clear text nor TLS. What comes unasked is ignored.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use wharf_proto::session::{Output, Security, Session, SessionConfig, TlsAction};
    ///
    /// let mut config = SessionConfig::default();
    /// config.security = Security::Explicit;
    /// let now = Instant::now();
    /// let mut session = Session::new(config, now);
    /// session.handle_input(b"220 ready\r\n", now);
    /// session.handle_input(b"234 go ahead\r\n", now);
    /// let asked = std::iter::from_fn(|| Some(session.poll_output()))
    ///     .take_while(|output| !matches!(output, Output::Wait(_)))
    ///     .any(|output| matches!(output, Output::Tls(TlsAction::Start)));
    /// assert!(asked && !session.is_secure());
    ///
    /// // Here the I/O layer shakes hands.
    /// session.handle_tls(Ok(()), now);
    /// assert!(session.is_secure());
    /// ```
    pub fn handle_tls(&mut self, result: Result<(), Error>, now: Instant) {
        if self.closed.is_some() || !self.memory.control.is_changing_over() {
            return;
        }
        self.active_at = now;
        match result {
            // Nothing but the login changes it over.
            Ok(()) => {
                self.memory.control = self.memory.control.changed_over();
                self.with_machine(OpId::LOGIN, now, Machine::on_tls);
            }
            Err(error) => self.farewell(OpId::LOGIN, error),
        }
    }

    /// Something happened to an operation's data connection. What comes for an operation that is over
    /// is ignored.
    pub fn handle_data(&mut self, id: OpId, event: DataEvent, now: Instant) {
        self.with_machine(id, now, |machine, cx| machine.on_data(event, cx));
    }

    /// The time that [`Output::Wait`] named has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.closed.is_some() || self.paused {
            return;
        }
        if let Some(overdue) = self.ledger.overdue(now).cloned() {
            let error = Error::new(ErrorKind::Timeout, self.overdue_message(&overdue.command))
                .with_command(&overdue.command, true);
            self.with_machine(overdue.op, now, |machine, cx| {
                machine.on_reply_timeout(error, cx)
            });
        }
        let due: Vec<OpId> = self
            .running
            .iter()
            .filter(|(_, machine)| machine.deadline().is_some_and(|deadline| deadline <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            self.with_machine(id, now, Machine::on_deadline);
        }
        if self.keep_alive_at().is_some_and(|at| at <= now) {
            let noop = Box::new(Simple::new(Command::bare("NOOP")));
            self.queue.push_back((OpId::KEEPALIVE, noop));
            self.active_at = now;
            self.dispatch(now);
        }
    }

    /// Holds replies back: none is handed on, and no time-out runs, until [`resume`](Self::resume).
    /// Commands still go out. The I/O layer stops reading meanwhile.
    pub fn pause(&mut self) {
        self.paused = true;
    }

    /// Hands on what was held back.
    pub fn resume(&mut self, now: Instant) {
        self.paused = false;
        self.ledger.start_clock(now);
        self.read_replies(now);
    }

    /// Whether replies are held back.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// No caller is left: what is queued is carried out, then comes QUIT and the end.
    pub fn finish(&mut self, now: Instant) {
        if !self.finishing && self.closed.is_none() {
            self.finishing = true;
            let quit = Box::new(Simple::new(Command::bare("QUIT")));
            self.queue.push_back((OpId::FAREWELL, quit));
            if self.paused {
                self.resume(now);
            }
            self.dispatch(now);
        }
    }

    /// Ends the session at once: nothing more is written, and every operation fails with
    /// [`ErrorKind::ConnectionLost`] because of `cause`.
    pub fn fail(&mut self, cause: Error) {
        self.close(cause);
    }

    /// Why the session has ended, if it has.
    pub fn closed(&self) -> Option<&Error> {
        self.closed.as_ref()
    }

    /// Whether the control connection is encrypted now.
    pub fn is_secure(&self) -> bool {
        self.memory.control.is_secure()
    }

    /// What the server greeted us with. There is none if it came in clear text ahead of TLS: whoever sent
    /// it is not known.
    pub fn greeting(&self) -> Option<&Reply> {
        self.memory.greeting.as_ref()
    }

    /// Its peculiarities: those of the configuration, or of its words.
    pub fn quirks(&self) -> &Quirks {
        &self.memory.quirks
    }

    /// Who the server is, by its greeting, or by its words behind it if that came ahead of TLS.
    pub fn server(&self) -> Server {
        self.memory.server
    }

    /// The next thing to do; [`Output::Wait`] when there is nothing.
    pub fn poll_output(&mut self) -> Output {
        self.outputs
            .pop_front()
            .unwrap_or_else(|| Output::Wait(self.deadline()))
    }

    fn deadline(&self) -> Option<Instant> {
        if self.closed.is_some() || self.paused {
            return None;
        }
        self.running
            .iter()
            .filter_map(|(_, machine)| machine.deadline())
            .chain(self.ledger.deadline())
            .chain(self.keep_alive_at())
            .min()
    }

    fn keep_alive_at(&self) -> Option<Instant> {
        let idle = self.running.is_empty() && self.queue.is_empty() && self.ledger.is_empty();
        self.config
            .keep_alive
            .filter(|_| idle)
            .and_then(|interval| self.active_at.checked_add(interval))
    }

    fn overdue_message(&self, command: &str) -> String {
        let limit = self.config.reply_timeout;
        if command == GREETING {
            format!("the server did not greet us within {limit:?}")
        } else {
            format!("no reply within {limit:?}")
        }
    }

    /// Starts queued operations for as long as the window allows.
    fn dispatch(&mut self, now: Instant) {
        while self.closed.is_none() {
            let Some((_, next)) = self.queue.front() else {
                return;
            };
            let alone = self.running.is_empty();
            let beside = next.pipelines()
                && self.ledger.len() < self.config.window
                && self.running.iter().all(|(_, machine)| machine.pipelines());
            if !alone && !beside {
                return;
            }
            let job = self
                .queue
                .pop_front()
                .expect("the front was just looked at");
            let id = job.0;
            self.running.push_back(job);
            self.active_at = now;
            self.call(id, now, Machine::start);
        }
    }

    /// Calls a running operation, then whatever its turn being over lets start.
    fn with_machine(
        &mut self,
        id: OpId,
        now: Instant,
        call: impl FnOnce(&mut (dyn Machine + 'static), &mut Cx<'_>) -> Result<Step, Error>,
    ) {
        if self.closed.is_none() {
            self.call(id, now, call);
            self.dispatch(now);
        }
    }

    fn call(
        &mut self,
        id: OpId,
        now: Instant,
        call: impl FnOnce(&mut (dyn Machine + 'static), &mut Cx<'_>) -> Result<Step, Error>,
    ) {
        let Some(position) = self.running.iter().position(|(running, _)| *running == id) else {
            return;
        };
        let Self {
            config,
            memory,
            ledger,
            outputs,
            running,
            ..
        } = self;
        let (_, machine) = &mut running[position];
        let mut cx = Cx {
            id,
            now,
            config,
            memory,
            ledger,
            outputs,
        };
        match call(&mut **machine, &mut cx) {
            Ok(Step::Wait) => {}
            Ok(Step::Done(outcome)) => self.conclude(position, Some(Ok(outcome))),
            Ok(Step::Over) => self.conclude(position, None),
            Err(error) => self.conclude(position, Some(Err(error))),
            Ok(Step::DoneAndClose(outcome, cause)) => {
                self.conclude(position, Some(Ok(outcome)));
                self.close(cause);
            }
            Ok(Step::Close(cause)) => {
                machine.on_lost(cause.clone(), &mut cx);
                self.conclude(position, None);
                self.close(cause);
            }
        }
    }

    fn conclude(&mut self, position: usize, result: Option<Result<Outcome, Error>>) {
        if let Some((id, _)) = self.running.remove(position) {
            self.ledger.forget(id);
            if let Some(result) = result {
                self.outputs
                    .push_back(Output::Event(id, Event::Finished(result)));
            }
        }
    }

    /// Ends the session with `goodbye`, which is the answer to `op`.
    fn farewell(&mut self, op: OpId, goodbye: Error) {
        let cause = goodbye.clone();
        self.call(op, self.active_at, |_, _| Ok(Step::Close(cause)));
        // If nobody was left to hear it, the session ends all the same.
        self.close(goodbye);
    }

    /// Ends everything, in order: what runs, then what is queued.
    fn close(&mut self, cause: Error) {
        if self.closed.is_some() {
            return;
        }
        self.closed = Some(cause.clone());
        // No byte after the end: what was about to be written no longer is, nor said to have been.
        self.outputs.retain(|output| {
            !matches!(
                output,
                Output::Transmit(_)
                    | Output::Tls(_)
                    | Output::Data(_, DataAction::Secure)
                    | Output::Trace(Trace::Sent(_))
            )
        });
        let now = self.active_at;
        let Self {
            config,
            memory,
            ledger,
            outputs,
            running,
            queue,
            ..
        } = self;
        for (id, mut machine) in running.drain(..) {
            let error = lost(&cause, &*machine, machine.is_sent());
            let mut cx = Cx {
                id,
                now,
                config,
                memory,
                ledger,
                outputs,
            };
            machine.on_lost(error, &mut cx);
        }
        for (id, machine) in queue.drain(..) {
            let error = lost(&cause, &*machine, false);
            outputs.push_back(Output::Event(id, Event::Finished(Err(error))));
        }
        *ledger = Ledger::default();
        self.outputs.push_back(Output::Closed(cause));
    }
}

/// What an operation gets that the end of the connection finds unanswered.
fn lost(cause: &Error, machine: &dyn Machine, sent: bool) -> Error {
    Error::connection_lost(cause).with_command(&machine.describe(), sent)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_greeting_that_never_comes_is_no_command_s_fault() {
        #[expect(
            clippy::disallowed_methods,
            reason = "an instant to count from; the clock is not looked at again"
        )]
        let now = Instant::now();
        let mut session = Session::new(SessionConfig::default(), now);
        session.handle_timeout(now + Duration::from_mins(1));
        let error = std::iter::from_fn(|| match session.poll_output() {
            Output::Wait(_) => None,
            output => Some(output),
        })
        .find_map(|output| match output {
            Output::Event(OpId::LOGIN, Event::Finished(Err(error))) => Some(error),
            _ => None,
        })
        .unwrap();
        assert_eq!((error.command(), error.was_sent()), (None, false));
        assert_eq!(error.to_string(), "the server did not greet us within 60s");
    }
}
