//! Listings of Windows and MS-DOS servers, in the form of `DIR`.
//!
//! ```text
//! 04-27-00  09:09PM       <DIR>          licensed        IIS
//! 2013-09-02  19:06                9,730 a file
//! 25.06.2007  01:08 PM    <JUNCTION>     old [C:\new]
//! 06-25-07  01:08PM       <JUNCTION>     old => new
//! ```

use std::borrow::Cow;

use super::date::{self, Clock, Date, Order, Triple};
use super::day_order::DayOrder;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Confidence, Kind, decimal, grouped};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Dos {
    order: DayOrder,
}

impl Default for Dos {
    fn default() -> Self {
        Self {
            order: DayOrder::new(&[Order::Mdy, Order::Dmy, Order::Ymd]),
        }
    }
}

impl Reader for Dos {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        match self.entry(line, cx) {
            Some(draft) => Reading::Entry(draft),
            None if is_heading(line) => Reading::Heading,
            None => Reading::Unknown,
        }
    }
}

/// What `cmd` writes above and below a directory.
fn is_heading(line: &Line<'_>) -> bool {
    let [first, second, third, fourth] = [0, 1, 2, 3].map(|at| line.word(at).unwrap_or_default());
    let counts: &[&[u8]] = &[
        b"file",
        b"files",
        b"file(s)",
        b"dir",
        b"dir(s)",
        b"directories",
    ];
    let is_sum = counts.contains(&&second.to_ascii_lowercase()[..])
        && grouped(first).is_some()
        && grouped(third).is_some()
        && fourth == b"bytes";
    let is_volume =
        first == b"Volume" && matches!((second, third), (b"in", b"drive") | (b"Serial", b"Number"));
    let is_place =
        first == b"Directory" && second == b"of" && third.windows(2).any(|pair| pair == b":\\");
    is_sum || is_volume || is_place
}

impl Dos {
    fn entry<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
        let (date, is_usual) = written_day(line.word(0)?)?;
        let (clock, time) = time(line)?;
        let (kind, size, at) = size_or_mark(line, time)?;
        let gap = gap(line, time, at, kind)?;
        let name = line
            .after(at, gap)
            .filter(|name| !name.trim_ascii().is_empty())?;
        let (name, target) = match kind {
            Kind::Symlink => linked(name),
            _ => (name, None),
        };
        let day = match date {
            Written::Numbers(triple) => self.order.day(triple, Some(clock), None)?,
            Written::Named(day) => day,
        };
        let moment = day.at(Some(clock));
        let mut draft = match kind {
            Kind::Symlink => Draft::new(name, kind),
            _ => Draft::file_or_directory(name, kind == Kind::Directory),
        };
        draft.target = target.map(Cow::Borrowed);
        Some(
            draft
                .size(size)
                .modified(line.between(0, time + 1)?, moment.modified(cx.now))
                .confidence(if is_usual {
                    Confidence::High
                } else {
                    Confidence::Medium
                }),
        )
    }
}

/// How a day is written.
enum Written {
    Numbers(Triple),
    Named(Date),
}

/// The day that a line begins with, and whether it is of a usual form: it may be `03-Dec-17` as well, where
/// people have chosen that, and in Hungary or Croatia it ends with a full stop.
fn written_day(word: &[u8]) -> Option<(Written, bool)> {
    if let Some(triple) = Triple::read(word.strip_suffix(b".").unwrap_or(word)) {
        return Some((Written::Numbers(triple), triple.separator != b':'));
    }
    Some((Written::Named(date::named_day(word)?), false))
}

/// The time behind the day, and its last word.
fn time(line: &Line<'_>) -> Option<(Clock, usize)> {
    let (first, second) = (line.word(1)?, line.word(2));
    date::clock_words(first, second).or_else(|| Some((date::clock_behind(first, second?)?, 2)))
}

