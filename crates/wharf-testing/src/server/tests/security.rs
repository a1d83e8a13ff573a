//! TLS, by a client that has rustls and sockets.

use std::fs;

use rustls::{
    AlertDescription, ClientConfig, client::Resumption as ClientResumption, pki_types::ServerName,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::*;
use crate::tls::{
    authority::{Authority, Identity, Leaf, Usage},
    provider,
};

type Tls = TlsStream<TcpStream>;

/// A client that trusts the shared authority. All connections of a clone resume each other.
#[derive(Clone)]
struct Client {
    config: ClientConfig,
}

impl Client {
    fn new() -> Self {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(Authority::shared().roots())
            .with_no_client_auth();
        Self { config }
    }

    fn with_identity(identity: &Identity) -> Self {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(Authority::shared().roots())
            .with_client_auth_cert(identity.chain().to_vec(), identity.key())
            .unwrap();
        Self { config }
    }

    /// The same, which resumes nothing.
    fn forgetful(&self) -> Self {
        let mut other = self.clone();
        other.config.resumption = ClientResumption::disabled();
        other
    }

    async fn try_secure(&self, tcp: TcpStream) -> io::Result<Tls> {
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(self.config.clone()))
            .connect(name, tcp)
            .await
    }

    async fn secure(&self, tcp: TcpStream) -> Tls {
        self.try_secure(tcp).await.unwrap()
    }

    async fn auth(&self, server: &Server) -> Raw<Tls> {
        let (mut raw, _) = Raw::greeted(server).await;
        assert_eq!(raw.code("AUTH TLS").await, "234");
        self.upgrade(raw).await
    }

    async fn upgrade(&self, raw: Raw) -> Raw<Tls> {
        Raw {
            host: raw.host,
            stream: BufReader::new(self.secure(raw.stream.into_inner()).await),
        }
    }

    /// Logged in, with data in TLS.
    async fn log_in(&self, server: &Server) -> Raw<Tls> {
        let mut raw = self.auth(server).await;
        raw.log_in().await;
        raw
    }

    /// A data connection in TLS, the mark of its transfer, and no more.
    async fn begin(&self, raw: &mut Raw<Tls>, command: &str) -> Tls {
        let tcp = raw.epsv().await;
        raw.send(command).await;
        let data = self.secure(tcp).await;
        let mark = raw.reply().await;
        assert!(mark.starts_with("150 "), "{mark}");
        data
    }

    async fn download(&self, raw: &mut Raw<Tls>, command: &str) -> (Vec<u8>, String) {
        let mut data = self.begin(raw, command).await;
        let mut bytes = Vec::new();
        data.read_to_end(&mut bytes).await.unwrap();
        (bytes, raw.reply().await)
    }

    async fn upload(&self, raw: &mut Raw<Tls>, command: &str, bytes: &[u8]) -> String {
        let mut data = self.begin(raw, command).await;
        data.write_all(bytes).await.unwrap();
        data.shutdown().await.unwrap();
        // Tickets are behind the handshake, and behind them our end is answered.
        data.read_to_end(&mut Vec::new()).await.unwrap();
        raw.reply().await
    }

    /// The final reply to a transfer whose handshake gets as far as it gets.
    async fn refused(&self, raw: &mut Raw<Tls>) -> String {
        let tcp = raw.epsv().await;
        assert_eq!(raw.code("LIST").await, "150");
        if let Ok(mut data) = self.try_secure(tcp).await {
            // In TLS 1.3 the client is through with the handshake before the server is.
            drop(data.read_to_end(&mut Vec::new()).await);
        }
        raw.reply().await
    }
}

impl Raw<Tls> {
    async fn log_in(&mut self) {
        assert_eq!(self.code("USER anonymous").await, "331");
        assert_eq!(self.code("PASS me@here").await, "230");
        assert_eq!(self.code("PBSZ 0").await, "200");
        assert_eq!(self.code("PROT P").await, "200");
        assert_eq!(self.code("TYPE I").await, "200");
    }
}

async fn secure_server(tls: ServerTls) -> Server {
    Server::builder().tls(tls).start().await.unwrap()
}

