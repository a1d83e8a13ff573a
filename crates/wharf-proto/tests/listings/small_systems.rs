//! What is read in the listings of smaller systems beyond their fixtures, and what is left alone.

use wharf_proto::listing::{Dialect, Format};

use super::shown::{leaves_alone, reads, shown, shown_in};

#[test]
fn vms_counts_in_blocks_or_in_units_of_bytes() {
    reads(
        Dialect::Vms,
        "A.TXT;1              10KB/16KB   2-NOV-2025 07:15:42.00  [KEEPER]  (RWED,RWED,RE,)\r\n\
         B.TXT;1              1.5MB/2MB   2-NOV-2025 07:15:42.00  [KEEPER]  (RWED,RWED,RE,)\r\n\
         C.TXT;1              512B        2-NOV-2025 07:15:42.00  [KEEPER]  (RWED,RWED,RE,)\r\n",
        &[
            "File \"A.TXT\", size about 10240, at 2025-11-02T07:15:42, owner KEEPER, version 1",
            "File \"B.TXT\", size about 1572864, at 2025-11-02T07:15:42, owner KEEPER, version 1",
            "File \"C.TXT\", size about 512, at 2025-11-02T07:15:42, owner KEEPER, version 1",
        ],
    );
}

#[test]
fn vms_may_have_no_date_and_blanks_that_are_escaped() {
    reads(
        Dialect::Vms,
        "A.TXT;1      2  <None specified>  [STAFF,KEEPER]  (RWED,RWED,RE,)\r\n\
         Tide^ table^.old.Txt;3  2  2-NOV-2025 07:15  [KEEPER]  (RWED,RWED,RE,)\r\n",
        &[
            "File \"A.TXT\", size about 1024, owner KEEPER, group STAFF, version 1",
            "File \"Tide^ table^.old.Txt\", size about 1024, at 2025-11-02T07:15, owner KEEPER, version 3",
        ],
    );
    leaves_alone(
        Dialect::Vms,
        "",
        &[
            "TIDE TABLE.TXT;3  2  2-NOV-2025 07:15  [KEEPER]  (RWED,RWED,RE,)",
            "TIDES.TXT;3  2  [KEEPER]  (RWED,RWED,RE,)",
        ],
    );
}

#[test]
fn vms_writes_stars_where_a_number_is_too_wide() {
    reads(
        Dialect::Vms,
        "A.TXT;1      ******  2-NOV-2025 07:15\r\nB.TXT;1  12345/*****  2-NOV-2025 07:15\r\n\
         C.TXT;1  *****/*****  2-NOV-2025 07:15\r\nD.TXT;1  */x  2-NOV-2025 07:15\r\n",
        &[
            "File \"A.TXT\", at 2025-11-02T07:15, version 1",
            "File \"B.TXT\", size about 6320640, at 2025-11-02T07:15, version 1",
            "File \"C.TXT\", at 2025-11-02T07:15, version 1",
            "? D.TXT;1  */x  2-NOV-2025 07:15",
        ],
    );
}

#[test]
fn vms_lists_the_directories_below_as_well() {
    reads(
        Dialect::Vms,
        "Directory DISK:[KEEPER]\r\n\r\nA.TXT;1      2  2-NOV-2025 07:15\r\n\r\n\
         Directory DISK:[KEEPER.LOGS]\r\n\r\nB.TXT;1      2  2-NOV-2025 07:15\r\n\r\n\
         Directory DISK:[KEEPER]\r\n\r\nC.TXT;1      2  2-NOV-2025 07:15\r\n\r\n\
         Grand total of 2 directories, 3 files, 6 blocks.\r\n",
        &[
            "File \"A.TXT\", size about 1024, at 2025-11-02T07:15, version 1",
            "File \"B.TXT\", size about 1024, at 2025-11-02T07:15, version 1, in DISK:[KEEPER.LOGS]",
            "File \"C.TXT\", size about 1024, at 2025-11-02T07:15, version 1",
        ],
    );
}

#[test]
fn facts_may_be_indented_as_in_a_reply_to_mlst() {
    reads(
        Dialect::Mlsx,
        " Type=file;Size=77;Perm=r; a b\r\n size=3 c\r\n seen=3; d\r\n  type=file; e\r\n",
        &[
            "File \"a b\", size 77",
            "?  size=3 c",
            "?  seen=3; d",
            "?   type=file; e",
        ],
    );
}

