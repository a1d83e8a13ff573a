//! What goes over data connections, and how they come about.

use std::{fs, net::Ipv4Addr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
};

use super::*;
use crate::net::{Net as _, Tcp};

#[tokio::test]
async fn files_go_up_and_come_down_byte_for_byte() {
    let (server, mut raw) = session(Options::default()).await;
    let content: Vec<u8> = (0..1_000_003_u32).map(|n| (n % 251) as u8).collect();
    assert_eq!(
        raw.upload("STOR big", &content).await,
        "226 Transfer complete."
    );
    assert!(fs::read(server.root().join("big")).unwrap() == content);
    let (bytes, reply) = raw.download("RETR big").await;
    assert!(bytes == content);
    assert_eq!(reply, "226 Transfer complete.");
    assert_eq!(
        raw.upload("STOR empty", b"").await,
        "226 Transfer complete."
    );
    assert_eq!(raw.download("RETR empty").await.0, b"");
    assert!(
        server
            .transcript()
            .contains("data connection for big (1000003 bytes).")
    );
}

#[tokio::test]
async fn rest_begins_in_the_middle_and_counts_once() {
    let (server, mut raw) = session(Options::default()).await;
    let path = server.root().join("a");
    fs::write(&path, "0123456789").unwrap();
    assert_eq!(raw.ask("REST 7").await, "350 Restarting at 7.");
    assert_eq!(raw.download("RETR a").await.0, b"789");
    assert_eq!(raw.download("RETR a").await.0, b"0123456789");
    raw.ask("REST 3").await;
    raw.upload("STOR a", b"abc").await;
    assert_eq!(fs::read(&path).unwrap(), b"012abc6789");
    raw.ask("REST 3").await;
    raw.upload("APPE a", b"!").await;
    assert_eq!(fs::read(&path).unwrap(), b"012abc6789!");
    raw.upload("STOR a", b"new").await;
    assert_eq!(fs::read(&path).unwrap(), b"new");
    raw.ask("EPSV").await;
    for command in ["RETR a", "STOR a"] {
        raw.ask("REST 4").await;
        assert_eq!(raw.code(command).await, "554", "{command}");
    }
    raw.ask("TYPE A").await;
    assert_eq!(raw.code("REST 1").await, "501");
    assert_eq!(raw.code("REST 0").await, "350");
}

#[tokio::test]
async fn text_is_converted_both_ways() {
    let (server, mut raw) = session(Options::default()).await;
    raw.ask("TYPE A").await;
    raw.upload("STOR a", b"one\r\ntwo\r\n\r").await;
    assert_eq!(fs::read(server.root().join("a")).unwrap(), b"one\ntwo\n\r");
    fs::write(server.root().join("b"), "one\ntwo\r\n").unwrap();
    assert_eq!(raw.download("RETR b").await.0, b"one\r\ntwo\r\n");
}

#[tokio::test]
async fn stou_tells_the_name_it_found() {
    let (server, mut raw) = session(Options::default()).await;
    fs::write(server.root().join("wharf.000001"), "taken").unwrap();
    let done = raw.upload("STOU", b"x").await;
    assert_eq!(
        done,
        "226 Transfer complete (unique file name: wharf.000002)."
    );
    assert!(server.transcript().contains("S: 150 FILE: wharf.000002\n"));
    assert_eq!(fs::read(server.root().join("wharf.000002")).unwrap(), b"x");
    assert_eq!(
        fs::read(server.root().join("wharf.000001")).unwrap(),
        b"taken"
    );
}

#[tokio::test]
async fn a_refused_transfer_leaves_the_data_connection_to_the_next() {
    let (server, mut raw) = session(Options::default()).await;
    fs::write(server.root().join("a"), "content").unwrap();
    fs::create_dir(server.root().join("d")).unwrap();
    assert_eq!(raw.code("RETR a").await, "425");
    assert_eq!(raw.code("STOR a").await, "425");
    assert_eq!(raw.code("LIST").await, "425");
    let mut data = raw.epsv().await;
    assert_eq!(raw.ask("RETR nope").await, "550 No such file or directory.");
    assert_eq!(raw.ask("RETR d").await, "550 Not a plain file.");
    assert_eq!(raw.ask("STOR d").await, "553 Not a plain file.");
    assert_eq!(
        raw.ask("STOR no/where").await,
        "553 No such file or directory."
    );
    assert_eq!(raw.code("RETR a").await, "150");
    let mut text = String::new();
    data.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "content");
    assert_eq!(raw.reply().await, "226 Transfer complete.");
    assert_eq!(raw.code("RETR a").await, "425");
}

