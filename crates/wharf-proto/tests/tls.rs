//! What a session with TLS says of itself and of its server, beside what the transcripts show.

use std::error::Error as _;
use std::time::Duration;

use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{
    Credentials, DataAction, DataEvent, DataMode, Direction, Op, OpId, Passive, Transfer,
};
use wharf_proto::server::Server;
use wharf_proto::session::{Security, SessionConfig, TlsAction};

use common::{Bench, command};

mod common;

fn config(security: Security) -> SessionConfig {
    let mut config = SessionConfig::default();
    config.security = security;
    config.login = Some(Credentials::new(b"ship", Some(&"harbor".into())).expect("plain words"));
    config
}

/// A session that has gone through AUTH and stands behind its handshake.
fn secured(config: SessionConfig) -> Bench {
    let mut bench = Bench::with(config);
    bench.say("220 localhost FTP server (GNU inetutils 2.4) ready.");
    bench.say("234 go ahead");
    bench.change_over();
    bench
}

/// A session that is logged in, and a download from an offset whose REST is not answered yet.
fn downloading() -> (Bench, OpId) {
    let mut bench = secured(config(Security::Explicit));
    bench.say("331 password\n230 in\n200 buffer\n200 private\n200 I");
    let mode = DataMode::Passive(Passive::Classic);
    let download = Transfer::new(Direction::Download, mode, command("RETR a")).from_offset(3);
    let id = bench.submit(Op::Transfer(Box::new(download)));
    bench.say("227 Entering Passive Mode (127,0,0,1,200,1).");
    bench.data(id, DataEvent::Connected);
    assert!(!bench.actions.contains(&DataAction::Secure), "too early");
    (bench, id)
}

#[test]
fn a_data_connection_is_encrypted_once_its_command_is_sent() {
    let (mut bench, _) = downloading();
    bench.say("350 3");
    assert_eq!(bench.actions.last(), Some(&DataAction::Secure));
}

#[test]
fn a_data_connection_is_not_encrypted_for_a_command_that_a_goodbye_overtakes() {
    let (mut bench, _) = downloading();
    bench.say("350 3\n421 bye");
    assert!(!bench.actions.contains(&DataAction::Secure));
    assert_eq!(bench.actions.last(), Some(&DataAction::Release));
}

#[test]
fn a_report_of_a_handshake_that_was_not_asked_for_is_none() {
    let (mut bench, id) = downloading();
    bench.data(id, DataEvent::Secured { resumed: true });
    bench.say("350 3");
    assert_eq!(bench.actions.last(), Some(&DataAction::Secure));
}

#[test]
fn a_handshake_that_takes_too_long_is_called_by_its_name() {
    let (mut bench, _) = downloading();
    bench.say("350 3\n150 a");
    bench.wait(Duration::from_secs(30));
    let (_, result) = bench.results.last().expect("a result");
    let error = result.as_ref().expect_err("a time-out");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("handshake"), "{error}");
}

#[test]
fn a_broken_handshake_is_the_reason_of_a_refused_connection_and_not_of_a_refused_file() {
    for (refusal, explained) in [("550 no a", false), ("425 cannot open", true)] {
        let (mut bench, id) = downloading();
        bench.say("350 3\n150 a");
        let broke = Error::new(ErrorKind::Tls, "the connection broke");
        bench.data(id, DataEvent::Failed(broke));
        bench.say(refusal);
        let (_, result) = bench.results.last().expect("a result");
        let error = result.as_ref().expect_err("a refusal");
        assert_eq!(error.source().is_some(), explained, "{error}");
    }
}

#[test]
fn a_session_is_secure_from_the_handshake_s_end_to_the_reply_to_ccc() {
    let mut config = config(Security::Explicit);
    config.clear_command_channel = true;
    let mut bench = Bench::with(config);
    bench.say("220 ready");
    assert!(!bench.session.is_secure());
    bench.say("234 go ahead");
    assert_eq!(bench.tls, [TlsAction::Start]);
    assert!(!bench.session.is_secure(), "nothing was shaken yet");
    bench.change_over();
    assert!(bench.session.is_secure());
    bench.say("331 password\n230 in\n200 buffer\n200 private");
    assert!(bench.session.is_secure());
    bench.say("200 clear");
    assert_eq!(bench.tls, [TlsAction::Stop]);
    assert!(!bench.session.is_secure(), "the next byte may be clear");
    bench.change_over();
    assert!(!bench.session.is_secure());
    bench.say("200 I");
    assert_eq!(bench.told(), ["in"]);
}

#[test]
fn no_handshake_is_asked_for_where_the_234_was_tampered_with() {
    let mut bench = Bench::with(config(Security::Explicit));
    bench.say("220 ready");
    bench.say("234 go ahead\n331 password");
    assert!(bench.tls.is_empty());
    assert_eq!(bench.told(), ["Tls"]);
    assert_eq!(bench.closed.expect("an end").kind(), ErrorKind::Tls);
}

#[test]
fn a_report_that_nobody_waits_for_changes_nothing() {
    let mut bench = Bench::new(1);
    let id = bench.call("NOOP");
    for result in [Ok(()), Err(Error::new(ErrorKind::Tls, "broke"))] {
        bench.session.handle_tls(result, bench.now);
    }
    assert!(!bench.session.is_secure());
    bench.say("200 ok");
    assert_eq!(bench.order(), [id]);
    assert!(bench.closed.is_none());
}

#[test]
fn a_server_is_known_by_what_it_says_behind_the_handshake() {
    let mut bench = secured(config(Security::Explicit));
    assert_eq!(bench.session.server(), Server::Unknown);
    bench.say("331 password\n230 in\n200 PBSZ set to 0.\n200 PROT now Private.\n200 I");
    assert_eq!(bench.session.server(), Server::VsFtpd);
    assert!(bench.session.quirks().keeps_order);
    assert!(bench.session.greeting().is_none(), "it may be anybody's");
    assert_eq!(bench.greetings, 0);
}

#[test]
fn a_greeting_behind_tls_is_the_server_s_and_no_later_word_changes_that() {
    let mut bench = Bench::with(config(Security::Implicit));
    bench.change_over();
    bench.say("220 ProFTPD Server (lab) [127.0.0.1]");
    bench.say("331 password\n230 in\n200 PBSZ set to 0.\n200 PROT now Private.\n200 I");
    assert_eq!(bench.session.server(), Server::ProFtpd);
    assert!(bench.session.greeting().is_some());
    assert_eq!(bench.greetings, 1);
}

#[test]
fn a_refusal_of_tls_says_what_it_means_in_the_server_s_words() {
    let mut bench = Bench::with(config(Security::Explicit));
    bench.say("220 ready");
    bench.say("530 Please log in first.");
    let error = bench.closed.expect("an end");
    assert_eq!(
        error.to_string(),
        "`AUTH TLS` was refused, so the session cannot be encrypted: 530 Please log in first."
    );
    assert!(error.advice().is_some());
}

#[test]
fn a_password_that_stays_here_says_why_there_is_no_tls() {
    let mut bench = Bench::with(config(Security::IfOffered));
    bench.say("220 ready");
    bench.say("530 No TLS today.");
    let error = bench.closed.expect("an end");
    assert_eq!(
        error.to_string(),
        "`PASS …`: would have gone out in clear text, and nothing was sent"
    );
    let reason = error.source().expect("a reason").to_string();
    assert!(reason.contains("530 No TLS today."), "{reason}");
    assert_eq!(bench.greetings, 1, "this one is all there is");
}
