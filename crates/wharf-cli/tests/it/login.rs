use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;
use wharf_testing::server::Options;

use crate::bench::{Bench, PASSWORD};

fn bench() -> Bench {
    let bench = Bench::with_user(Options::default());
    bench.remote("a", "ahoy\n");
    bench
}

fn netrc(bench: &Bench, name: &str, text: &str, mode: u32) {
    bench.local(name, text);
    fs::set_permissions(bench.path(name), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_password_is_not_sent_in_clear_text_unless_that_is_said() {
    let bench = bench();
    assert_snapshot!(bench.run(&format!("cat ftp://ship:{PASSWORD}@HOST/a")), @"
    exit 9
    --- stderr
    wharf: other processes can see a password on the command line: --password-stdin, WHARF_PASSWORD and --netrc keep it to yourself
    wharf: ftp://ship:…@HOST/a: `AUTH TLS` was refused, so the session cannot be encrypted: 502 AUTH not implemented.
      advice: some servers have TLS on another port only, for ftps://; --tls off does without and sends everything in clear text, the password too
    ");
    assert_eq!(bench.server.commands(), ["AUTH TLS", "AUTH SSL"]);
    assert_snapshot!(bench.run(&format!("cat --plaintext ftp://ship:{PASSWORD}@HOST/a")), @"
    exit 0
    --- stdout
    ahoy
    --- stderr
    wharf: other processes can see a password on the command line: --password-stdin, WHARF_PASSWORD and --netrc keep it to yourself
    ");
}

#[test]
fn the_user_option_serves_urls_without_a_user_and_warns_of_a_password() {
    let bench = bench();
    assert_snapshot!(bench.run(&format!("cat --plaintext -u ship:{PASSWORD} ftp://HOST/a")), @"
    exit 0
    --- stdout
    ahoy
    --- stderr
    wharf: other processes can see a password on the command line: --password-stdin, WHARF_PASSWORD and --netrc keep it to yourself
    ");
    assert_snapshot!(bench.run(&format!("cat -s --plaintext -u ship:{PASSWORD} ftp://HOST/a")), @"
    exit 0
    --- stdout
    ahoy
    ");
}

#[test]
fn standard_input_can_hold_the_password() {
    let bench = bench();
    let line = "cat --plaintext -u ship --password-stdin ftp://HOST/a";
    assert_snapshot!(bench.run_with_input(line, format!("{PASSWORD}\nmore\n").as_bytes()), @"
    exit 0
    --- stdout
    ahoy
    ");
    assert_snapshot!(bench.run_with_input(line, b""), @"
    exit 2
    --- stderr
    wharf: --password-stdin: standard input is empty
    ");
    assert_snapshot!(bench.run("put -u ship --password-stdin - ftp://HOST/a"), @"
    exit 2
    --- stderr
    wharf: standard input cannot be both the password and the file
    ");
}

#[test]
fn the_environment_can_hold_the_password() {
    let bench = bench();
    let mut command = bench.command("cat --plaintext ftp://ship@HOST/a");
    let output = command.env("WHARF_PASSWORD", PASSWORD).output().unwrap();
    assert_snapshot!(bench.shown(&output), @"
    exit 0
    --- stdout
    ahoy
    ");
}

#[test]
fn netrc_is_read_when_asked_for() {
    let bench = bench();
    netrc(
        &bench,
        ".netrc",
        &format!("machine 127.0.0.1 login ship password {PASSWORD}"),
        0o600,
    );
    assert_snapshot!(bench.run("cat --plaintext ftp://HOST/a"), @"
    exit 7
    --- stderr
    wharf: ftp://HOST/a: `PASS …` refused: 530 Login incorrect.
      advice: check the user name, the password and the account
    ");
    assert_snapshot!(bench.run("cat --plaintext -n ftp://HOST/a"), @"
    exit 0
    --- stdout
    ahoy
    ");
    assert_snapshot!(bench.run("cat --plaintext -n ftp://other@HOST/a"), @"
    exit 7
    --- stderr
    wharf: ftp://other@HOST/a: the server asks for a password and none was given
      advice: no password was given: use --password-stdin, WHARF_PASSWORD or --netrc
    ");
}

#[test]
fn another_netrc_can_be_named() {
    let bench = bench();
    netrc(
        &bench,
        "mine",
        &format!("default login ship password {PASSWORD}"),
        0o600,
    );
    assert_snapshot!(bench.run("cat --plaintext --netrc-file mine ftp://HOST/a"), @"
    exit 0
    --- stdout
    ahoy
    ");
    let mut command = bench.command("cat --plaintext -n ftp://HOST/a");
    let output = command.env("NETRC", "mine").output().unwrap();
    assert_snapshot!(bench.shown(&output), @"
    exit 0
    --- stdout
    ahoy
    ");
    assert_snapshot!(bench.run("cat --netrc-file missing ftp://HOST/a"), @"
    exit 2
    --- stderr
    wharf: missing: No such file or directory (os error 2)
    ");
}

#[test]
fn a_netrc_that_others_can_read_is_refused() {
    let bench = bench();
    netrc(
        &bench,
        ".netrc",
        &format!("machine 127.0.0.1 login ship password {PASSWORD}"),
        0o644,
    );
    assert_snapshot!(bench.run("cat --plaintext -n ftp://HOST/a"), @"
    exit 2
    --- stderr
    wharf: LOCAL/.netrc: its mode is 0644, so others can read or change it: `chmod 600` it first
    ");
    assert_eq!(bench.server.connections(), 0);
}

#[test]
fn a_wrong_or_missing_password_is_code_7() {
    let bench = bench();
    let mut command = bench.command("cat --plaintext ftp://ship@HOST/a");
    let output = command.env("WHARF_PASSWORD", "wrong").output().unwrap();
    assert_snapshot!(bench.shown(&output), @"
    exit 7
    --- stderr
    wharf: ftp://ship@HOST/a: `PASS …` refused: 530 Login incorrect.
      advice: check the user name, the password and the account
    ");
    assert_snapshot!(bench.run("cat --plaintext ftp://ship@HOST/a"), @"
    exit 7
    --- stderr
    wharf: ftp://ship@HOST/a: the server asks for a password and none was given
      advice: no password was given: use --password-stdin, WHARF_PASSWORD or --netrc
    ");
}

#[test]
fn one_password_is_not_tried_at_two_accounts() {
    let bench = bench();
    let mut command = bench.command("cat --plaintext ftp://ship@HOST/a ftp://ship@localhost/a");
    let output = command.env("WHARF_PASSWORD", PASSWORD).output().unwrap();
    assert_snapshot!(bench.shown(&output), @"
    exit 2
    --- stderr
    wharf: one password, but two accounts: ship@HOST and ship@localhost:21
      advice: run the command once for each, or use --netrc
    ");
    assert_eq!(bench.server.connections(), 0);
}

#[test]
fn the_account_of_netrc_is_sent_when_the_server_asks() {
    let bench = Bench::with_user(Options {
        account: Some("4711".into()),
        ..Options::default()
    });
    bench.remote("a", "ahoy\n");
    let line = format!("machine 127.0.0.1 login ship password {PASSWORD} account 4711");
    netrc(&bench, ".netrc", &line, 0o600);
    assert_snapshot!(bench.run("cat --plaintext -n ftp://HOST/a"), @"
    exit 0
    --- stdout
    ahoy
    ");
}

#[test]
fn a_wrong_command_line_does_not_show_the_password_in_it() {
    let bench = bench();
    let url = format!("ftp://ship:{PASSWORD}@HOST/a");
    assert_snapshot!(bench.run(&format!("mv {url} b {url}")), @"
    exit 2
    --- stderr
    wharf: unexpected argument found
      advice: the argument is not repeated here, for it may hold a password
    ");
    assert_snapshot!(bench.run(&format!("cat {url}?")), @"
    exit 2
    --- stderr
    wharf: the URL has a query or a fragment: `?` is written %3F, and `#` %23
      advice: URLs look like ftp://host/path; percent-encode blanks, ?, # and %
    ");
    assert_snapshot!(bench.run(&format!("cat --tls {url}")), @"
    exit 2
    --- stderr
    wharf: --tls <MODE>: one of the values isn't valid for an argument
      advice: it takes explicit, implicit, auto, off; the argument is not repeated here, for it may hold a password
    ");
    assert_snapshot!(bench.run(&format!("cat --timeout {url}")), @"
    exit 2
    --- stderr
    wharf: --timeout <SECONDS>: invalid value for one of the arguments
      advice: the argument is not repeated here, for it may hold a password
    ");
    assert_snapshot!(bench.run(&url), @"
    exit 2
    --- stderr
    wharf: unrecognized subcommand
      advice: the argument is not repeated here, for it may hold a password
    ");
}

#[test]
fn the_transcript_masks_secrets() {
    let bench = Bench::with_user(Options {
        account: Some("4711".into()),
        ..Options::default()
    });
    bench.remote("a", "ahoy\n");
    let line = format!("machine 127.0.0.1 login ship password {PASSWORD} account 4711");
    netrc(&bench, ".netrc", &line, 0o600);
    let shown = bench.run("cat -v --plaintext -n ftp://HOST/a");
    assert!(!shown.contains("4711"), "{shown}");
    assert_snapshot!(shown, @"
    exit 0
    --- stdout
    ahoy
    --- stderr
    < 220 wharf test server ready.
    > USER ship
    < 331 Password required.
    > PASS …
    < 332 Account required.
    > ACCT …
    < 230 Logged in.
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
}
