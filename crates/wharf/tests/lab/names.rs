//! Directories, renaming and removing, and names that are hard to say.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use wharf::listing::Kind;
use wharf::{Client, ErrorKind, Parsed, RemotePath};

use crate::berth::{Berth, assert_in_step, retrieve, store};
use crate::deviations::{Odd, TelnetByte};

pub(crate) async fn directories_are_made_and_removed(berth: Berth) {
    let client = berth.connect().await;
    let home = client.get_directory().await.unwrap();
    client.make_directory("new").await.unwrap();
    assert!(berth.on_disk("new").is_dir());
    client.cwd("new").await.unwrap();
    assert_eq!(client.get_directory().await.unwrap(), home.join("new"));
    client.cdup().await.unwrap();
    assert_eq!(client.get_directory().await.unwrap(), home);

    let again = client.make_directory("new").await;
    if berth.expected.refuses_existing {
        assert_eq!(again.unwrap_err().kind(), ErrorKind::CommandFailed);
    } else {
        again.unwrap();
    }
    store(&client, "new/file", b"1").await.unwrap();
    let error = client.remove_directory("new").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert!(berth.on_disk("new/file").exists());
    client.remove_file("new/file").await.unwrap();
    client.remove_directory("new").await.unwrap();
    assert!(!berth.on_disk("new").exists());
    client.quit().await.unwrap();
}

pub(crate) async fn a_file_is_renamed_and_removed(berth: Berth) {
    berth.put("old", b"content");
    berth.put("target", b"something else");
    berth.put_directory("dir");
    let client = berth.connect().await;
    let (rnfr, rnto) = client.rename("old", "new").await.unwrap();
    assert!(rnfr.code().is_intermediate(), "{rnfr}");
    assert!(rnto.code().is_completion(), "{rnto}");
    assert!(!berth.on_disk("old").exists());
    assert_eq!(retrieve(&client, "new").await.unwrap(), b"content");

    client.rename("new", "dir/moved").await.unwrap();
    client.rename("dir", "directory").await.unwrap();
    let replaced = client.rename("directory/moved", "target").await;
    if berth.expected.rename_replaces {
        replaced.unwrap();
    } else {
        assert_eq!(replaced.unwrap_err().command(), Some("RNTO target"));
        client.remove_file("target").await.unwrap();
        client.rename("directory/moved", "target").await.unwrap();
    }
    assert_eq!(retrieve(&client, "target").await.unwrap(), b"content");
    client.remove_file("target").await.unwrap();
    assert!(!berth.on_disk("target").exists());
    client.quit().await.unwrap();
}

/// Names that a server, a parser or a shell on the way may stumble over.
const ODD: [&str; 15] = [
    "two words",
    "  leading blanks",
    "trailing blank ",
    "Zürich-日本-🚢",
    "-dash",
    "100%s%d%n",
    "star*",
    "question?[a]",
    "back\\slash",
    "say \"ahoy\"",
    "\"",
    "~tilde",
    "semi;colon&amp",
    "tab\there",
    "#hash'quote`tick$var",
];

pub(crate) async fn odd_names_go_both_ways(berth: Berth) {
    let client = berth.connect().await;
    let home = client.get_directory().await.unwrap();
    for name in ODD {
        let (disk, shown) = match berth.expected.odd(name) {
            Odd::Kept => (name, name),
            Odd::As(disk) => (disk, disk),
            Odd::Recoded(disk) => (disk, name),
            Odd::NoDirectory => {
                file(&berth, &client, name, name).await;
                refused(client.make_directory(name).await);
                continue;
            }
            Odd::Lost(disk) => {
                store(&client, name, b"1").await.unwrap();
                assert_eq!(on_disk(&berth), [disk], "{name:?}");
                let error = retrieve(&client, name).await.unwrap_err();
                assert!(error.is_not_found(), "{error}");
                client.remove_file(disk).await.unwrap();
                continue;
            }
            Odd::Unsupported => {
                for result in [
                    store(&client, name, b"1").await.map(drop),
                    client.make_directory(name).await.map(drop),
                    client.remove_file(name).await.map(drop),
                    client.stat(name).await.map(drop),
                ] {
                    assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported);
                }
                assert!(on_disk(&berth).is_empty(), "{name:?}");
                continue;
            }
            Odd::Refused => {
                refused(store(&client, name, b"1").await);
                assert!(on_disk(&berth).is_empty(), "{name:?}");
                continue;
            }
        };
        file(&berth, &client, name, disk).await;
        directory(&client, &home, name, shown).await;
        assert!(on_disk(&berth).is_empty(), "{name:?}");
    }
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}

/// A file goes its whole way under a name.
async fn file(berth: &Berth, client: &Client, name: &str, disk: &str) {
    store(client, name, name.as_bytes()).await.unwrap();
    assert_eq!(on_disk(berth), [disk], "{name:?}");
    assert_eq!(retrieve(client, name).await.unwrap(), name.as_bytes());
    assert_eq!(listed(client).await, [disk.as_bytes()], "{name:?}");
    client.rename(name, "plain").await.unwrap();
    client.rename("plain", name).await.unwrap();
    assert_eq!(on_disk(berth), [disk], "{name:?}");
    client.remove_file(name).await.unwrap();
    assert!(on_disk(berth).is_empty(), "{name:?}");
}

/// A directory is made, entered, told, left and removed under a name.
async fn directory(client: &Client, home: &RemotePath, name: &str, shown: &str) {
    client.make_directory(name).await.unwrap();
    client.cwd(name).await.unwrap();
    let told = client.get_directory().await.unwrap();
    assert_eq!(told, home.join(shown), "{name:?}");
    client.cwd(home).await.unwrap();
    client.remove_directory(name).await.unwrap();
}

fn refused<T>(result: wharf::Result<T>) {
    let kind = result.err().map(|error| error.kind());
    assert_eq!(kind, Some(ErrorKind::CommandFailed));
}

fn on_disk(berth: &Berth) -> Vec<OsString> {
    std::fs::read_dir(berth.on_disk(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect()
}

async fn listed(client: &Client) -> Vec<Vec<u8>> {
    let mut listing = client.list("").await.unwrap();
    let mut names = Vec::new();
    while let Some(parsed) = listing.next_entry().await {
        match parsed.unwrap() {
            Parsed::Entry(entry) if entry.kind() == Kind::File => names.push(entry.name().to_vec()),
            Parsed::Entry(_) => {}
            Parsed::Unknown(line) => panic!("{line:?}"),
        }
    }
    names
}

/// 0xFF begins a Telnet command, and some servers read Telnet.
pub(crate) async fn the_byte_that_telnet_reserves_is_a_byte_of_a_name(berth: Berth) {
    let client = berth.connect().await;
    let name = &b"a\xffb"[..];
    let stored = store(&client, name, b"1").await;
    let disk = match berth.expected.telnet_byte {
        TelnetByte::As(disk) => disk,
        TelnetByte::Fails(kind) => {
            assert_eq!(stored.unwrap_err().kind(), kind);
            return;
        }
    };
    stored.unwrap();
    assert_eq!(on_disk(&berth), [OsStr::from_bytes(disk)]);
    assert_eq!(retrieve(&client, name).await.unwrap(), b"1");
    client.remove_file(name).await.unwrap();
    assert!(on_disk(&berth).is_empty());
    client.quit().await.unwrap();
}
