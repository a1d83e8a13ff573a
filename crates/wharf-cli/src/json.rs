//! What `--json` prints.

use std::fmt::Write as _;

use serde::Serialize;
use wharf::listing::{Confidence, Kind, Modified, Permissions, Precision, Zone};
use wharf::{Encoding, Entry, ListCommand, RemotePath};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::names::text;

/// One entry. Every field is always there, null if the server does not tell; the exception is
/// `name_hex`, for names that are not UTF-8.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Record {
    pub(crate) path: String,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name_hex: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<&'static str>,
    pub(crate) size: Option<u64>,
    /// Whether the size counts bytes, rather than blocks or what was rounded.
    pub(crate) size_exact: Option<bool>,
    /// RFC 3339.
    pub(crate) mtime: Option<String>,
    pub(crate) mtime_precision: Option<&'static str>,
    pub(crate) mtime_source: Option<&'static str>,
    pub(crate) mtime_zone: Option<&'static str>,
    /// As `ls -l` writes them, without the type.
    pub(crate) permissions: Option<String>,
    /// Octal digits.
    pub(crate) mode: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) links: Option<u64>,
    pub(crate) target: Option<String>,
    /// On systems that keep several of a file under one name, such as VMS.
    pub(crate) version: Option<u32>,
    pub(crate) unique: Option<String>,
    pub(crate) perm: Option<String>,
    pub(crate) raw: Option<String>,
    pub(crate) dialect: Option<&'static str>,
    pub(crate) confidence: Option<&'static str>,
}

/// A line of a listing that is no entry.
#[derive(Debug, Serialize)]
pub(crate) struct UnknownLine {
    pub(crate) raw: String,
}

impl Record {
    /// Of an entry that a `source` such as `mlsd` told of.
    pub(crate) fn of_entry(
        path: &RemotePath,
        entry: &Entry,
        source: &'static str,
        encoding: Encoding,
    ) -> Self {
        let text = |bytes: &[u8]| text(bytes, encoding);
        let permissions = entry.permissions();
        let modified = entry.modified();
        Self {
            path: text(path.as_bytes()),
            name: text(entry.name()),
            name_hex: hex_unless_utf8(entry.name()),
            kind: kind(entry.kind()),
            size: entry.size(),
            size_exact: entry.size().map(|_| entry.size_is_exact()),
            mtime: modified.map(|modified| modified.time.to_string()),
            mtime_precision: modified.map(|modified| precision(modified.precision)),
            mtime_source: modified.map(|_| source),
            mtime_zone: modified.map(zone),
            permissions: permissions
                .and_then(Permissions::symbolic)
                .map(str::to_owned),
            mode: permissions
                .and_then(Permissions::mode)
                .map(|mode| format!("{mode:04o}")),
            owner: entry.owner().map(text),
            group: entry.group().map(text),
            links: entry.links(),
            target: entry.target().map(text),
            version: entry.version(),
            unique: entry.unique().map(text),
            perm: entry.perm_facts().map(text),
            raw: Some(text(entry.raw())),
            dialect: Some(entry.dialect().name()),
            confidence: Some(confidence(entry.confidence())),
        }
    }

    /// Of a directory of which nothing is known but its path.
    pub(crate) fn of_directory(path: &RemotePath, encoding: Encoding) -> Self {
        let name = path.file_name().unwrap_or_else(|| path.as_bytes());
        Self {
            path: text(path.as_bytes(), encoding),
            name: text(name, encoding),
            name_hex: hex_unless_utf8(name),
            kind: Some("directory"),
            ..Self::default()
        }
    }

    /// Of an entry that was asked for by its path, whatever name the server gives it: the whole path, a
    /// part of it, or the name alone.
    pub(crate) fn of_path(path: &RemotePath, entry: &Entry, encoding: Encoding) -> Self {
        // Of LIST alone the zone is not known.
        let source = match entry.modified().map(|modified| modified.zone) {
            Some(Zone::Utc) if entry.fact("modify").is_some() => "mlst",
            Some(Zone::Utc) => "mdtm",
            _ => "list",
        };
        let name = path.file_name().unwrap_or_else(|| path.as_bytes());
        Self {
            name: text(name, encoding),
            name_hex: hex_unless_utf8(name),
            ..Self::of_entry(path, entry, source, encoding)
        }
    }
}

