//! Connections cut into pieces, so that a client meets every segmentation of the bytes it reads.
//!
//! TCP promises the order of bytes and nothing of where one read ends. [`Relay`] stands between a
//! real client and a real server and sends each piece in a segment of its own, which the client's
//! kernel may still join. [`Chopped`] wraps a stream within this process, where no read can give
//! more than a piece.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    task::{JoinHandle, JoinSet, yield_now},
};

use crate::net::{Net, Tcp};

/// The sizes of the pieces that a connection is cut into.
#[derive(Clone, Debug)]
pub struct Pieces(Sizes);

#[derive(Clone, Debug)]
enum Sizes {
    Cycle { sizes: Vec<usize>, at: usize },
    Random { state: u64, largest: usize },
}

impl Pieces {
    /// Pieces of this size.
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    #[track_caller]
    pub fn of(size: usize) -> Self {
        Self::cycle([size])
    }

    /// Pieces of these sizes, and then from the first again.
    ///
    /// # Panics
    ///
    /// If there is no size, or one of them is 0.
    #[track_caller]
    pub fn cycle(sizes: impl Into<Vec<usize>>) -> Self {
        let sizes = sizes.into();
        assert!(!sizes.is_empty(), "pieces need a size");
        assert!(!sizes.contains(&0), "a piece must hold at least one byte");
        Self(Sizes::Cycle { sizes, at: 0 })
    }

    /// Pieces of 1 to `largest` bytes, the same ones for the same seed.
    ///
    /// # Panics
    ///
    /// If `largest` is 0.
    #[track_caller]
    pub fn random(seed: u64, largest: usize) -> Self {
        assert!(largest > 0, "a piece must hold at least one byte");
        Self(Sizes::Random {
            state: seed,
            largest,
        })
    }
}

impl Pieces {
    /// The next piece's size; there is always one.
    fn size(&mut self) -> usize {
        match &mut self.0 {
            Sizes::Cycle { sizes, at } => {
                let size = sizes[*at];
                *at = (*at + 1) % sizes.len();
                size
            }
            Sizes::Random { state, largest } => {
                // SplitMix64, whose every seed is a good one.
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                mixed ^= mixed >> 31;
                1 + usize::try_from(mixed % *largest as u64).expect("it is less than `largest`")
            }
        }
    }
}

/// A relay on 127.0.0.1 that forwards every connection to one server, both ways, in pieces.
///
/// An end is passed on as an end, a reset or a refusal as a reset. Only the connections made to the
/// relay are cut: a data connection to an address that the server names goes past it. Dropping the
/// relay resets nothing and closes all.
#[derive(Debug)]
pub struct Relay {
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Relay {
    /// Starts forwarding to `server`. Each direction of each connection is cut from the first of
    /// `pieces` on.
    ///
    /// # Errors
    ///
    /// Whatever keeps this machine from listening.
    pub async fn start(server: SocketAddr, pieces: Pieces) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let task = tokio::spawn(async move {
            // Dropped with the task, and every connection with it.
            let mut relayed = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                match TcpStream::connect(server).await {
                    Ok(server) => drop(relayed.spawn(forward_both(client, server, pieces.clone()))),
                    // The client is connected already, so this is the nearest to a refusal.
                    Err(_) => Tcp::reset(client),
                }
            }
        });
        Ok(Self { addr, task })
    }

    /// Where the client is to connect.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward_both(mut client: TcpStream, mut server: TcpStream, pieces: Pieces) {
    // Without it the pieces would only join again; a socket that refuses is about to fail anyway.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let both = tokio::try_join!(
        forward(from_client, to_server, pieces.clone()),
        forward(from_server, to_client, pieces),
    );
    if both.is_err() {
        Tcp::reset(client);
        Tcp::reset(server);
    }
}

async fn forward(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut pieces: Pieces,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        let mut rest = &buffer[..read];
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(pieces.size().min(rest.len()));
            to.write_all(piece).await?;
            rest = behind;
            // Lets a reader in this runtime take the piece before the next one joins it.
            yield_now().await;
        }
    }
}

/// A stream whose every read and every write carries at most one piece.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use wharf_testing::chop::{Chopped, Pieces};
///
/// let (near, mut far) = tokio::io::duplex(1024);
/// let mut near = Chopped::new(near, Pieces::cycle([1, 2]));
/// far.write_all(b"220 ready").await?;
/// let mut buffer = [0; 1024];
/// assert_eq!(near.read(&mut buffer).await?, 1);
/// assert_eq!(near.read(&mut buffer).await?, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Chopped<S> {
    stream: S,
    reads: Cut,
    writes: Cut,
}

impl<S> Chopped<S> {
    /// Cuts `stream`, each direction from the first of `pieces` on.
    pub fn new(stream: S, pieces: Pieces) -> Self {
        Self {
            stream,
            reads: Cut::new(pieces.clone()),
            writes: Cut::new(pieces),
        }
    }

