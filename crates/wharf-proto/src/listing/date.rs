//! Dates in listings for people.
//!
//! ```text
//! Jan 29 03:26    Jan 29 03:26:15    Jan 29 03:26:15 1999    Jan 29  2003    29 Jan  2003
//! 2003-01-29    2003-01-29 03:26    2003-01-29 03:26:15.000000000 +0100
//! ```
//!
//! A zone is hardly ever given, and a year only for what is older than half a year.

use jiff::civil::DateTime;

use super::words::Line;
use super::{Modified, Precision, Zone, decimal};
use crate::text::Encoding;
use crate::time::Timestamp;

/// A date as far as it was written.
pub(super) struct Moment {
    year: Option<i16>,
    /// `None` if the name of the month is not known.
    month: Option<i8>,
    day: i8,
    time: Option<Clock>,
    /// Minutes east of UTC.
    offset: Option<i64>,
    /// Whether blanks stand where others of this form have their time.
    padded: bool,
}

#[derive(Clone, Copy)]
struct Clock {
    hour: i8,
    minute: i8,
    second: Option<i8>,
    nanos: Option<i32>,
}

impl Moment {
    /// How many blanks stand before the name.
    pub(super) fn gap(&self) -> usize {
        if self.padded { 2 } else { 1 }
    }

    pub(super) fn modified(&self, now: Option<Timestamp>) -> Option<Modified> {
        let civil = match self.year {
            Some(year) => self.civil(year)?,
            None => self.latest(now?)?,
        };
        let local = Timestamp::from_civil(civil)?;
        let (time, zone) = match self.offset {
            None => (local, Zone::Unknown),
            Some(minutes) => {
                let seconds = local.unix_seconds() - minutes * 60;
                (
                    Timestamp::from_unix(seconds, local.subsec_nanos())?,
                    Zone::Utc,
                )
            }
        };
        let precision = match self.time {
            None => Precision::Day,
            Some(Clock { second: None, .. }) => Precision::Minute,
            Some(Clock { nanos: None, .. }) => Precision::Second,
            Some(_) => Precision::Fraction,
        };
        Some(Modified {
            time,
            precision,
            zone,
        })
    }

    /// The last year in which this was not more than a day ahead of `now`: the server's clock may
    /// be that far east of ours. Eight years back there was a 29th of February even around 1900.
    fn latest(&self, now: Timestamp) -> Option<DateTime> {
        let limit = Timestamp::from_unix(now.unix_seconds().checked_add(86_400)?, 0)?.to_civil();
        let year = limit.year();
        (0..=8)
            .filter_map(|back| self.civil(year - back))
            .find(|&civil| civil <= limit)
    }

    fn civil(&self, year: i16) -> Option<DateTime> {
        let (hour, minute, second, nanos) = match self.time {
            None => (0, 0, 0, 0),
            Some(time) => (
                time.hour,
                time.minute,
                time.second.unwrap_or(0),
                time.nanos.unwrap_or(0),
            ),
        };
        DateTime::new(year, self.month?, self.day, hour, minute, second, nanos).ok()
    }
}

/// The date that begins with the word `at`, and its last word.
pub(super) fn moment(line: &Line<'_>, at: usize, english: bool) -> Option<(Moment, usize)> {
    if let Some(found) = iso(line, at) {
        return Some(found);
    }
    let (first, second, third) = (line.word(at)?, line.word(at + 1)?, line.word(at + 2)?);
    let (month, day) = match (month(first, english), month(second, english)) {
        (Some(month), _) => (month, day(second)?),
        (None, Some(month)) => (month, day(first)?),
        (None, None) => return None,
    };
    let mut moment = Moment {
        year: None,
        month: month.number(),
        day,
        time: None,
        offset: None,
        padded: false,
    };
    if let Some(year) = year(third) {
        moment.year = Some(year);
        // The column is as wide as `03:26`. Most write the blank that is left over before the
        // year, and some behind it.
        let before = line.words[at + 2].start - line.words[at + 1].end;
        moment.padded = before == 1 && line.text[line.words[at + 2].end..].starts_with(b"  ");
        return Some((moment, at + 2));
    }
    let time = clock(third)?;
    moment.time = Some(time);
    // `ls -T` of the BSDs: the year follows the seconds.
    if time.second.is_some()
        && let Some(year) = line.word(at + 3).and_then(year)
        && line.words[at + 3].end < line.text.len()
    {
        moment.year = Some(year);
        return Some((moment, at + 3));
    }
    Some((moment, at + 2))
}

/// `2003-01-29`, `2003-01-29 03:26`, `2003-01-29 03:26:15.000000000 +0100`.
fn iso(line: &Line<'_>, at: usize) -> Option<(Moment, usize)> {
    let mut fields = line.word(at)?.split(|&byte| byte == b'-');
    let (year, month, day) = (year(fields.next()?)?, fields.next()?, day(fields.next()?)?);
    let month = Some(two_digits(month)?);
    if fields.next().is_some() {
        return None;
    }
    let mut moment = Moment {
        year: Some(year),
        month,
        day,
        time: None,
        offset: None,
        padded: false,
    };
    let Some(time) = line.word(at + 1).and_then(clock) else {
        let end = line.words[at].end;
        moment.padded = line.text[end..].starts_with(b"  ");
        return Some((moment, at));
    };
    moment.time = Some(time);
    if time.second.is_some()
        && let Some(offset) = line.word(at + 2).and_then(offset)
    {
        moment.offset = Some(offset);
        return Some((moment, at + 2));
    }
    Some((moment, at + 1))
}

/// A word where a month may stand.
#[derive(Clone, Copy)]
enum Month {
    Known(i8),
    Foreign,
}

