//! TLS on the control connection, the level of protection of the data connections, and the way back to clear
//! text (RFC 4217, RFC 2228). Two parts of a [`Login`](super::Login), which says when each has its turn.
//!
//! ```text
//! Securing:    Auth(TLS) ──2yz──▶ Shaking ──shaken──▶ secure
//!                 │ 500,501,502,504    ▲ 2yz
//!                 ├──▶ Auth(SSL) ──────┘
//!                 └─ 4yz,5yz: refused
//!
//! Protecting:  Buffer ──2yz──▶ Level ──2yz──▶ protected
//!                                └──2yz──▶ Clearing ──2yz──▶ Stopping ──stopped──▶ protected
//! ```
//!
//! AUTH is followed by nothing until the handshake is over, and a refusal of PBSZ, PROT, CDC or CCC ends the
//! session: how files travel is what the caller wants, or they do not travel.

use std::time::Instant;

use super::Cx;
use crate::command::Command;
use crate::config::DataProtection;
use crate::error::{Error, ErrorKind};
use crate::output::TlsAction;
use crate::reply::{Code, Reply};

/// How the control connection travels.
///
/// ```text
/// Clear ─▶ Starting ─▶ Secure ─▶ Stopping ─▶ Cleared
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Control {
    #[default]
    Clear,
    /// The I/O layer shakes hands.
    Starting,
    Secure,
    /// The I/O layer ends TLS.
    Stopping,
    /// In clear text again, behind CCC.
    Cleared,
}

impl Control {
    pub(crate) fn is_secure(self) -> bool {
        self == Self::Secure
    }

    /// Whether nothing may be said or heard at present.
    pub(crate) fn is_changing_over(self) -> bool {
        matches!(self, Self::Starting | Self::Stopping)
    }

    /// Whether there was an agreement that data connections may rest on.
    pub(crate) fn has_been_secure(self) -> bool {
        matches!(self, Self::Secure | Self::Stopping | Self::Cleared)
    }

    /// What it is once it was changed over.
    pub(crate) fn changed_over(self) -> Self {
        match self {
            Self::Starting => Self::Secure,
            Self::Stopping => Self::Cleared,
            settled => settled,
        }
    }
}

/// TLS on its way to the control connection.
#[derive(Debug)]
pub(crate) enum Securing {
    /// AUTH was sent. `unknown` is the answer to the usual spelling, if this is the older one.
    Auth { unknown: Option<Error> },
    /// The I/O layer shakes hands.
    Shaking { deadline: Option<Instant> },
}

/// What the server says to AUTH.
#[derive(Debug)]
pub(crate) enum Answered {
    NotYet,
    /// It has no TLS for us, and the session goes on as it was.
    Refused(Error),
}

impl Securing {
    /// Asks for TLS.
    pub(crate) fn ask(cx: &mut Cx<'_>) -> Result<Self, Error> {
        cx.send_security(&Command::bare("AUTH TLS"))?;
        Ok(Self::Auth { unknown: None })
    }

    /// Shakes hands without having asked.
    pub(crate) fn at_once(cx: &mut Cx<'_>) -> Self {
        Self::Shaking {
            deadline: cx.change_over(TlsAction::Start),
        }
    }

