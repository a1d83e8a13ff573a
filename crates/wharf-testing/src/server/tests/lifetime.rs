//! Starting, stopping and cutting off.

use std::io::{BufRead, Write};

use tokio::net::TcpListener;

use super::*;

#[tokio::test]
async fn shutdown_frees_the_port_and_removes_the_temporary_root() {
    let server = Server::builder()
        .temporary_root()
        .unwrap()
        .start()
        .await
        .unwrap();
    let (address, root) = (server.addr(), server.root().to_owned());
    let mut raw = Raw::logged_in(&server).await;
    assert_eq!(server.clients(), 1);
    raw.upload("STOR a", b"x").await;
    server.shutdown().await;
    assert_eq!(raw.reply().await, "");
    assert!(!root.exists());
    TcpListener::bind(address).await.unwrap();
}

#[tokio::test]
async fn a_given_root_stays() {
    let directory = TemporaryDirectory::new().unwrap();
    let server = Server::builder()
        .root(directory.path())
        .start()
        .await
        .unwrap();
    let mut raw = Raw::logged_in(&server).await;
    raw.upload("STOR a", b"x").await;
    server.shutdown().await;
    assert!(directory.path().join("a").exists());
    let missing = Server::builder()
        .root(directory.path().join("nope"))
        .start()
        .await;
    assert_eq!(missing.unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[tokio::test]
async fn hanging_up_cuts_every_client_and_welcomes_the_next() {
    let server = server(Options::default()).await;
    let (mut one, mut two) = (Raw::logged_in(&server).await, Raw::logged_in(&server).await);
    server.hang_up().await;
    assert_eq!(server.clients(), 0);
    assert_eq!(one.reply().await, "");
    assert_eq!(two.reply().await, "");
    Raw::logged_in(&server).await;
    assert_eq!(server.connections(), 3);
}

#[test]
fn a_server_on_its_own_thread_needs_no_runtime() {
    let server = Server::builder().blocking_start().unwrap();
    let root = server.root().to_owned();
    let stream = std::net::TcpStream::connect(server.addr()).unwrap();
    let mut reader = io::BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    (&stream).write_all(b"QUIT\r\n").unwrap();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line, "220 wharf test server ready.\r\n221 Goodbye.\r\n");
    drop(server);
    assert!(!root.exists());
}
