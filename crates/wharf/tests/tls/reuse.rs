//! Data connections resume the control connection's session, for any number of transfers.

use futures_util::StreamExt;
use wharf::ErrorKind;
use wharf_testing::server::{Resumption, Reuse, Server, ServerTls, Tickets, Versions};

use crate::harbor::{ashore, config, content, retrieve, server, store, trusting};

const DEMANDING: [Reuse; 3] = [
    Reuse::RequiredAsVsftpd,
    Reuse::RequiredAsProftpd,
    Reuse::RequiredAsFilezilla,
];

async fn many_transfers(tls: ServerTls, count: usize) -> Server {
    let (server, client) = ashore(tls).await;
    let file = content(20_000);
    for _ in 0..count {
        assert!(store(&client, "a", &file).await.unwrap());
    }
    for _ in 0..count {
        assert_eq!(retrieve(&client, "a").await.unwrap(), (file.clone(), true));
        let mut listing = client.list("").await.unwrap();
        while let Some(entry) = listing.next().await {
            entry.unwrap();
        }
    }
    client.quit().await.unwrap();
    server
}

#[tokio::test]
async fn every_data_connection_is_resumed_where_that_is_demanded() {
    for reuse in DEMANDING {
        for versions in [Versions::Tls12, Versions::Tls13] {
            many_transfers(
                ServerTls {
                    reuse,
                    versions,
                    ..ServerTls::default()
                },
                5,
            )
            .await;
        }
    }
}

#[tokio::test]
async fn a_server_that_hands_out_no_tickets_on_data_connections_is_offered_the_control_connection_s_again()
 {
    let tickets = Tickets {
        download: 0,
        upload: 0,
        ..Tickets::default()
    };
    let tls = ServerTls {
        tickets,
        reuse: Reuse::RequiredAsProftpd,
        versions: Versions::Tls13,
        ..ServerTls::default()
    };
    many_transfers(tls, 10).await;
}

#[tokio::test]
async fn a_ticket_that_is_good_for_one_connection_is_spent_on_one() {
    let tickets = Tickets {
        single_use: true,
        ..Tickets::default()
    };
    let tls = ServerTls {
        tickets,
        reuse: Reuse::RequiredAsVsftpd,
        versions: Versions::Tls13,
        ..ServerTls::default()
    };
    many_transfers(tls, 10).await;
}

#[tokio::test]
async fn session_ids_resume_tls_1_2() {
    let tls = ServerTls {
        resumption: Resumption::SessionIds,
        reuse: Reuse::RequiredAsProftpd,
        versions: Versions::Tls12,
        ..ServerTls::default()
    };
    many_transfers(tls, 5).await;
}

#[tokio::test]
async fn a_refused_session_is_an_error_of_its_own_with_the_server_s_words_and_remembered() {
    for reuse in DEMANDING {
        let tickets = Tickets {
            control: 0,
            ..Tickets::default()
        };
        let tls = ServerTls {
            tickets,
            reuse,
            ..ServerTls::default()
        };
        let server = server(tls).await;
        let config = config(&server, trusting());
        let client = config.connect().await.unwrap();
        let error = store(&client, "a", b"x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionReuse, "{error}");
        assert!(error.reply().is_some(), "{error}");

        let again = config.connect().await.unwrap();
        assert_eq!(
            again.tls().unwrap().version(),
            wharf::tls::TlsVersion::Tls12
        );
        assert!(store(&again, "a", b"x").await.unwrap());
    }
}

#[tokio::test]
async fn what_was_found_about_one_server_does_not_count_for_another_on_the_same_host() {
    let unresumable = ServerTls {
        tickets: Tickets {
            control: 0,
            ..Tickets::default()
        },
        reuse: Reuse::RequiredAsVsftpd,
        ..ServerTls::default()
    };
    let first = server(unresumable).await;
    let config = config(&first, trusting());
    let client = config.connect().await.unwrap();
    store(&client, "a", b"x").await.unwrap_err();

    let second = server(ServerTls::default()).await;
    let elsewhere = config.clone().port(second.addr().port());
    let client = elsewhere.connect().await.unwrap();
    let version = client.tls().unwrap().version();
    assert_eq!(version, wharf::tls::TlsVersion::Tls13);
}
