//! The contract's derived scenarios of passive downloads: X26–X28, X30–X37, X41–X44 and X60.

mod common;
#[path = "common/data.rs"]
#[expect(dead_code, reason = "nothing is stored here")]
mod data;
#[path = "common/memory.rs"]
mod memory;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::time::timeout;
use wharf::{Config, DataMode, ErrorKind, Passive, RetrieveOptions};
use wharf_testing::script::Script;

use common::{config, farewell, lines, session};
use data::received;
use memory::in_memory;

/// A passive RETR up to its 150.
const RETR: &str = "
    C: PASV
    L
    S: 227 Entering Passive Mode ({pasv}).
    C: RETR a
    D+
    S: 150 Here it comes.
";

/// In memory with the data by PASV, for tests of time.
fn classic() -> Config {
    Config::new("harbour").mode(DataMode::Passive(Passive::Classic))
}

#[tokio::test]
async fn x26_an_answer_to_pasv_that_is_no_address_fails_this_transfer_only() {
    // Seen to send RETR all the same, and to drop the connection.
    for (answer, kind) in [
        ("500 What?", ErrorKind::CommandFailed),
        ("227 nonsense", ErrorKind::BadResponse),
        (
            "227 Entering Passive Mode (|||5000|)",
            ErrorKind::BadResponse,
        ),
        ("765 blah", ErrorKind::BadResponse),
    ] {
        let (server, client) =
            session(&format!("C: PASV\nS: {answer}\nC: NOOP\nS: 200 Here.")).await;
        let (retr, noop) = (client.retrieve_file("a"), client.noop());
        let error = retr.await.unwrap_err();
        assert_eq!(error.kind(), kind, "{answer}");
        assert_eq!(lines(error.reply().unwrap()), [answer]);
        assert_eq!(error.command(), Some("PASV"));
        noop.await.unwrap();
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn x27_only_227_answers_pasv() {
    // Seen to be dialled. RFC 959 §5.4 has no other success.
    let (server, client) = session("C: PASV\nS: 200 127,0,0,1,1,1\nC: NOOP\nS: 200 Here.").await;
    let error = client.retrieve_file("a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
    assert_eq!(error.code().unwrap(), 200);
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x28_a_data_port_that_refuses_fails_the_transfer_and_retr_is_not_sent() {
    // Seen to send RETR without waiting for the dial, and to be answered 425. wharf dials first.
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
    let (retr, pwd) = (client.retrieve_file("a"), client.pwd());
    let error = retr.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataConnection);
    assert_eq!(error.command(), Some("RETR a"));
    assert!(!error.was_sent());
    let cause = std::error::Error::source(&error).unwrap();
    let cause = cause.downcast_ref::<io::Error>().unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::ConnectionRefused);
    pwd.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x30_a_226_before_the_bytes_frees_the_queue_and_loses_nothing() {
    let (server, client) = session(&format!(
        "
        {RETR}
        S: 226 Done.
        C: PWD
        S: 257 \"/\"
        gate answered
        D> late bytes
        D.
        D<end
        "
    ))
    .await;
    let (retr, pwd) = (client.retrieve_file("a"), client.pwd());
    let download = retr.await.unwrap();
    pwd.await.unwrap();
    server.open("answered");
    let (bytes, end) = received(download).await;
    assert_eq!(bytes, b"late bytes");
    assert_eq!(
        lines(&end.unwrap().reply),
        ["150 Here it comes.", "226 Done."]
    );
    farewell(server, client).await;
}

#[tokio::test(start_paused = true)]
async fn x31_the_end_of_the_bytes_waits_for_the_226() {
    let script = format!("login\n{RETR}\nD> all\nD.\nD<end\nnote ended\ngate done\nS: 226 Done.");
    let (server, client) = in_memory(&script, &classic()).await;
    let mut download = client.retrieve_file("a").await.unwrap();
    let mut bytes = [0; 3];
    download.read_exact(&mut bytes).await.unwrap();
    let mut end = Box::pin(received(download));
    assert!(timeout(Duration::from_secs(1), &mut end).await.is_err());
    server.reached("ended").await;
    server.open("done");
    let (rest, completion) = end.await;
    assert_eq!(rest, b"");
    assert_eq!(completion.unwrap().reply.code(), 226);
    server.finished().await;
}

#[tokio::test]
async fn x32_the_next_transfer_may_begin_while_the_last_one_s_bytes_are_still_coming() {
    // The control connection alone gates the queue: the server has called the first transfer done,
    // and a slow reader holds up nobody else. Each stream ends by its own data connection.
    let (server, client) = session(&format!(
        "
        {RETR}
        S: 226 Done.
        C: PASV
        L2
        S: 227 Entering Passive Mode ({{pasv2}}).
        C: RETR b
        D2+
        S: 150 Here it comes, too.
        D2> second
        D2.
        S: 226 Done, too.
        D2<end
        D> first
        D.
        D<end
        "
    ))
    .await;
    let (first, second) = (client.retrieve_file("a"), client.retrieve_file("b"));
    let first = first.await.unwrap();
    let (bytes, end) = received(second.await.unwrap()).await;
    assert_eq!(bytes, b"second");
    assert_eq!(lines(&end.unwrap().reply)[1], "226 Done, too.");
    let (bytes, end) = received(first).await;
    assert_eq!(bytes, b"first");
    assert_eq!(lines(&end.unwrap().reply)[1], "226 Done.");
    farewell(server, client).await;
}

#[tokio::test]
async fn x33_an_offset_goes_between_pasv_and_retr_and_its_answer_is_kept() {
    let (server, client) = session(
        "
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: REST 3
        S: 350 From 3.
        C: RETR a
        D+
        S: 150 Here it comes.
        D> def
        D.
        S: 226 Done.
        ",
    )
    .await;
    let options = RetrieveOptions::default().offset(3);
    let download = client.retrieve_file_with("a", options).await.unwrap();
    let (bytes, end) = received(download).await;
    assert_eq!(bytes, b"def");
    let completion = end.unwrap();
    assert_eq!(completion.address.code(), 227);
    let setup: Vec<_> = completion.setup.iter().map(lines).collect();
    assert_eq!(setup, [["350 From 3."]]);
    assert_eq!(
        lines(&completion.reply),
        ["150 Here it comes.", "226 Done."]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn x34_a_refused_rest_withholds_retr() {
    // Seen to send RETR all the same, which then begins at byte 0.
    let (server, client) = session(
        "
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: REST 3
        D+
        S: 502 No REST here.
        D<end
        C: NOOP
        S: 200 Here.
        ",
    )
    .await;
    let options = RetrieveOptions::default().offset(3);
    let error = client.retrieve_file_with("a", options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.command(), Some("REST 3"));
    assert_eq!(error.code().unwrap(), 502);
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x35_a_550_after_bytes_keeps_the_bytes_and_closes_the_passive_data() {
    let script = format!("{RETR}\nD> abc\nS: 550 Disk error.\nD<end\nC: NOOP\nS: 200 Here.");
    let (server, client) = session(&script).await;
    let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
    assert_eq!(bytes, b"abc");
    let error = end.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(
        lines(error.reply().unwrap()),
        ["150 Here it comes.", "550 Disk error."]
    );
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x36_a_reset_under_a_226_is_no_whole_file() {
    // Seen to be a success with half the bytes. Whichever of the two comes first, it is none here.
    for order in ["D!\nS: 226 Done.", "S: 226 Done.\nD!"] {
        let script = format!("{RETR}\nD> abc\n{order}\nC: NOOP\nS: 200 Here.");
        let (server, client) = session(&script).await;
        let (_, end) = received(client.retrieve_file("a").await.unwrap()).await;
        let error = end.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataConnection);
        assert_eq!(error.code().unwrap(), 226);
        client.noop().await.unwrap();
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn x37_a_426_after_a_clean_end_is_the_transfer_s_failure() {
    let script = format!("{RETR}\nD> abc\nD.\nS: 426 Read error.\nC: NOOP\nS: 200 Here.");
    let (server, client) = session(&script).await;
    let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
    assert_eq!(bytes, b"abc");
    let error = end.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(
        lines(error.reply().unwrap()),
        ["150 Here it comes.", "426 Read error."]
    );
    client.noop().await.unwrap();
    farewell(server, client).await;
}

/// Takes nothing.
struct FullDisk;

impl AsyncWrite for FullDisk {
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        _bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::StorageFull.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn x41_the_receiver_s_own_error_wins_over_the_226() {
    // Seen to be a success: a receiver could not fail its transfer.
    let (server, client) = session(&format!(
        "
        {RETR}
        D> abc
        D<end
        S: 226 Done.
        C: PWD
        S: 257 \"/\"
        C: NOOP
        S: 200 Here.
        "
    ))
    .await;
    let mut download = client.retrieve_file("a").await.unwrap();
    let error = tokio::io::copy(&mut download, &mut FullDisk)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    drop(download);
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x42_a_control_connection_lost_in_a_transfer_closes_the_data() {
    let script = format!("login\n{RETR}\nD> abc\nclose\nD<end\neof");
    let server = Script::new(&*script).play().await;
    let client = config(&server).connect().await.unwrap();
    let (retr, pwd) = (client.retrieve_file("a"), client.pwd());
    let (bytes, end) = received(retr.await.unwrap()).await;
    assert_eq!(bytes, b"abc");
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionLost);
    assert_eq!(pwd.await.unwrap_err().kind(), ErrorKind::ConnectionLost);
    server.finished().await;
}

#[tokio::test]
async fn x43_a_retr_given_up_before_its_address_costs_nobody_else() {
    // Seen to drop the connection.
    let (server, client) = session(
        "
        C: PASV
        note asked
        gate given-up
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: NOOP
        S: 200 Here.
        D-
        ",
    )
    .await;
    let retr = client.retrieve_file("a");
    let noop = client.noop();
    server.reached("asked").await;
    drop(retr);
    server.open("given-up");
    noop.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test(start_paused = true)]
async fn x43_a_retr_given_up_behind_the_login_is_never_sent() {
    let script = "gate given-up\nlogin\nC: PWD\nS: 257 \"/\"\nC: QUIT\nS: 221 Bye.";
    let (server, client) = in_memory(script, &classic()).await;
    let retr = client.retrieve_file("a");
    let pwd = client.pwd();
    drop(retr);
    server.open("given-up");
    pwd.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x44_a_retr_given_up_in_its_bytes_closes_the_data_and_sends_no_abor() {
    // The PWD is wharf's own: nothing else is answered 257, so it proves that the 426 was the last
    // word about the transfer.
    let (server, client) = session(&format!(
        "
        {RETR}
        D> abc
        D<end
        S: 426 Aborted.
        C: PWD
        S: 257 \"/\"
        C: NOOP
        S: 200 Here.
        "
    ))
    .await;
    let mut download = client.retrieve_file("a").await.unwrap();
    let mut bytes = [0; 3];
    download.read_exact(&mut bytes).await.unwrap();
    let noop = client.noop();
    drop(download);
    assert_eq!(lines(&noop.await.unwrap()), ["200 Here."]);
    farewell(server, client).await;
}

#[tokio::test]
async fn x60_a_550_before_the_server_accepts_the_data_reaches_the_receiver() {
    let (server, client) = session(
        "
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: RETR a
        S: 550 No such file.
        C: NOOP
        S: 200 Here.
        D+
        D<end
        ",
    )
    .await;
    let (retr, noop) = (client.retrieve_file("a"), client.noop());
    let error = retr.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert!(error.is_not_found());
    noop.await.unwrap();
    farewell(server, client).await;
}
