//! The contract's derived scenarios of uploads: X29, X36, X38–X40, X45 and X51.

mod common;
#[path = "common/data.rs"]
#[expect(dead_code, reason = "nothing is retrieved here")]
mod data;
#[path = "common/memory.rs"]
mod memory;

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use wharf::{Config, DataMode, ErrorKind, Passive, StoreOptions, from_io};

use common::{farewell, lines, session};
use data::stored;
use memory::in_memory;

/// A passive STOR up to its 150.
const STOR: &str = "
    C: PASV
    L
    S: 227 Entering Passive Mode ({pasv}).
    C: STOR a
    D+
    S: 150 Send it.
";

/// In memory with the data by PASV, for tests of time.
fn classic() -> Config {
    Config::new("harbour").mode(DataMode::Passive(Passive::Classic))
}

#[tokio::test]
async fn x29_a_data_port_that_refuses_hands_out_no_writer_and_says_so() {
    // Seen to leave the writer's handle unanswered for ever.
    let (server, client) = session(
        "
        C: PASV
        L refused
        S: 227 Entering Passive Mode ({pasv}).
        C: PWD
        S: 257 \"/\"
        ",
    )
    .await;
    let (stor, pwd) = (client.store_file("a"), client.pwd());
    let error = stor.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataConnection);
    assert_eq!(error.command(), Some("STOR a"));
    assert!(!error.was_sent());
    pwd.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x36_a_reset_under_a_226_is_no_stored_file() {
    let script = format!(
        "{STOR}\nD< abc\nD!\nnote reset\ngate finished\nS: 226 Done.\nC: NOOP\nS: 200 Here."
    );
    let (server, client) = session(&script).await;
    let mut upload = client.store_file("a").await.unwrap();
    upload.write_all(b"abc").await.unwrap();
    server.reached("reset").await;
    let finish = tokio::spawn(upload.finish());
    server.open("finished");
    let error = finish.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataConnection);
    assert_eq!(error.code().unwrap(), 226);
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x38_a_226_before_the_upload_was_finished_is_no_success() {
    // Seen to be one.
    let script = format!("{STOR}\nD< abc\nD..\nS: 226 Done.\nC: NOOP\nS: 200 Here.");
    let (server, client) = session(&script).await;
    let (stor, noop) = (client.store_file("a"), client.noop());
    let mut upload = stor.await.unwrap();
    upload.write_all(b"abc").await.unwrap();
    // The NOOP leaves when the 226 is in.
    noop.await.unwrap();
    let write = from_io(upload.write(b"d").await.unwrap_err());
    let finish = upload.finish().await.unwrap_err();
    for error in [write, finish] {
        assert_eq!(error.kind(), ErrorKind::Truncated);
        assert_eq!(lines(error.reply().unwrap()), ["150 Send it.", "226 Done."]);
    }
    farewell(server, client).await;
}

#[tokio::test(start_paused = true)]
async fn x39_a_226_to_a_writer_that_never_finishes_frees_the_queue() {
    // Seen to be pending for ever.
    let script = format!("login\n{STOR}\nS: 226 Done.\nC: NOOP\nS: 200 Here.\nD<reset");
    let (server, client) = in_memory(&script, &classic()).await;
    let (stor, noop) = (client.store_file("a"), client.noop());
    let upload = stor.await.unwrap();
    noop.await.unwrap();
    drop(upload);
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn x39_a_writer_that_neither_writes_nor_finishes_is_stopped_by_the_stall_limit() {
    let script = format!(
        "
        login
        {STOR}
        D<reset
        S: 426 Aborted.
        C: PWD
        S: 257 \"/\"
        C: NOOP
        S: 200 Here.
        "
    );
    let limit = Duration::from_secs(90);
    let (server, client) = in_memory(&script, &classic().stall_timeout(limit)).await;
    let mut upload = client.store_file("a").await.unwrap();
    let noop = client.noop();
    // The writer lies there, and nobody polls it.
    noop.await.unwrap();
    let error = from_io(upload.write(b"late").await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Timeout);
    server.finished().await;
}

#[tokio::test]
async fn x40_bytes_from_the_server_on_an_upload_s_connection_fail_it() {
    for verdict in ["226 Done.", "426 Aborted."] {
        let script =
            format!("{STOR}\nD> boo\nnote sent\nD<end\nS: {verdict}\nC: NOOP\nS: 200 Here.");
        let (server, client) = session(&script).await;
        let mut upload = client.store_file("a").await.unwrap();
        server.reached("sent").await;
        let error = loop {
            // The first write that comes after the bytes sees them.
            match upload.write(b"").await {
                Ok(_) => tokio::task::yield_now().await,
                Err(error) => break from_io(error),
            }
        };
        assert_eq!(error.kind(), ErrorKind::UnexpectedData, "{verdict}");
        client.noop().await.unwrap();
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn x45_a_cwd_and_a_rename_that_nobody_waits_for_are_carried_out() {
    let (server, client) = session(
        "
        C: CWD a
        note asked
        gate dropped
        S: 250 There.
        C: RNFR b
        S: 350 Go on.
        C: RNTO c
        S: 250 Done.
        C: NOOP
        S: 200 Here.
        ",
    )
    .await;
    let (cwd, rename, noop) = (client.cwd("a"), client.rename("b", "c"), client.noop());
    server.reached("asked").await;
    drop(cwd);
    drop(rename);
    server.open("dropped");
    assert_eq!(lines(&noop.await.unwrap()), ["200 Here."]);
    farewell(server, client).await;
}

#[tokio::test]
async fn x45_an_upload_that_nobody_waits_for_is_not_sent() {
    // Seen to be sent. Without a writer there is no file, and an empty one would be a lie.
    let (server, client) =
        session("C: CWD a\nnote asked\ngate dropped\nS: 250 There.\nC: NOOP\nS: 200 Here.").await;
    let (cwd, stor, noop) = (client.cwd("a"), client.store_file("a"), client.noop());
    server.reached("asked").await;
    drop(stor);
    server.open("dropped");
    cwd.await.unwrap();
    noop.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x45_an_upload_given_up_while_the_server_thinks_is_reset() {
    let (server, client) = session(
        "
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: STOR a
        D+
        note asked
        D<reset
        S: 150 Send it.
        S: 426 Aborted.
        C: PWD
        S: 257 \"/\"
        C: NOOP
        S: 200 Here.
        ",
    )
    .await;
    let (stor, noop) = (client.store_file("a"), client.noop());
    server.reached("asked").await;
    drop(stor);
    noop.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test(start_paused = true)]
async fn x51_the_writer_is_handed_out_after_the_150_and_not_before() {
    // Seen to be handed out before STOR was on its way, so that a small file was sent and ended
    // before the server knew of it.
    let script = "
        login
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: REST 3
        S: 350 From 3.
        C: STOR a
        D+
        gate consent
        S: 150 Send it.
        D< def
        D<eof
        S: 226 Done.
    ";
    let (server, client) = in_memory(script, &classic()).await;
    let mut stor = client.store_file_with("a", StoreOptions::default().offset(3));
    // Everything but the 150 has happened when every task waits.
    assert!(timeout(Duration::from_secs(1), &mut stor).await.is_err());
    server.open("consent");
    let completion = stored(stor, b"def").await.unwrap();
    assert_eq!(lines(&completion.setup[0]), ["350 From 3."]);
    assert_eq!(lines(&completion.reply), ["150 Send it.", "226 Done."]);
    server.finished().await;
}
