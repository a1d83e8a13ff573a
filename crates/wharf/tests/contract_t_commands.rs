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
        .expect_err("the call was not answered well");
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(lines(error.reply().expect("the server's words")), [reply]);
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
        .expect_err("the call was not answered well");
    assert_eq!(error.kind(), ErrorKind::BadResponse);
    assert_eq!(lines(error.reply().expect("the server's words")), [reply]);
}

#[tokio::test]
async fn t1_a_line_goes_out_byte_for_byte_and_an_empty_one_not_at_all() {
    let raw = answered(r"\xe9", "S: 200 Heard.", |client| client.command(*b"\xe9"));
    assert_eq!(lines(&raw.await.unwrap()), ["200 Heard."]);

    // The original writes a bare CRLF. Several servers never answer that one, so wharf refuses it.
    let (server, client) = session("").await;
    let error = client.command("").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(!error.was_sent());
    farewell(server, client).await;
}

#[tokio::test]
async fn t1_text_goes_out_in_latin1_where_that_is_chosen() {
    // The original knows nothing else; wharf's default is UTF-8 (RFC 2640).
    for (encoding, wire) in [
        (Encoding::Latin1, r"CWD \xe9"),
        (Encoding::Utf8, r"CWD \xc3\xa9"),
    ] {
        let script = format!("login\nC: {wire}\nS: 250 Done.\nC: QUIT\nS: 221 Bye.\neof");
        let server = Script::new(&*script).play().await;
        let client = config(&server).encoding(encoding).connect().await.unwrap();
        assert_eq!(lines(&client.cwd("é").await.unwrap()), ["250 Done."]);
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn t2_cdup_yields_the_reply() {
    let reply = answered(
        "CDUP",
        "S: 250 Requested File Action Completed OK",
        Client::cdup,
    );
    let reply = reply.await.unwrap();
    assert_eq!(reply.code(), 250);
    assert_eq!(lines(&reply), ["250 Requested File Action Completed OK"]);
}

#[tokio::test]
async fn t3_a_refused_cdup_is_an_error() {
    refused("CDUP", "550 ..: No such file or directory", Client::cdup).await;
}

#[tokio::test]
async fn t4_the_reply_to_pwd_can_be_read_by_the_caller() {
    let reply = answered("PWD", r#"S: 257 "/bar/baz""#, Client::pwd)
        .await
        .unwrap();
    assert_eq!(lines(&reply), [r#"257 "/bar/baz""#]);
    let path = wharf_proto::path::parse_pwd_response(&reply.lines()[0]).unwrap();
    assert_eq!(path, "/bar/baz");
}

#[tokio::test]
async fn t5_a_refused_pwd_is_an_error() {
    refused(
        "PWD",
        "550 /bar/baz: No such file or directory",
        Client::pwd,
    )
    .await;
}

#[tokio::test]
async fn t6_cwd_yields_the_reply() {
    let reply = answered(
        "CWD bar/foo",
        "S: 250 Requested File Action Completed OK",
        |client| client.cwd("bar/foo"),
    );
    let reply = reply.await.unwrap();
    assert_eq!(lines(&reply), ["250 Requested File Action Completed OK"]);
}

#[tokio::test]
async fn t7_a_refused_cwd_is_an_error() {
    let reply = "550 bar/foo: No such file or directory";
    refused("CWD bar/foo", reply, |client| client.cwd("bar/foo")).await;
}

#[tokio::test]
async fn t21_a_rename_is_two_commands_and_yields_both_replies() {
    let (server, client) = session(
        "
        C: RNFR /spam
        gate from
        S: 350 Requested file action pending further information.
        C: RNTO /ham
        S: 250 Requested File Action Completed OK
        ",
    )
    .await;
    let rename = client.rename("/spam", "/ham");
    server.open("from");
    let (from, to) = rename.await.unwrap();
    assert_eq!(
        lines(&from),
        ["350 Requested file action pending further information."]
    );
    assert_eq!(lines(&to), ["250 Requested File Action Completed OK"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn t21_nothing_comes_between_the_two_commands_of_a_rename() {
    let (server, client) = session(
        "
        C: RNFR /spam
        S: 350 Go on.
        C: RNTO /ham
        S: 250 Done.
        C: PWD
        S: 257 \"/\"
        ",
    )
    .await;
    let (rename, pwd) = (client.rename("/spam", "/ham"), client.clone().pwd());
    assert_eq!(pwd.await.unwrap().code(), 257);
    rename.await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn t22_line_feeds_in_both_paths_of_a_rename_go_out_as_nul() {
    let (server, client) = session(
        r"
        C: RNFR /foo/ba\0r/baz
        S: 350\x20
        C: RNTO /qu\0ux
        S: 250\x20
        ",
    )
    .await;
    let (from, to) = client.rename("/foo/ba\nr/baz", "/qu\nux").await.unwrap();
    assert_eq!((lines(&from), lines(&to)), (vec!["350 "], vec!["250 "]));
    farewell(server, client).await;
}

#[tokio::test]
async fn t23_a_refused_rnfr_withholds_rnto() {
    refused("RNFR /spam", "550 Requested file unavailable.", |client| {
        client.rename("/spam", "/ham")
    })
    .await;
}

#[tokio::test]
async fn t24_a_refused_rnto_fails_the_rename() {
    let (server, client) = session(
        "
        C: RNFR /spam
        S: 350 Requested file action pending further information.
        C: RNTO /ham
        S: 550 Requested file unavailable.
        ",
    )
    .await;
    let error = client.rename("/spam", "/ham").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.command(), Some("RNTO /ham"));
    assert_eq!(
        lines(error.reply().unwrap()),
        ["550 Requested file unavailable."]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn t25_make_directory_yields_exactly_the_reply() {
    let reply = answered("MKD /spam", r#"S: 257 "/spam" created."#, |client| {
        client.make_directory("/spam")
    });
    assert_eq!(lines(&reply.await.unwrap()), [r#"257 "/spam" created."#]);
}

#[tokio::test]
async fn t26_a_line_feed_in_a_new_directory_s_name_goes_out_as_nul() {
    let reply = answered(r"MKD /sp\0am", "S: 257 win", |client| {
        client.make_directory("/sp\nam")
    });
    assert_eq!(lines(&reply.await.unwrap()), ["257 win"]);
}

#[tokio::test]
async fn t27_a_refused_mkd_is_an_error() {
    refused("MKD /spam", "550 PERMISSION DENIED", |client| {
        client.make_directory("/spam")
    })
    .await;
}

#[tokio::test]
async fn t28_get_directory_reads_the_path_off_the_reply() {
    let path = answered("PWD", r#"S: 257 "/bar/baz""#, Client::get_directory);
    assert_eq!(path.await.unwrap(), "/bar/baz");
}

#[tokio::test]
async fn t29_a_refused_pwd_fails_get_directory() {
    let reply = "550 /bar/baz: No such file or directory";
    refused("PWD", reply, Client::get_directory).await;
}

#[tokio::test]
async fn t30_a_path_without_quotes_fails_get_directory() {
    // The original calls this a failed command. The server refused nothing, though: it answered with
    // what cannot be read, and that is the kind wharf gives.
    answered_badly("PWD", "257 /bar/baz", Client::get_directory).await;
}

#[tokio::test]
async fn t31_remove_file_yields_exactly_the_reply() {
    let reply = answered(
        "DELE /tmp/test",
        "S: 250 Requested file action okay, completed.",
        |client| client.remove_file("/tmp/test"),
    );
    assert_eq!(
        lines(&reply.await.unwrap()),
        ["250 Requested file action okay, completed."]
    );
}

#[tokio::test]
async fn t32_a_refused_dele_yields_exactly_the_refusal() {
    let reply = "501 Syntax error in parameters or arguments.";
    refused("DELE /tmp/test", reply, |client| {
        client.remove_file("/tmp/test")
    })
    .await;
}

#[tokio::test]
async fn t33_an_unknown_code_to_dele_is_a_bad_response_with_exactly_its_line() {
    answered_badly("DELE /tmp/test", "765 blah blah blah", |client| {
        client.remove_file("/tmp/test")
    })
    .await;
}

#[tokio::test]
async fn t34_dele_may_be_answered_in_several_lines() {
    let reply = answered(
        "DELE /tmp/test",
        "S: 250-perhaps a progress report\nS: 250 okay",
        |client| client.remove_file("/tmp/test"),
    );
    assert_eq!(
        lines(&reply.await.unwrap()),
        ["250-perhaps a progress report", "250 okay"]
    );
}

#[tokio::test]
async fn t35_remove_directory_yields_exactly_the_reply() {
    let reply = answered(
        "RMD /tmp/test",
        "S: 250 Requested file action okay, completed.",
        |client| client.remove_directory("/tmp/test"),
    );
    assert_eq!(
        lines(&reply.await.unwrap()),
        ["250 Requested file action okay, completed."]
    );
}

#[tokio::test]
async fn t36_a_refused_rmd_yields_exactly_the_refusal() {
    let reply = "501 Syntax error in parameters or arguments.";
    refused("RMD /tmp/test", reply, |client| {
        client.remove_directory("/tmp/test")
    })
    .await;
}

#[tokio::test]
async fn t37_an_unknown_code_to_rmd_is_a_bad_response_with_exactly_its_line() {
    answered_badly("RMD /tmp/test", "765 blah blah blah", |client| {
        client.remove_directory("/tmp/test")
    })
    .await;
}

#[tokio::test]
async fn t38_rmd_may_be_answered_in_several_lines() {
    let reply = answered(
        "RMD /tmp/test",
        "S: 250-perhaps a progress report\nS: 250 okay",
        |client| client.remove_directory("/tmp/test"),
    );
    assert_eq!(
        lines(&reply.await.unwrap()),
        ["250-perhaps a progress report", "250 okay"]
    );
}
