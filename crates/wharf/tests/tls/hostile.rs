//! Servers, and people between, that break TLS: what they send is refused and nothing of it believed. And what looks
//! like it and is within the rules.

use std::io;

use rustls::{AlertDescription, ContentType};
use wharf::{ErrorKind, RetrieveOptions};
use wharf_testing::net::Memory;
use wharf_testing::tls::message;
use wharf_testing::tls::peer::{Ending, Level};
use wharf_testing::tls::record::{self, MAX_PAYLOAD};

use crate::harbor::{content, trusting};
use crate::stage::{BOTH, Peer, Stage, implicit, speaking};

/// What must not be sent, and the alert it is answered with.
type Crime = (&'static str, AlertDescription, fn(&mut Peer) -> Vec<u8>);

fn sealed(peer: &mut Peer, kind: ContentType, payload: &[u8]) -> Vec<u8> {
    peer.seal(kind, payload).unwrap()
}

fn repeated(peer: &mut Peer, kind: ContentType, payload: &[u8]) -> Vec<u8> {
    (0..1000)
        .flat_map(|_| sealed(peer, kind, payload))
        .collect()
}

const CRIMES: &[Crime] = &[
    ("a changed bit", AlertDescription::BadRecordMac, |peer| {
        let mut record = sealed(peer, ContentType::ApplicationData, b"226 Done.\r\n");
        record[12] ^= 1;
        record
    }),
    ("a record twice", AlertDescription::BadRecordMac, |peer| {
        sealed(peer, ContentType::ApplicationData, b"").repeat(2)
    }),
    (
        "records in another order",
        AlertDescription::BadRecordMac,
        |peer| {
            let first = sealed(peer, ContentType::ApplicationData, b"226 Do");
            [
                sealed(peer, ContentType::ApplicationData, b"ne.\r\n"),
                first,
            ]
            .concat()
        },
    ),
    (
        "a reply in clear text",
        AlertDescription::UnexpectedMessage,
        |_| b"226 Done.\r\n".to_vec(),
    ),
    (
        "a part of a reply in clear text",
        AlertDescription::UnexpectedMessage,
        |_| b"226 D".to_vec(),
    ),
    (
        "a record in clear text",
        AlertDescription::BadRecordMac,
        |_| record::plain(ContentType::ApplicationData, b"226 Done.\r\n"),
    ),
    (
        "an announcement of too much",
        AlertDescription::RecordOverflow,
        |_| vec![23, 3, 3, 0xff, 0xff],
    ),
    (
        "more than fits into a record",
        AlertDescription::RecordOverflow,
        |peer| sealed(peer, ContentType::ApplicationData, &[0; MAX_PAYLOAD + 1]),
    ),
    (
        "nothing, for ever",
        AlertDescription::UnexpectedMessage,
        |peer| repeated(peer, ContentType::ApplicationData, b""),
    ),
    (
        "warnings without end",
        AlertDescription::UnexpectedMessage,
        |peer| repeated(peer, ContentType::Alert, &[1, 90]),
    ),
    (
        "an empty alert",
        AlertDescription::UnexpectedMessage,
        |peer| sealed(peer, ContentType::Alert, b""),
    ),
    ("half an alert", AlertDescription::DecodeError, |peer| {
        sealed(peer, ContentType::Alert, &[1])
    }),
    (
        "an empty handshake",
        AlertDescription::UnexpectedMessage,
        |peer| sealed(peer, ContentType::Handshake, b""),
    ),
    (
        "a record of no known type",
        AlertDescription::UnexpectedMessage,
        |peer| sealed(peer, ContentType::Unknown(99), b"?"),
    ),
    (
        "a message of 16 MiB",
        AlertDescription::DecodeError,
        |peer| sealed(peer, ContentType::Handshake, &[4, 0xff, 0xff, 0xff, 0]),
    ),
    (
        "a message broken off",
        AlertDescription::UnexpectedMessage,
        |peer| {
            let ticket = message::new_session_ticket(60, b"ticket");
            let half = sealed(peer, ContentType::Handshake, &ticket[..9]);
            [half, sealed(peer, ContentType::ApplicationData, b"x")].concat()
        },
    ),
    (
        "a message of the handshake",
        AlertDescription::UnexpectedMessage,
        |peer| {
            sealed(
                peer,
                ContentType::Handshake,
                &message::message(20, &[0; 12]),
            )
        },
    ),
    (
        "a demand for a certificate",
        AlertDescription::UnexpectedMessage,
        |peer| {
            sealed(
                peer,
                ContentType::Handshake,
                &message::certificate_request(),
            )
        },
    ),
];

const CRIMES_IN_TLS13: &[Crime] = &[
    (
        "a message of TLS 1.2",
        AlertDescription::UnexpectedMessage,
        |peer| sealed(peer, ContentType::Handshake, &message::hello_request()),
    ),
    (
        "an alert in clear text",
        AlertDescription::UnexpectedMessage,
        |_| record::plain(ContentType::Alert, &[1, 0]),
    ),
    (
        "a change of cipher",
        AlertDescription::UnexpectedMessage,
        |_| record::plain(ContentType::ChangeCipherSpec, &[1]),
    ),
    (
        "only padding",
        AlertDescription::UnexpectedMessage,
        |peer| sealed(peer, ContentType::Unknown(0), &[0; 32]),
    ),
    (
        "256 bytes too many",
        AlertDescription::RecordOverflow,
        |_| {
            let length = u16::try_from(MAX_PAYLOAD + 257).unwrap().to_be_bytes();
            vec![23, 3, 3, length[0], length[1]]
        },
    ),
    (
        "more behind a change of key",
        AlertDescription::UnexpectedMessage,
        |peer| {
            let ticket = message::new_session_ticket(60, b"ticket");
            let both = [message::key_update(false), ticket].concat();
            sealed(peer, ContentType::Handshake, &both)
        },
    ),
    (
        "a change of key that is none",
        AlertDescription::IllegalParameter,
        |peer| sealed(peer, ContentType::Handshake, &message::message(24, &[2])),
    ),
    (
        "a change of key that is long",
        AlertDescription::DecodeError,
        |peer| sealed(peer, ContentType::Handshake, &message::message(24, &[0, 0])),
    ),
    (
        "an empty change of key",
        AlertDescription::DecodeError,
        |peer| sealed(peer, ContentType::Handshake, &message::message(24, &[])),
    ),
    (
        "a key that was not announced",
        AlertDescription::BadRecordMac,
        |peer| {
            peer.change_key().unwrap();
            sealed(peer, ContentType::ApplicationData, b"x")
        },
    ),
    (
        "changes of key without end",
        AlertDescription::UnexpectedMessage,
        |peer| {
            let change = |_| {
                let record = sealed(peer, ContentType::Handshake, &message::key_update(true));
                peer.change_key().unwrap();
                record
            };
            (0..1000).flat_map(change).collect()
        },
    ),
    ("half a ticket", AlertDescription::DecodeError, |peer| {
        sealed(peer, ContentType::Handshake, &message::message(4, &[0; 9]))
    }),
    (
        "a message of padding",
        AlertDescription::UnexpectedMessage,
        |peer| peer.seal_padded(ContentType::Handshake, b"", 5).unwrap(),
    ),
];

const CRIMES_IN_TLS12: &[Crime] = &[
    (
        "an alert in clear text",
        AlertDescription::BadRecordMac,
        |_| record::plain(ContentType::Alert, &[1, 0]),
    ),
    ("a change of cipher", AlertDescription::BadRecordMac, |_| {
        record::plain(ContentType::ChangeCipherSpec, &[1])
    }),
    (
        "a change of cipher, sealed",
        AlertDescription::UnexpectedMessage,
        |peer| sealed(peer, ContentType::ChangeCipherSpec, &[1]),
    ),
    (
        "a message of TLS 1.3",
        AlertDescription::UnexpectedMessage,
        |peer| sealed(peer, ContentType::Handshake, &message::key_update(false)),
    ),
    (
        "a ticket out of its time",
        AlertDescription::UnexpectedMessage,
        |peer| {
            let ticket = message::new_session_ticket(60, b"ticket");
            sealed(peer, ContentType::Handshake, &ticket)
        },
    ),
    (
        "a renegotiation that is none",
        AlertDescription::UnexpectedMessage,
        |peer| sealed(peer, ContentType::Handshake, &message::message(0, &[0])),
    ),
    (
        "renegotiations without end",
        AlertDescription::UnexpectedMessage,
        |peer| repeated(peer, ContentType::Handshake, &message::hello_request()),
    ),
];

fn crimes(peer: &Peer) -> impl Iterator<Item = &'static Crime> + use<> {
    let more = if peer.is_tls13() {
        CRIMES_IN_TLS13
    } else {
        CRIMES_IN_TLS12
    };
    CRIMES.iter().chain(more)
}

