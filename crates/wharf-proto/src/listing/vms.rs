//! Listings of OpenVMS and its relatives: UCX, `MultiNet`, `TCPware`, CMU.
//!
//! ```text
//! Directory DISK$USER:[ANONYMOUS]
//!
//! LOGIN.COM;1              8 25-NOV-2003 20:01 [ANONY,ANONYMOUS] (RWED,RE,RE,RE)
//! DATA.DIR;1             1/9  2-JUN-1998 07:32:04.11
//! A_NAME_THAT_IS_TOO_LONG_FOR_ITS_COLUMN.TXT;12
//!                      118/126 14-APR-1997 12:45:27  [GROUP,OWNER]  (RWED,,RWED,RE)
//!
//! Total of 3 files, 135 blocks.
//! ```
//!
//! Some write the date before the size, or the owner before both. A brief listing has nothing but
//! names, several in a line. Sizes are blocks of 512 bytes, used and allocated, unless a unit follows
//! them. `MultiNet` and `TCPware` can be told to leave the versions out. A file of which only an error
//! is told is left an unknown line: the listing does not show it whole.

use super::date::{self, Clock, Date};
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::unix::rounded;
use super::words::{Line, is_blank};
use super::{Confidence, decimal, ends_with_last_word};

/// The reader of whole listings.
#[derive(Debug, Default)]
pub(super) struct Vms {
    /// The directory that was named first, which is the one that was asked for.
    place: Option<Box<[u8]>>,
    /// Whether names stood side by side.
    is_brief: bool,
}

impl Reader for Vms {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        // One name alone may be the first half of a long line.
        if let Some(names) = names(line).filter(|names| self.is_brief || names.len() > 1) {
            self.is_brief = true;
            return Reading::Entries(names);
        }
        if let Some(name) = Name::read(line.text()) {
            if name.end == line.text().trim_ascii_end().len() {
                return Reading::Half;
            }
            return self.entry(line, &name, cx).into();
        }
        if let Some(place) = place(line) {
            return self.below(place);
        }
        if is_sum(line) || is_rest(line) {
            return Reading::Heading;
        }
        let name = Name::without_version(line);
        name.and_then(|name| self.entry(line, &name, cx)).into()
    }
}

impl Vms {
    /// A path with wildcards lists the directories below as well, one after the other.
    fn below<'a>(&mut self, place: &'a [u8]) -> Reading<'a> {
        match &self.place {
            None => {
                self.place = Some(place.into());
                Reading::Heading
            }
            Some(first) if **first == *place => Reading::Section(b"."),
            Some(_) => Reading::Section(place),
        }
    }

    fn entry<'a>(&self, line: &Line<'a>, name: &Name<'a>, cx: &Context) -> Option<Draft<'a>> {
        let columns = Columns::read(&line.text()[name.end..])?;
        let is_whole = columns.size.is_some() && columns.date.is_some();
        let is_any = columns.size.is_some() || columns.date.is_some() || columns.has_brackets;
        // A name alone is known by its version, or by columns that only VMS has.
        let is_known = match (name.version, self.place.is_some()) {
            (Some(_), true) => is_any,
            (Some(_), false) | (None, true) => is_whole,
            (None, false) => is_whole && columns.has_brackets,
        };
        if !is_known {
            return None;
        }
        let directory = strip_directory(name.text);
        let mut draft =
            Draft::file_or_directory(directory.unwrap_or(name.text), directory.is_some())
                .rough_size(columns.size.and_then(Size::bytes))
                .owner(columns.owner);
        // `<None specified>` stands where there is no date.
        draft.date = columns.date;
        if let Some((day, clock)) = columns.day {
            draft.modified = day.at(clock).modified(cx.now);
        }
        draft.version = name.version;
        draft.group = columns.group;
        Some(draft)
    }
}

/// A brief listing: names, side by side.
fn names<'a>(line: &Line<'a>) -> Option<Vec<Draft<'a>>> {
    if !ends_with_last_word(line) {
        return None;
    }
    let name = |at| Name::read(line.word(at)?).filter(|name| name.text.contains(&b'.'));
    let names = (0..line.count()).map(name).collect::<Option<Vec<_>>>()?;
    let drafts = names.iter().map(|name| {
        let directory = strip_directory(name.text);
        let mut draft =
            Draft::file_or_directory(directory.unwrap_or(name.text), directory.is_some());
        draft.version = name.version;
        draft.confidence(Confidence::Medium)
    });
    Some(drafts.collect())
}