#[test]
fn unix_may_write_everything_in_numbers() {
    reads(
        Dialect::Unix,
        "0100644   7  2121   512   1762067742  a file\r\n100600  7  2121   512   1762067742  b\r\n\
         0040755   7  2121  4096   1762067742  a dir\r\n040755  7  2121  4096   1762067742  d\r\n\
         0120777   7  2121     3   1762067742  e\r\n0060644 7  2121     3   1762067742  f\r\n",
        &[
            "File \"a file\", size 512, at 2025-11-02T07:15:42Z, mode 644, owner 7, group 2121, confidence Medium",
            "File \"b\", size 512, at 2025-11-02T07:15:42Z, mode 600, owner 7, group 2121, confidence Medium",
            "Directory \"a dir\", size 4096, at 2025-11-02T07:15:42Z, mode 755, owner 7, group 2121, confidence Medium",
            "Directory \"d\", size 4096, at 2025-11-02T07:15:42Z, mode 755, owner 7, group 2121, confidence Medium",
            "Symlink \"e\", size 3, at 2025-11-02T07:15:42Z, mode 777, owner 7, group 2121, confidence Medium",
            "? 0060644 7  2121     3   1762067742  f",
        ],
    );
}

#[test]
fn vms_may_show_only_some_of_its_columns() {
    reads(
        Dialect::Vms,
        "Directory DISK:[KEEPER]\r\n\r\n\
         A.TXT;1                      4\r\n\
         B.DIR;1        2-NOV-2025 07:15\r\n\
         C.TXT;7        [STAFF,KEEPER]  (RWED,RWED,RE,)\r\n\
         D.TXT;1        and a remark\r\n\
         E.TXT                        4\r\n",
        &[
            "File \"A.TXT\", size about 2048, version 1",
            "Directory \"B\", at 2025-11-02T07:15, version 1",
            "File \"C.TXT\", owner KEEPER, group STAFF, version 7",
            "? D.TXT;1        and a remark",
            "? E.TXT                        4",
        ],
    );
    leaves_alone(
        Dialect::Vms,
        "",
        &[
            "A.TXT;1                      4",
            "B.DIR;1        2-NOV-2025 07:15",
            "C.TXT;7        [STAFF,KEEPER]  (RWED,RWED,RE,)",
        ],
    );
}

#[test]
fn vms_may_leave_the_versions_out() {
    reads(
        Dialect::Vms,
        "LOGIN.COM                8  2-NOV-2025 20:01 [STAFF,KEEPER] (RWED,RE,RE,RE)\r\n\
         QUAY.DIR               1/3  2-NOV-2025 20:01 (RWED,RE,RE,RE)\r\n",
        &[
            "File \"LOGIN.COM\", size about 4096, at 2025-11-02T20:01, owner KEEPER, group STAFF",
            "Directory \"QUAY\", size about 512, at 2025-11-02T20:01",
        ],
    );
    reads(
        Dialect::Vms,
        "Directory DISK:[KEEPER]\r\n\r\n\
         LOGIN.COM                8  2-NOV-2025 20:01\r\n\r\n\
         Total of 1 file, 8 blocks.\r\n",
        &["File \"LOGIN.COM\", size about 4096, at 2025-11-02T20:01"],
    );
    leaves_alone(
        Dialect::Vms,
        "",
        &[
            "LOGIN.COM                8  2-NOV-2025 20:01",
            "LOGIN                    8  2-NOV-2025 20:01 [STAFF,KEEPER] (RWED,RE,RE,RE)",
            "LOGIN.COM                8  [STAFF,KEEPER] (RWED,RE,RE,RE)",
            "LOGIN.COM                   2-NOV-2025 20:01 [STAFF,KEEPER] (RWED,RE,RE,RE)",
            "LOGIN.COM                8  2-NOV-2025 20:01 (a remark)",
            "A LOGIN.COM              8  2-NOV-2025 20:01 [STAFF,KEEPER] (RWED,RE,RE,RE)",
            "DISK:[A.B]               8  2-NOV-2025 20:01 [STAFF,KEEPER] (RWED,RE,RE,RE)",
        ],
    );
}

#[test]
fn vms_may_write_an_entry_in_three_lines() {
    reads(
        Dialect::Vms,
        "A_NAME_THAT_LEAVES_NO_ROOM_FOR_ANYTHING.DAT;12\r\n\
         \x20                        120/128  2-NOV-2025 07:15:42  [KEEPER]\r\n\
         \x20                        (RWED,RWED,RE,)\r\n\
         B.TXT;2                      10/16   2-NOV-2025 07:15:42\r\n\
         \x20                        [STAFF,KEEPER] (RWED,RWED,RE,)\r\n\
         \x20   (a remark)\r\n\
         [KEEPER]\r\n\
         \x20   (RWED,RWED,RE,) and more\r\n",
        &[
            "File \"A_NAME_THAT_LEAVES_NO_ROOM_FOR_ANYTHING.DAT\", size about 61440, at 2025-11-02T07:15:42, owner KEEPER, version 12",
            "File \"B.TXT\", size about 5120, at 2025-11-02T07:15:42, version 2",
            "?     (a remark)",
            "? [KEEPER]",
            "?     (RWED,RWED,RE,) and more",
        ],
    );
}

