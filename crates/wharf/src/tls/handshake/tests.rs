use rustls::crypto::{CipherSuiteCommon, CryptoProvider};
use rustls::{
    ContentType, RootCertStore, SupportedCipherSuite, Tls12CipherSuite, Tls13CipherSuite,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
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

async fn secured(versions: Versions) -> (TlsStream<DuplexStream>, TlsPeer<DuplexStream>) {
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
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (client, server) = tokio::join!(
        context.secure(Channel::Data, near),
        TlsPeer::accept(far, &acceptance)
    );
    (client.unwrap().0, server.unwrap())
}

#[tokio::test]
async fn a_key_that_has_sealed_its_share_gives_way_to_the_next() {
    let (mut client, mut server) = secured(Versions::Tls13).await;
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
    let (mut client, mut server) = secured(Versions::Tls12).await;
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
