//! Directory listings: lines in, [`Entry`]s out.
//!
//! ```text
//! data connection ─► lines ─► mlsx  type=file;size=3;modify=20200102030405; a.txt   MLSD (RFC 3659)
//!                         └─► unix  -rw-r--r--  1 root  other  3 Jan  2  2020 a.txt  LIST
//! ```
//!
//! What a server left out is absent here: nothing is guessed. A line that is not surely an entry is
//! handed back as [`Parsed::Unknown`], so that no caller acts on an invented file, and none takes
//! an incomplete listing for a complete one.

mod date;
mod lines;
mod mlsx;
mod parser;
mod permissions;
mod unix;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;

pub use self::lines::ListingError;
pub use self::mlsx::{parse_mlst_reply, parse_mlsx_line};
pub use self::parser::{Format, ListParser, ListingLimits, Parsed};
pub use self::permissions::Permissions;
pub use self::unix::parse_unix_line;
use crate::text::Encoding;
use crate::time::Timestamp;

/// One file, directory or other thing in a listing.
///
/// # Examples
///
/// ```
/// use wharf_proto::listing::{Kind, parse_unix_line};
///
/// let line = b"lrwxrwxrwx   1 root     other          7 Jan 29  2003 B -> A";
/// let entry = parse_unix_line(line, None).unwrap();
/// assert_eq!(entry.kind(), Kind::Symlink);
/// assert_eq!(entry.name(), b"B");
/// assert_eq!(entry.target(), Some(&b"A"[..]));
/// assert_eq!(entry.modified().unwrap().time.to_string(), "2003-01-29T00:00:00Z");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    dialect: Dialect,
    raw: Bytes,
    name: Bytes,
    kind: Kind,
    size: Option<u64>,
    links: Option<u64>,
    modified: Option<Modified>,
    permissions: Option<Permissions>,
    target: Option<Bytes>,
    // Parts of `raw`: a listing may have millions of entries, and few are asked for these.
    date: Option<Range<u32>>,
    owner: Option<Range<u32>>,
    group: Option<Range<u32>>,
    facts: Range<u32>,
}

impl Entry {
    /// The name, byte for byte but for a Unix listing's `\ `, which stands for a blank. It is what
    /// the server says: look for `/` and `..` before it becomes part of a local path.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The name as text: UTF-8, or Latin-1 if it is not. Not escaped for a terminal.
    pub fn name_lossy(&self) -> Cow<'_, str> {
        Encoding::Utf8.decode(&self.name)
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its size in bytes. What a directory's size means is the server's affair.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// When it was modified, if the listing says so in a way that can be understood.
    pub fn modified(&self) -> Option<Modified> {
        self.modified
    }

    /// The date as the server wrote it, understood or not.
    pub fn date_text(&self) -> Option<&[u8]> {
        self.part(self.date.as_ref())
    }

    /// Its Unix permissions.
    pub fn permissions(&self) -> Option<&Permissions> {
        self.permissions.as_ref()
    }

    /// Its owner: a name, or a number where the server has no name.
    pub fn owner(&self) -> Option<&[u8]> {
        self.part(self.owner.as_ref())
    }

    /// Its group: a name, or a number where the server has no name.
    pub fn group(&self) -> Option<&[u8]> {
        self.part(self.group.as_ref())
    }

    /// How many names the file has. Some servers always say 1.
    pub fn links(&self) -> Option<u64> {
        self.links
    }

    /// Where a symbolic link leads, as the server wrote it.
    pub fn target(&self) -> Option<&[u8]> {
        self.target.as_deref()
    }

    /// The `unique` fact (RFC 3659 §7.5.2): the same for two names of one file.
    pub fn unique(&self) -> Option<&[u8]> {
        self.fact("unique")
    }

    /// The `perm` fact (RFC 3659 §7.5.5): what this user may do with it, a letter each.
    pub fn perm_facts(&self) -> Option<&[u8]> {
        self.fact("perm")
    }

    /// The value of any fact of an `MLSx` line; case does not matter in its name.
    pub fn fact(&self, name: &str) -> Option<&[u8]> {
        mlsx::find(self.part(Some(&self.facts))?, name)
    }

    /// In which form the line was written.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The whole line without its end.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// An entry of which nothing is known but its name.
    fn new(dialect: Dialect, raw: Bytes, name: Bytes, kind: Kind) -> Self {
        Self {
            dialect,
            raw,
            name,
            kind,
            size: None,
            links: None,
            modified: None,
            permissions: None,
            target: None,
            date: None,
            owner: None,
            group: None,
            facts: 0..0,
        }
    }

    fn part(&self, range: Option<&Range<u32>>) -> Option<&[u8]> {
        let range = range?;
        Some(&self.raw[range.start as usize..range.end as usize])
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A block device.
    BlockDevice,
    /// A character device.
    CharDevice,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// The listed directory itself: `.`, or `cdir` of RFC 3659.
    CurrentDirectory,
    /// The directory above the listed one: `..`, or `pdir` of RFC 3659.
    ParentDirectory,
    /// Something else, of which the server says what it is.
    Other,
    /// The server does not say.
    Unknown,
}

/// When something was modified, and how well that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Modified {
    /// The moment, taken as UTC if the zone is not known.
    pub time: Timestamp,
    /// How exact it is.
    pub precision: Precision,
    /// Whether it really is UTC.
    pub zone: Zone,
}

/// How exact a [`Modified`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// The day is known; the time is midnight.
    Day,
    /// The minute is known.
    Minute,
    /// The second is known.
    Second,
    /// A fraction of the second is known.
    Fraction,
}

/// Whose clock a [`Modified`] was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// UTC.
    Utc,
    /// The server's, wherever it stands.
    Unknown,
}

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// Facts and a name (RFC 3659 §7).
    Mlsx,
    /// What `ls -l` writes.
    Unix,
}

/// Where in `whole` the slice `part` of it lies.
fn span(whole: &[u8], part: &[u8]) -> Option<Range<u32>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start
        .checked_add(part.len())
        .filter(|&end| end <= whole.len())?;
    Some(u32::try_from(start).ok()?..u32::try_from(end).ok()?)
}

/// A number in decimal digits and nothing else.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// A line without the CRs at its end: one of CRLF, or two of GridFTP's CR CR LF. A name that ends
/// in CR could not be asked for anyway.
fn without_cr(line: &[u8]) -> &[u8] {
    let end = line
        .iter()
        .rposition(|&byte| byte != b'\r')
        .map_or(0, |last| last + 1);
    &line[..end]
}
