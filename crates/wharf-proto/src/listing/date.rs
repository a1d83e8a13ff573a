//! The pieces that dates are made of, and how they become moments.
//!
//! A zone is hardly ever given, and a year only for what is older than half a year.

use jiff::civil::DateTime;

pub(super) use super::clock::{Clock, clock, clock_behind, clock_words, military, two_digits};
use super::months;
use super::{Modified, Precision, ServerZone, Zone, decimal};
use crate::time::Timestamp;

/// A day as far as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: Option<i16>,
    /// `None` if the name of the month is not known.
    pub(super) month: Option<i8>,
    pub(super) day: i8,
}

/// The time by which dates without a year are understood.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    /// What is later is in the future: a day ahead, for the server's clock may be that far east
    /// of ours.
    pub(super) limit: Timestamp,
    year: i16,
}

impl Now {
    pub(super) fn new(now: Timestamp) -> Option<Self> {
        let limit = Timestamp::from_unix(now.unix_seconds().checked_add(DAY)?, 0)?;
        let year = limit.to_civil().year();
        Some(Self { limit, year })
    }

    /// The same time as the clock of a server shows it.
    pub(super) fn shifted(self, zone: ServerZone) -> Option<Self> {
        let limit = zone.local(self.limit)?;
        let year = limit.to_civil().year();
        Some(Self { limit, year })
    }
}

/// A date as far as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) day: Date,
    pub(super) clock: Option<Clock>,
    /// Minutes east of UTC.
    pub(super) offset: Option<i64>,
}

impl Date {
    /// The day at a time, in the server's zone.
    pub(super) fn at(self, clock: Option<Clock>) -> Moment {
        Moment {
            day: self,
            clock,
            offset: None,
        }
    }
}

impl Moment {
    pub(super) fn modified(&self, now: Option<Now>) -> Option<Modified> {
        let local = match self.day.year {
            Some(year) => self.timestamp(year)?,
            None => self.latest(now?)?,
        };
        let (time, zone) = match self.offset {
            None => (local, Zone::Unknown),
            Some(minutes) => {
                let seconds = local.unix_seconds() - minutes * 60;
                let time = Timestamp::from_unix(seconds, local.subsec_nanos())?;
                (time, Zone::Utc)
            }
        };
        let precision = match self.clock {
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

    /// The last year in which this is not in the future. Eight years back there was a 29th of
    /// February even around 1900.
    fn latest(&self, now: Now) -> Option<Timestamp> {
        (0..=8)
            .filter_map(|back| self.timestamp(now.year - back))
            .find(|&time| time <= now.limit)
    }

    fn timestamp(&self, year: i16) -> Option<Timestamp> {
        let (month, day) = (self.day.month?, self.day.day);
        let Some(clock) = self.clock else {
            return Timestamp::from_civil(DateTime::new(year, month, day, 0, 0, 0, 0).ok()?);
        };
        let (second, nanos) = (clock.second.unwrap_or(0), clock.nanos.unwrap_or(0));
        // A leap second is read as the one before it.
        let second = if second == 60 { 59 } else { second };
        if clock.hour == 24 && (clock.minute, second) == (0, 0) {
            let midnight = DateTime::new(year, month, day, 0, 0, 0, 0).ok()?;
            let seconds = Timestamp::from_civil(midnight)?.unix_seconds();
            return Timestamp::from_unix(seconds + DAY, 0);
        }
        let time = DateTime::new(year, month, day, clock.hour, clock.minute, second, nanos);
        Timestamp::from_civil(time.ok()?)
    }
}

/// Of seconds.
const DAY: i64 = 86_400;

/// In which order a date of three numbers is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Month, day, year: the United States.
    Mdy,
    /// Date, month, year.
    Dmy,
    /// Year, month, day.
    Ymd,
}

/// Three numbers that are a date in one order or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Triple {
    fields: [u16; 3],
    /// Whether the first was written as a year.
    starts_with_year: bool,
    pub(super) separator: u8,
}

impl Triple {
    /// `04-27-00`, `2002/09/02`, `29.06.13`, `02-11-103`.
    pub(super) fn read(word: &[u8]) -> Option<Self> {
        let separator = *word.iter().find(|byte| !byte.is_ascii_digit())?;
        if !matches!(separator, b'-' | b'/' | b'.' | b':') {
            return None;
        }
        let mut parts = word.split(|&byte| byte == separator);
        let mut fields = [0; 3];
        let mut digits = [0; 3];
        for (field, length) in fields.iter_mut().zip(&mut digits) {
            let part = parts.next().filter(|part| part.len() <= 4)?;
            *field = decimal(part)?.try_into().ok()?;
            *length = part.len();
        }
        // Three digits in front are a year that is counted from 1900.
        let starts_with_year =
            digits[0] == 4 || (digits[0] == 3 && (100..200).contains(&fields[0]));
        let is_narrow = |digits: usize| matches!(digits, 1 | 2);
        let fits = parts.next().is_none()
            && (starts_with_year || is_narrow(digits[0]))
            && is_narrow(digits[1])
            // Two years, or none.
            && (!starts_with_year || digits[2] <= 2)
            && fields[1] > 0;
        fits.then_some(Self {
            fields,
            starts_with_year,
            separator,
        })
    }

    /// The day, if the numbers make one in that order.
    pub(super) fn day(self, order: Order) -> Option<Date> {
        let [first, second, third] = self.fields;
        if self.starts_with_year && order != Order::Ymd {
            return None;
        }
        let (year, month, day) = match order {
            Order::Mdy => (third, first, second),
            Order::Dmy => (third, second, first),
            Order::Ymd => (first, second, third),
        };
        let day = Date {
            year: Some(full_year(year)?),
            month: Some(
                i8::try_from(month)
                    .ok()
                    .filter(|month| (1..=12).contains(month))?,
            ),
            day: i8::try_from(day)
                .ok()
                .filter(|day| (1..=31).contains(day))?,
        };
        Some(day)
    }