/// `LOGIN.COM;1` at the start of a line.
struct Name<'a> {
    text: &'a [u8],
    version: Option<u32>,
    /// Where it ends, with its version.
    end: usize,
}

impl<'a> Name<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let semicolon = text.iter().position(|&byte| byte == b';')?;
        let digits = text[semicolon + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let end = semicolon + 1 + digits;
        let ends = text.get(end).is_none_or(|&byte| is_blank(byte));
        let name = text[..semicolon].trim_ascii_start();
        // MLSD has semicolons as well, and so may the names of others have, but no name of VMS has a
        // bare blank: ODS-5 escapes it.
        let is_plain = |byte: u8| byte > b' ' && byte != b'=' && byte != 0x7f;
        let is_escaped = |at: usize| name[at] == b' ' && at > 0 && name[at - 1] == b'^';
        let fits = (1..=5).contains(&digits) && ends && !name.is_empty();
        let fits = fits && (0..name.len()).all(|at| is_plain(name[at]) || is_escaped(at));
        let version = decimal(&text[semicolon + 1..end])?.try_into().ok()?;
        (fits && name != b"*.*").then_some(Self {
            text: name,
            version: Some(version),
            end,
        })
    }

    /// `LOGIN.COM` at the start of a line.
    fn without_version(line: &Line<'a>) -> Option<Self> {
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"=;:<>[]()/\\".contains(byte);
        let text = line
            .word(0)
            .filter(|word| word.contains(&b'.') && word.iter().all(is_plain))?;
        Some(Self {
            text,
            version: None,
            end: line.end(0)?,
        })
    }
}

/// What stands behind the name, in whatever order.
#[derive(Default)]
struct Columns<'a> {
    size: Option<Size>,
    day: Option<(Date, Option<Clock>)>,
    date: Option<&'a [u8]>,
    owner: Option<&'a [u8]>,
    group: Option<&'a [u8]>,
    /// Whether an owner or a protection stands in brackets.
    has_brackets: bool,
}

impl<'a> Columns<'a> {
    /// Reads all of them; `None` if there is something else among them.
    fn read(text: &'a [u8]) -> Option<Self> {
        let mut columns = Self::default();
        let mut at = blanks_end(text, 0);
        while at < text.len() {
            let mut end = at + column_length(&text[at..]);
            let column = &text[at..end];
            if column.starts_with(b"(") {
                // The protection tells nothing of what this user may do.
                columns.has_brackets |= is_protection(column);
            } else if column.starts_with(b"[") {
                columns.has_brackets = true;
                (columns.group, columns.owner) = identifiers(column);
            } else if column.starts_with(b"<") {
                columns.date = columns.date.or(Some(column));
            } else if let Some(day) = date::named_day(column).filter(|_| columns.day.is_none()) {
                let time = blanks_end(text, end);
                let time_end = time + column_length(&text[time..]);
                let clock = date::clock(&text[time..time_end]);
                end = clock.map_or(end, |_| time_end);
                columns.day = Some((day, clock));
                columns.date = Some(&text[at..end]);
            } else if let Some(size) = Size::read(column).filter(|_| columns.size.is_none()) {
                columns.size = Some(size);
            } else if columns.size.is_some() && columns.date.is_some() {
                columns.owner = columns.owner.or(Some(column));
                break;
            } else {
                return None;
            }
            at = blanks_end(text, end);
        }
        Some(columns)
    }
}

/// Where the blanks end that begin at a place, if there are any.
fn blanks_end(text: &[u8], at: usize) -> usize {
    let blanks = text[at..].iter().take_while(|&&byte| is_blank(byte));
    at + blanks.count()
}

/// How long the first column is: a word, or what stands in brackets. Identifiers that are too long
/// for their column have no bracket behind them.
fn column_length(text: &[u8]) -> usize {
    let closing = match text.first() {
        Some(b'[') => b']',
        Some(b'(') => b')',
        Some(b'<') => b'>',
        _ => {
            let end = text.iter().position(|&byte| is_blank(byte));
            return end.unwrap_or(text.len());
        }
    };
    let end = text.iter().position(|&byte| byte == closing);
    end.map_or(text.len(), |end| end + 1)
}

