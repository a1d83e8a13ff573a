//! What a walk leaves out: names that are none, and trees without a bottom.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use wharf::listing::Kind;
use wharf::{Entry, RemotePath};

use super::{Below, Directory, Phase, Walk, is_directory};
use crate::cmd::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Next};
use crate::names;

/// How deep a walk goes below where it began. Trees of people stay far above it, loops do not.
const DEPTH: usize = 64;
/// How many directories a walk enters. It bounds the memory for those that are still to come, and ends
/// what loops through links that look like directories.
const DIRECTORIES: usize = 1_000_000;

/// How many bytes a walk keeps, of entries that are put in order and of directories that are still to come.
/// Three million files in one directory stay below it.
const ROOM: u64 = 512 << 20;

/// How many directories that look the same may stand in one another.
const ALIKE: usize = 2;

/// What the listing of a directory looks like, to know it again.
#[derive(Debug, Default)]
pub(super) struct Looks {
    hash: DefaultHasher,
    entries: u64,
    directories: u64,
    /// Whether it was seen too often on the way, so that nothing in it is entered.
    again: bool,
}

impl Looks {
    fn add(&mut self, entry: &Entry) {
        entry.raw().hash(&mut self.hash);
        self.entries += 1;
        self.directories += u64::from(is_directory(entry));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries == 0
    }

    fn are(&self, other: &Self) -> bool {
        (self.entries, self.hash.finish()) == (other.entries, other.hash.finish())
    }
}

impl Below {
    fn size(&self) -> u64 {
        let unique = self.unique.as_ref().map_or(0, Vec::len);
        (size_of::<Self>() + self.name.len() + unique) as u64
    }
}

impl Directory {
    /// Keeps one in it that is to be entered later.
    fn keep_below(&mut self, below: Below) {
        self.noted += below.size();
        self.below.push_back(below);
    }
}

/// How many bytes of these directories are kept.
fn kept(stack: &[Directory]) -> u64 {
    stack.iter().map(|it| it.sorted + it.noted).sum()
}

