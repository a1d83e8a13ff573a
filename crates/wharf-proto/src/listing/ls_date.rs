//! Dates in the manner of `ls -l`, which are several words.
//!
//! ```text
//! Jan 29 03:26    Jan 29 03:26:15 1999    Jan 29  2003    29 Jan 2003    Oct 08, 2002 09:47
//! 2003-01-29    2003-01-29 03:26:15.000000000 +0100    09-26 2000    24-04-2003 13:45    01-jun-99
//! 26. Juli, 20:10    3月 29日 2003年    2003年 3月 29日    3 29 03:26
//! ```

use super::date::{self, Date, Moment, Order, Triple};
use super::months;
use super::words::Line;

/// A date, and where it ends.
pub(super) struct Found {
    pub(super) moment: Moment,
    /// Its last word.
    pub(super) last: usize,
    pub(super) behind: Behind,
}

/// What the blanks behind a date say of its column, which is as wide as `03:26` where `2003` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// Nothing.
    Unsaid,
    /// The blank that is left over may stand behind the year.
    Padded,
    /// It does not.
    Bare,
}

impl Behind {
    fn of(line: &Line<'_>, last: usize) -> Self {
        if line
            .after(last, 0)
            .is_some_and(|rest| rest.starts_with(b"  "))
        {
            Self::Padded
        } else {
            Self::Bare
        }
    }
}

/// The date of a usual form that begins with the word `at`: with an English month, or of ISO 8601.
pub(super) fn usual(line: &Line<'_>, at: usize) -> Option<Found> {
    let first = line.word(at)?;
    if let Some(month) = months::english(first) {
        return month_day(line, at, month);
    }
    // Old `ls --full-time`: `Sat Jan 29 03:26:15 2003`.
    if is_weekday(first)
        && let Some(month) = line.word(at + 1).and_then(months::english)
    {
        return month_day(line, at + 1, month);
    }
    if first.len() <= 3
        && let Some(month) = line.word(at + 1).and_then(months::english)
    {
        return day_month(line, at, Some(month));
    }
    iso(line, at)
}

fn is_weekday(word: &[u8]) -> bool {
    matches!(
        word,
        b"Mon" | b"Tue" | b"Wed" | b"Thu" | b"Fri" | b"Sat" | b"Sun"
    )
}

/// The date of any other form that begins with the word `at`.
pub(super) fn unusual(line: &Line<'_>, at: usize) -> Option<Found> {
    let (first, second) = (line.word(at)?, line.word(at + 1)?);
    if let Some(month) = months::month(first) {
        return month_day(line, at, month);
    }
    if let Some(month) = months::month(second) {
        return day_month(line, at, Some(month));
    }
    east_asian(line, at)
        .or_else(|| numeric(line, at))
        .or_else(|| unknown_month(line, at))
}

/// `Jan 29` and a year or time.
fn month_day(line: &Line<'_>, at: usize, month: i8) -> Option<Found> {
    let word = line.word(at + 1)?;
    let Some(bare) = word.strip_suffix(b",") else {
        return year_or_time(line, at + 2, Some(month), date::day_number(word)?);
    };
    // Only with the comma does a time follow the year.
    let day = date::day_number(bare)?;
    year_and_time(line, at + 2, month, day).or_else(|| year_or_time(line, at + 2, Some(month), day))
}

/// `2002 09:47` behind `Oct 08,`, as VShell has it, or `99 2:30 pm`, as NetWare's print services have it
/// where names are those of Unix.
fn year_and_time(line: &Line<'_>, at: usize, month: i8, day: i8) -> Option<Found> {
    let year = line.word(at)?;
    let (clock, words) = if year.len() == 2 {
        date::clock_words(line.word(at + 1)?, line.word(at + 2))?
    } else {
        (date::clock(line.word(at + 1)?)?, 1)
    };
    let day = Date {
        year: Some(date::any_year(year)?),
        month: Some(month),
        day,
    };
    found(day.at(Some(clock)), at + words)
}

/// `29 Jan` and a year or time.
fn day_month(line: &Line<'_>, at: usize, month: Option<i8>) -> Option<Found> {
    let day = line.word(at)?;
    let day = date::day_number(day.strip_suffix(b".").unwrap_or(day))?;
    year_or_time(line, at + 2, month, day)
}

