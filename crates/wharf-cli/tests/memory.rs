//! Memory has a bound, whatever the size of the file or the listing.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "what fails in the harness fails its test"
)]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use wharf_testing::script::Script;
use wharf_testing::server::Server;

const SIZE: u64 = 512 * 1024 * 1024;
/// What a transfer may hold at its peak, in KiB.
const BOUND: u64 = 32 * 1024;

/// What no process here may hold: it would take the machine's.
const RUNAWAY: u64 = 1024 * 1024;

/// How a process ended, and the most memory that it held until then, in KiB. The kernel's mark only grows, so
/// the last reading before the end is the peak but for what came after it.
fn watched(mut child: Child) -> (ExitStatus, u64) {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .trim()
                .strip_suffix(" kB")?
                .parse()
                .ok()
        });
        peak = peak.max(mark.unwrap_or(0));
        if peak > RUNAWAY {
            child.kill().unwrap();
        }
        if let Some(status) = child.try_wait().unwrap() {
            return (status, peak);
        }
        std::thread::yield_now();
    }
}

/// The most memory of a process that ends well, in KiB.
fn peak(child: Child) -> u64 {
    let (status, peak) = watched(child);
    assert!(status.success(), "wharf ended with {status}");
    peak
}

fn wharf(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_wharf"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// A file of that size that takes no room.
fn sparse(path: &Path) {
    File::create(path).unwrap().set_len(SIZE).unwrap();
}

#[test]
fn a_download_of_half_a_gibibyte_stays_within_the_bound() {
    let server = Server::builder().blocking_start().unwrap();
    sparse(&server.root().join("big"));
    let peak = peak(wharf(&["cat", &format!("{}big", server.url())]));
    assert!(peak > 1024, "the peak was never read");
    assert!(peak < BOUND, "{peak} KiB");
}

#[test]
fn an_upload_of_half_a_gibibyte_stays_within_the_bound() {
    let server = Server::builder().blocking_start().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("big");
    sparse(&source);
    let peak = peak(wharf(&[
        "put",
        source.to_str().unwrap(),
        &format!("{}big", server.url()),
    ]));
    assert!(peak > 1024, "the peak was never read");
    assert!(peak < BOUND, "{peak} KiB");
    assert_eq!(fs::metadata(server.root().join("big")).unwrap().len(), SIZE);
}

#[test]
fn half_a_million_entries_in_no_order_stay_within_the_bound() {
    // Kept, they would take three times the bound.
    let line = |_| r"type=file;size=1;modify=20200102030405; name\r\n".to_owned();
    let script = listing("500", &(0..1000).map(line).collect::<String>());
    for arguments in [&["ls", "-lU"][..], &["find"]] {
        let peak = against(&script, arguments);
        assert!(peak > 1024, "the peak was never read");
        assert!(peak < BOUND, "{arguments:?}: {peak} KiB");
    }
}

/// Where nothing is optimised the command alone takes 11 MiB. The lines take 6.6 more and their entries
/// 6.1, if they are kept once and put in order where they are.
#[test]
fn a_hundred_thousand_entries_in_order_are_kept_once() {
    let line = |n| {
        format!(r"type=file;size=1{n:03};modify=20200102030405;unique=fd01g2a3b; name-{n:03}\r\n")
    };
    let script = listing(
        "100",
        &(0..1000).map(|n| line(n * 617 % 1000)).collect::<String>(),
    );
    for arguments in [&["ls"][..], &["ls", "-l"], &["ls", "-lS"]] {
        let peak = against(&script, arguments);
        assert!(
            peak > 12 * 1024,
            "{arguments:?}: {peak} KiB are no more than the lines"
        );
        assert!(peak < 27 * 1024, "{arguments:?}: {peak} KiB");
    }
}

/// The entries are long, so that they are few.
#[test]
fn entries_without_end_are_put_in_no_order() {
    let entry = format!(r"type=file; {}\r\n", "n".repeat(8 * 1024));
    let listing = listing("forever", &entry);
    let (begun, _end) = listing.split_once("\nD.").unwrap();
    let (status, peak) = run(&format!("{begun}\nD<end\neof\n"), &["ls"]);
    assert_eq!(status.code(), Some(15));
    assert!(peak > 512 * 1024, "{peak} KiB are fewer than are kept");
    assert!(peak < 640 * 1024, "{peak} KiB");
}

/// A server that lists a directory of the lines, so many times over.
fn listing(times: &str, lines: &str) -> String {
    format!(
        "login\nC: FEAT\nS| 211-Features\\r\\n MLST type*;size*;\\r\\n211 End\\r\\n\n\
         L\nC: EPSV\nS: 229 ok (|||{{epsv}}|)\nC: MLSD\nD+\nS: 150 here\n\
         D>* {times} {lines}\nD.\nS: 226 done\nC: QUIT\nS: 221 bye\nclose\n"
    )
}

/// The most memory of the command against a script, in KiB.
fn against(script: &str, arguments: &[&str]) -> u64 {
    let (status, peak) = run(script, arguments);
    assert!(status.success(), "wharf ended with {status}");
    peak
}

/// How the command ends against a script, and the most memory that it held, in KiB.
fn run(script: &str, arguments: &[&str]) -> (ExitStatus, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = Script::new(script).deadline(DEADLINE).play().await;
        let url = format!("ftp://{}/", server.addr());
        let child = wharf(&[arguments, &[&url]].concat());
        let ended = tokio::task::spawn_blocking(|| watched(child))
            .await
            .unwrap();
        server.finished().await;
        ended
    })
}

/// Only ever waited for by a test that fails: half a million lines are one step, which takes the better part of a
/// minute where nothing is optimised and the machine is busy.
const DEADLINE: Duration = Duration::from_mins(10);
