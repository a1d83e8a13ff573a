//! Listings of Unisys ClearPath MCP.
//!
//! ```text
//! Report for: (UC)A ON PACK
//! A/B                     SEQDATA    84 06/09/1998  12:03
//! A/NAME/THAT/IS/TOO/LONG/FOR/ITS/COLUMN
//!                         SEQDATA    84 06/09/1998  12:04
//!           6 Files     504 Octets
//! ```

use super::date::{self, Order, Triple};
use super::decimal;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::{Line, is_blank};

/// The reader of whole listings.
#[derive(Debug, Default)]
pub(super) struct ClearPath {
    has_heading: bool,
}

impl Reader for ClearPath {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        let is_report = line.word(0) == Some(b"Report") && line.word(1) == Some(b"for:");
        let is_sum = line.word(1) == Some(b"Files") && line.word(3) == Some(b"Octets");
        if is_report || is_sum {
            self.has_heading |= is_report;
            return Reading::Heading;
        }
        if self.has_heading
            && line.count() == 1
            && !line.text().first().copied().is_none_or(is_blank)
        {
            return Reading::Half;
        }
        entry(line, cx).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let (name, kind) = (line.word(0)?, line.word(1)?);
    let is_kind = kind.len() >= 4 && kind.iter().all(u8::is_ascii_uppercase);
    let size = decimal(line.word(2)?)?;
    let day = Triple::read(line.word(3)?)?.first_of(&[Order::Mdy])?;
    let clock = date::clock(line.word(4)?)?;
    let draft = Draft::file_or_directory(name, false)
        .size(Some(size))
        .modified(line.between(3, 5)?, day.at(Some(clock)).modified(cx.now));
    (is_kind && line.count() == 5).then_some(draft)
}
