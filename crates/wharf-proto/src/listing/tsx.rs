//! Listings of TSX-Plus (and RT-11): several columns of names and blocks.
//!
//! ```text
//!       m6804 .h        3        as6804.cmp      1        as6804.lnk      1
//!
//! Directory [du3:*.*] / 3 Files / 5 Blocks
//! ```
//!
//! One name and one number in a line could be anything, and the number one of bytes. Only a listing
//! that has columns, or its sum, is one of these.

use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Confidence, Kind, decimal, ends_with_last_word};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Tsx {
    /// Whether something showed that the listing is of this kind.
    is_sure: bool,
}

impl Tsx {
    /// For what is known to be of it.
    pub(super) fn asked_for() -> Self {
        Self { is_sure: true }
    }

    /// For what may be anything.
    pub(super) fn suspected() -> Self {
        Self { is_sure: false }
    }
}

impl Reader for Tsx {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        if line.word(0) == Some(b"Directory")
            && line.word(1).is_some_and(|word| word.starts_with(b"["))
        {
            self.is_sure = true;
            return Reading::Heading;
        }
        let Some(entries) = entries(line) else {
            return Reading::Unknown;
        };
        self.is_sure |= entries.len() > 1;
        // When the listing is looked over, the sum is still to come.
        if self.is_sure || cx.is_survey {
            Reading::Entries(entries)
        } else {
            Reading::Unknown
        }
    }
}

fn entries<'a>(line: &Line<'a>) -> Option<Vec<Draft<'a>>> {
    if !ends_with_last_word(line) {
        return None;
    }
    let mut entries = Vec::new();
    let mut at = 0;
    while let Some(first) = line.word(at) {
        // The name is filled up to six characters, so that the type may stand apart.
        let (name, next) = if is_file(first) {
            (first.to_vec(), at + 1)
        } else {
            let kind = line.word(at + 1).filter(|kind| kind.starts_with(b"."))?;
            ([first, kind].concat(), at + 2)
        };
        let blocks = decimal(line.word(next)?)?;
        if !is_file(&name) {
            return None;
        }
        let kind = if name.ends_with(b".dsk") {
            Kind::Unknown
        } else {
            Kind::File
        };
        entries.push(
            Draft::new(name, kind)
                .rough_size(blocks.checked_mul(512))
                .confidence(Confidence::Medium),
        );
        at = next + 1;
    }
    (!entries.is_empty()).then_some(entries)
}

/// Six characters, a full stop and three.
fn is_file(word: &[u8]) -> bool {
    let Some(dot) = word.iter().position(|&byte| byte == b'.') else {
        return false;
    };
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'$';
    let (name, kind) = (&word[..dot], &word[dot + 1..]);
    (1..=6).contains(&name.len()) && kind.len() <= 3 && name.iter().chain(kind).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_at_the_full_stop_only() {
        let names = |text: &str| {
            let entries = entries(&Line::new(text.as_bytes()))?;
            let names = entries
                .iter()
                .map(|entry| String::from_utf8_lossy(&entry.name).into_owned());
            Some(names.collect::<Vec<_>>())
        };
        assert_eq!(
            names("  quay  .log  3   tides.tab  8").unwrap(),
            ["quay.log", "tides.tab"]
        );
        assert_eq!(names("2 tides.txt 4096"), None);
        assert_eq!(names("quay.log"), None);
    }
}
