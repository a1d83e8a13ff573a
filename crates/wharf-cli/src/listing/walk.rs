//! A tree at the server, directory by directory, over one connection. Links are not followed.
//!
//! ```text
//! Begin ─▶ Entry* ─▶ Listed ─▶ (Begin … End)* ─▶ End      what is below stands behind the listing
//! Begin ─▶ (Entry ─▶ (Begin … End)?)* ─▶ Listed ─▶ End    nested: behind its entry
//! File                                                    the URL names a file
//! ```
//!
//! A directory below that cannot be listed is reported at once, and the walk goes on; what it came to is
//! told in the end. Only what ends the walk as a whole is an error.

mod bounds;
mod start;

use std::collections::VecDeque;
use std::vec;

use wharf::listing::{Kind, ServerZone};
use wharf::{Entry, FtpUrl, ListCommand, ListOptions, Parsed, RemotePath};

use self::bounds::Looks;
use super::order::Order;
use super::reading::{self, NotListed, Reading};
use crate::cmd::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Next};
use crate::names;
use crate::transcript;

/// How often in a row the connection may be lost over a listing.
const LOSSES: u32 = 3;

/// How a tree is walked.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub(crate) struct Way {
    /// Directories deeper than this are not entered; the one that the URL names is 0 deep.
    pub(crate) depth: usize,
    /// Whether names that begin with a dot are seen, and directories with such names entered.
    pub(crate) hidden: bool,
    /// Whether anything but directories is seen.
    pub(crate) files: bool,
    /// Whether names become parts of paths, so that one that is not a single component is refused.
    pub(crate) paths: bool,
    pub(crate) course: Course,
    /// Whether the zone of the server's clock is asked for, so that times are UTC.
    pub(crate) utc: bool,
}

/// When the entries of a directory come, and what is below them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// Entries as the server lists them, none of which is kept, and directories behind them.
    Listed,
    /// Entries in order, and directories behind them.
    Sorted(Order),
    /// Entries in order, and each directory right behind its own.
    Nested(Order),
}

impl Course {
    /// In what order the entries of a directory come, once all of them are known.
    fn order(self) -> Option<Order> {
        match self {
            Self::Listed => None,
            Self::Sorted(order) | Self::Nested(order) => Some(order),
        }
    }
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Step {
    /// The listing of a directory has begun.
    Begin,
    /// Something in it.
    Entry(Entry),
    /// A line in it that is no entry, as far as we can tell.
    Unknown(Vec<u8>),
    /// That was all of its entries.
    Listed,
    /// That was all below it.
    End,
    /// The URL names this file, and nothing else follows.
    File(Entry),
}

/// A walk below one URL.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    url: &'a FtpUrl,
    /// The path of the URL.
    root: RemotePath,
    way: Way,
    /// From where the walk began to where it is.
    stack: Vec<Directory>,
    begun: bool,
    /// How many directories were entered or noted to be.
    directories: usize,
    /// Whether something was reported.
    failed: bool,
    /// What broke off the first listing.
    broken: Option<Failure>,
    /// How often the connection was lost since a listing came to its end.
    losses: u32,
    zone: Option<ServerZone>,
    warned_of_kinds: bool,
}

/// A directory on the way.
#[derive(Debug)]
struct Directory {
    path: RemotePath,
    unique: Option<Vec<u8>>,
    command: ListCommand,
    unknown: u64,
    /// Whether one of the lines that are no entries says that permission is denied.
    is_denied: bool,
    looks: Looks,
    phase: Phase,
    /// How many bytes of entries are kept to be put in order.
    sorted: u64,
    /// Directories in it that are still to be entered.
    below: VecDeque<Below>,
    /// How many bytes those take.
    noted: u64,
}

impl Directory {
    /// What is wrong if there may be something in it of which nothing can be told.
    fn unread(&self) -> Option<Failure> {
        if self.unknown == 0 || !self.looks.is_empty() {
            return None;
        }
        let (exit, message) = if self.is_denied {
            let message = "no entry, but the server's word that permission is denied";
            (Exit::Permission, message)
        } else {
            let message = "no entry, but lines that are not understood";
            (Exit::Protocol, message)
        };
        Some(Failure::new(exit, message).then(Next::Continue))
    }
}

/// Whether a line is what `ls` says of a directory that may be entered and not read. inetutils and Linux-ftpd send it
/// as if it were the listing.
fn says_denied(line: &[u8]) -> bool {
    line.trim_ascii_end()
        .to_ascii_lowercase()
        .ends_with(b": permission denied")
}

#[derive(Debug)]
enum Phase {
    /// Entries are kept if they are to be put in order.
    Reading(Box<Reading>, Vec<Entry>),
    /// All is read, and these are still to come.
    Kept(vec::IntoIter<Entry>),
    /// Directories below are still to come.
    Below,
    Ended,
}