#[tokio::test]
async fn pasv_names_an_address_that_can_be_dialled() {
    let (_server, mut raw) = session(Options::default()).await;
    let reply = raw.ask("PASV").await;
    let numbers = reply.split(['(', ')']).nth(1).unwrap();
    let address = data::parse_port(numbers).unwrap();
    let mut data = TcpStream::connect(address).await.unwrap();
    assert_eq!(raw.code("NLST").await, "150");
    assert_eq!(data.read(&mut [0; 1]).await.unwrap(), 0);
    assert_eq!(raw.reply().await, "226 Directory sent.");
}

#[tokio::test]
async fn active_mode_dials_the_client_and_nobody_else() {
    let (server, mut raw) = session(Options::default()).await;
    fs::write(server.root().join("a"), "content").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let numbers = data::six_numbers(Ipv4Addr::LOCALHOST, port);
    for command in [
        format!("PORT {numbers}"),
        format!("EPRT |1|127.0.0.1|{port}|"),
    ] {
        assert_eq!(raw.code(&command).await, "200", "{command}");
        raw.send("RETR a").await;
        let (mut data, _) = listener.accept().await.unwrap();
        let mut text = String::new();
        data.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "content");
        assert!(raw.reply().await.starts_with("150 "));
        assert_eq!(raw.reply().await, "226 Transfer complete.");
    }
    for (command, code) in [
        ("PORT 127,0,0,2,200,0", "500"),
        ("PORT 127,0,0,1,0,22", "500"),
        ("EPRT |1|192.0.2.1|50000|", "500"),
        ("EPRT |2|::1|50000|", "522"),
        ("EPRT |3|x|50000|", "522"),
        ("PORT 1,2,3", "501"),
        ("EPRT nonsense", "501"),
    ] {
        assert_eq!(raw.code(command).await, code, "{command}");
    }
    let (_refusal, at) = Tcp.refuse(Ipv4Addr::LOCALHOST.into()).await.unwrap();
    raw.ask(format!("EPRT |1|127.0.0.1|{}|", at.port())).await;
    assert_eq!(raw.code("RETR a").await, "425");
}

#[tokio::test]
async fn after_epsv_all_there_is_only_epsv() {
    let (_server, mut raw) = session(Options::default()).await;
    assert_eq!(raw.code("EPSV 1").await, "229");
    assert_eq!(
        raw.ask("EPSV 2").await,
        "522 Network protocol not supported, use (1)"
    );
    assert_eq!(raw.code("EPSV x").await, "501");
    assert_eq!(raw.code("EPSV ALL").await, "200");
    for command in ["PASV", "PORT 127,0,0,1,200,0", "EPRT |1|127.0.0.1|50000|"] {
        assert_eq!(raw.code(command).await, "503", "{command}");
    }
    assert_eq!(raw.code("EPSV").await, "229");
}

#[tokio::test]
async fn ipv6_has_epsv_and_eprt_and_no_pasv() {
    let server = Server::builder().bind("[::1]:0").start().await.unwrap();
    assert_eq!(
        server.url(),
        format!("ftp://[::1]:{}/", server.addr().port())
    );
    let mut raw = Raw::logged_in(&server).await;
    assert_eq!(raw.code("PASV").await, "425");
    assert_eq!(
        raw.ask("EPSV 1").await,
        "522 Network protocol not supported, use (2)"
    );
    assert_eq!(raw.code("EPRT |2|::1|50000|").await, "200");
    assert_eq!(raw.code("PORT 127,0,0,1,200,0").await, "522");
    assert_eq!(raw.listing("NLST").await, [""; 0]);
}

