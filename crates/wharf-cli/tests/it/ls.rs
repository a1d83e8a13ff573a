use std::fs;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use wharf_testing::server::Options;

use crate::bench::{Bench, against_script};

/// A server with a directory whose listing is always the same, but for the owner.
pub(crate) fn bench(options: Options) -> Bench {
    let bench = Bench::with(options);
    bench.remote("pub/a.txt", "ahoy\n");
    bench.remote("pub/b c", "");
    bench.remote("pub/sub/x", "");
    for name in ["pub/a.txt", "pub/b c", "pub/sub"] {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_934_245);
        fs::File::open(bench.server.root().join(name))
            .unwrap()
            .set_modified(time)
            .unwrap();
    }
    bench
}

#[test]
fn names_come_one_a_line_whatever_the_server_can_do() {
    let bench = bench(Options::default());
    assert_snapshot!(bench.run("ls ftp://HOST/pub"), @"
    exit 0
    --- stdout
    a.txt
    b c
    sub
    ");
    assert!(bench.server.commands().contains(&"MLSD pub".to_owned()));

    bench.server.set_options(Options {
        without: vec!["MLSD", "MLST"],
        ..Options::default()
    });
    assert_snapshot!(bench.run("ls ftp://HOST/pub/"), @"
    exit 0
    --- stdout
    a.txt
    b c
    sub
    ");
    assert!(bench.server.commands().contains(&"LIST pub/".to_owned()));
}

#[test]
fn mlsd_that_is_listed_and_refused_gives_way_to_list() {
    let answers = vec![("MLSD", "502 Not today.".to_owned())];
    let bench = bench(Options {
        answers,
        ..Options::default()
    });
    assert_snapshot!(bench.run("ls ftp://HOST/pub"), @"
    exit 0
    --- stdout
    a.txt
    b c
    sub
    ");
}

#[test]
fn a_long_listing_has_columns() {
    let bench = bench(Options::default());
    assert_snapshot!(bench.run("ls -l ftp://HOST/pub"), @"
    exit 0
    --- stdout
    -rw-r--r-- ? ? 5 2020-01-02 03:04:05Z a.txt
    -rw-r--r-- ? ? 0 2020-01-02 03:04:05Z b c
    drwxr-xr-x ? ? ? 2020-01-02 03:04:05Z sub
    ");
}

#[test]
fn json_is_one_array_with_every_field() {
    let bench = bench(Options::default());
    let shown = bench.run("ls --json ftp://HOST/pub");
    assert_snapshot!(without_unique(&shown), @r#"
    exit 0
    --- stdout
    [
     {"path":"pub/a.txt","name":"a.txt","type":"file","size":5,"size_exact":true,"mtime":"2020-01-02T03:04:05Z","mtime_precision":"second","mtime_source":"mlsd","mtime_zone":"utc","permissions":null,"mode":"0644","owner":null,"group":null,"links":null,"target":null,"version":null,"unique":"…","perm":"adfrw","raw":"type=file;size=5;modify=20200102030405;perm=adfrw;unique=…;UNIX.mode=0644; a.txt","dialect":"mlsx","confidence":"high"},
     {"path":"pub/b c","name":"b c","type":"file","size":0,"size_exact":true,"mtime":"2020-01-02T03:04:05Z","mtime_precision":"second","mtime_source":"mlsd","mtime_zone":"utc","permissions":null,"mode":"0644","owner":null,"group":null,"links":null,"target":null,"version":null,"unique":"…","perm":"adfrw","raw":"type=file;size=0;modify=20200102030405;perm=adfrw;unique=…;UNIX.mode=0644; b c","dialect":"mlsx","confidence":"high"},
     {"path":"pub/sub","name":"sub","type":"directory","size":null,"size_exact":null,"mtime":"2020-01-02T03:04:05Z","mtime_precision":"second","mtime_source":"mlsd","mtime_zone":"utc","permissions":null,"mode":"0755","owner":null,"group":null,"links":null,"target":null,"version":null,"unique":"…","perm":"cdeflmp","raw":"type=dir;modify=20200102030405;perm=cdeflmp;unique=…;UNIX.mode=0755; sub","dialect":"mlsx","confidence":"high"}
    ]
    "#);
    let list = Options {
        without: vec!["MLSD", "MLST"],
        ..Options::default()
    };
    bench.server.set_options(list);
    let output = bench.command("ls --json ftp://HOST/pub").output().unwrap();
    let entries: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let entry = entries
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "a.txt")
        .unwrap();
    assert_eq!(entry["path"], "pub/a.txt");
    assert_eq!(
        (&entry["mtime_source"], &entry["dialect"]),
        (&"list".into(), &"unix".into())
    );
    assert_eq!(
        (&entry["mtime_zone"], &entry["unique"]),
        (&"unknown".into(), &().into())
    );
}

#[test]
fn an_empty_directory_is_an_empty_array() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("ls --json ftp://HOST/"), @"
    exit 0
    --- stdout
    []
    ");
    assert_snapshot!(bench.run("ls ftp://HOST/"), @"exit 0");
}

#[test]
fn several_listings_have_headings_and_a_missing_one_is_code_12() {
    let bench = bench(Options::default());
    assert_snapshot!(bench.run("ls ftp://HOST/pub ftp://HOST/none ftp://HOST/pub/sub"), @"
    exit 12
    --- stdout
    ftp://HOST/pub:
    a.txt
    b c
    sub

    ftp://HOST/pub/sub:
    x
    --- stderr
    wharf: ftp://HOST/none: `MLSD none` refused: 550 No such file or directory.
    ");
}

#[test]
fn a_directory_that_is_missing_is_code_3_and_json_stays_a_document() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("ls --json ftp://HOST/none"), @"
    exit 3
    --- stdout
    []
    --- stderr
    wharf: ftp://HOST/none: `MLSD none` refused: 550 No such file or directory.
    ");
}

#[test]
fn an_empty_listing_of_a_directory_that_is_missing_is_code_3() {
    let script = r"
        login
        C: FEAT
        S| 211-Features\r\n SIZE\r\n211 End\r\n
        L
        C: EPSV
        S: 229 ok (|||{epsv}|)
        C: LIST none
        D+
        S: 150 here
        D> none: No such file or directory\r\n
        D.
        S: 226 done
        C: PWD
        S: 257 \x22/home\x22
        C: CWD none
        S: 550 none: No such file or directory.
        C: QUIT
        S: 221 bye
        close
    ";
    assert_snapshot!(against_script(script, "ls ftp://HOST/none"), @"
    exit 3
    --- stderr
    wharf: ftp://HOST/none: `CWD none` refused: 550 none: No such file or directory.
    ");
}

#[test]
fn an_empty_directory_is_listed_as_empty_by_list_as_well() {
    let bench = Bench::with(Options {
        without: vec!["MLSD", "MLST"],
        ..Options::default()
    });
    fs::create_dir(bench.server.root().join("empty")).unwrap();
    assert_snapshot!(bench.run("ls ftp://HOST/empty"), @"exit 0");
}

#[test]
fn names_in_a_pipe_are_the_servers_bytes() {
    let bench = Bench::new();
    bench.remote("a\tb", "");
    assert_snapshot!(bench.run("ls ftp://HOST/").replace('\t', "<TAB>"), @"
    exit 0
    --- stdout
    a<TAB>b
    ");
    assert_snapshot!(bench.run("ls -l ftp://HOST/").split(' ').next_back().unwrap(), @"a\\tb");
}

#[test]
fn lines_that_cannot_be_understood_are_shown_and_not_dropped() {
    let script = r"
        login
        C: FEAT
        S| 211-Features\r\n SIZE\r\n211 End\r\n
        L
        C: EPSV
        S: 229 ok (|||{epsv}|)
        C: LIST
        D+
        S: 150 here
        D> -rw-r--r-- 1 me us 5 Jan  2  2020 a.txt\r\n
        D> what is \x1b[2Jthis\r\n
        D.
        S: 226 done
        C: QUIT
        S: 221 bye
        close
    ";
    assert_snapshot!(against_script(script, "ls ftp://HOST/"), @r"
    exit 0
    --- stdout
    a.txt
    --- stderr
    wharf: not understood: what is \x1b[2Jthis
    wharf: ftp://HOST/: lines of the listing not understood: 1
    ");
    assert_snapshot!(against_script(script, "ls --json ftp://HOST/"), @r#"
    exit 0
    --- stdout
    [
     {"raw":"what is \u001b[2Jthis"},
     {"path":"a.txt","name":"a.txt","type":"file","size":5,"size_exact":true,"mtime":"2020-01-02T00:00:00Z","mtime_precision":"day","mtime_source":"list","mtime_zone":"unknown","permissions":"rw-r--r--","mode":"0644","owner":"me","group":"us","links":1,"target":null,"version":null,"unique":null,"perm":null,"raw":"-rw-r--r-- 1 me us 5 Jan  2  2020 a.txt","dialect":"unix","confidence":"high"}
    ]
    --- stderr
    wharf: ftp://HOST/: lines of the listing not understood: 1
    "#);
}

#[test]
fn nlst_shows_what_the_server_writes() {
    let bench = bench(Options::default());
    assert_snapshot!(bench.run("nlst ftp://HOST/pub"), @"
    exit 0
    --- stdout
    pub/a.txt
    pub/b c
    pub/sub
    ");
}

/// Four files of different sizes, times and names, one of them hidden.
fn assorted() -> Bench {
    let bench = Bench::new();
    for (name, size, day) in [
        ("b", 1000, 3),
        ("a", 2_000_000, 1),
        (".c", 30, 4),
        ("d e", 5, 2),
    ] {
        bench.remote(name, vec![0; size]);
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(day * 86_400);
        fs::File::open(bench.server.root().join(name))
            .unwrap()
            .set_modified(time)
            .unwrap();
    }
    bench
}

#[test]
fn entries_come_in_the_order_that_is_asked_for() {
    let bench = assorted();
    for (flags, names) in [
        ("-1", "a|b|d e"),
        ("-r", "d e|b|a"),
        ("-S", "a|b|d e"),
        ("-Sr", "d e|b|a"),
        ("-t", "b|d e|a"),
        ("-tr", "a|d e|b"),
        ("-tS", "a|b|d e"),
        ("-St", "b|d e|a"),
        ("-tSU", "a|b|d e"),
        ("-US", "a|b|d e"),
        ("-a", ".c|a|b|d e"),
        ("-at", ".c|b|d e|a"),
    ] {
        let shown = bench.run(&format!("ls {flags} ftp://HOST/"));
        let lines = shown.strip_prefix("exit 0\n--- stdout\n").unwrap();
        assert_eq!(lines.replace('\n', "|"), names, "{flags}");
    }
}

#[test]
fn without_an_order_entries_come_as_the_server_lists_them() {
    let script = r"
        login
        C: FEAT
        S| 211-Features\r\n MLST type*;size*;\r\n211 End\r\n
        L
        C: EPSV
        S: 229 ok (|||{epsv}|)
        C: MLSD
        D+
        S: 150 here
        D> type=file;size=1; b\r\ntype=file;size=100; a\r\ntype=file;size=1; .c\r\n
        D.
        S: 226 done
        C: QUIT
        S: 221 bye
        close
    ";
    assert_snapshot!(against_script(script, "ls -lU ftp://HOST/"), @"
    exit 0
    --- stdout
    -? ? ?   1 ? b
    -? ? ? 100 ? a
    ");
}

#[test]
fn sizes_are_for_people_if_they_like() {
    assert_snapshot!(assorted().run("ls -alhS ftp://HOST/"), @"
    exit 0
    --- stdout
    -rw-r--r-- ? ? 2.0M 1970-01-02 00:00:00Z a
    -rw-r--r-- ? ? 1000 1970-01-04 00:00:00Z b
    -rw-r--r-- ? ?   30 1970-01-05 00:00:00Z .c
    -rw-r--r-- ? ?    5 1970-01-03 00:00:00Z d e
    ");
}

#[test]
fn directories_below_stand_behind_the_one_they_are_in() {
    let bench = bench(Options::default());
    bench.remote("pub/.hidden/y", "");
    assert_snapshot!(bench.run("ls -R ftp://HOST/"), @"
    exit 0
    --- stdout
    ftp://HOST/:
    pub

    ftp://HOST/pub:
    a.txt
    b c
    sub

    ftp://HOST/pub/sub:
    x
    ");
    assert_snapshot!(bench.run("ls -aR ftp://HOST/%2Fpub"), @"
    exit 0
    --- stdout
    ftp://HOST/%2Fpub:
    .hidden
    a.txt
    b c
    sub

    ftp://HOST/%2Fpub/.hidden:
    y

    ftp://HOST/%2Fpub/sub:
    x
    ");
    let output = bench.command("ls -R --json ftp://HOST/").output().unwrap();
    let entries: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let entries = entries.as_array().unwrap().iter();
    let paths: Vec<_> = entries.map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        ["pub", "pub/a.txt", "pub/b c", "pub/sub", "pub/sub/x"]
    );
}

#[test]
fn a_file_is_listed_under_the_path_by_which_it_was_asked_for() {
    let bench = bench(Options::default());
    assert_snapshot!(bench.run("ls -l ftp://HOST/pub/a.txt ftp://HOST/pub"), @"
    exit 0
    --- stdout
    -rw-r--r-- ? ? 5 2020-01-02 03:04:05Z pub/a.txt

    ftp://HOST/pub:
    -rw-r--r-- ? ? 5 2020-01-02 03:04:05Z a.txt
    -rw-r--r-- ? ? 0 2020-01-02 03:04:05Z b c
    drwxr-xr-x ? ? ? 2020-01-02 03:04:05Z sub
    ");
    assert_snapshot!(bench.run("ls ftp://HOST/pub/a.txt"), @"
    exit 0
    --- stdout
    pub/a.txt
    ");
    let output = bench
        .command("ls --json ftp://HOST/pub/a.txt")
        .output()
        .unwrap();
    let entries: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (
            &entries[0]["path"],
            &entries[0]["name"],
            &entries[0]["mtime_source"]
        ),
        (&"pub/a.txt".into(), &"a.txt".into(), &"mlst".into())
    );
}

#[test]
fn times_are_utc_where_the_zone_of_the_server_can_be_found_out() {
    let bench = Bench::with(Options {
        without: vec!["MLSD", "MLST"],
        ..Options::default()
    });
    bench.remote("d/a", "");
    let shown = bench.run("ls -l ftp://HOST/d/");
    assert!(shown.ends_with(" a") && !shown.ends_with("Z a"), "{shown}");
    let shown = bench.run("ls -l --utc ftp://HOST/d/");
    assert!(shown.ends_with("Z a"), "{shown}");

    bench.server.set_options(Options {
        without: vec!["MLSD", "MLST", "MDTM"],
        ..Options::default()
    });
    let shown = bench.run("ls -l --utc ftp://HOST/d/");
    assert!(
        shown.ends_with("the zone of the server's clock cannot be found out; times are its own"),
        "{shown}"
    );
    assert!(shown.starts_with("exit 0\n"), "{shown}");
    assert!(
        bench
            .run("ls --utc ftp://HOST/none/")
            .starts_with("exit 3\n--- stderr\nwharf: ftp://HOST/none/: `")
    );
}

#[test]
fn facts_for_machines_are_in_utc_and_no_zone_is_asked_for() {
    let bench = bench(Options::default());
    bench.run("ls -l --utc ftp://HOST/pub");
    let commands = bench.server.commands();
    assert!(
        !commands.iter().any(|it| it.starts_with("MDTM")),
        "{commands:?}"
    );
}

#[test]
fn a_raw_listing_is_what_the_server_sends() {
    let bench = bench(Options::default());
    bench.remote("pub/sub/\u{1b}[2J", "");
    let output = bench
        .command("ls --raw ftp://HOST/pub/sub")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.split("\r\n").collect();
    assert!(lines[0].starts_with("type=cdir;"), "{text:?}");
    assert!(
        lines.iter().any(|line| line.ends_with("; \u{1b}[2J")),
        "{text:?}"
    );
    assert_eq!(lines.last(), Some(&""), "{text:?}");
}

#[test]
fn a_raw_listing_that_is_missing_or_cut_is_a_failure() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("ls --raw ftp://HOST/none"), @"
    exit 3
    --- stderr
    wharf: ftp://HOST/none: `MLSD none` refused: 550 No such file or directory.
    ");
}

#[test]
fn flags_that_people_mix_have_a_meaning_or_are_refused() {
    let bench = Bench::new();
    for line in [
        "ls -h --json",
        "ls -l --json",
        "ls -U -r",
        "ls --raw -l",
        "ls --raw -R",
        "ls --raw --json",
        "ls --raw -t",
        "du -h --json",
        "du -s -a",
        "find -0 --json",
    ] {
        let shown = bench.run(&format!("{line} ftp://HOST/"));
        assert!(shown.starts_with("exit 2\n"), "{line}: {shown}");
        assert!(shown.contains("cannot be used with"), "{line}: {shown}");
    }
    for line in ["ls --help", "du --help"] {
        assert!(bench.run(line).contains("Sizes for people"), "{line}");
    }
}

/// Takes out what differs between runs: the server's name for an inode.
pub(crate) fn without_unique(text: &str) -> String {
    let mut pieces = text.split("unique=");
    let mut result = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (_unique, rest) = piece.split_once(';').unwrap();
        result += "unique=…;";
        result += rest;
    }
    let lines = result
        .lines()
        .map(|line| match line.split_once("\"unique\":\"") {
            Some((before, after)) => {
                format!(
                    "{before}\"unique\":\"…\"{}",
                    after.split_once('"').unwrap().1
                )
            }
            None if line.starts_with("  unique ") => "  unique    …".to_owned(),
            None => line.to_owned(),
        });
    lines.collect::<Vec<_>>().join("\n")
}
