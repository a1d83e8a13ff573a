//! Where a listing comes from: what it takes to ask more about the same directory.

use bytes::Bytes;
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::listing::{Entry, Kind};
use wharf_proto::op::{DataMode, List, ListAll, ListCommand, Listed, Op, Presence};
use wharf_proto::path::RemotePath;
use wharf_proto::reply::Reply;

use super::heading::Heading;
use crate::client::Client;
use crate::client::submit::invalid;
use crate::download::Download;
use crate::queued::Queued;

/// The directory of a listing whose command was chosen, and the session that it is on.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) client: Client,
    /// As it goes over the wire.
    pub(crate) path: Bytes,
    pub(crate) mode: DataMode,
    /// The caller wants to see what begins with a dot.
    pub(crate) hidden: bool,
    pub(crate) recursive: bool,
    pub(crate) listed: Listed,
}

impl Origin {
    /// Whether the listing may show less than there is, for want of a `-a` that nobody knows the harm of.
    pub(super) fn is_worth_a_probe(&self) -> bool {
        let all = self.client.knowledge().all(self.argument());
        // Inside of a directory a `-a` is not sent for what is known of it elsewhere.
        let is_known = all == ListAll::Never || all == ListAll::Always && !self.listed.inside;
        self.listed.may_hide && self.hidden && !self.recursive && !is_known
    }

    /// The path that LIST went out with.
    fn argument(&self) -> &[u8] {
        if self.listed.inside { b"" } else { &self.path }
    }

    /// Lists the same with `-a`.
    pub(super) fn list_all(&self) -> Queued<Download> {
        match List::new(self.mode, &self.path) {
            Ok(list) => {
                let list = list.by_list().all(ListAll::Always);
                let op = Op::List(Box::new(list.seen_from(self.listed.place)));
                self.client.queue_download(op)
            }
            Err(error) => Queued::failed(invalid(error)),
        }
    }

    /// Whether an entry is one of the directory, and not of another that the server lists unasked.
    pub(super) fn has_asked_for(&self, entry: &Entry, heading: &mut Heading) -> bool {
        self.recursive || heading.is_of(self.argument(), entry.section())
    }

    /// An entry by its name in the directory. Names of NLST are such that they can be sent as they are (RFC 1123
    /// §4.1.2.7), so many servers write the directory ahead of each. Of another directory it stays where it is. The
    /// paths of MLSD are those of the directory itself and of that above (RFC 3659 §7.5.1).
    pub(super) fn by_own_name(&self, entry: Entry, ahead: &mut Heading) -> Entry {
        if self.listed.command == ListCommand::Mlsd {
            return entry;
        }
        let name = entry.name();
        let slash = name.iter().rposition(|&byte| byte == b'/');
        // The root is the slash itself.
        let directory = slash.map(|slash| &name[..slash.max(1)]);
        let is_of_it = ahead.is_of(self.argument(), directory);
        if directory.is_some() && is_of_it {
            entry.with_last_component()
        } else {
            entry
        }
    }

    /// Whether the only entry of a listing may be about the directory itself, and not about something in it. MLSD
    /// knows better.
    pub(super) fn may_be_about_itself(&self, entry: &Entry) -> bool {
        let (asked, listed) = (
            RemotePath::from(self.argument()),
            RemotePath::from(entry.name()),
        );
        self.listed.command == ListCommand::List
            && entry.kind() == Kind::Directory
            && asked.file_name().is_some()
            && asked.file_name() == listed.file_name()
    }

    /// Whether a listing without an entry leaves open if there is a directory. There is one that we work in.
    pub(super) fn leaves_doubt(&self) -> bool {
        !self.path.is_empty()
    }

    /// Asks whether the directory is there.
    pub(super) fn confirm(&self) -> Queued<Reply> {
        self.confirm_path(&self.path)
    }

    /// Asks whether a directory of the directory's own name is in it.
    pub(super) fn confirm_within(&self) -> Queued<Reply> {
        let asked = RemotePath::from(&*self.path);
        let within = asked.join(asked.file_name().unwrap_or_default());
        self.confirm_path(within.as_bytes())
    }

    fn confirm_path(&self, path: &[u8]) -> Queued<Reply> {
        match Presence::new(path) {
            Ok(presence) => {
                let mut presence = presence.seen_from(self.listed.place);
                // Whoever has MLSD to list by refuses what may not be read.
                if self.listed.command != ListCommand::Mlsd {
                    presence = presence.by_entering();
                }
                self.client.queue_reply(Op::Presence(Box::new(presence)))
            }
            Err(error) => Queued::failed(invalid(error)),
        }
    }

    pub(super) fn learn_all(&self, is_harmless: bool) {
        self.client
            .knowledge()
            .learn_all(self.argument(), is_harmless);
    }

    /// The listing with `-a` failed. Only the server's own word against it counts.
    pub(super) fn learn_refusal(&self, error: &Error) {
        if error.kind() == ErrorKind::CommandFailed {
            self.learn_all(false);
        }
    }
}