/// Which data handshakes resumed a session.
fn resumed(server: &Server) -> Vec<bool> {
    let data = |handshake: &Handshake| handshake.channel == Channel::Data;
    let handshakes = server.handshakes().into_iter().filter(data);
    handshakes.map(|handshake| handshake.resumed).collect()
}

#[tokio::test]
async fn files_cross_both_versions_of_tls_and_resume_by_every_means() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        for resumption in [Resumption::Tickets, Resumption::SessionIds] {
            let server = secure_server(ServerTls {
                versions,
                resumption,
                ..ServerTls::default()
            })
            .await;
            let client = Client::new();
            let mut raw = client.log_in(&server).await;
            let content: Vec<u8> = (0..300_003_u32).map(|n| (n % 251) as u8).collect();
            assert_eq!(
                client.upload(&mut raw, "STOR big", &content).await,
                "226 Transfer complete."
            );
            assert!(fs::read(server.root().join("big")).unwrap() == content);
            let (bytes, reply) = client.download(&mut raw, "RETR big").await;
            assert!(bytes == content, "{reply}");
            assert_eq!(
                resumed(&server),
                [true, true],
                "{versions:?} {resumption:?}"
            );

            let all = server.handshakes();
            assert_eq!((all[0].channel, all[0].resumed), (Channel::Control, false));
            for handshake in all {
                assert_eq!(handshake.tls13, versions == Versions::Tls13);
                assert_eq!(handshake.server_name.as_deref(), Some("localhost"));
                assert_eq!(handshake.client_certificate, None);
                assert!(handshake.suite.starts_with("TLS"), "{handshake:?}");
            }
            assert_eq!(raw.code("QUIT").await, "221");
            assert_eq!(
                raw.reply().await,
                "",
                "the connection ends with close_notify"
            );
        }
    }
}

#[tokio::test]
async fn a_server_that_never_resumes_says_so_in_its_handshakes() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let server = secure_server(ServerTls {
            versions,
            resumption: Resumption::Never,
            ..ServerTls::default()
        })
        .await;
        let client = Client::new();
        let mut raw = client.log_in(&server).await;
        client.download(&mut raw, "LIST").await;
        client.download(&mut raw, "LIST").await;
        assert_eq!(resumed(&server), [false, false]);
    }
}

#[tokio::test]
async fn implicit_tls_begins_with_the_first_byte() {
    let server = secure_server(ServerTls {
        mode: Mode::Implicit,
        ..ServerTls::default()
    })
    .await;
    assert!(
        server.url().starts_with("ftps://127.0.0.1:"),
        "{}",
        server.url()
    );
    let client = Client::new();
    let tcp = TcpStream::connect(server.addr()).await.unwrap();
    let mut raw = Raw {
        stream: BufReader::new(client.secure(tcp).await),
        host: server.addr().ip(),
    };
    assert_eq!(code(&raw.reply().await), "220");
    raw.log_in().await;
    client.download(&mut raw, "LIST").await;
    assert_eq!(resumed(&server), [true]);
    assert_eq!(raw.code("REIN").await, "220");
    assert_eq!(
        raw.code("NOOP").await,
        "200",
        "there is no way back into TLS"
    );
}

#[tokio::test]
async fn without_tls_its_verbs_are_known_and_not_carried_out() {
    let (_server, mut raw) = session(Options::default()).await;
    for command in ["AUTH TLS", "PBSZ 0", "PROT P", "CCC", "CDC"] {
        assert_eq!(raw.code(command).await, "502", "{command}");
    }
    assert!(!raw.ask("FEAT").await.contains("AUTH"));
    assert!(!raw.ask("HELP").await.contains("AUTH"));
}

