//! Listings of HP NonStop (Tandem Guardian).
//!
//! ```text
//! File         Code             EOF  Last Modification    Owner  RWEP
//! FILE3        101            16354 14-Mar-14 15:09:12 244, 10 "nunu"
//! ```

use super::date;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{decimal, ends_with_last_word};

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct NonStop;

impl Reader for NonStop {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        if line.word(0) == Some(b"File") && line.word(1) == Some(b"Code") {
            return Reading::Heading;
        }
        entry(line, cx).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    if !ends_with_last_word(line) {
        return None;
    }
    let security = line.word(line.count().checked_sub(1)?)?;
    let bare = security
        .strip_prefix(b"\"")
        .and_then(|word| word.strip_suffix(b"\""));
    // Asterisks stand where Safeguard knows more than the four letters can say.
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || b"-*".contains(byte);
    let is_bare = security.len() == 4 && security.iter().all(is_letter);
    if !is_bare && !bare.is_some_and(|letters| (4..=8).contains(&letters.len())) {
        return None;
    }
    // From the right, for a name may have blanks.
    let at = (3..line.count()).find(|&at| line.word(at).and_then(date::named_day).is_some())?;
    let day = date::named_day(line.word(at)?)?;
    let clock = date::clock(line.word(at + 1)?)?;
    let size = decimal(line.word(at - 1)?)?;
    // A letter behind the code says that the file is open, or how it is kept.
    let is_code = |at: usize| line.word(at).is_some_and(|word| word[0].is_ascii_digit());
    let code = [at.checked_sub(2)?, at.checked_sub(3)?]
        .into_iter()
        .find(|&at| is_code(at))?;
    // An open file has the letter before its code as well.
    let end = if code == 2 && line.word(1)? == b"O" {
        1
    } else {
        code
    };
    // A group's number and a user's; remarks may begin like a row.
    let is_owner = |owner: &&[u8]| owner.iter().all(|byte| b"0123456789, -".contains(byte));
    let owner = line.between(at + 2, line.count() - 1).filter(is_owner)?;
    let draft = Draft::file_or_directory(line.between(0, end)?, false)
        .size(Some(size))
        .owner(Some(owner))
        .modified(
            line.between(at, at + 2)?,
            day.at(Some(clock)).modified(cx.now),
        );
    Some(draft)
}