#[tokio::test]
async fn a_stranger_who_dials_the_data_port_gets_nothing() {
    let (server, mut raw) = session(Options::default()).await;
    fs::write(server.root().join("a"), "content").unwrap();
    let reply = raw.ask("EPSV").await;
    let port: u16 = reply.split('|').nth(3).unwrap().parse().unwrap();
    let stranger = TcpSocket::new_v4().unwrap();
    stranger.bind("127.0.0.9:0".parse().unwrap()).unwrap();
    let mut stranger = stranger
        .connect(([127, 0, 0, 1], port).into())
        .await
        .unwrap();
    let mut client = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert_eq!(raw.code("RETR a").await, "150");
    let mut text = String::new();
    client.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "content");
    assert_eq!(stranger.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_data_connection_that_does_not_come_is_given_up() {
    let options = Options {
        data_wait: Duration::from_millis(20),
        ..Options::default()
    };
    let (_server, mut raw) = session(options).await;
    raw.ask("EPSV").await;
    assert_eq!(raw.code("LIST").await, "425");
    assert_eq!(raw.code("NOOP").await, "200");
}

#[tokio::test]
async fn abor_ends_a_download_with_426_and_then_226() {
    let (server, mut raw) = session(Options {
        endless: true,
        ..Options::default()
    })
    .await;
    fs::write(server.root().join("a"), "x").unwrap();
    let mut data = raw.epsv().await;
    raw.ask("RETR a").await;
    assert_eq!(data.read_u8().await.unwrap(), b'x');
    raw.send("PWD").await;
    raw.send(b"\xff\xf4\xff\xf2ABOR").await;
    assert!(raw.reply().await.starts_with("426 "));
    assert_eq!(raw.reply().await, "226 ABOR successful.");
    // The command that came first was kept for afterwards.
    assert!(raw.reply().await.starts_with("257 "));
    drop(data);
    assert_eq!(raw.code("ABOR").await, "226");
}

#[tokio::test]
async fn abor_is_heard_by_a_server_that_never_has_to_wait_for_the_client() {
    let server = Server::builder()
        .options(Options {
            endless: true,
            ..Options::default()
        })
        .temporary_root()
        .unwrap();
    // Off this runtime, so that sending and receiving run at the same time.
    let server = tokio::task::spawn_blocking(|| server.blocking_start())
        .await
        .unwrap()
        .unwrap();
    let mut raw = Raw::logged_in(&server).await;
    fs::write(server.root().join("a"), "x").unwrap();
    let mut data = raw.epsv().await;
    raw.ask("RETR a").await;
    data.read_exact(&mut vec![0; 1 << 20]).await.unwrap();
    let data = data.into_std().unwrap();
    data.set_nonblocking(false).unwrap();
    let drain = thread::spawn(move || io::copy(&mut &data, &mut io::sink()));
    raw.send("ABOR").await;
    assert_eq!(code(&raw.reply().await), "426");
    assert_eq!(code(&raw.reply().await), "226");
    assert!(drain.join().unwrap().is_ok());
}

#[tokio::test]
async fn abor_ends_an_upload_and_a_wait_for_the_data_connection() {
    let (server, mut raw) = session(Options::default()).await;
    let mut data = raw.epsv().await;
    assert_eq!(raw.code("STOR a").await, "150");
    data.write_all(b"half").await.unwrap();
    assert_eq!(raw.code("ABOR").await, "426");
    assert_eq!(raw.reply().await, "226 ABOR successful.");
    assert!(server.root().join("a").exists());

    raw.ask("EPSV").await;
    raw.send("LIST").await;
    raw.send("ABOR").await;
    assert!(raw.reply().await.starts_with("426 "));
    assert_eq!(raw.reply().await, "226 ABOR successful.");
}

#[tokio::test]
async fn a_data_connection_the_client_breaks_is_a_426() {
    let (server, mut raw) = session(Options {
        endless: true,
        ..Options::default()
    })
    .await;
    fs::write(server.root().join("a"), "x").unwrap();
    let data = raw.epsv().await;
    raw.ask("RETR a").await;
    drop(data);
    assert!(raw.reply().await.starts_with("426 "));

    let mut data = raw.epsv().await;
    raw.ask("STOR b").await;
    data.write_all(b"half").await.unwrap();
    data.set_zero_linger().unwrap();
    drop(data);
    assert!(raw.reply().await.starts_with("426 "));
    assert_eq!(raw.code("NOOP").await, "200");
}

#[tokio::test]
async fn commands_sent_at_once_are_answered_in_order() {
    let (server, mut raw) = session(Options::default()).await;
    fs::write(server.root().join("a"), "content").unwrap();
    let mut data = raw.epsv().await;
    raw.send("RETR a\r\nEPSV\r\nPWD").await;
    let mut text = String::new();
    data.read_to_string(&mut text).await.unwrap();
    for code in ["150 ", "226 ", "229 ", "257 "] {
        assert!(raw.reply().await.starts_with(code), "{code}");
    }
}
