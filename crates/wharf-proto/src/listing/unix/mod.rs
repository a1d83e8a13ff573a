//! Listings for people, in the form of `ls -l`.
//!
//! ```text
//! -rw-r--r--+  1 root  other  531 Jan 29 03:26 README
//! crw-rw-rw-   1 root  sys 13, 12 29 Jan  2003 null
//! lrwxrwxrwx   1 root  other    1 2003-01-29 03:26 B -> A
//! └ mode ───┘ └ links owner group size ┘└ date ──┘ └ name, with every blank but one before it
//! ```
//!
//! The date is the one column that can be told by its look, so it is found first, by the size
//! before it; what else stands before that may be missing. Mac servers write the sizes of a file's
//! two forks in the place of the owners, UniTree two columns more, and `ls -is` two columns first.

mod columns;
mod habits;
mod mode;
mod owners;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use self::columns::Columns;
pub(super) use self::columns::rounded;
use self::habits::Habits;
use self::mode::Mode;
use super::date::{Now, Triple};
use super::draft::{Draft, Reading};
use super::months;
use super::reader::{Context, Reader};
use super::words::{Line, is_blank};
use super::{Confidence, Entry, Kind, Permissions, decimal};
use crate::time::Timestamp;

/// Reads one line in the form of `ls -l`; `None` if it is not surely one.
///
/// The link count, the owner and the group may be missing, the mode may have an eleventh character,
/// and months may be in another language; if that is not known the date stays text. A date without
/// a year is the last such date that is at most a day ahead of `now`. The name may begin and end
/// with blanks; `\ ` in it is a blank, as some servers write it.
///
/// # Examples
///
/// ```
/// use wharf_proto::listing::{Precision, parse_unix_line};
/// use wharf_proto::time::Timestamp;
///
/// let line = b"-rw-r--r--   1 root     other        531 Jan 29 03:26 README";
/// let now = Timestamp::parse(b"20260115000000");
/// let entry = parse_unix_line(line, now).unwrap();
/// let modified = entry.modified().unwrap();
/// assert_eq!(modified.time.to_string(), "2025-01-29T03:26:00Z");
/// assert_eq!(modified.precision, Precision::Minute);
///
/// let entry = parse_unix_line(line, None).unwrap();
/// assert_eq!(entry.modified(), None);
/// assert_eq!(entry.date_text(), Some(&b"Jan 29 03:26"[..]));
/// ```
pub fn parse_unix_line(line: &[u8], now: Option<Timestamp>) -> Option<Entry> {
    super::reader::one_line(line, super::Dialect::Unix, |line| {
        read(line, now.and_then(Now::new), &Habits::default())
    })
}

/// The reader of whole listings.
#[derive(Debug, Default)]
pub(super) struct Unix {
    habits: Habits,
}

impl Reader for Unix {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        if let Some(draft) = read(line, cx.now, &self.habits) {
            if cx.is_survey {
                self.habits.see(line);
            }
            return Reading::Entry(draft);
        }
        if let Some(draft) = numeric_mode(line, cx.now) {
            return Reading::Entry(draft);
        }
        // Where others have a date, one that is not understood must not become part of a name.
        if (cx.is_survey || !self.habits.has_dates())
            && let Some(draft) = without_date(line)
        {
            return Reading::Entry(draft);
        }
        if is_total(line) {
            return Reading::Heading;
        }
        section(line, cx).map_or(Reading::Unknown, Reading::Section)
    }
}

fn read<'a>(line: &Line<'a>, now: Option<Now>, habits: &Habits) -> Option<Draft<'a>> {
    let mode = Mode::find(line)?;
    let columns = Columns::find(line, &mode)?;
    let found = &columns.found;
    // UniTree fills up the column before the name, and nobody begins names with blanks there.
    let gap = if owners::is_unitree(line, columns.size_word) {
        usize::MAX
    } else {
        habits.gap(found.behind)
    };
    let name = line.after(found.last, gap)?;
    let (name, target) = if mode.kind == Kind::Symlink {
        linked(name, columns.size)
    } else {
        (name, None)
    };
    let name = without_mark(mode.kind, name);
    if name.iter().all(|&byte| byte == b'/') {
        return None;
    }
    let plain = |part| {
        if habits.escapes_blanks() {
            unescaped(part)
        } else {
            Cow::Borrowed(part)
        }
    };
    let mut draft = Draft::new(plain(name), own_kind(mode.kind, name));
    draft.target = target.map(plain);
    draft.permissions = mode.permissions;
    draft.size = columns.size;
    draft.size_is_exact = columns.size_is_exact;
    draft.date = line.between(columns.date, found.last + 1);
    draft.modified = found.moment.modified(now);
    draft.links = mode.links;
    draft.confidence = columns.confidence;
    owners::tell(line, mode.word + 1..columns.size_word, &columns, &mut draft);
    Some(draft)
}

/// `.` and `..` are the listed directory and the one above.
fn own_kind(kind: Kind, name: &[u8]) -> Kind {
    match (kind, name) {
        (Kind::Directory, b".") => Kind::CurrentDirectory,
        (Kind::Directory, b"..") => Kind::ParentDirectory,
        (kind, _) => kind,
    }
}

