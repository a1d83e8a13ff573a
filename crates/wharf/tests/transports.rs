//! Data connections of the caller's own making, which may behave otherwise than TCP.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_sink::Sink;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufWriter, ReadBuf};
use wharf::{BoxFuture, Client, Config, DataMode, DataSocket, Dial, Listen, Passive};
use wharf_testing::net::{Memory, MemoryStream};
use wharf_testing::script::{Script, ScriptedServer};

const STOR: &str = "
    login
    C: PASV
    L
    S: 227 Entering Passive Mode ({pasv}).
    C: STOR a
    D+
    S: 150 Go on.
";

#[tokio::test]
async fn flushing_an_upload_flushes_its_connection() {
    let script = format!("{STOR}\nD< abc\nnote there\nD<eof\nS: 226 Done.\neof");
    let (server, client) = over(&script, Kind::Buffered).await;
    let mut upload = client.store_file("a").await.unwrap();
    upload.write_all(b"abc").await.unwrap();
    upload.flush().await.unwrap();
    server.reached("there").await;
    upload.finish().await.unwrap();
    client.stop();
    server.finished().await;
}

#[tokio::test]
async fn a_connection_that_takes_nothing_is_broken() {
    let script = format!("{STOR}\nD<end\nS: 426 Broken.\neof");
    let (server, client) = over(&script, Kind::Full).await;
    let mut upload = client.store_file("a").await.unwrap();
    Pin::new(&mut upload)
        .start_send(Bytes::from_static(b"abc"))
        .unwrap();
    let flushed = poll_fn(|cx| Sink::poll_flush(Pin::new(&mut upload), cx)).await;
    let error = flushed.unwrap_err();
    assert_eq!(error.code().unwrap(), 426);
    client.stop();
    server.finished().await;
}

async fn over(script: &str, kind: Kind) -> (ScriptedServer, Client) {
    let net = Memory::new();
    let server = Script::new(script)
        .play_on(&net, IpAddr::V4(Ipv4Addr::LOCALHOST))
        .await;
    let control = net.connect(server.addr()).expect("a listening server");
    let (client, driver) = Config::new("harbour")
        .mode(DataMode::Passive(Passive::Classic))
        .handshake(control, Transport { net, kind }, server.addr())
        .expect("a login that can be sent");
    tokio::spawn(driver.run());
    (server, client)
}

#[derive(Clone, Copy)]
enum Kind {
    /// Keeps what is written until it is flushed.
    Buffered,
    /// Takes no byte.
    Full,
}

struct Transport {
    net: Memory,
    kind: Kind,
}

impl Dial for Transport {
    fn dial(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn DataSocket>>> {
        Box::pin(async move {
            let stream = BufWriter::new(self.net.connect(to)?);
            let kind = self.kind;
            Ok(Box::new(Socket { stream, kind }) as Box<dyn DataSocket>)
        })
    }

    fn listen(&self) -> BoxFuture<'_, io::Result<Box<dyn Listen>>> {
        Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    }
}

struct Socket {
    stream: BufWriter<MemoryStream>,
    kind: Kind,
}

impl DataSocket for Socket {
    fn reset_on_drop(&mut self) {}
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.kind {
            Kind::Buffered => Pin::new(&mut self.stream).poll_write(cx, buf),
            Kind::Full => Poll::Ready(Ok(0)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
