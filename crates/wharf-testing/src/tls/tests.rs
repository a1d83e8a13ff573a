//! The TLS peer against rustls: what it sends is what a client gets, and the other way round.

use std::{io, sync::Arc, time::Duration};

use rustls::{
    AlertDescription, CipherSuite, ClientConfig, ContentType, Error, PeerMisbehaved,
    SupportedCipherSuite,
    crypto::{CryptoProvider, aws_lc_rs},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    accept::{Acceptance, Resumption, Versions},
    authority::{Authority, Leaf},
    handshake::Handshake,
    message,
    peer::{Ending, Level, TlsPeer},
    record::{self, MAX_PAYLOAD},
};
use crate::net::{Memory, MemoryStream};

type Peer = TlsPeer<MemoryStream>;
type Client = TlsStream<MemoryStream>;

const BOTH: [Versions; 2] = [Versions::Tls12, Versions::Tls13];

fn acceptance(versions: Versions) -> Acceptance {
    Acceptance {
        versions,
        ..Acceptance::default()
    }
}

fn config_with(suites: &[SupportedCipherSuite]) -> Arc<ClientConfig> {
    let provider = CryptoProvider {
        cipher_suites: suites.to_vec(),
        ..aws_lc_rs::default_provider()
    };
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(Authority::shared().roots())
        .with_no_client_auth();
    Arc::new(config)
}

fn config() -> Arc<ClientConfig> {
    config_with(aws_lc_rs::DEFAULT_CIPHER_SUITES)
}

/// Both ends of a connection.
async fn connection() -> (MemoryStream, MemoryStream) {
    let net = Memory::new();
    let at = "127.0.0.1:990".parse().unwrap();
    let mut listener = net.listen(at).unwrap();
    let near = net.connect(at).unwrap();
    (near, listener.accept().await)
}

async fn connect(config: &Arc<ClientConfig>, stream: MemoryStream) -> io::Result<Client> {
    let name = "localhost".try_into().unwrap();
    TlsConnector::from(Arc::clone(config))
        .connect(name, stream)
        .await
}

/// A client and a peer, the handshake behind them.
async fn pair(config: &Arc<ClientConfig>, acceptance: &Acceptance) -> (Client, Peer) {
    let (near, far) = connection().await;
    let (client, peer) = tokio::join!(connect(config, near), TlsPeer::accept(far, acceptance));
    (client.unwrap(), peer.unwrap())
}

/// The same, with the tickets held back.
async fn pair_without_tickets(
    config: &Arc<ClientConfig>,
    acceptance: &Acceptance,
) -> (Client, Peer) {
    let (near, far) = connection().await;
    let handshake = Handshake::new(far, acceptance).unwrap();
    let (client, peer) = tokio::join!(connect(config, near), handshake.finish());
    (client.unwrap(), peer.unwrap())
}

/// What a client has to say of what it reads.
async fn fault(client: &mut Client) -> Error {
    let error = client.read_to_end(&mut Vec::new()).await.unwrap_err();
    *error.into_inner().unwrap().downcast::<Error>().unwrap()
}

/// What rustls found on our side.
fn fault_of<T: std::fmt::Debug>(result: io::Result<T>) -> Error {
    let error = result.unwrap_err();
    *error.into_inner().unwrap().downcast::<Error>().unwrap()
}

#[tokio::test]
async fn data_crosses_in_records_of_every_size_under_every_cipher() {
    for suite in aws_lc_rs::ALL_CIPHER_SUITES {
        let signed_otherwise = format!("{:?}", suite.suite()).contains("RSA");
        if signed_otherwise || suite.suite() == CipherSuite::TLS13_AES_128_GCM_SHA256 {
            continue;
        }
        let (mut client, mut peer) = pair(&config_with(&[*suite]), &Acceptance::default()).await;
        assert_eq!(peer.is_tls13(), suite.tls13().is_some());
        let data: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        for size in [1, 100, MAX_PAYLOAD] {
            let part = &data[..(5 * size).min(data.len())];
            let mut got = vec![0; part.len()];
            let (sent, read) = tokio::join!(
                peer.send_pieces(ContentType::ApplicationData, part, size),
                client.read_exact(&mut got)
            );
            sent.unwrap();
            read.unwrap();
            assert!(got == part, "{suite:?}, {size}");
        }
        client.write_all(&data[..50_000]).await.unwrap();
        client.shutdown().await.unwrap();
        let end = Ending::Alert(AlertDescription::CloseNotify);
        assert!(peer.read_to_end().await.unwrap() == (data[..50_000].to_vec(), end));
    }
}

