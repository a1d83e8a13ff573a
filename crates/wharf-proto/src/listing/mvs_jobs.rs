//! Listings of jobs on MVS (z/OS), which FTP shows as files when `SITE FILETYPE=JES` is in force.
//!
//! ```text
//! JOBNAME  JOBID    OWNER    STATUS CLASS
//! IBMUSER  TSU01830 IBMUSER  OUTPUT TSU      ABEND=522 3 spool files
//! MYUSRIDC JOB06023 ACTIVE
//! ```
//!
//! A job is asked for by its id, so that is its name.

use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Jobs;

impl Reader for Jobs {
    fn read<'a>(&mut self, line: &Line<'a>, _: &Context) -> Reading<'a> {
        if line.word(0) == Some(b"JOBNAME") && line.word(1) == Some(b"JOBID") {
            return Reading::Heading;
        }
        entry(line).into()
    }
}

fn entry<'a>(line: &Line<'a>) -> Option<Draft<'a>> {
    let id = line.word(1).filter(|id| is_id(id))?;
    let is_status = |word: &[u8]| {
        matches!(
            word,
            b"INPUT" | b"ACTIVE" | b"OUTPUT" | b"HELD" | b"ARCHIVE"
        )
    };
    // The owner stands before it on newer systems.
    let has_owner = !is_status(line.word(2)?);
    if has_owner && !is_status(line.word(3)?) {
        return None;
    }
    let owner = line.word(2).filter(|_| has_owner);
    Some(Draft::file_or_directory(id, false).owner(owner))
}

/// `JOB01906`, `J0012345`, `STC00964`, `TSU01830`.
fn is_id(word: &[u8]) -> bool {
    let letters = word
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    let known: [&[u8]; 6] = [b"JOB", b"STC", b"TSU", b"J", b"S", b"T"];
    word.len() == 8
        && known.contains(&&word[..letters])
        && word[letters..].iter().all(u8::is_ascii_digit)
}
