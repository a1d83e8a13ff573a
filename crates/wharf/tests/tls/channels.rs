//! What the channels of a session owe each other: the same sessions, the same certificate, and to keep in step
//! whatever becomes of one of them.

use std::io;
use std::time::Duration;

use rustls::{AlertDescription, ContentType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::{Client, ErrorKind, RetrieveOptions, Tls};
use wharf_testing::net::{Memory, MemoryStream};
use wharf_testing::server::{Reuse, Server, ServerTls, Versions};
use wharf_testing::tls::accept::{Acceptance, Resumption};
use wharf_testing::tls::authority::{Authority, Identity, Leaf, Usage, Validity};
use wharf_testing::tls::handshake::Handshake;
use wharf_testing::tls::message;
use wharf_testing::tls::peer::{Ending, TlsPeer};

use crate::data::stored;
use crate::harbor::{config, content, server, store, trusting};
use crate::stage::{BOTH, Peer, Stage, dialled, implicit, speaking};

/// One download; whether its data connection was resumed.
async fn resumes(stage: &mut Stage, client: &Client) -> bool {
    let mut resumed = None;
    let serve = async |stage: &mut Stage, mut data: Peer| {
        resumed = Some(data.resumed());
        data.close_notify().await.unwrap();
        stage.say("226 Done.").await;
    };
    let (_, end) = stage
        .download(client, RetrieveOptions::default(), serve)
        .await;
    end.unwrap();
    resumed.unwrap()
}

fn tickets(count: usize, single_use: bool) -> Acceptance {
    Acceptance {
        tickets: count,
        single_use,
        ..speaking(Versions::Tls13)
    }
}

/// A session whose control connection has these tickets to send, which are all that there are.
async fn with_tickets(count: usize, single_use: bool) -> (Stage, Client) {
    let acceptance = tickets(count, single_use);
    let config = implicit(trusting());
    let (mut stage, client) = Stage::holding_back_tickets(Memory::new(), acceptance, &config).await;
    stage.acceptance.tickets = 0;
    (stage, client)
}

/// Sends something on the control connection, and waits until it is read.
async fn control_sends(stage: &mut Stage, client: &Client, message: &[u8], size: usize) {
    let pieces = stage
        .control
        .send_pieces(ContentType::Handshake, message, size);
    pieces.await.unwrap();
    let noop = client.noop();
    stage.answer("NOOP", "200 Aye.").await;
    noop.await.unwrap();
}

#[tokio::test]
async fn however_many_tickets_come_on_whichever_channel_every_transfer_resumes() {
    for control in 1..=2 {
        for (data, single_use) in [(0, false), (1, false), (1, true)] {
            let acceptance = tickets(control, single_use);
            let (mut stage, client) = Stage::open(acceptance, &implicit(trusting())).await;
            stage.acceptance.tickets = data;
            for _ in 0..6 {
                assert!(resumes(&mut stage, &client).await, "{control}, {data}");
            }
        }
    }
}

#[tokio::test]
async fn where_the_control_connection_has_no_ticket_those_of_data_connections_serve() {
    let (mut stage, client) = with_tickets(0, false).await;
    assert!(!resumes(&mut stage, &client).await);
    stage.acceptance.tickets = 1;
    assert!(!resumes(&mut stage, &client).await);
    stage.acceptance.tickets = 0;
    // The same one again and again, for there is no other.
    for _ in 0..3 {
        assert!(resumes(&mut stage, &client).await);
    }
}

#[tokio::test]
async fn tickets_that_come_on_the_control_connection_between_transfers_are_spent_one_by_one() {
    let (mut stage, client) = with_tickets(4, true).await;
    let tickets = stage.control.tickets().to_vec();
    assert!(!resumes(&mut stage, &client).await);
    // Whole, in pieces, and two in one record.
    for (sent, size, count) in [
        (&tickets[..1], 16_384, 1),
        (&tickets[1..2], 7, 1),
        (&tickets[2..], 16_384, 2),
    ] {
        control_sends(&mut stage, &client, &sent.concat(), size).await;
        for _ in 0..count {
            assert!(resumes(&mut stage, &client).await, "in pieces of {size}");
        }
        assert!(!resumes(&mut stage, &client).await, "each is good for once");
    }
}

#[tokio::test]
async fn tickets_that_come_together_with_the_end_of_the_handshake_are_kept() {
    // Used again and again, which takes the ticket itself.
    let (mut stage, client) = Stage::open(tickets(1, false), &implicit(trusting())).await;
    stage.acceptance.tickets = 0;
    for _ in 0..4 {
        assert!(resumes(&mut stage, &client).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_is_offered_until_its_time_is_over_and_never_if_it_has_none() {
    let (mut stage, client) = with_tickets(2, false).await;
    let ticket = stage.control.tickets()[0].clone();
    let none = message::with_lifetime(ticket.clone(), 0);
    control_sends(&mut stage, &client, &none, 16_384).await;
    assert!(!resumes(&mut stage, &client).await);
    let short = message::with_lifetime(ticket.clone(), 10);
    control_sends(&mut stage, &client, &short, 16_384).await;
    for _ in 0..3 {
        assert!(resumes(&mut stage, &client).await);
    }
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert!(resumes(&mut stage, &client).await);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!resumes(&mut stage, &client).await);
    // RFC 8446 §4.6.1 allows a week at most.
    let long = message::with_lifetime(ticket, u32::MAX);
    control_sends(&mut stage, &client, &long, 16_384).await;
    assert!(resumes(&mut stage, &client).await);
    let day = Duration::from_hours(24);
    tokio::time::sleep(7 * day).await;
    assert!(!resumes(&mut stage, &client).await);
}

#[tokio::test]
async fn a_ticket_by_which_nothing_is_resumed_costs_a_full_handshake_and_no_more() {
    let (mut stage, client) = with_tickets(1, false).await;
    let good = stage.control.tickets()[0].clone();
    let bad = message::new_session_ticket(7200, b"nonsense");
    control_sends(&mut stage, &client, &[good, bad].concat(), 16_384).await;
    assert!(!resumes(&mut stage, &client).await);
    assert!(resumes(&mut stage, &client).await);
}

#[tokio::test]
async fn of_a_thousand_tickets_the_newest_are_spent_and_the_oldest_forgotten() {
    let (mut stage, client) = with_tickets(1, false).await;
    let good = stage.control.tickets()[0].clone();
    control_sends(&mut stage, &client, &good, 16_384).await;
    let nonsense: Vec<u8> = (0..1000)
        .flat_map(|n: u32| message::new_session_ticket(7200, &n.to_be_bytes()))
        .collect();
    control_sends(&mut stage, &client, &nonsense, 16_384).await;
    assert!(!resumes(&mut stage, &client).await);
    control_sends(&mut stage, &client, &good, 16_384).await;
    assert!(resumes(&mut stage, &client).await);
}

#[tokio::test]
async fn a_session_that_began_on_a_data_connection_does_not_take_the_control_connection_s_place() {
    for resumption in [Resumption::Tickets, Resumption::SessionIds] {
        let acceptance = Acceptance {
            resumption,
            ..speaking(Versions::Tls12)
        };
        let (mut stage, client) = Stage::open(acceptance, &implicit(trusting())).await;
        let good = stage.acceptance.clone();
        // A server that has forgotten the session for once, and makes another.
        stage.acceptance.sessions = Acceptance::default().sessions;
        assert!(!resumes(&mut stage, &client).await);
        stage.acceptance = good;
        assert!(resumes(&mut stage, &client).await, "{resumption:?}");
    }
}

/// What a data connection may show in place of the control connection's certificate.
fn other_certificates() -> [(&'static str, Identity); 4] {
    let expired = Leaf {
        validity: Validity::Expired,
        ..Leaf::default()
    };
    let ours = Authority::shared();
    [
        (
            "another certificate",
            ours.issue(["localhost"], Leaf::default()),
        ),
        ("expired", ours.issue(["localhost"], expired)),
        ("elsewhere", ours.issue(["elsewhere"], Leaf::default())),
        (
            "authority",
            Authority::new().issue(["localhost"], Leaf::default()),
        ),
    ]
}

#[tokio::test]
async fn a_data_connection_with_another_certificate_is_refused_though_it_were_valid() {
    for versions in BOTH {
        for (word, certificate) in other_certificates() {
            let (mut stage, client) = Stage::of(versions).await;
            let good = stage.acceptance.clone();
            stage.acceptance.certificate = certificate;
            stage.acceptance.sessions = Acceptance::default().sessions;
            let serve = async {
                let handshake = stage.handshake("STOR a").await;
                let handshake = handshake.finish().await;
                if let Ok(mut data) = handshake {
                    let end = Ending::Alert(AlertDescription::BadCertificate);
                    assert_eq!(data.read_to_end().await.unwrap(), (Vec::new(), end));
                }
                stage.say("425 No handshake.").await;
            };
            let (upload, ()) = tokio::join!(client.store_file("a"), serve);
            let error = upload.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Certificate, "{word}: {error}");
            assert!(error.to_string().contains(word), "{word}: {error}");
            stage.acceptance = good;
            stage.goes_on(&client).await;
        }
    }
}

/// How far a server comes with its handshake.
const STOPS: [Option<usize>; 5] = [None, Some(0), Some(3), Some(100), Some(700)];

#[tokio::test(start_paused = true)]
async fn a_handshake_that_stalls_on_the_data_connection_is_given_up() {
    for versions in BOTH {
        for stop in STOPS {
            let (mut stage, client) = Stage::of(versions).await;
            let good = stage.acceptance.clone();
            stage.acceptance.resumption = Resumption::Never;
            let begin = tokio::time::Instant::now();
            let serve = async {
                let mut handshake = stage.handshake("RETR a").await;
                if let Some(bytes) = stop {
                    handshake.advance().await.unwrap();
                    handshake.send_first(bytes).await.unwrap();
                }
                let mut rest = Vec::new();
                let _end = handshake.into_stream().read_to_end(&mut rest).await;
                stage.say("425 No handshake.").await;
                stage.answer("PWD", "257 \"/\"").await;
            };
            let (download, ()) = tokio::join!(client.retrieve_file("a"), serve);
            let error = download.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{stop:?}: {error}");
            assert!(begin.elapsed() <= Duration::from_mins(1), "{stop:?}");
            stage.acceptance = good;
            stage.goes_on(&client).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_stalls_on_the_control_connection_is_given_up() {
    for versions in BOTH {
        for stop in STOPS {
            let (stream, client) = dialled(&Memory::new(), &implicit(trusting())).await;
            let mut handshake = Handshake::new(stream, &speaking(versions)).unwrap();
            if let Some(bytes) = stop {
                handshake.advance().await.unwrap();
                handshake.send_first(bytes).await.unwrap();
            }
            let begin = tokio::time::Instant::now();
            let error = client.logged_in().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{stop:?}: {error}");
            assert!(begin.elapsed() <= Duration::from_mins(1), "{stop:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_in_its_handshake_is_said_to() {
    for versions in BOTH {
        for stop in STOPS {
            let (mut stage, client) = Stage::of(versions).await;
            let serve = async {
                let mut handshake = stage.handshake("RETR a").await;
                if let Some(bytes) = stop {
                    handshake.advance().await.unwrap();
                    handshake.send_first(bytes).await.unwrap();
                }
                drop(handshake);
                stage.say("425 No handshake.").await;
            };
            let (download, ()) = tokio::join!(client.retrieve_file("a"), serve);
            let error = download.unwrap_err();
            assert_eq!(error.code().unwrap(), 425, "{stop:?}: {error}");
            stage.goes_on(&client).await;
        }
    }
}

#[tokio::test]
async fn an_alert_in_place_of_the_server_s_hello_is_put_into_words() {
    for (alert, word) in [(40, "HandshakeFailure"), (70, "version"), (112, "name")] {
        let (mut stream, client) = dialled(&Memory::new(), &implicit(trusting())).await;
        stream.write_all(&[21, 3, 3, 0, 2, 2, alert]).await.unwrap();
        let error = client.logged_in().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

async fn hear_in_clear(stream: &mut MemoryStream, command: &str) {
    let mut line = vec![0; command.len() + 2];
    stream.read_exact(&mut line).await.unwrap();
    assert_eq!(line, format!("{command}\r\n").as_bytes());
}

#[tokio::test]
async fn whatever_comes_in_clear_text_between_the_234_and_tls_ends_the_session() {
    for (at_once, later) in [
        ("230 Logged in.\r\n", ""),
        ("2", ""),
        ("", "230 Logged in.\r\n"),
        ("", "331 Password?\r\n230 Logged in.\r\n"),
    ] {
        let config = implicit(trusting()).tls(Tls::Explicit);
        let (mut stream, client) = dialled(&Memory::new(), &config).await;
        stream.write_all(b"220 Ready.\r\n").await.unwrap();
        hear_in_clear(&mut stream, "AUTH TLS").await;
        let go = format!("234 Go on.\r\n{at_once}");
        stream.write_all(go.as_bytes()).await.unwrap();
        if !later.is_empty() {
            let mut hello = [0; 1];
            stream.read_exact(&mut hello).await.unwrap();
            assert_eq!(hello, [22]);
            stream.write_all(later.as_bytes()).await.unwrap();
        }
        let error = client.logged_in().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        let said = String::from_utf8_lossy(&rest);
        assert!(!said.contains("USER") && !said.contains("harbor"), "{said}");
    }
}

#[tokio::test]
async fn behind_ccc_commands_are_clear_and_files_are_not() {
    for versions in BOTH {
        for notify in [false, true] {
            let config = implicit(trusting().danger_clear_command_channel());
            let net = Memory::new();
            let (stream, client) = dialled(&net, &config).await;
            let acceptance = speaking(versions);
            let mut control = TlsPeer::accept(stream, &acceptance).await.unwrap();
            for (command, reply) in [
                ("", "220 Ready."),
                ("USER ship", "331 Password?"),
                ("PASS harbor", "230 Welcome."),
                ("PBSZ 0", "200 PBSZ=0"),
                ("PROT P", "200 Private."),
                ("CCC", "200 Clear."),
            ] {
                if !command.is_empty() {
                    assert_eq!(control.read_line().await.unwrap(), command);
                }
                let reply = format!("{reply}\r\n");
                control.send_data(reply.as_bytes()).await.unwrap();
            }
            let end = Ending::Alert(AlertDescription::CloseNotify);
            assert_eq!(control.read_to_end().await.unwrap(), (Vec::new(), end));
            if notify {
                control.close_notify().await.unwrap();
            }
            let mut stream = control.into_stream();
            if !notify {
                // A server without a close_notify is known by its clear text.
                stream.write_all(b"2").await.unwrap();
            }
            hear_in_clear(&mut stream, "TYPE I").await;
            stream
                .write_all(if notify {
                    b"200 Binary.\r\n"
                } else {
                    b"00 Binary.\r\n"
                })
                .await
                .unwrap();
            client.logged_in().await.unwrap();

            let file = content(50_000);
            let serve = async {
                let mut listener = net.listen("127.0.0.1:0".parse().unwrap()).unwrap();
                hear_in_clear(&mut stream, "EPSV").await;
                let port = listener.local_addr().port();
                let passive = format!("229 Passive (|||{port}|)\r\n");
                stream.write_all(passive.as_bytes()).await.unwrap();
                let data = listener.accept().await;
                hear_in_clear(&mut stream, "STOR a").await;
                stream.write_all(b"150 Go on.\r\n").await.unwrap();
                let mut data = TlsPeer::accept(data, &acceptance).await.unwrap();
                assert!(data.resumed());
                assert!(data.read_to_end().await.unwrap() == (file.clone(), end));
                data.close_notify().await.unwrap();
                stream.write_all(b"226 Done.\r\n").await.unwrap();
            };
            let store = stored(client.store_file("a"), &file);
            tokio::join!(store, serve).0.unwrap();
        }
    }
}

#[tokio::test]
async fn a_client_s_certificate_is_shown_on_every_channel_or_its_want_is_said() {
    let ours = Authority::shared();
    let usage = Usage::Client;
    let good = ours.issue(
        ["ship"],
        Leaf {
            usage,
            ..Leaf::default()
        },
    );
    let bad = Authority::new().issue(
        ["ship"],
        Leaf {
            usage,
            ..Leaf::default()
        },
    );
    for versions in BOTH {
        let tls = ServerTls {
            versions,
            client_authority: Some(ours.der().clone()),
            ..ServerTls::default()
        };
        let server = server(tls).await;
        let with = |identity: &Identity| {
            let pem = identity.certificate_pem().as_bytes();
            let key = identity.key_pem();
            trusting().identity(wharf::tls::Identity::from_pem(pem, key.as_bytes()).unwrap())
        };
        let client = config(&server, with(&good)).connect().await.unwrap();
        assert!(store(&client, "a", b"cargo").await.unwrap());
        for handshake in server.handshakes() {
            assert_eq!(
                handshake.client_certificate.as_deref(),
                Some(&good.der()[..])
            );
        }
        for tls in [trusting(), with(&bad)] {
            let error = config(&server, tls).connect().await.unwrap_err();
            let root = error.root();
            assert!(
                matches!(root.kind(), ErrorKind::Tls | ErrorKind::Certificate),
                "{versions:?}: {error}"
            );
            assert!(
                root.to_string().contains("certificate"),
                "{versions:?}: {root}"
            );
        }
    }
}

#[tokio::test]
async fn however_tcp_cuts_the_stream_the_bytes_are_the_same() {
    for versions in BOTH {
        for buffer in [1, 2, 7, 1000, 16_411] {
            let net = Memory::with_buffer(buffer);
            let acceptance = speaking(versions);
            let (mut stage, client) = Stage::on(net, acceptance, &implicit(trusting())).await;
            let file = content(20 * buffer.min(5000) + 3);
            let serve = async |stage: &mut Stage, mut data: Peer| {
                let (bytes, _) = data.read_to_end().await.unwrap();
                assert!(bytes == file, "{buffer}");
                data.close_notify().await.unwrap();
                stage.say("226 Done.").await;
            };
            stage.upload(&client, &file, serve).await.unwrap();
            let serve = async |stage: &mut Stage, mut data: Peer| {
                data.send_data(&file).await.unwrap();
                data.close_notify().await.unwrap();
                stage.say("226 Done.").await;
            };
            let (bytes, end) = stage
                .download(&client, RetrieveOptions::default(), serve)
                .await;
            end.unwrap();
            assert!(bytes == file, "{buffer}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_download_that_is_given_up_before_its_first_byte_is_cut_behind_it() {
    // ProFTPD ends its session where it cannot write its first byte.
    for (how, sends) in [
        ("drop", true),
        ("drop", false),
        ("abort", true),
        ("abor", true),
    ] {
        let (mut stage, client) = Stage::of(Versions::Tls13).await;
        let (download, mut data) =
            tokio::join!(client.retrieve_file("a"), stage.secure_data("RETR a"));
        let download = download.unwrap();
        let give_up = async {
            match how {
                "abort" => download.abort().await.unwrap(),
                "abor" => {
                    client.abor().await.unwrap();
                    // Held on to, and not polled.
                    drop(download);
                }
                _ => drop(download),
            }
        };
        let serve = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            if sends {
                data.send_data(b"first").await.unwrap();
            }
            let end = data.read_record().await.unwrap_err();
            assert_eq!(end.kind(), io::ErrorKind::ConnectionReset, "{how}");
            stage.say("426 Cut.").await;
            stage.answer("PWD", "257 \"/\"").await;
        };
        tokio::join!(give_up, serve);
        stage.goes_on(&client).await;
    }
}

#[test]
fn without_a_runtime_it_is_the_same() {
    for versions in BOTH {
        let tls = ServerTls {
            versions,
            reuse: Reuse::RequiredAsProftpd,
            ..ServerTls::default()
        };
        let server = Server::builder()
            .user("ship", "harbor")
            .tls(tls)
            .blocking_start()
            .unwrap();
        let config = config(&server, trusting());
        let client = wharf::blocking::Client::from_config(&config).unwrap();
        let file = content(300_000);
        let mut upload = client.store_file("a").unwrap();
        io::Write::write_all(&mut upload, &file).unwrap();
        upload.finish().unwrap();
        let mut back = Vec::new();
        let mut download = client.retrieve_file("a").unwrap();
        io::Read::read_to_end(&mut download, &mut back).unwrap();
        assert!(back == file);
        assert_eq!(client.list("").unwrap().count(), 1);
        client.quit().unwrap();
        assert!(server.handshakes().iter().skip(1).all(|data| data.resumed));
    }
}
