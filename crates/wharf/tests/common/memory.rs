//! A client and a scripted server on a network in memory, where tokio's clock may be paused.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wharf::{BoxFuture, Client, Config, DataSocket, Dial, Listen};
use wharf_testing::net::{Memory, MemoryListener, MemoryStream};
use wharf_testing::script::{Script, ScriptedServer};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A client whose login is queued and has not been answered yet, and the server that will play this
/// script to it, greeting included.
pub(crate) async fn in_memory(script: &str, config: &Config) -> (ScriptedServer, Client) {
    let net = Memory::new();
    let server = Script::new(script).play_on(&net, LOOPBACK).await;
    let control = net.connect(server.addr()).expect("a listening server");
    let (client, driver) = config
        .handshake(control, dialer(net), server.addr())
        .expect("a login that can be sent");
    tokio::spawn(driver.run());
    (server, client)
}

/// Data connections on a network in memory.
pub(crate) fn dialer(net: Memory) -> impl Dial {
    MemoryDial { net }
}

struct MemoryDial {
    net: Memory,
}

impl Dial for MemoryDial {
    fn dial(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn DataSocket>>> {
        Box::pin(async move { self.net.connect(to).map(MemorySocket::boxed) })
    }

    fn listen(&self) -> BoxFuture<'_, io::Result<Box<dyn Listen>>> {
        Box::pin(async move {
            let listener = self.net.listen(SocketAddr::new(LOOPBACK, 0))?;
            Ok(Box::new(MemoryListen(listener)) as Box<dyn Listen>)
        })
    }
}

struct MemoryListen(MemoryListener);

impl Listen for MemoryListen {
    fn advertised(&self) -> SocketAddr {
        self.0.local_addr()
    }

    fn accept(mut self: Box<Self>) -> BoxFuture<'static, io::Result<Box<dyn DataSocket>>> {
        Box::pin(async move { Ok(MemorySocket::boxed(self.0.accept().await)) })
    }
}

struct MemorySocket {
    /// There until the drop.
    stream: Option<MemoryStream>,
    reset: bool,
}

impl MemorySocket {
    fn boxed(stream: MemoryStream) -> Box<dyn DataSocket> {
        Box::new(Self {
            stream: Some(stream),
            reset: false,
        })
    }

    fn stream(&mut self) -> Pin<&mut MemoryStream> {
        Pin::new(self.stream.as_mut().expect("taken by the drop alone"))
    }
}

impl DataSocket for MemorySocket {
    fn reset_on_drop(&mut self) {
        self.reset = true;
    }
}

impl Drop for MemorySocket {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take().filter(|_| self.reset) {
            stream.reset();
        }
    }
}

impl AsyncRead for MemorySocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream().poll_read(cx, buf)
    }
}

impl AsyncWrite for MemorySocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }
}
