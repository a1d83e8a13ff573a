//! The contract's client tests of transfers: T8–T20, T39, T40 and T54–T57.
//!
//! `D<eof` behind `D.` has the client see the end of the data before the server's last word, which is
//! the order in which a client could take the one for the other.

mod common;
#[path = "common/data.rs"]
mod data;
#[path = "common/listing.rs"]
mod listing;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::{Config, DataMode, ErrorKind, Listing, Queued, Tls, TrustAddress, from_io};
use wharf_testing::script::Script;
use wharf_testing::server::{Options, Server};

use common::{config, farewell, lines, session};
use data::{received, stored};

/// The two ways to a data connection, as a script's beginning: what comes before the command.
const PASSIVE: &str = "
    C: PASV
    L
    S: 227 Entering Passive Mode ({pasv}).
";
const ACTIVE: &str = "
    C: PORT {port}
    S: 200 PORT OK
";

/// A listing as `ls -l` prints it, in a transcript's words.
const LS: &str = r"
    D> drwxr-xr-x   0 spam     users           0 Oct 10 2006 foo\r\n
    D> -rw-r--r--   3 spam     users         100 Oct 10 2006 bar\r\n
    D> -rw-r--r--   4 spam     users         100 Oct 10 2006 baz\r\n
";

/// The names of a listing, all of whose lines must be entries.
async fn names(listing: Queued<Listing>) -> Vec<String> {
    let mut listing = listing.await.expect("a listing that begins");
    let mut names = Vec::new();
    while let Some(parsed) = listing.next_entry().await {
        match parsed.expect("a listing that goes on") {
            wharf::Parsed::Entry(entry) => names.push(entry.name_lossy().into_owned()),
            wharf::Parsed::Unknown(line) => panic!("no entry: {line:?}"),
        }
    }
    assert_eq!(
        listing
            .completion()
            .expect("the listing is over")
            .reply
            .code(),
        226
    );
    names
}

#[tokio::test]
async fn t8_a_file_is_retrieved_over_a_passive_connection() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: RETR spam
        D+
        S: 150 File status okay; about to open data connection.
        D>* 1000 x
        D.
        D<eof
        S: 226 Transfer Complete."
    ))
    .await;
    let (bytes, end) = received(client.retrieve_file("spam").await.unwrap()).await;
    assert_eq!(bytes, [b'x'; 1000]);
    let completion = end.unwrap();
    assert_eq!(completion.address.code(), 227);
    assert_eq!(
        lines(&completion.reply),
        [
            "150 File status okay; about to open data connection.",
            "226 Transfer Complete."
        ]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn t9_a_file_is_retrieved_over_an_active_connection() {
    let (server, client) = session(&format!(
        "{ACTIVE}
        C: RETR spam
        D+
        S: 150 File status okay; about to open data connection.
        D>* 1000 x
        D.
        S: 226 Transfer Complete."
    ))
    .await;
    client.set_passive(false);
    let (bytes, end) = received(client.retrieve_file("spam").await.unwrap()).await;
    assert_eq!(bytes, [b'x'; 1000]);
    assert_eq!(lines(&end.unwrap().address), ["200 PORT OK"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn t9_the_mode_is_the_one_of_the_call() {
    let (server, client) = session(&format!(
        "{ACTIVE}
        C: RETR spam
        D+
        S: 150 Here it comes.
        D> x
        D.
        S: 226 Transfer Complete."
    ))
    .await;
    client.set_passive(false);
    let download = client.retrieve_file("spam");
    client.set_passive(true);
    let (bytes, end) = received(download.await.unwrap()).await;
    assert_eq!(bytes, b"x");
    end.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn t10_a_refusal_after_the_mark_fails_the_download() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: RETR spam
        D+
        S: 150 File status okay; about to open data connection.
        D.
        D<eof
        S: 550 spam: No such file or directory"
    ))
    .await;
    let (bytes, end) = received(client.retrieve_file("spam").await.unwrap()).await;
    assert_eq!(bytes, b"");
    let error = end.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.code().unwrap(), 550);
    assert_eq!(error.command(), Some("RETR spam"));
    farewell(server, client).await;
}

#[tokio::test]
async fn t11_a_lost_control_connection_fails_the_download_however_its_data_ended() {
    let server = Script::new(&*format!(
        "login
        {ACTIVE}
        C: RETR spam
        D+
        S: 150 File status okay; about to open data connection.
        D>* 500 x
        D.
        D<eof
        close
        eof"
    ))
    .play()
    .await;
    let config = config(&server).mode(DataMode::Active);
    let client = config.connect().await.unwrap();
    let (bytes, end) = received(client.retrieve_file("spam").await.unwrap()).await;
    assert_eq!(bytes, [b'x'; 500], "what had come was handed on");
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionLost);
    server.finished().await;
}

