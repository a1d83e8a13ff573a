//! A session under test: what goes in and what came out, without a socket or a clock.

use std::time::{Duration, Instant};

use wharf_proto::command::Command;
use wharf_proto::error::Error;
use wharf_proto::op::{DataAction, DataEvent, Event, Op, OpId, Outcome, Rename, Simple};
use wharf_proto::session::{Output, Session, SessionConfig, TlsAction, Trace};

/// A session that was greeted, with everything it has said so far.
pub(crate) struct Bench {
    pub(crate) session: Session,
    pub(crate) now: Instant,
    /// Lines that were written, without CRLF, since they were last looked at.
    sent: Vec<String>,
    /// The same by what the session says of itself.
    traced: Vec<String>,
    /// Every result, in the order in which they were told.
    pub(crate) results: Vec<(OpId, Result<Outcome, Error>)>,
    pub(crate) closed: Option<Error>,
    /// How the control connection is to be changed over, and was not yet.
    pub(crate) tls: Vec<TlsAction>,
    /// What was to be done about data connections.
    pub(crate) actions: Vec<DataAction>,
    /// How many greetings the session has told of.
    pub(crate) greetings: usize,
    next: u64,
}

#[expect(dead_code, reason = "each test program uses a part of it")]
impl Bench {
    /// A session with this window that waits for commands; nobody logs in.
    pub(crate) fn new(window: usize) -> Self {
        let mut config = SessionConfig::default();
        config.window = window;
        config.plaintext_secrets = true;
        let mut bench = Self::with(config);
        bench.say("220 ready");
        bench.results.clear();
        bench
    }

    /// A session with this configuration that was not greeted yet.
    pub(crate) fn with(config: SessionConfig) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "an instant to count from; the clock is not looked at again"
        )]
        let now = Instant::now();
        let mut bench = Self {
            session: Session::new(config, now),
            now,
            sent: Vec::new(),
            traced: Vec::new(),
            results: Vec::new(),
            closed: None,
            tls: Vec::new(),
            actions: Vec::new(),
            greetings: 0,
            next: 1,
        };
        bench.drain();
        bench
    }

    /// Submits an operation.
    pub(crate) fn submit(&mut self, op: Op) -> OpId {
        let id = OpId::new(self.next);
        self.next += 1;
        self.session.submit(id, op, self.now);
        self.drain();
        id
    }

    /// Submits a command, and gives back nothing but its id.
    pub(crate) fn call(&mut self, line: &str) -> OpId {
        self.submit(Op::Simple(Simple::new(command(line))))
    }

    /// Submits a rename of `a` to `b`.
    pub(crate) fn rename(&mut self) -> OpId {
        let rename = Rename::new(command("RNFR a"), command("RNTO b"));
        self.submit(Op::Rename(rename))
    }

    /// The server says these lines, in one segment.
    pub(crate) fn say(&mut self, lines: &str) {
        let bytes: String = lines.lines().flat_map(|line| [line, "\r\n"]).collect();
        self.session.handle_input(bytes.as_bytes(), self.now);
        self.drain();
    }

    /// The control connection is changed over, as the session asked.
    pub(crate) fn change_over(&mut self) {
        assert!(self.tls.pop().is_some(), "it was not to be");
        self.session.handle_tls(Ok(()), self.now);
        self.drain();
    }

    /// Something happens to an operation's data connection.
    pub(crate) fn data(&mut self, id: OpId, event: DataEvent) {
        self.session.handle_data(id, event, self.now);
        self.drain();
    }

    /// Time goes by, and the session hears of it at the end.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.now += time;
        self.session.handle_timeout(self.now);
        self.drain();
    }

    /// The connection ends.
    pub(crate) fn end(&mut self) {
        self.session.handle_eof(None);
        self.drain();
    }

    /// The lines written since this was last asked.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        let traced = std::mem::take(&mut self.traced);
        let verbs = |lines: &[String]| -> Vec<String> {
            let verb = |line: &String| line.split(' ').next().map(str::to_owned);
            lines.iter().filter_map(verb).collect()
        };
        assert_eq!(verbs(&traced), verbs(&self.sent), "the transcript lies");
        std::mem::take(&mut self.sent)
    }

    /// The results in one word each: the text of the reply's last line, or the error's kind and code.
    pub(crate) fn told(&self) -> Vec<String> {
        self.results
            .iter()
            .map(|(_, result)| match result {
                Ok(Outcome::Reply(reply)) => reply.text(),
                Ok(Outcome::Renamed(from, to)) => format!("{}+{}", from.text(), to.text()),
                Ok(outcome) => format!("{outcome:?}"),
                Err(error) => match error.code() {
                    Some(code) => format!("{:?} {code}", error.kind()),
                    None => format!("{:?}", error.kind()),
                },
            })
            .collect()
    }

    /// The ids of the results, in the order in which they were told.
    pub(crate) fn order(&self) -> Vec<OpId> {
        self.results.iter().map(|(id, _)| *id).collect()
    }

    fn drain(&mut self) {
        loop {
            match self.session.poll_output() {
                Output::Transmit(bytes) => {
                    assert!(self.closed.is_none(), "written after the end");
                    let text = std::str::from_utf8(&bytes).expect("commands of these tests");
                    let line = text.strip_suffix("\r\n").expect("a command ends with CRLF");
                    self.sent.push(line.to_owned());
                }
                Output::Event(id, Event::Finished(result)) => self.results.push((id, result)),
                Output::Trace(Trace::Sent(line)) => self.traced.push(line),
                Output::Tls(action) => self.tls.push(action),
                Output::Data(_, action) => self.actions.push(action),
                Output::Greeting(_) => self.greetings += 1,
                Output::Closed(cause) => self.closed = Some(cause),
                Output::Wait(_) => return,
                _ => {}
            }
        }
    }
}

/// A command of the test's own.
pub(crate) fn command(line: &str) -> Command {
    Command::raw(line).expect("a line without a line end")
}
