//! Data connections: dialled, or accepted from the control peer.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::atomic::{AtomicU16, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// A future on the heap, as the [`Dial`] trait returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One data connection.
pub trait DataSocket: AsyncRead + AsyncWrite + Unpin + Send {
    /// Makes the coming drop a reset instead of a clean close, which a server would take for the end
    /// of the file.
    fn reset_on_drop(&mut self);
}

impl DataSocket for TcpStream {
    fn reset_on_drop(&mut self) {
        // If the option cannot be set the socket is broken, and no clean close will come of it.
        let _broken = SockRef::from(&*self).set_linger(Some(Duration::ZERO));
    }
}

impl DataSocket for Box<dyn DataSocket> {
    fn reset_on_drop(&mut self) {
        (**self).reset_on_drop();
    }
}

/// The data connection of a listing that has none, for there is nothing to list.
impl DataSocket for tokio::io::Empty {
    fn reset_on_drop(&mut self) {}
}

/// A data connection that is reset when it is dropped, until that is called off: an upload's while it shakes hands,
/// where it belongs to a future that anybody may drop, and a clean close would be an empty file to some servers.
pub(crate) struct Unsettled {
    socket: Box<dyn DataSocket>,
    resets: bool,
}

impl Unsettled {
    pub(crate) fn new(socket: Box<dyn DataSocket>, resets: bool) -> Self {
        Self { socket, resets }
    }

    /// Leaves it to its holder how the connection ends.
    pub(crate) fn settle(&mut self) {
        self.resets = false;
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        if self.resets {
            self.socket.reset_on_drop();
        }
    }
}

impl DataSocket for Unsettled {
    fn reset_on_drop(&mut self) {
        self.resets = true;
    }
}

impl AsyncRead for Unsettled {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Unsettled {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

/// How data connections are made. The client brings its own for TCP; tests, proxies and other
/// transports bring theirs to [`Config::handshake`](crate::Config::handshake).
///
/// The futures need no limits of their own: they are dropped when
/// [`Config::connect_timeout`](crate::Config::connect_timeout) is over.
pub trait Dial: Send + Sync + 'static {
    /// Connects to the address a server gave in passive mode.
    fn dial(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn DataSocket>>>;

    /// Listens for the server in active mode.
    fn listen(&self) -> BoxFuture<'_, io::Result<Box<dyn Listen>>>;
}

/// A listener for one data connection.
pub trait Listen: Send {
    /// The address the server is told to connect to.
    fn advertised(&self) -> SocketAddr;

    /// Waits for the server, passing over everybody else.
    fn accept(self: Box<Self>) -> BoxFuture<'static, io::Result<Box<dyn DataSocket>>>;
}

/// Data connections over TCP, from and to the hosts of the control connection.
#[derive(Debug)]
pub(crate) struct TcpDialer {
    /// Our address on the control connection.
    local: IpAddr,
    /// The server's end of the control connection.
    peer: SocketAddr,
    active_ports: Option<RangeInclusive<u16>>,
    advertise: Option<IpAddr>,
    /// The port of the range that was listened on last; 0 before the first.
    last_port: AtomicU16,
}

impl Dial for TcpDialer {
    fn dial(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn DataSocket>>> {
        Box::pin(async move {
            let socket = if to.is_ipv4() {
                TcpSocket::new_v4()
            } else {
                TcpSocket::new_v6()
            }?;
            // From the address the server knows us by: some refuse data from another one.
            if self.local.is_ipv4() == to.is_ipv4() && !self.local.is_unspecified() {
                socket.bind(SocketAddr::new(self.local, 0))?;
            }
            let stream = socket.connect(self.scoped(to)).await?;
            Ok(Box::new(stream) as Box<dyn DataSocket>)
        })
    }

    fn listen(&self) -> BoxFuture<'_, io::Result<Box<dyn Listen>>> {
        Box::pin(async move {
            let listener = self.bind().await?;
            let port = listener.local_addr()?.port();
            let advertised = SocketAddr::new(self.advertise.unwrap_or(self.local), port);
            let listen = TcpListen {
                listener,
                advertised,
                peer: self.peer.ip(),
            };
            Ok(Box::new(listen) as Box<dyn Listen>)
        })
    }
}

impl TcpDialer {
    pub(crate) fn new(
        local: IpAddr,
        peer: SocketAddr,
        active_ports: Option<RangeInclusive<u16>>,
        advertise: Option<IpAddr>,
    ) -> Self {
        Self {
            local,
            peer,
            active_ports,
            advertise,
            last_port: AtomicU16::new(0),
        }
    }

