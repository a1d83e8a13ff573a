//! Whatever a server sends: no panic, no endless talk, no more memory than the limits allow, and one
//! result for every operation.

use std::time::Instant;

use proptest::prelude::*;
use proptest::test_runner::Config;
use wharf_proto::command::Command;
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{
    Credentials, DataAction, DataEvent, DataMode, Direction, Event, Op, OpId, Rename, Simple,
    Transfer,
};
use wharf_proto::session::{Output, Security, Session, SessionConfig};

/// A session with work to do, obeyed in everything, whose data connections always stand.
struct Victim {
    session: Session,
    now: Instant,
    deadline: Option<Instant>,
    results: Vec<OpId>,
    closed: Option<ErrorKind>,
}

/// How many operations a [`Victim`] has, its login included.
const WORK: usize = 6;

/// More than a reply of 256 KiB, shown byte by byte, in the decoder and in the ledger; far less than
/// the megabytes that a server without end would have sent.
const MEMORY: usize = 1024 * 1024;

impl Victim {
    fn new(security: Security) -> Self {
        let mut config = SessionConfig::default();
        let login = Credentials::new(b"u", Some(&"p".into()));
        config.login = Some(login.expect("plain words"));
        config.plaintext_secrets = true;
        config.security = security;
        #[expect(
            clippy::disallowed_methods,
            reason = "an instant to count from; the clock is not looked at again"
        )]
        let now = Instant::now();
        let mut victim = Self {
            session: Session::new(config, now),
            now,
            deadline: None,
            results: Vec::new(),
            closed: None,
        };
        let transfer = |direction, mode, line| {
            Op::Transfer(Box::new(Transfer::new(direction, mode, command(line))))
        };
        let ops = [
            Op::Simple(Simple::new(command("NOOP"))),
            transfer(Direction::Download, DataMode::default(), "RETR a"),
            Op::Rename(Rename::new(command("RNFR a"), command("RNTO b"))),
            transfer(Direction::Upload, DataMode::Active, "STOR a"),
            Op::Simple(Simple::new(command("NOOP"))),
        ];
        for (n, op) in (1..).zip(ops) {
            victim.session.submit(OpId::new(n), op, now);
        }
        victim.obey();
        victim
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.session.handle_input(bytes, self.now);
        let said = self.obey();
        // One line of trace, one result and a few commands for each line; a line has a byte at least.
        let bound = 8 * bytes.len() + 8 * WORK;
        assert!(said <= bound, "{said} outputs for {} bytes", bytes.len());
    }

    /// Does what the session says, and counts it.
    fn obey(&mut self) -> usize {
        for said in 0..100_000 {
            match self.session.poll_output() {
                Output::Wait(deadline) => {
                    self.deadline = deadline;
                    return said;
                }
                Output::Event(id, Event::Finished(_)) => self.results.push(id),
                Output::Data(id, DataAction::Dial(_)) => {
                    self.session.handle_data(id, DataEvent::Connected, self.now);
                }
                Output::Data(id, DataAction::Listen) => {
                    let address = "127.0.0.1:50000".parse().expect("an address");
                    let listening = DataEvent::Listening(address);
                    self.session.handle_data(id, listening, self.now);
                    self.session.handle_data(id, DataEvent::Connected, self.now);
                }
                Output::Data(id, DataAction::Secure) => {
                    let secured = DataEvent::Secured { resumed: true };
                    self.session.handle_data(id, secured, self.now);
                }
                Output::Tls(_) => self.session.handle_tls(Ok(()), self.now),
                Output::Closed(cause) => self.closed = Some(cause.kind()),
                _ => {}
            }
        }
        panic!("the session talks without end");
    }

    /// Lets every deadline come, then ends the connection, and counts the results.
    fn bury(mut self) {
        for _ in 0..100 {
            let Some(deadline) = self.deadline else { break };
            self.now = self.now.max(deadline);
            self.session.handle_timeout(self.now);
            self.obey();
        }
        assert_eq!(self.deadline, None, "the clock moves nothing");
        self.session.handle_eof(None);
        self.obey();
        self.results.sort();
        let everyone: Vec<OpId> = (0..WORK as u64).map(OpId::new).collect();
        assert_eq!(self.results, everyone);
    }
}

fn command(line: &str) -> Command {
    Command::raw(line).expect("plain words")
}

