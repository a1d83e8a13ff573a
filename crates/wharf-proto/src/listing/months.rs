//! The names of months, in the languages and encodings that servers have written them in.

/// The month that a word names: in English, or in any language that is known, whole or cut to
/// three letters or more, with or without a full stop or a comma.
pub(super) fn month(word: &[u8]) -> Option<i8> {
    english(word).or_else(|| foreign(word))
}

/// A month in English, as servers write it.
pub(super) fn english(word: &[u8]) -> Option<i8> {
    let word = word.strip_suffix(b".").unwrap_or(word);
    let (head, rest) = word.split_first_chunk::<3>()?;
    let month: i8 = match &head.map(|byte| byte | 0x20) {
        b"jan" => 1,
        b"feb" => 2,
        b"mar" => 3,
        b"apr" => 4,
        b"may" => 5,
        b"jun" => 6,
        b"jul" => 7,
        b"aug" => 8,
        b"sep" => 9,
        b"oct" => 10,
        b"nov" => 11,
        b"dec" => 12,
        _ => return None,
    };
    if !head.iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let full = NAMES[usize::from(month.unsigned_abs()) - 1][0];
    let is_whole = rest.is_empty()
        || (rest.len() <= full.len() - 3
            && full.as_bytes()[3..3 + rest.len()].eq_ignore_ascii_case(rest));
    is_whole.then_some(month)
}

fn foreign(word: &[u8]) -> Option<i8> {
    let word = word.strip_suffix(b",").unwrap_or(word);
    let word = word.strip_suffix(b".").unwrap_or(word);
    // No month is longer, and lines may be.
    if !(3..=32).contains(&word.len()) || word.iter().any(u8::is_ascii_digit) {
        return None;
    }
    readings(word)
        .filter(|text| text.chars().count() >= 3)
        .find_map(|text| named(&text))
        .or_else(|| counted(word))
}

/// `一月`, `十二月`: the months are counted in Chinese.
fn counted(word: &[u8]) -> Option<i8> {
    const NUMBERS: [&str; 12] = [
        "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二",
    ];
    let number = std::str::from_utf8(word).ok()?.strip_suffix('月')?;
    let month = (1..).zip(NUMBERS).find(|&(_, known)| known == number);
    month.map(|(month, _)| month)
}

/// What the bytes of a word may stand for, in lower case.
fn readings(word: &[u8]) -> impl Iterator<Item = String> {
    let utf8 = std::str::from_utf8(word).ok().map(str::to_lowercase);
    let is_old = utf8.is_none();
    let bytes = word.to_vec();
    let old = [
        latin1 as fn(u8) -> char,
        windows1251,
        koi8,
        cp866,
        latin2,
        cp850,
    ]
    .into_iter()
    .filter(move |_| is_old)
    .map(move |decode| {
        let text: String = bytes.iter().map(|&byte| decode(byte)).collect();
        text.to_lowercase()
    });
    utf8.into_iter().chain(old)
}

/// The month one of whose names is `text`, or begins with it.
fn named(text: &str) -> Option<i8> {
    let exact = (1..).zip(NAMES).find(|(_, names)| names.contains(&text));
    let cut = || {
        (1..)
            .zip(NAMES)
            .find(|(_, names)| names.iter().any(|name| name.starts_with(text)))
    };
    exact.or_else(cut).map(|(month, _)| month)
}

