//! The zone of the server's clock, found out and told.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use wharf::listing::{Modified, Precision, Zone};
use wharf::{Client, ListCommand, ListOptions, Parsed};

use common::{farewell, lines, session};

fn listing(line: &str, data: &str) -> String {
    format!(
        "C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: {line}\nD+\nS: 150 Here.\nD> {data}\nD.\nS: 226 Done.\n"
    )
}

/// Local times two hours ahead of UTC.
const LINES: &str = r"drwxr-xr-x   2 root     other       4096 2026-01-29 05:00 sub\r\n-rw-r--r--   1 root     other        531 2026-01-29 05:26 README\r\n-rw-r--r--   1 root     other        531 2026-01-29 06:00 NEWS\r\n";

async fn modified(client: &Client) -> Modified {
    let options = ListOptions::default().command(ListCommand::List);
    let mut listing = client.list_with("pub", options).await.unwrap();
    let mut last = None;
    while let Some(item) = listing.next_entry().await {
        if let Parsed::Entry(entry) = item.unwrap() {
            last = entry.modified();
        }
    }
    let completion = listing.completion().unwrap();
    assert_eq!(lines(&completion.reply), ["150 Here.", "226 Done."]);
    last.unwrap()
}

#[tokio::test]
async fn one_file_s_mdtm_tells_the_zone_of_all_that_are_listed_behind_it() {
    let script = [
        &*listing("LIST pub", LINES),
        // This one was changed in between; the next was not.
        "C: MDTM pub/README\nS: 213 20260130114115\n",
        "C: MDTM pub/NEWS\nS: 213 20260129040012\n",
        &listing("LIST pub", LINES),
        &listing("LIST pub", LINES),
        // What is known already does not stand in the way.
        &listing("LIST pub", LINES),
        "C: MDTM pub/README\nS: 213 20260129032615\n",
    ]
    .concat();
    let (server, client) = session(&script).await;
    let zone = client.detect_zone("pub").await.unwrap().unwrap();
    assert_eq!(zone.minutes(), 120);
    let utc = modified(&client).await;
    assert_eq!((utc.zone, utc.precision), (Zone::Utc, Precision::Minute));
    assert_eq!(utc.time.to_wire(), "20260129040000");

    client.set_zone(None);
    let local = modified(&client).await;
    assert_eq!(local.zone, Zone::Unknown);
    assert_eq!(local.time.to_wire(), "20260129060000");

    client.set_zone(Some(zone));
    assert_eq!(client.detect_zone("pub").await.unwrap(), Some(zone));
    farewell(server, client).await;
}

#[tokio::test]
async fn a_zone_that_nothing_tells_stays_unknown() {
    let old = r"-rw-r--r--   1 root     other        531 Jan 29  2003 README\r\n";
    for (data, asked) in [
        (old, ""),
        (r"total 0\r\n", ""),
        (
            LINES,
            "C: MDTM pub/README\nS: 500 What?\nC: MDTM pub/NEWS\nS: 500 What?\n",
        ),
    ] {
        let script = listing("LIST pub", data) + asked;
        let (server, client) = session(&script).await;
        assert_eq!(client.detect_zone("pub").await.unwrap(), None);
        farewell(server, client).await;
    }
}