impl Month {
    fn number(self) -> Option<i8> {
        match self {
            Self::Known(number) => Some(number),
            Self::Foreign => None,
        }
    }
}

fn month(word: &[u8], english: bool) -> Option<Month> {
    if english {
        let names = b"janfebmaraprmayjunjulaugsepoctnovdec".chunks(3);
        return (1..)
            .zip(names)
            .find(|(_, name)| word.eq_ignore_ascii_case(name))
            .map(|(n, _)| Month::Known(n));
    }
    // Old servers write months in encodings that are not known either.
    let text = Encoding::Utf8.decode(word);
    let is_letter = |letter: char| letter.is_alphabetic() || !letter.is_ascii();
    (text.chars().count() == 3 && text.chars().all(is_letter)).then_some(Month::Foreign)
}

fn day(word: &[u8]) -> Option<i8> {
    let day = if word.len() == 1 {
        decimal(word)?.try_into().ok()
    } else {
        two_digits(word)
    };
    day.filter(|day| (1..=31).contains(day))
}

fn year(word: &[u8]) -> Option<i16> {
    if word.len() != 4 {
        return None;
    }
    decimal(word)?.try_into().ok()
}

fn two_digits(word: &[u8]) -> Option<i8> {
    if word.len() != 2 {
        return None;
    }
    decimal(word)?.try_into().ok()
}

/// `3:26`, `03:26`, `03:26:15`, `03:26:15.25`.
fn clock(word: &[u8]) -> Option<Clock> {
    let mut fields = word.split(|&byte| byte == b':');
    let hour = fields.next()?;
    let hour = if hour.len() == 1 {
        decimal(hour)?.try_into().ok()?
    } else {
        two_digits(hour)?
    };
    let minute = two_digits(fields.next()?)?;
    let (mut second, mut nanos) = (None, None);
    if let Some(field) = fields.next() {
        let (whole, fraction) = match field.iter().position(|&byte| byte == b'.') {
            Some(dot) => (&field[..dot], Some(&field[dot + 1..])),
            None => (field, None),
        };
        second = Some(two_digits(whole)?);
        nanos = match fraction {
            Some(fraction) => Some(nanoseconds(fraction)?),
            None => None,
        };
    }
    fields.next().is_none().then_some(Clock {
        hour,
        minute,
        second,
        nanos,
    })
}

fn nanoseconds(fraction: &[u8]) -> Option<i32> {
    let missing = u32::try_from(9_usize.checked_sub(fraction.len())?).ok()?;
    i32::try_from(decimal(fraction)? * 10_u64.pow(missing)).ok()
}

/// `+0100` in minutes.
fn offset(word: &[u8]) -> Option<i64> {
    let (sign, digits) = match word.split_first()? {
        (b'+', digits) => (1, digits),
        (b'-', digits) => (-1, digits),
        _ => return None,
    };
    if digits.len() != 4 {
        return None;
    }
    let (hours, minutes) = (two_digits(&digits[..2])?, two_digits(&digits[2..])?);
    Some(sign * (i64::from(hours) * 60 + i64::from(minutes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modification time of a date at the start of a line, and its last word.
    fn read(text: &str, now: &str, english: bool) -> Option<(Option<Modified>, usize)> {
        let line = Line::new(text.as_bytes());
        let (moment, last) = moment(&line, 0, english)?;
        Some((moment.modified(Timestamp::parse(now.as_bytes())), last))
    }

    #[test]
    fn a_date_ends_where_its_form_ends() {
        let last = |text| read(text, "20261122120000", true).unwrap().1;
        assert_eq!(last("Jan 29 03:26 2003 report"), 2);
        assert_eq!(last("Jan 29 03:26:15 2003 report"), 3);
        assert_eq!(last("Jan 29 03:26:15 2003"), 2);
        assert_eq!(last("2003-01-29 report"), 0);
        assert_eq!(last("2003-01-29 03:26 +0100"), 1);
        assert_eq!(last("2003-01-29 03:26:15 +0100 x"), 2);
    }

    #[test]
    fn an_offset_is_taken_off_and_makes_it_utc() {
        let modified = |text| read(text, "", true).unwrap().0.unwrap();
        let east = modified("2003-01-29 00:26:15.5 +0130 x");
        assert_eq!(east.time.to_string(), "2003-01-28T22:56:15.5Z");
        assert_eq!(
            (east.zone, east.precision),
            (Zone::Utc, Precision::Fraction)
        );
        let west = modified("2003-01-29 00:26:15 -0800 x");
        assert_eq!(west.time.to_string(), "2003-01-29T08:26:15Z");
    }

    #[test]
    fn without_now_a_date_without_a_year_is_no_moment() {
        assert_eq!(read("Jan 29 03:26 x", "", true), Some((None, 2)));
    }

    #[test]
    fn foreign_months_are_dates_only_when_asked_for() {
        assert_eq!(read("Okt 29 2003 x", "", true), None);
        assert_eq!(read("Okt 29 2003 x", "", false), Some((None, 2)));
        assert_eq!(read("a.b 29 2003 x", "", false), None);
    }

    #[test]
    fn words_that_are_almost_a_date_are_none() {
        for text in [
            "Jan 0 2003 x",
            "Jan 32 2003 x",
            "Jan 029 2003 x",
            "Jan 29 203 x",
            "Jan 29 3:2 x",
            "Jan 29 03:26:15:00 x",
            "Jan 29 03:26:15. x",
            "Jan 29 03:26:15.0000000000 x",
            "Jan 29",
            "2003-1-29 x",
            "2003-01-29-1 x",
        ] {
            assert_eq!(read(text, "20261122120000", true), None, "{text}");
        }
    }
}
