//! Dates as FTP writes them, always in UTC.

use std::time::{Duration, SystemTime};

/// A moment of the proleptic Gregorian calendar, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Civil {
    /// The civil time so many seconds after 1970.
    fn from_unix(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Counted from 1 March of the year 0, a leap day is the last day of its year, and the
        // lengths of the months follow 153 days per five of them.
        let days = days + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
            hour: rest / 3_600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// Seconds after 1970; the inverse of [`Civil::from_unix`].
    fn to_unix(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let shifted_month = if self.month > 2 {
            self.month - 3
        } else {
            self.month + 9
        };
        let day_of_year = (153 * shifted_month + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        days * 86_400 + self.hour * 3_600 + self.minute * 60 + self.second
    }
}

/// `YYYYMMDDhhmmss`, as `MDTM` and the fact `modify` have it (RFC 3659 §2.3).
pub(super) fn stamp(seconds: i64) -> String {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = Civil::from_unix(seconds);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// Reads a [`stamp`]; a fraction of the second is allowed and dropped.
pub(super) fn parse_stamp(text: &str) -> Option<i64> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits.len() != 14 || !all_digits(digits) || !all_digits(fraction) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i64>().ok();
    let civil = Civil {
        year: number(0..4)?,
        month: number(4..6)?,
        day: number(6..8)?,
        hour: number(8..10)?,
        minute: number(10..12)?,
        second: number(12..14)?,
    };
    let seconds = civil.to_unix();
    // A 30 February or a 25th hour comes back as another date than it went in.
    (Civil::from_unix(seconds) == civil).then_some(seconds)
}

/// The date of an `ls -l` line: `Mon dd HH:MM` for the last half year, `Mon dd  YYYY` else.
pub(super) fn ls_date(seconds: i64, now: i64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    /// Half of the Gregorian mean year, as `ls` has it.
    const HALF_A_YEAR: i64 = 31_556_952 / 2;
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        ..
    } = Civil::from_unix(seconds);
    let name = usize::try_from(month - 1)
        .ok()
        .and_then(|index| MONTHS.get(index))
        .expect("months are counted from 1 to 12");
    if (now - HALF_A_YEAR..=now).contains(&seconds) {
        format!("{name} {day:>2} {hour:02}:{minute:02}")
    } else {
        format!("{name} {day:>2}  {year}")
    }
}

/// Seconds between 1970 and now.
pub(super) fn now() -> i64 {
    SystemTime::UNIX_EPOCH
        .elapsed()
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_secs()).ok())
        .unwrap_or_default()
}

/// The moment so many seconds after 1970, if the system can express it.
pub(super) fn system_time(seconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_of_known_moments_are_right() {
        assert_eq!(stamp(0), "19700101000000");
        assert_eq!(stamp(951_782_399), "20000228235959");
        assert_eq!(stamp(951_782_400), "20000229000000");
        assert_eq!(stamp(1_577_934_245), "20200102030405");
        assert_eq!(stamp(-1), "19691231235959");
    }

    #[test]
    fn every_day_of_eight_centuries_survives_the_way_there_and_back() {
        for day in -146_097..146_097 {
            let seconds = day * 86_400 + 12_345;
            assert_eq!(Civil::from_unix(seconds).to_unix(), seconds);
        }
    }

    #[test]
    fn only_dates_of_the_calendar_are_read() {
        assert_eq!(parse_stamp("20200102030405"), Some(1_577_934_245));
        assert_eq!(parse_stamp("20200102030405.678"), Some(1_577_934_245));
        for wrong in [
            "",
            "2020010203040",
            "20200230000000",
            "20200101240000",
            "2020010203040x",
            "20200102030405.",
        ] {
            assert_eq!(parse_stamp(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn old_and_future_files_show_the_year() {
        let now = 1_600_000_000;
        assert_eq!(ls_date(now, now), "Sep 13 12:26");
        assert_eq!(ls_date(1_577_934_245, now), "Jan  2  2020");
        assert_eq!(ls_date(now + 86_400, now), "Sep 14  2020");
    }
}
