//! TLS on the data connection: when the handshake begins, what it holds up, and what a server means that
//! refuses it.
//!
//! ```text
//! Wanted ──connected, and the command sent──▶ Shaking ──▶ Secured
//! ```
//!
//! It begins as soon as the command is sent, with the mark still to come: ftp-srv shakes hands ahead of its
//! 150 and vsFTPd behind it, and each would wait for ever if we waited for the other.

use std::time::Duration;

use super::{State, Transfer};
use crate::error::{Error, ErrorKind};
use crate::op::{Cx, DataAction, Step};
use crate::reply::{Code, Reply};

/// How a transfer's data connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    /// Not at all.
    Clear,
    /// By TLS, as soon as there is a connection.
    Wanted,
    /// The I/O layer shakes hands.
    Shaking,
    Secured {
        /// It continues the control connection's TLS session.
        resumed: bool,
    },
}

impl Transfer {
    /// Whether the data connection stands, and is protected as it was agreed.
    pub(super) fn is_ready(&self) -> bool {
        self.connected
            && matches!(
                self.protection,
                Protection::Clear | Protection::Secured { .. }
            )
    }

    /// The command was sent, or the data connection came a step nearer behind it.
    pub(super) fn proceed(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if self.connected && self.protection == Protection::Wanted {
            self.protection = Protection::Shaking;
            if self.deadline.is_some() {
                self.deadline = cx.after(cx.config.accept_timeout);
            }
            cx.data(DataAction::Secure);
        }
        if !self.is_ready() {
            return Ok(Step::Wait);
        }
        match &self.state {
            State::Asked if self.marks > 0 => Ok(self.run(cx)),
            State::Accepting(reply) => {
                let reply = reply.clone();
                self.start_stream(cx);
                let outcome = self.completion(reply);
                self.conclude(Ok(outcome), cx)
            }
            State::Refused(refusal) => {
                let refusal = refusal.clone();
                self.refused(refusal, cx)
            }
            _ => Ok(Step::Wait),
        }
    }

    /// The transfer was refused; says why, as soon as that is known.
    pub(super) fn refused(&mut self, refusal: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let refusal = self.explained(refusal);
        let open = self.protection == Protection::Shaking
            && refusal.kind() != ErrorKind::SessionReuse
            && is_about_the_handshake(&refusal);
        if open && !matches!(self.state, State::Refused(_)) {
            // In TLS 1.2 the server has the last message of a full handshake, and what it thinks of it may be
            // read first. The handshake is over at once then, one way or the other.
            self.deadline = cx.after(HANDSHAKE_LEFT);
            self.state = State::Refused(refusal);
            return Ok(Step::Wait);
        }
        cx.data(DataAction::Release);
        self.conclude(Err(refusal), cx)
    }

    /// Whether a refusal that came while the data connection shook hands has nothing to do with that.
    pub(super) fn refuses_the_file(&self, refusal: &Error) -> bool {
        self.protection == Protection::Shaking
            && refusal
                .code()
                .is_some_and(|code| !is_about_the_connection(code))
    }

    /// A refusal of the transfer, as that of its TLS session if that is what it is.
    pub(super) fn explained(&self, refusal: Error) -> Error {
        let unresumed = self.protection == Protection::Secured { resumed: false }
            && is_about_the_handshake(&refusal);
        let said = self.protection != Protection::Clear
            && refusal.reply().is_some_and(speaks_of_session_reuse);
        if unresumed || said {
            refusal
                .with_kind(ErrorKind::SessionReuse)
                .with_message("was refused, for the data connection did not resume the TLS session")
        } else {
            refusal
        }
    }
}

/// How long a handshake may take whose transfer was refused already.
const HANDSHAKE_LEFT: Duration = Duration::from_secs(1);

/// ProFTPD's 425 and vsFTPd's 522; other trouble with a connection that stands has other codes.
fn is_about_the_handshake(refusal: &Error) -> bool {
    refusal
        .code()
        .is_some_and(|code| matches!(code.get(), 425 | 522))
}

/// Whether a refusal speaks of the TLS session: `session reuse required` (vsFTPd), `TLS session of data
/// connection not resumed` (FileZilla Server). One of a file may have any words, for it repeats the name.
fn speaks_of_session_reuse(reply: &Reply) -> bool {
    let text = reply.text().to_ascii_lowercase();
    is_about_the_connection(reply.code())
        && text.contains("session")
        && ["reus", "resum"].iter().any(|word| text.contains(word))
}

/// x2z (RFC 959 §4.2.1), and 450 and 451, which servers have for trouble of every kind.
fn is_about_the_connection(code: Code) -> bool {
    code.is_failure() && (code.get() / 10 % 10 == 2 || matches!(code.get(), 450 | 451))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::tests::reply;

    #[test]
    fn a_server_that_wants_the_session_resumed_is_understood_in_its_own_words() {
        for line in [
            "522 SSL connection failed: session reuse required",
            "425 Unable to build data connection: TLS session of data connection not resumed",
            "450 TLS session of data connection has not resumed or the session does not match",
            "451 Session reuse is required",
        ] {
            assert!(
                speaks_of_session_reuse(&reply(format!("{line}\r\n").as_bytes())),
                "{line}"
            );
        }
    }

    #[test]
    fn a_refusal_of_a_file_is_not_one_of_the_session_whatever_its_name() {
        for line in [
            "550 session-reuse.txt: No such file",
            "226 session resumed",
            "425 Cannot open data connection",
            "426 Session closed",
        ] {
            assert!(
                !speaks_of_session_reuse(&reply(format!("{line}\r\n").as_bytes())),
                "{line}"
            );
        }
    }
}