/// Directories are files of the type `DIR`, and entered without it.
fn strip_directory(name: &[u8]) -> Option<&[u8]> {
    let (stem, kind) = name.split_at_checked(name.len().checked_sub(4)?)?;
    (kind.eq_ignore_ascii_case(b".DIR") && !stem.is_empty()).then_some(stem)
}

/// What stands in the column of sizes.
#[derive(Clone, Copy)]
enum Size {
    Bytes(u64),
    /// Asterisks: the column is too narrow for it.
    TooLarge,
}

impl Size {
    /// `8`, `118/126`, `2KB` or `1.5MB/2MB`.
    fn read(word: &[u8]) -> Option<Self> {
        let mut parts = word.split(|&byte| byte == b'/');
        let used = Self::part(parts.next()?)?;
        if let Some(allocated) = parts.next() {
            Self::part(allocated)?;
        }
        parts.next().is_none().then_some(used)
    }

    fn part(text: &[u8]) -> Option<Self> {
        if !text.is_empty() && text.iter().all(|&byte| byte == b'*') {
            return Some(Self::TooLarge);
        }
        amount(text).map(Self::Bytes)
    }

    fn bytes(self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::TooLarge => None,
        }
    }
}

/// Blocks, or the units of a process that counts in bytes, in bytes.
fn amount(text: &[u8]) -> Option<u64> {
    match decimal(text) {
        Some(blocks) => blocks.checked_mul(512),
        None => rounded(text),
    }
}

/// The group and the owner of `[GROUP,OWNER]` or `[OWNER]`.
fn identifiers(column: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let inner = column.strip_prefix(b"[").unwrap_or(column);
    let Some(inner) = inner.strip_suffix(b"]") else {
        return (None, Some(inner.trim_ascii_end()));
    };
    match inner.iter().position(|&byte| byte == b',') {
        Some(comma) => (
            Some(inner[..comma].trim_ascii()),
            Some(inner[comma + 1..].trim_ascii()),
        ),
        None => (None, Some(inner)),
    }
}

/// The owner or the protection of the entry above, which left no room for it.
fn is_rest(line: &Line<'_>) -> bool {
    let text = line.text().trim_ascii_end();
    let mut at = blanks_end(text, 0);
    let is_indented = at > 0;
    while at < text.len() {
        let end = at + column_length(&text[at..]);
        let is_owner = matches!(&text[at..end], [b'[', .., b']']);
        if !is_owner && !is_protection(&text[at..end]) {
            return false;
        }
        at = blanks_end(text, end);
    }
    is_indented
}

/// `(RWED,RWED,RE,)`.
fn is_protection(column: &[u8]) -> bool {
    let inner = column
        .strip_prefix(b"(")
        .and_then(|inner| inner.strip_suffix(b")"));
    inner.is_some_and(|inner| inner.iter().all(|byte| b"RWED,".contains(byte)))
}

/// The sum of files and blocks.
fn is_sum(line: &Line<'_>) -> bool {
    let is = |at, word: &[u8]| {
        line.word(at)
            .is_some_and(|own| own.eq_ignore_ascii_case(word))
    };
    let number = |at| line.word(at).and_then(decimal).is_some();
    is(0, b"Grand") && is(1, b"total")
        || is(0, b"Total") && ((is(1, b"of") && number(2)) || (number(1) && is(2, b"files")))
}

/// The place in `Directory DISK$USER:[ANONYMOUS]`, also with angle brackets, or in a line of its own.
fn place<'a>(line: &Line<'a>) -> Option<&'a [u8]> {
    let is_named = line
        .word(0)
        .is_some_and(|word| word.eq_ignore_ascii_case(b"Directory"));
    let place = line.word(usize::from(is_named))?;
    let has = |pair: &[u8]| place.windows(2).any(|own| own == pair);
    let is_square = place.ends_with(b"]") && has(b":[");
    let is_angled = is_named && place.ends_with(b">") && has(b":<");
    (line.count() <= 2 && (is_square || is_angled)).then_some(place)
}
