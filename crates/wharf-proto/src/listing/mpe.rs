//! Listings of MPE/iX on the HP 3000.
//!
//! ```text
//! PATH= /SYS/PUB/
//! CODE ------------LOGICAL RECORD ------------        ---- SPACE ---- FILENAME
//!      SIZE    TYP    EOF    LIMIT    R/B      SECTORS     #X   MX
//!      80B      FA    13735  13735    16       4304        17    *    *CATALOG
//!
//! FILENAME   CODE               -----------LOGICAL RECORD---------
//! AFILE                         80B      FA       800      204800
//! OPEN*      PROG              128W      FB       800      204800   1   16  1  8
//! ```
//!
//! The end of a file is counted in records, so there is no size in bytes.

use super::decimal;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Mpe;

impl Reader for Mpe {
    fn read<'a>(&mut self, line: &Line<'a>, _: &Context) -> Reading<'a> {
        let is_heading = match line.word(0) {
            Some(b"PATH=" | b"ACCOUNT" | b"ACCOUNT=") => true,
            Some(b"CODE") => line.word(1).is_some_and(|word| word.starts_with(b"--")),
            Some(b"FILENAME") => line.word(1) == Some(b"CODE"),
            Some(b"SIZE") => line.word(1) == Some(b"TYP"),
            _ => false,
        };
        if is_heading {
            return Reading::Heading;
        }
        name_last(line).or_else(|| name_first(line)).into()
    }
}

/// Of `LISTFILE`, with a code before the size or without.
fn name_last<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let at = (0..=1).find(|&at| is_record(line, at))?;
    for number in 4..=6 {
        decimal(line.word(at + number)?)?;
    }
    let name = line.word(at + 8)?;
    let is_directory = line.word(at + 1)? == b"HBD" || name.ends_with(b"/");
    // A file that is in use has an asterisk before its name.
    let name = name.strip_prefix(b"*").unwrap_or(name);
    let name = name.strip_suffix(b"/").unwrap_or(name);
    let fits = line.count() == at + 9 && !name.is_empty();
    fits.then(|| Draft::file_or_directory(name, is_directory))
}

/// Of `LISTF`, which may show the space on disk as well.
fn name_first<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let name = line.word(0).filter(|name| name.len() <= 9)?;
    let name = name.strip_suffix(b"*").unwrap_or(name);
    let at = (1..=2).find(|&at| is_record(line, at))?;
    let is_space = |at| {
        line.word(at)
            .is_some_and(|word| word == b"*" || decimal(word).is_some())
    };
    let behind = line.count().checked_sub(at + 4)?;
    let fits = behind == 0 || (behind == 4 && (at + 4..at + 8).all(is_space));
    (fits && !name.is_empty()).then(|| Draft::file_or_directory(name, false))
}

/// `80B FA 13735 13735`: the record's size in bytes or words, its type, the end and the limit.
fn is_record(line: &Line<'_>, at: usize) -> bool {
    let size = line.word(at).and_then(<[u8]>::split_last);
    let is_size =
        size.is_some_and(|(unit, digits)| matches!(unit, b'B' | b'W') && decimal(digits).is_some());
    let is_type = line
        .word(at + 1)
        .is_some_and(|word| word.len() <= 4 && word.iter().all(u8::is_ascii_uppercase));
    is_size && is_type && (2..=3).all(|next| line.word(at + next).and_then(decimal).is_some())
}