/// What follows a month and a day.
fn year_or_time(line: &Line<'_>, at: usize, month: Option<i8>, day: i8) -> Option<Found> {
    let word = line.word(at)?;
    let day = |year| Date { year, month, day };
    if let Some(year) = date::year(word) {
        // The column is as wide as `03:26`. Most write the blank that is left over before the
        // year, and some behind it.
        let before = line.start(at)? - line.end(at - 1)?;
        return Some(Found {
            moment: day(Some(year)).at(None),
            last: at,
            behind: if before == 1 {
                Behind::of(line, at)
            } else {
                Behind::Unsaid
            },
        });
    }
    let clock = date::clock(word)?;
    // `ls -T` of the BSDs: the year follows the seconds.
    if clock.has_seconds()
        && let Some(year) = line.word(at + 1).and_then(date::year)
        && line.end(at + 1)? < line.text().len()
    {
        return found(day(Some(year)).at(Some(clock)), at + 1);
    }
    found(day(None).at(Some(clock)), at)
}

/// `2003-01-29`, `2003-01-29 03:26`, `2003-01-29 03:26:15.000000000 +0100`.
fn iso(line: &Line<'_>, at: usize) -> Option<Found> {
    let word = line.word(at)?;
    if !matches!(word, [_, _, _, _, b'-' | b'/' | b'.', ..]) {
        return None;
    }
    if let Some((day, time)) = word.split_at_checked(10)
        && let Some(time) = time.strip_prefix(b"T")
    {
        return whole_iso(at, day, time);
    }
    let day = Triple::read(word)?.day(Order::Ymd)?;
    let Some(clock) = line.word(at + 1).and_then(date::clock) else {
        return Some(Found {
            moment: day.at(None),
            last: at,
            behind: Behind::of(line, at),
        });
    };
    let mut moment = day.at(Some(clock));
    if clock.has_seconds()
        && let Some(offset) = line.word(at + 2).and_then(date::offset)
    {
        moment.offset = Some(offset);
        return found(moment, at + 2);
    }
    found(moment, at + 1)
}

/// `2003-01-29T03:26:15Z`, all of it in one word.
fn whole_iso(at: usize, day: &[u8], time: &[u8]) -> Option<Found> {
    let (time, offset) = match time.strip_suffix(b"Z") {
        Some(time) => (time, Some(0)),
        None => (time, None),
    };
    let day = Triple::read(day)?.day(Order::Ymd)?;
    let mut moment = day.at(Some(date::clock(time)?));
    moment.offset = offset;
    found(moment, at)
}

/// `24-04-2003 13:45`, `01-jun-99 13:45`, `09-26 2000`, `3 29 03:26`.
fn numeric(line: &Line<'_>, at: usize) -> Option<Found> {
    let (first, second) = (line.word(at)?, line.word(at + 1)?);
    // Three numbers with colons are a time.
    let whole = Triple::read(first)
        .filter(|triple| triple.separator != b':')
        .and_then(|triple| triple.first_of(&[Order::Dmy, Order::Mdy]))
        .or_else(|| date::named_day(first));
    if let Some(day) = whole {
        let clock = date::clock(second);
        return found(day.at(clock), at + usize::from(clock.is_some()));
    }
    if let Some(dash) = first.iter().position(|&byte| byte == b'-') {
        let month = date::two_digits(&first[..dash]).filter(|month| (1..=12).contains(month))?;
        let day = date::day_number(&first[dash + 1..])?;
        return year_or_time(line, at + 1, Some(month), day);
    }
    let month = date::day_number(first).filter(|month| *month <= 12)?;
    let clock = line.word(at + 2).and_then(date::clock)?;
    let day = Date {
        year: None,
        month: Some(month),
        day: date::day_number(second)?,
    };
    found(day.at(Some(clock)), at + 2)
}

/// `3月 29日 2003年`, `3月 29 13:45`, `2003年 3月 29日`, in whatever encoding, and with characters cut to
/// their first byte.
fn east_asian(line: &Line<'_>, at: usize) -> Option<Found> {
    let (first, is_marked) = marked(line.word(at)?)?;
    let (second, is_month_marked) = marked(line.word(at + 1)?)?;
    let is_year = first >= 1000;
    if !(is_marked || is_year && is_month_marked) {
        return None;
    }
    let small = |number: u16| i8::try_from(number).ok();
    let month = |number| small(number).filter(|month| (1..=12).contains(month));
    let day = |number| small(number).filter(|day| (1..=31).contains(day));
    let third = line.word(at + 2)?;
    let mut date = Date {
        year: None,
        month: Some(month(first).or_else(|| month(second))?),
        day: 0,
    };
    if is_year {
        // Without a mark it may be the size of a file of which a month, a day and a time follow.
        if !is_marked && line.word(at + 3).and_then(date::clock).is_some() {
            return None;
        }
        date.year = Some(first.try_into().ok()?);
        date.day = day(marked(third)?.0)?;
        return found(date.at(None), at + 2);
    }
    date.day = day(second)?;
    if let Some(clock) = date::clock(third) {
        return found(date.at(Some(clock)), at + 2);
    }
    let (year, _) = marked(third).filter(|&(year, _)| (1000..=9999).contains(&year))?;
    date.year = Some(year.try_into().ok()?);
    found(date.at(None), at + 2)
}

