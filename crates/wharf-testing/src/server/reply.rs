//! Replies in the form RFC 959 §4.2 gives them.

/// One reply, in one line or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// The lines as they go out, without their ends.
    lines: Vec<Vec<u8>>,
    /// Whether the control connection ends behind it.
    closes: bool,
}

impl Reply {
    /// A reply of one line.
    pub(super) fn new(code: u16, text: impl AsRef<[u8]>) -> Self {
        let mut line = format!("{code} ").into_bytes();
        line.extend_from_slice(text.as_ref());
        Self::of(code, vec![line])
    }

    /// `code-first`, the lines between as they are, `code last`.
    ///
    /// The lines between must not begin with the code; callers indent whatever might.
    pub(super) fn block(
        code: u16,
        first: impl AsRef<[u8]>,
        between: impl IntoIterator<Item = Vec<u8>>,
        last: impl AsRef<[u8]>,
    ) -> Self {
        let mut opening = format!("{code}-").into_bytes();
        opening.extend_from_slice(first.as_ref());
        let mut lines = vec![opening];
        lines.extend(between);
        lines.append(&mut Self::new(code, last).lines);
        Self::of(code, lines)
    }

    /// A text of one or more lines, the code in front of each.
    pub(super) fn text(code: u16, text: &str) -> Self {
        let mut lines: Vec<_> = text
            .lines()
            .map(|line| format!("{code}-{line}").into_bytes())
            .collect();
        match lines.last_mut() {
            Some(last) => last[3] = b' ',
            None => return Self::new(code, ""),
        }
        Self::of(code, lines)
    }

    /// Lines written by a test, sent as they are. The code is read from the front, for the sake
    /// of [`Reply::closes`].
    pub(super) fn verbatim(text: &str) -> Self {
        let code = text
            .get(..3)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or_default();
        Self::of(
            code,
            text.lines().map(|line| line.as_bytes().to_vec()).collect(),
        )
    }

    /// The same reply, and the last one.
    pub(super) fn and_close(mut self) -> Self {
        self.closes = true;
        self
    }

    /// Whether the control connection ends behind this reply.
    pub(super) fn closes(&self) -> bool {
        self.closes
    }

    fn of(code: u16, lines: Vec<Vec<u8>>) -> Self {
        Self {
            lines,
            closes: matches!(code, 221 | 421),
        }
    }

    pub(super) fn lines(&self) -> &[Vec<u8>] {
        &self.lines
    }

    /// The reply as it goes over the wire.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for line in &self.lines {
            bytes.extend_from_slice(line);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_has_a_blank_behind_the_code() {
        assert_eq!(Reply::new(200, "OK").encode(), b"200 OK\r\n");
    }

    #[test]
    fn a_block_opens_with_a_dash_and_ends_with_the_same_code() {
        let reply = Reply::block(211, "Features:", [b" UTF8".to_vec()], "End");
        assert_eq!(reply.encode(), b"211-Features:\r\n UTF8\r\n211 End\r\n");
    }

    #[test]
    fn a_text_carries_the_code_on_every_line() {
        assert_eq!(
            Reply::text(220, "a\nb\nc").encode(),
            b"220-a\r\n220-b\r\n220 c\r\n"
        );
        assert_eq!(Reply::text(220, "").encode(), b"220 \r\n");
    }

    #[test]
    fn a_reply_written_by_hand_closes_if_its_code_does() {
        assert!(Reply::verbatim("421 Gone").closes());
        assert!(!Reply::verbatim("x").closes());
    }
}
