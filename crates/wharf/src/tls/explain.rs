//! What rustls says, in words, and what to do about it.

use rustls::pki_types::ServerName;
use wharf_proto::error::{Error, ErrorKind};

/// What went wrong in a handshake with the server of this name, or on a connection behind it.
pub(crate) fn explain(error: &rustls::Error, name: &ServerName<'_>) -> Error {
    let kind = match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            ErrorKind::Certificate
        }
        _ => ErrorKind::Tls,
    };
    let message = format!("TLS with {} failed", name.to_str());
    Error::new(kind, message).with_source(error.clone())
}
