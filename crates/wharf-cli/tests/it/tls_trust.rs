//! Whom the command believes, and what it says of the others.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;
use wharf_testing::server::{Resumption, ServerTls};
use wharf_testing::tls::authority::{Authority, Identity, Leaf, Usage, Validity};

use crate::bench::Bench;
use crate::tls::masked;

const DONE: &str = "exit 0\n--- stdout\nahoy";

/// A server that shows this certificate.
fn showing(certificate: &Identity) -> Bench {
    let bench = Bench::with_tls(ServerTls {
        certificate: certificate.clone(),
        ..ServerTls::default()
    });
    bench.remote("a", "ahoy\n");
    bench
}

fn certificate(name: &str, leaf: Leaf) -> Identity {
    Authority::shared().issue([name], leaf)
}

fn self_signed() -> Identity {
    let leaf = Leaf {
        self_signed: true,
        ..Leaf::default()
    };
    certificate("127.0.0.1", leaf)
}

/// Shows the certificate of a server to the command, and what came of it.
fn judged(certificate: &Identity, flags: &str) -> String {
    masked(&showing(certificate).run(&format!("cat {flags} ftpes://HOST/a")))
}

/// A pin as curl has it. The command itself shows what to pin.
fn pin(bench: &Bench) -> String {
    let shown = bench.run("ls -v -k ftp://HOST/");
    let line = shown
        .lines()
        .find_map(|line| line.split_once("public key "))
        .unwrap();
    line.1.to_owned()
}

