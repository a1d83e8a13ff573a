//! What a configuration asks for besides trust.

use std::fs;
use std::sync::Arc;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair};
use rustls::ClientConnection;
use wharf_proto::error::ErrorKind;

use super::{Authority, BOTH, HOST, PROVIDERS, Shown, accepted, connect};
use crate::tls::{Identity, TlsConfig, TlsVersion, Trust, explain};

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
        .provider(crate::tls::Provider::Ring)
        .prepare(HOST, 21)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("feature `ring`"), "{error}");
}
