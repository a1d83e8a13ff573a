//! Trees at the server that are not as they should be.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::bench::{against_script, against_scripts};

/// A server with MLSD that has listed `path`, and what it says of it.
fn listed(path: &str, lines: &[&str]) -> String {
    let mut script = begun(path);
    for line in lines {
        writeln!(script, "D> {line}\\r\\n").unwrap();
    }
    script + "D.\nS: 226 done\n"
}

/// The same before its first line.
fn begun(path: &str) -> String {
    let command = format!("MLSD {path}");
    format!(
        "L\nC: EPSV\nS: 229 ok (|||{{epsv}}|)\nC: {}\nD+\nS: 150 here\n",
        command.trim_end()
    )
}

/// A server with MLSD that refuses it.
fn refused(path: &str, reply: &str) -> String {
    format!("L\nC: EPSV\nS: 229 ok (|||{{epsv}}|)\nC: MLSD {path}\nD+\nS: {reply}\n")
}

const LOGIN: &str =
    "login\nC: FEAT\nS| 211-Features\\r\\n MLST type*;size*;unique*;\\r\\n211 End\\r\\n\n";
const QUIT: &str = "C: QUIT\nS: 221 bye\nclose\n";

fn script(parts: &[String]) -> String {
    format!("{LOGIN}{}{QUIT}", parts.concat())
}

/// A tree of two directories, the first of which cannot be listed.
fn with_a_refusal() -> String {
    script(&[
        listed(
            "",
            &["type=dir; closed", "type=dir; open", "type=file;size=1; a"],
        ),
        refused("closed", "550 Permission denied."),
        listed("open", &["type=file;size=2; b"]),
    ])
}

#[test]
fn a_directory_that_cannot_be_listed_is_told_and_the_rest_goes_on() {
    let said =
        "--- stderr\nwharf: ftp://HOST/closed: `MLSD closed` refused: 550 Permission denied.";
    for (line, stdout) in [
        ("find ftp://HOST/", "closed\nopen\na\nopen/b\n"),
        ("du ftp://HOST/", "2\topen\n3\t.\n"),
        (
            "tree ftp://HOST/",
            "ftp://HOST/\n├── a\n├── closed\n└── open\n    └── b\n\n2 directories, 2 files\n",
        ),
        (
            "ls -R ftp://HOST/",
            "ftp://HOST/:\na\nclosed\nopen\n\nftp://HOST/open:\nb\n",
        ),
    ] {
        let shown = against_script(&with_a_refusal(), line);
        assert_eq!(
            shown,
            format!("exit 12\n--- stdout\n{stdout}{said}"),
            "{line}"
        );
    }
}

#[test]
fn of_several_trees_one_that_is_walked_in_part_is_done_in_part_wherever_it_stands() {
    let missing = refused("missing/", "550 No such directory.");
    let partly = with_a_refusal();
    let partly = partly.strip_prefix(LOGIN).unwrap();
    let partly = partly.strip_suffix(QUIT).unwrap();
    for (parts, urls) in [
        ([&missing, partly], "ftp://HOST/missing/ ftp://HOST/"),
        ([partly, &missing], "ftp://HOST/ ftp://HOST/missing/"),
    ] {
        let script = format!("{LOGIN}{}{QUIT}", parts.concat());
        let shown = against_script(&script, &format!("find {urls}"));
        let expected = "exit 12\n--- stdout\nclosed\nopen\na\nopen/b\n--- stderr\n";
        assert!(shown.starts_with(expected), "{urls}: {shown}");
    }
}

#[test]
fn json_is_a_document_in_spite_of_what_cannot_be_listed() {
    for line in [
        "find --json ftp://HOST/",
        "du --json ftp://HOST/",
        "tree --json ftp://HOST/",
        "ls -R --json ftp://HOST/",
    ] {
        let shown = against_script(&with_a_refusal(), line);
        let (document, _) = shown
            .strip_prefix("exit 12\n--- stdout\n")
            .and_then(|rest| rest.split_once("--- stderr"))
            .unwrap();
        let document: serde_json::Value = serde_json::from_str(document).unwrap();
        assert!(
            document.to_string().contains("\"open"),
            "{line}: {document}"
        );
    }
}

