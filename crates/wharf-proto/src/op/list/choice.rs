//! Which command is sent, and which behind one that was refused.

use super::{List, ListAll, ListCommand, Listed, Stage, may_mean_nothing, settled};
use crate::command::Command;
use crate::error::{Error, ErrorKind};
use crate::op::excursion::Excursion;
use crate::op::memory::Offer;
use crate::op::{Cx, Direction, Machine, Step, Transfer, is_not_offered};
use crate::reply::Reply;
use crate::server::{LsOptions, Quirks};

impl List {
    /// Fails for `-R` where it is no option.
    pub(super) fn check_options(&self, quirks: &Quirks) -> Result<(), Error> {
        if !self.recursive || quirks.ls_options != LsOptions::Needless {
            return Ok(());
        }
        let why = "is not done by this server, which would list one directory or look for a file of that name";
        let command = self.command(ListCommand::List, false, &self.path);
        Err(Error::new(ErrorKind::Unsupported, why).with_command(&command.redacted(), false))
    }

    /// FEAT was answered.
    pub(super) fn on_offer(
        &mut self,
        reply: Result<Reply, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        let feat = Command::bare("FEAT");
        match reply {
            Ok(reply) => cx.memory.learn(&feat, &reply),
            Err(refusal) => {
                if let Some(code) = refusal.code() {
                    cx.memory.learn_refusal(&feat, code);
                }
            }
        }
        if self.given_up {
            return Ok(settled(cx));
        }
        self.choose(cx)
    }

    pub(super) fn choose(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let offered = match &cx.memory.features {
            Offer::Made(features) => features.supports_mlst(),
            // aioftp has no FEAT, and MLSD.
            Offer::Refused | Offer::Unasked => true,
        };
        if offered && !self.fixed && !cx.memory.is_unknown("MLSD") {
            return self.transfer(ListCommand::Mlsd, cx);
        }
        self.list(cx)
    }

    pub(super) fn list(&mut self, cx: &mut Cx<'_>) -> Result<Step, Error> {
        let command = if cx.memory.is_unknown("LIST") {
            ListCommand::Nlst
        } else {
            ListCommand::List
        };
        self.transfer(command, cx)
    }

    pub(super) fn transfer(
        &mut self,
        command: ListCommand,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        let is_misread = !cx.memory.quirks.lists_verbatim
            && command != ListCommand::Mlsd
            && self.path.iter().any(|byte| PATTERNS.contains(byte));
        if is_misread && self.excursion.is_none() {
            let enter =
                Command::path("CWD", &self.path).expect("the path was tried when it was given");
            self.excursion = Some(Excursion::begin(enter, cx)?);
            self.stage = Stage::Entering(command);
            return Ok(Step::Wait);
        }
        let ls_options = cx.memory.quirks.ls_options;
        let is_list = command == ListCommand::List;
        let all = is_list
            && match self.all {
                ListAll::Never => false,
                ListAll::IfObeyed => ls_options == LsOptions::Obeyed,
                ListAll::Always => ls_options != LsOptions::Needless,
            };
        let listed = Listed {
            command,
            place: cx.memory.place,
            inside: self.excursion.is_some(),
            may_hide: is_list
                && !all
                && self.all == ListAll::IfObeyed
                && ls_options == LsOptions::Unknown,
        };
        let path: &[u8] = if self.excursion.is_some() {
            b""
        } else {
            &self.path
        };
        let line = self.command(command, all, path);
        let transfer = Transfer::new(Direction::Download, self.mode, line)
            .listing(listed, self.excursion.is_some());
        let mut transfer = Box::new(transfer);
        let step = transfer.start(cx);
        self.stage = Stage::Transferring { listed, transfer };
        step
    }

    /// The command of a listing of this path, which is empty where we are in the directory.
    pub(super) fn command(&self, command: ListCommand, all: bool, path: &[u8]) -> Command {
        let options = match (all, self.recursive && command == ListCommand::List) {
            (false, false) => "",
            (true, false) => "-a",
            (false, true) => "-R",
            (true, true) => "-aR",
        };
        let mut argument = options.as_bytes().to_vec();
        if !argument.is_empty() && !path.is_empty() {
            argument.push(b' ');
        }
        argument.extend_from_slice(path);
        if argument.is_empty() {
            return Command::bare(command.verb());
        }
        Command::path(command.verb(), &argument).expect("the path was tried when it was given")
    }

    /// A refusal may be followed by another command.
    pub(super) fn fall_back(
        &mut self,
        step: Result<Step, Error>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, Error> {
        let refusal = match step {
            Err(refusal) => refusal,
            step => return step,
        };
        let Stage::Transferring { listed, transfer } = &mut self.stage else {
            return Err(refusal);
        };
        let Some(completion) = transfer.unstarted_completion(&refusal) else {
            return Err(refusal);
        };
        let (command, listed) = (listed.command, *listed);
        let is_missing = is_not_offered(&refusal);
        match command {
            ListCommand::Mlsd if is_missing => {
                cx.memory.remember_unknown("MLSD");
                self.list(cx)
            }
            ListCommand::Mlsd if is_about_a_file(&refusal) => self.list(cx),
            ListCommand::List if is_missing && !self.fixed => {
                cx.memory.remember_unknown("LIST");
                self.transfer(ListCommand::Nlst, cx)
            }
            ListCommand::List | ListCommand::Nlst
                if completion.reply.code().is_completion() || may_mean_nothing(&refusal) =>
            {
                self.confirm(listed, refusal, completion, cx)
            }
            _ => Err(refusal),
        }
    }
}

/// Whether MLSD was refused for what may be a file, which LIST lists all the same: pyftpdlib says 501, and
/// Pure-FTPd that it cannot `check for file existence`, of what is missing too. Other codes for commands may
/// as well be about their paths.
fn is_about_a_file(refusal: &Error) -> bool {
    refusal.reply().is_some_and(|reply| {
        let text = reply.text().to_ascii_lowercase();
        let says = |words: &str| text.contains(words);
        (500..=504).contains(&reply.code().get())
            || says("not a directory")
            || says("check for file existence")
    })
}

/// What `ls` behind a shell makes something else of: where words end, and patterns.
const PATTERNS: &[u8] = b" \t*?[]{}~\\'\"$`;&|<>()#!";
