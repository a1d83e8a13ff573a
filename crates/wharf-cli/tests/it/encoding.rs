//! Names that are not ASCII, at servers that keep them in Latin-1.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use insta::assert_snapshot;

use crate::bench::Bench;

/// A server with a file `d\xe9/caf\xe9` and a `tr\xc3\xa9s` beside it, which is UTF-8.
fn bench() -> Bench {
    let bench = Bench::new();
    let directory = bench.server.root().join(OsStr::from_bytes(b"d\xe9"));
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join(OsStr::from_bytes(b"caf\xe9")), "ahoy").unwrap();
    fs::write(directory.join("trés"), "").unwrap();
    bench
}

#[test]
fn what_is_typed_goes_out_in_the_encoding_of_the_server() {
    let bench = bench();
    for url in ["dé/café", "d%E9/caf%E9"] {
        let shown = bench.run(&format!("cat --encoding latin1 ftp://HOST/{url}"));
        assert_eq!(shown, "exit 0\n--- stdout\nahoy", "{url}");
    }
    // Bytes are bytes.
    assert!(
        bench
            .run("cat --encoding latin1 ftp://HOST/d%C3%A9/caf%E9")
            .starts_with("exit 4\n")
    );
    assert!(bench.run("cat ftp://HOST/dé/café").starts_with("exit 4\n"));
}

#[test]
fn names_are_read_in_the_encoding_of_the_server() {
    let bench = bench();
    assert_snapshot!(bench.run("tree --encoding latin1 ftp://HOST/"), @"
    exit 0
    --- stdout
    ftp://HOST/
    └── dé
        ├── café
        └── trÃ©s

    1 directory, 2 files
    ");
    let line = "find --encoding latin1 --name caf? --json ftp://HOST/dé";
    let output = bench.command(line).output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found[0]["path"], "dé/café");
    assert_eq!(found[0]["name_hex"], "636166e9");
    assert_snapshot!(bench.run("tree ftp://HOST/"), @r"
    exit 0
    --- stdout
    ftp://HOST/
    └── d\xe9
        ├── caf\xe9
        └── trés

    1 directory, 2 files
    ");
}

#[test]
fn what_the_encoding_has_no_character_for_is_refused() {
    assert_snapshot!(Bench::new().run("ls --encoding latin1 ftp://HOST/€"), @"
    exit 2
    --- stderr
    wharf: U+20AC cannot be written in the connection's encoding
    ");
}
