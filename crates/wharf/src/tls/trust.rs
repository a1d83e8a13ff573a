//! Whom to believe.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use wharf_proto::error::{Error, ErrorKind};

use super::certificate::Certificate;
use super::known::KnownKeys;
use super::pin::Pin;
use super::roots::Roots;

/// Which servers are believed to be who they say.
///
/// Whatever is chosen, the server proves in each handshake that it owns the key of its certificate.
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

/// The answer for one control connection and its data connections.
#[derive(Debug)]
pub(crate) struct Verifier {
    believed: Believed,
    pins: Vec<Pin>,
    host: String,
    port: u16,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
enum Believed {
    Chain(Arc<dyn ServerCertVerifier>),
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
        let believed = match trust {
            Trust::Platform => Believed::Chain(Arc::new(
                rustls_platform_verifier::Verifier::new(Arc::clone(provider)).map_err(|error| {
                    Error::new(ErrorKind::Certificate, "no platform authorities").with_source(error)
                })?,
            )),
            Trust::Roots(roots) => Believed::Chain(
                WebPkiServerVerifier::builder_with_provider(
                    Arc::clone(roots.authorities()),
                    Arc::clone(provider),
                )
                .build()
                .map_err(|error| {
                    Error::new(ErrorKind::InvalidInput, "no authorities").with_source(error)
                })?,
            ),
            Trust::FirstUse(known) => Believed::FirstUse(known.clone()),
            Trust::DangerAnything => Believed::Anything,
        };
        Ok(Self {
            believed,
            pins: pins.to_vec(),
            host: host.to_owned(),
            port,
            algorithms: provider.signature_verification_algorithms,
        })
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
        let certificate = Certificate::from(end_entity);
        if !self.pins.is_empty() && !self.pins.iter().any(|pin| pin.matches(&certificate)) {
            return Err(ours(Error::new(
                ErrorKind::Certificate,
                "the server has another key than the pinned one",
            )));
        }
        match &self.believed {
            Believed::Chain(chain) => {
                chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
            Believed::FirstUse(known) => {
                let key = certificate
                    .public_key_sha256()
                    .ok_or(rustls::Error::from(CertificateError::BadEncoding))?;
                known.check(&self.host, self.port, key).map_err(ours)?;
                Ok(ServerCertVerified::assertion())
            }
            Believed::Anything => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Our own error on its way through rustls.
fn ours(error: Error) -> rustls::Error {
    CertificateError::Other(OtherError(Arc::new(error))).into()
}
