//! Directory listings: bytes in, [`Entry`]s out.
//!
//! ```text
//! data connection ─► ebcdic ─► lines ─┬─► head ─► vote ─┐            LIST: nobody says in which form
//!                                     └────────────────►┴─► reader ─► draft ─► Entry
//! ```
//!
//! A listing is read by one of the [`Dialect`]s, each a file of this directory. Which one it is is
//! decided over the first lines together; a line that it cannot read is tried with the few that
//! are safe to tell by one line. What a server left out is absent here: nothing is guessed. A line
//! that is not surely an entry is handed back as [`Parsed::Unknown`], so that no caller acts on an
//! invented file, and none takes an incomplete listing for a complete one.

mod clearpath;
mod clock;
mod connect_enterprise;
mod date;
mod day_order;
mod dialect;
mod distinct;
mod dls;
mod dos;
mod draft;
mod ebcdic;
mod entry;
mod eplf;
mod gcos;
mod ka9q;
mod lines;
mod ls_date;
mod micro_rtos;
mod mlsx;
mod months;
mod mpe;
mod music;
mod mvs;
mod mvs_jobs;
mod mvs_members;
mod name_first;
mod names;
mod netware;
mod nonstop;
mod os2;
mod os400;
mod os9;
mod parser;
mod permissions;
mod reader;
mod registry;
mod run;
mod tops20;
mod tsx;
mod unix;
mod vm;
mod vms;
mod vos;
mod vote;
mod vse;
mod vshell;
mod vxworks;
mod words;
mod zone;

pub use self::dialect::Dialect;
pub use self::entry::{Confidence, Entry, Kind, Modified, Precision, Zone};
pub use self::lines::ListingError;
pub use self::mlsx::{parse_mlst_reply, parse_mlsx_line};
pub use self::parser::{Format, ListParser, ListingLimits, Parsed};
pub use self::permissions::Permissions;
pub use self::unix::parse_unix_line;
pub use self::zone::ServerZone;

/// A number in decimal digits and nothing else.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// A number in hexadecimal digits and nothing else.
fn hexadecimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    text.iter().try_fold(0_u64, |value, &byte| {
        let digit = char::from(byte).to_digit(16)?;
        Some((value << 4) | u64::from(digit))
    })
}

/// A number whose thousands may be parted by commas or full stops, as in `34,359,738,368`.
fn grouped(text: &[u8]) -> Option<u64> {
    let mark = text.iter().find(|byte| !byte.is_ascii_digit());
    let Some(&mark @ (b',' | b'.')) = mark else {
        return decimal(text);
    };
    let mut groups = text.split(|&byte| byte == mark);
    let first = groups
        .next()
        .filter(|first| (1..=3).contains(&first.len()))?;
    groups.try_fold(decimal(first)?, |value, group| {
        let group = decimal(group).filter(|_| group.len() == 3)?;
        value.checked_mul(1000)?.checked_add(group)
    })
}

/// Whether a line is none of the listing's entries, whatever its dialect: a sum, or a rule.
fn is_passed_over(line: &words::Line<'_>) -> bool {
    unix::is_total(line) || is_rule(line)
}

/// The dashes under the titles of columns.
fn is_rule(line: &words::Line<'_>) -> bool {
    let text = line.text();
    let is_dash = |byte: &&u8| matches!(byte, b'-' | b'=');
    let dashes = text.iter().filter(is_dash).count();
    dashes >= 5 && text.iter().all(|byte| b"-= \t".contains(byte))
}

/// Whether a line ends with the last of the words that are looked for. Where more follow, what is
/// read from its end, or in all of its columns, would be a part of it.
fn ends_with_last_word(line: &words::Line<'_>) -> bool {
    let last = line.count().checked_sub(1).and_then(|last| line.end(last));
    last.is_some_and(|end| line.text()[end..].iter().all(|&byte| words::is_blank(byte)))
}

/// A line without the CRs at its end: one of CRLF, or two of GridFTP's CR CR LF. A name that ends
/// in CR could not be asked for anyway.
fn without_cr(line: &[u8]) -> &[u8] {
    let end = line
        .iter()
        .rposition(|&byte| byte != b'\r')
        .map_or(0, |last| last + 1);
    &line[..end]
}
