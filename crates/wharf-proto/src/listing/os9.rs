//! Listings of Microware OS-9.
//!
//! ```text
//!  Owner    Last modified  Attributes Sector Bytecount Name
//!   1.78    92/04/03 1306   ---wr-wr     104       248 .login
//!   0.0     92/02/22 2007   d-ewrewr      F4        96 PROJ
//! ```
//!
//! Some print dashes of another character set into the attributes.

use super::date::{self, Order, Triple};
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{decimal, hexadecimal};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Os9;

impl Reader for Os9 {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        let is_titles = line.word(0) == Some(b"Owner") && line.word(1) == Some(b"Last");
        let is_place = line.word(0) == Some(b"Directory") && line.word(1) == Some(b"of");
        if is_titles || (is_place && line.word(3).and_then(date::clock).is_some()) {
            return Reading::Heading;
        }
        entry(line, cx).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let owner = line.word(0)?;
    let dot = owner.iter().position(|&byte| byte == b'.')?;
    let (_, _) = (decimal(&owner[..dot])?, decimal(&owner[dot + 1..])?);
    let day = Triple::read(line.word(1)?)?.day(Order::Ymd)?;
    let clock = date::military(line.word(2)?)?;
    let attributes = line.word(3).filter(|word| word.len() == 8)?;
    let is_directory = attributes[0] == b'd';
    hexadecimal(line.word(4)?)?;
    let size = decimal(line.word(5)?)?;
    let draft = Draft::file_or_directory(line.from(6)?, is_directory)
        .size(Some(size))
        .owner(Some(&owner[dot + 1..]))
        .modified(line.between(1, 3)?, day.at(Some(clock)).modified(cx.now));
    Some(draft)
}
