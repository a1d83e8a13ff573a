//! The bytes under a connection: in clear, or in TLS.

use std::{
    io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use rustls::{ServerConfig, ServerConnection};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::tls::{Carries, End, ServerTls, UploadEnd};

/// A connection, whatever is under it.
#[derive(Debug)]
pub(super) enum Wire {
    Clear(TcpStream),
    Tls(Box<Secured>),
    /// Ended by a reset, or by a change to or from TLS that failed: reads as an end.
    Gone,
}

/// A connection in TLS.
#[derive(Debug)]
pub(super) struct Secured {
    stream: TlsStream<Tcp>,
    carries: Carries,
    rules: Arc<ServerTls>,
}

impl Wire {
    /// Shakes hands as the server. `unread` was received already.
    ///
    /// # Errors
    ///
    /// The handshake failed. The client has been sent the alert, if there is one.
    pub(super) async fn secure(
        tcp: TcpStream,
        unread: Vec<u8>,
        config: ServerConfig,
        carries: Carries,
        rules: Arc<ServerTls>,
    ) -> io::Result<Self> {
        let frame = match carries {
            // It may go back to clear text, and so must not read beyond the end of TLS.
            Carries::Commands => Some(Frame::default()),
            Carries::Download | Carries::Upload => None,
        };
        let tcp = Tcp {
            stream: tcp,
            unread,
            frame,
        };
        let stream = TlsAcceptor::from(Arc::new(config)).accept(tcp).await?;
        Ok(Self::Tls(Box::new(Secured {
            stream,
            carries,
            rules,
        })))
    }

    /// What was agreed on in the handshake, if there was one.
    pub(super) fn tls(&self) -> Option<&ServerConnection> {
        match self {
            Self::Tls(secured) => Some(secured.stream.get_ref().1),
            Self::Clear(_) | Self::Gone => None,
        }
    }

    /// Goes back to clear text: ends TLS on both sides, and keeps the connection.
    ///
    /// # Errors
    ///
    /// The client did not end its side of TLS there and then.
    pub(super) async fn reveal(&mut self) -> io::Result<()> {
        match mem::replace(self, Self::Gone) {
            Self::Tls(mut secured) => {
                let stream = &mut secured.stream;
                stream.get_mut().1.send_close_notify();
                stream.flush().await?;
                if stream.read(&mut [0]).await? > 0 {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                *self = Self::Clear(secured.stream.into_inner().0.stream);
            }
            other => *self = other,
        }
        Ok(())
    }

    /// Ends what we send, in the way the rules ask for. Reading goes on.
    pub(super) async fn end(&mut self) -> io::Result<()> {
        let secured = match self {
            Self::Clear(tcp) => return tcp.shutdown().await,
            Self::Tls(secured) => secured,
            Self::Gone => return Ok(()),
        };
        match secured.rules.end(secured.carries) {
            End::CloseNotify => secured.stream.shutdown().await,
            End::Fin => {
                secured.stream.flush().await?;
                secured.stream.get_mut().0.stream.shutdown().await
            }
            End::Reset => {
                secured.stream.flush().await?;
                self.reset();
                Ok(())
            }
        }
    }

    /// Cuts the connection so that the other side sees a reset.
    pub(super) fn reset(&mut self) {
        // Lingering for no time makes the close a reset. If even that fails, the peer was quicker
        // and the connection is gone already.
        let _ = match mem::replace(self, Self::Gone) {
            Self::Clear(tcp) => tcp.set_zero_linger(),
            Self::Tls(secured) => secured.stream.get_ref().0.stream.set_zero_linger(),
            Self::Gone => Ok(()),
        };
    }

    /// The end of an upload that the rules ask for. In clear text there is but one.
    pub(super) fn upload_end(&self) -> UploadEnd {
        match self {
            Self::Tls(secured) => secured.rules.upload_end,
            Self::Clear(_) | Self::Gone => UploadEnd::EitherEnd,
        }
    }

    /// What is under it all, to be drained.
    pub(super) fn into_tcp(self) -> Option<TcpStream> {
        match self {
            Self::Clear(tcp) => Some(tcp),
            Self::Tls(secured) => Some(secured.stream.into_inner().0.stream),
            Self::Gone => None,
        }
    }

    /// Takes what still comes, TLS or not, until the client ends the connection.
    pub(super) async fn drain(&mut self) -> io::Result<()> {
        let tcp = match self {
            Self::Clear(tcp) => tcp,
            Self::Tls(secured) => &mut secured.stream.get_mut().0.stream,
            Self::Gone => return Ok(()),
        };
        drain(tcp).await
    }
}

/// Takes what still comes until the other side ends the connection.
pub(super) async fn drain(tcp: &mut TcpStream) -> io::Result<()> {
    tokio::io::copy(tcp, &mut tokio::io::sink()).await.map(drop)
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(secured) => Pin::new(&mut secured.stream).poll_read(cx, buf),
            Self::Gone => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Clear(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Tls(secured) => Pin::new(&mut secured.stream).poll_write(cx, buf),
            Self::Gone => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(secured) => Pin::new(&mut secured.stream).poll_flush(cx),
            Self::Gone => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(secured) => Pin::new(&mut secured.stream).poll_shutdown(cx),
            Self::Gone => Poll::Ready(Ok(())),
        }
    }
}

/// TCP as TLS reads it: first what was received before TLS began; with a frame, at most one record
/// at a time, so that nothing behind the last one is taken.
#[derive(Debug)]
struct Tcp {
    stream: TcpStream,
    unread: Vec<u8>,
    frame: Option<Frame>,
}

impl AsyncRead for Tcp {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Some(frame) = &mut this.frame else {
            return Pin::new(&mut this.stream).poll_read(cx, buf);
        };
        let mut space = [0; 4096];
        let wanted = frame.wanted().min(space.len()).min(buf.remaining());
        let piece = if this.unread.is_empty() {
            let mut piece = ReadBuf::new(&mut space[..wanted]);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut piece))?;
            piece.filled().to_vec()
        } else {
            let some = wanted.min(this.unread.len());
            this.unread.drain(..some).collect()
        };
        frame.pass(&piece);
        buf.put_slice(&piece);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// Where in a record (RFC 8446 §5.1) a stream of bytes stands.
#[derive(Debug, Default)]
struct Frame {
    /// As much of the header as has passed; none while a body passes.
    header: Vec<u8>,
    /// Bytes of the body still to come.
    body: usize,
}

impl Frame {
    /// Type, version and length.
    const HEADER: usize = 5;

    /// The bytes up to the next boundary: never 0.
    fn wanted(&self) -> usize {
        if self.body > 0 {
            self.body
        } else {
            Self::HEADER - self.header.len()
        }
    }

    /// Notes that these bytes passed, no more than were [wanted](Self::wanted).
    fn pass(&mut self, bytes: &[u8]) {
        if self.body > 0 {
            self.body -= bytes.len();
            return;
        }
        self.header.extend_from_slice(bytes);
        if let &[_, _, _, high, low] = self.header.as_slice() {
            self.body = usize::from(u16::from_be_bytes([high, low]));
            self.header.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_asks_for_no_byte_beyond_its_record() {
        let mut frame = Frame::default();
        for step in [
            &[23, 3][..],
            &[3, 0, 4],
            b"ab",
            b"cd",
            &[21, 3, 3, 0, 0],
            &[22],
        ] {
            assert!(step.len() <= frame.wanted(), "{step:?} in {frame:?}");
            frame.pass(step);
        }
        assert_eq!(frame.wanted(), 4);
    }
}
