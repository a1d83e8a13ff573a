//! A listing by the best command that the server has.
//!
//! ```text
//! start ─ not asked yet ─▶ Asking(FEAT)
//!   │                         │
//!   └─────────┬───────────────┘
//!             ├ MLST in FEAT, or no answer ─▶ MLSD ──1yz,2yz──▶ as any transfer
//!             │                                │ 500,502,504: FEAT lies; 501 or no directory: LIST will do
//!             └ else ─▶ LIST [-a] ◀────────────┘
//!                         │ 500,502,504
//!                         ▼
//!                       NLST
//!
//! LIST, NLST ──450,550 that may mean nothing; 2yz and no connection──▶ Confirming ──▶ empty, or the refusal
//! ```
//!
//! Where a server may read the path as words and patterns, LIST and NLST go without one, between a way in
//! (`Entering`) and back (`Leaving`).
//!
//! It is one operation, so that nothing of another comes between its commands: a CWD that is queued behind it
//! cannot change what the second of them means.

use std::time::Instant;

use bytes::Bytes;

use super::excursion::{Excursion, Travel};
use super::memory::Offer;
use super::presence::{Found, literal};
use super::{
    Cx, DataEvent, DataMode, Event, Machine, Mark, Outcome, Place, Presence, Step, Transfer,
};
use crate::command::{Command, InvalidArgument};
use crate::error::Error;
use crate::output::Completion;
use crate::reply::Reply;

mod choice;
mod command;
mod nothing;

pub use command::ListCommand;
pub use nothing::may_mean_nothing;

/// A listing whose command is chosen as it goes.
///
/// # Examples
///
/// ```
/// use std::time::Instant;
/// use wharf_proto::op::{DataMode, List, Op, OpId};
/// use wharf_proto::session::{Output, Session, SessionConfig};
///
/// let now = Instant::now();
/// let mut session = Session::new(SessionConfig::default(), now);
/// session.handle_input(b"220 ready\r\n", now);
/// let list = List::new(DataMode::default(), b"pub")?;
/// session.submit(OpId::new(1), Op::List(Box::new(list)), now);
///
/// let sent = std::iter::from_fn(|| Some(session.poll_output()))
///     .take_while(|output| !matches!(output, Output::Wait(_)))
///     .find_map(|output| match output {
///         Output::Transmit(bytes) => Some(bytes),
///         _ => None,
///     });
/// assert_eq!(sent.as_deref(), Some(&b"FEAT\r\n"[..])); // which says if there is MLSD
/// # Ok::<(), wharf_proto::command::InvalidArgument>(())
/// ```
#[derive(Debug)]
pub struct List {
    mode: DataMode,
    path: Bytes,
    all: ListAll,
    recursive: bool,
    /// LIST and nothing else.
    fixed: bool,
    place: Option<Place>,
    stage: Stage,
    /// We are in the directory, or on our way, for its path would be misread.
    excursion: Option<Excursion>,
    /// The caller has given it up and been told, and is to be told when it has settled.
    given_up: bool,
}

/// Whether LIST asks for names that begin with a dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ListAll {
    /// It does not.
    Never,
    /// By `-a`, where the server is known to take that as `ls` does.
    #[default]
    IfObeyed,
    /// By `-a`, unless the server is known to show all names without.
    Always,
}

/// What is known of a listing that [`List`] has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// The command that the server accepted.
    pub command: ListCommand,
    /// Where its path was meant from.
    pub place: Place,
    /// It was made inside of the directory, without a path.
    pub inside: bool,
    /// Names that begin with a dot may be missing: LIST went out without `-a`, for nobody knows what this
    /// server makes of it.
    pub may_hide: bool,
}

#[derive(Debug)]
enum Stage {
    Queued,
    /// FEAT was sent.
    Asking,
    /// On our way into the directory, to list it by this.
    Entering(ListCommand),
    Transferring {
        listed: Listed,
        transfer: Box<Transfer>,
    },
    /// The server has said that there is nothing, in words that it also has for what is not there.
    Confirming(Box<Confirming>),
    /// On our way back; the result was told.
    Leaving,
}

/// A listing that was said to be empty without a data connection.
#[derive(Debug)]
struct Confirming {
    listed: Listed,
    refusal: Error,
    completion: Completion,
    presence: Presence,
}

impl Confirming {
    /// What the caller gets if the directory is not there: the server's word on the listing, if that was no.
    fn disproved(&self, missing: Error) -> Error {
        if self.completion.reply.code().is_completion() {
            missing
        } else {
            self.refusal.clone()
        }
    }
}

