//! What holds of every listing, whatever the bytes: the judge of the fuzz targets, which the
//! workspace's own tests ask as well, so that it goes on compiling and being true.

use wharf_proto::listing::{
    Dialect, Entry, Format, ListParser, ListingError, ListingLimits, Parsed, Permissions,
    ServerZone, parse_mlst_reply,
};
use wharf_proto::reply::{Framed, Multiline, Reply, ReplyDecoder, ReplyLimits};
use wharf_proto::time::Timestamp;

/// Reads `listing` in one dialect and no other.
pub(crate) fn dialect(dialect: Dialect, listing: &[u8]) {
    judge(Some(dialect), listing);
}

/// Reads `listing` in the dialect that is found out.
pub(crate) fn vote(listing: &[u8]) {
    judge(None, listing);
}

/// Reads `listing` whole and in pieces, which must come to the same. Its last bytes say in which
/// format, in which pieces, and what is known beside it: they are the listing's own all the same,
/// so that any listing is a sensible thing to begin with.
pub(crate) fn splits(listing: &[u8]) {
    let [format, first, second, known] = *listing.last_chunk().unwrap_or(&[0; 4]);
    let formats = Dialect::ALL.len() + 2;
    let format = match usize::from(format) % formats {
        0 => Format::Detect,
        1 => Format::Mlsd,
        number => Format::Dialect(Dialect::ALL[number - 2]),
    };
    let sizes = [usize::from(first) % 64 + 1, usize::from(second) * 16 + 1];
    let mut pieces = Vec::new();
    let mut rest = listing;
    for size in sizes.into_iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, others) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = others;
    }
    let whole = Outcome::of(format, known, &[listing]);
    let cut = Outcome::of(format, known, &pieces);
    assert_eq!(cut, whole, "cut into pieces of {sizes:?}");
}

/// Reads `wire` as what comes on a control connection, and the entry in every reply.
pub(crate) fn mlst(wire: &[u8]) {
    let mut decoder = ReplyDecoder::new(ReplyLimits::default(), Multiline::Tolerant);
    decoder.push(wire);
    while let Ok(Some(framed)) = decoder.next() {
        let Framed::Reply(message) = framed else {
            continue;
        };
        let reply = Reply::new(Vec::new(), message);
        let Some(entry) = parse_mlst_reply(&reply) else {
            continue;
        };
        sound(&entry);
        let raw = entry.raw();
        assert!(
            raw.contains(&b'='),
            "{entry:?} has no facts: it may be any text"
        );
        let [_, lines @ .., _] = reply.final_lines() else {
            panic!("{entry:?} is the reply's first or last line");
        };
        let is_there = lines.iter().any(|line| line.ends_with(raw));
        assert!(is_there, "{entry:?} is not in the reply");
    }
}

/// Everything that a parser says of a listing.
#[derive(Debug, PartialEq)]
struct Outcome {
    parsed: Vec<Parsed>,
    dialect: Option<Dialect>,
    is_unterminated: bool,
    end: Result<(), ListingError>,
}

impl Outcome {
    fn of(format: Format, known: u8, pieces: &[&[u8]]) -> Self {
        let now = Timestamp::parse(b"20261122120000");
        // Small enough for a fuzzer to pass them.
        let limits = ListingLimits::default().with_line(2000).with_lines(300);
        let mut parser = ListParser::new(format, now.filter(|_| known & 1 == 0), limits);
        if known & 2 != 0 {
            parser = parser.with_hint(b"Windows_NT");
        }
        if known & 4 != 0 {
            parser = parser.with_hint(b"215 UNIX Type: L8");
        }
        if known & 8 != 0 {
            parser = parser.with_zone(east());
        }
        let mut parsed = Vec::new();
        let mut end = Ok(());
        for piece in pieces {
            end = parser.push(piece);
            parsed.extend(std::iter::from_fn(|| parser.next()));
            if end.is_err() {
                break;
            }
        }
        if end.is_ok() {
            end = parser.finish();
        }
        parsed.extend(std::iter::from_fn(|| parser.next()));
        Self {
            parsed,
            dialect: parser.dialect(),
            // Where a limit was passed depends on how much came at once, and so does this.
            is_unterminated: end.is_ok() && parser.is_unterminated(),
            end,
        }
    }
}

/// A zone five and a half hours ahead.
fn east() -> ServerZone {
    let line = b"-rw-r--r--   1 a b 1 2026-01-29 05:30 c";
    let listed = wharf_proto::listing::parse_unix_line(line, None).and_then(|it| it.modified());
    let known = Timestamp::parse(b"20260129000000");
    let zone = listed
        .zip(known)
        .and_then(|(a, b)| ServerZone::between(a, b));
    zone.expect("the line says when")
}

