//! How fast each provider seals and opens TLS 1.3 records of the largest size, 16 KiB.
//!
//! ```sh
//! cargo bench -p wharf --features ring --bench records
//! ```

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot begin has nothing to say"
)]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::BytesCount;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, Iv, MessageDecrypter, MessageEncrypter, OutboundChunks,
    OutboundOpaqueMessage, OutboundPlainMessage, Tls13AeadAlgorithm,
};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, ConnectionTrafficSecrets, ContentType,
    DigitallySignedStruct, Error, ProtocolVersion, ServerConfig, ServerConnection, SignatureScheme,
    SupportedCipherSuite, Tls13CipherSuite,
};

fn main() {
    divan::main();
}

const RECORD: usize = 16 * 1024;

const SUITES: [CipherSuite; 3] = [
    CipherSuite::TLS13_AES_128_GCM_SHA256,
    CipherSuite::TLS13_AES_256_GCM_SHA384,
    CipherSuite::TLS13_CHACHA20_POLY1305_SHA256,
];

#[cfg(feature = "aws-lc-rs")]
mod aws_lc_rs {
    use divan::Bencher;
    use rustls::CipherSuite;

    use super::SUITES;

    #[divan::bench(args = SUITES)]
    fn seal(bencher: Bencher<'_, '_>, suite: CipherSuite) {
        super::seal(
            bencher,
            rustls::crypto::aws_lc_rs::default_provider(),
            suite,
        );
    }

    #[divan::bench(args = SUITES)]
    fn open(bencher: Bencher<'_, '_>, suite: CipherSuite) {
        super::open(
            bencher,
            rustls::crypto::aws_lc_rs::default_provider(),
            suite,
        );
    }
}

#[cfg(feature = "ring")]
mod ring {
    use divan::Bencher;
    use rustls::CipherSuite;

    use super::SUITES;

    #[divan::bench(args = SUITES)]
    fn seal(bencher: Bencher<'_, '_>, suite: CipherSuite) {
        super::seal(bencher, rustls::crypto::ring::default_provider(), suite);
    }

    #[divan::bench(args = SUITES)]
    fn open(bencher: Bencher<'_, '_>, suite: CipherSuite) {
        super::open(bencher, rustls::crypto::ring::default_provider(), suite);
    }
}

fn seal(bencher: Bencher<'_, '_>, provider: CryptoProvider, suite: CipherSuite) {
    let mut ends = Ends::new(provider, suite);
    let payload = vec![0x5a; RECORD];
    bencher
        .counter(BytesCount::new(RECORD))
        .bench_local(|| ends.seal(&payload));
}

fn open(bencher: Bencher<'_, '_>, provider: CryptoProvider, suite: CipherSuite) {
    let mut ends = Ends::new(provider, suite);
    let sealed = ends.seal(&[0x5a; RECORD]).payload.as_ref().to_vec();
    let decrypter = &mut ends.decrypter;
    bencher
        .counter(BytesCount::new(RECORD))
        .with_inputs(|| sealed.clone())
        .bench_local_values(|mut sealed| {
            let record = InboundOpaqueMessage::new(
                ContentType::ApplicationData,
                ProtocolVersion::TLSv1_2,
                &mut sealed,
            );
            assert_eq!(decrypter.decrypt(record, 0).unwrap().payload.len(), RECORD);
            sealed
        });
}

/// The sender's and the receiver's half of one direction.
struct Ends {
    encrypter: Box<dyn MessageEncrypter>,
    decrypter: Box<dyn MessageDecrypter>,
    sent: u64,
}

impl Ends {
    /// rustls gives keys of the right length to nobody but a connection, so one is made.
    fn new(mut provider: CryptoProvider, suite: CipherSuite) -> Self {
        provider.cipher_suites.retain(|one| one.suite() == suite);
        let Some(&SupportedCipherSuite::Tls13(algorithms)) = provider.cipher_suites.first() else {
            panic!("{suite:?} is missing");
        };
        let (client, server) = shake(&Arc::new(provider));
        let sent = client.dangerous_extract_secrets().unwrap().tx.1;
        let received = server.dangerous_extract_secrets().unwrap().rx.1;
        Self {
            encrypter: with_key(sent, algorithms, |aead, key, iv| aead.encrypter(key, iv)),
            decrypter: with_key(received, algorithms, |aead, key, iv| {
                aead.decrypter(key, iv)
            }),
            sent: 0,
        }
    }

    fn seal(&mut self, payload: &[u8]) -> OutboundOpaqueMessage {
        let record = OutboundPlainMessage {
            typ: ContentType::ApplicationData,
            version: ProtocolVersion::TLSv1_2,
            payload: OutboundChunks::Single(payload),
        };
        // AWS-LC refuses to seal with a number that it has seen.
        let number = self.sent;
        self.sent += 1;
        self.encrypter.encrypt(record, number).unwrap()
    }
}

fn with_key<T>(
    secrets: ConnectionTrafficSecrets,
    suite: &Tls13CipherSuite,
    make: impl FnOnce(&dyn Tls13AeadAlgorithm, AeadKey, Iv) -> T,
) -> T {
    match secrets {
        ConnectionTrafficSecrets::Aes128Gcm { key, iv }
        | ConnectionTrafficSecrets::Aes256Gcm { key, iv }
        | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => make(suite.aead_alg, key, iv),
        _ => panic!("keys of an unknown kind"),
    }
}

fn shake(provider: &Arc<CryptoProvider>) -> (ClientConnection, ServerConnection) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![cert.der().clone()],
            PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    config.enable_secret_extraction = true;
    config.send_tls13_tickets = 0;
    let mut server = ServerConnection::new(Arc::new(config)).unwrap();

    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(Arc::clone(provider))))
        .with_no_client_auth();
    config.enable_secret_extraction = true;
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();

    while client.is_handshaking() || server.is_handshaking() {
        let mut flight = Vec::new();
        client.write_tls(&mut flight).unwrap();
        server.read_tls(&mut &*flight).unwrap();
        server.process_new_packets().unwrap();
        let mut flight = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut flight).unwrap();
        }
        client.read_tls(&mut &*flight).unwrap();
        client.process_new_packets().unwrap();
    }
    (client, server)
}

/// The peer is this program.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
