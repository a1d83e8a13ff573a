//! The contract's derived scenarios of active transfers: X35, X46–X50 and X61.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

mod common;
#[path = "common/data.rs"]
#[expect(dead_code, reason = "nothing is stored here")]
mod data;
#[path = "common/listing.rs"]
mod listing;
#[path = "common/memory.rs"]
mod memory;

use std::net::Ipv6Addr;
use std::time::Duration;

use tokio::time::Instant;
use wharf::{Config, DataMode, ErrorKind, Listing};
use wharf_testing::net::Tcp;
use wharf_testing::script::Script;

use common::{config, farewell, lines, session};
use data::received;
use memory::in_memory;

/// The whole of a listing.
async fn text(listing: Listing) -> Vec<u8> {
    listing.raw().await.unwrap().to_vec()
}

#[tokio::test]
async fn x35_a_550_after_bytes_keeps_the_bytes_and_closes_the_active_data() {
    // Seen to leave it open.
    let (server, client) = session(
        "
        C: PORT {port}
        S: 200 Heard.
        C: RETR a
        S: 150 Here it comes.
        D+
        D> abc
        S: 550 Disk error.
        D<end
        C: NOOP
        S: 200 Here.
        ",
    )
    .await;
    client.set_passive(false);
    let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
    assert_eq!(bytes, b"abc");
    assert_eq!(
        lines(end.unwrap_err().reply().unwrap()),
        ["150 Here it comes.", "550 Disk error."]
    );
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x46_a_refused_port_withholds_retr_and_stops_listening() {
    // Seen to send RETR all the same, and to listen on if that was answered 226.
    let (server, client) = session(
        "
        C: PORT {port}
        S: 500 What?
        C: PWD
        D+ refused
        S: 257 \"/\"
        ",
    )
    .await;
    client.set_passive(false);
    let (retr, pwd) = (client.retrieve_file("a"), client.pwd());
    let error = retr.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.code().unwrap(), 500);
    pwd.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test(start_paused = true)]
async fn x47_a_server_that_never_connects_is_given_up_and_nobody_listens_on() {
    // Seen to hang, and to listen for ever.
    let script = "
        login
        C: PORT {port}
        S: 200 Heard.
        C: RETR a
        S: 150 Here it comes.
        S: 226 Done.
        C: PWD
        D+ refused
        S: 257 \"/\"
    ";
    let limit = Duration::from_secs(45);
    let config = Config::new("harbour")
        .mode(DataMode::Active)
        .connect_timeout(limit);
    let (server, client) = in_memory(script, &config).await;
    client.logged_in().await.unwrap();
    let start = Instant::now();
    let (retr, pwd) = (client.retrieve_file("a"), client.pwd());
    let error = retr.await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), limit.as_secs());
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        lines(error.reply().unwrap()),
        ["150 Here it comes.", "226 Done."]
    );
    pwd.await.unwrap();
    server.finished().await;
}

#[tokio::test]
async fn x48_a_550_without_a_connection_stops_listening() {
    let (server, client) = session(
        "
        C: PORT {port}
        S: 200 Heard.
        C: RETR a
        S: 550 No such file.
        C: PWD
        D+ refused
        S: 257 \"/\"
        ",
    )
    .await;
    client.set_passive(false);
    let (retr, pwd) = (client.retrieve_file("a"), client.pwd());
    let error = retr.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert!(error.is_not_found());
    pwd.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x49_the_mode_is_that_of_the_call_and_not_of_the_sending() {
    // Seen as PASV; `set_passive(true)` asks by EPSV first.
    let (server, client) = session(
        "
        C: EPSV
        L
        S: 229 Entering Extended Passive Mode (|||{epsv}|)
        C: RETR a
        D+
        S: 150 Here it comes.
        D> a
        D.
        S: 226 Done.
        C: PORT {port2}
        S: 200 Heard.
        C: RETR b
        S: 150 Here it comes.
        D2+
        D2> b
        D2.
        S: 226 Done.
        C: EPSV
        L3
        S: 229 Entering Extended Passive Mode (|||{epsv3}|)
        C: NLST c
        D3+
        S: 150 Here it comes.
        D3> c
        D3.
        S: 226 Done.
        ",
    )
    .await;
    client.set_passive(true);
    let a = client.retrieve_file("a");
    client.set_passive(false);
    let b = client.retrieve_file("b");
    client.set_passive(true);
    let c = client.nlst("c");
    assert_eq!(received(a.await.unwrap()).await.0, b"a");
    assert_eq!(received(b.await.unwrap()).await.0, b"b");
    assert_eq!(text(c.await.unwrap()).await, b"c");
    farewell(server, client).await;
}

#[tokio::test]
async fn x50_over_ipv6_the_port_is_named_by_eprt() {
    // Seen to send `PORT ::1,177,11`.
    let script = "
        login
        C: EPRT {eprt}
        S: 200 Heard.
        C: RETR a
        S: 150 Here it comes.
        D+
        D> abc
        D.
        S: 226 Done.
        C: QUIT
        S: 221 Bye.
        eof
    ";
    let server = Script::new(script)
        .play_on(&Tcp, Ipv6Addr::LOCALHOST.into())
        .await;
    let client = config(&server).passive(false).connect().await.unwrap();
    let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
    assert_eq!(bytes, b"abc");
    end.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x61_the_example_of_old_sends_its_commands_in_the_order_of_its_calls() {
    let (server, client) = session(
        "
        C: PWD
        S: 257 \"/pub\"
        C: PORT {port}
        S: 200 Heard.
        C: LIST .
        S: 150 Here it comes.
        D+
        D> -rw-r--r--   1 root     other        531 Jan 29 03:26 README\\r\\n
        D.
        S: 226 Done.
        C: CDUP
        S: 250 There.
        C: PORT {port2}
        S: 200 Heard.
        C: NLST .
        S: 150 Here it comes.
        D2+
        D2> pub\\r\\n
        D2.
        S: 226 Done.
        ",
    )
    .await;
    client.set_passive(false);
    let (pwd, list, cdup, nlst) = (
        client.get_directory(),
        listing::list(&client, "."),
        client.cdup(),
        client.nlst("."),
    );
    assert_eq!(pwd.await.unwrap(), "/pub");
    assert!(text(list.await.unwrap()).await.ends_with(b"README\r\n"));
    assert_eq!(cdup.await.unwrap().code(), 250);
    assert_eq!(nlst.await.unwrap().lines().await.unwrap(), ["pub"]);
    farewell(server, client).await;
}
