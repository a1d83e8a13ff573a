//! Directories as the client sees them.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use wharf::listing::{Kind, Precision};
use wharf::tls::CloseNotify;
use wharf::{Entry, ListCommand, ListOptions, Listing, Parsed};

use crate::berth::{Berth, assert_in_step, assert_unknown};
use crate::deviations::{Names, Nothing};

/// 2020-01-02 03:04:05 UTC: old enough that `ls -l` shows its year instead of its time.
const OLD: u64 = 1_577_934_245;

const FULL: [(&str, Kind); 4] = [
    ("a.txt", Kind::File),
    ("sub", Kind::Directory),
    ("two words.txt", Kind::File),
    ("zero", Kind::File),
];

/// A directory `full` with [`FULL`] in it, and one with nothing.
fn furnish(berth: &Berth) {
    berth.put_directory("full");
    berth.put_directory("full/sub");
    berth.put("full/a.txt", b"hello world");
    berth.put("full/two words.txt", b"1");
    berth.put("full/zero", b"");
    let file = std::fs::File::options()
        .write(true)
        .open(berth.on_disk("full/a.txt"))
        .unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(OLD))
        .unwrap();
    berth.put_directory("empty");
}

/// LIST with all that the server shows.
fn with_dots() -> ListOptions {
    ListOptions::default().command(ListCommand::List).dots(true)
}

async fn entries(mut listing: Listing) -> BTreeMap<String, Entry> {
    let mut entries = BTreeMap::new();
    while let Some(parsed) = listing.next_entry().await {
        match parsed.unwrap() {
            Parsed::Entry(entry) => {
                let name = entry.name_lossy().into_owned();
                let twice = entries.insert(name, entry);
                assert!(twice.is_none(), "{twice:?}");
            }
            Parsed::Unknown(line) => panic!("{line:?}"),
        }
    }
    assert!(listing.completion().unwrap().reply.code().is_completion());
    entries
}

/// Names and kinds in order; `.` and `..` go where the server may show them.
fn kinds(entries: &BTreeMap<String, Entry>, may_have_dots: bool) -> Vec<(&str, Kind)> {
    entries
        .iter()
        .map(|(name, entry)| (name.as_str(), entry.kind()))
        .filter(|(_, kind)| {
            !(may_have_dots && matches!(kind, Kind::CurrentDirectory | Kind::ParentDirectory))
        })
        .collect()
}

pub(crate) async fn a_directory_is_listed(berth: Berth) {
    furnish(&berth);
    let client = berth.connect().await;
    let listed = entries(client.list_with("full", with_dots()).await.unwrap()).await;
    assert_eq!(kinds(&listed, berth.expected.lists_dots), FULL);
    assert_eq!(listed.contains_key(".."), berth.expected.lists_dots);
    assert_eq!(listed["a.txt"].size(), Some(11));
    assert_eq!(listed["two words.txt"].size(), Some(1));
    assert_eq!(listed["zero"].size(), Some(0));
    let modified = listed["a.txt"].modified();
    if berth.expected.lists_years {
        let modified = modified.unwrap();
        assert_eq!(modified.precision, Precision::Day);
        assert_eq!(modified.time.to_wire(), "20200102000000");
    } else {
        // No date is better than one of another year.
        assert_eq!(modified, None);
        assert_eq!(listed["a.txt"].date_text(), Some(&b"Jan  2 03:04"[..]));
    }

    // Without a path, where we are.
    client.cwd("full").await.unwrap();
    let here = entries(client.list_with("", with_dots()).await.unwrap()).await;
    assert_eq!(kinds(&here, berth.expected.lists_dots), FULL);
    client.quit().await.unwrap();
}

pub(crate) async fn facts_are_listed(berth: Berth) {
    furnish(&berth);
    let client = berth.connect().await;
    if !berth.expected.knows("MLSD") {
        assert_unknown(client.mlsd("full").await, "MLSD full");
        assert_unknown(client.mlst("full").await, "MLST full");
        assert_in_step(&client).await;
        return;
    }
    let listed = entries(client.mlsd("full").await.unwrap()).await;
    // RFC 3659 leaves cdir and pdir to the server.
    assert_eq!(kinds(&listed, true), FULL);
    assert_eq!(listed["a.txt"].size(), Some(11));
    assert_eq!(listed["zero"].size(), Some(0));
    let modified = listed["a.txt"].modified().unwrap();
    assert_eq!(modified.precision, Precision::Second);
    assert_eq!(modified.time.to_wire(), "20200102030405");

    let entry = client.mlst("full/a.txt").await.unwrap();
    assert_eq!((entry.kind(), entry.size()), (Kind::File, Some(11)));
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}

pub(crate) async fn names_are_listed(berth: Berth) {
    furnish(&berth);
    let client = berth.connect().await;
    let listing = client.nlst("full").await;
    if !berth.expected.knows("NLST") {
        assert_unknown(listing, "NLST full");
        assert_in_step(&client).await;
        return;
    }
    let mut names = listing.unwrap().lines().await.unwrap();
    names.sort();
    let dots = match berth.expected.names {
        Names::WithDirectoryAndDots => true,
        _ => berth.expected.lists_dots,
    };
    let prefix = match berth.expected.names {
        Names::Bare => "",
        _ => "full/",
    };
    let dots = if dots { &[".", ".."][..] } else { &[] };
    let full = FULL.iter().map(|(name, _)| name);
    let expected: Vec<String> = dots
        .iter()
        .chain(full)
        .map(|name| format!("{prefix}{name}"))
        .collect();
    assert_eq!(names, expected);
    client.quit().await.unwrap();
}

pub(crate) async fn an_empty_directory_has_no_entries(berth: Berth) {
    furnish(&berth);
    let client = if berth.expected.closes_nothing {
        berth.connect().await
    } else {
        // Nothing and no close_notify could be a listing that was cut ahead of its first line, and no size says
        // that it was not.
        let tls = berth.tls_config().close_notify(CloseNotify::DangerIgnore);
        berth.config().tls_config(tls).connect().await.unwrap()
    };
    let listed = entries(client.list("empty").await.unwrap()).await;
    assert_eq!(kinds(&listed, berth.expected.lists_dots), []);
    if berth.expected.knows("NLST") {
        let names = match client.nlst("empty").await {
            Ok(listing) => listing.lines().await,
            Err(error) => Err(error),
        };
        match berth.expected.names_of_nothing {
            Nothing::Empty => assert!(names.unwrap().is_empty()),
            Nothing::Dots(dots) => {
                let mut names = names.unwrap();
                names.sort();
                assert_eq!(names, dots);
            }
            Nothing::NotFound => assert!(names.unwrap_err().is_not_found()),
        }
    }
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}
