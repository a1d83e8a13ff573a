//! What was read in a listing, held against what is there.

use std::fmt;

use wharf_proto::listing::{Entry, Kind, Modified, Parsed, Permissions, Precision};
use wharf_proto::text::escaped;
use wharf_proto::time::Timestamp;

use crate::tree::Thing;

/// In what a listing differs from the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A thing is not in it.
    Missing,
    /// An entry is of no thing.
    Invented,
    /// A line was read as nothing.
    Unknown,
    Kind,
    Size,
    Time,
    Mode,
    Target,
    Owner,
    Links,
}

/// One difference, of the thing or line with this name.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) what: What,
    pub(crate) name: Vec<u8>,
    /// What it really is.
    pub(crate) thing: Option<Thing>,
    /// Whether it was modified after the day of the listing.
    pub(crate) is_to_come: bool,
    /// Whether it was modified a year ago or more.
    pub(crate) is_long_past: bool,
    shown: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} of {}: {}",
            self.what,
            escaped(&self.name),
            self.shown
        )
    }
}

/// The tree's things, held against a listing of them.
pub(crate) struct Comparison {
    /// When they were listed.
    now: i64,
    left: Vec<Thing>,
    differences: Vec<Difference>,
}

impl Comparison {
    pub(crate) fn new(now: Timestamp, things: Vec<Thing>) -> Self {
        let (now, differences) = (now.unix_seconds(), Vec::new());
        Self {
            now,
            left: things,
            differences,
        }
    }

    /// Looks at what was read; `place` is where an entry is below the listed directory.
    pub(crate) fn see(&mut self, parsed: &Parsed, place: impl Fn(&Entry) -> Vec<u8>) {
        let entry = match parsed {
            Parsed::Entry(entry) => entry,
            Parsed::Unknown(line) => return self.differs(What::Unknown, line, None, String::new()),
        };
        let name = place(entry);
        if name == b"." || name == b".." {
            return;
        }
        let Some(at) = self.left.iter().position(|thing| thing.path == name) else {
            return self.differs(What::Invented, &name, None, format!("{entry:?}"));
        };
        let thing = self.left.swap_remove(at);
        for (what, shown) in compare(entry, &thing) {
            self.differs(what, &name, Some(thing.clone()), shown);
        }
    }

    /// All differences, with what was missing.
    pub(crate) fn end(mut self) -> Vec<Difference> {
        for thing in std::mem::take(&mut self.left) {
            self.differs(
                What::Missing,
                &thing.path.clone(),
                Some(thing),
                String::new(),
            );
        }
        self.differences
    }

    /// All differences, where not everything was looked at.
    pub(crate) fn so_far(self) -> Vec<Difference> {
        self.differences
    }

    fn differs(&mut self, what: What, name: &[u8], thing: Option<Thing>, shown: String) {
        let away = thing.as_ref().map_or(0, |thing| thing.modified - self.now);
        self.differences.push(Difference {
            what,
            name: name.to_vec(),
            thing,
            is_to_come: away > DAY,
            is_long_past: away <= -365 * DAY,
            shown,
        });
    }
}

const DAY: i64 = 86_400;

/// In what an entry differs from its thing. What a listing leaves out altogether is not looked at.
fn compare(entry: &Entry, thing: &Thing) -> Vec<(What, String)> {
    let mut found = Vec::new();
    let mut differs = |what, shown| found.push((what, shown));
    // Names alone say nothing else.
    let is_told = entry.kind() != Kind::Unknown;
    if is_told && entry.kind() != thing.kind {
        differs(What::Kind, format!("{:?}", entry.kind()));
    }
    // A directory's size is the server's affair, and a link's is the length of its target.
    let size = entry.size().filter(|_| entry.size_is_exact());
    if is_told && thing.kind == Kind::File && size != Some(thing.size) {
        differs(What::Size, format!("{size:?}, not {}", thing.size));
    }
    let modified = entry.modified();
    if modified.is_some_and(|modified| !fits(modified, thing.modified)) {
        differs(What::Time, format!("{modified:?}, not {}", thing.modified));
    }
    let mode = entry.permissions().and_then(Permissions::mode);
    if mode.is_some_and(|mode| mode != thing.mode) {
        differs(What::Mode, format!("{mode:?}, not {}", thing.mode));
    }
    if is_told && entry.target() != thing.target.as_deref() {
        differs(What::Target, text(entry.target()));
    }
    let is_owner = |told: Option<&[u8]>, number| told.is_none_or(|told| is_called(told, number));
    if !is_owner(entry.owner(), thing.owner) {
        differs(What::Owner, text(entry.owner()));
    }
    if !is_owner(entry.group(), thing.group) {
        differs(What::Owner, text(entry.group()));
    }
    let links = entry.links();
    if links.is_some_and(|links| links != thing.links) {
        differs(What::Links, format!("{links:?}, not {}", thing.links));
    }
    found
}

fn text(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(|| "none".to_owned(), |bytes| escaped(bytes).to_string())
}

/// Whether a user or group is told by its number, or the name that it has on the lab's machine.
fn is_called(told: &[u8], number: u32) -> bool {
    let name = match number {
        0 => "root",
        1 => "daemon",
        2121 => "ship",
        65534 => "nogroup",
        _ => "",
    };
    told == number.to_string().as_bytes() || told == name.as_bytes()
}

/// Whether a time is the one of the thing, as exactly as it is told. The lab's servers are in UTC.
fn fits(told: Modified, truth: i64) -> bool {
    let unit = match told.precision {
        Precision::Day => 86_400,
        Precision::Minute => 60,
        Precision::Second | Precision::Fraction => 1,
    };
    told.time.unix_seconds() == truth - truth.rem_euclid(unit)
}
