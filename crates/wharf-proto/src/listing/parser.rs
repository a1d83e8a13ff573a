//! A whole listing, as it arrives.

use std::collections::VecDeque;

use bytes::Bytes;

use super::date::Now;
use super::draft::{Draft, Reading};
use super::ebcdic::Translator;
use super::lines::{LineSplitter, ListingError, Slice};
use super::run::{Ended, Run};
use super::vote;
use super::words::Line;
use super::{Confidence, Dialect, Entry, ServerZone, registry, unix, without_cr};
use crate::time::Timestamp;

/// Reads a listing in whatever pieces it comes.
///
/// # Examples
///
/// ```
/// use wharf_proto::listing::{Format, ListParser, ListingLimits, Parsed};
///
/// let mut listing = ListParser::new(Format::Detect, None, ListingLimits::default());
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
    now: Option<Now>,
    limits: ListingLimits,
    translator: Translator,
    lines: LineSplitter,
    count: usize,
    reading: Stage,
    said: Vec<u8>,
    out: Output,
    unterminated: bool,
    failed: Option<ListingError>,
}

/// How far it is known in which dialect the listing is.
#[derive(Debug)]
enum Stage {
    /// Not yet: lines are gathered for the vote.
    Head {
        lines: Vec<(Slice, Ended)>,
        bytes: usize,
    },
    /// The listing is of one dialect, whatever its lines look like.
    Known(Run),
    /// The listing's own dialect, if it has one, and those that its other lines are tried with.
    Detected { own: Option<Run>, others: Vec<Run> },
}

/// What has been read and not been taken.
#[derive(Debug, Default)]
struct Output {
    zone: Option<ServerZone>,
    ready: VecDeque<Parsed>,
    section: Option<Slice>,
}

/// The head of a listing: enough lines to tell any dialect by, and no more than are soon there.
const HEAD_LINES: usize = 100;
const HEAD_BYTES: usize = 16 * 1024;

impl ListParser {
    /// At the start of a listing.
    ///
    /// `now` is what turns a date without a year into a moment: such a date is the last one that
    /// is not in the future. Without it, those dates are text only.
    pub fn new(format: Format, now: Option<Timestamp>, limits: ListingLimits) -> Self {
        let now = now.and_then(Now::new);
        let known = |dialect| Stage::Known(Run::new(dialect, registry::asked_for(dialect), now));
        let (reading, translator) = match format {
            Format::Mlsd => (known(Dialect::Mlsx), Translator::off()),
            Format::Unix => (known(Dialect::Unix), Translator::off()),
            Format::Names => (known(Dialect::Names), Translator::off()),
            Format::Dialect(dialect) => (known(dialect), Translator::new()),
            Format::Detect => {
                let head = Stage::Head {
                    lines: Vec::new(),
                    bytes: 0,
                };
                (head, Translator::new())
            }
        };
        Self {
            now,
            limits,
            translator,
            lines: LineSplitter::new(limits.line),
            count: 0,
            reading,
            said: Vec::new(),
            out: Output::default(),
            unterminated: false,
            failed: None,
        }
    }

    /// Tells what the server has said of itself: its answer to `SYST`, its greeting. It leans the
    /// choice of [`Format::Detect`], and decides nothing.
    #[must_use]
    pub fn with_hint(mut self, said: &[u8]) -> Self {
        self.said.extend_from_slice(said);
        self.said.push(b'\n');
        self
    }

    /// Tells the zone of the server's clock: times that the listing has in local time come out in
    /// UTC, and dates without a year are understood by the server's day.
    #[must_use]
    pub fn with_zone(mut self, zone: ServerZone) -> Self {
        self.out.zone = Some(zone);
        self.now = self.now.and_then(|now| now.shifted(zone));
        if let Stage::Known(run) = &mut self.reading {
            run.set_now(self.now);
        }
        self
    }

