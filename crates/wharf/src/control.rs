//! The control connection over TCP.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

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
