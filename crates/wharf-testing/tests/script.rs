//! The scripted server against a client that is nothing but a socket.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use wharf_testing::{
    net::{Memory, Net, Tcp},
    script::{Failure, Script, ScriptedServer},
};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A control connection in the test's hands.
struct Client<S>(BufStream<S>);

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Client<S> {
    async fn over<N: Net<Stream = S>>(net: &N, server: &ScriptedServer) -> Self {
        Self(BufStream::new(dial(net, server.addr()).await))
    }

    /// The next line with its end, or nothing at the end of the connection.
    async fn reply(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.expect("a reply");
        line
    }

    async fn say(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).await.expect("written");
        self.0.flush().await.expect("flushed");
    }

    async fn ask(&mut self, line: &str) -> String {
        self.say(&format!("{line}\r\n")).await;
        self.reply().await
    }

    /// The address in a 227.
    async fn pasv(&mut self) -> SocketAddr {
        let reply = self.ask("PASV").await;
        let (_, numbers) = reply.split_once('(').expect("an opening bracket");
        let (numbers, _) = numbers.split_once(')').expect("a closing bracket");
        let numbers: Vec<u8> = numbers
            .split(',')
            .map(|n| n.parse().expect("a byte"))
            .collect();
        let [a, b, c, d, high, low] = numbers[..] else {
            panic!("not six numbers: {reply}")
        };
        SocketAddr::from(([a, b, c, d], u16::from_be_bytes([high, low])))
    }
}

async fn dial<N: Net>(net: &N, to: SocketAddr) -> N::Stream {
    let from = if to.is_ipv4() {
        LOOPBACK
    } else {
        Ipv6Addr::LOCALHOST.into()
    };
    net.connect(from, to).await.expect("a connection")
}

fn port(command: &str, at: SocketAddr) -> String {
    let IpAddr::V4(ip) = at.ip() else {
        panic!("PORT is for IPv4")
    };
    let [high, low] = at.port().to_be_bytes();
    format!(
        "{command} {},{high},{low}",
        ip.to_string().replace('.', ",")
    )
}

/// Plays the script in memory to a client that sends these bytes and then waits for the server to
/// give up.
async fn failure_of(script: &str, says: &str) -> Failure {
    let net = Memory::new();
    let server = Script::new(script).play_on(&net, LOOPBACK).await;
    let mut client = Client::over(&net, &server).await;
    client.say(says).await;
    client
        .0
        .read_to_end(&mut Vec::new())
        .await
        .expect("the server hangs up");
    server.outcome().await.expect_err("the script was kept")
}

async fn logs_in_and_downloads<N: Net>(net: N) {
    let script = "
        login
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C* RETR *
        D+
        S: 150 opening
        D>* 1000 xy
        D.
        D<eof
        S: 226 done
        C: QUIT
        S: 221 bye
        close
        eof
    ";
    let server = Script::new(script).play_on(&net, LOOPBACK).await;
    let mut client = Client::over(&net, &server).await;
    assert_eq!(client.reply().await, "220 ready\r\n");
    assert!(client.ask("USER anonymous").await.starts_with("331 "));
    assert!(client.ask("PASS me@example").await.starts_with("230 "));
    assert!(client.ask("TYPE I").await.starts_with("200 "));
    let data = client.pasv().await;
    let mut data = dial(&net, data).await;
    assert_eq!(client.ask("RETR spam").await, "150 opening\r\n");
    let mut file = String::new();
    data.read_to_string(&mut file).await.expect("a clean end");
    assert_eq!(file, "xy".repeat(1000));
    drop(data);
    assert_eq!(client.reply().await, "226 done\r\n");
    assert_eq!(client.ask("QUIT").await, "221 bye\r\n");
    assert_eq!(client.reply().await, "");
    drop(client);
    let lines = [
        "USER anonymous",
        "PASS me@example",
        "TYPE I",
        "PASV",
        "RETR spam",
        "QUIT",
    ];
    assert_eq!(server.finished().await.lines(), lines);
}

