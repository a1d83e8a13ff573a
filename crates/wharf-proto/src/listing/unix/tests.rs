//! One line alone.

use proptest::prelude::*;

use super::super::{Dialect, Precision, Zone};
use super::*;

fn at(now: &str) -> Timestamp {
    Timestamp::parse(now.as_bytes()).unwrap()
}

fn entry(line: &str) -> Entry {
    let entry = parse_unix_line(line.as_bytes(), Some(at("20261122120000")));
    entry.unwrap_or_else(|| panic!("no entry in {line:?}"))
}

fn time(line: &str) -> Option<String> {
    entry(line)
        .modified()
        .map(|modified| modified.time.to_string())
}

fn text(bytes: Option<&[u8]>) -> Option<&str> {
    bytes.map(|bytes| std::str::from_utf8(bytes).unwrap())
}

#[test]
fn t48_one_line_gives_every_column() {
    let line = "-rw-r--r--   1 root     other        531 Jan 29 03:26 README";
    let entry = entry(line);
    assert_eq!(entry.kind(), Kind::File);
    assert_eq!(entry.permissions().unwrap().symbolic(), Some("rw-r--r--"));
    assert_eq!(entry.permissions().unwrap().mode(), Some(0o644));
    assert_eq!(entry.links(), Some(1));
    assert_eq!(text(entry.owner()), Some("root"));
    assert_eq!(text(entry.group()), Some("other"));
    assert_eq!(entry.size(), Some(531));
    assert_eq!(text(entry.date_text()), Some("Jan 29 03:26"));
    assert_eq!(entry.name(), b"README");
    assert_eq!(
        (entry.target(), entry.unique(), entry.fact("size")),
        (None, None, None)
    );
    assert_eq!(
        (entry.dialect(), entry.raw()),
        (Dialect::Unix, line.as_bytes())
    );
}

#[test]
fn t49_directories_links_and_dates_with_a_year() {
    let dir = entry("drw-r--r--   2 root     other        531 Jan  9  2003 A\r");
    assert_eq!(
        (dir.kind(), dir.name(), dir.links()),
        (Kind::Directory, &b"A"[..], Some(2))
    );
    assert_eq!(text(dir.date_text()), Some("Jan  9  2003"));
    let link = entry("lrw-r--r--   1 root     other          1 Jan 29 03:26 B -> A\r");
    assert_eq!((link.kind(), link.name()), (Kind::Symlink, &b"B"[..]));
    assert_eq!(text(link.target()), Some("A"));
    assert_eq!(parse_unix_line(b"woohoo! \r", None), None);
}

