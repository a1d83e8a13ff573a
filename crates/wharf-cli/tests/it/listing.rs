use std::fs;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use wharf_testing::server::Options;

use crate::bench::{Bench, against_script};

/// A server with a directory whose listing is always the same, but for the owner.
fn bench(options: Options) -> Bench {
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
    -rw-r--r-- ?        ?                   5 2020-01-02 03:04:05Z a.txt
    -rw-r--r-- ?        ?                   0 2020-01-02 03:04:05Z b c
    drwxr-xr-x ?        ?                   ? 2020-01-02 03:04:05Z sub
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
     {"path":"pub/a.txt","name":"a.txt","type":"file","size":5,"mtime":"2020-01-02T03:04:05Z","mtime_precision":"second","mtime_source":"mlsd","mtime_zone":"utc","permissions":null,"mode":"0644","owner":null,"group":null,"target":null,"unique":"…","perm":"adfrw","raw":"type=file;size=5;modify=20200102030405;perm=adfrw;unique=…;UNIX.mode=0644; a.txt","dialect":"mlsx"},
     {"path":"pub/b c","name":"b c","type":"file","size":0,"mtime":"2020-01-02T03:04:05Z","mtime_precision":"second","mtime_source":"mlsd","mtime_zone":"utc","permissions":null,"mode":"0644","owner":null,"group":null,"target":null,"unique":"…","perm":"adfrw","raw":"type=file;size=0;modify=20200102030405;perm=adfrw;unique=…;UNIX.mode=0644; b c","dialect":"mlsx"},
     {"path":"pub/sub","name":"sub","type":"directory","size":null,"mtime":"2020-01-02T03:04:05Z","mtime_precision":"second","mtime_source":"mlsd","mtime_zone":"utc","permissions":null,"mode":"0755","owner":null,"group":null,"target":null,"unique":"…","perm":"cdeflmp","raw":"type=dir;modify=20200102030405;perm=cdeflmp;unique=…;UNIX.mode=0755; sub","dialect":"mlsx"}
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
        S: 502 no
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
    wharf: not understood: none: No such file or directory
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
    assert_snapshot!(bench.run("stat ftp://HOST/empty"), @"
    exit 0
    --- stdout
    ftp://HOST/empty
      type      directory
    ");
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
        S: 502 no
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
     {"path":"a.txt","name":"a.txt","type":"file","size":5,"mtime":"2020-01-02T00:00:00Z","mtime_precision":"day","mtime_source":"list","mtime_zone":"unknown","permissions":"rw-r--r--","mode":"0644","owner":"me","group":"us","target":null,"unique":null,"perm":null,"raw":"-rw-r--r-- 1 me us 5 Jan  2  2020 a.txt","dialect":"unix"},
     {"raw":"what is \u001b[2Jthis"}
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

#[test]
fn stat_asks_mlst() {
    let bench = bench(Options::default());
    assert_snapshot!(without_unique(&bench.run("stat ftp://HOST/pub/a.txt")), @"
    exit 0
    --- stdout
    ftp://HOST/pub/a.txt
      type      file
      size      5
      modified  2020-01-02T03:04:05Z
      mode      0644
      unique    …
      perm      adfrw
    ");
    assert_snapshot!(without_unique(&bench.run("stat --json ftp://HOST/pub/sub")), @r#"
    exit 0
    --- stdout
    [
     {"path":"pub/sub","name":"sub","type":"directory","size":null,"mtime":"2020-01-02T03:04:05Z","mtime_precision":"second","mtime_source":"mlst","mtime_zone":"utc","permissions":null,"mode":"0755","owner":null,"group":null,"target":null,"unique":"…","perm":"cdeflmp","raw":" type=dir;modify=20200102030405;perm=cdeflmp;unique=…;UNIX.mode=0755; /pub/sub","dialect":"mlsx"}
    ]
    "#);
    assert_snapshot!(bench.run("stat ftp://HOST/none"), @"
    exit 4
    --- stderr
    wharf: ftp://HOST/none: `MLST none` refused: 550 No such file or directory.
    ");
}

#[test]
fn stat_without_mlst_is_pieced_together() {
    let without = vec!["MLST", "MLSD"];
    let bench = bench(Options {
        without,
        ..Options::default()
    });
    assert_snapshot!(without_owner(&bench.run("stat ftp://HOST/pub/a.txt")), @"
    exit 0
    --- stdout
    ftp://HOST/pub/a.txt
      type      file
      size      5
      modified  2020-01-02T03:04:05Z
      mode      0644
    ");
    assert_snapshot!(bench.run("stat ftp://HOST/pub"), @"
    exit 0
    --- stdout
    ftp://HOST/pub
      type      directory
    ");
    assert_snapshot!(bench.run("stat ftp://HOST/none"), @"
    exit 4
    --- stderr
    wharf: ftp://HOST/none: `SIZE none` refused: 550 No such file or directory.
    ");
}

/// Takes out what differs between runs: the server's name for an inode.
fn without_unique(text: &str) -> String {
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

/// Takes out who runs the tests.
fn without_owner(text: &str) -> String {
    let is_owner = |line: &&str| line.starts_with("  owner ") || line.starts_with("  group ");
    text.lines()
        .filter(|line| !is_owner(line))
        .collect::<Vec<_>>()
        .join("\n")
}
