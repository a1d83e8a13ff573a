//! What a session is told at its start.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::addr::TrustAddress;
use crate::credentials::Credentials;
use crate::reply::{Multiline, ReplyLimits};
use crate::server::Quirks;

/// What a session is told once, at its start.
///
/// # Defaults
///
/// No login, replies within 60 s, settling within 20 s, the server's data connection within 30 s, no
/// keep-alive, one command in flight, RFC 959's rule for the end of a multi-line reply, quirks after
/// the greeting, and data connections to the control peer only.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SessionConfig {
    /// Who logs in as soon as the greeting has come; with `None` only the greeting is awaited.
    pub login: Option<Credentials>,
    /// The address of the server's end of the control connection, for data connections.
    pub peer: IpAddr,
    /// How long each reply may take, to its last line.
    pub reply_timeout: Duration,
    /// How long clearing up after an abandoned transfer may take before the connection is closed.
    pub settle_timeout: Duration,
    /// How long a data connection may take to be made, whichever side makes it.
    pub accept_timeout: Duration,
    /// How long the session may be idle before a NOOP is sent. Never during a transfer.
    pub keep_alive: Option<Duration>,
    /// How many commands may be unanswered at a time; zero counts as one.
    pub window: usize,
    /// What ends a multi-line reply.
    pub multiline: Multiline,
    /// How large a reply may be.
    pub limits: ReplyLimits,
    /// The server's peculiarities, if they are known better than by its greeting.
    pub quirks: Option<Quirks>,
    /// Whether a data address that is not the control peer's may be dialled.
    pub trust_address: TrustAddress,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            login: None,
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            reply_timeout: Duration::from_mins(1),
            settle_timeout: Duration::from_secs(20),
            accept_timeout: Duration::from_secs(30),
            keep_alive: None,
            window: 1,
            multiline: Multiline::default(),
            limits: ReplyLimits::default(),
            quirks: None,
            trust_address: TrustAddress::default(),
        }
    }
}
