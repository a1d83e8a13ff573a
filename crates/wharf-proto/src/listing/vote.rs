//! Which dialect a listing is in: all of them read its head, and the one that reads it best wins.

use super::date::Now;
use super::draft::Reading;
use super::lines::Slice;
use super::registry::{self, Scope};
use super::run::{Ended, Run};
use super::words::Line;
use super::{Confidence, Dialect, is_passed_over};

/// The dialect that reads the head of a listing best, with what its reader has learnt from it;
/// `None` if none reads any of it.
///
/// What the server has `said` of itself leans the vote as much as two entries do.
pub(super) fn elect(head: &[(Slice, Ended)], said: &[u8], now: Option<Now>) -> Option<Run> {
    let mut best: Option<(i64, Run)> = None;
    for dialect in Dialect::ALL {
        let mut run = Run::new(dialect, registry::suspected(dialect), now);
        run.survey(true);
        let Some(mut score) = survey(&mut run, head) else {
            continue;
        };
        if dialect.is_hinted_by(said) {
            score += 2 * ENTRY;
        }
        // Most lines must speak for a dialect whose lines could each be something else.
        if registry::scope(dialect) == Scope::Listing && score <= 0 {
            continue;
        }
        // The first of equals is the one that is harder to mistake.
        if best.as_ref().is_none_or(|(best, _)| score > *best) {
            run.survey(false);
            best = Some((score, run));
        }
    }
    best.map(|(_, run)| run)
}

/// How well the dialect reads the lines; `None` if it has nothing to do with them.
fn survey(run: &mut Run, head: &[(Slice, Ended)]) -> Option<i64> {
    let mut score = 0;
    let mut is_its_own = false;
    let can_be_told = registry::scope(run.dialect) != Scope::Listing;
    let mut count = |line: &Slice, reading: &mut Reading<'_>| match reading {
        Reading::Entry(draft) => {
            is_its_own = true;
            score += worth(draft.confidence);
        }
        Reading::Entries(drafts) => {
            is_its_own = true;
            score += drafts
                .iter()
                .map(|draft| worth(draft.confidence))
                .sum::<i64>();
        }
        Reading::Heading => {
            is_its_own = true;
            score += HEADING;
        }
        Reading::Section(_) => {}
        // Whoever wins passes over such a line. Among lines that could be anything it is one more.
        Reading::Unknown if can_be_told && is_passed_over(&Line::new(line.as_bytes())) => {}
        Reading::Half | Reading::Unknown => score += UNKNOWN,
    };
    for (line, ended) in head {
        run.line(line, *ended, &mut count);
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
pub(super) fn others(elected: Option<Dialect>, now: Option<Now>) -> Vec<Run> {
    let least = if elected.is_some() {
        Scope::Common
    } else {
        Scope::Line
    };
    Dialect::ALL
        .into_iter()
        .filter(|&dialect| registry::scope(dialect) >= least && elected != Some(dialect))
        .map(|dialect| Run::new(dialect, registry::suspected(dialect), now))
        .collect()
}
