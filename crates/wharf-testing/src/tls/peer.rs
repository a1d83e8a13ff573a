//! A TLS server that does as a test tells it, record by record.
//!
//! rustls shakes hands; behind that every byte is the test's own. Records of any size and kind,
//! tickets cut to pieces, alerts, key updates, nonsense in cipher text and in clear:
//!
//! ```
//! # block_on(async {
//! use rustls::{AlertDescription, ContentType};
//! use wharf_testing::{
//!     net::Memory,
//!     tls::{accept::Acceptance, peer::{Level, TlsPeer}},
//! };
//!
//! let net = Memory::new();
//! let mut listener = net.listen("127.0.0.1:990".parse()?)?;
//! let client = tokio::spawn(client(net.connect("127.0.0.1:990".parse()?)?));
//!
//! let mut peer = TlsPeer::accept(listener.accept().await, &Acceptance::default()).await?;
//! peer.send_pieces(ContentType::ApplicationData, b"220 Ready.\r\n", 1).await?;
//! peer.send_key_update(true).await?;
//! assert_eq!(peer.read_line().await?, "QUIT");
//! peer.send_alert(Level::Fatal, AlertDescription::InternalError).await?;
//! assert!(client.await?.is_err());
//! # Ok(())
//! # });
//! # async fn client(stream: wharf_testing::net::MemoryStream) -> std::io::Result<()> {
//! #     use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! #     let authority = wharf_testing::tls::authority::Authority::shared();
//! #     let config = rustls::ClientConfig::builder().with_root_certificates(authority.roots());
//! #     let config = std::sync::Arc::new(config.with_no_client_auth());
//! #     let name = "localhost".try_into().unwrap();
//! #     let mut tls = tokio_rustls::TlsConnector::from(config).connect(name, stream).await?;
//! #     tls.read_exact(&mut [0; 12]).await?;
//! #     tls.write_all(b"QUIT\r\n").await?;
//! #     tls.read_to_end(&mut Vec::new()).await.map(drop)
//! # }
//! # fn block_on(test: impl Future<Output = Result<(), Box<dyn std::error::Error>>>) {
//! #     tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test).unwrap();
//! # }
//! ```

use std::{fmt, io, mem};

use rustls::{
    AlertDescription, ContentType, HandshakeKind, ProtocolVersion,
    kernel::KernelConnection,
    server::{ServerConnectionData, UnbufferedServerConnection},
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::{
    accept::Acceptance,
    handshake::Handshake,
    message,
    record::{Framed, MAX_PAYLOAD, Record, Sealer, Unsealer, twice},
};

/// A server at the other end of a TLS connection.
pub struct TlsPeer<S> {
    framed: Framed<S>,
    kernel: KernelConnection<ServerConnectionData>,
    sealer: Sealer,
    unsealer: Unsealer,
    tickets: Vec<Vec<u8>>,
    resumed: bool,
    /// Application data that came behind the line last read.
    unread: Vec<u8>,
}

/// How bad an alert is. TLS 1.3 has no use for it, and takes all but two for fatal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// 1.
    Warning,
    /// 2.
    Fatal,
}

/// How a client ended what it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this alert.
    Alert(AlertDescription),
    /// With the connection, and no alert before.
    Fin,
}

