//! The long form of a listing: a line for each entry, in columns that fit what stands in them.

use std::fmt::Write as _;

use wharf::listing::{Kind, Permissions};
use wharf::{Encoding, Entry};

use super::{date, size};
use crate::names;

/// How wide the columns are so far: type and permissions, owner, group, size, time. The name is the
/// last and has no end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Columns {
    widths: [usize; 5],
    human: bool,
    encoding: Encoding,
}

/// The column whose cells stand at its right.
const SIZE: usize = 3;

/// How wide a column may be. What is longer moves the rest of its own line, and no other: one line of a server's must
/// not make all of them as long.
const WIDEST: usize = 40;

impl Columns {
    /// Empty columns; with `human` the sizes in them are for people.
    pub(crate) fn new(human: bool, encoding: Encoding) -> Self {
        Self {
            human,
            encoding,
            ..Self::default()
        }
    }

    /// Makes room for an entry.
    pub(crate) fn measure(&mut self, entry: &Entry) {
        let cells = self.cells(entry);
        for (width, cell) in self.widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count().min(WIDEST));
        }
    }

    /// The line of an entry, with its end, under the name by which it is to be shown. What the server
    /// does not tell is a question mark. Safe for a terminal.
    pub(crate) fn line(&self, entry: &Entry, name: &[u8]) -> String {
        let mut line = String::new();
        for (column, (width, cell)) in self.widths.into_iter().zip(self.cells(entry)).enumerate() {
            if column == SIZE {
                write!(line, "{cell:>width$} ").expect("a string takes any text");
            } else {
                write!(line, "{cell:<width$} ").expect("a string takes any text");
            }
        }
        line.push_str(&names::shown(name, self.encoding));
        if let Some(target) = entry.target() {
            line.push_str(" -> ");
            line.push_str(&names::shown(target, self.encoding));
        }
        line.push('\n');
        line
    }

    fn cells(&self, entry: &Entry) -> [String; 5] {
        let word = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => names::shown(bytes, self.encoding),
            None => "?".to_owned(),
        };
        [
            format!("{}{}", letter(entry.kind()), permissions(entry)),
            word(entry.owner()),
            word(entry.group()),
            self.size(entry),
            entry.modified().map_or_else(|| "?".to_owned(), date::shown),
        ]
    }

    /// The size, with a mark where the server counts blocks or rounds.
    fn size(&self, entry: &Entry) -> String {
        let about = if entry.size_is_exact() { "" } else { "~" };
        match entry.size() {
            None => "?".to_owned(),
            Some(bytes) if self.human => format!("{about}{}", size::human(bytes)),
            Some(bytes) => format!("{about}{bytes}"),
        }
    }
}

/// The first character of a line of `ls -l`.
fn letter(kind: Kind) -> char {
    match kind {
        Kind::File => '-',
        Kind::Directory | Kind::CurrentDirectory | Kind::ParentDirectory => 'd',
        Kind::Symlink => 'l',
        Kind::BlockDevice => 'b',
        Kind::CharDevice => 'c',
        Kind::Fifo => 'p',
        Kind::Socket => 's',
        _ => '?',
    }
}

fn permissions(entry: &Entry) -> String {
    let permissions = entry.permissions();
    match (
        permissions.and_then(Permissions::symbolic),
        permissions.and_then(Permissions::mode),
    ) {
        (Some(symbolic), _) => symbolic.to_owned(),
        (None, Some(mode)) => symbolic_mode(mode),
        (None, None) => "?".to_owned(),
    }
}