#[tokio::test]
async fn protection_is_asked_for_in_order() {
    let server = secure_server(ServerTls::default()).await;
    let (mut raw, _) = Raw::greeted(&server).await;
    let feat = raw.ask("FEAT").await;
    assert!(
        feat.contains("\n AUTH TLS\n") && feat.contains("\n PROT\n"),
        "{feat}"
    );
    for (command, expected) in [
        ("PBSZ 0", "503"),
        ("PROT P", "503"),
        ("CDC", "503"),
        ("CCC", "533"),
        ("AUTH KERBEROS_V4", "504"),
        ("AUTH", "501"),
        ("AUTH tls", "234"),
    ] {
        assert_eq!(raw.code(command).await, expected, "{command}");
    }
    let mut raw = Client::new().upgrade(raw).await;
    for (command, expected) in [
        ("AUTH TLS", "503"),
        ("PROT P", "503"),
        ("PBSZ x", "501"),
        ("PBSZ 0", "200"),
        ("PROT S", "536"),
        ("PROT E", "536"),
        ("PROT X", "504"),
        ("PROT P", "200"),
        ("PROT C", "200"),
        ("CCC", "530"),
    ] {
        assert_eq!(raw.code(command).await, expected, "{command}");
    }
}

#[tokio::test]
async fn the_old_names_protect_data_from_the_start() {
    for (name, private) in [("SSL", true), ("TLS-P", true), ("TLS-C", false)] {
        let server = secure_server(ServerTls::default()).await;
        let (mut raw, _) = Raw::greeted(&server).await;
        assert_eq!(raw.code(format!("AUTH {name}")).await, "234");
        let client = Client::new();
        let mut raw = client.upgrade(raw).await;
        raw.ask("USER ftp").await;
        raw.ask("PASS x").await;
        if private {
            client.download(&mut raw, "LIST").await;
        } else {
            raw.download("LIST").await;
        }
    }
}

#[tokio::test]
async fn prot_c_and_cdc_send_data_in_clear_text() {
    let server = secure_server(ServerTls::default()).await;
    let client = Client::new();
    let mut raw = client.log_in(&server).await;
    fs::write(server.root().join("a"), "in clear").unwrap();
    for command in ["PROT C", "CDC"] {
        assert_eq!(raw.code("PROT P").await, "200");
        assert_eq!(client.download(&mut raw, "RETR a").await.0, b"in clear");
        assert_eq!(raw.code(command).await, "200");
        assert_eq!(raw.download("RETR a").await.0, b"in clear");
    }
}

#[tokio::test]
async fn clear_text_on_a_protected_data_connection_is_refused() {
    let server = secure_server(ServerTls::default()).await;
    let mut raw = Client::new().log_in(&server).await;
    let mut data = raw.epsv().await;
    assert_eq!(raw.code("STOR a").await, "150");
    data.write_all(b"no handshake at all").await.unwrap();
    assert_eq!(code(&raw.reply().await), "425");
    assert!(
        server.failed_handshakes()[0].starts_with("1 data: "),
        "{:?}",
        server.failed_handshakes()
    );
}

#[tokio::test]
async fn commands_smuggled_in_behind_auth_end_the_session() {
    let server = secure_server(ServerTls::default()).await;
    let (mut raw, _) = Raw::greeted(&server).await;
    raw.send("AUTH TLS\r\nUSER anonymous").await;
    assert_eq!(code(&raw.reply().await), "234");
    let mut rest = Vec::new();
    drop(raw.stream.read_to_end(&mut rest).await);
    assert!(!rest.starts_with(b"3"), "{}", rest.escape_ascii());
    assert_eq!(server.commands(), ["AUTH TLS"]);
    assert_eq!(server.failed_handshakes().len(), 1);
}

#[tokio::test]
async fn ccc_and_rein_end_tls_and_keep_the_connection() {
    for (command, logged_in) in [("CCC", true), ("REIN", false)] {
        let server = secure_server(ServerTls::default()).await;
        let mut raw = Client::new().log_in(&server).await;
        assert!(matches!(raw.code(command).await.as_str(), "200" | "220"));
        let mut tls = raw.stream.into_inner();
        // Our end of TLS and the next command leave in one write.
        let (tcp, session) = tls.get_mut();
        session.send_close_notify();
        let mut segment = Vec::new();
        session.write_tls(&mut segment).unwrap();
        segment.extend_from_slice(b"PWD\r\n");
        tcp.write_all(&segment).await.unwrap();
        assert_eq!(tls.read(&mut [0]).await.unwrap(), 0, "close_notify");
        let mut raw = Raw {
            stream: BufReader::new(tls.into_inner().0),
            host: raw.host,
        };
        let expected = if logged_in { "257" } else { "530" };
        assert_eq!(code(&raw.reply().await), expected, "{command}");
        assert_eq!(raw.code("PROT P").await, "503", "{command}");
        if logged_in {
            // What was agreed for data stands.
            let mut data = raw.epsv().await;
            assert_eq!(raw.code("STOR a").await, "150");
            data.write_all(b"in clear").await.unwrap();
            assert_eq!(code(&raw.reply().await), "425");
        }
    }
}