fn judge(known: Option<Dialect>, listing: &[u8]) {
    let now = Timestamp::parse(b"20261122120000");
    let format = known.map_or(Format::Detect, Format::Dialect);
    let mut parser = ListParser::new(format, now, ListingLimits::default());
    // The limits are far beyond what comes here.
    parser.push(listing).expect("a short listing");
    parser.finish().expect("a short listing");
    let parsed: Vec<_> = std::iter::from_fn(|| parser.next()).collect();
    for parsed in &parsed {
        if let Parsed::Entry(entry) = parsed {
            sound(entry);
            assert!(known.is_none_or(|known| known == entry.dialect()));
        }
    }
    if may_be_ebcdic(listing) {
        return;
    }
    let is_whole = matches!(known, Some(Dialect::Eplf | Dialect::Mlsx | Dialect::Names));
    trace(listing, &parsed, is_whole);
}

/// Every line that came out is one that went in, in its order, and none comes out twice but where
/// several entries stand in it. With `is_whole` no line that is not blank is passed over: there are
/// no headings in such a listing.
fn trace(listing: &[u8], parsed: &[Parsed], is_whole: bool) {
    let lines: Vec<_> = listing
        .split(|&byte| byte == b'\n')
        .map(without_cr)
        .collect();
    let is_blank = |line: &&[u8]| line.trim_ascii().is_empty();
    let mut rest = &lines[..];
    let mut here: Option<(&[u8], usize)> = None;
    for parsed in parsed {
        let raw = match parsed {
            Parsed::Entry(entry) => entry.raw(),
            Parsed::Unknown(line) => line,
        };
        if let (Some((line, count)), Parsed::Entry(entry)) = (&mut here, parsed)
            && *line == raw
            && has_columns(entry.dialect())
            && *count <= raw.len() / 4
        {
            *count += 1;
            continue;
        }
        let own: Vec<_> = raw.split(|&byte| byte == b'\n').collect();
        let place = rest.windows(own.len()).position(|lines| lines == own);
        let Some(place) = place else {
            panic!("{parsed:?} is not where it should be");
        };
        let is_next = rest[..place].iter().all(is_blank);
        assert!(
            is_next || !is_whole,
            "a line has vanished before {parsed:?}"
        );
        rest = &rest[place + own.len()..];
        here = Some((raw, 1));
    }
    let is_over = rest.iter().all(is_blank);
    assert!(is_over || !is_whole, "a line has vanished at the end");
}

/// What holds of any entry.
fn sound(entry: &Entry) {
    let raw = entry.raw();
    let name = entry.name();
    assert!(!name.is_empty(), "{entry:?} has no name");
    // A name in several columns is put together, and Unix's `\ ` stands for a blank.
    let is_made = match entry.dialect() {
        Dialect::VmCms | Dialect::VmReader | Dialect::NameFirst | Dialect::Tsx => {
            parts_are_in(raw, name, b'.')
        }
        Dialect::Unix => parts_are_in(raw, name, b' '),
        _ => is_in(raw, name),
    };
    assert!(is_made, "{entry:?} is not called so");
    let columns = [entry.owner(), entry.group(), entry.date_text()];
    for column in columns.into_iter().flatten() {
        assert!(!column.is_empty() && is_in(raw, column), "{entry:?}");
    }
    if let Some(target) = entry.target() {
        assert!(parts_are_in(raw, target, b' '), "{entry:?} leads elsewhere");
    }
    let mode = entry.permissions().and_then(Permissions::mode);
    assert!(mode.is_none_or(|mode| mode <= 0o7777), "{entry:?}");
    assert!(entry.size().is_some() || !entry.size_is_exact());
    // What is left can be asked for.
    let _ = (entry.modified(), entry.links(), entry.version());
    let _ = (entry.unique(), entry.perm_facts(), entry.section());
    let _ = (entry.name_lossy(), format!("{entry:?}"));
}

/// Whether several entries may stand in one line.
fn has_columns(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Ka9q | Dialect::Tsx | Dialect::Vms)
}

fn parts_are_in(raw: &[u8], whole: &[u8], joint: u8) -> bool {
    is_in(raw, whole)
        || whole
            .split(|&byte| byte == joint)
            .all(|part| is_in(raw, part))
}

fn is_in(raw: &[u8], part: &[u8]) -> bool {
    // Most parts are slices of the line itself, which need not be searched for.
    let range = raw.as_ptr_range();
    let own = part.as_ptr_range();
    (range.start <= own.start && own.end <= range.end)
        || part.is_empty()
        || raw.windows(part.len()).any(|window| window == part)
}

fn without_cr(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|&byte| byte != b'\r');
    &line[..end.map_or(0, |last| last + 1)]
}

/// Whether the listing may have been translated, and its lines are not those that came out.
fn may_be_ebcdic(listing: &[u8]) -> bool {
    let sample = &listing[..listing.len().min(128)];
    let high = sample.iter().filter(|byte| !byte.is_ascii()).count();
    high * 8 > sample.len()
}
