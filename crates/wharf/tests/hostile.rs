//! Servers that mean harm, or are broken past telling the difference: whatever they do, every call
//! ends, and what it says is true.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

#[path = "common/memory.rs"]
mod memory;

use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use wharf::{Config, DataMode, ErrorKind, Passive, from_io};

use memory::in_memory;

fn quiet() -> Config {
    Config::new("harbour")
        .mode(DataMode::Passive(Passive::Classic))
        .stall_timeout(Duration::from_secs(30))
}

#[tokio::test(start_paused = true)]
async fn data_that_stands_still_behind_its_226_is_stopped_by_the_stall_limit() {
    let script = "
        login
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: RETR a
        D+
        S: 150 Here it comes.
        D> abc
        S: 226 Done, and the data connection stays open.
        gate asked
        D<end
        C: NOOP
        S: 200 Here.
    ";
    let (server, client) = in_memory(script, &quiet()).await;
    let mut download = client.retrieve_file("a").await.unwrap();
    let mut bytes = [0; 3];
    download.read_exact(&mut bytes).await.unwrap();
    server.open("asked");
    let error = from_io(download.read_u8().await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Timeout);
    client.noop().await.unwrap();
    server.finished().await;
}
