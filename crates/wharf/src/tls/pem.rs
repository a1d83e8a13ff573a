//! Files of certificates and keys in PEM form (RFC 7468), and what is wrong with those that are not.

use std::fs;
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::text::{escaped, escaped_str};

/// The bytes of a file, or an error that names it.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| {
        let message = format!("{} cannot be read", origin(path));
        Error::new(ErrorKind::Io, message).with_source(error)
    })
}

/// How a file is called in messages.
pub(crate) fn origin(path: &Path) -> String {
    format!("`{}`", escaped(path.as_os_str().as_encoded_bytes()))
}

/// All certificates in `text`, at least one. `origin` is where it came from.
pub(crate) fn certificates(
    text: &[u8],
    origin: &str,
) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found = CertificateDer::pem_slice_iter(text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| malformed(&error, origin))?;
    if found.is_empty() {
        return Err(missing("certificate", text, origin));
    }
    Ok(found)
}

/// PEM that breaks off or is not Base64.
pub(crate) fn malformed(error: &pem::Error, origin: &str) -> Error {
    let what = match error {
        pem::Error::MissingSectionEnd { end_marker } => {
            format!(
                "the line `-----END {}-----` is missing",
                escaped(end_marker)
            )
        }
        pem::Error::IllegalSectionStart { line } => {
            format!("`{}` begins nothing", escaped(line))
        }
        pem::Error::Base64Decode(_) => "what stands between the lines is not Base64".to_owned(),
        other => escaped_str(&other.to_string()).to_string(),
    };
    invalid(format!("{origin} is damaged: {what}"))
}

/// PEM, or not even that, without what was looked for.
pub(crate) fn missing(what: &str, text: &[u8], origin: &str) -> Error {
    // 0x30 is a DER sequence, as every certificate and key begins.
    let why = if text.first() == Some(&0x30) {
        "; it looks like DER: convert it to PEM first"
    } else {
        ""
    };
    invalid(format!("{origin} holds no {what} in PEM form{why}"))
}

pub(crate) fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}
