//! What a listing tells of one thing in it.

use std::borrow::Cow;
use std::fmt;
use std::str;

use super::draft::Draft;
use super::lines::Slice;
use super::permissions::Form;
use super::{Dialect, Permissions, mlsx};
use crate::text::Encoding;
use crate::time::Timestamp;

/// One file, directory or other thing in a listing.
///
/// What the server left out is `None`. An entry shares the bytes it was read from with those that
/// came in the same piece of the listing, and is small beside them, so that a listing of many
/// thousand entries can be kept.
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
#[derive(Clone)]
pub struct Entry {
    raw: Slice,
    /// 0 if there is none.
    size: u64,
    seconds: i64,
    /// What only some entries have, so that the others do not carry it.
    extra: Option<Box<Extra>>,
    name: Span,
    /// Those of [`Column`], unless one of them lies far into the line.
    columns: [ShortSpan; 4],
    permissions: Option<Kept>,
    precision: Option<Precision>,
    kind: Kind,
    dialect: Dialect,
    flags: Flags,
}

/// A column of the line of which nothing but its place is kept.
#[derive(Clone, Copy)]
enum Column {
    Date,
    Owner,
    Group,
    Links,
}

/// What is kept of permissions.
#[derive(Clone, Copy)]
enum Kept {
    /// Where in the line the nine characters begin.
    SymbolicAt(u8),
    Octal(u16),
}

/// What takes a bit or two.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Flags(u8);

impl Flags {
    /// [`Confidence`], as a number.
    const CONFIDENCE: u8 = 0b11;
    const HAS_SIZE: u8 = 1 << 2;
    const SIZE_IS_EXACT: u8 = 1 << 3;
    const IS_UTC: u8 = 1 << 4;
    /// The target goes from an arrow of four characters behind the name to the end of the line.
    const HAS_TARGET: u8 = 1 << 5;

    fn has(self, flag: u8) -> bool {
        self.0 & flag != 0
    }

    fn set(&mut self, flag: u8, is_set: bool) {
        self.0 = if is_set {
            self.0 | flag
        } else {
            self.0 & !flag
        };
    }
}

/// What few entries have.
#[derive(Clone, Default)]
struct Extra {
    /// A name or target that is not a part of the line as it is.
    name: Option<Box<[u8]>>,
    target: Option<Box<[u8]>>,
    /// All of [`Column`], if one of them lies far into the line.
    columns: Option<[Span; 4]>,
    version: Option<u32>,
    nanos: u32,
    section: Option<Slice>,
}

impl Entry {
    /// The name, byte for byte but for a Unix listing's `\ `, which stands for a blank, and for
    /// servers that write a name in several columns. It is what the server says: look for `/` and
    /// `..` before it becomes part of a local path.
    pub fn name(&self) -> &[u8] {
        match self.extra.as_ref().and_then(|extra| extra.name.as_deref()) {
            Some(name) => name,
            None => self.name.of(self.raw()),
        }
    }

