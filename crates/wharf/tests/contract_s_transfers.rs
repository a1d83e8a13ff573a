//! The contract's server tests that drive a client through transfers: S8 and S9.

mod common;
#[path = "common/data.rs"]
mod data;
#[path = "common/listing.rs"]
mod listing;

use std::ffi::OsStr;
use std::net::{IpAddr, Ipv6Addr};
use std::os::unix::ffi::OsStrExt;

use wharf::{Client, Config, DataMode, ErrorKind, Parsed, Passive, Tls};
use wharf_testing::net::Tcp;
use wharf_testing::script::Script;
use wharf_testing::server::{Options, Server};

use common::{config, farewell, lines, session};
use data::{received, stored};

/// Every way to a data connection: where the server listens, the mode, and the command it begins
/// with.
const WAYS: [(&str, DataMode, &str); 5] = [
    ("127.0.0.1", DataMode::Passive(Passive::Classic), "PASV"),
    ("127.0.0.1", DataMode::Passive(Passive::Extended), "EPSV"),
    ("127.0.0.1", DataMode::Active, "PORT 127,0,0,1,"),
    ("::1", DataMode::Passive(Passive::Extended), "EPSV"),
    ("::1", DataMode::Active, "EPRT |2|::1|"),
];

/// A server at this address with these files, and a client that makes its data connections so.
async fn serving(host: &str, mode: DataMode, files: &[&[u8]]) -> (Server, Client) {
    let bind = match host.parse().expect("an address") {
        IpAddr::V4(ip) => format!("{ip}:0"),
        IpAddr::V6(ip) => format!("[{ip}]:0"),
    };
    let server = Server::builder()
        .bind(bind)
        .start()
        .await
        .expect("a server");
    for name in files {
        let path = server.root().join(OsStr::from_bytes(name));
        std::fs::write(path, "").expect("a file");
    }
    let config = Config::new(host).port(server.addr().port()).mode(mode);
    (server, config.connect().await.expect("an anonymous login"))
}

/// The data connections were asked for in this way, so many times, and in no other.
fn assert_asked_for(server: &Server, way: &str, times: usize) {
    let commands = server.commands();
    let asked: Vec<&String> = commands
        .iter()
        .filter(|line| {
            ["PASV", "EPSV", "PORT", "EPRT"]
                .iter()
                .any(|verb| line.starts_with(verb))
        })
        .collect();
    assert_eq!(asked.len(), times, "{commands:?}");
    assert!(asked.iter().all(|line| line.starts_with(way)), "{asked:?}");
}

#[tokio::test]
async fn s8_an_empty_directory_is_an_empty_listing_in_every_mode() {
    for (host, mode, way) in WAYS {
        let (server, client) = serving(host, mode, &[]).await;
        let list = listing::list(&client, "").await.unwrap();
        assert_eq!(list.raw().await.unwrap(), "", "{way}");
        let names = client.nlst("").await.unwrap();
        assert_eq!(names.raw().await.unwrap(), "", "{way}");
        assert_asked_for(&server, way, 2);
    }
}

#[tokio::test]
async fn s8_a_listing_has_an_entry_for_each_file_in_every_mode() {
    for (host, mode, way) in WAYS {
        let (server, client) = serving(host, mode, &[b"bar", b"foo"]).await;
        let mut listing = listing::list(&client, "").await.unwrap();
        let mut names = Vec::new();
        while let Some(parsed) = listing.next_entry().await {
            match parsed.unwrap() {
                Parsed::Entry(entry) => names.push(entry.name_lossy().into_owned()),
                Parsed::Unknown(line) => panic!("{way}: {line:?}"),
            }
        }
        assert_eq!(names, ["bar", "foo"], "{way}");
        assert_asked_for(&server, way, 1);
    }
}

#[tokio::test]
async fn s8_names_come_byte_for_byte_in_every_mode() {
    // UTF-8, Latin-1, and what is neither.
    let files: [&[u8]; 3] = [b"caf\xe9", "m\u{e4}rz \u{2603}".as_bytes(), b"\xff\xfe"];
    for (host, mode, way) in WAYS {
        let (server, client) = serving(host, mode, &files).await;
        let raw = client.nlst("").await.unwrap().raw().await.unwrap();
        let expected = [files[0], b"\r\n", files[1], b"\r\n", files[2], b"\r\n"].concat();
        assert_eq!(raw, expected, "{way}");

        let raw = listing::list(&client, "")
            .await
            .unwrap()
            .raw()
            .await
            .unwrap();
        let rows: Vec<&[u8]> = raw.split(|byte| *byte == b'\n').collect();
        assert_eq!(rows.len(), 4, "three lines, and nothing behind the last");
        for (row, name) in rows.iter().zip(files) {
            assert!(row.ends_with(&[name, b"\r"].concat()), "{way}: {row:?}");
        }
        assert_asked_for(&server, way, 2);
    }
}

