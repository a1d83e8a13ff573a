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

use std::borrow::Cow;

use super::draft::{Draft, Reading};
use super::ls_date::{self, Found};
use super::permissions::is_permission;
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
    super::reader::one_line(line, super::Dialect::Unix, |line| read(line, now, 0))
}

/// The reader of whole listings.
#[derive(Debug, Default)]
pub(super) struct Unix {
    /// How many blanks stand before every name so far, beyond the one that parts columns.
    padding: Padding,
}

/// The blanks that stand before every name of a listing: with none but aligned names they are
/// the column's, and no name's.
#[derive(Debug, Default, Clone, Copy)]
struct Padding {
    seen: usize,
    least: usize,
}

impl Padding {
    fn see(&mut self, blanks: usize) {
        self.least = if self.seen == 0 { blanks } else { self.least.min(blanks) };
        self.seen += 1;
    }

    /// One name alone may begin with blanks; three hardly all do.
    fn surplus(self) -> usize {
        if self.seen >= 3 { self.least } else { 0 }
    }
}

impl Reader for Unix {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        if let Some(draft) = read(line, cx.now, self.padding.surplus()) {
            if cx.is_survey {
                let blanks = draft.name.iter().take_while(|&&byte| byte == b' ').count();
                self.padding.see(blanks);
            }
            return Reading::Entry(draft);
        }
        if let Some(draft) = numeric_mode(line, cx.now).or_else(|| without_date(line)) {
            return Reading::Entry(draft);
        }
        if is_total(line) {
            return Reading::Heading;
        }
        section(line, cx).map_or(Reading::Unknown, Reading::Section)
    }
}

fn read<'a>(line: &Line<'a>, now: Option<Timestamp>, padding: usize) -> Option<Draft<'a>> {
    let mode = find_mode(line)?;
    let columns = find_columns(line, &mode)?;
    let found = &columns.found;
    let gap = if found.is_padded { 2 } else { 1 } + padding;
    let name = line.after(found.last, gap)?;
    let (name, target) = match arrow(name) {
        Some(at) if mode.kind == Kind::Symlink => (&name[..at], Some(unescaped(&name[at + 4..]))),
        _ => (name, None),
    };
    if name.trim_ascii().is_empty() {
        return None;
    }
    let mut draft = Draft::new(unescaped(name), own_kind(mode.kind, name));
    draft.target = target;
    draft.permissions = mode.permissions;
    draft.size = columns.size;
    draft.size_is_exact = columns.size_is_exact;
    draft.date = line.between(columns.date, found.last + 1);
    draft.modified = found.moment.modified(now);
    draft.links = mode.links;
    draft.confidence = columns.confidence;
    owners(line, mode.word + 1..columns.size_word, &columns, &mut draft);
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

/// The first column that every dialect of this family has.
struct Mode<'a> {
    kind: Kind,
    permissions: Option<Permissions>,
    /// Its word.
    word: usize,
    /// A link count that is glued to it, as in `drwxr-x---+1464`.
    links: Option<&'a [u8]>,
}

/// Finds the mode: the first word, or behind an inode and a number of blocks.
fn find_mode<'a>(line: &Line<'a>) -> Option<Mode<'a>> {
    let mut word = 0;
    while word < 2 && line.word(word)?.iter().all(u8::is_ascii_digit) {
        word += 1;
    }
    let (kind, rest) = line.word(word)?.split_first()?;
    let kind = match kind {
        b'-' | b'f' => Kind::File,
        b'd' => Kind::Directory,
        b'l' => Kind::Symlink,
        b'b' => Kind::BlockDevice,
        b'c' => Kind::CharDevice,
        b'p' => Kind::Fifo,
        b's' => Kind::Socket,
        // Doors and ports of Solaris, network files of HP-UX, whiteouts of the BSDs.
        b'D' | b'P' | b'n' | b'w' => Kind::Other,
        _ => return None,
    };
    let mut length = rest.iter().take_while(|&&byte| is_permission(byte)).count();
    let mut mark = &rest[length..];
    // Windows servers put their attributes into the place of the permissions.
    if length < 9 && rest.len() == 9 && rest.iter().all(|byte| b"-rwxahACRHSD".contains(byte)) {
        (length, mark) = (9, b"");
    }
    if let [b'+' | b'.' | b'@' | b'*', after @ ..] = mark {
        mark = after;
    }
    // Some write eight permissions, and others six.
    let fits = (6..=9).contains(&length)
        && (mark.is_empty() || (length == 9 && mark.iter().all(u8::is_ascii_digit)));
    fits.then(|| Mode {
        kind,
        permissions: rest[..length].try_into().ok().and_then(Permissions::from_symbolic),
        word,
        links: Some(mark).filter(|mark| !mark.is_empty()),
    })
}