    /// Takes bytes of the data connection. Entries that they complete can be had from
    /// [`next`](Self::next), also if this fails behind them.
    ///
    /// With [`Format::Detect`] entries wait until there are a hundred lines, or 16 KiB, or the end.
    ///
    /// # Errors
    ///
    /// [`ListingError`] once a limit is passed, and from then on for good.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ListingError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        for piece in bytes.chunks(LineSplitter::PIECE) {
            let lines = &mut self.lines;
            self.translator.push(piece, |bytes| lines.push(bytes));
            self.guarded(Self::take_lines)?;
        }
        Ok(())
    }

    /// The next entry, or line that is none, in the server's order; `None` if more bytes are
    /// needed or all is said. Empty lines, headings and sums are passed over.
    #[expect(
        clippy::should_implement_trait,
        reason = "what ends here may go on after the next push, which an Iterator may not"
    )]
    pub fn next(&mut self) -> Option<Parsed> {
        self.out.ready.pop_front()
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
        let lines = &mut self.lines;
        self.translator.finish(|bytes| lines.push(bytes));
        self.guarded(Self::take_lines)?;
        if let Some(line) = self.lines.rest() {
            self.unterminated = true;
            self.guarded(|own| own.take_line(line, Ended::AtEnd))?;
        }
        self.conclude();
        Ok(())
    }

    /// Whether the last line so far has no LF. After [`finish`](Self::finish) that may mean that
    /// the listing was cut: whoever deletes what a listing lacks should not rely on this one.
    pub fn is_unterminated(&self) -> bool {
        self.unterminated || self.lines.is_mid_line()
    }

    /// The dialect of the listing, as soon as it is known; `None` also if it is in none.
    pub fn dialect(&self) -> Option<Dialect> {
        match &self.reading {
            Stage::Head { .. } => None,
            Stage::Known(own) => Some(own.dialect),
            Stage::Detected { own, .. } => own.as_ref().map(|own| own.dialect),
        }
    }

    /// Does something that may pass a limit. What was read before that comes out all the same.
    fn guarded(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(), ListingError>,
    ) -> Result<(), ListingError> {
        work(self).inspect_err(|&error| {
            self.failed = Some(error);
            self.conclude();
        })
    }

    /// Reads what waits for more lines.
    fn conclude(&mut self) {
        self.settle();
        self.with_run(|run, to| run.end(to));
    }

    fn take_lines(&mut self) -> Result<(), ListingError> {
        while let Some(line) = self.lines.next_line()? {
            self.take_line(line, Ended::Bare)?;
        }
        Ok(())
    }

    fn take_line(&mut self, mut line: Slice, ended: Ended) -> Result<(), ListingError> {
        self.count += 1;
        if self.count > self.limits.lines {
            return Err(ListingError::TooManyLines {
                limit: self.limits.lines,
            });
        }
        let length = without_cr(line.as_bytes()).len();
        let has_cr = length < line.as_bytes().len();
        let ended = if has_cr { Ended::WithCr } else { ended };
        line.truncate(length);
        if let Stage::Head { lines, bytes } = &mut self.reading {
            *bytes += line.as_bytes().len();
            lines.push((line, ended));
            if lines.len() >= HEAD_LINES || *bytes >= HEAD_BYTES {
                self.settle();
            }
            return Ok(());
        }
        self.read(&line, ended);
        Ok(())
    }

    /// Holds the vote if it has not been held, and reads the head.
    fn settle(&mut self) {
        let Stage::Head { lines, .. } = &mut self.reading else {
            return;
        };
        let head = std::mem::take(lines);
        let own = vote::elect(&head, &self.said, self.now);
        let others = vote::others(own.as_ref().map(|own| own.dialect), self.now);
        self.reading = Stage::Detected { own, others };
        for (line, ended) in &head {
            self.read(line, *ended);
        }
    }

    fn read(&mut self, line: &Slice, ended: Ended) {
        if let Stage::Detected { own: None, others } = &mut self.reading {
            if !line.as_bytes().trim_ascii().is_empty() {
                self.out.take_foreign(line, others);
            }
            return;
        }
        self.with_run(|run, to| run.line(line, ended, to));
    }

    /// Does something with the reader that is known to be the right one, if there is one.
    fn with_run(&mut self, work: impl FnOnce(&mut Run, &mut dyn FnMut(&Slice, Reading<'_>))) {
        let out = &mut self.out;
        match &mut self.reading {
            Stage::Known(own) => {
                let dialect = own.dialect;
                work(own, &mut |line, reading| out.take(dialect, line, reading));
            }
            Stage::Detected {
                own: Some(own),
                others,
            } => {
                let dialect = own.dialect;
                work(own, &mut |line, reading| match reading {
                    Reading::Unknown => out.take_foreign(line, others),
                    reading => out.take(dialect, line, reading),
                });
            }
            Stage::Head { .. } | Stage::Detected { own: None, .. } => {}
        }
    }
}

impl Output {
    fn take(&mut self, dialect: Dialect, line: &Slice, reading: Reading<'_>) {
        match reading {
            Reading::Entry(draft) => self.entry(dialect, line, draft),
            Reading::Entries(drafts) => {
                for draft in drafts {
                    self.entry(dialect, line, draft);
                }
            }
            Reading::Heading => {}
            Reading::Section(name) => {
                self.section = (name != b".").then(|| line.part(name));
            }
            Reading::Half | Reading::Unknown => {
                self.ready.push_back(Parsed::Unknown(line.to_bytes()));
            }
        }
    }

    fn entry(&mut self, dialect: Dialect, line: &Slice, mut draft: Draft<'_>) {
        // A bare `/` where a name should be: the mark of a directory, and no directory.
        if draft.name.is_empty() {
            self.ready.push_back(Parsed::Unknown(line.to_bytes()));
            return;
        }
        if let (Some(zone), Some(modified)) = (self.zone, draft.modified) {
            draft.modified = Some(zone.to_utc(modified));
        }
        let mut entry = Entry::new(dialect, line, draft);
        if let Some(section) = &self.section {
            entry.set_section(section);
        }
        self.ready.push_back(Parsed::Entry(entry));
    }

    /// Takes a line that is not of the listing's dialect: an entry of the first that knows it.
    fn take_foreign(&mut self, line: &Slice, others: &mut [Run]) {
        if unix::is_total(&Line::new(line.as_bytes())) || is_rule(line.as_bytes()) {
            return;
        }
        for run in others {
            let mut is_known = false;
            let dialect = run.dialect;
            run.line(line, Ended::AtEnd, |line, reading| {
                if let Reading::Entry(mut draft) = reading {
                    is_known = true;
                    draft.confidence = draft.confidence.min(Confidence::Medium);
                    self.entry(dialect, line, draft);
                }
            });
            if is_known {
                return;
            }
        }
        self.ready.push_back(Parsed::Unknown(line.to_bytes()));
    }
}

/// The dashes under the titles of columns.
fn is_rule(line: &[u8]) -> bool {
    let dashes = line
        .iter()
        .filter(|&&byte| matches!(byte, b'-' | b'='))
        .count();
    let is_rule = line.iter().all(|byte| b"-= \t".contains(byte));
    is_rule && dashes >= 5
}

/// How a listing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// As `MLSD` has it.
    Mlsd,
    /// As `ls -l` has it, which is what most servers answer `LIST` with.
    Unix,
    /// Names alone, which is what `NLST` is answered with.
    Names,
    /// In this dialect and no other.
    Dialect(Dialect),
    /// In a dialect that is to be found out.
    Detect,
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

    use super::super::{Modified, Precision, Zone};
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

    fn detected(listing: &str) -> (Vec<String>, Option<Dialect>) {
        let now = Timestamp::parse(b"20261122120000");
        let mut parser = ListParser::new(Format::Detect, now, ListingLimits::default());
        parser.push(listing.as_bytes()).unwrap();
        parser.finish().unwrap();
        let parsed: Vec<_> = std::iter::from_fn(|| parser.next()).collect();
        (names(&parsed), parser.dialect())
    }

    #[test]
    fn the_whole_head_decides_and_other_lines_are_still_read() {
        let (names, dialect) = detected(
            "10-31-26  03:26AM       <DIR>          one\r\n\
             10-31-26  03:26AM                    5 two\r\n\
             -rw-r--r-- 1 a b 5 Jan 29 03:26 three\r\n\
             something else\r\n",
        );
        assert_eq!(names, ["one", "two", "three", "? something else"]);
        assert_eq!(dialect, Some(Dialect::Dos));
    }

    #[test]
    fn a_listing_in_no_dialect_is_unknown_line_by_line() {
        let (names, dialect) = detected("Welcome to the server!\nNothing is here.\n");
        assert_eq!(names, ["? Welcome to the server!", "? Nothing is here."]);
        assert_eq!(dialect, None);
        assert_eq!(detected(""), (vec![], None));
    }

    #[test]
    fn what_the_server_says_of_itself_leans_and_does_not_decide() {
        let read = |said: &[u8], listing: &[u8]| {
            let limits = ListingLimits::default();
            let mut parser = ListParser::new(Format::Detect, None, limits).with_hint(said);
            parser.push(listing).unwrap();
            parser.finish().unwrap();
            parser.dialect()
        };
        // A directory of VM, or the name, size and date of something else.
        let either = b"README.TXT  26  04/02/97 12:33:20\r\n";
        assert_eq!(read(b"", either), Some(Dialect::NameFirst));
        let unix = b"-rw-r--r-- 1 a b 5 Jan 29 03:26 x\r\n";
        assert_eq!(read(b"215 VMS V7", unix), Some(Dialect::Unix));
    }

    #[test]
    fn with_the_servers_zone_local_times_come_out_in_utc() {
        // Half past midnight on New Year's Eve here is half past nine in the morning there.
        let now = Timestamp::parse(b"20261231003000");
        let known = Timestamp::parse(b"20260101000000").unwrap();
        let local = Timestamp::parse(b"20260101090000").unwrap();
        let listed = Modified {
            time: local,
            precision: Precision::Minute,
            zone: Zone::Unknown,
        };
        let zone = ServerZone::between(listed, known).unwrap();
        for format in [Format::Unix, Format::Detect] {
            let mut parser = ListParser::new(format, now, ListingLimits::default()).with_zone(zone);
            parser.push(b"-rw-r--r-- 1 a b 5 Jan  1 09:15 x\n").unwrap();
            parser.finish().unwrap();
            let Some(Parsed::Entry(entry)) = parser.next() else {
                panic!("no entry");
            };
            let modified = entry.modified().unwrap();
            assert_eq!(modified.time.to_string(), "2027-01-01T00:15:00Z");
            assert_eq!(modified.zone, Zone::Utc);
        }
    }

    #[test]
    fn entries_of_a_recursive_listing_know_their_directory() {
        let listing = b".:\ntotal 1\ndrwxr-xr-x 2 a b 5 Jan 29 03:26 sub\n\n\
            ./sub:\ntotal 1\n-rw-r--r-- 1 a b 5 Jan 29 03:26 x\n\n\
            other:\n-rw-r--r-- 1 a b 5 Jan 29 03:26 y\n";
        let mut parser = ListParser::new(Format::Detect, None, ListingLimits::default());
        parser.push(listing).unwrap();
        parser.finish().unwrap();
        let sections: Vec<_> = std::iter::from_fn(|| parser.next())
            .map(|parsed| match parsed {
                Parsed::Entry(entry) => {
                    (entry.name().to_vec(), entry.section().map(<[u8]>::to_vec))
                }
                Parsed::Unknown(line) => panic!("{line:?}"),
            })
            .collect();
        let expected = [("sub", None), ("x", Some("./sub")), ("y", Some("other"))];
        let expected = expected.map(|(name, section)| (name.into(), section.map(Into::into)));
        assert_eq!(sections, expected);
    }

    #[test]
    fn an_lf_in_a_name_ends_no_line_where_lines_end_with_crlf() {
        let (names, _) = detected(
            "-rw-r--r-- 1 a b 5 Jan 29 03:26 one\r\n\
             -rw-r--r-- 1 a b 5 Jan 29 03:26 two\n  and\n more\r\n\
             -rw-r--r-- 1 a b 5 Jan 29 03:26 three\n\
             -rw-r--r-- 1 a b 5 Jan 29 03:26 four\r\n\
             a message\n\
             -rw-r--r-- 1 a b 5 Jan 29 03:26 five\r\n",
        );
        assert_eq!(
            names,
            [
                "one",
                "two\n  and\n more",
                "three",
                "four",
                "? a message",
                "five"
            ]
        );
    }

    #[test]
    fn a_wrapped_line_whose_rest_does_not_come_is_unknown() {
        let (names, dialect) = detected(
            "Directory DISK:[PUB]\n\nA.TXT;1  3 2-JUN-1998 07:32\nB_LONG_NAME.TXT;1\n  \
             9/9  2-JUN-1998 07:32:04\nLOST.TXT;1\n\nTotal of 3 files, 3 blocks.\nLAST.TXT;1\n",
        );
        let expected = ["A.TXT", "B_LONG_NAME.TXT", "? LOST.TXT;1", "? LAST.TXT;1"];
        assert_eq!(
            (names, dialect),
            (expected.map(Into::into).into(), Some(Dialect::Vms))
        );
    }

    #[test]
    fn entries_come_out_while_bytes_come_in() {
        let line = b"-rw-r--r-- 1 a b 5 Jan 29 03:26 x\r\n";
        let mut parser = ListParser::new(Format::Detect, None, ListingLimits::default());
        for _ in 0..HEAD_LINES - 1 {
            parser.push(line).unwrap();
            assert_eq!(parser.next(), None);
        }
        parser.push(line).unwrap();
        assert_eq!(std::iter::from_fn(|| parser.next()).count(), HEAD_LINES);
        parser.push(line).unwrap();
        assert!(parser.next().is_some());
    }

    #[test]
    fn an_entry_without_a_name_is_none() {
        let format = Format::Dialect(Dialect::Ka9q);
        let (parsed, _) = read(format, &[b"/  07:15 11/02/93\r\n"]);
        assert_eq!(names(&parsed), ["? /  07:15 11/02/93"]);
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
