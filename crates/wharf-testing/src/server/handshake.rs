//! The handshakes that took place.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustls::{HandshakeKind, ProtocolVersion, ServerConnection};

/// A TLS handshake that succeeded, as [`Server::handshakes`](super::Server::handshakes) gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The control connection it belongs to: 1 for the first client since the start.
    pub connection: usize,
    /// What was secured.
    pub channel: Channel,
    /// TLS 1.3, or else 1.2.
    pub tls13: bool,
    /// The cipher suite, such as `TLS13_AES_256_GCM_SHA384`.
    pub suite: String,
    /// Whether an earlier session was resumed.
    pub resumed: bool,
    /// The name the client asked for (SNI).
    pub server_name: Option<String>,
    /// The client's own certificate.
    pub client_certificate: Option<Vec<u8>>,
}

impl Handshake {
    pub(super) fn new(connection: usize, channel: Channel, tls: &ServerConnection) -> Self {
        let suite = tls.negotiated_cipher_suite().map(|suite| suite.suite());
        Self {
            connection,
            channel,
            tls13: tls.protocol_version() == Some(ProtocolVersion::TLSv1_3),
            suite: suite.map(|suite| format!("{suite:?}")).unwrap_or_default(),
            resumed: tls.handshake_kind() == Some(HandshakeKind::Resumed),
            server_name: tls.server_name().map(str::to_owned),
            client_certificate: tls
                .peer_certificates()
                .and_then(<[_]>::first)
                .map(|certificate| certificate.to_vec()),
        }
    }
}

/// The two kinds of connection that FTP has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// For commands and replies.
    Control,
    /// For a file or a listing.
    Data,
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Control => "control",
            Self::Data => "data",
        })
    }
}

/// The newest handshakes of all sessions, oldest first.
#[derive(Debug, Default)]
pub(super) struct Handshakes {
    made: Mutex<VecDeque<Handshake>>,
    failed: Mutex<VecDeque<String>>,
}

impl Handshakes {
    pub(super) fn made(&self, handshake: Handshake) {
        push(&self.made, handshake);
    }

    pub(super) fn failed(&self, connection: usize, channel: Channel, error: &std::io::Error) {
        push(&self.failed, format!("{connection} {channel}: {error}"));
    }

    pub(super) fn all_made(&self) -> Vec<Handshake> {
        lock(&self.made).iter().cloned().collect()
    }

    pub(super) fn all_failed(&self) -> Vec<String> {
        lock(&self.failed).iter().cloned().collect()
    }
}

fn push<T>(list: &Mutex<VecDeque<T>>, entry: T) {
    /// An endurance run makes thousands; what it counts must all be there.
    const CAPACITY: usize = 1 << 16;
    let mut list = lock(list);
    if list.len() == CAPACITY {
        list.pop_front();
    }
    list.push_back(entry);
}

fn lock<T>(list: &Mutex<VecDeque<T>>) -> MutexGuard<'_, VecDeque<T>> {
    // A list of finished entries is sound wherever a panic left it.
    list.lock().unwrap_or_else(PoisonError::into_inner)
}