/// The nine characters of a mode, as `ls` writes them.
fn symbolic_mode(mode: u32) -> String {
    let bit = |shift: u32, letter: char| if mode >> shift & 1 == 1 { letter } else { '-' };
    let special = |shift: u32, execute: u32, set: char, plain: char| match (
        mode >> shift & 1 == 1,
        mode >> execute & 1 == 1,
    ) {
        (true, true) => set,
        (true, false) => set.to_ascii_uppercase(),
        (false, true) => plain,
        (false, false) => '-',
    };
    [
        bit(8, 'r'),
        bit(7, 'w'),
        special(11, 6, 's', 'x'),
        bit(5, 'r'),
        bit(4, 'w'),
        special(10, 3, 's', 'x'),
        bit(2, 'r'),
        bit(1, 'w'),
        special(9, 0, 't', 'x'),
    ]
    .iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use wharf::listing::{Dialect, Format, ListParser, ListingLimits, Parsed};

    use super::*;

    /// A listing in the long form.
    fn lines(human: bool, dialect: Dialect, listing: &str) -> String {
        let now = wharf::Timestamp::parse(b"20200202000000");
        let format = Format::Dialect(dialect);
        let mut parser = ListParser::new(format, now, ListingLimits::default());
        parser.push(listing.as_bytes()).unwrap();
        parser.finish().unwrap();
        let entries: Vec<_> = std::iter::from_fn(|| parser.next())
            .filter_map(|parsed| match parsed {
                Parsed::Entry(entry) => Some(entry),
                Parsed::Unknown(_) => None,
            })
            .collect();
        let mut columns = Columns::new(human, Encoding::Utf8);
        for entry in &entries {
            columns.measure(entry);
        }
        entries
            .iter()
            .map(|entry| columns.line(entry, entry.name()))
            .collect()
    }

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let listing = "\
            -rw-r--r--+ 1 someone-with-a-name us 5 Jan  2 03:04 a\r\n\
            lrwxrwxrwx 1 \u{e9}ric 100000000000 1234567890123 Jan  2  2019 b -> \x1b[2J\r\n\
            drwxr-xr-x 1 me us 4096 Jan  2 03:04 c d\r\n";
        insta::assert_snapshot!(lines(false, Dialect::Unix, listing), @r"
        -rw-r--r-- someone-with-a-name us                       5 2020-01-02 03:04 a
        lrwxrwxrwx éric                100000000000 1234567890123 2019-01-02       b -> \x1b[2J
        drwxr-xr-x me                  us                    4096 2020-01-02 03:04 c d
        ");
        insta::assert_snapshot!(lines(true, Dialect::Unix, listing), @r"
        -rw-r--r-- someone-with-a-name us              5 2020-01-02 03:04 a
        lrwxrwxrwx éric                100000000000 1.2T 2019-01-02       b -> \x1b[2J
        drwxr-xr-x me                  us           4.0K 2020-01-02 03:04 c d
        ");
    }

    #[test]
    fn what_is_too_long_for_a_column_widens_its_own_line_alone() {
        let long = "o".repeat(WIDEST + 1);
        let listing = format!(
            "-rw-r--r-- 1 {long} us 5 Jan  2 03:04 a\r\n-rw-r--r-- 1 me us 5 Jan  2 03:04 b\r\n"
        );
        let expected = format!(
            "-rw-r--r-- {long} us 5 2020-01-02 03:04 a\n-rw-r--r-- {:<WIDEST$} us 5 2020-01-02 03:04 b\n",
            "me"
        );
        assert_eq!(lines(false, Dialect::Unix, &listing), expected);
    }

    #[test]
    fn what_is_not_told_is_a_question_mark() {
        let line = "type=file; a\r\n";
        assert_eq!(lines(true, Dialect::Mlsx, line), "-? ? ? ? ? a\n");
    }

    #[test]
    fn a_size_that_is_not_exact_is_marked() {
        let line = "A.TXT;1  3  2-NOV-2019 07:15 [ME] (RWED,RWED,RE,)\r\n";
        assert_eq!(
            lines(false, Dialect::Vms, line),
            "-? ME ? ~1536 2019-11-02 07:15 A.TXT\n"
        );
    }

    #[test]
    fn modes_are_written_as_ls_does() {
        for (mode, text) in [
            (0o644, "rw-r--r--"),
            (0o755, "rwxr-xr-x"),
            (0o4755, "rwsr-xr-x"),
            (0o2640, "rw-r-S---"),
            (0o1777, "rwxrwxrwt"),
            (0o1000, "--------T"),
            (0, "---------"),
        ] {
            assert_eq!(symbolic_mode(mode), text, "{mode:o}");
        }
    }
}
