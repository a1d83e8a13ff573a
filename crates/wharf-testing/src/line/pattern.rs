//! What a client's line is held against.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use super::{Channel, Token, Tokens, escape_onto, split_channel};

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::line::escaped;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text, true).expect("the test's own pattern")
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
        fn a_pattern_reads_back_as_it_was(runs in prop::collection::vec("[ -~]{1,5}", 1..4)) {
            let escape = |run: &String| escaped(run.as_bytes()).to_string().replace('*', "\\x2a");
            let pattern = pattern(&runs.iter().map(escape).collect::<Vec<_>>().join("*"));
            let reread = Pattern::parse(&pattern.to_string(), pattern.is_glob());
            prop_assert_eq!(reread.as_ref(), Ok(&pattern));
            prop_assert!(pattern.matches(runs.join("anything").as_bytes()).is_some());
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = (Pattern::parse(&text, true), Pattern::parse(&text, false));
        }
    }
}