#[test]
fn vms_writes_its_columns_in_more_than_one_order() {
    reads(
        Dialect::Vms,
        "A.TXT;1    29-JAN-1996 03:33:12  213/216 [STAFF, KEEPER]   (RWED,RWED,,)\r\n\
         B.TXT;2         [KEEPER]    (RWED,RWED,RE,) 10  10-MAR-2003 12:00\r\n\
         C.TXT;3    6/8    15-JAN-2002    KEEPER   (RWED,RWED,RE,)\r\n\
         D.TXT;4    2KB    15-JAN-2002 [NAME_WITHOUT_END\r\n\
         E.TXT;5    7    15-JAN-2002 12:00\r\n",
        &[
            "File \"A.TXT\", size about 109056, at 1996-01-29T03:33:12, owner KEEPER, group STAFF, version 1",
            "File \"B.TXT\", size about 5120, at 2003-03-10T12:00, owner KEEPER, version 2",
            "File \"C.TXT\", size about 3072, at 2002-01-15, owner KEEPER, version 3",
            "File \"D.TXT\", size about 2048, at 2002-01-15, owner NAME_WITHOUT_END, version 4",
            "File \"E.TXT\", size about 3584, at 2002-01-15T12:00, version 5",
        ],
    );
}

#[test]
fn no_column_is_lost_of_a_line_that_has_too_many() {
    for (dialect, column) in [
        (Dialect::Vms, "A.TXT;1 "),
        (Dialect::Tsx, "a.txt 1 "),
        (Dialect::Ka9q, "a/ 10:00 1/02/93 "),
    ] {
        let line = column.repeat(40);
        let text = shown_in(Format::Dialect(dialect), line.as_bytes());
        assert_eq!(text, format!("{dialect}\n? {line}\n"));
    }
}

#[test]
fn vms_shows_no_entry_without_a_version_a_size_and_a_date() {
    leaves_alone(
        Dialect::Vms,
        "",
        &[
            "A.TXT;1",
            "A.TXT;1  3",
            "A.TXT;1  2-NOV-2025 07:15",
            "A.TXT;1  3 12 2-NOV-2025",
            "A.TXT;1  3/4/5 2-NOV-2025",
            "A.TXT;1  3/x 2-NOV-2025",
            "A.TXT;x  3 2-NOV-2025",
            "A.TXT;  3 2-NOV-2025",
            "A.TXT;123456  3 2-NOV-2025",
            "A.TXT;1x  3 2-NOV-2025",
            "A.TXT  3 2-NOV-2025",
            "a=b;1  3 2-NOV-2025",
            "A B.TXT;1  3 2-NOV-2025",
            "-rw-r--r--    1 2121     2121           32 Oct 23 15:47 LOGIN.COM;1 8 25-NOV-2003 20:01",
            "*.*;1  3 2-NOV-2025",
            "SECRET.TXT;1  %RMS-E-PRV, insufficient privilege or file protection violation",
            "Directory SYS$LOGIN:[KEEPER]",
            "SYS$LOGIN:[KEEPER]",
            "Total of 11 files, 39 blocks.",
            "Grand total of 2 directories, 12 files.",
        ],
    );
    assert_eq!(shown(b"Total of 0 files.\r\n"), "vms\n");
    let odd = "Directory of nothing [at all]\r\nTotal of some files\r\nA.TXT;1 3 2-NOV-2025\r\n";
    assert!(shown(odd.as_bytes()).contains("? Directory of"));
    assert!(shown(odd.as_bytes()).contains("? Total of some"));
}

