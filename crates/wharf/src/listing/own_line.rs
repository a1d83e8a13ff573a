//! The line of a directory about itself, which is no entry of it.
//!
//! ```text
//! Awaited ──a directory of its name──▶ Held ──more, or it is known to be an entry──▶ Next ──▶ Past
//!    └──anything else──▶ Past            └──the end──▶ whether it is an entry has to be found out
//! ```
//!
//! vsFTPd takes a path for a pattern, and lists a directory that may not be read as `ls -d` does. Whether one may be
//! entered does not tell, for people's homes are of mode 711; whether there is one of its name within does.

use std::mem;

use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::listing::{Entry, Parsed};
use wharf_proto::reply::Reply;

const UNREADABLE: &str =
    "the directory cannot be read, for it lists nothing but itself, and none of its name is within";

/// Holds the first entry of a listing back for as long as it may be the directory's own line.
#[derive(Debug, Default)]
pub(super) enum OwnLine {
    Awaited,
    Held(Parsed),
    /// To be handed on before anything that follows.
    Next(Parsed),
    #[default]
    Past,
}

impl OwnLine {
    /// Takes what follows in the listing, and gives what is to be handed on.
    pub(super) fn pass(
        &mut self,
        parsed: Parsed,
        may_be_own: impl FnOnce(&Entry) -> bool,
    ) -> Option<Parsed> {
        if matches!(self, Self::Past) {
            return Some(parsed);
        }
        match (mem::take(self), &parsed) {
            (Self::Awaited, Parsed::Entry(entry)) if may_be_own(entry) => {
                *self = Self::Held(parsed);
                None
            }
            (Self::Held(own), _) => {
                *self = Self::Next(parsed);
                Some(own)
            }
            _ => Some(parsed),
        }
    }

    /// What is to be handed on before anything that follows.
    pub(super) fn take_next(&mut self) -> Option<Parsed> {
        if !matches!(self, Self::Next(_)) {
            return None;
        }
        match mem::take(self) {
            Self::Next(parsed) => Some(parsed),
            _ => None,
        }
    }

    /// Whether it is held, with nothing behind it.
    pub(super) fn is_held(&self) -> bool {
        matches!(self, Self::Held(_))
    }

    /// Says what a refusal means: that a directory of the name is not within. The one that was asked for is there, so
    /// a refusal that sounds otherwise gives way to the server's word on the listing.
    pub(super) fn explain(&self, refusal: Error, listed: Option<&Reply>) -> Error {
        if !self.is_held() || refusal.kind() != ErrorKind::CommandFailed {
            return refusal;
        }
        match listed.filter(|_| refusal.is_not_found()) {
            Some(listed) => {
                Error::new(ErrorKind::CommandFailed, UNREADABLE).with_reply(listed.clone())
            }
            None => refusal.with_message(UNREADABLE),
        }
    }

    /// Takes it for an entry, now or when it comes.
    pub(super) fn let_go(&mut self) {
        *self = match mem::take(self) {
            Self::Held(parsed) | Self::Next(parsed) => Self::Next(parsed),
            Self::Awaited | Self::Past => Self::Past,
        };
    }
}
