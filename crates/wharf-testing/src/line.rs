//! The text of a transcript's lines: escapes, slots that are filled while a script runs, and patterns that a
//! client's line is held against.
//!
//! | written | means |
//! |---|---|
//! | `\r` `\n` `\t` `\0` `\\` `\{` | that one byte |
//! | `\xNN` | the byte with that hexadecimal value |
//! | `{pasv}` | `h,h,h,h,p,p` of the channel's passive listener (server lines) |
//! | `{pasv-port}` | only `p,p` of it, for a reply that names another host (server lines) |
//! | `{epsv}` | its port in decimal (server lines) |
//! | `{port}` | the rest of the line is `h,h,h,h,p,p`, which the channel's `D+` connects to (client lines) |
//! | `{eprt}` | the same in RFC 2428's form, `\|1\|h.h.h.h\|port\|` (client lines) |
//! | `*` in a `C*` line | any bytes, or none |
//!
//! A digit behind a slot's name chooses another [`Channel`] than the first: `{pasv2}`. Everything else stands for itself.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// Which of a conversation's data channels is meant: 1 unless the transcript says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(u8);

impl Channel {
    /// The channel of every step that names none.
    pub const FIRST: Self = Self(1);

    /// The channel with this number, 1 to 9.
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            1..=9 => Some(Self(number)),
            _ => None,
        }
    }
}

impl Default for Channel {
    fn default() -> Self {
        Self::FIRST
    }
}

/// Writes the digit that follows `L`, `D` or a slot's name: nothing for the first channel.
impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::FIRST {
            Ok(())
        } else {
            write!(f, "{}", self.0)
        }
    }
}

/// A value that only the running script knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Slot {
    /// `{pasv}`: host and port of the passive listener, as `227` writes them.
    Pasv(Channel),
    /// `{pasv-port}`: the two halves of its port, for a `227` that names another host.
    PasvPort(Channel),
    /// `{epsv}`: its port, as `229` writes it.
    Epsv(Channel),
}

impl Slot {
    /// The channel whose listener fills this slot.
    pub const fn channel(self) -> Channel {
        match self {
            Self::Pasv(channel) | Self::PasvPort(channel) | Self::Epsv(channel) => channel,
        }
    }

    /// What the slot reads when its channel listens on `listener`; `None` if the form cannot hold that address.
    pub fn fill(self, listener: SocketAddr) -> Option<String> {
        let port = listener.port();
        let halves = format!("{},{}", port >> 8, port & 0xff);
        match (self, listener.ip()) {
            (Self::Epsv(_), _) => Some(port.to_string()),
            (Self::PasvPort(_), _) => Some(halves),
            (Self::Pasv(_), IpAddr::V4(ip)) => {
                let [a, b, c, d] = ip.octets();
                Some(format!("{a},{b},{c},{d},{halves}"))
            }
            (Self::Pasv(_), IpAddr::V6(_)) => None,
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pasv(channel) => write!(f, "{{pasv{channel}}}"),
            Self::PasvPort(channel) => write!(f, "{{pasv-port{channel}}}"),
            Self::Epsv(channel) => write!(f, "{{epsv{channel}}}"),
        }
    }
}

/// Bytes that the server sends, with slots for the addresses it learns while it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Bytes(Vec<u8>),
    Slot(Slot),
}

impl Template {
    /// A template of these bytes and nothing else.
    pub fn literal(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self {
            pieces: if bytes.is_empty() {
                Vec::new()
            } else {
                vec![Piece::Bytes(bytes)]
            },
        }
    }

    /// The bytes to send, with each slot filled by `listener`, which answers for the channel it is asked about.
    ///
    /// # Errors
    ///
    /// The first slot whose channel has no listener, or whose form cannot hold the listener's address.
    pub fn fill(
        &self,
        mut listener: impl FnMut(Channel) -> Option<SocketAddr>,
    ) -> Result<Vec<u8>, Slot> {
        let mut out = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => out.extend_from_slice(bytes),
                Piece::Slot(slot) => {
                    let text = listener(slot.channel())
                        .and_then(|at| slot.fill(at))
                        .ok_or(*slot)?;
                    out.extend_from_slice(text.as_bytes());
                }
            }
        }
        Ok(out)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        for token in Tokens(text) {
            match token? {
                Token::Byte(byte) | Token::Plain(byte) => {
                    if let Some(Piece::Bytes(bytes)) = pieces.last_mut() {
                        bytes.push(byte);
                    } else {
                        pieces.push(Piece::Bytes(vec![byte]));
                    }
                }
                Token::Brace(name) => {
                    let (name, channel) = split_channel(name);
                    pieces.push(Piece::Slot(match name {
                        "pasv" => Slot::Pasv(channel),
                        "pasv-port" => Slot::PasvPort(channel),
                        "epsv" => Slot::Epsv(channel),
                        _ => {
                            return Err(format!("no slot of a server's line is called {{{name}}}"));
                        }
                    }));
                }
            }
        }
        Ok(Self { pieces })
    }
}

