//! Paths on the server, and how replies quote them.
//!
//! A path is bytes. [`RemotePath`] remembers whether it was given as text, so that the connection's
//! encoding is applied when it is sent, or as bytes, which are sent as they are.

use std::fmt;
use std::hash::{Hash, Hasher};

use bytes::Bytes;

use crate::text::{Encoding, Unencodable, escaped};

/// A path on the server.
///
/// Two paths are equal if their bytes are, text counting as UTF-8. `Display` is safe for a
/// terminal. Components are separated by `/`; nothing else is interpreted, and nothing resolved.
///
/// # Examples
///
/// ```
/// use wharf_proto::path::RemotePath;
///
/// let path = RemotePath::from("/pub/été.txt");
/// assert_eq!(path.file_name(), Some("été.txt".as_bytes()));
/// assert_eq!(path.parent(), Some(RemotePath::from("/pub")));
/// assert_eq!(RemotePath::from("/pub").join(&b"caf\xe9"[..]), RemotePath::from(&b"/pub/caf\xe9"[..]));
/// ```
#[derive(Clone)]
pub struct RemotePath(Given);

#[derive(Clone)]
enum Given {
    Text(String),
    Bytes(Bytes),
}

impl RemotePath {
    /// The bytes to send for it on a connection with this encoding.
    ///
    /// # Errors
    ///
    /// [`Unencodable`] if it was given as text that the encoding cannot express.
    pub fn to_wire(&self, encoding: Encoding) -> Result<Bytes, Unencodable> {
        match &self.0 {
            Given::Text(text) => Ok(Bytes::from(encoding.encode(text)?.into_owned())),
            Given::Bytes(bytes) => Ok(bytes.clone()),
        }
    }

    /// Its bytes; those of the UTF-8 form if it was given as text.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Given::Text(text) => text.as_bytes(),
            Given::Bytes(bytes) => bytes,
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// Whether it begins with `/`.
    pub fn is_absolute(&self) -> bool {
        self.as_bytes().starts_with(b"/")
    }

    /// The last component, or `None` if that is empty, `.` or `..`, which name no file.
    pub fn file_name(&self) -> Option<&[u8]> {
        let path = without_trailing_slashes(self.as_bytes());
        match path.rsplit(|&byte| byte == b'/').next() {
            None | Some(b"" | b"." | b"..") => None,
            name => name,
        }
    }

    /// The path without its last component: empty for a name alone, `None` for the root and for
    /// the empty path.
    pub fn parent(&self) -> Option<Self> {
        let path = without_trailing_slashes(self.as_bytes());
        if path.is_empty() {
            return None;
        }
        let cut = match path.iter().rposition(|&byte| byte == b'/') {
            None => 0,
            // The slash of the root stays; any other run of slashes goes.
            Some(at) => without_trailing_slashes(&path[..at]).len().max(1),
        };
        Some(self.up_to(cut))
    }

    /// This path with `name` below it. A `name` that begins with `/` is put below as well, never
    /// in its place: a name that a server made up does not choose where it leads.
    #[must_use]
    pub fn join(&self, name: impl Into<Self>) -> Self {
        let name = name.into();
        if self.is_empty() {
            return name;
        }
        let slash = if self.as_bytes().ends_with(b"/") {
            ""
        } else {
            "/"
        };
        let lead = name
            .as_bytes()
            .iter()
            .take_while(|&&byte| byte == b'/')
            .count();
        match (&self.0, &name.0) {
            (Given::Text(base), Given::Text(name)) => Self(Given::Text(format!(
                "{base}{slash}{}",
                name.trim_start_matches('/')
            ))),
            _ => [self.as_bytes(), slash.as_bytes(), &name.as_bytes()[lead..]]
                .concat()
                .into(),
        }
    }

    /// The first `length` bytes, which end before or behind an ASCII character.
    fn up_to(&self, length: usize) -> Self {
        Self(match &self.0 {
            Given::Text(text) => Given::Text(
                text.get(..length)
                    .expect("a slash is a boundary")
                    .to_owned(),
            ),
            Given::Bytes(bytes) => Given::Bytes(bytes.slice(..length)),
        })
    }
}

