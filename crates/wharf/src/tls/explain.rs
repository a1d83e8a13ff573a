//! What rustls says, in words, and what to do about it.

use rustls::pki_types::{ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, Error as TlsError, InvalidMessage, PeerIncompatible,
};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::text::escaped_str;
use wharf_proto::time::Timestamp;

use super::certificate::Certificate;

/// What went wrong in a handshake with the server of this name, or on a connection behind it.
///
/// Of kind [`Certificate`](ErrorKind::Certificate) if the server's certificate is not to be trusted, else
/// [`Tls`](ErrorKind::Tls).
pub(crate) fn explain(error: &TlsError, name: &ServerName<'_>) -> Error {
    if let Some(ours) = carried(error) {
        return ours.clone();
    }
    let server = name.to_str();
    let message = match error {
        TlsError::InvalidCertificate(reason) => {
            return Error::new(ErrorKind::Certificate, refusal(reason, &server))
                .with_source(error.clone());
        }
        TlsError::NoCertificatesPresented => {
            return Error::new(
                ErrorKind::Certificate,
                format!("{server} has no certificate, so that anybody could be behind its name"),
            )
            .with_source(error.clone());
        }
        TlsError::AlertReceived(alert) => alerted(*alert, &server),
        TlsError::InvalidMessage(InvalidMessage::InvalidContentType) => format!(
            "{server} did not answer in TLS: it speaks clear text on this port, or something in between does"
        ),
        TlsError::PeerIncompatible(reason) => incompatible(reason, &server),
        TlsError::DecryptError => format!(
            "what came from {server} is not what it sent: a TLS record was damaged or forged on its way"
        ),
        TlsError::PeerSentOversizedRecord => {
            format!("{server} sent a TLS record that is longer than allowed")
        }
        TlsError::NoApplicationProtocol => {
            format!("{server} does not speak FTP by what it says in the TLS handshake (ALPN)")
        }
        TlsError::InvalidMessage(_)
        | TlsError::InappropriateMessage { .. }
        | TlsError::InappropriateHandshakeMessage { .. }
        | TlsError::PeerMisbehaved(_) => {
            format!("{server} breaks the rules of TLS")
        }
        TlsError::FailedToGetCurrentTime => {
            "the clock of this machine cannot be read, so that no certificate can be judged"
                .to_owned()
        }
        _ => format!("TLS with {server} failed"),
    };
    Error::new(ErrorKind::Tls, message).with_source(error.clone())
}

/// Why a certificate is not to be trusted, for reasons about which rustls tells too little.
///
/// A pin stands beside trust, so the ways out speak of trusting nothing else: [`Trust::DangerAnything`] with
/// a pin is safe, and alone it is not, which is why it is not named.
///
/// [`Trust::DangerAnything`]: super::Trust::DangerAnything
pub(crate) fn distrusted(
    reason: &CertificateError,
    certificate: &Certificate,
    name: &ServerName<'_>,
) -> Error {
    let server = name.to_str();
    let pin = certificate
        .public_key_sha256()
        .map_or_else(String::new, |key| format!(" (sha256//{})", key.base64()));
    let untrusted = |message| {
        Error::new(ErrorKind::Certificate, message)
            .with_source(TlsError::InvalidCertificate(reason.clone()))
    };
    let fault = match reason {
        CertificateError::UnknownIssuer if !certificate.is_self_issued() => {
            let issuer = match certificate.issuer() {
                "" => "somebody without a name",
                issuer => issuer,
            };
            return untrusted(format!(
                "nobody who is trusted vouches for {server}: its certificate was issued by {issuer}, which is \
                 not among the authorities, or the server leaves out a certificate in between. Give the \
                 authority's certificate as one of the Roots, trust nothing but the server's key{pin} as a pin, \
                 or trust it on first use"
            ));
        }
        _ if certificate.is_version_1() => "is of X.509 version 1, which names no hosts".to_owned(),
        _ if certificate.is_self_issued() => {
            return untrusted(format!(
                "nobody vouches for {server}: its certificate is signed by itself. Give that certificate as \
                 one of the Roots, trust nothing but the server's key{pin} as a pin, or trust it on first use"
            ));
        }
        // webpki's reasons say in a word or two what they are.
        CertificateError::Other(other) => {
            format!(
                "is not fit for a server ({})",
                escaped_str(&other.0.to_string())
            )
        }
        other => format!(
            "is not fit for a server ({})",
            escaped_str(&other.to_string())
        ),
    };
    untrusted(format!(
        "the certificate of {server} {fault}. If it is the right one, trust nothing but its key{pin} as a pin, \
         or trust it on first use"
    ))
}

