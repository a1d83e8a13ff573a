//! A server's handshake, flight by flight, so that it can stop anywhere.
//!
//! ```
//! # block_on(async {
//! use wharf_testing::{net::Memory, tls::{accept::Acceptance, handshake::Handshake}};
//!
//! let net = Memory::new();
//! let mut listener = net.listen("127.0.0.1:990".parse()?)?;
//! let client = tokio::spawn(client(net.connect("127.0.0.1:990".parse()?)?));
//!
//! let mut handshake = Handshake::new(listener.accept().await, &Acceptance::default())?;
//! handshake.advance().await?; // the ClientHello
//! handshake.send_first(100).await?; // a part of the answer
//! drop(handshake);
//! assert!(client.await?.is_err());
//! # Ok(())
//! # });
//! # async fn client(stream: wharf_testing::net::MemoryStream) -> std::io::Result<()> {
//! #     let authority = wharf_testing::tls::authority::Authority::shared();
//! #     let config = rustls::ClientConfig::builder().with_root_certificates(authority.roots());
//! #     let config = std::sync::Arc::new(config.with_no_client_auth());
//! #     let name = "localhost".try_into().unwrap();
//! #     tokio_rustls::TlsConnector::from(config).connect(name, stream).await.map(drop)
//! # }
//! # fn block_on(test: impl Future<Output = Result<(), Box<dyn std::error::Error>>>) {
//! #     tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test).unwrap();
//! # }
//! ```

use std::{fmt, io, mem, sync::Arc};

use rustls::{
    Error,
    server::UnbufferedServerConnection,
    unbuffered::{ConnectionState, EncodeError, EncodeTlsData, UnbufferedStatus},
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::{accept::Acceptance, peer::TlsPeer, record::Framed};

/// A handshake that goes on only as it is told.
pub struct Handshake<S> {
    framed: Framed<S>,
    tls: UnbufferedServerConnection,
    flight: Vec<u8>,
    complete: bool,
}

impl<S> fmt::Debug for Handshake<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("flight", &self.flight.len())
            .field("complete", &self.complete)
            .finish_non_exhaustive()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Handshake<S> {
    /// Waits for a client's first word.
    ///
    /// # Errors
    ///
    /// The authority for clients is not a certificate.
    pub fn new(stream: S, acceptance: &Acceptance) -> io::Result<Self> {
        let mut config = acceptance.config()?;
        config.enable_secret_extraction = true;
        let tls = UnbufferedServerConnection::new(Arc::new(config)).map_err(io::Error::other)?;
        Ok(Self {
            framed: Framed::new(stream),
            tls,
            flight: Vec::new(),
            complete: false,
        })
    }

    /// Reads from the client until there is a [`flight`](Self::flight) to send or the handshake is
    /// complete.
    ///
    /// # Errors
    ///
    /// The client ended the connection or sent an alert, or something that has no place there; an
    /// error of rustls is inside the [`io::Error`].
    pub async fn advance(&mut self) -> io::Result<()> {
        while self.flight.is_empty() && !self.complete {
            let record = self.framed.next().await?;
            let record = record.ok_or(io::ErrorKind::UnexpectedEof)?;
            self.process(record)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
        Ok(())
    }

    /// What the server has to say and has not sent. A test may change it.
    pub fn flight(&mut self) -> &mut Vec<u8> {
        &mut self.flight
    }

    /// Sends so many bytes of the flight, or all if it has fewer.
    ///
    /// # Errors
    ///
    /// The connection failed.
    pub async fn send_first(&mut self, bytes: usize) -> io::Result<()> {
        let some = bytes.min(self.flight.len());
        let part: Vec<u8> = self.flight.drain(..some).collect();
        self.framed.stream.write_all(&part).await?;
        self.framed.stream.flush().await
    }

    /// Completes the handshake. In TLS 1.3 the tickets are not sent yet: the peer
    /// [has](TlsPeer::tickets) them.
    ///
    /// # Errors
    ///
    /// As [`advance`](Self::advance), or the connection failed.
    pub async fn finish(mut self) -> io::Result<TlsPeer<S>> {
        while !self.complete {
            self.send_first(usize::MAX).await?;
            self.advance().await?;
        }
        TlsPeer::new(self.framed, self.tls, mem::take(&mut self.flight)).await
    }

    /// Gives the handshake up and keeps the connection, to end it in any way there is.
    pub fn into_stream(self) -> S {
        self.framed.stream
    }

    /// Has rustls take the record in, and gathers what it has to say.
    fn process(&mut self, mut record: Vec<u8>) -> Result<(), Error> {
        loop {
            let UnbufferedStatus { discard, state } = self.tls.process_tls_records(&mut record);
            let waits = match state? {
                ConnectionState::EncodeTlsData(mut data) => {
                    self.flight.append(&mut encode(&mut data)?);
                    false
                }
                ConnectionState::TransmitTlsData(sent) => {
                    sent.done();
                    false
                }
                ConnectionState::BlockedHandshake => true,
                ConnectionState::WriteTraffic(_) => {
                    self.complete = true;
                    true
                }
                other => return Err(Error::General(format!("{other:?} in a handshake"))),
            };
            record.drain(..discard);
            if waits {
                return Ok(());
            }
        }
    }
}

/// One piece of what rustls has to say.
fn encode<D>(data: &mut EncodeTlsData<'_, D>) -> Result<Vec<u8>, Error> {
    let mut piece = Vec::new();
    loop {
        match data.encode(&mut piece) {
            Ok(written) => {
                piece.truncate(written);
                return Ok(piece);
            }
            Err(EncodeError::InsufficientSize(size)) => piece.resize(size.required_size, 0),
            Err(error) => return Err(Error::General(error.to_string())),
        }
    }
}
