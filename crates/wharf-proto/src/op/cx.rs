//! What a machine may touch while it is called.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::command::{Command, Wire};
use crate::config::SessionConfig;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Ledger, OpId};
use crate::op::Representation;
use crate::output::{DataAction, Event, Output};
use crate::reply::Reply;
use crate::server::{Quirks, Server};

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
        let line = self.line(command)?;
        let redacted = command.redacted();
        self.ledger.expect(
            self.id,
            &redacted,
            Some(self.config.reply_timeout),
            self.now,
        );
        if let Some(secret) = command.secret_part() {
            self.ledger.guard(secret);
        }
        self.outputs.push_back(Output::sent(redacted));
        self.outputs.push_back(Output::Transmit(line));
        Ok(())
    }

    /// Fails if one of these commands is more than the server can hold. An operation of several asks
    /// this first, so that none of them is sent when one of them cannot be.
    pub(crate) fn check<'c>(
        &self,
        commands: impl IntoIterator<Item = &'c Command>,
    ) -> Result<(), Error> {
        commands
            .into_iter()
            .try_for_each(|command| self.line(command).map(drop))
    }

    fn line(&self, command: &Command) -> Result<Bytes, Error> {
        command.encode(&self.memory.wire).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "is too long for this server")
                .with_command(&command.redacted(), false)
                .with_source(error)
        })
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

/// What a session has learnt about its server.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) greeting: Option<Reply>,
    pub(crate) server: Server,
    pub(crate) wire: Wire,
    pub(crate) quirks: Quirks,
    /// The representation that is current, if it is known.
    pub(crate) representation: Option<Representation>,
    /// EPSV was refused, or its port could not be reached.
    pub(crate) avoid_epsv: bool,
    unknown_verbs: Vec<String>,
}

impl Memory {
    pub(crate) fn is_unknown(&self, verb: &str) -> bool {
        self.unknown_verbs.iter().any(|unknown| unknown == verb)
    }

    pub(crate) fn remember_unknown(&mut self, verb: &str) {
        if !self.is_unknown(verb) {
            self.unknown_verbs.push(verb.to_owned());
        }
    }
}
