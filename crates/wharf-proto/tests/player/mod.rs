//! Plays one file of `tests/sessions`.
//!
//! A file is a transcript as `wharf_testing::transcript` has it, the server's side, with the caller's
//! side between its lines:
//!
//! | line | the caller … |
//! |---|---|
//! | `config window 8` | configures the session (before anything else); see [`configure`] |
//! | `call a: PWD` | submits an operation and calls it `a`; see [`caller::op`] |
//! | `withdraw a`, `abort a` | takes it back, gives it up |
//! | `finish a` | has written the last byte of an upload |
//! | `drop a` | lets go of its stream before the end |
//! | `pause`, `resume`, `leave` | holds replies back, hands them on, drops the last handle |
//! | `fail` | ends the session because of an I/O error of its own |
//! | `T+ login`, `T- login` | has TLS begun, and ended, on the control connection, as the session asked |
//! | `T! login Tls`, `T!- login Tls` | fails at it, for such a reason |
//! | `T+ a`, `T+ a full` | has shaken hands on the data connection of `a`, resuming the session or not |
//! | `T! a Certificate` | fails at it |
//! | `secure-login` | is short for a login with `config tls explicit`, result included |
//! | `= a 257 "/"` | is told the result of `a`: its reply's lines, joined by ` \| ` |
//! | `= a failed CommandFailed 550` | is told a failure: its kind, code, ` unsent` and cause |
//! | `= a started`, `= a settled` | is told how a transfer goes |
//! | `= closed Timeout` | is told why the session ended |
//!
//! Everything the session says must be spoken of, in its order and before the next line: a command by
//! `C:`, a result by `=`. At the end every operation has had exactly one result, and no data connection
//! is left. `wait 30s` moves the clock, and stops on the way at each time the session asked for.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{DataAction, DataEvent, Direction, Event, OpId, Place};
use wharf_proto::session::{Output, Session, SessionConfig, TlsAction};
use wharf_testing::line::Channel;
use wharf_testing::transcript::{DataStep, End, Step, Times, Transcript};

mod caller;
mod tls;
mod told;

/// How the server's bytes are handed to the session.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cut {
    /// What the server writes at once comes at once.
    Whole,
    /// Each byte comes alone.
    Bytes,
}

/// Plays a file.
///
/// # Panics
///
/// If the session does anything else than the file says.
pub(crate) fn play(text: &str, cut: Cut) {
    let mut config = SessionConfig::default();
    config.login = Some(caller::anonymous());
    let mut player: Option<Player> = None;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(setting) = line.strip_prefix("config ") {
            assert!(player.is_none(), "config comes first");
            caller::configure(&mut config, setting);
            continue;
        }
        let player = player.get_or_insert_with(|| Player::new(config.clone(), cut));
        player.log.push(format!("{:>3} {line}", at + 1));
        player.line(line);
    }
    player.expect("a file has lines").end();
}

struct Player {
    session: Session,
    now: Instant,
    peer: IpAddr,
    cut: Cut,
    /// What the session has written and no line has spoken of.
    written: VecDeque<u8>,
    /// What the session has told and no line has spoken of.
    told: VecDeque<String>,
    calls: Vec<Call>,
    listeners: Vec<(Channel, Listener)>,
    deadline: Option<Instant>,
    /// What is to be done about the control connection, and was not yet.
    tls: Option<TlsAction>,
    /// Where the last listing was whose command was chosen.
    place: Option<Place>,
    closed: bool,
    log: Vec<String>,
}

#[derive(Debug)]
struct Call {
    name: String,
    id: OpId,
    direction: Option<Direction>,
    data: Data,
    results: usize,
}

/// Where a call's data connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Data {
    None,
    Dialling(SocketAddr),
    Listening,
    /// Connected, and to be encrypted.
    Shaking(Channel),
    Connected(Channel),
    /// Ended cleanly by the side that sends.
    Ended(Channel),
    Released(Option<Channel>),
}

#[derive(Debug, Clone, Copy)]
struct Listener {
    address: SocketAddr,
    /// A dial to it fails.
    refused: bool,
}