/// A directory that was noted.
#[derive(Debug)]
struct Below {
    name: Vec<u8>,
    unique: Option<Vec<u8>>,
}

impl<'a> Walk<'a> {
    /// A walk that begins at what a URL names.
    pub(crate) fn new(url: &'a FtpUrl, way: Way) -> Self {
        Self {
            url,
            root: url.remote_path(),
            way,
            stack: Vec::new(),
            begun: false,
            directories: 1,
            failed: false,
            broken: None,
            losses: 0,
            zone: None,
            warned_of_kinds: false,
        }
    }

    /// The directory that the last step was about, or in which its entry stands. For
    /// [`Step::File`] it is the file itself.
    pub(crate) fn path(&self) -> RemotePath {
        self.stack
            .last()
            .map_or(&self.root, |directory| &directory.path)
            .clone()
    }

    /// The same for a person: the URL, and what is below it as text. Safe for a terminal.
    pub(crate) fn shown(&self, context: &Context<'_>) -> String {
        self.shown_path(&self.path(), context)
    }

    /// How deep that directory is; 0 is the one that the URL names.
    pub(crate) fn depth(&self) -> usize {
        self.stack.len().saturating_sub(1)
    }

    /// By which command it is listed.
    pub(crate) fn command(&self) -> ListCommand {
        self.stack
            .last()
            .map_or(ListCommand::List, |directory| directory.command)
    }

    /// The entries of the directory that are still to come; known in order only.
    pub(crate) fn waiting(&self) -> &[Entry] {
        match self.stack.last().map(|directory| &directory.phase) {
            Some(Phase::Kept(entries)) => entries.as_slice(),
            _ => &[],
        }
    }

    /// What it came to. What failed on the way has been reported.
    pub(crate) fn outcome(&self) -> Result<(), Failure> {
        if self.failed {
            return Err(Failure::said(Exit::Partial));
        }
        Ok(())
    }

    /// Goes on; `None` behind the last step.
    pub(crate) async fn next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Result<Option<Step>, Failure> {
        if !std::mem::replace(&mut self.begun, true) {
            return self.begin(context).await.map(Some);
        }
        let is_nested = matches!(self.way.course, Course::Nested(_));
        loop {
            let Some(directory) = self.stack.last_mut() else {
                return Ok(None);
            };
            match &mut directory.phase {
                Phase::Reading(reading, _) => {
                    let item = reading.next().await;
                    if let Some(step) = self.read(context, item)? {
                        return Ok(Some(step));
                    }
                }
                Phase::Kept(entries) => {
                    let noted = directory.below.pop_front_if(|_| is_nested);
                    if let Some(below) = noted {
                        if self.enter(context, below).await? {
                            return Ok(Some(Step::Begin));
                        }
                    } else if let Some(entry) = entries.next() {
                        self.note(context, &entry);
                        return Ok(Some(Step::Entry(entry)));
                    } else if let Some(failure) = self.broken.take() {
                        self.stack.clear();
                        return Err(failure);
                    } else {
                        directory.phase = Phase::Below;
                        return Ok(Some(Step::Listed));
                    }
                }
                Phase::Below => {
                    let Some(below) = directory.below.pop_front() else {
                        directory.phase = Phase::Ended;
                        return Ok(Some(Step::End));
                    };
                    if self.enter(context, below).await? {
                        return Ok(Some(Step::Begin));
                    }
                }
                Phase::Ended => {
                    self.stack.pop();
                }
            }
        }
    }

    /// Goes into a directory below, and says whether it could be listed.
    async fn enter(&mut self, context: &mut Context<'_>, below: Below) -> Result<bool, Failure> {
        let path = self.path().join(below.name);
        match self.open(context, &path).await? {
            Ok(reading) => {
                self.push(path, below.unique, reading);
                Ok(true)
            }
            Err(NotListed { failure, .. }) => {
                self.report(context, &path, failure)?;
                Ok(false)
            }
        }
    }

    /// Begins a listing, and reads enough of it to tell a file from a directory. A refused TLS session
    /// is offered once more, over a new connection.
    async fn open(
        &mut self,
        context: &mut Context<'_>,
        path: &RemotePath,
    ) -> Result<Result<Reading, NotListed>, Failure> {
        let options = ListOptions::default().hidden(self.way.hidden);
        let mut once_more = true;
        loop {
            let client = context.connections.to(self.url).await?;
            if self.zone.is_some() {
                client.set_zone(self.zone);
            }
            match reading::begin(&client, path, options).await {
                Err(NotListed { failure, .. })
                    if failure.may_be_repeated() && std::mem::take(&mut once_more) =>
                {
                    transcript::remark("the same once more, over a new connection");
                    context.connections.abandon();
                }
                Err(NotListed { failure, refused }) => {
                    let failure = failure.once();
                    return Ok(Err(NotListed { failure, refused }));
                }
                Ok(reading) => return Ok(Ok(reading)),
            }
        }
    }