    /// The day in the first of some orders that makes one; a year of four digits in front settles it.
    pub(super) fn first_of(self, orders: &[Order]) -> Option<Date> {
        if self.starts_with_year {
            return self.day(Order::Ymd);
        }
        orders.iter().find_map(|&order| self.day(order))
    }
}

/// Years of two digits turn at 70. Some programs write what C counts from 1900, which is `103` in
/// 2003.
fn full_year(year: u16) -> Option<i16> {
    let year = match year {
        0..=69 => year + 2000,
        70..=199 => year + 1900,
        _ => year,
    };
    (year >= 1000).then_some(year.try_into().ok()?)
}

/// `2-JUL-2003`, `6-Apr-07`, `JAN-25-2001`, `08JAN03`.
pub(super) fn named_day(word: &[u8]) -> Option<Date> {
    let letters = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    let start = word.iter().position(letters)?;
    let length = word[start..]
        .iter()
        .take_while(|byte| letters(byte))
        .count();
    let (name, before, after) = (
        &word[start..start + length],
        &word[..start],
        &word[start + length..],
    );
    let month = Some(months::month(name)?);
    if before.is_empty() {
        // Month, day, year.
        let (day, year) = after.strip_prefix(b"-")?.split_at_checked(2)?;
        let (day, year) = match day.strip_suffix(b"-") {
            Some(day) => (day, year),
            None => (day, year.strip_prefix(b"-")?),
        };
        return Some(Date {
            year: Some(any_year(year)?),
            month,
            day: day_number(day)?,
        });
    }
    let (day, year) = match (before.strip_suffix(b"-"), after.strip_prefix(b"-")) {
        (Some(day), Some(year)) => (day, year),
        (None, None) if before.len() == 2 && after.len() == 2 => (before, after),
        _ => return None,
    };
    Some(Date {
        year: Some(any_year(year)?),
        month,
        day: day_number(day)?,
    })
}

/// A year of four digits, or of two.
pub(super) fn any_year(word: &[u8]) -> Option<i16> {
    if !matches!(word.len(), 2 | 4) {
        return None;
    }
    full_year(decimal(word)?.try_into().ok()?)
}

/// A year of four digits.
pub(super) fn year(word: &[u8]) -> Option<i16> {
    if word.len() != 4 {
        return None;
    }
    decimal(word)?.try_into().ok()
}

/// A day of the month, with one digit or two.
pub(super) fn day_number(word: &[u8]) -> Option<i8> {
    let day = match *word {
        [ones @ b'0'..=b'9'] => ones - b'0',
        [tens @ b'0'..=b'3', ones @ b'0'..=b'9'] => (tens - b'0') * 10 + ones - b'0',
        _ => return None,
    };
    i8::try_from(day).ok().filter(|day| (1..=31).contains(day))
}

/// `+0100` in minutes.
pub(super) fn offset(word: &[u8]) -> Option<i64> {
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

    fn day(text: &str, orders: &[Order]) -> Option<(i16, i8, i8)> {
        let day = Triple::read(text.as_bytes())?.first_of(orders)?;
        Some((day.year?, day.month?, day.day))
    }

    #[test]
    fn three_numbers_are_a_day_in_the_first_order_that_fits() {
        use Order::{Dmy, Mdy, Ymd};
        assert_eq!(day("04-27-00", &[Mdy, Dmy]), Some((2000, 4, 27)));
        assert_eq!(day("25-06-07", &[Mdy, Dmy]), Some((2007, 6, 25)));
        assert_eq!(day("04/03/18", &[Ymd]), Some((2004, 3, 18)));
        assert_eq!(day("2002-09-02", &[Mdy]), Some((2002, 9, 2)));
        assert_eq!(day("02-11-103", &[Mdy]), Some((2003, 2, 11)));
        assert_eq!(day("12/31/99", &[Mdy]), Some((1999, 12, 31)));
        assert_eq!(day("102/03/12", &[Mdy]), Some((2002, 3, 12)));
        for wrong in [
            "13-13-99",
            "1-2",
            "1-2-3-4",
            "a-b-c",
            "1-2/3",
            "00-00-00",
            "20021-1-1",
            "302/03/12",
            "102/03/102",
            "",
        ] {
            assert_eq!(day(wrong, &[Mdy, Dmy, Ymd]), None, "{wrong}");
        }
    }

    #[test]
    fn days_with_a_name_in_them_are_read() {
        let day = |text: &str| {
            let day = named_day(text.as_bytes())?;
            Some((day.year?, day.month?, day.day))
        };
        assert_eq!(day("2-JUL-2003"), Some((2003, 7, 2)));
        assert_eq!(day("6-Apr-07"), Some((2007, 4, 6)));
        assert_eq!(day("JAN-25-2001"), Some((2001, 1, 25)));
        assert_eq!(day("Feb-3-1999"), Some((1999, 2, 3)));
        assert_eq!(day("24SEP96"), Some((1996, 9, 24)));
        for wrong in [
            "JAN",
            "JAN-",
            "1-JAN",
            "1JAN-01",
            "32-JAN-01",
            "-JAN-01",
            "1-JAN-001",
        ] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_end_of_a_day_is_the_beginning_of_the_next() {
        let day = named_day(b"31-DEC-1999").unwrap();
        let moment = day.at(clock(b"24:00"));
        assert_eq!(
            moment.modified(None).unwrap().time.to_string(),
            "2000-01-01T00:00:00Z"
        );
        assert_eq!(day.at(clock(b"24:01")).modified(None), None);
    }
}
