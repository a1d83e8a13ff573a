//! The steps of a file that are about TLS.

use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::DataEvent;
use wharf_proto::session::TlsAction;

use super::{Data, Player};

/// What `secure-login` is short for.
const SECURE_LOGIN: &str = "\
S: 220 ready
C: AUTH TLS
S: 234 go ahead
T+ login
C: USER anonymous
S: 331 password
C: PASS guest
S: 230 in
C: PBSZ 0
S: 200 buffer
C: PROT P
S: 200 private
C: TYPE I
S: 200 I
= login 230 in";

impl Player {
    /// Whether a line was one of these.
    pub(super) fn tls_line(&mut self, line: &str) -> bool {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, rest.split_once(' ').unwrap_or((rest, ""))) {
            ("secure-login", _) => SECURE_LOGIN.lines().for_each(|line| self.line(line)),
            ("T+", ("login", "")) => self.change_over(TlsAction::Start, Ok(())),
            ("T-", ("login", "")) => self.change_over(TlsAction::Stop, Ok(())),
            ("T!", ("login", kind)) => self.change_over(TlsAction::Start, Err(broken(kind))),
            ("T!-", ("login", kind)) => self.change_over(TlsAction::Stop, Err(broken(kind))),
            ("T+", (name, "")) => self.secured(name, DataEvent::Secured { resumed: true }),
            ("T+", (name, "full")) => self.secured(name, DataEvent::Secured { resumed: false }),
            ("T!", (name, kind)) => self.secured(name, DataEvent::Failed(broken(kind))),
            _ => return false,
        }
        true
    }

    fn change_over(&mut self, expected: TlsAction, result: Result<(), Error>) {
        match self.tls.take() {
            Some(action) if action == expected => self.session.handle_tls(result, self.now),
            action => self.fail(&format!("expected {expected:?}, was asked for {action:?}")),
        }
    }

    fn secured(&mut self, name: &str, event: DataEvent) {
        let call = self.call(name);
        let Data::Shaking(channel) = call.data else {
            self.fail("no handshake was asked for");
        };
        call.data = match event {
            DataEvent::Secured { .. } => Data::Connected(channel),
            _ => Data::None,
        };
        self.tell_session(name, event);
    }

    /// The session says something about the control connection's TLS.
    pub(super) fn on_tls_action(&mut self, action: TlsAction) {
        assert!(!self.closed, "changed over after the end");
        if self.tls.replace(action).is_some() {
            self.fail("was asked for TLS twice");
        }
    }
}

fn broken(kind: &str) -> Error {
    let kind = match kind {
        "Tls" => ErrorKind::Tls,
        "Certificate" => ErrorKind::Certificate,
        _ => panic!("no failure of TLS is called {kind}"),
    };
    Error::new(kind, "the handshake failed")
}
