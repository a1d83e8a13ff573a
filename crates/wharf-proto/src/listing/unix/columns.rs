//! The size and the date, by which all other columns are found.

use super::super::ls_date::{self, Found};
use super::super::words::Line;
use super::super::{Confidence, Kind, decimal, grouped, hexadecimal};
use super::mode::Mode;

/// What was found right of the owners.
pub(super) struct Columns {
    /// The word of the size, or the first of a device's numbers.
    pub(super) size_word: usize,
    pub(super) size: Option<u64>,
    pub(super) size_is_exact: bool,
    /// Where the digits of a size begin that is glued to the group.
    pub(super) glued: Option<usize>,
    /// The first word of the date.
    pub(super) date: usize,
    pub(super) found: Found,
    pub(super) confidence: Confidence,
}

/// Reads a date of some form that begins with a word.
type Look = fn(&Line<'_>, usize) -> Option<Found>;

impl Columns {
    /// Finds the size and the date behind it.
    ///
    /// Four words before the date are tried first: a user called `jan` with a numeric group can make
    /// the words before it look like a date as well. After that the first is taken, since the rest of
    /// a line is its name, which may hold dates. Dates of unusual forms come after others in the
    /// same place, and in any place after all others.
    pub(super) fn find(line: &Line<'_>, mode: &Mode<'_>) -> Option<Self> {
        const LOOKS: [Look; 2] = [ls_date::usual, ls_date::unusual];
        let first = mode.word + 1;
        let usual = mode.word + if mode.links.is_some() { 3 } else { 4 };
        let at = |at, look| Self::at(line, at, first, mode.kind, look);
        let anywhere = |look| {
            let last = line.count().saturating_sub(2);
            (first..=last).find_map(|word| at(word, look))
        };
        LOOKS
            .into_iter()
            .find_map(|look| at(usual, look))
            .or_else(|| LOOKS.into_iter().find_map(anywhere))
    }

    fn at(line: &Line<'_>, at: usize, first: usize, kind: Kind, look: Look) -> Option<Self> {
        let word = line.word(at)?;
        let is_device = matches!(kind, Kind::BlockDevice | Kind::CharDevice);
        let columns = |size, date, confidence| {
            // Where a date is missing, `2 ftp 20 4096` are the links, the owners and the size.
            let is_date = |found: &Found| {
                let day = found.moment.day;
                at > first || day.month.is_some() || day.year.is_none()
            };
            Some(Self {
                size_word: at,
                size,
                size_is_exact: true,
                glued: None,
                date,
                found: look(line, date).filter(is_date)?,
                confidence,
            })
        };
        if is_device && let Some(date) = device(line, at) {
            return columns(None, date, Confidence::High);
        }
        // Two numbers with a comma are no size, whatever has them.
        if at > first && line.word(at - 1)?.ends_with(b",") {
            return None;
        }
        if let Some(size) = decimal(word) {
            return columns(Some(size), at + 1, Confidence::High);
        }
        // A size that is wider than its column, or larger than any file, or that turned negative for
        // want of bits, or that nobody counts.
        let is = |fits: fn(&u8) -> bool| word.iter().all(fits);
        let unsigned = word.strip_prefix(b"-").unwrap_or(word);
        if is(|&byte| byte == b'*') || unsigned.iter().all(u8::is_ascii_digit) {
            return columns(None, at + 1, Confidence::Medium);
        }
        if let Some((size, is_exact)) = written_size(word) {
            return Some(Self {
                size_is_exact: is_exact,
                ..columns(Some(size), at + 1, Confidence::Medium)?
            });
        }
        // A group that is too long for its column touches the size. Eight digits fill the size's.
        let digits = word
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits >= 8 && digits < word.len() && at > first {
            let glued = word.len() - digits;
            return Some(Self {
                glued: Some(glued),
                ..columns(decimal(&word[glued..]), at + 1, Confidence::Medium)?
            });
        }
        None
    }
}

/// `33.5k`, `9.0M`, `2,563,136`: a size, and whether it is exact.
fn written_size(word: &[u8]) -> Option<(u64, bool)> {
    if let Some(size) = grouped(word) {
        return Some((size, true));
    }
    Some((rounded(word)?, false))
}

/// `33.5k`, `9.0M`, `12KB`, `1.5GiB`.
pub(in crate::listing) fn rounded(word: &[u8]) -> Option<u64> {
    let (number, scale) = without_unit(word)?;
    let dot = number.iter().position(|&byte| matches!(byte, b'.' | b','));
    let (whole, fraction) = match dot {
        Some(dot) => (&number[..dot], &number[dot + 1..]),
        None => (number, &b"0"[..]),
    };
    let digits = u32::try_from(fraction.len())
        .ok()
        .filter(|&digits| digits <= 3)?;
    let parts = decimal(fraction)?.checked_mul(scale)? / 10_u64.pow(digits);
    decimal(whole)?.checked_mul(scale)?.checked_add(parts)
}

/// A number, and how many bytes its unit stands for.
fn without_unit(word: &[u8]) -> Option<(&[u8], u64)> {
    let is_bytes = |byte: &u8| matches!(byte, b'b' | b'B');
    let bare = match word {
        [number @ .., b'i', last] if is_bytes(last) => number,
        [number @ .., last] if is_bytes(last) => number,
        _ => word,
    };
    let (unit, number) = bare.split_last()?;
    let scale = match unit.to_ascii_lowercase() {
        b'k' => 1 << 10,
        b'm' => 1 << 20,
        b'g' => 1 << 30,
        b't' => 1 << 40,
        digit if digit.is_ascii_digit() && bare.len() + 1 == word.len() => return Some((bare, 1)),
        _ => return None,
    };
    Some((number, scale))
}

/// The word behind a device's numbers, `13, 7` or `13,7` or `3 0x000007`, if they stand at `at`.
fn device(line: &Line<'_>, at: usize) -> Option<usize> {
    let word = line.word(at)?;
    let Some(comma) = word.iter().position(|&byte| byte == b',') else {
        // HP-UX.
        decimal(word)?;
        hexadecimal(line.word(at + 1)?.strip_prefix(b"0x")?)?;
        return Some(at + 2);
    };
    decimal(&word[..comma])?;
    let minor = &word[comma + 1..];
    if !minor.is_empty() {
        decimal(minor).or_else(|| hexadecimal(minor.strip_prefix(b"0x")?))?;
        return Some(at + 1);
    }
    decimal(line.word(at + 1)?)?;
    Some(at + 2)
}
