//! From bytes to complete replies (RFC 959 §4.2).
//!
//! ```text
//! outside ── "ddd text" | "ddd" ─────────────► Framed::Reply
//!    │ └──── anything else ──────────────────► Framed::Stray
//!    └────── "ddd-text" ──► inside ── any line ──► inside
//!                             └─── "ddd text" | "ddd", the opening code ──► Framed::Reply
//! ```

use bytes::{Bytes, BytesMut};

use super::Code;

/// One complete reply as it was framed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The code of the line that closed it.
    pub code: Code,
    /// Its lines, verbatim, without their line ends; never empty.
    pub lines: Vec<Bytes>,
}

/// What [`ReplyDecoder::next`] cuts out of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framed {
    /// A complete reply.
    Reply(Message),
    /// A line outside any reply that does not begin as one. GridFTP splits some of its error lines
    /// in two, so this is not yet proof that the stream is out of step.
    Stray(Bytes),
}

/// When a multi-line reply ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Multiline {
    /// Only at a line with the code that opened it, as RFC 959 §4.2 has it.
    #[default]
    Strict,
    /// Also at a line with another code and a blank. glFTPd closes some replies so, and a strict
    /// reader waits for ever; but a strict server may begin a body line with any three digits, so
    /// this is for servers known to need it. The reply then has the closing line's code.
    Tolerant,
}

/// How much of a reply is read before the server is held to be broken or hostile.
///
/// # Defaults
///
/// 8 KiB a line, 1000 lines and 256 KiB a reply: far beyond any reply seen, and small enough that
/// a server cannot eat memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplyLimits {
    /// The longest line, in bytes before its LF.
    pub line: usize,
    /// The most lines of one reply.
    pub lines: usize,
    /// The most bytes of one reply, all its lines together.
    pub bytes: usize,
}

impl ReplyLimits {
    /// Sets the longest line.
    #[must_use]
    pub const fn with_line(self, line: usize) -> Self {
        Self { line, ..self }
    }

    /// Sets the most lines of one reply.
    #[must_use]
    pub const fn with_lines(self, lines: usize) -> Self {
        Self { lines, ..self }
    }

    /// Sets the most bytes of one reply.
    #[must_use]
    pub const fn with_bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }
}

impl Default for ReplyLimits {
    fn default() -> Self {
        Self {
            line: 8 * 1024,
            lines: 1000,
            bytes: 256 * 1024,
        }
    }
}

/// A reply beyond the [`ReplyLimits`]. The decoder that said so says it again at every call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// A line is too long.
    #[error("a reply line is longer than {limit} bytes")]
    LineTooLong {
        /// The limit it passed.
        limit: usize,
    },
    /// A reply has too many lines.
    #[error("a reply has more than {limit} lines")]
    TooManyLines {
        /// The limit it passed.
        limit: usize,
    },
    /// A reply has too many bytes.
    #[error("a reply is longer than {limit} bytes")]
    TooLong {
        /// The limit it passed.
        limit: usize,
    },
}

/// Cuts the control connection's bytes into replies.
///
/// The replies are the same however the bytes are split between calls, and each byte is looked at
/// once. A line ends with LF; the CRs before it are dropped with it (GridFTP sends CR CR LF), other
/// bytes are kept, NUL among them: vsFTPd writes a path's LF so.
///
/// # Examples
///
/// ```
/// use wharf_proto::reply::{Framed, Multiline, ReplyDecoder, ReplyLimits};
///
/// let mut decoder = ReplyDecoder::new(ReplyLimits::default(), Multiline::Strict);
/// decoder.push(b"230-Welcome.\r\n200 is not the end\r\n230 Logged");
/// assert_eq!(decoder.next()?, None);
/// decoder.push(b" in.\r\n");
/// let Some(Framed::Reply(message)) = decoder.next()? else { panic!("no reply") };
/// assert_eq!(message.code, 230);
/// assert_eq!(message.lines.len(), 3);
/// # Ok::<(), wharf_proto::reply::ReplyError>(())
/// ```
#[derive(Debug)]
pub struct ReplyDecoder {
    limits: ReplyLimits,
    multiline: Multiline,
    buffer: BytesMut,
    /// How much of `buffer` is known to hold no LF.
    scanned: usize,
    open: Option<Open>,
    failed: Option<ReplyError>,
}

/// A multi-line reply whose end has not come yet.
#[derive(Debug)]
struct Open {
    code: Code,
    lines: Vec<Bytes>,
    bytes: usize,
}

