//! Times of files (RFC 3659 §2.3): `YYYYMMDDHHMMSS[.fraction]`, always UTC.

use std::fmt;
use std::time::{Duration, SystemTime};

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// A moment in UTC, to the nanosecond, from the year 0 to the year 9999.
///
/// # Examples
///
/// ```
/// use wharf_proto::time::Timestamp;
///
/// let time = Timestamp::parse(b"20200102030405.250").unwrap();
/// assert_eq!(time.to_string(), "2020-01-02T03:04:05.25Z");
/// assert_eq!(time.unix_seconds(), 1_577_934_245);
/// assert_eq!(time.to_wire(), "20200102030405");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Reads the form of `MDTM` replies and of the `modify` and `create` facts; blanks around it
    /// do not matter.
    ///
    /// Some servers write the year 2000 as `19100`, the year 19 followed by what C calls
    /// `tm_year`; that is understood. A leap second is read as the second before it. `None` for
    /// anything else, and for the first moment of the year 1, by which .NET servers mean that they
    /// do not know.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = text.trim_ascii();
        let (whole, fraction) = match text.iter().position(|&byte| byte == b'.') {
            Some(dot) => (&text[..dot], Some(&text[dot + 1..])),
            None => (text, None),
        };
        let (year, rest) = match whole.len() {
            14 => (number(&whole[..4])?, &whole[4..]),
            15 if whole.starts_with(b"191") => (1900 + number(&whole[2..5])?, &whole[5..]),
            _ => return None,
        };
        let field = |at: usize| Some(i8::try_from(number(&rest[at..at + 2])?).unwrap_or(i8::MAX));
        let (month, day) = (field(0)?, field(2)?);
        let (hour, minute, second) = (field(4)?, field(6)?, field(8)?);
        let nanos = fraction.map_or(Some(0), nanoseconds)?;
        let year = i16::try_from(year).ok()?;
        let second = if second == 60 { 59 } else { second };
        let time = DateTime::new(year, month, day, hour, minute, second, nanos).ok()?;
        if time == UNKNOWN {
            return None;
        }
        Self::from_civil(time)
    }

    /// The form that `MFMT` takes. The fraction is left off: pyftpdlib refuses one.
    pub fn to_wire(&self) -> String {
        let time = self.to_civil();
        format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}",
            time.year(),
            time.month(),
            time.day(),
            time.hour(),
            time.minute(),
            time.second(),
        )
    }

    /// The moment that is so many seconds from 1970, and nanoseconds more.
    /// `None` outside the years 0 to 9999, and for a billion nanoseconds or more.
    pub fn from_unix(seconds: i64, nanos: u32) -> Option<Self> {
        let nanos = i32::try_from(nanos)
            .ok()
            .filter(|&nanos| nanos < 1_000_000_000)?;
        let time = Self(jiff::Timestamp::new(seconds, nanos).ok()?);
        (0..=9999).contains(&time.to_civil().year()).then_some(time)
    }

    /// Whole seconds since 1970, rounded down.
    pub fn unix_seconds(&self) -> i64 {
        // `as_second` rounds towards 1970.
        self.0.as_second() - i64::from(self.0.subsec_nanosecond() < 0)
    }

    /// The nanoseconds above [`unix_seconds`](Self::unix_seconds).
    pub fn subsec_nanos(&self) -> u32 {
        self.0
            .subsec_nanosecond()
            .rem_euclid(1_000_000_000)
            .cast_unsigned()
    }

    /// The same moment as the standard library has it; `None` if it cannot hold it.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let seconds = self.unix_seconds();
        let distance = Duration::from_secs(seconds.unsigned_abs());
        let base = if seconds < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(distance)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(distance)
        };
        base?.checked_add(Duration::from_nanos(self.subsec_nanos().into()))
    }

    /// The moment of a file's time; `None` outside the years 0 to 9999.
    pub fn from_system_time(time: SystemTime) -> Option<Self> {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => {
                Self::from_unix(i64::try_from(after.as_secs()).ok()?, after.subsec_nanos())
            }
            Err(before) => {
                let before = before.duration();
                let seconds = -i64::try_from(before.as_secs()).ok()?;
                match before.subsec_nanos() {
                    0 => Self::from_unix(seconds, 0),
                    nanos => Self::from_unix(seconds.checked_sub(1)?, 1_000_000_000 - nanos),
                }
            }
        }
    }

    /// The moment at which a clock set to UTC shows this.
    pub(crate) fn from_civil(time: DateTime) -> Option<Self> {
        (time.year() >= 0).then_some(())?;
        Offset::UTC.to_timestamp(time).ok().map(Self)
    }

    /// What a clock set to UTC shows.
    pub(crate) fn to_civil(self) -> DateTime {
        Offset::UTC.to_datetime(self.0)
    }
}