    /// A link-local address means nothing without the interface, which only the control connection
    /// knows.
    fn scoped(&self, to: SocketAddr) -> SocketAddr {
        match (to, self.peer) {
            (SocketAddr::V6(to), SocketAddr::V6(peer)) if to.ip() == peer.ip() => {
                SocketAddrV6::new(*to.ip(), to.port(), 0, peer.scope_id()).into()
            }
            _ => to,
        }
    }

    /// A listener on a port of the allowed range, the next one at each transfer: against a server that
    /// always connects from port 20, the last one is still in `TIME_WAIT`.
    async fn bind(&self) -> io::Result<TcpListener> {
        let Some(range) = &self.active_ports else {
            return TcpListener::bind((self.local, 0)).await;
        };
        let mut last = io::Error::new(io::ErrorKind::AddrInUse, "the range of ports is empty");
        let used = self.last_port.load(Ordering::Relaxed);
        let behind = range.clone().filter(|port| *port > used);
        // Port 0 would be any port, not one of the range.
        let around = range.clone().filter(|port| (1..=used).contains(port));
        for port in behind.chain(around) {
            match TcpListener::bind((self.local, port)).await {
                Ok(listener) => {
                    self.last_port.store(port, Ordering::Relaxed);
                    return Ok(listener);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

#[derive(Debug)]
struct TcpListen {
    listener: TcpListener,
    advertised: SocketAddr,
    peer: IpAddr,
}

impl Listen for TcpListen {
    fn advertised(&self) -> SocketAddr {
        self.advertised
    }

    fn accept(self: Box<Self>) -> BoxFuture<'static, io::Result<Box<dyn DataSocket>>> {
        Box::pin(async move {
            loop {
                let (stream, from) = self.listener.accept().await?;
                if from.ip().to_canonical() == self.peer.to_canonical() {
                    return Ok(Box::new(stream) as Box<dyn DataSocket>);
                }
                // RFC 2577 §4: somebody else races the server to the port.
                tracing::warn!(%from, "refused a data connection that is not from the server");
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn dialer(ports: RangeInclusive<u16>, advertise: Option<IpAddr>) -> TcpDialer {
        TcpDialer::new(
            LOOPBACK,
            SocketAddr::new(LOOPBACK, 21),
            Some(ports),
            advertise,
        )
    }

    /// Three neighbouring ports, the one in the middle taken and kept by the listener. They lie above those
    /// that the kernel gives out by itself, and whoever has the middle has all three.
    async fn range_with_a_taken_port() -> (RangeInclusive<u16>, TcpListener) {
        for first in (61_000..65_000).step_by(3) {
            let Ok(taken) = TcpListener::bind((LOOPBACK, first + 1)).await else {
                continue;
            };
            let free = |port| std::net::TcpListener::bind((LOOPBACK, port)).is_ok();
            if free(first) && free(first + 2) {
                return (first..=first + 2, taken);
            }
        }
        panic!("no three ports are free");
    }

    #[tokio::test]
    async fn each_transfer_listens_on_the_next_free_port_of_the_range() {
        let (range, taken) = range_with_a_taken_port().await;
        let dialer = dialer(range.clone(), None);
        let mut ports = Vec::new();
        for _ in 0..4 {
            // Closed again at once, so that only the order of trying tells the ports apart.
            ports.push(dialer.listen().await.unwrap().advertised().port());
        }
        let (first, last) = (*range.start(), *range.end());
        assert_eq!(ports, [first, last, first, last]);
        drop(taken);
    }

    #[tokio::test]
    async fn a_range_without_a_free_port_is_an_error() {
        let taken = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = dialer(port..=port, None).listen().await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        #[expect(clippy::reversed_empty_ranges, reason = "what a caller may give")]
        let error = dialer(2..=1, None).listen().await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        let error = dialer(0..=0, None).listen().await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[tokio::test]
    async fn the_advertised_address_stands_in_for_the_local_one() {
        let public = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        let (range, _taken) = range_with_a_taken_port().await;
        let listen = dialer(range, Some(public)).listen().await.unwrap();
        assert_eq!(listen.advertised().ip(), public);
    }
}
