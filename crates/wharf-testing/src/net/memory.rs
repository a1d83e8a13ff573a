//! The network within the process: a table of listeners, and pipes that know how they were ended.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf},
    sync::mpsc,
};

use super::Net;

/// A network within this process. Clones are the same network.
///
/// ```
/// # block_on(async {
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use wharf_testing::net::Memory;
///
/// let net = Memory::new();
/// let mut listener = net.listen("127.0.0.1:21".parse()?)?;
/// let mut client = net.connect("127.0.0.1:21".parse()?)?;
/// let mut server = listener.accept().await;
///
/// server.write_all(b"220").await?;
/// server.reset();
/// let mut greeting = Vec::new();
/// let end = client.read_to_end(&mut greeting).await.unwrap_err();
/// assert_eq!((end.kind(), &greeting[..]), (std::io::ErrorKind::ConnectionReset, &b"220"[..]));
/// # Ok(())
/// # });
/// # fn block_on(test: impl Future<Output = Result<(), Box<dyn std::error::Error>>>) {
/// #     tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test).unwrap();
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Memory {
    hosts: Arc<Mutex<Hosts>>,
    buffer: usize,
}

#[derive(Default)]
struct Hosts {
    listeners: HashMap<SocketAddr, mpsc::UnboundedSender<MemoryStream>>,
    ports_taken: u16,
}

impl Memory {
    /// A network on which nobody listens yet, whose connections hold 64 KiB in each direction.
    pub fn new() -> Self {
        Self::with_buffer(64 * 1024)
    }

    /// A network whose connections hold `bytes` in each direction before a writer has to wait.
    ///
    /// With 1, every read gives one byte.
    ///
    /// # Panics
    ///
    /// If `bytes` is 0.
    pub fn with_buffer(bytes: usize) -> Self {
        assert!(bytes > 0, "a connection must hold at least one byte");
        Self {
            hosts: Arc::default(),
            buffer: bytes,
        }
    }

    /// Listens at `at`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AddrInUse`] if somebody listens there, or every port has been given out.
    pub fn listen(&self, at: SocketAddr) -> io::Result<MemoryListener> {
        let mut hosts = self.hosts();
        let mut local = at;
        if at.port() == 0 {
            local.set_port(hosts.free_port()?);
        }
        let (dialled, incoming) = mpsc::unbounded_channel();
        match hosts.listeners.entry(local) {
            Entry::Occupied(_) => return Err(io::ErrorKind::AddrInUse.into()),
            Entry::Vacant(free) => free.insert(dialled),
        };
        drop(hosts);
        Ok(MemoryListener {
            net: self.clone(),
            local,
            incoming,
        })
    }

    /// Connects to `to` from the loopback address of its family.
    ///
    /// Like a kernel's, the connection stands at once and waits to be accepted.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::ConnectionRefused`] if nobody listens there.
    pub fn connect(&self, to: SocketAddr) -> io::Result<MemoryStream> {
        let from: IpAddr = match to {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        self.connect_from(from, to)
    }

    /// Connects to `to` from the address `from`.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::ConnectionRefused`] if nobody listens there.
    pub fn connect_from(&self, from: IpAddr, to: SocketAddr) -> io::Result<MemoryStream> {
        let mut hosts = self.hosts();
        let local = SocketAddr::new(from, hosts.free_port()?);
        let listener = hosts
            .listeners
            .get(&to)
            .ok_or(io::ErrorKind::ConnectionRefused)?;
        let (near, far) = tokio::io::duplex(self.buffer);
        let reset = Arc::new(AtomicBool::new(false));
        let far = MemoryStream {
            io: far,
            local: to,
            peer: local,
            reset: Arc::clone(&reset),
        };
        listener
            .send(far)
            .map_err(|_| io::ErrorKind::ConnectionRefused)?;
        Ok(MemoryStream {
            io: near,
            local,
            peer: to,
            reset,
        })
    }

    fn hosts(&self) -> MutexGuard<'_, Hosts> {
        // Each change of the table is one insertion or removal, so a panic elsewhere leaves it
        // whole.
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Net for Memory {
    type Stream = MemoryStream;
    type Listener = MemoryListener;
    /// No port is given out twice, so nobody will ever listen there.
    type Refusal = ();

    /// Under a paused clock the shortest wait ends only when every task of the runtime waits, so
    /// nothing is missed.
    const QUIET: Duration = Duration::from_millis(1);

    async fn listen(&self, ip: IpAddr) -> io::Result<(MemoryListener, SocketAddr)> {
        let listener = Self::listen(self, SocketAddr::new(ip, 0))?;
        let at = listener.local_addr();
        Ok((listener, at))
    }

    async fn refuse(&self, ip: IpAddr) -> io::Result<((), SocketAddr)> {
        let port = self.hosts().free_port()?;
        Ok(((), SocketAddr::new(ip, port)))
    }

    async fn accept(listener: &mut MemoryListener) -> io::Result<MemoryStream> {
        Ok(listener.accept().await)
    }

    async fn connect(&self, from: IpAddr, to: SocketAddr) -> io::Result<MemoryStream> {
        self.connect_from(from, to)
    }

    fn reset(stream: MemoryStream) {
        stream.reset();
    }
}

impl Hosts {
    /// Ports are never given out twice, so that nobody reaches the successor of whom they meant.
    fn free_port(&mut self) -> io::Result<u16> {
        const FIRST: u16 = 49_152; // RFC 6335 §6: where the dynamic ports begin.
        let port = FIRST
            .checked_add(self.ports_taken)
            .ok_or(io::ErrorKind::AddrInUse)?;
        self.ports_taken += 1;
        Ok(port)
    }
}

impl fmt::Debug for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.listeners.keys()).finish()
    }
}

