//! TLS on the control and data connections (RFC 4217).

mod certificate;
mod config;
mod explain;
mod findings;
mod fingerprint;
mod handshake;
mod identity;
mod inbox;
mod key_log;
mod known;
mod negotiated;
mod pem;
mod pin;
mod records;
mod roots;
mod stream;
mod tickets;
mod trust;

pub use certificate::Certificate;
pub use config::{CloseNotify, Provider, TlsConfig, TlsVersion};
pub use fingerprint::Fingerprint;
pub use identity::Identity;
pub use known::KnownKeys;
pub use negotiated::Negotiated;
pub use pin::Pin;
pub use roots::Roots;
pub use trust::Trust;

pub(crate) use findings::Findings;
pub(crate) use handshake::TlsContext;
pub(crate) use stream::{TlsStream, Unclosed};
pub(crate) use tickets::Channel;
