//! What a session is told at its start.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::addr::TrustAddress;
use crate::credentials::Credentials;
use crate::reply::{Multiline, ReplyLimits};
use crate::server::Quirks;

/// Whether the control connection is encrypted, and how that begins (RFC 4217).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Security {
    /// Never.
    #[default]
    Off,
    /// `AUTH TLS` behind the greeting; a server that refuses it loses the session.
    Explicit,
    /// The same, but a server that refuses it is used in clear text. Whoever can change what the server
    /// says can refuse for it, so this guards against listeners only.
    IfOffered,
    /// From the first byte on, ahead of the greeting (port 990).
    Implicit,
}

/// Whether files and listings are encrypted, on a control connection that is or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DataProtection {
    /// `PROT P`: each data connection is encrypted. A server that refuses it loses the session.
    #[default]
    Private,
    /// `PROT C`: files and listings travel in clear text, for anybody to read and to change.
    DangerClearByProt,
    /// The same by `CDC`, for servers that know no `PROT`.
    DangerClearByCdc,
}

/// What a session is told once, at its start.
///
/// # Defaults
///
/// No login, no TLS and no secret without it, replies within 60 s, settling within 20 s, the server's data
/// connection and TLS handshakes within 30 s each, no keep-alive, one command in flight, RFC 959's rule for
/// the end of a multi-line reply, quirks after what the server says of itself, and data connections to the
/// control peer only.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SessionConfig {
    /// Who logs in as soon as the greeting has come; with `None` only the greeting is awaited.
    pub login: Option<Credentials>,
    /// Whether the control connection is encrypted.
    pub security: Security,
    /// Whether `PASS`, `ACCT` and whatever else holds a secret may go out while the control connection is
    /// not encrypted. What an anonymous user sends as a password is no secret.
    pub plaintext_secrets: bool,
    /// Whether data connections are encrypted too, where the control connection is.
    pub data_protection: DataProtection,
    /// Whether the control connection goes back to clear text behind the login (`CCC`), for firewalls that
    /// read along. Data connections stay as they were agreed.
    pub clear_command_channel: bool,
    /// The address of the server's end of the control connection, for data connections.
    pub peer: IpAddr,
    /// How long each reply may take, to its last line.
    pub reply_timeout: Duration,
    /// How long clearing up after an abandoned transfer may take before the connection is closed.
    pub settle_timeout: Duration,
    /// How long a data connection may take to be made, whichever side makes it; and then how long its TLS
    /// handshake may take.
    pub accept_timeout: Duration,
    /// How long a TLS handshake on the control connection may take, and its end for `CCC`.
    pub handshake_timeout: Duration,
    /// How long the session may be idle before a NOOP is sent. Never during a transfer.
    pub keep_alive: Option<Duration>,
    /// How many commands may be unanswered at a time; zero counts as one.
    pub window: usize,
    /// What ends a multi-line reply.
    pub multiline: Multiline,
    /// How large a reply may be.
    pub limits: ReplyLimits,
    /// The server's peculiarities, if they are known better than by what it says of itself.
    pub quirks: Option<Quirks>,
    /// Whether a data address that is not the control peer's may be dialled.
    pub trust_address: TrustAddress,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            login: None,
            security: Security::default(),
            plaintext_secrets: false,
            data_protection: DataProtection::default(),
            clear_command_channel: false,
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            reply_timeout: Duration::from_mins(1),
            settle_timeout: Duration::from_secs(20),
            accept_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(30),
            keep_alive: None,
            window: 1,
            multiline: Multiline::default(),
            limits: ReplyLimits::default(),
            quirks: None,
            trust_address: TrustAddress::default(),
        }
    }
}
