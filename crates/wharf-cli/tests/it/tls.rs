//! Whether and how the connections are encrypted.

use std::fs;

use insta::assert_snapshot;
use wharf_testing::server::{Channel, End, Mode, Options, Required, ServerTls, Versions};
use wharf_testing::tls::authority::{Authority, Leaf, Usage};

use crate::bench::{Bench, PASSWORD};

fn bench() -> Bench {
    with(ServerTls::default())
}

fn with(tls: ServerTls) -> Bench {
    let bench = Bench::with_tls(tls);
    bench.remote("a", "ahoy\n");
    bench
}

const DONE: &str = "exit 0\n--- stdout\nahoy";

/// The channels that were encrypted, in order: `C` and `D`, in lower case if they resumed a session.
fn channels(bench: &Bench) -> String {
    let letter = |channel, resumed| match (channel, resumed) {
        (Channel::Control, false) => 'C',
        (Channel::Control, true) => 'c',
        (Channel::Data, false) => 'D',
        (Channel::Data, true) => 'd',
    };
    let handshakes = bench.server.handshakes();
    handshakes
        .iter()
        .map(|one| letter(one.channel, one.resumed))
        .collect()
}

/// Leaves out what differs from run to run: hashes, numbers, and what time it is.
pub(crate) fn masked(text: &str) -> String {
    let mask = |text: &str, before: &str, of_it: fn(char) -> bool| {
        let mut pieces = text.split(before);
        let mut result = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            result.push_str(before);
            result.push('…');
            result.push_str(piece.trim_start_matches(of_it));
        }
        result
    };
    let text = mask(text, "SHA256:", |c| c.is_ascii_hexdigit() || c == ':');
    let text = mask(&text, "sha256//", |c| {
        c.is_ascii_alphanumeric() || "+/=".contains(c)
    });
    // The authorities of a process are numbered.
    let text = mask(&text, "test authority ", |c| c.is_ascii_digit());
    mask(&text, "here it is ", |c| {
        c.is_ascii_digit() || "-:TZ ".contains(c)
    })
}

#[test]
fn a_password_brings_tls_about_and_files_travel_in_it() {
    let bench = bench();
    let line = "cat --cacert ca.pem ftp://ship@HOST/a";
    assert_eq!(bench.run_with_password(line), DONE);
    assert_eq!(channels(&bench), "Cd");
}

#[test]
fn the_authorities_of_the_system_are_trusted_if_nothing_is_said() {
    let bench = bench();
    let mut command = bench.command(&format!("cat -s ftp://ship:{PASSWORD}@HOST/a"));
    let output = command.env("SSL_CERT_FILE", "ca.pem").output().unwrap();
    assert_eq!(bench.shown(&output), DONE);
    assert_eq!(channels(&bench), "Cd");
}

#[test]
fn everything_can_be_done_over_tls() {
    let bench = bench();
    bench.local("b", "text\n");
    for line in [
        "put b ftp://ship@HOST/in/b --create-dirs",
        "put -C b ftp://ship@HOST/in/c",
        "get -C ftp://ship@HOST/in/b -o c",
        "mkdir -p ftp://ship@HOST/x/y",
        "ls ftp://ship@HOST/x",
        "nlst ftp://ship@HOST/x",
        "stat ftp://ship@HOST/in/b",
        "mv ftp://ship@HOST/in/b in/d",
        "rm ftp://ship@HOST/in/d",
        "rmdir ftp://ship@HOST/x/y",
        "raw ftp://ship@HOST/ NOOP",
        "get --active ftp://ship@HOST/a -o d",
        "put --active b ftp://ship@HOST/e",
    ] {
        let shown = bench.run_with_password(&format!("{line} --cacert ca.pem"));
        assert!(shown.starts_with("exit 0"), "{line}: {shown}");
        assert!(!shown.contains("stderr"), "{line}: {shown}");
    }
    assert_eq!(
        (bench.read("c"), bench.read("d")),
        ("text\n".into(), "ahoy\n".into())
    );
    assert_eq!(bench.read_remote("e"), "text\n");
    let channels = channels(&bench);
    assert!(!channels.contains('D'), "{channels}");
    assert_eq!(bench.server.failed_handshakes(), [""; 0]);
}