impl List {
    /// A listing of the directory with this path, the working directory if it is empty.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`] if the path cannot be sent.
    pub fn new(mode: DataMode, path: &[u8]) -> Result<Self, InvalidArgument> {
        if !path.is_empty() {
            Command::path("LIST", path)?;
        }
        Ok(Self {
            mode,
            path: literal(path),
            all: ListAll::default(),
            recursive: false,
            fixed: false,
            place: None,
            stage: Stage::Queued,
            excursion: None,
            given_up: false,
        })
    }

    /// The same with or without what LIST hides.
    #[must_use]
    pub fn all(mut self, all: ListAll) -> Self {
        self.all = all;
        self
    }

    /// The same with everything below the directory, which LIST alone can do.
    #[must_use]
    pub fn recursive(mut self) -> Self {
        self.recursive = true;
        self.by_list()
    }

    /// The same by LIST.
    #[must_use]
    pub fn by_list(mut self) -> Self {
        self.fixed = true;
        self
    }

    /// The same for a path that was meant from there; it fails if that is no longer where we are.
    #[must_use]
    pub fn seen_from(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// What comes of a step of the transfer: another command, or the end, behind which we have to be led back.
    fn after(&mut self, step: Result<Step, Error>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let step = self.fall_back(step, cx);
        let Some(excursion) = self.excursion.as_mut().filter(|it| it.is_away()) else {
            return step;
        };
        let result = match step {
            Ok(Step::Done(outcome)) => Some(Ok(outcome)),
            Err(error) => Some(Err(error)),
            Ok(Step::Over) => None,
            step => return step,
        };
        if let Some(result) = result {
            cx.event(Event::Finished(result));
        }
        excursion.leave(cx)?;
        self.stage = Stage::Leaving;
        Ok(Step::Wait)
    }

    fn confirm(
        &mut self,
        listed: Listed,
        refusal: Error,
        completion: Completion,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        // The directory that we are in is there.
        if self.path.is_empty() || self.excursion.is_some() {
            return Ok(empty(listed, completion));
        }
        let Ok(mut presence) = Presence::new(&self.path) else {
            return Err(refusal);
        };
        if presence.begin(cx).is_err() {
            return Err(refusal);
        }
        self.stage = Stage::Confirming(Box::new(Confirming {
            listed,
            refusal,
            completion,
            presence,
        }));
        Ok(Step::Wait)
    }

    /// The way in was answered.
    fn on_entering(
        &mut self,
        command: ListCommand,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        let Some(excursion) = &mut self.excursion else {
            return Ok(Step::Wait);
        };
        // Nothing is entered for somebody who has left.
        if self.given_up && !excursion.is_away() {
            return Ok(settled(cx));
        }
        match excursion.on_reply(reply, cx)? {
            Travel::Inside(_) if self.given_up => self.after(Ok(Step::Over), cx),
            Travel::Inside(_) => {
                let step = self.transfer(command, cx);
                self.after(step, cx)
            }
            Travel::Outside(_) if self.given_up => Ok(settled(cx)),
            Travel::Outside(refusal) => Err(refusal),
            Travel::NotYet | Travel::Back => Ok(Step::Wait),
            Travel::Astray(error) => Ok(Step::Close(error)),
        }
    }

    /// The way back was answered.
    fn on_leaving(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let Some(excursion) = &mut self.excursion else {
            return Ok(Step::Wait);
        };
        match excursion.on_reply(reply, cx)? {
            Travel::Back if self.given_up => Ok(settled(cx)),
            Travel::Back => Ok(Step::Over),
            Travel::Astray(error) => Ok(Step::Close(error)),
            _ => Ok(Step::Wait),
        }
    }

    fn on_confirmation(
        &mut self,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        let Stage::Confirming(confirming) = &mut self.stage else {
            return Ok(Step::Wait);
        };
        // Nothing is entered for somebody who has left.
        if self.given_up && !confirming.presence.is_inside() {
            return Ok(settled(cx));
        }
        match confirming.presence.on_answer(reply, cx)? {
            Found::NotYet => Ok(Step::Wait),
            Found::Astray(error) => Ok(Step::Close(error)),
            Found::There(_) | Found::Missing(_) if self.given_up => Ok(settled(cx)),
            Found::There(_) => Ok(empty(confirming.listed, confirming.completion.clone())),
            Found::Missing(error) => Err(confirming.disproved(error)),
        }
    }
}

/// The end of a listing that was given up.
fn settled(cx: &mut Cx<'_>) -> Step {
    cx.event(Event::Settled(Ok(())));
    Step::Over
}

/// The server's word that there is nothing, as the listing's end.
fn empty(listed: Listed, completion: Completion) -> Step {
    Step::Done(Outcome::Empty { listed, completion })
}

impl Machine for List {
    fn describe(&self) -> String {
        match &self.stage {
            Stage::Transferring { transfer, .. } => transfer.describe(),
            Stage::Confirming(confirming) => self
                .command(confirming.listed.command, false, &self.path)
                .redacted(),
            Stage::Entering(command) => self.command(*command, false, &self.path).redacted(),
            Stage::Queued | Stage::Asking | Stage::Leaving => self
                .command(ListCommand::List, false, &self.path)
                .redacted(),
        }
    }

