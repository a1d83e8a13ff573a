//! Sizes as people write and read them: in powers of 1,024.

const UNITS: &str = "KMGTPE";

/// A size as `ls -h` writes it: `999`, `1.2K`, `15M`. It is rounded up, so that nothing looks smaller
/// than it is.
pub(crate) fn human(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let bytes = u128::from(bytes);
    let mut unit = 1;
    for letter in UNITS.chars() {
        unit *= 1024;
        let tenths = (bytes * 10).div_ceil(unit);
        if tenths < 100 {
            return format!("{}.{}{letter}", tenths / 10, tenths % 10);
        }
        let whole = bytes.div_ceil(unit);
        if whole < 1024 {
            return format!("{whole}{letter}");
        }
    }
    unreachable!("a size of 64 bits is below 16 E");
}

/// Reads `512`, `10k`, `1M`, `2GiB`: bytes unless a unit is named.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let digits = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let number: u64 = text.strip_suffix(digits)?.parse().ok()?;
    let unit = digits.to_ascii_uppercase();
    let unit = unit.strip_suffix("IB").unwrap_or(&unit);
    let power = match unit {
        "" | "B" => 0,
        letter => UNITS.find(letter).filter(|_| letter.len() == 1)? + 1,
    };
    number.checked_mul(1024_u64.checked_pow(u32::try_from(power).ok()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_for_people_are_rounded_up_as_ls_rounds_them() {
        for (bytes, text) in [
            (0, "0"),
            (1023, "1023"),
            (1024, "1.0K"),
            (1025, "1.1K"),
            (9 * 1024 + 921, "9.9K"),
            (9 * 1024 + 922, "10K"),
            (1023 * 1024, "1023K"),
            (1023 * 1024 + 1, "1.0M"),
            (1 << 30, "1.0G"),
            (u64::MAX, "16E"),
        ] {
            assert_eq!(human(bytes), text, "{bytes}");
        }
    }

    #[test]
    fn sizes_are_read_in_powers_of_1024() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("512b", Some(512)),
            ("1k", Some(1024)),
            ("2M", Some(2 << 20)),
            ("3GiB", Some(3 << 30)),
            ("15E", Some(15 << 60)),
            ("16E", None),
            ("", None),
            ("M", None),
            ("1KM", None),
            ("1iB", Some(1)),
            ("-1", None),
            ("1.5M", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(parse(text), bytes, "{text}");
        }
    }
}
