//! The greeting and the login (RFC 959 §5.4, RFC 7151 for HOST, RFC 4217 for TLS).
//!
//! ```text
//! Greeting ──220──▶ [Securing] ─▶ [Host] ──▶ User ──331──▶ Password ──332──▶ Account
//!    │ 120: wait                              │ 230,232       │ 2yz             │ 2yz
//!    │                                        └───────────────┴─────────────────┴──▶ in
//!    └─ no credentials: in
//!
//! in ──▶ [Protecting] ──▶ Type ──2yz──▶ done
//!             └─ no credentials: done
//! ```
//!
//! With implicit TLS `Securing` comes ahead of `Greeting`; without TLS there is no `Protecting`.
//!
//! Each of USER, PASS and ACCT is sent at most once, so a server that keeps asking gets an error, and
//! nothing is sent after a refusal: no secret goes out to a server that has said no. Nor does one go out in
//! clear text unless that was allowed, nor is anything concluded from a greeting that came ahead of TLS: it
//! may be anybody's.

use std::time::Instant;

use super::secure::{Answered, Protected, Protecting, Securing};
use super::{Cx, Machine, Outcome, Step};
use crate::command::Command;
use crate::config::Security;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::op::Representation;
use crate::output::Output;
use crate::reply::Reply;
use crate::server::Server;

/// The login as an operation.
#[derive(Debug)]
pub struct Login {
    credentials: Option<Credentials>,
    stage: Stage,
    /// A refusal of the first login ends the connection, for nothing queued behind it can work; a
    /// later one is the caller's to deal with.
    first: bool,
    /// What the server said in clear text, to be believed if it has no TLS and need not.
    greeting: Option<Reply>,
    /// The server's refusal of TLS, if the session goes on without.
    no_tls: Option<Error>,
    let_in_by: Option<Reply>,
}

#[derive(Debug)]
enum Stage {
    Greeting,
    Securing(Securing),
    Host,
    User,
    Password,
    Account,
    Protecting(Protecting),
    Type,
}

impl Login {
    /// Waits for the greeting, then logs in if there are credentials.
    pub(crate) fn first(credentials: Option<Credentials>) -> Self {
        Self {
            credentials,
            stage: Stage::Greeting,
            first: true,
            greeting: None,
            no_tls: None,
            let_in_by: None,
        }
    }

    /// Logs in on a session that stands.
    pub fn again(credentials: Credentials) -> Self {
        Self {
            credentials: Some(credentials),
            stage: Stage::User,
            first: false,
            greeting: None,
            no_tls: None,
            let_in_by: None,
        }
    }

    fn credentials(&self) -> &Credentials {
        self.credentials
            .as_ref()
            .expect("only a login with credentials leaves the greeting")
    }

    fn await_greeting(&mut self, cx: &mut Cx<'_>) -> Step {
        self.stage = Stage::Greeting;
        cx.expect(GREETING, Some(cx.config.reply_timeout));
        Step::Wait
    }

    fn greeted(&mut self, greeting: Reply, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if !greeting.code().is_completion() {
            return Err(Error::from_reply(greeting, ""));
        }
        match cx.config.security {
            // No handshake would make the commands our own that somebody has sent ahead of it.
            Security::Explicit if greeting.code() == 230 => Err(Error::new(
                ErrorKind::Cleartext,
                "the server began a session without TLS",
            )
            .with_reply(greeting)),
            Security::Explicit | Security::IfOffered => {
                self.greeting = Some(greeting);
                cx.recognise(Server::Unknown);
                self.stage = Stage::Securing(Securing::ask(cx)?);
                Ok(Step::Wait)
            }
            Security::Off | Security::Implicit => {
                self.meet(greeting, cx);
                self.log_in(cx)
            }
        }
    }

    /// Believes a greeting.
    fn meet(&mut self, greeting: Reply, cx: &mut Cx<'_>) {
        cx.recognise(Server::from_greeting(&greeting));
        cx.memory.greeting = Some(greeting.clone());
        cx.outputs.push_back(Output::Greeting(greeting.clone()));
        if self.credentials.is_none() {
            self.let_in_by = Some(greeting);
        }
    }

    /// AUTH was answered.
    fn answered(&mut self, answered: Answered, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let Answered::Refused(refusal) = answered else {
            return Ok(Step::Wait);
        };
        match self.greeting.take() {
            Some(greeting) if cx.config.security == Security::IfOffered => {
                self.no_tls = Some(refusal);
                self.meet(greeting, cx);
                self.log_in(cx)
            }
            _ => Err(refusal),
        }
    }

    /// The control connection is encrypted.
    fn secured(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if cx.config.security == Security::Implicit {
            return Ok(self.await_greeting(cx));
        }
        self.greeting = None;
        self.log_in(cx)
    }

    fn log_in(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        match &self.credentials {
            None => self.protect(cx),
            Some(credentials) => match credentials.host.clone() {
                Some(host) => {
                    self.keep_secrets(cx)?;
                    self.send(Stage::Host, Some(host), cx)
                }
                None => self.user(cx),
            },
        }
    }

