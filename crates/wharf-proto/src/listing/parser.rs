//! A whole listing, as it arrives.

#[cfg(test)]
mod tests;
#[cfg(test)]
mod work;

use std::collections::VecDeque;

use bytes::Bytes;

use super::date::Now;
use super::draft::{Draft, Reading};
use super::ebcdic::Translator;
use super::lines::{LineSplitter, ListingError, Slice};
use super::run::{Ended, Run};
use super::vote;
use super::words::Line;
use super::{Confidence, Dialect, Entry, ServerZone, is_passed_over, registry, without_cr};
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
        if let Some(mut line) = self.lines.rest() {
            self.unterminated = true;
            self.guarded(|own| own.take_line(&mut line, Ended::AtEnd))?;
        }
        self.conclude();
        Ok(())
    }

    /// Ends the listing where it broke off: what was read comes out, and the line that was begun is
    /// no entry.
    pub fn cut_off(&mut self) {
        if self.failed.is_some() {
            return;
        }
        let lines = &mut self.lines;
        self.translator.finish(|bytes| lines.push(bytes));
        if self.guarded(Self::take_lines).is_ok() {
            self.unterminated = self.lines.rest().is_some();
            self.conclude();
        }
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
        if let Some(mut lines) = self.lines.whole() {
            while let Some(line) = lines.next()? {
                self.take_line(line, Ended::Bare)?;
            }
        }
        self.lines.check()
    }

    fn take_line(&mut self, line: &mut Slice, ended: Ended) -> Result<(), ListingError> {
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
            lines.push((line.clone(), ended));
            if lines.len() >= HEAD_LINES || *bytes >= HEAD_BYTES {
                self.settle();
            }
            return Ok(());
        }
        self.read(line, ended);
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
    fn with_run(&mut self, work: impl FnOnce(&mut Run, &mut dyn FnMut(&Slice, &mut Reading<'_>))) {
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
                work(own, &mut |line, reading| {
                    if matches!(reading, Reading::Unknown) {
                        out.take_foreign(line, others);
                    } else {
                        out.take(dialect, line, reading);
                    }
                });
            }
            Stage::Head { .. } | Stage::Detected { own: None, .. } => {}
        }
    }
}

impl Output {
    fn take(&mut self, dialect: Dialect, line: &Slice, reading: &mut Reading<'_>) {
        match reading {
            Reading::Entry(draft) => self.entry(dialect, line, draft),
            Reading::Entries(drafts) => {
                for draft in drafts {
                    self.entry(dialect, line, draft);
                }
            }
            Reading::Heading => {}
            Reading::Section(name) => {
                self.section = (*name != b".").then(|| line.part(name));
            }
            Reading::Half | Reading::Unknown => {
                self.ready.push_back(Parsed::Unknown(line.to_bytes()));
            }
        }
    }

    fn entry(&mut self, dialect: Dialect, line: &Slice, draft: &mut Draft<'_>) {
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
        if is_passed_over(&Line::new(line.as_bytes())) {
            return;
        }
        for run in others {
            let mut is_known = false;
            let dialect = run.dialect;
            run.line(line, Ended::AtEnd, |line, reading| {
                if let Reading::Entry(draft) = reading {
                    is_known = true;
                    draft.confidence = draft.confidence.min(Confidence::Medium);
                    self.entry(dialect, line, draft);
                }
            });
            // The next line that comes here may stand far below.
            run.end(|_, _| {});
            if is_known {
                return;
            }
        }
        self.ready.push_back(Parsed::Unknown(line.to_bytes()));
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
