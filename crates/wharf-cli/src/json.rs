//! What `--json` prints.

use std::fmt::Write as _;

use serde::Serialize;
use wharf::listing::{Dialect, Kind, Modified, Precision, Zone};
use wharf::{Entry, RemotePath, Timestamp};

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
    pub(crate) target: Option<String>,
    pub(crate) unique: Option<String>,
    pub(crate) perm: Option<String>,
    pub(crate) raw: Option<String>,
    pub(crate) dialect: Option<&'static str>,
}

/// A line of a listing that is no entry.
#[derive(Debug, Serialize)]
pub(crate) struct UnknownLine {
    pub(crate) raw: String,
}

impl Record {
    /// Of something of which nothing is known but its path.
    pub(crate) fn of_path(path: &RemotePath) -> Self {
        let name = path.file_name().unwrap_or_else(|| path.as_bytes());
        Self {
            path: text(path.as_bytes()),
            name: text(name),
            name_hex: hex_unless_utf8(name),
            ..Self::default()
        }
    }

    /// Of an entry that a `source` such as `mlsd` told of.
    pub(crate) fn of_entry(path: &RemotePath, entry: &Entry, source: &'static str) -> Self {
        let optional = |bytes: Option<&[u8]>| bytes.map(text);
        let permissions = entry.permissions();
        let mut record = Self {
            path: text(path.as_bytes()),
            name: text(entry.name()),
            name_hex: hex_unless_utf8(entry.name()),
            kind: kind(entry.kind()),
            size: entry.size(),
            permissions: permissions.and_then(|it| it.symbolic()).map(str::to_owned),
            mode: permissions
                .and_then(wharf::listing::Permissions::mode)
                .map(|mode| format!("{mode:04o}")),
            owner: optional(entry.owner()),
            group: optional(entry.group()),
            target: optional(entry.target()),
            unique: optional(entry.unique()),
            perm: optional(entry.perm_facts()),
            raw: Some(text(entry.raw())),
            dialect: Some(match entry.dialect() {
                Dialect::Mlsx => "mlsx",
                Dialect::Unix => "unix",
                _ => "other",
            }),
            ..Self::default()
        };
        if let Some(Modified {
            time,
            precision,
            zone,
        }) = entry.modified()
        {
            record.set_time(time, precision, zone, source);
        }
        record
    }

    /// Says when it was modified, and who said so.
    pub(crate) fn set_time(
        &mut self,
        time: Timestamp,
        precision: Precision,
        zone: Zone,
        source: &'static str,
    ) {
        self.mtime = Some(time.to_string());
        self.mtime_precision = Some(match precision {
            Precision::Day => "day",
            Precision::Minute => "minute",
            Precision::Second => "second",
            Precision::Fraction => "fraction",
        });
        self.mtime_source = Some(source);
        self.mtime_zone = Some(match zone {
            Zone::Utc => "utc",
            Zone::Unknown => "unknown",
        });
    }
}

/// JSON on one line. What could act on a terminal, and JSON itself lets pass, is written as `\u….`
pub(crate) fn line(value: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
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

/// Bytes of a server's as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    wharf::Encoding::Utf8.decode(bytes).into_owned()
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
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_reads_back_as_it_was() {
        let raw = "a\u{1b}[2J\u{7f}\u{9b}1m\u{202e}é\\\"".to_owned();
        let json = line(&UnknownLine { raw: raw.clone() }).unwrap();
        assert_eq!(json, r#"{"raw":"a\u001b[2J\u007f\u009b1m\u202eé\\\""}"#);
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back["raw"], raw);
    }

    #[test]
    fn the_bytes_of_a_name_that_is_not_utf8_are_kept() {
        let record = Record::of_path(&RemotePath::from(&b"d/caf\xe9"[..]));
        assert_eq!(
            (record.name.as_str(), record.name_hex.as_deref()),
            ("café", Some("636166e9"))
        );
        assert_eq!(Record::of_path(&RemotePath::from("café")).name_hex, None);
    }
}