#[tokio::test]
async fn a_session_is_played_over_tcp() {
    logs_in_and_downloads(Tcp).await;
}

#[tokio::test(start_paused = true)]
async fn a_session_is_played_in_memory() {
    logs_in_and_downloads(Memory::new()).await;
}

#[tokio::test]
async fn a_session_is_played_a_byte_at_a_time() {
    logs_in_and_downloads(Memory::with_buffer(1)).await;
}

async fn uploads_end_by_fin_or_by_reset<N: Net>(net: N) {
    let script = "
        C: PASV
        L
        S: 227 ({pasv})
        D+
        D< abc
        D<* 2 de
        D<eof
        D2+
        D2<any
        D2<reset
        S: 426 aborted
    ";
    let script = script
        .replace("L\n", "L\nL2\n")
        .replace("({pasv})", "({pasv}) {epsv2}");
    let server = Script::new(&*script).play_on(&net, LOOPBACK).await;
    let mut client = Client::over(&net, &server).await;
    client.say("PASV\r\n").await;
    let reply = client.reply().await;
    let (first, second) = reply.rsplit_once(' ').expect("two listeners");
    let low = first
        .trim_end_matches(')')
        .rsplit(',')
        .take(2)
        .map(|n| n.parse::<u16>().expect("byte"));
    let first = low.enumerate().map(|(at, n)| n << (8 * at)).sum::<u16>();
    let second = second.trim().parse::<u16>().expect("a port");

    let mut whole = dial(&net, (LOOPBACK, first).into()).await;
    whole.write_all(b"abcdede").await.expect("written");
    whole.shutdown().await.expect("ended");
    let mut broken = dial(&net, (LOOPBACK, second).into()).await;
    broken.write_all(b"part").await.expect("written");
    N::reset(broken);
    assert_eq!(client.reply().await, "426 aborted\r\n");
    server.finished().await;
}

#[tokio::test]
async fn uploads_are_told_apart_by_their_end_over_tcp() {
    uploads_end_by_fin_or_by_reset(Tcp).await;
}

#[tokio::test(start_paused = true)]
async fn uploads_are_told_apart_by_their_end_in_memory() {
    uploads_end_by_fin_or_by_reset(Memory::new()).await;
}

async fn connects_to_the_client<N: Net>(net: N) {
    let script = "
        C: PORT {port}
        S: 200 ok
        C: RETR spam
        D+ from 127.0.0.9
        D<end
        D+
        S: 150 opening
        D> spam
        D!
        gate closed
        D+ refused
        S: 426 broken
    ";
    let server = Script::new(script).play_on(&net, LOOPBACK).await;
    let mut client = Client::over(&net, &server).await;
    let (mut listener, at) = net.listen(LOOPBACK).await.expect("a listener");
    client.ask(&port("PORT", at)).await;
    client.say("RETR spam\r\n").await;
    drop(N::accept(&mut listener).await.expect("the stranger"));
    let mut data = N::accept(&mut listener).await.expect("the server");
    assert_eq!(client.reply().await, "150 opening\r\n");
    let mut file = Vec::new();
    let end = data.read_to_end(&mut file).await.expect_err("no clean end");
    assert_eq!(
        (end.kind(), &file[..]),
        (io::ErrorKind::ConnectionReset, &b"spam"[..])
    );
    drop(listener);
    server.open("closed");
    assert_eq!(client.reply().await, "426 broken\r\n");
    server.finished().await;
}

#[tokio::test]
async fn active_connections_come_from_strangers_too_over_tcp() {
    connects_to_the_client(Tcp).await;
}

#[tokio::test(start_paused = true)]
async fn active_connections_come_from_strangers_too_in_memory() {
    connects_to_the_client(Memory::new()).await;
}

