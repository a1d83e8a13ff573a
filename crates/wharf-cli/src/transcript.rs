//! `--verbose`: the commands and replies on standard error, and what TLS came to.

use std::fmt;
use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use wharf::Timestamp;
use wharf::tls::{Certificate, Fingerprint};

/// Shows the transcript from now on. The library masks secrets and escapes what servers say.
pub(crate) fn show() {
    let lines = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(LevelFilter::DEBUG)
        .without_time()
        .with_level(false)
        .with_target(false)
        // It would say so on the very stream that cannot be written, and panic.
        .log_internal_errors(false)
        .finish()
        .with(Targets::new().with_target(wharf::TRANSCRIPT, LevelFilter::DEBUG));
    tracing::subscriber::set_global_default(lines)
        .expect("nothing else in this program sets a subscriber");
}

/// Shows what a server's certificate says. The library has its texts escaped.
pub(crate) fn certificate(certificate: &Certificate) {
    let key = certificate.public_key_sha256();
    let key = key.as_ref().map(Fingerprint::base64);
    let names = certificate.names().join(", ");
    remark(format_args!("certificate of {}", certificate.subject()));
    remark(format_args!("  issued by {}", certificate.issuer()));
    remark(format_args!("  for {names}"));
    remark(format_args!(
        "  valid from {} until {}",
        moment(certificate.not_before()),
        moment(certificate.not_after())
    ));
    remark(format_args!("  {}", certificate.sha256()));
    if let Some(key) = key {
        remark(format_args!("  public key sha256//{key}"));
    }
}

/// Shows a line that neither side said.
pub(crate) fn remark(text: impl fmt::Display) {
    tracing::debug!(target: wharf::TRANSCRIPT, "* {text}");
}

fn moment(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "an unknown time".to_owned(), |time| time.to_string())
}
