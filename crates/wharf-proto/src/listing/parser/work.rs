//! The work grows with the listing, and no faster: counted in bytes of lines that readers look at.

use std::fs;
use std::path::Path;

use super::super::words::LOOKED_AT;
use super::*;

/// How many bytes are looked at while a listing is read that comes in pieces of so many bytes.
fn work(format: Format, listing: &[u8], piece: usize) -> usize {
    let now = Timestamp::parse(b"20261122120000");
    let limits = ListingLimits::default().with_line(1 << 20);
    let mut parser = ListParser::new(format, now, limits);
    let before = LOOKED_AT.get();
    for piece in listing.chunks(piece) {
        parser.push(piece).unwrap();
        while parser.next().is_some() {}
    }
    parser.finish().unwrap();
    while parser.next().is_some() {}
    LOOKED_AT.get() - before
}

fn formats() -> impl Iterator<Item = Format> {
    let dialects = Dialect::ALL.into_iter().map(Format::Dialect);
    dialects.chain([Format::Detect, Format::Mlsd, Format::Names])
}

/// Says for what listing ten times as much of it takes more than ten times the work, and a little.
#[track_caller]
fn is_linear(what: &str, listing: impl Fn(usize) -> Vec<u8>) {
    for format in formats() {
        let (short, long) = (listing(1), listing(10));
        let once = work(format, &short, 1000);
        let tenfold = work(format, &long, 1000);
        assert!(
            tenfold <= once * 11,
            "{what} as {format:?}: {once} bytes looked at, then {tenfold}"
        );
        let bound = long.len() * DIALECTS_A_LINE;
        assert!(tenfold <= bound, "{what} as {format:?}: {tenfold} bytes");
    }
}

/// A line of no known dialect is tried with all whose lines can be told alone, twice where two lines
/// may be one, and a head is looked over by all of them.
const DIALECTS_A_LINE: usize = 3 * Dialect::ALL.len();

#[test]
fn listings_of_every_dialect_take_work_in_proportion_to_their_length() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/listings");
    let mut count = 0;
    for file in fs::read_dir(fixtures).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        count += 1;
        let listing = fs::read(&path).unwrap();
        let times = (4000 / listing.len()).max(1);
        let name = path.display().to_string();
        is_linear(&name, |factor| listing.repeat(times * factor));
    }
    assert!(count > 30, "the fixtures are where they are looked for");
}

#[test]
fn lines_that_mean_harm_take_work_in_proportion_to_their_length() {
    let lines: [(&str, &[u8]); 9] = [
        ("empty lines", b"\n"),
        ("blanks", b"        \r\n"),
        ("halves of VMS", b"A_LONG_NAME.TXT;1\n"),
        ("halves of DLS", b"name-\n"),
        (
            "torn lines",
            b"-rw-r--r-- 1 a b 5 Jan 29 03:26 x\r\na\nb\nc\n",
        ),
        (
            "torn for ever",
            b"x\r\na\na\na\na\na\na\na\na\na\na\na\na\na\n",
        ),
        (
            "dialects in turn",
            b"-rw-r--r-- 1 a b 5 Jan 29 03:26 x\r\ntype=file; x\r\n+i1,\tx\r\n\
              01-29-03  03:26AM  5 x\r\nX.TXT;1  3  2-JUN-1998 07:32:04\r\nwhat is this\r\n",
        ),
        ("sections", b"\r\n./x:\r\ntotal 0\r\n"),
        (
            "facts",
            b"a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b;a=b\r\n",
        ),
    ];
    for (what, line) in lines {
        is_linear(what, |factor| line.repeat(4000 / line.len() * factor));
    }
}

#[test]
fn long_lines_take_work_in_proportion_to_their_length() {
    for pattern in ["1", "x", "1 ", "a=", "x;", "\\ ", " -> ", "1,", ":", "-"] {
        let line = |length: usize| pattern.repeat(length / pattern.len()).into_bytes();
        is_linear(pattern, |factor| line(4000 * factor));
        is_linear(pattern, |factor| {
            [&line(400)[..], b"\r\n"].concat().repeat(20 * factor)
        });
    }
}
