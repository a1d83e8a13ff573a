//! The TLS sessions of one control connection, for its data connections to resume.
//!
//! vsFTPd, ProFTPD, FileZilla Server and others refuse a data connection that does not resume the session
//! of its control connection, for otherwise anybody could take the port. So there is one set of
//! tickets per control connection, never shared with another: ProFTPD accepts no stranger's.
//!
//! In TLS 1.3 a ticket should be used once (RFC 8446 §C.4), so each one that arrives on any of the channels
//! is kept and spent on one data connection. Where none is left, because ProFTPD for one hands out none on
//! uploads, the newest one of the control connection is used again for as long as it lives. Servers accept
//! that, and what the rule guards against, an onlooker linking two connections, is no secret in FTP:
//! the control connection announces each data connection. rustls makes its session values usable once;
//! the connection that a ticket came on makes another from the same ticket
//! ([`KernelConnection::handle_new_session_ticket`]).

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::client::{
    ClientConnectionData, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue, UnbufferedClientConnection,
};
use rustls::kernel::KernelConnection;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, NamedGroup};
use tokio::time::Instant;
use zeroize::Zeroizing;

/// What is left of a connection's handshake: it makes sessions of tickets, and new keys.
pub(super) type Secrets = Mutex<KernelConnection<ClientConnectionData>>;

/// Which connection a handshake is for, or a ticket came on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Control,
    Data,
}

/// The sessions that a control connection and its data connections were given.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    store: Arc<Store>,
    book: Mutex<Vec<Ticket>>,
}

/// RFC 8446 §4.6.1: no ticket is kept for longer, whatever it says of itself.
const LONGEST_LIFE: Duration = Duration::from_hours(7 * 24);

/// How many tickets are kept; servers send two at a time.
const KEPT: usize = 32;

struct Ticket {
    channel: Channel,
    secrets: Arc<Secrets>,
    /// The body of the NewSessionTicket message (RFC 8446 §4.6.1).
    body: Zeroizing<Vec<u8>>,
    expires: Instant,
    /// The session it made, until that is spent.
    session: Option<Tls13ClientSessionValue>,
}

impl Tickets {
    /// A store for [`ClientConfig::resumption`] that leads here.
    pub(crate) fn resumption(&self) -> Resumption {
        Resumption::store(Arc::clone(&self.store) as Arc<dyn ClientSessionStore>)
    }

    /// Begins a handshake that offers the best session there is.
    pub(super) fn connect(
        &self,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> Result<UnbufferedClientConnection, rustls::Error> {
        // Held until the session is taken, so that two data connections do not take the same one.
        let mut book = lock(&self.book);
        let now = Instant::now();
        book.retain(|ticket| ticket.expires > now);
        if let Some(session) = self.next_session(&mut book)? {
            lock(&self.store.0).tls13 = Some(session);
        }
        UnbufferedClientConnection::new(config, name)
    }

    /// An unspent session, the newest first; else one made again of a living ticket.
    fn next_session(
        &self,
        book: &mut [Ticket],
    ) -> Result<Option<Tls13ClientSessionValue>, rustls::Error> {
        if let Some(session) = book
            .iter_mut()
            .rev()
            .find_map(|ticket| ticket.session.take())
        {
            return Ok(Some(session));
        }
        let newest = |channel| {
            book.iter()
                .rev()
                .find(move |ticket| ticket.channel == channel)
        };
        match newest(Channel::Control).or_else(|| newest(Channel::Data)) {
            Some(ticket) => self.session_of(&ticket.secrets, &ticket.body),
            None => Ok(None),
        }
    }

    /// Keeps a ticket that arrived.
    ///
    /// # Errors
    ///
    /// If it is malformed.
    pub(super) fn keep(
        &self,
        channel: Channel,
        secrets: &Arc<Secrets>,
        body: &[u8],
    ) -> Result<(), rustls::Error> {
        let mut book = lock(&self.book);
        let session = self.session_of(secrets, body)?;
        // RFC 8446 §4.6.1: the body begins with the lifetime in seconds, and zero says not to keep it.
        let lifetime = body
            .first_chunk()
            .map_or(0, |seconds| u32::from_be_bytes(*seconds));
        if lifetime == 0 {
            return Ok(());
        }
        let lifetime = Duration::from_secs(lifetime.into()).min(LONGEST_LIFE);
        if book.len() >= KEPT {
            let spent = book
                .iter()
                .position(|ticket| ticket.channel == Channel::Data && ticket.session.is_none());
            let data = || {
                book.iter()
                    .position(|ticket| ticket.channel == Channel::Data)
            };
            let least_useful = spent.or_else(data).unwrap_or(0);
            book.remove(least_useful);
        }
        book.push(Ticket {
            channel,
            secrets: Arc::clone(secrets),
            body: Zeroizing::new(body.to_vec()),
            expires: Instant::now() + lifetime,
            session,
        });
        Ok(())
    }

    /// The session that a ticket makes. The store is where rustls puts it.
    fn session_of(
        &self,
        secrets: &Secrets,
        body: &[u8],
    ) -> Result<Option<Tls13ClientSessionValue>, rustls::Error> {
        lock(secrets).handle_new_session_ticket(body)?;
        Ok(lock(&self.store.0).tls13.take())
    }

    /// Says how a handshake ended. Its TLS 1.2 session is kept if it is the control connection's or
    /// continues it; one that a server made anew for a data connection would not be accepted for the next.
    pub(super) fn agreed(&self, channel: Channel, resumed: bool) {
        let mut slots = lock(&self.store.0);
        if let Some(session) = slots.new_tls12.take()
            && (channel == Channel::Control || resumed)
        {
            slots.tls12 = Some(session);
        }
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("channel", &self.channel)
            .field("expires", &self.expires)
            .field("spent", &self.session.is_none())
            .finish_non_exhaustive()
    }
}

/// The side that rustls sees: the next session to offer, and where new ones go. All of it is about one
/// server, so the names are not looked at.
#[derive(Debug, Default)]
struct Store(Mutex<Slots>);

#[derive(Debug, Default)]
struct Slots {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    /// Of a handshake that has not ended yet.
    new_tls12: Option<Tls12ClientSessionValue>,
    tls13: Option<Tls13ClientSessionValue>,
}

impl ClientSessionStore for Store {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        lock(&self.0).group = Some(group);
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        lock(&self.0).group
    }

    fn set_tls12_session(&self, _: ServerName<'static>, session: Tls12ClientSessionValue) {
        lock(&self.0).new_tls12 = Some(session);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        lock(&self.0).tls12.clone()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        lock(&self.0).tls12 = None;
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, session: Tls13ClientSessionValue) {
        lock(&self.0).tls13 = Some(session);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        lock(&self.0).tls13.take()
    }
}

/// Nothing panics while these are held, and what they guard is whole at every step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
