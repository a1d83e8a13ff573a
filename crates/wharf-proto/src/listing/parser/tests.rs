//! Listings of several lines.

use proptest::prelude::*;

use super::super::{Modified, Precision, Zone};
use super::*;

fn read(format: Format, pieces: &[&[u8]]) -> (Vec<Parsed>, Result<(), ListingError>) {
    let limits = ListingLimits::default().with_line(80).with_lines(8);
    let mut listing = ListParser::new(format, None, limits);
    let mut parsed = Vec::new();
    for piece in pieces {
        let pushed = listing.push(piece);
        parsed.extend(std::iter::from_fn(|| listing.next()));
        if pushed.is_err() {
            return (parsed, pushed);
        }
    }
    let finished = listing.finish();
    parsed.extend(std::iter::from_fn(|| listing.next()));
    (parsed, finished)
}

fn names(parsed: &[Parsed]) -> Vec<String> {
    let name = |one: &Parsed| match one {
        Parsed::Entry(entry) => entry.name_lossy().into_owned(),
        Parsed::Unknown(line) => format!("? {}", String::from_utf8_lossy(line)),
    };
    parsed.iter().map(name).collect()
}

#[test]
fn t15_a_unix_listing_gives_its_entries_in_order() {
    let listing = b"total 12\r\n\
        drwxrwxr-x 0 root other 100 Oct 10 2006 foo\r\n\
        -rw-r--r-- 3 root other 100 Oct 10 2006 bar\r\n\
        \r\n\
        -rw-r--r-- 4 root other 100 Oct 10 2006 baz\r\n";
    let (parsed, end) = read(Format::Unix, &[listing]);
    assert_eq!(
        (names(&parsed), end),
        (vec!["foo".into(), "bar".into(), "baz".into()], Ok(()))
    );
}

#[test]
fn t50_lines_that_are_no_entries_are_handed_back() {
    let (parsed, _) = read(Format::Unix, &[b"ABC\r\nnot a file\r\n"]);
    assert_eq!(names(&parsed), ["? ABC", "? not a file"]);
    let (parsed, _) = read(Format::Mlsd, &[b"type=file; a\r\ntotal 3\r\n"]);
    assert_eq!(names(&parsed), ["a", "? total 3"]);
}

#[test]
fn x52_a_last_line_without_lf_is_an_entry_and_is_told_of() {
    let mut listing = ListParser::new(Format::Mlsd, None, ListingLimits::default());
    listing.push(b"type=file; a\r\n").unwrap();
    assert!(!listing.is_unterminated());
    listing.push(b"type=file; b").unwrap();
    listing.finish().unwrap();
    let parsed: Vec<_> = std::iter::from_fn(|| listing.next()).collect();
    assert_eq!(names(&parsed), ["a", "b"]);
    assert!(listing.is_unterminated());
}

#[test]
fn where_a_listing_broke_off_the_line_that_was_begun_is_no_entry() {
    for format in [Format::Detect, Format::Mlsd] {
        let mut listing = ListParser::new(format, None, ListingLimits::default());
        listing.push(b"type=file; a\r\ntype=file; b").unwrap();
        listing.cut_off();
        let parsed: Vec<_> = std::iter::from_fn(|| listing.next()).collect();
        assert_eq!(names(&parsed), ["a"]);
        assert!(listing.is_unterminated());
    }
}

#[test]
fn x52_a_line_beyond_the_limit_is_an_error_after_the_entries_before_it() {
    let long = [&b"type=file; a\n"[..], &[b'x'; 81]].concat();
    let (parsed, end) = read(Format::Mlsd, &[&long]);
    assert_eq!(names(&parsed), ["a"]);
    assert_eq!(end, Err(ListingError::LineTooLong { limit: 80 }));
    assert_eq!(ListingLimits::default().line, 65_536);
}

#[test]
fn a_listing_without_end_is_an_error_that_stays() {
    let limits = ListingLimits::default().with_lines(1);
    let mut listing = ListParser::new(Format::Mlsd, None, limits);
    let error = ListingError::TooManyLines { limit: 1 };
    assert_eq!(listing.push(b" a\n b\n"), Err(error));
    assert_eq!(
        (listing.push(b" c\n"), listing.finish()),
        (Err(error), Err(error))
    );
    assert_eq!(names(&[listing.next().unwrap()]), ["a"]);
    assert_eq!(listing.next(), None);
}

fn detected(listing: &str) -> (Vec<String>, Option<Dialect>) {
    let now = Timestamp::parse(b"20261122120000");
    let mut parser = ListParser::new(Format::Detect, now, ListingLimits::default());
    parser.push(listing.as_bytes()).unwrap();
    parser.finish().unwrap();
    let parsed: Vec<_> = std::iter::from_fn(|| parser.next()).collect();
    (names(&parsed), parser.dialect())
}

