//! Listings of Xecom's MicroRTOS, which shows where its files lie in memory.
//!
//! ```text
//!  Start    End    length     File name
//! ------------------------------------------
//!  A0000   A0B7F     2882   AWC86.CGI
//!
//!  ** Total 1 files, 2882 bytes **
//! ```

use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{decimal, hexadecimal, is_rule};

/// The reader of whole listings.
#[derive(Debug, Default)]
pub(super) struct MicroRtos {
    has_heading: bool,
}

impl Reader for MicroRtos {
    fn read<'a>(&mut self, line: &Line<'a>, _: &Context) -> Reading<'a> {
        if line.word(0) == Some(b"Start") && line.word(1) == Some(b"End") {
            self.has_heading = true;
            return Reading::Heading;
        }
        let is_total = line.word(0) == Some(b"**") && line.word(1) == Some(b"Total");
        if is_total || (self.has_heading && is_rule(line)) {
            return Reading::Heading;
        }
        entry(line).filter(|_| self.has_heading).into()
    }
}

fn entry<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let (start, end) = (hexadecimal(line.word(0)?)?, hexadecimal(line.word(1)?)?);
    let size = decimal(line.word(2)?)?;
    let room = end.checked_sub(start)?.checked_add(1)?;
    let draft = Draft::file_or_directory(line.from(3)?, false).size(Some(size));
    (size <= room).then_some(draft)
}