/// What follows the time: what the thing is, its size, and the last word of that.
fn size_or_mark(line: &Line<'_>, time: usize) -> Option<(Kind, Option<u64>, usize)> {
    // The second in French.
    const DIRECTORIES: [&[u8]; 2] = [b"<DIR>", b"<REP>"];
    // The last in French and in German.
    const LINKS: [&[u8]; 5] = [
        b"<JUNCTION>",
        b"<SYMLINKD>",
        b"<SYMLINK>",
        b"<JONCTION>",
        b"<VERBINDUNG>",
    ];
    let at = time + 1;
    let word = line.word(at)?;
    let is_one_of = |marks: &[&[u8]]| marks.iter().any(|mark| word.eq_ignore_ascii_case(mark));
    if is_one_of(&DIRECTORIES) {
        return Some((Kind::Directory, None, at));
    }
    if is_one_of(&LINKS) {
        return Some((Kind::Symlink, None, at));
    }
    let (size, last) = size(line, time)?;
    Some((Kind::File, Some(size), last))
}

/// Where sizes end, so many columns behind the time: with IIS, and with `cmd`.
const IIS: usize = 21;
const CMD: usize = 18;

/// A size, and its last word. Where blanks part its thousands, its column alone tells it from a name
/// that begins with digits.
fn size(line: &Line<'_>, time: usize) -> Option<(u64, usize)> {
    let first = time + 1;
    let word = line.word(first)?;
    let whole = grouped(word).or_else(|| set_apart(word))?;
    let is_aligned = |at| {
        let ends = line.end(at).zip(line.end(time));
        ends.is_some_and(|(end, time)| [IIS, CMD].contains(&(end - time)))
    };
    let (mut size, mut at) = (whole, first);
    while word.len() <= 3 && !is_aligned(at) {
        let next = line.word(at + 1).filter(|next| next.len() == 3);
        let Some(thousand) = next.and_then(decimal) else {
            return Some((whole, first));
        };
        if line.start(at + 1)? > line.end(at)? + 1 {
            return Some((whole, first));
        }
        size = size.checked_mul(1000)?.checked_add(thousand)?;
        at += 1;
    }
    Some((size, at))
}

/// A size whose thousands are parted by an apostrophe, or by a blank at which no line may be broken,
/// as in `9'730` in Switzerland and with the other in France.
fn set_apart(word: &[u8]) -> Option<u64> {
    const MARKS: [&[u8]; 6] = [
        b"'",
        b"\xa0",
        b"\xff",
        b"\xc2\xa0",
        b"\xe2\x80\xaf",
        b"\xe2\x80\x99",
    ];
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let start = word.iter().position(|byte| !is_digit(byte))?;
    let mark = word[start..]
        .split(is_digit)
        .next()
        .filter(|mark| MARKS.contains(mark))?;
    let first = decimal(&word[..start]).filter(|_| start <= 3)?;
    word[start..]
        .chunks(mark.len() + 3)
        .try_fold(first, |size, group| {
            let thousand = group.strip_prefix(mark).filter(|digits| digits.len() == 3);
            size.checked_mul(1000)?.checked_add(decimal(thousand?)?)
        })
}

/// How many of the blanks before a name are not its own.
///
/// IIS writes one blank behind a size. The word `<DIR>` begins seven columns behind the time there,
/// with ten blanks behind it. Others are not so exact, and nobody begins names with blanks there.
fn gap(line: &Line<'_>, time: usize, at: usize, kind: Kind) -> Option<usize> {
    let time = line.end(time)?;
    let (is_iis, gap) = match kind {
        Kind::File => (line.end(at)? == time + IIS, 1),
        _ => (
            line.start(at)? == time + 7,
            15_usize.saturating_sub(line.word(at)?.len()),
        ),
    };
    Some(if is_iis { gap } else { usize::MAX })
}

/// `name [target]`, as `cmd` shows junctions and links, or `name => target`: no name of Windows has
/// a `>` in it.
fn linked(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let is_arrow = |window: &[u8]| matches!(window, b" => " | b" -> ");
    if let Some(at) = text.windows(4).position(is_arrow).filter(|&at| at > 0) {
        return (&text[..at], Some(&text[at + 4..]));
    }
    let place = text.windows(2).position(|window| window == b" [");
    match (place, text.strip_suffix(b"]")) {
        (Some(at), Some(inner)) if at > 0 && at + 2 < inner.len() => {
            (&text[..at], Some(&inner[at + 2..]))
        }
        _ => (text, None),
    }
}
