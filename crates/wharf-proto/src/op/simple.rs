//! One command, one reply.
//!
//! ```text
//! start ─▶ [Type] ──2yz──▶ Sent ──2yz,3yz──▶ done
//!   │                       │ 500,502 and an RFC 775 name is known
//!   │                       └──X-command──▶ Sent
//!   └ only if offered, and known not to be: failed
//! ```

use super::{Cx, Machine, OpId, Outcome, Representation, Step, is_not_offered, is_unknown_command};
use crate::command::Command;
use crate::error::{Error, ErrorKind};
use crate::reply::Reply;

/// A command without a data connection.
#[derive(Debug)]
pub struct Simple {
    command: Command,
    fallback: Option<Command>,
    /// The caller has another way.
    if_offered: bool,
    /// What must be current when the command goes out.
    representation: Option<Representation>,
    /// TYPE was sent, and the command was not.
    is_typing: bool,
}

impl Simple {
    /// The command as it is.
    pub fn new(command: Command) -> Self {
        Self {
            command,
            fallback: None,
            if_offered: false,
            representation: None,
            is_typing: false,
        }
    }

    /// The command, and the older spelling for a server that does not know it: RFC 775's XCWD,
    /// XPWD, XMKD, XRMD and XCUP.
    pub fn with_fallback(command: Command, fallback: Command) -> Self {
        Self {
            fallback: Some(fallback),
            ..Self::new(command)
        }
    }

    /// The same in this representation, of which the answer to SIZE is one: a TYPE goes ahead if another is
    /// current.
    #[must_use]
    pub fn represented_as(mut self, representation: Representation) -> Self {
        self.representation = Some(representation);
        self
    }

    /// The same for a caller who has another way where the server lacks the command: once it has said so, the
    /// operation fails with [`ErrorKind::Unsupported`] and sends nothing, until somebody logs in anew.
    #[must_use]
    pub fn if_offered(mut self) -> Self {
        self.if_offered = true;
        self
    }

    fn refused(&mut self, refusal: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if let Some(code) = refusal.code() {
            cx.memory.learn_refusal(&self.command, code);
        }
        if self.if_offered && is_not_offered(&refusal) {
            cx.memory.remember_unknown(&self.command.verb());
        }
        let unknown = is_unknown_command(refusal.code());
        match self.fallback.take().filter(|_| unknown) {
            Some(fallback) => {
                cx.memory.remember_unknown(&self.command.verb());
                self.command = fallback;
                cx.send(&self.command)?;
                Ok(Step::Wait)
            }
            None => Err(refusal),
        }
    }
}

/// Commands behind which nothing may be sent before they are answered, because the answer changes
/// what the connection is.
const BARRIERS: [&str; 7] = ["USER", "PASS", "ACCT", "REIN", "RNFR", "ABOR", "QUIT"];

impl Machine for Simple {
    fn describe(&self) -> String {
        self.command.redacted()
    }

    fn is_sent(&self) -> bool {
        !self.is_typing
    }

    fn start(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if cx.memory.is_unknown(&self.command.verb()) {
            if self.if_offered {
                let error = Error::new(ErrorKind::Unsupported, "is not known to this server");
                return Err(error.with_command(&self.command.redacted(), false));
            }
            if let Some(fallback) = self.fallback.take() {
                self.command = fallback;
            }
        }
        cx.check([&self.command])?;
        match self.representation {
            Some(wanted) if cx.memory.representation != Some(wanted) => {
                self.is_typing = true;
                cx.send(&wanted.command())?;
            }
            _ => cx.send(&self.command)?,
        }
        Ok(Step::Wait)
    }

    fn on_reply(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if std::mem::take(&mut self.is_typing) {
            let _accepted = reply?;
            cx.memory.representation = self.representation;
            cx.send(&self.command)?;
            return Ok(Step::Wait);
        }
        match reply {
            Ok(reply) => {
                cx.memory.learn(&self.command, &reply);
                if self.command.verb() == "QUIT" {
                    let farewell = Error::new(ErrorKind::ConnectionLost, "the session has ended")
                        .with_reply(reply.clone());
                    return Ok(Step::DoneAndClose(Outcome::Reply(reply), farewell));
                }
                Ok(Step::Done(Outcome::Reply(reply)))
            }
            // Nobody is left who could do anything else with a session that may not quit.
            Err(error) if cx.id == OpId::FAREWELL => Ok(Step::Close(error)),
            Err(error) => self.refused(error, cx),
        }
    }

    fn pipelines(&self) -> bool {
        // A second command would have to be sent behind whatever followed the first.
        self.fallback.is_none()
            && self.representation.is_none()
            && !BARRIERS.contains(&&*self.command.verb())
    }
}