#[tokio::test]
async fn the_clients_records_are_seen_one_by_one() {
    for versions in BOTH {
        let (mut client, mut peer) = pair(&config(), &acceptance(versions)).await;
        client.write_all(&vec![7; MAX_PAYLOAD + 1]).await.unwrap();
        client.flush().await.unwrap();
        let first = peer.read_record().await.unwrap().unwrap();
        assert_eq!(first.payload.len(), MAX_PAYLOAD);
        assert_eq!(
            (first.kind, first.alert()),
            (ContentType::ApplicationData, None)
        );
        assert_eq!(peer.read_record().await.unwrap().unwrap().payload, [7]);
        client.write_all(b"QUIT\r\nNO").await.unwrap();
        client.flush().await.unwrap();
        assert_eq!(peer.read_line().await.unwrap(), "QUIT");
        client.get_mut().0.shutdown().await.unwrap();
        let rest = peer.read_to_end().await.unwrap();
        assert_eq!(rest, (b"NO".to_vec(), Ending::Fin));
    }
}

#[tokio::test]
async fn keys_change_on_either_side_as_often_as_they_like() {
    let (mut client, mut peer) = pair(&config(), &acceptance(Versions::Tls13)).await;
    for requested in [false, true, true] {
        peer.send_key_update(requested).await.unwrap();
        peer.send_data(b"x").await.unwrap();
        client.read_exact(&mut [0]).await.unwrap();
        client.write_all(b"y").await.unwrap();
        client.flush().await.unwrap();
        if requested {
            let answer = peer.read_record().await.unwrap().unwrap();
            assert_eq!(answer.payload, message::key_update(false));
        }
        assert_eq!(peer.read_record().await.unwrap().unwrap().payload, b"y");
    }
    client.get_mut().1.refresh_traffic_keys().unwrap();
    client.write_all(b"z\n").await.unwrap();
    client.flush().await.unwrap();
    assert_eq!(peer.read_line().await.unwrap(), "z");

    let (_client, mut peer) = pair(&config(), &acceptance(Versions::Tls12)).await;
    peer.send_key_update(false).await.unwrap_err();
}

#[tokio::test]
async fn records_may_be_empty_and_in_tls_1_3_padded() {
    for versions in BOTH {
        let (mut client, mut peer) = pair(&config(), &acceptance(versions)).await;
        for _ in 0..3 {
            peer.send_record(ContentType::ApplicationData, b"")
                .await
                .unwrap();
        }
        if peer.is_tls13() {
            for zeros in [0, 1, 2, 100] {
                let padded = peer
                    .seal_padded(ContentType::ApplicationData, b"p", zeros)
                    .unwrap();
                let plain = peer.seal(ContentType::ApplicationData, b"q").unwrap();
                assert_eq!(padded.len(), plain.len() + zeros);
                peer.send(&[padded, plain].concat()).await.unwrap();
                let mut got = [0; 2];
                client.read_exact(&mut got).await.unwrap();
                assert_eq!(&got, b"pq");
            }
        }
        peer.send_data(b"end").await.unwrap();
        peer.close_notify().await.unwrap();
        let mut got = Vec::new();
        client.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, b"end");
    }
}

#[tokio::test]
async fn what_breaks_the_rules_is_seen_to_break_them() {
    for versions in BOTH {
        let (mut client, mut peer) = pair(&config(), &acceptance(versions)).await;
        let oversized = vec![0; MAX_PAYLOAD + 1];
        let _ = peer
            .send_record(ContentType::ApplicationData, &oversized)
            .await;
        assert_eq!(fault(&mut client).await, Error::PeerSentOversizedRecord);

        let (mut client, mut peer) = pair(&config(), &acceptance(versions)).await;
        let mut garbage = peer.seal(ContentType::ApplicationData, b"data").unwrap();
        *garbage.last_mut().unwrap() ^= 1;
        peer.send(&garbage).await.unwrap();
        assert_eq!(fault(&mut client).await, Error::DecryptError);

        let (mut client, mut peer) = pair(&config(), &acceptance(versions)).await;
        let clear = record::plain(ContentType::ApplicationData, b"226 Fine.\r\n");
        peer.send(&clear).await.unwrap();
        fault(&mut client).await;

        let (mut client, mut peer) = pair(&config(), &acceptance(versions)).await;
        let change = record::plain(ContentType::ChangeCipherSpec, &[1]);
        peer.send(&change).await.unwrap();
        fault(&mut client).await;
    }
}