/// Somebody listening on a [`Memory`] network. Dropping it refuses every later dial, and whoever
/// was not accepted finds the connection ended.
#[derive(Debug)]
pub struct MemoryListener {
    net: Memory,
    local: SocketAddr,
    incoming: mpsc::UnboundedReceiver<MemoryStream>,
}

impl MemoryListener {
    /// Where it listens.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The next connection.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no connection.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the network holds a sender while this exists"
    )]
    pub async fn accept(&mut self) -> MemoryStream {
        self.incoming
            .recv()
            .await
            .expect("the network holds the sender until the listener is dropped")
    }
}

impl Drop for MemoryListener {
    fn drop(&mut self) {
        self.net.hosts().listeners.remove(&self.local);
    }
}

/// A connection over a [`Memory`] network. Dropping it ends it cleanly.
#[derive(Debug)]
pub struct MemoryStream {
    io: DuplexStream,
    local: SocketAddr,
    peer: SocketAddr,
    reset: Arc<AtomicBool>,
}

impl MemoryStream {
    /// This side's address.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The other side's address.
    pub const fn peer_addr(&self) -> SocketAddr {
        self.peer
    }

    /// Ends the connection so that the other side, once it has read what was sent, gets
    /// [`io::ErrorKind::ConnectionReset`], and at once when it writes.
    pub fn reset(self) {
        self.reset.store(true, Ordering::Release);
    }

    /// The kind of end this connection has come to, if it has.
    fn check(&self) -> io::Result<()> {
        if self.reset.load(Ordering::Acquire) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for MemoryStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buf)?;
        // The flag is set before the other half goes, so an end that is seen here has told its
        // kind.
        if read.is_ready() && buf.filled().len() == before && buf.remaining() > 0 {
            self.check()?;
        }
        read.map(Ok)
    }
}

impl AsyncWrite for MemoryStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    /// As TCP does. rustls has several records to write at a time, and its last alert goes in
    /// one write or not at all.
    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn both_sides_in_memory_know_each_others_address() {
        let net = Memory::new();
        let at = "[::1]:21".parse().expect("address");
        let mut listener = net.listen(at).expect("a listener");
        let near = net.connect(at).expect("a connection");
        let far = listener.accept().await;
        assert_eq!((near.peer_addr(), far.local_addr()), (at, at));
        assert_eq!(near.local_addr(), far.peer_addr());
        assert_ne!(near.local_addr().port(), 0);
        let stranger = net
            .connect_from("::2".parse().expect("address"), at)
            .expect("a connection");
        assert_eq!(listener.accept().await.peer_addr(), stranger.local_addr());
        assert_eq!(stranger.local_addr().ip().to_string(), "::2");
    }

    #[test]
    fn an_address_in_memory_is_listened_on_once() {
        let net = Memory::new();
        let at = "127.0.0.1:21".parse().expect("address");
        let first = net.listen(at).expect("a listener");
        let second = net.listen(at).expect_err("taken");
        assert_eq!(second.kind(), io::ErrorKind::AddrInUse);
        drop(first);
        assert!(net.listen(at).is_ok(), "the address was not given back");
    }

    #[tokio::test]
    async fn a_reset_fails_the_other_sides_write() {
        let net = Memory::new();
        let mut listener = net
            .listen("127.0.0.1:21".parse().expect("address"))
            .expect("a listener");
        let mut near = net.connect(listener.local_addr()).expect("a connection");
        listener.accept().await.reset();
        let end = near.write(b"x").await.expect_err("nobody is there");
        assert_eq!(end.kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn whoever_was_not_accepted_finds_the_connection_ended() {
        let net = Memory::new();
        let listener = net
            .listen("127.0.0.1:21".parse().expect("address"))
            .expect("a listener");
        let mut near = net.connect(listener.local_addr()).expect("a connection");
        drop(listener);
        assert_eq!(near.read(&mut [0]).await.expect("an end"), 0);
    }
}
