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
use super::day_order::DayOrder;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::{Line, is_blank};
use super::{decimal, ends_with_last_word};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct ClearPath {
    has_heading: bool,
    order: DayOrder,
}

impl Default for ClearPath {
    fn default() -> Self {
        Self {
            has_heading: false,
            order: DayOrder::new(&[Order::Mdy, Order::Dmy]),
        }
    }
}

impl Reader for ClearPath {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        let is_report = line.word(0) == Some(b"Report") && line.word(1) == Some(b"for:");
        let is_number = |at| line.word(at).and_then(decimal).is_some();
        let is_sum = is_number(0)
            && line.word(1) == Some(b"Files")
            && is_number(2)
            && line.word(3) == Some(b"Octets");
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
        entry(line, cx, &mut self.order).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context, order: &mut DayOrder) -> Option<Draft<'a>> {
    let at = line.count().checked_sub(4)?;
    let name = line.between(0, at)?;
    // A part of a name that is in quotes may hold blanks. Of two lines, the first is the name.
    let is_name = at == 1 || (name.ends_with(b"\"") && !name.contains(&b'\n'));
    let kind = line.word(at)?;
    let is_kind = kind.len() >= 4 && kind.iter().all(u8::is_ascii_uppercase);
    let size = decimal(line.word(at + 1)?)?;
    let triple = Triple::read(line.word(at + 2)?).filter(|triple| triple.separator == b'/')?;
    let clock = date::clock(line.word(at + 3)?)?;
    if !(is_name && is_kind && ends_with_last_word(line)) {
        return None;
    }
    let day = order.day(triple, Some(clock), None)?;
    let draft = Draft::file_or_directory(name, false)
        .size(Some(size))
        .modified(
            line.between(at + 2, at + 4)?,
            day.at(Some(clock)).modified(cx.now),
        );
    Some(draft)
}
