//! Listings in EBCDIC, which mainframes send where nobody asked for a translation.

/// Tells by its first bytes whether a listing is in EBCDIC, and translates it then.
#[derive(Debug)]
pub(super) struct Translator {
    /// The first bytes, until there are enough to tell; `None` once it is told.
    undecided: Option<Vec<u8>>,
    is_ebcdic: bool,
}

/// How many bytes are looked at.
const SAMPLE: usize = 128;

impl Translator {
    pub(super) fn new() -> Self {
        Self {
            undecided: Some(Vec::new()),
            is_ebcdic: false,
        }
    }

    /// A translator that leaves everything as it is.
    pub(super) fn off() -> Self {
        Self {
            undecided: None,
            is_ebcdic: false,
        }
    }

    /// Hands `bytes` on to `to`, with those that were held back, in one piece and as soon as it is
    /// known what they are.
    pub(super) fn push(&mut self, bytes: &[u8], to: impl FnOnce(&[u8])) {
        match &mut self.undecided {
            None => self.pass(bytes, to),
            Some(held) => {
                held.extend_from_slice(bytes);
                if held.len() >= SAMPLE {
                    self.finish(to);
                }
            }
        }
    }

    /// Hands on what was held back.
    pub(super) fn finish(&mut self, to: impl FnOnce(&[u8])) {
        if let Some(held) = self.undecided.take() {
            self.is_ebcdic = is_ebcdic(&held[..held.len().min(SAMPLE)]);
            self.pass(&held, to);
        }
    }

    fn pass(&self, bytes: &[u8], to: impl FnOnce(&[u8])) {
        if self.is_ebcdic {
            let translated: Vec<u8> = bytes.iter().map(|&byte| latin1(byte)).collect();
            to(&translated);
        } else {
            to(bytes);
        }
    }
}

/// In EBCDIC blanks are 0x40, lines end with 0x15 or 0x25, and letters and digits lie above 0x80.
/// An ASCII listing has neither many of these nor that many bytes outside of ASCII; and where it
/// has, for names may be in any encoding, its lines end with an LF, which no line of EBCDIC has.
fn is_ebcdic(sample: &[u8]) -> bool {
    let count = |fits: fn(u8) -> bool| sample.iter().filter(|&&byte| fits(byte)).count();
    let blanks = count(|byte| matches!(byte, 0x15 | 0x25 | 0x40));
    let letters = count(|byte| matches!(byte, 0x81..=0xa9 | 0xc1..=0xe9 | 0xf0..=0xf9));
    let ascii = count(|byte| byte == b' ' || byte.is_ascii_digit() || byte.is_ascii_lowercase());
    // A row may have little but a name far to the right.
    blanks > 0
        && !sample.contains(&b'\n')
        && letters * 8 > sample.len()
        && (blanks + letters) * 4 > sample.len() * 3
        && ascii * 8 < sample.len()
}

/// Code page 1047, as z/OS Unix has it, to Latin-1. Its line end is 0x15, that of other pages 0x25.
fn latin1(byte: u8) -> u8 {
    CP1047[usize::from(byte)]
}

