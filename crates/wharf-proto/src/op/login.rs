//! The greeting and the login (RFC 959 §5.4, RFC 7151 for HOST).
//!
//! ```text
//! Greeting ──220──▶ [Host] ──▶ User ──331──▶ Password ──332──▶ Account
//!    │ 120: wait                │ 230,232       │ 2yz             │ 2yz
//!    │                          └───────────────┴─────────────────┴──▶ Type ──2yz──▶ done
//!    └─ no credentials: done
//! ```
//!
//! Each of USER, PASS and ACCT is sent at most once, so a server that keeps asking gets an error, and
//! nothing is sent after a refusal: no secret goes out to a server that has said no.

use super::{Cx, Machine, Outcome, Step};
use crate::command::Command;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::op::Representation;
use crate::output::Output;
use crate::reply::Reply;
use crate::server::{Quirks, Server};

/// The login as an operation.
#[derive(Debug)]
pub struct Login {
    credentials: Option<Credentials>,
    stage: Stage,
    /// A refusal of the first login ends the connection, for nothing queued behind it can work; a
    /// later one is the caller's to deal with.
    first: bool,
    let_in_by: Option<Reply>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Greeting,
    Host,
    User,
    Password,
    Account,
    Type,
}

impl Login {
    /// Waits for the greeting, then logs in if there are credentials.
    pub(crate) fn first(credentials: Option<Credentials>) -> Self {
        Self {
            credentials,
            stage: Stage::Greeting,
            first: true,
            let_in_by: None,
        }
    }

    /// Logs in on a session that stands.
    pub fn again(credentials: Credentials) -> Self {
        Self {
            credentials: Some(credentials),
            stage: Stage::User,
            first: false,
            let_in_by: None,
        }
    }

    fn send(
        &mut self,
        stage: Stage,
        command: Option<Command>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        self.stage = stage;
        match command {
            Some(command) => cx.send(&command).map(|()| Step::Wait),
            None => Err(Error::new(
                ErrorKind::Login,
                match stage {
                    Stage::Password => "the server asks for a password and none was given",
                    _ => "the server asks for an account and none was given",
                },
            )),
        }
    }

    fn credentials(&self) -> &Credentials {
        self.credentials
            .as_ref()
            .expect("only a login with credentials leaves the greeting")
    }

    fn greeted(&mut self, greeting: Reply, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if !greeting.code().is_completion() {
            return Err(Error::from_reply(greeting, ""));
        }
        let server = Server::from_greeting(&greeting);
        let quirks = cx.config.quirks.unwrap_or_else(|| Quirks::of(server));
        cx.memory.wire = quirks.wire();
        cx.memory.quirks = quirks;
        cx.memory.server = server;
        cx.memory.greeting = Some(greeting.clone());
        cx.outputs.push_back(Output::Greeting(greeting.clone()));
        match &self.credentials {
            None => Ok(Step::Done(Outcome::Reply(greeting))),
            Some(credentials) => match credentials.host.clone() {
                Some(host) => self.send(Stage::Host, Some(host), cx),
                None => self.user(cx),
            },
        }
    }

    fn user(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let user = self.credentials().user.clone();
        self.send(Stage::User, Some(user), cx)
    }

    fn let_in(&mut self, reply: Reply, cx: &mut Cx<'_>) -> Result<Step, Error> {
        self.let_in_by = Some(reply);
        cx.memory.representation = None;
        self.send(Stage::Type, Some(Representation::Image.command()), cx)
    }

    fn next(&mut self, reply: Reply, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let code = reply.code().get();
        match self.stage {
            Stage::Greeting => self.greeted(reply, cx),
            Stage::Host => self.user(cx),
            Stage::User => match code {
                // 232: logged in by the security exchange (RFC 2228), no password wanted.
                230 | 232 => self.let_in(reply, cx),
                332 => self.send(Stage::Account, self.credentials().account.clone(), cx),
                // A 2yz that is not 230 satisfies a login that has no password to offer.
                200..=299 if self.credentials().password.is_none() => self.let_in(reply, cx),
                _ => self.send(Stage::Password, self.credentials().password.clone(), cx),
            },
            Stage::Password => match code {
                200..=299 => self.let_in(reply, cx),
                332 => self.send(Stage::Account, self.credentials().account.clone(), cx),
                _ => Err(Error::from_reply(reply, "PASS …")
                    .with_message("was not enough, and there is nothing more to offer")),
            },
            Stage::Account => match code {
                200..=299 => self.let_in(reply, cx),
                _ => Err(Error::from_reply(reply, "ACCT …")
                    .with_message("was not enough, and there is nothing more to offer")),
            },
            Stage::Type => {
                cx.memory.representation = Some(Representation::Image);
                let reply = self
                    .let_in_by
                    .take()
                    .expect("TYPE follows the reply that let us in");
                Ok(Step::Done(Outcome::Reply(reply)))
            }
        }
    }

    fn refused(&self, error: Error) -> Result<Step, Error> {
        let error = match self.stage {
            Stage::Greeting | Stage::Host => error,
            _ => error.with_kind(ErrorKind::Login),
        };
        if self.first {
            Ok(Step::Close(error))
        } else {
            Err(error)
        }
    }
}

impl Machine for Login {
    fn describe(&self) -> String {
        self.credentials
            .as_ref()
            .map_or_else(String::new, |c| c.user.redacted())
    }

    fn is_sent(&self) -> bool {
        !matches!(self.stage, Stage::Greeting | Stage::Host)
    }

    fn start(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        match self.stage {
            Stage::Greeting => {
                cx.expect(GREETING, Some(cx.config.reply_timeout));
                Ok(Step::Wait)
            }
            _ => self.user(cx),
        }
    }

    fn on_reply(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let step = match reply {
            // RFC 7151 §3: a server without virtual hosts answers 500 or 502; the login can go on.
            Err(error) if self.stage == Stage::Host && super::is_unknown_command(error.code()) => {
                self.user(cx)
            }
            reply => reply.and_then(|reply| self.next(reply, cx)),
        };
        step.or_else(|error| self.refused(error))
    }
}

/// What the ledger shows while the greeting is awaited, which answers no command.
pub(crate) const GREETING: &str = "";
