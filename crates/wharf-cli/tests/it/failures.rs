use std::fs;

use insta::assert_snapshot;
use tokio::net::TcpSocket;
use wharf_testing::server::{Interrupt, Options};

use crate::bench::{Bench, against_script, command, pattern, shown};

#[test]
fn nobody_listening_is_code_8() {
    // Taken, so that nobody else comes to listen there.
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let at = taken.local_addr().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let url = format!("ftp://{at}/");
    let output = command(directory.path(), ["ls", &url]).output().unwrap();
    assert_snapshot!(shown(&output, at), @"
    exit 8
    --- stderr
    wharf: ftp://HOST/: could not connect to 127.0.0.1: Connection refused (os error 111)
      advice: check the host, the port and any firewall between
    ");
}

#[test]
fn a_full_server_is_code_5() {
    let bench = Bench::with(Options {
        max_clients: Some(0),
        ..Options::default()
    });
    assert_snapshot!(bench.run("ls ftp://HOST/"), @"
    exit 5
    --- stderr
    wharf: ftp://HOST/: the server turned us away: 421 Too many clients, try again later.
      advice: try again later
    ");
}

#[test]
fn a_refusal_for_lack_of_permission_is_code_6() {
    let bench = Bench::with(Options {
        answers: vec![("DELE", "550 Permission denied.".to_owned())],
        ..Options::default()
    });
    assert_snapshot!(bench.run("rm ftp://HOST/a"), @"
    exit 6
    --- stderr
    wharf: ftp://HOST/a: `DELE a` refused: 550 Permission denied.
    ");
}

#[test]
fn a_fault_of_the_server_s_is_not_taken_for_a_missing_file() {
    // Twisted, of what it has not foreseen.
    let bench = Bench::with(Options {
        answers: vec![(
            "RETR",
            "550 Requested action not taken: internal server error".to_owned(),
        )],
        ..Options::default()
    });
    bench.remote("a", "x");
    assert_snapshot!(bench.run("cat ftp://HOST/a"), @"
    exit 1
    --- stderr
    wharf: ftp://HOST/a: `RETR a` refused: 550 Requested action not taken: internal server error
    ");
}

#[test]
fn a_reset_data_connection_is_code_10() {
    let interrupt = Some(Interrupt::announced(2000));
    let bench = Bench::with(Options {
        interrupt,
        ..Options::default()
    });
    bench.remote("a", pattern(100_000));
    assert_snapshot!(bench.run("get ftp://HOST/a"), @"
    exit 10
    --- stderr
    wharf: ftp://HOST/a: `RETR a` refused: 426 Connection closed; transfer aborted.
      advice: try again later
    ");
}

#[test]
fn a_transfer_that_stands_still_is_code_11() {
    let interrupt = Some(Interrupt::stalled(2000));
    let bench = Bench::with(Options {
        interrupt,
        ..Options::default()
    });
    bench.remote("a", pattern(100_000));
    assert_snapshot!(bench.run("get --max-time 0.3 ftp://HOST/a"), @"
    exit 11
    --- stderr
    wharf: ftp://HOST/a: not done within 0.3 s (--max-time)
    ");
    assert!(bench.names().is_empty());
}

#[test]
fn a_full_disk_at_the_server_is_code_14() {
    let bench = Bench::with(Options {
        quota: Some(1000),
        ..Options::default()
    });
    bench.local("a", pattern(100_000));
    let shown = bench.run("put a ftp://HOST/a");
    // The server closes the data connection as well, which may or may not be seen first.
    let refusal = "exit 14\n--- stderr\nwharf: a to ftp://HOST/a: `STOR a` refused: 552 Exceeded storage allocation.";
    assert!(shown.starts_with(refusal), "{shown}");
    assert!(
        shown.ends_with("advice: free some space at the server, or raise the quota there"),
        "{shown}"
    );
}

#[test]
fn a_full_disk_here_is_code_14() {
    let bench = Bench::new();
    bench.remote("a", pattern(100_000));
    if fs::metadata("/dev/full").is_ok() {
        assert_snapshot!(bench.run("get -o /dev/full ftp://HOST/a"), @"
        exit 14
        --- stderr
        wharf: /dev/full: no space left here: No space left on device (os error 28)
        ");
    }
}

#[test]
fn a_server_that_does_not_speak_ftp_is_code_16() {
    let script = "
        S: SSH-2.0-OpenSSH_9.6
        eof
    ";
    assert_snapshot!(against_script(script, "ls ftp://HOST/"), @r#"
    exit 16
    --- stderr
    wharf: ftp://HOST/: the server does not speak FTP: it began with "SSH-2.0-OpenSSH_9.6"
    "#);
}

#[test]
fn a_leave_that_is_taken_in_place_of_an_answer_is_code_5() {
    // libunftp, of whoever has been idle for too long.
    let script = "login\nC: SIZE a\nS: 221 Timed out.\nclose";
    assert_snapshot!(against_script(script, "cat ftp://HOST/a"), @"
    exit 5
    --- stderr
    wharf: ftp://HOST/a: the FTP connection was lost: `SIZE a` was answered with the end of the session: 221 Timed out.
      advice: try again later
    ");
}

#[test]
fn control_characters_of_a_server_never_reach_the_terminal() {
    let script = r"
        S: 220 ready
        C: USER anonymous
        S: 530 \x1b]0;owned\x07 \xe2\x80\xae no
        close
    ";
    assert_snapshot!(against_script(script, "ls ftp://HOST/"), @r"
    exit 7
    --- stderr
    wharf: ftp://HOST/: `USER anonymous` refused: 530 \x1b]0;owned\x07 \u{202e} no
      advice: check the user name, the password and the account
    ");
}

#[test]
fn a_local_file_that_cannot_be_read_is_code_17() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("put missing ftp://HOST/a"), @"
    exit 17
    --- stderr
    wharf: missing: No such file or directory (os error 2)
    ");
    assert_snapshot!(bench.run("put . ftp://HOST/a"), @"
    exit 17
    --- stderr
    wharf: .: is a directory
    ");
}

#[test]
fn a_wrong_command_line_is_code_2() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("get http://HOST/a"), @"
    exit 2
    --- stderr
    wharf: http://HOST/a: the URL is not an ftp://, ftps:// or ftpes:// URL
      advice: URLs look like ftp://host/path; percent-encode blanks, ?, # and %
    ");
    assert_snapshot!(bench.run("get ftp://HOST/dir/"), @"
    exit 2
    --- stderr
    wharf: ftp://HOST/dir/: it names a directory, not a file
    ");
    assert_snapshot!(bench.run("get ftp://HOST/a --timeout 0"), @"
    exit 2
    --- stderr
    error: invalid value '0' for '--timeout <SECONDS>': must be more than 0 and within reason

    For more information, try '--help'.
    ");
}

#[test]
fn silence_leaves_the_errors() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("get -s ftp://ship:x@HOST/a"), @"
    exit 9
    --- stderr
    wharf: ftp://ship:…@HOST/a: `AUTH TLS` was refused, so the session cannot be encrypted: 502 AUTH not implemented.
      advice: some servers have TLS on another port only, for ftps://; --tls off does without and sends everything in clear text, the password too
    ");
}