#[test]
fn a_name_that_leads_elsewhere_is_refused_aloud_and_never_part_of_a_path() {
    let tree = script(&[listed(
        "in/",
        &[
            "type=file;size=1; ../passwd",
            "type=dir; ..%2f\\x00",
            "type=dir; a/../../b",
            "type=dir; /etc",
            "type=dir; a\\rDELE b",
            "type=file;size=2; fine",
        ],
    )]);
    assert_snapshot!(against_script(&tree, "find ftp://HOST/in/"), @r"
    exit 12
    --- stdout
    in/fine
    --- stderr
    wharf: ftp://HOST/in/: `../passwd` cannot be part of a path, and is left out
    wharf: ftp://HOST/in/: `..%2f\x00` cannot be part of a path, and is left out
    wharf: ftp://HOST/in/: `a/../../b` cannot be part of a path, and is left out
    wharf: ftp://HOST/in/: `/etc` cannot be part of a path, and is left out
    wharf: ftp://HOST/in/: `a\rDELE b` cannot be part of a path, and is left out
    ");
}

/// A server that has NLST and nothing else, which puts the directory ahead of each name.
fn by_names(lines: &str) -> String {
    let command = |line: &str| format!("L\nC: EPSV\nS: 229 ok (|||{{epsv}}|)\nC: {line}\nD+\n");
    format!(
        "login\nC: FEAT\nS: 502 What?\n{}S: 502 What?\n{}S: 502 What?\n{}S: 150 here\nD> {lines}\nD.\nS: 226 done\n{QUIT}",
        command("MLSD in/"),
        command("LIST in/"),
        command("NLST in/"),
    )
}

#[test]
fn a_path_has_the_directory_once_where_the_server_names_it_too() {
    let tree = by_names(r"in/a\r\nin/../b\r\nin/c\r\nout/d\r\n");
    let left_out = "\
--- stderr
wharf: ftp://HOST/in/: the server does not tell files from directories, so what is below is not seen
wharf: ftp://HOST/in/: `in/../b` cannot be part of a path, and is left out
wharf: ftp://HOST/in/: `out/d` cannot be part of a path, and is left out";
    let found = against_script(&tree, "find ftp://HOST/in/");
    assert_eq!(
        found,
        format!("exit 12\n--- stdout\nin/a\nin/c\n{left_out}")
    );

    let tree = by_names(r"in/a\r\n");
    let listed = against_script(&tree, "ls --json ftp://HOST/in/");
    for part in [r#""path":"in/a","name":"a","#, r#""raw":"in/a","#] {
        assert!(listed.contains(part), "{part}: {listed}");
    }
}

#[test]
fn nothing_of_a_name_acts_on_a_terminal_or_draws_a_line_of_its_own() {
    let tree = script(&[
        listed(
            "",
            &["type=dir; \\x1b[2J", "type=file; \\x9b\\xe2\\x80\\xae"],
        ),
        refused("\\x1b[2J", "550 No \\x07."),
    ]);
    assert_snapshot!(against_script(&tree, "tree ftp://HOST/"), @r"
    exit 12
    --- stdout
    ftp://HOST/
    ├── \x1b[2J
    └── \x9b\u{202e}

    1 directory, 1 file
    --- stderr
    wharf: ftp://HOST/\x1b[2J: `MLSD \x1b[2J` refused: 550 No \x07.
    ");
}

#[test]
fn a_directory_that_stands_in_itself_is_not_entered() {
    let tree = script(&[
        listed("", &["type=dir;unique=1; a"]),
        listed("a", &["type=dir;unique=2; b", "type=dir;unique=1; again"]),
        listed("a/b", &["type=dir;unique=2; self"]),
    ]);
    assert_snapshot!(against_script(&tree, "find ftp://HOST/"), @"
    exit 12
    --- stdout
    a
    a/b
    a/again
    a/b/self
    --- stderr
    wharf: ftp://HOST/a/again: this is a directory that it stands in
    wharf: ftp://HOST/a/b/self: this is a directory that it stands in
    ");
}

#[test]
fn a_link_that_is_called_a_directory_is_not_entered() {
    let tree = script(&[listed(
        "",
        &["type=dir;UNIX.slink=/; up", "type=OS.unix=slink:/; top"],
    )]);
    assert_snapshot!(against_script(&tree, "tree ftp://HOST/"), @"
    exit 0
    --- stdout
    ftp://HOST/
    ├── top -> /
    └── up -> /

    0 directories, 2 files
    ");
}

#[test]
fn a_tree_without_a_bottom_ends() {
    let mut parts = vec![listed("", &["type=dir; a"])];
    let mut path = "a".to_owned();
    for _ in 0..64 {
        parts.push(listed(&path, &["type=dir; a"]));
        path += "/a";
    }
    let shown = against_script(&script(&parts), "du -s ftp://HOST/");
    assert!(shown.starts_with("exit 12\n--- stdout\n0\t.\n"), "{shown}");
    assert!(
        shown.ends_with("a: more than 64 directories deep, and not entered"),
        "{shown}"
    );
}

#[test]
fn a_directory_that_looks_like_those_above_it_again_and_again_is_taken_for_a_loop() {
    let top = ["type=dir;modify=20200102030405; d", "type=file;size=1; f"];
    let sub = ["type=dir; up", "type=file;size=2; g"];
    let tree = script(&[
        listed("", &top),
        listed("d", &sub),
        listed("d/up", &top),
        listed("d/up/d", &sub),
        listed("d/up/d/up", &top),
    ]);
    for line in ["find ftp://HOST/ --type d", "tree -d ftp://HOST/"] {
        let shown = against_script(&tree, line);
        assert!(shown.starts_with("exit 12\n"), "{shown}");
        assert!(
            shown.ends_with(
                "wharf: ftp://HOST/d/up/d/up: it looks like 2 of the directories that it stands in, \
                 and is taken for a loop"
            ),
            "{line}: {shown}"
        );
    }
}

#[test]
fn directories_that_differ_in_anything_are_no_loop() {
    let parts: Vec<_> = (0..6)
        .map(|depth| {
            let path = vec!["d"; depth].join("/");
            let file = format!("type=file;size={depth}; f");
            let last = "type=file; d";
            listed(
                &path,
                &[&file, if depth < 5 { "type=dir; d" } else { last }],
            )
        })
        .collect();
    let shown = against_script(&script(&parts), "du -s ftp://HOST/");
    assert!(shown.starts_with("exit 0\n--- stdout\n15\t.\n"), "{shown}");
}

#[test]
fn a_listing_that_breaks_off_is_told_and_the_rest_is_walked_over_a_new_connection() {
    let first = format!(
        "{LOGIN}{}{}D> type=file;size=1; x\\r\\n\nreset\n",
        listed("", &["type=dir; a", "type=dir; b"]),
        begun("a")
    );
    let second = format!("{LOGIN}{}{QUIT}", listed("b", &["type=file;size=2; y"]));
    let shown = against_scripts(&[&first, &second], "find ftp://HOST/");
    assert!(shown.starts_with("exit 12\n--- stdout\na\nb\n"), "{shown}");
    assert!(shown.contains("\nb/y\n"), "{shown}");
    assert!(shown.contains("\nwharf: ftp://HOST/a: "), "{shown}");
}

#[test]
fn a_server_that_breaks_off_again_and_again_ends_the_walk() {
    let broken = |path: &str| format!("{}reset\n", begun(path));
    let scripts = [
        format!(
            "{LOGIN}{}{}",
            listed(
                "",
                &["type=dir; a", "type=dir; b", "type=dir; c", "type=dir; d"]
            ),
            broken("a")
        ),
        format!("{LOGIN}{}", broken("b")),
        format!("{LOGIN}{}", broken("c")),
    ];
    let scripts: Vec<_> = scripts.iter().map(String::as_str).collect();
    let shown = against_scripts(&scripts, "find ftp://HOST/");
    let last = shown.lines().last().unwrap();
    assert!(last.starts_with("wharf: ftp://HOST/c: "), "{shown}");
}

#[test]
fn the_entries_before_a_break_are_shown_and_the_code_is_that_of_the_break() {
    let cut = format!(
        "{LOGIN}{}D> type=file; b\\r\\n\nD> type=file; a\\r\\n\nD.\nS: 426 Cut.\n{QUIT}",
        begun("")
    );
    for (line, names) in [("ls", "a\nb"), ("ls -U", "b\na"), ("find", "b\na")] {
        let shown = against_script(&cut, &format!("{line} ftp://HOST/"));
        let expected = format!("exit 10\n--- stdout\n{names}\n--- stderr\n");
        assert!(shown.starts_with(&expected), "{line}: {shown}");
    }
}

#[test]
fn nothing_below_is_walked_behind_a_listing_that_broke_off() {
    let cut = format!(
        "{LOGIN}{}D> type=dir; a\\r\\n\nD> type=file; b\\r\\n\nD.\nS: 426 Cut.\n{QUIT}",
        begun("")
    );
    let shown = against_script(&cut, "tree ftp://HOST/");
    let expected = "exit 10\n--- stdout\nftp://HOST/\n├── a\n└── b\n--- stderr\n";
    assert!(shown.starts_with(expected), "{shown}");

    let shown = against_script(&cut, "tree --json ftp://HOST/");
    let (document, _) = shown
        .strip_prefix("exit 10\n--- stdout\n")
        .and_then(|rest| rest.split_once("--- stderr"))
        .unwrap();
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    assert_eq!(document[0]["contents"][1]["name"], "b");
}

#[test]
fn a_listing_that_the_server_cut_short_is_not_whole() {
    let cut = format!(
        "{LOGIN}{}D> type=file; a\\r\\n\nD.\nS: 226 Output truncated to 1 matches.\n{QUIT}",
        begun("")
    );
    assert_snapshot!(against_script(&cut, "ls ftp://HOST/"), @"
    exit 12
    --- stdout
    a
    --- stderr
    wharf: ftp://HOST/: the server cut the listing short
    ");
}

#[test]
fn a_file_in_a_directory_of_its_own_name_is_told_from_the_file() {
    let only = listed("a", &["type=file;size=5; a"]);
    let stat = |kind: &str| {
        format!("C: MLST a\nS| 250-Here\\r\\n type={kind};size=5; /a\\r\\n250 End\\r\\n\n")
    };
    let directory = script(&[only.clone(), stat("dir")]);
    assert_snapshot!(against_script(&directory, "find ftp://HOST/a"), @"
    exit 0
    --- stdout
    a/a
    ");
    let file = script(&[only, stat("file")]);
    assert_snapshot!(against_script(&file, "find ftp://HOST/a"), @"
    exit 0
    --- stdout
    a
    ");
}

/// A server without MLSD that has listed a path.
fn listed_for_people(path: &str, lines: &[&str]) -> String {
    listed(path, lines).replace("MLSD", "LIST")
}

const LIST_ALONE: &str = "login\nC: FEAT\nS| 211-Features\\r\\n SIZE\\r\\n211 End\\r\\n\n";

#[test]
fn a_listing_of_which_nothing_is_understood_is_not_an_empty_directory() {
    let odd = "<html>";
    let script = format!("{LIST_ALONE}{}{QUIT}", listed_for_people("", &[odd]));
    assert_snapshot!(against_script(&script, "ls ftp://HOST/"), @"
    exit 16
    --- stderr
    wharf: not understood: <html>
    wharf: ftp://HOST/: lines of the listing not understood: 1
    wharf: ftp://HOST/: no entry, but lines that are not understood
    ");
    let line = "drwxr-xr-x    1 0        0               5 Jan  2  2020 a";
    let script = format!(
        "{LIST_ALONE}{}{}C: PWD\nS: 257 \"/\"\nC: CWD a\nS: 250 ok\nC: CWD /\nS: 250 ok\n{QUIT}",
        listed_for_people("", &[line]),
        listed_for_people("a", &[odd])
    );
    let shown = against_script(&script, "tree ftp://HOST/");
    assert!(shown.starts_with("exit 12\n"), "{shown}");
    assert!(
        shown.ends_with("ftp://HOST/a: no entry, but lines that are not understood"),
        "{shown}"
    );
}

#[test]
fn a_listing_that_says_nothing_but_that_it_is_denied_is_forbidden() {
    // inetutils, of what may be entered and not read.
    let script = format!(
        "{LIST_ALONE}{}C: PWD\nS: 257 \"/\"\nC: CWD in/\nS: 250 ok\nC: CWD /\nS: 250 ok\n{QUIT}",
        listed_for_people("in/", &[": Permission denied"]),
    );
    assert_snapshot!(against_script(&script, "find ftp://HOST/in/"), @"
    exit 6
    --- stderr
    wharf: not understood: : Permission denied
    wharf: ftp://HOST/in/: lines of the listing not understood: 1
    wharf: ftp://HOST/in/: no entry, but the server's word that permission is denied
    ");
}

#[test]
fn a_forbidden_directory_that_lists_itself_is_forbidden_and_not_in_itself() {
    let lines = ["d---------    2 0        0            4096 Jan  2  2020 closed"];
    let refused = |reply: &str| {
        let script = format!(
            "{LIST_ALONE}{}C: PWD\nS: 257 \"/\"\nC: CWD closed/closed\nS: {reply}\n{QUIT}",
            listed_for_people("closed/", &lines)
        );
        against_script(&script, "ls ftp://HOST/closed/")
    };
    assert_snapshot!(refused("550 Permission denied."), @"
    exit 6
    --- stderr
    wharf: ftp://HOST/closed/: `CWD closed/closed`: the directory cannot be read, for it lists nothing but itself, and none of its name is within: 550 Permission denied.
    ");
    // What is not within is no reason to say that the directory is not there.
    assert_snapshot!(refused("550 Failed to change directory."), @"
    exit 6
    --- stderr
    wharf: ftp://HOST/closed/: the directory cannot be read, for it lists nothing but itself, and none of its name is within: 226 done
    ");
    let script = format!(
        "{LIST_ALONE}{}C: PWD\nS: 257 \"/\"\nC: CWD closed/closed\nS: 250 ok\nC: CWD /\nS: 250 ok\n{QUIT}",
        listed_for_people("closed/", &lines)
    );
    assert_snapshot!(against_script(&script, "ls ftp://HOST/closed/"), @"
    exit 0
    --- stdout
    closed
    ");
}

#[test]
fn the_links_to_a_file_are_not_listed_with_it() {
    let lines = [
        "lrwxrwxrwx    1 0        0               7 Jan  2  2020 again -> a.txt",
        "-rw-r--r--    1 0        0               5 Jan  2  2020 a.txt",
        "lrwxrwxrwx    1 0        0               7 Jan  2  2020 link -> a.txt",
    ];
    let script = format!(
        "{LIST_ALONE}{}C: MLST a.txt\nS| 250-\\r\\n type=file;size=5; a.txt\\r\\n250 End\\r\\n\n{QUIT}",
        listed_for_people("a.txt", &lines)
    );
    assert_snapshot!(against_script(&script, "ls ftp://HOST/a.txt"), @"
    exit 0
    --- stdout
    a.txt
    ");
}

#[test]
fn a_link_that_lists_itself_is_followed_to_a_directory() {
    let line = "lrwxrwxrwx    1 0        0               3 Jan  2  2020 way -> dir";
    let script = format!(
        "{LIST_ALONE}{}C: MLST way\nS| 250-\\r\\n type=OS.unix=slink:dir; way\\r\\n250 End\\r\\n\n{}{QUIT}",
        listed_for_people("way", &[line]),
        listed_for_people("way/", &["-rw-r--r--    1 0 0   5 Jan  2  2020 a.txt"]),
    );
    assert_snapshot!(against_script(&script, "ls ftp://HOST/way"), @"
    exit 0
    --- stdout
    a.txt
    ");
}

#[test]
fn a_link_that_leads_to_no_directory_is_drawn_with_where_it_leads() {
    let line = "lrwxrwxrwx    1 0        0               3 Jan  2  2020 way -> gone";
    let script = format!(
        "{LIST_ALONE}{}C: MLST way\nS| 250-\\r\\n type=OS.unix=slink:gone; way\\r\\n250 End\\r\\n\n{}{QUIT}",
        listed_for_people("way", &[line]),
        refused("way/", "550 Failed to open it.").replace("MLSD", "LIST"),
    );
    assert_snapshot!(against_script(&script, "tree ftp://HOST/way"), @"
    exit 0
    --- stdout
    ftp://HOST/way -> gone

    0 directories, 1 file
    ");
}

#[test]
fn a_file_is_no_directory_whatever_the_url_says() {
    let line = "-rw-r--r--    1 0        0               5 Jan  2  2020 a.txt/";
    let script = format!(
        "{LIST_ALONE}{}C: MLST a.txt/\nS| 250-\\r\\n type=file;size=5; a.txt\\r\\n250 End\\r\\n\n{QUIT}",
        listed_for_people("a.txt/", &[line])
    );
    assert_snapshot!(against_script(&script, "ls ftp://HOST/a.txt/"), @"
    exit 3
    --- stderr
    wharf: ftp://HOST/a.txt/: it is a file, and no directory
    ");
}

#[test]
fn a_server_that_does_not_tell_directories_from_files_is_told() {
    let tree = script(&[listed("", &["size=1; a", "size=2; b"])]);
    assert_snapshot!(against_script(&tree, "du ftp://HOST/"), @"
    exit 0
    --- stdout
    3	.
    --- stderr
    wharf: ftp://HOST/: the server does not tell files from directories, so what is below is not seen
    ");
}