impl<S> fmt::Debug for TlsPeer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsPeer")
            .field("sealer", &self.sealer)
            .field("unsealer", &self.unsealer)
            .field("tickets", &self.tickets.len())
            .field("resumed", &self.resumed)
            .finish_non_exhaustive()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsPeer<S> {
    /// Shakes hands, and sends the tickets. For a handshake that goes wrong, or tickets sent later
    /// or not as they are, begin with a [`Handshake`].
    ///
    /// # Errors
    ///
    /// As [`Handshake::finish`].
    pub async fn accept(stream: S, acceptance: &Acceptance) -> io::Result<Self> {
        let mut peer = Handshake::new(stream, acceptance)?.finish().await?;
        peer.send_tickets().await?;
        Ok(peer)
    }

    /// Takes over from rustls, which has `last` to say.
    pub(super) async fn new(
        mut framed: Framed<S>,
        tls: UnbufferedServerConnection,
        last: Vec<u8>,
    ) -> io::Result<Self> {
        let resumed = tls.handshake_kind() == Some(HandshakeKind::Resumed);
        let (secrets, kernel) = tls
            .dangerous_into_kernel_connection()
            .map_err(io::Error::other)?;
        let suite = kernel.negotiated_cipher_suite();
        let (number, outgoing) = secrets.tx;
        let (sealer, tickets) = if kernel.protocol_version() == ProtocolVersion::TLSv1_3 {
            // Nothing but tickets, in the first records under the new key. They are taken back,
            // and that key begins anew.
            let (outgoing, again) = twice(outgoing)?;
            let mut opener = Unsealer::new(suite, 0, again)?;
            let mut records = Framed::new(last.as_slice());
            let mut messages = Vec::new();
            while let Some(mut record) = records.next().await? {
                messages.extend_from_slice(&opener.unseal(&mut record)?.payload);
            }
            (Sealer::new(suite, 0, outgoing)?, message::split(&messages))
        } else {
            framed.stream.write_all(&last).await?;
            framed.stream.flush().await?;
            (Sealer::new(suite, number, outgoing)?, Vec::new())
        };
        let (number, incoming) = secrets.rx;
        Ok(Self {
            framed,
            sealer,
            unsealer: Unsealer::new(suite, number, incoming)?,
            kernel,
            tickets,
            resumed,
            unread: Vec::new(),
        })
    }

    /// Whether the client resumed a session.
    pub fn resumed(&self) -> bool {
        self.resumed
    }

    /// Whether this is TLS 1.3, and not 1.2.
    pub fn is_tls13(&self) -> bool {
        self.kernel.protocol_version() == ProtocolVersion::TLSv1_3
    }

    /// The `NewSessionTicket` messages of TLS 1.3, as many as the [`Acceptance`] says, by which
    /// this session can be resumed: whole handshake messages, sent or not.
    pub fn tickets(&self) -> &[Vec<u8>] {
        &self.tickets
    }

    /// Sends all the [tickets](Self::tickets) in one record.
    ///
    /// # Errors
    ///
    /// The connection failed.
    pub async fn send_tickets(&mut self) -> io::Result<()> {
        if self.tickets.is_empty() {
            return Ok(());
        }
        let tickets = self.tickets.concat();
        self.send_record(ContentType::Handshake, &tickets).await
    }

    /// The next record, encrypted, for [`send`](Self::send): the client cannot read a later one
    /// before this.
    ///
    /// # Errors
    ///
    /// The cipher refuses.
    pub fn seal(&mut self, kind: ContentType, payload: &[u8]) -> io::Result<Vec<u8>> {
        self.sealer.seal(kind, payload)
    }

    /// As [`seal`](Self::seal), with so many zeros behind the payload that hide its length
    /// (RFC 8446 §5.4).
    ///
    /// # Errors
    ///
    /// The cipher refuses.
    ///
    /// # Panics
    ///
    /// This is TLS 1.2, which knows no such thing.
    pub fn seal_padded(
        &mut self,
        kind: ContentType,
        payload: &[u8],
        zeros: usize,
    ) -> io::Result<Vec<u8>> {
        assert!(self.is_tls13(), "there is no padding in TLS 1.2");
        let Some(zeros) = zeros.checked_sub(1) else {
            return self.seal(kind, payload);
        };
        // The cipher puts the kind behind the payload: the last of the zeros is the kind it is
        // told, and the true one is a part of what it takes for the payload.
        let padded = [payload, &[u8::from(kind)], &vec![0; zeros]].concat();
        self.sealer.seal(ContentType::Unknown(0), &padded)
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    ///
    /// The connection failed.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.framed.stream.write_all(bytes).await?;
        self.framed.stream.flush().await
    }

    /// Sends one record, empty or larger than [`MAX_PAYLOAD`] if need be.
    ///
    /// # Errors
    ///
    /// The connection failed.
    pub async fn send_record(&mut self, kind: ContentType, payload: &[u8]) -> io::Result<()> {
        let record = self.seal(kind, payload)?;
        self.send(&record).await
    }

    /// Sends a payload in records of `size` bytes each.
    ///
    /// # Errors
    ///
    /// The connection failed.
    ///
    /// # Panics
    ///
    /// `size` is 0.
    pub async fn send_pieces(
        &mut self,
        kind: ContentType,
        payload: &[u8],
        size: usize,
    ) -> io::Result<()> {
        for piece in payload.chunks(size) {
            self.send_record(kind, piece).await?;
        }
        Ok(())
    }

    /// Sends application data in records as large as they may be.
    ///
    /// # Errors
    ///
    /// The connection failed.
    pub async fn send_data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.send_pieces(ContentType::ApplicationData, bytes, MAX_PAYLOAD)
            .await
    }

    /// Sends an alert.
    ///
    /// # Errors
    ///
    /// The connection failed.
    pub async fn send_alert(
        &mut self,
        level: Level,
        description: AlertDescription,
    ) -> io::Result<()> {
        let level = match level {
            Level::Warning => 1,
            Level::Fatal => 2,
        };
        self.send_record(ContentType::Alert, &[level, description.into()])
            .await
    }

    /// Ends TLS, but not the connection.
    ///
    /// # Errors
    ///
    /// The connection failed.
    pub async fn close_notify(&mut self) -> io::Result<()> {
        self.send_alert(Level::Warning, AlertDescription::CloseNotify)
            .await
    }

    /// Says that the key changes, and changes it. `requested` has the client change its own.
    ///
    /// # Errors
    ///
    /// The connection failed, or this is TLS 1.2.
    pub async fn send_key_update(&mut self, requested: bool) -> io::Result<()> {
        self.send_record(ContentType::Handshake, &message::key_update(requested))
            .await?;
        self.change_key()
    }

    /// Changes the key of what is sent, without a word about it.
    ///
    /// # Errors
    ///
    /// This is TLS 1.2.
    pub fn change_key(&mut self) -> io::Result<()> {
        let (number, secrets) = self.kernel.update_tx_secret().map_err(io::Error::other)?;
        self.sealer = Sealer::new(self.kernel.negotiated_cipher_suite(), number, secrets)?;
        Ok(())
    }

    /// Ends what is sent over the connection; reading goes on. TLS is not ended by it.
    ///
    /// # Errors
    ///
    /// The connection failed.
    pub async fn fin(&mut self) -> io::Result<()> {
        self.framed.stream.shutdown().await
    }

    /// The next record of the client, or nothing if the connection ends. When it is a key update
    /// the client's key is changed.
    ///
    /// # Errors
    ///
    /// The connection failed or ended within a record, or the record cannot be decrypted.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn read_record(&mut self) -> io::Result<Option<Record>> {
        let Some(mut record) = self.framed.next().await? else {
            return Ok(None);
        };
        let record = self.unsealer.unseal(&mut record)?;
        let key_updates = [message::key_update(false), message::key_update(true)];
        if record.kind == ContentType::Handshake && key_updates.contains(&record.payload) {
            let (number, secrets) = self.kernel.update_rx_secret().map_err(io::Error::other)?;
            let suite = self.kernel.negotiated_cipher_suite();
            self.unsealer = Unsealer::new(suite, number, secrets)?;
        }
        Ok(Some(record))
    }

    /// The next line of a client's application data without its end, as on a control connection.
    /// Other records are passed over, but for alerts.
    ///
    /// # Errors
    ///
    /// As [`read_record`](Self::read_record); [`io::ErrorKind::UnexpectedEof`] if the client sent
    /// an alert or ended the connection before the end of a line.
    pub async fn read_line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            match self.read_record().await? {
                Some(record) if record.kind == ContentType::ApplicationData => {
                    self.unread.extend_from_slice(&record.payload);
                }
                Some(record) if record.kind != ContentType::Alert => {}
                Some(_) | None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }

    /// All application data up to the client's end, and that end.
    ///
    /// # Errors
    ///
    /// As [`read_record`](Self::read_record).
    pub async fn read_to_end(&mut self) -> io::Result<(Vec<u8>, Ending)> {
        let mut data = mem::take(&mut self.unread);
        while let Some(record) = self.read_record().await? {
            if let Some(alert) = record.alert() {
                return Ok((data, Ending::Alert(alert)));
            }
            if record.kind == ContentType::ApplicationData {
                data.extend_from_slice(&record.payload);
            }
        }
        Ok((data, Ending::Fin))
    }

    /// The connection, to go on in clear text or to end it in any way there is. No byte behind the
    /// last record read was taken from it.
    pub fn into_stream(self) -> S {
        self.framed.stream
    }
}
