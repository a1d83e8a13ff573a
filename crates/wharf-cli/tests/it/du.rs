use insta::assert_snapshot;
use wharf_testing::server::Options;

use crate::bench::{Bench, against_script};

fn bench() -> Bench {
    let bench = Bench::new();
    bench.remote("pub/a", vec![0; 1000]);
    bench.remote("pub/sub/b", vec![0; 500]);
    bench.remote("pub/sub/deep/c", vec![0; 5000]);
    bench.remote("pub/sub/.d", "1");
    std::os::unix::fs::symlink("sub", bench.server.root().join("pub/link")).unwrap();
    bench
}

#[test]
fn each_directory_stands_behind_those_in_it_with_the_sum_of_all() {
    assert_snapshot!(bench().run("du ftp://HOST/"), @"
    exit 0
    --- stdout
    5000	pub/sub/deep
    5501	pub/sub
    6501	pub
    6501	.
    ");
}

#[test]
fn the_sums_are_the_same_without_mlsd() {
    let bench = bench();
    bench.server.set_options(Options {
        without: vec!["MLSD", "MLST"],
        ..Options::default()
    });
    assert_snapshot!(bench.run("du -d 1 ftp://HOST/pub"), @"
    exit 0
    --- stdout
    5501	pub/sub
    6501	pub
    ");
}

#[test]
fn the_sum_alone_is_for_people_if_they_like() {
    let bench = bench();
    assert_snapshot!(bench.run("du -sh ftp://HOST/pub ftp://HOST/pub/sub/deep/"), @"
    exit 0
    --- stdout
    6.4K	pub
    4.9K	pub/sub/deep/
    ");
    assert_snapshot!(bench.run("du --silent --summarize ftp://HOST/pub"), @"
    exit 0
    --- stdout
    6501	pub
    ");
}

#[test]
fn files_are_shown_on_request_as_deep_as_directories_are() {
    assert_snapshot!(bench().run("du -a -d 2 ftp://HOST/pub"), @"
    exit 0
    --- stdout
    1000	pub/a
    1	pub/sub/.d
    500	pub/sub/b
    5000	pub/sub/deep
    5501	pub/sub
    6501	pub
    ");
    assert_snapshot!(bench().run("du ftp://HOST/pub/a"), @"
    exit 0
    --- stdout
    1000	pub/a
    ");
}

#[test]
fn json_counts_what_is_below_as_well() {
    assert_snapshot!(bench().run("du --json -a -d 1 ftp://HOST/pub"), @r#"
    exit 0
    --- stdout
    [
     {"path":"pub/a","type":"file","size":1000},
     {"path":"pub/sub","type":"directory","size":5501,"files":3,"directories":1},
     {"path":"pub","type":"directory","size":6501,"files":4,"directories":2}
    ]
    "#);
}

#[test]
fn the_letter_that_silences_other_commands_asks_for_the_sum() {
    assert_snapshot!(bench().run("du -s -d 1 ftp://HOST/"), @"
    exit 2
    --- stderr
    error: the argument '--summarize' cannot be used with '--max-depth <DEPTH>'

    Usage: wharf du --summarize <URL>...

    For more information, try '--help'.
    ");
}

#[test]
fn sizes_that_are_not_told_or_beyond_all_bounds_do_no_harm() {
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
        D> type=file;size=18446744073709551615; a\r\n
        D> type=file;size=18446744073709551615; b\r\n
        D> type=file; c\r\n
        D.
        S: 226 done
        C: QUIT
        S: 221 bye
        close
    ";
    assert_snapshot!(against_script(script, "du ftp://HOST/"), @"
    exit 0
    --- stdout
    18446744073709551615	.
    --- stderr
    wharf: ftp://HOST/: files whose size the server does not tell, and which are not in the sum: 1
    ");
}