#[tokio::test]
async fn s8_a_name_from_a_listing_can_be_given_back_as_it_came() {
    let (server, client) = serving("127.0.0.1", DataMode::Active, &[b"caf\xe9", b"\xff"]).await;
    for name in client.nlst("").await.unwrap().lines().await.unwrap() {
        client.remove_file(name).await.unwrap();
    }
    assert_eq!(std::fs::read_dir(server.root()).unwrap().count(), 0);
}

#[tokio::test]
async fn s8_a_listing_comes_over_a_v4_mapped_address_as_over_ipv4() {
    // A socket for both families shows an IPv4 peer as ::ffff:127.0.0.1. PASV and PORT are for such a
    // connection as for any other over IPv4.
    let names = "
        S: 150 Names.
        D> foo
        D.
        S: 226 Done.";
    let script = format!(
        "
        login
        C: PASV
        L 127.0.0.1
        S: 227 Entering Passive Mode ({{pasv}}).
        C: NLST
        D+
        {names}
        C: EPSV
        L 127.0.0.1
        S: 229 Entering Extended Passive Mode (|||{{epsv}}|)
        C: NLST
        D+
        {names}
        C: PORT {{port}}
        S: 200 OK
        C: NLST
        D+ from 127.0.0.1
        {names}
        C: QUIT
        S: 221 Goodbye.
        eof"
    );
    let mapped = Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0x7f00, 1);
    let server = Script::new(&*script).play_on(&Tcp, mapped.into()).await;
    let client = config(&server).connect().await.unwrap();
    for mode in [
        DataMode::Passive(Passive::Classic),
        DataMode::Passive(Passive::Extended),
        DataMode::Active,
    ] {
        client.set_mode(mode);
        let names = client.nlst("").await.unwrap().lines().await.unwrap();
        assert_eq!(names, ["foo"], "{mode:?}");
    }
    farewell(server, client).await;
}

#[tokio::test]
async fn s8_flags_and_patterns_go_out_as_they_are() {
    let (server, client) = session(
        r"
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: LIST -aL
        D+
        S: 150 Here it comes.
        D> -rw-r--r--   1 root     other        531 Jan 29 03:26 .hidden\r\n
        D.
        S: 226 Done.
        C: PASV
        L2
        S: 227 Entering Passive Mode ({pasv2}).
        C: NLST *.txt
        D2+
        S: 150 Here it comes.
        D2> a.txt\r\nb.txt\r\n
        D2.
        S: 226 Done.",
    )
    .await;
    let mut listing = listing::list(&client, "-aL").await.unwrap();
    let Some(Ok(Parsed::Entry(entry))) = listing.next_entry().await else {
        panic!("no entry");
    };
    assert_eq!(entry.name(), b".hidden");
    assert!(listing.next_entry().await.is_none());
    let names = client.nlst("*.txt").await.unwrap();
    assert_eq!(names.lines().await.unwrap(), ["a.txt", "b.txt"]);
    farewell(server, client).await;
}

#[tokio::test]
async fn s8_the_names_of_what_does_not_exist_may_be_an_empty_success() {
    let (server, client) = session(
        "
        C: PASV
        L
        S: 227 Entering Passive Mode ({pasv}).
        C: NLST missing
        D+
        S: 150 Here it comes.
        D.
        S: 226 Done.
        # The original's server says no 1yz here, for it has nothing to send.
        C: PASV
        L2
        S: 227 Entering Passive Mode ({pasv2}).
        C: NLST missing
        D2+
        D2.
        S: 226 Done.",
    )
    .await;
    for _ in 0..2 {
        let names = client.nlst("missing").await.unwrap();
        assert!(names.lines().await.unwrap().is_empty());
    }
    farewell(server, client).await;
}

