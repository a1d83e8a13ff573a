//! Listings of HP NonStop (Tandem Guardian).
//!
//! ```text
//! File         Code             EOF  Last Modification    Owner  RWEP
//! FILE3        101            16354 14-Mar-14 15:09:12 244, 10 "nunu"
//! ```

use super::date;
use super::decimal;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct NonStop;

impl Reader for NonStop {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        if line.word(0) == Some(b"File") && line.word(1) == Some(b"Code") {
            return Reading::Heading;
        }
        entry(line, cx).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let last = line.word(line.count().checked_sub(1)?)?;
    let security = last.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if !(4..=8).contains(&security.len()) {
        return None;
    }
    // From the right, for a name may have blanks.
    let at = (3..line.count()).find(|&at| line.word(at).and_then(date::named_day).is_some())?;
    let day = date::named_day(line.word(at)?)?;
    let clock = date::clock(line.word(at + 1)?)?;
    let size = decimal(line.word(at - 1)?)?;
    let code = line.word(at - 2)?;
    if !code[0].is_ascii_digit() {
        return None;
    }
    let owner = line.between(at + 2, line.count() - 1)?;
    let draft = Draft::file_or_directory(line.between(0, at - 2)?, false)
        .size(Some(size))
        .owner(Some(owner))
        .modified(
            line.between(at, at + 2)?,
            day.at(Some(clock)).modified(cx.now),
        );
    Some(draft)
}
