//! `parse-listing`.

use insta::assert_snapshot;

use crate::bench::Bench;

/// Of Windows and of VMS, and a line that is of nobody.
const LISTING: &[u8] = b"11-02-25  07:15AM       <DIR>          quay\r\n\
    11-22-25  12:59PM                 4096 tide\x1b[2Jtable.txt\r\n\
    -rw-r--r--   1 keeper   staff         5 Nov  2 07:15 caf\xc3\xa9\r\n\
    What is this?\r\n";

#[test]
fn each_entry_is_an_object_of_what_the_listing_tells() {
    let bench = Bench::new();
    let line = "parse-listing --now 2026-11-22 --json";
    assert_snapshot!(bench.run_with_input(line, LISTING), @r#"
    exit 0
    --- stdout
    {"name":"quay","type":"dir","size":null,"modified":"2025-11-02T07:15","target":null,"permissions":null,"owner":null,"group":null,"links":null,"dialect":"dos","confidence":"high"}
    {"name":"tide\u001b[2Jtable.txt","type":"file","size":4096,"modified":"2025-11-22T12:59","target":null,"permissions":null,"owner":null,"group":null,"links":null,"dialect":"dos","confidence":"high"}
    {"name":"café","type":"file","size":5,"modified":"2026-11-02T07:15","target":null,"permissions":"rw-r--r--","owner":"keeper","group":"staff","links":1,"dialect":"unix","confidence":"medium"}
    --- stderr
    wharf: not understood: What is this?
    "#);
}

#[test]
fn its_help_is_about_what_it_does_and_not_about_servers() {
    let bench = Bench::new();
    let shown = bench.run("parse-listing -h");
    for option in [
        "--now",
        "--dialect",
        "--json",
        "--encoding",
        "--silent",
        "--help",
    ] {
        assert!(shown.contains(option), "{option}: {shown}");
    }
    for idle in [
        "Login:",
        "Encryption:",
        "Connection:",
        "--tls",
        "--timeout",
        "--verbose",
    ] {
        assert!(!shown.contains(idle), "{idle}: {shown}");
    }
    // What an alias puts ahead of every command is no mistake.
    let line = "--tofu -v parse-listing --timeout 5 --encoding latin1 --json";
    let read = bench.run_with_input(line, b"-rw-r--r-- 1 a b 5 Jan  1  2020 caf\xe9\n");
    assert!(read.starts_with("exit 0\n"), "{read}");
    assert!(read.contains(r#""name":"café""#), "{read}");
}

#[test]
fn a_dialect_that_is_told_is_not_doubted() {
    let bench = Bench::new();
    let line = "parse-listing --dialect names";
    assert_snapshot!(bench.run_with_input(line, b"total 3\r\nquay/\r\n"), @"
    exit 0
    --- stdout
    total 3
    quay
    ");
    let refused = bench.run("parse-listing --dialect latin");
    assert!(refused.starts_with("exit 2"), "{refused}");
    assert!(
        refused.contains("must be one of eplf, mlsx, vms"),
        "{refused}"
    );
    assert_snapshot!(bench.run("parse-listing --now yesterday"), @"
    exit 2
    --- stderr
    error: invalid value 'yesterday' for '--now <YYYY-MM-DD>': not a day such as 2026-11-22

    For more information, try '--help'.
    ");
}

#[test]
fn a_line_that_is_too_long_ends_it_as_it_would_end_a_listing() {
    let bench = Bench::new();
    let listing = [&LISTING[..47], &b"x".repeat(70_000)].concat();
    assert_snapshot!(bench.run_with_input("parse-listing", &listing), @"
    exit 16
    --- stdout
    quay
    --- stderr
    wharf: a listing line is longer than 65536 bytes
    ");
}
