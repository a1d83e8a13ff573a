//! Listings of Connect:Enterprise, whose mailboxes hold batches, and of Connect:Express, which
//! knows data sets of MVS by symbolic names.
//!
//! ```text
//! -C--E-----FTP B QUA1I1      18128       41 Aug 12 13:56 QUADTEST
//! -C------S- 1 KEEPER 0692922 43 Mar 2 15:42 tides.edi
//! ACME 00000020 00000152 <test batch> 990926-1431 CD FTP ASC
//! -D 2 T VB    00244  18000 TIDES!KEEPER.TIDES.TABLE
//! d - - - - - - - KEEPER         1 Mar 27  18:15  KEEPER
//! ```

use super::date::{self, Date};
use super::decimal;
use super::draft::{Draft, Reading};
use super::ls_date;
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct ConnectEnterprise;

impl Reader for ConnectEnterprise {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        on_unix(line, cx)
            .or_else(|| mailbox(line, cx))
            .or_else(|| on_mainframe(line, cx))
            .or_else(|| express(line))
            .into()
    }
}

/// Flags with the protocol, the format, the mailbox, the batch's number, its size and its id.
///
/// IBM's network has no protocol, a digit for the format, and counts blocks in the place of bytes.
fn on_unix<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    // An `I` in front stands for a batch that is still coming in.
    let flags = line
        .word(0)
        .filter(|flags| matches!(flags[0], b'-' | b'I'))?;
    let is_flag = |byte: &u8| *byte == b'-' || byte.is_ascii_uppercase();
    let format = line.word(1).filter(|format| format.len() == 1)?;
    let counts_bytes = match (flags.len(), format[0].is_ascii_digit()) {
        (13, false) => true,
        (10, true) => false,
        _ => return None,
    };
    let number = line
        .word(3)
        .filter(|number| counts_bytes || number.len() == 7)?;
    decimal(number)?;
    let size = decimal(line.word(4)?)?;
    let found = ls_date::usual(line, 5)?;
    let draft = Draft::file_or_directory(line.from(found.last + 1)?, false)
        .size(Some(size).filter(|_| counts_bytes))
        .owner(line.word(2))
        .modified(
            line.between(5, found.last + 1)?,
            found.moment.modified(cx.now),
        );
    flags.iter().all(is_flag).then_some(draft)
}

/// A mailbox, where all of them are listed: a directory that has none of the flags, its owner, and
/// how many batches are in it.
fn mailbox<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let flags = (1..line.count())
        .take_while(|&at| line.word(at) == Some(b"-"))
        .count();
    if line.word(0)? != b"d" || flags < 6 {
        return None;
    }
    let owner = 1 + flags;
    decimal(line.word(owner + 1)?)?;
    let found = ls_date::usual(line, owner + 2)?;
    let draft = Draft::file_or_directory(line.from(found.last + 1)?, true)
        .owner(line.word(owner))
        .modified(
            line.between(owner + 2, found.last + 1)?,
            found.moment.modified(cx.now),
        );
    Some(draft)
}

/// The mailbox, the batch's number, its size, its id in angle brackets, and when it came.
fn on_mainframe<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let number = |at: usize| {
        line.word(at)
            .filter(|word| word.len() >= 7)
            .and_then(decimal)
    };
    let (_, size) = (number(1)?, number(2)?);
    let rest = line.from(3)?.strip_prefix(b"<")?;
    // An id may hold others, as that of the activity log does.
    let end = rest
        .iter()
        .rposition(|&byte| byte == b'>')
        .filter(|&end| !rest[..end].trim_ascii().is_empty())?;
    let behind = Line::new(&rest[end + 1..]);
    let stamp = behind
        .word(0)
        .filter(|stamp| stamp.len() == 11 && stamp[6] == b'-')?;
    let month = date::two_digits(&stamp[2..4]).filter(|month| (1..=12).contains(month))?;
    let day = Date {
        year: Some(date::any_year(&stamp[..2])?),
        month: Some(month),
        day: date::day_number(&stamp[4..6])?,
    };
    let moment = day.at(Some(date::military(&stamp[7..])?));
    let draft = Draft::file_or_directory(rest[..end].trim_ascii_end(), false)
        .size(Some(size))
        .owner(line.word(0))
        .modified(stamp, moment.modified(cx.now));
    Some(draft)
}

/// A data set or a file, its state, how its records are kept, and its names.
fn express<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let kind = matches!(line.word(0)?, b"-D" | b"-F");
    let is_state = line.word(1)?.len() == 1 && line.word(2)?.len() == 1;
    let is_format = line.word(3).is_some_and(|word| word.len() <= 3);
    let is_length = |at: usize| {
        line.word(at)
            .is_some_and(|word| word == b"-" || decimal(word).is_some())
    };
    let name = line
        .word(6)
        .filter(|name| name.contains(&b'!') && line.count() == 7)?;
    let fits = kind && is_state && is_format && is_length(4) && is_length(5);
    fits.then(|| Draft::file_or_directory(name, false))
}
