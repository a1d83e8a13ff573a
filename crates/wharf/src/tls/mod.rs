//! TLS on the control and data connections (RFC 4217).

mod certificate;
mod config;
mod explain;
mod fingerprint;
mod identity;
mod key_log;
mod known;
mod pem;
mod pin;
mod roots;
mod trust;

pub use certificate::Certificate;
pub use config::{CloseNotify, Provider, TlsConfig, TlsVersion};
pub use fingerprint::Fingerprint;
pub use identity::Identity;
pub use known::KnownKeys;
pub use pin::Pin;
pub use roots::Roots;
pub use trust::Trust;
