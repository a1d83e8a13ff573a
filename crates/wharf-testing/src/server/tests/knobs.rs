//! Each of the options.

use std::fs;

use tokio::io::AsyncReadExt;

use super::*;

#[tokio::test]
async fn a_greeting_may_have_several_lines() {
    let server = server(Options {
        greeting: "one\ntwo".to_owned(),
        ..Options::default()
    })
    .await;
    assert_eq!(Raw::greeted(&server).await.1, "220-one\n220 two");
}

#[tokio::test]
async fn a_verb_the_server_lacks_is_unknown_and_not_a_feature() {
    let options = Options {
        without: vec!["EPSV", "MLSD", "SIZE", "AUTH"],
        ..Options::default()
    };
    let (server, mut raw) = session(options).await;
    assert_eq!(raw.ask("EPSV").await, "500 EPSV not understood.");
    assert_eq!(raw.code("AUTH TLS").await, "500");
    let feat = raw.ask("FEAT").await;
    assert!(
        !feat.contains("EPSV") && !feat.contains("MLST") && !feat.contains("SIZE"),
        "{feat}"
    );
    assert!(feat.contains("MDTM"));
    server.set_options(Options {
        without: vec!["FEAT"],
        ..Options::default()
    });
    assert_eq!(raw.ask("FEAT").await, "500 FEAT not understood.");
    assert_eq!(raw.code("EPSV").await, "229");
}

#[tokio::test]
async fn an_answer_stands_in_for_a_command() {
    let (server, mut raw) = session(Options {
        answers: vec![
            ("DELE", "450-Busy\n450 later".to_owned()),
            ("NOOP", "421 Bye".to_owned()),
        ],
        ..Options::default()
    })
    .await;
    fs::write(server.root().join("a"), "x").unwrap();
    assert_eq!(raw.ask("DELE a").await, "450-Busy\n450 later");
    assert!(server.root().join("a").exists());
    assert_eq!(raw.ask("NOOP").await, "421 Bye");
    assert_eq!(raw.reply().await, "");
}

#[tokio::test]
async fn pasv_may_show_an_address_that_is_not_the_servers() {
    let options = Options {
        pasv_host: Some([192, 0, 2, 7].into()),
        ..Options::default()
    };
    let (_server, mut raw) = session(options).await;
    let reply = raw.ask("PASV").await;
    assert!(
        reply.starts_with("227 Entering Passive Mode (192,0,2,7,"),
        "{reply}"
    );
}

#[tokio::test]
async fn a_read_only_server_changes_nothing() {
    let (server, mut raw) = session(Options {
        read_only: true,
        ..Options::default()
    })
    .await;
    fs::write(server.root().join("a"), "x").unwrap();
    raw.ask("EPSV").await;
    for command in [
        "STOR b",
        "APPE a",
        "STOU",
        "DELE a",
        "MKD d",
        "RMD d",
        "RNFR a",
        "MFMT 20200102030405 a",
        "SITE CHMOD 0 a",
        "SITE UTIME 20200102030405 a",
    ] {
        assert_eq!(raw.code(command).await, "550", "{command}");
    }
    assert_eq!(raw.download("RETR a").await.0, b"x");
}

#[tokio::test]
async fn an_upload_beyond_the_quota_ends_in_552() {
    let (server, mut raw) = session(Options {
        quota: Some(10),
        ..Options::default()
    })
    .await;
    assert_eq!(
        raw.upload("STOR a", b"sixsix").await,
        "226 Transfer complete."
    );
    assert_eq!(
        raw.upload("STOR b", b"sixsix").await,
        "552 Exceeded storage allocation."
    );
    assert_eq!(fs::read(server.root().join("b")).unwrap(), b"sixs");
}

