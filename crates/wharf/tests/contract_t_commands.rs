//! The contract's client tests of plain commands: T1–T7 and T21–T38.

mod common;

use wharf::{Client, Encoding, ErrorKind, Queued, Result};
use wharf_testing::script::Script;

use common::{config, farewell, lines, session};

/// What a call yields whose only command is answered with this reply, and nothing else is sent.
async fn answered<T>(
    command: &str,
    reply: &str,
    call: impl FnOnce(&Client) -> Queued<T>,
) -> Result<T> {
    let (server, client) = session(&format!("C: {command}\n{reply}")).await;
    let result = call(&client).await;
    farewell(server, client).await;
    result
}

/// A call whose only command is refused with this reply yields all of it.
async fn refused<T: std::fmt::Debug>(
    command: &str,
    reply: &str,
    call: impl FnOnce(&Client) -> Queued<T>,
) {
    let error = answered(command, &format!("S: {reply}"), call)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(lines(error.reply().unwrap()), [reply]);
    assert_eq!(error.command(), Some(command));
    assert!(error.was_sent());
}

/// A call whose only command is answered outside the protocol yields that answer as an error, and
/// the session goes on.
async fn answered_badly<T: std::fmt::Debug>(
    command: &str,
    reply: &str,
    call: impl FnOnce(&Client) -> Queued<T>,
) {
    let error = answered(command, &format!("S: {reply}"), call)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
    assert_eq!(lines(error.reply().unwrap()), [reply]);
}

#[tokio::test]
async fn t1_a_raw_line_goes_out_byte_for_byte() {
    let reply = answered(r"C| \xe9\r\n", "S: 200 heard", |client| {
        client.command(&b"\xe9"[..])
    });
    // `C: ` is put before what is expected, so the bytes are given as a script of their own.
    drop(reply);
    let (server, client) = session("C| \\xe9\\r\\nS: 200 heard").await;
    drop(client);
    drop(server);
}
