use std::fs;
use std::io::{BufRead as _, BufReader};
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;

use crate::bench::Bench;

/// A server with a tree of files of several sizes and ages.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.remote("pub/README", "ahoy\n");
    bench.remote("pub/big.ISO", vec![0; 3000]);
    bench.remote("pub/sub/.hidden.iso", "");
    bench.remote("pub/sub/deep/old.iso", "1");
    bench.remote("pub/sub/deep/é.txt", "12");
    std::os::unix::fs::symlink("README", bench.server.root().join("pub/link")).unwrap();
    let old = SystemTime::now() - Duration::from_hours(2400);
    fs::File::open(bench.server.root().join("pub/sub/deep/old.iso"))
        .unwrap()
        .set_modified(old)
        .unwrap();
    bench
}

#[test]
fn without_a_condition_everything_below_is_found() {
    assert_snapshot!(bench().run("find ftp://HOST/pub"), @"
    exit 0
    --- stdout
    pub/README
    pub/big.ISO
    pub/link
    pub/sub
    pub/sub/.hidden.iso
    pub/sub/deep
    pub/sub/deep/old.iso
    pub/sub/deep/é.txt
    ");
}

#[test]
fn paths_begin_where_the_url_does() {
    let bench = bench();
    for (url, path) in [
        ("ftp://HOST", "pub/README"),
        ("ftp://HOST/", "pub/README"),
        ("ftp://HOST/pub/", "pub/README"),
        ("ftp://HOST/%2F", "/pub/README"),
        ("ftp://HOST/%2Fpub", "/pub/README"),
        ("ftp://HOST/pub/README", "pub/README"),
    ] {
        let shown = bench.run(&format!("find --name README {url}"));
        assert_eq!(shown, format!("exit 0\n--- stdout\n{path}"), "{url}");
    }
}

#[test]
fn every_condition_narrows_what_is_found() {
    let bench = bench();
    for (conditions, found) in [
        ("--name *.iso", "pub/sub/.hidden.iso pub/sub/deep/old.iso"),
        (
            "--iname *.iso --name README",
            "pub/README pub/big.ISO pub/sub/.hidden.iso pub/sub/deep/old.iso",
        ),
        (
            "--path */sub/*.iso",
            "pub/sub/.hidden.iso pub/sub/deep/old.iso",
        ),
        ("--name ?.txt", "pub/sub/deep/é.txt"),
        ("--type d", "pub/sub pub/sub/deep"),
        ("--type l", "pub/link"),
        ("--type d,l", "pub/link pub/sub pub/sub/deep"),
        ("--size +2k", "pub/big.ISO"),
        (
            "--size -3 --type f",
            "pub/sub/.hidden.iso pub/sub/deep/old.iso pub/sub/deep/é.txt",
        ),
        (
            "--size +0 --size -3 --type f",
            "pub/sub/deep/old.iso pub/sub/deep/é.txt",
        ),
        ("--older-than 30d", "pub/sub/deep/old.iso"),
        ("--newer-than 30d --name *.iso", "pub/sub/.hidden.iso"),
        ("--older-than 1990-01-01", ""),
        ("--max-depth 1 --type f", "pub/README pub/big.ISO"),
        ("--min-depth 3", "pub/sub/deep/old.iso pub/sub/deep/é.txt"),
        (
            "--min-depth 2 --max-depth 2",
            "pub/sub/.hidden.iso pub/sub/deep",
        ),
    ] {
        let shown = bench.run(&format!("find ftp://HOST/pub {conditions}"));
        let lines = shown.strip_prefix("exit 0").unwrap();
        let lines = lines.strip_prefix("\n--- stdout\n").unwrap_or(lines);
        assert_eq!(lines.replace('\n', " "), found, "{conditions}");
    }
}

#[test]
fn no_directory_is_listed_that_is_too_deep_to_matter() {
    let bench = bench();
    bench.run("find ftp://HOST/pub --max-depth 1");
    let listed = bench.server.commands();
    let listed: Vec<_> = listed.iter().filter(|it| it.starts_with("MLSD")).collect();
    assert_eq!(listed, ["MLSD pub"]);
}

#[test]
fn paths_for_xargs_end_in_nul() {
    let bench = Bench::new();
    bench.remote("a\tb", "");
    bench.remote("c d", "");
    let output = bench.command("find -0 ftp://HOST/").output().unwrap();
    assert_eq!(output.stdout, b"a\tb\0c d\0");
}

#[test]
fn json_has_the_fields_of_ls_and_whole_paths() {
    let bench = bench();
    let line = "find --json --name old.iso ftp://HOST/pub";
    let output = bench.command(line).output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["path"], "pub/sub/deep/old.iso");
    assert_eq!(found[0]["size"], 1);
    assert_eq!(found[0]["mtime_source"], "mlsd");
}

