//! Servers that want data connections to resume the control connection's TLS session, and do not see that
//! they do.

use insta::assert_snapshot;
use wharf_testing::server::{Resumption, Reuse, ServerTls, Tickets};

use crate::bench::{Bench, pattern};

/// A server whose sessions cannot be resumed in TLS 1.3, where it hands out no ticket, and can be in
/// TLS 1.2.
fn stingy(reuse: Reuse) -> Bench {
    let bench = Bench::with_tls(ServerTls {
        reuse,
        tickets: Tickets {
            control: 0,
            download: 0,
            upload: 0,
            ..Tickets::default()
        },
        ..ServerTls::default()
    });
    bench.remote("a", "ahoy\n");
    bench
}

const ALL: [Reuse; 3] = [
    Reuse::RequiredAsVsftpd,
    Reuse::RequiredAsProftpd,
    Reuse::RequiredAsFilezilla,
];

#[test]
fn a_download_that_is_refused_for_it_is_done_once_more() {
    for reuse in ALL {
        let bench = stingy(reuse);
        bench.remote("b", pattern(100_000));
        let line = "get --cacert ca.pem ftp://HOST/a ftp://HOST/b";
        assert_eq!(bench.run(line), "exit 0", "{reuse:?}");
        assert_eq!(bench.read("a"), "ahoy\n");
        assert!(std::fs::read(bench.path("b")).unwrap() == pattern(100_000));
        // What was found out holds for the second file as well.
        assert_eq!(bench.server.connections(), 2, "{reuse:?}");
    }
}

#[test]
fn nothing_else_is_different_for_it() {
    for reuse in ALL {
        for (line, stdout) in [
            ("cat ftp://HOST/a", "\n--- stdout\nahoy"),
            ("get -C ftp://HOST/a", ""),
            ("get -o /dev/null ftp://HOST/a", ""),
            ("ls ftp://HOST/", "\n--- stdout\na"),
            ("nlst ftp://HOST/", "\n--- stdout\na"),
        ] {
            let bench = stingy(reuse);
            let shown = bench.run(&format!("{line} --cacert ca.pem"));
            assert_eq!(shown, format!("exit 0{stdout}"), "{reuse:?} {line}");
            assert_eq!(bench.server.connections(), 2, "{reuse:?} {line}");
        }
    }
}

#[test]
fn an_upload_from_a_file_is_done_once_more() {
    for reuse in ALL {
        let bench = stingy(reuse);
        bench.local("b", pattern(300_000));
        assert_eq!(
            bench.run("put --cacert ca.pem b ftp://HOST/b"),
            "exit 0",
            "{reuse:?}"
        );
        let stored = std::fs::read(bench.server.root().join("b")).unwrap();
        assert!(stored == pattern(300_000), "{reuse:?}");
        assert_eq!(bench.server.connections(), 2, "{reuse:?}");
    }
}

#[test]
fn what_was_read_from_standard_input_is_not_sent_again() {
    let bench = stingy(Reuse::RequiredAsVsftpd);
    let shown = bench.run_with_input("put --cacert ca.pem - ftp://HOST/b", b"text\n");
    assert_snapshot!(shown, @"
    exit 9
    --- stderr
    wharf: - to ftp://HOST/b: `STOR b` was refused, for the data connection did not resume the TLS session: 522 SSL connection failed: session reuse required
      advice: the server wants data connections to continue the TLS session of the control connection, and does not see that they do: try --tls-max 1.2
    ");
    assert_eq!(bench.server.connections(), 1);
}

#[test]
fn what_is_appended_is_not_appended_twice() {
    let bench = stingy(Reuse::RequiredAsVsftpd);
    bench.local("b", "text\n");
    let shown = bench.run("put -a --cacert ca.pem b ftp://HOST/a");
    assert!(shown.starts_with("exit 9\n"), "{shown}");
    assert_eq!(bench.server.connections(), 1);
    assert_eq!(bench.read_remote("a"), "ahoy\n");
}

#[test]
fn once_more_is_not_for_ever() {
    let bench = Bench::with_tls(ServerTls {
        reuse: Reuse::RequiredAsFilezilla,
        resumption: Resumption::Never,
        ..ServerTls::default()
    });
    bench.remote("a", "ahoy\n");
    assert_snapshot!(bench.run("get --cacert ca.pem ftp://HOST/a"), @"
    exit 9
    --- stderr
    wharf: ftp://HOST/a: `RETR a` was refused, for the data connection did not resume the TLS session: 425 Unable to build data connection: TLS session of data connection not resumed.
      advice: the server wants data connections to continue the TLS session of the control connection, and does not see that they do: try --tls-max 1.2
    ");
    assert_eq!(bench.server.connections(), 2);
    assert!(!bench.names().contains(&"a".to_owned()));
}

#[test]
fn verbosity_tells_that_it_is_done_once_more() {
    let bench = stingy(Reuse::RequiredAsFilezilla);
    let shown = bench.run("get -v --cacert ca.pem ftp://HOST/a");
    let (before, after) = shown
        .split_once("* the same once more, over a new connection")
        .unwrap();
    assert!(before.contains("not resumed"), "{before}");
    assert!(
        after.contains("TLS 1.2") && after.contains("resumed"),
        "{after}"
    );
}