/// A certificate that is none of the pinned ones.
pub(crate) fn unpinned(certificate: &Certificate, name: &ServerName<'_>) -> Error {
    let key = certificate.public_key_sha256().map_or_else(
        || "one that cannot be read".to_owned(),
        |key| format!("sha256//{}", key.base64()),
    );
    Error::new(
        ErrorKind::Certificate,
        format!(
            "{} has none of the pinned keys: the server was given a new one, or somebody is in between. Its \
             key is {key}, its certificate {}; pin it once its owner confirms it",
            name.to_str(),
            certificate.sha256()
        ),
    )
}

/// The error of ours that was sent through rustls.
fn carried(error: &TlsError) -> Option<&Error> {
    match error {
        TlsError::InvalidCertificate(CertificateError::Other(other)) => other.0.downcast_ref(),
        _ => None,
    }
}

fn refusal(reason: &CertificateError, server: &str) -> String {
    match reason {
        CertificateError::ExpiredContext { time, not_after } => format!(
            "the certificate of {server} has expired: it was valid until {}, and here it is {}. The server \
             needs a new one, or this clock is wrong",
            date(*not_after),
            date(*time)
        ),
        CertificateError::Expired => {
            format!("the certificate of {server} has expired: the server needs a new one")
        }
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "the certificate of {server} is not valid yet: it will be from {} on, and here it is {}. This \
             clock is wrong, or the server's was",
            date(*not_before),
            date(*time)
        ),
        CertificateError::NotValidYet => {
            format!("the certificate of {server} is not valid yet: is this clock right?")
        }
        CertificateError::NotValidForNameContext { presented, .. } => format!(
            "the certificate is not for {server}, but for {}. Connect to a name that it has, or say that \
             name as the server's",
            names(presented)
        ),
        CertificateError::NotValidForName => format!("the certificate is not for {server}"),
        CertificateError::UnknownIssuer => format!(
            "nobody who is trusted vouches for {server}: give its authority's certificate as one of the \
             Roots, trust nothing but the server's key as a pin, or trust it on first use"
        ),
        CertificateError::Revoked => format!(
            "the certificate of {server} was revoked by its authority: its key may be in wrong hands"
        ),
        CertificateError::BadSignature => format!(
            "a signature by {server} is wrong: it does not own the key of the certificate that it shows, or \
             the certificate was changed"
        ),
        CertificateError::BadEncoding => format!("the certificate of {server} cannot be read"),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            format!("the certificate of {server} is meant for something else than a server")
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => format!(
            "the certificate of {server} is signed in a way that is not supported, such as with SHA-1 or DSA, \
             and so proves nothing"
        ),
        other => format!(
            "the certificate of {server} is not to be trusted: {}",
            escaped_str(&other.to_string())
        ),
    }
}

