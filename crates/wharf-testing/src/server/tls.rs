//! What the server does about TLS, and how it departs there from good behaviour.

use std::time::Duration;

use rustls::pki_types::CertificateDer;

use crate::tls::{
    accept::{Acceptance, Resumption, Versions},
    authority::Identity,
    sessions::Sessions,
};

/// How a server speaks TLS. The default is a complete and honest one for explicit TLS.
///
/// ```
/// use wharf_testing::server::{Mode, Reuse, ServerTls, Versions};
///
/// let tls = ServerTls {
///     mode: Mode::Implicit,
///     versions: Versions::Tls12,
///     reuse: Reuse::RequiredAsVsftpd,
///     ..ServerTls::default()
/// };
/// # drop(tls);
/// ```
///
/// Give it to [`Builder::tls`](super::Builder::tls), or change it while clients are connected with
/// [`Server::set_tls`](super::Server::set_tls): every handshake and every command reads it anew.
#[derive(Clone, Debug)]
pub struct ServerTls {
    /// When the control connection changes over. Connections that stand keep theirs.
    pub mode: Mode,
    /// What must be encrypted.
    pub required: Required,
    /// What the server shows, on data connections too unless they have their own.
    pub certificate: Identity,
    /// What it shows on data connections.
    pub data_certificate: Option<Identity>,
    /// The authority whose clients alone are let in, on every channel.
    pub client_authority: Option<CertificateDer<'static>>,
    /// The versions spoken.
    pub versions: Versions,
    /// Whether data connections have to resume the session of their control connection.
    pub reuse: Reuse,
    /// By what a session is resumed.
    pub resumption: Resumption,
    /// The tickets handed out.
    pub tickets: Tickets,
    /// The data connection's handshake comes before the 150, as ftp-srv has it: a client that waits
    /// for the 150 first waits for ever. Otherwise it comes behind it.
    pub handshake_before_mark: bool,
    /// How an upload's end is known.
    pub upload_end: UploadEnd,
    /// How the server ends a data connection, be it behind the last byte of a download or in answer
    /// to the end of an upload.
    pub data_end: End,
    /// How it ends a control connection.
    pub control_end: End,
}

impl Default for ServerTls {
    fn default() -> Self {
        Self {
            mode: Mode::Explicit,
            required: Required::Nothing,
            certificate: Identity::localhost().clone(),
            data_certificate: None,
            client_authority: None,
            versions: Versions::Both,
            reuse: Reuse::Optional,
            resumption: Resumption::Tickets,
            tickets: Tickets::default(),
            handshake_before_mark: false,
            upload_end: UploadEnd::CloseNotify,
            data_end: End::CloseNotify,
            control_end: End::CloseNotify,
        }
    }
}

/// When a control connection changes over to TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// When the client says `AUTH TLS` (RFC 4217).
    Explicit,
    /// From its first byte.
    Implicit,
}

/// What a client cannot have in clear text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// Everything can be had.
    Nothing,
    /// `USER` and all behind it: 530 as vsFTPd says it.
    Login,
    /// Transfers too: 522 without `PROT P`, again as vsFTPd.
    Data,
}

/// Whether a data connection must resume the session of its control connection.
///
/// Whatever this says, what another control connection was given resumes nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// It may.
    Optional,
    /// Otherwise the transfer is answered 522, and then the control connection is closed.
    RequiredAsVsftpd,
    /// Otherwise the transfer is answered 425, of an operation not permitted.
    RequiredAsProftpd,
    /// Otherwise the transfer is answered 425, of a session not resumed.
    RequiredAsFilezilla,
}

/// The tickets a server hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tickets {
    /// How many behind a TLS 1.3 handshake of a control connection.
    pub control: usize,
    /// How many behind that of a download or listing.
    pub download: usize,
    /// How many behind that of an upload. ProFTPD 1.3.8 gives none.
    pub upload: usize,
    /// Whether a ticket is good for one connection only, as RFC 8446 §C.4 wants it for the sake of
    /// privacy. OpenSSL's are good for any number.
    pub single_use: bool,
    /// How long sessions are kept, in whole seconds. Clients are told, except with
    /// [`Resumption::SessionIds`] and TLS 1.3, where they hear of a day.
    pub lifetime: Duration,
}

impl Default for Tickets {
    /// As OpenSSL gives them.
    fn default() -> Self {
        Self {
            control: 2,
            download: 1,
            upload: 1,
            single_use: false,
            lifetime: Duration::from_hours(2),
        }
    }
}

/// How the end of an upload is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadEnd {
    /// By `close_notify`; without it the reply is 426, as vsFTPd has it.
    CloseNotify,
    /// By `close_notify`, or by the end of TCP alone.
    EitherEnd,
    /// By `close_notify`; but the reply comes only when TCP has ended as well, as with ProFTPD.
    BothEnds,
}

/// How the server ends a connection under TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With `close_notify`, then TCP.
    CloseNotify,
    /// TCP only, which could as well be a truncation.
    Fin,
    /// TCP only, by a reset behind the last byte.
    Reset,
}

/// What a connection carries, which decides about its tickets and its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carries {
    Commands,
    Download,
    Upload,
}

impl ServerTls {
    /// How the server ends a connection that carries this.
    pub(super) fn end(&self, carries: Carries) -> End {
        match carries {
            Carries::Commands => self.control_end,
            Carries::Download | Carries::Upload => self.data_end,
        }
    }

    /// How the next handshake of a control connection or one of its data connections goes, all of
    /// which share `sessions`.
    pub(super) fn acceptance(&self, carries: Carries, sessions: &Sessions) -> Acceptance {
        let data_certificate = self.data_certificate.as_ref();
        let (certificate, tickets) = match carries {
            Carries::Commands => (&self.certificate, self.tickets.control),
            Carries::Download => (
                data_certificate.unwrap_or(&self.certificate),
                self.tickets.download,
            ),
            Carries::Upload => (
                data_certificate.unwrap_or(&self.certificate),
                self.tickets.upload,
            ),
        };
        Acceptance {
            certificate: certificate.clone(),
            client_authority: self.client_authority.clone(),
            versions: self.versions,
            resumption: self.resumption,
            tickets,
            single_use: self.tickets.single_use,
            lifetime: self.tickets.lifetime,
            sessions: sessions.clone(),
        }
    }
}