/// The whole names, English first, and short ones that are not their beginnings or that more than
/// one month's whole names begin with.
const NAMES: [&[&str]; 12] = [
    &[
        "january",
        "januar",
        "janvier",
        "enero",
        "gennaio",
        "janeiro",
        "januari",
        "styczeń",
        "stycznia",
        "leden",
        "ledna",
        "tammikuu",
        "január",
        "ocak",
        "января",
        "январь",
        "січень",
        "січня",
        "ιανουάριος",
        "ιανουαρίου",
        "ianuarie",
        "януари",
    ],
    &[
        "february",
        "februar",
        "février",
        "fev",
        "febrero",
        "febbraio",
        "fevereiro",
        "februari",
        "luty",
        "lutego",
        "únor",
        "února",
        "helmikuu",
        "február",
        "şubat",
        "февраля",
        "февраль",
        "лютий",
        "лютого",
        "φεβρουάριος",
        "φεβρουαρίου",
        "februarie",
    ],
    &[
        "march",
        "märz",
        "mrz",
        "mars",
        "marzo",
        "março",
        "maart",
        "mrt",
        "marzec",
        "marca",
        "březen",
        "března",
        "maaliskuu",
        "március",
        "marts",
        "mart",
        "марта",
        "март",
        "березень",
        "березня",
        "μάρτιος",
        "μαρτίου",
        "martie",
    ],
    &[
        "april",
        "avril",
        "avr",
        "abril",
        "abr",
        "aprile",
        "kwiecień",
        "kwietnia",
        "duben",
        "dubna",
        "huhtikuu",
        "április",
        "nisan",
        "апреля",
        "апрель",
        "квітень",
        "квітня",
        "απρίλιος",
        "απριλίου",
        "aprilie",
    ],
    &[
        "may",
        "mai",
        "mayo",
        "maggio",
        "maio",
        "mei",
        "maj",
        "maja",
        "květen",
        "května",
        "toukokuu",
        "május",
        "mayıs",
        "мая",
        "май",
        "травень",
        "травня",
        "μάιος",
        "μαΐου",
        "μαϊ",
        "μαι",
    ],
    &[
        "june",
        "jun",
        "juni",
        "juin",
        "junio",
        "giugno",
        "junho",
        "czerwiec",
        "czerwca",
        "cze",
        "červen",
        "června",
        "čen",
        "kesäkuu",
        "június",
        "haziran",
        "июня",
        "июнь",
        "червень",
        "червня",
        "ιούνιος",
        "ιουνίου",
        "iunie",
        "юни",
    ],
    &[
        "july",
        "jul",
        "juli",
        "juillet",
        "jui",
        "julio",
        "luglio",
        "julho",
        "lipiec",
        "lipca",
        "červenec",
        "července",
        "čec",
        "heinäkuu",
        "július",
        "temmuz",
        "июля",
        "июль",
        "липень",
        "липня",
        "ιούλιος",
        "ιουλίου",
        "iulie",
        "юли",
    ],
    &[
        "august",
        "août",
        "aout",
        "aoû",
        "agosto",
        "augustus",
        "sierpień",
        "sierpnia",
        "srpen",
        "srpna",
        "elokuu",
        "augusztus",
        "ağustos",
        "augusti",
        "agustus",
        "августа",
        "август",
        "серпень",
        "серпня",
        "αύγουστος",
        "αυγούστου",
    ],
    &[
        "september",
        "sept",
        "septembre",
        "septiembre",
        "settembre",
        "setembro",
        "wrzesień",
        "września",
        "září",
        "syyskuu",
        "szeptember",
        "eylül",
        "сентября",
        "сентябрь",
        "вересень",
        "вересня",
        "σεπτέμβριος",
        "σεπτεμβρίου",
        "septembrie",
    ],
    &[
        "october",
        "oktober",
        "octobre",
        "octubre",
        "ottobre",
        "outubro",
        "październik",
        "paź",
        "października",
        "říjen",
        "října",
        "lokakuu",
        "október",
        "ekim",
        "октября",
        "октябрь",
        "жовтень",
        "жовтня",
        "οκτώβριος",
        "οκτωβρίου",
        "octombrie",
    ],
    &[
        "november",
        "novembre",
        "noviembre",
        "novembro",
        "listopad",
        "listopada",
        "listopadu",
        "marraskuu",
        "kasım",
        "ноября",
        "ноябрь",
        "листопад",
        "листопада",
        "νοέμβριος",
        "νοεμβρίου",
        "noiembrie",
        "ноември",
    ],
    &[
        "december",
        "dezember",
        "décembre",
        "dec",
        "diciembre",
        "dicembre",
        "dezembro",
        "desember",
        "grudzień",
        "grudnia",
        "prosinec",
        "prosince",
        "joulukuu",
        "aralık",
        "декабря",
        "декабрь",
        "грудень",
        "грудня",
        "δεκέμβριος",
        "δεκεμβρίου",
        "decembrie",
    ],
];

fn latin1(byte: u8) -> char {
    char::from(byte)
}

fn windows1251(byte: u8) -> char {
    match byte {
        0xc0..=0xff => cyrillic(u32::from(byte - 0xc0)),
        _ => char::from(byte),
    }
}

fn koi8(byte: u8) -> char {
    // The letters stand where their Latin cousins are, in capitals from 0xE0.
    const ORDER: [u8; 32] = [
        30, 0, 1, 22, 4, 5, 20, 3, 21, 8, 9, 10, 11, 12, 13, 14, 15, 31, 16, 17, 18, 19, 6, 2, 28,
        27, 7, 24, 29, 25, 23, 26,
    ];
    match byte {
        0xc0..=0xff => cyrillic(32 + u32::from(ORDER[usize::from(byte & 0x1f)])),
        _ => char::from(byte),
    }
}

