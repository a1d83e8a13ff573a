//! Every command and every knob, by a client that knows only sockets.

mod knobs;
mod lifetime;
mod login;
mod security;
mod transfer;
mod tree;

use std::net::IpAddr;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use super::*;

/// A control connection, and lines.
struct Raw<S = TcpStream> {
    stream: BufReader<S>,
    host: IpAddr,
}

impl Raw {
    async fn greeted(server: &Server) -> (Self, String) {
        let stream = TcpStream::connect(server.addr()).await.unwrap();
        let mut raw = Self {
            stream: BufReader::new(stream),
            host: server.addr().ip(),
        };
        let greeting = raw.reply().await;
        (raw, greeting)
    }

    async fn logged_in(server: &Server) -> Self {
        let (mut raw, _) = Self::greeted(server).await;
        assert_eq!(raw.code("USER anonymous").await, "331");
        assert_eq!(raw.code("PASS me@here").await, "230");
        assert_eq!(raw.code("TYPE I").await, "200");
        raw
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    async fn send(&mut self, command: impl AsRef<[u8]>) {
        let line = [command.as_ref(), b"\r\n"].concat();
        self.stream.write_all(&line).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// A whole reply, lines joined by LF; empty at the end of the connection.
    async fn reply(&mut self) -> String {
        let mut lines: Vec<String> = Vec::new();
        loop {
            let mut line = Vec::new();
            self.stream.read_until(b'\n', &mut line).await.unwrap();
            let line = String::from_utf8(line).unwrap();
            if line.is_empty() {
                return lines.join("\n");
            }
            let text = line
                .strip_suffix("\r\n")
                .expect("lines end in CRLF")
                .to_owned();
            lines.push(text);
            let (first, last) = (&lines[0], &lines[lines.len() - 1]);
            if last.as_bytes().get(3) == Some(&b' ') && code(last) == code(first) {
                return lines.join("\n");
            }
        }
    }

    async fn ask(&mut self, command: impl AsRef<[u8]>) -> String {
        self.send(command).await;
        self.reply().await
    }

    async fn code(&mut self, command: impl AsRef<[u8]>) -> String {
        code(&self.ask(command).await).to_owned()
    }

    async fn epsv(&mut self) -> TcpStream {
        let reply = self.ask("EPSV").await;
        let port = reply
            .split('|')
            .nth(3)
            .unwrap_or_else(|| panic!("no port in {reply}"));
        TcpStream::connect((self.host, port.parse::<u16>().unwrap()))
            .await
            .unwrap()
    }

    /// Everything a transfer sends, and its final reply.
    async fn download(&mut self, command: impl AsRef<[u8]>) -> (Vec<u8>, String) {
        let mut data = self.epsv().await;
        let mark = self.ask(command).await;
        assert!(mark.starts_with("150 "), "{mark}");
        let mut bytes = Vec::new();
        data.read_to_end(&mut bytes).await.unwrap();
        drop(data);
        (bytes, self.reply().await)
    }

    async fn listing(&mut self, command: impl AsRef<[u8]>) -> Vec<String> {
        let (bytes, reply) = self.download(command).await;
        assert!(reply.starts_with("226 "), "{reply}");
        String::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// The final reply to an upload.
    async fn upload(&mut self, command: impl AsRef<[u8]>, bytes: &[u8]) -> String {
        let mut data = self.epsv().await;
        let mark = self.ask(command).await;
        assert!(mark.starts_with("150 "), "{mark}");
        data.write_all(bytes).await.unwrap();
        data.shutdown().await.unwrap();
        self.reply().await
    }
}

/// The code of a reply; nothing if it has none.
fn code(reply: &str) -> &str {
    reply.get(..3).unwrap_or_default()
}

async fn server(options: Options) -> Server {
    Server::builder().options(options).start().await.unwrap()
}

async fn session(options: Options) -> (Server, Raw) {
    let server = server(options).await;
    let raw = Raw::logged_in(&server).await;
    (server, raw)
}
