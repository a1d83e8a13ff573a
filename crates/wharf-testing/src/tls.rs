//! TLS for tests: certificates of our own making, and a peer that breaks the rules.
//!
//! - [`authority`] is a certification authority in memory, with certificates good and bad.
//! - [`accept`] is a server's side of a handshake, [`sessions`] what it remembers of it.
//! - [`peer`] has every record in its hand, behind a [`mod@handshake`] that can be broken off
//!   anywhere; [`record`] and [`message`] are what it sends.

pub mod accept;
pub mod authority;
pub mod handshake;
pub mod message;
pub mod peer;
pub mod record;
pub mod sessions;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustls::crypto::{
    CryptoProvider,
    aws_lc_rs::{self, cipher_suite::TLS13_AES_128_GCM_SHA256},
};

/// The cryptography of everything here, whatever the process has installed.
///
/// It lacks the one suite of TLS 1.3 whose key is too short for [`record`] to copy; no client has
/// only that.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    let mut provider = aws_lc_rs::default_provider();
    provider
        .cipher_suites
        .retain(|suite| *suite != TLS13_AES_128_GCM_SHA256);
    Arc::new(provider)
}
