//! Listings of Bull's GCOS 7 and GCOS 8.
//!
//! ```text
//! d s -----0 SEPT         SYSADMIN         JUN 10, 1997 SLIB             GCOS 7
//! - rwx rwx ---     1280 02/24/98 09:54:53  uid           log            GCOS 8
//! ```

use super::date::{self, Date, Order, Triple};
use super::decimal;
use super::draft::{Draft, Reading};
use super::months;
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of GCOS 7.
#[derive(Debug)]
pub(super) struct Gcos7;

impl Reader for Gcos7 {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        gcos7(line, cx).into()
    }
}

fn gcos7<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let is_directory = is_directory(line.word(0)?)?;
    let (kind, access) = (line.word(1)?, line.word(2)?);
    let fits = kind.len() == 1 && access.len() == 6 && access.starts_with(b"-");
    let owner = line.word(3)?;
    if !fits {
        return None;
    }
    let Some(month) = line.word(5).and_then(months::english) else {
        let name = line.word(5).filter(|_| line.count() == 6)?;
        return Some(Draft::file_or_directory(name, is_directory).owner(Some(owner)));
    };
    let day = Date {
        year: Some(date::year(line.word(7)?)?),
        month: Some(month),
        day: date::day_number(line.word(6)?.strip_suffix(b",")?)?,
    };
    let draft = Draft::file_or_directory(line.from(8)?, is_directory)
        .owner(Some(owner))
        .modified(line.between(5, 8)?, day.at(None).modified(cx.now));
    Some(draft)
}

/// The reader of GCOS 8.
#[derive(Debug)]
pub(super) struct Gcos8;

impl Reader for Gcos8 {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        gcos8(line, cx).into()
    }
}

fn gcos8<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let is_directory = is_directory(line.word(0)?)?;
    let is_class =
        |class: &[u8]| class.len() == 3 && class.iter().all(|byte| b"rwx-".contains(byte));
    if !(1..=3).all(|at| line.word(at).is_some_and(is_class)) {
        return None;
    }
    let size = decimal(line.word(4)?)?;
    let day = Triple::read(line.word(5)?)?.first_of(&[Order::Mdy])?;
    let clock = line.word(6).and_then(date::clock);
    let owner = 6 + usize::from(clock.is_some());
    let draft = Draft::file_or_directory(line.from(owner + 1)?, is_directory)
        .size(Some(size))
        .owner(line.word(owner))
        .modified(line.between(5, owner)?, day.at(clock).modified(cx.now));
    Some(draft)
}

fn is_directory(word: &[u8]) -> Option<bool> {
    match word {
        b"d" => Some(true),
        b"-" => Some(false),
        _ => None,
    }
}
