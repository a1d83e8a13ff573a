//! A world around one session: callers, a server, data connections and a clock, all of which do what a
//! [`Tape`] says. After each step the world holds what the session said against the invariants.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{Credentials, DataEvent, OpId};
use wharf_proto::server::{Quirks, Server as ServerName};
use wharf_proto::session::{
    DataProtection, Output, Security, Session, SessionConfig, TlsAction, Withdrawn,
};

use plan::{Encryption, Kind, Plan, op};
use server::{Answer, Server};
use tape::Tape;

pub(crate) mod plan;
mod rules;
mod server;
mod tape;

/// Where an operation's data connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Data {
    None,
    Dialling,
    /// To be listened for.
    Wanted,
    Listening,
    Connected,
    /// Connected, and to be encrypted.
    Shaking,
    Failed,
    Released,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states of a machine"
)]
#[derive(Debug)]
struct Operation {
    kind: Kind,
    data: Data,
    secured: bool,
    started: bool,
    /// The stream's own end was reported: finished, failed or dropped.
    stream_over: bool,
    stream_finished: bool,
    results: usize,
    settlings: usize,
    settles: bool,
    /// Something happened to it that may end in an error.
    spoilt: bool,
}

#[derive(Debug)]
struct Sent {
    line: String,
    /// `None` for the login's, the NOOP's and the QUIT's.
    operation: Option<usize>,
    /// The code of its final reply, once that was handed to the session.
    answer: Option<u16>,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states of a machine"
)]
pub(crate) struct World {
    tape: Tape,
    session: Session,
    now: Instant,
    deadline: Option<Instant>,
    window: usize,
    encryption: Encryption,
    /// What the control connection is to be changed over to.
    tls: Option<TlsAction>,
    /// TLS is on the control connection, and was on it at any time.
    secure: bool,
    was_secure: bool,
    /// The server keeps to the protocol, so replies can be reasoned about.
    legal: bool,
    plan: VecDeque<Kind>,
    operations: Vec<Operation>,
    sent: Vec<Sent>,
    server: Server,
    silent: bool,
    in_flight: VecDeque<u8>,
    /// What the bytes in flight mean, by where their last byte stands in the whole stream.
    meanings: VecDeque<(u64, Vec<usize>, u16)>,
    emitted: u64,
    delivered: u64,
    closed: bool,
    logged_in: usize,
    /// The highest operation of which something was sent.
    latest: Option<usize>,
    /// There is a reason for the session to end: a time-out, a refused login, a QUIT.
    may_close: bool,
    /// What happened, for whoever has to read a failure.
    log: Vec<String>,
}

impl Drop for World {
    #[expect(clippy::print_stderr, reason = "the harness shows it with the failure")]
    fn drop(&mut self) {
        if std::thread::panicking() && std::env::var_os("WHARF_LOG").is_some() {
            eprintln!("---\n{}", self.log.join("\n"));
        }
    }
}

