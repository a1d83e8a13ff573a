//! Listings of Stratus VOS.
//!
//! ```text
//! Files: 2  Blocks: 303
//! w    158  stm       90-05-19 11:53:44  acctng.cobol
//! w    145  fix-4096  90-05-19 14:44:46  acctng.pm
//! Dirs: 1
//! m      1  04-11-05 20:36:30  .ssh
//! Links: 1
//! 02-03-11 09:19:18  gcc ->  %swsle#m12_multi>Stratus>Green>gcc
//! ```
//!
//! Sizes are blocks of 4096 bytes.

use super::date::{self, Order, Triple};
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Kind, decimal};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Vos;

impl Reader for Vos {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        let is_section = matches!(line.word(0), Some(b"Files:" | b"Dirs:" | b"Links:"));
        if is_section && line.word(1).is_some_and(|word| word[0].is_ascii_digit()) {
            return Reading::Heading;
        }
        link(line, cx).or_else(|| entry(line, cx)).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    // What this user may do with it.
    let [access] = line.word(0)? else { return None };
    let blocks = decimal(line.word(1)?)?;
    if !access.is_ascii_lowercase() {
        return None;
    }
    let is_directory = when(line, 2).is_some();
    let at = if is_directory { 2 } else { 3 };
    let moment = when(line, at)?;
    let name = line.from(at + 2)?;
    let date = line.between(at, at + 2)?;
    let draft =
        Draft::file_or_directory(name, is_directory).modified(date, moment.modified(cx.now));
    Some(if is_directory {
        draft
    } else {
        draft.rough_size(blocks.checked_mul(4096))
    })
}

fn link<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let moment = when(line, 0)?;
    let text = line.from(2)?;
    let arrow = text.windows(3).position(|window| window == b" ->")?;
    let (name, target) = (
        text[..arrow].trim_ascii_end(),
        text[arrow + 3..].trim_ascii(),
    );
    // A path of VOS begins with its system or has a mark between its parts, which for the directory
    // above is the other one. Other lines with a time and an arrow are no links.
    let is_mark = |byte: &u8| matches!(byte, b'>' | b'<');
    let is_path = target.is_empty() || target.starts_with(b"%") || target.iter().any(is_mark);
    if !is_path {
        return None;
    }
    let date = line.between(0, 2)?;
    let mut draft = Draft::new(name, Kind::Symlink).modified(date, moment.modified(cx.now));
    draft.target = Some(target.into()).filter(|_| !target.is_empty());
    (!name.is_empty()).then_some(draft)
}

fn when(line: &Line<'_>, at: usize) -> Option<date::Moment> {
    let word = line.word(at)?;
    let day = Triple::read(word)
        .filter(|triple| triple.separator == b'-')?
        .day(Order::Ymd)?;
    Some(day.at(Some(date::clock(line.word(at + 1)?)?)))
}