#[test]
fn dos_learns_the_order_of_its_dates_from_all_rows() {
    reads(
        Dialect::Dos,
        "04-03-02  07:15AM       <DIR>          one\r\n\
         2002-09-02  07:15       <DIR>          two\r\n\
         13-01-02  12:15AM       <DIR>          three\r\n",
        &[
            "Directory \"one\", at 2002-03-04T07:15",
            "Directory \"two\", at 2002-09-02T07:15",
            "Directory \"three\", at 2002-01-13T00:15",
        ],
    );
    reads(
        Dialect::Dos,
        "04-03-02  07:15       <DIR>          one\r\n98-06-25  07:15       <DIR>          two\r\n",
        &[
            "Directory \"one\", at 2004-03-02T07:15",
            "Directory \"two\", at 1998-06-25T07:15",
        ],
    );
    // A clock that is wrong tells nothing of the order.
    reads(
        Dialect::Dos,
        "12-05-26  07:15AM       <DIR>          one\r\n",
        &["Directory \"one\", at 2026-12-05T07:15"],
    );
}

#[test]
fn dos_keeps_the_blanks_of_a_name_where_iis_aligned_it() {
    reads(
        Dialect::Dos,
        "11-02-25  07:15AM                 4096  one\r\n\
         11-02-25  07:15AM       <JUNCTION>      two [C:\\srv]\r\n\
         11-02-25  07:15AM     4096   three\r\n\
         11-02-25  07:15AM    <SYMLINKD>     four [C:\\]\r\n\
         11-02-25  07:15AM       <DIR>          five [5]\r\n\
         11-02-25  07:15AM       <JUNCTION>     six []\r\n\
         11-02-25  07:15AM       <JUNCTION>     seven [x\r\n\
         11-02-25  07:15AM       <JUNCTION>     eight => C:\\[8]\r\n\
         11-02-25  07:15AM       <DIR>          nine => 9\r\n",
        &[
            "File \" one\", size 4096, at 2025-11-02T07:15",
            "Symlink \" two\", at 2025-11-02T07:15, to C:\\srv",
            "File \"three\", size 4096, at 2025-11-02T07:15",
            "Symlink \"four\", at 2025-11-02T07:15, to C:\\",
            "Directory \"five [5]\", at 2025-11-02T07:15",
            "Symlink \"six []\", at 2025-11-02T07:15",
            "Symlink \"seven [x\", at 2025-11-02T07:15",
            "Symlink \"eight\", at 2025-11-02T07:15, to C:\\[8]",
            "Directory \"nine => 9\", at 2025-11-02T07:15",
        ],
    );
}

#[test]
fn dos_tells_blanks_in_a_size_from_digits_in_a_name_by_the_column() {
    reads(
        Dialect::Dos,
        "2025-11-02  07:15             4 096 one\r\n\
         2025-11-02  07:15         4 096 123 two\r\n\
         2025-11-02  07:15               123 456 three\r\n\
         2025-11-02  07:15                  123 456 four\r\n\
         2025-11-02  07:15                4 096 five\r\n\
         2025-11-02  07:15     4 096 six\r\n\
         2025-11-02  07:15             4  096 seven\r\n\
         2025-11-02  07:15         4096 096 eight\r\n",
        &[
            "File \"one\", size 4096, at 2025-11-02T07:15",
            "File \"two\", size 4096123, at 2025-11-02T07:15",
            "File \"456 three\", size 123, at 2025-11-02T07:15",
            "File \"456 four\", size 123, at 2025-11-02T07:15",
            "File \"five\", size 4096, at 2025-11-02T07:15",
            "File \"096 six\", size 4, at 2025-11-02T07:15",
            "File \"096 seven\", size 4, at 2025-11-02T07:15",
            "File \"096 eight\", size 4096, at 2025-11-02T07:15",
        ],
    );
}

#[test]
fn dos_knows_other_marks_between_thousands() {
    for mark in ["'", "\u{a0}", "\u{202f}", "\u{2019}"] {
        reads(
            Dialect::Dos,
            &format!("02.11.2025  07:15     4{mark}096{mark}123 tides\r\n"),
            &["File \"tides\", size 4096123, at 2025-11-02T07:15"],
        );
    }
    for size in [
        "4'09",
        "4096'123",
        "'096",
        "4'096'",
        "4'096\u{a0}123",
        "4x096",
    ] {
        leaves_alone(
            Dialect::Dos,
            "",
            &[&format!("02.11.2025  07:15     {size} tides")],
        );
    }
}