#[tokio::test]
async fn a_stranger_shows_another_address() {
    let script = "C: EPRT {eprt}\nD+ from 127.0.0.9\nD<eof";
    let server = Script::new(script).play().await;
    let mut client = Client::over(&Tcp, &server).await;
    let listener = TcpListener::bind((LOOPBACK, 0)).await.expect("a listener");
    let at = listener.local_addr().expect("its address");
    client
        .say(&format!("EPRT |1|127.0.0.1|{}|\r\n", at.port()))
        .await;
    let (_, stranger) = listener.accept().await.expect("the stranger");
    assert_eq!(stranger.ip().to_string(), "127.0.0.9");
    server.finished().await;
}

#[tokio::test]
async fn a_listener_is_where_the_control_connection_is_unless_said_otherwise() {
    for (step, ip) in [("L", "::1"), ("L 127.0.0.2", "127.0.0.2")] {
        let script = format!("{step}\nS: 229 {{epsv}}\nD+");
        let server = Script::new(&*script)
            .play_on(&Tcp, Ipv6Addr::LOCALHOST.into())
            .await;
        let mut client = Client::over(&Tcp, &server).await;
        let reply = client.reply().await;
        let port = reply
            .trim_end()
            .trim_start_matches("229 ")
            .parse::<u16>()
            .expect("a port");
        TcpStream::connect((ip, port)).await.expect("the listener");
        server.finished().await;
    }
}

async fn refuses_a_dial<N: Net>(net: N) {
    let server = Script::new("C: PASV\nL refused\nS: 227 ({pasv})")
        .play_on(&net, LOOPBACK)
        .await;
    let mut client = Client::over(&net, &server).await;
    let at = client.pasv().await;
    let refused = net.connect(LOOPBACK, at).await.err().map(|e| e.kind());
    assert_eq!(refused, Some(io::ErrorKind::ConnectionRefused));
    server.finished().await;
}

#[tokio::test]
async fn a_refused_listener_has_a_port_that_nobody_answers() {
    refuses_a_dial(Tcp).await;
    refuses_a_dial(Memory::new()).await;
}

async fn sees_whether_it_was_dialled<N: Net>(net: N, dials: bool) -> Result<(), String> {
    let script = "C: PASV\nL\nS: 227 ({pasv})\nC: NOOP\nD-";
    let server = Script::new(script).play_on(&net, LOOPBACK).await;
    let mut client = Client::over(&net, &server).await;
    let at = client.pasv().await;
    let dialled = if dials {
        Some(dial(&net, at).await)
    } else {
        None
    };
    client.say("NOOP\r\n").await;
    let outcome = server.outcome().await;
    drop(dialled);
    outcome
        .map(drop)
        .map_err(|failure| failure.came().to_owned())
}

#[tokio::test]
async fn a_dial_that_should_not_be_is_seen() {
    let seen = Err("a data connection".to_owned());
    assert_eq!(sees_whether_it_was_dialled(Tcp, false).await, Ok(()));
    assert_eq!(sees_whether_it_was_dialled(Tcp, true).await, seen);
    assert_eq!(
        sees_whether_it_was_dialled(Memory::new(), false).await,
        Ok(())
    );
    assert_eq!(sees_whether_it_was_dialled(Memory::new(), true).await, seen);
}

async fn floods_until_the_client_hangs_up<N: Net>(net: N) {
    let script = "L\nS: 229 {epsv}\nD+\nD>* forever x\nS|* forever 220-\\r\\n\neof";
    let server = Script::new(script).play_on(&net, LOOPBACK).await;
    let mut client = Client::over(&net, &server).await;
    let reply = client.reply().await;
    let port = reply
        .trim_end()
        .trim_start_matches("229 ")
        .parse()
        .expect("a port");
    let mut data = dial(&net, SocketAddr::new(LOOPBACK, port)).await;
    data.read_exact(&mut vec![0; 200_000])
        .await
        .expect("more than enough");
    drop(data);
    client
        .0
        .read_exact(&mut vec![0; 200_000])
        .await
        .expect("more than enough");
    drop(client);
    server.finished().await;
}

