//! What is not there.

use wharf::{Error, ListCommand, ListOptions, Listing, Parsed, Queued, Result};

use crate::berth::{Berth, assert_in_step, assert_unknown, retrieve};
use crate::deviations::Missing;

pub(crate) async fn what_is_missing_is_not_found(berth: Berth) {
    let client = berth.connect().await;
    let refusals = [
        ("RETR", retrieve(&client, "nope").await.map(drop)),
        ("DELE", client.remove_file("nope").await.map(drop)),
        ("RMD", client.remove_directory("nope").await.map(drop)),
        ("CWD", client.cwd("nope").await.map(drop)),
        ("SIZE", client.size("nope").await.map(drop)),
        ("MDTM", client.mdtm("nope").await.map(drop)),
        ("MLST", client.mlst("nope").await.map(drop)),
    ];
    for (verb, refusal) in refusals {
        let command = format!("{verb} nope");
        if !berth.expected.knows(verb) {
            assert_unknown(refusal, &command);
            continue;
        }
        let error = refusal.unwrap_err();
        let known = verb != "SIZE" || berth.expected.size_knows_missing;
        assert_eq!(error.is_not_found(), known, "{error}");
        assert_eq!(error.command(), Some(command.as_str()));
    }
    let error = client.rename("nope", "other").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let refused = error
        .command()
        .and_then(|command| command.split(' ').next());
    assert_eq!(refused, Some(berth.expected.rename_refused_at));
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}

pub(crate) async fn a_missing_directory_is_listed_as_the_server_does(berth: Berth) {
    let client = berth.connect().await;
    let expected = &berth.expected;
    assert_missing(
        client.list_with("nope", by_list()),
        expected.list_of_missing,
    )
    .await;
    if expected.knows("NLST") {
        assert_missing(client.nlst("nope"), expected.names_of_missing).await;
    }
    if expected.knows("MLSD") {
        assert_missing(client.mlsd("nope"), Missing::NotFound).await;
    }
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}

async fn assert_missing(listing: Queued<Listing>, expected: Missing) {
    match (lines(listing).await, expected) {
        (Err(error), Missing::NotFound) => assert!(error.is_not_found(), "{error}"),
        (Ok(lines), Missing::Empty) => assert!(lines.is_empty(), "{lines:?}"),
        // Handed on, not taken for an entry.
        (Ok(lines), Missing::Complaint) => {
            let [line] = &lines[..] else {
                panic!("{lines:?}");
            };
            let line = String::from_utf8_lossy(line);
            assert!(line.contains("No such file or directory"), "{line}");
        }
        (listed, expected) => panic!("{listed:?} is not {expected:?}"),
    }
}

/// The lines of a listing that has no entries.
async fn lines(listing: Queued<Listing>) -> Result<Vec<Vec<u8>>, Error> {
    let mut listing = listing.await?;
    let mut lines = Vec::new();
    while let Some(parsed) = listing.next_entry().await {
        match parsed? {
            Parsed::Unknown(line) => lines.push(line.to_vec()),
            Parsed::Entry(entry) => panic!("{entry:?}"),
        }
    }
    Ok(lines)
}

/// LIST, and what it says unconfirmed.
fn by_list() -> ListOptions {
    ListOptions::default().command(ListCommand::List)
}
