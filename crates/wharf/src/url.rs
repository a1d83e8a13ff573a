//! FTP URLs as RFC 1738 §3.2.2 means them, in RFC 3986 syntax.

use std::fmt;

use fluent_uri::Iri;
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::Representation;
use wharf_proto::path::RemotePath;
use wharf_proto::secret::Secret;
use wharf_proto::text::escaped;

use crate::tls::mode::Tls;

/// A parsed `ftp://`, `ftps://` or `ftpes://` URL. `Display` and `Debug` never show the password.
///
/// | part | meaning |
/// |---|---|
/// | `ftp://` | TLS where a password is to be sent ([`Tls::RequiredForPasswords`](crate::Tls)) |
/// | `ftps://` | TLS from the first byte, on port 990 ([`Tls::Implicit`](crate::Tls)) |
/// | `ftpes://` | TLS by `AUTH TLS` ([`Tls::Explicit`](crate::Tls)) |
/// | `ftp://host/a/b` | `a/b`, relative to the directory the login leads to |
/// | `ftp://host/%2Fa/b` | `/a/b`, from the root |
/// | `ftp://host/a/` | the directory `a` |
/// | `ftp://host/a;type=i`, `;type=a` | as `TYPE I`, as `TYPE A` |
/// | `ftp://host/a;type=d` | a listing of names |
/// | `ftp://user:password@host` | percent-encoded where needed; the first `:` separates |
///
/// # Examples
///
/// ```
/// use wharf::FtpUrl;
///
/// let url = FtpUrl::parse("ftp://me@host:2121/%2Fetc/motd;type=a")?;
/// assert_eq!(url.remote_path().to_string(), "/etc/motd");
/// assert_eq!((url.host(), url.port()), ("host", Some(2121)));
/// # Ok::<(), wharf::Error>(())
/// ```
#[derive(Clone)]
pub struct FtpUrl {
    scheme: Scheme,
    user: Option<String>,
    password: Option<Secret>,
    host: String,
    port: Option<u16>,
    path: Vec<u8>,
    /// The path holds no byte that was given by its number, but ASCII.
    is_text: bool,
    type_code: Option<TypeCode>,
}

/// How the control connection of a URL is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Ftp,
    Ftps,
    Ftpes,
}

impl Scheme {
    const ALL: [Self; 3] = [Self::Ftp, Self::Ftps, Self::Ftpes];

