//! What a person sees: the command on a pseudo-terminal that `script` (util-linux) makes.
//! Without `script` these tests say so and pass.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use wharf_testing::server::{Channel, Options, ServerTls};

use crate::bench::{Bench, PASSWORD};

/// The command on a terminal of its own, if there can be one.
fn on_terminal(bench: &Bench, line: &str) -> Option<Child> {
    on_terminal_after("", bench, line)
}

/// The same, and what the shell does before it.
fn on_terminal_after(first: &str, bench: &Bench, line: &str) -> Option<Child> {
    if !Path::new("/usr/bin/script").exists() {
        #[expect(
            clippy::print_stderr,
            reason = "a test that does not run must not do so silently"
        )]
        {
            eprintln!("skipped: there is no /usr/bin/script");
        }
        return None;
    }
    let line = line.replace("HOST", &bench.server.addr().to_string());
    let command = format!("{first}{} {line}", env!("CARGO_BIN_EXE_wharf"));
    let child = Command::new("/usr/bin/script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(bench.path(""))
        .env_clear()
        .envs([
            ("TERM", "xterm"),
            ("SHELL", "/bin/sh"),
            ("HOME", "/nonexistent"),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    Some(child.unwrap())
}

/// Everything that comes, up to and with `words` or the end.
fn read_until(child: &mut Child, words: &str) -> String {
    let stdout = child.stdout.as_mut().unwrap();
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(words.as_bytes()) && stdout.read(&mut byte).unwrap() > 0 {
        seen.push(byte[0]);
    }
    String::from_utf8_lossy(&seen).into_owned()
}

#[test]
fn a_download_is_summed_up_on_one_line() {
    let bench = Bench::new();
    bench.remote("a", "12345");
    let Some(mut child) = on_terminal(&bench, "get ftp://HOST/a") else {
        return;
    };
    let seen = read_until(&mut child, "/s)");
    assert!(seen.contains("a: 5 B in "), "{seen:?}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn names_are_escaped_for_a_person() {
    let bench = Bench::new();
    bench.remote("a\x1b[2Jb", "");
    let Some(mut child) = on_terminal(&bench, "ls ftp://HOST/") else {
        return;
    };
    let seen = read_until(&mut child, "\n");
    assert_eq!(seen, "a\\x1b[2Jb\r\n");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_raw_listing_and_found_paths_are_escaped_for_a_person() {
    let bench = Bench::new();
    bench.remote("d/a\x1b[2Jb", "");
    for (line, end) in [
        ("ls --raw ftp://HOST/d/", "a\\x1b[2Jb\r\n"),
        ("find ftp://HOST/d/", "d/a\\x1b[2Jb\r\n"),
    ] {
        let Some(mut child) = on_terminal(&bench, line) else {
            return;
        };
        let seen = read_until(&mut child, "Jb\r\n");
        assert!(seen.ends_with(end), "{line}: {seen:?}");
        assert!(!seen.contains('\x1b'), "{line}: {seen:?}");
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_password_is_asked_for_when_a_user_is_named_and_none_is_known() {
    let bench = Bench::with_user(Options::default());
    bench.remote("a", "ahoy");
    let line = "cat --plaintext ftp://ship@HOST/a";
    let Some(mut child) = on_terminal(&bench, line) else {
        return;
    };
    let prompt = read_until(&mut child, "127.0.0.1: ");
    assert!(
        prompt.ends_with("Password of ship at 127.0.0.1: "),
        "{prompt:?}"
    );
    writeln!(child.stdin.as_mut().unwrap(), "{PASSWORD}").unwrap();
    assert!(read_until(&mut child, "ahoy").ends_with("ahoy"));
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_password_that_was_asked_for_travels_in_tls() {
    let bench = Bench::with_tls(ServerTls::default());
    bench.remote("a", "ahoy");
    let line = "cat --cacert ca.pem ftp://ship@HOST/a";
    let Some(mut child) = on_terminal(&bench, line) else {
        return;
    };
    read_until(&mut child, "127.0.0.1: ");
    writeln!(child.stdin.as_mut().unwrap(), "{PASSWORD}").unwrap();
    let seen = read_until(&mut child, "ahoy");
    assert!(seen.ends_with("ahoy"), "{seen:?}");
    assert!(child.wait().unwrap().success());
    let channels = bench.server.handshakes().into_iter().map(|one| one.channel);
    assert!(channels.eq([Channel::Control, Channel::Data]));
}

#[test]
fn a_download_over_tls_has_its_progress_and_its_summary() {
    let bench = Bench::with_tls(ServerTls::default());
    bench.remote("a", "12345");
    let Some(mut child) = on_terminal(&bench, "get --cacert ca.pem ftp://HOST/a") else {
        return;
    };
    let seen = read_until(&mut child, "/s)");
    assert!(seen.contains("a: 5 B in "), "{seen:?}");
    assert!(child.wait().unwrap().success());
    assert_eq!(bench.server.handshakes().len(), 2);
}

#[test]
fn an_interrupted_question_leaves_a_terminal_that_shows_what_is_typed() {
    let bench = Bench::with_user(Options::default());
    // The shell has a handler of its own, so it goes on where the command ends.
    let line = "cat --plaintext ftp://ship@HOST/a; echo code $?; stty -a";
    let Some(mut child) = on_terminal_after("trap : INT;", &bench, line) else {
        return;
    };
    read_until(&mut child, "127.0.0.1: ");
    child.stdin.as_mut().unwrap().write_all(b"\x03").unwrap();
    let seen = read_until(&mut child, "extproc");
    assert!(
        seen.contains("interrupted") && seen.contains("code 18"),
        "{seen:?}"
    );
    assert!(
        seen.contains(" echo ") && !seen.contains("-echo "),
        "{seen:?}"
    );
    child.wait().unwrap();
}