#[tokio::test]
async fn a_flood_ends_when_the_client_hangs_up() {
    floods_until_the_client_hangs_up(Tcp).await;
    floods_until_the_client_hangs_up(Memory::new()).await;
}

#[tokio::test]
async fn telnet_signals_are_read_in_their_place() {
    let script = r"C| \xff\xf4\xff\xf2ABOR\r\n";
    let server = Script::new(script).play().await;
    let client = TcpStream::connect(server.addr())
        .await
        .expect("a connection");
    let socket = socket2::SockRef::from(&client);
    socket.send(b"\xff\xf4\xff").expect("sent");
    socket.send_out_of_band(b"\xf2").expect("sent");
    socket.send(b"ABOR\r\n").expect("sent");
    server.finished().await;
}

#[tokio::test]
async fn raw_bytes_leave_as_they_are_written() {
    let server = Script::new("S| 150 x\\n226 \\xff\nclose").play().await;
    let mut client = TcpStream::connect(server.addr())
        .await
        .expect("a connection");
    let mut replies = Vec::new();
    client.read_to_end(&mut replies).await.expect("a clean end");
    assert_eq!(replies, b"150 x\n226 \xff");
    server.finished().await;
}

#[tokio::test]
async fn a_control_connection_is_reset() {
    let net = Memory::new();
    let server = Script::new("S: 421 enough\nreset")
        .play_on(&net, LOOPBACK)
        .await;
    let mut client = Client::over(&net, &server).await;
    let end = client
        .0
        .read_to_end(&mut Vec::new())
        .await
        .expect_err("no clean end");
    assert_eq!(end.kind(), io::ErrorKind::ConnectionReset);
    server.finished().await;
}

#[tokio::test]
async fn another_line_is_reported_with_its_step_and_what_led_there() {
    let failure = failure_of(
        "S: 220 ready\nC: USER bob\nC: PASS\\x20\nS: 230",
        "USER bob\r\nPASV\r\n",
    )
    .await;
    assert_eq!(
        (failure.step(), failure.expected(), failure.came()),
        (3, "C: PASS\\x20", "the line `PASV`")
    );
    let report = failure.to_string();
    let expected = "the client departed from its script on connection 1:
    1  S: 220 ready
    2  C: USER bob
    3  C: PASS\\x20    <- step 3 of 4
but came: the line `PASV`";
    assert_eq!(report, expected);
}

#[tokio::test]
async fn what_came_instead_is_named() {
    let long = "x".repeat(70_000);
    for (script, says, came) in [
        ("C: NOOP", "NOOP\n", r"a line without CR, `NOOP\n`"),
        ("C: NOOP", "NOOP \r\n", r"the line `NOOP\x20`"),
        ("C: PORT {port}", "PORT 1,2,3\r\n", "the line `PORT 1,2,3`"),
        ("C| ABOR", "ABXX", "`ABXX`"),
        ("C: NOOP\neof", "NOOP\r\nPWD\r\n", r"`PWD\r\n`"),
        ("C: NOOP\nexpect-nothing", "NOOP\r\nP", "`P`"),
        ("S: 227 {pasv}", "", "no listener that {pasv} could name"),
        ("D+", "", "neither a listener nor a PORT"),
        (
            "L\nD+ from 127.0.0.9",
            "",
            "a passive listener, to which nobody connects from here",
        ),
        ("D> x", "", "no data connection"),
        ("C: NOOP", &long, "70000 bytes without a line's end"),
    ] {
        assert_eq!(failure_of(script, says).await.came(), came, "{script}");
    }
}

