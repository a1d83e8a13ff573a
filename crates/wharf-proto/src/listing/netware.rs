//! Listings of Novell NetWare, its print services for Unix, and HellSoft's server.
//!
//! ```text
//! d [R----F--] supervisor            512       Jan 16 18:53    login
//! d[RWCEMFA]  1 cyp           512 Jul 01 11:49 htdocs
//! -[RWCEAFMS] server1          3166     Sept 14, 99 2:30 pm vol$log.err
//! ```
//!
//! The rights in brackets are those of the user who asked.

use super::date::{self, Date};
use super::draft::{Draft, Reading};
use super::ls_date;
use super::months;
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Kind, decimal};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct NetWare;

impl Reader for NetWare {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        entry(line, cx).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let (kind, glued) = line.word(0)?.split_first()?;
    let kind = match kind {
        b'd' => Kind::Directory,
        b'-' => Kind::File,
        _ => return None,
    };
    let (rights, first) = if glued.is_empty() {
        (line.word(1)?, 2)
    } else {
        (glued, 1)
    };
    let rights = rights.strip_prefix(b"[")?.strip_suffix(b"]")?;
    let fits = |right: &u8| *right == b'-' || right.is_ascii_uppercase();
    if rights.is_empty() || !rights.iter().all(fits) {
        return None;
    }
    let last = line.count().saturating_sub(3);
    (first..=last).find_map(|at| columns(line, kind, first, at, cx))
}

/// The entry, if its size is the word `at`.
fn columns<'a>(
    line: &Line<'a>,
    kind: Kind,
    first: usize,
    at: usize,
    cx: &Context,
) -> Option<Draft<'a>> {
    let size = decimal(line.word(at)?)?;
    let (moment, end, name) = if let Some((moment, end)) = spoken(line, at + 1) {
        // The print services fill names up with blanks.
        (moment, end, line.from(end + 1)?)
    } else {
        let found = ls_date::usual(line, at + 1)?;
        let name = line.after(found.last, usize::MAX)?;
        (found.moment, found.last, name)
    };
    if name.is_empty() {
        return None;
    }
    // HellSoft's counts links first.
    let counts = at - first > 1 && line.word(first).and_then(decimal).is_some();
    let owner = line.between(first + usize::from(counts), at);
    let mut draft = Draft::file_or_directory(name, kind == Kind::Directory)
        .size(Some(size))
        .owner(owner)
        .modified(line.between(at + 1, end + 1)?, moment.modified(cx.now));
    draft.links = line.word(first).filter(|_| counts);
    Some(draft)
}

/// `Sept 14, 99 2:30 pm`, and its last word.
fn spoken(line: &Line<'_>, at: usize) -> Option<(date::Moment, usize)> {
    let day = Date {
        month: Some(months::month(line.word(at)?)?),
        day: date::day_number(line.word(at + 1)?.strip_suffix(b",")?)?,
        year: Some(date::any_year(line.word(at + 2)?)?),
    };
    let (clock, words) = date::clock_words(line.word(at + 3)?, line.word(at + 4))?;
    Some((day.at(Some(clock)), at + 2 + words))
}
