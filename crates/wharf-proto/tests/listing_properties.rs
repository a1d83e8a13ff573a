//! Whatever comes as a listing: no panic, no entry out of nothing, the same result however it is
//! cut, and work in proportion to its length.
//!
//! These are the bodies of fuzz targets, run on what [`proptest`] thinks of: listings made of the
//! fixtures' lines, of their words in other order, and of plain noise. `PROPTEST_CASES=1000000`
//! lets them run for long.

mod oracle;

use proptest::prelude::*;
use wharf_proto::listing::{
    Dialect, Entry, Format, Kind, ListParser, ListingError, ListingLimits, Parsed, parse_mlsx_line,
    parse_unix_line,
};
use wharf_proto::time::Timestamp;

/// The entry with this number, of a listing whose dialect nobody knows.
fn entry(at: usize, listing: &str) -> Entry {
    let now = Timestamp::parse(b"20261122120000");
    let mut parser = ListParser::new(Format::Detect, now, ListingLimits::default());
    parser.push(listing.as_bytes()).expect("a short listing");
    parser.finish().expect("a short listing");
    let parsed: Vec<_> = std::iter::from_fn(|| parser.next()).collect();
    match parsed.get(at) {
        Some(Parsed::Entry(entry)) => entry.clone(),
        _ => panic!("{listing}: {parsed:?}"),
    }
}

/// The lines of all fixtures.
fn fixture_lines() -> Vec<Vec<u8>> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/listings");
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(directory).expect("the fixtures") {
        let path = entry.expect("a fixture").path();
        if path.extension().is_some_and(|kind| kind == "txt") {
            let text = std::fs::read(path).expect("a fixture");
            lines.extend(text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec));
        }
    }
    lines.sort();
    lines
}

/// Lines of the fixtures, some of them changed.
fn listings() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(fixture_lines());
    let word = line.clone().prop_map(|line| {
        let words: Vec<_> = line
            .split(|&byte| byte == b' ')
            .filter(|word| !word.is_empty())
            .collect();
        words
            .get(words.len() / 2)
            .map_or(Vec::new(), |word| word.to_vec())
    });
    let noise = prop::collection::vec(any::<u8>(), 0..60);
    let shuffled = prop::collection::vec(word, 0..14).prop_map(|words| words.join(&b' '));
    let damaged = (line.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(mut line, at, byte)| {
            if !line.is_empty() {
                let at = at.index(line.len());
                line[at] = byte;
            }
            line
        },
    );
    let cut = (line.clone(), any::<prop::sample::Index>())
        .prop_map(|(line, at)| line[..at.index(line.len() + 1)].to_vec());
    let end = prop::sample::select(vec!["\n", "\r\n", "\r\r\n", "\n\n", ""]);
    let one = prop_oneof![4 => line, 2 => shuffled, 2 => damaged, 1 => cut, 1 => noise];
    prop::collection::vec((one, end), 0..30).prop_map(|lines| {
        let lines = lines
            .into_iter()
            .map(|(line, end)| [line, end.as_bytes().to_vec()].concat());
        lines.collect::<Vec<_>>().concat()
    })
}

