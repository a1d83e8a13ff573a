//! A whole listing, as it arrives.

use std::collections::VecDeque;

use bytes::Bytes;

use super::lines::{LineSplitter, ListingError};
use super::{Entry, mlsx, unix, without_cr};
use crate::time::Timestamp;

/// Reads a listing in whatever pieces it comes.
///
/// # Examples
///
/// ```
/// use wharf_proto::listing::{Format, ListParser, ListingLimits, Parsed};
///
/// let mut listing = ListParser::new(Format::Unix, None, ListingLimits::default());
/// listing.push(b"total 3\r\n-rw-r--r--   1 root     other        531 Jan 29  2003 READ")?;
/// assert_eq!(listing.next(), None);
/// listing.push(b"ME")?;
/// listing.finish()?;
/// let Some(Parsed::Entry(entry)) = listing.next() else { panic!("no entry") };
/// assert_eq!(entry.name(), b"README");
/// # Ok::<(), wharf_proto::listing::ListingError>(())
/// ```
#[derive(Debug)]
pub struct ListParser {
    format: Format,
    now: Option<Timestamp>,
    limits: ListingLimits,
    lines: LineSplitter,
    count: usize,
    ready: VecDeque<Parsed>,
    unterminated: bool,
    failed: Option<ListingError>,
}

impl ListParser {
    /// At the start of a listing.
    ///
    /// `now` is what turns a date without a year into a moment: such a date is the last one that
    /// is not in the future. Without it, those dates are text only.
    pub fn new(format: Format, now: Option<Timestamp>, limits: ListingLimits) -> Self {
        Self {
            format,
            now,
            limits,
            lines: LineSplitter::new(limits.line),
            count: 0,
            ready: VecDeque::new(),
            unterminated: false,
            failed: None,
        }
    }

    /// Takes bytes of the data connection. Entries that they complete can be had from
    /// [`next`](Self::next), also if this fails behind them.
    ///
    /// # Errors
    ///
    /// [`ListingError`] once a limit is passed, and from then on for good.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ListingError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.lines.push(bytes);
        self.take_lines()
            .inspect_err(|&error| self.failed = Some(error))
    }

    /// The next entry, or line that is none, in the server's order; `None` if more bytes are
    /// needed or all is said. Empty lines and a Unix listing's `total` are passed over.
    #[expect(
        clippy::should_implement_trait,
        reason = "what ends here may go on after the next push, which an Iterator may not"
    )]
    pub fn next(&mut self) -> Option<Parsed> {
        self.ready.pop_front()
    }

    /// Ends the listing: a last line that no LF ended is an entry like any other.
    ///
    /// # Errors
    ///
    /// [`ListingError`] if a limit was or is passed.
    pub fn finish(&mut self) -> Result<(), ListingError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if let Some(line) = self.lines.rest() {
            self.unterminated = true;
            self.take_line(&line)
                .inspect_err(|&error| self.failed = Some(error))?;
        }
        Ok(())
    }

    /// Whether the last line so far has no LF. After [`finish`](Self::finish) that may mean that
    /// the listing was cut: whoever deletes what a listing lacks should not rely on this one.
    pub fn is_unterminated(&self) -> bool {
        self.unterminated || self.lines.is_mid_line()
    }

    fn take_lines(&mut self) -> Result<(), ListingError> {
        while let Some(line) = self.lines.next_line()? {
            self.take_line(&line)?;
        }
        Ok(())
    }

    fn take_line(&mut self, line: &Bytes) -> Result<(), ListingError> {
        self.count += 1;
        if self.count > self.limits.lines {
            return Err(ListingError::TooManyLines {
                limit: self.limits.lines,
            });
        }
        let line = line.slice_ref(without_cr(line));
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let entry = match self.format {
            Format::Mlsd => mlsx::parse(&line),
            Format::Unix if unix::is_total(&line) => return Ok(()),
            Format::Unix => unix::parse(&line, self.now),
        };
        self.ready
            .push_back(entry.map_or(Parsed::Unknown(line), Parsed::Entry));
        Ok(())
    }
}

/// How a listing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// As `MLSD` has it.
    Mlsd,
    /// As `ls -l` has it, which is what most servers answer `LIST` with.
    Unix,
}

/// What a line of a listing was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// An entry.
    Entry(Entry),
    /// A line that is not surely one, without its end.
    Unknown(Bytes),
}

/// How much of a listing is read before the server is held to be broken or hostile.
///
/// # Defaults
///
/// 64 KiB a line, which is sixteen times the longest path of Linux, and ten million lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListingLimits {
    /// The longest line, in bytes before its LF.
    pub line: usize,
    /// The most lines.
    pub lines: usize,
}

impl ListingLimits {
    /// Sets the longest line.
    #[must_use]
    pub const fn with_line(self, line: usize) -> Self {
        Self { line, ..self }
    }

