use std::fs;

use insta::assert_snapshot;
use wharf_testing::server::Options;

use crate::bench::{Bench, names};

#[test]
fn directories_are_made_and_removed() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("mkdir ftp://HOST/a ftp://HOST/a/b"), @"exit 0");
    assert!(bench.server.root().join("a/b").is_dir());
    assert_snapshot!(bench.run("mkdir ftp://HOST/a"), @"
    exit 1
    --- stderr
    wharf: ftp://HOST/a: `MKD a` refused: 550 File exists.
    ");
    assert_snapshot!(bench.run("rmdir ftp://HOST/a/b ftp://HOST/a"), @"exit 0");
    assert!(names(bench.server.root()).is_empty());
    assert_snapshot!(bench.run("rmdir ftp://HOST/a"), @"
    exit 3
    --- stderr
    wharf: ftp://HOST/a: `RMD a` refused: 550 No such file or directory.
    ");
}

#[test]
fn parents_are_made_and_may_be_there() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("mkdir -p ftp://HOST/a/b/c"), @"exit 0");
    assert_snapshot!(bench.run("mkdir -p ftp://HOST/a/b/c/d"), @"exit 0");
    assert_snapshot!(bench.run("mkdir -p ftp://HOST/a/b/c ftp://HOST/a/x"), @"exit 0");
    assert!(bench.server.root().join("a/b/c/d").is_dir());
    // Being entered to be looked at, the first directory must not be where the second is made.
    assert!(bench.server.root().join("a/x").is_dir());
    bench.remote("a/file", "");
    assert_snapshot!(bench.run("mkdir -p ftp://HOST/a/file"), @"
    exit 1
    --- stderr
    wharf: ftp://HOST/a/file: `MKD a/file` refused: 550 File exists.
    ");
}

#[test]
fn files_are_removed() {
    let bench = Bench::new();
    bench.remote("a", "");
    assert_snapshot!(bench.run("rm ftp://HOST/a ftp://HOST/a"), @"
    exit 12
    --- stderr
    wharf: ftp://HOST/a: `DELE a` refused: 550 No such file or directory.
    ");
    assert!(names(bench.server.root()).is_empty());
}

#[test]
fn files_are_moved() {
    let bench = Bench::new();
    bench.remote("a", "1");
    fs::create_dir(bench.server.root().join("d")).unwrap();
    assert_snapshot!(bench.run("mv ftp://HOST/a d/b"), @"exit 0");
    assert_eq!(bench.read_remote("d/b"), "1");
    assert_snapshot!(bench.run("mv ftp://HOST/d/b ftp://HOST/%2Fc"), @"exit 0");
    assert_eq!(bench.read_remote("c"), "1");
    assert_snapshot!(bench.run("mv ftp://HOST/none x"), @"
    exit 4
    --- stderr
    wharf: ftp://HOST/none: `RNFR none` refused: 550 No such file or directory.
    ");
}

#[test]
fn raw_commands_show_every_line_of_the_replies() {
    let bench = Bench::with(Options {
        without: vec!["ALLO"],
        ..Options::default()
    });
    bench.remote("d/x", "");
    assert_snapshot!(bench.run("raw ftp://HOST/d NOOP PWD"), @r#"
    exit 0
    --- stdout
    200 NOOP ok.
    257 "/d" is the current directory.
    "#);
    assert_snapshot!(bench.run("raw ftp://HOST/ ALLO NOOP"), @"
    exit 1
    --- stdout
    500 ALLO not understood.
    --- stderr
    wharf: ftp://HOST/: `ALLO` refused: 500 ALLO not understood.
    ");
    assert!(
        !bench.server.commands().contains(&"NOOP".to_owned()) || bench.server.connections() == 2
    );
}
