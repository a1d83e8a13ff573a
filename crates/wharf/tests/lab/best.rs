//! Listings whose command is chosen, and what is made of a path, on servers that differ in all of it.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use wharf::listing::Kind;
use wharf::{Client, Entry, Error, ErrorKind, ListOptions, Listing, Parsed, RemotePath, Result};

use crate::berth::{Berth, assert_in_step};
use crate::deviations::{Below, FileListed, Link};

/// Directories whose names are options, patterns, quotations or two words to `ls`, each with a file in it.
const ODD: [&str; 18] = [
    "-a",
    "-lR",
    "~",
    "~ship",
    "two words",
    "two  blanks",
    " blank",
    "blank ",
    "*",
    "a*",
    "?",
    "[ab]",
    "x[ab]",
    "{a,b}",
    "$HOME",
    "back\\slash",
    "say \"ahoy\"",
    "'quoted'",
];

/// The entries, by the section that they stand in and their names. A complaint of `ls` is none.
async fn read(listing: Result<Listing>) -> Result<BTreeMap<String, Entry>> {
    let mut listing = listing?;
    let mut entries = BTreeMap::new();
    while let Some(parsed) = listing.next_entry().await {
        if let Parsed::Entry(entry) = parsed? {
            let section = String::from_utf8_lossy(entry.section().unwrap_or_default());
            let name = format!("{section}:{}", entry.name_lossy());
            let twice = entries.insert(name, entry);
            assert!(twice.is_none(), "{twice:?}");
        }
    }
    Ok(entries)
}

async fn names(client: &Client, path: impl Into<RemotePath>) -> Result<Vec<String>> {
    let entries = read(client.list(path).await).await?;
    Ok(entries.into_keys().collect())
}

pub(crate) async fn all_that_is_there_is_listed(berth: Berth) {
    berth.put_directory("full");
    berth.put_directory("full/.git");
    berth.put("full/.profile", b"1");
    berth.put("full/README", b"1");
    let client = berth.connect().await;
    // The first may be a trial of -a, the second is by what it taught.
    for _ in 0..2 {
        let listed = names(&client, "full").await.unwrap();
        assert_eq!(listed, [":.git", ":.profile", ":README"]);
    }
    let plain = ListOptions::default().hidden(false);
    let listed = read(client.list_with("full", plain).await).await.unwrap();
    assert_eq!(listed.into_keys().collect::<Vec<_>>(), [":README"]);
    assert_in_step(&client).await;
}

pub(crate) async fn a_directory_is_listed_whatever_it_is_called(berth: Berth) {
    for (at, name) in ODD.iter().enumerate() {
        berth.put_directory(name);
        berth.put(&format!("{name}/f{at}"), b"1");
    }
    // What the patterns and words would stand for.
    for name in ["a", "b", "two", "words"] {
        berth.put_directory(name);
        berth.put(&format!("{name}/wrong"), b"1");
    }
    let client = berth.connect().await;
    let mut refused = Vec::new();
    for (at, name) in ODD.iter().enumerate() {
        match names(&client, *name).await {
            Ok(listed) => assert_eq!(listed, [format!(":f{at}")], "{name}"),
            Err(_) => refused.push(*name),
        }
    }
    assert_eq!(refused, berth.expected.misread);
    assert_in_step(&client).await;
}

pub(crate) async fn a_directory_that_is_missing_is_not_an_empty_one(berth: Berth) {
    berth.put_directory("empty");
    let client = berth.connect().await;
    let home = client.get_directory().await.unwrap();
    for path in ["nope".into(), "empty/nope".into(), home.join("nope")] {
        let error = names(&client, &path).await.unwrap_err();
        assert!(error.is_not_found(), "{path}: {error}");
    }
    for path in ["empty".into(), "empty/".into(), home.join("empty")] {
        let listed = names(&client, &path).await.unwrap();
        assert!(listed.is_empty(), "{path}: {listed:?}");
    }
    assert_eq!(names(&client, ".").await.unwrap(), [":empty"]);
    assert_in_step(&client).await;
}

