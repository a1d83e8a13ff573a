//! What the listings of a connection have taught about its server.

use std::sync::{Mutex, MutexGuard, PoisonError};

use wharf_proto::listing::ServerZone;
use wharf_proto::op::ListAll;

/// What is known by experience, for all handles of a session.
#[derive(Debug, Default)]
pub(crate) struct Knowledge(Mutex<Known>);

#[derive(Debug, Default, Clone, Copy)]
struct Known {
    /// Whether `LIST -a` does no harm.
    all: Option<bool>,
    lacks_mlst: bool,
    zone: Option<ServerZone>,
}

impl Knowledge {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How LIST is to ask for the names that begin with a dot.
    pub(crate) fn all(&self) -> ListAll {
        match self.lock().all {
            None => ListAll::IfObeyed,
            Some(true) => ListAll::Always,
            Some(false) => ListAll::Never,
        }
    }

    /// Remembers whether `LIST -a` does no harm.
    pub(crate) fn learn_all(&self, is_harmless: bool) {
        self.lock().all = Some(is_harmless);
    }

    pub(crate) fn lacks_mlst(&self) -> bool {
        self.lock().lacks_mlst
    }

    pub(crate) fn learn_no_mlst(&self) {
        self.lock().lacks_mlst = true;
    }

    pub(crate) fn zone(&self) -> Option<ServerZone> {
        self.lock().zone
    }

    pub(crate) fn set_zone(&self, zone: Option<ServerZone>) {
        self.lock().zone = zone;
    }
}
