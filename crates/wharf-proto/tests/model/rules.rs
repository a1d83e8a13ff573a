//! What the session said, held against the invariants. The numbers are those of the test's first lines.

use wharf_proto::error::Error;
use wharf_proto::op::{DataAction, Event, OpId, Outcome};
use wharf_proto::reply::Reply;
use wharf_proto::session::Security;

use super::plan::{Kind, OFFSET};
use super::{Data, Operation, Sent, World, index, moves_data};

impl World {
    pub(super) fn on_transmit(&mut self, bytes: &[u8]) {
        assert!(!self.closed, "(4) a byte after the end");
        let line = bytes
            .strip_suffix(b"\r\n")
            .expect("a command ends with CRLF");
        let line = String::from_utf8(line.to_vec()).expect("commands of this test");
        assert!(!line.contains(['\r', '\n']), "one command in one write");
        self.note(format!("> {line}"));
        self.check_secrecy(&line);
        let operation = self.author(&line);
        if let Some(n) = operation {
            self.check_order(n, &line);
            self.latest = Some(n);
        }
        // After ABOR it is not known how many replies come; the fence that finds out is sent ahead.
        let settles = line == "ABOR" || line == "PWD";
        let unanswered = self.sent.iter().filter(|it| it.answer.is_none()).count();
        assert!(
            !self.legal || settles || unanswered < self.window,
            "(2) {unanswered} commands are unanswered, and `{line}` is sent"
        );
        let number = self.sent.len();
        self.server.receive(number, &line);
        self.sent.push(Sent {
            line,
            operation,
            answer: None,
        });
    }

    /// (8) Nothing goes out while TLS begins or ends, nothing but AUTH ahead of it where it is wanted, and no
    /// secret without it unless that is allowed.
    fn check_secrecy(&self, line: &str) {
        assert_eq!(self.tls, None, "(8) `{line}` in the middle of a handshake");
        let waits = self.encryption.security == Security::Explicit && !self.was_secure;
        assert!(
            !waits || line.starts_with("AUTH "),
            "(8) `{line}` ahead of TLS"
        );
        assert!(
            self.secure || self.encryption.plaintext || !line.starts_with("PASS "),
            "(8) `{line}` in clear text"
        );
    }

