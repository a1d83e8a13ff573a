//! Each way to trust, on servers good and bad.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use wharf_proto::error::ErrorKind;

use super::version_1::version_1;
use super::{Authority, BOTH, HOST, PROVIDERS, Shown, accepted, connect, refused};
use crate::tls::{Fingerprint, KnownKeys, Pin, Roots, TlsConfig, TlsVersion, Trust};

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
    let both = [key, other.certificate().public_key_sha256().unwrap()].map(|key| key.base64());
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

/// Where the platform's authorities are is told by the environment, which only a new process can have
/// changed for it: this test runs itself again.
#[cfg(target_os = "linux")]
#[test]
fn the_platform_s_authorities_are_believed() {
    const DIRECTORY: &str = "WHARF_TEST_PLATFORM";
    const NAME: &str = "tls::trust::tests::believed::the_platform_s_authorities_are_believed";
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

fn known_keys() -> (tempfile::TempDir, KnownKeys) {
    let directory = tempfile::tempdir().unwrap();
    let known = KnownKeys::open(directory.path().join("known_keys")).unwrap();
    (directory, known)
}
