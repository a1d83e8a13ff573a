//! Listings of VSE/ESA: libraries, sublibraries and the table of contents of a volume.
//!
//! ```text
//! CONFIG     <Sub Library>          38          54   98/01/24   10:54
//! DFHFCTC2.PHASE  2088       3  99/02/23  15:16   99/02/23   15:36  S
//! VSE.RECORDER.FILE                97/11/24  12:00         1024 S
//! ```
//!
//! Sizes are in library blocks and records of several kinds, and so none in bytes.

use super::date::{self, Order, Triple};
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{decimal, grouped};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Vse;

impl Reader for Vse {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        library(line, cx)
            .or_else(|| member(line, cx))
            .or_else(|| data_set(line, cx))
            .into()
    }
}

fn library<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let is_library = line.word(1)? == b"<Sub" && line.word(2)? == b"Library>";
    let (_, _) = (grouped(line.word(3)?)?, grouped(line.word(4)?)?);
    let moment = when(line, 5)?;
    let draft = Draft::file_or_directory(line.word(0)?, true);
    let draft = draft.modified(line.between(5, 7)?, moment.modified(cx.now));
    is_library.then_some(draft)
}

/// Made, and perhaps changed since.
fn member<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let name = line.word(0).filter(|name| name.contains(&b'.'))?;
    let (_, _) = (decimal(line.word(1)?)?, decimal(line.word(2)?)?);
    let made = when(line, 3)?;
    let (moment, at) = match when(line, 5) {
        Some(changed) => (changed, 5),
        None => (made, 3),
    };
    let kind = line.word(at + 2)?;
    let draft = Draft::file_or_directory(name, false);
    let draft = draft.modified(line.between(at, at + 2)?, moment.modified(cx.now));
    (kind.len() == 1 && line.count() == at + 3).then_some(draft)
}

fn data_set<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let name = line.word(0).filter(|name| name.contains(&b'.'))?;
    let moment = when(line, 1)?;
    decimal(line.word(3)?)?;
    let kind = line.word(4)?;
    let draft = Draft::file_or_directory(name, false);
    let draft = draft.modified(line.between(1, 3)?, moment.modified(cx.now));
    (kind.len() == 1 && line.count() == 5).then_some(draft)
}

fn when(line: &Line<'_>, at: usize) -> Option<date::Moment> {
    let triple = Triple::read(line.word(at)?).filter(|triple| triple.separator == b'/')?;
    Some(
        triple
            .day(Order::Ymd)?
            .at(Some(date::clock(line.word(at + 1)?)?)),
    )
}
