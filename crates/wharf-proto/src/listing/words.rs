//! The columns of a line, as far as blanks tell them apart.

use std::cell::OnceCell;

/// A line and its first words.
#[derive(Debug)]
pub(super) struct Line<'a> {
    text: &'a [u8],
    words: OnceCell<Words>,
}

/// Where words begin and end. Only those that can belong to columns are looked for, and so none
/// beyond 64 KiB.
#[derive(Clone, Copy, Debug)]
struct Words {
    places: [(u16, u16); Line::WORDS],
    count: usize,
}

impl<'a> Line<'a> {
    /// The most words that are looked for: a mode, a group that is a sentence, a size, a date of
    /// four and a name.
    pub(super) const WORDS: usize = 24;

    pub(super) fn new(text: &'a [u8]) -> Self {
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
        let words = self.words();
        let (start, end) = *words.places[..words.count].get(at)?;
        self.text.get(usize::from(start)..usize::from(end))
    }

    /// The words from one to before another, and the blanks between them; nothing if there are none.
    pub(super) fn between(&self, from: usize, to: usize) -> Option<&'a [u8]> {
        let last = to.checked_sub(1).filter(|&last| last >= from)?;
        self.text.get(self.start(from)?..self.end(last)?)
    }

    /// Where a word begins.
    pub(super) fn start(&self, at: usize) -> Option<usize> {
        let words = self.words();
        Some(words.places[..words.count].get(at)?.0.into())
    }

    /// Where a word ends.
    pub(super) fn end(&self, at: usize) -> Option<usize> {
        let words = self.words();
        Some(words.places[..words.count].get(at)?.1.into())
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
        let mut words = Self {
            places: [(0, 0); Line::WORDS],
            count: 0,
        };
        let mut at = 0;
        while words.count < Line::WORDS {
            while text.get(at).is_some_and(|&byte| is_blank(byte)) {
                at += 1;
            }
            let start = at;
            while text.get(at).is_some_and(|&byte| !is_blank(byte)) {
                at += 1;
            }
            let (Ok(from), Ok(to)) = (u16::try_from(start), u16::try_from(at)) else {
                break;
            };
            if from == to {
                break;
            }
            words.places[words.count] = (from, to);
            words.count += 1;
        }
        words
    }
}

/// Whether a byte parts words. An LF does where a wrapped line was joined.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_long_name_is_not_cut_into_words_without_end() {
        assert_eq!(Line::new(&b"a ".repeat(1000)).count(), Line::WORDS);
    }
}