    fn name(self) -> &'static str {
        match self {
            Self::Ftp => "ftp",
            Self::Ftps => "ftps",
            Self::Ftpes => "ftpes",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TypeCode {
    Image,
    Ascii,
    Directory,
}

impl FtpUrl {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if it is no URL, of another scheme, has no host, a port out of range,
    /// an unknown `;type=`, or CR, LF or NUL in any part once decoded. The URL itself is not repeated, for
    /// it may hold a password.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let uri = Iri::parse(text).map_err(|error| {
            invalid("is not a URL (RFC 3986); blanks and the like must be percent-encoded")
                .with_source(error)
        })?;
        let scheme = uri.scheme().as_str();
        let scheme = Scheme::ALL
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(scheme))
            .ok_or_else(|| invalid("is not an ftp://, ftps:// or ftpes:// URL"))?;
        if uri.query().is_some() || uri.fragment().is_some() {
            return Err(invalid(
                "has a query or a fragment: `?` is written %3F, and `#` %23",
            ));
        }
        let authority = uri.authority().ok_or_else(|| invalid("has no host"))?;
        let (user, password) = match authority.userinfo() {
            None => (None, None),
            Some(userinfo) => credentials(userinfo.as_str())?,
        };
        let host = decode(authority.host())?;
        let host = String::from_utf8(host).map_err(|_| invalid("has a host that is not UTF-8"))?;
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if !host.is_ascii() {
            return Err(invalid(
                "has a host that is not ASCII: write it as DNS has it (xn--…)",
            ));
        }
        if host.is_empty() {
            return Err(invalid("has no host"));
        }
        let port = authority
            .port_to_u16()
            .map_err(|_| invalid("has a port above 65535"))?
            .filter(|port| *port != 0);
        let (path, is_text, type_code) = path(uri.path().as_str())?;
        Ok(Self {
            scheme,
            user,
            password,
            host,
            port,
            path,
            is_text,
            type_code,
        })
    }

    /// How the scheme has the connection encrypted.
    pub fn tls(&self) -> Tls {
        match self.scheme {
            Scheme::Ftp => Tls::RequiredForPasswords,
            Scheme::Ftps => Tls::Implicit,
            Scheme::Ftpes => Tls::Explicit,
        }
    }

    /// The user name.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The password, which a URL should not hold.
    pub fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }

    /// The host name or address, an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if the URL names one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The path, relative to the login directory unless it begins with `/`; empty for that directory.
    ///
    /// What was typed goes out in the encoding of the connection, and bytes that were given as `%C3%A9` as they
    /// are.
    pub fn remote_path(&self) -> RemotePath {
        match String::from_utf8(self.path.clone()) {
            Ok(text) if self.is_text => RemotePath::from(text),
            _ => RemotePath::from(self.path.clone()),
        }
    }

    /// The path's last component, unless the URL names a directory.
    pub fn file_name(&self) -> Option<&[u8]> {
        let name = self.path.rsplit(|byte| *byte == b'/').next()?;
        (!name.is_empty()).then_some(name)
    }

    /// Whether the URL names a directory: by a `/` at its end, by `;type=d`, or by having no path.
    pub fn is_directory(&self) -> bool {
        self.type_code == Some(TypeCode::Directory) || self.file_name().is_none()
    }

    /// What `;type=` says about the representation.
    pub fn representation(&self) -> Option<Representation> {
        match self.type_code? {
            TypeCode::Image => Some(Representation::Image),
            TypeCode::Ascii => Some(Representation::Ascii),
            TypeCode::Directory => None,
        }
    }
}

/// `user[:password]`, each decoded.
fn credentials(userinfo: &str) -> Result<(Option<String>, Option<Secret>), Error> {
    let (user, password) = match userinfo.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (userinfo, None),
    };
    let user = String::from_utf8(decode(user)?)
        .map_err(|_| invalid("has a user name that is not UTF-8"))?;
    let password = password.map(decode).transpose()?.map(Secret::from);
    Ok(((!user.is_empty()).then_some(user), password))
}

/// The decoded path without the `/` that separates it from the host, whether it is text, and its `;type=`.
fn path(path: &str) -> Result<(Vec<u8>, bool, Option<TypeCode>), Error> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let (path, type_code) = match path.rsplit_once(";type=") {
        None => (path, None),
        Some((path, code)) => {
            let code = match code {
                "i" | "I" => TypeCode::Image,
                "a" | "A" => TypeCode::Ascii,
                "d" | "D" => TypeCode::Directory,
                _ => return Err(invalid("has a ;type= that is none of i, a and d")),
            };
            (path, Some(code))
        }
    };
    let decoded = decode(path)?;
    let beyond_ascii = |bytes: &[u8]| bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let is_text = beyond_ascii(&decoded) == beyond_ascii(path.as_bytes());
    Ok((decoded, is_text, type_code))
}

/// Percent-decodes once, and refuses what would end or cut a command line.
fn decode(text: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, tail) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let byte = hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low);
                (
                    byte.ok_or_else(|| invalid("has a % that is not followed by two digits"))?,
                    tail,
                )
            }
            (byte, tail) => (*byte, tail),
        };
        if matches!(byte, b'\r' | b'\n' | 0) {
            return Err(invalid("has a CR, LF or NUL in it"));
        }
        bytes.push(byte);
        rest = tail;
    }
    Ok(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, message).with_message(format!("the URL {message}"))
}

impl fmt::Display for FtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme.name())?;
        if let Some(user) = &self.user {
            let password = if self.password.is_some() { ":…" } else { "" };
            write!(f, "{}{password}@", escaped(user.as_bytes()))?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            write!(f, "{}", escaped(self.host.as_bytes()))?;
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        let root = if self.path.first() == Some(&b'/') {
            "%2F"
        } else {
            ""
        };
        let path = self.path.strip_prefix(b"/").unwrap_or(&self.path);
        write!(f, "/{root}{}", escaped(path))
    }
}