#[tokio::test]
async fn alerts_of_any_kind_and_missing_ones_reach_the_client() {
    for versions in BOTH {
        for description in [
            AlertDescription::InternalError,
            AlertDescription::Unknown(177),
        ] {
            let (mut client, mut peer) = pair(&config(), &acceptance(versions)).await;
            peer.send_alert(Level::Fatal, description).await.unwrap();
            assert_eq!(fault(&mut client).await, Error::AlertReceived(description));
        }
        let (mut client, mut peer) = pair(&config(), &acceptance(versions)).await;
        peer.fin().await.unwrap();
        let end = client.read(&mut [0]).await.unwrap_err();
        assert_eq!(end.kind(), io::ErrorKind::UnexpectedEof);
        let (mut client, peer) = pair(&config(), &acceptance(versions)).await;
        peer.into_stream().reset();
        let end = client.read(&mut [0]).await.unwrap_err();
        assert_eq!(end.kind(), io::ErrorKind::ConnectionReset);
    }
}

#[tokio::test]
async fn requests_behind_the_handshake_are_answered_with_alerts() {
    let (mut client, mut peer) = pair(&config(), &acceptance(Versions::Tls12)).await;
    peer.send_record(ContentType::Handshake, &message::hello_request())
        .await
        .unwrap();
    peer.send_data(b"x").await.unwrap();
    client.read_exact(&mut [0]).await.unwrap();
    client.flush().await.unwrap();
    let answer = peer.read_record().await.unwrap().unwrap();
    assert_eq!(answer.alert(), Some(AlertDescription::NoRenegotiation));

    let (mut client, mut peer) = pair(&config(), &acceptance(Versions::Tls13)).await;
    peer.send_record(ContentType::Handshake, &message::certificate_request())
        .await
        .unwrap();
    fault(&mut client).await;
    let answer = peer.read_record().await.unwrap().unwrap();
    assert_eq!(answer.alert(), Some(AlertDescription::UnexpectedMessage));

    // A message that goes on behind the change of keys (RFC 8446 §5.1).
    let (mut client, mut peer) = pair(&config(), &acceptance(Versions::Tls13)).await;
    let ticket = message::new_session_ticket(60, b"ticket");
    let mixed = [message::key_update(false), ticket].concat();
    peer.send_record(ContentType::Handshake, &mixed)
        .await
        .unwrap();
    assert_eq!(
        fault(&mut client).await,
        Error::PeerMisbehaved(PeerMisbehaved::KeyEpochWithPendingFragment)
    );
}

#[tokio::test]
async fn tickets_come_when_and_as_they_are_sent_and_resume_the_session() {
    let acceptance = Acceptance {
        tickets: 3,
        single_use: true,
        ..acceptance(Versions::Tls13)
    };
    let config = config();
    let (mut client, mut peer) = pair_without_tickets(&config, &acceptance).await;
    assert!(!peer.resumed());
    assert_eq!(peer.tickets().len(), 3);
    let tickets = peer.tickets().to_vec();
    for (sent, ticket) in tickets.iter().enumerate() {
        peer.send_data(b"x").await.unwrap();
        client.read_exact(&mut [0]).await.unwrap();
        let received = client.get_ref().1.tls13_tickets_received();
        assert_eq!(received as usize, sent);
        let size = [1, 100, MAX_PAYLOAD][sent];
        peer.send_pieces(ContentType::Handshake, ticket, size)
            .await
            .unwrap();
    }
    peer.close_notify().await.unwrap();
    client.read_to_end(&mut Vec::new()).await.unwrap();
    for _ in 0..3 {
        let (_, peer) = pair_without_tickets(&config, &acceptance).await;
        assert!(peer.resumed());
    }
    let (_, peer) = pair_without_tickets(&config, &acceptance).await;
    assert!(!peer.resumed(), "each was good for once");
}

#[tokio::test]
async fn several_tickets_in_one_record_are_several() {
    let config = config();
    let acceptance = acceptance(Versions::Tls13);
    let (mut client, mut peer) = pair(&config, &acceptance).await;
    peer.close_notify().await.unwrap();
    client.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(client.get_ref().1.tls13_tickets_received(), 2);
    let none = Acceptance {
        tickets: 0,
        ..acceptance
    };
    let (mut client, mut peer) = pair(&config, &none).await;
    assert!(peer.resumed() && peer.tickets().is_empty());
    peer.close_notify().await.unwrap();
    client.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(client.get_ref().1.tls13_tickets_received(), 0);
}

#[tokio::test]
async fn a_ticket_that_is_no_good_leads_to_a_full_handshake() {
    let acceptance = acceptance(Versions::Tls13);
    let made_up = message::new_session_ticket(7200, b"by this nothing is resumed");
    let config = config();
    let (mut client, mut peer) = pair_without_tickets(&config, &acceptance).await;
    peer.send_record(ContentType::Handshake, &made_up)
        .await
        .unwrap();
    peer.close_notify().await.unwrap();
    client.read_to_end(&mut Vec::new()).await.unwrap();
    let (_, peer) = pair_without_tickets(&config, &acceptance).await;
    assert!(!peer.resumed());
}

