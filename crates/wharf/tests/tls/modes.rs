//! How TLS begins, and what is encrypted.

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

/// A server that changes over only after it has taken the first bytes of TLS for a command, as ftp-srv and
/// libunftp do, unless they come late.
async fn hasty_server(connections: usize) -> std::net::SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for _ in 0..connections {
            let (mut socket, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                socket.write_all(b"220 Hasty.\r\n").await.unwrap();
                let mut auth = [0; 10];
                socket.read_exact(&mut auth).await.unwrap();
                socket.write_all(b"234 Go on.\r\n").await.unwrap();
                let mut hello = [0; 1];
                socket.read_exact(&mut hello).await.unwrap();
                socket.write_all(b"502 What?\r\n").await.unwrap();
                // Read to the end, so that what was said is not lost with a reset.
                let mut rest = Vec::new();
                let _gone = socket.read_to_end(&mut rest).await;
            });
        }
    });
    address
}

#[tokio::test]
async fn each_of_two_clients_that_were_too_early_behind_the_234_tries_once_more() {
    let address = hasty_server(5).await;
    let config = wharf::Config::new("127.0.0.1")
        .port(address.port())
        .tls(Tls::Explicit)
        .tls_config(trusting());
    let (one, other) = tokio::join!(config.connect(), config.connect());
    for error in [one.unwrap_err(), other.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    }
    // Four connections were used up; the fifth client knows, and does not try twice.
    assert_eq!(config.connect().await.unwrap_err().kind(), ErrorKind::Tls);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
