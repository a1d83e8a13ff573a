//! What every dialect has to offer, and the list of all of them.

use super::date::Now;
use super::draft::{Draft, Reading};
use super::lines::Slice;
use super::without_cr;
use super::words::Line;
use super::{Dialect, Entry};

/// Reads the lines of one listing in one dialect.
///
/// A reader may remember what stood in earlier lines: a heading that says what the columns are, or
/// in which order dates are written. Two readers that were given the same lines do the same.
pub(super) trait Reader: std::fmt::Debug {
    /// What `line` is. It holds no line end, but an LF where two lines were joined.
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a>;
}

/// What is known beside the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    /// The time for dates without a year.
    pub(super) now: Option<Now>,
    /// Whether an empty line stood before this one, or none at all.
    pub(super) after_gap: bool,
    /// Whether the head of the listing is looked over, before its lines are read for good.
    pub(super) is_survey: bool,
}

/// The entry that `read` makes of a line alone.
pub(super) fn one_line(
    line: &[u8],
    dialect: Dialect,
    read: impl for<'a> FnOnce(&Line<'a>) -> Option<Draft<'a>>,
) -> Option<Entry> {
    let raw = Slice::from_vec(without_cr(line).to_vec());
    let mut draft = read(&Line::new(raw.as_bytes()))?;
    Some(Entry::new(dialect, &raw, &mut draft))
}