    /// AUTH was answered. RFC 4217 §4 has 234 for "go ahead"; a 3yz would want ADAT, which TLS has no use
    /// for.
    pub(crate) fn on_reply(
        &mut self,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Answered, Error> {
        let Self::Auth { unknown } = self else {
            return Ok(Answered::NotYet);
        };
        let refusal = match reply {
            Ok(reply) if reply.code().is_completion() => {
                *self = Self::at_once(cx);
                return Ok(Answered::NotYet);
            }
            Ok(reply) => return Err(refused(Error::from_reply(reply, "AUTH TLS"), NO_TLS)),
            Err(error) if error.code().is_some_and(Code::is_failure) => error,
            Err(error) => return Err(refused(error, NO_TLS)),
        };
        match unknown.take() {
            None if is_unknown_spelling(&refusal) => {
                *unknown = Some(refusal);
                cx.send_security(&Command::bare("AUTH SSL"))?;
                Ok(Answered::NotYet)
            }
            // The usual spelling's answer says more than that of the older one.
            first => Ok(Answered::Refused(refused(first.unwrap_or(refusal), NO_TLS))),
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Auth { .. } => None,
            Self::Shaking { deadline } => *deadline,
        }
    }
}

/// Whether a refusal may be of the word TLS alone: RFC 4217 §4 names 504 for that, and servers have 500, 501
/// and 502 too.
fn is_unknown_spelling(refusal: &Error) -> bool {
    refusal
        .code()
        .is_some_and(|code| matches!(code.get(), 500 | 501 | 502 | 504))
}

/// The agreement about data connections on its way, and behind it the end of TLS if that is wanted.
#[derive(Debug)]
pub(crate) struct Protecting {
    stage: Stage,
    /// What PBSZ was answered.
    buffer: Option<Reply>,
    /// What PROT or CDC was answered.
    level: Option<Reply>,
}

#[derive(Debug)]
enum Stage {
    /// PBSZ was sent.
    Buffer,
    /// PROT or CDC was sent.
    Level,
    /// CCC was sent.
    Clearing,
    /// The I/O layer ends TLS.
    Stopping { deadline: Option<Instant> },
}

/// What was agreed on, in the server's words.
#[derive(Debug)]
pub(crate) struct Protected {
    pub(crate) buffer: Reply,
    pub(crate) level: Reply,
}

impl Protecting {
    /// Asks for the buffer size that TLS has: none (RFC 4217 §9). PROT must not come without it.
    pub(crate) fn begin(cx: &mut Cx<'_>) -> Result<Self, Error> {
        cx.send(&Command::bare("PBSZ 0"))?;
        Ok(Self {
            stage: Stage::Buffer,
            buffer: None,
            level: None,
        })
    }

    /// The agreement, once it is there.
    pub(crate) fn on_reply(
        &mut self,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Protected>, Error> {
        match self.stage {
            Stage::Buffer => {
                self.buffer = Some(accepted(reply, "PBSZ 0", NO_PROTECTION)?);
                self.stage = Stage::Level;
                cx.send(&level(cx.config.data_protection).0)?;
                Ok(None)
            }
            Stage::Level => {
                let (command, refusal) = level(cx.config.data_protection);
                let reply = accepted(reply, &command.redacted(), refusal)?;
                cx.memory.learn(&command, &reply);
                self.level = Some(reply);
                if !cx.config.clear_command_channel {
                    return Ok(self.agreement());
                }
                self.stage = Stage::Clearing;
                cx.send_security(&Command::bare("CCC"))?;
                Ok(None)
            }
            Stage::Clearing => {
                accepted(reply, "CCC", NO_WAY_BACK)?;
                self.stage = Stage::Stopping {
                    deadline: cx.change_over(TlsAction::Stop),
                };
                Ok(None)
            }
            Stage::Stopping { .. } => Ok(None),
        }
    }

    /// What was agreed on, to be taken once.
    pub(crate) fn agreement(&mut self) -> Option<Protected> {
        Some(Protected {
            buffer: self.buffer.take()?,
            level: self.level.take()?,
        })
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Stopping { deadline } => deadline,
            _ => None,
        }
    }
}

/// The command that a choice is made by, and what its refusal means.
fn level(protection: DataProtection) -> (Command, &'static str) {
    match protection {
        DataProtection::Private => (Command::bare("PROT P"), NO_PROTECTION),
        DataProtection::DangerClearByProt => (Command::bare("PROT C"), NO_CLEAR_DATA),
        DataProtection::DangerClearByCdc => (Command::bare("CDC"), NO_CLEAR_DATA),
    }
}

const NO_TLS: &str = "was refused, so the session cannot be encrypted";
const NO_PROTECTION: &str = "was refused, so data connections cannot be encrypted";
const NO_CLEAR_DATA: &str = "was refused, so data connections cannot be left in clear text";
const NO_WAY_BACK: &str = "was refused, so the control connection cannot go back to clear text";

/// The 2yz that all of these commands need.
fn accepted(
    reply: Result<Reply, Error>,
    command: &str,
    refusal: &'static str,
) -> Result<Reply, Error> {
    match reply {
        Ok(reply) if reply.code().is_completion() => Ok(reply),
        Ok(reply) => Err(refused(Error::from_reply(reply, command), refusal)),
        Err(error) => Err(refused(error, refusal)),
    }
}

fn refused(error: Error, message: &'static str) -> Error {
    error.with_kind(ErrorKind::Tls).with_message(message)
}
