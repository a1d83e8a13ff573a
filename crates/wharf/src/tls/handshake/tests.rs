use std::collections::HashSet;
use std::sync::Mutex;

use rustls::crypto::{CipherSuiteCommon, CryptoProvider};
use rustls::{
    ContentType, RootCertStore, SupportedCipherSuite, Tls12CipherSuite, Tls13CipherSuite,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadBuf};
use wharf_testing::server::Versions;
use wharf_testing::tls::accept::Acceptance;
use wharf_testing::tls::authority::Authority;
use wharf_testing::tls::message;
use wharf_testing::tls::peer::TlsPeer;

use super::*;

/// How many records a key may seal here.
const LIMIT: u64 = 10;

/// Ciphers whose keys wear out soon.
fn delicate() -> CryptoProvider {
    let common = |common: &CipherSuiteCommon| CipherSuiteCommon {
        suite: common.suite,
        hash_provider: common.hash_provider,
        confidentiality_limit: LIMIT,
    };
    let mut provider = (*crate::tls::Provider::default().cryptography().unwrap()).clone();
    for suite in &mut provider.cipher_suites {
        *suite = match suite {
            SupportedCipherSuite::Tls13(suite) => {
                SupportedCipherSuite::Tls13(Box::leak(Box::new(Tls13CipherSuite {
                    common: common(&suite.common),
                    ..**suite
                })))
            }
            SupportedCipherSuite::Tls12(suite) => {
                SupportedCipherSuite::Tls12(Box::leak(Box::new(Tls12CipherSuite {
                    common: common(&suite.common),
                    ..**suite
                })))
            }
        };
    }
    provider
}

/// A connection that keeps what was written to it.
struct Recorded {
    io: DuplexStream,
    written: Arc<Mutex<Vec<u8>>>,
}

impl AsyncRead for Recorded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Recorded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, data))?;
        let mut record = self.written.lock().unwrap();
        record.extend_from_slice(&data[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// Both ends of a connection, and what the client knows of it.
struct Pair {
    client: TlsStream<Recorded>,
    server: TlsPeer<DuplexStream>,
    context: TlsContext,
    negotiated: Negotiated,
    written: Arc<Mutex<Vec<u8>>>,
}

async fn secured(versions: Versions) -> Pair {
    let mut roots = RootCertStore::empty();
    roots.add(Authority::shared().der().clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(delicate()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.enable_secret_extraction = true;
    let config = Arc::new(config);
    let context = TlsContext {
        control: Arc::clone(&config),
        data: config,
        name: ServerName::try_from("localhost").unwrap(),
        tickets: Arc::default(),
        leaf: OnceLock::new(),
        findings: Arc::default(),
    };
    let acceptance = Acceptance {
        versions,
        ..Acceptance::default()
    };
    let (near, far) = tokio::io::duplex(256 * 1024);
    let written = Arc::<Mutex<Vec<u8>>>::default();
    let near = Recorded {
        io: near,
        written: Arc::clone(&written),
    };
    let (client, server) = tokio::join!(
        context.secure(Channel::Control, near),
        TlsPeer::accept(far, &acceptance)
    );
    let (client, negotiated) = client.unwrap();
    Pair {
        client,
        server: server.unwrap(),
        context,
        negotiated,
        written,
    }
}

#[tokio::test]
async fn a_key_that_has_sealed_its_share_gives_way_to_the_next() {
    let Pair {
        mut client,
        mut server,
        ..
    } = secured(Versions::Tls13).await;
    for byte in 0..100 {
        client.write_all(&[byte]).await.unwrap();
    }
    client.shutdown().await.unwrap();
    let (mut data, mut sealed, mut keys) = (Vec::new(), 0, 1);
    while let Some(record) = server.read_record().await.unwrap() {
        sealed += 1;
        assert!(sealed <= LIMIT, "one key sealed more than it may");
        if record.payload == message::key_update(false) {
            (sealed, keys) = (0, keys + 1);
        } else if record.kind == ContentType::ApplicationData {
            data.extend(record.payload);
        }
    }
    assert_eq!(data, (0..100).collect::<Vec<u8>>());
    assert!(keys > 10);
    // What comes the other way has a key of its own.
    server.send_data(b"x").await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), b'x');
}

#[tokio::test]
async fn where_keys_cannot_change_the_last_record_says_goodbye() {
    let Pair {
        mut client,
        mut server,
        ..
    } = secured(Versions::Tls12).await;
    let broken = loop {
        if let Err(error) = client.write_all(&[7]).await {
            break crate::from_io(error);
        }
    };
    assert_eq!(broken.kind(), ErrorKind::Tls, "{broken}");
    client.shutdown().await.unwrap();
    let (data, _) = server.read_to_end().await.unwrap();
    assert!(!data.is_empty() && data.len() < 10);
}

#[tokio::test]
async fn no_nonce_is_used_twice_under_a_key_that_the_handshake_used_too() {
    let mut pair = secured(Versions::Tls12).await;
    // RFC 5288 §3: eight bytes of the nonce stand in front of each record.
    assert!(pair.negotiated.cipher().contains("GCM"));
    pair.client.write_all(&vec![7; 4 * 16_384]).await.unwrap();
    pair.client.shutdown().await.unwrap();
    let written = pair.written.lock().unwrap();
    let (mut rest, mut encrypted, mut nonces) = (&written[..], false, HashSet::new());
    while let &[kind, _, _, high, low, ref behind @ ..] = rest {
        let (payload, next) = behind.split_at(usize::from(u16::from_be_bytes([high, low])));
        if encrypted {
            assert!(nonces.insert(payload[..8].to_vec()), "{nonces:?}");
        }
        encrypted |= kind == u8::from(ContentType::ChangeCipherSpec);
        rest = next;
    }
    assert_eq!(nonces.len(), 6, "Finished, four records, close_notify");
}

#[tokio::test]
async fn of_any_number_of_tickets_a_few_are_kept() {
    let mut pair = secured(Versions::Tls13).await;
    let ticket = message::new_session_ticket(7200, &[7; 100]);
    for _ in 0..20 {
        let tickets = ticket.repeat(50);
        pair.server
            .send_record(ContentType::Handshake, &tickets)
            .await
            .unwrap();
        pair.server.send_data(b"x").await.unwrap();
        pair.client.read_u8().await.unwrap();
    }
    let kept = format!("{:?}", pair.context.tickets);
    let kept = kept.matches("Ticket {").count();
    assert!((8..=64).contains(&kept), "{kept} of 1000");
}
