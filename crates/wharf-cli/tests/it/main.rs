//! The built command against a server, its whole output looked at.
//!
//! Each run is shown as one text: the exit code, then what came on standard output and standard
//! error. The server's address is written `HOST`, its data ports `DATA`, and the directory in which
//! the command runs `LOCAL`.

#![expect(
    clippy::unwrap_used,
    reason = "what fails in the harness fails its test"
)]

mod bench;
mod du;
mod encoding;
mod failures;
mod find;
mod get;
mod help;
mod hostile;
mod login;
mod ls;
mod manage;
mod parse_listing;
mod put;
mod resume;
mod signals;
mod stat;
mod terminal;
mod tls;
mod tls_reuse;
mod tls_trust;
mod tree;
mod walk;