    /// The name as text: UTF-8, or Latin-1 if it is not. Not escaped for a terminal.
    pub fn name_lossy(&self) -> Cow<'_, str> {
        self.name_in(Encoding::Utf8)
    }

    /// The name as text in the encoding of the connection. Not escaped for a terminal.
    pub fn name_in(&self, encoding: Encoding) -> Cow<'_, str> {
        encoding.decode(self.name())
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its size in bytes. What a directory's size means is the server's affair. See
    /// [`size_is_exact`](Self::size_is_exact).
    pub fn size(&self) -> Option<u64> {
        self.flags.has(Flags::HAS_SIZE).then_some(self.size)
    }

    /// Whether [`size`](Self::size) counts bytes. It does not where the server counts blocks (VMS),
    /// or rounds (`33.5k`): the file is about as long then.
    pub fn size_is_exact(&self) -> bool {
        self.flags.has(Flags::HAS_SIZE) && self.flags.has(Flags::SIZE_IS_EXACT)
    }

    /// When it was modified, if the listing says so in a way that can be understood.
    pub fn modified(&self) -> Option<Modified> {
        let precision = self.precision?;
        let nanos = self.extra.as_ref().map_or(0, |extra| extra.nanos);
        Some(Modified {
            time: Timestamp::from_unix(self.seconds, nanos)?,
            precision,
            zone: if self.flags.has(Flags::IS_UTC) {
                Zone::Utc
            } else {
                Zone::Unknown
            },
        })
    }

    /// The date as the server wrote it, understood or not.
    pub fn date_text(&self) -> Option<&[u8]> {
        self.column(Column::Date)
    }

    /// Its permissions in the manner of Unix.
    pub fn permissions(&self) -> Option<Permissions<'_>> {
        let form = match self.permissions? {
            Kept::SymbolicAt(at) => {
                Form::Symbolic(self.raw().get(usize::from(at)..)?.first_chunk()?)
            }
            Kept::Octal(mode) => Form::Octal(mode),
        };
        Some(Permissions(form))
    }

    /// Its owner: a name, or a number where the server has no name.
    pub fn owner(&self) -> Option<&[u8]> {
        self.column(Column::Owner)
    }

    /// Its group: a name, or a number where the server has no name.
    pub fn group(&self) -> Option<&[u8]> {
        self.column(Column::Group)
    }

    /// How many names the file has. Some servers always say 1.
    pub fn links(&self) -> Option<u64> {
        super::decimal(self.column(Column::Links)?)
    }

    /// Where a symbolic link leads, as the server wrote it.
    pub fn target(&self) -> Option<&[u8]> {
        let extra = self
            .extra
            .as_ref()
            .and_then(|extra| extra.target.as_deref());
        let behind = || self.raw().get(self.name.end as usize + ARROW.len()..);
        extra.or_else(|| behind().filter(|_| self.flags.has(Flags::HAS_TARGET)))
    }

    /// The version, on systems that keep several of a file under one name (VMS, TOPS-20).
    pub fn version(&self) -> Option<u32> {
        self.extra.as_ref()?.version
    }

    /// The directory whose heading stands above the entry in a recursive listing, as the server
    /// wrote it; `None` in the one that was asked for.
    pub fn section(&self) -> Option<&[u8]> {
        Some(self.extra.as_ref()?.section.as_ref()?.as_bytes())
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
        mlsx::find(self.facts()?, name)
    }

    /// In which form the line was written.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// How sure it is that this entry is there and is called so.
    pub fn confidence(&self) -> Confidence {
        match self.flags.0 & Flags::CONFIDENCE {
            0 => Confidence::Low,
            1 => Confidence::Medium,
            _ => Confidence::High,
        }
    }

    /// The whole line without its end; two lines with their LF where the server wrapped a long one.
    pub fn raw(&self) -> &[u8] {
        self.raw.as_bytes()
    }

    /// The facts of an `MLSx` line: what stands before its name.
    pub(super) fn facts(&self) -> Option<&[u8]> {
        if self.dialect != Dialect::Mlsx {
            return None;
        }
        let facts = self.raw().get(..self.name.start())?;
        Some(facts.trim_ascii()).filter(|facts| !facts.is_empty())
    }

    /// The same with the size in bytes that another command gave, such as `SIZE`.
    #[must_use]
    pub fn with_size(mut self, bytes: u64) -> Self {
        self.size = bytes;
        self.flags.set(Flags::HAS_SIZE, true);
        self.flags.set(Flags::SIZE_IS_EXACT, true);
        self
    }

    /// The same as an entry of this kind: `type=cdir` is a directory to whoever asked for its path.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same called by the last part of its name, if that is a path: some servers write the
    /// directory ahead of each name in answer to `NLST`. The line stays as it is.
    #[must_use]
    pub fn with_last_component(mut self) -> Self {
        let name = self.name();
        let slash = name.iter().rposition(|&byte| byte == b'/');
        let last = slash.map(|slash| &name[slash + 1..]);
        if let Some(last) = last.filter(|last| !last.is_empty()) {
            let last = last.into();
            self.extra.get_or_insert_default().name = Some(last);
        }
        self
    }

    /// The same with the modification time that another command gave, such as `MDTM`. The text of
    /// the date stays that of the listing.
    #[must_use]
    pub fn with_modified(mut self, modified: Modified) -> Self {
        self.seconds = modified.time.unix_seconds();
        self.precision = Some(modified.precision);
        self.flags.set(Flags::IS_UTC, modified.zone == Zone::Utc);
        let nanos = modified.time.subsec_nanos();
        if nanos != 0 || self.extra.is_some() {
            self.extra.get_or_insert_default().nanos = nanos;
        }
        self
    }

    /// The entry that a dialect read from `raw`. What the draft owns is taken out of it: drafts are
    /// large, and moving one for every line takes its time.
    pub(super) fn new(dialect: Dialect, raw: &Slice, draft: &mut Draft<'_>) -> Self {
        let text = raw.as_bytes();
        let mut extra: Option<Box<Extra>> = None;
        let name = match std::mem::take(&mut draft.name) {
            Cow::Borrowed(name) => Span::new(text, name),
            Cow::Owned(name) => {
                extra.get_or_insert_default().name = Some(name.into_boxed_slice());
                Span::default()
            }
        };
        let mut flags = Flags(draft.confidence as u8);
        flags.set(Flags::HAS_SIZE, draft.size.is_some());
        flags.set(Flags::SIZE_IS_EXACT, draft.size_is_exact);
        let zone = draft.modified.map(|modified| modified.zone);
        flags.set(Flags::IS_UTC, zone == Some(Zone::Utc));
        match draft.target.take() {
            None => {}
            Some(target) if is_behind_arrow(text, name, &target) => {
                flags.set(Flags::HAS_TARGET, true);
            }
            Some(target) => {
                let target = target.into_owned().into_boxed_slice();
                extra.get_or_insert_default().target = Some(target);
            }
        }
        if draft.version.is_some() {
            extra.get_or_insert_default().version = draft.version;
        }
        let seconds = draft
            .modified
            .map_or(0, |modified| modified.time.unix_seconds());
        let nanos = draft
            .modified
            .map_or(0, |modified| modified.time.subsec_nanos());
        if nanos != 0 {
            extra.get_or_insert_default().nanos = nanos;
        }
        let columns = [draft.date, draft.owner, draft.group, draft.links]
            .map(|part| part.map_or_else(Span::default, |part| Span::new(text, part)));
        let near = near(columns);
        if near.is_none() {
            extra.get_or_insert_default().columns = Some(columns);
        }
        Self {
            size: draft.size.unwrap_or(0),
            seconds,
            extra,
            name,
            columns: near.unwrap_or_default(),
            permissions: draft.permissions.and_then(|it| kept(text, it)),
            precision: draft.modified.map(|modified| modified.precision),
            kind: draft.kind,
            dialect,
            flags,
            raw: raw.clone(),
        }
    }

    fn column(&self, column: Column) -> Option<&[u8]> {
        let place = self.far_columns().map_or_else(
            || self.columns[column as usize].into(),
            |columns| columns[column as usize],
        );
        Some(place.of(self.raw())).filter(|text| !text.is_empty())
    }

    fn far_columns(&self) -> Option<&[Span; 4]> {
        self.extra.as_ref()?.columns.as_ref()
    }

    /// Says under which heading of a recursive listing it stands.
    pub(super) fn set_section(&mut self, section: &Slice) {
        self.extra.get_or_insert_default().section = Some(section.clone());
    }
}