#[test]
fn dos_speaks_the_language_of_its_windows() {
    reads(
        Dialect::Dos,
        "2025-11-02  오후 07:15             4,096 korea\r\n\
         2025-11-02  오전 12:15    <DIR>          morning\r\n\
         02-Nov-25  07:15PM                 4096 chosen\r\n\
         2025.11.02.  07:15             4 096 hungary\r\n\
         02.11.2025.  07:15    <DIR>          croatia\r\n\
         02/11/2025  07:15    <REP>          france\r\n\
         02/11/2025  07:15    <JONCTION>     link [C:\\srv]\r\n\
         02.11.2025  07:15    <VERBINDUNG>   verbindung [C:\\srv]\r\n\
         02/11/2025  07:15 p.\u{a0}m.    <dir>          spain\r\n\
         30/11/2025  07:15    <DIR>          day first\r\n",
        &[
            "File \"korea\", size 4096, at 2025-11-02T19:15",
            "Directory \"morning\", at 2025-11-02T00:15",
            "File \"chosen\", size 4096, at 2025-11-02T19:15, confidence Medium",
            "File \"hungary\", size 4096, at 2025-11-02T07:15",
            "Directory \"croatia\", at 2025-11-02T07:15",
            "Directory \"france\", at 2025-11-02T07:15",
            "Symlink \"link\", at 2025-11-02T07:15, to C:\\srv",
            "Symlink \"verbindung\", at 2025-11-02T07:15, to C:\\srv",
            "Directory \"spain\", at 2025-11-02T19:15",
            "Directory \"day first\", at 2025-11-30T07:15",
        ],
    );
}

#[test]
fn dos_shows_no_entry_without_a_size_or_mark_and_a_name() {
    leaves_alone(
        Dialect::Dos,
        "",
        &[
            "11-02-25  07:15AM       <DIR>          ",
            "11-02-25  07:15AM       <DISK>         a",
            "11-02-25  07:15AM       4x96 a",
            "11-02-25  a  4096 a",
            "99-99-99  07:15AM   4096 a",
            "11-02-25  4096 a",
            " Volume in drive C is SYSTEM",
            " Volume Serial Number is 1234-5678",
            " Directory of C:\\srv",
            "               2 File(s)      1,048,576 bytes",
            "               2 Dir(s)   1,048,576 bytes free",
            "File Not Found",
        ],
    );
    assert_eq!(
        shown(b" Volume in drive C is A\r\n Directory of C:\\srv\r\n  2 File(s)  4 bytes\r\n"),
        "dos\n"
    );
    assert!(
        shown(b"Volume of water\r\nDirectory with all\r\n2 Files or bytes\r\n").starts_with("none")
    );
}

#[test]
fn eplf_passes_over_facts_that_it_does_not_know() {
    reads(
        Dialect::Eplf,
        "+up644,x9,\tmode\r\n+i1,x9,\tid\r\n+s42,r,x99,\tfuture\r\n+/,\t..\r\n+,\t two \r\n+sx,mx,upx,r,\tnothing\r\n",
        &[
            "Unknown \"mode\", mode 644, confidence Medium",
            "Unknown \"id\", confidence Medium",
            "File \"future\", size 42, confidence Medium",
            "ParentDirectory \"..\"",
            "Unknown \" two \", confidence Medium",
            "File \"nothing\"",
        ],
    );
    leaves_alone(
        Dialect::Eplf,
        "",
        &[
            "+1 for this\tby all",
            "+r,s5, a",
            "r,s5,\ta",
            "+r,s5,\t",
            "+",
        ],
    );
}

#[test]
fn netware_needs_rights_in_brackets() {
    reads(
        Dialect::NetWare,
        "- [RWCEAFMS] keeper of tides                  4096 Nov 02  2025 a b\r\n\
         d [--------] 7                                 512 Nov 02 07:15 7\r\n\
         -[RWCEAFMS] keeper          4096     Sept 2, 2025 7:15 pm late\r\n",
        &[
            "File \"a b\", size 4096, at 2025-11-02, owner keeper of tides",
            "Directory \"7\", size 512, at 2026-11-02T07:15, owner 7",
            "File \"late\", size 4096, at 2025-09-02T19:15, owner keeper",
        ],
    );
    leaves_alone(
        Dialect::NetWare,
        "",
        &[
            "l [RWCEAFMS] keeper 512 Nov 02 07:15 quay",
            "d [rwceafms] keeper 512 Nov 02 07:15 quay",
            "d [] keeper 512 Nov 02 07:15 quay",
            "d RWCEAFMS keeper 512 Nov 02 07:15 quay",
            "d [RWCEAFMS keeper 512 Nov 02 07:15 quay",
            "d [RWCEAFMS] keeper x12 Nov 02 07:15 quay",
            "d [RWCEAFMS] keeper 512 Nov 02 07:15",
            "d [RWCEAFMS] keeper 512 Nov 2 99 7:15 pm quay",
            "d [RWCEAFMS] keeper 512 Nov 32, 99 7:15 pm quay",
        ],
    );
}

