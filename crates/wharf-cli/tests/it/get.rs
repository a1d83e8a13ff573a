use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use wharf_testing::server::{Interrupt, Options};

use crate::bench::{Bench, pattern};

#[test]
fn a_file_arrives_whole_under_its_own_name() {
    let bench = Bench::new();
    bench.remote("pub/a.txt", "ahoy\n");
    assert_snapshot!(bench.run("get ftp://HOST/pub/a.txt"), @"exit 0");
    assert_eq!(bench.read("a.txt"), "ahoy\n");
    assert_eq!(bench.names(), ["a.txt"]);
}

#[test]
fn a_large_file_is_the_same_byte_for_byte() {
    let bench = Bench::new();
    let bytes = pattern(5_000_001);
    bench.remote("big", &bytes);
    assert_snapshot!(bench.run("get ftp://HOST/big"), @"exit 0");
    assert!(fs::read(bench.path("big")).unwrap() == bytes);
}

#[test]
fn several_urls_of_one_account_share_a_connection() {
    let bench = Bench::new();
    bench.remote("a", "1");
    bench.remote("b", "2");
    bench.remote("d/c", "3");
    assert_snapshot!(bench.run("get ftp://HOST/a ftp://HOST/b ftp://HOST/d/c"), @"exit 0");
    assert_eq!(bench.names(), ["a", "b", "c"]);
    assert_eq!(bench.server.connections(), 1);
}

#[test]
fn after_a_failure_the_rest_is_done_and_the_code_says_partial() {
    let bench = Bench::new();
    bench.remote("a", "1");
    bench.remote("c", "3");
    assert_snapshot!(bench.run("get ftp://HOST/a ftp://HOST/missing ftp://HOST/c"), @"
    exit 12
    --- stderr
    wharf: ftp://HOST/missing: `RETR missing` refused: 550 No such file or directory.
    ");
    assert_eq!(bench.names(), ["a", "c"]);
    assert_eq!(bench.server.connections(), 1);
}

#[test]
fn if_everything_fails_the_code_is_that_of_the_first_failure() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("get ftp://HOST/a ftp://HOST/b"), @"
    exit 4
    --- stderr
    wharf: ftp://HOST/a: `RETR a` refused: 550 No such file or directory.
    wharf: ftp://HOST/b: `RETR b` refused: 550 No such file or directory.
    ");
    assert!(bench.names().is_empty());
}

