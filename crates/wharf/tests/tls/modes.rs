//! How TLS begins, and what is encrypted.

use std::fs::File;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Barrier;
use wharf::{DataMode, ErrorKind, Passive, Tls};
use wharf_testing::server::{Mode, ServerTls, Versions};

use crate::harbor::{ashore, config, content, retrieve, server, store, trusting};

#[tokio::test]
async fn explicit_and_implicit_tls_carry_files_both_ways_in_every_version_and_mode() {
    let file = content(300_000);
    for mode in [Mode::Explicit, Mode::Implicit] {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let tls = ServerTls {
                mode,
                versions,
                ..ServerTls::default()
            };
            let (_server, client) = ashore(tls).await;
            for data in [
                DataMode::Passive(Passive::Auto),
                DataMode::Passive(Passive::Classic),
                DataMode::Active,
            ] {
                client.set_mode(data);
                assert!(store(&client, "a", &file).await.unwrap());
                assert_eq!(retrieve(&client, "a").await.unwrap(), (file.clone(), true));
            }
            client.quit().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_password_brings_tls_about_by_itself() {
    let server = server(ServerTls::default()).await;
    let client = config(&server, trusting()).connect().await.unwrap();
    assert!(client.tls().is_some());
    assert_eq!(server.commands()[..3], ["AUTH TLS", "USER ship", "PASS …"]);
}

#[tokio::test]
async fn a_server_without_tls_gets_no_password_unless_it_is_said_by_name() {
    let server = wharf_testing::server::Server::builder()
        .user("ship", "harbor")
        .start()
        .await
        .unwrap();
    let config = config(&server, trusting());
    for (tls, kind) in [
        (Tls::RequiredForPasswords, ErrorKind::Tls),
        (Tls::Explicit, ErrorKind::Tls),
        (Tls::IfOffered, ErrorKind::Cleartext),
    ] {
        let error = config.clone().tls(tls).connect().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{tls:?}: {error}");
    }
    assert!(!server.transcript().contains("PASS"));
    // Nor by hand.
    let client = config.clone().no_login().connect().await.unwrap();
    let error = client.command("PASS harbor").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.was_sent()),
        (ErrorKind::Cleartext, false)
    );
    assert!(!server.transcript().contains("PASS"));
    for tls in [Tls::IfOfferedElsePlaintext, Tls::Off] {
        let client = config.clone().tls(tls).connect().await.unwrap();
        assert!(client.tls().is_none());
    }
}

/// A server that takes the first bytes of TLS for a command, as ftp-srv and libunftp do unless they come late; and
/// how many connections it has had. The first two are answered once both have begun, so that neither learns from
/// the other.
async fn hasty_server() -> (std::net::SocketAddr, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let both = Arc::new(Barrier::new(2));
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let earlier = counter.fetch_add(1, Ordering::Relaxed);
            let both = Arc::clone(&both);
            tokio::spawn(async move {
                socket.write_all(b"220 Hasty.\r\n").await.unwrap();
                let mut auth = [0; 10];
                socket.read_exact(&mut auth).await.unwrap();
                socket.write_all(b"234 Go on.\r\n").await.unwrap();
                socket.read_exact(&mut [0]).await.unwrap();
                if earlier < 2 {
                    both.wait().await;
                }
                socket.write_all(b"502 What?\r\n").await.unwrap();
                // Read to the end, so that what was said is not lost with a reset.
                let _gone = socket.read_to_end(&mut Vec::new()).await;
            });
        }
    });
    (address, connections)
}

#[tokio::test]
async fn each_of_two_clients_that_were_too_early_behind_the_234_tries_once_more() {
    let (address, connections) = hasty_server().await;
    let config = wharf::Config::new("127.0.0.1")
        .port(address.port())
        .tls(Tls::Explicit)
        .tls_config(trusting());
    let (one, other) = tokio::join!(config.connect(), config.connect());
    for error in [one.unwrap_err(), other.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 4);
    // A client that knows takes its time, and does not try twice.
    assert_eq!(config.connect().await.unwrap_err().kind(), ErrorKind::Tls);
    assert_eq!(connections.load(Ordering::Relaxed), 5);
}

/// What reads the pipe waits for this test to come by, or for as long as it takes to be sure that it does not.
#[cfg(unix)]
#[tokio::test]
async fn other_tasks_go_on_while_a_connection_waits_for_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("key log");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let (came_by, coming) = mpsc::channel();
    let reader = {
        let pipe = pipe.clone();
        thread::spawn(move || {
            let came = coming.recv_timeout(Duration::from_secs(20)).is_ok();
            // Whoever opens a pipe to write waits for this.
            std::io::copy(&mut File::open(pipe).unwrap(), &mut std::io::sink()).unwrap();
            came
        })
    };

    let server = server(ServerTls::default()).await;
    let config = config(&server, trusting().key_log(pipe));
    let connecting = tokio::spawn(async move { config.connect().await });
    tokio::task::yield_now().await;
    let _late = came_by.send(());
    connecting.await.unwrap().unwrap().quit().await.unwrap();
    assert!(reader.join().unwrap());
}