impl ReplyDecoder {
    /// A decoder at the start of a stream.
    pub fn new(limits: ReplyLimits, multiline: Multiline) -> Self {
        Self {
            limits,
            multiline,
            buffer: BytesMut::new(),
            scanned: 0,
            open: None,
            failed: None,
        }
    }

    /// Changes what ends the multi-line replies that begin from now on.
    pub fn set_multiline(&mut self, multiline: Multiline) {
        self.multiline = multiline;
    }

    /// Adds bytes from the stream. Call [`next`](Self::next) until it gives nothing before pushing
    /// more: that is what keeps the buffer within its limits.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next reply or stray line, or `None` if more bytes are needed.
    ///
    /// # Errors
    ///
    /// [`ReplyError`] once a limit is passed, and from then on for good: where the next reply
    /// begins can no longer be known.
    #[expect(
        clippy::should_implement_trait,
        reason = "an Iterator that ends and goes on, and fails besides, would serve nobody"
    )]
    pub fn next(&mut self) -> Result<Option<Framed>, ReplyError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.advance().inspect_err(|&error| {
            self.failed = Some(error);
            self.buffer = BytesMut::new();
            self.open = None;
        })
    }

    /// Whether nothing is buffered and no reply half read. Asked before TLS begins: bytes that
    /// came ahead of the handshake were not written by the peer that it proves.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty() && !self.is_mid_reply() && self.failed.is_none()
    }

    /// Whether a multi-line reply has begun and not ended.
    pub fn is_mid_reply(&self) -> bool {
        self.open.is_some()
    }

    fn advance(&mut self) -> Result<Option<Framed>, ReplyError> {
        while let Some(line) = self.take_line()? {
            if let Some(framed) = self.place(line)? {
                return Ok(Some(framed));
            }
        }
        Ok(None)
    }

    fn take_line(&mut self) -> Result<Option<Bytes>, ReplyError> {
        let fresh = &self.buffer[self.scanned..];
        let found = fresh
            .iter()
            .position(|&byte| byte == b'\n')
            .map(|at| self.scanned + at);
        let length = found.unwrap_or(self.buffer.len());
        if length > self.limits.line {
            return Err(ReplyError::LineTooLong {
                limit: self.limits.line,
            });
        }
        if found.is_none() {
            self.scanned = length;
            return Ok(None);
        }
        self.scanned = 0;
        let mut line = self.buffer.split_to(length + 1);
        let text = line.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
        line.truncate(text.map_or(0, |last| last + 1));
        Ok(Some(line.freeze()))
    }

    fn place(&mut self, line: Bytes) -> Result<Option<Framed>, ReplyError> {
        let Some(mut open) = self.open.take() else {
            return self.begin(line);
        };
        let closing = match Code::split(&line) {
            Some((code, [] | [b' ', ..])) if code == open.code => Some(code),
            Some((code, [b' ', ..])) if self.multiline == Multiline::Tolerant => Some(code),
            _ => None,
        };
        open.add(line, self.limits)?;
        let Some(code) = closing else {
            self.open = Some(open);
            return Ok(None);
        };
        Ok(Some(Framed::Reply(Message {
            code,
            lines: open.lines,
        })))
    }

    fn begin(&mut self, line: Bytes) -> Result<Option<Framed>, ReplyError> {
        let (code, is_open) = match Code::split(&line) {
            Some((code, [] | [b' ', ..])) => (code, false),
            Some((code, [b'-', ..])) => (code, true),
            _ => return Ok(Some(Framed::Stray(line))),
        };
        let mut open = Open {
            code,
            lines: Vec::new(),
            bytes: 0,
        };
        open.add(line, self.limits)?;
        if is_open {
            self.open = Some(open);
            return Ok(None);
        }
        Ok(Some(Framed::Reply(Message {
            code,
            lines: open.lines,
        })))
    }
}