#[test]
fn os2_has_attributes_and_directories_in_either_order() {
    reads(
        Dialect::Os2,
        "  1123  DIR A R  10-25-100   23:38  one\r\n  1123      RA   07-14-99   12:37  two  three\r\n",
        &[
            "Directory \"one\", size 1123, at 2000-10-25T23:38",
            "File \"two  three\", size 1123, at 1999-07-14T12:37",
        ],
    );
    reads(
        Dialect::Os2,
        "  1123      A   04-03-02   12:37  one\r\n  1123      A   13-03-02   12:37  two\r\n",
        &[
            "File \"one\", size 1123, at 2002-03-04T12:37",
            "File \"two\", size 1123, at 2002-03-13T12:37",
        ],
    );
    leaves_alone(
        Dialect::Os2,
        "",
        &[
            "x123      A   07-14-99   12:37  a",
            "1123      X   07-14-99   12:37  a",
            "1123  DIR A A A  07-14-99   12:37  a",
            "1123      A   77-14-99   12:37  a",
            "1123      A   07-14-99   noon  a",
            "1123      A   07-14-99   12:37",
        ],
    );
}

#[test]
fn os9_has_eight_attributes_and_two_numbers() {
    leaves_alone(
        Dialect::Os9,
        "",
        &[
            "14     98/11/02 0715   ----r-wr      A4      4096 tides",
            "1.x     98/11/02 0715   ----r-wr      A4      4096 tides",
            "x.1     98/11/02 0715   ----r-wr      A4      4096 tides",
            "1.4     98/13/02 0715   ----r-wr      A4      4096 tides",
            "1.4     98/11/02 07:15   ----r-wr      A4      4096 tides",
            "1.4     98/11/02 0715   ---r-wr      A4      4096 tides",
            "1.4     98/11/02 0715   ----r-wr      G4      4096 tides",
            "1.4     98/11/02 0715   ----r-wr      A4      4x96 tides",
            "1.4     98/11/02 0715   ----r-wr      A4      4096",
            "Directory of . at noon",
        ],
    );
}

#[test]
fn vxworks_has_the_month_first_and_the_mark_last() {
    reads(
        Dialect::VxWorks,
        "512     Feb-28-98  05:23:30   a name <DIR>\r\n512     Feb-28-1998  05:23:30   two\r\n",
        &[
            "Directory \"a name\", size 512, at 1998-02-28T05:23:30",
            "File \"two\", size 512, at 1998-02-28T05:23:30",
        ],
    );
    leaves_alone(
        Dialect::VxWorks,
        "",
        &[
            "x12     Feb-28-1998  05:23:30   a",
            "512     28-Feb-1998  05:23:30   a",
            "512     Feb-28-1998  noon   a",
            "512     Feb-28-1998  05:23:30",
            "512     Feb-28-1998  05:23:30   <DIR>",
        ],
    );
}

#[test]
fn distinct_has_five_attributes_and_a_comma() {
    leaves_alone(
        Dialect::Distinct,
        "",
        &[
            "-wa-         4096  Nov 02,2025   7:15  a",
            "xwa--        4096  Nov 02,2025   7:15  a",
            "-wax-        4096  Nov 02,2025   7:15  a",
            "-wa--        4x96  Nov 02,2025   7:15  a",
            "-wa--        4096  Nov 02 2025   7:15  a",
            "-wa--        4096  Nov 02,25   7:15  a",
            "-wa--        4096  Xyz 02,2025   7:15  a",
            "-wa--        4096  Nov 32,2025   7:15  a",
            "-wa--        4096  Nov 02,2025   noon  a",
            "-wa--        4096  Nov 02,2025   7:15",
        ],
    );
}

#[test]
fn vshell_writes_the_size_and_a_date_with_a_comma() {
    leaves_alone(
        Dialect::VShell,
        "",
        &[
            "x096  Nov 02, 2025 07:15 a",
            "4096  Nov 02 07:15 a",
            "4096  Nov 02, 2025 a",
            "4096  Nov 02, 2025 07:15",
            "4096  Nov 02, 2025 07:15  ",
        ],
    );
    reads(
        Dialect::VShell,
        "4096  Nov 02, 2025 07:15  blank first\r\n0  Nov 02, 2025 07:15 ..\r\n",
        &[
            "File \" blank first\", size 4096, at 2025-11-02T07:15",
            "File \"..\", size 0, at 2025-11-02T07:15",
        ],
    );
}