/// What the client had to say of it, behind what it answered before.
async fn last_alert(peer: &mut Peer) -> AlertDescription {
    loop {
        match peer.read_to_end().await.unwrap() {
            (_, Ending::Alert(AlertDescription::NoRenegotiation)) => {}
            (_, Ending::Alert(alert)) => return alert,
            (_, Ending::Fin) => panic!("ended without an alert"),
        }
    }
}

#[tokio::test]
async fn what_breaks_the_rules_on_a_data_connection_fails_its_transfer_and_no_other() {
    for versions in BOTH {
        let (mut stage, client) = Stage::of(versions).await;
        for (what, alert, commit) in crimes(&stage.control) {
            let serve = async |stage: &mut Stage, mut data: Peer| {
                data.send_data(b"harbour").await.unwrap();
                let crime = commit(&mut data);
                data.send(&crime).await.unwrap();
                assert_eq!(last_alert(&mut data).await, *alert, "{versions:?}: {what}");
                let end = data.read_record().await;
                assert!(
                    end.is_err(),
                    "{versions:?}, {what}: {end:?} behind the alert"
                );
                stage.say("226 Done.").await;
            };
            let size = RetrieveOptions::default().expected_size(7);
            let (bytes, end) = stage.download(&client, size, serve).await;
            assert_eq!(bytes, b"harbour", "{versions:?}: {what}");
            let error = end.unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Tls,
                "{versions:?}, {what}: {error}"
            );
            assert_eq!(error.code().unwrap(), 226, "{versions:?}, {what}: {error}");
            stage.goes_on(&client).await;
        }
    }
}