/// What was found right of the owners.
struct Columns {
    /// The word of the size, or the first of a device's numbers.
    size_word: usize,
    size: Option<u64>,
    size_is_exact: bool,
    /// Where the digits of a size begin that is glued to the group.
    glued: Option<usize>,
    /// The first word of the date.
    date: usize,
    found: Found,
    confidence: Confidence,
}

/// Finds the size and the date behind it.
///
/// Four words before the date are tried first: a user called `jan` with a numeric group can make
/// the words before it look like a date as well. After that the first is taken, since the rest of
/// a line is its name, which may hold dates. Dates of unusual forms are tried when no other was
/// found.
fn find_columns(line: &Line<'_>, mode: &Mode<'_>) -> Option<Columns> {
    let first = mode.word + 1;
    let usual = mode.word + if mode.links.is_some() { 3 } else { 4 };
    let last = line.count().saturating_sub(2);
    for look in [ls_date::usual, ls_date::unusual] {
        let others = (first..=last).filter(|&at| at != usual);
        let found = std::iter::once(usual)
            .chain(others)
            .find_map(|at| columns_at(line, at, first, mode.kind, look));
        if found.is_some() {
            return found;
        }
    }
    None
}

fn columns_at(
    line: &Line<'_>,
    at: usize,
    first: usize,
    kind: Kind,
    look: fn(&Line<'_>, usize) -> Option<Found>,
) -> Option<Columns> {
    let word = line.word(at)?;
    let is_device = matches!(kind, Kind::BlockDevice | Kind::CharDevice);
    let columns = |size, date, confidence| {
        Some(Columns {
            size_word: at,
            size,
            size_is_exact: true,
            glued: None,
            date,
            found: look(line, date)?,
            confidence,
        })
    };
    if is_device && let Some(date) = device(line, at) {
        return columns(None, date, Confidence::High);
    }
    // Two numbers with a comma are no size, whatever has them.
    if at > first && line.word(at - 1)?.ends_with(b",") {
        return None;
    }
    if let Some(size) = decimal(word) {
        return columns(Some(size), at + 1, Confidence::High);
    }
    if word.iter().all(|&byte| byte == b'*') {
        return columns(None, at + 1, Confidence::Medium);
    }
    if let Some((size, is_exact)) = written_size(word) {
        return Some(Columns {
            size_is_exact: is_exact,
            ..columns(Some(size), at + 1, Confidence::Medium)?
        });
    }
    // A group that is too long for its column touches the size. Eight digits fill the size's.
    let digits = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    if digits >= 8 && at > first {
        let glued = word.len() - digits;
        return Some(Columns {
            glued: Some(glued),
            ..columns(decimal(&word[glued..]), at + 1, Confidence::Medium)?
        });
    }
    None
}

/// `33.5k`, `9.0M`, `2,563,136`: a size, and whether it is exact.
fn written_size(word: &[u8]) -> Option<(u64, bool)> {
    if let Some(size) = super::grouped(word) {
        return Some((size, true));
    }
    let (unit, number) = word.split_last()?;
    let scale: u64 = match unit.to_ascii_lowercase() {
        b'b' => 1,
        b'k' => 1 << 10,
        b'm' => 1 << 20,
        b'g' => 1 << 30,
        b't' => 1 << 40,
        _ => return None,
    };
    let dot = number.iter().position(|&byte| matches!(byte, b'.' | b','));
    let (whole, fraction) = match dot {
        Some(dot) => (&number[..dot], &number[dot + 1..]),
        None => (number, &b"0"[..]),
    };
    let digits = u32::try_from(fraction.len()).ok().filter(|&digits| digits <= 3)?;
    let parts = decimal(fraction)?.checked_mul(scale)? / 10_u64.pow(digits);
    Some((decimal(whole)?.checked_mul(scale)?.checked_add(parts)?, false))
}

/// The word behind a device's numbers, `13, 7` or `13,7`, if they stand at `at`.
fn device(line: &Line<'_>, at: usize) -> Option<usize> {
    let word = line.word(at)?;
    let comma = word.iter().position(|&byte| byte == b',')?;
    decimal(&word[..comma])?;
    if comma + 1 < word.len() {
        decimal(&word[comma + 1..])?;
        return Some(at + 1);
    }
    decimal(line.word(at + 1)?)?;
    Some(at + 2)
}

/// Tells links, owner and group apart, as far as that can be done.
fn owners<'a>(line: &Line<'a>, mut words: std::ops::Range<usize>, columns: &Columns, draft: &mut Draft<'a>) {
    if is_forks(line, words.clone(), columns.size) {
        return;
    }
    if draft.links.is_none()
        && !words.is_empty()
        && let Some(links) = line.word(words.start).filter(|word| decimal(word).is_some())
    {
        draft.links = Some(links);
        words.start += 1;
    }
    let (first, end) = (words.start, words.end);
    match words.len() {
        // What is glued to the size is an owner's or group's end.
        0 | 1 if columns.glued.is_some() => {
            let glued = line.word(end).zip(columns.glued).map(|(word, at)| &word[..at]);
            let (owner, group) = if words.is_empty() { (glued, None) } else { (line.word(first), glued) };
            (draft.owner, draft.group) = (owner, group);
        }
        0 => {}
        1 | 2 => {
            draft.owner = line.word(first);
            draft.group = line.between(first + 1, end);
        }
        // UniTree: the archive or disk, and the file's family.
        4 if matches!(line.word(first + 2), Some(b"AR" | b"DK")) => {
            draft.owner = line.word(first);
            draft.group = line.word(first + 1);
        }
        // A name has blanks in it. Where the columns are aligned the widest gap parts them.
        _ => {
            let split = widest_gap(line, first..end).unwrap_or(first + 1);
            draft.owner = line.between(first, split);
            draft.group = line.between(split, end);
        }
    }
}