#[test]
fn servers_that_write_the_name_first_are_of_many_makes() {
    reads(
        Dialect::NameFirst,
        "CMT             [DIR]           Nov 21 94   10:17    \r\n\
         PUB             <DIR>           Nov 21, 94  10:17    \r\n\
         DESIGN1.DOC          11264      May 11 95   14:20   RHA\r\n\
         DESIGN2.DOC          11264      May 11 95   14:20   R  A\r\n\
         TEST~1       <dir>     11-29-2004  22:52  Test\r\n\
         quay/                           0  11-29-2004 12:40\r\n\
         a name                        20   11-29-2004 12:40\r\n\
         LOG.TXT                     4,096  11-29-2004  12:40\r\n",
        &[
            "Directory \"CMT\", at 1994-11-21T10:17",
            "Directory \"PUB\", at 1994-11-21T10:17",
            "File \"DESIGN1.DOC\", size 11264, at 1995-05-11T14:20",
            "File \"DESIGN2.DOC\", size 11264, at 1995-05-11T14:20",
            "Directory \" Test\", at 2004-11-29T22:52, confidence Medium",
            "Directory \"quay\", size 0, at 2004-11-29T12:40",
            "File \"a name\", size 20, at 2004-11-29T12:40, confidence Medium",
            "File \"LOG.TXT\", size 4096, at 2004-11-29T12:40",
        ],
    );
    reads(
        Dialect::NameFirst,
        "one 1 04-03-02 10:00\r\ntwo 1 13-03-02 10:00\r\nthree 1 14-03-02 Thu 10:00\r\n",
        &[
            "File \"one\", size 1, at 2002-03-04T10:00",
            "File \"two\", size 1, at 2002-03-13T10:00",
            "File \"three\", size 1, at 2002-03-14T10:00",
        ],
    );
    reads(
        Dialect::NameFirst,
        "longname doc                  20  01-03-2003 10:39\r\n\
         LONGNAME DOC              20 01-03-99  10:39a\r\n\
         SHORT    C                20 01-03-99  10:39p\r\n\
         A NAME                    20 01-03-99  10:39p\r\n",
        &[
            "File \"longname doc\", size 20, at 2003-01-03T10:39, confidence Medium",
            "File \"LONGNAME.DOC\", size 20, at 1999-01-03T10:39",
            "File \"SHORT.C\", size 20, at 1999-01-03T22:39",
            "File \"A NAME\", size 20, at 1999-01-03T22:39, confidence Medium",
        ],
    );
    for day in ["Mon.", "Tues.", "Wed.", "Thur.", "Fri.", "Sat.", "Sun."] {
        reads(
            Dialect::NameFirst,
            &format!("one.cfg  1  11/02/98  {day}  07:15:42"),
            &["File \"one.cfg\", size 1, at 1998-11-02T07:15:42"],
        );
    }
    leaves_alone(
        Dialect::NameFirst,
        "",
        &[
            "TIDES.TXT       x096      11-02-1998  07:15",
            "TIDES.TXT       <DISK>    11-02-1998  07:15",
            "TIDES.TXT       4096      11-32-1998  07:15",
            "TIDES.TXT       4096      11-02-1998  noon",
            "TIDES.TXT       4096      11-02-1998",
            "TIDES.TXT       4096      11-02-1998  Noon  07:15",
            "TIDES.TXT       4096      Nov 32 1998 07:15",
            "TIDES.TXT       4096      Nov 02 07:15",
            "two words       4096      11-02-1998  07:15 behind",
            "LONG-NAME.TXT   4096      11-02-1998  07:15 behind",
            "TIDES.TEXT      4096      11-02-1998  07:15 behind",
            "TIDES           4096      11-02-1998  07:15:42 behind",
            "4096      11-02-1998  07:15",
            "12345678 Bytes Available",
            "Volume - drive 1",
            "Directory of /quay",
        ],
    );
}

#[test]
fn micro_rtos_shows_files_that_fit_where_they_lie() {
    let titles = " Start    End    length     File name\r\n";
    let rule = "------------------------------------------\r\n";
    reads(
        Dialect::MicroRtos,
        &format!("{titles}{rule} 80000   80FFF     4096   tides.web\r\n"),
        &["File \"tides.web\", size 4096"],
    );
    leaves_alone(
        Dialect::MicroRtos,
        "",
        &[" 80000   80FFF     4096   tides.web"],
    );
    leaves_alone(
        Dialect::MicroRtos,
        titles,
        &[
            " 80000   80FFF     4097   tides.web",
            " 80FFF   80000     4096   tides.web",
            " 8000G   80FFF     4096   tides.web",
            " 80000   80FFF     40x6   tides.web",
            " 80000   80FFF     4096",
            " ** Total 1 files, 4096 bytes **",
        ],
    );
}

