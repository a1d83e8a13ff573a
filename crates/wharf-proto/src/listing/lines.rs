//! From the pieces of a data connection to lines.

use bytes::{Bytes, BytesMut};

/// A listing that no honest server sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListingError {
    /// A line is too long.
    #[error("a listing line is longer than {limit} bytes")]
    LineTooLong {
        /// The limit it passed.
        limit: usize,
    },
    /// There are too many lines.
    #[error("a listing has more than {limit} lines")]
    TooManyLines {
        /// The limit it passed.
        limit: usize,
    },
}

/// Cuts bytes at each LF, looking at each byte once.
#[derive(Debug)]
pub(super) struct LineSplitter {
    limit: usize,
    buffer: BytesMut,
    /// How much of `buffer` is known to hold no LF.
    scanned: usize,
}

impl LineSplitter {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            buffer: BytesMut::new(),
            scanned: 0,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next complete line without its LF.
    pub(super) fn next_line(&mut self) -> Result<Option<Bytes>, ListingError> {
        let fresh = &self.buffer[self.scanned..];
        let found = fresh
            .iter()
            .position(|&byte| byte == b'\n')
            .map(|at| self.scanned + at);
        let length = found.unwrap_or(self.buffer.len());
        if length > self.limit {
            return Err(ListingError::LineTooLong { limit: self.limit });
        }
        if found.is_none() {
            self.scanned = length;
            return Ok(None);
        }
        self.scanned = 0;
        let mut line = self.buffer.split_to(length + 1);
        line.truncate(length);
        Ok(Some(line.freeze()))
    }

    /// What is left of the last line, if it does not end with LF.
    pub(super) fn rest(&mut self) -> Option<Bytes> {
        self.scanned = 0;
        let rest = self.buffer.split();
        (!rest.is_empty()).then(|| rest.freeze())
    }

    /// Whether there is a last line without LF.
    pub(super) fn is_mid_line(&self) -> bool {
        !self.buffer.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_lf_and_keep_everything_else() {
        let mut lines = LineSplitter::new(10);
        lines.push(b"a\r\n\nb");
        assert_eq!(lines.next_line().unwrap().unwrap(), "a\r");
        assert_eq!(lines.next_line().unwrap().unwrap(), "");
        assert_eq!(lines.next_line(), Ok(None));
        assert!(lines.is_mid_line());
        lines.push(b"c\nd");
        assert_eq!(lines.next_line().unwrap().unwrap(), "bc");
        assert_eq!(lines.rest().unwrap(), "d");
        assert_eq!(lines.rest(), None);
    }

    #[test]
    fn the_limit_counts_what_stands_before_the_lf() {
        let mut lines = LineSplitter::new(3);
        lines.push(b"abc\nabcd");
        assert_eq!(lines.next_line().unwrap().unwrap(), "abc");
        assert_eq!(
            lines.next_line(),
            Err(ListingError::LineTooLong { limit: 3 })
        );
    }
}
