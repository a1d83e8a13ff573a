//! Listings of data sets on MVS (z/OS).
//!
//! ```text
//! Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname
//! SAVE00 3390   2004/06/23  1    1  FB     128  6144  PS    INCOMING.RPTBM023
//! SAVE01 3390   2004/06/23  1+++++  FB     128  6144  PO    A.PARTITIONED.ONE
//! TSO004 3390   VSAM                                        A.VSAM.ONE
//! Migrated                                                  ARCHIVED.ONE
//! ARCIVE Not Direct Access Device                           ON.TAPE
//! Pseudo Directory                                          A.QUALIFIER
//! ```
//!
//! Some leave the unit out. Tracks and records say little about bytes, so there is no size. A
//! partitioned data set is a directory, for its members are files. What the columns before a name
//! can say is not all known; under the titles, a name in its column is enough.

use super::date::{Order, Triple};
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Confidence, Kind, decimal, ends_with_last_word};

/// The reader of whole listings.
#[derive(Debug, Default)]
pub(super) struct Mvs {
    /// Where the titles say that names begin.
    name_column: Option<usize>,
}

impl Reader for Mvs {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        let has_titles = match line.word(1) {
            Some(b"Unit") => true,
            Some(b"Referred") => line.word(2) == Some(b"Ext"),
            _ => false,
        };
        if has_titles && line.word(0) == Some(b"Volume") {
            let last = line.count() - 1;
            self.name_column = line
                .start(last)
                .filter(|_| line.word(last) == Some(b"Dsname"));
            return Reading::Heading;
        }
        on_disk(line, cx)
            .or_else(|| elsewhere(line))
            .or_else(|| self.under_the_title(line))
            .into()
    }
}

impl Mvs {
    /// Something that has a name in the right place.
    fn under_the_title<'a>(&self, line: &Line<'a>) -> Option<Draft<'a>> {
        let last = line.count().checked_sub(1).filter(|&last| last > 0)?;
        if !ends_with_last_word(line) {
            return None;
        }
        let (start, column) = (line.start(last)?, self.name_column?);
        let name = name(line.word(last)?).filter(|name| is_data_set(name))?;
        // Servers are a column off to either side.
        let is_under = start.abs_diff(column) <= 1;
        let has_gap = line.end(last - 1)? < start - 1;
        (is_under && has_gap)
            .then(|| Draft::new(name, Kind::Unknown).confidence(Confidence::Medium))
    }
}

/// A data set that is where it can be read.
fn on_disk<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let count = line.count();
    let name = line.word(count.checked_sub(1)?).and_then(name)?;
    if !is_volume(line.word(0)?) {
        return None;
    }
    let has_unit = is_unit(line.word(1)?);
    // Without one a sentence may have as many words and numbers.
    if !has_unit && !is_data_set(name) {
        return None;
    }
    let at = if has_unit { 2 } else { 1 };
    let referred = line.word(at)?;
    if referred == b"VSAM" {
        return (count == 4).then(|| Draft::file_or_directory(name, false));
    }
    let day = Triple::read(without_extents(referred))
        .and_then(|triple| triple.first_of(&[Order::Mdy, Order::Ymd]));
    if day.is_none() && referred != b"**NONE**" {
        return None;
    }
    // The extents and the tracks may touch, and then there is a word less.
    if !(at + 6..=at + 8).contains(&count) {
        return None;
    }
    for length in count - 4..count - 2 {
        decimal(line.word(length)?)?;
    }
    let organisation = line.word(count - 2)?;
    let mut draft = Draft::file_or_directory(name, organisation.starts_with(b"PO"));
    let known: [&[u8]; 6] = [b"PS", b"PO", b"DA", b"IS", b"VS", b"GS"];
    if !known.iter().any(|known| organisation.starts_with(known)) {
        draft.confidence = Confidence::Medium;
    }
    if let Some(day) = day {
        draft = draft.modified(referred, day.at(None).modified(cx.now));
    }
    Some(draft)
}

/// A data set that the system only knows of.
fn elsewhere<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let count = line.count();
    let name = line.word(count.checked_sub(1)?).and_then(name)?;
    let words = line.between(0, count - 1)?;
    let volume = line.word(0).filter(|volume| is_volume(volume));
    let behind = || line.between(1, count - 1);
    let is_directory = words == b"Pseudo Directory";
    let is_away = words.eq_ignore_ascii_case(b"Migrated")
        || words == b"Error determining attributes"
        || (volume.is_some()
            && matches!(
                behind(),
                Some(b"Not Direct Access Device" | b"Tape" | b"Not Mounted")
            ));
    // Names stand far to the right; a sentence may begin with the same words.
    let is_apart = line.start(count - 1)? > line.end(count - 2)? + 1;
    let is_name = is_apart || is_data_set(name);
    // Where the unit is left out this is all that stands before the name.
    let is_vsam = volume.is_some() && is_apart && behind() == Some(b"VSAM");
    (is_vsam || is_name && (is_directory || is_away))
        .then(|| Draft::file_or_directory(name, is_directory))
}

/// The day that a data set was referred to. A hundred extents and more touch it, and may be touched
/// by the tracks.
fn without_extents(referred: &[u8]) -> &[u8] {
    let is_count = |byte: &u8| byte.is_ascii_digit() || *byte == b'+';
    match referred.split_at_checked("yyyy/mm/dd".len()) {
        Some((day, counts)) if matches!(counts.len(), 3 | 8) && counts.iter().all(is_count) => day,
        _ => referred,
    }
}

fn is_volume(word: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"$#@-".contains(byte);
    word.len() <= 6 && word.iter().all(fits)
}

fn is_unit(word: &[u8]) -> bool {
    (3..=8).contains(&word.len()) && word.iter().all(u8::is_ascii_alphanumeric)
}

/// Qualifiers of up to eight characters, which begin with no digit.
fn is_data_set(name: &[u8]) -> bool {
    let is_part =
        |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"$#@-{".contains(byte);
    let is_qualifier = |part: &[u8]| {
        (1..=8).contains(&part.len()) && part.iter().all(is_part) && !part[0].is_ascii_digit()
    };
    name.len() <= 44 && name.split(|&byte| byte == b'.').all(is_qualifier)
}

/// A data set's name; in quotes it is a whole one.
fn name(word: &[u8]) -> Option<&[u8]> {
    let bare = word
        .strip_prefix(b"'")
        .and_then(|word| word.strip_suffix(b"'"))
        .unwrap_or(word);
    (!bare.is_empty()).then_some(bare)
}
