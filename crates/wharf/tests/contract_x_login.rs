//! The contract's derived scenarios of the greeting and the login: X1–X10.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

mod common;
#[path = "common/memory.rs"]
mod memory;

use std::io;
use std::net::TcpListener;

use wharf::{Config, Error, ErrorKind, Tls};

use common::{farewell, lines, session};
use memory::in_memory;

fn anonymous() -> Config {
    Config::new("harbour")
}

fn named() -> Config {
    anonymous().login("harbour", "secret").tls(Tls::Off)
}

/// What becomes of a login, and of a PWD queued behind it, when the server says no. The script ends
/// with the client's close, before which it has to be silent.
async fn turned_away(script: &str, config: &Config) -> Error {
    let (server, client) = in_memory(script, config).await;
    let pwd = client.pwd();
    let cause = client.logged_in().await.unwrap_err();
    let pwd = pwd.await.unwrap_err();
    assert_eq!(pwd.kind(), ErrorKind::ConnectionLost);
    assert_eq!(pwd.root().to_string(), cause.to_string());
    assert!(!pwd.was_sent());
    server.finished().await;
    cause
}

#[tokio::test(start_paused = true)]
async fn x1_what_is_called_before_the_greeting_goes_out_behind_the_login() {
    let script = "
        expect-nothing
        S: 220 ready
        C: USER anonymous
        expect-nothing
        S: 331 Password?
        C* PASS *
        expect-nothing
        S: 230 In.
        C: TYPE I
        S: 200 Binary.
        C: PWD
        S: 257 \"/\"
    ";
    let (server, client) = in_memory(script, &anonymous()).await;
    let pwd = client.pwd();
    assert_eq!(client.greeting(), None);
    assert_eq!(lines(&pwd.await.unwrap()), ["257 \"/\""]);
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn x2_a_120_is_waited_through_and_kept_with_the_greeting() {
    let script = "
        S: 120 wait
        expect-nothing
        S: 220 go
        C: USER anonymous
        S: 230 In.
        C: TYPE I
        S: 200 Binary.
    ";
    let (server, client) = in_memory(script, &anonymous()).await;
    client.logged_in().await.unwrap();
    assert_eq!(lines(&client.greeting().unwrap()), ["120 wait", "220 go"]);
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn x3_a_greeting_that_is_no_220_ends_the_session_unanswered() {
    let cause = turned_away("S: 300 greet\neof", &anonymous()).await;
    assert_eq!(cause.kind(), ErrorKind::BadResponse);
    assert_eq!(cause.code().unwrap(), 300);
}

#[tokio::test(start_paused = true)]
async fn x4_nothing_is_sent_to_a_server_that_greets_with_421() {
    let cause = turned_away("S: 421 Too many connections\neof", &named()).await;
    assert_eq!(cause.kind(), ErrorKind::CommandFailed);
    assert_eq!(cause.code().unwrap(), 421);
}

#[tokio::test(start_paused = true)]
async fn x5_no_password_goes_to_a_server_that_refused_the_user() {
    let script = "S: 220 ready\nC: USER harbour\nS: 530 Not you.\neof";
    let cause = turned_away(script, &named()).await;
    assert_eq!(cause.kind(), ErrorKind::Login);
    assert_eq!(cause.command(), Some("USER harbour"));
    assert_eq!(lines(cause.reply().unwrap()), ["530 Not you."]);
}

#[tokio::test(start_paused = true)]
async fn x6_a_refused_pass_is_followed_by_nothing() {
    let script = "
        S: 220 ready
        C: USER harbour
        S: 331 Password?
        C: PASS secret
        S: 530 Login incorrect.
        eof
    ";
    let cause = turned_away(script, &named()).await;
    assert_eq!(cause.kind(), ErrorKind::Login);
    assert_eq!(cause.command(), Some("PASS …"));
    assert_eq!(cause.code().unwrap(), 530);
}

#[tokio::test(start_paused = true)]
async fn x6_a_refused_type_is_followed_by_nothing() {
    let script = "
        S: 220 ready
        C: USER harbour
        S: 230 In.
        C: TYPE I
        S: 504 Text only.
        eof
    ";
    let cause = turned_away(script, &named()).await;
    assert_eq!(cause.kind(), ErrorKind::Login);
    assert_eq!(cause.command(), Some("TYPE I"));
    assert_eq!(cause.code().unwrap(), 504);
}

/// A login in which this is the answer to USER, and PASS is left out.
async fn without_pass(answer: &str) {
    let script = format!("S: 220 ready\nC: USER harbour\n{answer}\nC: TYPE I\nS: 200 Binary.\neof");
    let (server, client) = in_memory(&script, &named()).await;
    client.logged_in().await.unwrap();
    client.stop();
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn x7_a_multi_line_230_to_user_saves_the_password() {
    without_pass("S: 230-a\nS: 230 b").await;
}

#[tokio::test(start_paused = true)]
async fn x8_the_final_code_to_user_decides_and_232_needs_no_password_either() {
    // Seen to send PASS in both cases; wharf goes by the final code (RFC 2228 §5 for 232).
    without_pass("S: 150 m\nS: 230 in").await;
    without_pass("S: 232 in").await;
}

#[tokio::test(start_paused = true)]
async fn x9_a_332_without_an_account_is_a_login_error_and_sends_nothing() {
    let script = "
        S: 220 ready
        C: USER harbour
        S: 331 Password?
        C: PASS secret
        S: 332 Account?
        eof
    ";
    let cause = turned_away(script, &named()).await;
    assert_eq!(cause.kind(), ErrorKind::Login);
    assert!(cause.to_string().contains("account"), "{cause}");
}

#[tokio::test(start_paused = true)]
async fn x9_a_332_gets_the_account_that_was_given() {
    let script = "
        S: 220 ready
        C: USER harbour
        S: 331 Password?
        C: PASS secret
        S: 332 Account?
        C: ACCT dock 4
        S: 230 In.
        C: TYPE I
        S: 200 Binary.
    ";
    let (server, client) = in_memory(script, &named().account("dock 4")).await;
    assert_eq!(lines(&client.logged_in().await.unwrap()), ["230 In."]);
    server.finished().await;
}

#[tokio::test]
async fn x10_a_user_that_would_be_two_commands_opens_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let plain = Config::new("127.0.0.1").port(port).tls(Tls::Off);
    for config in [
        plain.clone().login("u\r\nDELE x", "secret"),
        plain.clone().login("u", "secret\r\nDELE x"),
        plain.clone().login("u\0", "secret"),
        plain.clone().login("u", "secret").account("a\nDELE x"),
        plain.clone().login_without_password("u\nDELE x"),
        plain.virtual_host("h\r\nDELE x"),
    ] {
        let error = config.connect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{config:?}");
        assert!(!error.was_sent());
    }
    let nobody = listener.accept().unwrap_err();
    assert_eq!(nobody.kind(), io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn x10_a_later_login_that_would_be_two_commands_sends_nothing() {
    let (server, client) = session("C: NOOP\nS: 200 Here.").await;
    for (user, password) in [("u\r\nDELE x", "p"), ("u", "p\r\nDELE x"), ("u", "p\0")] {
        let error = client.queue_login(user, password).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    client.noop().await.unwrap();
    farewell(server, client).await;
}