/// Writes the transcript's form of it.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Bytes(bytes) if at + 1 == self.pieces.len() => {
                    write!(f, "{}", escaped(bytes))?;
                }
                // A blank is escaped only where it could get lost, which is at the very end.
                Piece::Bytes(bytes) => escape_onto(f, bytes, false)?,
                Piece::Slot(slot) => write!(f, "{slot}")?,
            }
        }
        Ok(())
    }
}

/// What a line of the client has to look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<Part>,
    capture: Option<Capture>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Bytes(Vec<u8>),
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Capture {
    Port(Channel),
    Eprt(Channel),
}

/// What a line told beyond matching its [`Pattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matched {
    /// Where the client listens, if the pattern asked for it with `{port}` or `{eprt}`.
    pub address: Option<(Channel, SocketAddr)>,
}

impl Pattern {
    /// A pattern that only this line matches.
    pub fn exact(line: impl Into<Vec<u8>>) -> Self {
        let line = line.into();
        let parts = if line.is_empty() {
            Vec::new()
        } else {
            vec![Part::Bytes(line)]
        };
        Self {
            parts,
            capture: None,
        }
    }

    /// The same pattern, with any bytes allowed behind it.
    #[must_use]
    pub fn and_anything(mut self) -> Self {
        self.parts.push(Part::Any);
        self
    }

    /// Holds `line`, given without its CRLF, against the pattern; `None` if it is another line.
    pub fn matches(&self, line: &[u8]) -> Option<Matched> {
        match self.capture {
            None => glob(&self.parts, line).then_some(Matched { address: None }),
            Some(capture) => (0..=line.len()).find_map(|at| {
                let (head, tail) = line.split_at(at);
                let address = capture.read(tail)?;
                glob(&self.parts, head).then_some(Matched {
                    address: Some(address),
                })
            }),
        }
    }

    pub(crate) fn is_glob(&self) -> bool {
        self.parts.contains(&Part::Any)
    }

    pub(crate) fn parse(text: &str, glob: bool) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut capture = None;
        for token in Tokens(text) {
            if capture.is_some() {
                return Err("an address slot must be the end of its line".to_owned());
            }
            match token? {
                Token::Plain(b'*') if glob => parts.push(Part::Any),
                Token::Byte(byte) | Token::Plain(byte) => {
                    if let Some(Part::Bytes(bytes)) = parts.last_mut() {
                        bytes.push(byte);
                    } else {
                        parts.push(Part::Bytes(vec![byte]));
                    }
                }
                Token::Brace(name) => {
                    let (name, channel) = split_channel(name);
                    capture = Some(match name {
                        "port" => Capture::Port(channel),
                        "eprt" => Capture::Eprt(channel),
                        _ => {
                            return Err(format!("no slot of a client's line is called {{{name}}}"));
                        }
                    });
                }
            }
        }
        Ok(Self { parts, capture })
    }
}

/// Writes the transcript's form of it.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.parts.len().saturating_sub(1);
        for (at, part) in self.parts.iter().enumerate() {
            match part {
                Part::Any => f.write_str("*")?,
                Part::Bytes(bytes) if self.is_glob() => {
                    for (nth, run) in bytes.split(|byte| *byte == b'*').enumerate() {
                        f.write_str(if nth == 0 { "" } else { "\\x2a" })?;
                        escape_onto(f, run, at == last && self.capture.is_none())?;
                    }
                }
                Part::Bytes(bytes) => escape_onto(f, bytes, self.capture.is_none())?,
            }
        }
        match self.capture {
            None => Ok(()),
            Some(Capture::Port(channel)) => write!(f, "{{port{channel}}}"),
            Some(Capture::Eprt(channel)) => write!(f, "{{eprt{channel}}}"),
        }
    }
}

impl Capture {
    fn read(self, text: &[u8]) -> Option<(Channel, SocketAddr)> {
        let text = str::from_utf8(text).ok()?;
        match self {
            Self::Port(channel) => {
                let numbers: Vec<u8> = text.split(',').map(number).collect::<Option<_>>()?;
                let [a, b, c, d, high, low] = numbers[..] else {
                    return None;
                };
                let port = u16::from_be_bytes([high, low]);
                Some((channel, SocketAddr::from((Ipv4Addr::new(a, b, c, d), port))))
            }
            Self::Eprt(channel) => {
                let delimiter = text.chars().next()?;
                let fields: Vec<&str> = text.split(delimiter).collect();
                let ["", family, host, port, ""] = fields[..] else {
                    return None;
                };
                let host: IpAddr = host.parse().ok()?;
                let told = if host.is_ipv4() { "1" } else { "2" };
                (family == told).then_some((channel, SocketAddr::new(host, port.parse().ok()?)))
            }
        }
    }
}

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

/// A number without sign or blanks, which `parse` alone would let pass.
fn number(text: &str) -> Option<u8> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Iterative, linear in the number of `*` times the line: the client's bytes choose the work.
fn glob(parts: &[Part], line: &[u8]) -> bool {
    let mut rest = line;
    let mut floating = false;
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Any => floating = true,
            Part::Bytes(bytes) => {
                let found = if !floating {
                    rest.starts_with(bytes).then_some(0)
                } else if at + 1 == parts.len() {
                    rest.ends_with(bytes).then(|| rest.len() - bytes.len())
                } else {
                    rest.windows(bytes.len()).position(|window| window == bytes)
                };
                let Some(found) = found else { return false };
                rest = &rest[found + bytes.len()..];
                floating = false;
            }
        }
    }
    floating || rest.is_empty()
}

