//! Listings of OS/2.
//!
//! ```text
//!      0           DIR   12-30-97   12:32  jbrekke
//!  33280      A          02-09-97   13:49  OS2LDR
//!      0 DIR             02-11-103  16:15  after the year 2000
//! ```

use super::date::{self, Order, Triple};
use super::day_order::DayOrder;
use super::decimal;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Os2 {
    order: DayOrder,
}

impl Default for Os2 {
    fn default() -> Self {
        Self {
            order: DayOrder::new(&[Order::Mdy, Order::Dmy]),
        }
    }
}

impl Reader for Os2 {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        entry(line, cx, &mut self.order).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context, order: &mut DayOrder) -> Option<Draft<'a>> {
    let size = decimal(line.word(0)?)?;
    let mut at = 1;
    let mut is_directory = false;
    while at <= 3 {
        let word = line.word(at)?;
        if word == b"DIR" {
            is_directory = true;
        } else if !word.iter().all(|byte| b"RSHAE".contains(byte)) {
            break;
        }
        at += 1;
    }
    let triple = Triple::read(line.word(at)?)?;
    let clock = date::clock(line.word(at + 1)?)?;
    let day = order.day(triple, Some(clock), None)?;
    let name = line
        .after(at + 1, usize::MAX)
        .filter(|name| !name.is_empty())?;
    let draft = Draft::file_or_directory(name, is_directory)
        .size(Some(size))
        .modified(
            line.between(at, at + 2)?,
            day.at(Some(clock)).modified(cx.now),
        );
    Some(draft)
}