#[tokio::test]
async fn a_session_of_tls_1_2_is_resumed_until_it_is_forgotten() {
    for resumption in [Resumption::Tickets, Resumption::SessionIds] {
        let acceptance = Acceptance {
            resumption,
            ..acceptance(Versions::Tls12)
        };
        let config = config();
        for resumed in [false, true, true] {
            let (mut client, mut peer) = pair(&config, &acceptance).await;
            assert_eq!(peer.resumed(), resumed, "{resumption:?}");
            // The first records behind either handshake have their numbers right.
            for _ in 0..4 {
                peer.send_data(b"x").await.unwrap();
                client.read_exact(&mut [0]).await.unwrap();
            }
        }
        acceptance.sessions.forget();
        assert!(!pair(&config, &acceptance).await.1.resumed());
    }
}

#[tokio::test]
async fn a_handshake_can_end_at_every_byte() {
    for versions in BOTH {
        for cut in (0..).step_by(61) {
            let (near, far) = connection().await;
            let mut handshake = Handshake::new(far, &acceptance(versions)).unwrap();
            let config = config();
            let breaking = async {
                handshake.advance().await.unwrap();
                let whole = handshake.flight().len();
                handshake.send_first(cut).await.unwrap();
                drop(handshake.into_stream());
                whole
            };
            let (client, whole) = tokio::join!(connect(&config, near), breaking);
            if cut >= whole {
                break;
            }
            // Whichever it finds first: nothing to read, or nobody to write to.
            let end = client.unwrap_err().kind();
            assert!(
                matches!(
                    end,
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe
                ),
                "{end:?}, {cut} of {whole}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_can_stall() {
    for advance in [false, true] {
        let (near, far) = connection().await;
        let mut handshake = Handshake::new(far, &Acceptance::default()).unwrap();
        let config = config();
        let stalling = async {
            if advance {
                handshake.advance().await.unwrap();
                handshake.send_first(100).await.unwrap();
            }
            std::future::pending::<()>().await;
        };
        let waiting = tokio::time::timeout(Duration::from_hours(1), connect(&config, near));
        tokio::select! {
            client = waiting => assert!(client.is_err(), "an hour passed"),
            () = stalling => {}
        }
    }
}

#[tokio::test]
async fn a_flight_can_be_changed_and_the_clients_alert_is_told() {
    for versions in BOTH {
        let (near, far) = connection().await;
        let mut handshake = Handshake::new(far, &acceptance(versions)).unwrap();
        let config = config();
        let changing = async {
            handshake.advance().await.unwrap();
            // The server's random number, which keys and signatures depend on.
            handshake.flight()[20] ^= 1;
            handshake.finish().await
        };
        let (client, peer) = tokio::join!(connect(&config, near), changing);
        client.unwrap_err();
        let error = fault_of(peer);
        // In TLS 1.3 the client's alert is in a key that the server does not expect yet.
        assert!(
            matches!(
                error,
                Error::AlertReceived(_) | Error::DecryptError | Error::InvalidMessage(_)
            ),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_certificate_says_why() {
    for versions in BOTH {
        let acceptance = Acceptance {
            certificate: Authority::new()
                .intermediate()
                .issue(["localhost"], Leaf::default()),
            ..acceptance(versions)
        };
        let (near, far) = connection().await;
        let config = config();
        let (client, peer) =
            tokio::join!(connect(&config, near), TlsPeer::accept(far, &acceptance));
        client.unwrap_err();
        assert_eq!(
            fault_of(peer),
            Error::AlertReceived(AlertDescription::UnknownCA)
        );
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_is_missed() {
    let (near, far) = connection().await;
    drop(near);
    let error = TlsPeer::accept(far, &Acceptance::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn behind_close_notify_the_connection_goes_on_in_clear_text() {
    for versions in BOTH {
        let (mut client, mut peer) = pair(&config(), &acceptance(versions)).await;
        let (stream, tls) = client.get_mut();
        tls.send_close_notify();
        let mut bytes = Vec::new();
        tls.write_tls(&mut bytes).unwrap();
        bytes.extend_from_slice(b"PWD\r\n");
        stream.write_all(&bytes).await.unwrap();
        let end = Ending::Alert(AlertDescription::CloseNotify);
        assert_eq!(peer.read_to_end().await.unwrap(), (Vec::new(), end));
        peer.close_notify().await.unwrap();
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
        let mut clear = [0; 5];
        peer.into_stream().read_exact(&mut clear).await.unwrap();
        assert_eq!(&clear, b"PWD\r\n");
    }
}
