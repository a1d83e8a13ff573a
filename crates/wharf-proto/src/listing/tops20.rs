//! Listings of TOPS-20: the directory, and names with versions.
//!
//! ```text
//! TOAD:<ANONYMOUS>
//! EMACS.README.1
//! ```

use super::Kind;
use super::decimal;
use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of whole listings.
#[derive(Debug, Default)]
pub(super) struct Tops20 {
    has_heading: bool,
}

impl Reader for Tops20 {
    fn read<'a>(&mut self, line: &Line<'a>, _: &Context) -> Reading<'a> {
        let text = line.text().trim_ascii();
        if text.ends_with(b">") && text.windows(2).any(|pair| pair == b":<") && line.count() == 1 {
            self.has_heading = true;
            return Reading::Heading;
        }
        if !self.has_heading {
            return Reading::Unknown;
        }
        entry(line).into()
    }
}

fn entry<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let word = line.word(0).filter(|_| line.count() == 1)?;
    // Attributes may follow the version, as `;P777700`.
    let word = word.split(|&byte| byte == b';').next()?;
    let dot = word
        .iter()
        .rposition(|&byte| byte == b'.')
        .filter(|&dot| dot > 0)?;
    let version = decimal(&word[dot + 1..])?.try_into().ok()?;
    let name = &word[..dot];
    // A directory's file: it is entered by another name than it is listed by.
    let kind = if name.ends_with(b".DIRECTORY") || name.ends_with(b".DIR") {
        Kind::Unknown
    } else {
        Kind::File
    };
    let mut draft = Draft::new(name, kind);
    draft.version = Some(version);
    Some(draft)
}