proptest! {
    #[test]
    fn any_listing_is_read_for_what_it_is_and_the_same_however_it_is_cut(
        dialect in prop::sample::select(&Dialect::ALL[..]),
        listing in listings(),
        how: [u8; 4],
    ) {
        oracle::vote(&listing);
        oracle::dialect(dialect, &listing);
        oracle::splits(&[listing, how.to_vec()].concat());
    }

    #[test]
    fn any_bytes_are_read(dialect in prop::sample::select(&Dialect::ALL[..]), bytes: Vec<u8>) {
        oracle::vote(&bytes);
        oracle::dialect(dialect, &bytes);
        oracle::splits(&bytes);
        oracle::mlst(&bytes);
    }

    #[test]
    fn a_line_that_was_written_as_ls_does_is_read_back(
        kind in prop::sample::select(vec![('-', Kind::File), ('d', Kind::Directory), ('l', Kind::Symlink)]),
        bits in 0_u32..0o1000,
        links in 0_u32..100_000,
        owner in "[a-z_][a-z0-9_.-]{0,20}",
        group in "[a-z_][a-z0-9_.-]{0,20}",
        size: u64,
        seconds in 0_i64..1_790_000_000,
        name in "[^/>\0\r\n\\\\]{1,40}",
        target in "[^\0\r\n\\\\]{1,40}",
    ) {
        if name == "." || name == ".." {
            return Ok(());
        }
        let letters = |shift: u32| {
            let letter = |bit: u32, letter| if bits >> shift & bit != 0 { letter } else { '-' };
            format!("{}{}{}", letter(4, 'r'), letter(2, 'w'), letter(1, 'x'))
        };
        let mode = [letters(6), letters(3), letters(0)].concat();
        // 2020-01-02T03:04:05Z, without the seconds.
        let time = Timestamp::from_unix(seconds, 0).unwrap().to_string();
        let date = time.chars().take(16).collect::<String>().replace('T', " ");
        let arrow = if kind.1 == Kind::Symlink { format!(" -> {target}") } else { String::new() };
        let line = format!("{}{mode} {links:>3} {owner:<8} {group:<8} {size:>8} {date} {name}{arrow}", kind.0);
        let entry = parse_unix_line(line.as_bytes(), None).unwrap();
        prop_assert_eq!(entry.kind(), kind.1);
        prop_assert_eq!(entry.name(), name.as_bytes());
        prop_assert_eq!(entry.size(), Some(size));
        prop_assert_eq!(entry.links(), Some(links.into()));
        prop_assert_eq!((entry.owner(), entry.group()), (Some(owner.as_bytes()), Some(group.as_bytes())));
        prop_assert_eq!(entry.permissions().unwrap().mode(), Some(bits));
        prop_assert_eq!(entry.modified().unwrap().time.unix_seconds(), seconds - seconds % 60);
        prop_assert_eq!(entry.target(), (kind.1 == Kind::Symlink).then_some(target.as_bytes()));
    }

    #[test]
    fn a_line_that_was_written_as_iis_does_is_read_back(
        size in prop::option::of(any::<u64>()),
        // Two digits are a year from 1970 to 2069.
        seconds in 0_i64..3_124_224_000,
        name in "[^<>:\"/|?*\\x00-\\x1f]{0,40}[^<>:\"/|?*\\x00-\\x1f .]",
    ) {
        let time = Timestamp::from_unix(seconds - seconds % 60, 0).unwrap();
        // 2020-01-02T03:04:05Z
        let text = time.to_string();
        let part = |from: usize| text.chars().skip(from).take(2).collect::<String>();
        let (hour, half) = match part(11).parse::<u8>().unwrap() {
            0 => (12, "AM"),
            hour @ 1..12 => (hour, "AM"),
            12 => (12, "PM"),
            hour => (hour - 12, "PM"),
        };
        let stamp = format!("{}-{}-{}  {hour:02}:{}{half}", part(5), part(8), part(2), part(14));
        let mark = size.map_or_else(
            || format!("{:<21}", "       <DIR>"),
            |size| format!("{size:>21}"),
        );
        // Another row shows that the month stands first.
        let sure = "12-31-99  12:59PM       <DIR>          quay\r\n";
        let listing = format!("{sure}{stamp}{mark} {name}\r\n");
        let entry = entry(1, &listing);
        prop_assert_eq!(entry.name(), name.as_bytes());
        prop_assert_eq!(entry.size(), size);
        let kind = if size.is_some() { Kind::File } else { Kind::Directory };
        prop_assert_eq!(entry.kind(), kind);
        prop_assert_eq!(entry.modified().unwrap().time, time);
    }

    #[test]
    fn eplf_that_was_written_is_read_back(
        size in prop::option::of(any::<u64>()),
        seconds in 0_i64..253_402_200_000,
        name in "[^\0\r\n]{1,40}",
    ) {
        let kind = size.map_or_else(|| "/".to_owned(), |size| format!("r,s{size}"));
        let line = format!("+i1.2,m{seconds},{kind},\t{name}\r\n");
        let entry = entry(0, &line);
        prop_assert_eq!((entry.name(), entry.size()), (name.as_bytes(), size));
        prop_assert_eq!(entry.modified().unwrap().time.unix_seconds(), seconds);
    }

    #[test]
    fn facts_that_were_written_are_read_back(
        kind in prop::sample::select(vec![("file", Kind::File), ("dir", Kind::Directory)]),
        size: u64,
        seconds in 0_i64..253_402_200_000,
        mode in 0_u32..0o10000,
        owner in "[a-z0-9_.-]{1,20}",
        name in "[^\0\r\n]{1,40}",
        upper: bool,
    ) {
        let time = Timestamp::from_unix(seconds, 0).unwrap();
        let facts = format!("type={};size={size};modify={};UNIX.mode={mode:04o};UNIX.ownername={owner};", kind.0, time.to_wire());
        let facts = if upper { facts.replacen("type", "TYPE", 1).replacen("size", "Size", 1) } else { facts };
        let entry = parse_mlsx_line(format!("{facts} {name}").as_bytes()).unwrap();
        let kind = match (kind.1, &*name) {
            (Kind::Directory, ".") => Kind::CurrentDirectory,
            (Kind::Directory, "..") => Kind::ParentDirectory,
            (kind, _) => kind,
        };
        prop_assert_eq!((entry.kind(), entry.name(), entry.size()), (kind, name.as_bytes(), Some(size)));
        prop_assert_eq!(entry.modified().unwrap().time, time);
        prop_assert_eq!(entry.permissions().unwrap().mode(), Some(mode));
        prop_assert_eq!(entry.owner(), Some(owner.as_bytes()));
    }
}