/// `0100644   500  101   12345    123456789       name`: everything in numbers.
fn numeric_mode<'a>(line: &Line<'a>, now: Option<Now>) -> Option<Draft<'a>> {
    let mode = line.word(0).filter(|mode| matches!(mode.len(), 6 | 7))?;
    let permissions = Permissions::from_octal(mode)?;
    // As many noughts as fill the column up.
    let kind = match &mode[..mode.len() - 4] {
        b"10" | b"010" => Kind::File,
        b"04" | b"004" => Kind::Directory,
        b"12" | b"012" => Kind::Symlink,
        _ => return None,
    };
    let number = |at| line.word(at).and_then(decimal);
    let (_, _, size, seconds) = (number(1)?, number(2)?, number(3)?, number(4)?);
    let time = Timestamp::from_unix(seconds.try_into().ok()?, 0)?;
    let is_past = now.is_none_or(|now| time <= now.limit);
    let name = line.from(5).filter(|name| !name.is_empty() && is_past)?;
    let mut draft = Draft::new(name, own_kind(kind, name))
        .size(Some(size))
        .owner(line.word(1))
        .confidence(Confidence::Medium);
    draft.group = line.word(2);
    draft.permissions = Some(permissions);
    draft.date = line.word(4);
    draft.modified = Some(super::Modified {
        time,
        precision: super::Precision::Second,
        zone: super::Zone::Utc,
    });
    Some(draft)
}

/// `drwxr-xr-x  2 root  other  512 name`, where everything but the date is there.
fn without_date<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let mode = Mode::find(line).filter(|mode| mode.word == 0 && mode.permissions.is_some())?;
    let number = |at| line.word(at).and_then(decimal);
    let (_, size) = (number(1)?, number(4)?);
    let name = line
        .after(4, 1)
        .filter(|name| !name.trim_ascii().is_empty())?;
    // A date that is none is no name either.
    let first = line.word(5)?;
    if months::month(first).is_some() || first.contains(&b':') || Triple::read(first).is_some() {
        return None;
    }
    let (name, target) = match mode.kind {
        Kind::Symlink => linked(name, Some(size)),
        _ => (name, None),
    };
    let name = without_mark(mode.kind, name);
    if name.iter().all(|&byte| byte == b'/') {
        return None;
    }
    let mut draft = Draft::new(name, own_kind(mode.kind, name))
        .size(Some(size))
        .owner(line.word(2))
        .confidence(Confidence::Low);
    draft.group = line.word(3);
    draft.links = line.word(1);
    draft.permissions = mode.permissions;
    draft.target = target.map(Cow::Borrowed);
    Some(draft)
}

/// No name has a slash in it: `ls -F` marks directories with one.
fn without_mark(kind: Kind, name: &[u8]) -> &[u8] {
    match name.strip_suffix(b"/") {
        Some(bare) if kind == Kind::Directory && !bare.is_empty() => bare,
        _ => name,
    }
}

/// What `ls` calls its sum, in the languages that it speaks.
const TOTALS: [&str; 19] = [
    "total",
    "gesamt",
    "insgesamt",
    "totale",
    "totaal",
    "razem",
    "totalt",
    "celkem",
    "összesen",
    "toplam",
    "yhteensä",
    "итого",
    "всего",
    "合計",
    "总用量",
    "總用量",
    "总计",
    "總計",
    "합계",
];

/// Whether a line is the sum of blocks that `ls` writes first.
pub(super) fn is_total(line: &Line<'_>) -> bool {
    let Some(first) = line.word(0) else {
        return false;
    };
    let first = first.strip_suffix(b":").unwrap_or(first);
    let is_word = std::str::from_utf8(first)
        .is_ok_and(|first| first.len() <= 20 && TOTALS.contains(&&*first.to_lowercase()));
    let number = line
        .word(1)
        .map(|word| word.strip_prefix(b"-").unwrap_or(word));
    is_word
        && number
            .and_then(<[u8]>::first)
            .is_some_and(u8::is_ascii_digit)
        && line.count() == 2
}

/// The directory of `dir:`, which `ls -R` writes above each but the first, with an empty line
/// before it.
fn section<'a>(line: &Line<'a>, cx: &Context) -> Option<&'a [u8]> {
    let name = line.text().strip_suffix(b":")?;
    let is_path = name == b"." || name.starts_with(b"/") || name.starts_with(b"./");
    let is_message = name.windows(2).any(|pair| pair == b": ");
    let fits = !name.is_empty() && !is_blank(name[0]) && !is_message && (cx.after_gap || is_path);
    fits.then_some(name)
}

/// The name of a link, and where it leads. Both may hold an arrow of their own; the size of a link is
/// the length of its target, if the server shows it.
fn linked(text: &[u8], size: Option<u64>) -> (&[u8], Option<&[u8]>) {
    // A name that is missing, and the blank before it that a year may be padded with.
    if let Some(target) = text.strip_prefix(b"-> ") {
        return (b"", Some(target));
    }
    let Some(first) = arrow(text) else {
        // So on Windows.
        if let Some(target) = text.strip_prefix(b"=> ") {
            return (b"", Some(target));
        }
        let other = text.windows(4).position(|window| window == b" => ");
        return other.map_or((text, None), |at| (&text[..at], Some(&text[at + 4..])));
    };
    let fits = |size: u64| {
        let at = text
            .len()
            .checked_sub(size.try_into().ok()?)?
            .checked_sub(4)?;
        text[at..].starts_with(b" -> ").then_some(at)
    };
    let at = size
        .filter(|&size| size > 0)
        .and_then(fits)
        .unwrap_or(first);
    (&text[..at], Some(&text[at + 4..]))
}

/// Where the first ` -> ` stands.
fn arrow(text: &[u8]) -> Option<usize> {
    text.windows(4).position(|window| window == b" -> ")
}

/// `part` with every `\ ` made a blank; other backslashes are the name's own.
fn unescaped(part: &[u8]) -> Cow<'_, [u8]> {
    if !part.contains(&b'\\') || !part.windows(2).any(|pair| pair == b"\\ ") {
        return Cow::Borrowed(part);
    }
    let mut plain = Vec::with_capacity(part.len());
    let mut rest = part;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte == b'\\' && after.starts_with(b" ") {
            continue;
        }
        plain.push(*byte);
    }
    Cow::Owned(plain)
}
