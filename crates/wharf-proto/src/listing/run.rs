//! The way of a listing's lines through the reader of one dialect.
//!
//! ```text
//!            ┌► torn: it ended with a bare LF among lines that end with CRLF, and names may hold one
//! line ──────┼► half: the dialect says that it goes on in the next
//!            └► read ─► entry, heading, …
//! ```
//!
//! A line that waits is read together with the next. Where the two make no entry, each is read
//! for itself.

use super::Dialect;
use super::date::Now;
use super::draft::Reading;
use super::lines::Slice;
use super::reader::{Context, Reader};
use super::words::Line;

/// How a line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// With CRLF, as RFC 959 has it.
    WithCr,
    /// With LF alone.
    Bare,
    /// With the listing.
    AtEnd,
}

/// The lines of a listing, on their way through one reader.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) dialect: Dialect,
    reader: Box<dyn Reader + Send + Sync>,
    /// A line that goes on in the next.
    half: Option<Slice>,
    /// Lines that may be one: a name may hold an LF, which is no line's end where those have a CR.
    torn: Vec<Slice>,
    /// How the first line ended.
    usual: Option<Ended>,
    cx: Context,
}

/// So many pieces are held together at most.
const PIECES: usize = 8;

impl Run {
    pub(super) fn new(
        dialect: Dialect,
        reader: Box<dyn Reader + Send + Sync>,
        now: Option<Now>,
    ) -> Self {
        Self {
            dialect,
            reader,
            half: None,
            torn: Vec::new(),
            usual: None,
            cx: Context {
                now,
                after_gap: true,
                is_survey: false,
            },
        }
    }

    /// Sets the time for dates without a year.
    pub(super) fn set_now(&mut self, now: Option<Now>) {
        self.cx.now = now;
    }

    /// Begins to look a listing over, or to read it for good, with what the reader knows of it.
    pub(super) fn survey(&mut self, is_survey: bool) {
        self.cx.is_survey = is_survey;
        self.cx.after_gap = true;
        self.usual = None;
    }

    /// Takes a line, and hands on what it is: itself, or with those before it. A reading is lent
    /// out rather than handed over because it is large, and moved for every line of a listing.
    pub(super) fn line(
        &mut self,
        line: &Slice,
        ended: Ended,
        mut to: impl FnMut(&Slice, &mut Reading<'_>),
    ) {
        let usual = *self.usual.get_or_insert(ended);
        if usual == Ended::WithCr && ended == Ended::Bare && self.may_be_torn(line) {
            self.torn.push(line.clone());
            return;
        }
        if !self.torn.is_empty() {
            let pieces = std::mem::take(&mut self.torn);
            if ended == Ended::WithCr && self.mend(&pieces, line, &mut to) {
                return;
            }
            for piece in &pieces {
                self.read(piece, &mut to);
            }
        }
        self.read(line, &mut to);
    }

    /// Hands on what waits for another line.
    pub(super) fn end(&mut self, mut to: impl FnMut(&Slice, &mut Reading<'_>)) {
        for piece in std::mem::take(&mut self.torn) {
            self.read(&piece, &mut to);
        }
        self.give_up_half(&mut to);
    }

    /// Whether a line that ended with a bare LF may go on in the next. The names of other systems
    /// hold no LF, and an empty line begins no entry.
    fn may_be_torn(&self, line: &Slice) -> bool {
        let has_free_names = matches!(self.dialect, Dialect::Unix | Dialect::Mlsx | Dialect::Eplf);
        let is_piece = !self.torn.is_empty() || !line.as_bytes().trim_ascii().is_empty();
        has_free_names && is_piece && self.torn.len() < PIECES
    }

    /// Reads pieces as one line, if they make an entry together, and none but the first alone.
    fn mend(
        &mut self,
        pieces: &[Slice],
        last: &Slice,
        to: &mut impl FnMut(&Slice, &mut Reading<'_>),
    ) -> bool {
        let mut others = pieces[1..].iter().chain([last]);
        if others.any(|piece| self.is_entry(piece)) {
            return false;
        }
        let mut whole = pieces[0].clone();
        for piece in pieces[1..].iter().chain([last]) {
            whole = whole.joined(piece);
        }
        let mut reading = self.reader.read(&Line::new(whole.as_bytes()), &self.cx);
        let is_entry = matches!(reading, Reading::Entry(_));
        if !is_entry {
            return false;
        }
        to(&whole, &mut reading);
        self.cx.after_gap = false;
        true
    }

    fn is_entry(&mut self, line: &Slice) -> bool {
        let reading = self.reader.read(&Line::new(line.as_bytes()), &self.cx);
        matches!(reading, Reading::Entry(_) | Reading::Entries(_))
    }

    fn read(&mut self, line: &Slice, to: &mut impl FnMut(&Slice, &mut Reading<'_>)) {
        if line.as_bytes().trim_ascii().is_empty() {
            self.give_up_half(to);
            self.cx.after_gap = true;
            return;
        }
        if let Some(first) = self.half.take() {
            let joined = first.joined(line);
            let mut reading = self.reader.read(&Line::new(joined.as_bytes()), &self.cx);
            if matches!(reading, Reading::Entry(_)) {
                to(&joined, &mut reading);
                return;
            }
            to(&first, &mut Reading::Unknown);
        }
        let mut reading = self.reader.read(&Line::new(line.as_bytes()), &self.cx);
        if matches!(reading, Reading::Half) {
            self.half = Some(line.clone());
        } else {
            to(line, &mut reading);
        }
        self.cx.after_gap = false;
    }

    fn give_up_half(&mut self, to: &mut impl FnMut(&Slice, &mut Reading<'_>)) {
        if let Some(half) = self.half.take() {
            to(&half, &mut Reading::Unknown);
        }
    }
}
