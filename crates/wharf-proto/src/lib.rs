//! FTP as data and decisions: replies, commands, addresses, listings and the session, without I/O.
//!
//! Nothing here opens a socket, reads a clock, starts a thread or needs a runtime. Bytes, events
//! and the time go in as arguments; bytes, requests and results come out. That is what lets every
//! rule of the protocol be tested by calling a function.

pub mod addr;
pub mod ascii;
pub mod command;
mod config;
mod credentials;
pub mod error;
pub mod feature;
mod ledger;
pub mod listing;
pub mod op;
mod output;
pub mod path;
pub mod reply;
pub mod secret;
pub mod server;
pub mod session;
pub mod text;
pub mod time;