#[tokio::test]
async fn commands_smuggled_in_behind_ccc_end_the_session() {
    let server = secure_server(ServerTls::default()).await;
    let mut raw = Client::new().log_in(&server).await;
    raw.send("CCC\r\nDELE a").await;
    assert_eq!(code(&raw.reply().await), "200");
    let mut tls = raw.stream.into_inner();
    let end = tls.read(&mut [0]).await;
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn a_client_may_answer_close_notify_behind_the_final_reply() {
    let server = secure_server(ServerTls::default()).await;
    let client = Client::new();
    let mut raw = client.log_in(&server).await;
    let mut data = client.begin(&mut raw, "LIST").await;
    data.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(code(&raw.reply().await), "226");
    let (tcp, tls) = data.get_mut();
    tls.send_close_notify();
    let mut bytes = Vec::new();
    tls.write_tls(&mut bytes).unwrap();
    // A server that had closed its side would answer each with a reset, and the next would fail.
    for byte in bytes {
        tcp.write_all(&[byte]).await.unwrap();
    }
}

#[tokio::test]
async fn where_reuse_is_required_a_new_session_is_refused_as_each_server_does() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        for (reuse, words, closes) in [
            (Reuse::RequiredAsVsftpd, "522 SSL connection failed", true),
            (Reuse::RequiredAsProftpd, "425 Unable to build", false),
            (Reuse::RequiredAsFilezilla, "425 Unable to build", false),
        ] {
            let server = secure_server(ServerTls {
                versions,
                reuse,
                ..ServerTls::default()
            })
            .await;
            let client = Client::new();
            let mut raw = client.log_in(&server).await;
            for _ in 0..3 {
                assert_eq!(code(&client.download(&mut raw, "LIST").await.1), "226");
            }
            let refused = client.forgetful().refused(&mut raw).await;
            assert!(refused.starts_with(words), "{refused}");
            assert_eq!(resumed(&server), [true, true, true, false]);
            if closes {
                assert_eq!(raw.reply().await, "");
            } else {
                assert_eq!(code(&client.download(&mut raw, "LIST").await.1), "226");
            }
        }
    }
}

#[tokio::test]
async fn what_one_control_connection_was_given_resumes_nothing_on_another() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        for resumption in [Resumption::Tickets, Resumption::SessionIds] {
            let server = secure_server(ServerTls {
                versions,
                resumption,
                reuse: Reuse::RequiredAsFilezilla,
                ..ServerTls::default()
            })
            .await;
            let (one, two) = (Client::new(), Client::new());
            let _first = one.log_in(&server).await;
            let mut second = two.log_in(&server).await;
            assert_eq!(code(&one.refused(&mut second).await), "425");
            assert_eq!(code(&two.download(&mut second, "LIST").await.1), "226");
        }
    }
}

#[tokio::test]
async fn sessions_that_were_forgotten_resume_nothing() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let server = secure_server(ServerTls {
            versions,
            ..ServerTls::default()
        })
        .await;
        let client = Client::new();
        let mut raw = client.log_in(&server).await;
        client.download(&mut raw, "LIST").await;
        server.forget_sessions();
        client.download(&mut raw, "LIST").await;
        client.download(&mut raw, "LIST").await;
        let all = resumed(&server);
        // In TLS 1.3 the client may still have a ticket from before.
        assert_eq!(all[..2], [true, false], "{versions:?}");
    }
}

