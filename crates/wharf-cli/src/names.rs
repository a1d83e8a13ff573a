//! Names and other words of a server's, as text in the encoding that it keeps them in.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

use wharf::Encoding;
use wharf::text::{escaped, escaped_str};

use crate::failure::Failure;

/// What was typed as the server writes it. What is no text is taken as it is.
pub(crate) fn wire(typed: &OsStr, encoding: Encoding) -> Result<Vec<u8>, Failure> {
    let Some(text) = typed.to_str() else {
        return Ok(typed.as_bytes().to_vec());
    };
    let bytes = encoding.encode(text);
    bytes
        .map(Cow::into_owned)
        .map_err(|error| Failure::usage(error.to_string()))
}

/// A URL in which what is not ASCII is percent-encoded (RFC 3986 knows nothing else), as the server
/// writes it.
pub(crate) fn ascii_url(typed: &str, encoding: Encoding) -> Result<Cow<'_, str>, Failure> {
    if typed.is_ascii() {
        return Ok(Cow::Borrowed(typed));
    }
    let mut url = String::with_capacity(typed.len() * 3);
    for byte in wire(OsStr::new(typed), encoding)? {
        if byte.is_ascii() {
            url.push(byte.into());
        } else {
            write!(url, "%{byte:02X}").expect("a string takes any text");
        }
    }
    Ok(Cow::Owned(url))
}

/// The text that some bytes stand for. Not safe for a terminal.
pub(crate) fn text(bytes: &[u8], encoding: Encoding) -> String {
    encoding.decode(bytes).into_owned()
}

/// The text for a terminal: what could act on it is shown instead, and so are bytes that the encoding
/// has no character for.
pub(crate) fn shown(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Utf8 => escaped(bytes).to_string(),
        _ => escaped_str(&encoding.decode(bytes)).to_string(),
    }
}

/// Whether a name can be put behind a slash and names something there, and nothing elsewhere.
pub(crate) fn is_component(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && !name.contains(&b'/') && !name.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_in_their_encoding() {
        let name = b"caf\xe9\x1b[2J";
        assert_eq!(shown(name, Encoding::Utf8), r"caf\xe9\x1b[2J");
        assert_eq!(shown(name, Encoding::Latin1), r"café\x1b[2J");
        assert_eq!(shown("é".as_bytes(), Encoding::Utf8), "é");
        assert_eq!(shown("é".as_bytes(), Encoding::Latin1), "Ã©");
    }

    #[test]
    fn what_is_not_ascii_in_a_url_is_percent_encoded_in_the_encoding() {
        let url = |encoding| ascii_url("ftp://h/%C3%A9/é", encoding).unwrap();
        assert_eq!(url(Encoding::Utf8), "ftp://h/%C3%A9/%C3%A9");
        assert_eq!(url(Encoding::Latin1), "ftp://h/%C3%A9/%E9");
        assert!(ascii_url("ftp://h/€", Encoding::Latin1).is_err());
    }

    #[test]
    fn names_that_lead_elsewhere_are_no_components() {
        for name in ["a", "...", ".a", "a b", "-", "a\n"] {
            assert!(is_component(name.as_bytes()), "{name:?}");
        }
        for name in ["", ".", "..", "/", "a/", "/a", "../a", "a\0"] {
            assert!(!is_component(name.as_bytes()), "{name:?}");
        }
    }
}
