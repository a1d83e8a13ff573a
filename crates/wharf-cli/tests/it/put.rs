use std::fs;

use insta::assert_snapshot;
use wharf_testing::server::{Interrupt, Options};

use crate::bench::{Bench, names, pattern};

#[test]
fn a_file_arrives_whole_under_the_name_of_the_url_or_its_own() {
    let bench = Bench::new();
    fs::create_dir(bench.server.root().join("in")).unwrap();
    bench.local("a", "ahoy\n");
    bench.local("b", "");
    assert_snapshot!(bench.run("put a ftp://HOST/c"), @"exit 0");
    assert_snapshot!(bench.run("put a b ftp://HOST/in/"), @"exit 0");
    assert_eq!(bench.read_remote("c"), "ahoy\n");
    assert_eq!(bench.read_remote("in/a"), "ahoy\n");
    assert_eq!(bench.read_remote("in/b"), "");
    assert_eq!(bench.server.connections(), 2);
}

#[test]
fn a_large_file_is_the_same_byte_for_byte() {
    let bench = Bench::new();
    let bytes = pattern(5_000_001);
    bench.local("big", &bytes);
    assert_snapshot!(bench.run("put big ftp://HOST/big"), @"exit 0");
    assert!(fs::read(bench.server.root().join("big")).unwrap() == bytes);
}

#[test]
fn standard_input_is_sent_to_its_end() {
    let bench = Bench::new();
    assert_snapshot!(bench.run_with_input("put - ftp://HOST/a", b"from a pipe"), @"exit 0");
    assert_eq!(bench.read_remote("a"), "from a pipe");
}

#[test]
fn an_upload_can_be_appended() {
    let bench = Bench::new();
    bench.remote("log", "one\n");
    assert_snapshot!(bench.run_with_input("put -a - ftp://HOST/log", b"two\n"), @"exit 0");
    assert_eq!(bench.read_remote("log"), "one\ntwo\n");
}

#[test]
fn an_upload_goes_on_where_it_was_cut_off() {
    let bench = Bench::new();
    let bytes = pattern(20_000);
    bench.local("a", &bytes);
    bench.remote("a", &bytes[..7000]);
    assert_snapshot!(bench.run("put -C a ftp://HOST/a"), @"exit 0");
    assert!(fs::read(bench.server.root().join("a")).unwrap() == bytes);
    assert!(bench.server.commands().contains(&"REST 7000".to_owned()));
    assert!(
        !bench
            .server
            .commands()
            .iter()
            .any(|line| line.starts_with("APPE"))
    );
    // Now it is there, and nothing is sent.
    assert_snapshot!(bench.run("put -C a ftp://HOST/a"), @"exit 0");
    assert_eq!(
        bench
            .server
            .commands()
            .iter()
            .filter(|line| *line == "STOR a")
            .count(),
        1
    );
}

#[test]
fn an_upload_that_was_never_begun_is_begun() {
    let bench = Bench::new();
    bench.local("a", "12345");
    assert_snapshot!(bench.run("put -C a ftp://HOST/a"), @"exit 0");
    assert_eq!(bench.read_remote("a"), "12345");
}

#[test]
fn what_is_no_beginning_of_the_file_is_not_continued() {
    let bench = Bench::new();
    bench.local("a", "12345");
    bench.remote("a", "1x");
    assert_snapshot!(bench.run("put -C a ftp://HOST/a"), @"
    exit 13
    --- stderr
    wharf: a to ftp://HOST/a: what the server has is not how the local file begins
      advice: without --continue all of it is sent
    ");
    bench.remote("a", "123456");
    assert_snapshot!(bench.run("put -C a ftp://HOST/a"), @"
    exit 13
    --- stderr
    wharf: a to ftp://HOST/a: the server has 6 bytes, more than the 5 of the local file
    ");
    assert_eq!(bench.read_remote("a"), "123456");
    bench.server.set_options(Options {
        without: vec!["SIZE"],
        ..Options::default()
    });
    assert_snapshot!(bench.run("put -C a ftp://HOST/a"), @"
    exit 1
    --- stderr
    wharf: a to ftp://HOST/a: `SIZE a` refused: 500 SIZE not understood.
      advice: the server does not say how much it has; without --continue all of it is sent
    ");
}

#[test]
fn missing_directories_are_made_when_asked_for() {
    let bench = Bench::new();
    bench.local("a", "1");
    assert_snapshot!(bench.run("put a ftp://HOST/x/y/"), @"
    exit 3
    --- stderr
    wharf: a to ftp://HOST/x/y/: `STOR x/y/a` refused: 553 No such file or directory.
    ");
    assert_snapshot!(bench.run("put --create-dirs a ftp://HOST/x/y/"), @"exit 0");
    assert_eq!(bench.read_remote("x/y/a"), "1");
}

#[test]
fn an_upload_that_the_server_lost_a_part_of_is_found_out() {
    let interrupt = Some(Interrupt::truncated(1000));
    let bench = Bench::with(Options {
        interrupt,
        ..Options::default()
    });
    bench.local("a", pattern(1500));
    let shown = bench.run("put a ftp://HOST/a");
    assert!(!shown.starts_with("exit 0"), "{shown}");

    let answers = vec![("SIZE", "213 1499".to_owned())];
    bench.server.set_options(Options {
        answers,
        ..Options::default()
    });
    assert_snapshot!(bench.run("put a ftp://HOST/a"), @"
    exit 13
    --- stderr
    wharf: a to ftp://HOST/a: the server has 1499 bytes now, and should have 1500
    ");
}

#[test]
fn an_absurd_size_is_no_sum_that_overflows() {
    let bench = Bench::new();
    bench.local("a", "ahoy");
    let answers = vec![("SIZE", format!("213 {}", u64::MAX))];
    bench.server.set_options(Options {
        answers,
        ..Options::default()
    });
    assert_snapshot!(bench.run("put -a a ftp://HOST/a"), @"
    exit 13
    --- stderr
    wharf: a to ftp://HOST/a: the server said that it had 18446744073709551615 bytes, which cannot be
    ");
}

#[test]
fn text_is_sent_as_text_and_its_size_is_not_compared() {
    let bench = Bench::new();
    bench.local("a", "one\ntwo\n");
    assert_snapshot!(bench.run("put -B a ftp://HOST/a"), @"exit 0");
    let commands = bench.server.commands();
    assert!(commands.contains(&"TYPE A".to_owned()), "{commands:?}");
    assert!(
        !commands.iter().any(|line| line.starts_with("SIZE")),
        "{commands:?}"
    );
    assert_eq!(bench.read_remote("a"), "one\ntwo\n");
}

#[test]
fn one_of_several_that_is_missing_here_does_not_stop_the_others() {
    let bench = Bench::new();
    bench.local("a", "1");
    bench.local("c", "3");
    assert_snapshot!(bench.run("put a missing c ftp://HOST/"), @"
    exit 12
    --- stderr
    wharf: missing: No such file or directory (os error 2)
    ");
    assert_eq!(names(bench.server.root()), ["a", "c"]);
}
