//! The client against the embedded server: the main job, end to end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::{Config, DataMode, ErrorKind, Passive, RetrieveOptions, StoreOptions, Tls};
use wharf_testing::server::Server;

async fn lab() -> (Server, wharf::Client) {
    let server = Server::builder()
        .user("ship", "harbor")
        .start()
        .await
        .unwrap();
    let config = Config::new(server.addr().ip().to_string()).port(server.addr().port());
    let client = config
        .login("ship", "harbor")
        .tls(Tls::Off)
        .connect()
        .await
        .unwrap();
    (server, client)
}

async fn store(client: &wharf::Client, path: &str, content: &[u8]) {
    let mut upload = client.store_file(path).await.unwrap();
    upload.write_all(content).await.unwrap();
    upload.finish().await.unwrap();
}

async fn retrieve(client: &wharf::Client, path: &str) -> wharf::Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut download = client.retrieve_file(path).await?;
    download
        .read_to_end(&mut all)
        .await
        .map_err(wharf::from_io)?;
    Ok(all)
}

#[tokio::test]
async fn what_was_stored_is_retrieved_in_every_mode() {
    let (_server, client) = lab().await;
    let content: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    for mode in [
        DataMode::Active,
        DataMode::Passive(Passive::Auto),
        DataMode::Passive(Passive::Extended),
        DataMode::Passive(Passive::Classic),
    ] {
        client.set_mode(mode);
        store(&client, "a.bin", &content).await;
        assert_eq!(
            retrieve(&client, "a.bin").await.unwrap(),
            content,
            "{mode:?}"
        );
    }
    client.quit().await.unwrap();
}

#[tokio::test]
async fn an_offset_retrieves_the_rest_and_overwrites_from_there() {
    let (_server, client) = lab().await;
    store(&client, "a", b"0123456789").await;
    let options = RetrieveOptions::default().offset(4).expected_size(6);
    let mut rest = String::new();
    let mut download = client.retrieve_file_with("a", options).await.unwrap();
    download.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "456789");
    let mut upload = client
        .store_file_with("a", StoreOptions::default().offset(8))
        .await
        .unwrap();
    upload.write_all(b"xyz").await.unwrap();
    upload.finish().await.unwrap();
    assert_eq!(retrieve(&client, "a").await.unwrap(), b"01234567xyz");
}

#[tokio::test]
async fn a_dropped_download_leaves_the_session_in_step() {
    let (_server, client) = lab().await;
    store(&client, "big", &vec![7; 8_000_000]).await;
    let mut download = client.retrieve_file("big").await.unwrap();
    let mut some = [0; 1000];
    download.read_exact(&mut some).await.unwrap();
    drop(download);
    assert_eq!(client.get_directory().await.unwrap().to_string(), "/");
    assert_eq!(client.size("big").await.unwrap(), 8_000_000);
}

#[tokio::test]
async fn an_unfinished_upload_is_not_a_complete_file() {
    let (server, client) = lab().await;
    let mut upload = client.store_file("half").await.unwrap();
    upload.write_all(&[1; 1000]).await.unwrap();
    upload.abort().await.unwrap();
    assert_eq!(client.get_directory().await.unwrap().to_string(), "/");
    assert!(
        !server.transcript().contains("226 "),
        "{}",
        server.transcript()
    );
}

#[tokio::test]
async fn a_missing_file_is_the_server_s_word_and_nothing_more() {
    let (_server, client) = lab().await;
    let error = retrieve(&client, "nope").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert!(error.is_not_found());
    assert_eq!(error.command(), Some("RETR nope"));
    client.noop().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_a_login_error() {
    let server = Server::builder()
        .user("ship", "harbor")
        .start()
        .await
        .unwrap();
    let config = Config::new("127.0.0.1").port(server.addr().port());
    let error = config
        .login("ship", "sunk")
        .tls(Tls::Off)
        .connect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Login);
    assert_eq!(error.code().unwrap(), 530);
    assert!(!format!("{error} {error:?}").contains("sunk"));
}

#[tokio::test]
async fn a_password_does_not_travel_in_clear_text_unasked() {
    let server = Server::builder()
        .user("ship", "harbor")
        .start()
        .await
        .unwrap();
    let config = Config::new("127.0.0.1")
        .port(server.addr().port())
        .login("ship", "harbor");
    // The server has no TLS.
    let error = config.connect().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code().unwrap().get()),
        (ErrorKind::Tls, 502)
    );
    assert!(
        server
            .commands()
            .iter()
            .all(|line| line.starts_with("AUTH "))
    );
}

#[tokio::test]
async fn limits_beyond_the_clock_are_no_limits() {
    let server = Server::builder().start().await.unwrap();
    let max = std::time::Duration::MAX;
    let client = Config::new("127.0.0.1")
        .port(server.addr().port())
        .connect_timeout(max)
        .reply_timeout(max)
        .stall_timeout(max)
        .settle_timeout(max)
        .total_timeout(max)
        .keep_alive(max)
        .connect()
        .await
        .unwrap();
    store(&client, "a", b"abc").await;
    client.set_passive(false);
    let mut download = client.retrieve_file("a").await.unwrap();
    download.read_u8().await.unwrap();
    download.abort().await.unwrap();
    assert_eq!(client.size("a").await.unwrap(), 3);
}

#[tokio::test]
async fn progress_can_be_watched_from_elsewhere() {
    let (_server, client) = lab().await;
    let mut upload = client.store_file("a").await.unwrap();
    let sent = upload.progress();
    upload.write_all(&vec![0; 70_000]).await.unwrap();
    assert_eq!(sent.bytes(), 70_000);
    upload.finish().await.unwrap();
    let mut download = client.retrieve_file("a").await.unwrap();
    let received = download.progress();
    assert_eq!(received.bytes(), 0);
    tokio::io::copy(&mut download, &mut tokio::io::sink())
        .await
        .unwrap();
    assert_eq!(received.bytes(), 70_000);
}

#[tokio::test]
async fn no_later_password_or_account_travels_in_clear_text_unasked() {
    let server = Server::builder().start().await.unwrap();
    let client = wharf::Client::connect(&server.url()).await.unwrap();
    let before = server.commands();
    for refused in [client.queue_login("ship", "harbor"), client.acct("cargo")] {
        assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Cleartext);
    }
    assert_eq!(server.commands(), before);
    // Nobody minds who sees this one.
    client.queue_login("anonymous", "me@").await.unwrap();
}

#[tokio::test]
async fn text_has_local_line_ends_here_and_network_ones_on_the_way() {
    let (_server, client) = lab().await;
    let text = "a line\n\nand another\n".repeat(10_000);
    let ascii = wharf::Representation::Ascii;
    let options = StoreOptions::default().representation(ascii);
    let mut upload = client.store_file_with("a", options).await.unwrap();
    upload.write_all(text.as_bytes()).await.unwrap();
    let sent = upload.progress();
    upload.finish().await.unwrap();
    let on_the_wire = u64::try_from(text.len() + text.lines().count()).unwrap();
    assert_eq!(sent.bytes(), on_the_wire);

    let options = RetrieveOptions::default().representation(ascii);
    let mut back = String::new();
    let mut download = client.retrieve_file_with("a", options).await.unwrap();
    download.read_to_string(&mut back).await.unwrap();
    assert!(back == text, "{} bytes of {}", back.len(), text.len());
    assert_eq!(download.bytes(), on_the_wire);
}
