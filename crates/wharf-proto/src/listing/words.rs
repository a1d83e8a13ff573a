//! The columns of a line, as far as blanks tell them apart.

use std::ops::Range;

/// A line and its first words. Only words that can belong to the columns are looked for.
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    pub(super) words: Vec<Range<usize>>,
}

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        let mut words = Vec::with_capacity(WORDS);
        let mut at = 0;
        while words.len() < WORDS && at < text.len() {
            let length = text[at..]
                .iter()
                .take_while(|&&byte| !is_blank(byte))
                .count();
            if length > 0 {
                words.push(at..at + length);
            } else if at == 0 {
                // The mode stands at the very start.
                break;
            }
            at += length.max(1);
        }
        Self { text, words }
    }

    pub(super) fn word(&self, at: usize) -> Option<&'a [u8]> {
        Some(&self.text[self.words.get(at)?.clone()])
    }
}

/// The mode, six words before the size, a device's two numbers, a date of four and a name.
const WORDS: usize = 14;

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_stands_between_blanks_and_tabs() {
        let line = Line::new(b"ab  c\td ");
        assert_eq!(line.words, [0..2, 4..5, 6..7]);
        assert_eq!((line.word(1), line.word(3)), (Some(&b"c"[..]), None));
    }

    #[test]
    fn a_line_that_begins_with_a_blank_has_no_columns() {
        assert!(Line::new(b" a b").words.is_empty());
    }

    #[test]
    fn a_long_name_is_not_cut_into_words_without_end() {
        assert_eq!(Line::new(&b"a ".repeat(1000)).words.len(), WORDS);
    }
}