#[tokio::test]
async fn interrupted_downloads_end_as_they_were_told() {
    let (server, mut raw) = session(Options::default()).await;
    fs::write(server.root().join("a"), "0123456789").unwrap();
    let set = |interrupt| {
        server.set_options(Options {
            interrupt: Some(interrupt),
            ..Options::default()
        });
    };

    set(Interrupt::announced(4));
    let (bytes, reply) = raw.download("RETR a").await;
    assert_eq!(
        (bytes.as_slice(), code(&reply)),
        (b"0123".as_slice(), "426")
    );

    set(Interrupt::truncated(4));
    let (bytes, reply) = raw.download("RETR a").await;
    assert_eq!(
        (bytes.as_slice(), code(&reply)),
        (b"0123".as_slice(), "226")
    );

    set(Interrupt::truncated(11));
    assert_eq!(raw.download("RETR a").await.0, b"0123456789");

    set(Interrupt::reset(4));
    let mut data = raw.epsv().await;
    raw.ask("RETR a").await;
    let error = data.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(code(&raw.reply().await), "426");

    set(Interrupt::stalled(4));
    let mut data = raw.epsv().await;
    raw.ask("RETR a").await;
    data.read_exact(&mut [0; 4]).await.unwrap();
    assert_eq!(raw.code("ABOR").await, "426");
    assert_eq!(code(&raw.reply().await), "226");
    assert_eq!(data.read(&mut [0; 1]).await.unwrap(), 0);

    set(Interrupt::vanished(4));
    let mut data = raw.epsv().await;
    raw.ask("RETR a").await;
    let mut bytes = Vec::new();
    data.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, b"0123");
    assert_eq!(raw.reply().await, "");
}

#[tokio::test]
async fn interrupted_uploads_keep_what_came_before() {
    for (interrupt, expected) in [
        (Interrupt::announced(4), "426"),
        (Interrupt::truncated(4), "226"),
    ] {
        let options = Options {
            interrupt: Some(interrupt),
            ..Options::default()
        };
        let (server, mut raw) = session(options).await;
        let reply = raw.upload("STOR a", b"0123").await;
        assert_eq!(code(&reply), expected);
        assert_eq!(fs::read(server.root().join("a")).unwrap(), b"0123");
    }
}

#[tokio::test]
async fn a_silent_client_is_sent_away() {
    let options = Options {
        idle: Some(Duration::from_millis(20)),
        ..Options::default()
    };
    let server = server(options).await;
    let (mut raw, _) = Raw::greeted(&server).await;
    assert_eq!(raw.reply().await, "421 Timeout.");
    assert_eq!(raw.reply().await, "");
}

#[tokio::test]
async fn a_session_ends_behind_its_last_command() {
    let server = server(Options {
        goodbye_after: Some(2),
        ..Options::default()
    })
    .await;
    let (mut raw, _) = Raw::greeted(&server).await;
    raw.send("NOOP\r\n".repeat(10_000)).await;
    assert_eq!(code(&raw.reply().await), "200");
    assert_eq!(code(&raw.reply().await), "200");
    assert_eq!(code(&raw.reply().await), "421");
    assert_eq!(raw.reply().await, "");
    // Input the server has not answered does not make its close a reset, which some systems
    // let overtake the 421: even now the connection takes what is sent.
    raw.send("NOOP").await;
}

#[tokio::test]
async fn one_client_too_many_is_told_so() {
    let server = server(Options {
        max_clients: Some(1),
        ..Options::default()
    })
    .await;
    let (mut first, _) = Raw::greeted(&server).await;
    let (mut second, greeting) = Raw::greeted(&server).await;
    assert_eq!(greeting, "421 Too many clients, try again later.");
    assert_eq!(second.reply().await, "");
    assert_eq!(first.code("NOOP").await, "200");
    assert_eq!(server.connections(), 2);
}

#[tokio::test(start_paused = true)]
async fn latency_delays_each_reply() {
    let latency = Duration::from_hours(1);
    let server = server(Options {
        latency,
        ..Options::default()
    })
    .await;
    let start = tokio::time::Instant::now();
    let (mut raw, _) = Raw::greeted(&server).await;
    raw.ask("NOOP").await;
    assert!(start.elapsed() >= 2 * latency);
}