impl fmt::Debug for FtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FtpUrl").field(&self.to_string()).finish()
    }
}

impl std::str::FromStr for FtpUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use wharf_proto::text::Encoding;

    use super::*;

    fn parse(text: &str) -> FtpUrl {
        FtpUrl::parse(text).unwrap()
    }

    fn path_of(text: &str) -> Vec<u8> {
        parse(text).remote_path().as_bytes().to_vec()
    }

    #[test]
    fn a_path_is_relative_to_the_login_directory_unless_it_begins_with_an_encoded_slash() {
        assert_eq!(path_of("ftp://h/a/b"), b"a/b");
        assert_eq!(path_of("ftp://h/%2Fa/b"), b"/a/b");
        assert_eq!(path_of("ftp://h//a"), b"/a");
        assert_eq!(path_of("ftp://h"), b"");
        assert_eq!(path_of("ftp://h/"), b"");
        assert_eq!(path_of("ftp://h/a%20b%C3%A9%FF"), b"a b\xc3\xa9\xff");
    }

    #[test]
    fn what_was_typed_is_text_and_what_was_numbered_is_bytes() {
        let wire = |text: &str| parse(text).remote_path().to_wire(Encoding::Latin1).unwrap();
        assert_eq!(wire("ftp://h/caf\u{e9}%20x"), &b"caf\xe9 x"[..]);
        assert_eq!(wire("ftp://h/caf%C3%A9"), &b"caf\xc3\xa9"[..]);
        assert_eq!(wire("ftp://h/\u{e9}%E9"), &b"\xc3\xa9\xe9"[..]);
        assert!(FtpUrl::parse("ftp://h\u{e9}st/a").is_err());
    }

    #[test]
    fn dots_are_the_server_s_to_interpret() {
        assert_eq!(path_of("ftp://h/a/../b/./c"), b"a/../b/./c");
    }

    #[test]
    fn userinfo_is_split_at_the_first_colon_and_decoded() {
        let url = parse("ftp://us%40er:p%3Aa:ss@h:2121/");
        assert_eq!(url.user(), Some("us@er"));
        assert_eq!(url.password().unwrap().expose(), b"p:a:ss");
        assert_eq!(url.port(), Some(2121));
    }

    #[test]
    fn the_type_is_taken_off_the_path() {
        let url = parse("ftp://h/a;type=a");
        assert_eq!(url.representation(), Some(Representation::Ascii));
        assert_eq!(url.remote_path().as_bytes(), b"a");
        assert!(parse("ftp://h/a;type=d").is_directory());
        assert!(FtpUrl::parse("ftp://h/a;type=x").is_err());
    }

    #[test]
    fn a_line_end_or_nul_in_any_part_is_refused() {
        for url in [
            "ftp://h/a%0D%0ADELE%20b",
            "ftp://h/a%00",
            "ftp://u%0a@h/",
            "ftp://u:p%0d@h/",
        ] {
            assert_eq!(
                FtpUrl::parse(url).unwrap_err().kind(),
                ErrorKind::InvalidInput,
                "{url}"
            );
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        let url = parse("ftp://u:hunter2@[::1]:21/%2Fa");
        assert_eq!(url.to_string(), "ftp://u:…@[::1]:21/%2Fa");
        assert!(!format!("{url:?}").contains("hunter2"));
        let error = FtpUrl::parse("ftp://u:hunter2@h/a b").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn an_ipv6_address_loses_its_brackets() {
        assert_eq!(parse("ftp://[::1]/").host(), "::1");
    }

    #[test]
    fn other_schemes_are_refused() {
        assert_eq!(
            FtpUrl::parse("http://h/").unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }

    #[test]
    fn the_scheme_says_how_the_connection_is_encrypted() {
        assert_eq!(parse("ftp://h/").tls(), Tls::RequiredForPasswords);
        assert_eq!(parse("FTPS://h/").tls(), Tls::Implicit);
        assert_eq!(parse("ftpes://h:21/a").tls(), Tls::Explicit);
        assert_eq!(parse("FTPS://h/a").to_string(), "ftps://h/a");
    }
}
