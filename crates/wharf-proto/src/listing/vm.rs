//! Listings of VM (z/VM, VM/CMS): minidisks and shared directories, the byte file system, and a
//! user's virtual reader.
//!
//! ```text
//! README   ANONYMOU V         71         26          1 1997-04-02 12:33:20 TCP291
//! LASTING  GLOBALV   A1 V     41         21          1  9/16/91 15:10:32
//! JIMTEST           DIR        -          -          -  4/12/94  9:16:01 -
//! 05/20/2000 13:38:19   F        1          65758 'bfsline.cpy'
//! 0013 SMTP     00000011 1999-11-03 12:46:10 CIBULAPR  MAIL
//! ```
//!
//! A CMS file is called by its name and type with a full stop between them. Its size is in records.

use super::date::{self, Order, Triple};
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Kind, decimal};

/// The reader of minidisks and directories.
#[derive(Debug)]
pub(super) struct Cms;

impl Reader for Cms {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        let is = |at: usize, title: &[u8]| {
            line.word(at)
                .is_some_and(|word| word.eq_ignore_ascii_case(title))
        };
        if is(0, b"Filename") && is(1, b"Filetype") && is(2, b"Fm") {
            return Reading::Heading;
        }
        cms_directory(line, cx)
            .or_else(|| cms_file(line, cx))
            .or_else(|| cms_object(line, cx))
            .into()
    }
}

fn cms_file<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let (name, kind) = (cms_name(line.word(0)?)?, cms_name(line.word(1)?)?);
    // A mode such as A1 may stand between.
    let at = if is_format(line.word(2)?) {
        2
    } else if is_mode(line.word(2)?) && is_format(line.word(3)?) {
        3
    } else {
        return None;
    };
    for number in 1..=3 {
        decimal(line.word(at + number)?)?;
    }
    let (modified, date) = when(line, at + 4, cx)?;
    let draft = Draft::file_or_directory([name, b".", kind].concat(), false);
    Some(draft.modified(date, modified))
}

fn cms_directory<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let name = cms_name(line.word(0)?)?;
    if line.word(1)? != b"DIR" || !are_dashes(line, 2..5) {
        return None;
    }
    let draft = Draft::file_or_directory(name, true);
    if are_dashes(line, 5..7) {
        return Some(draft);
    }
    let (modified, date) = when(line, 5, cx)?;
    Some(draft.modified(date, modified))
}

/// Something of which the shared file system tells little more than its name: an alias that was
/// revoked, or whose file was erased, and an object of another system.
fn cms_object<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let (name, kind) = (cms_name(line.word(0)?)?, cms_name(line.word(1)?)?);
    // A mailbox of Connect:Enterprise is a letter and dashes, its owner behind them.
    if name == b"-" || kind == b"-" || !are_dashes(line, 2..6) {
        return None;
    }
    let mut draft = Draft::new([name, b".", kind].concat(), Kind::Unknown);
    if !are_dashes(line, 6..8) {
        let (modified, date) = when(line, 6, cx)?;
        draft = draft.modified(date, modified);
    }
    Some(draft)
}

/// Whether words are dashes, which stand for what there is not.
fn are_dashes(line: &Line<'_>, mut words: std::ops::Range<usize>) -> bool {
    words.all(|at| line.word(at) == Some(b"-"))
}

/// The date and time at a word, and their text.
fn when<'a>(
    line: &Line<'a>,
    at: usize,
    cx: &Context,
) -> Option<(Option<super::Modified>, &'a [u8])> {
    let day = Triple::read(line.word(at)?)?.first_of(&[Order::Mdy])?;
    let clock = date::clock(line.word(at + 1)?)?;
    Some((
        day.at(Some(clock)).modified(cx.now),
        line.between(at, at + 2)?,
    ))
}

/// Fixed or varying length of records.
fn is_format(word: &[u8]) -> bool {
    matches!(word, b"F" | b"V")
}

/// The letter of a disk, and a digit.
fn is_mode(word: &[u8]) -> bool {
    matches!(word, [b'A'..=b'Z'] | [b'A'..=b'Z', b'0'..=b'9'])
}

/// A file's name or type. Directories may have longer ones.
fn cms_name(word: &[u8]) -> Option<&[u8]> {
    let fits =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"$#@+-_:".contains(byte) || !byte.is_ascii();
    (word.len() <= 16 && word.iter().all(fits)).then_some(word)
}

/// The reader of the byte file system.
#[derive(Debug)]
pub(super) struct Bfs;

impl Reader for Bfs {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        bfs(line, cx).into()
    }
}

fn bfs<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let (modified, date) = when(line, 0, cx)?;
    let kind = match line.word(2)? {
        b"F" => Kind::File,
        b"D" => Kind::Directory,
        b"L" => Kind::Symlink,
        b"B" => Kind::BlockDevice,
        b"C" => Kind::CharDevice,
        b"P" => Kind::Fifo,
        b"E" => Kind::Other,
        _ => return None,
    };
    let number = |at: usize| {
        let word = line.word(at)?;
        if word == b"-" {
            Some(None)
        } else {
            decimal(word).map(Some)
        }
    };
    let (links, size) = (number(3)?, number(4)?);
    let name = line.from(5)?.strip_prefix(b"'")?;
    let end = name.windows(6).position(|window| window == b"' -> '");
    let (name, target) = match end {
        Some(end) => (&name[..end], Some(name[end + 6..].strip_suffix(b"'")?)),
        None => (name.strip_suffix(b"'")?, None),
    };
    let mut draft = Draft::new(name, kind).size(size).modified(date, modified);
    draft.links = line.word(3).filter(|_| links.is_some());
    draft.target = target.map(Into::into);
    (!name.is_empty()).then_some(draft)
}

/// The reader of the virtual reader.
#[derive(Debug)]
pub(super) struct VirtualReader;

impl Reader for VirtualReader {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        spool(line, cx).into()
    }
}

fn spool<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let id = line.word(0).filter(|id| id.len() == 4)?;
    let records = line.word(2).filter(|records| records.len() == 8)?;
    let (_, _) = (decimal(id)?, decimal(records)?);
    let (modified, date) = when(line, 3, cx)?;
    let (name, kind) = (cms_name(line.word(5)?)?, line.word(6).and_then(cms_name));
    let name = match kind {
        Some(kind) => [name, b".", kind].concat(),
        None => name.to_vec(),
    };
    let draft = Draft::file_or_directory(name, false)
        .owner(line.word(1))
        .modified(date, modified);
    (line.count() <= 7).then_some(draft)
}