#[test]
fn a_minus_and_cat_write_to_standard_output() {
    let bench = Bench::new();
    bench.remote("a", "one\n");
    bench.remote("b", "two\n");
    assert_snapshot!(bench.run("get -o - ftp://HOST/a"), @"
    exit 0
    --- stdout
    one
    ");
    assert_snapshot!(bench.run("cat ftp://HOST/a ftp://HOST/b"), @"
    exit 0
    --- stdout
    one
    two
    ");
    assert!(bench.names().is_empty());
}

#[test]
fn output_and_directory_choose_the_place() {
    let bench = Bench::new();
    bench.remote("a", "1");
    fs::create_dir(bench.path("in")).unwrap();
    assert_snapshot!(bench.run("get -O in ftp://HOST/a"), @"exit 0");
    assert_snapshot!(bench.run("get -o in/b ftp://HOST/a"), @"exit 0");
    assert_snapshot!(bench.run("get -O not/there ftp://HOST/a"), @"
    exit 2
    --- stderr
    wharf: not/there: there is no such directory; --create-dirs would make it
    ");
    assert_snapshot!(bench.run("get -O not/there --create-dirs ftp://HOST/a"), @"exit 0");
    assert_eq!(
        bench.read("in/a") + &bench.read("in/b") + &bench.read("not/there/a"),
        "111"
    );
}

#[test]
fn a_failed_download_leaves_the_old_file_and_nothing_else() {
    for interrupt in [
        Interrupt::announced(2000),
        Interrupt::truncated(2000),
        Interrupt::reset(2000),
        Interrupt::vanished(2000),
    ] {
        let bench = Bench::with(Options {
            interrupt: Some(interrupt),
            ..Options::default()
        });
        bench.remote("a", pattern(100_000));
        bench.local("a", "old");
        let shown = bench.run("get ftp://HOST/a");
        assert!(!shown.starts_with("exit 0"), "{interrupt:?}: {shown}");
        assert_eq!(bench.read("a"), "old", "{interrupt:?}");
        assert_eq!(bench.names(), ["a"], "{interrupt:?}");
    }
}

#[test]
fn a_truncation_that_the_server_calls_a_success_is_found_out_by_size() {
    let interrupt = Some(Interrupt::truncated(2000));
    let bench = Bench::with(Options {
        interrupt,
        ..Options::default()
    });
    bench.remote("a", pattern(100_000));
    assert_snapshot!(bench.run("get ftp://HOST/a"), @"
    exit 13
    --- stderr
    wharf: ftp://HOST/a: the data ended after 2000 of 100000 bytes: 226 Transfer complete.
    ");
    assert_snapshot!(bench.run("get -o /dev/null ftp://HOST/a"), @"
    exit 13
    --- stderr
    wharf: ftp://HOST/a: the data ended after 2000 of 100000 bytes: 226 Transfer complete.
    ");
}

#[test]
fn more_bytes_than_the_file_has_are_found_out_and_end_the_transfer() {
    let bench = Bench::with(Options {
        endless: true,
        ..Options::default()
    });
    bench.remote("a", "12345");
    assert_snapshot!(bench.run("get ftp://HOST/a"), @"
    exit 13
    --- stderr
    wharf: ftp://HOST/a: the server sent more than the 5 bytes of the file
    ");
    assert!(bench.names().is_empty());
}

#[test]
fn without_size_the_servers_confirmation_decides() {
    let bench = Bench::with(Options {
        without: vec!["SIZE"],
        ..Options::default()
    });
    bench.remote("a", "12345");
    assert_snapshot!(bench.run("get ftp://HOST/a"), @"exit 0");
    assert_eq!(bench.read("a"), "12345");
}

#[test]
fn a_file_that_is_there_is_replaced_kept_or_an_error() {
    let bench = Bench::new();
    bench.remote("a", "new");
    bench.local("a", "old");
    assert_snapshot!(bench.run("get --no-clobber ftp://HOST/a"), @"
    exit 17
    --- stderr
    wharf: a: is there already, and --no-clobber keeps it
    ");
    assert_eq!(bench.read("a"), "old");
    assert_snapshot!(bench.run("get --skip-existing ftp://HOST/a"), @"exit 0");
    assert_eq!(bench.read("a"), "old");
    assert_eq!(bench.server.connections(), 0);
    assert_snapshot!(bench.run("get ftp://HOST/a"), @"exit 0");
    assert_eq!(bench.read("a"), "new");
}

#[test]
fn a_link_in_the_targets_place_is_replaced_and_not_followed() {
    let bench = Bench::new();
    bench.remote("a", "new");
    bench.local("precious", "keep");
    symlink("precious", bench.path("a")).unwrap();
    assert_snapshot!(bench.run("get ftp://HOST/a"), @"exit 0");
    assert_eq!(
        (bench.read("a"), bench.read("precious")),
        ("new".to_owned(), "keep".to_owned())
    );
}

#[test]
fn a_local_directory_in_the_targets_place_is_an_error() {
    let bench = Bench::new();
    bench.remote("a", "new");
    fs::create_dir(bench.path("a")).unwrap();
    assert_snapshot!(bench.run("get ftp://HOST/a"), @"
    exit 17
    --- stderr
    wharf: a: is a directory
    ");
}

#[test]
fn a_local_directory_that_is_missing_is_found_out_before_the_server_is_asked() {
    let bench = Bench::new();
    bench.remote("a", "1");
    assert_snapshot!(bench.run("get -o not/there ftp://HOST/a"), @"
    exit 17
    --- stderr
    wharf: not/there: No such file or directory (os error 2)
    ");
    assert_eq!(bench.server.connections(), 0);
}

#[test]
fn the_remote_time_is_given_where_it_is_wanted_and_known() {
    let bench = Bench::new();
    bench.remote("a", "1");
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_934_245);
    let remote = fs::File::options()
        .write(true)
        .open(bench.server.root().join("a"))
        .unwrap();
    remote.set_modified(time).unwrap();
    assert_snapshot!(bench.run("get -R ftp://HOST/a"), @"exit 0");
    assert_eq!(
        fs::metadata(bench.path("a")).unwrap().modified().unwrap(),
        time
    );

    bench.server.set_options(Options {
        without: vec!["MDTM"],
        ..Options::default()
    });
    assert_snapshot!(bench.run("get -R -o b ftp://HOST/a"), @"
    exit 0
    --- stderr
    wharf: ftp://HOST/a: the server does not tell its time
    ");
    assert_eq!(bench.read("b"), "1");
}

#[test]
fn text_has_local_line_ends() {
    let bench = Bench::new();
    bench.remote("a", "one\ntwo\n");
    assert_snapshot!(bench.run("get --ascii ftp://HOST/a"), @"exit 0");
    assert_snapshot!(bench.run("get -o b ftp://HOST/a;type=a"), @"exit 0");
    assert_eq!(
        (bench.read("a"), bench.read("b")),
        ("one\ntwo\n".to_owned(), "one\ntwo\n".to_owned())
    );
    assert!(bench.server.commands().contains(&"TYPE A".to_owned()));
}

#[test]
fn active_mode_is_used_when_asked_for_and_only_then() {
    let bench = Bench::new();
    bench.remote("a", "ahoy\n");
    assert_snapshot!(bench.run("cat --active ftp://HOST/a"), @"
    exit 0
    --- stdout
    ahoy
    ");
    let uses = |verb: &str| {
        bench
            .server
            .commands()
            .iter()
            .any(|line| line.starts_with(verb))
    };
    assert!(uses("PORT") && !uses("EPSV"));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let bench = Bench::new();
    bench.remote("big", pattern(30_000_000));
    let mut child = bench.command("cat ftp://HOST/big").spawn().unwrap();
    drop(child.stdout.take());
    assert_snapshot!(bench.wait(child), @"exit 0");
}
