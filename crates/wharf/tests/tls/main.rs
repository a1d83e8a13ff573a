//! FTPS against the embedded server: every way to begin it, every session resumed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod harbor;
mod modes;
mod reuse;
