use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};

use insta::assert_snapshot;
use wharf_testing::server::{Interrupt, Options};

use crate::bench::{Bench, pattern, wait_until};

/// A server that stops in the middle of a file and says nothing more.
fn stalling() -> Bench {
    let interrupt = Some(Interrupt::stalled(100_000));
    let bench = Bench::with(Options {
        interrupt,
        ..Options::default()
    });
    bench.remote("f", pattern(300_000));
    bench
}

fn interrupt(child: &Child) {
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// Waits until the command has written what the server sends before it stalls.
fn read_until_stall(child: &mut Child) {
    let mut bytes = vec![0; 100_000];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut bytes)
        .unwrap();
}

#[test]
fn an_interrupt_ends_a_transfer_with_code_18() {
    let bench = stalling();
    let mut child = bench.command("cat ftp://HOST/f").spawn().unwrap();
    read_until_stall(&mut child);
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert!(output.stdout.is_empty());
    assert_snapshot!(bench.shown(&output), @"
    exit 18
    --- stderr
    wharf: ftp://HOST/f: interrupted
    ");
}

#[test]
fn an_interrupted_download_leaves_no_temporary_file_and_a_continued_one_its_part() {
    for (line, left) in [
        ("get ftp://HOST/f", &[][..]),
        (
            "get -C ftp://HOST/f",
            &[".f.wharf-part", ".f.wharf-part.json"],
        ),
    ] {
        let bench = stalling();
        let mut child = bench.command(line).spawn().unwrap();
        wait_until(&mut child, || {
            bench
                .names()
                .iter()
                .any(|name| length(&bench, name) == 100_000)
        });
        interrupt(&child);
        let shown = bench.wait(child);
        assert!(shown.starts_with("exit 18"), "{line}: {shown}");
        assert_eq!(bench.names(), left, "{line}");
        assert_eq!(
            shown.contains("is kept in .f.wharf-part"),
            !left.is_empty(),
            "{shown}"
        );
    }
}

#[test]
fn an_interrupted_upload_is_not_taken_for_a_whole_file() {
    let bench = Bench::new();
    let mut child = bench
        .command("put - ftp://HOST/f")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(b"the beginning")
        .unwrap();
    wait_until(&mut child, || {
        let stored = std::fs::metadata(bench.server.root().join("f"));
        stored.is_ok_and(|stored| stored.len() == 13)
    });
    interrupt(&child);
    let input = child.stdin.take();
    assert_snapshot!(bench.wait(child), @"
    exit 18
    --- stderr
    wharf: - to ftp://HOST/f: interrupted
    ");
    drop(input);
    // The process is gone, and its sockets with it: the session has to end.
    while bench.server.clients() > 0 {
        std::thread::yield_now();
    }
    let transcript = bench.server.transcript();
    assert!(!transcript.contains("S: 226"), "{transcript}");
}

#[test]
fn a_pipe_that_nobody_else_opens_does_not_hold_the_command() {
    let bench = Bench::new();
    bench.remote("f", "ahoy");
    let made = std::process::Command::new("mkfifo")
        .arg(bench.path("pipe"))
        .status();
    assert!(made.unwrap().success());
    for line in [
        "get -m 0.2 -o pipe ftp://HOST/f",
        "put -m 0.2 pipe ftp://HOST/g",
    ] {
        let shown = bench.run(line);
        assert!(shown.starts_with("exit 11"), "{line}: {shown}");
    }
}

#[test]
fn a_reader_that_stopped_reading_does_not_hold_the_command() {
    let bench = Bench::new();
    for number in 0..2000 {
        bench.remote(&format!("{number:0>100}"), "");
    }
    // Nobody reads the 200,000 bytes; a pipe takes 65,536.
    let mut child = bench.command("ls -m 0.2 ftp://HOST/").spawn().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(11));
}

#[test]
fn an_upload_ends_when_the_server_refuses_it_and_not_when_there_is_more_to_send() {
    let bench = Bench::with(Options {
        quota: Some(1000),
        ..Options::default()
    });
    let mut child = bench
        .command("put - ftp://HOST/f")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&pattern(2000)).unwrap();
    // Standard input stays open.
    let shown = bench.wait(child);
    assert!(
        shown.starts_with("exit 14") && shown.contains("552 Exceeded storage allocation."),
        "{shown}"
    );
    drop(input);
}

fn length(bench: &Bench, name: &str) -> u64 {
    // It may be renamed or removed between the two looks.
    std::fs::metadata(bench.path(name)).map_or(0, |found| found.len())
}
#[test]
fn a_transcript_that_cannot_be_written_is_no_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let bench = Bench::new();
    bench.remote("f", "ahoy");
    let mut command = bench.command("cat -v ftp://HOST/f");
    let output = command.stderr(full.unwrap()).output().unwrap();
    assert_snapshot!(bench.shown(&output), @"
    exit 0
    --- stdout
    ahoy
    ");
}
