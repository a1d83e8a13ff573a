//! Replies (RFC 959 §4.2).
//!
//! Framing comes first and meaning second: [`ReplyDecoder`] cuts the stream into [`Message`]s and
//! knows nothing of commands; whoever keeps the ledger joins a final message and the preliminary
//! ones before it into the [`Reply`] that answers a command.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::text::{Encoding, escaped_str};

mod code;
mod decoder;

pub use code::{Class, Code};
pub use decoder::{Framed, Message, Multiline, ReplyDecoder, ReplyError, ReplyLimits};

/// What a command was answered with: the final message, and every 1yz line that came before it.
///
/// Cloning is cheap. `Display` shows the final message in one line, safe for a terminal:
///
/// ```
/// use wharf_proto::reply::{Code, Message, Reply};
///
/// let mark = vec!["150 Opening data connection.".into()];
/// let lines = vec!["550-No.".into(), " Not this one.".into(), "550 Go away.".into()];
/// let reply = Reply::new(mark, Message { code: Code::new(550).unwrap(), lines });
///
/// assert_eq!(reply.to_string(), "550 No. / Not this one. / Go away.");
/// assert_eq!(reply.text(), "Go away.");
/// assert_eq!(reply.lines().len(), 4);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(Arc<Parts>);

#[derive(Debug, PartialEq, Eq)]
struct Parts {
    code: Code,
    /// The preliminary lines, then the final ones.
    lines: Vec<Bytes>,
    preliminary: usize,
}

impl Reply {
    /// Joins a final message with the 1yz lines before it.
    pub fn new(preliminary: Vec<Bytes>, message: Message) -> Self {
        let marks = preliminary.len();
        let mut lines = preliminary;
        lines.extend(message.lines);
        Self(Arc::new(Parts {
            code: message.code,
            lines,
            preliminary: marks,
        }))
    }

    /// The final code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// All lines in the order in which they came, the 1yz ones included, verbatim.
    pub fn lines(&self) -> &[Bytes] {
        &self.0.lines
    }

    /// The lines of the 1yz messages.
    pub fn preliminary(&self) -> &[Bytes] {
        &self.0.lines[..self.0.preliminary]
    }

    /// The lines of the final message.
    pub fn final_lines(&self) -> &[Bytes] {
        &self.0.lines[self.0.preliminary..]
    }

    /// The last line without its code, byte for byte.
    pub fn text_bytes(&self) -> &[u8] {
        self.final_lines()
            .last()
            .map_or(&[], |line| body(line, self.code()))
    }

    /// The last line without its code, as text that is safe to show.
    pub fn text(&self) -> String {
        shown(self.text_bytes())
    }

    /// All lines as text that is safe to show, the 1yz ones included.
    ///
    /// Bytes that are not UTF-8 are read as Latin-1 and control characters are escaped; for the
    /// bytes as they came there is [`lines`](Self::lines).
    pub fn lines_lossy(&self) -> impl Iterator<Item = String> + '_ {
        self.lines().iter().map(|line| shown(line))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code())?;
        let mut separator = " ";
        for line in self.final_lines() {
            let text = body(line, self.code()).trim_ascii();
            if !text.is_empty() {
                write!(f, "{separator}{}", shown(text))?;
                separator = " / ";
            }
        }
        Ok(())
    }
}

/// A line without the `ddd ` or `ddd-` that repeats the reply's code.
fn body(line: &[u8], code: Code) -> &[u8] {
    match Code::split(line) {
        Some((own, [])) if own == code => &[],
        Some((own, [b' ' | b'-', rest @ ..])) if own == code => rest,
        _ => line,
    }
}

fn shown(line: &[u8]) -> String {
    escaped_str(&Encoding::Utf8.decode(line)).to_string()
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::decoder::tests::frame;
    use super::*;

    /// The reply that `wire` holds, for the tests of modules that read replies.
    pub(crate) fn reply(wire: &[u8]) -> Reply {
        let mut preliminary = Vec::new();
        for framed in frame(wire, Multiline::Strict) {
            match framed {
                Framed::Reply(message) if message.code.is_preliminary() => {
                    preliminary.extend(message.lines);
                }
                Framed::Reply(message) => return Reply::new(preliminary, message),
                Framed::Stray(line) => panic!("stray line {line:?}"),
            }
        }
        panic!("no final reply in {wire:?}");
    }

    #[test]
    fn t57_the_marks_before_a_final_reply_are_kept_in_order() {
        let reply = reply(b"125 x\r\n550 blah: is a directory\r\n");
        assert_eq!(reply.code(), 550);
        assert_eq!(reply.lines(), ["125 x", "550 blah: is a directory"]);
        assert_eq!(reply.preliminary(), ["125 x"]);
        assert_eq!(reply.final_lines(), ["550 blah: is a directory"]);
        assert_eq!(reply.text(), "blah: is a directory");
    }

    #[test]
    fn a_reply_without_text_shows_its_code_alone() {
        assert_eq!(reply(b"220 \r\n").to_string(), "220");
        assert_eq!(reply(b"220\r\n").text(), "");
    }

    #[test]
    fn a_reply_cannot_write_to_the_terminal_that_shows_it() {
        let reply = reply(b"550-\x1b[2J\r\n550 d\xe9j\xe0 \x9b31m\r\n");
        assert_eq!(reply.to_string(), r"550 \x1b[2J / déjà \u{9b}31m");
        assert_eq!(reply.lines_lossy().next().unwrap(), r"550-\x1b[2J");
        let reply = self::reply(b"257 \"/a\0b\"\r\n");
        assert_eq!(reply.to_string(), r#"257 "/a\x00b""#);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_the_decoder_or_its_replies(wire: Vec<u8>) {
            let mut decoder = ReplyDecoder::new(ReplyLimits::default(), Multiline::Strict);
            decoder.push(&wire);
            while let Ok(Some(framed)) = decoder.next() {
                if let Framed::Reply(message) = framed {
                    let reply = Reply::new(Vec::new(), message);
                    prop_assert!(reply.to_string().starts_with(&reply.code().to_string()));
                }
            }
        }
    }
}
