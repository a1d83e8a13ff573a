//! How a transfer ends: by the server's last word, by a data connection that broke, or because it is given
//! up; and what is cleared up then.

use std::time::Duration;

use super::secure::Protection;
use super::{State, Transfer, rest};
use crate::error::{Error, ErrorKind};
use crate::op::abort::{Settled, Settling};
use crate::op::{Completion, Cx, DataAction, Direction, Event, Machine, Outcome, Step};
use crate::reply::Reply;

/// A server connects before it says that it has sent everything, so what is on its way is here soon.
const LATE_CONNECTION: Duration = Duration::from_secs(2);

impl Transfer {
    /// Ends the operation before its command went out.
    pub(super) fn fail_early(&mut self, error: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
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
        self.conclude(Err(error), cx)
    }

    /// Ends the operation, with this result unless one was told already.
    pub(super) fn conclude(
        &mut self,
        result: Result<Outcome, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        if !self.told && !self.aborted {
            return result.map(Step::Done);
        }
        self.tell(result, cx);
        if self.aborted && !self.returns {
            cx.event(Event::Settled(Ok(())));
        }
        Ok(Step::Over)
    }

    pub(super) fn tell(&mut self, result: Result<Outcome, Error>, cx: &mut Cx<'_>) {
        if !self.told {
            self.told = true;
            cx.event(Event::Finished(result));
        }
    }

    pub(super) fn completion(&mut self, reply: Reply) -> Outcome {
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
    pub(super) fn on_final(
        &mut self,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        let reply = match reply {
            Ok(reply) if reply.code().is_completion() => reply,
            Ok(reply) => {
                cx.data(DataAction::Release);
                let error = Error::from_reply(reply, &self.command.redacted())
                    .with_kind(ErrorKind::BadResponse)
                    .with_message("is neither done nor refused by");
                return self.conclude(Err(error), cx);
            }
            Err(error) => return self.refused(error, cx),
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
            (Direction::Download, State::Asked) if self.is_ready() => {
                self.start_stream(cx);
            }
            (Direction::Download, State::Asked) => {
                self.deadline = cx.after(self.patience(cx));
                self.state = State::Accepting(reply);
                return Ok(Step::Wait);
            }
            (Direction::Download, _) => {}
        }
        let outcome = self.completion(reply);
        self.conclude(Ok(outcome), cx)
    }

    /// How long the data connection may still take that a server has had its last word about.
    fn patience(&self, cx: &Cx<'_>) -> Duration {
        let limit = cx.config.accept_timeout;
        match self.listed {
            // There may be none, for there is nothing to list.
            Some(_) => limit.min(LATE_CONNECTION),
            None => limit,
        }
    }

    /// What the transfer ended with, for a failure that is the server's word on its command, or is that it
    /// called it done and did not connect; `None` if anything else went wrong, and once there is a stream.
    pub(in crate::op) fn unstarted_completion(&self, failure: &Error) -> Option<Completion> {
        let is_of_this = failure.command() == Some(&*self.command.redacted());
        let reply = failure.reply().filter(|_| is_of_this && !self.started)?;
        if reply.code().is_completion() && self.connected {
            return None;
        }
        Some(Completion {
            address: self.address.clone()?,
            setup: self.setup_replies.clone(),
            reply: reply.clone(),
        })
    }

    /// The data connection broke; the server's words, which say why, may be on their way.
    pub(super) fn on_data_failure(&mut self, error: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
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
            State::Listening => self.conclude(Err(error), cx),
            State::Port | State::Setup => {
                self.given_up = Some(error);
                Ok(Step::Wait)
            }
            State::Accepting(reply) => {
                let error = error.with_reply(reply.clone());
                self.conclude(Err(error), cx)
            }
            State::Refused(refusal) => {
                let refusal = refusal.clone().with_source(error);
                self.refused(refusal, cx)
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

    /// A data connection's failure and the server's last word on it, as one error.
    pub(super) fn joined(&self, failure: Error, reply: Result<Reply, Error>) -> Error {
        match reply {
            Ok(reply) => failure.with_reply(reply),
            // The refusal is the server's answer to our hanging up.
            Err(refusal)
                if matches!(
                    failure.kind(),
                    ErrorKind::UnexpectedData | ErrorKind::Certificate
                ) =>
            {
                failure.with_source(refusal)
            }
            // It broke because the server refuses the file: ProFTPD cuts the handshake off then.
            Err(refusal) if self.refuses_the_file(&refusal) => refusal,
            // The server knows why it broke.
            Err(refusal) => self.explained(refusal.with_source(failure)),
        }
    }

    /// Gives the transfer up: tells the caller, stops the data, and gets in step again.
    pub(super) fn give_up(&mut self, error: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
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
                self.conclude(Err(error), cx)
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
            State::Refused(refusal) => {
                let refusal = refusal.clone();
                self.refused(refusal, cx)
            }
        }
    }

    pub(super) fn settle(&mut self, cx: &mut Cx<'_>) -> Step {
        let settling = Settling::begin(cx);
        self.deadline = settling.deadline();
        self.state = State::Settling(settling);
        Step::Wait
    }

    pub(super) fn settled(&mut self, settled: Settled, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if let State::Settling(settling) = &self.state {
            self.deadline = settling.deadline();
        }
        match settled {
            Settled::NotYet => Ok(Step::Wait),
            Settled::InStep => {
                let error = Error::new(ErrorKind::Aborted, "the transfer was given up");
                self.conclude(Err(error), cx)
            }
            Settled::Lost(error) => Ok(Step::Close(error)),
        }
    }

    /// The error as the transfer command's, unless it is another command's.
    pub(super) fn of_this_command(&self, error: Error) -> Error {
        if error.command().is_some() {
            return error;
        }
        error.with_command(&self.command.redacted(), self.is_sent())
    }

    pub(super) fn no_connection(&self) -> Error {
        let what = if self.protection == Protection::Shaking {
            "the TLS handshake of the data connection was not finished in time"
        } else {
            "the server did not open the data connection in time"
        };
        Error::new(ErrorKind::Timeout, what).with_command(&self.command.redacted(), true)
    }
}
