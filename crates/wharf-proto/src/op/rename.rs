//! RNFR and RNTO, with nothing between them (RFC 959 §4.1.3).
//!
//! ```text
//! start ──RNFR──▶ From ──2yz,3yz──RNTO──▶ To ──2yz,3yz──▶ done
//!                  └─ anything else: RNTO is withheld
//! ```

use super::{Cx, Machine, Outcome, Step};
use crate::command::Command;
use crate::error::Error;
use crate::reply::Reply;

/// A rename.
#[derive(Debug)]
pub struct Rename {
    from: Command,
    to: Command,
    from_reply: Option<Reply>,
}

impl Rename {
    /// A rename by these two commands, RNFR and RNTO.
    pub fn new(from: Command, to: Command) -> Self {
        Self {
            from,
            to,
            from_reply: None,
        }
    }
}

impl Machine for Rename {
    fn describe(&self) -> String {
        match self.from_reply {
            None => self.from.redacted(),
            Some(_) => self.to.redacted(),
        }
    }

    fn start(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        cx.check([&self.from, &self.to])?;
        cx.send(&self.from)?;
        Ok(Step::Wait)
    }

    fn on_reply(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let reply = reply?;
        match self.from_reply.take() {
            None => {
                self.from_reply = Some(reply);
                cx.send(&self.to)?;
                Ok(Step::Wait)
            }
            Some(from_reply) => Ok(Step::Done(Outcome::Renamed(from_reply, reply))),
        }
    }
}