impl World {
    pub(crate) fn new(plan: Plan, legal: bool) -> Self {
        let mut config = SessionConfig::default();
        config.window = plan.window;
        let encryption = plan.encryption;
        config.security = encryption.security;
        config.data_protection = encryption.data;
        config.clear_command_channel = encryption.clear_command_channel;
        config.plaintext_secrets = encryption.plaintext;
        config.quirks = plan.patterns.then_some(Quirks::of(ServerName::InetUtils));
        config.keep_alive = plan.keep_alive.then_some(Duration::from_secs(15));
        config.login = plan
            .login
            .then(|| Credentials::new(b"u", Some(&"p".into())).expect("plain words"));
        #[expect(
            clippy::disallowed_methods,
            reason = "an instant to count from; the clock is not looked at again"
        )]
        let now = Instant::now();
        let mut world = Self {
            tape: Tape::new(plan.rolls),
            session: Session::new(config, now),
            now,
            deadline: None,
            window: plan.window,
            encryption,
            tls: None,
            secure: false,
            was_secure: false,
            legal,
            plan: plan.kinds.into(),
            operations: Vec::new(),
            sent: Vec::new(),
            server: Server::default(),
            silent: false,
            in_flight: VecDeque::new(),
            meanings: VecDeque::new(),
            emitted: 0,
            delivered: 0,
            closed: false,
            logged_in: 0,
            latest: None,
            // Without TLS, a password that must not be read cannot be sent at all.
            may_close: plan.login && encryption.security == Security::Off && !encryption.plaintext,
            log: Vec::new(),
        };
        world.drain();
        if encryption.security != Security::Implicit {
            world.greet();
        }
        world
    }

    fn greet(&mut self) {
        self.emit(b"220 ready\r\n", Vec::new(), 220);
    }

    /// Runs the tape to its end, lets everything come to rest, and checks the whole.
    pub(crate) fn run(mut self) {
        while !self.tape.is_over() {
            self.step();
        }
        self.settle();
        self.check_end();
    }

    fn step(&mut self) {
        if self.tape.one_in(64) {
            return self.upset();
        }
        if self.tape.one_in(48)
            && let Some(running) = self.session.running_transfer()
        {
            self.abort(index(running));
            return self.drain();
        }
        let movable = self.operations.iter().any(Operation::is_movable);
        // A server says how a transfer went when its data is over, as a rule.
        let answers = self.server.owes() && !self.silent && (!movable || self.tape.one_in(12));
        let mut acts: Vec<fn(&mut Self)> = Vec::new();
        if !self.in_flight.is_empty() {
            acts.extend([Self::deliver_all, Self::deliver_some]);
        }
        if answers {
            acts.push(Self::answer);
        }
        if movable {
            acts.push(Self::move_data);
        }
        if self.tls.is_some() {
            acts.push(Self::change_over);
        }
        if !self.plan.is_empty() {
            acts.push(Self::submit);
        }
        match acts.get(self.tape.roll(acts.len())) {
            Some(act) => act(self),
            None if self.tape.one_in(8) => self.wait(),
            None => {}
        }
    }

    fn submit(&mut self) {
        let Some(kind) = self.plan.pop_front() else {
            return;
        };
        let n = self.operations.len();
        self.operations.push(Operation {
            kind,
            data: Data::None,
            secured: false,
            started: false,
            stream_over: false,
            stream_finished: false,
            results: 0,
            settlings: 0,
            settles: false,
            spoilt: self.closed,
        });
        self.note(format!("call {n}: {kind:?}"));
        self.session.submit(id(n), op(kind, n), self.now);
        self.drain();
    }

    fn answer(&mut self) {
        if !self.legal && self.tape.one_in(2) {
            return self.rave();
        }
        let hung_up = self
            .latest
            .is_some_and(|n| matches!(self.operations[n].data, Data::Released | Data::Failed));
        let Answer {
            bytes,
            closes,
            code,
        } = self.server.answer(&mut self.tape, hung_up);
        self.emit(&bytes, closes, code);
    }

    /// Says whatever comes to mind.
    fn rave(&mut self) {
        const WORDS: [&[u8]; 16] = [
            b"200 ok\r\n",
            b"150 mark\r\n",
            b"150-open mark\r\n",
            b"230-open\r\n",
            b"227 (127,0,0,1,200,1)\r\n",
            b"229 (|||70000|)\r\n",
            b"550 no\r\n",
            b"421 bye\r\n",
            b"257 \"/\"\r\n",
            b"000 zero\r\n",
            b"garbage\n",
            b"\r\n",
            b"2",
            b"\0\xff\r",
            b"999-nine\n999 done\n",
            b"226",
        ];
        let words = WORDS[self.tape.roll(WORDS.len())];
        self.emit(words, Vec::new(), 0);
    }

    fn emit(&mut self, bytes: &[u8], closes: Vec<usize>, code: u16) {
        self.in_flight.extend(bytes);
        self.emitted += bytes.len() as u64;
        self.meanings.push_back((self.emitted, closes, code));
    }

    fn deliver_all(&mut self) {
        self.deliver(self.in_flight.len());
    }

    fn deliver_some(&mut self) {
        let size = 1 + self.tape.roll(self.in_flight.len());
        self.deliver(size);
    }

    fn deliver(&mut self, size: usize) {
        let bytes: Vec<u8> = self.in_flight.drain(..size).collect();
        self.delivered += size as u64;
        if !self.session.is_paused() {
            self.take_note();
        }
        self.note(format!("< {}", bytes.escape_ascii()));
        self.session.handle_input(&bytes, self.now);
        self.drain();
    }

    /// Notes what the session is about to learn from the bytes that were delivered.
    fn take_note(&mut self) {
        while let Some((end, ..)) = self.meanings.front() {
            if *end > self.delivered {
                return;
            }
            let (_, closes, code) = self.meanings.pop_front().expect("just seen");
            for number in closes {
                self.sent[number].answer = Some(code);
                let Some(n) = self.sent[number].operation else {
                    // 334 asks for what TLS has not.
                    self.may_close |= code >= 400 || code == 334;
                    continue;
                };
                // Not let back into where we came from, we are nowhere.
                self.may_close |= code >= 400 && self.sent[number].line == "CWD /";
                let operation = &mut self.operations[n];
                let finishes = matches!(operation.kind, Kind::Transfer { upload: true, .. })
                    && self.sent[number].line.starts_with("STOR")
                    && !operation.stream_finished;
                let good = match &self.sent[number].line {
                    line if line.starts_with("PASV") => code == 227,
                    line if moves_data(line) => (200..300).contains(&code),
                    _ => (200..400).contains(&code),
                };
                operation.spoilt |= !good || finishes;
            }
        }
    }

    /// Changes the control connection over, or fails to.
    fn change_over(&mut self) {
        let Some(action) = self.tls.take() else {
            return;
        };
        let good = !self.tape.one_in(12);
        self.note(format!("{action:?}: {good}"));
        if !good {
            self.may_close = true;
            self.spoil_all();
            let error = Error::new(ErrorKind::Tls, "failed");
            self.session.handle_tls(Err(error), self.now);
            return self.drain();
        }
        self.secure = action == TlsAction::Start;
        self.was_secure |= self.secure;
        if self.secure && self.encryption.security == Security::Implicit {
            self.greet();
        }
        self.session.handle_tls(Ok(()), self.now);
        self.drain();
        assert_eq!(
            self.session.is_secure(),
            self.secure && !self.closed,
            "is_secure"
        );
    }

    /// Whether data connections are to be encrypted.
    fn is_private(&self) -> bool {
        self.was_secure && self.encryption.data == DataProtection::Private
    }

    fn move_data(&mut self) {
        let movable: Vec<usize> = (0..self.operations.len())
            .filter(|n| self.operations[*n].is_movable())
            .collect();
        if movable.is_empty() {
            return;
        }
        let n = movable[self.tape.roll(movable.len())];
        let good = !self.tape.one_in(6);
        let operation = &mut self.operations[n];
        let event = match operation.data {
            Data::Wanted if good => {
                operation.data = Data::Listening;
                DataEvent::Listening("127.0.0.1:50000".parse().expect("an address"))
            }
            Data::Dialling | Data::Listening if good => {
                operation.data = Data::Connected;
                DataEvent::Connected
            }
            Data::Shaking if good => {
                operation.data = Data::Connected;
                operation.secured = true;
                DataEvent::Secured {
                    resumed: self.tape.one_in(2),
                }
            }
            Data::Wanted | Data::Dialling | Data::Listening | Data::Shaking => {
                operation.data = Data::Failed;
                operation.spoilt = true;
                broken()
            }
            // A released stream may be in its user's hands still.
            _ if good => {
                operation.stream_over = true;
                operation.stream_finished = operation.data == Data::Connected;
                DataEvent::Finished
            }
            _ => {
                operation.stream_over = true;
                operation.spoilt = true;
                if operation.data == Data::Connected && self.tape.one_in(2) {
                    operation.data = Data::Failed;
                    broken()
                } else {
                    DataEvent::Dropped
                }
            }
        };
        self.note(format!("data {n}: {event:?}"));
        self.session.handle_data(id(n), event, self.now);
        self.drain();
    }

    /// Something that a well-behaved world does seldom.
    fn upset(&mut self) {
        let n = self.tape.roll(self.operations.len());
        let any = !self.operations.is_empty();
        let what = self.tape.roll(16);
        self.note(format!("upset {what}, operation {n}"));
        match what {
            0..=3 if any => self.abort(n),
            4..=6 if any => {
                let withdrawn = self.session.withdraw(id(n));
                self.operations[n].spoilt |= withdrawn == Withdrawn::Yes;
            }
            7 => self.session.pause(),
            8 | 9 => self.resume(),
            10 => return self.wait(),
            12 if self.tape.one_in(4) => self.silent = true,
            13 if self.tape.one_in(4) => {
                self.spoil_all();
                match self.tape.roll(4) {
                    0 => self.session.handle_eof(None),
                    1 => self
                        .session
                        .fail(Error::new(ErrorKind::Io, "of the caller's own")),
                    2 => self.emit(b"421 goodbye\r\n", Vec::new(), 421),
                    _ => self.emit(b"200 for nobody\r\n", Vec::new(), 200),
                }
                // From here on, replies belong to nobody in particular.
                self.legal = false;
            }
            14 if self.plan.is_empty() => {
                self.may_close = true;
                self.take_note();
                self.session.finish(self.now);
            }
            _ => {}
        }
        self.drain();
    }

    fn abort(&mut self, n: usize) {
        let runs = self.session.running_transfer() == Some(id(n));
        let operation = &mut self.operations[n];
        operation.settles |= runs;
        operation.spoilt = true;
        self.note(format!("abort {n}"));
        let error = Error::new(ErrorKind::Aborted, "was given up");
        self.session.abort(id(n), error, self.now);
    }

    fn resume(&mut self) {
        self.take_note();
        self.session.resume(self.now);
        self.drain();
    }

    /// Lets the time come that the session waits for.
    fn wait(&mut self) {
        if let Some(deadline) = self.deadline {
            self.may_close = true;
            self.spoil_all();
            self.now = self.now.max(deadline);
            self.note("time-out".to_owned());
            self.session.handle_timeout(self.now);
            self.drain();
            assert_ne!(self.deadline, Some(deadline), "nothing was done about it");
        }
    }

    fn spoil_all(&mut self) {
        for operation in &mut self.operations {
            operation.spoilt = true;
        }
    }

    fn note(&mut self, line: String) {
        self.log.push(line);
    }

    /// Lets everything come to rest, harmlessly.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            if self.session.is_paused() {
                self.resume();
            } else if !self.in_flight.is_empty() {
                self.deliver_all();
            } else if self.tls.is_some() {
                self.change_over();
            } else if self.operations.iter().any(Operation::is_movable) {
                self.move_data();
            } else if self.server.owes() && !self.silent && !self.closed {
                self.answer();
            } else if !self.plan.is_empty() {
                self.submit();
            } else if self.logged_in == 0 || !self.operations.iter().all(Operation::is_over) {
                assert!(self.deadline.is_some(), "an operation waits for ever");
                self.wait();
            } else {
                return;
            }
        }
        panic!("no rest was found");
    }

    fn drain(&mut self) {
        for _ in 0..10_000 {
            let output = self.session.poll_output();
            if !matches!(
                output,
                Output::Trace(_) | Output::Wait(_) | Output::Transmit(_)
            ) {
                self.note(format!("    {output:?}"));
            }
            match output {
                Output::Transmit(bytes) => self.on_transmit(&bytes),
                Output::Tls(action) => {
                    assert!(!self.closed, "(4) TLS after the end");
                    assert_eq!(self.tls.replace(action), None, "TLS is asked for twice");
                }
                Output::Data(id, action) => self.on_data_action(id, &action),
                Output::Event(id, event) => self.on_event(id, event),
                Output::Closed(_) => {
                    assert!(!self.closed, "an end comes once");
                    assert!(
                        !self.legal || self.may_close,
                        "a server that keeps to the protocol is hung up on"
                    );
                    self.closed = true;
                    self.tls = None;
                }
                Output::Wait(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                _ => {}
            }
        }
        panic!("the session talks without end");
    }
}

impl Operation {
    fn is_transfer(&self) -> bool {
        matches!(self.kind, Kind::Transfer { .. } | Kind::List { .. })
    }

    /// Whether its data connection can do something.
    fn is_movable(&self) -> bool {
        match self.data {
            Data::Dialling | Data::Wanted | Data::Listening | Data::Shaking => true,
            _ => self.started && !self.stream_over,
        }
    }

    fn is_over(&self) -> bool {
        self.results == 1 && self.settlings == usize::from(self.settles)
    }
}

/// Whether a command has a data connection.
fn moves_data(line: &str) -> bool {
    let verb = line.split(' ').next().expect("split gives one");
    matches!(verb, "RETR" | "STOR" | "MLSD" | "LIST" | "NLST")
}

fn id(n: usize) -> OpId {
    OpId::new(n as u64 + 1)
}

fn index(wanted: OpId) -> usize {
    (0..1000).find(|n| id(*n) == wanted).unwrap_or(usize::MAX)
}

fn broken() -> DataEvent {
    DataEvent::Failed(Error::new(ErrorKind::DataConnection, "broke"))
}
