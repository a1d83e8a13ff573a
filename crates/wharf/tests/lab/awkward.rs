//! Listings of what is hard to list: names that are taken for something else, and nothing at all.

use std::collections::BTreeMap;

use wharf::listing::Kind;
use wharf::{Client, Entry, Listing, Parsed, Result};

use crate::berth::{Berth, assert_in_step};

/// Names that listings, shells and servers may take for something else.
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
    let listed = entries(client.list("bay").await.unwrap()).await.unwrap();
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

pub(crate) async fn nothing_is_told_from_an_empty_directory(berth: Berth) {
    berth.put_directory("empty");
    let client = berth.connect().await;
    for missing in ["nope", "empty/nope"] {
        let error = listed(&client, missing).await.unwrap_err();
        assert!(error.is_not_found(), "{missing:?}: {error}");
    }
    assert!(listed(&client, "empty").await.unwrap().is_empty());
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}

async fn listed(client: &Client, path: &str) -> Result<BTreeMap<String, Entry>> {
    entries(client.list(path).await?).await
}

/// The entries of a listing in which there is nothing else. What else it says of a directory that is not
/// there (the BSD servers' `ls` does) comes ahead of the refusal.
async fn entries(mut listing: Listing) -> Result<BTreeMap<String, Entry>> {
    let mut entries = BTreeMap::new();
    let mut others = Vec::new();
    while let Some(parsed) = listing.next_entry().await {
        match parsed? {
            Parsed::Entry(entry) => {
                let twice = entries.insert(entry.name_lossy().into_owned(), entry);
                assert!(twice.is_none(), "{twice:?}");
            }
            Parsed::Unknown(line) => others.push(line),
        }
    }
    assert!(others.is_empty(), "{others:?}");
    Ok(entries)
}
