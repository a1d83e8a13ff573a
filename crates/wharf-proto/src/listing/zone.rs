//! The zone of a server's clock, which no listing for people tells.

use super::{Modified, Precision, Zone};
use crate::time::Timestamp;

/// How far a server's local time is ahead of UTC.
///
/// It is found by one file of which both are known: what `LIST` says of it, and what `MDTM` says,
/// which is UTC (RFC 3659 §3). It may change with the seasons, so it is worth no more than a
/// connection lives.
///
/// # Examples
///
/// ```
/// use wharf_proto::listing::{ServerZone, Zone, parse_unix_line};
/// use wharf_proto::time::Timestamp;
///
/// let line = b"-rw-r--r--   1 root     other        531 2026-01-29 05:26 README";
/// let listed = parse_unix_line(line, None).unwrap().modified().unwrap();
/// let zone = ServerZone::between(listed, Timestamp::parse(b"20260129032615").unwrap()).unwrap();
/// assert_eq!(zone.minutes(), 120);
///
/// let utc = zone.to_utc(listed);
/// assert_eq!((utc.time.to_string().as_str(), utc.zone), ("2026-01-29T03:26:00Z", Zone::Utc));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerZone {
    minutes: i16,
}

/// Zones are whole quarters of an hour, from 12 hours west to 14 east.
const STEP: i64 = 15 * 60;
const WEST: i64 = -12 * 3600;
const EAST: i64 = 14 * 3600;

impl ServerZone {
    /// The zone by which a file that was `listed` in local time was modified when `known`, in UTC,
    /// says. `None` if the listing is not exact to the minute or says UTC itself, and if no zone
    /// on earth explains the difference: the file was changed in between, or a clock is wrong.
    pub fn between(listed: Modified, known: Timestamp) -> Option<Self> {
        if listed.precision < Precision::Minute || listed.zone == Zone::Utc {
            return None;
        }
        let unit = if listed.precision == Precision::Minute {
            60
        } else {
            1
        };
        let known = known.unix_seconds();
        let difference = listed.time.unix_seconds() - (known - known.rem_euclid(unit));
        let fits = difference % STEP == 0 && (WEST..=EAST).contains(&difference);
        let minutes = i16::try_from(difference / 60).ok()?;
        fits.then_some(Self { minutes })
    }

    /// Minutes ahead of UTC: positive east of it.
    pub fn minutes(self) -> i16 {
        self.minutes
    }

    /// The time of a listing in UTC. What is in UTC already, and a day without a time, is left as
    /// it is.
    #[must_use]
    pub fn to_utc(self, listed: Modified) -> Modified {
        if listed.precision < Precision::Minute || listed.zone == Zone::Utc {
            return listed;
        }
        self.shifted(listed.time, -1)
            .map_or(listed, |time| Modified {
                time,
                zone: Zone::Utc,
                ..listed
            })
    }

    /// What the server's clock shows at a moment.
    pub(super) fn local(self, time: Timestamp) -> Option<Timestamp> {
        self.shifted(time, 1)
    }

    fn shifted(self, time: Timestamp, times: i64) -> Option<Timestamp> {
        let seconds = time.unix_seconds() + times * 60 * i64::from(self.minutes);
        Timestamp::from_unix(seconds, time.subsec_nanos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        Timestamp::parse(time.as_bytes()).unwrap()
    }

    fn listed(time: &str, precision: Precision) -> Modified {
        Modified {
            time: at(time),
            precision,
            zone: Zone::Unknown,
        }
    }

    #[test]
    fn a_zone_is_the_difference_in_quarters_of_an_hour() {
        let minutes = |local: &str, precision, utc: &str| {
            ServerZone::between(listed(local, precision), at(utc)).map(ServerZone::minutes)
        };
        let (minute, second) = (Precision::Minute, Precision::Second);
        assert_eq!(minutes("20260129032600", minute, "20260129032659"), Some(0));
        assert_eq!(
            minutes("20260129085600", minute, "20260129032601"),
            Some(330)
        );
        assert_eq!(
            minutes("20260128192615", second, "20260129032615"),
            Some(-480)
        );
        assert_eq!(minutes("20260129033000", minute, "20260129032659"), None);
        assert_eq!(minutes("20260130032600", minute, "20260129032600"), None);
        assert_eq!(
            minutes("20260129000000", Precision::Day, "20260129000000"),
            None
        );
    }

    #[test]
    fn days_and_utc_are_left_alone() {
        let zone = ServerZone { minutes: 60 };
        let day = listed("20260129000000", Precision::Day);
        let utc = Modified {
            zone: Zone::Utc,
            ..listed("20260129000000", Precision::Minute)
        };
        assert_eq!((zone.to_utc(day), zone.to_utc(utc)), (day, utc));
        assert_eq!(ServerZone::between(utc, at("20260129000000")), None);
    }
}
