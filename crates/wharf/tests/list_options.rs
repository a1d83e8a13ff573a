//! What `list_with` leaves out, how it is read, and what a named command sends.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use wharf::listing::{Dialect, ListingLimits};
use wharf::{Client, Config, ErrorKind, ListCommand, ListOptions, Listing, Parsed};
use wharf_testing::server::Server;

use common::{farewell, lines, session};

/// What is played to one transfer by this command line.
fn transfer(line: &str, data: &str) -> String {
    format!(
        "C: PASV
        L
        S: 227 Entering Passive Mode ({{pasv}}).
        C: {line}
        D+
        S: 150 Here it comes.
        D> {data}
        D.
        S: 226 Done."
    )
}

async fn names(mut listing: Listing) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(item) = listing.next_entry().await {
        match item.unwrap() {
            Parsed::Entry(entry) => names.push(entry.name_lossy().into_owned()),
            Parsed::Unknown(line) => panic!("no entry: {line:?}"),
        }
    }
    names
}

fn only(command: ListCommand) -> ListOptions {
    ListOptions::default().command(command)
}

const FACTS: &str =
    r"type=cdir; .\r\ntype=pdir; ..\r\ntype=file; .profile\r\ntype=file; README\r\n";

#[tokio::test]
async fn dots_and_hidden_names_come_as_the_caller_wants_them() {
    for (options, expected) in [
        (only(ListCommand::Mlsd), &[".profile", "README"][..]),
        (
            only(ListCommand::Mlsd).dots(true),
            &[".", "..", ".profile", "README"],
        ),
        (
            only(ListCommand::Mlsd).dots(true).hidden(false),
            &[".", "..", "README"],
        ),
        (only(ListCommand::Mlsd).hidden(false), &["README"]),
    ] {
        let (server, client) = session(&transfer("MLSD pub", FACTS)).await;
        let listing = client.list_with("pub", options).await.unwrap();
        assert_eq!(listing.command(), ListCommand::Mlsd);
        assert_eq!(listing.dialect(), Some(Dialect::Mlsx));
        assert_eq!(names(listing).await, expected);
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn a_dot_behind_a_directory_is_a_dot_too() {
    let data = r"pub/.\r\npub/..\r\npub/.profile\r\npub/README\r\n";
    let (server, client) = session(&transfer("NLST pub", data)).await;
    let options = only(ListCommand::Nlst).hidden(false);
    let listing = client.list_with("pub", options).await.unwrap();
    assert_eq!(names(listing).await, ["pub/README"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn a_dialect_that_is_named_is_not_voted_on() {
    let data = r"horse.txt\r\n";
    for (options, dialect) in [
        (only(ListCommand::List), Some(Dialect::Names)),
        (
            only(ListCommand::List).dialect(Dialect::Unix),
            Some(Dialect::Unix),
        ),
    ] {
        let (server, client) = session(&transfer("LIST pub", data)).await;
        let mut listing = client.list_with("pub", options).await.unwrap();
        let item = listing.next_entry().await.unwrap().unwrap();
        let known = matches!(item, Parsed::Entry(_));
        assert_eq!(known, dialect == Some(Dialect::Names), "{item:?}");
        assert!(listing.next_entry().await.is_none());
        assert_eq!(listing.dialect(), dialect);
        let completion = listing.completion().unwrap();
        assert_eq!(
            lines(&completion.reply),
            ["150 Here it comes.", "226 Done."]
        );
        drop(listing);
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn a_listing_of_all_that_is_below_is_asked_for_by_an_option() {
    let line = "-rw-r--r--   1 root     other        531 Jan 29  2003 deep";
    let data = format!(r"total 0\r\n\r\npub/sub:\r\n{line}\r\n");
    for (path, sent) in [
        ("pub", "LIST -R pub"),
        ("pub ", "LIST -R pub "),
        ("", "LIST -R"),
    ] {
        let (server, client) = session(&transfer(sent, &data)).await;
        let options = only(ListCommand::List).recursive(true);
        let mut listing = client.list_with(path, options).await.unwrap();
        let Some(Ok(Parsed::Entry(entry))) = listing.next_entry().await else {
            panic!("no entry");
        };
        assert_eq!(entry.section(), Some(&b"pub/sub"[..]));
        assert!(listing.next_entry().await.is_none());
        drop(listing);
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn mlsd_and_nlst_do_not_go_down() {
    let (server, client) = session("").await;
    for command in [ListCommand::Mlsd, ListCommand::Nlst] {
        let options = only(command).recursive(true);
        let error = client.list_with("pub", options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    farewell(server, client).await;
}

#[tokio::test]
async fn a_listing_may_not_be_larger_than_the_configuration_says() {
    let server = Server::builder().start().await.unwrap();
    for name in ["a", "b", "c"] {
        std::fs::write(server.root().join(name), "").unwrap();
    }
    // The directory itself has its line too.
    let limits = |lines| ListingLimits::default().with_lines(lines);
    let connect = async |limits: ListingLimits| -> Client {
        let config = Config::new("127.0.0.1").port(server.addr().port());
        config.listing_limits(limits).connect().await.unwrap()
    };
    let client = connect(limits(4)).await;
    assert_eq!(
        names(client.mlsd("").await.unwrap()).await.last().unwrap(),
        "c"
    );
    let client = connect(limits(3)).await;
    let mut listing = client.mlsd("").await.unwrap();
    let error = loop {
        match listing.next_entry().await.unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::BadResponse);
}