/// A number, and whether a character that is not ASCII follows it, of three bytes at most.
fn marked(word: &[u8]) -> Option<(u16, bool)> {
    let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=4).contains(&digits) {
        return None;
    }
    let number = super::decimal(&word[..digits])?.try_into().ok()?;
    match &word[digits..] {
        [] => Some((number, false)),
        // The second byte of a character of Shift JIS or GBK may be a letter.
        [0x80..=0xff, rest @ ..] if rest.len() <= 2 => Some((number, true)),
        _ => None,
    }
}

/// A month that is three letters, or more that are not all ASCII, of a language or an encoding that
/// is not known: the date is one all the same, though nobody knows which. Robots of FANUC write a
/// month as `000` that their file system does not tell.
fn unknown_month(line: &Line<'_>, at: usize) -> Option<Found> {
    if line.word(at)? == b"000" || is_letters(line.word(at)?) {
        let day = date::day_number(line.word(at + 1)?)?;
        return year_or_time(line, at + 2, None, day);
    }
    if is_letters(line.word(at + 1)?) {
        return day_month(line, at, None);
    }
    None
}

fn is_letters(word: &[u8]) -> bool {
    if word.len() > 24 {
        return false;
    }
    let text = crate::text::Encoding::Utf8.decode(word);
    let text = text.trim_end_matches('.');
    let is_letter = |letter: char| letter.is_alphabetic() || !letter.is_ascii();
    let is_cut = text.chars().count() == 3 && text.chars().all(is_letter);
    let is_foreign = || text.chars().any(char::is_alphabetic) && !text.is_ascii();
    let is_written = |letter: char| is_letter(letter) || letter == '.';
    is_cut || is_foreign() && text.chars().all(is_written)
}

#[expect(clippy::unnecessary_wraps, reason = "every form ends with it")]
fn found(moment: Moment, last: usize) -> Option<Found> {
    Some(Found {
        moment,
        last,
        behind: Behind::Unsaid,
    })
}

#[cfg(test)]
mod tests {
    use super::super::date::Now;
    use super::super::{Modified, Precision, Zone};
    use super::*;
    use crate::time::Timestamp;

    /// The modification time of a date at the start of a line, and its last word.
    fn read(text: &str, now: &str) -> Option<(Option<Modified>, usize)> {
        let line = Line::new(text.as_bytes());
        let now = Timestamp::parse(now.as_bytes()).and_then(Now::new);
        let found = usual(&line, 0).or_else(|| unusual(&line, 0))?;
        Some((found.moment.modified(now), found.last))
    }

    const NOW: &str = "20261122120000";

    #[test]
    fn a_date_ends_where_its_form_ends() {
        let last = |text| read(text, NOW).unwrap().1;
        assert_eq!(last("Jan 29 03:26 2003 report"), 2);
        assert_eq!(last("Jan 29 03:26:15 2003 report"), 3);
        assert_eq!(last("Jan 29 03:26:15 2003"), 2);
        assert_eq!(last("Oct 08, 2002 09:47 report"), 3);
        assert_eq!(last("Oct 08 2002 09:47 report"), 2);
        assert_eq!(last("2003-01-29 report"), 0);
        assert_eq!(last("2003-01-29T03:26:15 report"), 0);
        assert_eq!(last("2003-01-29 03:26 +0100"), 1);
        assert_eq!(last("2003-01-29 03:26:15 +0100 x"), 2);
        assert_eq!(last("01-jun-99 report"), 0);
        assert_eq!(last("29 Jul 02:27 2014 report"), 2);
        assert_eq!(last("Sat Jan 29 03:26:15 2003 report"), 4);
    }

