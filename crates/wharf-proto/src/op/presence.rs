//! Whether a directory is there, which an empty listing leaves open.
//!
//! ```text
//! start ─ MLST in FEAT, and facts do ─▶ Facts ──a directory──▶ there
//!   │                                     │  └── 4yz,5yz: not there
//!   │                                     │ anything else; 500,502,504: FEAT lies
//!   └──────▶ Entering ◀───────────────────┘
//!               ├── let in, and back ──▶ there
//!               ├── not let in, or no way back known: not there
//!               └── not let back: closed
//! ```
//!
//! vsFTPd, Pure-FTPd and the BSD servers list nothing for a directory that does not exist, and call it a
//! success. What no server does is let us into one.

use bytes::Bytes;

use super::excursion::{Excursion, Travel};
use super::{Cx, Machine, Outcome, Step, is_not_offered};
use crate::command::{Command, InvalidArgument};
use crate::error::{Error, ErrorKind};
use crate::listing::{Kind, parse_mlst_reply};
use crate::op::memory::Offer;
use crate::reply::Reply;

/// Where the relative paths of a session begin: another one behind each change of the working directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place(u64);

impl Place {
    pub(super) fn moved(&mut self) {
        self.0 += 1;
    }

    /// Fails for a relative path that would lead elsewhere by now.
    pub(super) fn check(self, path: &[u8], cx: &Cx<'_>) -> Result<(), Error> {
        if path.starts_with(b"/") || cx.memory.place == self {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Unsupported,
            "whether there is such a directory cannot be found out for a relative path once the working directory was changed: list an absolute one",
        ))
    }
}

/// Finds out whether a path is a directory, and leaves the session where it was.
///
/// It goes well if the path is one; the server's refusal is the error if it is not. A path that begins with
/// `-` or `~` is meant as it is, and no option and no home.
///
/// # Examples
///
/// ```
/// use std::time::Instant;
/// use wharf_proto::op::{Op, OpId, Presence};
/// use wharf_proto::session::{Output, Session, SessionConfig};
///
/// let now = Instant::now();
/// let mut session = Session::new(SessionConfig::default(), now);
/// session.handle_input(b"220 ready\r\n", now);
/// let presence = Presence::new(b"pub")?;
/// session.submit(OpId::new(1), Op::Presence(Box::new(presence)), now);
/// session.handle_input(b"257 \"/home\"\r\n", now); // PWD: the way back
/// session.handle_input(b"250 there\r\n", now); // CWD pub
/// session.handle_input(b"250 back\r\n", now); // CWD /home
///
/// let found = std::iter::from_fn(|| Some(session.poll_output()))
///     .take_while(|output| !matches!(output, Output::Wait(_)))
///     .any(|output| format!("{output:?}").contains("250 there"));
/// assert!(found);
/// # Ok::<(), wharf_proto::command::InvalidArgument>(())
/// ```
#[derive(Debug)]
pub struct Presence {
    path: Bytes,
    facts: Command,
    enter: Command,
    place: Option<Place>,
    /// Facts do not do.
    enters: bool,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Queued,
    /// MLST was sent.
    Facts,
    /// We are on our way in and back.
    Entering {
        excursion: Excursion,
        entered: Option<Reply>,
    },
}

/// What was found.
#[derive(Debug)]
pub(super) enum Found {
    NotYet,
    There(Reply),
    /// Or nobody can tell.
    Missing(Error),
    /// The session is in another directory than whoever uses it believes.
    Astray(Error),
}

impl Presence {
    /// Of the directory with this path.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`] if the path cannot be sent. The empty one names the working directory, of which there
    /// is nothing to ask.
    pub fn new(path: &[u8]) -> Result<Self, InvalidArgument> {
        let path = literal(path);
        Ok(Self {
            facts: Command::path("MLST", &path)?,
            enter: Command::path("CWD", &path)?,
            path,
            place: None,
            enters: false,
            stage: Stage::Queued,
        })
    }

    /// The same for a path that was meant from there.
    #[must_use]
    pub fn seen_from(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same, and that we are let in, of which facts say nothing: Pure-FTPd has some of a directory that may not
    /// be read, and lists nothing for it.
    #[must_use]
    pub fn by_entering(mut self) -> Self {
        self.enters = true;
        self
    }

    pub(super) fn begin(&mut self, cx: &mut Cx<'_>) -> Result<(), Error> {
        cx.check([&self.facts, &self.enter])?;
        if let Some(place) = self.place {
            place.check(&self.path, cx)?;
        }
        match &cx.memory.features {
            Offer::Made(features)
                if features.has("MLST") && !cx.memory.is_unknown("MLST") && !self.enters =>
            {
                self.stage = Stage::Facts;
                cx.send(&self.facts)
            }
            _ => self.enter(cx),
        }
    }

    fn enter(&mut self, cx: &mut Cx<'_>) -> Result<(), Error> {
        self.stage = Stage::Entering {
            excursion: Excursion::begin(self.enter.clone(), cx)?,
            entered: None,
        };
        Ok(())
    }

    /// Whether the session may be elsewhere, and has to be led back.
    pub(super) fn is_inside(&self) -> bool {
        matches!(&self.stage, Stage::Entering { excursion, .. } if excursion.is_away())
    }

    pub(super) fn on_answer(
        &mut self,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Found, Error> {
        let Stage::Entering { excursion, entered } = &mut self.stage else {
            return self.on_facts(reply, cx);
        };
        Ok(match excursion.on_reply(reply, cx)? {
            Travel::NotYet => Found::NotYet,
            Travel::Inside(reply) => {
                *entered = Some(reply);
                excursion.leave(cx)?;
                Found::NotYet
            }
            Travel::Outside(error) => Found::Missing(error),
            Travel::Back => match entered.take() {
                Some(reply) => Found::There(reply),
                None => Found::NotYet,
            },
            Travel::Astray(error) => Found::Astray(error),
        })
    }

    fn on_facts(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Found, Error> {
        match reply {
            Ok(reply) if is_directory(&reply) => return Ok(Found::There(reply)),
            // A file, or a link, of which servers differ in what they tell. Entering it shows what it is.
            Ok(_) => {}
            Err(refusal) if is_not_offered(&refusal) => cx.memory.remember_unknown("MLST"),
            Err(refusal) => return Ok(Found::Missing(refusal)),
        }
        self.enter(cx)?;
        Ok(Found::NotYet)
    }
}

/// A path that says what it means: `-a` would be taken for an option, and `~` for somebody's home (vsFTPd,
/// GridFTP).
pub(super) fn literal(path: &[u8]) -> Bytes {
    if path.starts_with(b"-") || path.starts_with(b"~") {
        Bytes::from([b"./", path].concat())
    } else {
        Bytes::copy_from_slice(path)
    }
}

/// RFC 3659 §7.5.1.
fn is_directory(reply: &Reply) -> bool {
    parse_mlst_reply(reply).is_some_and(|entry| {
        matches!(
            entry.kind(),
            Kind::Directory | Kind::CurrentDirectory | Kind::ParentDirectory
        )
    })
}

impl Machine for Presence {
    fn describe(&self) -> String {
        self.enter.redacted()
    }

    fn is_sent(&self) -> bool {
        self.is_inside()
    }

    fn start(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        self.begin(cx)?;
        Ok(Step::Wait)
    }

    fn on_reply(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        match self.on_answer(reply, cx)? {
            Found::NotYet => Ok(Step::Wait),
            Found::There(reply) => Ok(Step::Done(Outcome::Reply(reply))),
            Found::Missing(error) => Err(error),
            Found::Astray(error) => Ok(Step::Close(error)),
        }
    }
}
