//! What `abort` of a stream says about the connection is true, whatever became of the transfer before.

#[path = "common/memory.rs"]
mod memory;

use std::pin::pin;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use wharf::{Config, DataMode, ErrorKind, Passive, from_io};

use memory::in_memory;

const STARTED: &str = "
    login
    C: PASV
    L
    S: 227 Entering Passive Mode ({pasv}).
    C: RETR a
    D+
    S: 150 Here it comes.
    D> abc
";

fn config() -> Config {
    Config::new("harbour").mode(DataMode::Passive(Passive::Classic))
}

#[tokio::test(start_paused = true)]
async fn an_abort_of_what_was_stopped_already_waits_until_the_connection_is_in_step() {
    let script = format!(
        "{STARTED}
        D<end
        gate late
        S: 426 Aborted.
        C: PWD
        S: 257 \"/\"
        eof"
    );
    let (server, client) = in_memory(&script, &config()).await;
    let mut download = client.retrieve_file("a").await.unwrap();
    download.read_exact(&mut [0; 3]).await.unwrap();
    let stalled = from_io(download.read_u8().await.unwrap_err());
    assert_eq!(stalled.kind(), ErrorKind::Timeout);
    let mut abort = pin!(download.abort());
    // Paused time goes on only when nobody has anything left to do.
    let early = tokio::time::timeout(Duration::from_secs(1), &mut abort).await;
    assert!(early.is_err(), "{early:?}");
    server.open("late");
    abort.await.unwrap();
    client.stop();
    server.finished().await;
}

#[tokio::test]
async fn an_abort_after_the_connection_was_lost_says_so() {
    let (server, client) = in_memory(&format!("{STARTED}\nD<end\neof"), &config()).await;
    let download = client.retrieve_file("a").await.unwrap();
    client.stop();
    client.closed().await;
    let error = download.abort().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    server.finished().await;
}
