//! Handshakes in memory between what a configuration prepares and rustls' own server.

mod believed;
mod configured;
mod version_1;

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use wharf_proto::error::{Error, ErrorKind};

use crate::tls::{Certificate, Provider, Roots, TlsConfig, TlsVersion, Trust, explain};

const HOST: &str = "ftp.example.com";

struct Authority {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// What a server shows, and the key with which it signs.
#[derive(Clone)]
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        Self {
            certificate: params.self_signed(&key).unwrap(),
            issuer: Issuer::new(params, key),
        }
    }

    fn certify(&self, adjust: impl FnOnce(&mut CertificateParams)) -> Shown {
        let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        adjust(&mut params);
        let key = KeyPair::generate().unwrap();
        Shown::new(&params.signed_by(&key, &self.issuer).unwrap(), &key)
    }

    fn roots(&self) -> Roots {
        Roots::from_pem(self.certificate.pem()).unwrap()
    }

    fn trusted(&self) -> TlsConfig {
        TlsConfig::new().trust(Trust::Roots(self.roots()))
    }
}

impl Shown {
    fn new(certificate: &rcgen::Certificate, key: &KeyPair) -> Self {
        Self {
            chain: vec![certificate.der().clone()],
            key: Arc::new(PrivateKeyDer::try_from(key.serialize_der()).unwrap()),
        }
    }

    fn self_signed(adjust: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        adjust(&mut params);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        Self::new(&params.self_signed(&key).unwrap(), &key)
    }

    fn certificate(&self) -> Certificate {
        Certificate::from_der(self.chain[0].as_ref())
    }

    fn pem(&self) -> String {
        let body = self.chain[0].chunks(48).map(|chunk| {
            use base64ct::Encoding as _;
            base64ct::Base64::encode_string(chunk) + "\n"
        });
        format!(
            "-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n",
            body.collect::<String>()
        )
    }

    /// A server that shows this, whether or not the key fits.
    fn server(&self, version: TlsVersion, clients: Option<&Authority>) -> ServerConfig {
        let provider = Provider::default().cryptography().unwrap();
        let key = provider
            .key_provider
            .load_private_key(self.key.clone_key())
            .unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[match version {
                TlsVersion::Tls12 => &TLS12,
                TlsVersion::Tls13 => &TLS13,
            }])
            .unwrap();
        match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.certificate.der().clone()).unwrap();
                builder.with_client_cert_verifier(
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .unwrap(),
                )
            }
        }
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(
            self.chain.clone(),
            key,
        ))))
    }
}

const BOTH: [TlsVersion; 2] = [TlsVersion::Tls12, TlsVersion::Tls13];

/// Every provider that is compiled in.
const PROVIDERS: &[Provider] = &[
    #[cfg(feature = "aws-lc-rs")]
    Provider::AwsLcRs,
    #[cfg(feature = "ring")]
    Provider::Ring,
];

fn connect(config: &TlsConfig, host: &str, server: ServerConfig) -> Result<(), Error> {
    let prepared = config.prepare(host, 21)?;
    let name = prepared.name;
    let mut client = ClientConnection::new(Arc::new(prepared.config), name.clone()).unwrap();
    let mut server = ServerConnection::new(Arc::new(server)).unwrap();
    loop {
        let mut there = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut there).unwrap();
        }
        let mut rest = &*there;
        while !rest.is_empty() {
            server.read_tls(&mut rest).unwrap();
            // What it thinks of us comes back as an alert.
            let _ = server.process_new_packets();
        }
        let mut back = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut back).unwrap();
        }
        let mut rest = &*back;
        while !rest.is_empty() {
            client.read_tls(&mut rest).unwrap();
            client
                .process_new_packets()
                .map_err(|error| explain::explain(&error, &name))?;
        }
        if there.is_empty() && back.is_empty() {
            assert!(!client.is_handshaking());
            return Ok(());
        }
    }
}

/// Checks the error with both versions of TLS.
fn refused(config: &TlsConfig, shown: &Shown, kind: ErrorKind, words: &[&str]) {
    for version in BOTH {
        let error = connect(config, HOST, shown.server(version, None)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        for words in words {
            assert!(
                error.to_string().contains(words),
                "{words:?} not in: {error}"
            );
        }
    }
}

fn accepted(config: &TlsConfig, shown: &Shown) {
    for version in BOTH {
        connect(config, HOST, shown.server(version, None)).unwrap();
    }
}
