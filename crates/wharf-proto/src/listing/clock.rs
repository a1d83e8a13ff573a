//! Times of the day, of twelve hours and of twenty-four.

use super::decimal;

/// A time of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// Up to 24, which with no minutes is the end of the day.
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: Option<i8>,
    pub(super) nanos: Option<i32>,
}

impl Clock {
    pub(super) fn has_seconds(self) -> bool {
        self.second.is_some()
    }
}

/// `3:26`, `03:26`, `03:26:15`, `03:26:15.25`, `03:47PM`, `10:00a`, `00:0`, `09.17`, `18.58.16`.
pub(super) fn clock(word: &[u8]) -> Option<Clock> {
    let (digits, half) = halved(word);
    // The usual form.
    if let &[
        h1 @ b'0'..=b'2',
        h2 @ b'0'..=b'9',
        b':',
        m1 @ b'0'..=b'9',
        m2 @ b'0'..=b'9',
    ] = digits
    {
        let two = |tens: u8, ones: u8| ((tens - b'0') * 10 + (ones - b'0')).cast_signed();
        let (hour, minute) = (two(h1, h2), two(m1, m2));
        return half_day(hour, half).map(|hour| Clock {
            hour,
            minute,
            second: None,
            nanos: None,
        });
    }
    let colon = *digits.iter().find(|byte| !byte.is_ascii_digit())?;
    // Axis writes 09.17, and OS/400 18.58.16 where that is the custom.
    if !matches!(colon, b':' | b'.') {
        return None;
    }
    let mut fields = digits.split(|&byte| byte == colon);
    let hour = one_or_two(fields.next()?)?;
    let minute = fields.next()?;
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
    // A printer writes midnight as 00:0.
    let minute = if minute == b"0" {
        0
    } else {
        two_digits(minute)?
    };
    if fields.next().is_some() {
        return None;
    }
    Some(Clock {
        hour: half_day(hour, half)?,
        minute,
        second,
        nanos,
    })
}

/// `1306`.
pub(super) fn military(word: &[u8]) -> Option<Clock> {
    let (hour, minute) = word.split_at_checked(2)?;
    Some(Clock {
        hour: two_digits(hour)?,
        minute: two_digits(minute)?,
        second: None,
        nanos: None,
    })
}

/// A clock that may be followed by a word `AM` or `PM`, and how many words it took.
pub(super) fn clock_words(word: &[u8], next: Option<&[u8]>) -> Option<(Clock, usize)> {
    let plain = clock(word)?;
    let half = next.and_then(half_of_day);
    match half {
        Some(_) if halved(word).1.is_none() => {
            let hour = half_day(plain.hour, half)?;
            Some((Clock { hour, ..plain }, 2))
        }
        _ => Some((plain, 1)),
    }
}

/// A clock of twelve hours behind a word for the half of the day, as Windows has it in Korea and Taiwan.
pub(super) fn clock_behind(half: &[u8], word: &[u8]) -> Option<Clock> {
    // In UTF-8, and in the code pages 949, 950 and 936.
    const MORNING: [&[u8]; 5] = [
        "오전".as_bytes(),
        "上午".as_bytes(),
        b"\xbf\xc0\xc0\xfc",
        b"\xa4\x57\xa4\xc8",
        b"\xc9\xcf\xce\xe7",
    ];
    const AFTERNOON: [&[u8]; 5] = [
        "오후".as_bytes(),
        "下午".as_bytes(),
        b"\xbf\xc0\xc8\xc4",
        b"\xa4\x55\xa4\xc8",
        b"\xcf\xc2\xce\xe7",
    ];
    let half = if MORNING.contains(&half) {
        Half::Morning
    } else if AFTERNOON.contains(&half) {
        Half::Afternoon
    } else {
        return None;
    };
    let plain = clock(word).filter(|_| halved(word).1.is_none())?;
    let hour = half_day(plain.hour, Some(half))?;
    Some(Clock { hour, ..plain })
}

/// The half of the day, where twelve hours are counted.
#[derive(Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