/// Lines as long as they may be, of what readers search for: were anything quadratic, this would
/// not end.
#[test]
fn long_lines_of_anything_are_read_in_linear_time() {
    let limits = ListingLimits::default();
    let patterns: [&[u8]; 16] = [
        b" ",
        b"a ",
        b"1 ",
        b";",
        b"; ",
        b"a=b;",
        b"-> ",
        b" -> ",
        b"\\ ",
        b"/",
        b",",
        b"[",
        b"Jan 1 ",
        b"\xd1\x8f",
        b"<DIR> ",
        b"'",
    ];
    let leads: [&[u8]; 6] = [
        b"",
        b"-rw-r--r-- 1 a b 5 Jan 1 2020 ",
        b"type=file;",
        b"A;1 ",
        b"+",
        b"01-01-20  01:00PM ",
    ];
    for pattern in patterns {
        for lead in leads {
            let mut line = lead.to_vec();
            while line.len() + pattern.len() < limits.line {
                line.extend_from_slice(pattern);
            }
            line.push(b'\n');
            let mut parser = ListParser::new(Format::Detect, None, limits);
            for _ in 0..4 {
                parser.push(&line).unwrap();
            }
            parser.finish().unwrap();
            assert!(std::iter::from_fn(|| parser.next()).count() <= 4 * 12);
        }
    }
}

/// Bytes one by one, and lines without number: work grows with their count and not with its square.
#[test]
fn many_short_lines_and_pieces_are_read_in_linear_time() {
    let mut parser = ListParser::new(Format::Detect, None, ListingLimits::default());
    let mut count = 0;
    for _ in 0..200_000 {
        parser.push(b"\nA;1\n").unwrap();
        count += std::iter::from_fn(|| parser.next()).count();
    }
    parser.finish().unwrap();
    count += std::iter::from_fn(|| parser.next()).count();
    assert_eq!(count, 200_000);
    let mut parser = ListParser::new(Format::Detect, None, ListingLimits::default());
    for _ in 0..60_000 {
        parser.push(b"x").unwrap();
    }
    assert_eq!(
        parser.push(&[b'x'; 6000]),
        Err(ListingError::LineTooLong { limit: 65_536 })
    );
}
