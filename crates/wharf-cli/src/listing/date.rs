//! Times: as a listing's line shows them, and as people name them.

use std::time::{Duration, SystemTime};

use wharf::Timestamp;
use wharf::listing::{Modified, Precision, Zone};

/// A time as exact as it is known, with a `Z` where it is known to be UTC.
pub(crate) fn shown(modified: Modified) -> String {
    let text = modified.time.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    let zone = if modified.zone == Zone::Utc { "Z" } else { "" };
    let parts: Vec<&str> = time.trim_end_matches('Z').split(['.', ':']).collect();
    match (modified.precision, parts.as_slice()) {
        (Precision::Minute, [hour, minute, ..]) => format!("{day} {hour}:{minute}{zone}"),
        (Precision::Second | Precision::Fraction, [hour, minute, second, ..]) => {
            format!("{day} {hour}:{minute}:{second}{zone}")
        }
        _ => day.to_owned(),
    }
}

/// A moment as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// `7d`: so long before now.
    Ago(Duration),
    /// `2026-11-22`, `2026-11-22T10:30`, in UTC.
    At(Timestamp),
}

impl Moment {
    /// Reads one.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let moment = ago(text).map(Self::Ago).or_else(|| at(text).map(Self::At));
        moment
            .ok_or_else(|| "not an age such as 7d, nor a date such as 2026-11-22T10:30".to_owned())
    }

    /// When that is; `None` before the year 0.
    pub(crate) fn resolve(self, now: SystemTime) -> Option<Timestamp> {
        match self {
            Self::Ago(age) => now.checked_sub(age).and_then(Timestamp::from_system_time),
            Self::At(time) => Some(time),
        }
    }
}

/// `30s`, `15min`, `36h`, `7d`, `2w`. No bare `m`, which some would take for months.
fn ago(text: &str) -> Option<Duration> {
    let unit = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

/// ISO 8601 with a blank or a `T` before the time, of which seconds and more may be left out.
fn at(text: &str) -> Option<Timestamp> {
    const FORM: &str = "0000-00-00T00:00:00";
    let text = text.strip_suffix('Z').unwrap_or(text).replace(' ', "T");
    let is_whole = matches!(text.len(), 10 | 16 | 19);
    let fits = |(found, form): (char, char)| match form {
        '0' => found.is_ascii_digit(),
        mark => found == mark,
    };
    if !is_whole || !text.chars().zip(FORM.chars()).all(fits) {
        return None;
    }
    let digits = text.replace(['-', 'T', ':'], "");
    Timestamp::parse(format!("{digits:0<14}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_as_exact_as_it_is_known() {
        let time = Timestamp::parse(b"20200102030405.5").unwrap();
        for (precision, zone, text) in [
            (Precision::Day, Zone::Unknown, "2020-01-02"),
            (Precision::Minute, Zone::Unknown, "2020-01-02 03:04"),
            (Precision::Second, Zone::Utc, "2020-01-02 03:04:05Z"),
            (Precision::Fraction, Zone::Utc, "2020-01-02 03:04:05Z"),
        ] {
            let modified = Modified {
                time,
                precision,
                zone,
            };
            assert_eq!(shown(modified), text);
        }
    }

    #[test]
    fn moments_are_ages_or_dates() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(480);
        let moment = |text: &str| {
            let moment = Moment::parse(text).ok()?;
            Some(moment.resolve(now)?.to_string())
        };
        for (text, time) in [
            ("0s", "1970-01-21T00:00:00Z"),
            ("90min", "1970-01-20T22:30:00Z"),
            ("36h", "1970-01-19T12:00:00Z"),
            ("7d", "1970-01-14T00:00:00Z"),
            ("2w", "1970-01-07T00:00:00Z"),
            ("2026-11-22", "2026-11-22T00:00:00Z"),
            ("2026-11-22T10:30", "2026-11-22T10:30:00Z"),
            ("2026-11-22 10:30:15Z", "2026-11-22T10:30:15Z"),
        ] {
            assert_eq!(moment(text).as_deref(), Some(time), "{text}");
        }
        for wrong in [
            "",
            "7",
            "d",
            "7m",
            "-7d",
            "7 d",
            "99999999999999999999d",
            "99999999999999999w",
            "2026-13-01",
            "2026-11-22T10",
            "2026-11-22T10:3",
            "20261122",
            "2026-11-22T10:30:15.5",
        ] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }
}