#[test]
fn a_server_without_tls_gets_no_password() {
    let bench = Bench::with_user(Options::default());
    bench.remote("a", "ahoy\n");
    let shown = bench.run_with_password("cat ftp://ship@HOST/a");
    for line in [
        "cat --tls explicit ftp://ship@HOST/a",
        "cat ftpes://ship@HOST/a",
    ] {
        let other = bench.run_with_password(line).replace("ftpes:", "ftp:");
        assert_eq!(other, shown, "{line}");
    }
    assert_snapshot!(shown, @"
    exit 9
    --- stderr
    wharf: ftp://ship@HOST/a: `AUTH TLS` was refused, so the session cannot be encrypted: 502 AUTH not implemented.
      advice: some servers have TLS on another port only, for ftps://; --tls off does without and sends everything in clear text, the password too
    ");
    let commands = bench.server.commands();
    assert!(
        !commands.iter().any(|line| line.starts_with("USER")),
        "{commands:?}"
    );
    for line in [
        "cat --plaintext ftp://ship@HOST/a",
        "cat --tls off ftp://ship@HOST/a",
        "cat --tls auto --plaintext ftp://ship@HOST/a",
    ] {
        assert_eq!(bench.run_with_password(line), DONE, "{line}");
    }
}

#[test]
fn auto_encrypts_where_it_can_and_keeps_the_password_where_it_cannot() {
    let bench = bench();
    let line = "cat --tls auto --cacert ca.pem ftp://ship@HOST/a";
    assert_eq!(bench.run_with_password(line), DONE);
    assert_eq!(channels(&bench), "Cd");

    let without = Bench::new();
    without.remote("a", "ahoy\n");
    assert_eq!(without.run("cat --tls auto ftp://HOST/a"), DONE);
    assert_snapshot!(without.run_with_password("cat --tls auto ftp://ship@HOST/a"), @"
    exit 15
    --- stderr
    wharf: ftp://ship@HOST/a: `PASS …`: would have gone out in clear text, and nothing was sent: `AUTH TLS` was refused, so the session cannot be encrypted: 502 AUTH not implemented.
      advice: --plaintext lets it travel unencrypted
    ");
    let commands = without.server.commands();
    assert!(
        !commands.iter().any(|line| line.starts_with("PASS sw")),
        "{commands:?}"
    );
}

#[test]
fn anonymous_logins_are_encrypted_when_something_asks_for_it() {
    let bench = bench();
    assert_eq!(bench.run("cat ftp://HOST/a"), DONE);
    assert_eq!(channels(&bench), "");
    assert_eq!(bench.run("cat --cacert ca.pem ftp://HOST/a"), DONE);
    assert_eq!(bench.run("cat --cacert ca.pem ftpes://HOST/a"), DONE);
    assert_eq!(
        bench.run("cat --cacert ca.pem --tls explicit ftp://HOST/a"),
        DONE
    );
    assert_eq!(channels(&bench), "CdCdCd");
}

#[test]
fn a_server_that_demands_tls_is_understood() {
    for required in [Required::Login, Required::Data] {
        let bench = with(ServerTls {
            required,
            ..ServerTls::default()
        });
        let shown = bench.run("cat ftp://HOST/a");
        let advice = "advice: --tls explicit encrypts anonymous logins too, and ftpes:// does";
        assert!(shown.ends_with(advice), "{shown}");
        assert_eq!(bench.run("cat --cacert ca.pem ftpes://HOST/a"), DONE);
    }
}

#[test]
fn urls_share_a_connection_only_if_they_are_encrypted_alike() {
    let bench = bench();
    bench.remote("b", "again\n");
    let mut command = bench.command("cat -s ftp://HOST/a ftpes://HOST/b ftp://HOST/a");
    let output = command.env("SSL_CERT_FILE", "ca.pem").output().unwrap();
    assert_eq!(
        bench.shown(&output),
        "exit 0\n--- stdout\nahoy\nagain\nahoy"
    );
    assert_eq!((bench.server.connections(), &*channels(&bench)), (3, "Cd"));
}

#[test]
fn implicit_tls_begins_with_the_first_byte() {
    let bench = with(ServerTls {
        mode: Mode::Implicit,
        ..ServerTls::default()
    });
    for line in [
        "cat --cacert ca.pem ftps://ship@HOST/a",
        "cat --cacert ca.pem --tls implicit ftp://ship@HOST/a",
    ] {
        assert_eq!(bench.run_with_password(line), DONE, "{line}");
    }
    assert_eq!(channels(&bench), "CdCd");
    let commands = bench.server.commands();
    assert!(
        !commands.iter().any(|line| line.starts_with("AUTH")),
        "{commands:?}"
    );
}

#[test]
fn tls_to_a_port_of_clear_text_says_so() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("ls ftps://HOST/"), @"
    exit 9
    --- stderr
    wharf: ftps://HOST/: 127.0.0.1 did not answer in TLS: it speaks clear text on this port, or something in between does: received corrupt message of type InvalidContentType
      advice: ftps:// is for ports that speak TLS from the first byte, most often 990; others take ftpes://, or ftp://
    ");
    // Where TLS began with AUTH there is no other scheme to take.
    let bench = Bench::with(Options {
        answers: vec![("AUTH", "234 Go on.".to_owned())],
        ..Options::default()
    });
    assert_snapshot!(bench.run("ls ftpes://HOST/"), @"
    exit 9
    --- stderr
    wharf: ftpes://HOST/: 127.0.0.1 did not answer in TLS: it speaks clear text on this port, or something in between does: received corrupt message of type InvalidContentType
    ");
}

#[test]
fn flags_that_contradict_each_other_are_refused_before_anything_is_opened() {
    let bench = bench();
    for line in [
        "ls --tls off --cacert ca.pem ftp://HOST/",
        "ls --plaintext -k ftp://HOST/",
        "ls --tls explicit --plaintext ftp://HOST/",
        "ls --tls-min 1.3 --tls-max 1.2 ftp://HOST/",
        "ls --tls off ftps://HOST/",
        "ls --plaintext ftpes://HOST/",
        "ls --tls implicit ftpes://HOST/",
        "ls --insecure --tofu ftp://HOST/",
        "ls --key ca.pem ftp://HOST/",
        "ls --tls maybe ftp://HOST/",
        "ls --tls-max 1.1 ftp://HOST/",
    ] {
        let shown = bench.run(line);
        assert!(shown.starts_with("exit 2\n--- stderr\n"), "{line}: {shown}");
    }
    assert_eq!(bench.server.connections(), 0);
    assert_snapshot!(bench.run("ls --tls off --cacert ca.pem ftp://HOST/"), @"
    exit 2
    --- stderr
    wharf: --cacert is about TLS, and --tls off leaves that out
      advice: --tls auto with --plaintext uses TLS where the server has it
    ");
    assert_snapshot!(bench.run("ls --tls explicit --plaintext ftp://HOST/"), @"
    exit 2
    --- stderr
    wharf: --plaintext contradicts --tls, which asks for nothing but TLS
      advice: --tls auto with --plaintext uses TLS where the server has it
    ");
    assert_snapshot!(bench.run("ls --tls off ftp://HOST/ ftps://HOST/"), @"
    exit 2
    --- stderr
    wharf: ftps://HOST/: its scheme contradicts --tls off
      advice: write ftp:// where the flag is to decide
    ");
    assert_snapshot!(bench.run("ls --tls-min 1.3 --tls-max 1.2 ftp://HOST/"), @"
    exit 2
    --- stderr
    wharf: --tls-min is newer than --tls-max
    ");
}

#[test]
fn the_versions_can_be_bounded() {
    let bench = bench();
    for (flag, tls13) in [("--tls-max 1.2", false), ("--tls-min 1.3", true)] {
        let line = format!("cat --cacert ca.pem {flag} ftp://HOST/a");
        assert_eq!(bench.run(&line), DONE);
        let last = bench.server.handshakes().pop().unwrap();
        assert_eq!((last.tls13, last.resumed), (tls13, true), "{flag}");
    }
    let old = with(ServerTls {
        versions: Versions::Tls12,
        ..ServerTls::default()
    });
    assert_snapshot!(old.run("cat --cacert ca.pem --tls-min 1.3 ftp://HOST/a"), @"
    exit 9
    --- stderr
    wharf: ftp://HOST/a: 127.0.0.1 speaks none of the TLS versions offered; TLS 1.2 and 1.3 are all that can be: received fatal alert: ProtocolVersion
      advice: --tls-min and --tls-max bound the versions
    ");
}

#[test]
fn the_name_can_be_said_that_is_sent_ahead() {
    let bench = bench();
    let line = "cat --cacert ca.pem --tls-name localhost ftp://HOST/a";
    assert_eq!(bench.run(line), DONE);
    let first = &bench.server.handshakes()[0];
    assert_eq!(first.server_name.as_deref(), Some("localhost"));
}

#[test]
fn a_client_certificate_is_shown_to_a_server_that_asks() {
    let bench = with(ServerTls {
        client_authority: Some(Authority::shared().der().clone()),
        ..ServerTls::default()
    });
    let leaf = Leaf {
        usage: Usage::Client,
        ..Leaf::default()
    };
    let client = Authority::shared().issue(["me"], leaf);
    bench.local("me.crt", client.certificate_pem());
    bench.local("me.key", client.key_pem());
    bench.local(
        "both.pem",
        format!("{}{}", client.certificate_pem(), client.key_pem()),
    );
    for flags in ["--cert me.crt --key me.key", "--cert both.pem"] {
        let line = format!("cat --cacert ca.pem {flags} ftp://HOST/a");
        assert_eq!(bench.run(&line), DONE);
        let last = bench.server.handshakes().pop().unwrap();
        assert_eq!(last.client_certificate.as_deref(), Some(&**client.der()));
    }
    let shown = bench.run("cat --cacert ca.pem ftp://HOST/a");
    assert_snapshot!(shown, @"
    exit 9
    --- stderr
    wharf: ftp://HOST/a: `USER anonymous`: the FTP connection was lost: 127.0.0.1 wants a client certificate, and none was given: received fatal alert: CertificateRequired
      advice: --cert FILE and --key FILE show a client certificate
    ");
    let shown = bench.run("cat --cacert ca.pem --cert me.crt ftp://HOST/a");
    assert_snapshot!(shown, @"
    exit 2
    --- stderr
    wharf: `me.crt` holds no private key in PEM form
    ");
    let other = Authority::shared().issue(["you"], Leaf::default());
    bench.local("you.key", other.key_pem());
    let shown = bench.run("cat --cacert ca.pem --cert me.crt --key you.key ftp://HOST/a");
    assert_snapshot!(shown, @"
    exit 2
    --- stderr
    wharf: ftp://HOST/a: the private key in `you.key` does not belong to the first certificate in `me.crt`
    ");
}

#[test]
fn the_secrets_of_a_session_are_logged_where_that_is_asked_for() {
    let bench = bench();
    let line = "cat --cacert ca.pem --keylog keys ftp://HOST/a";
    assert_eq!(bench.run(line), DONE);
    let has_secrets = |name| bench.read(name).contains("CLIENT_TRAFFIC_SECRET_0 ");
    assert!(has_secrets("keys"));
    let mut command = bench.command("cat --cacert ca.pem ftp://HOST/a");
    let output = command.env("SSLKEYLOGFILE", "more").output().unwrap();
    assert_eq!(bench.shown(&output), DONE);
    assert!(has_secrets("more"));
    // The flag comes before the environment, which does not bring TLS about.
    let mut command = bench.command(line);
    command.env("SSLKEYLOGFILE", "third").output().unwrap();
    let mut command = bench.command("cat ftp://HOST/a");
    command.env("SSLKEYLOGFILE", "third").output().unwrap();
    assert!(fs::metadata(bench.path("third")).is_err());
    assert_snapshot!(bench.run("cat --cacert ca.pem --keylog no/keys ftp://HOST/a"), @"
    exit 17
    --- stderr
    wharf: ftp://HOST/a: the key log `no/keys` cannot be opened: No such file or directory (os error 2)
    ");
}

#[test]
fn an_end_without_a_goodbye_is_judged_as_the_policy_says() {
    let cut = |without| {
        let tls = ServerTls {
            data_end: End::Fin,
            ..ServerTls::default()
        };
        let options = Options {
            without,
            ..Options::default()
        };
        let bench = Bench::with_tls_and(tls, options);
        bench.remote("a", "ahoy\n");
        bench
    };
    let get = |bench: &Bench, policy: &str| {
        bench.run(&format!(
            "get --cacert ca.pem ftp://HOST/a --close-notify {policy}"
        ))
    };
    let default = |bench: &Bench| bench.run("get --cacert ca.pem ftp://HOST/a");
    let proven = cut(vec![]);
    assert_eq!(default(&proven), "exit 0");
    assert_eq!(get(&proven, "tolerate"), "exit 0");
    assert!(get(&proven, "strict").starts_with("exit 13\n"));
    let unproven = cut(vec!["SIZE"]);
    for shown in [default(&unproven), get(&unproven, "tolerate")] {
        assert!(shown.starts_with("exit 13\n"), "{shown}");
        assert!(shown.contains("TLS ended without close_notify"), "{shown}");
    }
    assert_eq!(get(&unproven, "danger-ignore"), "exit 0");
}

#[test]
fn data_goes_in_clear_text_only_if_the_danger_is_named() {
    let bench = bench();
    for (flag, command) in [
        ("--danger-clear-data", "PROT C"),
        ("--danger-clear-data=prot", "PROT C"),
        ("--danger-clear-data=cdc", "CDC"),
    ] {
        let before = channels(&bench);
        let line = format!("cat --cacert ca.pem {flag} ftp://ship@HOST/a");
        assert_eq!(bench.run_with_password(&line), DONE);
        assert_eq!(channels(&bench), before + "C");
        assert!(bench.server.commands().iter().any(|line| line == command));
    }
}

#[test]
fn the_control_connection_goes_back_to_clear_text_only_if_the_danger_is_named() {
    let bench = bench();
    let line = "cat --cacert ca.pem --danger-clear-control ftp://ship@HOST/a";
    assert_eq!(bench.run_with_password(line), DONE);
    assert_eq!(channels(&bench), "Cd");
    let commands = bench.server.commands();
    let at = |command| commands.iter().position(|line| line == command);
    assert!(
        at("PROT P") < at("CCC") && at("CCC") < at("RETR a"),
        "{commands:?}"
    );
}

#[test]
fn a_server_that_refuses_a_part_of_it_is_told_apart() {
    let refusing = |verb, reply: &str| {
        let options = Options {
            answers: vec![(verb, reply.to_owned())],
            ..Options::default()
        };
        Bench::with_tls_and(ServerTls::default(), options)
    };
    let bench = refusing("PROT", "536 Not here.");
    assert_snapshot!(bench.run("ls --cacert ca.pem ftp://HOST/"), @"
    exit 9
    --- stderr
    wharf: ftp://HOST/: `PROT P` was refused, so data connections cannot be encrypted: 536 Not here.
      advice: --danger-clear-data encrypts commands only, and leaves files in clear text
    ");
    let bench = refusing("CCC", "534 Not here.");
    assert_snapshot!(bench.run("ls --cacert ca.pem --danger-clear-control ftp://HOST/"), @"
    exit 9
    --- stderr
    wharf: ftp://HOST/: `CCC` was refused, so the control connection cannot go back to clear text: 534 Not here.
      advice: without --danger-clear-control the control connection stays encrypted
    ");
}

#[test]
fn verbosity_tells_what_tls_came_to_on_each_channel() {
    let bench = bench();
    let shown = bench.run_with_password("cat -v --cacert ca.pem ftp://ship@HOST/a");
    // It is made while the control connection goes its way.
    let data = "* data connection: TLS 1.3, TLS13_AES_256_GCM_SHA384, resumed\n";
    assert_eq!(shown.matches(data).count(), 1, "{shown}");
    assert_snapshot!(masked(&shown.replace(data, "")), @"
    exit 0
    --- stdout
    ahoy
    --- stderr
    < 220 wharf test server ready.
    > AUTH TLS
    < 234 Go ahead with TLS.
    * control connection: TLS 1.3, TLS13_AES_256_GCM_SHA384, full handshake
    * certificate of CN=localhost
    *   issued by CN=wharf test authority …
    *   for localhost, 127.0.0.1, ::1
    *   valid from 2020-01-01T00:00:00Z until 2120-01-01T00:00:00Z
    *   SHA256:…
    *   public key sha256//…
    > USER ship
    < 331 Password required.
    > PASS …
    < 230 Logged in.
    > PBSZ 0
    < 200 PBSZ=0
    > PROT P
    < 200 Data will be in TLS.
    > TYPE I
    < 200 Type set to I.
    > SIZE a
    < 213 5
    > EPSV
    < 229 Entering Extended Passive Mode (|||DATA|)
    > RETR a
    < 150 Opening BINARY mode data connection for a (5 bytes).
    < 226 Transfer complete.
    > QUIT
    < 221 Goodbye.
    ");
    let shown = bench.run_with_password("cat -v --cacert ca.pem --tls-max 1.2 ftp://ship@HOST/a");
    assert!(
        shown.contains("* control connection: TLS 1.2, TLS_ECDHE_"),
        "{shown}"
    );
    assert!(
        shown.contains("\n* data connection: TLS 1.2, TLS_ECDHE_"),
        "{shown}"
    );
}
