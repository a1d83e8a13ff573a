//! Listings of Distinct's server for Windows: attributes of DOS, and times in UTC.
//!
//! ```text
//! -wa--        7665  Dec 29,2002   6:56  01-bg-980.pdf
//! d----           0  Dec 29,2002   6:51  test
//! ```

use super::date::{self, Date};
use super::decimal;
use super::draft::{Draft, Reading};
use super::months;
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Distinct;

impl Reader for Distinct {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        entry(line, cx).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let attributes = line.word(0).filter(|word| word.len() == 5)?;
    let fits = attributes[1..].iter().all(|byte| b"-rwash".contains(byte));
    let is_directory = match attributes[0] {
        b'd' => true,
        b'-' => false,
        _ => return None,
    };
    let size = decimal(line.word(1)?)?;
    let word = line.word(3)?;
    let comma = word.iter().position(|&byte| byte == b',')?;
    let day = Date {
        month: Some(months::english(line.word(2)?)?),
        day: date::day_number(&word[..comma])?,
        year: Some(date::year(&word[comma + 1..])?),
    };
    let mut moment = day.at(Some(date::clock(line.word(4)?)?));
    moment.offset = Some(0);
    let name = line.after(4, usize::MAX).filter(|name| !name.is_empty())?;
    let draft = Draft::file_or_directory(name, is_directory)
        .size(Some(size))
        .modified(line.between(2, 5)?, moment.modified(cx.now));
    fits.then_some(draft)
}
