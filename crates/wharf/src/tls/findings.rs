//! What one connection to a server has taught for the next.

use std::error::Error as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::InvalidMessage;
use wharf_proto::error::{Error, ErrorKind};

use super::{TlsConfig, TlsVersion};

/// What is known of a server's TLS; shared by all who connect to it.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    deaf_behind_234: AtomicBool,
    refuses_tickets: AtomicBool,
}

/// ftp-srv and libunftp send their 234 first and change over to TLS then. What arrives in between they take for a
/// command, and answer it in clear text.
const PAUSE: Duration = Duration::from_millis(100);

impl Findings {
    /// Learns from an error; whether a connection that did not know of it yet may fare better.
    pub(crate) fn learn(&self, error: &Error) -> bool {
        let finding = if error.kind() == ErrorKind::SessionReuse {
            &self.refuses_tickets
        } else if answered_in_clear(error) {
            &self.deaf_behind_234
        } else {
            return false;
        };
        finding.store(true, Ordering::Relaxed);
        true
    }

    /// How long to wait between the 234 and the handshake.
    pub(crate) fn pause(&self) -> Option<Duration> {
        self.deaf_behind_234
            .load(Ordering::Relaxed)
            .then_some(PAUSE)
    }

    /// The configuration as this server needs it. One that did not take TLS 1.3's tickets for the same session
    /// is given TLS 1.2, where a session has one identity for all its connections.
    pub(crate) fn apply(&self, config: TlsConfig) -> TlsConfig {
        if config.session_reuse
            && self.refuses_tickets.load(Ordering::Relaxed)
            && config.min_version == TlsVersion::Tls12
        {
            config.max_version(TlsVersion::Tls12)
        } else {
            config
        }
    }
}

fn answered_in_clear(error: &Error) -> bool {
    let not_tls = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
    std::iter::successors(error.source(), |&cause| cause.source())
        .filter_map(|cause| cause.downcast_ref::<rustls::Error>())
        .any(|cause| *cause == not_tls)
}
