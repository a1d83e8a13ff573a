//! An FTP client that keeps in step.
//!
//! **Every FTP command is a method that queues the command at once and returns a future of its
//! reply.** The handle, [`Client`], is cheap to clone and needs no `&mut`; one task behind it owns the
//! control connection, so nobody can be half-way through reading a reply. Transfers are streams that own
//! their data connection: a [`Download`] ends well only if the server confirmed it, an [`Upload`] that is
//! not finished is aborted.
//!
//! # Examples
//!
//! ```no_run
//! use tokio::io::AsyncReadExt;
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let client = wharf::Client::connect("ftp://ftp.example.com/").await?;
//!     let cwd = client.cwd("pub"); // queued at once …
//!     let file = client.retrieve_file("README"); // … and so is this, behind it
//!     cwd.await?;
//!     let mut text = String::new();
//!     file.await?.read_to_string(&mut text).await?; // an error unless it is whole
//!     println!("{text}");
//!     client.quit().await?;
//!     Ok(())
//! }
//! ```
//!
//! # Cancelling
//!
//! Any future may be dropped at any time, by `select!`, a time-out or a lost interest:
//!
//! - A [`Queued`] command runs on; its reply is read and thrown away. [`Queued::withdraw`] takes back
//!   what was not sent.
//! - A [`Queued`] transfer is taken back if it was not sent, and stopped if it runs.
//! - A [`Download`] or [`Listing`] dropped before its end closes the data connection; the driver reads
//!   what the server has to say about that, and makes sure that it is in step before the next command.
//! - An [`Upload`] dropped before [`finish`](Upload::finish) resets the data connection, so that the server
//!   does not take the part for the whole.
//! - When the last [`Client`] is dropped, what is queued is carried out, then comes QUIT.
//!
//! The control connection is in step or closed, never in doubt.
//!
//! # TLS
//!
//! A login with a password goes over TLS unless [`Tls`] says otherwise; [`tls`] has the rest.
//!
//! # Without a runtime
//!
//! [`blocking`] has the same client for code that is not asynchronous.
//!

pub mod blocking;
mod client;
mod config;
mod connect;
mod control;
mod data;
mod download;
mod driver;
mod lane;
pub mod listing;
mod options;
mod queued;
mod stream;
pub mod tls;
mod upload;
mod url;
mod watch;

pub use client::Client;
pub use config::Config;
pub use connect::Family;
pub use control::ControlStream;
pub use data::{BoxFuture, DataSocket, Dial, Listen};
pub use download::Download;
pub use driver::{Driver, TRANSCRIPT};
pub use listing::Listing;
pub use options::{ListOptions, RetrieveOptions, StoreOptions};
pub use queued::Queued;
pub use stream::Progress;
pub use tls::mode::Tls;
pub use upload::Upload;
pub use url::FtpUrl;

pub use wharf_proto::addr::TrustAddress;
pub use wharf_proto::error::{Error, ErrorKind};
pub use wharf_proto::feature::Features;
pub use wharf_proto::listing::{Entry, Parsed};
pub use wharf_proto::op::{Completion, DataMode, ListCommand, Passive, Representation};
pub use wharf_proto::path::RemotePath;
pub use wharf_proto::reply::{Code, Reply, ReplyLimits};
pub use wharf_proto::secret::Secret;
pub use wharf_proto::server::{Quirks, Server};
/// Text for people: server bytes with their control characters shown, not obeyed.
pub use wharf_proto::text;
pub use wharf_proto::text::Encoding;
pub use wharf_proto::time::Timestamp;

/// A result with wharf's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The [`Error`] inside the [`io::Error`](std::io::Error) of a stream, or one of kind
/// [`Io`](ErrorKind::Io) around an error that is not wharf's.
///
/// # Examples
///
/// ```
/// use wharf::{Error, ErrorKind};
///
/// let io = std::io::Error::from(Error::new(ErrorKind::Truncated, "half a file"));
/// assert_eq!(wharf::from_io(io).kind(), ErrorKind::Truncated);
/// ```
pub fn from_io(error: std::io::Error) -> Error {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
    {
        Some(ours) => ours.clone(),
        None => Error::new(ErrorKind::Io, "reading or writing failed").with_source(error),
    }
}

/// The README's example, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
