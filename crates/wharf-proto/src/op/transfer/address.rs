//! Where the data connection is made: EPSV, PASV, PORT and EPRT, which of them, and what is tried when one
//! leads nowhere.

use std::net::{IpAddr, SocketAddr};

use super::{State, Transfer};
use crate::addr::{self, AddrError};
use crate::command::Command;
use crate::error::{Error, ErrorKind};
use crate::op::{Cx, DataAction, DataMode, Passive, Step};
use crate::reply::{Code, Reply};

impl Transfer {
    pub(super) fn ask_for_address(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        match self.mode {
            DataMode::Active => {
                self.state = State::Listening;
                self.deadline = cx.after(cx.config.accept_timeout);
                cx.data(DataAction::Listen);
                Ok(Step::Wait)
            }
            DataMode::Passive(Passive::Auto) if cx.memory.avoid_epsv => self.ask_pasv(cx),
            DataMode::Passive(Passive::Classic) => self.ask_pasv(cx),
            DataMode::Passive(_) => {
                self.state = State::Extended;
                cx.send(&Command::bare("EPSV"))?;
                Ok(Step::Wait)
            }
        }
    }

    pub(super) fn ask_pasv(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if !cx.config.peer.is_ipv4() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "PASV cannot name an IPv6 address, and EPSV is not to be used",
            )
            .with_command(&self.command.redacted(), false));
        }
        self.state = State::Classic;
        self.deadline = None;
        cx.send(&Command::bare("PASV"))?;
        Ok(Step::Wait)
    }

    /// Tells the server where we listen: PORT for IPv4, which every server knows, and EPRT for IPv6.
    pub(super) fn ask_port(&mut self, address: SocketAddr, cx: &mut Cx<'_>) -> Result<(), Error> {
        let command =
            Command::raw(addr::port_command(address)).expect("an address has no line end");
        self.state = State::Port;
        self.deadline = None;
        cx.send(&command)
    }

    /// Whether an EPSV that failed may be followed by a PASV.
    pub(super) fn may_fall_back(&self, cx: &Cx<'_>) -> bool {
        self.mode == DataMode::Passive(Passive::Auto) && cx.config.peer.is_ipv4()
    }

    pub(super) fn on_epsv(
        &mut self,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        let error = match reply {
            Ok(reply) if reply.code() == 229 => match addr::parse_epsv(reply.text_bytes()) {
                Ok(address) => return self.dial(address.address, address.port, reply, cx),
                Err(error) => bad_address("EPSV", reply, error),
            },
            Ok(reply) => Error::from_reply(reply, "EPSV")
                .with_kind(ErrorKind::BadResponse)
                .with_message("needs 229 and was answered"),
            Err(refusal) if self.asks_again(&refusal) => {
                cx.send(&Command::bare("EPSV"))?;
                return Ok(Step::Wait);
            }
            Err(error) => error,
        };
        // A 4yz is this moment's trouble, not the server's ignorance.
        let transient = error.code().is_some_and(Code::is_transient);
        if transient || !self.may_fall_back(cx) {
            return Err(error);
        }
        cx.memory.avoid_epsv = true;
        if error.kind() != ErrorKind::CommandFailed {
            self.epsv_failure = Some(error);
        }
        self.ask_pasv(cx)
    }

    pub(super) fn on_pasv(&mut self, reply: Reply, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if reply.code() != 227 {
            return Err(Error::from_reply(reply, "PASV")
                .with_kind(ErrorKind::BadResponse)
                .with_message("needs 227 and was answered"));
        }
        match addr::parse_pasv(reply.text_bytes()) {
            Ok(address) => self.dial(Some(IpAddr::V4(*address.ip())), address.port(), reply, cx),
            Err(error) => Err(bad_address("PASV", reply, error)),
        }
    }

    /// The same, where a server without PASV leaves EPSV's failure as the reason.
    pub(super) fn on_pasv_or_neither(
        &mut self,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        if reply
            .as_ref()
            .is_err_and(|refusal| self.asks_again(refusal))
        {
            return self.ask_pasv(cx);
        }
        reply
            .and_then(|reply| self.on_pasv(reply, cx))
            .map_err(|error| {
                let unknown = error.code().is_some_and(Code::is_permanent);
                match self.epsv_failure.take().filter(|_| unknown) {
                    // EPSV is all there is.
                    Some(reason) => {
                        cx.memory.avoid_epsv = false;
                        reason
                    }
                    None => error,
                }
            })
    }

    /// Whether this is about a port that the server could not open, and the first time. Two of ProFTPD's sessions
    /// choose the same port now and then, and one of them is refused (`425 EPSV: Address already in use`); a
    /// server without a free port may have one a moment later. Nothing has happened yet that asking again
    /// could repeat (RFC 959 §4.2.1 on 4yz).
    fn asks_again(&mut self, refusal: &Error) -> bool {
        let no_port = refusal.code().is_some_and(|code| code == 425);
        no_port && !std::mem::replace(&mut self.asked_again, true)
    }

    fn dial(
        &mut self,
        advertised: Option<IpAddr>,
        port: u16,
        reply: Reply,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        let by_epsv = matches!(self.state, State::Extended);
        let target = addr::data_target(advertised, port, cx.config.peer, cx.config.trust_address)
            .map_err(|error| {
            let command = if by_epsv { "EPSV" } else { "PASV" };
            bad_address(command, reply.clone(), error).with_kind(ErrorKind::Refused)
        })?;
        self.address = Some(reply);
        self.state = State::Dialling { by_epsv };
        self.deadline = cx.after(cx.config.accept_timeout);
        cx.data(DataAction::Dial(target));
        Ok(Step::Wait)
    }
}

fn bad_address(command: &str, reply: Reply, error: AddrError) -> Error {
    Error::from_reply(reply, command)
        .with_kind(ErrorKind::BadResponse)
        .with_message("was answered with an unusable address")
        .with_source(error)
}
