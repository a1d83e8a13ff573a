//! Names that are taken for something else where they are listed.

use std::collections::BTreeMap;

use wharf::listing::Kind;
use wharf::{Entry, Listing, Parsed};

use crate::berth::{Berth, assert_in_step};

/// They look like other columns of a listing, other dialects, options, patterns and quotations.
const NAMES: [&str; 32] = [
    " leading",
    "  two leading",
    "trailing ",
    "two  blanks",
    "a -> b",
    "-rw-r--r--",
    "-rw-r--r-- 1 root root 5 Jan  1  2020 fake",
    "total 12",
    "Nov 22 12:00",
    "2026-11-22 10:00 log",
    "1234567",
    "10 years and under",
    "01-29-03  03:26AM       <DIR>          x",
    "LOGIN.COM;1",
    "type=file;size=1; x",
    "plain.txt:",
    "mark@",
    "mark*",
    "-a",
    "*",
    "?",
    "[ab]",
    "{a,b}",
    "~",
    "$HOME",
    "semi; blank",
    "a=b",
    ".hidden",
    "...",
    "déjà-vu",
    "日本語.txt",
    "back\\slash",
];

pub(crate) async fn every_awkward_name_is_listed_as_it_is(berth: Berth) {
    berth.put_directory("bay");
    berth.put_directory("bay/quay");
    for (at, name) in NAMES.iter().enumerate() {
        berth.put(&format!("bay/{name}"), &vec![b'x'; at]);
    }
    let client = berth.connect().await;
    let listed = entries(client.list("bay").await.unwrap()).await;
    assert_eq!(listed["quay"].kind(), Kind::Directory);
    for (at, name) in NAMES.iter().enumerate() {
        let entry = listed
            .get(*name)
            .unwrap_or_else(|| panic!("{name:?} in {listed:?}"));
        let size = u64::try_from(at).unwrap();
        assert_eq!(
            (entry.kind(), entry.size()),
            (Kind::File, Some(size)),
            "{name:?}"
        );
    }
    assert_eq!(listed.len(), NAMES.len() + 1, "{listed:?}");
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}

/// The entries of a listing in which there is nothing else.
async fn entries(mut listing: Listing) -> BTreeMap<String, Entry> {
    let mut entries = BTreeMap::new();
    while let Some(parsed) = listing.next_entry().await {
        match parsed.unwrap() {
            Parsed::Entry(entry) => {
                let twice = entries.insert(entry.name_lossy().into_owned(), entry);
                assert!(twice.is_none(), "{twice:?}");
            }
            Parsed::Unknown(line) => panic!("{line:?}"),
        }
    }
    entries
}