#[tokio::test]
async fn t12_a_file_is_stored_over_a_passive_connection() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: STOR spam
        D+
        S: 150 File status okay; about to open data connection.
        D<* 1000 x
        D<eof
        D..
        S: 226 Transfer Complete."
    ))
    .await;
    let completion = stored(client.store_file("spam"), &[b'x'; 1000]).await;
    assert_eq!(
        lines(&completion.unwrap().reply)[1],
        "226 Transfer Complete."
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn t13_a_refusal_after_the_last_byte_fails_the_upload() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: STOR spam
        D+
        S: 150 File status okay; about to open data connection.
        D<* 1000 x
        D<eof
        D..
        S: 426 Transfer aborted.  Data connection closed."
    ))
    .await;
    // The writer was had, and every byte was taken: only the end tells.
    let mut upload = client.store_file("spam").await.unwrap();
    upload.write_all(&[b'x'; 1000]).await.unwrap();
    let error = upload.finish().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.code().unwrap(), 426);
    farewell(server, client).await;
}

#[tokio::test]
async fn t14_a_file_is_stored_over_an_active_connection() {
    let (server, client) = session(&format!(
        "{ACTIVE}
        C: STOR spam
        D+
        S: 150 File status okay; about to open data connection.
        D<* 1000 x
        D<eof
        D..
        S: 226 Transfer Complete."
    ))
    .await;
    client.set_passive(false);
    let completion = stored(client.store_file("spam"), &[b'x'; 1000]).await;
    assert_eq!(completion.unwrap().reply.code(), 226);
    farewell(server, client).await;
}

#[tokio::test]
async fn t15_a_directory_is_listed_over_a_passive_connection() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: LIST foo/bar
        D+
        S: 150 Here comes the directory listing.
        {LS}
        D.
        S: 226 Transfer Complete."
    ))
    .await;
    assert_eq!(
        names(listing::list(&client, "foo/bar")).await,
        ["foo", "bar", "baz"]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn t16_a_directory_is_listed_over_an_active_connection() {
    let (server, client) = session(&format!(
        "{ACTIVE}
        C: LIST foo/bar
        D+
        S: 150 Here comes the directory listing.
        {LS}
        D.
        S: 226 Transfer Complete."
    ))
    .await;
    client.set_passive(false);
    assert_eq!(
        names(listing::list(&client, "foo/bar")).await,
        ["foo", "bar", "baz"]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn t17_a_refused_listing_is_an_error_and_not_an_empty_directory() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: LIST foo/bar
        D+
        S: 150 Here comes the directory listing.
        D.
        D<eof
        S: 550 foo/bar: No such file or directory"
    ))
    .await;
    let mut listing = listing::list(&client, "foo/bar").await.unwrap();
    let error = listing.next_entry().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.code().unwrap(), 550);
    assert!(listing.next_entry().await.is_none(), "nothing follows it");
    drop(listing);
    farewell(server, client).await;
}

#[tokio::test]
async fn t18_names_are_listed_over_an_active_connection() {
    let (server, client) = session(&format!(
        r"{ACTIVE}
        C: NLST foo/bar
        D+
        S: 150 Here comes the list of names.
        D> foo\r\nbar\r\nbaz\r\n
        D.
        S: 226 Transfer Complete."
    ))
    .await;
    client.set_passive(false);
    let listing = client.nlst("foo/bar").await.unwrap();
    assert_eq!(listing.lines().await.unwrap(), ["foo", "bar", "baz"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn t19_names_are_listed_over_a_passive_connection() {
    let (server, client) = session(&format!(
        r"{PASSIVE}
        C: NLST foo/bar
        D+
        S: 150 Here comes the list of names.
        D> foo\r\nbar\r\nbaz\r\n
        D.
        S: 226 Transfer Complete."
    ))
    .await;
    let listing = client.nlst("foo/bar").await.unwrap();
    assert_eq!(listing.raw().await.unwrap(), "foo\r\nbar\r\nbaz\r\n");
    farewell(server, client).await;
}

#[tokio::test]
async fn t20_a_refused_list_of_names_is_an_error() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: NLST foo/bar
        D+
        S: 150 Here comes the list of names.
        D.
        D<eof
        S: 550 foo/bar: No such file or directory"
    ))
    .await;
    let listing = client.nlst("foo/bar").await.unwrap();
    let error = listing.lines().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.code().unwrap(), 550);
    farewell(server, client).await;
}