/// Mac servers: the sizes of both forks before that of the whole, or the word `folder`.
fn is_forks(line: &Line<'_>, words: std::ops::Range<usize>, size: Option<u64>) -> bool {
    let number = |at| line.word(at).and_then(decimal);
    match words.len() {
        1 => line.word(words.start) == Some(b"folder"),
        2 => match (number(words.start), number(words.start + 1), size) {
            (Some(one), Some(other), Some(size)) => {
                size > 0 && other > 0 && one.checked_add(other) == Some(size)
            }
            _ => false,
        },
        _ => false,
    }
}

/// The word behind the one gap that is wider than all others.
fn widest_gap(line: &Line<'_>, words: std::ops::Range<usize>) -> Option<usize> {
    let gap = |at: usize| Some((line.start(at)? - line.end(at - 1)?, at));
    let gaps = || (words.start + 1..words.end).filter_map(gap);
    let (widest, at) = gaps().max_by_key(|&(width, _)| width)?;
    let is_alone = gaps().filter(|&(width, _)| width == widest).count() == 1;
    (is_alone && widest > 1).then_some(at)
}

/// `0100644   500  101   12345    123456789       name`: everything in numbers.
fn numeric_mode<'a>(line: &Line<'a>, now: Option<Timestamp>) -> Option<Draft<'a>> {
    let mode = line.word(0).filter(|mode| matches!(mode.len(), 6 | 7))?;
    let permissions = Permissions::from_octal(mode)?;
    let kind = match mode[..mode.len() - 4].trim_ascii_start().strip_prefix(b"0").unwrap_or(mode) {
        b"10" => Kind::File,
        b"4" => Kind::Directory,
        b"12" => Kind::Symlink,
        _ => return None,
    };
    let number = |at| line.word(at).and_then(decimal);
    let (_, _, size, seconds) = (number(1)?, number(2)?, number(3)?, number(4)?);
    let time = Timestamp::from_unix(seconds.try_into().ok()?, 0)?;
    let is_past = now.is_none_or(|now| time <= now);
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
    let mode = find_mode(line).filter(|mode| mode.word == 0 && mode.permissions.is_some())?;
    let number = |at| line.word(at).and_then(decimal);
    let (_, size) = (number(1)?, number(4)?);
    // Owners are not numbers here: what would be left to tell a size by?
    let owners = [line.word(2)?, line.word(3)?];
    if !owners.iter().all(|owner| owner[0].is_ascii_alphabetic()) {
        return None;
    }
    let name = line.after(4, 1).filter(|name| !name.trim_ascii().is_empty())?;
    let (name, target) = match arrow(name) {
        Some(at) if mode.kind == Kind::Symlink => (&name[..at], Some(Cow::Borrowed(&name[at + 4..]))),
        _ => (name, None),
    };
    let mut draft = Draft::new(name, own_kind(mode.kind, name))
        .size(Some(size))
        .owner(line.word(2))
        .confidence(Confidence::Low);
    draft.group = line.word(3);
    draft.links = line.word(1);
    draft.permissions = mode.permissions;
    draft.target = target;
    Some(draft)
}

