//! Listings of KA9Q NOS and its descendants: two columns of names, sizes and times.
//!
//! ```text
//! ka9q/         18:23  5/04/93      hamradio/      10:23  1/02/93
//! readme  2,32  11:20  1/03/93
//! 5 files
//! ```

use super::date::{self, Order, Triple};
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Confidence, ends_with_last_word, grouped};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Ka9q;

impl Reader for Ka9q {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        let is_sum = line.word(0).and_then(grouped).is_some()
            && matches!(
                line.word(1),
                Some(b"file" | b"file." | b"files" | b"files.")
            );
        if is_sum {
            return Reading::Heading;
        }
        match entries(line, cx) {
            Some(entries) => Reading::Entries(entries),
            None => Reading::Unknown,
        }
    }
}

fn entries<'a>(line: &Line<'a>, cx: &Context) -> Option<Vec<Draft<'a>>> {
    if !ends_with_last_word(line) {
        return None;
    }
    let mut entries = Vec::new();
    let mut at = 0;
    while let Some(name) = line.word(at) {
        let directory = name.strip_suffix(b"/");
        // Else its neighbours were entries, and the line an unknown one as well.
        if directory.is_some_and(<[u8]>::is_empty) {
            return None;
        }
        // Where its commas part no thousands a size has lost digits, and is none.
        let word = line
            .word(at + 1)
            .filter(|word| directory.is_none() && is_number(word));
        let size = word.and_then(grouped);
        let time = at + 1 + usize::from(word.is_some());
        let clock = date::clock(line.word(time)?)?;
        let day = Triple::read(line.word(time + 1)?)?.first_of(&[Order::Mdy])?;
        let draft = Draft::file_or_directory(directory.unwrap_or(name), directory.is_some())
            .size(size)
            .modified(
                line.between(time, time + 2)?,
                day.at(Some(clock)).modified(cx.now),
            )
            .confidence(Confidence::Medium);
        entries.push(draft);
        at = time + 2;
    }
    (!entries.is_empty()).then_some(entries)
}

fn is_number(word: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_digit() || *byte == b',';
    word[0].is_ascii_digit() && word.iter().all(fits)
}
