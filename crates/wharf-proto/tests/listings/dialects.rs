//! What each dialect makes of lines that its fixture does not show, and what it leaves alone.

use wharf_proto::listing::{Dialect, Format};

use super::shown::{shown, shown_in};

/// A listing in that dialect, found out by itself, gives these lines.
fn reads(dialect: Dialect, listing: &str, expected: &[&str]) {
    let text = shown(listing.as_bytes());
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(dialect.name()), "{listing}");
    assert_eq!(lines.collect::<Vec<_>>(), expected, "{listing}");
}

/// Even to one who looks for that dialect, these lines are no entries of it, each for itself.
fn leaves_alone(dialect: Dialect, heading: &str, lines: &[&str]) {
    for line in lines {
        let listing = format!("{heading}{line}\r\n");
        let text = shown_in(Format::Dialect(dialect), listing.as_bytes());
        let read = text.lines().skip(1).find(|line| !line.starts_with("? "));
        assert_eq!(read, None, "{dialect}: {line:?}");
    }
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
         11-02-25  07:15AM       <DIR>          five [5]\r\n",
        &[
            "File \" one\", size 4096, at 2025-11-02T07:15",
            "Symlink \" two\", at 2025-11-02T07:15, to C:\\srv",
            "File \"three\", size 4096, at 2025-11-02T07:15",
            "Symlink \"four\", at 2025-11-02T07:15, to C:\\",
            "Directory \"five [5]\", at 2025-11-02T07:15",
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
fn mvs_shows_whatever_has_its_name_under_the_title() {
    reads(
        Dialect::Mvs,
        "Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname\r\n\
         HRB001 3390   2025/11/02  1   15  ?        0     0  ??  KEEPER.ODD\r\n\
         HRB001 3390   2025/11/02 115807  FB   29600 29600  PS   KEEPER.TOUCHING\r\n\
         User catalog connector                                  KEEPER.CATALOG\r\n\
         Something in words                                      of which this is the last\r\n\
         No data sets found.\r\n",
        &[
            "Unknown \"KEEPER.ODD\", confidence Medium",
            "File \"KEEPER.TOUCHING\", at 2025-11-02",
            "Unknown \"KEEPER.CATALOG\", confidence Medium",
            "? Something in words                                      of which this is the last",
            "? No data sets found.",
        ],
    );
}

#[test]
fn mvs_shows_nothing_else() {
    leaves_alone(
        Dialect::Mvs,
        "",
        &[
            "KEEPER.TIDES",
            "HRB001 3390   2025/11/02  1   15  FB  80  3120  ??  KEEPER.ODD",
            "HRB001 33-0   2025/11/02  1   15  FB  80  3120  PS  KEEPER.ODD",
            "HRB001 3390   2025/13/02  1   15  FB  80  3120  PS  KEEPER.ODD",
            "HRB001 3390   2025/11/02  1  PS  KEEPER.ODD",
            "HRB001 3390   2025/11/02  1   15  FB  80  3120  PS  and a name",
            "HRB001 3390   VSAM of KEEPER.INDEX",
            "Migrated from KEEPER.OLD",
            "TOOLONG1 Tape  KEEPER.TAPE",
            "User catalog connector                                  KEEPER.CATALOG",
            "Pseudo  ''",
        ],
    );
    leaves_alone(
        Dialect::Mvs,
        "Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname\r\n",
        &[
            "A message whose last word is far out to the right here, IT IS",
            "A message whose last word is in the right column:       lower",
            "A message whose last word is in the right column:       A..B",
            "A message whose last word is in the right column:       1.BAD",
            "A message whose last word is in the right column:       TOOLONGAPART",
            "A message whose last word is in the right column that is HERE",
            "                                                         LONELY",
        ],
    );
}

#[test]
fn members_are_bare_names_under_their_titles_alone() {
    let titles = " Name     VV.MM   Created       Changed      Size  Init   Mod   Id\r\n";
    leaves_alone(Dialect::MvsMembers, "", &["TIDES"]);
    leaves_alone(
        Dialect::MvsMembers,
        titles,
        &[
            "1TIDES",
            "tides",
            "NINELONGS",
            "TIDES QUAY",
            "TIDES     1.007 2025/10/02 2025/11/02 07:15   120   100    20 KEEPER",
            "TIDES     01.07 2025/13/02 2025/11/02 07:15   120   100    20 KEEPER",
            "TIDES     01.07 2025/10/02 2025/11/02 07:15   120   x00    20 KEEPER",
            "tides     01.07 2025/10/02 2025/11/02 07:15   120   100    20 KEEPER",
            "TIDES     001A4   00000F          00 FO",
            "TIDES     001A40  00000F          FO 0",
            "tides     001A40  00000F          00 FO",
        ],
    );
    reads(
        Dialect::MvsMembers,
        " Name      Size     TTR   Alias-of AC --------- Attributes --------- Amode Rmode\r\n\
         BIG       0205F480 000011          00 FO             RN RU            31    ANY\r\n",
        &["File \"BIG\", size 33944704"],
    );
}

#[test]
fn jobs_are_known_by_their_ids_and_states() {
    reads(
        Dialect::MvsJobs,
        "TIDES    J0000042 INPUT                 -HELD-\r\n\
         TIDES    STC00043 ACTIVE\r\n",
        &["File \"J0000042\"", "File \"STC00043\""],
    );
    leaves_alone(
        Dialect::MvsJobs,
        "",
        &[
            "TIDES    JOB0042 OUTPUT 3 Spool Files",
            "TIDES    JOB0004X OUTPUT 3 Spool Files",
            "TIDES    TIDE0042 OUTPUT 3 Spool Files",
            "TIDES    JOB00042 KEEPER AFLOAT",
            "JOBNAME  JOBID    OWNER    STATUS CLASS",
            "--------",
            "         STEPNAME ++++++++ PROCNAME TIDES",
            "         001 JESE              H JESJCL        1234",
        ],
    );
}

#[test]
fn nonstop_has_four_letters_of_security_or_asterisks() {
    reads(
        Dialect::NonStop,
        "File         Code             EOF  Last Modification    Owner  RWEP\r\n\
         SAFE         700           21278 14-Mar-14 15:09:12  -1  ****\r\n\
         TWO WORDS    101            4096 14-Mar-14 15:09:12 255, 10 \"oo-o\"\r\n",
        &[
            "File \"SAFE\", size 21278, at 2014-03-14T15:09:12, owner -1",
            "File \"TWO WORDS\", size 4096, at 2014-03-14T15:09:12, owner 255, 10",
        ],
    );
    leaves_alone(
        Dialect::NonStop,
        "",
        &[
            "TIDES         101            4096  2-Nov-25 07:15:42 100, 7",
            "TIDES         101            4096  2-Nov-25 07:15:42 100, 7 \"nun\"",
            "TIDES         101            4096  2-Nov-25 07:15:42 100, 7 nunun",
            "TIDES         101            x096  2-Nov-25 07:15:42 100, 7 \"nunu\"",
            "TIDES         A01            4096  2-Nov-25 07:15:42 100, 7 \"nunu\"",
            "TIDES         101            4096  2-Nov-25 \"nunu\"",
            "TIDES         101            4096  2-Nov-25 07:15:42 \"nunu\"",
            "101            4096  2-Nov-25 07:15:42 100, 7 \"nunu\"",
            "$DATA.HARBOUR",
        ],
    );
}

#[test]
fn os400_needs_no_owner_and_no_size() {
    reads(
        Dialect::Os400,
        "                 4096 02/04/25 07:15:42 *STMF      one\r\n\
         \x20                                       *MEM       TWO.FILE/TWO.MBR\r\n\
         KEEPER                02/04/25 07:15:42 *DIR       three/\r\n\
         KEEPER           4096 30/04/25 07:15:42 *STMF      four\r\n",
        &[
            "File \"one\", size 4096, at 2025-04-02T07:15:42",
            "File \"TWO.FILE/TWO.MBR\"",
            "Directory \"three\", at 2025-04-02T07:15:42, owner KEEPER",
            "File \"four\", size 4096, at 2025-04-30T07:15:42, owner KEEPER",
        ],
    );
    // The future tells the order where the numbers do not.
    reads(
        Dialect::Os400,
        "KEEPER           4096 12/05/26 07:15:42 *STMF      one\r\n",
        &["File \"one\", size 4096, at 2012-05-26T07:15:42, owner KEEPER"],
    );
    reads(
        Dialect::Os400,
        "KEEPER           4096 03.04.25 07.15.42 *LIB      one\r\n",
        &["Directory \"one\", size 4096, at 2025-04-03T07:15:42, owner KEEPER"],
    );
}

#[test]
fn os400_shows_nothing_without_a_type_in_its_place() {
    leaves_alone(
        Dialect::Os400,
        "",
        &[
            "*NOTE this is a remark",
            "   *NOTE this is a remark",
            "KEEPER 4096 25/11/02 07:15:42 *st a",
            "KEEPER 4096 25/11/02 07:15:42 *ST a",
            "KEEPER 4096 25/11/02 07:15:42 STMF a",
            "KEEPER 4096 25/11/02 07:15:42 *STMF",
            "KEEPER 4096 25/11/02 *STMF a",
            "KEEPER 4096 x 07:15:42 *STMF a",
            "4KEEPER x 25/11/02 07:15:42 *STMF a",
            "TOOLONGNAME 4096 25/11/02 07:15:42 *STMF a",
            "the keeper 4096 25/11/02 07:15:42 *STMF a",
        ],
    );
}
