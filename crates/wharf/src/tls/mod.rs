//! TLS on the control and data connections (RFC 4217).
//!
//! [`Tls`](crate::Tls) says whether and how TLS begins, [`TlsConfig`] how it is spoken and whom it trusts. By
//! default a password brings TLS about, the platform's trusted authorities decide about the server, and files
//! are encrypted like commands:
//!
//! ```
//! use wharf::tls::{Roots, TlsConfig, Trust};
//! use wharf::Config;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use wharf_testing::{server::{Server, ServerTls}, tls::authority::Authority};
//! # let server = Server::builder().user("ship", "harbor").tls(ServerTls::default()).start().await?;
//! # let port = server.addr().port();
//! # let authority = Authority::shared().pem();
//! // A server whose certificate comes from an authority of its own.
//! let tls = TlsConfig::new().trust(Trust::Roots(Roots::from_pem(authority.as_bytes())?));
//! let config = Config::new("127.0.0.1").port(port).login("ship", "harbor").tls_config(tls);
//! let client = config.connect().await?;
//!
//! let control = client.tls().expect("a password travels over TLS only");
//! let certificate = control.certificate().expect("a server shows one");
//! println!("{control}, {}", certificate.sha256());
//!
//! let upload = client.store_file("manifest").await?;
//! assert!(upload.tls().is_some_and(|data| data.resumed()));
//! upload.finish().await?;
//! # Ok(()) }
//! ```
//!
//! # Resumed sessions
//!
//! Many servers refuse a data connection that does not resume its control connection's TLS session. Each control
//! connection keeps its own set of sessions for that, and never shares it; a data connection offers a ticket that
//! was not used yet, or the control connection's own once more. Where a server refuses all the same, the error is of
//! kind [`SessionReuse`](crate::ErrorKind::SessionReuse); the next connection made by the same [`Config`](crate::Config)
//! or a clone of it then speaks TLS 1.2, so the transfer can be repeated there.
//!
//! # What TLS does not protect
//!
//! Names, sizes and times are visible to whoever sees how much travels when. With
//! [`danger_clear_command_channel`](TlsConfig::danger_clear_command_channel) or a [`DataProtection`] other than
//! [`Private`](DataProtection::Private), commands or files are open to everybody on the path.

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
pub(crate) mod mode;
mod negotiated;
mod pem;
mod pin;
mod records;
mod roots;
mod signature;
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
pub use wharf_proto::session::DataProtection;

pub(crate) use findings::Findings;
pub(crate) use handshake::TlsContext;
pub(crate) use stream::{TlsStream, Unclosed};
pub(crate) use tickets::Channel;
