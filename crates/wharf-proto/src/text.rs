//! Text on the wire and text on a terminal.
//!
//! FTP moves bytes. RFC 2640 asks for UTF-8, older servers speak Latin-1 or worse, and nothing in
//! a reply says which. [`Encoding`] is the decision for one connection; [`escaped`] is what every
//! byte of a server's goes through before a person sees it.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// How text becomes bytes, and bytes text, on one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8 (RFC 2640). Bytes that are not valid UTF-8 are read as Latin-1, as a whole: a server
    /// that keeps old names on its disk sends them as they are, and half a name of each encoding
    /// would be readable in neither.
    #[default]
    Utf8,
    /// ISO 8859-1: every byte is the character of the same number. Lossless for any bytes.
    Latin1,
}

impl Encoding {
    /// The bytes to send for `text`.
    ///
    /// # Errors
    ///
    /// [`Unencodable`] if `text` holds a character above U+00FF and this is [`Encoding::Latin1`].
    ///
    /// # Examples
    ///
    /// ```
    /// use wharf_proto::text::Encoding;
    ///
    /// assert_eq!(&*Encoding::Utf8.encode("é")?, b"\xc3\xa9");
    /// assert_eq!(&*Encoding::Latin1.encode("é")?, b"\xe9");
    /// assert!(Encoding::Latin1.encode("ł").is_err());
    /// # Ok::<(), wharf_proto::text::Unencodable>(())
    /// ```
    pub fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, Unencodable> {
        match self {
            Self::Utf8 => Ok(Cow::Borrowed(text.as_bytes())),
            Self::Latin1 if text.is_ascii() => Ok(Cow::Borrowed(text.as_bytes())),
            Self::Latin1 => text
                .chars()
                .map(|character| u8::try_from(character).map_err(|_| Unencodable { character }))
                .collect::<Result<Vec<u8>, _>>()
                .map(Cow::Owned),
        }
    }

    /// The text that `bytes` stand for. Never fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use wharf_proto::text::Encoding;
    ///
    /// assert_eq!(Encoding::Utf8.decode(b"caf\xc3\xa9"), "café");
    /// assert_eq!(Encoding::Utf8.decode(b"caf\xe9"), "café");
    /// assert_eq!(Encoding::Latin1.decode(b"caf\xc3\xa9"), "cafÃ©");
    /// ```
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        if let Ok(text) = std::str::from_utf8(bytes)
            && (self == Self::Utf8 || text.is_ascii())
        {
            return Cow::Borrowed(text);
        }
        Cow::Owned(bytes.iter().copied().map(char::from).collect())
    }
}

/// A character that the connection's [`Encoding`] cannot express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("U+{:04X} cannot be written in the connection's encoding", u32::from(*character))]
#[non_exhaustive]
pub struct Unencodable {
    /// The first such character.
    pub character: char,
}

/// Shows bytes from a server so that they cannot act on a terminal or forge a line of a log.
///
/// Printable UTF-8 is kept. C0 controls, DEL and bytes that are not UTF-8 become `\xNN` (or `\n`,
/// `\r`, `\t`); C1 controls, line separators and the characters that reorder text become `\u{…}`.
/// A backslash stays as it is, so this is for reading, not for parsing back.
///
/// # Examples
///
/// ```
/// use wharf_proto::text::escaped;
///
/// assert_eq!(escaped(b"r\xc3\xa9sum\xe9\x1b[2J\n").to_string(), r"résum\xe9\x1b[2J\n");
/// ```
pub fn escaped(bytes: &[u8]) -> Escaped<'_> {
    Escaped(bytes)
}

/// As [`escaped`], for what is text already.
///
/// ```
/// # use wharf_proto::text::escaped_str;
/// assert_eq!(escaped_str("exe.\u{202e}gpj").to_string(), r"exe.\u{202e}gpj");
/// ```
pub fn escaped_str(text: &str) -> Escaped<'_> {
    Escaped(text.as_bytes())
}

/// What [`escaped`] and [`escaped_str`] return; made to be printed.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                write_escaped(f, character)?;
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

fn write_escaped(f: &mut fmt::Formatter<'_>, character: char) -> fmt::Result {
    match character {
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        '\0'..='\x1f' | '\x7f' => write!(f, "\\x{:02x}", u32::from(character)),
        // C1 holds CSI and OSC; the rest reorders or breaks the line it stands in.
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => write!(f, "\\u{{{:x}}}", u32::from(character)),
        _ => f.write_char(character),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn invalid_utf8_is_read_as_latin1_as_a_whole() {
        assert_eq!(Encoding::Utf8.decode(b"\xc3\xa9\xe9"), "Ã©é");
    }

    #[test]
    fn x22_a_character_outside_latin1_is_an_error_that_names_it() {
        let error = Encoding::Latin1.encode("a\u{142}b").unwrap_err();
        assert_eq!(error.character, 'ł');
        assert_eq!(
            error.to_string(),
            "U+0142 cannot be written in the connection's encoding"
        );
    }

    #[test]
    fn every_terminal_control_is_shown_and_none_is_passed_on() {
        assert_eq!(
            escaped(b"\0\x07\x1b]0;t\x07\x7f").to_string(),
            r"\x00\x07\x1b]0;t\x07\x7f"
        );
        assert_eq!(escaped("\u{9b}31m".as_bytes()).to_string(), r"\u{9b}31m");
        assert_eq!(
            escaped_str("\u{2066}a\u{2029}\u{200f}").to_string(),
            r"\u{2066}a\u{2029}\u{200f}"
        );
    }

    #[test]
    fn a_backslash_and_printable_text_are_kept() {
        assert_eq!(
            escaped(r"C:\dir – 日本 e\u{301}".as_bytes()).to_string(),
            r"C:\dir – 日本 e\u{301}"
        );
    }

    proptest! {
        #[test]
        fn latin1_is_lossless_for_any_bytes(bytes: Vec<u8>) {
            let text = Encoding::Latin1.decode(&bytes);
            prop_assert_eq!(&*Encoding::Latin1.encode(&text).unwrap(), &bytes[..]);
        }

        #[test]
        fn utf8_is_lossless_for_any_text(text: String) {
            let bytes = Encoding::Utf8.encode(&text).unwrap();
            prop_assert_eq!(Encoding::Utf8.decode(&bytes), text.as_str());
        }

        #[test]
        fn what_is_escaped_holds_no_control_character(bytes: Vec<u8>) {
            prop_assert!(!escaped(&bytes).to_string().chars().any(char::is_control));
        }
    }
}
