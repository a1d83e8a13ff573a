//! The text of a transcript's lines: escapes, slots that are filled while a script runs, and
//! patterns that a client's line is held against.
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
//! A digit behind a slot's name chooses another [`Channel`] than the first: `{pasv2}`. Everything
//! else stands for itself.

mod escape;
mod pattern;

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

pub(crate) use self::escape::unescape;
use self::escape::{Token, Tokens, escape_onto};
pub use self::{
    escape::escaped,
    pattern::{Matched, Pattern},
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

    /// What the slot reads when its channel listens on `listener`; `None` if the form cannot hold
    /// that address.
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

    /// The bytes to send, with each slot filled by `listener`, which answers for the channel it is
    /// asked about.
    ///
    /// # Errors
    ///
    /// The first slot whose channel has no listener, or whose form cannot hold the listener's
    /// address.
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
