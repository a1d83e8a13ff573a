//! Where a script is played: over TCP on this machine, or in memory.
//!
//! In memory there are no ports to run out of, and nothing happens outside the runtime: under a
//! paused clock (`#[tokio::test(start_paused = true)]`) time moves only when every task waits, so a
//! test of a five-minute deadline takes no time and always takes the same course.

mod memory;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
};

pub use self::memory::{Memory, MemoryListener, MemoryStream};

/// What the script player needs of a network.
pub trait Net: Clone + Send + Sync + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// A listening socket.
    type Listener: Send + 'static;
    /// What keeps a port refused.
    type Refusal: Send + 'static;

    /// How long the player listens before it says that nothing comes.
    const QUIET: Duration;

    /// Listens on `ip` at a free port, and says where that is.
    ///
    /// # Errors
    ///
    /// Whatever keeps the network from listening there.
    fn listen(
        &self,
        ip: IpAddr,
    ) -> impl Future<Output = io::Result<(Self::Listener, SocketAddr)>> + Send;

    /// Takes a free port on `ip` at which nobody listens, so that every dial is refused for as long as
    /// the refusal is held, and says where that is.
    ///
    /// # Errors
    ///
    /// Whatever keeps the network from giving out a port there.
    fn refuse(
        &self,
        ip: IpAddr,
    ) -> impl Future<Output = io::Result<(Self::Refusal, SocketAddr)>> + Send;

    /// The next connection made to `listener`.
    ///
    /// # Errors
    ///
    /// Whatever the network reports.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no connection.
    fn accept(
        listener: &mut Self::Listener,
    ) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Connects to `to`, from the address `from`.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::ConnectionRefused`] if nobody listens there.
    fn connect(
        &self,
        from: IpAddr,
        to: SocketAddr,
    ) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Ends the connection so that the other side sees a reset.
    fn reset(stream: Self::Stream);
}

/// TCP, as this machine's kernel has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tcp;

impl Net for Tcp {
    type Stream = TcpStream;
    type Listener = TcpListener;
    /// Bound and not listening: the port of a listener that was closed would be anybody's next.
    type Refusal = TcpSocket;

    /// Loopback delivers within microseconds. A client that is slower than this is not caught, but
    /// none is blamed wrongly.
    const QUIET: Duration = Duration::from_millis(20);

    async fn listen(&self, ip: IpAddr) -> io::Result<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind((ip, 0)).await?;
        let at = listener.local_addr()?;
        Ok((listener, at))
    }

    async fn refuse(&self, ip: IpAddr) -> io::Result<(TcpSocket, SocketAddr)> {
        let socket = bound(ip)?;
        let at = socket.local_addr()?;
        Ok((socket, at))
    }

    async fn accept(listener: &mut TcpListener) -> io::Result<TcpStream> {
        let (stream, _) = listener.accept().await?;
        configure(stream)
    }

    async fn connect(&self, from: IpAddr, to: SocketAddr) -> io::Result<TcpStream> {
        configure(bound(from)?.connect(to).await?)
    }

    fn reset(stream: TcpStream) {
        // On a socket that is already gone there is nothing left to reset.
        let _ = stream.set_zero_linger();
    }
}

/// A socket at a free port of `ip`, neither listening nor connected.
fn bound(ip: IpAddr) -> io::Result<TcpSocket> {
    let socket = match ip {
        IpAddr::V4(_) => TcpSocket::new_v4()?,
        IpAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.bind(SocketAddr::new(ip, 0))?;
    Ok(socket)
}

/// Each write becomes a segment of its own, and Telnet's urgent byte is read in its place.
fn configure(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    SockRef::from(&stream).set_out_of_band_inline(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// What every network owes the player.
    async fn carries_ends_and_refuses<N: Net>(net: N) {
        let (mut listener, at) = net.listen(LOOPBACK).await.expect("a listener");
        let mut near = net.connect(LOOPBACK, at).await.expect("a connection");
        let mut far = N::accept(&mut listener).await.expect("its other end");
        near.write_all(b"ping").await.expect("written");
        near.shutdown().await.expect("half closed");
        let mut got = Vec::new();
        far.read_to_end(&mut got).await.expect("a clean end");
        assert_eq!(got, b"ping");
        far.write_all(b"pong")
            .await
            .expect("the other half is open");
        N::reset(far);
        let end = near
            .read_to_end(&mut got)
            .await
            .expect_err("a reset is no end");
        assert_eq!(
            (end.kind(), &got[..]),
            (io::ErrorKind::ConnectionReset, &b"pingpong"[..])
        );

        let (_refusal, at) = net.refuse(LOOPBACK).await.expect("a free port");
        let refused = net.connect(LOOPBACK, at).await.err().map(|e| e.kind());
        assert_eq!(refused, Some(io::ErrorKind::ConnectionRefused));
    }

    #[tokio::test]
    async fn tcp_carries_bytes_ends_and_refusals() {
        carries_ends_and_refuses(Tcp).await;
    }

    #[tokio::test(start_paused = true)]
    async fn memory_carries_bytes_ends_and_refusals() {
        carries_ends_and_refuses(Memory::new()).await;
        carries_ends_and_refuses(Memory::with_buffer(1024)).await;
    }
}