#[test]
fn the_whole_head_decides_and_other_lines_are_still_read() {
    let (names, dialect) = detected(
        "10-31-26  03:26AM       <DIR>          one\r\n\
         10-31-26  03:26AM                    5 two\r\n\
         -rw-r--r-- 1 a b 5 Jan 29 03:26 three\r\n\
         something else\r\n",
    );
    assert_eq!(names, ["one", "two", "three", "? something else"]);
    assert_eq!(dialect, Some(Dialect::Dos));
}

#[test]
fn a_listing_in_no_dialect_is_unknown_line_by_line() {
    let (names, dialect) = detected("Welcome to the server!\nNothing is here.\n");
    assert_eq!(names, ["? Welcome to the server!", "? Nothing is here."]);
    assert_eq!(dialect, None);
    assert_eq!(detected(""), (vec![], None));
}

#[test]
fn a_total_takes_the_vote_from_no_dialect_of_its_own_lines() {
    let row = "d [RWCEAFMS] Keeper                         512 Sep 30 2004 tides";
    let (names, dialect) = detected(&format!("total 0\r\n{row}\r\n"));
    assert_eq!(names, ["tides"]);
    assert_eq!(dialect, Some(Dialect::NetWare));
    let (names, _) = detected("total 2\r\nbusy\r\nbroken\r\n");
    assert_eq!(names, ["? busy", "? broken"]);
}

#[test]
fn what_the_server_says_of_itself_leans_and_does_not_decide() {
    let read = |said: &[u8], listing: &[u8]| {
        let limits = ListingLimits::default();
        let mut parser = ListParser::new(Format::Detect, None, limits).with_hint(said);
        parser.push(listing).unwrap();
        parser.finish().unwrap();
        parser.dialect()
    };
    // A directory of VM, or the name, size and date of something else.
    let either = b"README.TXT  26  04/02/97 12:33:20\r\n";
    assert_eq!(read(b"", either), Some(Dialect::NameFirst));
    let unix = b"-rw-r--r-- 1 a b 5 Jan 29 03:26 x\r\n";
    assert_eq!(read(b"215 VMS V7", unix), Some(Dialect::Unix));
}

#[test]
fn with_the_servers_zone_local_times_come_out_in_utc() {
    // Half past midnight on New Year's Eve here is half past nine in the morning there.
    let now = Timestamp::parse(b"20261231003000");
    let known = Timestamp::parse(b"20260101000000").unwrap();
    let local = Timestamp::parse(b"20260101090000").unwrap();
    let listed = Modified {
        time: local,
        precision: Precision::Minute,
        zone: Zone::Unknown,
    };
    let zone = ServerZone::between(listed, known).unwrap();
    for format in [Format::Unix, Format::Detect] {
        let mut parser = ListParser::new(format, now, ListingLimits::default()).with_zone(zone);
        parser.push(b"-rw-r--r-- 1 a b 5 Jan  1 09:15 x\n").unwrap();
        parser.finish().unwrap();
        let Some(Parsed::Entry(entry)) = parser.next() else {
            panic!("no entry");
        };
        let modified = entry.modified().unwrap();
        assert_eq!(modified.time.to_string(), "2027-01-01T00:15:00Z");
        assert_eq!(modified.zone, Zone::Utc);
    }
}

#[test]
fn entries_of_a_recursive_listing_know_their_directory() {
    let listing = b".:\ntotal 1\ndrwxr-xr-x 2 a b 5 Jan 29 03:26 sub\n\n\
        ./sub:\ntotal 1\n-rw-r--r-- 1 a b 5 Jan 29 03:26 x\n\n\
        other:\n-rw-r--r-- 1 a b 5 Jan 29 03:26 y\n";
    let mut parser = ListParser::new(Format::Detect, None, ListingLimits::default());
    parser.push(listing).unwrap();
    parser.finish().unwrap();
    let sections: Vec<_> = std::iter::from_fn(|| parser.next())
        .map(|parsed| match parsed {
            Parsed::Entry(entry) => (entry.name().to_vec(), entry.section().map(<[u8]>::to_vec)),
            Parsed::Unknown(line) => panic!("{line:?}"),
        })
        .collect();
    let expected = [("sub", None), ("x", Some("./sub")), ("y", Some("other"))];
    let expected = expected.map(|(name, section)| (name.into(), section.map(Into::into)));
    assert_eq!(sections, expected);
}