#[tokio::test]
async fn what_breaks_the_rules_against_an_upload_fails_it() {
    for versions in BOTH {
        let (mut stage, client) = Stage::of(versions).await;
        for (what, _, commit) in crimes(&stage.control) {
            if what.starts_with("a message broken off") {
                continue; // Its second half is data, which has no place here anyway.
            }
            let serve = async |stage: &mut Stage, mut data: Peer| {
                let crime = commit(&mut data);
                data.send(&crime).await.unwrap();
                let end = loop {
                    match data.read_record().await {
                        Ok(Some(record)) => assert_ne!(
                            record.alert(),
                            Some(AlertDescription::CloseNotify),
                            "{versions:?}: {what}"
                        ),
                        other => break other,
                    }
                };
                assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
                stage.say("226 Done.").await;
            };
            let file = content(1_000_000);
            let error = stage.upload(&client, &file, serve).await.unwrap_err();
            assert_eq!(error.code().unwrap(), 226, "{versions:?}, {what}: {error}");
            assert_eq!(
                error.kind(),
                ErrorKind::Tls,
                "{versions:?}, {what}: {error}"
            );
            stage.goes_on(&client).await;
        }
    }
}

#[tokio::test]
async fn what_breaks_the_rules_on_the_control_connection_ends_the_session() {
    for versions in BOTH {
        let count = crimes(&Stage::of(versions).await.0.control).count();
        for number in 0..count {
            let (mut stage, client) = Stage::of(versions).await;
            let (what, alert, commit) = crimes(&stage.control).nth(number).unwrap();
            let noop = client.noop();
            stage.hear("NOOP").await;
            let crime = commit(&mut stage.control);
            stage.control.send(&crime).await.unwrap();
            let cause = client.closed().await;
            assert_eq!(
                cause.root().kind(),
                ErrorKind::Tls,
                "{versions:?}, {what}: {cause}"
            );
            noop.await.unwrap_err();
            assert_eq!(last_alert(&mut stage.control).await, *alert, "{what}");
            // Nothing comes behind a fatal alert.
            let rest = stage.control.read_to_end().await;
            assert_eq!(
                rest.unwrap(),
                (Vec::new(), Ending::Fin),
                "{versions:?}: {what}"
            );
        }
    }
}

#[tokio::test]
async fn data_comes_in_records_of_every_size_with_the_connection_s_own_business_between() {
    let file = content(200_000);
    for versions in BOTH {
        let (mut stage, client) = Stage::of(versions).await;
        let serve = async |stage: &mut Stage, mut data: Peer| {
            let mut rest = &file[..];
            for size in [1, 0, 2, MAX_PAYLOAD, 1, MAX_PAYLOAD - 1, 0, 100]
                .into_iter()
                .cycle()
            {
                let (piece, behind) = rest.split_at(size.min(rest.len()));
                data.send_record(ContentType::ApplicationData, piece)
                    .await
                    .unwrap();
                rest = behind;
                if data.is_tls13() {
                    data.send_tickets().await.unwrap();
                    data.send_key_update(size == 1).await.unwrap();
                    let padded = data.seal_padded(ContentType::ApplicationData, b"", 99);
                    data.send(&padded.unwrap()).await.unwrap();
                } else {
                    data.send_record(ContentType::Handshake, &message::hello_request())
                        .await
                        .unwrap();
                    let unknown = AlertDescription::Unknown(177);
                    data.send_alert(Level::Warning, unknown).await.unwrap();
                }
                let canceled = AlertDescription::UserCanceled;
                data.send_alert(Level::Warning, canceled).await.unwrap();
                if rest.is_empty() {
                    break;
                }
            }
            data.close_notify().await.unwrap();
            stage.say("226 Done.").await;
        };
        let (bytes, end) = stage
            .download(&client, RetrieveOptions::default(), serve)
            .await;
        end.unwrap();
        assert!(bytes == file);
        stage.goes_on(&client).await;
    }
}

