//! What the person at the keyboard can do about a failure at the server, in the command's own flags.

use std::error::Error as _;

use rustls::{AlertDescription, CertificateError, InvalidMessage};
use wharf::{Error, ErrorKind, Tls};

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

/// The advice for a connection that could not be made because of the way TLS was to begin.
pub(crate) fn for_connecting(error: &Error, tls: Tls) -> Option<&'static str> {
    match cause(error.root()) {
        Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType))
            if tls == Tls::Implicit =>
        {
            Some(
                "ftps:// is for ports that speak TLS from the first byte, most often 990; others take \
                 ftpes://, or ftp://",
            )
        }
        _ => None,
    }
}

/// None where the message says it all, as it does of a changed key.
fn for_certificate(error: &Error) -> Option<&'static str> {
    let Some(rustls::Error::InvalidCertificate(reason)) = cause(error) else {
        return None;
    };
    match reason {
        // Whatever a certificate is unfit for, one that is given itself is believed.
        CertificateError::UnknownIssuer
        | CertificateError::InvalidPurpose
        | CertificateError::InvalidPurposeContext { .. }
        | CertificateError::Other(_) => Some(
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
        let says = |word: &&str| text.contains(*word);
        matches!(reply.code().get(), 421 | 522 | 530 | 534)
            && ["tls", "ssl", "encrypt", "cleartext"].iter().any(says)
            // What lacks then is ours.
            && !says(&"certificate")
    })
}

/// What TLS itself said, if it is behind the error.
fn cause(error: &Error) -> Option<&rustls::Error> {
    std::iter::successors(error.source(), |&cause| cause.source())
        .find_map(|cause| cause.downcast_ref::<rustls::Error>())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::OtherError;

    use super::*;

    fn of_cause(kind: ErrorKind, cause: rustls::Error) -> &'static str {
        for_error(&Error::new(kind, "x").with_source(cause)).unwrap_or_default()
    }

    #[test]
    fn each_fault_of_a_certificate_has_its_flag_and_none_is_simply_to_believe_anybody() {
        for (reason, flag) in [
            (CertificateError::UnknownIssuer, "--cacert FILE"),
            (CertificateError::NotValidForName, "--tls-name NAME"),
            (CertificateError::Expired, "--pinnedpubkey"),
            (CertificateError::NotValidYet, "--pinnedpubkey"),
            (CertificateError::Revoked, ""),
        ] {
            let cause = rustls::Error::InvalidCertificate(reason.clone());
            let advice = of_cause(ErrorKind::Certificate, cause);
            assert!(advice.starts_with(flag), "{reason:?}: {advice}");
            assert_eq!(advice.is_empty(), flag.is_empty(), "{reason:?}: {advice}");
        }
    }

    #[test]
    fn a_certificate_that_can_be_believed_by_itself_has_the_flag_for_it() {
        // webpki's word for what `openssl req -x509` makes: a certificate signed by itself that may sign others.
        let unfit = std::io::Error::other("CaUsedAsEndEntity");
        for reason in [
            CertificateError::Other(OtherError(Arc::new(unfit))),
            CertificateError::InvalidPurpose,
        ] {
            let advice = of_cause(
                ErrorKind::Certificate,
                rustls::Error::InvalidCertificate(reason.clone()),
            );
            assert!(advice.starts_with("--cacert FILE"), "{reason:?}: {advice}");
        }
    }

    #[test]
    fn what_a_server_breaks_off_for_has_its_flag() {
        for (alert, flag) in [
            (AlertDescription::CertificateRequired, "--cert FILE"),
            (AlertDescription::UnknownCA, "--cert FILE"),
            (AlertDescription::ProtocolVersion, "--tls-min"),
            (AlertDescription::UnrecognisedName, "--tls-name"),
            (AlertDescription::InternalError, ""),
        ] {
            let advice = of_cause(ErrorKind::Tls, rustls::Error::AlertReceived(alert));
            assert!(advice.starts_with(flag), "{alert:?}: {advice}");
        }
    }

    #[test]
    fn each_part_of_the_agreement_has_its_flag() {
        for (command, flag) in [
            ("AUTH TLS", "--tls off"),
            ("PBSZ 0", "--danger-clear-data encrypts commands only"),
            ("PROT P", "--danger-clear-data encrypts commands only"),
            ("PROT C", "--danger-clear-data=cdc"),
            ("CDC", "--danger-clear-data says"),
            ("CCC", "without --danger-clear-control"),
        ] {
            let error = Error::new(ErrorKind::Tls, "x").with_command(command, true);
            let advice = for_error(&error).unwrap_or_default();
            assert!(advice.contains(flag), "{command}: {advice}");
        }
    }
}
