//! Whom to believe.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::time::Timestamp;

use super::certificate::Certificate;
use super::explain;
use super::fingerprint::Fingerprint;
use super::known::KnownKeys;
use super::pin::Pin;
use super::roots::Roots;
use super::signature;

/// Which servers are believed to be who they say.
///
/// Whatever is chosen, the server proves in each full handshake that it owns the key of its certificate.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Trust {
    /// Those whose certificate the platform's authorities vouch for, as for its browsers.
    #[default]
    Platform,
    /// Those that these certificates vouch for, and no others.
    Roots(Roots),
    /// Any server that is met for the first time, and later only if it still has the same key. Neither
    /// names nor dates nor authorities count.
    FirstUse(KnownKeys),
    /// Any server at all, so that anybody in between can read and change everything, unless
    /// [`pins`](super::TlsConfig::pins) name the key.
    DangerAnything,
}

/// The judge of every certificate that one session sees, on its control and its data connections.
#[derive(Debug)]
pub(crate) struct Verifier {
    belief: Belief,
    pins: Vec<Pin>,
    host: String,
    port: u16,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
enum Belief {
    Platform(rustls_platform_verifier::Verifier),
    Roots {
        certificates: Roots,
        // None if no certificate among them may sign others.
        authorities: Option<Arc<WebPkiServerVerifier>>,
    },
    FirstUse(KnownKeys),
    Anything,
}

impl Verifier {
    pub(crate) fn new(
        trust: &Trust,
        pins: &[Pin],
        (host, port): (&str, u16),
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        Ok(Self {
            belief: Belief::new(trust, provider)?,
            pins: pins.to_vec(),
            host: host.to_owned(),
            port,
            algorithms: provider.signature_verification_algorithms,
        })
    }

    /// Writes a new server's key down. Only now, for only now has it proved that the key is its own.
    fn remember(&self, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        let Belief::FirstUse(known) = &self.belief else {
            return Ok(());
        };
        let key = key_of(&Certificate::from_der(certificate.as_ref()))?;
        known
            .remember(&self.host, self.port, key)
            .map_err(through_rustls)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let certificate = Certificate::from_der(end_entity.as_ref());
        if !self.pins.is_empty() && !self.pins.iter().any(|pin| pin.matches(&certificate)) {
            return Err(through_rustls(explain::unpinned(&certificate, server_name)));
        }
        let chain = |authorities: &dyn ServerCertVerifier| {
            authorities
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map_err(|error| with_certificate(error, &certificate, server_name))
        };
        match &self.belief {
            Belief::Platform(platform) => chain(platform),
            Belief::Roots { certificates, .. } if certificates.contains(end_entity) => {
                verify_dates(&certificate, now)?;
                ParsedCertificate::try_from(end_entity)
                    .and_then(|parsed| rustls::client::verify_server_name(&parsed, server_name))
                    .map_err(|error| with_certificate(error, &certificate, server_name))?;
                Ok(ServerCertVerified::assertion())
            }
            Belief::Roots {
                authorities: Some(authorities),
                ..
            } => chain(&**authorities),
            Belief::Roots {
                authorities: None, ..
            } => Err(with_certificate(
                CertificateError::UnknownIssuer.into(),
                &certificate,
                server_name,
            )),
            Belief::FirstUse(known) => {
                let key = key_of(&certificate)?;
                // A stranger may go on to prove that the key is its own; then it is remembered.
                known
                    .check(&self.host, self.port, key)
                    .map(|_| ServerCertVerified::assertion())
                    .map_err(through_rustls)
            }
            Belief::Anything => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let valid = signature::verify_tls12(message, cert, dss, &self.algorithms)?;
        self.remember(cert)?;
        Ok(valid)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let valid = signature::verify_tls13(message, cert, dss, &self.algorithms)?;
        self.remember(cert)?;
        Ok(valid)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl Belief {
    fn new(trust: &Trust, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
        Ok(match trust {
            Trust::Platform => Self::Platform(
                rustls_platform_verifier::Verifier::new(Arc::clone(provider)).map_err(|error| {
                    Error::new(
                        ErrorKind::Certificate,
                        "the platform has no certificate authorities to trust: install them, or give them \
                         as Roots",
                    )
                    .with_source(error)
                })?,
            ),
            Trust::Roots(roots) => Self::Roots {
                certificates: roots.clone(),
                authorities: WebPkiServerVerifier::builder_with_provider(
                    Arc::clone(roots.authorities()),
                    Arc::clone(provider),
                )
                .build()
                .ok(),
            },
            Trust::FirstUse(known) => Self::FirstUse(known.clone()),
            Trust::DangerAnything => Self::Anything,
        })
    }
}

/// The same question that webpki asks of the certificates in a chain.
fn verify_dates(certificate: &Certificate, now: UnixTime) -> Result<(), rustls::Error> {
    let (Some(from), Some(until)) = (certificate.not_before(), certificate.not_after()) else {
        return Err(CertificateError::BadEncoding.into());
    };
    let (not_before, not_after) = (unix_time(from), unix_time(until));
    if now < not_before {
        return Err(CertificateError::NotValidYetContext {
            time: now,
            not_before,
        }
        .into());
    }
    if now > not_after {
        return Err(CertificateError::ExpiredContext {
            time: now,
            not_after,
        }
        .into());
    }
    Ok(())
}

fn unix_time(time: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(
        time.unix_seconds().try_into().unwrap_or_default(),
    ))
}

fn key_of(certificate: &Certificate) -> Result<Fingerprint, rustls::Error> {
    certificate
        .public_key_sha256()
        .ok_or(rustls::Error::InvalidCertificate(
            CertificateError::BadEncoding,
        ))
}

/// Words for what rustls says too little about to be put into words later. The price is a less precise
/// alert to the server, so all else is left as it is.
fn with_certificate(
    error: rustls::Error,
    certificate: &Certificate,
    name: &ServerName<'_>,
) -> rustls::Error {
    match &error {
        rustls::Error::InvalidCertificate(
            reason @ (CertificateError::UnknownIssuer | CertificateError::Other(_)),
        ) => through_rustls(explain::distrusted(reason, certificate, name)),
        _ => error,
    }
}

/// An error of ours on its way through rustls, from which [`explain`](explain::explain) takes it back.
fn through_rustls(error: Error) -> rustls::Error {
    CertificateError::Other(OtherError(Arc::new(error))).into()
}

#[cfg(test)]
mod tests;