fn cp866(byte: u8) -> char {
    match byte {
        0x80..=0xaf => cyrillic(u32::from(byte - 0x80)),
        0xe0..=0xef => cyrillic(u32::from(byte - 0xe0) + 48),
        _ => char::from(byte),
    }
}

/// Where ISO 8859-2 and Windows-1250 are not as ISO 8859-1 in the names of months, and ISO 8859-9
/// for those of Turkish, whose bytes the others have no use for.
fn latin2(byte: u8) -> char {
    match byte {
        0x9f | 0xbc => 'ź',
        0xc8 | 0xe8 => 'č',
        0xcc | 0xec => 'ě',
        0xd8 | 0xf8 => 'ř',
        0xde | 0xfe => 'ş',
        0xf0 => 'ğ',
        0xf1 => 'ń',
        0xfd => 'ı',
        _ => char::from(byte),
    }
}

/// The letters of code pages 437 and 850 that are in the names of months.
fn cp850(byte: u8) -> char {
    match byte {
        0x82 | 0x90 => 'é',
        0x84 | 0x8e => 'ä',
        0x87 => 'ç',
        0x96 => 'û',
        _ => char::from(byte),
    }
}

/// The letters in Unicode's order, capitals first.
fn cyrillic(place: u32) -> char {
    char::from_u32(0x410 + place).unwrap_or('\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_months_are_read_in_any_case_whole_or_cut() {
        for (word, expected) in [
            ("Jan", Some(1)),
            ("DEC", Some(12)),
            ("Sept", Some(9)),
            ("June", Some(6)),
            ("august", Some(8)),
            ("May", Some(5)),
            ("Mayor", None),
            ("ma", None),
            ("J\x01n", None),
            ("", None),
        ] {
            assert_eq!(english(word.as_bytes()), expected, "{word}");
        }
    }

    #[test]
    fn months_of_other_languages_are_read() {
        for (word, expected) in [
            ("Mär", 3),
            ("Dez.", 12),
            ("Okt", 10),
            ("Juli,", 7),
            ("févr.", 2),
            ("août", 8),
            ("JUI", 7),
            ("juin", 6),
            ("ene", 1),
            ("gen", 1),
            ("szept.", 9),
            ("máj.", 5),
            ("paź", 10),
            ("čen", 6),
            ("čec", 7),
            ("апр", 4),
            ("НОЯ", 11),
            ("мая", 5),
            ("maart", 3),
            ("mrt", 3),
            ("heinä", 7),
            ("Ağu", 8),
            ("кві", 4),
            ("лис", 11),
            ("Μαρ", 3),
            ("Μάι", 5),
            ("Ιουλ", 7),
            ("ian", 1),
            ("noi", 11),
            ("des", 12),
            ("яну", 1),
            ("юни", 6),
            ("ное", 11),
            ("Agu", 8),
            ("五月", 5),
            ("十二月", 12),
        ] {
            assert_eq!(month(word.as_bytes()), Some(expected), "{word}");
        }
        for word in ["abc", "月", "十三月"] {
            assert_eq!(month(word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn months_in_old_encodings_are_read() {
        assert_eq!(month(b"M\xe4r"), Some(3));
        assert_eq!(month(b"f\xe9v"), Some(2));
        assert_eq!(month(b"\xc1\xd0\xd2"), Some(4)); // KOI8-R
        assert_eq!(month(b"\xe0\xef\xf0"), Some(4)); // Windows-1251
        assert_eq!(month(b"\xa0\xaf\xe0"), Some(4)); // code page 866
        assert_eq!(month(b"\xf8\xedj"), Some(10)); // ISO 8859-2
        assert_eq!(month(b"kv\xec"), Some(5));
        assert_eq!(month(b"pa\xbc"), Some(10));
        assert_eq!(month(b"pa\x9f"), Some(10)); // Windows-1250
        assert_eq!(month(b"A\xf0u"), Some(8)); // ISO 8859-9
        assert_eq!(month(b"\xdeub"), Some(2));
        assert_eq!(month(b"M\x84r"), Some(3)); // code page 437 or 850
        assert_eq!(month(b"d\x82c."), Some(12));
    }
}
