//! `parse-listing`.

use std::io::{self, Read as _};
use std::time::SystemTime;

use serde::Serialize;
use wharf::listing::{
    Dialect, Format, Kind, ListParser, ListingLimits, Modified, Permissions, Precision, Zone,
};
use wharf::{Encoding, Entry, Parsed, Timestamp};

use super::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::names;

/// How a listing is read and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) now: Option<Timestamp>,
    pub(crate) dialect: Option<Dialect>,
    pub(crate) json: bool,
}

/// An entry, as the listing alone tells of it. What it does not tell is null.
#[derive(Debug, Serialize)]
struct Line<'a> {
    name: String,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    size: Option<u64>,
    modified: Option<String>,
    target: Option<String>,
    permissions: Option<String>,
    owner: Option<String>,
    group: Option<String>,
    links: Option<u64>,
    dialect: &'a str,
    confidence: &'static str,
}

/// Reads standard input to its end.
pub(super) fn run(context: &Context<'_>, reading: Reading) -> Exit {
    match read(context, reading) {
        Ok(()) => Exit::Success,
        Err(failure) => {
            context.printer.failure(&failure);
            failure.exit
        }
    }
}

fn read(context: &Context<'_>, reading: Reading) -> Result<(), Failure> {
    let format = reading.dialect.map_or(Format::Detect, Format::Dialect);
    let now = reading
        .now
        .or_else(|| Timestamp::from_system_time(SystemTime::now()));
    let mut parser = ListParser::new(format, now, ListingLimits::default());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = match io::stdin().read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::local_stream(&error)),
        };
        let pushed = parser.push(&buffer[..length]);
        show(context, &mut parser, reading.json)?;
        pushed.map_err(|error| Failure::new(Exit::Protocol, error.to_string()))?;
    }
    let finished = parser.finish();
    show(context, &mut parser, reading.json)?;
    finished.map_err(|error| Failure::new(Exit::Protocol, error.to_string()))
}

/// Shows what has been read so far.
fn show(context: &Context<'_>, parser: &mut ListParser, json: bool) -> Result<(), Failure> {
    while let Some(parsed) = parser.next() {
        match parsed {
            Parsed::Entry(entry) if json => {
                let line = json::line(&Line::of(&entry, context.encoding))?;
                context.printer.data(&format!("{line}\n"))?;
            }
            Parsed::Entry(entry) => context.printer.data_line(entry.name())?,
            Parsed::Unknown(line) => context.not_understood(&line),
        }
    }
    Ok(())
}

impl Line<'static> {
    fn of(entry: &Entry, encoding: Encoding) -> Self {
        let optional = |bytes: Option<&[u8]>| bytes.map(|bytes| names::text(bytes, encoding));
        Self {
            name: names::text(entry.name(), encoding),
            kind: kind(entry.kind()),
            size: entry.size(),
            modified: entry.modified().map(iso),
            target: optional(entry.target()),
            permissions: entry.permissions().and_then(permissions),
            owner: optional(entry.owner()),
            group: optional(entry.group()),
            links: entry.links(),
            dialect: entry.dialect().name(),
            confidence: json::confidence(entry.confidence()),
        }
    }
}

fn kind(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::File => Some("file"),
        Kind::Directory | Kind::CurrentDirectory | Kind::ParentDirectory => Some("dir"),
        Kind::Symlink => Some("symlink"),
        Kind::Unknown => None,
        _ => Some("other"),
    }
}

/// As `ls -l` writes them, or in octal digits where the server gave a number.
fn permissions(permissions: Permissions<'_>) -> Option<String> {
    let symbolic = permissions.symbolic().map(str::to_owned);
    symbolic.or_else(|| permissions.mode().map(|mode| format!("{mode:04o}")))
}

/// ISO 8601, as exact as it is known.
fn iso(modified: Modified) -> String {
    let time = modified.time.to_string();
    let end = match modified.precision {
        Precision::Day => 10,
        Precision::Minute => 16,
        Precision::Second | Precision::Fraction => time.len() - 1,
    };
    let mut text: String = time.chars().take(end).collect();
    if modified.zone == Zone::Utc && modified.precision > Precision::Day {
        text.push('Z');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_far_as_it_is_known() {
        let time = Timestamp::parse(b"20200102030405.250").unwrap();
        let written = |precision, zone| {
            iso(Modified {
                time,
                precision,
                zone,
            })
        };
        assert_eq!(written(Precision::Day, Zone::Utc), "2020-01-02");
        assert_eq!(
            written(Precision::Minute, Zone::Unknown),
            "2020-01-02T03:04"
        );
        assert_eq!(
            written(Precision::Fraction, Zone::Utc),
            "2020-01-02T03:04:05.25Z"
        );
    }
}
