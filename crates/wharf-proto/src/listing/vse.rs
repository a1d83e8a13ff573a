//! Listings of VSE/ESA: the root, libraries, sublibraries, the table of contents of a volume, and
//! the queues of POWER.
//!
//! ```text
//! VSESPUC    <VSAM Catalog>
//! LOGBOOK    Entry Seq VSAM
//! CONFIG     <Sub Library>          38          54   98/01/24   10:54
//! DFHFCTC2.PHASE  2088       3  99/02/23  15:16   99/02/23   15:36  S
//! VSE.RECORDER.FILE                97/11/24  12:00         1024 S
//! CICSICCF.00033.001     12     1     12  9  K  SYSA
//! ```
//!
//! Sizes are in library blocks and records of several kinds, and so none in bytes. An entry of a
//! queue is known by the job's name, its number and its segment.

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
            .or_else(|| cluster(line))
            .or_else(|| member(line, cx))
            .or_else(|| data_set(line, cx))
            .or_else(|| queued(line))
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

/// A file of VSAM that stands in the root: its organisation has no angle brackets.
fn cluster<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let name = line.word(0).filter(|name| is_name(name))?;
    let is_vsam = line.count() == 4 && line.word(3)? == b"VSAM";
    let known: [&[u8]; 3] = [b"Entry Seq", b"Key Seq", b"Rel Rec"];
    (is_vsam && known.contains(&line.between(1, 3)?)).then(|| Draft::file_or_directory(name, false))
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
    let (_, _) = (grouped(line.word(1)?)?, grouped(line.word(2)?)?);
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

/// A file of a volume or of a catalogue of VSAM.
fn data_set<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let name = line.word(0).filter(|name| is_name(name))?;
    let moment = when(line, 1)?;
    grouped(line.word(3)?)?;
    // Of a volume: sequential, BDAM, VSAM, ISAM, undefined. Of a catalogue: ESDS, KSDS, RRDS.
    let kind = line.word(4).filter(|kind| b"SDVIUEKR".contains(&kind[0]))?;
    let draft = Draft::file_or_directory(name, false);
    let draft = draft.modified(line.between(1, 3)?, moment.modified(cx.now));
    (kind.len() == 1 && line.count() == 5).then_some(draft)
}

/// An entry of a queue: its records, pages and lines, its priority and its disposition, which is an
/// asterisk while it is processed, and whose it is.
fn queued<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let name = line.word(0).filter(|name| is_queue_entry(name))?;
    for count in 1..=3 {
        grouped(line.word(count)?)?;
    }
    let is_priority = matches!(line.word(4)?, [b'0'..=b'9']);
    let is_disposition = matches!(line.word(5)?, [b'A'..=b'Z' | b'*']);
    let fits = is_priority && is_disposition && line.count() <= 7;
    fits.then(|| Draft::file_or_directory(name, false).owner(line.word(6)))
}

/// The job's name, its number and its segment.
fn is_queue_entry(word: &[u8]) -> bool {
    let mut parts = word.rsplitn(3, |&byte| byte == b'.');
    let is_number = |part: Option<&[u8]>| part.and_then(decimal).is_some();
    let is_job =
        |name: &[u8]| (1..=8).contains(&name.len()) && is_name(name) && !name.contains(&b'.');
    is_number(parts.next()) && is_number(parts.next()) && parts.next().is_some_and(is_job)
}

fn when(line: &Line<'_>, at: usize) -> Option<date::Moment> {
    let triple = Triple::read(line.word(at)?).filter(|triple| triple.separator == b'/')?;
    Some(
        triple
            .day(Order::Ymd)?
            .at(Some(date::clock(line.word(at + 1)?)?)),
    )
}
