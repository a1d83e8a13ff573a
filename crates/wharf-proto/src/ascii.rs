//! Text type (`TYPE A`, RFC 959 §3.1.1.1): lines end with CRLF on the wire and with LF here.
//!
//! Both ways take the bytes in any pieces and give the same result. Neither is lossless for a file
//! that is not text, which is why `TYPE I` is what transfers use unless told otherwise.

use bytes::{BufMut, BytesMut};

/// Makes CRLF of every LF that is not one already.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use wharf_proto::ascii::ToNetwork;
///
/// let mut output = BytesMut::new();
/// let mut text = ToNetwork::new();
/// text.push(b"one\ntwo\r", &mut output);
/// text.push(b"\nthree", &mut output);
/// text.finish(&mut output);
/// assert_eq!(output, "one\r\ntwo\r\nthree");
/// ```
#[derive(Debug, Default)]
pub struct ToNetwork {
    /// Whether the last byte was CR.
    after_cr: bool,
}

impl ToNetwork {
    /// At the start of a file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Converts the next bytes of the file, and appends them to `output`.
    pub fn push(&mut self, input: &[u8], output: &mut BytesMut) {
        for line in input.split_inclusive(|&byte| byte == b'\n') {
            if let Some((b'\n', text)) = line.split_last() {
                let after_cr = text.last().map_or(self.after_cr, |&byte| byte == b'\r');
                output.put_slice(text);
                output.put_slice(if after_cr { b"\n" } else { b"\r\n" });
                self.after_cr = false;
            } else {
                output.put_slice(line);
                self.after_cr = line.ends_with(b"\r");
            }
        }
    }

    /// Ends the file. Nothing is held back on this way, so nothing is appended; the next bytes
    /// begin another file.
    pub fn finish(&mut self, _output: &mut BytesMut) {
        self.after_cr = false;
    }
}

/// Makes LF of every CRLF. A CR that no LF follows is part of the text and stays.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use wharf_proto::ascii::FromNetwork;
///
/// let mut output = BytesMut::new();
/// let mut text = FromNetwork::new();
/// text.push(b"one\r\ntwo\r", &mut output);
/// text.push(b"\nthree\r", &mut output);
/// text.finish(&mut output);
/// assert_eq!(output, "one\ntwo\nthree\r");
/// ```
#[derive(Debug, Default)]
pub struct FromNetwork {
    /// Whether a CR is held back until it is known what follows it.
    held_cr: bool,
}

impl FromNetwork {
    /// At the start of a file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Converts the next bytes of the data connection, and appends them to `output`.
    pub fn push(&mut self, input: &[u8], output: &mut BytesMut) {
        for piece in input.split_inclusive(|&byte| byte == b'\r') {
            if self.held_cr && !piece.starts_with(b"\n") {
                output.put_u8(b'\r');
            }
            let text = piece.strip_suffix(b"\r");
            self.held_cr = text.is_some();
            output.put_slice(text.unwrap_or(piece));
        }
    }

    /// Ends the file, and appends a CR that was its last byte.
    pub fn finish(&mut self, output: &mut BytesMut) {
        if std::mem::take(&mut self.held_cr) {
            output.put_u8(b'\r');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn to_network(pieces: &[&[u8]]) -> BytesMut {
        let (mut text, mut output) = (ToNetwork::new(), BytesMut::new());
        for piece in pieces {
            text.push(piece, &mut output);
        }
        text.finish(&mut output);
        output
    }

    fn from_network(pieces: &[&[u8]]) -> BytesMut {
        let (mut text, mut output) = (FromNetwork::new(), BytesMut::new());
        for piece in pieces {
            text.push(piece, &mut output);
        }
        text.finish(&mut output);
        output
    }

    #[test]
    fn only_a_bare_line_feed_gains_a_cr() {
        assert_eq!(
            to_network(&[b"\na\r\nb\rc\n\n\r\r\nd"]),
            "\r\na\r\nb\rc\r\n\r\n\r\r\nd"
        );
        assert_eq!(to_network(&[b"a\r", b"", b"\n", b"\n"]), "a\r\n\r\n");
    }

    #[test]
    fn only_a_cr_before_a_line_feed_is_dropped() {
        assert_eq!(from_network(&[b"\r\na\nb\rc\r\r\nd\r"]), "\na\nb\rc\r\nd\r");
        assert_eq!(
            from_network(&[b"a\r", b"", b"\nb\r", b"\r", b"\n"]),
            "a\nb\r\n"
        );
    }

    #[test]
    fn a_finished_converter_begins_the_next_file_afresh() {
        let (mut text, mut output) = (ToNetwork::new(), BytesMut::new());
        text.push(b"a\r", &mut output);
        text.finish(&mut output);
        text.push(b"\n", &mut output);
        assert_eq!(output, "a\r\r\n");
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_text(input in "[\r\na]{0,20}", at in 0_usize..20) {
            let input = input.as_bytes();
            let (head, tail) = input.split_at(at.min(input.len()));
            prop_assert_eq!(to_network(&[head, tail]), to_network(&[input]));
            prop_assert_eq!(from_network(&[head, tail]), from_network(&[input]));
            let bytes: Vec<&[u8]> = input.chunks(1).collect();
            prop_assert_eq!(to_network(&bytes), to_network(&[input]));
            prop_assert_eq!(from_network(&bytes), from_network(&[input]));
        }

        #[test]
        fn a_text_without_crlf_comes_back_as_it_went(text in "[\na-c]{0,30}") {
            let wire = to_network(&[text.as_bytes()]);
            prop_assert_eq!(from_network(&[&wire]), text.as_bytes());
        }
    }
}