fn half_of_day(word: &[u8]) -> Option<Half> {
    // Spanish has a blank in it, at which no line may be broken, in one encoding or another.
    const BLANKS: [&[u8]; 5] = [b"", b"\xa0", b"\xff", b"\xc2\xa0", b"\xe2\x80\xaf"];
    let (first, rest) = word.split_first()?;
    let half = match first.to_ascii_lowercase() {
        b'a' => Half::Morning,
        b'p' => Half::Afternoon,
        _ => return None,
    };
    let is_whole = match rest {
        [] | [b'm' | b'M'] => true,
        [b'.', blank @ .., b'm' | b'M', b'.'] => BLANKS.contains(&blank),
        _ => false,
    };
    is_whole.then_some(half)
}

fn halved(word: &[u8]) -> (&[u8], Option<Half>) {
    if word.last().is_none_or(u8::is_ascii_digit) {
        return (word, None);
    }
    let digits = word
        .iter()
        .rposition(u8::is_ascii_digit)
        .map_or(0, |last| last + 1);
    match half_of_day(&word[digits..]) {
        Some(half) => (&word[..digits], Some(half)),
        None => (word, None),
    }
}

/// The hour of 24. IIS writes the first hour of the day as 12 AM, and some as 00 AM.
fn half_day(hour: i8, half: Option<Half>) -> Option<i8> {
    match half {
        None => Some(hour),
        Some(Half::Morning) => (hour <= 12).then_some(hour % 12),
        Some(Half::Afternoon) if hour > 12 => Some(hour),
        Some(Half::Afternoon) => Some(hour % 12 + 12),
    }
}

fn one_or_two(word: &[u8]) -> Option<i8> {
    if word.len() == 1 {
        return decimal(word)?.try_into().ok();
    }
    two_digits(word)
}

pub(super) fn two_digits(word: &[u8]) -> Option<i8> {
    if word.len() != 2 {
        return None;
    }
    decimal(word)?.try_into().ok()
}

fn nanoseconds(fraction: &[u8]) -> Option<i32> {
    let missing = u32::try_from(9_usize.checked_sub(fraction.len())?).ok()?;
    i32::try_from(decimal(fraction)? * 10_u64.pow(missing)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_of_twelve_and_of_twenty_four_hours_are_read() {
        let time = |text: &str| {
            let clock = clock(text.as_bytes())?;
            Some((clock.hour, clock.minute, clock.second))
        };
        assert_eq!(time("03:26"), Some((3, 26, None)));
        assert_eq!(time("3:26:15"), Some((3, 26, Some(15))));
        assert_eq!(time("12:09PM"), Some((12, 9, None)));
        assert_eq!(time("12:09am"), Some((0, 9, None)));
        assert_eq!(time("00:34AM"), Some((0, 34, None)));
        assert_eq!(time("3:41p"), Some((15, 41, None)));
        assert_eq!(time("09.17"), Some((9, 17, None)));
        assert_eq!(time("18.58.16"), Some((18, 58, Some(16))));
        assert_eq!(time("00:0"), Some((0, 0, None)));
        for wrong in [
            "3:2",
            "03:26:15:00",
            "03:26:15.",
            "13:00AM",
            "1.5",
            "1.2.3.4",
            "0326",
            ":26",
            "03:26x",
            "",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
        assert_eq!(clock_words(b"9:09", Some(b"PM")).unwrap().1, 2);
        let spanish = clock_words(b"9:09", Some(b"p.m."));
        assert_eq!(
            spanish.map(|(clock, words)| (clock.hour, words)),
            Some((21, 2))
        );
        for (half, words) in [
            ("p.\u{a0}m.", 2),
            ("P.M.", 2),
            ("p.xm.", 1),
            ("p.m", 1),
            ("", 1),
        ] {
            assert_eq!(
                clock_words(b"9:09", Some(half.as_bytes())).unwrap().1,
                words,
                "{half}"
            );
        }
        assert_eq!(clock_words(b"9:09AM", Some(b"PM")).unwrap().1, 1);
        let behind = |half: &str, word: &str| {
            clock_behind(half.as_bytes(), word.as_bytes()).map(|clock| clock.hour)
        };
        assert_eq!(
            (behind("오후", "01:23"), behind("오전", "12:23")),
            (Some(13), Some(0))
        );
        assert_eq!(
            (behind("下午", "12:23"), behind("上午", "01:23")),
            (Some(12), Some(1))
        );
        assert_eq!(
            (behind("下午", "01:23PM"), behind("PM", "01:23")),
            (None, None)
        );
        assert_eq!(military(b"1306"), clock(b"13:06"));
    }
}