    /// Whose command this is: the arguments of these operations are their numbers.
    fn author(&self, line: &str) -> Option<usize> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        match (verb, argument) {
            ("LIST" | "NLST", "" | "-a") => {
                assert!(self.latest.is_some(), "`{line}` lists where nobody went");
                self.latest
            }
            ("CWD", "/") => {
                assert!(self.latest.is_some(), "`{line}` leads back from nowhere");
                self.latest
            }
            (
                "SIZE" | "RNFR" | "RNTO" | "RETR" | "STOR" | "MLSD" | "LIST" | "NLST" | "MLST"
                | "CWD",
                n,
            ) => {
                let n = n.strip_prefix("-a ").unwrap_or(n).trim_end_matches('*');
                Some(n.parse().expect("a number"))
            }
            ("USER" | "PASS", n) => n.parse().ok(),
            ("AUTH" | "PBSZ" | "PROT" | "CDC" | "CCC", _) => {
                assert_eq!(self.logged_in, 0, "`{line}` behind the login");
                None
            }
            ("TYPE", _) if self.logged_in == 0 => None,
            ("PWD", _) if self.next_presence().is_some() => self.next_presence(),
            ("REST", "0") | ("ABOR" | "PWD", _) => {
                assert!(self.latest.is_some(), "`{line}` clears nothing up");
                self.latest
            }
            ("REST", n) => Some(n.parse::<usize>().expect("a number") - OFFSET),
            ("NOOP" | "QUIT", _) => {
                let over = self.operations.iter().all(Operation::is_over);
                assert!(over, "`{line}` while an operation runs");
                None
            }
            _ => {
                let next = self.operations.iter().position(|it| it.results == 0);
                assert!(next.is_some(), "`{line}` is for nobody");
                next
            }
        }
    }

    /// The question for a directory whose turn it is, unless something is to be cleared up first.
    fn next_presence(&self) -> Option<usize> {
        let is_free = self
            .latest
            .is_none_or(|n| self.operations[n].is_over() && !self.is_inside(n));
        let next = self.operations.iter().position(|it| it.results == 0)?;
        let asks = matches!(
            self.operations[next].kind,
            Kind::Presence | Kind::List { misread: true, .. }
        );
        (is_free && asks).then_some(next)
    }

    /// Whether an operation has entered a directory and is still to go back, which it does also when nobody
    /// waits for it any more.
    fn is_inside(&self, n: usize) -> bool {
        let moves = |it: &&Sent| it.operation == Some(n) && it.line.starts_with("CWD ");
        let last = self.sent.iter().rev().find(moves);
        last.is_some_and(|it| it.line != "CWD /" && it.answer.is_none_or(|code| code < 300))
    }

    fn check_order(&self, n: usize, line: &str) {
        let operation = &self.operations[n];
        let clears_up = matches!(line, "ABOR" | "PWD" | "REST 0" | "CWD /");
        assert!(
            operation.results == 0 || clears_up,
            "(3) `{line}` of an operation that is over"
        );
        assert!(
            self.latest <= Some(n),
            "(1) `{line}` comes after a later call's command"
        );
        for (before, earlier) in self.operations[..n].iter().enumerate() {
            let both_simple =
                matches!(earlier.kind, Kind::Simple) && matches!(operation.kind, Kind::Simple);
            assert!(
                both_simple || earlier.is_over(),
                "(1) `{line}` is sent while operation {before} runs"
            );
        }
        // A failed step withholds the rest.
        let verb = line.split(' ').next();
        if self.legal && matches!(verb, Some("RNTO" | "RETR" | "STOR")) {
            let step = self.sent.iter().rev().find(|it| it.operation == Some(n));
            let answer = step
                .and_then(|step| step.answer)
                .expect("(1) a step is awaited");
            assert!(
                (200..400).contains(&answer),
                "`{line}` follows a refused step"
            );
        }
    }

    pub(super) fn on_data_action(&mut self, id: OpId, action: &DataAction) {
        assert!(!self.closed, "(4) data after the end");
        let operation = &mut self.operations[index(id)];
        match action {
            DataAction::Dial(to) => {
                assert!(
                    matches!(operation.data, Data::None | Data::Failed | Data::Released),
                    "(5) two data connections at once"
                );
                assert_eq!(to.ip().to_string(), "127.0.0.1");
                operation.data = Data::Dialling;
                operation.secured = false;
            }
            DataAction::Listen => {
                assert!(
                    matches!(operation.data, Data::None | Data::Failed | Data::Released),
                    "(5) two data connections at once"
                );
                operation.data = Data::Wanted;
                operation.secured = false;
            }
            DataAction::Secure => {
                assert_eq!(operation.data, Data::Connected, "(9) nothing to encrypt");
                assert!(!operation.secured && !operation.started, "(9) too late");
                operation.data = Data::Shaking;
                let n = index(id);
                assert!(self.is_private(), "(9) encryption that nobody agreed on");
                let mut sent = self.sent.iter();
                let asked = sent.any(|it| it.operation == Some(n) && moves_data(&it.line));
                assert!(asked, "(9) a handshake ahead of the command");
            }
            DataAction::Release => operation.data = Data::Released,
            action => panic!("an action this model does not know: {action:?}"),
        }
    }

    pub(super) fn on_event(&mut self, id: OpId, event: Event) {
        if id == OpId::LOGIN {
            assert!(
                matches!(event, Event::Finished(_)),
                "the login moves no data"
            );
            self.logged_in += 1;
            return;
        }
        let n = index(id);
        if n >= self.operations.len() {
            // The session's own NOOP and QUIT.
            return;
        }
        match event {
            Event::Started { .. } => {
                let private = self.is_private();
                let operation = &mut self.operations[n];
                assert_eq!(operation.data, Data::Connected, "started on no connection");
                assert!(!operation.started && operation.results == 0);
                assert_eq!(operation.secured, private, "(9) data in clear text");
                operation.started = true;
            }
            Event::Finished(result) => self.on_result(n, &result),
            Event::Settled(_) => {
                let operation = &mut self.operations[n];
                assert_eq!(operation.results, 1, "settled before its result");
                operation.settlings += 1;
            }
            _ => {}
        }
    }

    pub(super) fn on_result(&mut self, n: usize, result: &Result<Outcome, Error>) {
        let operation = &mut self.operations[n];
        operation.results += 1;
        assert_eq!(
            operation.results, 1,
            "(3) operation {n} has a second result"
        );
        match result {
            Ok(outcome) => self.check_success(n, outcome),
            Err(error) => {
                assert!(
                    matches!(operation.data, Data::None | Data::Failed | Data::Released),
                    "(5) operation {n} fails and keeps its data connection"
                );
                assert!(
                    !self.legal
                        || operation.spoilt
                        || !operation.is_transfer()
                        || self.session.closed().is_some(),
                    "(6) nothing went wrong with transfer {n}: {error:?}"
                );
                if let Some(reply) = error.reply() {
                    self.check_reply(n, reply, &[]);
                }
            }
        }
    }

    fn check_success(&self, n: usize, outcome: &Outcome) {
        match outcome {
            Outcome::Reply(reply) => {
                self.check_reply(n, reply, &["SIZE", "USER", "PASS", "MLST", "CWD"]);
            }
            Outcome::Renamed(from, to) => {
                self.check_reply(n, from, &["RNFR"]);
                self.check_reply(n, to, &["RNTO"]);
            }
            Outcome::Transferred(completion) => {
                let operation = &self.operations[n];
                assert!(
                    operation.started,
                    "(5) transfer {n} went well without a stream"
                );
                assert_eq!(operation.data, Data::Connected, "(6) its data broke");
                let upload = matches!(operation.kind, Kind::Transfer { upload: true, .. });
                assert!(
                    !upload || operation.stream_finished,
                    "(6) upload {n} went well before it was finished"
                );
                assert!(completion.reply.code().is_completion(), "(6) no 2yz");
                self.check_reply(n, &completion.address, &["EPSV", "PASV", "PORT", "EPRT"]);
                for reply in &completion.setup {
                    self.check_reply(n, reply, &["REST"]);
                }
                let verbs = ["RETR", "STOR", "MLSD", "LIST", "NLST"];
                self.check_reply(n, &completion.reply, &verbs);
            }
            Outcome::Empty { completion, .. } => {
                assert!(!self.operations[n].started, "(10) {n} has a stream");
                self.check_reply(n, &completion.reply, &["LIST", "NLST"]);
                let let_in = self.sent.iter().any(|it| {
                    let good = it.answer.is_some_and(|code| (200..400).contains(&code));
                    it.operation == Some(n)
                        && good
                        && it.line != "CWD /"
                        && is_of_presence(&it.line)
                });
                assert!(let_in || !self.legal, "(10) {n} is empty, and was not seen");
            }
            outcome => panic!("an outcome this model does not know: {outcome:?}"),
        }
    }

    /// (7) The reply bears the number of one of the operation's own commands, and of one of these.
    fn check_reply(&self, n: usize, reply: &Reply, verbs: &[&str]) {
        if !self.legal {
            return;
        }
        let text: Vec<String> = reply.lines_lossy().collect();
        let mut numbers = text
            .iter()
            .filter_map(|line| line.split_once('#'))
            .map(|(_, rest)| {
                let digits = rest.split(' ').next().expect("split gives one");
                digits.parse::<usize>().expect("a number")
            });
        let number = numbers.next().expect("every reply bears a number");
        assert!(
            numbers.all(|it| it == number),
            "(7) joined of two replies: {text:?}"
        );
        let command = &self.sent[number];
        assert_eq!(
            command.operation,
            Some(n),
            "(7) {text:?} is another's reply"
        );
        let verb = command.line.split(' ').next().expect("split gives one");
        assert!(
            verbs.is_empty() || verbs.contains(&verb),
            "(7) {text:?} answers `{}`",
            command.line
        );
    }

    pub(super) fn check_end(&self) {
        assert_eq!(self.logged_in, 1, "(3) the login's result");
        for (n, operation) in self.operations.iter().enumerate() {
            assert_eq!(operation.results, 1, "(3) operation {n}");
            assert_eq!(
                operation.settlings,
                usize::from(operation.settles),
                "(3) operation {n} settles once if it was aborted"
            );
            let held = matches!(
                operation.data,
                Data::Dialling | Data::Wanted | Data::Listening | Data::Shaking
            );
            assert!(!held, "(5) operation {n} still has {:?}", operation.data);
            let streams = operation.started || operation.data != Data::Connected;
            assert!(
                streams,
                "(5) operation {n} holds a connection that nobody has"
            );
        }
        assert!(self.in_flight.is_empty());
    }
}

/// Whether a command shows that a directory is there.
fn is_of_presence(line: &str) -> bool {
    line.starts_with("CWD ") || line.starts_with("MLST ")
}