    fn push(&mut self, path: RemotePath, unique: Option<Vec<u8>>, reading: Reading) {
        self.stack.push(Directory {
            path,
            unique,
            command: reading.command(),
            unknown: 0,
            is_denied: false,
            looks: Looks::default(),
            phase: Phase::Reading(Box::new(reading), Vec::new()),
            sorted: 0,
            below: VecDeque::new(),
            noted: 0,
        });
    }

    /// Takes what a listing has next.
    fn read(
        &mut self,
        context: &mut Context<'_>,
        item: Option<Result<Parsed, Failure>>,
    ) -> Result<Option<Step>, Failure> {
        match item {
            Some(Ok(Parsed::Entry(entry))) => {
                if !self.takes(context, &entry) {
                    return Ok(None);
                }
                if self.way.course.order().is_some() {
                    return match self.keep(entry) {
                        Ok(()) => Ok(None),
                        Err(failure) => self.break_off(context, failure),
                    };
                }
                self.note(context, &entry);
                Ok(Some(Step::Entry(entry)))
            }
            Some(Ok(Parsed::Unknown(line))) => {
                if let Some(directory) = self.stack.last_mut() {
                    directory.unknown += 1;
                    directory.is_denied |= says_denied(&line);
                }
                Ok(Some(Step::Unknown(line.to_vec())))
            }
            Some(Err(failure)) => self.break_off(context, failure),
            None => {
                self.losses = 0;
                self.warn_of_unknown(context);
                self.look_for_a_loop(context);
                if let Some(failure) = self.stack.last().and_then(Directory::unread) {
                    return self.break_off(context, failure);
                }
                if matches!(self.phase(), Some(Phase::Reading(reading, _)) if reading.is_truncated())
                {
                    let failure = Failure::new(Exit::Partial, "the server cut the listing short");
                    let path = self.path();
                    self.report(context, &path, failure.then(Next::Continue))?;
                }
                self.end_listing();
                Ok(None)
            }
        }
    }

    /// Ends a listing that is not whole.
    fn break_off(
        &mut self,
        context: &mut Context<'_>,
        failure: Failure,
    ) -> Result<Option<Step>, Failure> {
        if self.stack.len() == 1 {
            // What came is shown. Where it would lead is left, for it is not all.
            self.broken = Some(failure.once());
            self.way.depth = 0;
        } else {
            let path = self.path();
            self.report(context, &path, failure)?;
        }
        self.end_listing();
        Ok(None)
    }

    fn phase(&mut self) -> Option<&mut Phase> {
        self.stack.last_mut().map(|directory| &mut directory.phase)
    }

    /// Says how many lines of a listing that is whole were no entries. They have been shown.
    fn warn_of_unknown(&self, context: &Context<'_>) {
        let unknown = self.stack.last().map_or(0, |directory| directory.unknown);
        if unknown > 0 {
            context.printer.warn(format_args!(
                "{}: lines of the listing not understood: {unknown}",
                self.shown(context)
            ));
        }
    }

    /// Nothing more comes of the listing.
    fn end_listing(&mut self) {
        let Some(directory) = self.stack.last_mut() else {
            return;
        };
        let kept = Phase::Kept(Vec::new().into_iter());
        if let Phase::Reading(_, mut kept) = std::mem::replace(&mut directory.phase, kept) {
            if let Some(order) = self.way.course.order() {
                order.sort(&mut kept);
            }
            directory.phase = Phase::Kept(kept.into_iter());
        }
    }

    fn shown_path(&self, path: &RemotePath, context: &Context<'_>) -> String {
        let mut text = self.url.to_string();
        let below = path.as_bytes().strip_prefix(self.root.as_bytes());
        let below = below.unwrap_or(path.as_bytes());
        let below = below.strip_prefix(b"/").unwrap_or(below);
        if below.is_empty() {
            return text;
        }
        if !text.ends_with('/') && !self.root.as_bytes().ends_with(b"/") {
            text.push('/');
        }
        text + &names::shown(below, context.encoding)
    }

    /// Says what failed, unless it ends the walk.
    fn report(
        &mut self,
        context: &mut Context<'_>,
        path: &RemotePath,
        failure: Failure,
    ) -> Result<(), Failure> {
        let failure = failure.about(self.shown_path(path, context));
        self.losses += u32::from(failure.next() == Next::Reconnect);
        if failure.next() == Next::Stop || self.losses >= LOSSES {
            return Err(failure);
        }
        context.printer.failure(&failure);
        self.failed = true;
        if failure.next() == Next::Reconnect {
            context.connections.abandon();
        }
        Ok(())
    }
}

/// Whether it is something to enter. A link to a directory is not: it may lead back. Some servers call
/// it a directory, and say where it leads (GridFTP).
pub(crate) fn is_directory(entry: &Entry) -> bool {
    entry.kind() == Kind::Directory && entry.target().is_none()
}
