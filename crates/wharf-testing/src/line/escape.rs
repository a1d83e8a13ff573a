//! Bytes as text, and back.

use std::fmt;

/// Bytes as a transcript writes them: printable ASCII as it is, the rest escaped.
pub fn escaped(bytes: &[u8]) -> impl fmt::Display {
    fmt::from_fn(move |f| escape_onto(f, bytes, true))
}

pub(crate) fn unescape(text: &str) -> Result<Vec<u8>, String> {
    Tokens(text)
        .map(|token| match token? {
            Token::Byte(byte) | Token::Plain(byte) => Ok(byte),
            Token::Brace(name) => Err(format!("{{{name}}}: data has no slots; write \\{{")),
        })
        .collect()
}

pub(super) fn escape_onto(
    f: &mut fmt::Formatter<'_>,
    bytes: &[u8],
    guard_end: bool,
) -> fmt::Result {
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' => f.write_str("\\r")?,
            b'\n' => f.write_str("\\n")?,
            b'\t' => f.write_str("\\t")?,
            b'\0' => f.write_str("\\0")?,
            b'\\' => f.write_str("\\\\")?,
            b'{' => f.write_str("\\{")?,
            b' ' if guard_end && at + 1 == bytes.len() => f.write_str("\\x20")?,
            b' '..=b'~' => write!(f, "{}", char::from(*byte))?,
            _ => write!(f, "\\x{byte:02x}")?,
        }
    }
    Ok(())
}

/// One unit of a line's text.
pub(super) enum Token<'a> {
    /// A byte that stands for itself, so a `*` is the pattern's.
    Plain(u8),
    /// A byte that was escaped, so a `*` is the client's.
    Byte(u8),
    /// The name between `{` and `}`.
    Brace(&'a str),
}

/// Takes a line's text apart; nothing follows what was refused.
pub(super) struct Tokens<'a>(pub(super) &'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Token<'a>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let (token, rest) = self
            .token()?
            .map_or_else(|e| (Err(e), ""), |(t, rest)| (Ok(t), rest));
        self.0 = rest;
        Some(token)
    }
}

impl<'a> Tokens<'a> {
    fn token(&self) -> Option<Result<(Token<'a>, &'a str), String>> {
        let text = self.0;
        let first = text.chars().next()?;
        Some(if let Some(rest) = text.strip_prefix('\\') {
            escape(rest).map(|(byte, rest)| (Token::Byte(byte), rest))
        } else if let Some(rest) = text.strip_prefix('{') {
            rest.split_once('}')
                .map(|(name, rest)| (Token::Brace(name), rest))
                .ok_or_else(|| "a { without its }; write \\{ for the character".to_owned())
        } else if first.is_ascii() {
            let (byte, rest) = text.split_at(1);
            Ok((Token::Plain(byte.as_bytes()[0]), rest))
        } else {
            Err(format!("{first:?} is not ASCII: write its bytes as \\xNN"))
        })
    }
}

fn escape(rest: &str) -> Result<(u8, &str), String> {
    let refuse = || format!("no escape begins like \\{rest}");
    let letter = rest
        .chars()
        .next()
        .ok_or_else(|| "a \\ at the end of a line".to_owned())?;
    let (_, behind) = rest.split_at(letter.len_utf8());
    let byte = match letter {
        'r' => b'\r',
        'n' => b'\n',
        't' => b'\t',
        '0' => b'\0',
        '\\' => b'\\',
        '{' => b'{',
        'x' => {
            let (digits, behind) = behind.split_at_checked(2).ok_or_else(refuse)?;
            let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let byte = hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten();
            return Ok((byte.ok_or_else(refuse)?, behind));
        }
        _ => return Err(refuse()),
    };
    Ok((byte, behind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::line::Template;

    #[test]
    fn escapes_stand_for_their_bytes() {
        assert_eq!(
            unescape(r"a\r\n\t\0\\\{\xfF*"),
            Ok(b"a\r\n\t\0\\{\xff*".to_vec())
        );
    }

    #[test]
    fn what_is_no_escape_is_refused() {
        for text in [r"\q", r"\x+1", r"\x1", r"\", "é", "{pasv}", "{"] {
            assert!(unescape(text).is_err(), "{text} was accepted");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_survive_being_written_and_read(bytes: Vec<u8>) {
            let text = escaped(&bytes).to_string();
            prop_assert_eq!(text.trim_end(), &text, "a blank at the end would get lost");
            prop_assert_eq!(unescape(&text), Ok(bytes.clone()));
            prop_assert_eq!(Template::parse(&text), Ok(Template::literal(bytes)));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = (Template::parse(&text), unescape(&text));
        }
    }
}
