//! Servers that do as a test tells them.
//!
//! - [`transcript`] is a text form for conversations; [`mod@line`] is how its lines are written.
//! - [`script`] plays a transcript to a client, and fails the test that departs from it.
//! - [`net`] is where it is played: over TCP, or in memory under a paused clock.
//! - [`server`] is a small FTP server over a real directory, for what needs no script.
//! - [`tls`] has an authority with certificates good and bad.
//! - [`chop`] cuts a connection into pieces, so that a client meets every segmentation.
//! - [`cancel`] drops a future after every number of polls.
//!
//! Nothing here imports another crate of the workspace. A fake server that shared the client's
//! parser would share its mistakes, so the script player knows lines and bytes, and of FTP only how
//! an address is written.

mod board;
pub mod cancel;
pub mod chop;
pub mod line;
pub mod net;
mod player;
pub mod script;
pub mod server;
mod temporary;
pub mod tls;
pub mod transcript;
