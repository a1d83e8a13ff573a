//! How a server's side of a handshake goes.

use std::{io, sync::Arc, time::Duration};

use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion,
    pki_types::CertificateDer,
    server::{NoServerSessionStorage, WebPkiClientVerifier},
    version::{TLS12, TLS13},
};

use super::{
    authority::Identity,
    provider,
    sessions::{Memory, Sessions},
};

/// A server's side of handshakes. The default is an honest one, as OpenSSL would have it.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// What the server shows.
    pub certificate: Identity,
    /// The authority whose clients alone are let in.
    pub client_authority: Option<CertificateDer<'static>>,
    /// The versions spoken.
    pub versions: Versions,
    /// By what a session is resumed.
    pub resumption: Resumption,
    /// How many tickets follow a TLS 1.3 handshake.
    pub tickets: usize,
    /// Whether a ticket is good for one connection only, as RFC 8446 §C.4 wants it for the sake of
    /// privacy. OpenSSL's are good for any number.
    pub single_use: bool,
    /// How long sessions are kept, in whole seconds. Clients are told, except with
    /// [`Resumption::SessionIds`] and TLS 1.3, where they hear of a day.
    pub lifetime: Duration,
    /// The sessions that can be resumed, and where those to come are kept.
    pub sessions: Sessions,
}

impl Default for Acceptance {
    fn default() -> Self {
        Self {
            certificate: Identity::localhost().clone(),
            client_authority: None,
            versions: Versions::Both,
            resumption: Resumption::Tickets,
            tickets: 2,
            single_use: false,
            lifetime: Duration::from_hours(2),
            sessions: Sessions::new(),
        }
    }
}

impl Acceptance {
    /// The same for rustls.
    ///
    /// # Errors
    ///
    /// The authority for clients is not a certificate.
    pub(crate) fn config(&self) -> io::Result<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(self.versions.list())
            .map_err(io::Error::other)?;
        let builder = match &self.client_authority {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.clone()).map_err(io::Error::other)?;
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
                        .build()
                        .map_err(io::Error::other)?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let (chain, key) = (self.certificate.chain().to_vec(), self.certificate.key());
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(io::Error::other)?;
        config.send_tls13_tickets = self.tickets;
        let memory = Arc::new(Memory {
            sessions: self.sessions.clone(),
            single_use: self.single_use,
            lifetime: self.lifetime,
        });
        match self.resumption {
            Resumption::Tickets => config.ticketer = memory,
            Resumption::SessionIds => config.session_storage = memory,
            Resumption::Never => config.session_storage = Arc::new(NoServerSessionStorage {}),
        }
        Ok(config)
    }
}

/// The versions of TLS a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// 1.3, and 1.2 for clients that want no more.
    Both,
    /// 1.2 only.
    Tls12,
    /// 1.3 only.
    Tls13,
}

impl Versions {
    fn list(self) -> &'static [&'static SupportedProtocolVersion] {
        static ALL: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];
        match self {
            Self::Both => &ALL,
            Self::Tls12 => &ALL[..1],
            Self::Tls13 => &ALL[1..],
        }
    }
}

/// By what a client can resume a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumption {
    /// Tickets, in TLS 1.2 too (RFC 5077).
    Tickets,
    /// Session ids in TLS 1.2. Those of 1.3 are called tickets as ever.
    SessionIds,
    /// Nothing: every handshake is a full one.
    Never,
}
