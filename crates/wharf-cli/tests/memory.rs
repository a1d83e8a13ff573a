//! Memory has a bound, whatever the size of the file.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "what fails in the harness fails its test"
)]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use wharf_testing::server::Server;

const SIZE: u64 = 512 * 1024 * 1024;
/// What a transfer may hold at its peak, in KiB.
const BOUND: u64 = 32 * 1024;

/// The most memory a process has held until it ended, in KiB. The kernel's mark only grows, so the last
/// reading before the end is the peak but for what came after it.
fn peak(mut child: Child) -> u64 {
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
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "wharf ended with {status}");
            return peak;
        }
        std::thread::yield_now();
    }
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