    /// Sets the most lines.
    #[must_use]
    pub const fn with_lines(self, lines: usize) -> Self {
        Self { lines, ..self }
    }
}

impl Default for ListingLimits {
    fn default() -> Self {
        Self {
            line: 64 * 1024,
            lines: 10_000_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(format: Format, pieces: &[&[u8]]) -> (Vec<Parsed>, Result<(), ListingError>) {
        let limits = ListingLimits::default().with_line(80).with_lines(8);
        let mut listing = ListParser::new(format, None, limits);
        let mut parsed = Vec::new();
        for piece in pieces {
            let pushed = listing.push(piece);
            parsed.extend(std::iter::from_fn(|| listing.next()));
            if pushed.is_err() {
                return (parsed, pushed);
            }
        }
        let finished = listing.finish();
        parsed.extend(std::iter::from_fn(|| listing.next()));
        (parsed, finished)
    }

    fn names(parsed: &[Parsed]) -> Vec<String> {
        let name = |one: &Parsed| match one {
            Parsed::Entry(entry) => entry.name_lossy().into_owned(),
            Parsed::Unknown(line) => format!("? {}", String::from_utf8_lossy(line)),
        };
        parsed.iter().map(name).collect()
    }

    #[test]
    fn t15_a_unix_listing_gives_its_entries_in_order() {
        let listing = b"total 12\r\n\
            drwxrwxr-x 0 root other 100 Oct 10 2006 foo\r\n\
            -rw-r--r-- 3 root other 100 Oct 10 2006 bar\r\n\
            \r\n\
            -rw-r--r-- 4 root other 100 Oct 10 2006 baz\r\n";
        let (parsed, end) = read(Format::Unix, &[listing]);
        assert_eq!(
            (names(&parsed), end),
            (vec!["foo".into(), "bar".into(), "baz".into()], Ok(()))
        );
    }

    #[test]
    fn t50_lines_that_are_no_entries_are_handed_back() {
        let (parsed, _) = read(Format::Unix, &[b"ABC\r\nnot a file\r\n"]);
        assert_eq!(names(&parsed), ["? ABC", "? not a file"]);
        let (parsed, _) = read(Format::Mlsd, &[b"type=file; a\r\ntotal 3\r\n"]);
        assert_eq!(names(&parsed), ["a", "? total 3"]);
    }

    #[test]
    fn x52_a_last_line_without_lf_is_an_entry_and_is_told_of() {
        let mut listing = ListParser::new(Format::Mlsd, None, ListingLimits::default());
        listing.push(b"type=file; a\r\n").unwrap();
        assert!(!listing.is_unterminated());
        listing.push(b"type=file; b").unwrap();
        listing.finish().unwrap();
        let parsed: Vec<_> = std::iter::from_fn(|| listing.next()).collect();
        assert_eq!(names(&parsed), ["a", "b"]);
        assert!(listing.is_unterminated());
    }

    #[test]
    fn x52_a_line_beyond_the_limit_is_an_error_after_the_entries_before_it() {
        let long = [&b"type=file; a\n"[..], &[b'x'; 81]].concat();
        let (parsed, end) = read(Format::Mlsd, &[&long]);
        assert_eq!(names(&parsed), ["a"]);
        assert_eq!(end, Err(ListingError::LineTooLong { limit: 80 }));
        assert_eq!(ListingLimits::default().line, 65_536);
    }

    #[test]
    fn a_listing_without_end_is_an_error_that_stays() {
        let limits = ListingLimits::default().with_lines(1);
        let mut listing = ListParser::new(Format::Mlsd, None, limits);
        let error = ListingError::TooManyLines { limit: 1 };
        assert_eq!(listing.push(b" a\n b\n"), Err(error));
        assert_eq!(
            (listing.push(b" c\n"), listing.finish()),
            (Err(error), Err(error))
        );
        assert_eq!(names(&[listing.next().unwrap()]), ["a"]);
        assert_eq!(listing.next(), None);
    }

    #[test]
    fn gridftps_doubled_cr_is_part_of_no_name() {
        let (parsed, _) = read(
            Format::Unix,
            &[b"-rw-r--r--   1     ship     ship           11 Jan  2 03:04 a.txt\r\r\n"],
        );
        assert_eq!(names(&parsed), ["a.txt"]);
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_gives_the_same_entries(
            lines in prop::collection::vec(
                prop::sample::select(&[
                    "type=file;size=1; a b\r\n", " c\n", "\r\n", "total 1\r\n", "x", "\r", "\n",
                    "-rw-r--r--   1 root  other  531 Jan 29  2003 README\r\n",
                ]),
                0..12,
            ),
            size in 1_usize..9,
            mlsd: bool,
        ) {
            let format = if mlsd { Format::Mlsd } else { Format::Unix };
            let listing = lines.concat().into_bytes();
            let pieces: Vec<&[u8]> = listing.chunks(size).collect();
            prop_assert_eq!(read(format, &pieces), read(format, &[&listing]));
        }
    }
}
