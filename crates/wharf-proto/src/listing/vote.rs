//! Which dialect a listing is in: all of them read its head, and the one that reads it best wins.

use super::draft::Reading;
use super::lines::Slice;
use super::reader::{Context, Reader};
use super::registry::{self, Scope};
use super::words::Line;
use super::{Confidence, Dialect};
use crate::time::Timestamp;

/// The lines of a listing, on their way through one reader.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) dialect: Dialect,
    reader: Box<dyn Reader + Send + Sync>,
    /// A line that goes on in the next.
    half: Option<Slice>,
    cx: Context,
}

impl Run {
    pub(super) fn new(dialect: Dialect, reader: Box<dyn Reader + Send + Sync>, now: Option<Timestamp>) -> Self {
        Self {
            dialect,
            reader,
            half: None,
            cx: Context {
                now,
                after_gap: true,
                is_survey: false,
            },
        }
    }

    /// Reads a line, and hands on what it is: itself, or with the one before it.
    pub(super) fn line(&mut self, line: &Slice, mut to: impl FnMut(&Slice, Reading<'_>)) {
        if line.as_bytes().trim_ascii().is_empty() {
            self.end(to);
            self.cx.after_gap = true;
            return;
        }
        if let Some(first) = self.half.take() {
            let joined = first.joined(line);
            let reading = self.reader.read(&Line::new(joined.as_bytes()), &self.cx);
            if matches!(reading, Reading::Entry(_)) {
                to(&joined, reading);
                return;
            }
            to(&first, Reading::Unknown);
        }
        match self.reader.read(&Line::new(line.as_bytes()), &self.cx) {
            Reading::Half => self.half = Some(line.clone()),
            reading => to(line, reading),
        }
        self.cx.after_gap = false;
    }

    /// Hands on what waits for another line.
    pub(super) fn end(&mut self, mut to: impl FnMut(&Slice, Reading<'_>)) {
        if let Some(half) = self.half.take() {
            to(&half, Reading::Unknown);
        }
    }
}

/// The dialect that reads the head of a listing best, with what its reader has learnt from it;
/// `None` if there is none that reads more of it than not.
///
/// What the server has `said` of itself leans the vote as much as two entries do.
pub(super) fn elect(head: &[Slice], said: &[u8], now: Option<Timestamp>) -> Option<Run> {
    let mut best: Option<(i64, Run)> = None;
    for dialect in Dialect::ALL {
        let mut run = Run::new(dialect, registry::suspected(dialect), now);
        run.cx.is_survey = true;
        let Some(mut score) = survey(&mut run, head) else {
            continue;
        };
        if dialect.is_hinted_by(said) {
            score += 2 * ENTRY;
        }
        // The first of equals is the one that is harder to mistake.
        if score > best.as_ref().map_or(0, |(best, _)| *best) {
            run.cx.is_survey = false;
            run.cx.after_gap = true;
            best = Some((score, run));
        }
    }
    best.map(|(_, run)| run)
}

/// How well the dialect reads the lines; `None` if it has nothing to do with them.
fn survey(run: &mut Run, head: &[Slice]) -> Option<i64> {
    let mut score = 0;
    let mut is_its_own = false;
    let mut count = |_: &Slice, reading: Reading<'_>| match reading {
        Reading::Entry(draft) => {
            is_its_own = true;
            score += worth(draft.confidence);
        }
        Reading::Entries(drafts) => {
            is_its_own = true;
            score += drafts.iter().map(|draft| worth(draft.confidence)).sum::<i64>();
        }
        Reading::Heading => {
            is_its_own = true;
            score += HEADING;
        }
        Reading::Section(_) => {}
        Reading::Half | Reading::Unknown => score += UNKNOWN,
    };
    for line in head {
        run.line(line, &mut count);
    }
    run.end(&mut count);
    is_its_own.then_some(score)
}

const ENTRY: i64 = 10;
const HEADING: i64 = 30;
const UNKNOWN: i64 = -40;

fn worth(confidence: Confidence) -> i64 {
    match confidence {
        Confidence::High => ENTRY,
        Confidence::Medium => 8,
        Confidence::Low => 4,
    }
}

/// The dialects in which a line is read that the listing's own, if it has one, does not know.
pub(super) fn others(elected: Option<Dialect>, now: Option<Timestamp>) -> Vec<Run> {
    let least = if elected.is_some() { Scope::Common } else { Scope::Line };
    Dialect::ALL
        .into_iter()
        .filter(|&dialect| registry::scope(dialect) >= least && elected != Some(dialect))
        .map(|dialect| Run::new(dialect, registry::suspected(dialect), now))
        .collect()
}