const ARROW: &[u8] = b" -> ";

/// Whether the target is the rest of the line, behind the name and an arrow.
fn is_behind_arrow(text: &[u8], name: Span, target: &[u8]) -> bool {
    let rest = text.get(name.end as usize..).unwrap_or_default();
    name.end > 0 && rest.strip_prefix(ARROW) == Some(target)
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.raw() == other.raw()
            && self.name() == other.name()
            && self.target() == other.target()
            && (self.kind, self.dialect, self.flags) == (other.kind, other.dialect, other.flags)
            && self.size == other.size
            && self.modified() == other.modified()
            && self.permissions() == other.permissions()
            && self.columns == other.columns
            && self.far_columns() == other.far_columns()
            && (self.version(), self.section()) == (other.version(), other.section())
    }
}

impl Eq for Entry {}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes| crate::text::escaped(bytes).to_string();
        f.debug_struct("Entry")
            .field("name", &text(self.name()))
            .field("kind", &self.kind)
            .field("size", &self.size)
            .field("modified", &self.modified())
            .field("target", &self.target().map(text))
            .field("dialect", &self.dialect)
            .field("raw", &text(self.raw()))
            .finish_non_exhaustive()
    }
}

/// A part of the line.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(text: &[u8], part: &[u8]) -> Self {
        let place = || {
            let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
            let end = start
                .checked_add(part.len())
                .filter(|&end| end <= text.len())?;
            Some(Self {
                start: start.try_into().ok()?,
                end: end.try_into().ok()?,
            })
        };
        place().unwrap_or_default()
    }

    fn start(self) -> usize {
        self.start as usize
    }

    fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start()..self.end as usize)
            .unwrap_or_default()
    }
}