    fn is_sent(&self) -> bool {
        match &self.stage {
            Stage::Transferring { transfer, .. } => transfer.is_sent(),
            Stage::Confirming(_) | Stage::Leaving => true,
            Stage::Queued | Stage::Asking | Stage::Entering(_) => false,
        }
    }

    fn is_transfer(&self) -> bool {
        true
    }

    fn start(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        cx.check([&self.command(ListCommand::List, true, &self.path)])?;
        if let Some(place) = self.place {
            place.check(&self.path, cx)?;
        }
        self.check_options(&cx.memory.quirks)?;
        if self.fixed || !matches!(cx.memory.features, Offer::Unasked) {
            return self.choose(cx);
        }
        self.stage = Stage::Asking;
        cx.send(&Command::bare("FEAT"))?;
        Ok(Step::Wait)
    }

    fn on_reply(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        match &mut self.stage {
            Stage::Transferring { transfer, .. } => {
                let step = transfer.on_reply(reply, cx);
                self.after(step, cx)
            }
            Stage::Entering(command) => {
                let command = *command;
                self.on_entering(command, reply, cx)
            }
            Stage::Confirming(_) => self.on_confirmation(reply, cx),
            Stage::Leaving => self.on_leaving(reply, cx),
            Stage::Asking => self.on_offer(reply, cx),
            // The ledger expects no reply of ours.
            Stage::Queued => Ok(Step::Wait),
        }
    }

    fn on_mark(&mut self, mark: &Reply, cx: &mut Cx<'_>) -> Mark {
        match &mut self.stage {
            Stage::Transferring { transfer, .. } => transfer.on_mark(mark, cx),
            _ => Mark::Preliminary,
        }
    }

    fn on_data(&mut self, event: DataEvent, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let Stage::Transferring { transfer, .. } = &mut self.stage else {
            return Ok(Step::Wait);
        };
        let step = transfer.on_data(event, cx);
        self.after(step, cx)
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Transferring { transfer, .. } => transfer.deadline(),
            _ => None,
        }
    }

    fn on_deadline(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let Stage::Transferring { transfer, .. } = &mut self.stage else {
            return Ok(Step::Wait);
        };
        let step = transfer.on_deadline(cx);
        self.after(step, cx)
    }

    fn on_reply_timeout(&mut self, error: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
        match &mut self.stage {
            Stage::Transferring { transfer, .. } => {
                let step = transfer.on_reply_timeout(error, cx);
                self.after(step, cx)
            }
            _ => Ok(Step::Close(error)),
        }
    }

    fn abort(&mut self, error: Error, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if let Stage::Transferring { transfer, .. } = &mut self.stage {
            // Whoever was let in is led back first, and has settled then.
            self.given_up |= self.excursion.is_some();
            let step = transfer.abort(error, cx);
            return self.after(step, cx);
        }
        // The reply that is owed comes all the same, and whoever was let into a directory must be led out.
        if !self.given_up {
            self.given_up = true;
            if !matches!(self.stage, Stage::Leaving) {
                let error = error.with_command(&self.describe(), self.is_sent());
                cx.event(Event::Finished(Err(error)));
            }
        }
        Ok(Step::Wait)
    }

    fn on_lost(&mut self, error: Error, cx: &mut Cx<'_>) {
        match &mut self.stage {
            Stage::Transferring { transfer, .. } => transfer.on_lost(error, cx),
            Stage::Leaving if !self.given_up => {}
            _ if self.given_up => cx.event(Event::Settled(Err(error))),
            _ => cx.event(Event::Finished(Err(error))),
        }
    }
}
