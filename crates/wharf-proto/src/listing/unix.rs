//! Listings for people, in the form of `ls -l`.
//!
//! ```text
//! -rw-r--r--+  1 root  other  531 Jan 29 03:26 README       Mon d HH:MM[:SS] | Mon d YYYY
//! crw-rw-rw-   1 root  sys 13, 12 29 Jan  2003 null         d Mon …
//! lrwxrwxrwx   1 root  other    1 2003-01-29 03:26 B -> A   YYYY-MM-DD [HH:MM[:SS[.f]] [+hhmm]]
//! └ mode ───┘ └ links owner group size ┘└ date ──┘ └ name, with every blank but one before it
//! ```
//!
//! The date is the one column that can be told by its look, so it is found first, by the size
//! before it; what else stands before that may be missing.

use std::ops::Range;

use bytes::Bytes;

use super::date::{Moment, moment};
use super::words::{Line, is_blank};
use super::{Dialect, Entry, Kind, Permissions};
use super::{decimal, span, without_cr};
use crate::time::Timestamp;

/// Reads one line in the form of `ls -l`; `None` if it is not surely one.
///
/// The link count, the owner and the group may be missing, the mode may have an eleventh character,
/// and months may be in another language, in which case the date stays text. A date without a year
/// is the last such date that is at most a day ahead of `now`. The name may begin and end with
/// blanks; `\ ` in it is a blank, as some servers write it.
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
    parse(&Bytes::copy_from_slice(line), now)
}

pub(super) fn parse(line: &Bytes, now: Option<Timestamp>) -> Option<Entry> {
    let raw = line.slice_ref(without_cr(line));
    let line = Line::new(&raw);
    let mode = line.word(0)?;
    let (kind, permissions) = mode_word(mode)?;
    let is_device = matches!(kind, Kind::BlockDevice | Kind::CharDevice);
    let columns = find_columns(&line, is_device)?;

    let name = &raw[columns.name..];
    let (name, target) = match position(name, b" -> ") {
        Some(at) if kind == Kind::Symlink => (&name[..at], Some(&name[at + 4..])),
        _ => (name, None),
    };
    let kind = match (kind, name) {
        (_, b"") => return None,
        (Kind::Directory, b".") => Kind::CurrentDirectory,
        (Kind::Directory, b"..") => Kind::ParentDirectory,
        (kind, _) => kind,
    };

    let mut entry = Entry::new(Dialect::Unix, raw.clone(), unescaped(&raw, name), kind);
    entry.target = target.map(|target| unescaped(&raw, target));
    entry.permissions = Some(permissions);
    entry.size = columns.size;
    entry.date = span(&raw, &raw[columns.date]);
    entry.modified = columns.moment.modified(now);
    let mut owners = 1..columns.owners_end;
    if !owners.is_empty()
        && let Some(links) = line.word(1).and_then(decimal)
    {
        entry.links = Some(links);
        owners.start += 1;
    }
    // With three words or more, which of them has the blank in it cannot be told.
    if owners.len() <= 2 {
        let mut words = owners
            .filter_map(|at| line.word(at))
            .map(|word| span(&raw, word));
        entry.owner = words.next().flatten();
        entry.group = words.next().flatten();
    }
    Some(entry)
}

/// Whether a line is the sum of blocks that `ls` writes first.
pub(super) fn is_total(line: &[u8]) -> bool {
    let mut words = line
        .split(|&byte| is_blank(byte))
        .filter(|word| !word.is_empty());
    words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case(b"total"))
        && words.next().is_some_and(|word| word[0].is_ascii_digit())
        && words.next().is_none()
}

/// What was found right of the owners.
struct Columns {
    /// The word behind the owner and the group.
    owners_end: usize,
    size: Option<u64>,
    date: Range<usize>,
    moment: Moment,
    /// Where the name begins.
    name: usize,
}

/// Finds the size and the date behind it.
///
/// Four words before the date are tried first: a user called `jan` with a numeric group can make
/// the words before it look like a date as well. Months that have no English name are tried when
/// no other date was found, for they are any three letters.
fn find_columns(line: &Line<'_>, is_device: bool) -> Option<Columns> {
    [true, false].into_iter().find_map(|english| {
        [4, 3, 5, 6, 7, 2, 1].into_iter().find_map(|at| {
            let device = if is_device { device(line, at) } else { None };
            let (size, date) = match device {
                Some(date) => (None, date),
                // Two numbers with a comma are no size, whatever has them.
                None if line.word(at - 1)?.ends_with(b",") => return None,
                None => (Some(decimal(line.word(at)?)?), at + 1),
            };
            let (moment, last) = moment(line, date, english)?;
            let start = line.words[date].start;
            let end = line.words[last].end;
            let name = end + line.text[end..].iter().take(moment.gap()).count();
            Some(Columns {
                owners_end: at,
                size,
                date: start..end,
                moment,
                name,
            })
        })
    })
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

/// A mode: the type, nine permissions, and the mark of an ACL (`+`, `@`) or of a
/// security context (`.`).
fn mode_word(word: &[u8]) -> Option<(Kind, Permissions)> {
    let (&[kind, ref symbolic @ ..], mark) = word.split_first_chunk::<10>()?;
    let kind = match kind {
        b'-' => Kind::File,
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
    if !matches!(mark, [] | [b'+' | b'.' | b'@']) {
        return None;
    }
    Some((kind, Permissions::from_symbolic(*symbolic)?))
}

/// `part` of `raw` with every `\ ` made a blank; other backslashes are the name's own.
fn unescaped(raw: &Bytes, part: &[u8]) -> Bytes {
    if position(part, b"\\ ").is_none() {
        return raw.slice_ref(part);
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
    plain.into()
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
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