/// Whether a line is the sum of blocks that `ls` writes first.
pub(super) fn is_total(line: &Line<'_>) -> bool {
    let Some(first) = line.word(0) else {
        return false;
    };
    let first = first.strip_suffix(b":").unwrap_or(first).to_ascii_lowercase();
    let is_word = matches!(&first[..], b"total" | b"gesamt" | b"insgesamt" | b"totale" | b"totaal" | b"razem");
    let number = line.word(1).map(|word| word.strip_prefix(b"-").unwrap_or(word));
    is_word && number.is_some_and(|word| word[0].is_ascii_digit()) && line.count() == 2
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

/// Where ` -> ` stands.
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
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Precision, Zone};
    use super::*;

    fn at(now: &str) -> Timestamp {
        Timestamp::parse(now.as_bytes()).unwrap()
    }

    fn entry(line: &str) -> Entry {
        let entry = parse_unix_line(line.as_bytes(), Some(at("20261122120000")));
        entry.unwrap_or_else(|| panic!("no entry in {line:?}"))
    }

    fn time(line: &str) -> Option<String> {
        entry(line)
            .modified()
            .map(|modified| modified.time.to_string())
    }

    fn text(bytes: Option<&[u8]>) -> Option<&str> {
        bytes.map(|bytes| std::str::from_utf8(bytes).unwrap())
    }

    #[test]
    fn t48_one_line_gives_every_column() {
        let line = "-rw-r--r--   1 root     other        531 Jan 29 03:26 README";
        let entry = entry(line);
        assert_eq!(entry.kind(), Kind::File);
        assert_eq!(entry.permissions().unwrap().symbolic(), Some("rw-r--r--"));
        assert_eq!(entry.permissions().unwrap().mode(), Some(0o644));
        assert_eq!(entry.links(), Some(1));
        assert_eq!(text(entry.owner()), Some("root"));
        assert_eq!(text(entry.group()), Some("other"));
        assert_eq!(entry.size(), Some(531));
        assert_eq!(text(entry.date_text()), Some("Jan 29 03:26"));
        assert_eq!(entry.name(), b"README");
        assert_eq!(
            (entry.target(), entry.unique(), entry.fact("size")),
            (None, None, None)
        );
        assert_eq!(
            (entry.dialect(), entry.raw()),
            (Dialect::Unix, line.as_bytes())
        );
    }

    #[test]
    fn t49_directories_links_and_dates_with_a_year() {
        let dir = entry("drw-r--r--   2 root     other        531 Jan  9  2003 A\r");
        assert_eq!(
            (dir.kind(), dir.name(), dir.links()),
            (Kind::Directory, &b"A"[..], Some(2))
        );
        assert_eq!(text(dir.date_text()), Some("Jan  9  2003"));
        let link = entry("lrw-r--r--   1 root     other          1 Jan 29 03:26 B -> A\r");
        assert_eq!((link.kind(), link.name()), (Kind::Symlink, &b"B"[..]));
        assert_eq!(text(link.target()), Some("A"));
        assert_eq!(parse_unix_line(b"woohoo! \r", None), None);
    }

    #[test]
    fn t51_t52_blanks_in_names_and_targets_escaped_or_not() {
        for (name, target) in [("A B", "D C/A B"), (r"A\ B", r"D\ C/A\ B")] {
            let file = entry(&format!(
                "-rw-r--r--   1 root  other  531 Jan  9  2003 {name}"
            ));
            assert_eq!(file.name(), b"A B");
            let link = entry(&format!(
                "lrw-r--r--   1 root  other  1 Jan 29 03:26 {name} -> {target}"
            ));
            assert_eq!(
                (link.name(), text(link.target())),
                (&b"A B"[..], Some("D C/A B"))
            );
        }
        let other = entry(r"-rw-r--r--   1 root  other  531 Jan  9  2003 a\b\\ c\");
        assert_eq!(other.name(), br"a\b\ c\");
    }

    #[test]
    fn t53_a_date_with_a_year_is_a_day() {
        let entry = entry("-rw-r--r--   1 root     other        531 Jan 29 2003 README");
        assert_eq!(entry.modified().unwrap().precision, Precision::Day);
        assert_eq!(
            entry.modified().unwrap().time.to_string(),
            "2003-01-29T00:00:00Z"
        );
        assert_eq!(entry.modified().unwrap().zone, Zone::Unknown);
    }

    #[test]
    fn an_arrow_parts_links_only_and_at_the_first() {
        let file = entry("-rw-r--r-- 1 a b 1 Jan 29 03:26 x -> y");
        assert_eq!((file.name(), file.target()), (&b"x -> y"[..], None));
        let link = entry("lrwxrwxrwx 1 a b 1 Jan 29 03:26 a -> b -> c");
        assert_eq!(
            (link.name(), text(link.target())),
            (&b"a"[..], Some("b -> c"))
        );
        let empty = entry("lrwxrwxrwx 1 a b 1 Jan 29 03:26 a -> ");
        assert_eq!((empty.name(), text(empty.target())), (&b"a"[..], Some("")));
        assert_eq!(entry("lrwxrwxrwx 1 a b 1 Jan 29 03:26 a").target(), None);
    }

    #[test]
    fn every_blank_of_a_name_but_the_first_before_it_is_kept() {
        assert_eq!(
            entry("-rw-r--r-- 1 a b 1 Jan 29 03:26   x  y ").name(),
            b"  x  y "
        );
        assert_eq!(
            entry("-rw-r--r-- 1 a b 1 2003-01-29 03:26  x").name(),
            b" x"
        );
        assert_eq!(entry("-rw-r--r-- 1 a b 1 2003-01-29  x").name(), b"x");
        assert_eq!(entry("-rw-r--r-- 1 a b 1 Jan 29  2003  x").name(), b" x");
        assert_eq!(entry("-rw-r--r-- 1 a b 1 Jan 29 2003  x").name(), b"x");
    }

    #[test]
    fn modes_with_a_mark_and_with_special_bits_are_read() {
        for (mode, bits) in [
            ("-rw-r--r--+", Some(0o644)),
            ("-rw-r--r--.", Some(0o644)),
            ("-rw-r--r--@", Some(0o644)),
            ("-rwsr-xr-x", Some(0o4755)),
            ("-rwSr-sr-x", Some(0o6655)),
            ("-rwxrwxrwt", Some(0o1777)),
            ("-rwxrwxrwT", Some(0o1776)),
            ("----------", Some(0)),
            ("-rwxr-lr-x", None),
            ("-wrxr-xr-x", None),
        ] {
            let entry = entry(&format!("{mode} 1 a b 1 Jan 29 03:26 x"));
            assert_eq!(entry.permissions().unwrap().mode(), bits, "{mode}");
            assert_eq!(
                entry.permissions().unwrap().symbolic(),
                mode.get(1..10),
                "{mode}"
            );
        }
    }

    #[test]
    fn missing_columns_are_absent_and_the_entry_is_not() {
        let columns = |owners: &str| {
            let line = format!("-rw-r--r-- {owners} 531 Jan 29 03:26 README");
            let entry = entry(&line);
            assert_eq!(
                (entry.name(), entry.size()),
                (&b"README"[..], Some(531)),
                "{line}"
            );
            let owned = |part: Option<&[u8]>| text(part).map(str::to_owned);
            (entry.links(), owned(entry.owner()), owned(entry.group()))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(columns("1 root"), (Some(1), some("root"), None));
        assert_eq!(columns("root other"), (None, some("root"), some("other")));
        assert_eq!(columns("root"), (None, some("root"), None));
        assert_eq!(columns("1"), (Some(1), None, None));
        assert_eq!(columns(""), (None, None, None));
        assert_eq!(
            columns("1 1000 1000"),
            (Some(1), some("1000"), some("1000"))
        );
        assert_eq!(columns("1 root Domain Users"), (Some(1), None, None));
    }

    #[test]
    fn owners_that_look_like_a_date_are_owners() {
        let entry = entry("-rw-r--r-- 1 may 20 1980 Jan  2  2020 f");
        assert_eq!((entry.name(), entry.size()), (&b"f"[..], Some(1980)));
        assert_eq!(
            (text(entry.owner()), text(entry.group())),
            (Some("may"), Some("20"))
        );
    }

    #[test]
    fn device_nodes_have_numbers_and_no_size() {
        for line in [
            "crw-rw-rw-   1 root     sys       13, 12 Jan 29  2003 null",
            "brw-rw-rw-   1 root     sys        13,12 Jan 29  2003 null",
        ] {
            let entry = entry(line);
            assert_eq!((entry.name(), entry.size()), (&b"null"[..], None), "{line}");
            assert_eq!(
                (text(entry.owner()), text(entry.group())),
                (Some("root"), Some("sys"))
            );
            assert!(matches!(entry.kind(), Kind::BlockDevice | Kind::CharDevice));
        }
        assert_eq!(
            parse_unix_line(b"-rw-rw-rw- 1 root sys 13, 12 Jan 29  2003 null", None),
            None
        );
    }

    #[test]
    fn kinds_are_those_of_the_first_letter_and_of_the_dots() {
        for (line, kind) in [
            ("prw-r--r-- 1 a b 0 Jan 29 03:26 x", Kind::Fifo),
            ("srw-r--r-- 1 a b 0 Jan 29 03:26 x", Kind::Socket),
            ("Drw-r--r-- 1 a b 0 Jan 29 03:26 x", Kind::Other),
            ("drwxr-xr-x 1 a b 0 Jan 29 03:26 .", Kind::CurrentDirectory),
            ("drwxr-xr-x 1 a b 0 Jan 29 03:26 ..", Kind::ParentDirectory),
            ("drwxr-xr-x 1 a b 0 Jan 29 03:26 ...", Kind::Directory),
        ] {
            assert_eq!(entry(line).kind(), kind, "{line}");
        }
    }

    #[test]
    fn dates_are_read_in_every_order() {
        for (date, expected) in [
            ("Jan 29 03:26", "2026-01-29T03:26:00Z"),
            ("Jan 29 3:26", "2026-01-29T03:26:00Z"),
            ("Jan 29 03:26:15", "2026-01-29T03:26:15Z"),
            ("Jan 29 03:26:15 1999", "1999-01-29T03:26:15Z"),
            ("29 Jan 03:26", "2026-01-29T03:26:00Z"),
            ("29 jan  2003", "2003-01-29T00:00:00Z"),
            ("Jan 02  2020", "2020-01-02T00:00:00Z"),
            ("2003-01-29 03:26", "2003-01-29T03:26:00Z"),
            ("2003-01-29", "2003-01-29T00:00:00Z"),
            ("2003-01-29 03:26:15", "2003-01-29T03:26:15Z"),
            (
                "2003-01-29 03:26:15.250000000 +0130",
                "2003-01-29T01:56:15.25Z",
            ),
        ] {
            let line = format!("-rw-r--r-- 1 a b 1 {date} x");
            assert_eq!(time(&line).as_deref(), Some(expected), "{line}");
            assert_eq!(entry(&line).name(), b"x");
            assert_eq!(text(entry(&line).date_text()), Some(date));
        }
        let exact = entry("-rw-r--r-- 1 a b 1 2003-01-29 03:26:15.250000000 +0130 x");
        let modified = exact.modified().unwrap();
        assert_eq!(
            (modified.precision, modified.zone),
            (Precision::Fraction, Zone::Utc)
        );
    }

    #[test]
    fn a_date_without_a_year_is_the_last_one_up_to_a_day_ahead() {
        let year = |date: &str, now: &str| {
            let line = format!("-rw-r--r-- 1 a b 1 {date} x");
            let entry = parse_unix_line(line.as_bytes(), Some(at(now))).unwrap();
            entry
                .modified()
                .map(|modified| modified.time.to_civil().year())
        };
        assert_eq!(year("Nov 22 12:00", "20261122120000"), Some(2026));
        assert_eq!(year("Nov 23 12:00", "20261122120000"), Some(2026));
        assert_eq!(year("Nov 23 12:01", "20261122120000"), Some(2025));
        assert_eq!(year("Dec 31 23:59", "20270101000000"), Some(2026));
        assert_eq!(year("Jan  1 00:30", "20261231233000"), Some(2027));
        assert_eq!(year("Feb 29 12:00", "20250301000000"), Some(2024));
        assert_eq!(year("Feb 29 12:00", "19030101000000"), Some(1896));
        assert_eq!(year("Feb 30 12:00", "20250301000000"), None);
    }

    #[test]
    fn a_date_that_is_not_understood_stays_text() {
        for date in [
            "Mär 12 10:00",
            "Dez 24  2003",
            "12 Okt 10:00",
            "Jan 29 24:61",
            "Feb 30 2003",
        ] {
            let entry = entry(&format!("-rw-r--r-- 1 a b 1 {date} x"));
            assert_eq!(
                (entry.modified(), text(entry.date_text())),
                (None, Some(date))
            );
            assert_eq!(entry.name(), b"x");
        }
    }

    #[test]
    fn servers_of_the_lab_are_read() {
        for line in [
            "-rw-r--r--    1 2121     2121           11 Jan 02  2020 a.txt",
            "-rw-r--r--   1 ship     2121           11 Jan  2  2020 a.txt",
            "-rw-r--r--    1 2121       ship               11 Jan  2  2020 a.txt",
            "-rw-r--r--  1 ship  ship  11 Jan  2  2020 a.txt",
            "-rw-r--r-- 1 none none 11 Nov 22 15:49 a.txt",
            "-rw-r--r--   1     ship     ship           11 Jan  2 03:04 a.txt\r\r",
            "-rw-r--r-- 1 2121 2121           11 Jan 02  2020 a.txt",
            "-rw-r--r--            1         2121         2121              11 Nov 22 15:50 a.txt",
        ] {
            let entry = entry(line);
            assert_eq!(
                (entry.name(), entry.size()),
                (&b"a.txt"[..], Some(11)),
                "{line}"
            );
            assert!(
                entry.owner().is_some() && entry.group().is_some() && entry.modified().is_some()
            );
        }
    }

    #[test]
    fn anything_doubtful_is_no_entry() {
        for line in [
            "",
            "total 3",
            "ABC",
            "01-29-03  03:26AM       <DIR>          x",
            "+i8388621.48594,m825718503,r,s280,\tdjb.html",
            "type=file;size=1; x",
            "d [RWCEAFMS] admin  512 Oct 13 2004 PSI",
            " -rw-r--r-- 1 a b 1 Jan 29 03:26 x",
            "-rw-r--r-- 1 a b 1 Jan 29 03:26",
            "-rw-r--r-- 1 a b 1 Jan 29 03:26 ",
            "-rw-r--r-- 1 a b 1 Jan 29 03:26 \r",
            "lrwxrwxrwx 1 a b 1 Jan 29 03:26  -> b",
            "-rw-r--r-- 1 a b 1 Jan 32 03:26 x",
            "-rw-r--r-- 1 a b 1 Jan 29 0326x x",
            "-rw-r--r-- 1 a b -1 Jan 29 03:26 x",
            "-rw-r--r-- 1 a b 99999999999999999999 Jan 29 03:26 x",
            "-rw-r--r--* 1 a b 1 Jan 29 03:26 x",
            "?rw-r--r-- 1 a b 1 Jan 29 03:26 x",
        ] {
            assert_eq!(parse_unix_line(line.as_bytes(), None), None, "{line:?}");
        }
    }

    #[test]
    fn only_a_sum_is_a_total() {
        assert!(is_total(b"total 12") && is_total(b"Total 1.5K") && is_total(b"total 0 "));
        assert!(!is_total(b"total") && !is_total(b"total of 3") && !is_total(b"total 3 files"));
    }

    proptest! {
        #[test]
        fn any_name_without_a_backslash_is_kept(name in "[^\r\n\\\\]{1,20}") {
            prop_assume!(name != "." && name != "..");
            let entry = entry(&format!("-rw-r--r--   1 root  other  531 Jan 29  2003 {name}"));
            prop_assert_eq!(entry.name(), name.as_bytes());
        }

        #[test]
        fn no_line_panics(
            bytes: Vec<u8>,
            columns in "[dlc-]rwxr-xr-x[ 0-9a-z,:>.+-]{0,60}",
        ) {
            for line in [&bytes[..], columns.as_bytes()] {
                if let Some(entry) = parse_unix_line(line, Some(at("20261122120000"))) {
                    prop_assert!(!entry.name().is_empty());
                    let _ = (entry.owner(), entry.group(), entry.date_text());
                }
            }
        }
    }
}
