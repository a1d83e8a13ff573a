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
