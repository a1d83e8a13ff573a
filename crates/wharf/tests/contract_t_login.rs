//! The contract's client tests of what comes before the first transfer: T41–T47.

mod common;
#[path = "common/listing.rs"]
mod listing;
#[path = "common/memory.rs"]
mod memory;

use std::time::Duration;

use tokio::time::timeout;
use wharf::{Config, DataMode, ErrorKind, Passive, Tls};
use wharf_testing::script::Script;

use common::{config, farewell, lines, session};
use memory::in_memory;

/// The only line of a greeting reaches the caller as it is.
async fn greets_with(script: &str, line: &str) {
    let script = format!("{script}\nC: QUIT\nS: 221 Goodbye.\neof");
    let server = Script::new(&*script).play().await;
    let client = config(&server).no_login().connect().await.expect("a 220");
    let greeting = client.greeting().expect("the greeting has come");
    assert_eq!(lines(&greeting), [line]);
    farewell(server, client).await;
}

#[tokio::test]
async fn t41_the_greeting_is_kept_verbatim() {
    greets_with("S: 220 Imaginary FTP.", "220 Imaginary FTP.").await;
}

#[tokio::test]
async fn t42_a_greeting_without_text_is_a_greeting() {
    greets_with(r"S: 220\x20", "220 ").await;
}

