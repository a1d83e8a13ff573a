//! The columns of a line, as far as blanks tell them apart.

use std::cell::Cell;

/// A line and its first words.
#[derive(Debug)]
pub(super) struct Line<'a> {
    text: &'a [u8],
    /// Where words begin and end, in turn, as far as they were asked for.
    edges: [Cell<u32>; 2 * Line::WORDS],
    /// How many edges are known.
    known: Cell<usize>,
    /// How many bytes have been looked at, in whole blocks.
    seen: Cell<usize>,
}

#[cfg(test)]
thread_local! {
    /// How many bytes of lines this thread has had looked at, each as often as it was.
    pub(super) static LOOKED_AT: Cell<usize> = const { Cell::new(0) };
}

impl<'a> Line<'a> {
    /// The most words that are looked for: a mode, a group that is a sentence, a size, a date of
    /// four and a name.
    pub(super) const WORDS: usize = 24;

    pub(super) fn new(text: &'a [u8]) -> Self {
        #[cfg(test)]
        LOOKED_AT.set(LOOKED_AT.get() + text.len());
        Self {
            text,
            edges: [const { Cell::new(0) }; 2 * Self::WORDS],
            known: Cell::new(0),
            seen: Cell::new(0),
        }
    }

    /// All of it.
    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    /// How many words it has, up to [`WORDS`](Self::WORDS).
    pub(super) fn count(&self) -> usize {
        while self.look_on() {}
        self.known.get() / 2
    }

    pub(super) fn word(&self, at: usize) -> Option<&'a [u8]> {
        let (start, end) = self.place(at)?;
        self.text.get(start..end)
    }

    /// The words from one to before another, and the blanks between them; nothing if there are none.
    pub(super) fn between(&self, from: usize, to: usize) -> Option<&'a [u8]> {
        let last = to.checked_sub(1).filter(|&last| last >= from)?;
        self.text.get(self.start(from)?..self.end(last)?)
    }

    /// Where a word begins.
    pub(super) fn start(&self, at: usize) -> Option<usize> {
        Some(self.place(at)?.0)
    }

    /// Where a word ends.
    pub(super) fn end(&self, at: usize) -> Option<usize> {
        Some(self.place(at)?.1)
    }

    /// Everything behind a word but the first `gap` blanks.
    pub(super) fn after(&self, at: usize, gap: usize) -> Option<&'a [u8]> {
        let rest = self.text.get(self.end(at)?..)?;
        let blanks = rest
            .iter()
            .take(gap)
            .take_while(|&&byte| is_blank(byte))
            .count();
        rest.get(blanks..)
    }

    /// Everything from a word on, without the blanks at the end.
    pub(super) fn from(&self, at: usize) -> Option<&'a [u8]> {
        Some(self.text.get(self.start(at)?..)?.trim_ascii_end())
    }

    /// Where a word begins and ends.
    fn place(&self, at: usize) -> Option<(usize, usize)> {
        while self.known.get() / 2 <= at {
            if !self.look_on() {
                return None;
            }
        }
        let edge = |at: usize| Some(self.edges.get(at)?.get() as usize);
        Some((edge(2 * at)?, edge(2 * at + 1)?))
    }

    /// Looks for edges in the next block; false if there are none to be found any more.
    fn look_on(&self) -> bool {
        let (seen, mut known) = (self.seen.get(), self.known.get());
        let (Some(rest), Ok(start)) = (self.text.get(seen..), u32::try_from(seen)) else {
            return false;
        };
        let blanks = rest.first_chunk().map_or_else(
            || {
                // What is behind the line ends its last word, as a blank does.
                let mut block = [b' '; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                blanks(&block)
            },
            blanks,
        );
        let was_blank = u64::from(known % 2 == 0);
        // A one wherever a byte is not as the one before it.
        let mut changes = blanks ^ (blanks << 1 | was_blank);
        while changes != 0
            && let Some(edge) = self.edges.get(known)
        {
            edge.set(start + changes.trailing_zeros());
            known += 1;
            changes &= changes - 1;
        }
        self.known.set(known);
        self.seen.set(seen + BLOCK);
        known < self.edges.len()
    }
}

/// So many bytes are looked at together.
const BLOCK: usize = 64;

/// A bit for each byte, the first the lowest: whether it is a blank.
fn blanks(block: &[u8; BLOCK]) -> u64 {
    // Two loops, since compilers make one instruction of sixteen comparisons, but not of this.
    let is_blank = block.map(|byte| u8::from(is_blank(byte)));
    let (eights, _) = is_blank.as_chunks::<8>();
    eights.iter().rev().fold(0, |blanks, eight| {
        // The lowest bits of eight bytes, moved side by side into the highest byte.
        let side_by_side = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        blanks << 8 | side_by_side
    })
}

/// Whether a byte parts words. An LF does where a wrapped line was joined.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_what_stands_between_blanks_and_tabs() {
        let line = Line::new(b" ab  c\td ");
        assert_eq!(line.count(), 3);
        assert_eq!(
            (line.word(0), line.word(2)),
            (Some(&b"ab"[..]), Some(&b"d"[..]))
        );
        assert_eq!(
            (line.start(1), line.end(1), line.word(3)),
            (Some(5), Some(6), None)
        );
        assert_eq!(line.between(0, 2), Some(&b"ab  c"[..]));
        assert_eq!((line.between(1, 1), line.between(2, 4)), (None, None));
        assert_eq!(line.after(0, 1), Some(&b" c\td "[..]));
        assert_eq!(line.from(1), Some(&b"c\td"[..]));
    }

    proptest! {
        #[test]
        fn words_are_those_that_one_finds_byte_by_byte(
            text in prop::collection::vec(
                prop_oneof![Just(b' '), Just(b'\t'), Just(b'\n'), any::<u8>()],
                0..200,
            ),
        ) {
            let line = Line::new(&text);
            let words: Vec<&[u8]> = (0..line.count()).filter_map(|at| line.word(at)).collect();
            let parts = text.split(|&byte| is_blank(byte));
            let parts = parts.filter(|part| !part.is_empty());
            let expected: Vec<&[u8]> = parts.take(Line::WORDS).collect();
            prop_assert_eq!(words, expected);
        }
    }

    #[test]
    fn a_word_is_found_however_far_behind_it_stands() {
        let text = [&b"a"[..], &b" ".repeat(70_000), b"bc"].concat();
        let line = Line::new(&text);
        assert_eq!((line.word(0), line.seen.get()), (Some(&b"a"[..]), BLOCK));
        assert_eq!(line.word(1), Some(&b"bc"[..]));
        assert_eq!((line.start(1), line.end(1)), (Some(70_001), Some(70_003)));
        assert_eq!(line.count(), 2);
    }

    #[test]
    fn a_word_ends_with_its_line_also_where_a_block_does() {
        for length in [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK] {
            let text = b"a".repeat(length);
            let line = Line::new(&text);
            assert_eq!((line.count(), line.word(0)), (1, Some(&text[..])));
            assert_eq!((line.count(), line.word(1)), (1, None));
        }
    }

    #[test]
    fn a_long_name_is_not_cut_into_words_without_end() {
        assert_eq!(Line::new(&b"a ".repeat(1000)).count(), Line::WORDS);
    }
}