#[tokio::test]
async fn t39_data_goes_to_the_control_peer_whatever_host_the_reply_names() {
    let (server, client) = session(
        "
        C: PASV
        # The port is free at 127.0.0.2 too; whoever dials that host finds nobody.
        L
        S: 227 Entering Passive Mode (127,0,0,2,{pasv-port}).
        C: RETR spam
        D+
        S: 150 File status okay; about to open data connection.
        D> x
        D.
        S: 226 Transfer Complete.",
    )
    .await;
    let (bytes, end) = received(client.retrieve_file("spam").await.unwrap()).await;
    assert_eq!(bytes, b"x");
    end.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn t40_data_goes_to_the_host_of_the_reply_where_it_is_trusted() {
    let script = "
        login
        C: PASV
        L 127.0.0.2
        S: 227 Entering Passive Mode ({pasv}).
        C: RETR spam
        D+
        S: 150 File status okay; about to open data connection.
        D> x
        D.
        S: 226 Transfer Complete.
        C: QUIT
        S: 221 Goodbye.
        eof";
    let server = Script::new(script).play().await;
    let config = config(&server).trust_address(TrustAddress::Always);
    let client = config.connect().await.unwrap();
    let (bytes, end) = received(client.retrieve_file("spam").await.unwrap()).await;
    assert_eq!(bytes, b"x");
    let completion = end.unwrap();
    assert!(lines(&completion.address)[0].contains("(127,0,0,2,"));
    farewell(server, client).await;
}

#[tokio::test]
async fn t54_a_store_without_permission_is_refused_in_the_server_s_words() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: STOR foo
        D+
        S: 550 foo: Permission denied.
        D<end"
    ))
    .await;
    // The original hands a writer out first. wharf waits for the server's consent, so that no byte is
    // written to a file that will not be.
    let error = client.store_file("foo").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(
        lines(error.reply().unwrap()),
        ["550 foo: Permission denied."]
    );
    assert!(error.is_permission_denied());
    farewell(server, client).await;
}

#[tokio::test]
async fn t54_anonymous_cannot_store_on_a_server_that_is_only_read() {
    let options = Options {
        read_only: true,
        ..Options::default()
    };
    let server = Server::builder().options(options).start().await.unwrap();
    let client = wharf::Client::connect(&server.url()).await.unwrap();
    let error = client.store_file("foo").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.code().unwrap(), 550);
    assert!(!server.root().join("foo").exists());
    client.noop().await.unwrap();
}

#[tokio::test]
async fn t55_a_store_onto_a_directory_is_refused_in_the_server_s_words() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: STOR failing_file
        D+
        S: 550 failing_file: is a directory
        D<end"
    ))
    .await;
    let error = client.store_file("failing_file").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(
        lines(error.reply().unwrap()),
        ["550 failing_file: is a directory"]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn t55_the_embedded_server_stores_no_file_over_a_directory() {
    let server = Server::builder()
        .user("ship", "harbor")
        .start()
        .await
        .unwrap();
    std::fs::create_dir(server.root().join("hold")).unwrap();
    let config = Config::new("127.0.0.1").port(server.addr().port());
    let config = config.login("ship", "harbor").tls(Tls::Off);
    let client = config.connect().await.unwrap();
    let error = stored(client.store_file("hold"), b"x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.code().unwrap(), 553);
    assert!(server.root().join("hold").is_dir());
    client.noop().await.unwrap();
}

#[tokio::test]
async fn t56_a_store_that_the_server_aborts_fails_with_its_426() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: STOR foo
        D+
        S: 426 Transfer aborted.  Data connection closed.
        D<end"
    ))
    .await;
    let error = client.store_file("foo").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(
        lines(error.reply().unwrap()),
        ["426 Transfer aborted.  Data connection closed."]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn t56_a_store_aborted_midway_fails_the_write_that_comes_next() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: STOR foo
        D+
        S: 150 Go on.
        D< x
        D!
        S: 426 Transfer aborted.  Data connection closed."
    ))
    .await;
    let mut upload = client.store_file("foo").await.unwrap();
    upload.write_all(b"x").await.unwrap();
    // However many writes the socket still takes, the file's end is not one of success.
    let error = loop {
        if let Err(error) = upload.write_all(&[0; 4096]).await {
            break from_io(error);
        }
    };
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.code().unwrap(), 426);
    drop(upload);
    farewell(server, client).await;
}

#[tokio::test]
async fn t57_the_error_of_a_download_has_the_mark_s_line_too() {
    let (server, client) = session(&format!(
        "{PASSIVE}
        C: RETR blah
        D+
        S: 125 Data connection already open, starting transfer
        D.
        D<eof
        S: 550 blah: is a directory"
    ))
    .await;
    let mut download = client.retrieve_file("blah").await.unwrap();
    let mut byte = [0];
    let error = from_io(download.read(&mut byte).await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(
        lines(error.reply().unwrap()),
        [
            "125 Data connection already open, starting transfer",
            "550 blah: is a directory"
        ]
    );
    drop(download);
    farewell(server, client).await;
}
