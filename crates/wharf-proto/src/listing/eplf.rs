//! EPLF, the "easily parsed LIST format" of anonftpd and others.
//!
//! ```text
//! +i8388621.48594,m825718503,r,s280,up644,→djb.html        → is a tab
//! ```

use super::draft::{Draft, Reading};
use super::reader::{Context, Reader};
use super::words::Line;
use super::{Confidence, Kind, Modified, Permissions, Precision, Zone, decimal};
use crate::time::Timestamp;

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Eplf;

impl Reader for Eplf {
    fn read<'a>(&mut self, line: &Line<'a>, _: &Context) -> Reading<'a> {
        entry(line.text()).into()
    }
}

fn entry(text: &[u8]) -> Option<Draft<'_>> {
    let rest = text.strip_prefix(b"+")?;
    let tab = rest.iter().position(|&byte| byte == b'\t')?;
    let (facts, name) = (&rest[..tab], &rest[tab + 1..]);
    if name.is_empty() {
        return None;
    }
    let mut draft = Draft::new(name, Kind::Unknown);
    let mut is_known = facts.iter().all(|&byte| byte == b',');
    for fact in facts.split(|&byte| byte == b',') {
        is_known |= matches!(fact, b"r" | b"/" | [b'i' | b'm' | b's' | b'u', ..]);
        match fact {
            b"r" => draft.kind = Kind::File,
            b"/" => draft.kind = Draft::file_or_directory(name, true).kind,
            [b's', digits @ ..] => draft.size = decimal(digits),
            [b'm', digits @ ..] => {
                draft.date = Some(digits);
                draft.modified = moment(digits);
            }
            [b'u', b'p', digits @ ..] => draft.permissions = Permissions::from_octal(digits),
            // An identity, and what may come: facts that are not known are to be passed over.
            [] | [b'i', ..] => {}
            _ => draft.confidence = Confidence::Medium,
        }
    }
    // Something else may begin with a plus sign and hold a tab.
    if !is_known {
        return None;
    }
    // Neither to be fetched nor to be entered.
    if draft.kind == Kind::Unknown {
        draft.confidence = Confidence::Medium;
    }
    Some(draft)
}

/// Seconds since 1970, in UTC.
fn moment(digits: &[u8]) -> Option<Modified> {
    let seconds = decimal(digits)?.try_into().ok()?;
    Some(Modified {
        time: Timestamp::from_unix(seconds, 0)?,
        precision: Precision::Second,
        zone: Zone::Utc,
    })
}