#[test]
fn what_the_conditions_leave_is_an_empty_array() {
    assert_snapshot!(bench().run("find --json --name none ftp://HOST/"), @"
    exit 0
    --- stdout
    []
    ");
}

#[test]
fn a_directory_that_is_missing_is_code_3() {
    assert_snapshot!(Bench::new().run("find ftp://HOST/none"), @"
    exit 3
    --- stderr
    wharf: ftp://HOST/none: `MLSD none` refused: 550 No such file or directory.
    ");
}

#[test]
fn conditions_that_are_none_are_refused() {
    let bench = Bench::new();
    for (conditions, words) in [
        ("--size 1x", "not a size such as 512, +1M or -10k"),
        ("--type x", "must be f, d or l"),
        ("--newer-than 7", "not an age such as 7d"),
        ("--older-than 2026-02-30", "not an age such as 7d"),
        ("--older-than 9999999999w", "begins before the year 0"),
        ("--max-depth 0", "0 is not in 1.."),
    ] {
        let shown = bench.run(&format!("find ftp://HOST/ {conditions}"));
        assert!(shown.starts_with("exit 2\n"), "{conditions}: {shown}");
        assert!(shown.contains(words), "{conditions}: {shown}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_walk_without_a_word() {
    let bench = Bench::new();
    // More than fits into a pipe.
    for number in 0..3000 {
        bench.remote(&format!("{number:0>100}"), "");
    }
    let mut child = bench.command("find ftp://HOST/").spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line.len(), 101);
    assert_snapshot!(bench.wait(child), @"exit 0");
}

#[test]
fn the_words_of_another_find_are_answered_with_those_of_this_one() {
    let bench = Bench::new();
    let line =
        "find ftp://keeper:secret@HOST/pub -type f -name *.iso -size +1M -mtime -7 -maxdepth 2";
    assert_snapshot!(bench.run(line), @"
    exit 2
    --- stderr
    wharf: in this find -type is --type, -name is --name, -size is --size (in bytes, or with k, M, G, T), -mtime is --newer-than or --older-than, -maxdepth is --max-depth
      advice: `wharf find --help` says what each of them takes
    ");
    for (typed, said) in [
        ("--timeout 5 find ftp://HOST/ -iname a", "-iname is --iname"),
        ("find -print0 ftp://HOST/", "-print0 is -0"),
        (
            "find ftp://HOST/ -print",
            "-print is what it does in any case",
        ),
    ] {
        let shown = bench.run(typed);
        assert!(shown.starts_with("exit 2\n"), "{shown}");
        assert!(shown.contains(said), "{shown}");
    }
    // What is no such word, or is none of find's, is told as ever.
    for typed in [
        "find ftp://HOST/ -nothing",
        "stat ftp://HOST/ -type f",
        "find --wrong -- -name",
    ] {
        let shown = bench.run(typed);
        assert!(shown.starts_with("exit 2\n"), "{shown}");
        assert!(shown.contains("unexpected argument"), "{shown}");
    }
    // Nothing of it is wrong where it is a value, or the name of a file.
    assert_eq!(bench.run("find ftp://HOST/ --name=-type"), "exit 0");
}
