//! A way into a directory and back, for what cannot be asked from outside of it.
//!
//! ```text
//! Where ──257──▶ Entering ──2yz──▶ Inside ── leave ──▶ Leaving ──2yz──▶ back
//!   └── no path     └── 4yz,5yz: outside                  └── refused: astray
//! ```

use super::Cx;
use crate::command::Command;
use crate::error::{Error, ErrorKind};
use crate::path::parse_pwd_response;
use crate::reply::Reply;

/// A CWD that is followed by one back to where PWD says that we were.
#[derive(Debug)]
pub(super) struct Excursion {
    enter: Command,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// PWD was sent.
    Where,
    /// CWD was sent; this one leads back.
    Entering {
        back: Command,
    },
    Inside {
        back: Command,
    },
    /// And was sent.
    Leaving,
}

/// How far an excursion is.
#[derive(Debug)]
pub(super) enum Travel {
    NotYet,
    /// We were let in, in these words.
    Inside(Reply),
    /// We were not, or might not have come back.
    Outside(Error),
    Back,
    /// The session is in another directory than whoever uses it believes.
    Astray(Error),
}

impl Excursion {
    pub(super) fn begin(enter: Command, cx: &mut Cx<'_>) -> Result<Self, Error> {
        cx.check([&enter])?;
        cx.send(&Command::bare("PWD"))?;
        Ok(Self {
            enter,
            stage: Stage::Where,
        })
    }

    /// Whether the session may be elsewhere, and has to be led back.
    pub(super) fn is_away(&self) -> bool {
        !matches!(self.stage, Stage::Where)
    }

    pub(super) fn on_reply(
        &mut self,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Travel, Error> {
        match std::mem::replace(&mut self.stage, Stage::Where) {
            Stage::Where => self.on_where(reply, cx),
            Stage::Entering { back } => Ok(match reply {
                Ok(entered) => {
                    self.stage = Stage::Inside { back };
                    Travel::Inside(entered)
                }
                Err(refusal) => Travel::Outside(refusal),
            }),
            inside @ Stage::Inside { .. } => {
                self.stage = inside;
                Ok(Travel::NotYet)
            }
            Stage::Leaving => Ok(match reply {
                Ok(_) => Travel::Back,
                Err(refusal) => Travel::Astray(
                    Error::new(
                        ErrorKind::ConnectionLost,
                        "the server did not let us back into the directory that we came from",
                    )
                    // It is not the directory that was asked for which is missing.
                    .with_source(refusal.with_kind(ErrorKind::BadResponse)),
                ),
            }),
        }
    }

    fn on_where(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Travel, Error> {
        let back = reply
            .and_then(|reply| way_back(&reply).ok_or_else(|| unreadable(reply)))
            .and_then(|back| cx.check([&back]).map(|()| back));
        match back {
            Ok(back) => {
                cx.send(&self.enter)?;
                self.stage = Stage::Entering { back };
                Ok(Travel::NotYet)
            }
            Err(cause) => Ok(Travel::Outside(
                Error::new(
                    ErrorKind::Unsupported,
                    "the directory cannot be entered, for the server does not say what would lead back",
                )
                .with_source(cause),
            )),
        }
    }

    /// Goes back, from inside.
    pub(super) fn leave(&mut self, cx: &mut Cx<'_>) -> Result<(), Error> {
        if let Stage::Inside { back } = &self.stage {
            cx.send(back)?;
            self.stage = Stage::Leaving;
        }
        Ok(())
    }
}

/// The command that leads back to where PWD says that we are.
fn way_back(reply: &Reply) -> Option<Command> {
    let line = reply.lines().last().filter(|_| reply.code() == 257)?;
    let path = parse_pwd_response(line)?;
    let path = path.as_bytes();
    // MVS has `'USER.'`, VMS `DISK:[USER]`. What is relative would lead astray.
    let is_absolute = path.starts_with(b"/") || path.starts_with(b"'") || path.contains(&b':');
    let command = Command::path("CWD", path).ok()?;
    is_absolute.then_some(command)
}

fn unreadable(reply: Reply) -> Error {
    Error::from_reply(reply, "PWD")
        .with_kind(ErrorKind::BadResponse)
        .with_message("was answered without a directory")
}