impl Walk<'_> {
    /// Whether an entry is one of those that are to be seen.
    pub(super) fn takes(&mut self, context: &Context<'_>, entry: &Entry) -> bool {
        if let Some(directory) = self.stack.last_mut() {
            directory.looks.add(entry);
        }
        if self.way.paths && !names::is_component(entry.name()) {
            let message = format!(
                "`{}` cannot be part of a path, and is left out",
                names::shown(entry.name(), context.encoding)
            );
            let path = self.path();
            self.refuse(context, &path, message);
            return false;
        }
        self.way.files || is_directory(entry)
    }

    /// Takes a directory for a loop that looks, down to the times in it, like several of those that it
    /// stands in. Servers that follow links show what a link leads to as a directory, and not all of
    /// them tell directories apart by `unique` (aioftp, Twisted, ftp-srv). One entry alone is no
    /// looks, and no loop that is worse than deep.
    pub(super) fn look_for_a_loop(&mut self, context: &Context<'_>) {
        let Some((directory, above)) = self.stack.split_last_mut() else {
            return;
        };
        let looks = &mut directory.looks;
        let alike = above.iter().filter(|it| it.looks.are(looks)).count();
        if looks.entries < 2 || looks.directories == 0 || alike < ALIKE {
            return;
        }
        looks.again = true;
        directory.below.clear();
        let message = format!(
            "it looks like {ALIKE} of the directories that it stands in, and is taken for a loop"
        );
        let path = self.path();
        self.refuse(context, &path, message);
    }

    /// Keeps an entry to be put in order. If that is more than can be kept, none of its directory is.
    pub(super) fn keep(&mut self, entry: Entry) -> Result<(), Failure> {
        let Some((directory, above)) = self.stack.split_last_mut() else {
            return Ok(());
        };
        let Phase::Reading(reading, entries) = &mut directory.phase else {
            return Ok(());
        };
        entries.push(entry);
        directory.sorted = reading.bytes() + size_of_val(&entries[..]) as u64;
        if kept(above) + directory.sorted + directory.noted <= ROOM {
            return Ok(());
        }
        *entries = Vec::new();
        directory.sorted = 0;
        let message = format!(
            "more than {} MiB of entries, which is too much to put in order",
            ROOM >> 20
        );
        Err(Failure::new(Exit::Refused, message)
            .advise(
                "`wharf ls -U` and `wharf find` show entries as they come, however many there are",
            )
            .then(Next::Reconnect))
    }

    /// Notes a directory, to be entered later.
    pub(super) fn note(&mut self, context: &Context<'_>, entry: &Entry) {
        let again = self.stack.last().is_some_and(|it| it.looks.again);
        if again || self.depth() >= self.way.depth {
            return;
        }
        if entry.kind() == Kind::Unknown && !std::mem::replace(&mut self.warned_of_kinds, true) {
            context.printer.warn(format_args!(
                "{}: the server does not tell files from directories, so what is below is not seen",
                self.url
            ));
        }
        if !is_directory(entry) {
            return;
        }
        let path = self.path().join(entry.name());
        let mut above = self.stack.iter().filter_map(|it| it.unique.as_deref());
        if entry.unique().is_some_and(|id| above.any(|it| it == id)) {
            self.refuse(
                context,
                &path,
                "this is a directory that it stands in".to_owned(),
            );
        } else if self.depth() >= DEPTH {
            let message = format!("more than {DEPTH} directories deep, and not entered");
            self.refuse(context, &path, message);
        } else if self.has_room() {
            self.directories += 1;
            if let Some(directory) = self.stack.last_mut() {
                directory.keep_below(Below {
                    name: entry.name().to_vec(),
                    unique: entry.unique().map(<[u8]>::to_vec),
                });
            }
        } else if self.directories <= DIRECTORIES {
            // Said once.
            self.directories = DIRECTORIES + 1;
            let message = format!(
                "more than {DIRECTORIES} directories, or {} MiB of them; no more are entered",
                ROOM >> 20
            );
            self.refuse(context, &path, message);
        }
    }

    /// Whether one more directory may be noted.
    fn has_room(&self) -> bool {
        self.directories < DIRECTORIES && kept(&self.stack) <= ROOM
    }

    /// Says that a rule of ours leaves something out.
    fn refuse(&mut self, context: &Context<'_>, path: &RemotePath, message: String) {
        let failure = Failure::new(Exit::Refused, message);
        context
            .printer
            .failure(&failure.about(self.shown_path(path, context)));
        self.failed = true;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use wharf::ListCommand;

    use super::super::{Course, Way};
    use super::*;

    fn directory() -> Directory {
        Directory {
            path: RemotePath::from(""),
            unique: None,
            command: ListCommand::Mlsd,
            unknown: 0,
            is_denied: false,
            looks: Looks::default(),
            phase: Phase::Below,
            sorted: 0,
            below: VecDeque::new(),
            noted: 0,
        }
    }

    /// Zeros that nobody reads take no memory.
    fn bytes(count: u64) -> Vec<u8> {
        vec![0; usize::try_from(count).unwrap()]
    }

    #[test]
    fn directories_that_are_still_to_come_take_up_room_on_the_whole_way() {
        let url = "ftp://h/".parse().unwrap();
        let way = Way {
            depth: usize::MAX,
            hidden: true,
            files: true,
            paths: true,
            course: Course::Listed,
            utc: false,
        };
        let mut walk = Walk::new(&url, way);
        walk.stack.extend([directory(), directory()]);
        walk.stack[0].keep_below(Below {
            name: bytes(ROOM / 4),
            unique: Some(bytes(ROOM / 4)),
        });
        walk.stack[1].sorted = ROOM / 4;
        assert!(walk.has_room());
        walk.stack[1].keep_below(Below {
            name: bytes(ROOM / 4),
            unique: None,
        });
        assert!(!walk.has_room(), "{} bytes", kept(&walk.stack));
    }
}
