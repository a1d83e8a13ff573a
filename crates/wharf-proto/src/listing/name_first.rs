//! Listings of servers for DOS, Windows and routers that write the name first.
//!
//! ```text
//! battlog.log         10380 01-04-1999  13:06                  NCSA Telnet
//! TESTDI~1     <DIR>     11-29-2004  22:16 Test Dir            SuperTCP
//! DESIGN1.DOC     11264      May 11 1995 14:20   A             Chameleon
//! CMT             [DIR]      Nov 21 94   10:17                 its older versions
//! prog1    exe     2,563,136 06-10-99  10:00a                  PC-NFS
//! ftp.dir/                        0  01-03-2003 12:40          WinQVT/Net
//! startup.cfg          2116  03/06/03  Thur.    07:38:50       Nortel WfFTP
//! ```

use super::date::{self, Clock, Date, Moment, Order, Triple};
use super::day_order::DayOrder;
use super::draft::{Draft, Reading};
use super::months;
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Confidence, decimal, grouped};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct NameFirst {
    order: DayOrder,
}

impl Default for NameFirst {
    fn default() -> Self {
        Self {
            order: DayOrder::new(&[Order::Mdy, Order::Dmy]),
        }
    }
}

impl Reader for NameFirst {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        if is_heading(line) {
            return Reading::Heading;
        }
        entry(line, cx, &mut self.order).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context, order: &mut DayOrder) -> Option<Draft<'a>> {
    let (at, moment, last) = (1..line.count()).find_map(|at| {
        is_size(line.word(at)?).then_some(())?;
        let (moment, last) = when(line, at + 1, order)?;
        Some((at, moment, last))
    })?;
    let is_directory = is_mark(line.word(at)?);
    let size = if is_directory {
        None
    } else {
        grouped(line.word(at)?)
    };
    let short = line.between(0, at)?;
    let rest = line.after(last, 1)?;
    let (name, is_directory) = match short.strip_suffix(b"/") {
        Some(name) => (name, true),
        None => (short, is_directory),
    };
    // PC-NFS writes what DOS does: the type apart from the name, and half days.
    let is_pc_nfs = at == 2
        && line.word(1).is_some_and(|kind| kind.len() <= 3)
        && line.start(1)? >= 8
        && line.word(last)?.last().is_some_and(u8::is_ascii_alphabetic);
    let date = line.between(at + 1, last + 1)?;
    let draft = if !is_attributes(rest) {
        // SuperTCP writes the long name behind that of DOS and a time without seconds.
        let has_seconds = moment.clock.is_some_and(Clock::has_seconds);
        if at != 1 || has_seconds || !is_dos_name(short) {
            return None;
        }
        Draft::file_or_directory(rest, is_directory)
    } else if is_pc_nfs && !is_directory {
        Draft::file_or_directory([line.word(0)?, b".", line.word(1)?].concat(), false)
    } else {
        Draft::file_or_directory(name, is_directory)
    };
    // A name with blanks is only WinQVT/Net's, and one at the end only SuperTCP's.
    let is_plain = (at == 1 || is_pc_nfs) && is_attributes(rest);
    let confidence = if is_plain {
        Confidence::High
    } else {
        Confidence::Medium
    };
    Some(
        draft
            .size(size)
            .modified(date, moment.modified(cx.now))
            .confidence(confidence),
    )
}

/// Whether a name is of eight characters and three at most, as `TESTDI~1` is, or `..`.
fn is_dos_name(name: &[u8]) -> bool {
    let dot = name.iter().position(|&byte| byte == b'.');
    let (stem, kind) = name.split_at(dot.unwrap_or(name.len()));
    let fits = |part: &[u8], most| {
        part.len() <= most && !part.iter().any(|byte| b".:*/\\[]".contains(byte))
    };
    matches!(name, b"." | b"..")
        || (!stem.is_empty() && fits(stem, 8) && fits(kind.get(1..).unwrap_or_default(), 3))
}

fn is_size(word: &[u8]) -> bool {
    is_mark(word) || grouped(word).is_some()
}

/// What directories have in the place of a size.
fn is_mark(word: &[u8]) -> bool {
    matches!(word, b"<DIR>" | b"<dir>" | b"[DIR]" | b"[dir]")
}

/// A date and time, and their last word.
fn when(line: &Line<'_>, at: usize, order: &mut DayOrder) -> Option<(Moment, usize)> {
    if let Some(month) = line.word(at).and_then(months::english) {
        let day = line.word(at + 1)?;
        let day = Date {
            month: Some(month),
            day: date::day_number(day.strip_suffix(b",").unwrap_or(day))?,
            year: Some(date::any_year(line.word(at + 2)?)?),
        };
        return Some((day.at(Some(date::clock(line.word(at + 3)?)?)), at + 3));
    }
    let triple = Triple::read(line.word(at)?)?;
    // The day of the week may stand between.
    let time = at + 1 + usize::from(line.word(at + 1).is_some_and(is_weekday));
    let clock = date::clock(line.word(time)?)?;
    let day = order.day(triple, Some(clock), None)?;
    Some((day.at(Some(clock)), time))
}

fn is_weekday(word: &[u8]) -> bool {
    let known: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    known.iter().any(|day| word.starts_with(day))
}

/// Whether nothing but DOS attributes follows, each of which may have its own column.
fn is_attributes(rest: &[u8]) -> bool {
    rest.iter().all(|byte| b"RHSA \t".contains(byte))
}

/// Titles of WfFTP, and the sum of NCSA's.
fn is_heading(line: &Line<'_>) -> bool {
    match (line.word(0), line.word(1)) {
        (Some(b"File"), Some(b"Name")) => line.word(2) == Some(b"Size"),
        (Some(b"Volume"), Some(b"-")) => true,
        (Some(b"Directory"), Some(b"of")) => line.count() == 3,
        (Some(number), Some(b"Bytes")) => {
            decimal(number).is_some() && line.word(2) == Some(b"Available")
        }
        _ => false,
    }
}
