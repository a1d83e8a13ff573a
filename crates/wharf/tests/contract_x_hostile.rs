//! What a server gets that does not greet, greets in another tongue, hangs up at a bad moment, never
//! ends its reply, or sends data where none of it should go.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

mod common;
#[path = "common/data.rs"]
#[expect(dead_code, reason = "nothing is stored here")]
mod data;
#[path = "common/memory.rs"]
mod memory;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::Instant;
use wharf::{
    BoxFuture, Client, Config, DataMode, DataSocket, Dial, Error, ErrorKind, Listen, Passive,
    from_io,
};
use wharf_testing::net::Memory;
use wharf_testing::script::{Script, ScriptedServer};

use common::{config, farewell, lines, session};
use data::received;
use memory::in_memory;

const LIMIT: Duration = Duration::from_mins(1);

fn quiet() -> Config {
    Config::new("harbour")
        .mode(DataMode::Passive(Passive::Classic))
        .reply_timeout(LIMIT)
}

/// Why the first login of this script's client failed. Nothing was sent to the server, ever.
async fn never_in(script: &str) -> Error {
    let (server, client) = in_memory(&format!("{script}\neof"), &quiet()).await;
    let pwd = client.pwd();
    let error = client.logged_in().await.unwrap_err();
    assert!(!pwd.await.unwrap_err().was_sent());
    server.finished().await;
    error
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_greet_is_given_up_after_the_reply_limit() {
    let start = Instant::now();
    let error = never_in("expect-nothing").await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("greet"), "{error}");
    assert_eq!(start.elapsed().as_secs(), LIMIT.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_greeting_in_another_protocol_is_told_as_such_and_answered_with_nothing() {
    for greeting in [
        r"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        r"SSH-2.0-OpenSSH_9.2p1\r\n",
        r"* OK IMAP4rev1 ready\r\n",
        r"+OK POP3 ready\r\n",
        r"\x00\x01\x02\n",
    ] {
        let error = never_in(&format!("S| {greeting}")).await;
        assert_eq!(error.kind(), ErrorKind::BadResponse, "{greeting}");
        assert!(error.to_string().contains("does not speak FTP"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn tls_bytes_for_a_greeting_are_answered_with_nothing() {
    let alert = r"\x15\x03\x01\x00\x02\x02\x46";
    let closed = never_in(&format!("S| {alert}\nclose")).await;
    assert_eq!(closed.kind(), ErrorKind::ConnectionLost);
    let open = never_in(&format!("S| {alert}")).await;
    assert_eq!(open.kind(), ErrorKind::Timeout);
}

/// A server that says 421 in answer to the operation that `call` makes, and what it came to; what is
/// queued behind it is lost, and nothing more is sent.
async fn dismissed<T: std::fmt::Debug>(
    script: &str,
    call: impl AsyncFnOnce(&Client) -> wharf::Result<T>,
) {
    let script = format!("login\n{script}\nS: 421 Going down.\neof");
    let (server, client) = in_memory(&script, &quiet()).await;
    let (error, behind) = tokio::join!(call(&client), async {
        tokio::task::yield_now().await;
        client.noop().await
    });
    let (error, behind) = (error.unwrap_err(), behind.unwrap_err());
    assert_eq!(error.code().unwrap(), 421, "{script}");
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert!(error.is_transient());
    assert_eq!(behind.kind(), ErrorKind::ConnectionLost);
    assert_eq!(behind.root().code().unwrap(), 421);
    assert!(!behind.was_sent());
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn a_421_ends_the_session_at_any_moment_of_it() {
    dismissed("C: SIZE a", async |client| client.size("a").await).await;
    dismissed("C: RNFR a", async |client| client.rename("a", "b").await).await;
    let renamed = "C: RNFR a\nS: 350 Go on.\nC: RNTO b";
    dismissed(renamed, async |client| client.rename("a", "b").await).await;
    dismissed("C: PASV", async |client| client.retrieve_file("a").await).await;
    let asked = "C: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\nC: RETR a\nD+";
    dismissed(asked, async |client| client.retrieve_file("a").await).await;
    let running = format!("{asked}\nS: 150 Here it comes.\nD> abc");
    dismissed(&running, async |client| {
        let (bytes, end) = received(client.retrieve_file("a").await?).await;
        assert_eq!(bytes, b"abc");
        end
    })
    .await;
    let stor = "C: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\nC: STOR a\nD+\nS: 150 Send it.";
    dismissed(stor, async |client| {
        client.store_file("a").await?.finish().await
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_421_ends_the_login_at_any_moment_of_it() {
    for so_far in [
        "",
        "S: 220 ready\nC: USER anonymous",
        "S: 220 ready\nC: USER anonymous\nS: 331 Password?\nC* PASS *",
        "S: 220 ready\nC: USER anonymous\nS: 230 In.\nC: TYPE I",
    ] {
        let script = format!("{so_far}\nS: 421 Going down.\neof");
        let (server, client) = in_memory(&script, &quiet()).await;
        let pwd = client.pwd();
        let error = client.logged_in().await.unwrap_err();
        assert_eq!(error.code().unwrap(), 421, "{so_far}");
        assert!(error.is_transient());
        assert_eq!(pwd.await.unwrap_err().root().code().unwrap(), 421);
        server.finished().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_drips_does_not_outlive_its_limit() {
    for drop in [r"200-and\r\n", r"150 and\r\n", "2"] {
        let script =
            format!("login\nC: NOOP\nS| {drop}\nwait 25s\nS| {drop}\nwait 25s\nS| {drop}\neof");
        let (server, client) = in_memory(&script, &quiet()).await;
        client.logged_in().await.unwrap();
        let start = Instant::now();
        let error = client.noop().await.unwrap_err();
        assert_eq!(error.root().kind(), ErrorKind::Timeout, "{drop}");
        assert_eq!(start.elapsed().as_secs(), LIMIT.as_secs(), "{drop}");
        server.finished().await;
    }
}

#[tokio::test]
async fn a_flood_for_a_reply_ends_the_session() {
    for flood in [
        r"200-and\r\n",
        r"200-\n",
        r"150 and\r\n",
        r"150-a\r\n150 b\r\n",
        r"garbage\r\n",
        "2",
    ] {
        let server = Script::new(&*format!("login\nC: NOOP\nS|* forever {flood}"))
            .play()
            .await;
        let client = config(&server).connect().await.unwrap();
        let error = client.noop().await.unwrap_err();
        assert_eq!(error.root().kind(), ErrorKind::BadResponse, "{flood}");
        assert!(client.close_cause().is_some());
        server.finished().await;
    }
}

#[tokio::test]
async fn a_flood_of_bytes_while_nobody_asks_ends_the_session() {
    let server = Script::new("login\nS|* forever garbage\\r\\n").play().await;
    let client = config(&server).connect().await.unwrap();
    assert_eq!(client.closed().await.kind(), ErrorKind::BadResponse);
    server.finished().await;
}

/// A network whose data connections never stand.
struct BlackHole;

impl Dial for BlackHole {
    fn dial(&self, _to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn DataSocket>>> {
        Box::pin(std::future::pending())
    }

    fn listen(&self) -> BoxFuture<'_, io::Result<Box<dyn Listen>>> {
        Box::pin(std::future::pending())
    }
}

/// A client that reaches the server with its commands alone.
async fn without_data(script: &str, mode: DataMode) -> (ScriptedServer, Client) {
    let net = Memory::new();
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let server = Script::new(script).play_on(&net, here).await;
    let control = net.connect(server.addr()).unwrap();
    let config = quiet().mode(mode).connect_timeout(Duration::from_secs(7));
    let (client, driver) = config.handshake(control, BlackHole, server.addr()).unwrap();
    tokio::spawn(driver.run());
    client.logged_in().await.unwrap();
    (server, client)
}

#[tokio::test(start_paused = true)]
async fn a_data_connection_that_never_stands_costs_the_connect_limit_and_no_more() {
    for (mode, script) in [
        (
            DataMode::Passive(Passive::Classic),
            "C: PASV\nS: 227 Entering Passive Mode (127,0,0,1,200,1).",
        ),
        (
            DataMode::Passive(Passive::Extended),
            "C: EPSV\nS: 229 Entering Extended Passive Mode (|||51201|)",
        ),
        (DataMode::Active, "expect-nothing"),
    ] {
        let script = format!("login\n{script}\nC: NOOP\nS: 200 Here.");
        let (server, client) = without_data(&script, mode).await;
        let start = Instant::now();
        let (retr, noop) = (client.retrieve_file("a"), client.noop());
        let error = retr.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{mode:?}");
        assert!(!error.was_sent());
        assert_eq!(start.elapsed().as_secs(), 7);
        noop.await.unwrap();
        server.finished().await;
    }
}

#[tokio::test(start_paused = true)]
async fn x60_a_connection_that_is_still_being_made_is_abandoned_with_its_transfer() {
    let script = "
        login
        C: PASV
        S: 227 Entering Passive Mode (127,0,0,1,200,1).
        note named
        C: NOOP
        S: 200 Here.
    ";
    let mode = DataMode::Passive(Passive::Classic);
    let (server, client) = without_data(script, mode).await;
    let start = Instant::now();
    let retr = client.retrieve_file("a");
    server.reached("named").await;
    drop(retr);
    client.noop().await.unwrap();
    // Without waiting for the connect limit.
    assert_eq!(start.elapsed().as_secs(), 0);
    server.finished().await;
}

#[tokio::test]
async fn a_stranger_who_is_faster_than_the_server_is_passed_over() {
    let (server, client) = session(
        "
        C: PORT {port}
        S: 200 Heard.
        C: RETR a
        S: 150 Here it comes.
        D+ from 127.0.0.9
        D<end
        D+
        D> from the server
        D.
        S: 226 Done.
        ",
    )
    .await;
    client.set_passive(false);
    let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
    assert_eq!(bytes, b"from the server");
    assert_eq!(
        lines(&end.unwrap().reply),
        ["150 Here it comes.", "226 Done."]
    );
    farewell(server, client).await;
}

#[tokio::test]
async fn another_host_in_a_passive_reply_is_not_dialled() {
    for (command, reply) in [
        ("PASV", "227 Entering Passive Mode (127,0,0,2,{pasv-port})."),
        (
            "EPSV",
            "229 Entering Extended Passive Mode (|1|127.0.0.2|{epsv}|)",
        ),
    ] {
        let script = format!(
            "
            login
            L2 127.0.0.2
            C: {command}
            L
            S: {reply}
            C: RETR a
            D+
            S: 150 Here it comes.
            D> abc
            D.
            S: 226 Done.
            D2-
            C: QUIT
            S: 221 Bye.
            eof
            "
        );
        let mode = match command {
            "PASV" => Passive::Classic,
            _ => Passive::Extended,
        };
        let server = Script::new(&*script).play().await;
        let config = config(&server).mode(DataMode::Passive(mode));
        let client = config.connect().await.unwrap();
        let (bytes, end) = received(client.retrieve_file("a").await.unwrap()).await;
        assert_eq!(bytes, b"abc", "{command}");
        end.unwrap();
        farewell(server, client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_download_without_a_byte_is_stopped_by_the_stall_limit_and_the_session_goes_on() {
    let script = "
        login
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: RETR a
        D+
        S: 150 Here it comes.
        D> abc
        D<end
        S: 426 Aborted.
        C: PWD
        S: 257 \"/\"
        C: NOOP
        S: 200 Here.
    ";
    let stall = Duration::from_secs(30);
    let (server, client) = in_memory(script, &quiet().stall_timeout(stall)).await;
    let mut download = client.retrieve_file("a").await.unwrap();
    let mut bytes = [0; 3];
    download.read_exact(&mut bytes).await.unwrap();
    let error = from_io(download.read_u8().await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Timeout);
    client.noop().await.unwrap();
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_about_a_stopped_transfer_is_asked_and_then_left() {
    let script = "
        login
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: RETR a
        D+
        S: 150 Here it comes.
        D<end
        C: ABOR
        eof
    ";
    let limit = Duration::from_secs(20);
    let (server, client) = in_memory(script, &quiet().settle_timeout(limit)).await;
    let download = client.retrieve_file("a").await.unwrap();
    let start = Instant::now();
    drop(download);
    let error = client.noop().await.unwrap_err();
    assert_eq!(error.root().kind(), ErrorKind::Timeout);
    assert_eq!(start.elapsed().as_secs(), limit.as_secs());
    server.finished().await;
}
