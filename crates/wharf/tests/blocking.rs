//! The blocking facade: the same client, without a runtime of the caller's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Read, Write};

use tokio::net::TcpSocket;
use wharf::blocking::Client;
use wharf::listing::{Dialect, Kind, Zone};
use wharf::{Config, ErrorKind, ListCommand, ListOptions, Parsed, Tls};
use wharf_testing::server::Server;

fn lab() -> (Server, Client) {
    let server = Server::builder()
        .user("ship", "harbor")
        .blocking_start()
        .unwrap();
    let config = Config::new("127.0.0.1").port(server.addr().port());
    let client = Client::from_config(&config.login("ship", "harbor").tls(Tls::Off)).unwrap();
    (server, client)
}

#[test]
fn a_file_goes_there_and_back_through_read_and_write() {
    let (_server, client) = lab();
    let content: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 249) as u8).collect();
    let mut upload = client.store_file("a").unwrap();
    upload.write_all(&content).unwrap();
    assert_eq!(upload.bytes(), 3_000_000);
    upload.finish().unwrap();
    let mut back = Vec::new();
    client
        .retrieve_file("a")
        .unwrap()
        .read_to_end(&mut back)
        .unwrap();
    assert_eq!(back, content);
    client.quit().unwrap();
}

#[test]
fn commands_queued_without_waiting_keep_their_order() {
    let (server, client) = lab();
    let made = client.queue().make_directory("d");
    let entered = client.queue().cwd("d");
    assert_eq!(
        client
            .wait(wharf::Client::get_directory)
            .unwrap()
            .to_string(),
        "/d"
    );
    client.wait(|_| made).unwrap();
    client.wait(|_| entered).unwrap();
    let commands = server.commands();
    assert_eq!(commands[commands.len() - 3..], ["MKD d", "CWD d", "PWD"]);
}

#[test]
fn a_listing_is_an_iterator() {
    let (_server, client) = lab();
    client.store_file("one").unwrap().finish().unwrap();
    client.wait(|c| c.make_directory("two")).unwrap();
    let names: Vec<String> = client
        .list("")
        .unwrap()
        .map(|item| match item.unwrap() {
            Parsed::Entry(entry) => entry.name_lossy().into_owned(),
            Parsed::Unknown(line) => panic!("{line:?}"),
        })
        .collect();
    assert_eq!(names, ["one", "two"]);
}

#[test]
fn a_listing_says_how_it_was_made() {
    let (_server, client) = lab();
    client.store_file("one").unwrap().finish().unwrap();
    let mut listing = client.list("").unwrap();
    assert_eq!(listing.command(), ListCommand::Mlsd);
    assert!(listing.by_ref().all(|item| item.is_ok()));
    assert_eq!(listing.dialect(), Some(Dialect::Mlsx));
    let lines = client.list("").unwrap().raw().unwrap();
    assert_eq!(listing.bytes(), lines.len() as u64);
    assert!(listing.completion().is_some() && !listing.is_truncated());
    assert!(listing.tls().is_none());

    let names = client.nlst("").unwrap();
    assert_eq!(names.lines().unwrap(), ["one"]);
    let plain = ListOptions::default().command(ListCommand::List);
    let listing = client.list_with("", plain).unwrap();
    assert!(listing.raw().unwrap().ends_with(b" one\r\n"));
}

#[test]
fn what_a_path_is_and_the_server_s_zone_are_asked_for() {
    let (_server, client) = lab();
    client.store_file("one").unwrap().finish().unwrap();
    assert_eq!(client.stat("one").unwrap().kind(), Kind::File);
    assert!(client.stat("two").unwrap_err().is_not_found());
    let zone = client.detect_zone("").unwrap().unwrap();
    assert_eq!(zone.minutes(), 0);
    let listed = || {
        let plain = ListOptions::default().command(ListCommand::List);
        let item = client.list_with("", plain).unwrap().next().unwrap();
        match item.unwrap() {
            Parsed::Entry(entry) => entry.modified().unwrap().zone,
            Parsed::Unknown(line) => panic!("{line:?}"),
        }
    };
    assert_eq!(listed(), Zone::Utc);
    client.set_zone(None);
    assert_eq!(listed(), Zone::Unknown);
}

#[test]
fn a_dropped_download_leaves_the_session_in_step() {
    let (_server, client) = lab();
    let mut upload = client.store_file("big").unwrap();
    upload.write_all(&vec![3; 6_000_000]).unwrap();
    upload.finish().unwrap();
    let mut download = client.retrieve_file("big").unwrap();
    download.read_exact(&mut [0; 100]).unwrap();
    drop(download);
    assert_eq!(client.wait(|c| c.size("big")).unwrap(), 6_000_000);
}

#[test]
fn after_quit_a_call_fails_at_once() {
    let (_server, client) = lab();
    client.clone().quit().unwrap();
    let error = client.wait(wharf::Client::noop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert!(!error.was_sent());
}

#[test]
fn a_refused_connection_is_an_error_and_not_a_hang() {
    // Taken, so that nobody else comes to listen there.
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Client::from_config(&Config::new("127.0.0.1").port(port)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
}