/// What a listing's command is called as the source of what it tells.
pub(crate) fn source(command: ListCommand) -> &'static str {
    match command {
        ListCommand::Mlsd => "mlsd",
        ListCommand::Nlst => "nlst",
        _ => "list",
    }
}

pub(crate) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::Day => "day",
        Precision::Minute => "minute",
        Precision::Second => "second",
        Precision::Fraction => "fraction",
    }
}

fn zone(modified: Modified) -> &'static str {
    match modified.zone {
        Zone::Utc => "utc",
        Zone::Unknown => "unknown",
    }
}

/// JSON on one line. What could act on a terminal, and JSON itself lets pass, is written as `\u….`
pub(crate) fn line(value: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string(value)
        .map_err(|error| Failure::new(Exit::Other, format!("no JSON: {error}")))?;
    if json.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(json);
    }
    let mut safe = String::with_capacity(json.len());
    let mut utf8 = [0; 4];
    for character in json.chars() {
        let shown = wharf::text::escaped_str(character.encode_utf8(&mut utf8)).to_string();
        if shown.chars().eq([character]) {
            safe.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(safe, "\\u{unit:04x}").expect("a string takes any text");
            }
        }
    }
    Ok(safe)
}

fn kind(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::File => "file",
        Kind::Directory | Kind::CurrentDirectory | Kind::ParentDirectory => "directory",
        Kind::Symlink => "symlink",
        Kind::BlockDevice => "block-device",
        Kind::CharDevice => "char-device",
        Kind::Fifo => "fifo",
        Kind::Socket => "socket",
        Kind::Unknown => return None,
        _ => "other",
    })
}

fn hex_unless_utf8(name: &[u8]) -> Option<String> {
    if std::str::from_utf8(name).is_ok() {
        return None;
    }
    let mut hex = String::with_capacity(name.len() * 2);
    for byte in name {
        write!(hex, "{byte:02x}").expect("a string takes any text");
    }
    Some(hex)
}

#[cfg(test)]
mod tests {
    use wharf::listing::{Dialect, Format};

    use super::*;
    use crate::listing::order::tests::{entries, read};

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_reads_back_as_it_was() {
        let raw = "a\u{1b}[2J\u{7f}\u{9b}1m\u{202e}é\\\"".to_owned();
        let json = line(&UnknownLine { raw: raw.clone() }).unwrap();
        assert_eq!(json, r#"{"raw":"a\u001b[2J\u007f\u009b1m\u202eé\\\""}"#);
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back["raw"], raw);
    }

    #[test]
    fn versions_of_a_file_can_be_told_apart() {
        let line = "A.TXT;2  3  2-NOV-2019 07:15 [ME] (RWED,RWED,RE,)";
        let entry = &read(Format::Dialect(Dialect::Vms), [line])[0];
        let record = Record::of_path(&RemotePath::from("A.TXT"), entry, Encoding::Utf8);
        assert_eq!((&*record.name, record.version), ("A.TXT", Some(2)));
    }

    #[test]
    fn the_bytes_of_a_name_that_is_not_utf8_are_kept() {
        let entry = &entries(["type=file; /x/other"])[0];
        let named = |name: &'static [u8], encoding| {
            let record = Record::of_path(&RemotePath::from(name), entry, encoding);
            (record.name, record.name_hex)
        };
        assert_eq!(
            named(b"d/caf\xe9", Encoding::Utf8),
            ("café".to_owned(), Some("636166e9".to_owned()))
        );
        assert_eq!(
            named("café".as_bytes(), Encoding::Utf8),
            ("café".to_owned(), None)
        );
        assert_eq!(
            named("é".as_bytes(), Encoding::Latin1),
            ("Ã©".to_owned(), None)
        );
    }
}
