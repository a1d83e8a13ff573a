//! What is a name, where hardly anything else tells so.

use wharf_proto::listing::{Dialect, Format};
use wharf_proto::text::escaped;

use super::shown::{leaves_alone, reads, shown, shown_in};

#[test]
fn dls_needs_no_dates_where_sizes_are_aligned() {
    reads(
        Dialect::Dls,
        "README               763  Read this first\r\n\
         quay/                  =  Ships\r\n\
         tides/                 -  \r\n\
         newest                14  -> quay/2000\r\n\
         A-NAME-THAT-IS-TOO-LONG.Z\r\n\
         \x20                    215  \r\n\
         TIDES-OF-THE-HARBOR  763  \r\n",
        &[
            "File \"README\", size 763, confidence Low",
            "Directory \"quay\", confidence Low",
            "Directory \"tides\", confidence Low",
            "Symlink \"newest\", size 14, to quay/2000, confidence Low",
            "File \"A-NAME-THAT-IS-TOO-LONG.Z\", size 215, confidence Low",
            "File \"TIDES-OF-THE-HARBOR\", size 763, confidence Low",
        ],
    );
    reads(
        Dialect::Dls,
        "README               763  Read this first\r\n\
         dated                 14  Nov  2  2025  -> quay/2025\r\n",
        &[
            "File \"README\", size 763, confidence Low",
            "Symlink \"dated\", size 14, at 2025-11-02, to quay/2025, confidence Medium",
        ],
    );
    // Nothing vouches for these.
    for text in [
        "Connected     3  users\r\nWaiting      17  users\r\n",
        "README               763  Read this first\r\n",
    ] {
        assert!(!shown(text.as_bytes()).contains("File"), "{text}");
    }
    leaves_alone(
        Dialect::Dls,
        "quay/                  =  Ships\r\n",
        &[
            "README                763  one column off",
            "A-NAME-OF-NINETEEN-- 763  too near",
            "README               763 too near",
            "README               763   too far",
            "README               7x3  no size",
            " README              763  indented",
        ],
    );
}

#[test]
fn names_alone_are_no_sentences_and_no_headings() {
    reads(
        Dialect::Names,
        "./\r\n..\r\n.\r\n.profile\r\nA\u{e9}\r\nx;12\r\n",
        &[
            "CurrentDirectory \".\", confidence Low",
            "ParentDirectory \"..\", confidence Low",
            "CurrentDirectory \".\", confidence Low",
            "Unknown \".profile\", confidence Low",
            "Unknown \"A\u{e9}\", confidence Low",
            "Unknown \"x;12\", confidence Low",
        ],
    );
    for line in [
        "Permission denied",
        "...",
        "ftpd: .: Permission denied",
        "No files found.",
        "<html>",
        "---",
        "a|b",
        "a\"b",
        "a\x07b",
        "a;b",
        " indented",
        "a  b.txt",
        "C:",
        "Listing of /",
        "Listing of /quay/",
    ] {
        assert_eq!(
            shown(line.as_bytes()),
            format!("none\n? {}\n", escaped(line.as_bytes()))
        );
    }
}

#[test]
fn names_with_blanks_may_stand_before_those_that_vouch_for_them() {
    reads(
        Dialect::Names,
        "tide table.txt\r\nold tides/\r\nREADME\r\n",
        &[
            "Unknown \"tide table.txt\", confidence Low",
            "Directory \"old tides\", confidence Low",
            "Unknown \"README\", confidence Low",
        ],
    );
    for text in [
        "There is a tide.txt\r\n",
        "The tides are in tide.txt\r\nSee it\r\n",
    ] {
        assert!(!shown(text.as_bytes()).contains("Unknown \""), "{text}");
    }
}

#[test]
fn a_word_alone_is_a_name_only_with_a_type_or_a_mark() {
    for (text, expected) in [
        ("error", "names\n? error\n"),
        ("0", "names\n? 0\n"),
        ("Welcome.", "names\n? Welcome.\n"),
        (".done", "names\n? .done\n"),
        (
            "index.html",
            "names\nUnknown \"index.html\", confidence Low\n",
        ),
        (
            "LOGIN.COM;7",
            "names\nUnknown \"LOGIN.COM;7\", confidence Low\n",
        ),
        ("quay/", "names\nDirectory \"quay\", confidence Low\n"),
    ] {
        assert_eq!(shown(text.as_bytes()), expected);
    }
    assert_eq!(
        shown_in(Format::Names, b"error"),
        "names\nUnknown \"error\"\n"
    );
    reads(
        Dialect::Names,
        "12\r\n2001\r\n",
        &[
            "Unknown \"12\", confidence Low",
            "Unknown \"2001\", confidence Low",
        ],
    );
}

#[test]
fn everything_that_nlst_gives_is_a_name_but_what_ls_complains_of() {
    let listing = "a b  c\r\n<x>\r\nquay/\r\n.\r\nquay/..\r\n/\r\nls: *.txt: No such file or directory\r\n\
                   ls: cannot access 'x': Input/output error\r\nx: Permission denied\r\nx: not found\r\n\
                   why: because\r\nnot found\r\n";
    assert_eq!(
        shown_in(Format::Names, listing.as_bytes()),
        "names\nUnknown \"a b  c\"\nUnknown \"<x>\"\nDirectory \"quay\"\nCurrentDirectory \".\"\nParentDirectory \"quay/..\"\nUnknown \"/\"\n\
         ? ls: *.txt: No such file or directory\n? ls: cannot access 'x': Input/output error\n? x: Permission denied\n? x: not found\n\
         Unknown \"why: because\"\nUnknown \"not found\"\n"
    );
}
