//! What the listings of a connection have taught about its server.

use std::sync::{Mutex, MutexGuard, PoisonError};

use wharf_proto::listing::ServerZone;
use wharf_proto::op::ListAll;

/// What is known by experience, for all handles of a session: what the server's programs do, whoever has logged in.
/// Which commands a user is offered is in the session's own memory, and forgotten with the login.
#[derive(Debug, Default)]
pub(crate) struct Knowledge(Mutex<Known>);

#[derive(Debug, Default, Clone, Copy)]
struct Known {
    /// Whether `LIST -a` does no harm, and whether `LIST -a` with a path does none: Twisted drops a `-a` that stands
    /// alone, and looks for a file `-a pub`.
    all_alone: Option<bool>,
    all_of_path: Option<bool>,
    zone: Option<ServerZone>,
}

impl Known {
    fn all_of(&mut self, path: &[u8]) -> &mut Option<bool> {
        if path.is_empty() {
            &mut self.all_alone
        } else {
            &mut self.all_of_path
        }
    }
}

impl Knowledge {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How LIST of this path is to ask for the names that begin with a dot.
    pub(crate) fn all(&self, path: &[u8]) -> ListAll {
        match *self.lock().all_of(path) {
            None => ListAll::IfObeyed,
            Some(true) => ListAll::Always,
            Some(false) => ListAll::Never,
        }
    }

    /// Remembers whether `LIST -a` of this path, and of those like it, does no harm.
    pub(crate) fn learn_all(&self, path: &[u8], is_harmless: bool) {
        *self.lock().all_of(path) = Some(is_harmless);
    }

    pub(crate) fn zone(&self) -> Option<ServerZone> {
        self.lock().zone
    }

    pub(crate) fn set_zone(&self, zone: Option<ServerZone>) {
        self.lock().zone = zone;
    }
}
