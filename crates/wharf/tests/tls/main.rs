//! FTPS: against the embedded server, every way to begin it, every session resumed; and against servers that mean
//! harm, every end that a connection can come to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../common/data.rs"]
mod data;
#[path = "../common/memory.rs"]
#[expect(
    dead_code,
    reason = "scripts know no TLS; what is wanted is the network"
)]
mod memory;

mod channels;
mod cuts;
mod ends;
mod harbor;
mod hostile;
mod modes;
mod reuse;
mod stage;
