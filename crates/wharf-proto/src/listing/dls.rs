//! Listings of `dls`, an `ls` with descriptions that some servers had in its place.
//!
//! ```text
//! 00-INDEX             4,521  Sep 17  2000  What is here
//! speech/                  =  Nov 24 18:02  Corpora
//! A-NAME-THAT-IS-TOO-LONG.Z
//!                      79215  Jan  4  6:45
//! ```

use super::draft::{Draft, Reading};
use super::ls_date;
use super::reader::{Context, Reader};
use super::words::{Line, is_blank};
use super::{Confidence, grouped};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Dls;

impl Reader for Dls {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        let is_indented = line.text().first().copied().is_none_or(is_blank);
        if line.count() == 1 && !is_indented {
            return Reading::Half;
        }
        entry(line, cx).filter(|_| !is_indented).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let (name, size) = (line.word(0)?, line.word(1)?);
    let is_sized = !matches!(size, b"=" | b"-");
    let size = if is_sized { Some(grouped(size)?) } else { None };
    let found = ls_date::usual(line, 2)?;
    let directory = name.strip_suffix(b"/").filter(|name| !name.is_empty());
    let draft =
        Draft::file_or_directory(directory.unwrap_or(name), directory.is_some() || !is_sized)
            .size(size)
            .modified(
                line.between(2, found.last + 1)?,
                found.moment.modified(cx.now),
            )
            .confidence(Confidence::Medium);
    Some(draft)
}
