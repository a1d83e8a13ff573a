//! Getting in step again after a transfer was given up (RFC 959 §4.1.3 and `ABOR` as servers know
//! it).
//!
//! ```text
//! Reply ──final reply──▶ Fence ──257──▶ settled
//!   │ grace over           │ 226, 426 …: left over, at most two
//!   └──ABOR──▶ Asked ──────┘
//! ```
//!
//! Closing the data connection is the one thing that stops a transfer on every server; the server then
//! owes one final reply. How many come, and in which order, differs, so a PWD goes out as a fence:
//! nothing else is answered 257, hence a 257 proves that we are in step and that whatever came before
//! it belonged to the transfer. ABOR itself is kept for servers that do not notice: GridFTP closes the
//! control connection on it, and vsFTPd ignores it until the transfer is over.

use std::time::Instant;

use super::Cx;
use crate::command::Command;
use crate::error::{Error, ErrorKind};
use crate::reply::Reply;

/// An abort on its way.
#[derive(Debug)]
pub(crate) struct Settling {
    stage: Stage,
    /// When an ABOR is sent, and then when the connection is given up.
    deadline: Option<Instant>,
    left_over: u8,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// The data connection is closed; the transfer's final reply is owed.
    Reply,
    /// ABOR was sent; at least one of two replies is owed.
    Asked,
    /// PWD was sent; its 257 is owed.
    Fence,
}

/// Where settling stands.
#[derive(Debug)]
pub(crate) enum Settled {
    NotYet,
    InStep,
    Lost(Error),
}

/// How many replies may come between a transfer's end and the fence's 257: libunftp sends two, and
/// no server was seen to send more.
const LEFT_OVER: u8 = 2;

impl Settling {
    /// Starts waiting for the transfer's final reply; the ledger holds its place already.
    pub(crate) fn begin(cx: &mut Cx<'_>) -> Self {
        cx.time_reply(None);
        Self {
            stage: Stage::Reply,
            deadline: cx.after(cx.config.settle_timeout / 2),
            left_over: 0,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether a 1yz that comes now is the transfer's end.
    pub(crate) fn awaits_final(&self) -> bool {
        self.stage == Stage::Reply
    }

    pub(crate) fn on_reply(
        &mut self,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Settled, Error> {
        match self.stage {
            // After an ABOR two replies are owed, the transfer's and ABOR's. Servers send one or both,
            // and the fence finds out; so the ledger forgets the other.
            Stage::Reply | Stage::Asked => {
                cx.ledger.forget(cx.id);
                self.fence(cx)
            }
            Stage::Fence => {
                if reply.is_ok_and(|reply| reply.code() == 257) {
                    return Ok(Settled::InStep);
                }
                self.left_over += 1;
                if self.left_over > LEFT_OVER {
                    return Ok(Settled::Lost(Error::new(
                        ErrorKind::ConnectionLost,
                        "the server's replies after an abort cannot be told apart",
                    )));
                }
                cx.expect("PWD", None);
                Ok(Settled::NotYet)
            }
        }
    }

    pub(crate) fn on_deadline(&mut self, cx: &mut Cx<'_>) -> Result<Settled, Error> {
        if self.stage == Stage::Reply && cx.memory.quirks.abor_closes_control {
            return self.fence(cx);
        }
        if self.stage == Stage::Reply {
            cx.send(&Command::bare("ABOR"))?;
            cx.time_reply(None);
            self.stage = Stage::Asked;
            self.deadline = cx.after(cx.config.settle_timeout / 2);
            return Ok(Settled::NotYet);
        }
        Ok(Settled::Lost(Error::new(
            ErrorKind::Timeout,
            "the server did not settle after an aborted transfer",
        )))
    }

    fn fence(&mut self, cx: &mut Cx<'_>) -> Result<Settled, Error> {
        cx.send(&Command::bare("PWD"))?;
        cx.time_reply(None);
        self.stage = Stage::Fence;
        self.deadline = cx.after(cx.config.settle_timeout / 2);
        Ok(Settled::NotYet)
    }
}