    #[test]
    fn a_comma_behind_the_day_brings_a_time_behind_the_year() {
        for (text, time, last) in [
            ("Oct 08, 2002 09:47 am x", "2002-10-08T09:47:00Z", 3),
            ("Sept 14, 99 2:30 pm x", "1999-09-14T14:30:00Z", 4),
            ("Sept 14, 02 12:30 am x", "2002-09-14T00:30:00Z", 4),
            ("Sept 14, 02 14:30 x", "2002-09-14T14:30:00Z", 3),
            ("Oct 08, 2002 x", "2002-10-08T00:00:00Z", 2),
            ("Oct 08, 09:47 x", "2026-10-08T09:47:00Z", 2),
        ] {
            let (modified, end) = read(text, NOW).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (modified.unwrap().time.to_string(), end),
                (time.to_owned(), last),
                "{text}"
            );
        }
        assert_eq!(read("Sept 14 99 2:30 pm x", NOW), None);
        assert_eq!(read("Sept 14, 99 x", NOW), None);
    }

    #[test]
    fn an_offset_is_taken_off_and_makes_it_utc() {
        let modified = |text| read(text, "").unwrap().0.unwrap();
        let east = modified("2003-01-29 00:26:15.5 +0130 x");
        assert_eq!(east.time.to_string(), "2003-01-28T22:56:15.5Z");
        assert_eq!(
            (east.zone, east.precision),
            (Zone::Utc, Precision::Fraction)
        );
        let one_word = modified("2003-01-29T03:26:15Z x");
        assert_eq!(one_word.time.to_string(), "2003-01-29T03:26:15Z");
        assert_eq!(one_word.zone, Zone::Utc);
        assert_eq!(modified("2003-01-29T03:26 x").zone, Zone::Unknown);
        let west = modified("2003-01-29 00:26:15 -0800 x");
        assert_eq!(west.time.to_string(), "2003-01-29T08:26:15Z");
    }

    #[test]
    fn a_character_may_be_cut_to_a_byte() {
        for (text, time) in [
            (&b"8\xed 17 08:52 x"[..], "2026-08-17T08:52:00Z"),
            (b"2003   3\xed\xef 20 x", "2003-03-20T00:00:00Z"),
        ] {
            let found = unusual(&Line::new(text), 0).unwrap();
            let now = Timestamp::parse(NOW.as_bytes()).and_then(Now::new);
            let modified = found.moment.modified(now).unwrap();
            assert_eq!(
                (found.last, modified.time.to_string()),
                (2, time.to_owned())
            );
        }
    }

    #[test]
    fn a_number_before_a_date_with_a_time_is_no_year() {
        assert_eq!(read("2003 10月 22 09:23 x", NOW), None);
        assert_eq!(read("2003 10月 22 x 09:23", NOW).unwrap().1, 2);
        assert_eq!(read("2003年 10月 22日 09:23", NOW).unwrap().1, 2);
    }

    #[test]
    fn without_now_a_date_without_a_year_is_no_moment() {
        assert_eq!(read("Jan 29 03:26 x", ""), Some((None, 2)));
    }

    #[test]
    fn every_order_and_language_gives_the_same_day() {
        for text in [
            "Jan 29 2003 x",
            "29 Jan 2003 x",
            "29. Januar 2003 x",
            "29.   Jan.  2003 x",
            "29 janv. 2003 x",
            "29 янв 2003 x",
            "01-29 2003 x",
            "29-01-2003 x",
            "29-jan-03 x",
            "2003-01-29 x",
            "2003/01/29 x",
            "1月 29日 2003年 x",
            "1月 29 2003 x",
            "2003年  1월  29일 x",
            "2003  1\u{ed} 29 x",
        ] {
            let (modified, _) = read(text, NOW).unwrap_or_else(|| panic!("{text}"));
            let modified = modified.unwrap_or_else(|| panic!("{text}"));
            assert_eq!(modified.time.to_string(), "2003-01-29T00:00:00Z", "{text}");
            assert_eq!(modified.precision, Precision::Day);
        }
        for text in [
            "Jan 29 3:26 x",
            "29. Jan., 03:26 x",
            "1 29 03:26 x",
            "01-29 03:26 x",
            "1月 29日 03:26 x",
        ] {
            let (modified, _) = read(text, NOW).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                modified.unwrap().time.to_string(),
                "2026-01-29T03:26:00Z",
                "{text}"
            );
        }
    }

    #[test]
    fn a_month_of_no_known_language_makes_a_date_of_unknown_time() {
        assert_eq!(read("000 29 2003 x", NOW), Some((None, 2)));
        for month in ["Xyz", "พ.ย.", "נוב׳", "เมษายน"] {
            assert_eq!(
                read(&format!("{month} 29 2003 x"), NOW),
                Some((None, 2)),
                "{month}"
            );
            assert_eq!(
                read(&format!("29 {month} 2003 x"), NOW),
                Some((None, 2)),
                "{month}"
            );
        }
        assert_eq!(read("a.b 29 2003 x", NOW), None);
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
            "2003-01-29-1 x",
            "13 29 03:26 x",
            "1 29 2003 x",
            "03:26:15 x",
        ] {
            assert_eq!(read(text, NOW), None, "{text}");
        }
    }
}
