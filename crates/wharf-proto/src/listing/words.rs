//! The columns of a line, as far as blanks tell them apart.

use std::cell::OnceCell;

/// A line and its first words.
#[derive(Debug)]
pub(super) struct Line<'a> {
    text: &'a [u8],
    words: OnceCell<Words>,
}

#[cfg(test)]
thread_local! {
    /// How many bytes of lines this thread has had looked at, each as often as it was.
    pub(super) static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Where words begin and end. Only those that can belong to columns are looked for, and so none
/// beyond 64 KiB.
#[derive(Clone, Copy, Debug)]
struct Words {
    /// A beginning and an end in turn.
    edges: [u16; 2 * Line::WORDS],
    count: usize,
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
            words: OnceCell::new(),
        }
    }

    /// All of it.
    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    /// How many words it has, up to [`WORDS`](Self::WORDS).
    pub(super) fn count(&self) -> usize {
        self.words().count
    }

    pub(super) fn word(&self, at: usize) -> Option<&'a [u8]> {
        let (start, end) = self.words().place(at)?;
        self.text.get(start..end)
    }

    /// The words from one to before another, and the blanks between them; nothing if there are none.
    pub(super) fn between(&self, from: usize, to: usize) -> Option<&'a [u8]> {
        let last = to.checked_sub(1).filter(|&last| last >= from)?;
        self.text.get(self.start(from)?..self.end(last)?)
    }

    /// Where a word begins.
    pub(super) fn start(&self, at: usize) -> Option<usize> {
        Some(self.words().place(at)?.0)
    }

    /// Where a word ends.
    pub(super) fn end(&self, at: usize) -> Option<usize> {
        Some(self.words().place(at)?.1)
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

    fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::new(self.text))
    }
}

impl Words {
    fn new(text: &[u8]) -> Self {
        let mut edges = [0; 2 * Line::WORDS];
        let mut count = 0;
        // Eight bytes at a time: this looks at every byte of nearly every listing.
        let (eights, rest) = text.as_chunks::<8>();
        let mut last = [b' '; 8];
        last[..rest.len()].copy_from_slice(rest);
        let mut was_blank = LOWEST;
        'line: for (eight, start) in eights.iter().chain([&last]).zip((0..).step_by(8)) {
            let blanks = blanks(u64::from_le_bytes(*eight));
            // A one wherever a byte is not as the one before it.
            let mut changes = blanks ^ (blanks << 8 | was_blank);
            was_blank = blanks >> 56;
            while changes != 0 {
                let at: u32 = start + changes.trailing_zeros() / 8;
                let (Some(edge), Ok(at)) = (edges.get_mut(count), u16::try_from(at)) else {
                    break 'line;
                };
                *edge = at;
                count += 1;
                changes &= changes - 1;
            }
        }
        Self {
            edges,
            count: count / 2,
        }
    }

    fn place(&self, at: usize) -> Option<(usize, usize)> {
        let (words, _) = self.edges.as_chunks::<2>();
        let [start, end] = *words[..self.count].get(at)?;
        Some((start.into(), end.into()))
    }
}

/// The lowest bit of each of eight bytes, and the lowest of all.
const LOW: u64 = 0x0101_0101_0101_0101;
const LOWEST: u64 = 1;

/// The lowest bit of each of eight bytes that is a blank.
fn blanks(eight: u64) -> u64 {
    let is = |byte: u8| {
        let differs = eight ^ (LOW * u64::from(byte));
        // The sum's highest bit says whether any of the seven others is set; nothing is carried
        // from one byte to the next.
        let low = LOW * 0x7f;
        !(((differs & low) + low) | differs) >> 7 & LOW
    };
    is(b' ') | is(b'\t') | is(b'\n')
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
                0..40,
            ),
        ) {
            let line = Line::new(&text);
            let words: Vec<&[u8]> = (0..line.count()).filter_map(|at| line.word(at)).collect();
            let parts = text.split(|&byte| is_blank(byte));
            let expected: Vec<&[u8]> = parts.filter(|part| !part.is_empty()).collect();
            prop_assert_eq!(words, expected);
        }
    }

    #[test]
    fn words_beyond_64_kib_are_not_looked_for() {
        let text = [&b" ".repeat(65_530)[..], b"ab cd efg"].concat();
        assert_eq!(Line::new(&text).count(), 2);
        assert_eq!(Line::new(&text).word(1), Some(&b"cd"[..]));
        assert_eq!(Line::new(&b"a".repeat(65_536)).count(), 0);
    }

    #[test]
    fn a_long_name_is_not_cut_into_words_without_end() {
        assert_eq!(Line::new(&b"a ".repeat(1000)).count(), Line::WORDS);
    }
}
