//! Memory has a bound, however large a directory is.
//!
//! What is measured is a process of its own, as the kernel counts it: this program once more, in
//! which [`client`] lists what it is told to. Counted is what the listing adds to a client that
//! has logged in, which alone holds 5 MiB, and 8 MiB where nothing is optimised.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "what fails in the harness fails its test"
)]

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::task;
use wharf::{Config, DataMode, ListCommand, ListOptions, Parsed, Passive};
use wharf_testing::script::Script;

const MIB: u64 = 1024;

/// How the client keeps what it reads; the variable that says so to the child also makes it one.
const ORDER: &str = "WHARF_LISTING_MEMORY";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kept {
    Nothing,
    All,
}

/// The other process. Without an order there is nothing to do.
#[tokio::test]
async fn client() {
    let Ok(order) = env::var(ORDER) else { return };
    let [kept, command, server] = order.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let command = if command == "Mlsd" {
        ListCommand::Mlsd
    } else {
        ListCommand::List
    };
    let server: SocketAddr = server.parse().unwrap();
    let config = Config::new(server.ip().to_string())
        .port(server.port())
        .mode(DataMode::Passive(Passive::Classic));
    let client = config.connect().await.unwrap();
    let before = high_water_mark();
    let listing = client
        .list_with("", ListOptions::default().command(command))
        .await
        .unwrap();
    let count = if kept == "All" {
        let entries: Vec<Parsed> = listing.try_collect().await.unwrap();
        entries.len()
    } else {
        let mut listing = listing;
        let mut count = 0;
        while let Some(entry) = listing.next().await {
            assert!(matches!(entry.unwrap(), Parsed::Entry(_)));
            count += 1;
        }
        count
    };
    client.quit().await.unwrap();
    let added = high_water_mark() - before;
    writeln!(io::stdout(), "listed {count} {added}").unwrap();
}

/// The most memory this process has held, in KiB.
fn high_water_mark() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let mark = mark.unwrap().trim().strip_suffix(" kB").unwrap();
    mark.parse().unwrap()
}

/// How many entries another process reads there, and how much memory it comes to hold for them, in KiB.
fn listed(server: SocketAddr, command: ListCommand, kept: Kept) -> (u64, u64) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "client"])
        .env(ORDER, format!("{kept:?} {command:?} {server}"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said = text
        .lines()
        .find_map(|line| line.split_once("listed ")?.1.split_once(' '));
    let (count, added) = said.unwrap_or_else(|| panic!("the client said: {text}"));
    (count.parse().unwrap(), added.parse().unwrap())
}

/// How much memory another process comes to hold, in KiB, for a directory of so many entries, each of
/// which the server writes as this `line`.
async fn added(command: ListCommand, line: &str, count: u64, kept: Kept) -> u64 {
    let verb = format!("{command:?}").to_uppercase();
    let script = format!(
        "
        login
        C: PASV
        L
        S: 227 Entering Passive Mode ({{pasv}}).
        C: {verb}
        D+
        S: 150 Here it comes.
        D>* {count} {line}\\r\\n
        D.
        S: 226 Done.
        C: QUIT
        S: 221 Goodbye.
        eof
        "
    );
    // A million lines take a while where nothing is optimised and the machine is busy.
    let patience = Duration::from_mins(10);
    let server = Script::new(&*script).deadline(patience).play().await;
    let address = server.addr();
    let listed = task::spawn_blocking(move || listed(address, command, kept));
    let (entries, added) = listed.await.unwrap();
    assert_eq!(entries, count);
    server.finished().await;
    added
}

/// As vsftpd and Pure-FTPd write them.
const LIST: &str =
    "-rw-r--r--    1 1000     1000        15838 Mar 03 02:17 some-package-1.0.tar.gz";
const MLSD: &str = "type=file;size=15838;modify=20250303021742;UNIX.mode=0644;UNIX.uid=1000;\
                    UNIX.gid=1000;unique=fd01g2a3b; some-package-1.0.tar.gz";

#[tokio::test]
async fn a_hundred_thousand_entries_are_collected_in_15_mib() {
    let added = added(ListCommand::List, LIST, 100_000, Kept::All).await;
    assert!(added < 15 * MIB, "{added} KiB");
    let bytes = u64::try_from(LIST.len()).unwrap() * 100_000;
    assert!(
        added > bytes / 1024,
        "{added} KiB are no more than the lines"
    );
}

#[tokio::test]
async fn a_million_entries_stream_in_one_mib() {
    let added = added(ListCommand::Mlsd, MLSD, 1_000_000, Kept::Nothing).await;
    assert!(added < MIB, "{added} KiB");
}
