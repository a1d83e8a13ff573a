//! From a bare connection to one under TLS. The handshake is rustls' work.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use rustls::client::UnbufferedClientConnection;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::unbuffered::{ConnectionState, EncodeError, UnbufferedStatus};
use rustls::{AlertDescription, ClientConfig, HandshakeKind};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;
use wharf_proto::error::{Error, ErrorKind};

use super::config::Prepared;
use super::explain::explain;
use super::findings::Findings;
use super::inbox::Inbox;
use super::negotiated::Negotiated;
use super::records::{HEADER, LARGEST, Records, TYPES};
use super::stream::TlsStream;
use super::tickets::{Channel, Tickets};
use super::{Certificate, TlsConfig};

/// TLS as one control connection speaks it, and its data connections after it.
pub(crate) struct TlsContext {
    control: Arc<ClientConfig>,
    data: Arc<ClientConfig>,
    name: ServerName<'static>,
    tickets: Arc<Tickets>,
    /// The control connection's certificate, which its data connections must show too.
    leaf: OnceLock<CertificateDer<'static>>,
    findings: Arc<Findings>,
}

/// How much of the server's side of a handshake is held at most: rustls wants each message whole, and the longest is
/// one of certificates.
const LONGEST_FLIGHT: usize = 0xffff + LARGEST;

/// How much of a data connection is opened at a time: eight full records to a read of the socket.
const DATA_BUFFER: usize = 8 * LARGEST;

impl TlsContext {
    pub(crate) fn new(
        config: &TlsConfig,
        host: &str,
        port: u16,
        findings: Arc<Findings>,
    ) -> Result<Self, Error> {
        let config = findings.apply(config.clone());
        let Prepared {
            config: mut control,
            name,
        } = config.prepare(host, port)?;
        let tickets = Arc::new(Tickets::default());
        if config.session_reuse {
            control.resumption = tickets.resumption();
        }
        // Registered with IANA for RFC 4217. A server of another protocol that is shown these will not take us
        // for its own client (the ALPACA attacks); one that knows no names for FTP passes over them.
        let mut data = control.clone();
        control.alpn_protocols = vec![b"ftp".to_vec()];
        data.alpn_protocols = vec![b"ftp-data".to_vec(), b"ftp".to_vec()];
        Ok(Self {
            control: Arc::new(control),
            data: Arc::new(data),
            name,
            tickets,
            leaf: OnceLock::new(),
            findings,
        })
    }

    /// Remembers what an error says about the server, for its next connection.
    pub(crate) fn learn(&self, error: &Error) {
        let _of_use_later = self.findings.learn(error);
    }

    /// Shakes hands as the client, which we are in active mode too (RFC 4217 §7).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the connection.
    pub(crate) async fn secure<S>(
        &self,
        channel: Channel,
        io: S,
    ) -> Result<(TlsStream<S>, Negotiated), Error>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (config, capacity) = match channel {
            Channel::Control => (&self.control, LARGEST),
            Channel::Data => (&self.data, DATA_BUFFER),
        };
        if let (Channel::Control, Some(pause)) = (channel, self.findings.pause()) {
            sleep(pause).await;
        }
        let connection = self
            .tickets
            .connect(Arc::clone(config), self.name.clone())
            .map_err(|error| explain(&error, &self.name))?;
        let mut handshake = Handshake {
            io,
            connection,
            inbox: Inbox::new(capacity),
            shown: 0,
        };
        handshake.run().await.map_err(|fault| self.error(fault))?;
        self.finish(channel, handshake).await
    }

    async fn finish<S>(
        &self,
        channel: Channel,
        handshake: Handshake<S>,
    ) -> Result<(TlsStream<S>, Negotiated), Error>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Handshake {
            io,
            connection,
            inbox,
            shown: _,
        } = handshake;
        let explained = |error| explain(&error, &self.name);
        let resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
        let leaf = connection.peer_certificates().and_then(<[_]>::first);
        let leaf = leaf.map(|leaf| leaf.clone().into_owned());
        let (extracted, secrets) = connection
            .dangerous_into_kernel_connection()
            .map_err(explained)?;
        let negotiated = Negotiated::new(&secrets, resumed, leaf.as_ref());
        let records = Records::new(channel, Arc::clone(&self.tickets), extracted, secrets)
            .map_err(explained)?;
        let mut stream = TlsStream::new(io, self.name.clone(), records, inbox);
        if let Err(error) = self.check_leaf(leaf.as_ref()) {
            // The handshake stands for the server, and some take the mere end of TCP for that of an upload.
            stream.refuse(AlertDescription::BadCertificate).await;
            return Err(error);
        }
        self.tickets.agreed(channel, resumed);
        Ok((stream, negotiated))
    }

    /// A data connection that shows another certificate than the control connection is somebody else's, though
    /// it were as valid.
    fn check_leaf(&self, leaf: Option<&CertificateDer<'static>>) -> Result<(), Error> {
        let Some(leaf) = leaf else {
            return Ok(());
        };
        let expected = self.leaf.get_or_init(|| leaf.clone());
        if expected == leaf {
            return Ok(());
        }
        let print = |leaf: &CertificateDer<'_>| Certificate::from_der(leaf.as_ref()).sha256();
        Err(Error::new(
            ErrorKind::Certificate,
            format!(
                "the data connection shows another certificate ({}) than the control connection ({})",
                print(leaf),
                print(expected),
            ),
        ))
    }

    fn error(&self, fault: HandshakeFault) -> Error {
        match fault {
            HandshakeFault::Tls(error) => explain(&error, &self.name),
            HandshakeFault::Io(error) => {
                let message = match error.kind() {
                    io::ErrorKind::UnexpectedEof => "the server hung up during the TLS handshake",
                    _ => "the connection broke during the TLS handshake",
                };
                Error::new(ErrorKind::Tls, message).with_source(error)
            }
        }
    }
}

