//! A password is shown to the server it is for, and to nobody else.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

use std::io;
use std::sync::{Arc, Mutex};

use wharf::{Config, FtpUrl, Secret, Tls};
use wharf_proto::op::Credentials;
use wharf_proto::session::{Output, Session, SessionConfig};
use wharf_testing::script::Script;

/// Collects what a `tracing` subscriber writes.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const PASSWORD: &str = "swordfish";

#[tokio::test]
async fn no_secret_is_in_a_trace_an_error_or_any_debug_output() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For the whole process, whose only tracing test this is: what other threads ask for first
    // decides over an event as well.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let script = "
        S: 220 ready
        C: USER ship
        S: 331 Password?
        C: PASS swordfish
        S: 332 Account?
        C: ACCT swordfish
        S: 230 In.
        C: TYPE I
        S: 200 Binary.
        C: ACCT swordfish
        S: 500 No.
        C: PASS swordfish
        S: 500 No.
        C: SITE PSWD swordfish swordfish
        S: 500 No.
        C: USER ship
        S: 331 Password?
        C: PASS swordfish
        S: 530 No.
        C: NOOP
        close
        eof
    ";
    let server = Script::new(script).play().await;
    let secret = Secret::from(PASSWORD);
    let config = Config::new("127.0.0.1")
        .port(server.addr().port())
        .login("ship", PASSWORD)
        .account(PASSWORD)
        .tls(Tls::Off);
    let client = config.connect().await.unwrap();
    let mut shown = vec![format!("{config:?} {client:?} {secret:?} {secret}")];
    let calls = [
        client.acct(PASSWORD),
        client.command(format!("PASS {PASSWORD}")),
        client.site(&format!("PSWD {PASSWORD} {PASSWORD}")),
        client.queue_login("ship", PASSWORD),
        client.noop(),
        client.queue_login("ship", PASSWORD),
    ];
    for call in calls {
        shown.push(format!("{call:?}"));
        let error = call.await.unwrap_err();
        shown.push(format!("{error} {error:?} {:?}", error.root()));
    }
    shown.push(format!("{client:?} {:?}", client.closed().await));
    let url = FtpUrl::parse(&format!("ftp://ship:{PASSWORD}@host/")).unwrap();
    shown.push(format!("{url} {url:?} {:?}", Config::for_url(&url)));
    let shown = shown.join("\n");
    server.finished().await;

    let traced = captured.text();
    // The traces are there, and so is what stands in for the secrets.
    assert!(traced.contains("> USER ship"), "{traced}");
    assert!(
        traced.contains("> PASS …") && traced.contains("> ACCT …"),
        "{traced}"
    );
    assert!(!traced.contains(PASSWORD), "{traced}");
    assert!(shown.contains("`PASS …` refused"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
}

#[test]
fn a_session_and_what_it_wants_written_show_no_secret() {
    let password = Secret::from(PASSWORD);
    let mut config = SessionConfig::default();
    config.login = Some(Credentials::new(b"ship", Some(&password)).unwrap());
    config.plaintext_secrets = true;
    let now = std::time::Instant::now();
    let mut session = Session::new(config, now);
    session.handle_input(b"220 ready\r\n331 Password?\r\n", now);
    let mut shown = vec![format!("{session:?}")];
    let mut written = Vec::new();
    loop {
        let output = session.poll_output();
        shown.push(format!("{output:?}"));
        match output {
            Output::Transmit(bytes) => written.extend_from_slice(&bytes),
            Output::Wait(_) => break,
            _ => {}
        }
    }
    let shown = shown.join("\n");
    assert_eq!(written, b"USER ship\r\nPASS swordfish\r\n");
    assert!(shown.contains("PASS …"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
    // Bytes are shown as text by some and as numbers by others.
    assert!(!shown.contains("115, 119, 111"), "{shown}");
}