fn without_trailing_slashes(path: &[u8]) -> &[u8] {
    let end = path
        .iter()
        .rposition(|&byte| byte != b'/')
        .map_or(0, |last| last + 1);
    &path[..end]
}

impl From<&str> for RemotePath {
    fn from(path: &str) -> Self {
        Self(Given::Text(path.to_owned()))
    }
}

impl From<String> for RemotePath {
    fn from(path: String) -> Self {
        Self(Given::Text(path))
    }
}

impl From<&String> for RemotePath {
    fn from(path: &String) -> Self {
        Self(Given::Text(path.clone()))
    }
}

impl From<&[u8]> for RemotePath {
    fn from(path: &[u8]) -> Self {
        Self(Given::Bytes(Bytes::copy_from_slice(path)))
    }
}

impl From<Vec<u8>> for RemotePath {
    fn from(path: Vec<u8>) -> Self {
        Self(Given::Bytes(path.into()))
    }
}

impl From<Bytes> for RemotePath {
    fn from(path: Bytes) -> Self {
        Self(Given::Bytes(path))
    }
}

impl From<&Self> for RemotePath {
    fn from(path: &Self) -> Self {
        path.clone()
    }
}

impl PartialEq for RemotePath {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for RemotePath {}

impl Hash for RemotePath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialEq<str> for RemotePath {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for RemotePath {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl fmt::Debug for RemotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl fmt::Display for RemotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escaped(self.as_bytes()).fmt(f)
    }
}

/// A path as an argument has it: every LF becomes NUL, and nothing else changes.
///
/// That is the convention by which a name with a line feed travels on a line-based connection;
/// vsFTPd turns it back, see [`parse_pwd_response`] for its replies.
///
/// ```
/// assert_eq!(wharf_proto::path::escape_path(b"/foo/ba\nr/baz"), b"/foo/ba\0r/baz");
/// ```
#[doc(alias = "escapePath")]
pub fn escape_path(path: &[u8]) -> Vec<u8> {
    path.iter()
        .map(|&byte| if byte == b'\n' { 0 } else { byte })
        .collect()
}

/// The path in a line `257 "path" …`, the answer to `PWD` (RFC 959 §5.4 and appendix II).
///
/// RFC 959 has a quote within the path doubled. vsFTPd, ProFTPD, Linux-ftpd and pyftpdlib do that;
/// Pure-FTPd, GNU inetutils, GridFTP, aioftp, Twisted and libunftp write it as it is. So the line
/// is read by the RFC first: the path ends at the first quote that is not doubled. That reading is
/// taken if it makes sense, which is if the end of the line or a character that no word begins
/// with follows, and if the quotes in the rest of the line pair up. Otherwise the server does not
/// double, and the path runs to the last quote of the line.
///
/// One case remains open: a server that does not double, and a name that looks doubled (`a""b`) or
/// holds quoted blanks (`a" b" c`). A NUL in the path is a LF, as vsFTPd writes it.
///
/// `None` if the line does not begin with 257 or holds no path in quotes.
///
/// # Examples
///
/// ```
/// use wharf_proto::path::parse_pwd_response;
///
/// let path = |line: &str| parse_pwd_response(line.as_bytes()).map(|path| path.to_string());
/// assert_eq!(path(r#"257 "/a" is the "cur" dir"#).as_deref(), Some("/a"));
/// assert_eq!(path(r#"257 "/q""uote""#).as_deref(), Some(r#"/q"uote"#));
/// assert_eq!(path(r#"257 "/q"uote" is your current location"#).as_deref(), Some(r#"/q"uote"#));
/// assert_eq!(path("257 /bar/baz"), None);
/// ```
#[doc(alias = "parsePWDResponse")]
pub fn parse_pwd_response(line: &[u8]) -> Option<RemotePath> {
    let text = line.strip_prefix(b"257")?;
    if !matches!(text.first(), Some(b' ' | b'-')) {
        return None;
    }
    let opening = text.iter().position(|&byte| byte == b'"')?;
    let quoted = &text[opening + 1..];
    let path = match read_doubled(quoted) {
        Some(path) => path,
        None => quoted[..quoted.iter().rposition(|&byte| byte == b'"')?].to_vec(),
    };
    let path: Vec<u8> = path
        .into_iter()
        .map(|byte| if byte == 0 { b'\n' } else { byte })
        .collect();
    Some(RemotePath::from(path))
}

/// A path in quotes, the quotes in it doubled, as RFC 959 has it: what [`parse_pwd_response`] reads.
///
/// ```
/// assert_eq!(wharf_proto::path::quote(br#"/q"uote"#), br#""/q""uote""#);
/// ```
pub fn quote(path: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(path.len() + 2);
    quoted.push(b'"');
    for &byte in path {
        if byte == b'"' {
            quoted.push(b'"');
        }
        quoted.push(byte);
    }
    quoted.push(b'"');
    quoted
}

/// What stands between the opening quote and the first undoubled one, if that can be the closing
/// quote.
fn read_doubled(quoted: &[u8]) -> Option<Vec<u8>> {
    let mut path = Vec::with_capacity(quoted.len());
    let mut rest = quoted;
    loop {
        match rest {
            [b'"', b'"', after @ ..] => {
                path.push(b'"');
                rest = after;
            }
            [b'"', tail @ ..] => {
                let ends = matches!(
                    tail,
                    [] | [b' ' | b'\t' | b'.' | b',' | b';' | b':' | b')', ..]
                );
                // Quotes that pair up cut the tail into an odd number of pieces.
                let pairs = tail.split(|&byte| byte == b'"').count() % 2 == 1;
                return (ends && pairs).then_some(path);
            }
            [byte, after @ ..] => {
                path.push(*byte);
                rest = after;
            }
            [] => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pwd(line: &str) -> Option<String> {
        parse_pwd_response(line.as_bytes())
            .map(|path| String::from_utf8(path.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn t4_t28_the_path_stands_in_quotes() {
        assert_eq!(pwd(r#"257 "/bar/baz""#).unwrap(), "/bar/baz");
    }

    #[test]
    fn t30_a_path_without_quotes_is_none() {
        for line in ["257 /bar/baz", "257 win", "257 ", "257", r#"257 "/a"#] {
            assert_eq!(pwd(line), None, "{line}");
        }
    }

    #[test]
    fn another_code_is_none_however_it_is_quoted() {
        for line in [r#"250 "/a""#, r#"2577 "/a""#, r#"257"/a""#, r#""/a""#, ""] {
            assert_eq!(pwd(line), None, "{line}");
        }
    }

    #[test]
    fn x57_servers_that_double_quotes_are_undoubled() {
        for line in [
            r#"257 "/q""uote" is the current directory"#, // vsFTPd, ProFTPD
            r#"257 "/q""uote""#,                          // vsFTPd 3.0.3
            r#"257 "/q""uote" is current directory."#,    // Linux-ftpd
            r#"257 "/q""uote" is the current directory."#, // pyftpdlib
        ] {
            assert_eq!(pwd(line).unwrap(), r#"/q"uote"#, "{line}");
        }
        assert_eq!(
            pwd(r#"257 "/x""y" is the current directory."#).unwrap(),
            r#"/x"y"#
        );
    }

    #[test]
    fn x57_servers_that_do_not_double_are_read_to_the_last_quote() {
        for (line, path) in [
            (r#"257 "/q"uote" is your current location"#, r#"/q"uote"#), // Pure-FTPd
            (r#"257 "/q"uote" is current directory."#, r#"/q"uote"#),    // GNU inetutils
            (r#"257 "/"all"" is current directory."#, r#"/"all""#),      // GridFTP, GNU inetutils
            (r#"257 "/q"uote""#, r#"/q"uote"#),                          // aioftp, Twisted
            (r#"257 "/dir"" is your current location"#, r#"/dir""#),
            (r#"257 "/a" b" is your current location"#, r#"/a" b"#),
        ] {
            assert_eq!(pwd(line).unwrap(), path, "{line}");
        }
    }

    #[test]
    fn x57_quotes_in_the_text_behind_the_path_are_not_part_of_it() {
        assert_eq!(pwd(r#"257 "/a" is the "cur" dir"#).unwrap(), "/a");
        assert_eq!(pwd(r#"257 "/a""b" is "cur""#).unwrap(), r#"/a"b"#);
        assert_eq!(pwd(r#"257 "/a"."#).unwrap(), "/a");
    }

    #[test]
    fn an_empty_path_and_text_before_it_are_read() {
        assert_eq!(pwd(r#"257 """#).unwrap(), "");
        assert_eq!(pwd(r#"257 "" is cwd"#).unwrap(), "");
        assert_eq!(pwd(r#"257 current: "/dir" "#).unwrap(), "/dir");
        assert_eq!(pwd(r#"257-"/dir""#).unwrap(), "/dir");
    }

    #[test]
    fn vsftpds_nul_is_a_line_feed_that_goes_out_as_nul_again() {
        let path = parse_pwd_response(b"257 \"/a\0b\"").unwrap();
        assert_eq!(path, "/a\nb");
        assert_eq!(escape_path(path.as_bytes()), b"/a\0b");
    }

    #[test]
    fn t22_x23_escaping_changes_line_feeds_only() {
        assert_eq!(escape_path(b"a\r\nb\xff\0"), b"a\r\0b\xff\0");
    }

    #[test]
    fn text_takes_the_connections_encoding_and_bytes_do_not() {
        let text = RemotePath::from("é");
        assert_eq!(text.to_wire(Encoding::Utf8).unwrap(), "é");
        assert_eq!(text.to_wire(Encoding::Latin1).unwrap(), &b"\xe9"[..]);
        let bytes = RemotePath::from("é".as_bytes());
        assert_eq!(bytes.to_wire(Encoding::Latin1).unwrap(), "é");
        assert!(RemotePath::from("ł").to_wire(Encoding::Latin1).is_err());
        assert_eq!(text, bytes);
    }

    #[test]
    fn names_and_parents_follow_the_slashes() {
        let parts = |path: &str| {
            let path = RemotePath::from(path);
            let name = path
                .file_name()
                .map(|name| String::from_utf8(name.to_vec()).unwrap());
            (path.parent().map(|parent| parent.to_string()), name)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("/a/b"), (some("/a"), some("b")));
        assert_eq!(parts("/a"), (some("/"), some("a")));
        assert_eq!(parts("a"), (some(""), some("a")));
        assert_eq!(parts("a//b//"), (some("a"), some("b")));
        assert_eq!(parts("//a"), (some("/"), some("a")));
        assert_eq!(parts("/"), (None, None));
        assert_eq!(parts(""), (None, None));
        assert_eq!(parts("a/.."), (some("a"), None));
        assert_eq!(parts("."), (some(""), None));
    }

    #[test]
    fn a_joined_name_never_leaves_its_directory_by_a_leading_slash() {
        let base = RemotePath::from("/srv");
        assert_eq!(base.join("a"), "/srv/a");
        assert_eq!(base.join("//etc/passwd"), "/srv/etc/passwd");
        assert_eq!(base.join(&b"/\xff"[..]).as_bytes(), b"/srv/\xff");
        assert_eq!(RemotePath::from("/").join("a"), "/a");
        assert_eq!(RemotePath::from("").join("/a"), "/a");
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(path in "[^\0]*", tail in "( [^\"]*)?") {
            let line = [b"257 ", &quote(path.as_bytes())[..], tail.as_bytes()].concat();
            prop_assert_eq!(parse_pwd_response(&line).unwrap(), path.as_str());
        }

        #[test]
        fn no_line_panics(line: Vec<u8>) {
            let _ = parse_pwd_response(&line);
            let _ = parse_pwd_response(&[b"257 \"", &line[..]].concat());
            let path = RemotePath::from(line);
            let _ = (path.parent(), path.file_name(), path.to_string());
        }

        #[test]
        fn a_path_is_its_parent_joined_with_its_name(path in "/?([ab.é]{1,3}/){0,3}[aé]{1,3}") {
            let path = RemotePath::from(path);
            let name = path.file_name().unwrap().to_vec();
            prop_assert_eq!(path.parent().unwrap().join(name), path);
        }
    }
}
