use std::fs;

use insta::assert_snapshot;
use wharf_testing::server::Options;

use crate::bench::Bench;
use crate::ls::{bench, without_unique};

#[test]
fn stat_asks_mlst() {
    let bench = bench(Options::default());
    assert_snapshot!(without_unique(&bench.run("stat ftp://HOST/pub/a.txt")), @"
    exit 0
    --- stdout
    ftp://HOST/pub/a.txt
      type      file
      size      5
      modified  2020-01-02 03:04:05Z
      mode      0644
      unique    …
      perm      adfrw
    ");
    assert_snapshot!(without_unique(&bench.run("stat --json ftp://HOST/pub/sub")), @r#"
    exit 0
    --- stdout
    [
     {"path":"pub/sub","name":"sub","type":"directory","size":null,"size_exact":null,"mtime":"2020-01-02T03:04:05Z","mtime_precision":"second","mtime_source":"mlst","mtime_zone":"utc","permissions":null,"mode":"0755","owner":null,"group":null,"links":null,"target":null,"version":null,"unique":"…","perm":"cdeflmp","raw":" type=dir;modify=20200102030405;perm=cdeflmp;unique=…;UNIX.mode=0755; /pub/sub","dialect":"mlsx","confidence":"high"}
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
      modified  2020-01-02 03:04:05Z
      mode      0644
    ");
    let shown = bench.run("stat ftp://HOST/pub");
    assert!(shown.contains("\n  type      directory\n"), "{shown}");
    assert_snapshot!(bench.run("stat ftp://HOST/none"), @"
    exit 4
    --- stderr
    wharf: ftp://HOST/none: `SIZE none` refused: 550 No such file or directory.
    ");
}

#[test]
fn an_empty_directory_has_a_type_without_mlst_as_well() {
    let bench = Bench::with(Options {
        without: vec!["MLSD", "MLST"],
        ..Options::default()
    });
    fs::create_dir(bench.server.root().join("empty")).unwrap();
    let shown = bench.run("stat ftp://HOST/empty");
    assert!(shown.contains("\n  type      directory\n"), "{shown}");
}

/// Takes out who runs the tests.
fn without_owner(text: &str) -> String {
    let is_owner = |line: &&str| line.starts_with("  owner ") || line.starts_with("  group ");
    text.lines()
        .filter(|line| !is_owner(line))
        .collect::<Vec<_>>()
        .join("\n")
}
