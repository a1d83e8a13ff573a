//! The contract's derived scenarios of listings, names and whole sessions: X52 and X56–X59.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

mod common;
#[path = "common/data.rs"]
mod data;
#[path = "common/listing.rs"]
mod listing;

use tokio::io::AsyncReadExt;
use wharf::{
    Client, Config, DataMode, ErrorKind, Parsed, Passive, Result, RetrieveOptions, StoreOptions,
    Tls, from_io,
};
use wharf_testing::server::Server;

use common::{farewell, lines, session};
use data::{received, stored};

/// A session in which LIST of the working directory is answered with these data steps and 226.
async fn listed(data: &str) -> Vec<Result<Parsed>> {
    let (server, client) = session(&format!(
        "
        C: PASV
        L
        S: 227 Entering Passive Mode ({{pasv}}).
        C: LIST
        D+
        S: 150 Here it comes.
        {data}
        S: 226 Done.
        "
    ))
    .await;
    let mut listing = listing::list(&client, "").await.unwrap();
    let mut items = Vec::new();
    while let Some(item) = listing.next_entry().await {
        items.push(item);
    }
    drop(listing);
    farewell(server, client).await;
    items
}

fn name(item: &Result<Parsed>) -> &[u8] {
    match item {
        Ok(Parsed::Entry(entry)) => entry.name(),
        other => panic!("no entry: {other:?}"),
    }
}

#[tokio::test]
async fn x52_the_last_line_of_a_listing_counts_without_its_end() {
    // Seen to be lost.
    let items = listed(
        "
        D> -rw-r--r--   1 root     other        531 Jan 29 03:26 README\\r\\n
        D> -rw-r--r--   1 root     other        531 Jan 29 03:26 LAST
        D.
        ",
    )
    .await;
    let names: Vec<_> = items.iter().map(name).collect();
    assert_eq!(names, [&b"README"[..], b"LAST"]);
}

#[tokio::test]
async fn x52_a_line_of_20_kb_is_handed_on_and_hides_nothing() {
    // Seen to empty the listing.
    let items = listed(
        "
        D>* 20000 x
        D> \\r\\n
        D> -rw-r--r--   1 root     other        531 Jan 29 03:26 README\\r\\n
        D.
        ",
    )
    .await;
    assert_eq!(items.len(), 2);
    assert!(
        matches!(&items[0], Ok(Parsed::Unknown(line)) if line.len() == 20_000),
        "{:?}",
        items[0]
    );
    assert_eq!(name(&items[1]), b"README");
}

