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

/// A URL whose path is in ASCII: what is not, is percent-encoded as the server writes it. Bytes that are
/// percent-encoded already stay as they are.
pub(crate) fn ascii_path(url: &str, encoding: Encoding) -> Result<Cow<'_, str>, Failure> {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let slash = url.get(host..).and_then(|rest| rest.find('/'));
    let Some((before, path)) = slash.and_then(|slash| url.split_at_checked(host + slash)) else {
        return Ok(Cow::Borrowed(url));
    };
    if path.is_ascii() {
        return Ok(Cow::Borrowed(url));
    }
    let mut url = before.to_owned();
    for byte in wire(OsStr::new(path), encoding)? {
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

/// Whether a name can be put behind a slash and names something there, and nothing elsewhere; and whether
/// it can be sent at all, which takes a name without CR, LF and NUL.
pub(crate) fn is_component(name: &[u8]) -> bool {
    let is_odd = |byte: &u8| matches!(byte, b'/' | b'\r' | b'\n' | 0);
    !matches!(name, b"" | b"." | b"..") && !name.iter().any(is_odd)
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
    fn what_is_not_ascii_in_a_path_is_percent_encoded_in_the_encoding() {
        let url = |url, encoding| ascii_path(url, encoding).unwrap().into_owned();
        let typed = "ftp://ü@h/%C3%A9/é";
        assert_eq!(url(typed, Encoding::Utf8), "ftp://ü@h/%C3%A9/%C3%A9");
        assert_eq!(url(typed, Encoding::Latin1), "ftp://ü@h/%C3%A9/%E9");
        for whole in ["ftp://ü@h", "ftp://h/a", "ü"] {
            assert_eq!(url(whole, Encoding::Latin1), whole);
        }
        assert!(ascii_path("ftp://h/€", Encoding::Latin1).is_err());
    }

    #[test]
    fn names_that_lead_elsewhere_are_no_components() {
        for name in ["a", "...", ".a", "a b", "-", "a\t\x1b"] {
            assert!(is_component(name.as_bytes()), "{name:?}");
        }
        for name in ["", ".", "..", "/", "a/", "/a", "../a", "a\0", "a\rb", "\n"] {
            assert!(!is_component(name.as_bytes()), "{name:?}");
        }
    }
}