fn split_channel(name: &str) -> (&str, Channel) {
    let digit = name.chars().next_back().and_then(|last| last.to_digit(10));
    let channel = digit
        .and_then(|digit| u8::try_from(digit).ok())
        .and_then(Channel::new);
    match channel {
        Some(channel) => (
            name.trim_end_matches(|last: char| last.is_ascii_digit()),
            channel,
        ),
        None => (name, Channel::FIRST),
    }
}

fn escape_onto(f: &mut fmt::Formatter<'_>, bytes: &[u8], guard_end: bool) -> fmt::Result {
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

enum Token<'a> {
    /// A byte that stands for itself, so a `*` is the pattern's.
    Plain(u8),
    /// A byte that was escaped, so a `*` is the client's.
    Byte(u8),
    Brace(&'a str),
}

struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Token<'a>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        // Once a token is refused, the rest of the line is not looked at.
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

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text, true).expect("the test's own pattern")
    }

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

    #[test]
    fn slots_read_as_the_replies_write_them() {
        let text = r"227 ({pasv}) ({pasv-port2}) (|||{epsv2}|)";
        let template = Template::parse(text).expect("slots");
        let filled = template.fill(|channel| {
            let port = if channel == Channel::FIRST {
                12345
            } else {
                258
            };
            Some(SocketAddr::from(([127, 0, 0, 1], port)))
        });
        assert_eq!(
            filled.expect("filled"),
            b"227 (127,0,0,1,48,57) (1,2) (|||258|)"
        );
        assert_eq!(template.to_string(), text);
    }

    #[test]
    fn a_slot_without_its_listener_is_named() {
        let template = Template::parse("227 {pasv3}").expect("slot");
        let third = Channel::new(3).expect("a digit");
        assert_eq!(template.fill(|_| None), Err(Slot::Pasv(third)));
        let v6 = template.fill(|_| Some("[::1]:5".parse().expect("address")));
        assert_eq!(
            v6,
            Err(Slot::Pasv(third)),
            "227 cannot hold an IPv6 address"
        );
    }

    #[test]
    fn a_star_matches_any_bytes_and_an_escaped_one_itself() {
        assert!(pattern("RETR *").matches(b"RETR \xff\0").is_some());
        assert!(pattern("*a*b").matches(b"xaxabxb").is_some());
        assert!(pattern("*a*b").matches(b"xaxabxbc").is_none());
        assert!(pattern("RETR *").matches(b"RETR").is_none());
        assert!(pattern(r"*\x2a").matches(b"NLST x").is_none());
        assert!(pattern(r"*\x2a").matches(b"NLST *").is_some());
        assert!(
            Pattern::parse("NLST *", false)
                .expect("exact")
                .matches(b"NLST x")
                .is_none()
        );
        assert!(Pattern::exact("").matches(b"").is_some());
    }

    #[test]
    fn a_clients_address_is_captured_from_port_and_eprt() {
        let at =
            |text: &str, line: &[u8]| pattern(text).matches(line).map(|matched| matched.address);
        let second = Channel::new(2).expect("a digit");
        let v4 = SocketAddr::from(([127, 0, 0, 1], 9876));
        assert_eq!(
            at("PORT {port}", b"PORT 127,0,0,1,38,148"),
            Some(Some((Channel::FIRST, v4)))
        );
        assert_eq!(
            at("* {eprt2}", b"EPRT |1|127.0.0.1|9876|"),
            Some(Some((second, v4)))
        );
        let v6 = "[::1]:9".parse().expect("address");
        assert_eq!(
            at("EPRT {eprt}", b"EPRT !2!::1!9!"),
            Some(Some((Channel::FIRST, v6)))
        );
        for line in [
            "PORT 127,0,0,1,38",
            "PORT 127,0,0,1,+8,1",
            "PORT ::1,177,11",
            "PORT ",
        ] {
            assert_eq!(at("PORT {port}", line.as_bytes()), None, "{line} was taken");
        }
        assert_eq!(
            at("EPRT {eprt}", b"EPRT |2|127.0.0.1|9|"),
            None,
            "the family must be the host's"
        );
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
        fn a_pattern_reads_back_as_it_was(runs in prop::collection::vec("[ -~]{1,5}", 1..4)) {
            let text = runs.iter().map(|run| escaped(run.as_bytes()).to_string().replace('*', "\\x2a"));
            let pattern = pattern(&text.collect::<Vec<_>>().join("*"));
            prop_assert_eq!(Pattern::parse(&pattern.to_string(), pattern.is_glob()), Ok(pattern.clone()));
            prop_assert!(pattern.matches(runs.join("anything").as_bytes()).is_some());
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = (Template::parse(&text), Pattern::parse(&text, true), unescape(&text));
        }
    }
}