impl Open {
    fn add(&mut self, line: Bytes, limits: ReplyLimits) -> Result<(), ReplyError> {
        self.bytes += line.len();
        self.lines.push(line);
        if self.lines.len() > limits.lines {
            return Err(ReplyError::TooManyLines {
                limit: limits.lines,
            });
        }
        if self.bytes > limits.bytes {
            return Err(ReplyError::TooLong {
                limit: limits.bytes,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::Class;
    use super::*;

    /// What `wire` holds.
    pub(in crate::reply) fn frame(wire: &[u8], multiline: Multiline) -> Vec<Framed> {
        let mut decoder = ReplyDecoder::new(ReplyLimits::default(), multiline);
        decoder.push(wire);
        std::iter::from_fn(|| decoder.next().unwrap()).collect()
    }

    fn message(code: u16, lines: &[&str]) -> Framed {
        let lines = lines
            .iter()
            .map(|line| Bytes::copy_from_slice(line.as_bytes()))
            .collect();
        Framed::Reply(Message {
            code: Code::new(code).unwrap(),
            lines,
        })
    }

    #[test]
    fn t41_a_greeting_is_kept_verbatim() {
        assert_eq!(
            frame(b"220 Imaginary FTP.\r\n", Multiline::Strict),
            [message(220, &["220 Imaginary FTP."])]
        );
    }

    #[test]
    fn t42_a_code_and_a_blank_is_a_complete_reply() {
        assert_eq!(
            frame(b"220 \r\n", Multiline::Strict),
            [message(220, &["220 "])]
        );
    }

    #[test]
    fn x13_a_bare_code_is_a_complete_reply() {
        assert_eq!(
            frame(b"200\r\n200 \r\n", Multiline::Strict),
            [message(200, &["200"]), message(200, &["200 "])]
        );
    }

    #[test]
    fn t43_anything_may_stand_in_a_multi_line_reply() {
        let wire = b"210-First line.\r\n123-Second line.\r\nJust some text.\r\nHi\r\n\r\n321\r\n210 Done.\r\n";
        let lines = [
            "210-First line.",
            "123-Second line.",
            "Just some text.",
            "Hi",
            "",
            "321",
            "210 Done.",
        ];
        assert_eq!(frame(wire, Multiline::Strict), [message(210, &lines)]);
        assert_eq!(frame(wire, Multiline::Tolerant), [message(210, &lines)]);
    }

    #[test]
    fn x11_only_the_opening_code_ends_a_multi_line_reply() {
        assert_eq!(
            frame(b"230-x\r\n200 inner\r\n230 end\r\n", Multiline::Strict),
            [message(230, &["230-x", "200 inner", "230 end"])]
        );
    }

    #[test]
    fn a_tolerant_decoder_ends_at_another_code_and_takes_it() {
        assert_eq!(
            frame(b"211-Status\r\n213 End\r\n", Multiline::Tolerant),
            [message(213, &["211-Status", "213 End"])]
        );
        assert_eq!(frame(b"211-Status\r\n213 End\r\n", Multiline::Strict), []);
    }

    #[test]
    fn a_bare_code_ends_the_multi_line_reply_that_it_opened() {
        assert_eq!(
            frame(b"211-a\n211\n", Multiline::Strict),
            [message(211, &["211-a", "211"])]
        );
    }

    #[test]
    fn s5_indented_and_prefixed_continuation_lines_are_kept() {
        let wire = b"211- Supported extensions:\r\n MDTM\r\n211-SIZE\r\n211 End\r\n";
        assert_eq!(
            frame(wire, Multiline::Strict),
            [message(
                211,
                &["211- Supported extensions:", " MDTM", "211-SIZE", "211 End"]
            )]
        );
    }

    #[test]
    fn x14_any_three_digits_are_a_code() {
        for (wire, code) in [("000 x", 0), ("099 x", 99), ("600 x", 600), ("999 x", 999)] {
            let framed = frame(format!("{wire}\r\n").as_bytes(), Multiline::Strict);
            assert_eq!(framed, [message(code, &[wire])]);
            assert_eq!(Code::new(code).unwrap().class(), Class::Invalid);
            assert_eq!(
                Code::new(code).unwrap().to_string(),
                wire.trim_end_matches(" x")
            );
        }
        assert_eq!(Code::new(1000), None);
    }

    #[test]
    fn x12_what_does_not_begin_as_a_reply_is_stray() {
        let stray = |line: &'static str| Framed::Stray(Bytes::from_static(line.as_bytes()));
        assert_eq!(
            frame(
                b"150 stray\r\ngarbage\r\n\r\n 200 x\r\n2000\r\n22\r\n257 \"/\"\r\n",
                Multiline::Strict
            ),
            [
                message(150, &["150 stray"]),
                stray("garbage"),
                stray(""),
                stray(" 200 x"),
                stray("2000"),
                stray("22"),
                message(257, &["257 \"/\""]),
            ]
        );
    }

    #[test]
    fn x21_lf_alone_and_gridftps_doubled_cr_end_a_line_too() {
        assert_eq!(
            frame(
                b"200 a\n500-Command failed.\r\r\n500 End.\r\r\n",
                Multiline::Strict
            ),
            [
                message(200, &["200 a"]),
                message(500, &["500-Command failed.", "500 End."])
            ]
        );
    }

    #[test]
    fn nul_and_inner_cr_are_data_as_vsftpd_sends_them() {
        let framed = frame(b"257 \"/a\0b\rc\" created\r\n", Multiline::Strict);
        assert_eq!(framed, [message(257, &["257 \"/a\0b\rc\" created"])]);
    }

    #[test]
    fn x21_a_line_beyond_the_limit_fails_for_good_complete_or_not() {
        for tail in ["", "\r\n"] {
            let limits = ReplyLimits::default().with_line(10);
            let mut decoder = ReplyDecoder::new(limits, Multiline::Strict);
            decoder.push(b"200 ok\r\n200 0123456");
            decoder.push(tail.as_bytes());
            assert_eq!(decoder.next(), Ok(Some(message(200, &["200 ok"]))));
            let error = ReplyError::LineTooLong { limit: 10 };
            assert_eq!(decoder.next(), Err(error));
            decoder.push(b"\r\n200 ok\r\n");
            assert_eq!(decoder.next(), Err(error));
            assert!(!decoder.is_empty());
        }
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_read() {
        let mut decoder =
            ReplyDecoder::new(ReplyLimits::default().with_line(10), Multiline::Strict);
        decoder.push(b"200 345678\n");
        assert_eq!(decoder.next(), Ok(Some(message(200, &["200 345678"]))));
    }

    #[test]
    fn an_endless_reply_is_cut_by_lines_and_by_bytes() {
        let mut decoder =
            ReplyDecoder::new(ReplyLimits::default().with_lines(2), Multiline::Strict);
        decoder.push(b"200-a\r\nb\r\n");
        assert_eq!(decoder.next(), Ok(None));
        decoder.push(b"c\r\n");
        assert_eq!(decoder.next(), Err(ReplyError::TooManyLines { limit: 2 }));

        let mut decoder =
            ReplyDecoder::new(ReplyLimits::default().with_bytes(8), Multiline::Strict);
        decoder.push(b"200-a\r\n200\r\n200-a\r\nbcde\r\n");
        assert_eq!(decoder.next(), Ok(Some(message(200, &["200-a", "200"]))));
        assert_eq!(decoder.next(), Err(ReplyError::TooLong { limit: 8 }));
    }

    #[test]
    fn emptiness_tells_of_half_lines_and_half_replies() {
        let mut decoder = ReplyDecoder::new(ReplyLimits::default(), Multiline::Strict);
        assert!(decoder.is_empty());
        decoder.push(b"234-a\r\n");
        assert!(!decoder.is_empty());
        assert_eq!(decoder.next(), Ok(None));
        assert!(decoder.is_mid_reply() && !decoder.is_empty());
        decoder.push(b"234 b\r\n2");
        assert!(decoder.next().unwrap().is_some());
        assert!(!decoder.is_mid_reply() && !decoder.is_empty());
    }

    /// Bytes that look enough like replies to reach every state of the decoder.
    fn wire() -> impl Strategy<Value = Vec<u8>> {
        let pieces = &["220 ", "220-", "220", "150 ", "x", "\0", "\r\n", "\n", "\r"];
        prop::collection::vec(prop::sample::select(pieces), 0..60)
            .prop_map(|pieces| pieces.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_gives_the_same_replies(
            wire in wire(),
            sizes in prop::collection::vec(1_usize..7, 1..8),
            tolerant: bool,
        ) {
            let limits = ReplyLimits::default().with_line(12).with_lines(6).with_bytes(40);
            let multiline = if tolerant { Multiline::Tolerant } else { Multiline::Strict };
            let run = |pieces: &mut dyn Iterator<Item = &[u8]>| {
                let mut decoder = ReplyDecoder::new(limits, multiline);
                let mut framed = Vec::new();
                for piece in pieces {
                    decoder.push(piece);
                    loop {
                        match decoder.next() {
                            Ok(Some(one)) => framed.push(Ok(one)),
                            Ok(None) => break,
                            Err(error) => {
                                framed.push(Err(error));
                                return (framed, false);
                            }
                        }
                    }
                }
                (framed, decoder.is_empty())
            };
            let whole = run(&mut std::iter::once(&wire[..]));
            let mut rest = &wire[..];
            let mut sizes = sizes.iter().cycle();
            let split = run(&mut std::iter::from_fn(|| {
                let (piece, after) = rest.split_at((*sizes.next()?).min(rest.len()));
                rest = after;
                (!piece.is_empty()).then_some(piece)
            }));
            prop_assert_eq!(whole, split);
        }
    }
}