pub(crate) async fn a_directory_that_may_not_be_read_is_neither_empty_nor_in_itself(berth: Berth) {
    berth.put_directory("in");
    // What may be entered and not read is refused by some, and empty for others.
    for (path, mode) in [
        ("closed", 0o000),
        ("in/closed", 0o000),
        ("blind", 0o111),
        ("in/blind", 0o111),
    ] {
        berth.put_directory(path);
        berth.put(&format!("{path}/a.txt"), b"1");
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(berth.on_disk(path), permissions).unwrap();
    }
    // What looks like its own line, and is an entry.
    berth.put_directory("full");
    berth.put_directory("full/full");
    let client = berth.connect().await;
    let home = client.get_directory().await.unwrap();
    for hidden in [true, false] {
        let listed = async |path: &RemotePath| {
            let options = ListOptions::default().hidden(hidden);
            let entries = read(client.list_with(path, options).await).await?;
            Ok::<_, Error>(entries.into_keys().collect::<Vec<_>>())
        };
        for path in ["closed".into(), "in/closed".into(), home.join("closed")] {
            match listed(&path).await {
                Err(error) => assert_eq!(error.kind(), ErrorKind::CommandFailed, "{path}"),
                Ok(listed) => {
                    assert!(!berth.expected.refuses_forbidden, "{path}");
                    assert!(listed.is_empty(), "{path}: {listed:?}");
                }
            }
        }
        for path in ["blind".into(), "in/blind".into(), home.join("blind")] {
            if let Ok(listed) = listed(&path).await {
                assert!(listed.is_empty(), "{path}: {listed:?}");
            }
        }
        for path in ["full".into(), home.join("full")] {
            assert_eq!(listed(&path).await.unwrap(), [":full"], "{path}");
        }
    }
    assert_in_step(&client).await;
}

pub(crate) async fn a_file_is_listed_as_itself(berth: Berth) {
    berth.put("a.txt", b"hello world");
    let client = berth.connect().await;
    let listed = read(client.list("a.txt").await).await;
    match berth.expected.file_listed {
        FileListed::AsItself => {
            let listed = listed.unwrap();
            let [entry] = &listed.values().collect::<Vec<_>>()[..] else {
                panic!("{listed:?}");
            };
            assert_eq!((entry.kind(), entry.size()), (Kind::File, Some(11)));
        }
        FileListed::NotAtAll => {
            let error = listed.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CommandFailed, "{error}");
        }
    }
    assert_in_step(&client).await;
}

pub(crate) async fn what_is_below_is_listed_where_the_server_can(berth: Berth) {
    berth.put_directory("full");
    berth.put_directory("full/sub");
    berth.put("full/sub/deep", b"1");
    let client = berth.connect().await;
    let below = ListOptions::default().recursive(true);
    let listed = read(client.list_with("full", below).await).await;
    match berth.expected.below {
        Below::Listed => {
            let listed = listed.unwrap();
            let names: Vec<&str> = listed.keys().map(String::as_str).collect();
            assert!(names.iter().any(|name| name.ends_with(":sub")), "{names:?}");
            let deep = names.iter().find(|name| name.ends_with(":deep"));
            assert!(deep.unwrap().contains("sub"), "{names:?}");
        }
        Below::Unsupported => {
            assert_eq!(listed.unwrap_err().kind(), ErrorKind::Unsupported);
        }
    }
    assert_in_step(&client).await;
}

pub(crate) async fn a_path_is_told_of_whatever_it_takes(berth: Berth) {
    berth.put_directory("dir");
    berth.put("dir/.hidden", b"12");
    berth.put("dir/a b.txt", b"hello world");
    symlink("a b.txt", berth.on_disk("dir/link")).unwrap();
    let client = berth.connect().await;

    let file = client.stat("dir/a b.txt").await.unwrap();
    assert_eq!((file.kind(), file.size()), (Kind::File, Some(11)));
    assert!(file.size_is_exact());
    let home = client.get_directory().await.unwrap();
    let hidden = client.stat(home.join("dir/.hidden")).await.unwrap();
    assert_eq!((hidden.kind(), hidden.size()), (Kind::File, Some(2)));
    let link = client.stat("dir/link").await.unwrap();
    let (kind, size) = match berth.expected.link {
        Link::Told => (Kind::Symlink, link.size()),
        Link::Followed => (Kind::File, Some(11)),
        Link::Other => (Kind::File, Some(7)),
    };
    assert_eq!((link.kind(), link.size()), (kind, size), "{link:?}");
    for path in ["dir".into(), "dir/".into(), home.join("dir")] {
        let dir = client.stat(&path).await.unwrap();
        assert_eq!(dir.kind(), Kind::Directory, "{path}");
    }
    for path in ["/", ".", ""] {
        let here = client.stat(path).await.unwrap();
        assert_eq!(here.kind(), Kind::Directory, "{path:?}");
    }
    for path in ["nope", "dir/nope", "nope/nope"] {
        let error = client.stat(path).await.unwrap_err();
        assert!(error.is_not_found(), "{path}: {error}");
    }
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}
