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

/// What others are in, whatever it is called: a library, a sublibrary, a catalogue.
fn library<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let is_end = |at: &usize| line.word(*at).is_some_and(|word| word.ends_with(b">"));
    let end = (1..=3)
        .find(is_end)
        .filter(|_| line.word(1).is_some_and(|word| word.starts_with(b"<")))?;
    let kind = line.between(1, end + 1)?;
    let is_word = |byte: &u8| byte.is_ascii_alphabetic() || b"< >".contains(byte);
    // Capitals tell it from a web page.
    let is_titled = kind[1].is_ascii_uppercase() && is_name(line.word(0)?);
    if kind.len() < 6 || !kind.iter().all(is_word) || !is_titled {
        return None;
    }
    let is_file = kind.windows(7).any(|window| window == b"Cluster");
    let mut draft = Draft::file_or_directory(line.word(0)?, !is_file);
    let mut at = end + 1;
    while line.word(at).and_then(grouped).is_some() {
        at += 1;
    }
    if let Some(moment) = when(line, at) {
        draft = draft.modified(line.between(at, at + 2)?, moment.modified(cx.now));
        at += 2;
    }
    (at == line.count()).then_some(draft)
}

/// A name of VSE, or several with full stops between them.
fn is_name(word: &[u8]) -> bool {
    let fits =
        |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"$#@.-_".contains(byte);
    word.iter().all(fits)
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
