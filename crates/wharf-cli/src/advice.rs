//! What the person at the keyboard can do about a failure at the server, in the command's own flags.

use std::error::Error as _;

use rustls::{AlertDescription, CertificateError, InvalidMessage};
use wharf::{Error, ErrorKind};

/// The advice for an error, where there is something to say.
pub(crate) fn for_error(error: &Error) -> Option<&'static str> {
    let root = error.root();
    match root.kind() {
        ErrorKind::Cleartext => Some("--plaintext lets it travel unencrypted"),
        ErrorKind::SessionReuse => Some(
            "the server wants data connections to continue the TLS session of the control \
             connection, and does not see that they do: try --tls-max 1.2",
        ),
        ErrorKind::Certificate => for_certificate(root),
        ErrorKind::Tls => for_tls(root),
        ErrorKind::CommandFailed | ErrorKind::Login if demands_tls(root) => {
            Some("--tls explicit encrypts anonymous logins too, and ftpes:// does")
        }
        _ => error.advice(),
    }
}

/// None where the message says it all, as it does of a changed key.
fn for_certificate(error: &Error) -> Option<&'static str> {
    let Some(rustls::Error::InvalidCertificate(reason)) = cause(error) else {
        return None;
    };
    match reason {
        CertificateError::UnknownIssuer => Some(
            "--cacert FILE trusts another authority, or that one certificate; --pinnedpubkey with \
             --insecure one key; --tofu the key that the server shows the first time",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Some("--tls-name NAME expects another name than the URL's host")
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Some(
            "--pinnedpubkey with --insecure trusts one key whatever its dates, and so does --tofu",
        ),
        _ => None,
    }
}

fn for_tls(error: &Error) -> Option<&'static str> {
    if let Some(command) = error.command() {
        return for_command(command);
    }
    match cause(error)? {
        rustls::Error::AlertReceived(alert) => for_alert(*alert),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Some(
            "ftps:// is for ports that speak TLS from the first byte, most often 990; others take \
             ftpes://, or ftp://",
        ),
        rustls::Error::PeerIncompatible(_) => Some("--tls-min and --tls-max bound the versions"),
        _ => None,
    }
}

/// The server has refused a part of the agreement on TLS.
fn for_command(command: &str) -> Option<&'static str> {
    let verb = command.split(' ').next().unwrap_or_default();
    Some(match verb {
        "AUTH" => {
            "some servers have TLS on another port only, for ftps://; --tls off does without and \
             sends everything in clear text, the password too"
        }
        "PBSZ" | "PROT" if command != "PROT C" => {
            "--danger-clear-data encrypts commands only, and leaves files in clear text"
        }
        "PROT" => "--danger-clear-data=cdc says the same in another way",
        "CDC" => "--danger-clear-data says the same in another way",
        "CCC" => "without --danger-clear-control the control connection stays encrypted",
        _ => return None,
    })
}

fn for_alert(alert: AlertDescription) -> Option<&'static str> {
    match alert {
        AlertDescription::CertificateRequired
        | AlertDescription::NoCertificate
        | AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied
        | AlertDescription::HandshakeFailure => {
            Some("--cert FILE and --key FILE show a client certificate")
        }
        AlertDescription::ProtocolVersion => Some("--tls-min and --tls-max bound the versions"),
        AlertDescription::UnrecognisedName => {
            Some("--tls-name NAME sends another name than the URL's host")
        }
        _ => None,
    }
}

/// Whether a server refuses to go on in clear text. It says so to USER or PASS (530, 421, 534), or to
/// the transfer (522).
fn demands_tls(error: &Error) -> bool {
    error.reply().is_some_and(|reply| {
        let text = reply.text().to_ascii_lowercase();
        matches!(reply.code().get(), 421 | 522 | 530 | 534)
            && ["tls", "ssl", "encrypt", "cleartext"]
                .iter()
                .any(|word| text.contains(word))
    })
}

/// What TLS itself said, if it is behind the error.
fn cause(error: &Error) -> Option<&rustls::Error> {
    std::iter::successors(error.source(), |&cause| cause.source())
        .find_map(|cause| cause.downcast_ref::<rustls::Error>())
}