    /// The stream as it was.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Chopped<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let room = buf.remaining().min(this.reads.size);
        let mut piece = ReadBuf::new(buf.initialize_unfilled_to(room));
        ready!(Pin::new(&mut this.stream).poll_read(cx, &mut piece))?;
        let read = piece.filled().len();
        buf.advance(read);
        this.reads.carried();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Chopped<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let piece = &buf[..buf.len().min(this.writes.size)];
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, piece))?;
        this.writes.carried();
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// One direction of a [`Chopped`]: its size stays until something has been carried.
#[derive(Debug)]
struct Cut {
    pieces: Pieces,
    size: usize,
}

impl Cut {
    fn new(mut pieces: Pieces) -> Self {
        let size = pieces.size();
        Self { pieces, size }
    }

    fn carried(&mut self) {
        self.size = self.pieces.size();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(mut pieces: Pieces, count: usize) -> Vec<usize> {
        (0..count).map(|_| pieces.size()).collect()
    }

    #[test]
    fn sizes_come_in_their_cycle_or_from_their_seed() {
        assert_eq!(sizes(Pieces::of(3), 2), [3, 3]);
        assert_eq!(sizes(Pieces::cycle([1, 5]), 3), [1, 5, 1]);
        let seeded = sizes(Pieces::random(7, 4), 1000);
        assert_eq!(seeded, sizes(Pieces::random(7, 4), 1000));
        assert_ne!(seeded, sizes(Pieces::random(8, 4), 1000));
        assert!((1..=4).all(|size| seeded.contains(&size)));
        assert!(seeded.iter().all(|size| (1..=4).contains(size)));
    }

    #[test]
    #[should_panic(expected = "at least one byte")]
    fn an_empty_piece_is_refused() {
        Pieces::cycle([1, 0]);
    }

    #[tokio::test]
    async fn reads_and_writes_carry_at_most_a_piece() {
        let (near, mut far) = tokio::io::duplex(1024);
        let mut near = Chopped::new(near, Pieces::cycle([2, 3]));
        assert_eq!(near.write(b"PASV\r\n").await.expect("written"), 2);
        assert_eq!(near.write(b"SV\r\n").await.expect("written"), 3);
        far.write_all(b"220 ready").await.expect("written");
        drop(far);
        let mut buffer = [0; 64];
        let mut reads = Vec::new();
        loop {
            match near.read(&mut buffer).await.expect("read") {
                0 => break,
                read => reads.push(read),
            }
        }
        assert_eq!(reads, [2, 3, 2, 2]);
    }

    /// A server that sends what it is sent, and the end after the end.
    async fn echo(listener: TcpListener) {
        let (mut stream, _) = listener.accept().await.expect("the relay");
        let (mut reader, mut writer) = stream.split();
        tokio::io::copy(&mut reader, &mut writer)
            .await
            .expect("an end");
        writer.shutdown().await.expect("ended");
    }

    async fn listen() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a listener");
        let addr = listener.local_addr().expect("its address");
        (listener, addr)
    }

    #[tokio::test]
    async fn a_relay_changes_no_byte_and_passes_the_end_on() {
        let sent: Vec<u8> = (0..200_000_u32)
            .map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1])
            .collect();
        for pieces in [
            Pieces::of(1000),
            Pieces::cycle([1, 4096]),
            Pieces::random(1, 2000),
        ] {
            let (listener, server) = listen().await;
            let server_task = tokio::spawn(echo(listener));
            let relay = Relay::start(server, pieces).await.expect("a relay");
            let client = TcpStream::connect(relay.addr())
                .await
                .expect("a connection");
            let (mut reader, mut writer) = client.into_split();
            let mut got = Vec::new();
            let write = async {
                writer.write_all(&sent).await.expect("written");
                writer.shutdown().await
            };
            let (ended, read) = tokio::join!(write, reader.read_to_end(&mut got));
            ended.expect("ended");
            read.expect("a clean end");
            assert!(got == sent, "the relay changed the bytes");
            server_task.await.expect("the server");
        }
    }

    #[tokio::test]
    async fn a_reader_in_step_sees_each_piece_by_itself() {
        let (listener, server) = listen().await;
        let relay = Relay::start(server, Pieces::of(1)).await.expect("a relay");
        let mut client = TcpStream::connect(relay.addr())
            .await
            .expect("a connection");
        let (mut far, _) = listener.accept().await.expect("the relay");
        for byte in 0..10 {
            client.write_u8(byte).await.expect("written");
            assert_eq!(far.read(&mut [0; 64]).await.expect("read"), 1);
        }
    }

    #[tokio::test]
    async fn a_relay_passes_a_reset_on() {
        let (listener, server) = listen().await;
        let relay = Relay::start(server, Pieces::of(1)).await.expect("a relay");
        let mut client = TcpStream::connect(relay.addr())
            .await
            .expect("a connection");
        let (far, _) = listener.accept().await.expect("the relay");
        Tcp::reset(far);
        let end = client.read(&mut [0]).await.expect_err("no clean end");
        assert_eq!(end.kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn a_dropped_relay_lets_its_connections_go() {
        let (listener, server) = listen().await;
        let relay = Relay::start(server, Pieces::of(1)).await.expect("a relay");
        let mut client = TcpStream::connect(relay.addr())
            .await
            .expect("a connection");
        let (_far, _) = listener.accept().await.expect("the relay");
        drop(relay);
        assert_eq!(client.read(&mut [0]).await.expect("an end"), 0);
    }
}
