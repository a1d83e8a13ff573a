//! The contract's derived scenarios of replies, the queue and its end: X11–X25 and X53–X55.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

mod common;
#[path = "common/memory.rs"]
mod memory;

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::timeout;
use wharf::{Client, Config, Encoding, Error, ErrorKind, Queued, Result};
use wharf_testing::script::Script;

use common::{config, farewell, lines, session};
use memory::in_memory;

/// A client in memory that has logged in. What the server says in one write is then read in one go.
async fn quiet_session(script: &str) -> (wharf_testing::script::ScriptedServer, Client) {
    let (server, client) = in_memory(&format!("login\n{script}"), &Config::new("harbour")).await;
    client.logged_in().await.unwrap();
    (server, client)
}

/// A future under a name, for tests of the order in which futures are answered.
fn named<T: 'static>(
    name: &'static str,
    queued: Queued<T>,
) -> BoxFuture<'static, (&'static str, Result<()>)> {
    async move { (name, queued.await.map(|_| ())) }.boxed()
}

/// What each of these comes to, in the order in which they are answered.
async fn in_order_of_answer(
    queued: impl IntoIterator<Item = BoxFuture<'static, (&'static str, Result<()>)>>,
) -> Vec<(&'static str, Result<()>)> {
    queued
        .into_iter()
        .collect::<FuturesUnordered<_>>()
        .collect()
        .await
}

/// A call fails at once, unsent, with this cause.
fn fails_at_once(client: &Client) -> Error {
    let error = client.pwd().now_or_never().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert!(!error.was_sent());
    error
}

#[tokio::test]
async fn x11_a_multi_line_reply_ends_with_its_own_code_only() {
    let (server, client) = session(
        "
        C: NOOP
        S: 230-x
        S: 200 inner
        S: 230 end
        C: SYST
        S: 215 UNIX Type: L8
        ",
    )
    .await;
    let (noop, syst) = (client.noop(), client.syst());
    assert_eq!(
        lines(&noop.await.unwrap()),
        ["230-x", "200 inner", "230 end"]
    );
    assert_eq!(lines(&syst.await.unwrap()), ["215 UNIX Type: L8"]);
    farewell(server, client).await;
}

#[tokio::test(start_paused = true)]
async fn x12_what_belongs_to_no_reply_does_not_join_the_next() {
    let (server, client) = quiet_session(
        "
        C: NOOP
        S| 200 here\\r\\n150 stray\\r\\ngarbage\\r\\n
        C: PWD
        S: 257 \"/\"
        C: PWD
        S: 257 \"/a\"
        ",
    )
    .await;
    client.noop().await.unwrap();
    assert_eq!(lines(&client.pwd().await.unwrap()), ["257 \"/\""]);
    assert_eq!(client.get_directory().await.unwrap(), "/a");
    server.finished().await;
}

#[tokio::test]
async fn x13_a_code_alone_is_a_whole_reply() {
    // Seen to wait for a blank behind the code. A server that sends none would never be answered.
    let (server, client) = session("C: NOOP\nS: 200\nC: NOOP\nS| 200 \\r\\n").await;
    assert_eq!(lines(&client.noop().await.unwrap()), ["200"]);
    assert_eq!(client.noop().await.unwrap().code(), 200);
    farewell(server, client).await;
}

