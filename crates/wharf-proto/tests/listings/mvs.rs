//! What is read in the listings of MVS beyond their fixtures, and what is left alone.

use wharf_proto::listing::Dialect;

use super::shown::{leaves_alone, reads};

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
            "File \"KEEPER.ODD\", at 2025-11-02, confidence Medium",
            "File \"KEEPER.TOUCHING\", at 2025-11-02",
            "Unknown \"KEEPER.CATALOG\", confidence Medium",
            "? Something in words                                      of which this is the last",
            "? No data sets found.",
        ],
    );
}

#[test]
fn mvs_knows_every_organisation_of_data_sets() {
    for (organisation, kind) in [
        ("PS", "File"),
        ("PS-E", "File"),
        ("PSU", "File"),
        ("DA", "File"),
        ("IS", "File"),
        ("VS", "File"),
        ("GS", "File"),
        ("NONE", "File"),
        ("PO", "Directory"),
        ("PO-E", "Directory"),
        ("POU", "Directory"),
    ] {
        let line = format!("HRB001 3390   2025/11/02  1   15  FB  80  3120  {organisation}  A.B");
        let doubt = if organisation == "NONE" {
            ", confidence Medium"
        } else {
            ""
        };
        let expected = format!("{kind} \"A.B\", at 2025-11-02{doubt}");
        reads(Dialect::Mvs, &line, &[&expected]);
    }
    for away in [
        "MIGRATED",
        "Error determining attributes",
        "HRB001 Tape",
        "HRB001 Not Mounted",
        "HRB001 Not Direct Access Device",
    ] {
        let line = format!("{away}                        A.B");
        reads(Dialect::Mvs, &line, &["File \"A.B\""]);
    }
}

#[test]
fn mvs_may_leave_the_unit_out() {
    reads(
        Dialect::Mvs,
        "Volume Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname\r\n\
         HRB001 2025/11/02  1    5  FB      80 27920  PS  KEEPER.TIDES\r\n\
         HRB-$1 2025/11/02  1+++++  FB      80 27920  PO  KEEPER.SOURCE\r\n\
         HRB002 VSAM                                  KEEPER.INDEX\r\n\
         Migrated                                         KEEPER.OLD\r\n",
        &[
            "File \"KEEPER.TIDES\", at 2025-11-02",
            "Directory \"KEEPER.SOURCE\", at 2025-11-02",
            "File \"KEEPER.INDEX\"",
            "File \"KEEPER.OLD\"",
        ],
    );
    leaves_alone(
        Dialect::Mvs,
        "",
        &[
            "HRB001 2025/11/02  1    5  FB      80",
            "HARBOUR 2025/11/02  1    5  FB      80 27920  PS  KEEPER.TIDES",
            "HRB:01 2025/11/02  1    5  FB      80 27920  PS  KEEPER.TIDES",
            "QUAY 2025/11/02 1 5 of 80 27920 are free",
            "TOTAL VSAM FILES",
        ],
    );
}

#[test]
fn mvs_writes_a_hundred_extents_right_behind_the_day() {
    reads(
        Dialect::Mvs,
        "HRB001 3390   2025/11/02123  999  VB     255 27998  PO-E  KEEPER.TIDES\r\n\
         HRB001 3390   2025/11/02123+++++  VB     255 27998  PO-E  KEEPER.BOATS\r\n",
        &[
            "Directory \"KEEPER.TIDES\", at 2025-11-02",
            "Directory \"KEEPER.BOATS\", at 2025-11-02",
        ],
    );
}

#[test]
fn mvs_names_are_apart_or_look_like_data_sets() {
    reads(
        Dialect::Mvs,
        "Migrated A.B\r\nMigrated #1.$A@-{\r\nMigrated      tides\r\n",
        &["File \"A.B\"", "File \"#1.$A@-{\"", "File \"tides\""],
    );
}

#[test]
fn mvs_shows_nothing_else() {
    leaves_alone(
        Dialect::Mvs,
        "",
        &[
            "KEEPER.TIDES",
            "HRB001 3390   2025/11/02  1   15  FB  8x  3120  PS  KEEPER.ODD",
            "HRB001 3390   2025/11/02  1   15  FB  80  31x0  PS  KEEPER.ODD",
            "HRB001 33-0   2025/11/02  1   15  FB  80  3120  PS  KEEPER.ODD",
            "HRB001 3390   2025/13/02  1   15  FB  80  3120  PS  KEEPER.ODD",
            "HRB001 3390   2025/11/021x3   15  FB  80  3120  PS  KEEPER.ODD",
            "HRB001 3390   2025/11/02  1  PS  KEEPER.ODD",
            "HRB001 3390   2025/11/02",
            "HRB001 3390   2025/11/02  1   15  FB  80  3120  PS  and a name",
            "HRB001 3390   VSAM of KEEPER.INDEX",
            "Migrated from KEEPER.OLD",
            "Migrated today",
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
            "TIDES     0x.07 2025/10/02 2025/11/02 07:15   120   100    20 KEEPER",
            "TIDES     01.x7 2025/10/02 2025/11/02 07:15   120   100    20 KEEPER",
            "TIDES     01.07 2025/13/02 2025/11/02 07:15   120   100    20 KEEPER",
            "TIDES     01.07 2025/10/02 2025/11/02 07:15   120   x00    20 KEEPER",
            "TIDES     001A4   00000F          00 FO",
            "TIDES     001A40  00000F          FO 0",
            "tides     001A40  00000F          00 FO",
            "TIDES     001A40  00000F <QUAY    00 FO",
        ],
    );
    reads(
        Dialect::MvsMembers,
        "QUAY\r\n\
         TIDES     01.07 2025/10/02 2025/11/02 07:15   120   100    20 KEEPER\r\n\
         low.tide  01.07 2025/10/02 2025/11/02 07:15   120   100    20 KEEPER\r\n\
         not a member\r\n",
        &[
            "File \"QUAY\", confidence Medium",
            "File \"TIDES\", at 2025-11-02T07:15, owner KEEPER",
            "File \"low.tide\", at 2025-11-02T07:15, owner KEEPER",
            "? not a member",
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
    for state in ["INPUT", "ACTIVE", "OUTPUT", "HELD", "ARCHIVE"] {
        let line = format!("TIDES    T0000042 KEEPER   {state} A");
        reads(
            Dialect::MvsJobs,
            &line,
            &["File \"T0000042\", owner KEEPER"],
        );
    }
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