#[test]
fn an_lf_in_a_name_ends_no_line_where_lines_end_with_crlf() {
    let (names, _) = detected(
        "-rw-r--r-- 1 a b 5 Jan 29 03:26 one\r\n\
         -rw-r--r-- 1 a b 5 Jan 29 03:26 two\n  and\n more\r\n\
         -rw-r--r-- 1 a b 5 Jan 29 03:26 three\n\
         -rw-r--r-- 1 a b 5 Jan 29 03:26 four\r\n\
         a message\n\
         -rw-r--r-- 1 a b 5 Jan 29 03:26 five\r\n",
    );
    assert_eq!(
        names,
        [
            "one",
            "two\n  and\n more",
            "three",
            "four",
            "? a message",
            "five"
        ]
    );
}

#[test]
fn an_lf_ends_the_line_where_no_name_can_hold_one() {
    let (names, dialect) = detected(
        "A.TXT;1  3  2-JUN-1998 07:32:04\r\nstray\nB.TXT;57\n  9/9  2-JUN-1998 07:32:04\r\n",
    );
    assert_eq!(names, ["A.TXT", "? stray", "B.TXT"]);
    assert_eq!(dialect, Some(Dialect::Vms));
}

#[test]
fn an_empty_line_is_the_beginning_of_no_name() {
    let entry = "-rw-r--r-- 1 a b 5 Jan 29 03:26 two\n\n end";
    let (parsed, _) = read(
        Format::Unix,
        &[b"\r\n\n", entry.as_bytes(), b"\r\nsub:\r\n"],
    );
    assert_eq!(names(&parsed), ["two\n\n end", "? sub:"]);
    let Parsed::Entry(first) = &parsed[0] else {
        panic!("no entry");
    };
    assert_eq!(first.raw(), entry.as_bytes());
}

#[test]
fn a_foreign_line_never_waits_for_another() {
    let line = "-rw-r--r-- 1 a b 5 Jan 29 03:26 x\n";
    let (names, _) = detected(&format!(
        "{}LONG_NAME.DAT;12\n{}        120/128  2-NOV-2025 07:15:42\n",
        line.repeat(5),
        line.repeat(2)
    ));
    assert_eq!(names[5], "? LONG_NAME.DAT;12");
    assert_eq!(names[8], "?         120/128  2-NOV-2025 07:15:42");
    assert_eq!(names.len(), 9);
}

#[test]
fn a_wrapped_line_whose_rest_does_not_come_is_unknown() {
    let (names, dialect) = detected(
        "Directory DISK:[PUB]\n\nA.TXT;1  3 2-JUN-1998 07:32\nB_LONG_NAME.TXT;1\n  \
         9/9  2-JUN-1998 07:32:04\nLOST.TXT;1\n\nTotal of 3 files, 3 blocks.\nLAST.TXT;1\n",
    );
    let expected = ["A.TXT", "B_LONG_NAME.TXT", "? LOST.TXT;1", "? LAST.TXT;1"];
    assert_eq!(
        (names, dialect),
        (expected.map(Into::into).into(), Some(Dialect::Vms))
    );
}

#[test]
fn entries_come_out_while_bytes_come_in() {
    let line = b"-rw-r--r-- 1 a b 5 Jan 29 03:26 x\r\n";
    let mut parser = ListParser::new(Format::Detect, None, ListingLimits::default());
    for _ in 0..HEAD_LINES - 1 {
        parser.push(line).unwrap();
        assert_eq!(parser.next(), None);
    }
    parser.push(line).unwrap();
    assert_eq!(std::iter::from_fn(|| parser.next()).count(), HEAD_LINES);
    parser.push(line).unwrap();
    assert!(parser.next().is_some());
}

#[test]
fn a_backslash_is_a_names_own_where_other_names_have_blanks() {
    let plain = "-rw-r--r-- 1 a b 5 Jan 29 03:26 a\\ b\r\n";
    assert_eq!(detected(plain).0, ["a b"]);
    let other = "-rw-r--r-- 1 a b 5 Jan 29 03:26 two words\r\n";
    let (names, _) = detected(&format!("{plain}{other}"));
    assert_eq!(names, ["a\\ b", "two words"]);
    let link = "lrwxrwxrwx 1 a b 5 Jan 29 03:26 c\\ d -> e\\ f\r\n";
    assert_eq!(detected(&format!("{plain}{link}")).0, ["a b", "c d"]);
}

#[test]
fn a_blank_behind_a_year_is_the_names_where_the_column_is_not_filled() {
    let doubtful = "-rw-r--r-- 1 a b 5 Sep 14 2024  old\r\n";
    assert_eq!(detected(doubtful).0, ["old"]);
    let bare = "-rw-r--r-- 1 a b 5 Oct 19 2025 plain\r\n";
    assert_eq!(detected(&format!("{doubtful}{bare}")).0, [" old", "plain"]);
    let filled = "-rw-r--r-- 1 a b 5 Oct 19  2025 plain\r\n";
    assert_eq!(detected(&format!("{doubtful}{filled}")).0, ["old", "plain"]);
}

