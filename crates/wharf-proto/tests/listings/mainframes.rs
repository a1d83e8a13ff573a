//! What is read in the listings of mainframes but MVS beyond their fixtures, and what is left alone.

use wharf_proto::listing::Dialect;

use super::shown::{leaves_alone, reads};

#[test]
fn nonstop_has_four_letters_of_security_or_asterisks() {
    reads(
        Dialect::NonStop,
        "File         Code             EOF  Last Modification    Owner  RWEP\r\n\
         SAFE         700           21278 14-Mar-14 15:09:12  -1  ****\r\n\
         TWO WORDS    101            4096 14-Mar-14 15:09:12 255, 10 \"oo-o\"\r\n\
         OPENED     O 101            4096 14-Mar-14 15:09:12 255, 10 \"oo-o\"\r\n",
        &[
            "File \"SAFE\", size 21278, at 2014-03-14T15:09:12, owner -1",
            "File \"TWO WORDS\", size 4096, at 2014-03-14T15:09:12, owner 255, 10",
            "File \"OPENED\", size 4096, at 2014-03-14T15:09:12, owner 255, 10",
        ],
    );
    leaves_alone(
        Dialect::NonStop,
        "",
        &[
            "TIDES         101            4096  2-Nov-25 07:15:42 100, 7",
            "TIDES         101            4096  2-Nov-25 07:15:42 100, 7 \"nun\"",
            "TIDES         101            4096  2-Nov-25 07:15:42 100, 7 nunun",
            "TIDES         101            4096  2-Nov-25 07:15:42 100, 7 nu1u",
            "TIDES         101            x096  2-Nov-25 07:15:42 100, 7 \"nunu\"",
            "TIDES         A01            4096  2-Nov-25 07:15:42 100, 7 \"nunu\"",
            "TIDES         101            4096  2-Nov-25 \"nunu\"",
            "TIDES         101            4096  2-Nov-25 07:15:42 \"nunu\"",
            "TIDES         101            4096  2-Nov-25 07:15:42 at high tide",
            "101            4096  2-Nov-25 07:15:42 100, 7 \"nunu\"",
            "$DATA.HARBOUR",
            "A 1 4096 2-Nov-25 07:15:42 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 \"nunu\" and more",
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
    // A member's name tells its type, wherever that stands.
    reads(
        Dialect::Os400,
        "KEEPER *MEM TIDES.FILE/TIDES.MBR\r\n*MEM TIDES.MBR\r\n",
        &[
            "File \"TIDES.FILE/TIDES.MBR\", owner KEEPER",
            "File \"TIDES.MBR\"",
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
        "KEEPER_OF#       4096 03.04.25 07.15.42 *LIB      one\r\n\
         KEEPEROFTI       4096 03.04.25 07.15.42 *LIB      two\r\n",
        &[
            "Directory \"one\", size 4096, at 2025-04-03T07:15:42, owner KEEPER_OF#",
            "Directory \"two\", size 4096, at 2025-04-03T07:15:42, owner KEEPEROFTI",
        ],
    );
}

#[test]
fn os400_has_every_kind_of_file() {
    for (object, kind) in [
        ("*SOCKET", "Socket"),
        ("*FIFO", "Fifo"),
        ("*CHRSF", "CharDevice"),
        ("*BLKSF", "BlockDevice"),
        ("*DSTMF", "File"),
        ("*USRSPC", "File"),
        ("*M36CFG", "File"),
        ("*S36", "File"),
        ("*DDIR", "Directory"),
    ] {
        let line = format!("KEEPER           4096 02/04/25 07:15:42 {object:10} one");
        let expected = format!("{kind} \"one\", size 4096, at 2025-02-04T07:15:42, owner KEEPER");
        reads(Dialect::Os400, &line, &[&expected]);
    }
}

#[test]
fn os400_shows_dates_as_the_job_has_them() {
    for date in [
        "25/033 07:15:42",
        "25/033   07:15:42",
        "03 02 25 07:15:42",
        "03 02 25 07 15 42",
        "03,02,25 07,15,42",
        "03/02/25 07,15,42",
        "99/99/99 07:15:42",
    ] {
        let line = format!("KEEPER           4096 {date} *STMF      one");
        reads(
            Dialect::Os400,
            &line,
            &["File \"one\", size 4096, owner KEEPER"],
        );
    }
    reads(
        Dialect::Os400,
        "ØRESUNDSBR       4096 25/02/03 07:15:42 *STMF      one\r\n",
        &["File \"one\", size 4096, at 2025-02-03T07:15:42, owner ØRESUNDSBR"],
    );
}

#[test]
fn os400_shows_nothing_without_a_type_in_its_place() {
    leaves_alone(
        Dialect::Os400,
        "",
        &[
            "*NOTE this is a remark",
            "Please *NOTE this",
            "Please *NOTE this.MBR",
            "KEEPER *MEM of TIDES.FILE",
            "   *NOTE this is a remark",
            "KEEPER 4096 25/11/02 07:15:42 *st a",
            "KEEPER 4096 25/11/02 07:15:42 *STMf a",
            "KEEP:ER 4096 25/11/02 07:15:42 *STMF a",
            "KEEPER 4096 25/11/02 07:15:42 *ST a",
            "KEEPER 4096 25/11/02 07:15:42 *36S a",
            "KEEPER 4096 25/11/02 07:15:42 *DIR /",
            "KEEPER 4096 25/11/02 07:15:42 STMF a",
            "KEEPER 4096 25/11/02 07:15:42 *STMF",
            "KEEPER 4096 25/11/02 *STMF a",
            "KEEPER 4096 x 07:15:42 *STMF a",
            "4KEEPER x 25/11/02 07:15:42 *STMF a",
            "KEEPER 4096 2 5 1 1 0 2 07:15:42 *STMF a",
            "KEEPER 4096 25+11+02 07:15:42 *STMF a",
            "KEEPER 4096 251102 071542 *STMF a",
            "KEEPER 4096 025/11/02 07:15:42 *STMF a",
            "TOOLONGNAME 4096 25/11/02 07:15:42 *STMF a",
            "the keeper 4096 25/11/02 07:15:42 *STMF a",
        ],
    );
}

#[test]
fn vm_shows_files_by_name_and_type_and_directories() {
    reads(
        Dialect::VmCms,
        "TIDES-24 $TABLE#  V         71         26          1 2025-11-02 07:15:42 KPR191\r\n\
         PROFILE  EXEC     A V      72         40          1 11/02/98  7:15:42\r\n",
        &[
            "File \"TIDES-24.$TABLE#\", at 2025-11-02T07:15:42",
            "File \"PROFILE.EXEC\", at 1998-11-02T07:15:42",
        ],
    );
    leaves_alone(
        Dialect::VmCms,
        "",
        &[
            "TIDES    TABLE    X         80        120          3 2025-11-02 07:15:42 KPR191",
            "TIDES    TABLE    A12 V     80        120          3 2025-11-02 07:15:42 KPR191",
            "TIDES    TABLE    a1 V      80        120          3 2025-11-02 07:15:42 KPR191",
            "TIDES    TABLE    12 V      80        120          3 2025-11-02 07:15:42 KPR191",
            "TIDES    TABLE    F         80        120          - 2025-11-02 07:15:42 KPR191",
            "TIDES    TABLE    F         80        120          3 2025-13-02 07:15:42 KPR191",
            "TIDES    TABLE    F         80        120          3 2025-11-02 noon",
            "TIDES.X  TABLE    F         80        120          3 2025-11-02 07:15:42 KPR191",
            "A_NAME_THAT_IS_TOO_LONG TABLE F 80 120 3 2025-11-02 07:15:42 KPR191",
            "QUAY              DIR        -          -          3 11/02/98  7:15:42 -",
            "QUAY              DISK       -          -          - 11/02/98  7:15:42 -",
            "QUAY/             DIR        -          -          - 11/02/98  7:15:42 -",
        ],
    );
}

#[test]
fn vm_shows_what_has_little_more_than_a_name() {
    reads(
        Dialect::VmCms,
        "TIDES    TABLE    V         71         26          1 2025-11-02 07:15:42 -\r\n\
         QUAY              DIR        -          -          - -          -        -\r\n\
         REVOKED  ALIAS    -          -          -          - -          -        -\r\n\
         FOREIGN  OBJECT   -          -          -          - 2025-11-02 07:15:42 -\r\n",
        &[
            "File \"TIDES.TABLE\", at 2025-11-02T07:15:42",
            "Directory \"QUAY\"",
            "Unknown \"REVOKED.ALIAS\"",
            "Unknown \"FOREIGN.OBJECT\", at 2025-11-02T07:15:42",
        ],
    );
    leaves_alone(
        Dialect::VmCms,
        "",
        &[
            "REVOKED  ALIAS    -          -          -          - noon       -        -",
            "REVOKED  ALIAS    -          -          1          - -          -        -",
            "QUAY              DIR        -          -          - -",
            "QUAY  -  -  -  -",
            "-  -            -          -   -        -  -  -  broken",
            "d - - - - - - - KEEPER         1 Mar 27  2025  KEEPER",
        ],
    );
}

#[test]
fn the_byte_file_system_of_vm_has_every_kind() {
    reads(
        Dialect::VmBfs,
        "11/02/2025 07:15:42   B        1              - 'b'\r\n\
         11/02/2025 07:15:42   C        1              - 'c'\r\n\
         11/02/2025 07:15:42   P        1              0 'it's'\r\n\
         11/02/2025 07:15:42   E        1              0 'external'\r\n",
        &[
            "BlockDevice \"b\", at 2025-11-02T07:15:42, links 1",
            "CharDevice \"c\", at 2025-11-02T07:15:42, links 1",
            "Fifo \"it's\", size 0, at 2025-11-02T07:15:42, links 1",
            "Other \"external\", size 0, at 2025-11-02T07:15:42, links 1",
        ],
    );
    // Its letter is none of the afternoon's.
    reads(
        Dialect::VmBfs,
        "11/02/2025 07:15:42   P        1              - 'pipe'\r\n",
        &["Fifo \"pipe\", at 2025-11-02T07:15:42, links 1"],
    );
    leaves_alone(
        Dialect::VmBfs,
        "",
        &[
            "11/02/2025 07:15:42   X        1              0 'a'",
            "11/02/2025 07:15:42   F        x              0 'a'",
            "11/02/2025 07:15:42   F        1              x 'a'",
            "11/02/2025 07:15:42   F        1              0 a",
            "11/02/2025 07:15:42   F        1              0 'a",
            "11/02/2025 07:15:42   F        1              0 ''",
            "11/02/2025 07:15:42   L        1              0 'a' -> 'b",
            "11/02/2025 07:15:42   L        1              0 '' -> 'b'",
        ],
    );
}

#[test]
fn the_virtual_reader_has_numbers_of_four_and_eight_digits() {
    reads(
        Dialect::VmReader,
        "0154 HARBOUR  00000005 2025-11-02 07:15:42 NONAME\r\n",
        &["File \"NONAME\", at 2025-11-02T07:15:42, owner HARBOUR"],
    );
    leaves_alone(
        Dialect::VmReader,
        "",
        &[
            "00042 RSCS     00000120 2025-11-02 07:15:42 TIDES     TABLE",
            "0x42 RSCS     00000120 2025-11-02 07:15:42 TIDES     TABLE",
            "0042 RSCS     0000120 2025-11-02 07:15:42 TIDES     TABLE",
            "0042 RSCS     0000x120 2025-11-02 07:15:42 TIDES     TABLE",
            "0042 RSCS     00000120 2025-11-02 07:15:42 TIDES     TABLE A",
            "0042 RSCS     00000120 2025-11-02 07:15:42",
        ],
    );
}

#[test]
fn vse_lists_libraries_members_and_volumes() {
    reads(
        Dialect::Vse,
        "TIDES      <Sub Library>          12      85,306   25/11/02   07:15\r\n\
         QUAY.PROC       120       1  25/10/02  07:15                     F\r\n\
         A.CLUSTER  <VSAM Cluster>\r\n",
        &[
            "Directory \"TIDES\", at 2025-11-02T07:15",
            "File \"QUAY.PROC\", at 2025-10-02T07:15",
            "File \"A.CLUSTER\"",
        ],
    );
    leaves_alone(
        Dialect::Vse,
        "",
        &[
            "TIDES      Sub Library>           12         345   25/11/02   07:15",
            "TIDES      <Sub Library           12         345   25/11/02   07:15",
            "TIDES      <DIR>                  12         345   25/11/02   07:15",
            "TIDES      <center>",
            "Tides      <Center>",
            "TIDES      <Sub-Library>          12         345   25/11/02   07:15",
            "TIDES      <Sub Library>          12         345   25-11-02   07:15",
            "TIDES      <Sub Library>          12         345   25/11/02   07:15 and more",
            "QUAY       120       1  25/10/02  07:15                     F",
            "QUAY.PROC  x         1  25/10/02  07:15                     F",
            "QUAY.PROC  120       x  25/10/02  07:15                     F",
            "QUAY.PROC  120       1  25/10/02  07:15                     FF",
            "QUAY.PROC  120       1  25/10/02  07:15                     F F",
            "QUAY.PROC  120       1  2-Oct-25  07:15                     F",
            "A.LOG.FILE                       25/11/02  12:00         x024 S",
            "A.LOG.FILE                       25/11/02  12:00         1024 SS",
            "A.LOG.FILE                       25/11/02  12:00         1024 S S",
            "A.LOG.FILE                       25/11/02  12:00         1024 X",
            "a.log.file                       25/11/02  12:00         1024 S",
            "LOGBOOK    Entry Seq FILE",
            "LOGBOOK    Entry for VSAM",
            "logbook    Entry Seq VSAM",
            "LOGBOOK    Entry Seq VSAM and more",
        ],
    );
}

#[test]
fn vse_shows_catalogues_of_vsam_and_what_stands_in_the_root() {
    reads(
        Dialect::Vse,
        "POWER      <Power Queues>\r\n\
         VOLUME1    <VSE VTOC>\r\n\
         CATALOG1   <VSAM Catalog>\r\n\
         LOGBOOK    Entry Seq VSAM\r\n\
         TIDES      Key Seq VSAM\r\n\
         BERTHS     Rel Rec VSAM\r\n",
        &[
            "Directory \"POWER\"",
            "Directory \"VOLUME1\"",
            "Directory \"CATALOG1\"",
            "File \"LOGBOOK\"",
            "File \"TIDES\"",
            "File \"BERTHS\"",
        ],
    );
    reads(
        Dialect::Vse,
        "HARBOUR.TIDES.FILE               25/11/02  12:00       12,345 K\r\n\
         LOGBOOK                          25/11/02  12:00         1024 E\r\n\
         HARBOUR.BERTHS                   25/11/02  12:00            0 R\r\n",
        &[
            "File \"HARBOUR.TIDES.FILE\", at 2025-11-02T12:00",
            "File \"LOGBOOK\", at 2025-11-02T12:00",
            "File \"HARBOUR.BERTHS\", at 2025-11-02T12:00",
        ],
    );
    reads(
        Dialect::Vse,
        "QUAY.PHASE    1,234,567       3  25/10/02  07:15                     S\r\n",
        &["File \"QUAY.PHASE\", at 2025-10-02T07:15"],
    );
}

#[test]
fn vse_shows_the_queues_of_power() {
    reads(
        Dialect::Vse,
        "TIDES.00042.000      105     4     98  3  D  KEEPER\r\n\
         $QUAY#1.43.1      12,345     1  9,812  9  K\r\n\
         BERTHS.00044.255       0     0      0  0  *  KEEPER\r\n",
        &[
            "File \"TIDES.00042.000\", owner KEEPER",
            "File \"$QUAY#1.43.1\"",
            "File \"BERTHS.00044.255\", owner KEEPER",
        ],
    );
    leaves_alone(
        Dialect::Vse,
        "",
        &[
            "TIDES.00042          105     4     98  3  D  KEEPER",
            "TIDES.00042.x        105     4     98  3  D  KEEPER",
            "TIDES.x.000          105     4     98  3  D  KEEPER",
            "TIDES.A.00042.000    105     4     98  3  D  KEEPER",
            "tides.00042.000      105     4     98  3  D  KEEPER",
            ".00042.000           105     4     98  3  D  KEEPER",
            "TIDES.00042.000      105     4      x  3  D  KEEPER",
            "TIDES.00042.000      105     4     98  x  D  KEEPER",
            "TIDES.00042.000      105     4     98 12  D  KEEPER",
            "TIDES.00042.000      105     4     98  3  DD KEEPER",
            "TIDES.00042.000      105     4     98  3  d  KEEPER",
            "TIDES.00042.000      105     4     98  3  D  KEEPER and more",
            "TIDES.00042.000      105     4     98  3",
        ],
    );
}

#[test]
fn vos_shows_an_access_right_before_the_blocks() {
    leaves_alone(
        Dialect::Vos,
        "Files: 2  Blocks: 24\r\n",
        &[
            "W     12  stm       25-11-02 07:15:42  tides.list",
            "rw    12  stm       25-11-02 07:15:42  tides.list",
            "w     x2  stm       25-11-02 07:15:42  tides.list",
            "w     12  stm       25/11/02 07:15:42  tides.list",
            "w     12  stm       25-11-02 noon  tides.list",
            "w     12  stm  of   25-11-02 07:15:42  tides.list",
            "w     12  stm       25-11-02 07:15:42",
            "25-11-02 07:15:42   -> nowhere",
            "25-11-02 07:15:42  no link",
            "25-11-02 07:15:42  connected -> harbour",
        ],
    );
    reads(
        Dialect::Vos,
        "Links: 3\r\n25-11-02 07:15:42  charts ->\r\n\
         25-11-02 07:15:42  disk   ->  %sys#disk\r\n\
         25-11-02 07:15:42  quay ->  Keeper>quay\r\n\
         25-11-02 07:15:42  above ->  <harbour\r\n",
        &[
            "Symlink \"charts\", at 2025-11-02T07:15:42",
            "Symlink \"disk\", at 2025-11-02T07:15:42, to %sys#disk",
            "Symlink \"quay\", at 2025-11-02T07:15:42, to Keeper>quay",
            "Symlink \"above\", at 2025-11-02T07:15:42, to <harbour",
        ],
    );
    reads(
        Dialect::Vos,
        "Files: many\r\nw 1 stm 25-11-02 07:15:42 a\r\n",
        &[
            "? Files: many",
            "File \"a\", size about 4096, at 2025-11-02T07:15:42",
        ],
    );
}

#[test]
fn gcos_has_its_rights_in_words() {
    leaves_alone(
        Dialect::Gcos7,
        "",
        &[
            "x s -----0 KEEPER       HARBOUR          NOV 2, 1998 TIDES",
            "d ss -----0 KEEPER       HARBOUR          NOV 2, 1998 TIDES",
            "d s ----0 KEEPER       HARBOUR          NOV 2, 1998 TIDES",
            "d s x----0 KEEPER       HARBOUR          NOV 2, 1998 TIDES",
            "d s -----0 KEEPER       HARBOUR          NOV 2 1998 TIDES",
            "d s -----0 KEEPER       HARBOUR          NOV 2, 98 TIDES",
            "d s -----0 KEEPER       HARBOUR          NOV 2, 1998",
            "d s -----0 KEEPER       HARBOUR          TIDES and more",
        ],
    );
    leaves_alone(
        Dialect::Gcos8,
        "",
        &[
            "x rwx r-- ---     4096 11/02/98 07:15:42  keeper        tides",
            "- rwxx r-- ---    4096 11/02/98 07:15:42  keeper        tides",
            "- rwy r-- ---     4096 11/02/98 07:15:42  keeper        tides",
            "- rwx r--         4096 11/02/98 07:15:42  keeper        tides",
            "- rwx r-- ---     409x 11/02/98 07:15:42  keeper        tides",
            "- rwx r-- ---     4096 13/02/98 07:15:42  keeper        tides",
            "- rwx r-- ---     4096 11/02/98 07:15:42  keeper",
        ],
    );
}

#[test]
fn clearpath_wraps_long_names_and_learns_the_order_of_dates() {
    reads(
        Dialect::ClearPath,
        "Report for: (KEEPER)TIDES ON PACK\r\n\
         TIDES                   SEQDATA  4096 04/03/2002  07:15\r\n\
         QUAY                    SEQDATA  4096 13/03/2002  07:15\r\n\
         LONELY/NAME\r\n\
         QUAY/\"low tides\"        SEQDATA  4096 02/03/2002  07:15\r\n\
         ANOTHER/NAME\r\n\r\n\
         \x20         3 Files   12288 Octets\r\n",
        &[
            "File \"TIDES\", size 4096, at 2002-03-04T07:15",
            "File \"QUAY\", size 4096, at 2002-03-13T07:15",
            "? LONELY/NAME",
            "File \"QUAY/\\\"low tides\\\"\", size 4096, at 2002-03-02T07:15",
            "? ANOTHER/NAME",
        ],
    );
    leaves_alone(
        Dialect::ClearPath,
        "",
        &[
            "TIDES                   SEQ  4096 11/02/1998  07:15",
            "LOW TIDES               SEQDATA  4096 11/02/1998  07:15",
            "L O W T I D E S O F A L L Y E A R S A N\" SEQDATA 4096 11/02/1998 07:15 AND MORE",
            "                        SEQDATA  4096 11/02/1998  07:15",
            "TIDES                   SeqData  4096 11/02/1998  07:15",
            "TIDES                   SEQDATA  x096 11/02/1998  07:15",
            "TIDES                   SEQDATA  4096 11/02/1998  07:15 OLD",
            "TIDES                   SEQDATA  4096 1998-11-02  07:15",
            "TIDES                   SEQDATA  4096 99/02/1998  07:15",
            "TIDES/WITHOUT/REPORT\r\n                        SEQDATA    84 11/02/1998  07:16",
        ],
    );
}

#[test]
fn mpe_counts_in_bytes_or_words() {
    reads(
        Dialect::Mpe,
        "ACCOUNT=  KEEPER      GROUP=  PUB\r\n\
         FILENAME  CODE  ------------LOGICAL RECORD-----------  ----SPACE----\r\n\
         \x20                 SIZE  TYP        EOF      LIMIT R/B  SECTORS #X MX\r\n\
         TIDES             80B  FA          800     204800   1       16  1  *\r\n\
         OPEN*   PROG     128W  FB          800     204800   1       16  1  8\r\n\
         QUAY    1029     128W  FB          800     204800\r\n",
        &["File \"TIDES\"", "File \"OPEN\"", "File \"QUAY\""],
    );
    reads(
        Dialect::Mpe,
        "PATH= /KEEPER/\r\n\
         \x20   PROG  80B  FA         120       1023   3       96  1  8  *TIDES\r\n\
         \x20         16W  HBD          1   67107839   1       32  1  *  quay/\r\n",
        &["File \"TIDES\"", "Directory \"quay\""],
    );
    leaves_alone(
        Dialect::Mpe,
        "",
        &[
            "TIDES             80X  FA          800     204800",
            "TIDES             x0B  FA          800     204800",
            "TIDES             80B  fa          800     204800",
            "TIDES             80B  Fa          800     204800",
            "TIDES             80B  FAFAF       800     204800",
            "TIDES             80B  FA          8x0     204800",
            "TIDES             80B  FA          800     20480x",
            "TIDES             80B  FA          800     204800   1",
            "TIDES             80B  FA          800     204800   1       16  1  x",
            "TENLETTERS        80B  FA          800     204800",
            "*                 80B  FA          800     204800",
            "80B  FA         120       1023   3       96  1  8",
            "80B  FA         120       1023   3       96  1  8  TIDES AND MORE",
            "80B  FA         120       1023   x       96  1  8  TIDES",
            "80B  FA         120       1023   3       96  1  8  /",
        ],
    );
}

#[test]
fn music_rounds_sizes_to_kilobytes() {
    leaves_alone(
        Dialect::Music,
        "",
        &[
            "TIDES                     80FC    4  02NOV98 01NOV98 07:15 KEEPER    R       50",
            "TIDES                     80FC    xK 02NOV98 01NOV98 07:15 KEEPER    R       50",
            "TIDES                     80FC    4K 0000001 01NOV98 07:15 KEEPER    R       50",
            "TIDES                     80FC    4K 02-NOV-98 01NOV98 07:15 KEEPER  R       50",
            "TIDES                     80FC    4K 02NOV98 0000000 07:15 KEEPER    R       50",
            "TIDES                     80FC    4K 02NOV98 01NOV98 noon KEEPER    R       50",
        ],
    );
}

#[test]
fn connect_enterprise_lists_mailboxes_and_batches() {
    reads(
        Dialect::ConnectEnterprise,
        "d - - - - - - - KEEPER         1 Mar 27  2025  KEEPER\r\n\
         -SR--M------- A KEEPER         1     3045 Mar 27  2025 TIDES OF MARCH\r\n\
         -F 1 F F     -      -     TIDES!/srv/tides\r\n\
         -A--T----- 1 KEEPER 0731275 17 Mar 4 11:09 073134200010001U\r\n\
         IC-------- 1 KEEPER 0731276 17 Mar 4 11:09 tides.edi\r\n\
         KEEPER 00000042 00004096 <TIDES         > 981102-0715 CD FTP ASC\r\n\
         KEEPER 00000043 00000369 <<ACTIVITY LOG>> 981102-0716 CD FTP ASC\r\n",
        &[
            "Directory \"KEEPER\", at 2025-03-27, owner KEEPER",
            "File \"TIDES OF MARCH\", size 3045, at 2025-03-27, owner KEEPER",
            "File \"TIDES!/srv/tides\"",
            "File \"073134200010001U\", at 2026-03-04T11:09, owner KEEPER",
            "File \"tides.edi\", at 2026-03-04T11:09, owner KEEPER",
            "File \"TIDES\", size 4096, at 1998-11-02T07:15, owner KEEPER",
            "File \"<ACTIVITY LOG>\", size 369, at 1998-11-02T07:16, owner KEEPER",
        ],
    );
    leaves_alone(
        Dialect::ConnectEnterprise,
        "",
        &[
            "d - - - - - KEEPER         1 Mar 27  2025  KEEPER",
            "- - - - - - - - KEEPER         1 Mar 27  2025  KEEPER",
            "d - - - - - - - KEEPER         x Mar 27  2025  KEEPER",
            "-C--E-----FTP BB KEEPER        42     4096 Nov 02 07:15 TIDES",
            "-C--E-----FTP 1 KEEPER        42     4096 Nov 02 07:15 TIDES",
            "-A--T----- B KEEPER 0731275 17 Mar 4 11:09 TIDES",
            "-A--T----- 1 KEEPER 731275 17 Mar 4 11:09 TIDES",
            "-C--e-----FTP B KEEPER        42     4096 Nov 02 07:15 TIDES",
            "-C--E----FTP B KEEPER        42     4096 Nov 02 07:15 TIDES",
            "XC--E-----FTP B KEEPER        42     4096 Nov 02 07:15 TIDES",
            "-C--E-----FTP B KEEPER        x2     4096 Nov 02 07:15 TIDES",
            "-C--E-----FTP B KEEPER        42     x096 Nov 02 07:15 TIDES",
            "-C--E-----FTP B KEEPER        42     4096 Nov 02 07:15",
            "KEEPER 000042 00004096 <tides> 981102-0715 CD FTP ASC",
            "KEEPER 00000042 004096 <tides> 981102-0715 CD FTP ASC",
            "KEEPER 00000042 00004096 tides> 981102-0715 CD FTP ASC",
            "KEEPER 00000042 00004096 <> 981102-0715 CD FTP ASC",
            "KEEPER 00000042 00004096 <tides 981102-0715 CD FTP ASC",
            "KEEPER 00000042 00004096 <tides> 9811021-0715 CD FTP ASC",
            "KEEPER 00000042 00004096 <tides> 981102.0715 CD FTP ASC",
            "KEEPER 00000042 00004096 <tides> 981302-0715 CD FTP ASC",
            "-X 2 T VB    00244  18000 TIDES!KEEPER.TIDES.TABLE",
            "-D 22 T VB    00244  18000 TIDES!KEEPER.TIDES.TABLE",
            "-D 2 TT VB    00244  18000 TIDES!KEEPER.TIDES.TABLE",
            "-D 2 T VBSA    00244  18000 TIDES!KEEPER.TIDES.TABLE",
            "-D 2 T VB    00244  18x00 TIDES!KEEPER.TIDES.TABLE",
            "-D 2 T VB    x0244  18000 TIDES!KEEPER.TIDES.TABLE",
            "-D 2 T VB    00244  18000 KEEPER.TIDES.TABLE",
            "-D 2 T VB    00244  18000 TIDES!KEEPER.TIDES.TABLE and",
        ],
    );
}