impl fmt::Debug for TlsContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsContext")
            .field("name", &self.name)
            .field("tickets", &self.tickets)
            .finish_non_exhaustive()
    }
}

struct Handshake<S> {
    io: S,
    connection: UnbufferedClientConnection,
    inbox: Inbox,
    /// How much of the inbox rustls has been shown. It would read on behind the end of the handshake, into tickets that
    /// it does not give back and a close_notify that it takes for a refusal; so it is shown one record at a time.
    shown: usize,
}

enum HandshakeFault {
    Tls(rustls::Error),
    Io(io::Error),
}

impl From<io::Error> for HandshakeFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What the connection wants next, free of its borrows.
enum Next {
    Again,
    Receive,
    Done,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Handshake<S> {
    async fn run(&mut self) -> Result<(), HandshakeFault> {
        let mut outgoing = Vec::new();
        loop {
            match self.step(&mut outgoing) {
                Ok(Next::Again) => {}
                Ok(Next::Receive) => self.receive(&mut outgoing).await?,
                Ok(Next::Done) => {
                    return Ok(poll_fn(|cx| self.poll_write(cx, &mut outgoing)).await?);
                }
                Err(error) => {
                    self.say_why(&mut outgoing).await;
                    return Err(HandshakeFault::Tls(error));
                }
            }
        }
    }

    fn step(&mut self, outgoing: &mut Vec<u8>) -> Result<Next, rustls::Error> {
        let shown = &mut self.inbox.held_mut()[..self.shown];
        let UnbufferedStatus { discard, state } = self.connection.process_tls_records(shown);
        let next = match state {
            Ok(ConnectionState::EncodeTlsData(mut message)) => {
                encode(&mut message, outgoing).map(|()| Next::Again)
            }
            Ok(ConnectionState::TransmitTlsData(transmitted)) => {
                transmitted.done();
                Ok(Next::Again)
            }
            Ok(ConnectionState::BlockedHandshake) => Ok(Next::Receive),
            Ok(ConnectionState::WriteTraffic(_)) => Ok(Next::Done),
            Ok(_) => Err(rustls::Error::AlertReceived(AlertDescription::CloseNotify)),
            Err(error) => Err(error),
        };
        self.inbox.consume(discard);
        self.shown -= discard;
        next
    }

    /// Shows rustls the next record, once it is there. What rustls has to say leaves in one piece, when it has seen all
    /// that is there.
    async fn receive(&mut self, outgoing: &mut Vec<u8>) -> Result<(), HandshakeFault> {
        while !self.show_next() {
            self.exchange(outgoing).await?;
        }
        Ok(())
    }

    /// What is no record, such as a reply in clear text, is shown as far as it has come: rustls has the words for it.
    fn show_next(&mut self) -> bool {
        let held = self.inbox.held();
        let next = &held[self.shown..];
        let Some((header, _)) = next.split_first_chunk::<HEADER>() else {
            return false;
        };
        let length = HEADER + usize::from(u16::from_be_bytes([header[3], header[4]]));
        if !TYPES.contains(&header[0]) || length > LARGEST {
            self.shown = held.len();
        } else if length <= next.len() {
            self.shown += length;
        } else {
            return false;
        }
        true
    }

    /// Reads more, and writes meanwhile what waits for it: the server may not read before it has written.
    async fn exchange(&mut self, outgoing: &mut Vec<u8>) -> Result<(), HandshakeFault> {
        if !self.inbox.make_room(LONGEST_FLIGHT) {
            return Err(HandshakeFault::Tls(rustls::Error::PeerSentOversizedRecord));
        }
        let count = poll_fn(|cx| {
            if let Poll::Ready(written) = self.poll_write(cx, outgoing) {
                written?;
            }
            self.inbox.poll_fill(cx, &mut self.io)
        });
        if count.await? == 0 {
            return Err(HandshakeFault::Io(io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(())
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, outgoing: &mut Vec<u8>) -> Poll<io::Result<()>> {
        while !outgoing.is_empty() {
            match ready!(Pin::new(&mut self.io).poll_write(cx, outgoing))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => drop(outgoing.drain(..written)),
            }
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }

    /// Sends the alert that an error has left behind.
    async fn say_why(&mut self, outgoing: &mut Vec<u8>) {
        // There is one, and rustls hands it out before it looks at the inbox. After that it would look at the record
        // that was wrong once more.
        let _alert = self.step(outgoing);
        // The handshake has failed whether the server hears why or not.
        let _unheard = poll_fn(|cx| self.poll_write(cx, outgoing)).await;
    }
}

fn encode(
    message: &mut rustls::unbuffered::EncodeTlsData<'_, rustls::client::ClientConnectionData>,
    outgoing: &mut Vec<u8>,
) -> Result<(), rustls::Error> {
    let begin = outgoing.len();
    let required = match message.encode(&mut []) {
        Err(EncodeError::InsufficientSize(size)) => size.required_size,
        Ok(_) => return Ok(()),
        Err(error) => return Err(rustls::Error::General(error.to_string())),
    };
    outgoing.resize(begin + required, 0);
    message
        .encode(&mut outgoing[begin..])
        .map(drop)
        .map_err(|error| rustls::Error::General(error.to_string()))
}

#[cfg(test)]
mod tests;
