//! Titles, places and sums: passed over where they are a dialect's own, handed back where they are
//! only like them.

use wharf_proto::listing::{Dialect, Format};

use super::shown::shown_in;

/// The lines of which their dialects make something else.
fn wrong(cases: &[(Dialect, &[&str])], expected: fn(&str) -> String) -> Vec<String> {
    let mut wrong = Vec::new();
    for (dialect, lines) in cases {
        for line in *lines {
            let text = shown_in(Format::Dialect(*dialect), line.as_bytes());
            if text != format!("{dialect}\n{}", expected(line)) {
                wrong.push(format!("{line} => {text}"));
            }
        }
    }
    wrong
}

#[test]
fn headings_are_passed_over() {
    let wrong = wrong(HEADINGS, |_| String::new());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_only_like_a_heading_is_handed_back() {
    let wrong = wrong(NEARLY, |line| format!("? {line}\n"));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const HEADINGS: &[(Dialect, &[&str])] = &[
    (
        Dialect::ClearPath,
        &["Report for: (A)B ON PACK", "  6 Files     504 Octets"],
    ),
    (
        Dialect::Dos,
        &[
            " Volume in drive C is A",
            " Volume Serial Number is 1234-5678",
            " Directory of C:\\srv",
            "       1 file            1,048,576 bytes",
            "       2 Files           1,048,576 bytes",
            "       1 Dir     1,048,576 bytes free",
            "       2 dir(s)  1,048,576 bytes free",
            "       2 directories  1,048,576 bytes free",
        ],
    ),
    (
        Dialect::Ka9q,
        &["1 file", "1 file.", "5 files", "5 files. 7 bytes free."],
    ),
    (
        Dialect::MicroRtos,
        &[
            " Start    End    length     File name",
            " ** Total 1 files, 4096 bytes **",
        ],
    ),
    (
        Dialect::Mpe,
        &[
            "PATH= /KEEPER/",
            "ACCOUNT = KEEPER      GROUP= PUB",
            "ACCOUNT=  KEEPER      GROUP=  PUB",
            "CODE  ------------LOGICAL RECORD-----------  ----SPACE----  FILENAME",
            "FILENAME  CODE  ------------LOGICAL RECORD-----------",
            "         SIZE  TYP        EOF      LIMIT R/B  SECTORS #X MX",
        ],
    ),
    (
        Dialect::Music,
        &["  File name             RlenRf  Size  Read       Write     By"],
    ),
    (
        Dialect::Mvs,
        &[
            "Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname",
            "Volume Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname",
        ],
    ),
    (
        Dialect::MvsMembers,
        &[
            " Name     VV.MM   Created       Changed      Size  Init   Mod   Id",
            " Name      Size     TTR   Alias-of AC --------- Attributes",
        ],
    ),
    (
        Dialect::MvsJobs,
        &["JOBNAME  JOBID    OWNER    STATUS CLASS"],
    ),
    (
        Dialect::NameFirst,
        &[
            "File Name  Size  Date",
            "Volume - drive 1",
            "Directory of /quay",
            "123 Bytes Available",
        ],
    ),
    (
        Dialect::NonStop,
        &["File         Code             EOF  Last Modification"],
    ),
    (
        Dialect::Os9,
        &[
            "            Directory of . 07:15:42",
            " Owner    Last modified  Attributes Sector Bytecount Name",
        ],
    ),
    (Dialect::Tops20, &["PS:<KEEPER>", " PS:<KEEPER.TIDES> "]),
    (Dialect::Tsx, &["Directory [du0:*.*] / 3 Files / 34 Blocks"]),
    (
        Dialect::VmCms,
        &[
            "Filename FileType Fm Format LRecl  Records Blocks Date     Time",
            "FILENAME FILETYPE FM FORMAT LRECL RECS BLOCKS DATE TIME LABEL",
        ],
    ),
    (
        Dialect::Vms,
        &[
            "Directory DISK$HARBOUR:[KEEPER]",
            "Directory DISK$HARBOUR:<KEEPER>",
            "DISK$HARBOUR:[KEEPER]",
            "Total of 3 files, 5 blocks.",
            "Total 3 files",
            "Grand total of 2 directories, 3 files.",
        ],
    ),
    (
        Dialect::Vos,
        &["Files: 2  Blocks: 24", "Dirs: 1", "Links: 1"],
    ),
    (
        Dialect::VxWorks,
        &["  size          date       time       name"],
    ),
];

const NEARLY: &[(Dialect, &[&str])] = &[
    (
        Dialect::ClearPath,
        &[
            "Report on (A)B",
            "A report for: B",
            "6 Files and Octets",
            "6 of 504 Octets",
        ],
    ),
    (
        Dialect::Dos,
        &[
            "Volume in litres",
            "Volume of drive C",
            "Volume Serial",
            "Directory of C:/srv",
            "Directory at C:\\srv",
            "The Directory of C:\\srv",
            "no file(s) 7 bytes",
            "7 file(s) no bytes",
            "7 file(s) 7 blocks",
            "7 ships 7 bytes",
        ],
    ),
    (Dialect::Ka9q, &["no files", "5 ships"]),
    (
        Dialect::MicroRtos,
        &["Start here", "The End", "** Sum **", "A Total of 3"],
    ),
    (
        Dialect::Mpe,
        &[
            "PATH /KEEPER/",
            "CODE RED",
            "FILENAME UNKNOWN",
            "A CODE",
            "SIZE MATTERS",
            "TYP SIZE",
        ],
    ),
    (Dialect::Music, &["File name Size", "A name RlenRf"]),
    (
        Dialect::Mvs,
        &["Volume of water", "A Unit", "Volume Referred to"],
    ),
    (Dialect::MvsMembers, &["Name it", "A Size"]),
    (Dialect::MvsJobs, &["JOBNAME unknown", "A JOBID"]),
    (
        Dialect::NameFirst,
        &[
            "File Name unknown",
            "A Name Size",
            "Volume of water",
            "Directory of my dreams",
            "Directory with a heading",
            "some Bytes Available",
            "123 Bytes left",
        ],
    ),
    (Dialect::NonStop, &["File not found", "A Code"]),
    (
        Dialect::Os9,
        &[
            "Owner unknown",
            "The Last modified",
            "Directory of . today",
            "Directory at . 07:15:42",
        ],
    ),
    (
        Dialect::Tops20,
        &["PS:<KEEPER", "PS<KEEPER>", "PS:<KEEPER> and more>"],
    ),
    (Dialect::Tsx, &["Directory of du0", "The [du0:*.*]"]),
    (
        Dialect::VmCms,
        &[
            "Filename unknown",
            "Filename filetype",
            "A filename and its filetype",
        ],
    ),
    (
        Dialect::Vms,
        &[
            "Directory of DISK:[KEEPER]",
            "Directory DISK[KEEPER]",
            "Directory DISK:[KEEPER",
            "Directory DISK:<KEEPER",
            "DISK:<KEEPER>",
            "Total of many files",
            "Total 3 blocks",
            "Total many files",
            "A total of 3 files",
            "Grand piano",
        ],
    ),
    (Dialect::Vos, &["Files: many", "Ships: 2"]),
    (Dialect::VxWorks, &["size unknown", "up to date"]),
];