#[tokio::test]
async fn x14_a_code_without_a_meaning_fails_its_command_only() {
    for reply in ["000 x", "099 x", "600 x", "999 x"] {
        let (server, client) = session(&format!("C: NOOP\nS: {reply}\nC: PWD\nS: 257 \"/\"")).await;
        let (noop, pwd) = (client.noop(), client.pwd());
        let error = noop.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadResponse);
        assert_eq!(lines(error.reply().unwrap()), [reply]);
        pwd.await.unwrap();
        farewell(server, client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn x15_a_421_to_nobody_is_what_later_calls_are_told() {
    let (server, client) = quiet_session(
        "
        C: NOOP
        S| 200 here\\r\\n421 timeout\\r\\n
        eof
        ",
    )
    .await;
    client.noop().await.unwrap();
    assert_eq!(client.closed().await.code().unwrap(), 421);
    assert_eq!(fails_at_once(&client).root().code().unwrap(), 421);
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn x16_a_second_answer_to_one_command_closes_and_is_reported() {
    let (server, client) = quiet_session(
        "
        C: PWD
        S| 257 \"/\"\\r\\n250 again\\r\\n
        eof
        ",
    )
    .await;
    assert_eq!(lines(&client.pwd().await.unwrap()), ["257 \"/\""]);
    let cause = client.closed().await;
    assert_eq!(cause.kind(), ErrorKind::UnexpectedResponse);
    assert_eq!(lines(cause.reply().unwrap()), ["250 again"]);
    assert_eq!(
        fails_at_once(&client).root().kind(),
        ErrorKind::UnexpectedResponse
    );
    server.finished().await;
}

#[tokio::test]
async fn x17_a_loss_answers_every_operation_once_in_order() {
    let script = "login\nC: PWD\nclose\neof";
    let server = Script::new(script).play().await;
    let client = config(&server).connect().await.unwrap();
    let answers = in_order_of_answer([
        named("pwd", client.pwd()),
        named("rename", client.rename("a", "b")),
        named("cwd", client.cwd("a")),
        named("second rename", client.rename("a", "b")),
        named("quit", client.quit()),
    ])
    .await;
    let names: Vec<_> = answers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["pwd", "rename", "cwd", "second rename", "quit"]);
    for (name, answer) in answers {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{name}");
        assert_eq!(error.was_sent(), name == "pwd", "{name}");
    }
    server.finished().await;
}

#[tokio::test]
async fn x18_a_call_after_the_loss_fails_at_once() {
    let server = Script::new("login\nclose\neof").play().await;
    let client = config(&server).connect().await.unwrap();
    let cause = client.closed().await;
    let error = fails_at_once(&client);
    assert_eq!(error.root().to_string(), cause.to_string());
    server.finished().await;
}

#[tokio::test]
async fn x19_trying_again_on_every_error_writes_nothing_and_ends() {
    // Seen to be an endless loop: what was queued while the queue was failed was failed as well.
    let server = Script::new("login\nC: PWD\nclose\neof").play().await;
    let client = config(&server).connect().await.unwrap();
    client.pwd().await.unwrap_err();
    for _ in 0..1000 {
        fails_at_once(&client);
    }
    server.finished().await;
}

#[tokio::test]
async fn x20_a_421_is_the_command_s_failure_and_the_others_loss() {
    let server = Script::new("login\nC: PWD\nS: 421 Closing.\nclose\neof")
        .play()
        .await;
    let client = config(&server).connect().await.unwrap();
    let (pwd, cwd) = (client.pwd(), client.cwd("a"));
    let error = pwd.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(lines(error.reply().unwrap()), ["421 Closing."]);
    let error = cwd.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert_eq!(error.root().code().unwrap(), 421);
    assert!(!error.was_sent());
    server.finished().await;
}

#[tokio::test]
async fn x21_a_reply_line_of_20_kb_ends_the_connection() {
    let server = Script::new("login\nC: PWD\nS|* 20000 x\neof").play().await;
    let client = config(&server).connect().await.unwrap();
    let error = client.pwd().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert_eq!(error.root().kind(), ErrorKind::BadResponse);
    server.finished().await;
}

#[tokio::test]
async fn x21_a_reply_may_end_with_a_bare_line_feed() {
    let (server, client) = session("C: NOOP\nS| 200 here\\n\nC: NOOP\nS: 200 still").await;
    assert_eq!(lines(&client.noop().await.unwrap()), ["200 here"]);
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x22_text_that_cannot_be_encoded_is_refused_idle_or_queued() {
    let script =
        "login\nC: PWD\ngate pwd\nS: 257 \"/\"\nC: NOOP\nS: 200 here\nC: QUIT\nS: 221 Bye.";
    let server = Script::new(script).play().await;
    let latin1 = config(&server).encoding(Encoding::Latin1);
    let client = latin1.connect().await.unwrap();
    let idle = client.cwd("ł").await.unwrap_err();
    assert_eq!(idle.kind(), ErrorKind::InvalidInput);
    let (pwd, queued, noop) = (client.pwd(), client.cwd("ł"), client.noop());
    server.open("pwd");
    assert_eq!(queued.await.unwrap_err().kind(), ErrorKind::InvalidInput);
    pwd.await.unwrap();
    noop.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x22_text_goes_out_in_utf_8_unless_another_encoding_is_chosen() {
    let (server, client) = session("C: CWD \\xc5\\x82\nS: 250 there").await;
    client.cwd("ł").await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x23_a_cr_in_a_path_is_refused_and_a_lf_goes_out_as_nul() {
    // Seen to send `CWD a\r\0b\xff`: a CR alone is a line's end to some servers.
    let (server, client) = session("C: CWD a\\0b\\xff\nS: 250 there").await;
    let error = client.cwd(&b"a\r\nb\xff"[..]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(!error.was_sent());
    client.cwd(&b"a\nb\xff"[..]).await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x24_what_is_called_on_an_answer_goes_to_the_tail() {
    let (server, client) = session(
        "
        C: CWD a
        S: 250 a
        C: CWD b
        gate answered
        S: 250 b
        C: NOOP
        S: 200 here
        ",
    )
    .await;
    let (a, b) = (client.cwd("a"), client.cwd("b"));
    a.await.unwrap();
    let nested = client.noop();
    server.open("answered");
    b.await.unwrap();
    nested.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn x25_what_is_queued_behind_quit_is_not_sent() {
    // Seen to be sent if the server stays. A session that has said goodbye is over in wharf.
    for end in ["close\neof", "eof"] {
        let script = format!("login\nC: QUIT\nS: 221 Bye.\n{end}");
        let server = Script::new(&*script).play().await;
        let client = config(&server).connect().await.unwrap();
        let (quit, pwd) = (client.quit(), client.pwd());
        assert_eq!(lines(&quit.await.unwrap()), ["221 Bye."]);
        let error = pwd.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost);
        assert!(!error.was_sent());
        server.finished().await;
    }
}

#[tokio::test]
async fn x25_a_quit_that_is_answered_by_the_close_alone_is_a_loss() {
    let server = Script::new("login\nC: QUIT\nclose\neof").play().await;
    let client = config(&server).connect().await.unwrap();
    let (quit, pwd) = (client.quit(), client.pwd());
    let error = quit.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert!(error.was_sent());
    assert_eq!(pwd.await.unwrap_err().kind(), ErrorKind::ConnectionLost);
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn x53_a_pause_holds_replies_back_and_a_resume_hands_them_on() {
    let (server, client) = quiet_session(
        "
        C: NOOP
        S: 200 here
        note answered
        C: QUIT
        S: 221 Bye.
        ",
    )
    .await;
    client.pause();
    let mut noop = client.noop();
    server.reached("answered").await;
    // Longer than any time-out: none runs in a pause.
    assert!(timeout(Duration::from_hours(1), &mut noop).await.is_err());
    client.resume();
    assert_eq!(lines(&noop.await.unwrap()), ["200 here"]);
    farewell(server, client).await;
}

#[tokio::test(start_paused = true)]
async fn x53_a_stop_in_a_pause_fails_what_is_queued() {
    let (server, client) = quiet_session("C: NOOP\nS: 200 here\nnote answered\neof").await;
    client.pause();
    let (noop, pwd) = (client.noop(), client.pwd());
    server.reached("answered").await;
    client.stop();
    for error in [noop.await.unwrap_err(), pwd.await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::ConnectionLost);
        assert!(error.root().to_string().contains("stopped"), "{error:?}");
    }
    server.finished().await;
}

#[tokio::test]
async fn x54_the_caller_s_own_cause_reaches_everybody_and_nothing_is_written_after() {
    let server = Script::new("login\nC: PWD\nnote asked\neof").play().await;
    let client = config(&server).connect().await.unwrap();
    let queued = [
        named("pwd", client.pwd()),
        named("cwd", client.cwd("a")),
        named("rename", client.rename("a", "b")),
        named("retrieve", client.retrieve_file("a")),
    ];
    server.reached("asked").await;
    client.fail(Error::new(ErrorKind::Io, "the local disk is full"));
    let answers = in_order_of_answer(queued).await;
    let names: Vec<_> = answers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["pwd", "cwd", "rename", "retrieve"]);
    for (name, answer) in answers {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{name}");
        assert_eq!(error.root().to_string(), "the local disk is full", "{name}");
    }
    let late = fails_at_once(&client);
    assert_eq!(late.root().kind(), ErrorKind::Io);
    server.finished().await;
}

#[tokio::test]
async fn x55_a_rename_takes_any_success_for_rnfr_and_keeps_every_line() {
    let (server, client) = session(
        "
        C: RNFR a
        S: 250 go on
        C: RNTO b
        S: 250 done
        C: RNFR a
        S: 350-go
        S: 350 on
        C: RNTO b
        S: 250-all
        S: 250 done
        ",
    )
    .await;
    let (from, to) = client.rename("a", "b").await.unwrap();
    assert_eq!(
        (lines(&from), lines(&to)),
        (vec!["250 go on"], vec!["250 done"])
    );
    let (from, to) = client.rename("a", "b").await.unwrap();
    assert_eq!(lines(&from), ["350-go", "350 on"]);
    assert_eq!(lines(&to), ["250-all", "250 done"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn x55_nonsense_to_rnfr_withholds_rnto_and_nonsense_to_rnto_is_the_result() {
    let (server, client) = session(
        "
        C: RNFR a
        S: 765 blah
        C: RNFR a
        S: 350 go on
        C: RNTO b
        S: 765 blah
        ",
    )
    .await;
    for command in ["RNFR a", "RNTO b"] {
        let error = client.rename("a", "b").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadResponse);
        assert_eq!(lines(error.reply().unwrap()), ["765 blah"]);
        assert_eq!(error.command(), Some(command));
    }
    farewell(server, client).await;
}