#[test]
fn t51_t52_blanks_in_names_and_targets_escaped_or_not() {
    for (name, target) in [("A B", "D C/A B"), (r"A\ B", r"D\ C/A\ B")] {
        let file = entry(&format!(
            "-rw-r--r--   1 root  other  531 Jan  9  2003 {name}"
        ));
        assert_eq!(file.name(), b"A B");
        let link = entry(&format!(
            "lrw-r--r--   1 root  other  1 Jan 29 03:26 {name} -> {target}"
        ));
        assert_eq!(
            (link.name(), text(link.target())),
            (&b"A B"[..], Some("D C/A B"))
        );
    }
    let other = entry(r"-rw-r--r--   1 root  other  531 Jan  9  2003 a\b\\ c\");
    assert_eq!(other.name(), br"a\b\ c\");
}

#[test]
fn t53_a_date_with_a_year_is_a_day() {
    let entry = entry("-rw-r--r--   1 root     other        531 Jan 29 2003 README");
    assert_eq!(entry.modified().unwrap().precision, Precision::Day);
    assert_eq!(
        entry.modified().unwrap().time.to_string(),
        "2003-01-29T00:00:00Z"
    );
    assert_eq!(entry.modified().unwrap().zone, Zone::Unknown);
}

#[test]
fn an_arrow_parts_links_only_and_where_the_size_says_or_at_the_first() {
    let file = entry("-rw-r--r-- 1 a b 1 Jan 29 03:26 x -> y");
    assert_eq!((file.name(), file.target()), (&b"x -> y"[..], None));
    for (size, name, target) in [
        (1, "a -> b", "c"),
        (6, "a", "b -> c"),
        (0, "a", "b -> c"),
        (3, "a", "b -> c"),
        (100, "a", "b -> c"),
        (u64::MAX, "a", "b -> c"),
    ] {
        let link = entry(&format!("lrwxrwxrwx 1 a b {size} Jan 29 03:26 a -> b -> c"));
        assert_eq!(link.name(), name.as_bytes(), "{size}");
        assert_eq!(text(link.target()), Some(target), "{size}");
    }
    let empty = entry("lrwxrwxrwx 1 a b 1 Jan 29 03:26 a -> ");
    assert_eq!((empty.name(), text(empty.target())), (&b"a"[..], Some("")));
    assert_eq!(entry("lrwxrwxrwx 1 a b 1 Jan 29 03:26 a").target(), None);
    let other = entry("lrwxrwxrwx 1 a b 1 Jan 29 03:26 a => b");
    assert_eq!((other.name(), text(other.target())), (&b"a"[..], Some("b")));
    let both = entry("lrwxrwxrwx 1 a b 1 Jan 29 03:26 a => b -> c");
    assert_eq!(
        (both.name(), text(both.target())),
        (&b"a => b"[..], Some("c"))
    );
}

#[test]
fn a_size_beyond_all_numbers_is_not_known() {
    let entry = entry("-rw-r--r-- 1 a b 18446744073709551616 Jan 29 03:26 x");
    assert_eq!((entry.name(), entry.size()), (&b"x"[..], None));
    assert_eq!(entry.confidence(), Confidence::Medium);
}

#[test]
fn a_size_that_turned_negative_is_not_known() {
    for size in ["-1", "-2147483648", "-1234567890"] {
        let entry = entry(&format!("-rw-r--r-- 1 a b {size} Jan 29 03:26 x"));
        assert_eq!((entry.name(), entry.size()), (&b"x"[..], None), "{size}");
        assert_eq!(text(entry.group()), Some("b"));
    }
}

#[test]
fn the_sum_is_known_in_many_languages() {
    for sum in [
        "total 3",
        "Total: 3",
        "insgesamt 12K",
        "Итого 8",
        "合計 3",
        "yhteensä 4",
    ] {
        assert!(is_total(&Line::new(sum.as_bytes())), "{sum}");
    }
    for other in [
        "total",
        "total recall",
        "3 total",
        "subtotal 3",
        "total 3 4",
    ] {
        assert!(!is_total(&Line::new(other.as_bytes())), "{other}");
    }
}

#[test]
fn every_blank_of_a_name_but_the_first_before_it_is_kept() {
    assert_eq!(
        entry("-rw-r--r-- 1 a b 1 Jan 29 03:26   x  y ").name(),
        b"  x  y "
    );
    assert_eq!(
        entry("-rw-r--r-- 1 a b 1 2003-01-29 03:26  x").name(),
        b" x"
    );
    assert_eq!(entry("-rw-r--r-- 1 a b 1 2003-01-29  x").name(), b"x");
    assert_eq!(entry("-rw-r--r-- 1 a b 1 Jan 29  2003  x").name(), b" x");
    assert_eq!(entry("-rw-r--r-- 1 a b 1 Jan 29 2003  x").name(), b"x");
    let unitree = "-rw-r--r-- 1 a b  DK common  1 Jan 29 03:26   x";
    assert_eq!(entry(unitree).name(), b"x");
}

#[test]
fn modes_with_a_mark_and_with_special_bits_are_read() {
    for (mode, bits) in [
        ("-rw-r--r--+", Some(0o644)),
        ("-rw-r--r--.", Some(0o644)),
        ("-rw-r--r--@", Some(0o644)),
        ("-rwsr-xr-x", Some(0o4755)),
        ("-rwSr-sr-x", Some(0o6655)),
        ("-rwxrwxrwt", Some(0o1777)),
        ("-rwxrwxrwT", Some(0o1776)),
        ("----------", Some(0)),
        ("-rwxr-lr-x", None),
        ("-wrxr-xr-x", None),
    ] {
        let entry = entry(&format!("{mode} 1 a b 1 Jan 29 03:26 x"));
        assert_eq!(entry.permissions().unwrap().mode(), bits, "{mode}");
        assert_eq!(
            entry.permissions().unwrap().symbolic(),
            mode.get(1..10),
            "{mode}"
        );
    }
}

#[test]
fn missing_columns_are_absent_and_the_entry_is_not() {
    let columns = |owners: &str| {
        let line = format!("-rw-r--r-- {owners} 531 Jan 29 03:26 README");
        let entry = entry(&line);
        assert_eq!(
            (entry.name(), entry.size()),
            (&b"README"[..], Some(531)),
            "{line}"
        );
        let owned = |part: Option<&[u8]>| text(part).map(str::to_owned);
        (entry.links(), owned(entry.owner()), owned(entry.group()))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(columns("1 root"), (Some(1), some("root"), None));
    assert_eq!(columns("root other"), (None, some("root"), some("other")));
    assert_eq!(columns("root"), (None, some("root"), None));
    assert_eq!(columns("1"), (Some(1), None, None));
    assert_eq!(columns(""), (None, None, None));
    assert_eq!(
        columns("1 1000 1000"),
        (Some(1), some("1000"), some("1000"))
    );
    assert_eq!(
        columns("1 root Domain Users"),
        (Some(1), some("root"), some("Domain Users"))
    );
    assert_eq!(
        columns("1 john smith     test group  "),
        (Some(1), some("john smith"), some("test group"))
    );
    assert_eq!(
        columns("1 mary  ann  quay"),
        (Some(1), some("mary"), some("ann  quay"))
    );
    assert_eq!(columns("500 31"), (None, None, None));
    assert_eq!(columns("531 0"), (None, None, None));
    assert_eq!(columns("folder"), (None, None, None));
}

#[test]
fn owners_that_look_like_a_date_are_owners() {
    let entry = entry("-rw-r--r-- 1 may 20 1980 Jan  2  2020 f");
    assert_eq!((entry.name(), entry.size()), (&b"f"[..], Some(1980)));
    assert_eq!(
        (text(entry.owner()), text(entry.group())),
        (Some("may"), Some("20"))
    );
}

#[test]
fn device_nodes_have_numbers_and_no_size() {
    for line in [
        "crw-rw-rw-   1 root     sys       13, 12 Jan 29  2003 null",
        "brw-rw-rw-   1 root     sys        13,12 Jan 29  2003 null",
        "crw-rw-rw-   1 root     sys        3 0x000002 Jan 29  2003 null",
        "crw-rw-rw-   1 root     sys    13,0x00020002 Jan 29  2003 null",
    ] {
        let entry = entry(line);
        assert_eq!((entry.name(), entry.size()), (&b"null"[..], None), "{line}");
        assert_eq!(
            (text(entry.owner()), text(entry.group())),
            (Some("root"), Some("sys"))
        );
        assert!(matches!(entry.kind(), Kind::BlockDevice | Kind::CharDevice));
    }
    assert_eq!(
        parse_unix_line(b"-rw-rw-rw- 1 root sys 13, 12 Jan 29  2003 null", None),
        None
    );
}

#[test]
fn kinds_are_those_of_the_first_letter_and_of_the_dots() {
    for (line, kind) in [
        ("prw-r--r-- 1 a b 0 Jan 29 03:26 x", Kind::Fifo),
        ("srw-r--r-- 1 a b 0 Jan 29 03:26 x", Kind::Socket),
        ("Drw-r--r-- 1 a b 0 Jan 29 03:26 x", Kind::Other),
        ("Drwxrwxrwx 1 a b 0 Jan 29 03:26 x", Kind::Directory),
        ("Mrw-r--r-- 1 a b 0 Jan 29 03:26 x", Kind::File),
        ("Crw-r--r-- 1 a b 0 Jan 29 03:26 x", Kind::File),
        ("erwxrwxrwx 1 a b 1 Jan 29 03:26 x -> y", Kind::Symlink),
        ("drwxr-xr-x 1 a b 0 Jan 29 03:26 .", Kind::CurrentDirectory),
        ("drwxr-xr-x 1 a b 0 Jan 29 03:26 ..", Kind::ParentDirectory),
        ("drwxr-xr-x 1 a b 0 Jan 29 03:26 ...", Kind::Directory),
    ] {
        assert_eq!(entry(line).kind(), kind, "{line}");
    }
}

#[test]
fn dates_are_read_in_every_order() {
    for (date, expected) in [
        ("Jan 29 03:26", "2026-01-29T03:26:00Z"),
        ("Jan 29 3:26", "2026-01-29T03:26:00Z"),
        ("Jan 29 03:26:15", "2026-01-29T03:26:15Z"),
        ("Jan 29 03:26:15 1999", "1999-01-29T03:26:15Z"),
        ("29 Jan 03:26", "2026-01-29T03:26:00Z"),
        ("29 jan  2003", "2003-01-29T00:00:00Z"),
        ("Jan 02  2020", "2020-01-02T00:00:00Z"),
        ("2003-01-29 03:26", "2003-01-29T03:26:00Z"),
        ("2003-01-29", "2003-01-29T00:00:00Z"),
        ("2003-01-29 03:26:15", "2003-01-29T03:26:15Z"),
        (
            "2003-01-29 03:26:15.250000000 +0130",
            "2003-01-29T01:56:15.25Z",
        ),
    ] {
        let line = format!("-rw-r--r-- 1 a b 1 {date} x");
        assert_eq!(time(&line).as_deref(), Some(expected), "{line}");
        assert_eq!(entry(&line).name(), b"x");
        assert_eq!(text(entry(&line).date_text()), Some(date));
    }
    let exact = entry("-rw-r--r-- 1 a b 1 2003-01-29 03:26:15.250000000 +0130 x");
    let modified = exact.modified().unwrap();
    assert_eq!(
        (modified.precision, modified.zone),
        (Precision::Fraction, Zone::Utc)
    );
}

#[test]
fn a_date_without_a_year_is_the_last_one_up_to_a_day_ahead() {
    let year = |date: &str, now: &str| {
        let line = format!("-rw-r--r-- 1 a b 1 {date} x");
        let entry = parse_unix_line(line.as_bytes(), Some(at(now))).unwrap();
        entry
            .modified()
            .map(|modified| modified.time.to_civil().year())
    };
    assert_eq!(year("Nov 22 12:00", "20261122120000"), Some(2026));
    assert_eq!(year("Nov 23 12:00", "20261122120000"), Some(2026));
    assert_eq!(year("Nov 23 12:01", "20261122120000"), Some(2025));
    assert_eq!(year("Dec 31 23:59", "20270101000000"), Some(2026));
    assert_eq!(year("Jan  1 00:30", "20261231233000"), Some(2027));
    assert_eq!(year("Feb 29 12:00", "20250301000000"), Some(2024));
    assert_eq!(year("Feb 29 12:00", "19030101000000"), Some(1896));
    assert_eq!(year("Feb 30 12:00", "20250301000000"), None);
}

#[test]
fn a_date_that_is_not_understood_stays_text() {
    for date in [
        "Xyz 12 10:00",
        "Qqq 24  2003",
        "12 Xyz 10:00",
        "Jan 29 24:61",
        "Feb 30 2003",
    ] {
        let entry = entry(&format!("-rw-r--r-- 1 a b 1 {date} x"));
        assert_eq!(
            (entry.modified(), text(entry.date_text())),
            (None, Some(date))
        );
        assert_eq!(entry.name(), b"x");
    }
}

#[test]
fn servers_of_the_lab_are_read() {
    for line in [
        "-rw-r--r--    1 2121     2121           11 Jan 02  2020 a.txt",
        "-rw-r--r--   1 ship     2121           11 Jan  2  2020 a.txt",
        "-rw-r--r--    1 2121       ship               11 Jan  2  2020 a.txt",
        "-rw-r--r--  1 ship  ship  11 Jan  2  2020 a.txt",
        "-rw-r--r-- 1 none none 11 Nov 22 15:49 a.txt",
        "-rw-r--r--   1     ship     ship           11 Jan  2 03:04 a.txt\r\r",
        "-rw-r--r-- 1 2121 2121           11 Jan 02  2020 a.txt",
        "-rw-r--r--            1         2121         2121              11 Nov 22 15:50 a.txt",
    ] {
        let entry = entry(line);
        assert_eq!(
            (entry.name(), entry.size()),
            (&b"a.txt"[..], Some(11)),
            "{line}"
        );
        assert!(entry.owner().is_some() && entry.group().is_some() && entry.modified().is_some());
    }
}

#[test]
fn anything_doubtful_is_no_entry() {
    for line in [
        "",
        "total 3",
        "ABC",
        "01-29-03  03:26AM       <DIR>          x",
        "+i8388621.48594,m825718503,r,s280,\tdjb.html",
        "type=file;size=1; x",
        "d [RWCEAFMS] admin  512 Oct 13 2004 PSI",
        "-rw-r--r-- 1 a b 1 Jan 29 03:26",
        "-rw-r--r-- 1 a b 1 Jan 29 03:26 ",
        "-rw-r--r-- 1 a b 1 Jan 29 03:26 \r",
        "lrwxrwxrwx 1 a b 1 Jan 29 03:26  -> b",
        "lrwxrwxrwx 1 a b 1 Jan 29 03:26 => b",
        "lrwxrwxrwx 1 a b 1 Jan  1 2020  -> b",
        "-rw-r--r-- 1 a b 1 Jan 32 03:26 x",
        "-rw-r--r-- 1 a b 1 Jan 29 0326x x",
        "-rw-r--r-- 1 a b -1x Jan 29 03:26 x",
        "drwxr-xr-x 1 a b 4 Nov  2  2025 /",
        "drwxr-xr-x 1 a b 4 Nov  2  2025 //",
        "-rw-r--r--* 1 a b 1 Jan 29 03:26 x",
        "?rw-r--r-- 1 a b 1 Jan 29 03:26 x",
    ] {
        assert_eq!(parse_unix_line(line.as_bytes(), None), None, "{line:?}");
    }
}

#[test]
fn only_a_sum_is_a_total() {
    let is_total = |text: &str| is_total(&Line::new(text.as_bytes()));
    for sum in [
        "total 12",
        "Total 1.5K",
        "total 0 ",
        "Gesamt 4352",
        "total: 0",
        "total -9560322322989056",
    ] {
        assert!(is_total(sum), "{sum}");
    }
    for other in ["total", "total -", "total of 3", "total 3 files"] {
        assert!(!is_total(other), "{other}");
    }
}

proptest! {
    #[test]
    fn any_name_without_a_backslash_is_kept(name in "[^\r\n\\\\]{1,20}") {
        // What is nothing but slashes is no name.
        prop_assume!(name != "." && name != ".." && !name.bytes().all(|byte| byte == b'/'));
        let entry = entry(&format!("-rw-r--r--   1 root  other  531 Jan 29  2003 {name}"));
        prop_assert_eq!(entry.name(), name.as_bytes());
    }

    #[test]
    fn no_line_panics(
        bytes: Vec<u8>,
        columns in "[dlc-]rwxr-xr-x[ 0-9a-z,:>.+-]{0,60}",
    ) {
        for line in [&bytes[..], columns.as_bytes()] {
            if let Some(entry) = parse_unix_line(line, Some(at("20261122120000"))) {
                prop_assert!(!entry.name().is_empty());
                let _ = (entry.owner(), entry.group(), entry.date_text());
            }
        }
    }
}

#[test]
fn columns_that_touch_are_told_apart() {
    let mode = entry("drwxr-x---+1464 chrism  staff  41472 Feb 25 13:17 20090225");
    assert_eq!((mode.links(), mode.name()), (Some(1464), &b"20090225"[..]));
    assert_eq!(text(mode.owner()), Some("chrism"));
    let size = entry("-rw-r--r--   1 builder  longgroupname24809879 Jun 25 10:54 a b");
    assert_eq!((size.size(), size.name()), (Some(24_809_879), &b"a b"[..]));
    assert_eq!(text(size.group()), Some("longgroupname"));
    assert_eq!(size.confidence(), Confidence::Medium);
    // Seven digits leave a blank in front of them, so that these are the group's own.
    let line = b"-rw-r--r--   1 builder  group1234567 Jun 25 10:54 a b";
    assert_eq!(parse_unix_line(line, None), None);
}

#[test]
fn inodes_blocks_and_indentation_may_stand_before_the_mode() {
    for lead in ["", " ", "33025 ", "  33025   16 ", "4.0K ", " 33025 512 "] {
        let entry = entry(&format!("{lead}-rw-r--r-- 1 a b 5 Jan 29 03:26 x"));
        assert_eq!(
            (entry.name(), entry.size()),
            (&b"x"[..], Some(5)),
            "{lead:?}"
        );
    }
}

#[test]
fn rounded_sizes_are_not_exact() {
    for (written, size, is_exact) in [
        ("33.5k", Some(34_304), false),
        ("9.0M", Some(9_437_184), false),
        ("1,5G", Some(1_610_612_736), false),
        ("12kB", Some(12_288), false),
        ("1.5MiB", Some(1_572_864), false),
        ("12B", Some(12), false),
        ("2,563,136", Some(2_563_136), true),
        ("2.563.136", Some(2_563_136), true),
        ("********", None, false),
        ("18446744073709551615", Some(u64::MAX), true),
    ] {
        let entry = entry(&format!("-rw-r--r-- 1 a b {written} Jan 29 03:26 x"));
        assert_eq!(
            (entry.size(), entry.size_is_exact()),
            (size, is_exact),
            "{written}"
        );
    }
}

#[test]
fn a_dash_stands_for_what_is_not_counted() {
    let directory = entry("drwxr-xr-x   - hdfs supergroup  0 2024-01-01 03:26 a");
    assert_eq!((directory.links(), directory.size()), (None, Some(0)));
    assert_eq!(
        (text(directory.owner()), text(directory.group())),
        (Some("hdfs"), Some("supergroup"))
    );
    let directory = entry("drwxr-xr-x 2 hdfs supergroup - Jan 29 03:26 a");
    assert_eq!((directory.links(), directory.size()), (Some(2), None));
    assert_eq!(
        (directory.name(), text(directory.owner())),
        (&b"a"[..], Some("hdfs"))
    );
    let file = entry("-rw-r--r-- 1 - - 5 Jan 29 03:26 a");
    assert_eq!(
        (text(file.owner()), text(file.group())),
        (Some("-"), Some("-"))
    );
    assert_eq!((file.links(), file.size()), (Some(1), Some(5)));
}

#[test]
fn owners_and_a_size_are_no_date_of_an_unknown_month() {
    let found = |line: &[u8]| parse_unix_line(line, None).map(|entry| entry.size());
    assert_eq!(found(b"-rw-r--r--   2 ftp      20   4096 file"), None);
    assert_eq!(
        found(b"-rw-r--r--   ftp  4096 xyz 20 2003 file"),
        Some(Some(4096))
    );
    assert_eq!(
        found(b"-rw-r--r--   4096 xyz 20 10:00 file"),
        Some(Some(4096))
    );
}

#[test]
fn the_first_date_is_the_date() {
    let entry = entry("-rw-r--r-- 1 a b 5 Jan 29 03:26 9 Feb 3 2001 x");
    assert_eq!(entry.name(), b"9 Feb 3 2001 x");
    for date in ["01-29 2003", "1 29 03:26", "1月 29 03:26", "29-jan-2003"] {
        let line = format!("-rw-r--r-- 1 a b 2003 {date} 5 Jan 29 03:26 x");
        assert_eq!(self::entry(&line).name(), b"5 Jan 29 03:26 x", "{date}");
    }
}

#[test]
fn columns_far_into_a_line_are_read_like_any_other() {
    let group = "g".repeat(300);
    let line = format!("-rw-r--r--   1 root {group} 531 Jan 29  2003 README");
    let entry = parse_unix_line(line.as_bytes(), None).unwrap();
    assert_eq!(entry.owner(), Some(&b"root"[..]));
    assert_eq!(entry.group(), Some(group.as_bytes()));
    assert_eq!(entry.date_text(), Some(&b"Jan 29  2003"[..]));
    assert_eq!((entry.links(), entry.name()), (Some(1), &b"README"[..]));
    assert_eq!(entry.permissions().unwrap().symbolic(), Some("rw-r--r--"));
    assert_eq!(entry, entry.clone());
}