#[tokio::test(start_paused = true)]
async fn t43_a_multi_line_reply_is_complete_with_its_last_line_and_not_before() {
    let script = "
        S: 220 ready
        C: BLAH
        S: 210-First line.
        S: 123-Second line.
        S: Just some text.
        S: Hi
        S:
        S: 321
        note all-but-the-last
        gate last
        S: 210 Done.
        C: QUIT
        S: 221 Goodbye.
        eof";
    let (server, client) = in_memory(script, &Config::new("memory").no_login()).await;
    let mut reply = client.command("BLAH");
    server.reached("all-but-the-last").await;
    // The clock moves when everybody waits: whatever could have come of these lines has.
    let early = timeout(Duration::from_secs(30), &mut reply).await;
    assert!(early.is_err(), "answered before the last line: {early:?}");
    server.open("last");
    assert_eq!(
        lines(&reply.await.unwrap()),
        [
            "210-First line.",
            "123-Second line.",
            "Just some text.",
            "Hi",
            "",
            "321",
            "210 Done."
        ]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn t44_a_login_without_a_password_sends_none() {
    // Every login of wharf ends with TYPE I, which the original's base client leaves out.
    let script = "
        S: 220 Imaginary FTP.
        C: USER bob
        S: 200 Hello bob.
        C: TYPE I
        S: 200 Type set to I.
        C: QUIT
        S: 221 Goodbye.
        eof";
    let server = Script::new(script).play().await;
    let config = config(&server).login_without_password("bob");
    let client = config.connect().await.unwrap();
    let let_in = client.logged_in().await.unwrap();
    assert_eq!(lines(&let_in), ["200 Hello bob."]);
    farewell(server, client).await;
}

#[tokio::test]
async fn t44_a_login_without_a_password_is_refused_where_one_is_wanted() {
    let script = "
        S: 220 Imaginary FTP.
        C: USER bob
        S: 331 Password please.
        eof";
    let server = Script::new(script).play().await;
    let config = config(&server).login_without_password("bob");
    let error = config.connect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Login);
    server.finished().await;
}

#[tokio::test]
async fn t44_a_user_that_the_caller_sends_brings_nothing_more() {
    let script = "
        S: 220 Imaginary FTP.
        C: USER bob
        S: 200 Hello bob.
        C: QUIT
        S: 221 Goodbye.
        eof";
    let server = Script::new(script).play().await;
    let client = config(&server).no_login().connect().await.unwrap();
    let reply = client.command("USER bob").await.unwrap();
    assert_eq!(lines(&reply), ["200 Hello bob."]);
    farewell(server, client).await;
}

#[tokio::test]
async fn t45_a_password_that_is_not_needed_is_not_sent() {
    let script = "
        S: 220 Imaginary FTP.
        C: USER bob
        S: 230 Hello bob.  No password needed.
        C: TYPE I
        S: 200 Type set to I.
        C: QUIT
        S: 221 Goodbye.
        eof";
    let server = Script::new(script).play().await;
    let config = config(&server).login("bob", "secret").tls(Tls::Off);
    let client = config.connect().await.unwrap();
    let let_in = client.logged_in().await.unwrap();
    assert_eq!(let_in.code(), 230);
    farewell(server, client).await;
}

#[tokio::test]
async fn t46_a_refusal_with_the_end_right_behind_it_is_the_transfer_s_error() {
    let (server, client) = in_memory(
        r"
        L
        S| 220 ready\r\n331 Who?\r\n230 In.\r\n200 Type set to I.\r\n227 Passive ({pasv}).\r\n
        C: USER anonymous
        C* PASS *
        C: TYPE I
        C: PASV
        C: RETR foo
        D+
        S: 550 Failed to open file.
        close
        eof",
        &Config::new("memory").mode(DataMode::Passive(Passive::Classic)),
    )
    .await;
    // Queued at once, behind a login whose replies are all there before its commands.
    let error = client.retrieve_file("foo").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(lines(error.reply().unwrap()), ["550 Failed to open file."]);
    assert_eq!(client.closed().await.kind(), ErrorKind::ConnectionLost);
    server.finished().await;
}

#[tokio::test]
async fn t46_a_refusal_of_what_was_not_sent_yet_ends_the_session_in_its_words() {
    // The original's test has even the 550 in the flood at the beginning, and takes it for the reply
    // to RETR, which it writes without waiting for the data connection. wharf dials first: when the
    // 550 comes every command is answered, and what cannot be explained closes the connection before
    // a byte was written. The transfer still learns what the server said.
    let (server, client) = in_memory(
        r"
        L
        S| 220 ready\r\n331 Who?\r\n230 In.\r\n200 Type set to I.\r\n227 Passive ({pasv}).\r\n550 Failed to open file.\r\n
        close
        eof",
        &Config::new("memory").mode(DataMode::Passive(Passive::Classic)),
    )
    .await;
    let error = client.retrieve_file("foo").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert!(!error.was_sent());
    let cause = error.root();
    assert_eq!(cause.kind(), ErrorKind::UnexpectedResponse);
    assert_eq!(lines(cause.reply().unwrap()), ["550 Failed to open file."]);
    server.finished().await;
}

#[tokio::test]
async fn t47_a_call_before_the_greeting_fails_with_the_connection() {
    let (server, client) = in_memory("close\neof", &Config::new("memory")).await;
    let (list, login) = (listing::list(&client, "/foo"), client.logged_in());
    let error = list.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert_eq!(error.command(), Some("LIST /foo"));
    assert!(!error.was_sent());
    assert_eq!(login.await.unwrap_err().kind(), ErrorKind::ConnectionLost);
    server.finished().await;
}

#[tokio::test]
async fn t47_a_login_whose_greeting_never_came_was_not_sent() {
    for (config, command) in [
        (Config::new("memory"), Some("USER anonymous")),
        (Config::new("memory").no_login(), None),
    ] {
        let (server, client) = in_memory("close\neof", &config).await;
        let error = client.logged_in().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost);
        assert_eq!((error.command(), error.was_sent()), (command, false));
        server.finished().await;
    }
}

#[tokio::test]
async fn t47_a_transfer_lost_before_its_command_went_out_was_not_sent() {
    let mode = DataMode::Passive(Passive::Classic);
    let config = Config::new("memory").mode(mode);
    let script = "login\nC: PASV\nclose\neof";
    let (server, client) = in_memory(script, &config).await;
    // It can be repeated on another connection without harm, even though it appends.
    let error = client.append_file("log").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert_eq!(error.command(), Some("APPE log"));
    assert!(!error.was_sent());
    server.finished().await;
}

#[tokio::test]
async fn t47_a_lost_session_fails_later_calls_at_once() {
    let (server, client) = session("").await;
    client.quit().await.unwrap();
    let error = listing::list(&client, "/foo").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert!(!error.was_sent());
    server.finished().await;
}
