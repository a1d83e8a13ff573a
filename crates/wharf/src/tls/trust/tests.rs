//! Handshakes in memory between what a configuration prepares and rustls' own server.

use std::fs;
use std::path::Path;
use std::process::Command;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use wharf_proto::error::{Error, ErrorKind};

use super::*;
use crate::tls::{Certificate, Identity, KnownKeys, Provider, TlsConfig, TlsVersion};

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
        Certificate::from(&self.chain[0])
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

fn known_keys() -> (tempfile::TempDir, KnownKeys) {
    let directory = tempfile::tempdir().unwrap();
    let known = KnownKeys::open(directory.path().join("known_keys")).unwrap();
    (directory, known)
}

#[test]
fn a_server_is_trusted_if_its_chain_leads_to_one_of_the_roots() {
    let authority = Authority::new("Harbour CA");
    let shown = authority.certify(|_| {});
    for &provider in PROVIDERS {
        accepted(&authority.trusted().provider(provider), &shown);
    }
    let both = Authority::new("Another").roots().with(authority.roots());
    accepted(&TlsConfig::new().trust(Trust::Roots(both)), &shown);
}

#[test]
fn an_unknown_issuer_is_named_with_the_ways_out() {
    let shown = Authority::new("Strangers, Inc.\u{1b}[2J").certify(|_| {});
    for &provider in PROVIDERS {
        let config = Authority::new("Harbour CA").trusted().provider(provider);
        let pin = shown.certificate().public_key_sha256().unwrap().base64();
        refused(
            &config,
            &shown,
            ErrorKind::Certificate,
            &[r"was issued by CN=Strangers\, Inc.\x1b[2J", &pin, "Roots"],
        );
    }
}

#[test]
fn a_self_signed_certificate_is_called_so_by_whatever_trust_refuses_it() {
    for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        let shown = Shown::self_signed(|params| params.is_ca = is_ca);
        let only_a_leaf = Roots::from_pem(Shown::self_signed(|_| {}).pem()).unwrap();
        for config in [
            Authority::new("Harbour CA").trusted(),
            TlsConfig::new().trust(Trust::Roots(only_a_leaf)),
        ] {
            refused(
                &config,
                &shown,
                ErrorKind::Certificate,
                &["signed by itself"],
            );
        }
    }
}

#[test]
fn a_server_s_own_certificate_among_the_roots_needs_no_chain() {
    for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        let shown = Shown::self_signed(|params| params.is_ca = is_ca);
        let roots = Roots::from_pem(shown.pem()).unwrap();
        accepted(&TlsConfig::new().trust(Trust::Roots(roots)), &shown);
    }
    let issued = Authority::new("Unknown").certify(|_| {});
    let roots = Roots::from_pem(issued.pem()).unwrap();
    accepted(&TlsConfig::new().trust(Trust::Roots(roots)), &issued);
}

#[test]
fn a_server_s_own_certificate_among_the_roots_still_has_its_name_and_dates() {
    let config = |shown: &Shown| {
        let roots = Roots::from_pem(shown.pem()).unwrap();
        TlsConfig::new().trust(Trust::Roots(roots))
    };
    let shown = Shown::self_signed(|params| params.not_after = date_time_ymd(2020, 1, 2));
    refused(
        &config(&shown),
        &shown,
        ErrorKind::Certificate,
        &["valid until 2020-01-02"],
    );
    let shown = Shown::self_signed(|params| params.not_before = date_time_ymd(2999, 1, 2));
    refused(
        &config(&shown),
        &shown,
        ErrorKind::Certificate,
        &["from 2999-01-02"],
    );
    let shown = Shown::self_signed(|params| params.subject_alt_names.clear());
    refused(
        &config(&shown),
        &shown,
        ErrorKind::Certificate,
        &["for no host at all"],
    );
}