#[test]
fn ka9q_lists_in_columns() {
    reads(
        Dialect::Ka9q,
        "one  7  11:20  1/03/93  two  1,007  11:20  1/03/93\r\n\
         three  2,32  11:20  1/03/93\r\n\
         2 files.\r\n\
         1,005 files. 12,345,678 bytes free.\r\n",
        &[
            "File \"one\", size 7, at 1993-01-03T11:20, confidence Medium",
            "File \"two\", size 1007, at 1993-01-03T11:20, confidence Medium",
            "File \"three\", at 1993-01-03T11:20, confidence Medium",
        ],
    );
    leaves_alone(
        Dialect::Ka9q,
        "",
        &[
            "one  x  11:20  1/03/93",
            "one  ,7  11:20  1/03/93",
            "one  7x  11:20  1/03/93",
            "one  7  noon  1/03/93",
            "one  7  11:20  99/03/93",
            "one  7  11:20",
            "one  7  11:20  1/03/93  two",
            "/  11:20  1/03/93",
            "one  7  11:20  1/03/93  /  11:20  1/03/93",
            "5 files",
        ],
    );
}

#[test]
fn tsx_has_names_of_six_and_three_characters() {
    reads(
        Dialect::Tsx,
        "  quay  .log  3   tides.tab  8   disk.dsk  2000   a$b.  1\r\n",
        &[
            "File \"quay.log\", size about 1536, confidence Medium",
            "File \"tides.tab\", size about 4096, confidence Medium",
            "Unknown \"disk.dsk\", size about 1024000, confidence Medium",
            "File \"a$b.\", size about 512, confidence Medium",
        ],
    );
    reads(
        Dialect::Tsx,
        "  tides.tab  8\r\n\r\nDirectory [du0:*.*] / 1 Files / 8 Blocks\r\n",
        &["File \"tides.tab\", size about 4096, confidence Medium"],
    );
    let known = shown_in(Format::Dialect(Dialect::Tsx), b"tides.tab  8");
    assert!(known.contains("size about 4096"), "{known}");
    let other = "tides.tab 4096\r\nquay.log 512\r\n";
    assert!(!shown(other.as_bytes()).contains("size"));
    leaves_alone(
        Dialect::Tsx,
        "",
        &[
            "  harbour.log  3",
            "  quay.logs  3",
            "  qu-y.log  3",
            "  quay.log  x",
            "  quay.log",
            "  quay log  3",
            "  .log  3",
            "Directory [du0:*.*] / 3 Files / 34 Blocks",
        ],
    );
}

#[test]
fn tops20_needs_its_directory_and_versions() {
    leaves_alone(Dialect::Tops20, "", &["TIDES.TABLE.7"]);
    leaves_alone(
        Dialect::Tops20,
        "PS:<KEEPER>\r\n",
        &[
            "TIDES.TABLE",
            "TIDES.TABLE.X",
            ".7",
            "TIDES",
            "TIDES TABLE.7",
            "PS:<OTHER>",
        ],
    );
    reads(
        Dialect::Tops20,
        "PS:<KEEPER>\r\n A.B.1;P777700\r\n C.DIR.2\r\n",
        &["File \"A.B\", version 1", "Unknown \"C.DIR\", version 2"],
    );
    // The directory above tells so much that a few remarks do not outweigh it.
    reads(
        Dialect::Tops20,
        "PS:<KEEPER>\r\nA.B.1\r\n\r\nTotal of 1 file\r\nand a remark\r\n",
        &[
            "File \"A.B\", version 1",
            "? Total of 1 file",
            "? and a remark",
        ],
    );
}

#[test]
fn links_without_a_date_have_a_name_as_well() {
    let above = "drwxr-xr-x  2 root other 512 quay\r\n";
    let link = "lrwxrwxrwx  1 root other   5 newest => tides\r\n";
    reads(
        Dialect::Unix,
        &format!("{above}{link}"),
        &[
            "Directory \"quay\", size 512, mode rwxr-xr-x, links 2, owner root, group other, confidence Low",
            "Symlink \"newest\", size 5, to tides, mode rwxrwxrwx, links 1, owner root, group other, confidence Low",
        ],
    );
    leaves_alone(
        Dialect::Unix,
        above,
        &[
            "lrwxrwxrwx  1 root other   5 -> tides",
            "lrwxrwxrwx  1 root other   5 => tides",
            "drwxr-xr-x  2 root other 512 /",
        ],
    );
}