#[test]
fn in_a_listing_with_dates_a_line_without_one_is_unknown() {
    let undated = "-rw-rw-rw- 1 user group 59049 19981112 032600 compact";
    assert_eq!(detected(undated).0, ["19981112 032600 compact"]);
    let dated = "-rw-r--r-- 1 a b 5 Jan 29 03:26 x";
    let (names, _) = detected(&format!("{dated}\r\n{undated}\r\n"));
    assert_eq!(names, ["x".to_owned(), format!("? {undated}")]);
}

#[test]
fn facts_that_nobody_knows_are_doubtful_where_nobody_asked_for_them() {
    let read = |format, facts: &str| {
        let line = format!("{facts}; baz\r\n");
        let mut parser = ListParser::new(format, None, ListingLimits::default());
        parser.push(line.as_bytes()).unwrap();
        parser.finish().unwrap();
        let Some(Parsed::Entry(entry)) = parser.next() else {
            panic!("no entry in {line:?}");
        };
        assert_eq!(entry.name(), b"baz");
        entry.confidence()
    };
    assert_eq!(read(Format::Detect, "foo=bar"), Confidence::Low);
    assert_eq!(read(Format::Mlsd, "foo=bar"), Confidence::High);
    for facts in ["Size=5", "UNIX.mode=0644", "win32.ea=1", "x=y;lang=en"] {
        assert_eq!(read(Format::Detect, facts), Confidence::High, "{facts}");
    }
}

#[test]
fn every_row_has_a_say_in_the_order_of_dates() {
    let rows = "KEEPER 5 04/03/02 07:15:42 *STMF a\r\nKEEPER 5 24/03/02 07:15:42 *STMF b\r\n";
    let days = |listing: &str| {
        let now = Timestamp::parse(b"20261122120000");
        let mut parser = ListParser::new(Format::Detect, now, ListingLimits::default());
        parser.push(listing.as_bytes()).unwrap();
        parser.finish().unwrap();
        let day = |parsed| match parsed {
            Parsed::Entry(entry) => entry.modified().unwrap().time.to_string(),
            Parsed::Unknown(line) => panic!("{line:?}"),
        };
        std::iter::from_fn(|| parser.next())
            .map(day)
            .collect::<Vec<_>>()
    };
    assert_eq!(days(rows.lines().next().unwrap()), ["2002-04-03T07:15:42Z"]);
    assert_eq!(days(rows), ["2004-03-02T07:15:42Z", "2024-03-02T07:15:42Z"]);
}

#[test]
fn a_brief_listing_of_vms_may_end_with_one_name() {
    let (names, dialect) = detected("A.TXT;1  B.TXT;2\r\nC.TXT;3\r\nD.TXT;4\r\n");
    assert_eq!(names, ["A.TXT", "B.TXT", "C.TXT", "D.TXT"]);
    assert_eq!(dialect, Some(Dialect::Vms));
}

#[test]
fn a_sentence_is_no_name_unless_there_are_names() {
    let (names, _) = detected("No such file.txt\r\n");
    assert_eq!(names, ["? No such file.txt"]);
    let (names, _) = detected("README\r\na small file.txt\r\n");
    assert_eq!(names, ["README", "a small file.txt"]);
}

#[test]
fn an_entry_without_a_name_is_none() {
    let format = Format::Dialect(Dialect::Ka9q);
    let (parsed, _) = read(format, &[b"/  07:15 11/02/93\r\n"]);
    assert_eq!(names(&parsed), ["? /  07:15 11/02/93"]);
}

#[test]
fn gridftps_doubled_cr_is_part_of_no_name() {
    let (parsed, _) = read(
        Format::Unix,
        &[b"-rw-r--r--   1     ship     ship           11 Jan  2 03:04 a.txt\r\r\n"],
    );
    assert_eq!(names(&parsed), ["a.txt"]);
}

proptest! {
    #[test]
    fn any_split_of_the_bytes_gives_the_same_entries(
        lines in prop::collection::vec(
            prop::sample::select(&[
                "type=file;size=1; a b\r\n", " c\n", "\r\n", "total 1\r\n", "x", "\r", "\n",
                "-rw-r--r--   1 root  other  531 Jan 29  2003 README\r\n",
            ]),
            0..12,
        ),
        size in 1_usize..9,
        mlsd: bool,
    ) {
        let format = if mlsd { Format::Mlsd } else { Format::Unix };
        let listing = lines.concat().into_bytes();
        let pieces: Vec<&[u8]> = listing.chunks(size).collect();
        prop_assert_eq!(read(format, &pieces), read(format, &[&listing]));
    }
}
