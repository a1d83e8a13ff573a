//! Listings of the members of a partitioned data set on MVS (z/OS).
//!
//! ```text
//!  Name     VV.MM   Created       Changed      Size  Init   Mod   Id
//! SAVE03    01.03 2002/09/12 2002/10/11 09:37    11    11     0 KIL001
//! SAVE04
//!
//!  Name      Size     TTR   Alias-of AC --------- Attributes --------- Amode Rmode
//! EAGRTPRC  005F48   000011 EAGRTALT 00 FO             RN RU            31    ANY
//! ```
//!
//! The size of a member is in records; that of a load module in bytes, in hexadecimal digits. A
//! member without statistics is a bare name, which only the heading tells from anything else, or the
//! statistics of another.

use super::date::{self, Order, Triple};
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Confidence, decimal};

/// The reader of whole listings.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// Whether something showed that there are members.
    is_sure: bool,
}

impl Reader for Members {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        if line.word(0) == Some(b"Name") && matches!(line.word(1), Some(b"VV.MM" | b"Size")) {
            self.is_sure = true;
            return Reading::Heading;
        }
        let member = with_statistics(line, cx).or_else(|| load_module(line));
        self.is_sure |= member.is_some();
        member.or_else(|| self.bare(line)).into()
    }
}

impl Members {
    fn bare<'a>(&self, line: &Line<'a>) -> Option<Draft<'a>> {
        let fits = self.is_sure && line.count() == 1;
        let name = line.word(0).filter(|name| fits && is_name(name))?;
        Some(Draft::file_or_directory(name, false).confidence(Confidence::Medium))
    }
}

fn with_statistics<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    // Programs may name a member as they like, and the rest tells enough.
    let (name, version) = (line.word(0)?, line.word(1)?);
    let is_version = version.len() == 5
        && version[2] == b'.'
        && version
            .iter()
            .enumerate()
            .all(|(at, byte)| at == 2 || byte.is_ascii_digit());
    let day = |at| Triple::read(line.word(at)?)?.day(Order::Ymd);
    let (_, changed) = (day(2)?, day(3)?);
    let clock = date::clock(line.word(4)?)?;
    for at in 5..8 {
        decimal(line.word(at)?)?;
    }
    let draft = Draft::file_or_directory(name, false)
        .owner(line.word(8))
        .modified(
            line.between(3, 5)?,
            changed.at(Some(clock)).modified(cx.now),
        );
    is_version.then_some(draft)
}

fn load_module<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let name = line.word(0).filter(|name| is_in_capitals(name))?;
    // Program objects of more than 16 MiB have two digits more.
    let place = |at: usize| {
        line.word(at)
            .filter(|word| matches!(word.len(), 6 | 8))
            .and_then(super::hexadecimal)
    };
    let (size, _) = (place(1)?, place(2)?);
    // The authorization code, behind the module that this is another name of.
    let is_code = |at: usize| {
        line.word(at)
            .is_some_and(|word| date::two_digits(word).is_some())
    };
    let is_alias = line.word(3).is_some_and(is_in_capitals) && is_code(4);
    (is_code(3) || is_alias).then(|| Draft::file_or_directory(name, false).size(Some(size)))
}

/// The name of a member: eight capitals, digits and national letters at most.
fn is_name(word: &[u8]) -> bool {
    (1..=8).contains(&word.len()) && is_in_capitals(word) && !word[0].is_ascii_digit()
}

fn is_in_capitals(word: &[u8]) -> bool {
    let fits =
        |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"$#@{-".contains(byte);
    word.iter().all(fits)
}
