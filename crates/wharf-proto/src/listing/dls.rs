//! Listings of `dls`, an `ls` with descriptions that some servers had in its place.
//!
//! ```text
//! 00-INDEX             4,521  Sep 17  2000  What is here
//! speech/                  =  Nov 24 18:02  Corpora
//! README                 763  Where dates are not shown
//! A-NAME-THAT-IS-TOO-LONG.Z
//!                      79215  Jan  4  6:45
//! newest                  14  -> speech/2000
//! ```
//!
//! Without a date a line could be anything that has a number in it, so it needs others to vouch
//! for it: its size ends in the column in which theirs do.

use super::draft::{Draft, Reading};
use super::ls_date;
use super::reader::{Context, Reader};
use super::words::{Line, is_blank};
use super::{Confidence, Kind, grouped};

/// The reader of whole listings.
#[derive(Debug, Default)]
pub(super) struct Dls {
    /// Where the sizes of lines end that can be nothing else.
    column: Option<usize>,
}

impl Reader for Dls {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        let is_indented = line.text().first().copied().is_none_or(is_blank);
        if line.count() == 1 && !is_indented {
            return Reading::Half;
        }
        self.entry(line, cx).filter(|_| !is_indented).into()
    }
}

impl Dls {
    fn entry<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
        let (name, size) = (line.word(0)?, line.word(1)?);
        let directory = name.strip_suffix(b"/").filter(|name| !name.is_empty());
        let is_sized = !matches!(size, b"=" | b"-");
        let size = if is_sized { Some(grouped(size)?) } else { None };
        let date = ls_date::usual(line, 2);
        let column = size_column(line)?;
        if date.is_some() || (directory.is_some() && !is_sized) {
            self.column.get_or_insert(column);
        } else if !self.is_vouched_for(line, column, cx) {
            return None;
        }
        let mut draft =
            Draft::file_or_directory(directory.unwrap_or(name), directory.is_some() || !is_sized)
                .size(size);
        draft.confidence = match date {
            Some(_) => Confidence::Medium,
            None => Confidence::Low,
        };
        let behind = date.as_ref().map_or(2, |found| found.last + 1);
        if let Some(found) = date {
            draft.date = line.between(2, behind);
            draft.modified = found.moment.modified(cx.now);
        }
        // In the place of a description a link has what it leads to.
        if line.word(behind) == Some(b"->") && draft.kind == Kind::File {
            draft.kind = Kind::Symlink;
            draft.target = line.from(behind + 1).map(Into::into);
        }
        Some(draft)
    }

    /// Whether a line without a date is one of those that have one. When the listing is looked
    /// over, they may stand further down.
    fn is_vouched_for(&self, line: &Line<'_>, column: usize, cx: &Context) -> bool {
        let is_in_column = self.column.map_or(cx.is_survey, |known| known == column);
        let gap = |at: usize| Some(line.start(at + 1)? - line.end(at)?);
        is_in_column && gap(0) >= Some(2) && gap(1).is_none_or(|gap| gap == 2)
    }
}

/// Where the size ends, which may stand in a line of its own.
fn size_column(line: &Line<'_>) -> Option<usize> {
    let before = &line.text()[..line.end(1)?];
    let newline = before.iter().rposition(|&byte| byte == b'\n');
    Some(before.len() - newline.map_or(0, |at| at + 1))
}
