//! That a server owns the key of its certificate.
//!
//! rustls has this, and it is used; but it first reads the whole certificate, by the rules for the Web,
//! and refuses all of version 1, with an unknown critical extension or with an odd serial number. FTP
//! servers have such ones: `openssl x509 -req` without a file of extensions makes version 1. No chain leads
//! through them, yet their key can be pinned or known, so here the key alone is enough.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, PeerMisbehaved};

use super::certificate::{PublicKeyInfo, public_key_info};

/// As [`verify_tls12_signature`], for any certificate whose key can be found.
pub(crate) fn verify_tls12(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    if ParsedCertificate::try_from(certificate).is_ok() {
        return verify_tls12_signature(message, certificate, signed, algorithms);
    }
    let info = public_key_info(certificate).ok_or(CertificateError::BadEncoding)?;
    let key = PublicKeyInfo::parse(info).ok_or(CertificateError::BadEncoding)?;
    let (_, of_scheme) = algorithms
        .mapping
        .iter()
        .find(|(scheme, _)| *scheme == signed.scheme)
        .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
    // In TLS 1.2 a scheme names no curve, so the key decides which algorithm is meant; and none may be
    // given a key of another kind.
    of_scheme
        .iter()
        .filter(|algorithm| algorithm.public_key_alg_id().as_ref() == key.algorithm)
        .find_map(|algorithm| {
            algorithm
                .verify_signature(key.bits, message, signed.signature())
                .ok()
        })
        .map(|()| HandshakeSignatureValid::assertion())
        .ok_or_else(|| CertificateError::BadSignature.into())
}

/// As [`verify_tls13_signature`], for any certificate whose key can be found.
pub(crate) fn verify_tls13(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    if ParsedCertificate::try_from(certificate).is_ok() {
        return verify_tls13_signature(message, certificate, signed, algorithms);
    }
    let info = public_key_info(certificate).ok_or(CertificateError::BadEncoding)?;
    let key = SubjectPublicKeyInfoDer::from(info);
    verify_tls13_signature_with_raw_key(message, &key, signed, algorithms)
}