#[tokio::test]
async fn an_early_end_is_named() {
    let net = Memory::new();
    for (resets, came) in [
        (
            false,
            "the end of the control connection by FIN, after `NO`",
        ),
        (true, "the end of the control connection by RST, after `NO`"),
    ] {
        let server = Script::new("C: NOOP").play_on(&net, LOOPBACK).await;
        let mut client = dial(&net, server.addr()).await;
        client.write_all(b"NO").await.expect("written");
        if resets {
            client.reset();
        } else {
            drop(client);
        }
        assert_eq!(
            server.outcome().await.expect_err("an early end").came(),
            came
        );
    }
}

#[tokio::test]
async fn other_data_is_named_by_its_place() {
    for (steps, sends, came) in [
        ("D<* 3 ab", "abaXab", "other data from byte 3 on, `Xab`"),
        (
            "D<* 3 ab",
            "aba",
            "the end of the data connection by FIN, after 3 of 6 bytes",
        ),
        ("D<eof", "x", "data, `x`"),
        ("D<reset", "", "the end of the data connection by FIN"),
    ] {
        let net = Memory::new();
        let script = format!("C: PASV\nL\nS: 227 ({{pasv}})\nD+\n{steps}");
        let server = Script::new(&*script).play_on(&net, LOOPBACK).await;
        let mut client = Client::over(&net, &server).await;
        let at = client.pasv().await;
        let mut data = dial(&net, at).await;
        data.write_all(sends.as_bytes()).await.expect("written");
        drop(data);
        assert_eq!(server.outcome().await.expect_err("other data").came(), came);
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_before_its_reply_is_caught_without_a_gate() {
    let net = Memory::new();
    let server = Script::new("C: A\nexpect-nothing\nS: 200")
        .play_on(&net, LOOPBACK)
        .await;
    let mut client = Client::over(&net, &server).await;
    client.say("A\r\n").await;
    tokio::task::yield_now().await;
    client.say("B\r\n").await;
    assert_eq!(
        server.outcome().await.expect_err("too early").came(),
        r"`B\r\n`"
    );
}

#[tokio::test]
async fn a_client_that_waits_as_it_should_passes() {
    let server = Script::new("C: A\nexpect-nothing\nS: 200\neof")
        .play()
        .await;
    let mut client = Client::over(&Tcp, &server).await;
    assert_eq!(client.ask("A").await, "200\r\n");
    drop(client);
    server.finished().await;
}

#[tokio::test]
async fn connections_take_their_scripts_in_order_and_one_too_many_is_refused() {
    let net = Memory::new();
    let script = Script::new("S: 220 first\ngate go\nC: ONE").then("S: 220 second\nC: TWO");
    let server = script.play_on(&net, LOOPBACK).await;
    let mut first = Client::over(&net, &server).await;
    let mut second = Client::over(&net, &server).await;
    assert_eq!(second.reply().await, "220 second\r\n");
    assert_eq!(first.reply().await, "220 first\r\n");
    let third = net.connect(server.addr()).expect_err("nobody listens");
    assert_eq!(third.kind(), io::ErrorKind::ConnectionRefused);
    second.say("TWO\r\n").await;
    server.open("go");
    first.say("ONE\r\n").await;
    assert_eq!(server.finished().await.connections(), [[b"ONE"], [b"TWO"]]);
}

#[tokio::test]
async fn a_failure_on_one_connection_ends_them_all() {
    let net = Memory::new();
    let script = Script::new("gate never\nS: 220").then("C: TWO");
    let server = script.play_on(&net, LOOPBACK).await;
    let mut first = Client::over(&net, &server).await;
    let mut second = Client::over(&net, &server).await;
    second.say("THREE\r\n").await;
    assert_eq!(first.reply().await, "");
    let failure = server.outcome().await.expect_err("another line");
    assert!(
        failure.to_string().contains("on connection 2:"),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn virtual_hours_pass_without_the_deadline() {
    let net = Memory::new();
    let server = Script::new("wait 300m\nS: 220\nC: NOOP")
        .play_on(&net, LOOPBACK)
        .await;
    let mut client = Client::over(&net, &server).await;
    let before = Instant::now();
    assert_eq!(client.reply().await, "220\r\n");
    assert_eq!(before.elapsed().as_secs(), 5 * 3600);
    tokio::time::sleep(Duration::from_hours(1)).await;
    client.say("NOOP\r\n").await;
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_does_not_come_about_fails_in_real_time() {
    let net = Memory::new();
    // Real time: the client connects and writes before it is over, however busy the machine is.
    let short = Duration::from_secs(1);
    let fails = async |script: &str, client: Option<&str>| {
        let script = Script::new(script).deadline(short);
        let server = script.play_on(&net, LOOPBACK).await;
        let mut wires = Vec::new();
        if let Some(says) = client {
            let mut wire = dial(&net, server.addr()).await;
            wire.write_all(says.as_bytes()).await.expect("written");
            wires.push(wire);
        }
        let failure = server.outcome().await.expect_err("nothing comes");
        (failure.expected().to_owned(), failure.came().to_owned())
    };
    let (half, closed, alone) = tokio::join!(
        fails("C: NOOP", Some("NO")),
        fails("gate shut", Some("")),
        fails("S: 220", None),
    );
    for ((expected, came), told) in [
        (half, ("C: NOOP", "nothing within 1s; unread was `NO`")),
        (closed, ("gate shut", "nothing within 1s")),
        (alone, ("a client that connects", "nobody within 1s")),
    ] {
        assert_eq!((expected.as_str(), came.as_str()), told);
    }
}

#[tokio::test]
#[should_panic(expected = "C: NOOP    <- step 2 of 2\nbut came: the end of the test")]
async fn a_server_dropped_before_its_end_fails_the_test() {
    let server = Script::new("S: 220\nC: NOOP").play().await;
    let mut client = Client::over(&Tcp, &server).await;
    client.reply().await;
    drop(server);
}

#[tokio::test]
#[should_panic(expected = "but came: the line `PWD`")]
async fn a_server_dropped_after_a_failure_fails_the_test() {
    let server = Script::new("C: NOOP").play().await;
    let mut client = Client::over(&Tcp, &server).await;
    client.say("PWD\r\n").await;
    client
        .0
        .read_to_end(&mut Vec::new())
        .await
        .expect("the server hangs up");
    drop(server);
}

#[tokio::test]
#[should_panic(expected = "but came: the line `PWD`")]
async fn finishing_a_failed_script_fails_the_test() {
    let server = Script::new("C: NOOP").play().await;
    Client::over(&Tcp, &server).await.say("PWD\r\n").await;
    server.finished().await;
}

#[tokio::test]
#[should_panic(expected = "but came: the line `PWD`")]
async fn waiting_for_a_note_that_is_never_reached_fails_the_test() {
    let server = Script::new("C: NOOP\nnote here").play().await;
    Client::over(&Tcp, &server).await.say("PWD\r\n").await;
    server.reached("here").await;
}

#[tokio::test(start_paused = true)]
async fn a_server_dropped_after_its_end_is_content() {
    let net = Memory::new();
    let server = Script::new("S: 220").play_on(&net, LOOPBACK).await;
    let mut client = Client::over(&net, &server).await;
    assert_eq!(client.reply().await, "220\r\n");
    // Under a paused clock this is over when the server has nothing more to do.
    tokio::time::sleep(Duration::from_millis(1)).await;
    drop(server);
    assert_eq!(
        client.reply().await,
        "",
        "the connection outlived the server"
    );
}

#[tokio::test]
#[should_panic(expected = "no script has the gate `opne`")]
async fn a_gate_that_no_script_has_is_told() {
    let server = Script::new("S: 220").play().await;
    server.open("opne");
}

#[test]
#[should_panic(expected = "transcript line 2, `C; NOOP`: no step is called C;")]
fn a_script_that_cannot_be_read_is_told() {
    let _ = Script::new("S: 220\nC; NOOP");
}