fn security() -> impl Strategy<Value = Security> {
    prop_oneof![
        Just(Security::Off),
        Just(Security::Explicit),
        Just(Security::IfOffered),
        Just(Security::Implicit),
    ]
}

/// What lets a victim in.
fn welcome(security: Security) -> &'static [&'static [u8]] {
    match security {
        Security::Explicit | Security::IfOffered => &[
            b"220 hi\r\n234 TLS\r\n",
            b"230 in\r\n200 buffer\r\n200 level\r\n200 I\r\n",
        ],
        Security::Implicit => &[b"220 hi\r\n230 in\r\n200 buffer\r\n200 level\r\n200 I\r\n"],
        _ => &[b"220 hi\r\n230 in\r\n200 I\r\n"],
    }
}

/// Bytes that look like replies more often than chance would have it.
fn babble() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[0-6][0-9]{2}[ -]?[ -~]{0,12}(\r\n|\n|\r|)".prop_map(String::into_bytes),
        "(220|234|331|230|200|150|226|350|250)[ -]ok\r\n".prop_map(String::into_bytes),
        "22(7|9)[ -]?[0-9(|,)]{0,30}\r\n".prop_map(String::into_bytes),
        "227 \\([0-9]{1,3}(,[0-9]{1,3}){5}\\)\r\n".prop_map(String::into_bytes),
        "229 \\(\\|\\|\\|[0-9]{1,6}\\|\\)\r\n".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..40),
        Just(vec![b'x'; 9000]),
    ]
}

fn config() -> Config {
    let config = Config::default();
    Config {
        cases: config.cases.max(1_000),
        failure_persistence: None,
        ..config
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_bytes_cost_no_panic_no_promise_and_no_memory(
        greets in any::<bool>(),
        security in security(),
        pieces in prop::collection::vec(babble(), 0..40),
    ) {
        let mut victim = Victim::new(security);
        if greets {
            for line in welcome(security) {
                victim.hear(line);
            }
        }
        for piece in pieces {
            victim.hear(&piece);
            let held = format!("{:?}", victim.session).len();
            prop_assert!(held < MEMORY, "{} bytes are held", held);
        }
        victim.bury();
    }
}

/// Has a server say this over and over, and gives back how many bytes it took until it was hung up on.
fn flood(with: &[u8]) -> usize {
    let mut victim = Victim::new(Security::Off);
    victim.hear(b"220 hi\r\n230 in\r\n200 I\r\n");
    let mut heard = 0;
    while victim.closed.is_none() {
        victim.hear(with);
        heard += with.len();
        let held = format!("{:?}", victim.session).len();
        assert!(held < MEMORY, "{held} bytes are held after {heard}");
    }
    assert_eq!(victim.closed, Some(ErrorKind::BadResponse));
    victim.bury();
    heard
}

#[test]
fn a_line_without_end_is_hung_up_on_after_8_kib() {
    assert!(flood(&[b'x'; 1024]) <= 9 * 1024);
}

#[test]
fn a_reply_without_end_is_hung_up_on_after_256_kib() {
    let line = [&b"200-"[..], &[b'x'; 4000], b"\r\n"].concat();
    assert!(flood(&line) <= 261 * 1024);
}

#[test]
fn a_reply_of_short_lines_is_hung_up_on_after_a_thousand() {
    assert!(flood(b"200-\r\n") <= 1001 * 6);
}

#[test]
fn marks_without_end_are_hung_up_on_after_a_thousand() {
    assert!(flood(b"150 wait\r\n") <= 1001 * 10);
}

#[test]
fn long_marks_without_end_are_hung_up_on_after_256_kib() {
    let line = [&b"150 "[..], &[b'x'; 4000], b"\r\n"].concat();
    assert!(flood(&line) <= 261 * 1024);
}

#[test]
fn lines_that_are_no_reply_are_hung_up_on_after_a_hundred() {
    assert!(flood(b"hello\r\n") <= 101 * 7);
}

#[test]
fn a_session_that_has_ended_keeps_nothing_of_what_comes_then() {
    let mut victim = Victim::new(Security::Off);
    victim
        .session
        .fail(Error::new(ErrorKind::Io, "the caller's own"));
    victim.obey();
    let held = format!("{:?}", victim.session).len();
    victim.hear(&vec![b'x'; 100_000]);
    assert_eq!(format!("{:?}", victim.session).len(), held);
}