#[rustfmt::skip]
const CP1047: [u8; 256] = [
    0x00, 0x01, 0x02, 0x03, 0x9c, 0x09, 0x86, 0x7f, 0x97, 0x8d, 0x8e, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
    0x10, 0x11, 0x12, 0x13, 0x9d, 0x0a, 0x08, 0x87, 0x18, 0x19, 0x92, 0x8f, 0x1c, 0x1d, 0x1e, 0x1f,
    0x80, 0x81, 0x82, 0x83, 0x84, 0x0a, 0x17, 0x1b, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x05, 0x06, 0x07,
    0x90, 0x91, 0x16, 0x93, 0x94, 0x95, 0x96, 0x04, 0x98, 0x99, 0x9a, 0x9b, 0x14, 0x15, 0x9e, 0x1a,
    0x20, 0xa0, 0xe2, 0xe4, 0xe0, 0xe1, 0xe3, 0xe5, 0xe7, 0xf1, 0xa2, 0x2e, 0x3c, 0x28, 0x2b, 0x7c,
    0x26, 0xe9, 0xea, 0xeb, 0xe8, 0xed, 0xee, 0xef, 0xec, 0xdf, 0x21, 0x24, 0x2a, 0x29, 0x3b, 0x5e,
    0x2d, 0x2f, 0xc2, 0xc4, 0xc0, 0xc1, 0xc3, 0xc5, 0xc7, 0xd1, 0xa6, 0x2c, 0x25, 0x5f, 0x3e, 0x3f,
    0xf8, 0xc9, 0xca, 0xcb, 0xc8, 0xcd, 0xce, 0xcf, 0xcc, 0x60, 0x3a, 0x23, 0x40, 0x27, 0x3d, 0x22,
    0xd8, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0xab, 0xbb, 0xf0, 0xfd, 0xfe, 0xb1,
    0xb0, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0xaa, 0xba, 0xe6, 0xb8, 0xc6, 0xa4,
    0xb5, 0x7e, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0xa1, 0xbf, 0xd0, 0x5b, 0xde, 0xae,
    0xac, 0xa3, 0xa5, 0xb7, 0xa9, 0xa7, 0xb6, 0xbc, 0xbd, 0xbe, 0xdd, 0xa8, 0xaf, 0x5d, 0xb4, 0xd7,
    0x7b, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0xad, 0xf4, 0xf6, 0xf2, 0xf3, 0xf5,
    0x7d, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0xb9, 0xfb, 0xfc, 0xf9, 0xfa, 0xff,
    0x5c, 0xf7, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0xb2, 0xd4, 0xd6, 0xd2, 0xd3, 0xd5,
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0xb3, 0xdb, 0xdc, 0xd9, 0xda, 0x9f,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes whose translation is `text`.
    fn ebcdic(text: &str) -> Vec<u8> {
        let byte = |wanted: u8| (0..=255).find(|&byte| latin1(byte) == wanted).unwrap();
        text.bytes().map(byte).collect()
    }

    fn translated(bytes: &[u8], size: usize) -> Vec<u8> {
        let mut translator = Translator::new();
        let mut all = Vec::new();
        for piece in bytes.chunks(size) {
            translator.push(piece, |bytes| all.extend_from_slice(bytes));
        }
        translator.finish(|bytes| all.extend_from_slice(bytes));
        all
    }

    #[test]
    fn ebcdic_is_told_by_its_histogram_and_translated_however_it_comes() {
        let text =
            "README   ANONYMOU V         71         26          1 1997-04-02 12:33:20 TCP291\n";
        for text in [text.to_owned(), text.repeat(5)] {
            for size in [1, 7, 1000] {
                assert_eq!(translated(&ebcdic(&text), size), text.as_bytes());
            }
        }
        assert_eq!(ebcdic("A z0"), [0xc1, 0x40, 0xa9, 0xf0]);
    }

    #[test]
    fn names_alone_are_told_by_the_ends_of_their_lines() {
        assert_eq!(
            translated(b"\xc1\xd3\xc6\x0d\x25\xc2\x15", 1),
            b"ALF\r\nB\n"
        );
    }

    #[test]
    fn rows_of_few_words_and_many_blanks_are_told_as_well() {
        let text = "Migrated                                                A.B\n";
        assert_eq!(translated(&ebcdic(text), 5), text.as_bytes());
    }

    #[test]
    fn other_encodings_are_left_alone() {
        // Katakana in Shift JIS has bytes of EBCDIC's letters and blanks, and an @ is no blank.
        for text in [
            &b"\x83\x8a\x83\x8b\x83\x40\x83\x89\x83\x8a\x83\x8b\r\n"[..],
            b"@\xc1\xc2\xc3@\xc4\xc5\n",
        ] {
            assert_eq!(translated(text, 5), text);
        }
        for text in [
            &b"-rw-r--r--    1 ftp      ftp           528 Nov 01  2007 README"[..],
            "-rw-r--r-- 1 ftp ftp 528 Nov 01  2007 Законопослушный_гражданин_Расширенная"
                .as_bytes(),
            b"\xc1\xc2\xc3\xc4\xc5\n",
            b"@@@@@",
            b"@@@@@@@@@@@@@@\xc1",
            b"",
        ] {
            assert_eq!(translated(text, 5), text);
        }
    }
}
