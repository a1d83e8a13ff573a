//! Listings as text: what is read in them, line by line.

use std::fmt::Write as _;

use wharf_proto::listing::{
    Confidence, Dialect, Entry, Format, ListParser, ListingLimits, Modified, Parsed, Precision,
    Zone,
};
use wharf_proto::text::escaped;
use wharf_proto::time::Timestamp;

/// What a parser makes of a listing of the 22nd of November 2026.
pub(crate) fn shown(listing: &[u8]) -> String {
    shown_in(Format::Detect, listing)
}

/// The same, when it is known how the listing is written.
pub(crate) fn shown_in(format: Format, listing: &[u8]) -> String {
    let (dialect, parsed) = parsed(format, listing);
    let mut text = format!("{}\n", dialect.map_or("none", Dialect::name));
    for parsed in parsed {
        match parsed {
            Parsed::Entry(entry) => text.push_str(&line(&entry)),
            Parsed::Unknown(line) => writeln!(text, "? {}", escaped(&line)).expect("a string"),
        }
    }
    text
}

/// What a listing of that day says of its dates, word for word.
pub(crate) fn dates(listing: &[u8]) -> Vec<String> {
    let parsed = parsed(Format::Detect, listing).1;
    let date = |parsed| match parsed {
        Parsed::Entry(entry) => entry.date_text().map(|date| escaped(date).to_string()),
        Parsed::Unknown(_) => None,
    };
    parsed.into_iter().filter_map(date).collect()
}

fn parsed(format: Format, listing: &[u8]) -> (Option<Dialect>, Vec<Parsed>) {
    let now = Timestamp::parse(b"20261122120000");
    let mut parser = ListParser::new(format, now, ListingLimits::default());
    parser.push(listing).expect("the fixtures are short");
    parser.finish().expect("the fixtures are short");
    let dialect = parser.dialect();
    (dialect, std::iter::from_fn(|| parser.next()).collect())
}

/// What is known of an entry; what is not is left out.
fn line(entry: &Entry) -> String {
    let mut line = format!("{:?} {:?}", entry.kind(), escaped(entry.name()).to_string());
    let mut add = |what: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(line, ", {what} {value}").expect("a string");
        }
    };
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| escaped(bytes).to_string());
    let about = if entry.size_is_exact() { "" } else { "about " };
    add("size", entry.size().map(|size| format!("{about}{size}")));
    add("at", entry.modified().map(moment));
    add("to", text(entry.target()));
    add(
        "mode",
        entry.permissions().map(|permissions| {
            let symbolic = permissions.symbolic().map(str::to_owned);
            symbolic.unwrap_or_else(|| format!("{:o}", permissions.mode().unwrap_or(0)))
        }),
    );
    add("links", entry.links().map(|links| links.to_string()));
    add("owner", text(entry.owner()));
    add("group", text(entry.group()));
    add(
        "version",
        entry.version().map(|version| version.to_string()),
    );
    add("in", text(entry.section()));
    let doubt =
        (entry.confidence() != Confidence::High).then(|| format!("{:?}", entry.confidence()));
    add("confidence", doubt);
    line + "\n"
}

fn moment(modified: Modified) -> String {
    let Modified {
        time,
        precision,
        zone,
    } = modified;
    let time = time.to_string();
    let length = match precision {
        Precision::Day => 10,
        Precision::Minute => 16,
        Precision::Second | Precision::Fraction => time.len() - 1,
    };
    let zone = if zone == Zone::Utc { "Z" } else { "" };
    let time: String = time.chars().take(length).collect();
    time + zone
}

/// A listing in that dialect, found out by itself, gives these lines.
pub(crate) fn reads(dialect: Dialect, listing: &str, expected: &[&str]) {
    let text = shown(listing.as_bytes());
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(dialect.name()), "{listing}");
    assert_eq!(lines.collect::<Vec<_>>(), expected, "{listing}");
}

/// Even to one who looks for that dialect, these lines are no entries of it, each for itself below
/// what stands `above`.
pub(crate) fn leaves_alone(dialect: Dialect, above: &str, lines: &[&str]) {
    let format = Format::Dialect(dialect);
    let before = shown_in(format, above.as_bytes());
    for line in lines {
        let text = shown_in(format, format!("{above}{line}\r\n").as_bytes());
        let read = text.strip_prefix(&before).unwrap_or(&text);
        let entry = read.lines().find(|line| !line.starts_with("? "));
        assert_eq!(entry, None, "{dialect}: {line:?}");
    }
}