#[tokio::test]
async fn padding_up_to_the_largest_record_hides_nothing_from_us() {
    let (mut stage, client) = Stage::of(wharf_testing::server::Versions::Tls13).await;
    let serve = async |stage: &mut Stage, mut data: Peer| {
        for length in [1, 1000, MAX_PAYLOAD] {
            let padded = data.seal_padded(
                ContentType::ApplicationData,
                &vec![7; length],
                MAX_PAYLOAD - length,
            );
            data.send(&padded.unwrap()).await.unwrap();
        }
        data.close_notify().await.unwrap();
        stage.say("226 Done.").await;
    };
    let (bytes, end) = stage
        .download(&client, RetrieveOptions::default(), serve)
        .await;
    end.unwrap();
    assert_eq!(bytes.len(), 1001 + MAX_PAYLOAD);
}

#[tokio::test]
async fn keys_change_in_the_middle_of_an_upload() {
    let file = content(3_000_000);
    for wanted in [false, true] {
        let (mut stage, client) = Stage::of(wharf_testing::server::Versions::Tls13).await;
        let serve = async |stage: &mut Stage, mut data: Peer| {
            let mut got = Vec::new();
            let mut answers = 0;
            let mut sent = 0;
            loop {
                let record = data.read_record().await.unwrap().unwrap();
                if record.payload == message::key_update(false) {
                    assert_eq!(record.kind, ContentType::Handshake);
                    answers += 1;
                    continue;
                }
                if record.kind == ContentType::Alert {
                    assert_eq!(record.alert(), Some(AlertDescription::CloseNotify));
                    break;
                }
                got.extend_from_slice(&record.payload);
                if got.len() / 500_000 > sent {
                    sent += 1;
                    data.send_key_update(wanted).await.unwrap();
                }
            }
            assert!(got == file);
            assert!(sent > 3);
            assert_eq!(answers > 0, wanted, "{answers} answers");
            // Our side of it works under its new key too.
            data.send_tickets().await.unwrap();
            data.close_notify().await.unwrap();
            stage.say("226 Done.").await;
        };
        stage.upload(&client, &file, serve).await.unwrap();
        stage.goes_on(&client).await;
    }
}

#[tokio::test]
async fn keys_change_on_the_control_connection() {
    let (mut stage, client) = Stage::of(wharf_testing::server::Versions::Tls13).await;
    for wanted in [false, true, true] {
        stage.control.send_key_update(wanted).await.unwrap();
        let noop = client.noop();
        stage.answer("NOOP", "200 Aye.").await;
        noop.await.unwrap();
    }
    stage.goes_on(&client).await;
}

#[tokio::test]
async fn many_wishes_for_a_new_key_that_could_not_be_answered_get_one_answer() {
    // The client's side is full, so no answer can leave while the wishes come.
    let net = Memory::with_buffer(8 * 1024);
    let acceptance = speaking(wharf_testing::server::Versions::Tls13);
    let (mut stage, client) = Stage::on(net, acceptance, &implicit(trusting())).await;
    let file = content(200_000);
    let serve = async |stage: &mut Stage, mut data: Peer| {
        for _ in 0..50 {
            data.send_key_update(true).await.unwrap();
            // Each is read before the next one comes.
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
        }
        let mut answers = 0;
        let mut got = Vec::new();
        while let Some(record) = data.read_record().await.unwrap() {
            match record.kind {
                ContentType::Handshake => answers += 1,
                ContentType::ApplicationData => got.extend_from_slice(&record.payload),
                _ => {}
            }
        }
        assert!(got == file);
        assert!((1..5).contains(&answers), "{answers} answers");
        data.close_notify().await.unwrap();
        stage.say("226 Done.").await;
    };
    stage.upload(&client, &file, serve).await.unwrap();
}
