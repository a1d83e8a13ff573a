//! Servers that mean harm, or are broken past telling the difference: whatever they do, every call
//! ends, and what it says is true.

#[path = "common/memory.rs"]
mod memory;

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;
use wharf::{Config, DataMode, ErrorKind, Passive, Tls, from_io};

use memory::in_memory;

/// A download up to its first bytes.
const STARTED: &str = "
    login
    C: PASV
    L
    S: 227 Entering Passive Mode ({pasv}).
    C: RETR a
    D+
    S: 150 Here it comes.
    D> abc
";

fn quiet() -> Config {
    Config::new("harbour")
        .mode(DataMode::Passive(Passive::Classic))
        .stall_timeout(Duration::from_secs(30))
}

#[tokio::test(start_paused = true)]
async fn data_that_stands_still_behind_its_226_is_stopped_once_the_stall_limit_is_over() {
    let script = format!(
        "{STARTED}
        S: 226 Done, and the data connection stays open.
        D<end
        C: NOOP
        S: 200 Here.
    "
    );
    let (server, client) = in_memory(&script, &quiet()).await;
    let mut download = client.retrieve_file("a").await.unwrap();
    let mut bytes = [0; 3];
    download.read_exact(&mut bytes).await.unwrap();
    let last_byte = Instant::now();
    let error = from_io(download.read_u8().await.unwrap_err());
    assert_eq!(last_byte.elapsed().as_secs(), 30);
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let told = error.to_string();
    assert!(told.contains("confirmed"), "{told}");
    client.noop().await.unwrap();
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn the_stall_limit_is_counted_from_the_last_byte_whenever_that_came() {
    for pause in [1, 7, 29, 45] {
        let script = format!(
            "{STARTED}
            gate late
            D> d
            D<end
            S: 426 Aborted.
            C: PWD
            S: 257 \"/\"
        "
        );
        let config = quiet().hold_timeout(Duration::from_hours(1));
        let (server, client) = in_memory(&script, &config).await;
        let mut download = client.retrieve_file("a").await.unwrap();
        download.read_exact(&mut [0; 3]).await.unwrap();
        tokio::time::sleep(Duration::from_secs(pause)).await;
        server.open("late");
        download.read_u8().await.unwrap();
        let last_byte = Instant::now();
        let error = from_io(download.read_u8().await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(last_byte.elapsed().as_secs(), 30, "{pause}");
        client.stop();
        server.finished().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_has_nothing_to_write_hears_of_its_end() {
    for (end, kind, code) in [
        ("S: 552 Full.\nD<end", ErrorKind::CommandFailed, Some(552)),
        ("D.\nS: 426 Cut.", ErrorKind::CommandFailed, Some(426)),
        ("D!\nS: 426 Broken.", ErrorKind::CommandFailed, Some(426)),
        ("S: 226 Done.\nD<end", ErrorKind::Truncated, Some(226)),
        ("reset", ErrorKind::ConnectionLost, None),
        ("D<end\nS: 226 Done.", ErrorKind::Timeout, None),
    ] {
        let script = format!(
            "login\nC: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: STOR a\nD+\nS: 150 Go.\nD< abc\n{end}"
        );
        let (server, client) = in_memory(&script, &quiet()).await;
        let mut upload = client.store_file("a").await.unwrap();
        upload.write_all(b"abc").await.unwrap();
        let error = upload.failed().await;
        let found = (error.root().kind(), error.code().map(wharf::Code::get));
        assert_eq!(found, (kind, code), "{end}: {error}");
        server.finished().await;
    }
}

#[tokio::test]
async fn a_size_that_is_none_is_not_made_up() {
    for (reply, size) in [
        ("213 1024", Some(1024)),
        ("213   1024  ", Some(1024)),
        ("213 The file has 1024 bytes.", Some(1024)),
        ("213 18446744073709551615", Some(u64::MAX)),
        ("213 18446744073709551616", None),
        ("213 -1", None),
        ("213 1,024", None),
        ("213 1.024", None),
        ("213 unknown", None),
        ("213", None),
    ] {
        let script = format!("login\nC: SIZE a\nS: {reply}");
        let (server, client) = in_memory(&script, &quiet()).await;
        let found = client.size("a").await;
        assert_eq!(found.as_ref().ok(), size.as_ref(), "{reply}");
        if let Err(error) = found {
            assert_eq!(error.kind(), ErrorKind::BadResponse, "{reply}");
        }
        server.finished().await;
    }
}

#[tokio::test]
async fn a_password_that_the_server_repeats_is_not_shown() {
    let script = "
        S: 220 ready
        C: USER ship
        S: 331 go on
        C: PASS hunter2
        S: hunter2 came
        S: 530-hunter2?
        S: hunter2 it is not.
        S: 530 No hunter2 here.
        eof
    ";
    let config = Config::new("harbour")
        .login("ship", "hunter2")
        .tls(Tls::Off);
    let (server, client) = in_memory(script, &config).await;
    let error = client.logged_in().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Login);
    let lines: Vec<String> = error.reply().unwrap().lines_lossy().collect();
    assert_eq!(lines, ["530-…?", "… it is not.", "530 No … here."]);
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    drop(client);
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn a_user_who_takes_their_time_is_not_taken_for_a_server_that_stalls() {
    let script = format!(
        "{STARTED}
        gate read
        D> def
        D.
        D<eof
        S: 226 Done.
    "
    );
    let (server, client) = in_memory(&script, &quiet().hold_timeout(Duration::MAX)).await;
    let mut download = client.retrieve_file("a").await.unwrap();
    let mut bytes = [0; 3];
    download.read_exact(&mut bytes).await.unwrap();
    // An hour of the stopped clock, in which the driver looks again and again.
    tokio::time::sleep(Duration::from_hours(1)).await;
    server.open("read");
    let mut rest = Vec::new();
    download.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"def");
    server.finished().await;
}