/// A part of the line's first 255 bytes, where nearly every server has its columns.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct ShortSpan {
    start: u8,
    end: u8,
}

impl From<ShortSpan> for Span {
    fn from(short: ShortSpan) -> Self {
        Self {
            start: short.start.into(),
            end: short.end.into(),
        }
    }
}

/// The same columns with less to keep; `None` if one of them lies far into the line.
fn near(columns: [Span; 4]) -> Option<[ShortSpan; 4]> {
    let mut near = [ShortSpan::default(); 4];
    for (short, column) in near.iter_mut().zip(columns) {
        short.start = column.start.try_into().ok()?;
        short.end = column.end.try_into().ok()?;
    }
    Some(near)
}

/// What is kept of permissions. The nine characters are one of the first words of a line, and nobody
/// writes numbers of hundreds of digits before them.
fn kept(text: &[u8], permissions: Permissions<'_>) -> Option<Kept> {
    match permissions.0 {
        Form::Symbolic(symbolic) => {
            let at = Span::new(text, symbolic).start.try_into().ok()?;
            Some(Kept::SymbolicAt(at))
        }
        Form::Octal(mode) => Some(Kept::Octal(mode)),
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

/// How sure it is that an entry was read as it was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The line could as well mean something else.
    Low,
    /// The line has the form of its dialect, with something unusual in it.
    Medium,
    /// The line has the form of its dialect.
    High,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_entries_take_six_mebibytes_beside_their_bytes() {
        assert!(size_of::<Entry>() <= 64, "{}", size_of::<Entry>());
    }

    #[test]
    fn what_another_command_said_takes_the_place_of_what_the_listing_said() {
        let line = b"-rw-r--r--   1 root     other      33.5k Jan 29  2003 a -> b";
        let listed = crate::listing::parse_unix_line(line, None).unwrap();
        assert!(!listed.size_is_exact());
        let sized = listed.clone().with_size(34_301);
        assert_eq!((sized.size(), sized.size_is_exact()), (Some(34_301), true));
        assert_eq!(sized.modified(), listed.modified());

        let exact = Modified {
            time: Timestamp::parse(b"20030129032615.25").unwrap(),
            precision: Precision::Fraction,
            zone: Zone::Utc,
        };
        let dated = sized.clone().with_modified(exact);
        assert_eq!(dated.modified(), Some(exact));
        assert_eq!(dated.date_text(), Some(&b"Jan 29  2003"[..]));
        assert_eq!((dated.name(), dated.size()), (sized.name(), sized.size()));

        let pipe = dated.clone().with_kind(Kind::Fifo);
        assert_eq!((pipe.kind(), pipe.name()), (Kind::Fifo, dated.name()));

        let rough = listed.modified().unwrap();
        assert_eq!(dated.with_modified(rough), sized);
    }

    #[test]
    fn a_path_can_be_called_by_its_last_part() {
        let listed = |line: &[u8]| crate::listing::parse_mlsx_line(line).unwrap();
        let path = listed(b"type=file; quay/a b").with_last_component();
        assert_eq!(
            (path.name(), path.raw()),
            (&b"a b"[..], &b"type=file; quay/a b"[..])
        );
        for name in ["a", "quay/", "/"] {
            let line = format!("type=dir; {name}");
            assert_eq!(
                listed(line.as_bytes()).with_last_component().name(),
                name.as_bytes()
            );
        }
    }
}