#[tokio::test]
async fn as_many_tickets_come_as_the_server_was_told() {
    let server = secure_server(ServerTls {
        versions: Versions::Tls13,
        tickets: Tickets {
            control: 3,
            download: 2,
            upload: 0,
            ..Tickets::default()
        },
        ..ServerTls::default()
    })
    .await;
    let client = Client::new();
    let mut raw = client.log_in(&server).await;
    let received = |tls: &Tls| tls.get_ref().1.tls13_tickets_received();
    assert_eq!(received(raw.stream.get_ref()), 3);
    let mut data = client.begin(&mut raw, "LIST").await;
    data.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(received(&data), 2);
    raw.reply().await;
    let mut data = client.begin(&mut raw, "STOR a").await;
    data.shutdown().await.unwrap();
    data.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(received(&data), 0);
}

#[tokio::test]
async fn an_upload_ends_with_close_notify_or_as_the_server_puts_up_with() {
    let server = secure_server(ServerTls::default()).await;
    let client = Client::new();
    let mut raw = client.log_in(&server).await;
    for (upload_end, expected) in [
        (UploadEnd::CloseNotify, "426"),
        (UploadEnd::EitherEnd, "226"),
    ] {
        server.set_tls(ServerTls {
            upload_end,
            ..ServerTls::default()
        });
        let mut data = client.begin(&mut raw, "STOR a").await;
        data.write_all(b"whole").await.unwrap();
        data.flush().await.unwrap();
        data.get_mut().0.shutdown().await.unwrap();
        assert_eq!(code(&raw.reply().await), expected);
        assert_eq!(fs::read(server.root().join("a")).unwrap(), b"whole");
    }
}

#[tokio::test]
async fn a_server_may_wait_for_tcp_to_end_behind_an_upload() {
    let server = secure_server(ServerTls {
        upload_end: UploadEnd::BothEnds,
        ..ServerTls::default()
    })
    .await;
    let client = Client::new();
    let mut raw = client.log_in(&server).await;
    let ended = async |raw: &mut Raw<Tls>| {
        let mut data = client.begin(raw, "STOR a").await;
        data.get_mut().1.send_close_notify();
        data.flush().await.unwrap();
        assert_eq!(data.read(&mut [0]).await.unwrap(), 0, "the answer in TLS");
        data
    };
    let data = ended(&mut raw).await;
    // The transfer is not over, or there would be nothing to abort.
    assert_eq!(raw.code("ABOR").await, "426");
    assert_eq!(code(&raw.reply().await), "226");
    drop(data);
    let data = ended(&mut raw).await;
    drop(data);
    assert_eq!(raw.reply().await, "226 Transfer complete.");
}

#[tokio::test]
async fn downloads_end_as_they_were_told() {
    let server = secure_server(ServerTls::default()).await;
    fs::write(server.root().join("a"), "0123456789").unwrap();
    let client = Client::new();
    let mut raw = client.log_in(&server).await;
    for (data_end, expected) in [
        (End::CloseNotify, None),
        (End::Fin, Some(io::ErrorKind::UnexpectedEof)),
        (End::Reset, Some(io::ErrorKind::ConnectionReset)),
    ] {
        server.set_tls(ServerTls {
            data_end,
            ..ServerTls::default()
        });
        let mut data = client.begin(&mut raw, "RETR a").await;
        let mut bytes = Vec::new();
        let end = data.read_to_end(&mut bytes).await;
        assert_eq!(end.err().map(|error| error.kind()), expected);
        assert_eq!(bytes, b"0123456789");
        assert_eq!(code(&raw.reply().await), "226");
    }
    server.set_options(Options {
        interrupt: Some(Interrupt::truncated(4)),
        ..Options::default()
    });
    server.set_tls(ServerTls::default());
    assert_eq!(client.download(&mut raw, "RETR a").await.0, b"0123");
}

