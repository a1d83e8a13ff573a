//! Listings of VxWorks.
//!
//! ```text
//!   size          date       time       name
//! --------       ------     ------    --------
//!      512    AUG-30-2000  16:29:38   SYS               <DIR>
//!  1165625    FEB-19-2001  12:17:38   VXWORKS
//! ```

use super::date;
use super::decimal;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct VxWorks;

impl Reader for VxWorks {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        if line.word(0) == Some(b"size") && line.word(1) == Some(b"date") {
            return Reading::Heading;
        }
        entry(line, cx).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let size = decimal(line.word(0)?)?;
    let word = line.word(1).filter(|word| word[0].is_ascii_alphabetic())?;
    let day = date::named_day(word)?;
    let clock = date::clock(line.word(2)?)?;
    let name = line.from(3)?;
    let directory = name.strip_suffix(b"<DIR>").map(<[u8]>::trim_ascii_end);
    let draft = Draft::file_or_directory(directory.unwrap_or(name), directory.is_some())
        .size(Some(size))
        .modified(line.between(1, 3)?, day.at(Some(clock)).modified(cx.now));
    (!draft.name.is_empty()).then_some(draft)
}
