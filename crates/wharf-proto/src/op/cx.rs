//! What a machine may touch while it is called.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::command::Command;
use crate::config::SessionConfig;
use crate::error::{Error, ErrorKind};
use crate::ledger::{Ledger, OpId};
use crate::op::Memory;
use crate::op::secure::Control;
use crate::output::{DataAction, Event, Output, TlsAction};
use crate::server::{Quirks, Server};

/// The commands whose argument is a path, or ends in one.
const TAKE_PATHS: [&str; 21] = [
    "CWD", "XCWD", "MKD", "XMKD", "RMD", "XRMD", "DELE", "RNFR", "RNTO", "SIZE", "MDTM", "MFMT",
    "MLST", "MLSD", "LIST", "NLST", "RETR", "STOR", "APPE", "STOU", "STAT",
];

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
        self.admit(command)?;
        self.transmit(command)
    }

    /// Sends AUTH or CCC, which only [`secure`](super::secure) may.
    pub(crate) fn send_security(&mut self, command: &Command) -> Result<(), Error> {
        self.transmit(command)
    }

    fn transmit(&mut self, command: &Command) -> Result<(), Error> {
        let line = self.line(command)?;
        if command.verb() == "USER" {
            self.memory.anonymous = command.names_anonymous();
        }
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

    /// Fails if one of these commands must not go out, or is more than the server can hold. An operation of
    /// several asks this first, so that none of them is sent when one of them cannot be.
    pub(crate) fn check<'c>(
        &self,
        commands: impl IntoIterator<Item = &'c Command>,
    ) -> Result<(), Error> {
        commands.into_iter().try_for_each(|command| {
            self.admit(command)?;
            self.line(command).map(drop)
        })
    }

    /// Fails for what must not go out as things are, whoever wants it to.
    fn admit(&self, command: &Command) -> Result<(), Error> {
        let (kind, why) = match &*command.verb() {
            "AUTH" | "CCC" => (
                ErrorKind::InvalidInput,
                "is sent as the configuration says, and not otherwise",
            ),
            // RFC 4217 has TLS end with the login; pyftpdlib keeps it, and nobody can tell which it is
            // but by trying.
            "REIN" if self.memory.control.has_been_secure() => (
                ErrorKind::Unsupported,
                "leaves open what becomes of TLS: begin another connection instead",
            ),
            // It would read, replace or remove something else.
            verb if self.memory.quirks.drops_non_ascii
                && TAKE_PATHS.contains(&verb)
                && !command.argument().is_ascii() =>
            {
                (
                    ErrorKind::Unsupported,
                    "would be about something else, for this server drops what is not ASCII from a path",
                )
            }
            verb if command.holds_secret()
                && !self.keeps_secrets()
                && !(verb == "PASS" && self.memory.anonymous) =>
            {
                (
                    ErrorKind::Cleartext,
                    "would have gone out in clear text, and was not sent",
                )
            }
            _ => return Ok(()),
        };
        Err(Error::new(kind, why).with_command(&command.redacted(), false))
    }

    /// Whether what goes out is encrypted, or need not be.
    pub(crate) fn keeps_secrets(&self) -> bool {
        self.memory.control.is_secure() || self.config.plaintext_secrets
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

    /// Has the control connection changed over, and gives back when that must be done.
    pub(crate) fn change_over(&mut self, action: TlsAction) -> Option<Instant> {
        self.memory.control = match action {
            TlsAction::Start => Control::Starting,
            TlsAction::Stop => Control::Stopping,
        };
        self.outputs.push_back(Output::Tls(action));
        self.after(self.config.handshake_timeout)
    }

    /// Takes the server for this one, with its peculiarities unless the configuration knows better.
    pub(crate) fn recognise(&mut self, server: Server) {
        let quirks = self.config.quirks.unwrap_or_else(|| Quirks::of(server));
        self.memory.server = server;
        self.memory.wire = quirks.wire();
        self.memory.quirks = quirks;
    }

    pub(crate) fn data(&mut self, action: DataAction) {
        self.outputs.push_back(Output::Data(self.id, action));
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(self.id, event));
    }
}
