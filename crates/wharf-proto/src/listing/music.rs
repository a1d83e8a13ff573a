//! Listings of MUSIC/SP.
//!
//! ```text
//!   File name             RlenRf  Size  Read       Write     By      Attrbs #Recs
//! ABC                       47VC    2K 08JAN03 24SEP96 14:30 $000000  CR        5
//! PUB\                   <DIR>      2K 0000000 24SEP96 14:30 $PUB000            0
//! ```

use super::date;
use super::decimal;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Music;

impl Reader for Music {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        if line.word(0) == Some(b"File") && line.word(2) == Some(b"RlenRf") {
            return Reading::Heading;
        }
        entry(line, cx).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let (name, format) = (line.word(0)?, line.word(1)?);
    let is_directory = format == b"<DIR>";
    let kilobytes = decimal(line.word(2)?.strip_suffix(b"K")?)?;
    let read = line.word(3)?;
    let day = date::named_day(line.word(4)?)?;
    let clock = date::clock(line.word(5)?)?;
    let fits = read.len() == 7 && (read == b"0000000" || date::named_day(read).is_some());
    let draft = Draft::file_or_directory(name.strip_suffix(b"\\").unwrap_or(name), is_directory)
        .rough_size(kilobytes.checked_mul(1024).filter(|_| !is_directory))
        .owner(line.word(6))
        .modified(line.between(4, 6)?, day.at(Some(clock)).modified(cx.now));
    fits.then_some(draft)
}
