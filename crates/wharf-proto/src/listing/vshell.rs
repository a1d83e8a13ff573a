//! Listings of VShell in its older form.
//!
//! ```text
//! 206876  Apr 04, 2000 21:06 a file
//! 0  Dec 12, 2002 02:13 a directory/
//! ```

use super::decimal;
use super::draft::{Draft, Reading};
use super::ls_date;
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct VShell;

impl Reader for VShell {
    fn read<'a>(&mut self, line: &Line<'a>, cx: &Context) -> Reading<'a> {
        entry(line, cx).into()
    }
}

fn entry<'a>(line: &Line<'a>, cx: &Context) -> Option<Draft<'a>> {
    let size = decimal(line.word(0)?)?;
    let found = ls_date::usual(line, 1).filter(|found| found.last == 4)?;
    let name = line
        .after(4, 1)
        .filter(|name| !name.trim_ascii().is_empty())?;
    let directory = name.strip_suffix(b"/").filter(|name| !name.is_empty());
    let draft = Draft::file_or_directory(directory.unwrap_or(name), directory.is_some())
        .size(Some(size))
        .modified(line.between(1, 5)?, found.moment.modified(cx.now));
    Some(draft)
}