/// What the server meant when it broke the handshake off (RFC 8446 §6.2).
fn alerted(alert: AlertDescription, server: &str) -> String {
    match alert {
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => format!(
            "{server} broke the TLS handshake off ({alert:?}): it accepts none of the ciphers offered, or \
             wants a client certificate"
        ),
        AlertDescription::ProtocolVersion => format!(
            "{server} speaks none of the TLS versions offered; TLS 1.2 and 1.3 are all that can be"
        ),
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => {
            format!("{server} wants a client certificate, and none was given")
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied => format!(
            "{server} does not accept the client certificate ({alert:?}), or wants one and got none"
        ),
        AlertDescription::UnrecognisedName => format!(
            "{server} knows no server of this name: say the name that it knows, or send none (SNI)"
        ),
        AlertDescription::NoApplicationProtocol => {
            format!("{server} does not speak FTP by what it says in the TLS handshake (ALPN)")
        }
        other => format!("{server} broke TLS off: {other:?}"),
    }
}

fn incompatible(reason: &PeerIncompatible, server: &str) -> String {
    match reason {
        PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::SupportedVersionsExtensionRequired => format!(
            "{server} speaks no version of TLS between the oldest to accept and the newest to offer"
        ),
        PeerIncompatible::NoCipherSuitesInCommon | PeerIncompatible::NoKxGroupsInCommon => {
            format!("{server} has no cipher in common with us")
        }
        other => format!("{server} lacks what TLS needs here: {other:?}"),
    }
}

fn names(presented: &[String]) -> String {
    const ENOUGH: usize = 8;
    if presented.is_empty() {
        return "no host at all, as old ones are that have a common name only".to_owned();
    }
    let shown = presented
        .iter()
        .take(ENOUGH)
        .map(|name| escaped_str(bare(name)).to_string())
        .collect::<Vec<_>>()
        .join(", ");
    match presented.len().saturating_sub(ENOUGH) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// webpki writes `DnsName("ftp.example.com")` and `IpAddress(127.0.0.1)`.
fn bare(presented: &str) -> &str {
    presented
        .split_once('(')
        .and_then(|(_, inside)| inside.strip_suffix(')'))
        .unwrap_or(presented)
        .trim_matches('"')
}

fn date(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_unix(seconds, 0))
        .map_or_else(
            || "a date beyond reason".to_owned(),
            |time| time.to_string(),
        )
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::sync::Arc;
    use std::time::Duration;

    use rustls::{OtherError, PeerMisbehaved};

    use super::*;

    fn name() -> ServerName<'static> {
        ServerName::try_from("ftp.example.com").unwrap()
    }

    fn told(error: &TlsError) -> (ErrorKind, String) {
        let told = explain(error, &name());
        assert!(told.source().is_some());
        (told.kind(), told.to_string())
    }

    #[test]
    fn the_server_s_certificate_is_a_kind_of_its_own() {
        let time = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let too_many: Vec<_> = (0..10).map(|n| format!("DnsName(\"a{n}\")")).collect();
        let not_for = |presented: &[String]| CertificateError::NotValidForNameContext {
            expected: name(),
            presented: presented.to_vec(),
        };
        for (reason, words) in [
            (
                CertificateError::ExpiredContext {
                    time: time(1_800_000_000),
                    not_after: time(1_700_000_000),
                },
                "valid until 2023-11-14T22:13:20Z, and here it is 2027-01-15T08:00:00Z",
            ),
            (
                CertificateError::NotValidYetContext {
                    time: time(1_700_000_000),
                    not_before: time(u64::MAX),
                },
                "from a date beyond reason on, and here it is 2023-11-14T22:13:20Z",
            ),
            (CertificateError::Revoked, "revoked by its authority"),
            (CertificateError::BadSignature, "does not own the key"),
            (not_for(&[]), "but for no host at all"),
            (not_for(&too_many), "a6, a7 and 2 more."),
            (not_for(&too_many[..8]), "a6, a7."),
            (
                not_for(&["DnsName(\"a\u{1b}[2J\")".to_owned()]),
                r"but for a\x1b[2J.",
            ),
        ] {
            let (kind, text) = told(&reason.into());
            assert_eq!(kind, ErrorKind::Certificate);
            assert!(text.contains(words), "{text}");
        }
        let (kind, _) = told(&TlsError::NoCertificatesPresented);
        assert_eq!(kind, ErrorKind::Certificate);
    }

    #[test]
    fn everything_else_is_tls_s_own_fault_and_each_has_its_words() {
        for (error, words) in [
            (
                AlertDescription::HandshakeFailure,
                "none of the ciphers offered",
            ),
            (
                AlertDescription::ProtocolVersion,
                "none of the TLS versions",
            ),
            (
                AlertDescription::CertificateRequired,
                "wants a client certificate",
            ),
            (
                AlertDescription::UnknownCA,
                "does not accept the client certificate",
            ),
            (
                AlertDescription::UnrecognisedName,
                "knows no server of this name",
            ),
            (
                AlertDescription::InternalError,
                "broke TLS off: InternalError",
            ),
        ]
        .map(|(alert, words)| (TlsError::AlertReceived(alert), words))
        .into_iter()
        .chain([
            (
                InvalidMessage::InvalidContentType.into(),
                "speaks clear text on this port",
            ),
            (
                PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig.into(),
                "no version of TLS between",
            ),
            (TlsError::DecryptError, "damaged or forged"),
            (
                PeerMisbehaved::SelectedInvalidPsk.into(),
                "breaks the rules of TLS",
            ),
        ]) {
            let (kind, text) = told(&error);
            assert_eq!(kind, ErrorKind::Tls);
            assert!(text.starts_with("ftp.example.com ") || text.contains("from ftp.example.com"));
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn an_error_of_ours_comes_back_as_it_went_in() {
        let ours = Error::new(ErrorKind::Io, "the file is gone");
        let carrier = CertificateError::Other(OtherError(Arc::new(ours)));
        let back = explain(&carrier.into(), &name());
        assert_eq!(back.kind(), ErrorKind::Io);
        assert_eq!(back.to_string(), "the file is gone");
    }
}