#[tokio::test]
async fn s9_many_large_files_come_one_after_the_other_over_one_control_connection() {
    for (host, mode, way) in WAYS {
        let (server, client) = serving(host, mode, &[]).await;
        let content = |number: usize| -> Vec<u8> {
            let bytes = (0_u8..=250).cycle().skip(number);
            bytes.take(100_000 + number * 500).collect()
        };
        for number in 0..=20 {
            let path = server.root().join(number.to_string());
            std::fs::write(path, content(number)).unwrap();
        }
        // All are called for at once; each is read when its turn comes.
        let queued: Vec<_> = (0..=20)
            .map(|number| client.retrieve_file(number.to_string()))
            .collect();
        for (number, download) in queued.into_iter().enumerate() {
            let (bytes, end) = received(download.await.unwrap()).await;
            end.unwrap();
            assert!(bytes == content(number), "{way}: file {number} differs");
        }
        assert_eq!(server.connections(), 1);
        assert_asked_for(&server, way, 21);
    }
}

#[tokio::test]
async fn s9_many_large_files_go_one_after_the_other_over_one_control_connection() {
    let server = Server::builder()
        .user("ship", "harbor")
        .start()
        .await
        .unwrap();
    let config = Config::new("127.0.0.1").port(server.addr().port());
    let config = config.login("ship", "harbor").tls(Tls::Off);
    let client = config.connect().await.unwrap();
    let content = vec![7; 110_000];
    for number in 0..20 {
        let upload = client.store_file(number.to_string());
        stored(upload, &content).await.unwrap();
        let path = server.root().join(number.to_string());
        assert!(std::fs::read(path).unwrap() == content, "file {number}");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn s9_a_directory_is_no_file_to_retrieve() {
    for (host, mode, way) in WAYS {
        let (server, client) = serving(host, mode, &[]).await;
        std::fs::create_dir(server.root().join("hold")).unwrap();
        let error = client.retrieve_file("hold").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommandFailed, "{way}");
        assert_eq!(error.code().unwrap(), 550, "{way}");
        // The session, and the next transfer, are none the worse for it.
        let names = client.nlst("").await.unwrap().lines().await.unwrap();
        assert_eq!(names, ["hold"], "{way}");
        assert_asked_for(&server, way, 2);
    }
}

#[tokio::test]
async fn s9_a_port_that_the_server_cannot_reach_fails_its_transfer_and_nothing_else() {
    for (host, command) in [("127.0.0.1", "PORT {port}"), ("::1", "EPRT {eprt}")] {
        let script = format!(
            "
            login
            C: {command}
            S: 200 OK
            C: RETR foo
            S: 425 Can't open data connection.
            C: PWD
            # Whoever comes too late finds nobody there.
            D+ refused
            S: 257 \"/\"
            C: QUIT
            S: 221 Goodbye.
            eof"
        );
        let ip = host.parse().unwrap();
        let server = Script::new(&*script).play_on(&Tcp, ip).await;
        let client = config(&server)
            .mode(DataMode::Active)
            .connect()
            .await
            .unwrap();
        let error = client.retrieve_file("foo").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommandFailed);
        assert_eq!(
            lines(error.reply().unwrap()),
            ["425 Can't open data connection."]
        );
        assert!(error.is_transient());
        assert_eq!(client.get_directory().await.unwrap(), "/");
        farewell(server, client).await;
    }
}

#[tokio::test]
async fn s9_one_client_too_many_is_turned_away_with_the_server_s_words() {
    let options = Options {
        max_clients: Some(1),
        ..Options::default()
    };
    let server = Server::builder().options(options).start().await.unwrap();
    let first = Client::connect(&server.url()).await.unwrap();
    let error = Client::connect(&server.url()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert_eq!(error.code().unwrap(), 421);
    assert!(error.is_transient());
    let second = server.log().into_iter().filter(|line| line.connection == 2);
    assert_eq!(
        second.map(|line| line.text).collect::<Vec<_>>(),
        ["421 Too many clients, try again later."],
        "not even a name was sent"
    );
    first.noop().await.unwrap();
}

#[tokio::test]
async fn s9_what_waits_for_a_login_that_is_turned_away_learns_why() {
    let server = Script::new("S: 421 Too many users right now, try again later.\nclose\neof")
        .play()
        .await;
    let error = config(&server).connect().await.unwrap_err();
    assert_eq!(
        lines(error.reply().unwrap()),
        ["421 Too many users right now, try again later."]
    );
    server.finished().await;
}