impl Player {
    fn new(config: SessionConfig, cut: Cut) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "an instant to count from; the clock is not looked at again"
        )]
        let now = Instant::now();
        let peer = config.peer;
        let mut player = Self {
            session: Session::new(config, now),
            now,
            peer,
            cut,
            written: VecDeque::new(),
            told: VecDeque::new(),
            calls: vec![Call {
                name: "login".to_owned(),
                id: OpId::LOGIN,
                direction: None,
                data: Data::None,
                results: 0,
            }],
            listeners: Vec::new(),
            deadline: None,
            tls: None,
            place: None,
            closed: false,
            log: Vec::new(),
        };
        player.drain();
        player
    }

    #[track_caller]
    fn line(&mut self, line: &str) {
        if let Some(expected) = line.strip_prefix("= ") {
            match self.told.pop_front() {
                Some(told) if told == expected => {}
                Some(told) => self.fail(&format!("expected `{expected}`, was told `{told}`")),
                None => self.fail(&format!("expected `{expected}`, was told nothing")),
            }
            return;
        }
        if let Some(told) = self.told.front().cloned() {
            self.fail(&format!("nobody expected `{told}`"));
        }
        if !self.caller_s(line) && !self.tls_line(line) {
            match Transcript::parse(line) {
                Ok(transcript) => transcript.steps.iter().for_each(|step| self.step(step)),
                Err(error) => self.fail(&error.to_string()),
            }
        }
        self.drain();
    }

    fn caller_s(&mut self, line: &str) -> bool {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "call" => {
                let (name, text) = rest.split_once(": ").expect("a call has a name");
                let id = OpId::new(self.calls.len() as u64);
                let (op, direction) = caller::op(text, self.place);
                self.calls.push(Call {
                    name: name.to_owned(),
                    id,
                    direction,
                    data: Data::None,
                    results: 0,
                });
                self.session.submit(id, op, self.now);
            }
            "withdraw" => {
                let id = self.call(rest).id;
                self.session.withdraw(id);
            }
            "abort" => {
                let id = self.call(rest).id;
                let error = Error::new(ErrorKind::Aborted, "was given up");
                self.session.abort(id, error, self.now);
            }
            "finish" => {
                let Data::Connected(channel) = self.call(rest).data else {
                    self.fail("the upload has no data connection");
                };
                self.call(rest).data = Data::Ended(channel);
                self.tell_session(rest, DataEvent::Finished);
            }
            "drop" => self.tell_session(rest, DataEvent::Dropped),
            "pause" => self.session.pause(),
            "resume" => self.session.resume(self.now),
            "leave" => self.session.finish(self.now),
            "fail" => self
                .session
                .fail(Error::new(ErrorKind::Io, "the caller's own trouble")),
            _ => return false,
        }
        true
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Reply(text) => {
                let mut bytes = self.fill(text);
                bytes.extend_from_slice(b"\r\n");
                self.receive(&bytes);
            }
            Step::Raw(text, Times::Exactly(times)) => {
                let bytes = self.fill(text);
                (0..*times).for_each(|_| self.receive(&bytes));
            }
            Step::Expect(pattern) => {
                let line = self.next_line();
                match pattern.matches(&line) {
                    Some(matched) => {
                        if let Some((channel, address)) = matched.address {
                            let refused = false;
                            self.listeners
                                .push((channel, Listener { address, refused }));
                        }
                    }
                    None => self.fail(&format!(
                        "expected `{pattern}`, the client said `{}`",
                        line.escape_ascii()
                    )),
                }
            }
            Step::ExpectNothing => self.expect_silence(),
            Step::ExpectEof => {
                self.expect_silence();
                if !self.closed {
                    self.fail("the session goes on");
                }
            }
            Step::Close => self.session.handle_eof(None),
            Step::Reset => self
                .session
                .handle_eof(Some(io::ErrorKind::ConnectionReset.into())),
            Step::Listen {
                channel, refused, ..
            } => {
                let port = 40_000 + u16::try_from(self.listeners.len()).expect("a few");
                let address = SocketAddr::new(self.peer, port);
                let refused = *refused;
                self.listeners
                    .push((*channel, Listener { address, refused }));
            }
            Step::Data(channel, step) => self.data_step(*channel, step),
            Step::Wait(time) => self.wait(*time),
            step => self.fail(&format!("`{step}` is for the script server")),
        }
        self.drain();
    }

    fn data_step(&mut self, channel: Channel, step: &DataStep) {
        match step {
            DataStep::Connect { from: None } => {
                let listener = self.listener(channel);
                let index = self
                    .calls
                    .iter()
                    .rposition(|call| match call.data {
                        Data::Dialling(to) => listener.is_some_and(|it| it.address == to),
                        Data::Listening => true,
                        _ => false,
                    })
                    .unwrap_or_else(|| self.fail("nobody wants that data connection"));
                self.calls[index].data = Data::Connected(channel);
                let id = self.calls[index].id;
                self.session.handle_data(id, DataEvent::Connected, self.now);
            }
            DataStep::NotConnected => {
                let dialled = self.listener(channel).is_some_and(|it| {
                    self.calls
                        .iter()
                        .any(|c| c.data == Data::Dialling(it.address))
                });
                if dialled {
                    self.fail("it was dialled");
                }
            }
            DataStep::ConnectRefused => {
                if self.calls.iter().any(|call| call.data == Data::Listening) {
                    self.fail("the client listens still");
                }
            }
            DataStep::Send(..) | DataStep::Expect(..) | DataStep::Discard => {
                // The bytes are the stream's affair; that there is one is the session's.
                self.holder(channel);
            }
            DataStep::Finish | DataStep::Close => {
                let index = self.holder(channel);
                if self.calls[index].direction == Some(Direction::Download) {
                    self.calls[index].data = Data::Ended(channel);
                    let id = self.calls[index].id;
                    self.session.handle_data(id, DataEvent::Finished, self.now);
                } else {
                    self.break_data(index, "the server closed the upload");
                }
            }
            DataStep::Reset => {
                let index = self.holder(channel);
                self.break_data(index, "the server reset the data connection");
            }
            DataStep::ExpectEnd(end) => {
                let fits = self.calls.iter().any(|call| match call.data {
                    Data::Ended(held) => held == channel && *end != End::Reset,
                    Data::Released(held) => held == Some(channel) && *end != End::Eof,
                    _ => false,
                });
                if !fits {
                    self.fail("the client has not ended it so");
                }
            }
            step => self.fail(&format!("`D{step}` is for the script server")),
        }
    }

    fn break_data(&mut self, index: usize, what: &'static str) {
        let id = self.calls[index].id;
        self.calls[index].data = Data::None;
        let error = Error::new(ErrorKind::DataConnection, what);
        self.session
            .handle_data(id, DataEvent::Failed(error), self.now);
    }

    /// The call whose data connection this is.
    fn holder(&self, channel: Channel) -> usize {
        self.calls
            .iter()
            .rposition(|call| matches!(call.data, Data::Shaking(held) | Data::Connected(held) | Data::Ended(held) if held == channel))
            .unwrap_or_else(|| self.fail("there is no such data connection"))
    }

    fn listener(&self, channel: Channel) -> Option<Listener> {
        self.listeners
            .iter()
            .rev()
            .find(|(of, _)| *of == channel)
            .map(|(_, listener)| *listener)
    }

    fn fill(&self, text: &wharf_testing::line::Template) -> Vec<u8> {
        text.fill(|channel| self.listener(channel).map(|it| it.address))
            .unwrap_or_else(|slot| self.fail(&format!("nobody listens for {slot}")))
    }

    fn receive(&mut self, bytes: &[u8]) {
        let size = match self.cut {
            Cut::Whole => bytes.len().max(1),
            Cut::Bytes => 1,
        };
        for piece in bytes.chunks(size) {
            self.session.handle_input(piece, self.now);
            self.drain();
        }
    }

    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(deadline) = self.deadline.filter(|deadline| *deadline <= end) {
            assert!(
                deadline >= self.now || self.deadline.is_none(),
                "a deadline in the past"
            );
            self.now = self.now.max(deadline);
            self.session.handle_timeout(self.now);
            self.drain();
            if self.deadline == Some(deadline) {
                self.fail("the session does nothing about its own deadline");
            }
        }
        self.now = end;
    }

    fn next_line(&mut self) -> Vec<u8> {
        let Some(end) = self.written.iter().position(|&byte| byte == b'\n') else {
            self.fail("the client said nothing");
        };
        let mut line: Vec<u8> = self.written.drain(..=end).collect();
        assert!(line.ends_with(b"\r\n"), "a command ends with CRLF");
        line.truncate(line.len() - 2);
        line
    }

    fn expect_silence(&self) {
        if !self.written.is_empty() {
            let bytes: Vec<u8> = self.written.iter().copied().collect();
            self.fail(&format!(
                "`{}` was sent and not expected",
                bytes.escape_ascii()
            ));
        }
    }

    fn call(&mut self, name: &str) -> &mut Call {
        if !self.calls.iter().any(|call| call.name == name) {
            self.fail(&format!("nothing is called {name}"));
        }
        self.calls
            .iter_mut()
            .rfind(|call| call.name == name)
            .expect("looked for above")
    }

    fn tell_session(&mut self, name: &str, event: DataEvent) {
        let id = self.call(name).id;
        self.session.handle_data(id, event, self.now);
    }

    /// Takes down what the session says until it waits.
    fn drain(&mut self) {
        loop {
            match self.session.poll_output() {
                Output::Transmit(bytes) => {
                    assert!(!self.closed, "written after the end");
                    assert_eq!(self.tls, None, "written where TLS was to begin or to end");
                    self.written.extend(bytes);
                }
                Output::Tls(action) => self.on_tls_action(action),
                Output::Data(id, action) => self.on_data_action(id, &action),
                Output::Event(id, event) => self.on_event(id, &event),
                Output::Closed(cause) => {
                    self.closed = true;
                    self.told
                        .push_back(format!("closed {}", told::error(&cause)));
                }
                Output::Wait(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                _ => {}
            }
        }
    }

    fn on_data_action(&mut self, id: OpId, action: &DataAction) {
        let index = self.index(id);
        let data = &mut self.calls[index].data;
        match action {
            DataAction::Dial(to) => {
                *data = Data::Dialling(*to);
                let refused = |(_, it): &(Channel, Listener)| it.address == *to && it.refused;
                if self.listeners.iter().any(refused) {
                    self.break_data(index, "connection refused");
                }
            }
            DataAction::Listen => {
                *data = Data::Listening;
                let address = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 50_000);
                let event = DataEvent::Listening(address);
                self.session.handle_data(id, event, self.now);
            }
            DataAction::Secure => match *data {
                Data::Connected(channel) => *data = Data::Shaking(channel),
                data => self.fail(&format!("a handshake on {data:?}")),
            },
            DataAction::Release => {
                *data = Data::Released(match *data {
                    Data::Shaking(channel) | Data::Connected(channel) | Data::Ended(channel) => {
                        Some(channel)
                    }
                    Data::Released(channel) => channel,
                    _ => None,
                });
            }
            action => panic!("an action this player does not know: {action:?}"),
        }
    }

    fn on_event(&mut self, id: OpId, event: &Event) {
        let Some(index) = self.calls.iter().position(|call| call.id == id) else {
            // The session's own NOOP and QUIT.
            return;
        };
        if let Event::Started {
            listed: Some(listed),
            ..
        } = event
        {
            self.place = Some(listed.place);
        }
        let call = &mut self.calls[index];
        if let Event::Finished(_) = event {
            call.results += 1;
        }
        self.told
            .push_back(format!("{} {}", call.name, told::event(event)));
    }

    fn index(&self, id: OpId) -> usize {
        self.calls
            .iter()
            .position(|call| call.id == id)
            .expect("only transfers have data")
    }

    fn end(self) {
        if let Some(told) = self.told.front() {
            self.fail(&format!("nobody expected `{told}`"));
        }
        self.expect_silence();
        if let Some(action) = self.tls.filter(|_| !self.closed) {
            self.fail(&format!("{action:?} was not carried out"));
        }
        for call in &self.calls {
            let name = &call.name;
            if matches!(
                call.data,
                Data::Dialling(_) | Data::Listening | Data::Shaking(_) | Data::Connected(_)
            ) {
                self.fail(&format!("{name} still has a data connection"));
            }
            match call.results {
                0 => self.fail(&format!("{name} has no result")),
                1 => {}
                n => self.fail(&format!("{name} has {n} results")),
            }
        }
    }

    #[track_caller]
    fn fail(&self, why: &str) -> ! {
        panic!("{}\n    {why} ({:?})", self.log.join("\n"), self.cut)
    }
}