    /// Fails if there are secrets that may not go out: then nothing does.
    fn keep_secrets(&self, cx: &Cx<'_>) -> Result<(), Error> {
        match self.credentials().secret() {
            Some(secret) if !cx.keeps_secrets() => {
                let error = Error::new(
                    ErrorKind::Cleartext,
                    "would have gone out in clear text, and nothing was sent",
                )
                .with_command(&secret.redacted(), false);
                Err(match self.no_tls.clone() {
                    Some(refusal) => error.with_source(refusal),
                    None => error,
                })
            }
            _ => Ok(()),
        }
    }

    fn user(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        self.keep_secrets(cx)?;
        let user = self.credentials().user.clone();
        self.send(Stage::User, Some(user), cx)
    }

    fn send(
        &mut self,
        stage: Stage,
        command: Option<Command>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        let missing = match stage {
            Stage::Password => "the server asks for a password and none was given",
            _ => "the server asks for an account and none was given",
        };
        self.stage = stage;
        match command {
            Some(command) => cx.send(&command).map(|()| Step::Wait),
            None => Err(Error::new(ErrorKind::Login, missing)),
        }
    }

    fn let_in(&mut self, reply: Reply, cx: &mut Cx<'_>) -> Result<Step, Error> {
        self.let_in_by = Some(reply);
        cx.memory.representation = None;
        cx.memory.log_in_anew();
        self.protect(cx)
    }

    /// Agrees on how data connections are protected. That outlives a later login.
    fn protect(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if self.first && cx.memory.control.is_secure() {
            self.stage = Stage::Protecting(Protecting::begin(cx)?);
            return Ok(Step::Wait);
        }
        self.represent(cx)
    }

    fn protected(&mut self, agreement: Option<Protected>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let Some(Protected { buffer, level }) = agreement else {
            return Ok(Step::Wait);
        };
        if cx.memory.greeting.is_none() {
            cx.recognise(Server::from_protection(&buffer, &level));
        }
        // Without a login, these are the first words that the server itself has said for certain.
        self.let_in_by.get_or_insert(level);
        self.represent(cx)
    }

    fn represent(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        if self.credentials.is_none() {
            return Ok(self.done());
        }
        self.send(Stage::Type, Some(Representation::Image.command()), cx)
    }

    fn done(&mut self) -> Step {
        let reply = self
            .let_in_by
            .take()
            .expect("the end follows the reply that let us in");
        Step::Done(Outcome::Reply(reply))
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
                Ok(self.done())
            }
            // These have their replies themselves, refusals too.
            Stage::Securing(_) | Stage::Protecting(_) => Ok(Step::Wait),
        }
    }

    fn refused(&self, error: Error) -> Result<Step, Error> {
        let error = match self.stage {
            Stage::Greeting | Stage::Securing(_) | Stage::Host | Stage::Protecting(_) => error,
            Stage::User | Stage::Password | Stage::Account | Stage::Type => {
                error.with_kind(ErrorKind::Login)
            }
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
        if let Stage::Securing(Securing::Auth { .. }) = self.stage {
            return "AUTH TLS".to_owned();
        }
        self.credentials
            .as_ref()
            .map_or_else(String::new, |c| c.user.redacted())
    }

    fn is_sent(&self) -> bool {
        !matches!(
            self.stage,
            Stage::Greeting | Stage::Securing(Securing::Shaking { .. }) | Stage::Host
        )
    }

    fn start(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        match self.stage {
            Stage::Greeting if cx.config.security == Security::Implicit => {
                self.stage = Stage::Securing(Securing::at_once(cx));
                Ok(Step::Wait)
            }
            Stage::Greeting => Ok(self.await_greeting(cx)),
            _ => self.user(cx),
        }
    }

    fn on_reply(&mut self, reply: Result<Reply, Error>, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let step = match (&mut self.stage, reply) {
            (Stage::Securing(securing), reply) => securing
                .on_reply(reply, cx)
                .and_then(|answered| self.answered(answered, cx)),
            (Stage::Protecting(protecting), reply) => protecting
                .on_reply(reply, cx)
                .and_then(|agreement| self.protected(agreement, cx)),
            // RFC 7151 §3: a server without virtual hosts answers 500 or 502; the login can go on.
            (Stage::Host, Err(error)) if super::is_unknown_command(error.code()) => self.user(cx),
            (_, reply) => reply.and_then(|reply| self.next(reply, cx)),
        };
        step.or_else(|error| self.refused(error))
    }

    fn on_tls(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let step = match &mut self.stage {
            Stage::Securing(_) => self.secured(cx),
            Stage::Protecting(protecting) => {
                let agreement = protecting.agreement();
                self.protected(agreement, cx)
            }
            _ => Ok(Step::Wait),
        };
        step.or_else(|error| self.refused(error))
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Securing(securing) => securing.deadline(),
            Stage::Protecting(protecting) => protecting.deadline(),
            _ => None,
        }
    }

    fn on_deadline(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let what = match self.stage {
            Stage::Securing(_) => "the TLS handshake was not finished",
            _ => "the server did not end TLS",
        };
        Ok(Step::Close(Error::new(
            ErrorKind::Timeout,
            format!("{what} within {:?}", cx.config.handshake_timeout),
        )))
    }
}

/// What the ledger shows while the greeting is awaited, which answers no command.
pub(crate) const GREETING: &str = "";
