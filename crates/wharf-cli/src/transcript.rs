//! `--verbose`: the commands and replies on standard error, and what TLS came to.

use std::fmt;
use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

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

/// Shows a line that neither side said.
pub(crate) fn remark(text: impl fmt::Display) {
    tracing::debug!(target: wharf::TRANSCRIPT, "* {text}");
}