#[test]
fn a_server_s_certificate_among_the_roots_vouches_for_no_other() {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["other.example".to_owned()]).unwrap();
    let leaf = Shown::new(&params.self_signed(&key).unwrap(), &key);
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    let shown = Shown::new(&params.signed_by(&own, &issuer).unwrap(), &own);
    let config = TlsConfig::new().trust(Trust::Roots(Roots::from_pem(leaf.pem()).unwrap()));
    refused(&config, &shown, ErrorKind::Certificate, &[]);
}

#[test]
fn dates_and_names_that_are_wrong_are_told() {
    let authority = Authority::new("Harbour CA");
    let expired = authority.certify(|params| params.not_after = date_time_ymd(2020, 1, 2));
    refused(
        &authority.trusted(),
        &expired,
        ErrorKind::Certificate,
        &["valid until 2020-01-02T00:00:00Z, and here it is 2"],
    );
    let early = authority.certify(|params| params.not_before = date_time_ymd(2999, 1, 2));
    refused(
        &authority.trusted(),
        &early,
        ErrorKind::Certificate,
        &["from 2999-01-02T00:00:00Z on"],
    );

    let shown = authority.certify(|_| {});
    let elsewhere = |host| {
        connect(
            &authority.trusted(),
            host,
            shown.server(TlsVersion::Tls13, None),
        )
        .unwrap_err()
    };
    for host in ["files.example.com", "192.0.2.1"] {
        let error = elsewhere(host);
        assert_eq!(error.kind(), ErrorKind::Certificate);
        let text = error.to_string();
        assert!(
            text.contains(&format!("is not for {host}, but for {HOST}.")),
            "{text}"
        );
    }
    let purpose = authority
        .certify(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    refused(
        &authority.trusted(),
        &purpose,
        ErrorKind::Certificate,
        &["something else than a server"],
    );
}

#[test]
fn the_name_to_verify_may_be_another_than_the_host() {
    let authority = Authority::new("Harbour CA");
    let shown = authority.certify(|_| {});
    let config = authority.trusted().server_name(HOST);
    connect(&config, "10.0.0.1", shown.server(TlsVersion::Tls13, None)).unwrap();
    connect(
        &authority.trusted(),
        "ftp.example.com.",
        shown.server(TlsVersion::Tls13, None),
    )
    .unwrap();
    let error = authority.trusted().prepare("a b", 21).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn the_name_is_sent_ahead_unless_that_is_turned_off() {
    let authority = Authority::new("Harbour CA");
    let sent = |config: TlsConfig| {
        let prepared = config.prepare(HOST, 21).unwrap();
        let mut client = ClientConnection::new(Arc::new(prepared.config), prepared.name).unwrap();
        let mut hello = Vec::new();
        client.write_tls(&mut hello).unwrap();
        hello
            .windows(HOST.len())
            .any(|window| window == HOST.as_bytes())
    };
    assert!(sent(authority.trusted()));
    assert!(!sent(authority.trusted().sni(false)));
}

#[test]
fn anything_is_trusted_only_if_that_is_said() {
    let shown = Shown::self_signed(|params| params.not_after = date_time_ymd(2020, 1, 2));
    for &provider in PROVIDERS {
        let config = TlsConfig::new()
            .trust(Trust::DangerAnything)
            .provider(provider);
        accepted(&config, &shown);
    }
}

#[test]
fn pins_decide_besides_trust_and_alone_where_anything_is_trusted() {
    let authority = Authority::new("Harbour CA");
    let shown = authority.certify(|_| {});
    let right = [
        Pin::public_key(shown.certificate().public_key_sha256().unwrap()),
        Pin::certificate(shown.certificate().sha256()),
    ];
    let wrong = Pin::public_key(Fingerprint::of(b"another key"));
    let anything = TlsConfig::new().trust(Trust::DangerAnything);
    for trusted in [authority.trusted(), anything] {
        for pin in right {
            accepted(&trusted.clone().pins([wrong, pin]), &shown);
        }
        let pin = shown.certificate().public_key_sha256().unwrap().base64();
        refused(
            &trusted.pins([wrong]),
            &shown,
            ErrorKind::Certificate,
            &["none of the pinned keys", &format!("sha256//{pin}")],
        );
    }
    let stranger = Authority::new("Strangers").trusted().pins(right);
    refused(&stranger, &shown, ErrorKind::Certificate, &[]);
}

#[test]
fn a_server_is_trusted_on_first_use_and_then_only_with_the_same_key() {
    let shown = Shown::self_signed(|params| params.subject_alt_names.clear());
    let key = shown.certificate().public_key_sha256().unwrap();
    let [first, (_directory, known)] = BOTH.map(|version| {
        let (directory, known) = known_keys();
        let config = TlsConfig::new().trust(Trust::FirstUse(known.clone()));
        connect(&config, HOST, shown.server(version, None)).unwrap();
        (directory, known)
    });
    let lines = fs::read_to_string(known.path()).unwrap();
    assert_eq!(fs::read_to_string(first.1.path()).unwrap(), lines);
    let config = TlsConfig::new().trust(Trust::FirstUse(known.clone()));
    assert_eq!(lines, format!("{HOST}:21 sha256:{}\n", key.base64()));

    let other = Shown::self_signed(|_| {});
    let both = [&key, &other.certificate().public_key_sha256().unwrap()].map(ToString::to_string);
    refused(
        &config,
        &other,
        ErrorKind::Certificate,
        &[&both[0], &both[1]],
    );
    assert_eq!(fs::read_to_string(known.path()).unwrap(), lines);
    accepted(&config, &shown);
}

#[test]
fn a_server_that_is_not_pinned_is_not_remembered_either() {
    let (_directory, known) = known_keys();
    let config = TlsConfig::new()
        .trust(Trust::FirstUse(known.clone()))
        .pins([Pin::certificate(Fingerprint::of(b"another"))]);
    refused(
        &config,
        &Shown::self_signed(|_| {}),
        ErrorKind::Certificate,
        &[],
    );
    assert!(!known.path().exists());
}

#[test]
fn a_key_that_cannot_be_remembered_is_not_trusted() {
    let (directory, known) = known_keys();
    fs::create_dir(directory.path().join("known_keys")).unwrap();
    let config = TlsConfig::new().trust(Trust::FirstUse(known));
    refused(&config, &Shown::self_signed(|_| {}), ErrorKind::Io, &[]);
}

#[test]
fn a_server_without_its_certificate_s_key_is_refused_by_every_trust_and_not_remembered() {
    let authority = Authority::new("Harbour CA");
    let (_directory, known) = known_keys();
    let issued = authority.certify(|_| {});
    for honest in [issued.clone(), version_1(&issued)] {
        let thief = Shown {
            key: Shown::self_signed(|_| {}).key,
            ..honest.clone()
        };
        let key = honest.certificate().public_key_sha256().unwrap();
        let mut trusts = vec![
            TlsConfig::new().trust(Trust::FirstUse(known.clone())),
            TlsConfig::new().trust(Trust::DangerAnything),
            TlsConfig::new()
                .trust(Trust::DangerAnything)
                .pins([Pin::public_key(key)]),
        ];
        if honest.chain == issued.chain {
            trusts.push(authority.trusted());
        }
        for config in trusts {
            for &provider in PROVIDERS {
                let config = config.clone().provider(provider);
                refused(
                    &config,
                    &thief,
                    ErrorKind::Certificate,
                    &["does not own the key"],
                );
            }
        }
        assert!(!known.path().exists());
    }
}

#[test]
fn a_certificate_of_version_1_can_be_pinned_and_remembered_but_leads_to_no_authority() {
    let authority = Authority::new("Harbour CA");
    let shown = version_1(&authority.certify(|_| {}));
    assert_eq!(shown.certificate().names(), [] as [String; 0]);
    for &provider in PROVIDERS {
        let (_directory, known) = known_keys();
        let key = shown.certificate().public_key_sha256().unwrap();
        for trust in [Trust::DangerAnything, Trust::FirstUse(known)] {
            let config = TlsConfig::new().trust(trust).pins([Pin::public_key(key)]);
            accepted(&config.provider(provider), &shown);
        }
        let config = authority.trusted().provider(provider);
        refused(
            &config,
            &shown,
            ErrorKind::Certificate,
            &["of X.509 version 1"],
        );
    }
}

#[test]
fn a_client_certificate_is_shown_to_servers_that_ask() {
    let authority = Authority::new("Harbour CA");
    let clients = Authority::new("Crew CA");
    let shown = authority.certify(|_| {});
    let me = identity(&clients);
    for &provider in PROVIDERS {
        for version in BOTH {
            let server = || shown.server(version, Some(&clients));
            let config = authority.trusted().provider(provider);
            connect(&config.clone().identity(me.clone()), HOST, server()).unwrap();

            let error = connect(&config, HOST, server()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls);
            assert!(
                error.to_string().contains("wants a client certificate"),
                "{error}"
            );

            let stranger = config.identity(identity(&Authority::new("Strangers")));
            let error = connect(&stranger, HOST, server()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls);
            assert!(
                error
                    .to_string()
                    .contains("does not accept the client cert"),
                "{error}"
            );
        }
    }
}

fn identity(authority: &Authority) -> Identity {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    Identity::from_pem(certificate.pem(), key.serialize_pem()).unwrap()
}

#[test]
fn only_versions_between_the_oldest_and_the_newest_are_spoken() {
    let authority = Authority::new("Harbour CA");
    let shown = authority.certify(|_| {});
    for &provider in PROVIDERS {
        let config = || authority.trusted().provider(provider);
        for (config, version) in [
            (config().min_version(TlsVersion::Tls13), TlsVersion::Tls12),
            (config().max_version(TlsVersion::Tls12), TlsVersion::Tls13),
        ] {
            let error = connect(&config, HOST, shown.server(version, None)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls);
            assert!(
                error.to_string().contains("TLS versions offered"),
                "{error}"
            );
        }
        connect(
            &config().max_version(TlsVersion::Tls12),
            HOST,
            shown.server(TlsVersion::Tls12, None),
        )
        .unwrap();
    }
    let upside_down = authority
        .trusted()
        .min_version(TlsVersion::Tls13)
        .max_version(TlsVersion::Tls12);
    let error = upside_down.prepare(HOST, 21).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_server_that_speaks_clear_text_is_told_from_one_that_breaks_tls() {
    let prepared = TlsConfig::new()
        .trust(Trust::DangerAnything)
        .prepare(HOST, 21)
        .unwrap();
    let name = prepared.name;
    let mut client = ClientConnection::new(Arc::new(prepared.config), name.clone()).unwrap();
    client
        .read_tls(&mut &b"220 Welcome to the harbour.\r\n"[..])
        .unwrap();
    let error = client.process_new_packets().unwrap_err();
    let error = explain::explain(&error, &name);
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert!(
        error.to_string().contains("speaks clear text on this port"),
        "{error}"
    );
}

#[test]
fn the_secrets_of_both_versions_go_to_the_key_log() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    let shown = Shown::self_signed(|_| {});
    let config = TlsConfig::new().trust(Trust::DangerAnything).key_log(&path);
    accepted(&config, &shown);
    let log = fs::read_to_string(&path).unwrap();
    for label in [
        "CLIENT_RANDOM",
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_TRAFFIC_SECRET_0",
    ] {
        let line = log.lines().find(|line| line.starts_with(label)).unwrap();
        let [_, random, secret] = *line.split(' ').collect::<Vec<_>>() else {
            panic!("{line}");
        };
        assert_eq!(random.len(), 64);
        assert!(secret.len() >= 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let nowhere = config.key_log(directory.path().join("none/keys"));
    assert_eq!(nowhere.prepare(HOST, 21).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn what_prepares_a_session_leaves_resumption_and_alpn_to_it() {
    let config = Authority::new("Harbour CA")
        .trusted()
        .prepare(HOST, 21)
        .unwrap()
        .config;
    assert!(config.enable_secret_extraction);
    assert!(config.alpn_protocols.is_empty());
}

#[cfg(not(feature = "ring"))]
#[test]
fn cryptography_that_is_not_compiled_in_is_named() {
    let error = TlsConfig::new()
        .provider(Provider::Ring)
        .prepare(HOST, 21)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("feature `ring`"), "{error}");
}

/// Where the platform's authorities are is told by the environment, which only a new process can have
/// changed for it: this test runs itself again.
#[cfg(target_os = "linux")]
#[test]
fn the_platform_s_authorities_are_believed() {
    const DIRECTORY: &str = "WHARF_TEST_PLATFORM";
    const NAME: &str = "tls::trust::tests::the_platform_s_authorities_are_believed";
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        let read = |name| fs::read(Path::new(&directory).join(name)).unwrap();
        let shown = Shown {
            chain: vec![CertificateDer::from(read("certificate"))],
            key: Arc::new(PrivateKeyDer::try_from(read("key")).unwrap()),
        };
        let stranger = Shown::self_signed(|_| {});
        refused(
            &TlsConfig::new(),
            &stranger,
            ErrorKind::Certificate,
            &["signed by itself"],
        );
        return accepted(&TlsConfig::new(), &shown);
    }
    let authority = Authority::new("Harbour CA");
    let shown = authority.certify(|_| {});
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    fs::write(file("ca.pem"), authority.certificate.pem()).unwrap();
    fs::write(file("certificate"), &shown.chain[0]).unwrap();
    fs::write(file("key"), shown.key.secret_der()).unwrap();
    let again = |authorities: &'static str| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME])
            .env(DIRECTORY, directory.path())
            .env("SSL_CERT_FILE", file(authorities))
            .env_remove("SSL_CERT_DIR")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (text.contains("1 passed"), text)
    };
    let (passed, output) = again("ca.pem");
    assert!(passed, "{output}");
    let (passed, output) = again("missing.pem");
    assert!(
        !passed && output.contains("the platform has no certificate authorities"),
        "{output}"
    );
}

/// The same certificate without what came with version 3. Its authority's signature is wrong then, which
/// nobody checks who asks for no authority.
fn version_1(shown: &Shown) -> Shown {
    let (whole, _) = split(&shown.chain[0]);
    let (to_be_signed, signature) = split(whole);
    let mut fields = Vec::new();
    let mut rest = to_be_signed;
    while !rest.is_empty() {
        let (_, behind) = split(rest);
        let field = &rest[..rest.len() - behind.len()];
        // [0] is the version, [3] the extensions.
        if !matches!(field[0], 0xa0 | 0xa3) {
            fields.extend_from_slice(field);
        }
        rest = behind;
    }
    let certificate = sequence(&[&sequence(&fields), signature].concat());
    Shown {
        chain: vec![CertificateDer::from(certificate)],
        key: Arc::clone(&shown.key),
    }
}

/// The content of the first DER element, and what is behind it.
fn split(der: &[u8]) -> (&[u8], &[u8]) {
    let (header, length) = match der[1] {
        short @ 0..=0x7f => (2, usize::from(short)),
        0x81 => (3, usize::from(der[2])),
        _ => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
    };
    (&der[header..header + length], &der[header + length..])
}

fn sequence(content: &[u8]) -> Vec<u8> {
    let header = match u16::try_from(content.len()).unwrap().to_be_bytes() {
        [0, length @ 0..=0x7f] => vec![0x30, length],
        [0, length] => vec![0x30, 0x81, length],
        [high, low] => vec![0x30, 0x82, high, low],
    };
    [&header, content].concat()
}