#[test]
fn an_authority_that_nobody_knows_is_refused_and_the_ways_out_are_named() {
    let bench = showing(Identity::localhost());
    bench.local("other.pem", Authority::new().pem());
    let shown = bench.run("cat --cacert other.pem ftp://HOST/a");
    assert_snapshot!(masked(&shown), @"
    exit 9
    --- stderr
    wharf: ftp://HOST/a: nobody who is trusted vouches for 127.0.0.1: its certificate was issued by CN=wharf test authority …, which is not among the authorities, or the server leaves out a certificate in between. Give the authority's certificate as one of the Roots, trust nothing but the server's key (sha256//…) as a pin, or trust it on first use
      advice: --cacert FILE trusts another authority, or that one certificate; --pinnedpubkey with --insecure one key; --tofu the key that the server shows the first time
    ");
    let mut command = bench.command("cat ftpes://HOST/a");
    let output = command.env("SSL_CERT_FILE", "other.pem").output().unwrap();
    assert_snapshot!(masked(&bench.shown(&output)), @"
    exit 9
    --- stderr
    wharf: ftpes://HOST/a: nobody who is trusted vouches for 127.0.0.1: its certificate was issued by CN=wharf test authority …, which is not among the authorities, or the server leaves out a certificate in between. Give the authority's certificate as one of the Roots, trust nothing but the server's key (sha256//…) as a pin, or trust it on first use
      advice: --cacert FILE trusts another authority, or that one certificate; --pinnedpubkey with --insecure one key; --tofu the key that the server shows the first time
    ");
    let commands = bench.server.commands();
    assert!(
        commands.iter().all(|line| line.starts_with("AUTH")),
        "{commands:?}"
    );
}

#[test]
fn a_bad_certificate_is_refused_with_its_reason() {
    let leaf = |validity| Leaf {
        validity,
        ..Leaf::default()
    };
    let expired = certificate("127.0.0.1", leaf(Validity::Expired));
    assert_snapshot!(judged(&expired, "--cacert ca.pem"), @"
    exit 9
    --- stderr
    wharf: ftpes://HOST/a: the certificate of 127.0.0.1 has expired: it was valid until 2002-01-01T00:00:00Z, and here it is …. The server needs a new one, or this clock is wrong
      advice: --pinnedpubkey with --insecure trusts one key whatever its dates, and so does --tofu
    ");
    let early = certificate("127.0.0.1", leaf(Validity::NotYet));
    assert_snapshot!(judged(&early, "--cacert ca.pem"), @"
    exit 9
    --- stderr
    wharf: ftpes://HOST/a: the certificate of 127.0.0.1 is not valid yet: it will be from 2110-01-01T00:00:00Z on, and here it is …. This clock is wrong, or the server's was
      advice: --pinnedpubkey with --insecure trusts one key whatever its dates, and so does --tofu
    ");
    let elsewhere = certificate("ftp.example", Leaf::default());
    assert_snapshot!(judged(&elsewhere, "--cacert ca.pem"), @"
    exit 9
    --- stderr
    wharf: ftpes://HOST/a: the certificate is not for 127.0.0.1, but for ftp.example. Connect to a name that it has, or say that name as the server's
      advice: --tls-name NAME expects another name than the URL's host
    ");
    assert_eq!(
        judged(&elsewhere, "--cacert ca.pem --tls-name ftp.example"),
        DONE
    );
    let client = Leaf {
        usage: Usage::Client,
        ..Leaf::default()
    };
    let client = certificate("127.0.0.1", client);
    assert_snapshot!(judged(&client, "--cacert ca.pem"), @"
    exit 9
    --- stderr
    wharf: ftpes://HOST/a: the certificate of 127.0.0.1 is meant for something else than a server
      advice: --cacert FILE trusts another authority, or that one certificate; --pinnedpubkey with --insecure one key; --tofu the key that the server shows the first time
    ");
    assert_snapshot!(judged(&self_signed(), "--cacert ca.pem"), @"
    exit 9
    --- stderr
    wharf: ftpes://HOST/a: nobody vouches for 127.0.0.1: its certificate is signed by itself. Give that certificate as one of the Roots, trust nothing but the server's key (sha256//…) as a pin, or trust it on first use
      advice: --cacert FILE trusts another authority, or that one certificate; --pinnedpubkey with --insecure one key; --tofu the key that the server shows the first time
    ");
}

#[test]
fn authorities_come_from_files_and_directories() {
    let alone = self_signed();
    let bench = showing(&alone);
    bench.local("server.pem", alone.certificate_pem());
    fs::create_dir(bench.path("dir")).unwrap();
    fs::create_dir(bench.path("none")).unwrap();
    bench.local("dir/one.crt", Authority::new().pem());
    bench.local("dir/two.pem", alone.certificate_pem());
    for flags in [
        "--cacert server.pem",
        "--cacert dir",
        "--cacert ca.pem --cacert server.pem",
    ] {
        assert_eq!(
            bench.run(&format!("cat {flags} ftp://HOST/a")),
            DONE,
            "{flags}"
        );
    }
    bench.local("empty.pem", "");
    assert_snapshot!(bench.run("cat --cacert none ftp://HOST/a"), @"
    exit 2
    --- stderr
    wharf: no file in `none` holds a certificate
    ");
    assert_snapshot!(bench.run("cat --cacert empty.pem ftp://HOST/a"), @"
    exit 2
    --- stderr
    wharf: `empty.pem` holds no certificate in PEM form
    ");
    assert_snapshot!(bench.run("cat --cacert missing ftp://HOST/a"), @"
    exit 17
    --- stderr
    wharf: `missing` cannot be read: No such file or directory (os error 2)
    ");
}

#[test]
fn a_pin_is_asked_for_besides_trust() {
    let bench = showing(Identity::localhost());
    let pin = pin(&bench);
    let wrong = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    bench.local("key.pem", Identity::localhost().public_key_pem());
    bench.local("other.pem", Authority::new().pem());
    for pins in [&pin, &format!("{wrong};{pin}"), "key.pem"] {
        let line = format!("cat --cacert ca.pem --pinnedpubkey {pins} ftp://HOST/a");
        assert_eq!(bench.run(&line), DONE);
        let line = format!("cat --cacert other.pem --pinnedpubkey {pins} ftp://HOST/a");
        assert!(bench.run(&line).starts_with("exit 9\n"));
        // The key alone, of which no warning is due.
        let line = format!("cat --insecure --pinnedpubkey {pins} ftp://HOST/a");
        assert_eq!(bench.run(&line), DONE);
    }
    let shown = bench.run(&format!("cat -k --pinnedpubkey {wrong} ftp://HOST/a"));
    let line = format!("cat --cacert ca.pem --pinnedpubkey {wrong} ftp://HOST/a");
    assert_eq!(bench.run(&line), shown);
    assert_snapshot!(masked(&shown), @"
    exit 9
    --- stderr
    wharf: ftp://HOST/a: 127.0.0.1 has none of the pinned keys: the server was given a new one, or somebody is in between. Its key is sha256//…, its certificate SHA256:…; pin it once its owner confirms it
    ");
    assert_snapshot!(bench.run("cat --pinnedpubkey sha256//xyz ftp://HOST/a"), @"
    exit 2
    --- stderr
    wharf: `sha256//xyz` is not a pin: sha256// and a SHA-256 hash in Base64
    ");
    assert_snapshot!(bench.run("cat --pinnedpubkey missing ftp://HOST/a"), @"
    exit 17
    --- stderr
    wharf: `missing` cannot be read: No such file or directory (os error 2)
      advice: --pinnedpubkey takes a file with a key, or sha256// and the key's hash in Base64, as --verbose shows it
    ");
}

#[test]
fn a_server_is_trusted_on_first_use_and_later_by_its_key() {
    let first = self_signed();
    let bench = showing(&first);
    let store = ".local/share/wharf/known_keys";
    let line = "cat --tofu ftp://HOST/a";
    let shown = bench.run(line);
    assert_snapshot!(masked(&shown), @"
    exit 0
    --- stdout
    ahoy
    --- stderr
    wharf: HOST is met for the first time, and trusted from now on by its key, sha256//…: does its owner confirm that? It is written down in LOCAL/.local/share/wharf/known_keys
    ");
    let written = bench.read(store);
    let key = written.split_once("sha256:").unwrap().1.trim_end();
    assert!(shown.contains(key), "{shown}\n{written}");
    let mode = fs::metadata(bench.path(store))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(bench.run(line), DONE);

    let renewed = Leaf {
        self_signed: true,
        validity: Validity::Expired,
        key_of: Some(first),
        ..Leaf::default()
    };
    let showing = |certificate| ServerTls {
        certificate,
        ..ServerTls::default()
    };
    bench
        .server
        .set_tls(showing(certificate("elsewhere", renewed)));
    assert_eq!(bench.run(line), DONE);
    bench.server.set_tls(showing(self_signed()));
    assert_snapshot!(masked(&bench.run(line)), @"
    exit 9
    --- stderr
    wharf: ftp://HOST/a: the key of HOST has changed from sha256//… to sha256//…: the server was given a new one, or somebody is in between. If its owner confirms the new one, remove line 1 of `LOCAL/.local/share/wharf/known_keys`
    ");
    assert_eq!(bench.read(store), written);
}

#[test]
fn a_first_meeting_is_told_of_whatever_becomes_of_the_login() {
    let bench = showing(Identity::localhost());
    let mut command = bench.command("cat --tofu ftp://ship@HOST/a");
    let output = command.env("WHARF_PASSWORD", "wrong").output().unwrap();
    let shown = bench.shown(&output);
    assert!(shown.contains("HOST is met for the first time"), "{shown}");
    assert!(shown.starts_with("exit 7"), "{shown}");
}

#[test]
fn the_keys_are_kept_where_the_environment_says() {
    let bench = showing(Identity::localhost());
    let data = bench.path("data");
    let run = |home: &str| {
        let mut command = bench.command("cat --tofu ftp://HOST/a");
        bench.shown(&command.env("XDG_DATA_HOME", home).output().unwrap())
    };
    let shown = run(data.to_str().unwrap());
    assert!(
        shown.ends_with("written down in LOCAL/data/wharf/known_keys"),
        "{shown}"
    );
    assert_eq!(run(data.to_str().unwrap()), DONE);
    // A relative path is none (XDG Base Directory Specification).
    let shown = run("data");
    assert!(
        shown.ends_with("written down in LOCAL/.local/share/wharf/known_keys"),
        "{shown}"
    );
    bench.local("data/wharf/known_keys", "nonsense\n");
    assert_snapshot!(run(data.to_str().unwrap()), @"
    exit 2
    --- stderr
    wharf: line 1 of `LOCAL/data/wharf/known_keys` is not a server, a blank, `sha256:` and a hash in Base64
    ");
}

#[test]
fn insecurity_is_warned_of_once() {
    let bench = showing(&self_signed());
    bench.remote("b", "again\n");
    assert_snapshot!(bench.run("cat -k ftp://HOST/a ftpes://HOST/b"), @"
    exit 0
    --- stdout
    ahoy
    again
    --- stderr
    wharf: no certificate is checked (--insecure), so anybody on the way can read and change everything, the password too
    ");
    assert_eq!(bench.run("cat -s -k ftp://HOST/a"), DONE);
}

#[test]
fn another_certificate_on_the_data_connection_is_refused() {
    let bench = Bench::with_tls(ServerTls {
        data_certificate: Some(self_signed()),
        resumption: Resumption::Never,
        ..ServerTls::default()
    });
    bench.remote("a", "ahoy\n");
    let shown = bench.run("get -k -s ftp://HOST/a");
    // With the server's last words or without them, whichever are first.
    assert!(shown.starts_with("exit 9\n"), "{shown}");
    let refusal = "the data connection shows another certificate (SHA256:";
    assert!(shown.contains(refusal), "{shown}");
    assert!(!bench.names().contains(&"a".to_owned()));
}
