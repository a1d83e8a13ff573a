//! What a handshake came to.

use std::fmt;

use rustls::ProtocolVersion;
use rustls::client::ClientConnectionData;
use rustls::kernel::KernelConnection;
use rustls::pki_types::CertificateDer;

use super::{Certificate, TlsVersion};

/// What the two sides of a connection agreed on.
///
/// `Display` is the line that a person wants to see: `TLS 1.3, TLS13_AES_256_GCM_SHA384, resumed`.
#[derive(Debug, Clone)]
pub struct Negotiated {
    version: TlsVersion,
    cipher: String,
    resumed: bool,
    certificate: Option<Certificate>,
}

impl Negotiated {
    pub(super) fn new(
        connection: &KernelConnection<ClientConnectionData>,
        resumed: bool,
        leaf: Option<&CertificateDer<'_>>,
    ) -> Self {
        let version = match connection.protocol_version() {
            ProtocolVersion::TLSv1_2 => TlsVersion::Tls12,
            _ => TlsVersion::Tls13,
        };
        Self {
            version,
            cipher: format!("{:?}", connection.negotiated_cipher_suite().suite()),
            resumed,
            certificate: leaf.map(|leaf| Certificate::from_der(leaf.as_ref())),
        }
    }

    /// The version of TLS.
    pub fn version(&self) -> TlsVersion {
        self.version
    }

    /// The cipher suite, such as `TLS13_AES_256_GCM_SHA384`.
    pub fn cipher(&self) -> &str {
        &self.cipher
    }

    /// Whether the handshake continued an earlier session. A data connection's should continue its control
    /// connection's.
    pub fn resumed(&self) -> bool {
        self.resumed
    }

    /// The server's certificate; of a resumed session, the one that was shown at its beginning.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }
}

impl fmt::Display for Negotiated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.resumed {
            "resumed"
        } else {
            "full handshake"
        };
        write!(f, "{}, {}, {how}", self.version, self.cipher)
    }
}
