//! The control connection: in clear text or under TLS, over TCP or a stream of the caller's own.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use wharf_proto::error::{Error, ErrorKind};

use crate::tls::{Channel, Negotiated, TlsContext, TlsStream};

/// A control connection: any stream of bytes both ways.
pub trait ControlStream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> ControlStream for S {}

/// The control connection as the driver has it.
pub(crate) enum Control {
    Clear(Box<dyn ControlStream>),
    Secure(Box<TlsStream<Box<dyn ControlStream>>>),
    /// Closed, or on its way from one of the others to the other.
    Gone,
}

/// A control connection that has changed over.
pub(crate) struct Changed {
    pub(crate) control: Control,
    /// What TLS came to, if it begins.
    pub(crate) negotiated: Option<Negotiated>,
    /// What came in clear text behind the end of TLS.
    pub(crate) input: Vec<u8>,
}

impl Control {
    /// Begins TLS.
    pub(crate) async fn secure(self, tls: &TlsContext) -> Result<Changed, Error> {
        let Self::Clear(io) = self else {
            return Err(Error::new(
                ErrorKind::Tls,
                "the connection is encrypted already",
            ));
        };
        let (stream, negotiated) = tls.secure(Channel::Control, io).await?;
        Ok(Changed {
            control: Self::Secure(Box::new(stream)),
            negotiated: Some(negotiated),
            input: Vec::new(),
        })
    }

    /// Ends TLS, and goes on in clear text.
    pub(crate) async fn clear(self) -> Result<Changed, Error> {
        let Self::Secure(stream) = self else {
            return Err(Error::new(
                ErrorKind::Tls,
                "the connection is not encrypted",
            ));
        };
        let (io, input) = stream.end().await?;
        Ok(Changed {
            control: Self::Clear(io),
            negotiated: None,
            input,
        })
    }

    /// Closes the connection, under TLS with a close_notify if the socket takes it at once.
    pub(crate) fn close(&mut self) {
        if let Self::Secure(stream) = self {
            let _gone = Pin::new(stream).poll_shutdown(&mut Context::from_waker(Waker::noop()));
        }
        *self = Self::Gone;
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Clear(io) => Pin::new(io).poll_read(cx, buf),
            Self::Secure(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Gone => Poll::Pending,
        }
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Clear(io) => Pin::new(io).poll_write(cx, buf),
            Self::Secure(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Gone => Poll::Pending,
        }
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Clear(io) => Pin::new(io).poll_flush(cx),
            Self::Secure(stream) => Pin::new(stream).poll_flush(cx),
            Self::Gone => Poll::Ready(Ok(())),
        }
    }
}

/// A control connection that does not wait for delayed acknowledgements.
///
/// Servers that write their 150 and 226 apart have Nagle's algorithm hold the second back until the
/// first is acknowledged, and Linux delays that by 40 ms: GNU inetutils, Linux-ftpd, Twisted, ftp-srv
/// and libunftp lose that much on every transfer. Acknowledging at once must be asked for again after
/// every read.
#[derive(Debug)]
pub(crate) struct ControlSocket(TcpStream);

/// How long an idle control connection goes before TCP probes it. Transfers may take hours, and NAT
/// boxes forget a silent connection; a NOOP would disturb the server (Pure-FTPd chokes on it).
const KEEPALIVE: Duration = Duration::from_mins(1);

impl ControlSocket {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))?;
        Ok(Self(stream))
    }

    #[cfg(target_os = "linux")]
    fn acknowledge_at_once(&self) {
        // An optimisation: without it everything works, more slowly.
        let _unsupported = SockRef::from(&self.0).set_tcp_quickack(true);
    }

    #[cfg(not(target_os = "linux"))]
    fn acknowledge_at_once(&self) {}
}

impl AsyncRead for ControlSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.0).poll_read(cx, buf);
        if poll.is_ready() {
            self.acknowledge_at_once();
        }
        poll
    }
}

impl AsyncWrite for ControlSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn rule_12_a_control_connection_neither_waits_nor_lets_the_server_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        let mut control = ControlSocket::new(stream).unwrap();
        assert!(control.0.nodelay().unwrap());
        assert!(SockRef::from(&control.0).keepalive().unwrap());

        // As the kernel has it once we have written something.
        SockRef::from(&control.0).set_tcp_quickack(false).unwrap();
        server.write_all(b"220 ready\r\n").await.unwrap();
        control.read_u8().await.unwrap();
        assert!(SockRef::from(&control.0).tcp_quickack().unwrap());
    }
}
