use insta::assert_snapshot;

use crate::bench::Bench;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.remote("pub/b", "");
    bench.remote("pub/a/x", "");
    bench.remote("pub/a/y/z", "");
    bench.remote("pub/.hidden/in", "");
    bench.remote("pub/tab\there", "");
    std::os::unix::fs::symlink("../pub", bench.server.root().join("pub/a/up")).unwrap();
    bench
}

#[test]
fn a_tree_is_drawn_in_order_and_counted() {
    assert_snapshot!(bench().run("tree ftp://HOST/pub"), @r"
    exit 0
    --- stdout
    ftp://HOST/pub
    ├── a
    │   ├── up
    │   ├── x
    │   └── y
    │       └── z
    ├── b
    └── tab\there

    2 directories, 5 files
    ");
}

#[test]
fn hidden_names_are_drawn_on_request() {
    assert_snapshot!(bench().run("tree -a -L 1 ftp://HOST/pub/"), @r"
    exit 0
    --- stdout
    ftp://HOST/pub/
    ├── .hidden
    ├── a
    ├── b
    └── tab\there

    2 directories, 2 files
    ");
}

#[test]
fn directories_alone_have_branches_of_their_own() {
    assert_snapshot!(bench().run("tree -d ftp://HOST/"), @"
    exit 0
    --- stdout
    ftp://HOST/
    └── pub
        └── a
            └── y

    3 directories
    ");
}

#[test]
fn directories_below_the_level_are_not_listed() {
    let bench = bench();
    assert_snapshot!(bench.run("tree -L 2 ftp://HOST/pub/a"), @"
    exit 0
    --- stdout
    ftp://HOST/pub/a
    ├── up
    ├── x
    └── y
        └── z

    1 directory, 3 files
    ");
    let commands = bench.server.commands();
    assert!(!commands.contains(&"MLSD pub/a/y/z".to_owned()));
}

#[test]
fn json_has_the_entries_of_a_directory_in_its_contents() {
    let bench = bench();
    let line = "tree --json -a ftp://HOST/pub ftp://HOST/pub/b";
    let output = bench.command(line).output().unwrap();
    let trees: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(trees[0]["path"], "pub");
    let contents = &trees[0]["contents"];
    assert_eq!(contents[0]["contents"][0]["path"], "pub/.hidden/in");
    assert_eq!(contents[1]["name"], "a");
    assert_eq!(contents[1]["contents"][2]["contents"][0]["name"], "z");
    assert!(contents[1]["contents"][2]["contents"][0]["contents"].is_null());
    assert_eq!(contents[2]["path"], "pub/b");
    assert_eq!(trees[1]["path"], "pub/b");
    assert_eq!(trees[1]["type"], "file");
}

#[test]
fn an_empty_directory_has_no_branches() {
    assert_snapshot!(Bench::new().run("tree ftp://HOST/"), @"
    exit 0
    --- stdout
    ftp://HOST/

    0 directories, 0 files
    ");
}

#[test]
fn a_file_is_a_tree_of_one() {
    let bench = bench();
    assert_snapshot!(bench.run("tree ftp://HOST/pub/b"), @"
    exit 0
    --- stdout
    ftp://HOST/pub/b

    0 directories, 1 file
    ");
    for line in ["tree -d ftp://HOST/pub/b", "tree ftp://HOST/pub/b/"] {
        let shown = bench.run(line);
        assert!(shown.starts_with("exit 3\n--- stderr\n"), "{shown}");
        assert!(shown.ends_with("it is a file, and no directory"), "{shown}");
    }
}

#[test]
fn a_tree_that_is_missing_is_code_3_and_json_stays_a_document() {
    assert_snapshot!(Bench::new().run("tree --json ftp://HOST/none"), @"
    exit 3
    --- stdout
    []
    --- stderr
    wharf: ftp://HOST/none: `MLSD none` refused: 550 No such file or directory.
    ");
}
