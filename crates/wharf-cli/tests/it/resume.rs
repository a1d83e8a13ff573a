use std::fs;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use wharf_testing::server::{Interrupt, Options};

use crate::bench::{Bench, pattern};

const LENGTH: usize = 300_000;

/// A server whose file was cut off once, so that a part of it is kept.
fn cut_off() -> Bench {
    let interrupt = Some(Interrupt::announced(100_000));
    let bench = Bench::with(Options {
        interrupt,
        ..Options::default()
    });
    bench.remote("f", pattern(LENGTH));
    set_time(&bench, 1_577_934_245);
    bench
}

fn set_time(bench: &Bench, seconds: u64) {
    let file = fs::File::options()
        .write(true)
        .open(bench.server.root().join("f"))
        .unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .unwrap();
}

fn part_length(bench: &Bench) -> u64 {
    fs::metadata(bench.path(".f.wharf-part")).unwrap().len()
}

fn rests(bench: &Bench) -> Vec<String> {
    bench
        .server
        .commands()
        .into_iter()
        .filter(|line| line.starts_with("REST"))
        .collect()
}

fn whole(bench: &Bench, bytes: &[u8]) -> bool {
    bench.names() == ["f"] && fs::read(bench.path("f")).unwrap() == bytes
}

#[test]
fn a_download_goes_on_where_it_was_cut_off() {
    let bench = cut_off();
    assert_snapshot!(bench.run("get -C ftp://HOST/f"), @"
    exit 10
    --- stderr
    wharf: ftp://HOST/f: `RETR f` refused: 426 Connection closed; transfer aborted.
      advice: what has come is kept in .f.wharf-part: the same command goes on from there
    ");
    assert_eq!(bench.names(), [".f.wharf-part", ".f.wharf-part.json"]);
    assert_eq!(part_length(&bench), 100_000);

    bench.server.set_options(Options::default());
    assert_snapshot!(bench.run("get -C ftp://HOST/f"), @"exit 0");
    assert!(whole(&bench, &pattern(LENGTH)));
    assert_eq!(rests(&bench), [format!("REST {}", 100_000 - 4096)]);
}

#[test]
fn a_file_with_another_time_or_size_starts_over() {
    for change in ["time", "size"] {
        let bench = cut_off();
        bench.run("get -C ftp://HOST/f");
        bench.server.set_options(Options::default());
        let mut bytes = pattern(LENGTH);
        if change == "size" {
            bytes.push(0);
            bench.remote("f", &bytes);
            set_time(&bench, 1_577_934_245);
        } else {
            set_time(&bench, 1_600_000_000);
        }
        assert_eq!(bench.run("get -C ftp://HOST/f"), "exit 0", "{change}");
        assert!(whole(&bench, &bytes), "{change}");
        assert!(rests(&bench).is_empty(), "{change}");
    }
}

#[test]
fn a_file_whose_contents_differ_where_they_overlap_starts_over() {
    let bench = cut_off();
    bench.run("get -C ftp://HOST/f");
    bench.server.set_options(Options::default());
    let mut bytes = pattern(LENGTH);
    bytes[99_000] ^= 1;
    bench.remote("f", &bytes);
    set_time(&bench, 1_577_934_245);
    assert_snapshot!(bench.run("get -C ftp://HOST/f"), @"
    exit 0
    --- stderr
    wharf: ftp://HOST/f: what was kept is not how the file begins: starting over
    ");
    assert!(whole(&bench, &bytes));
}

#[test]
fn a_server_that_refuses_rest_sends_all_of_it_again() {
    let bench = cut_off();
    bench.run("get -C ftp://HOST/f");
    bench.server.set_options(Options {
        without: vec!["REST"],
        ..Options::default()
    });
    assert_snapshot!(bench.run("get -C ftp://HOST/f"), @"
    exit 0
    --- stderr
    wharf: ftp://HOST/f: the server cannot begin in the middle of a file: starting over
    ");
    assert!(whole(&bench, &pattern(LENGTH)));
}

#[test]
fn a_server_that_ignores_rest_is_found_out() {
    let bench = cut_off();
    bench.run("get -C ftp://HOST/f");
    let answers = vec![("REST", "350 As you wish.".to_owned())];
    bench.server.set_options(Options {
        answers,
        ..Options::default()
    });
    assert_snapshot!(bench.run("get -C ftp://HOST/f"), @"
    exit 0
    --- stderr
    wharf: ftp://HOST/f: what was kept is not how the file begins: starting over
    ");
    assert!(whole(&bench, &pattern(LENGTH)));
}

#[test]
fn without_size_nothing_is_proved_and_it_starts_over() {
    let bench = cut_off();
    bench.run("get -C ftp://HOST/f");
    bench.server.set_options(Options {
        without: vec!["SIZE"],
        ..Options::default()
    });
    assert_snapshot!(bench.run("get -C ftp://HOST/f"), @"exit 0");
    assert!(whole(&bench, &pattern(LENGTH)));
    assert!(rests(&bench).is_empty());
}

#[test]
fn a_part_that_is_whole_is_checked_and_takes_its_name() {
    let bench = cut_off();
    bench.run("get -C ftp://HOST/f");
    fs::write(bench.path(".f.wharf-part"), pattern(LENGTH)).unwrap();
    bench.server.set_options(Options::default());
    assert_snapshot!(bench.run("get -C ftp://HOST/f"), @"exit 0");
    assert!(whole(&bench, &pattern(LENGTH)));
}

#[test]
fn the_record_of_a_part_holds_no_password() {
    let interrupt = Some(Interrupt::announced(1000));
    let bench = Bench::with_user(Options {
        interrupt,
        ..Options::default()
    });
    bench.remote("f", pattern(5000));
    let password = crate::bench::PASSWORD;
    bench.run(&format!("get -C --plaintext ftp://ship:{password}@HOST/f"));
    let record = bench.read(".f.wharf-part.json");
    assert!(
        record.contains("ship@127.0.0.1") && !record.contains(password),
        "{record}"
    );
}