/// RFC 3339, in UTC.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `DateTime.MinValue` of .NET.
const UNKNOWN: DateTime = DateTime::constant(1, 1, 1, 0, 0, 0, 0);

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + u32::from(byte - b'0'))
    })
}

/// The first nine digits of a fraction of a second; further ones are checked and left off.
fn nanoseconds(fraction: &[u8]) -> Option<i32> {
    if fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = fraction.iter().map(|byte| i32::from(byte - b'0'));
    Some(
        digits
            .chain(std::iter::repeat(0))
            .take(9)
            .fold(0, |value, digit| value * 10 + digit),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Option<String> {
        Timestamp::parse(text.as_bytes()).map(|time| time.to_string())
    }

    #[test]
    fn the_forms_of_real_servers_are_read() {
        assert_eq!(parse("20200102030405").unwrap(), "2020-01-02T03:04:05Z");
        assert_eq!(parse("20200102030405.000").unwrap(), "2020-01-02T03:04:05Z"); // ftp-srv
        assert_eq!(
            parse("20200102030405.123456789999").unwrap(),
            "2020-01-02T03:04:05.123456789Z"
        );
        assert_eq!(
            parse("19980615100045.014").unwrap(),
            "1998-06-15T10:00:45.014Z"
        );
        assert_eq!(parse(" 20200102030405 ").unwrap(), "2020-01-02T03:04:05Z");
        assert_eq!(parse("20161231235960").unwrap(), "2016-12-31T23:59:59Z");
    }

    #[test]
    fn the_year_19100_is_2000() {
        assert_eq!(parse("191000229000000").unwrap(), "2000-02-29T00:00:00Z");
        assert_eq!(parse("191260102030405").unwrap(), "2026-01-02T03:04:05Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2020010203040",
            "202001020304055",
            "20200102030405.",
            "20200102030405.x",
            "20201302030405",
            "20200230030405",
            "20200102240405",
            "20200102036005",
            "20200102030461",
            "2020 102030405",
            "-2020102030405",
            "+0200102030405",
            "00010101000000",
            "99991231235959",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn moments_before_1970_count_down_by_seconds_and_up_by_nanoseconds() {
        let time = Timestamp::parse(b"19691231235959.25").unwrap();
        assert_eq!(
            (time.unix_seconds(), time.subsec_nanos()),
            (-1, 250_000_000)
        );
        assert_eq!(Timestamp::from_unix(-1, 250_000_000), Some(time));
        let system = SystemTime::UNIX_EPOCH - Duration::from_millis(750);
        assert_eq!(time.to_system_time(), Some(system));
        assert_eq!(Timestamp::from_system_time(system), Some(time));
    }

    #[test]
    fn what_four_digits_of_a_year_cannot_say_is_none() {
        assert_eq!(Timestamp::from_unix(i64::MAX, 0), None);
        assert_eq!(Timestamp::from_unix(-62_167_219_201, 0), None);
        assert_eq!(
            Timestamp::from_unix(-62_167_219_200, 0).unwrap().to_wire(),
            "00000101000000"
        );
        assert_eq!(Timestamp::from_unix(0, 1_000_000_000), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in -62_135_596_799_i64..253_402_200_000) {
            let time = Timestamp::from_unix(seconds, 0).unwrap();
            prop_assert_eq!(Timestamp::parse(time.to_wire().as_bytes()), Some(time));
        }

        #[test]
        fn seconds_and_nanoseconds_are_those_it_was_made_of(
            seconds in -62_167_219_200_i64..253_402_200_000,
            nanos in 0_u32..1_000_000_000,
        ) {
            let time = Timestamp::from_unix(seconds, nanos).unwrap();
            prop_assert_eq!((time.unix_seconds(), time.subsec_nanos()), (seconds, nanos));
            let system = time.to_system_time().unwrap();
            prop_assert_eq!(Timestamp::from_system_time(system), Some(time));
        }

        #[test]
        fn no_text_panics(bytes: Vec<u8>, digits in "[0-9.]{0,20}") {
            let _ = (Timestamp::parse(&bytes), Timestamp::parse(digits.as_bytes()));
        }
    }
}
