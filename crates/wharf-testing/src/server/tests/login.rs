//! The login, and the commands that touch no file.

use super::*;

#[tokio::test]
async fn users_get_in_with_their_password_only() {
    let server = Server::builder()
        .user("ship", "harbor")
        .user("tug", " x ")
        .start()
        .await
        .unwrap();
    let (mut raw, greeting) = Raw::greeted(&server).await;
    assert_eq!(greeting, "220 wharf test server ready.");
    assert_eq!(raw.code("PASS harbor").await, "503");
    assert_eq!(raw.code("PWD").await, "530");
    for (user, password, code) in [
        ("ship", "wrong", "530"),
        ("nobody", "harbor", "530"),
        ("anonymous", "me@here", "530"),
        ("tug", "x", "530"),
        ("tug", " x ", "230"),
        ("ship", "harbor", "230"),
    ] {
        assert_eq!(raw.code(format!("USER {user}")).await, "331");
        assert_eq!(raw.code(format!("PASS {password}")).await, code, "{user}");
    }
    assert_eq!(raw.code("ACCT x").await, "202");
    assert_eq!(raw.code("HOST here").await, "503");
    assert_eq!(raw.code("REIN").await, "220");
    assert_eq!(raw.code("PWD").await, "530");
    assert_eq!(raw.code("STAT /").await, "530");
    assert_eq!(raw.code("HOST here").await, "220");
    assert!(raw.ask("STAT").await.contains("Not logged in"));
    assert_eq!(raw.code("QUIT").await, "221");
    assert_eq!(raw.reply().await, "");
}

#[tokio::test]
async fn no_password_and_no_account_is_ever_in_the_log() {
    let server = Server::builder()
        .user("ship", "s3cret")
        .options(Options {
            account: Some("4711".to_owned()),
            ..Options::default()
        })
        .start()
        .await
        .unwrap();
    let (mut raw, _) = Raw::greeted(&server).await;
    raw.ask("USER ship").await;
    assert_eq!(raw.code("pass s3cret").await, "332");
    assert_eq!(raw.code("PWD").await, "530");
    assert_eq!(raw.code("ACCT 4711").await, "230");
    let transcript = server.transcript();
    assert!(
        !transcript.contains("s3cret") && !transcript.contains("4711"),
        "{transcript}"
    );
    assert_eq!(server.commands(), ["USER ship", "pass …", "PWD", "ACCT …"]);
    assert!(transcript.starts_with("1 S: 220 wharf test server ready.\n1 C: USER ship\n1 S: 331 "));
}

#[tokio::test]
async fn a_wrong_account_is_no_login() {
    let server = server(Options {
        account: Some("4711".to_owned()),
        ..Options::default()
    })
    .await;
    let (mut raw, _) = Raw::greeted(&server).await;
    assert_eq!(raw.code("ACCT 4711").await, "503");
    raw.ask("USER ftp").await;
    raw.ask("PASS x").await;
    assert_eq!(raw.code("ACCT 4712").await, "530");
    assert_eq!(raw.code("PWD").await, "530");
}

#[tokio::test]
async fn small_commands_are_answered_by_the_book() {
    let (_server, mut raw) = session(Options::default()).await;
    for (command, reply) in [
        ("NOOP", "200 NOOP ok."),
        ("noop", "200 NOOP ok."),
        ("SYST", "215 UNIX Type: L8"),
        ("TYPE A N", "200 Type set to A."),
        ("TYPE L 8", "200 Type set to I."),
        ("TYPE E", "504 Only A N, I and L 8."),
        ("TYPE A T", "504 Only A N, I and L 8."),
        ("TYPE X", "501 No such type."),
        ("TYPE", "501 Syntax: TYPE A | I"),
        ("MODE S", "200 MODE set to S."),
        ("MODE Z", "504 Only MODE S."),
        ("MODE", "501 Syntax: MODE S"),
        ("STRU F", "200 STRU set to F."),
        ("STRU R", "504 Only STRU F."),
        ("STRU nonsense", "501 Syntax: STRU F"),
        ("ALLO 100", "202 No storage allocation necessary."),
        ("CLNT wharf", "200 Noted."),
        ("LANG", "200 English it is."),
        ("LANG en-GB", "200 English it is."),
        ("LANG de", "504 English only."),
        ("ABOR", "226 No transfer to abort."),
        ("OPTS UTF8 ON", "200 Names are bytes, UTF-8 included."),
        ("OPTS utf8", "200 Names are bytes, UTF-8 included."),
        ("OPTS UTF8 OFF", "504 Names are not converted."),
        ("OPTS NONE x", "501 No such options for NONE."),
        ("HELP retr", "214 Syntax: RETR <path>"),
        ("HELP quit", "214 Syntax: QUIT"),
        ("HELP XYZZY", "502 No help on XYZZY."),
        ("SITE NONE", "504 No such SITE command."),
        ("AUTH TLS", "502 AUTH not implemented."),
        ("XYZZY", "500 XYZZY not understood."),
        ("CWD", "501 Syntax: CWD <path>"),
        ("", "500 Command not understood."),
        ("PASS\tharbor", "500 Command not understood."),
        ("REST x", "501 Syntax: REST <offset>"),
        ("REST -1", "501 Syntax: REST <offset>"),
    ] {
        assert_eq!(raw.ask(command).await, reply, "{command}");
    }
}

#[tokio::test]
async fn long_replies_are_multi_line() {
    let (_server, mut raw) = session(Options::default()).await;
    let feat = raw.ask("FEAT").await;
    let lines: Vec<_> = feat.lines().collect();
    assert_eq!(
        (lines[0], lines[lines.len() - 1]),
        ("211-Features:", "211 End")
    );
    assert!(
        lines[1..lines.len() - 1]
            .iter()
            .all(|line| line.starts_with(' ')),
        "{feat}"
    );
    assert!(
        lines.contains(&" MLST type*;size*;modify*;perm*;unique*;UNIX.mode*;"),
        "{feat}"
    );
    assert!(lines.contains(&" REST STREAM") && lines.contains(&" UTF8"));
    let help = raw.ask("HELP").await;
    assert!(help.starts_with("214-") && help.contains(" RETR") && help.ends_with("\n214 End"));
    assert!(raw.ask("SITE HELP").await.contains("CHMOD"));
    let status = raw.ask("STAT").await;
    assert!(
        status.starts_with("211-") && status.contains("\n Logged in\n TYPE I"),
        "{status}"
    );
}

#[tokio::test]
async fn a_line_may_come_in_pieces_several_at_once_or_end_in_lf() {
    let (_server, mut raw) = session(Options::default()).await;
    raw.stream.write_all(b"NO").await.unwrap();
    raw.stream.write_all(b"OP\r").await.unwrap();
    raw.stream.write_all(b"\nSYST\r\nPWD\n").await.unwrap();
    assert!(raw.reply().await.starts_with("200 "));
    assert!(raw.reply().await.starts_with("215 "));
    assert!(raw.reply().await.starts_with("257 "));
}

#[tokio::test]
async fn a_line_without_end_is_skipped_and_the_session_goes_on() {
    let (_server, mut raw) = session(Options::default()).await;
    raw.send(vec![b'x'; 100_000]).await;
    assert_eq!(raw.reply().await, "500 Line too long.");
    assert_eq!(raw.code("NOOP").await, "200");
}
