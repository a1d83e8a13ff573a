//! The contract's server tests that drive a client, as conversations without a transfer: S1–S7.
//!
//! The server is one that lets the caller log in by hand, as the original's base client does.

mod common;
#[path = "common/listing.rs"]
mod listing;

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use wharf::{Client, Config, DataMode, ErrorKind, Passive, Queued, Reply, Result, Tls};
use wharf_proto::addr::{decode_extended_address, decode_host_port, encode_host_port};
use wharf_testing::line::escaped;
use wharf_testing::script::{Script, ScriptedServer};
use wharf_testing::server::Server;

use common::{config, farewell, lines, session};

/// A line of the client's, and what it is answered with, line for line.
type Turn<'a> = (&'a str, &'a [&'a str]);

/// A server that answers these lines in this way, and a client that has sent none of them yet.
async fn by_hand(turns: &[Turn<'_>]) -> (ScriptedServer, Client) {
    let mut script = vec!["S: 220 Imaginary FTP.".to_owned()];
    for (command, replies) in turns {
        script.push(format!("C: {}", escaped(command.as_bytes())));
        let replies = replies.iter().map(|line| escaped(line.as_bytes()));
        script.extend(replies.map(|line| format!("S: {line}")));
    }
    script.push("C: QUIT\nS: 221 Goodbye.\neof".to_owned());
    let script = script.join("\n");
    let server = Script::new(&*script).play().await;
    let config = config(&server).no_login().tls(Tls::Off);
    let client = config.connect().await;
    (server, client.expect("a 220"))
}

/// The reply is there line for line: as the result if it is 2yz or 3yz, in the error if it refuses.
fn check((command, replies): Turn<'_>, result: &Result<Reply>) {
    let refused = replies[0].starts_with(['4', '5']);
    let reply = match result {
        Ok(reply) if !refused => reply,
        Err(error) if refused => {
            assert_eq!(error.kind(), ErrorKind::CommandFailed, "{command}");
            assert!(error.was_sent());
            error.reply().expect("the server's words")
        }
        other => panic!("{command}: {other:?}"),
    };
    assert_eq!(lines(reply), replies, "{command}");
}

/// Has this conversation a line at a time.
async fn converse(turns: &[Turn<'_>]) {
    let (server, client) = by_hand(turns).await;
    for turn in turns {
        check(*turn, &client.command(turn.0).await);
    }
    farewell(server, client).await;
}

#[tokio::test]
async fn s1_anonymous_logs_in_by_hand() {
    converse(&[
        (
            "USER anonymous",
            &["331 Guest login ok, type your email address as password."],
        ),
        (
            "PASS nobody@example.com",
            &["230 Anonymous login ok, access restrictions apply."],
        ),
    ])
    .await;
}

#[tokio::test]
async fn s1_a_denied_login_leaves_the_session_as_it_was() {
    converse(&[
        ("USER bob", &["331 Password required for bob."]),
        ("PASS wrong", &["530 Sorry, Authentication failed."]),
        ("PWD", &["530 Please login with USER and PASS."]),
    ])
    .await;
}

#[tokio::test]
async fn s1_anonymous_may_be_turned_away() {
    converse(&[
        ("USER anonymous", &["530 Anonymous users are not welcome."]),
        ("PWD", &["530 Please login with USER and PASS."]),
    ])
    .await;
}

#[tokio::test]
async fn s1_logins_out_of_order_or_without_names_are_refused() {
    converse(&[
        ("PASS foo", &["503 USER required before PASS"]),
        ("USER", &["500 Syntax error: USER requires an argument."]),
        ("USER bob", &["331 Password required for bob."]),
        ("PASS", &["500 Syntax error: PASS requires an argument."]),
    ])
    .await;
}

#[tokio::test]
async fn s1_a_broken_login_at_the_server_is_an_error_like_any_other() {
    converse(&[
        ("USER bob", &["331 Password required for bob."]),
        (
            "PASS foo",
            &["550 Requested action not taken: internal server error"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn s1_a_refused_password_is_in_no_error() {
    let turns: &[Turn<'_>] = &[("PASS hunter2", &["530 Sorry, Authentication failed."])];
    let (server, client) = by_hand(turns).await;
    let error = client.command("PASS hunter2").await.unwrap_err();
    assert_eq!(error.command(), Some("PASS …"));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    farewell(server, client).await;
}

#[tokio::test]
async fn s1_the_embedded_server_is_logged_in_to_by_hand() {
    let server = Server::builder()
        .user("ship", "harbor")
        .start()
        .await
        .unwrap();
    let config = Config::new("127.0.0.1").port(server.addr().port());
    let client = config.no_login().tls(Tls::Off).connect().await.unwrap();
    for (command, code) in [
        ("PWD", 530),
        ("PASS harbor", 503),
        ("USER ship", 331),
        ("PASS sunk", 530),
        ("USER ship", 331),
        ("PASS harbor", 230),
        ("PWD", 257),
    ] {
        let reply = match client.command(command).await {
            Ok(reply) => reply,
            Err(error) => error.reply().unwrap().clone(),
        };
        assert_eq!(reply.code(), code, "{command}");
    }
}

#[tokio::test]
async fn s2_commands_queued_back_to_back_are_answered_in_order() {
    let denied: &[&str] = &["530 Please login with USER and PASS."];
    let turns: Vec<Turn<'_>> = vec![
        ("CDUP", denied),
        ("CWD pub", denied),
        ("LIST", denied),
        ("MODE S", denied),
        ("PASV", denied),
        ("PWD", denied),
        ("RETR file", denied),
        ("STRU F", denied),
        ("SYST", denied),
        ("TYPE I", denied),
        ("FEAT", &["211-Features:", " SIZE", "211 End"]),
    ];
    let (server, client) = by_hand(&turns).await;
    let queued: Vec<Queued<Reply>> = turns.iter().map(|turn| client.command(turn.0)).collect();
    for (turn, answer) in turns.iter().zip(queued) {
        check(*turn, &answer.await);
    }
    farewell(server, client).await;
}

#[tokio::test]
async fn s2_whoever_is_not_logged_in_is_told_so_for_each_command() {
    let server = Server::builder().start().await.unwrap();
    let config = Config::new("127.0.0.1").port(server.addr().port());
    let client = config.no_login().connect().await.unwrap();
    let (cdup, cwd, pwd) = (client.cdup(), client.cwd("pub"), client.pwd());
    let (list, retr) = (listing::list(&client, ""), client.retrieve_file("file"));
    let feat = client.features();
    for error in [
        cdup.await.unwrap_err(),
        cwd.await.unwrap_err(),
        pwd.await.unwrap_err(),
        list.await.unwrap_err(),
        retr.await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::CommandFailed);
        assert_eq!(error.code().unwrap(), 530);
    }
    assert!(feat.await.unwrap().has("EPSV"));
    // A transfer ends with its first refusal: neither LIST nor RETR went out behind it.
    let commands = server.commands();
    assert_eq!(commands[..3], ["CDUP", "CWD pub", "PWD"]);
    assert!(
        !commands.iter().any(|c| c == "LIST" || c == "RETR file"),
        "{commands:?}"
    );
}

#[tokio::test]
async fn s3_commands_that_a_server_does_not_take_are_errors() {
    converse(&[
        ("GIBBERISH", &["502 Command 'GIBBERISH' not implemented"]),
        ("MODE Q", &["504 MODE Q not implemented"]),
        ("STRU Q", &["504 STRU Q not implemented"]),
        ("TYPE Q", &["504 TYPE Q not implemented"]),
        ("OPTS UTF8 OFF", &["502 Option 'UTF8' not implemented."]),
        ("SYST", &["215 UNIX Type: L8"]),
    ])
    .await;
}

#[tokio::test]
async fn s3_each_write_of_somebody_who_may_only_read_is_denied() {
    let (server, client) = session(
        "
        C: MKD newdir
        S: 550 newdir: Permission denied.
        C: RMD newdir
        S: 550 newdir: Permission denied.
        C: DELE file
        S: 550 file: Permission denied.
        C: RNFR file
        S: 550 file: Permission denied.",
    )
    .await;
    let calls = [
        client.make_directory("newdir"),
        client.remove_directory("newdir"),
        client.remove_file("file"),
    ];
    let rename = client.rename("file", "other");
    for call in calls {
        assert!(call.await.unwrap_err().is_permission_denied());
    }
    assert!(rename.await.unwrap_err().is_permission_denied());
    farewell(server, client).await;
}

#[tokio::test]
async fn s3_quit_is_answered_and_ends_the_session() {
    let (server, client) = session("").await;
    let reply = client.quit().await.unwrap();
    assert_eq!(lines(&reply), ["221 Goodbye."]);
    let later = client.pwd().await.unwrap_err();
    assert_eq!(later.kind(), ErrorKind::ConnectionLost);
    assert!(!later.was_sent());
    server.finished().await;
}

#[tokio::test]
async fn s4_commands_out_of_sequence_are_refused() {
    converse(&[
        ("RETR foo", &["503 PORT or PASV required before RETR"]),
        ("STOR foo", &["503 PORT or PASV required before STOR"]),
        ("RNTO foo", &["503 RNFR required before RNTO"]),
    ])
    .await;
}

#[tokio::test]
async fn s4_a_rename_by_hand_needs_both_its_halves() {
    converse(&[
        ("RNFR foo", &["350 Requested file action pending."]),
        ("RNTO bar", &["250 Requested File Action Completed OK"]),
        ("RNFR foo", &["350 Requested file action pending."]),
        ("PWD", &["503 RNTO required after RNFR"]),
    ])
    .await;
}

#[tokio::test]
async fn s4_a_store_by_hand_that_cannot_be_opened_is_refused() {
    converse(&[
        ("PASV", &["227 Entering Passive Mode (127,0,0,1,48,57)."]),
        ("STOR foo", &["550 foo: Permission denied."]),
    ])
    .await;
}

#[tokio::test]
async fn s4_a_store_with_a_connection_that_cannot_be_opened_is_refused() {
    let (server, client) = session(
        "
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: ALLO 1
        S: 202 Superfluous.
        C: STOR foo
        D+
        S: 550 foo: No such file or directory.
        D<end",
    )
    .await;
    let upload = client.send_to_connection(["ALLO 1", "STOR foo"]);
    let error = upload.await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.command(), Some("STOR foo"));
    farewell(server, client).await;
}

#[tokio::test]
async fn s5_feat_is_kept_line_for_line_and_understood() {
    let feat: &[&str] = &[
        "211-Features:",
        " MDTM",
        " PASV",
        " SIZE",
        " TYPE A;I",
        "211 End",
    ];
    let (server, client) = by_hand(&[("FEAT", feat), ("FEAT", feat)]).await;
    check(("FEAT", feat), &client.command("FEAT").await);
    let features = client.features().await.unwrap();
    assert!(features.has("SIZE") && features.has("mdtm"));
    assert!(!features.has("MLST"));
    farewell(server, client).await;
}

#[test]
fn s6_host_and_port_are_encoded_and_decoded() {
    let address = SocketAddrV4::new(Ipv4Addr::new(25, 234, 129, 22), 25623);
    assert_eq!(decode_host_port("25,234,129,22,100,23"), Ok(address));
    assert_eq!(encode_host_port(address), "25,234,129,22,100,23");
    for place in 0..6 {
        let mut numbers = ["25", "234", "129", "22", "100", "23"];
        numbers[place] = "256";
        let text = numbers.join(",");
        assert!(decode_host_port(&text).is_err(), "{text}");
    }
    let six: SocketAddr = "[::1]:5282".parse().unwrap();
    assert_eq!(decode_extended_address("|2|::1|5282|"), Ok(six));
}

#[tokio::test]
async fn s7_a_pasv_by_hand_names_where_the_server_listens() {
    let server = Server::builder().start().await.unwrap();
    let client = Client::connect(&server.url()).await.unwrap();
    let reply = client.command("PASV").await.unwrap();
    assert_eq!(reply.code(), 227);
    let text = reply.text();
    let numbers = text
        .strip_prefix("Entering Passive Mode (")
        .and_then(|text| text.strip_suffix(")."))
        .unwrap();
    let address = decode_host_port(numbers).unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_ok());
}

#[tokio::test]
async fn s7_pasv_is_not_sent_over_ipv6() {
    // A server would answer 502: PASV has no room for such an address.
    let server = Server::builder().bind("[::1]:0").start().await.unwrap();
    let config = Config::new("::1").port(server.addr().port());
    let classic = config.mode(DataMode::Passive(Passive::Classic));
    let client = classic.connect().await.unwrap();
    let error = client.nlst("").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(!error.was_sent());
    assert!(!server.commands().contains(&"PASV".to_owned()));
    client.noop().await.unwrap();
}

#[tokio::test]
async fn s7_a_refused_pasv_fails_its_transfer_and_nothing_else() {
    let (server, client) = session(
        "
        C: PASV
        S: 502 PASV available only for IPv4 (use EPSV instead)
        C: PWD
        S: 257 \"/\"",
    )
    .await;
    let (list, pwd) = (listing::list(&client, ""), client.get_directory());
    let error = list.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.command(), Some("PASV"));
    assert_eq!(pwd.await.unwrap(), "/");
    farewell(server, client).await;
}

#[tokio::test]
async fn s7_the_port_of_epsv_is_dialled_at_the_control_peer() {
    let (server, client) = session(
        "
        C: EPSV
        L
        S: 229 Entering Extended Passive Mode (|||{epsv}|)
        C: NLST
        D+
        S: 150 Names.
        D> foo
        D.
        S: 226 Done.",
    )
    .await;
    client.set_mode(DataMode::Passive(Passive::Extended));
    let names = client.nlst("").await.unwrap().lines().await.unwrap();
    assert_eq!(names, ["foo"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn s7_arguments_of_epsv_and_eprt_are_the_server_s_to_judge() {
    let server = Server::builder().start().await.unwrap();
    let client = Client::connect(&server.url()).await.unwrap();
    for (command, code) in [
        ("EPSV 1", 229),
        ("EPSV 2", 522),
        ("EPSV 3", 522),
        ("EPSV what", 501),
        ("EPRT |3|example|1234|", 522),
        ("EPRT |2|::1|1234|", 522),
        ("EPRT |1|127.0.0.1|", 501),
        ("EPRT nonsense", 501),
        ("PORT nonsense", 501),
    ] {
        let reply = match client.command(command).await {
            Ok(reply) => reply,
            Err(error) => error.reply().unwrap().clone(),
        };
        assert_eq!(reply.code(), code, "{command}");
    }
}

#[tokio::test]
async fn s7_after_epsv_all_only_epsv_is_left() {
    let server = Server::builder().start().await.unwrap();
    std::fs::write(server.root().join("foo"), "").unwrap();
    let client = Client::connect(&server.url()).await.unwrap();
    assert_eq!(client.command("EPSV ALL").await.unwrap().code(), 200);
    let modes = [DataMode::Passive(Passive::Classic), DataMode::Active];
    for mode in modes {
        client.set_mode(mode);
        let error = client.nlst("").await.unwrap_err();
        assert_eq!(error.code().unwrap(), 503, "{mode:?}");
    }
    let eprt = client.command("EPRT |1|127.0.0.1|5000|").await;
    assert_eq!(eprt.unwrap_err().code().unwrap(), 503);
    client.set_passive(true);
    let names = client.nlst("").await.unwrap().lines().await.unwrap();
    assert_eq!(names, ["foo"]);
}