#[tokio::test]
async fn x52_a_line_without_end_is_an_error_and_not_the_end() {
    // Seen to be a success with what came before it. The client hangs up, so the server's 226 is
    // its answer to that.
    let (server, client) = session(
        "
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: LIST
        D+
        S: 150 Here it comes.
        D>* forever x
        S: 426 Aborted.
        C: PWD
        S: 257 \"/\"
        C: NOOP
        S: 200 Here.
        ",
    )
    .await;
    let mut listing = listing::list(&client, "").await.unwrap();
    let error = listing.next_entry().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
    assert!(listing.next_entry().await.is_none());
    drop(listing);
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x52_a_line_without_a_column_neither_ends_the_listing_nor_is_lost() {
    // Seen to end it, with success. A missing group is common enough to be read; a line that lacks
    // its size as well is handed on as it is.
    let items = listed(
        "
        D> -rw-r--r--   1 root     531 Jan 29 03:26 NOGROUP\\r\\n
        D> -rw-r--r--   root Jan 29 03:26 NOSIZE\\r\\n
        D> -rw-r--r--   1 root     other        531 Jan 29 03:26 README\\r\\n
        D.
        ",
    )
    .await;
    assert_eq!(items.len(), 3);
    assert_eq!(name(&items[0]), b"NOGROUP");
    assert!(
        matches!(&items[1], Ok(Parsed::Unknown(_))),
        "{:?}",
        items[1]
    );
    assert_eq!(name(&items[2]), b"README");
}

#[tokio::test]
async fn x56_a_listing_of_nothing_named_sends_no_blank() {
    // Seen to send `LIST` and a blank, which is a syntax error to some servers.
    for verb in ["LIST", "NLST", "MLSD"] {
        let (server, client) = session(&format!(
            "C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: {verb}\nS: 550 No."
        ))
        .await;
        let error = match verb {
            "LIST" => listing::list(&client, "").await,
            "NLST" => client.nlst("").await,
            _ => client.mlsd("").await,
        };
        assert_eq!(error.unwrap_err().command(), Some(verb));
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn x57_the_directory_is_read_between_the_quotes_that_enclose_it() {
    for (reply, path) in [
        // Seen as `/x""y`: RFC 959 appendix II has a quote within the path doubled.
        (r#"257 "/x""y" is the current directory."#, r#"/x"y"#),
        (r#"257 "/a" is the "cur" dir"#, "/a"),
        (r#"257 "/a"b" is current"#, r#"/a"b"#),
        (r#"257 "" is nowhere"#, ""),
        (r#"257 "/a b" "#, "/a b"),
    ] {
        let (server, client) = session(&format!("C: PWD\nS: {reply}")).await;
        assert_eq!(client.get_directory().await.unwrap(), path, "{reply}");
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn x57_the_last_line_of_a_longer_257_names_the_directory() {
    let (server, client) = session("C: PWD\nS: 257-You are in\nS: 257 \"/a\"").await;
    assert_eq!(client.get_directory().await.unwrap(), "/a");
    farewell(server, client).await;
}

#[tokio::test]
async fn x57_a_reply_without_a_directory_is_a_bad_one() {
    for reply in ["257 /a", "250 \"/a\""] {
        let (server, client) = session(&format!("C: PWD\nS: {reply}")).await;
        let error = client.get_directory().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadResponse);
        assert_eq!(lines(error.reply().unwrap()), [reply]);
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn x58_a_receiver_that_can_only_be_written_to_gets_all_bytes_and_the_verdict() {
    // The original hands such a receiver the bytes alone, without their end. Here the copy ends
    // with the transfer's verdict.
    for (verdict, good) in [("226 Done.", true), ("426 Read error.", false)] {
        let (server, client) = session(&format!(
            "
            C: PASV
            L
            S: 227 Entering Passive Mode ({{pasv}}).
            C: RETR a
            D+
            S: 150 Here it comes.
            D>* 100000 x
            D.
            S: {verdict}
            "
        ))
        .await;
        let mut download = client.retrieve_file("a").await.unwrap();
        let mut receiver = Vec::new();
        let copied = tokio::io::copy(&mut download, &mut receiver).await;
        assert_eq!(receiver.len(), 100_000);
        match copied {
            Ok(bytes) => assert!(good && bytes == 100_000),
            Err(error) => {
                assert!(!good);
                assert_eq!(lines(from_io(error).reply().unwrap())[1], verdict);
            }
        }
        drop(download);
        farewell(server, client).await;
    }
}

/// A whole session: every kind of command, failures in between.
async fn everything(client: &Client) {
    client.make_directory("dock").await.unwrap();
    client.cwd("dock").await.unwrap();
    assert_eq!(client.get_directory().await.unwrap(), "/dock");
    stored(client.store_file("a.txt"), b"0123456789")
        .await
        .unwrap();
    let upload = client.store_file_with("a.txt", StoreOptions::default().offset(8));
    stored(upload, b"xyz").await.unwrap();

    let options = RetrieveOptions::default().offset(4);
    let download = client.retrieve_file_with("a.txt", options).await.unwrap();
    assert_eq!(received(download).await.0, b"4567xyz");
    let listing = listing::list(client, "").await.unwrap();
    let raw = listing.raw().await.unwrap();
    assert!(raw.ends_with(b"a.txt\r\n"), "{raw:?}");
    let names = client.nlst("").await.unwrap().lines().await.unwrap();
    assert_eq!(names, ["a.txt"]);

    let missing = client.retrieve_file("nope").await.unwrap_err();
    assert!(missing.is_not_found());
    let missing = client.rename("nope", "b").await.unwrap_err();
    assert_eq!(missing.command(), Some("RNFR nope"));
    client.rename("a.txt", "b.txt").await.unwrap();
    assert!(client.features().await.unwrap().rest_stream());

    client.cdup().await.unwrap();
    assert_eq!(client.get_directory().await.unwrap(), "/");
    let full = client.remove_directory("dock").await.unwrap_err();
    assert_eq!(full.kind(), ErrorKind::CommandFailed);
    client.remove_file("dock/b.txt").await.unwrap();
    client.remove_directory("dock").await.unwrap();
}

#[tokio::test]
async fn x59_a_whole_session_succeeds_in_every_mode() {
    let server = Server::builder()
        .user("ship", "harbor")
        .start()
        .await
        .unwrap();
    let config = Config::new("127.0.0.1").port(server.addr().port());
    let config = config.login("ship", "harbor").tls(Tls::Off);
    for mode in [
        DataMode::Active,
        DataMode::Passive(Passive::Classic),
        DataMode::Passive(Passive::Extended),
    ] {
        let client = config.clone().mode(mode).connect().await.unwrap();
        everything(&client).await;
        assert_eq!(client.quit().await.unwrap().code(), 221);
    }
    let mut left = tokio::fs::read_dir(server.root()).await.unwrap();
    assert!(left.next_entry().await.unwrap().is_none());
}

#[tokio::test]
async fn x59_a_download_can_be_read_piece_by_piece() {
    let server = Server::builder().start().await.unwrap();
    std::fs::write(server.root().join("a"), "0123456789").unwrap();
    let client = Config::new("127.0.0.1")
        .port(server.addr().port())
        .connect()
        .await
        .unwrap();
    let mut download = client.retrieve_file("a").await.unwrap();
    let mut bytes = Vec::new();
    while let Ok(byte) = download.read_u8().await {
        bytes.push(byte);
    }
    assert_eq!(bytes, b"0123456789");
    assert_eq!(download.completion().unwrap().reply.code(), 226);
}
