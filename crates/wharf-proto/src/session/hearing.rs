//! What is heard from the server: replies for whoever they are owed to, and what is owed to nobody.

use std::time::Instant;

use super::{Session, Trace};
use crate::error::{Error, ErrorKind};
use crate::op::{GREETING, Mark, OpId, Step};
use crate::output::Output;
use crate::reply::{Framed, Message, Multiline, Reply};
use crate::text::escaped;

/// How many lines that belong to no reply are passed over between two replies before the peer is not
/// taken for an FTP server any more. GridFTP sends one now and then.
const IGNORED_LINES: u32 = 100;

impl Session {
    /// Hands on what has come, as far as it is whole.
    pub(super) fn read_replies(&mut self, now: Instant) {
        loop {
            self.refuse_intrusion();
            if self.closed.is_some() || self.paused {
                return;
            }
            if self.memory.quirks.multiline == Multiline::Tolerant {
                self.decoder.set_multiline(Multiline::Tolerant);
            }
            match self.decoder.next() {
                Ok(None) => return,
                Ok(Some(Framed::Reply(message))) => self.on_message(message, now),
                Ok(Some(Framed::Stray(line))) => self.on_stray(&self.ledger.masked(line)),
                Err(error) => {
                    let cause =
                        Error::new(ErrorKind::BadResponse, "the server's reply is too long")
                            .with_source(error);
                    self.close(cause);
                }
            }
        }
    }

    /// Whatever comes while the connection is being changed over was not written by the peer that TLS
    /// proves: somebody may have put it there to be taken for the first replies behind the handshake.
    fn refuse_intrusion(&mut self) {
        if self.memory.control.is_changing_over() && !self.decoder.is_empty() {
            let cause = Error::new(
                ErrorKind::Tls,
                "more came in clear text where TLS was to begin or to end: somebody on the way may have put it there",
            );
            self.farewell(OpId::LOGIN, cause);
        }
    }

    fn on_message(&mut self, mut message: Message, now: Instant) {
        for line in &mut message.lines {
            *line = self.ledger.masked(std::mem::take(line));
        }
        for line in &message.lines {
            self.outputs
                .push_back(Output::Trace(Trace::Received(escaped(line).to_string())));
        }
        let preliminary = message.code.is_preliminary();
        let Some(front) = self.ledger.front() else {
            return self.on_unasked(message);
        };
        if !preliminary {
            return self.on_final(message, now);
        }
        let op = front.op;
        let mut role = Mark::Preliminary;
        let mark = Reply::new(Vec::new(), message.clone());
        self.with_machine(op, now, |machine, cx| {
            role = machine.on_mark(&mark, cx);
            Ok(Step::Wait)
        });
        match role {
            Mark::Final => self.on_final(message, now),
            Mark::Preliminary => {
                if !self.ledger.mark(message.lines, self.config.limits) {
                    self.close(Error::new(
                        ErrorKind::BadResponse,
                        "the server sends preliminary replies without end",
                    ));
                }
            }
        }
    }

    fn on_final(&mut self, message: Message, now: Instant) {
        self.ignored_lines = 0;
        let pending = self
            .ledger
            .answer(now)
            .expect("the caller saw the front of the ledger");
        let code = message.code;
        let reply = Reply::new(pending.marks, message);
        let asked = &pending.command;
        // libunftp takes leave of the idle with 221, which may cross with a command: it must not be
        // taken for that command's success.
        let dismissed = code == 221 && !asked.eq_ignore_ascii_case("QUIT");
        if code == 421 || dismissed {
            let mut goodbye = Error::from_reply(reply, asked);
            if dismissed {
                goodbye = goodbye
                    .with_kind(ErrorKind::CommandFailed)
                    .with_message("was answered with the end of the session");
            }
            // The operation hears the server's reason as its own; then the connection is over, and
            // nothing more may be sent to it (RFC 959 §4.2: "closing control connection").
            self.farewell(pending.op, goodbye);
            return;
        }
        let result = if code.is_success() || code.is_preliminary() {
            Ok(reply)
        } else {
            Err(Error::from_reply(reply, asked))
        };
        self.with_machine(pending.op, now, |machine, cx| machine.on_reply(result, cx));
    }

    /// A reply while none is owed.
    fn on_unasked(&mut self, message: Message) {
        let code = message.code;
        if code.is_preliminary() {
            self.pass_over();
            return;
        }
        let reply = Reply::new(Vec::new(), message);
        let cause = match code.get() {
            // 421 is how servers say goodbye to the idle; libunftp says 221.
            421 | 221 => Error::from_reply(reply, "")
                .with_kind(ErrorKind::CommandFailed)
                .with_message("the server ended the session"),
            _ => Error::from_reply(reply, "")
                .with_kind(ErrorKind::UnexpectedResponse)
                .with_message("the server sent a reply that nobody asked for"),
        };
        self.close(cause);
    }

    /// A line that is no reply.
    fn on_stray(&mut self, line: &[u8]) {
        self.outputs
            .push_back(Output::Trace(Trace::Ignored(escaped(line).to_string())));
        match self.ledger.front() {
            Some(front) if front.command == GREETING => {
                let shown = escaped(line.get(..80).unwrap_or(line)).to_string();
                let cause = Error::new(
                    ErrorKind::BadResponse,
                    format!("the server does not speak FTP: it began with \"{shown}\""),
                );
                self.farewell(front.op, cause);
            }
            _ => self.pass_over(),
        }
    }

    fn pass_over(&mut self) {
        self.ignored_lines += 1;
        if self.ignored_lines > IGNORED_LINES {
            self.close(Error::new(
                ErrorKind::BadResponse,
                "the server sends line after line that belongs to no reply",
            ));
        }
    }
}
