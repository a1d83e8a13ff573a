//! From the pieces of a data connection to lines.

use std::sync::Arc;

use bytes::Bytes;
use memchr::{memchr, memrchr};

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

/// A part of a block of bytes that its neighbours share: half the size of [`Bytes`], of which a
/// large listing has one for each line.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    block: Arc<Vec<u8>>,
    start: u32,
    end: u32,
}

impl Slice {
    pub(super) fn from_vec(bytes: Vec<u8>) -> Self {
        let end = u32::try_from(bytes.len()).expect("blocks are cut far below 4 GiB");
        Self {
            block: Arc::new(bytes),
            start: 0,
            end,
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.block[self.start as usize..self.end as usize]
    }

    pub(super) fn to_bytes(&self) -> Bytes {
        Bytes::copy_from_slice(self.as_bytes())
    }

    /// Cuts it down to its first `length` bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        let end = u32::try_from(length).map_or(self.end, |length| self.start + length);
        self.end = self.end.min(end);
    }

    /// The part of it that is `part`; all of it if that is none.
    pub(super) fn part(&self, part: &[u8]) -> Self {
        let text = self.as_bytes();
        let place = part.as_ptr().addr().checked_sub(text.as_ptr().addr());
        let Some(start) = place.filter(|start| start + part.len() <= text.len()) else {
            return self.clone();
        };
        let offset = |at: usize| self.start + u32::try_from(at).unwrap_or(0);
        Self {
            block: Arc::clone(&self.block),
            start: offset(start),
            end: offset(start + part.len()),
        }
    }

    /// This line, an LF, and the next.
    pub(super) fn joined(&self, next: &Self) -> Self {
        Self::from_vec([self.as_bytes(), b"\n", next.as_bytes()].concat())
    }
}

/// Cuts bytes at each LF, looking at each byte once.
#[derive(Debug)]
pub(super) struct LineSplitter {
    limit: usize,
    whole: Option<Lines>,
    /// The line that is not whole yet.
    rest: Vec<u8>,
}

impl LineSplitter {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            // Places in a line are numbers of 32 bits.
            limit: limit.min(1 << 30),
            whole: None,
            rest: Vec::new(),
        }
    }

    /// The most bytes that [`push`](Self::push) takes.
    pub(super) const PIECE: usize = 1 << 20;

    /// Takes bytes, when the lines so far have been taken out.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let Some(last) = memrchr(b'\n', bytes) else {
            self.rest.extend_from_slice(bytes);
            return;
        };
        let (whole, rest) = bytes.split_at(last + 1);
        let mut block = std::mem::take(&mut self.rest);
        block.reserve_exact(whole.len());
        block.extend_from_slice(whole);
        self.rest.extend_from_slice(rest);
        self.whole = Some(Lines {
            line: Slice::from_vec(block),
            next: 0,
            limit: self.limit,
        });
    }

    /// Takes out the lines that are whole.
    pub(super) fn whole(&mut self) -> Option<Lines> {
        self.whole.take()
    }

    /// Fails if the line that is not whole yet is too long already.
    pub(super) fn check(&self) -> Result<(), ListingError> {
        within(self.rest.len(), self.limit)
    }

    /// What is left of the last line, if it does not end with LF.
    pub(super) fn rest(&mut self) -> Option<Slice> {
        let rest = std::mem::take(&mut self.rest);
        (!rest.is_empty()).then(|| Slice::from_vec(rest))
    }

    /// Whether there is a last line without LF.
    pub(super) fn is_mid_line(&self) -> bool {
        !self.rest.is_empty()
    }
}

/// Whole lines of one block.
#[derive(Debug)]
pub(super) struct Lines {
    /// The one that is in use; the block belongs to all.
    line: Slice,
    /// Where the next begins.
    next: usize,
    limit: usize,
}

impl Lines {
    /// The next line without its LF, unless it is too long.
    pub(super) fn next(&mut self) -> Result<Option<&mut Slice>, ListingError> {
        let text = self.line.block.get(self.next..).unwrap_or_default();
        let Some(length) = memchr(b'\n', text) else {
            return Ok(None);
        };
        within(length, self.limit)?;
        let place = |at: usize| u32::try_from(at).expect("a place in the block");
        self.line.start = place(self.next);
        self.line.end = place(self.next + length);
        self.next += length + 1;
        Ok(Some(&mut self.line))
    }
}

fn within(length: usize, limit: usize) -> Result<(), ListingError> {
    if length > limit {
        return Err(ListingError::LineTooLong { limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(lines: &mut LineSplitter, bytes: &[u8]) -> Vec<Vec<u8>> {
        lines.push(bytes);
        let mut all = Vec::new();
        if let Some(mut whole) = lines.whole() {
            while let Some(line) = whole.next().unwrap() {
                all.push(line.as_bytes().to_vec());
            }
        }
        all
    }

    #[test]
    fn lines_end_at_lf_and_keep_everything_else() {
        let mut lines = LineSplitter::new(10);
        assert_eq!(push(&mut lines, b"a\r\n\nb"), [&b"a\r"[..], b""]);
        assert!(lines.is_mid_line());
        assert!(lines.whole().is_none());
        assert_eq!(push(&mut lines, b"c\nd"), [b"bc"]);
        assert_eq!(lines.rest().unwrap().as_bytes(), b"d");
        assert!(lines.rest().is_none());
    }

    #[test]
    fn the_limit_counts_what_stands_before_the_lf() {
        let error = ListingError::LineTooLong { limit: 3 };
        let mut lines = LineSplitter::new(3);
        assert_eq!(push(&mut lines, b"abc\nabc"), [b"abc"]);
        assert_eq!(lines.check(), Ok(()));
        lines.push(b"d");
        assert_eq!(lines.check(), Err(error));
        lines.push(b"\nabc\n");
        let mut whole = lines.whole().unwrap();
        assert_eq!(whole.next().map(|_| ()), Err(error));
    }

    #[test]
    fn a_part_of_a_slice_is_where_it_lies() {
        let slice = Slice::from_vec(b"one two".to_vec());
        let part = slice.part(&slice.as_bytes()[4..]);
        assert_eq!(part.as_bytes(), b"two");
        assert_eq!(part.part(&part.as_bytes()[..2]).as_bytes(), b"tw");
        let mut first = slice.clone();
        first.truncate(3);
        assert_eq!(first.joined(&part).as_bytes(), b"one\ntwo");
    }
}
