//! What a session has learnt, whichever operation it was that learnt it.

use crate::command::{Command, Wire};
use crate::feature::Features;
use crate::op::secure::Control;
use crate::op::{Place, Representation};
use crate::reply::{Code, Reply};
use crate::server::{Quirks, Server};

/// What a session has learnt about its server.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) control: Control,
    /// Data connections are encrypted: PROT P is in force.
    pub(crate) protected: bool,
    /// The last USER named a user whose password is a courtesy.
    pub(super) anonymous: bool,
    pub(crate) greeting: Option<Reply>,
    pub(crate) server: Server,
    pub(crate) wire: Wire,
    pub(crate) quirks: Quirks,
    /// The representation that is current, if it is known.
    pub(crate) representation: Option<Representation>,
    /// EPSV was refused, or its port could not be reached.
    pub(crate) avoid_epsv: bool,
    /// Commands that the server has said it does not have.
    unknown_verbs: Vec<String>,
    /// What FEAT was answered with.
    pub(crate) features: Offer,
    /// Where relative paths begin.
    pub(crate) place: Place,
}

/// What a server says that it can do.
#[derive(Debug, Default)]
pub(crate) enum Offer {
    /// It was not asked.
    #[default]
    Unasked,
    /// It does not say.
    Refused,
    Made(Features),
}

impl Memory {
    /// What an accepted command changes about the session, whoever sent it.
    pub(crate) fn learn(&mut self, command: &Command, reply: &Reply) {
        match &*command.verb() {
            "TYPE" => self.representation = Representation::of_type_command(command),
            // RFC 959 §4.1.1: all parameters are reset to the default settings.
            "REIN" => {
                self.representation = Some(Representation::Ascii);
                self.log_in_anew();
            }
            "USER" | "PASS" | "ACCT" => self.log_in_anew(),
            "CWD" | "XCWD" | "CDUP" | "XCUP" | "SMNT" => self.place.moved(),
            "FEAT" => self.features = Offer::Made(Features::parse(reply)),
            // libunftp accepts PROT ahead of AUTH too, where it means nothing.
            "PROT" | "CDC" if !self.control.has_been_secure() => {}
            "CDC" => self.protected = false,
            "PROT" if reply.code().is_completion() => match command.argument() {
                b"P" | b"p" => self.protected = true,
                b"C" | b"c" => self.protected = false,
                _ => {}
            },
            _ => {}
        }
    }

    /// What a refused command says about the server.
    pub(crate) fn learn_refusal(&mut self, command: &Command, code: Code) {
        if &*command.verb() == "FEAT" && code.is_permanent() {
            self.features = Offer::Refused;
        }
    }

    /// Another user may have another root, and be offered other commands.
    pub(crate) fn log_in_anew(&mut self) {
        self.features = Offer::Unasked;
        self.unknown_verbs.clear();
        self.place.moved();
    }

    pub(crate) fn is_unknown(&self, verb: &str) -> bool {
        self.unknown_verbs.iter().any(|unknown| unknown == verb)
    }

    pub(crate) fn remember_unknown(&mut self, verb: &str) {
        if !self.is_unknown(verb) {
            self.unknown_verbs.push(verb.to_owned());
        }
    }
}