#[tokio::test]
async fn the_control_connection_may_end_without_close_notify() {
    let server = secure_server(ServerTls {
        control_end: End::Fin,
        ..ServerTls::default()
    })
    .await;
    let mut raw = Client::new().auth(&server).await;
    assert_eq!(raw.code("QUIT").await, "221");
    let end = raw.stream.read(&mut [0]).await;
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn the_handshake_may_come_before_the_mark() {
    for handshake_before_mark in [false, true] {
        let server = secure_server(ServerTls {
            handshake_before_mark,
            ..ServerTls::default()
        })
        .await;
        let client = Client::new();
        let mut raw = client.log_in(&server).await;
        assert_eq!(code(&client.download(&mut raw, "LIST").await.1), "226");
        // The server answers our hello, and waits for the rest of the handshake.
        let mut tcp = raw.epsv().await;
        raw.send("LIST").await;
        let name = ServerName::try_from("localhost").unwrap();
        let mut tls = rustls::ClientConnection::new(Arc::new(client.config), name).unwrap();
        let mut hello = Vec::new();
        tls.write_tls(&mut hello).unwrap();
        tcp.write_all(&hello).await.unwrap();
        tcp.read_exact(&mut [0]).await.unwrap();
        raw.send("ABOR").await;
        let expected: &[&str] = if handshake_before_mark {
            &["426", "226"]
        } else {
            &["150", "426", "226"]
        };
        for expected in expected {
            assert_eq!(code(&raw.reply().await), *expected);
        }
    }
}

#[tokio::test]
async fn another_certificate_on_the_data_port_is_seen_and_its_refusal_logged() {
    let stranger = Authority::new().issue(["localhost"], Leaf::default());
    let server = secure_server(ServerTls {
        data_certificate: Some(stranger),
        ..ServerTls::default()
    })
    .await;
    // A session that is resumed shows no certificate.
    let client = Client::new().forgetful();
    let mut raw = client.log_in(&server).await;
    assert_eq!(code(&client.refused(&mut raw).await), "425");
    let failed = server.failed_handshakes();
    assert!(failed[0].starts_with("1 data: "), "{failed:?}");
}

#[tokio::test]
async fn only_clients_with_a_certificate_are_let_in_if_the_server_wants_one() {
    let authority = Authority::shared();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let server = secure_server(ServerTls {
            versions,
            client_authority: Some(authority.der().clone()),
            ..ServerTls::default()
        })
        .await;
        let identity = authority.issue(
            ["somebody"],
            Leaf {
                usage: Usage::Client,
                ..Leaf::default()
            },
        );
        let client = Client::with_identity(&identity);
        let mut raw = client.log_in(&server).await;
        client.download(&mut raw, "LIST").await;
        for handshake in server.handshakes() {
            assert_eq!(
                handshake.client_certificate.as_deref(),
                Some(&**identity.der())
            );
        }

        let (mut raw, _) = Raw::greeted(&server).await;
        assert_eq!(raw.code("AUTH TLS").await, "234");
        let refused = match Client::new().try_secure(raw.stream.into_inner()).await {
            Ok(mut tls) => tls.read(&mut [0]).await.unwrap_err(),
            Err(error) => error,
        };
        let alert = refused
            .get_ref()
            .and_then(|error| error.downcast_ref::<rustls::Error>());
        assert!(
            matches!(
                alert,
                Some(rustls::Error::AlertReceived(
                    AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure
                ))
            ),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn what_is_required_is_not_to_be_had_in_clear_text() {
    let server = secure_server(ServerTls {
        required: Required::Login,
        ..ServerTls::default()
    })
    .await;
    let (mut raw, _) = Raw::greeted(&server).await;
    assert_eq!(raw.code("USER anonymous").await, "530");
    assert_eq!(raw.code("PASS x").await, "530");
    let mut raw = Client::new().log_in(&server).await;
    assert_eq!(raw.code("PROT C").await, "200");
    assert_eq!(code(&raw.download("LIST").await.1), "226");
    server.set_tls(ServerTls {
        required: Required::Data,
        ..ServerTls::default()
    });
    raw.epsv().await;
    assert_eq!(raw.code("LIST").await, "522");
}

#[tokio::test]
async fn a_handshake_that_stalls_ends_in_a_425() {
    let server = Server::builder()
        .tls(ServerTls::default())
        .options(Options {
            data_wait: Duration::from_millis(20),
            ..Options::default()
        })
        .start()
        .await
        .unwrap();
    let mut raw = Client::new().log_in(&server).await;
    let _silent = raw.epsv().await;
    assert_eq!(raw.code("LIST").await, "150");
    assert_eq!(code(&raw.reply().await), "425");
    assert_eq!(raw.code("NOOP").await, "200");
}
