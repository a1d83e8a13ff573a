//! TLS for tests: certificates of our own making, and a peer that breaks the rules.
//!
//! - [`authority`] is a certification authority in memory, with certificates good and bad.
//! - [`accept`] is a server's side of a handshake, [`sessions`] what it remembers of it.

pub mod accept;
pub mod authority;
pub mod sessions;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};

/// The cryptography of everything here, whatever the process has installed.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}
