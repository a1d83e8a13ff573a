//! The control connection: lines in, replies out.

use std::{collections::VecDeque, io, mem, pin::pin, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    Shared,
    command::Command,
    handshake::{Channel, Handshake},
    reply::Reply,
    tls::{Carries, ServerTls},
    wire::Wire,
};
use crate::tls::sessions::Sessions;

/// A client's control connection. Everything that passes is logged.
#[derive(Debug)]
pub(super) struct Control {
    shared: Arc<Shared>,
    connection: usize,
    wire: Wire,
    /// What this connection and its data connections can resume.
    sessions: Sessions,
    /// Bytes received and not yet taken as lines.
    buffer: Vec<u8>,
    /// Whether the line that is coming in was too long, so that the rest of it is skipped.
    skipping: bool,
    /// Commands that came during a transfer, to be carried out after it.
    backlog: VecDeque<Incoming>,
}

/// What a client sent.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line longer than the server takes.
    TooLong,
    /// The end of the connection.
    Closed,
}

/// How a piece of work ended while the client was listened to.
#[derive(Debug)]
pub(super) enum Outcome<T> {
    /// The work was done.
    Done(T),
    /// The client sent `ABOR`.
    Aborted,
    /// The client went away.
    Closed,
}

impl Control {
    /// The longest line taken; longer than any path a system allows.
    const LINE_LIMIT: usize = 8 * 1024;
    /// Commands kept for after a transfer. `ABOR` is seen behind so many, and no more.
    const BACKLOG_LIMIT: usize = 256;

    pub(super) fn new(stream: TcpStream, shared: Arc<Shared>, connection: usize) -> Self {
        Self {
            sessions: shared.sessions.sibling(),
            shared,
            connection,
            wire: Wire::Clear(stream),
            buffer: Vec::new(),
            skipping: false,
            backlog: VecDeque::new(),
        }
    }

    /// Sends a reply, in one write, after the latency the options ask for.
    pub(super) async fn send(&mut self, reply: &Reply) -> io::Result<()> {
        let latency = self.shared.options().latency;
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        for line in reply.lines() {
            self.shared.log.server(self.connection, line);
        }
        self.wire.write_all(&reply.encode()).await?;
        self.wire.flush().await
    }

    /// Whether it is in TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.wire.tls().is_some()
    }

    /// Changes over to TLS.
    ///
    /// What the client sent too early is taken for its part of the handshake, as vsFTPd does it:
    /// commands smuggled in behind `AUTH` end the session.
    ///
    /// # Errors
    ///
    /// The handshake failed, and the connection is of no use any more.
    pub(super) async fn secure(&mut self, rules: Arc<ServerTls>) -> io::Result<()> {
        let Wire::Clear(tcp) = mem::replace(&mut self.wire, Wire::Gone) else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        if !self.backlog.is_empty() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let unread = mem::take(&mut self.buffer);
        let carries = Carries::Commands;
        self.wire = self.shake_hands(tcp, unread, carries, rules).await?;
        Ok(())
    }

    /// Changes over to clear text.
    ///
    /// # Errors
    ///
    /// The client did not end TLS when it should have, or took longer than `limit` over it, and the
    /// connection is of no use any more.
    pub(super) async fn reveal(&mut self, limit: Duration) -> io::Result<()> {
        if !self.backlog.is_empty() || !self.buffer.is_empty() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        tokio::time::timeout(limit, self.wire.reveal()).await?
    }

    /// Secures a data connection.
    ///
    /// # Errors
    ///
    /// The handshake failed.
    pub(super) fn secure_data(
        &self,
        tcp: TcpStream,
        carries: Carries,
        rules: Arc<ServerTls>,
    ) -> impl Future<Output = io::Result<Wire>> + use<> {
        self.shake_hands(tcp, Vec::new(), carries, rules)
    }

    /// The handshake of this connection or one of its data connections, which is logged.
    fn shake_hands(
        &self,
        tcp: TcpStream,
        unread: Vec<u8>,
        carries: Carries,
        rules: Arc<ServerTls>,
    ) -> impl Future<Output = io::Result<Wire>> + use<> {
        let (shared, connection) = (Arc::clone(&self.shared), self.connection);
        let config = rules.acceptance(carries, &self.sessions).config();
        let channel = match carries {
            Carries::Commands => Channel::Control,
            Carries::Download | Carries::Upload => Channel::Data,
        };
        async move {
            let wire = Wire::secure(tcp, unread, config?, carries, rules)
                .await
                .inspect_err(|error| shared.handshakes.failed(connection, channel, error))?;
            if let Some(tls) = wire.tls() {
                shared
                    .handshakes
                    .made(Handshake::new(connection, channel, tls));
            }
            Ok(wire)
        }
    }

    /// The next line the client wants carried out.
    ///
    /// # Cancel safety
    ///
    /// What was received stays in the buffer when the future is dropped.
    pub(super) async fn next(&mut self) -> Incoming {
        match self.backlog.pop_front() {
            Some(incoming) => incoming,
            None => self.receive().await,
        }
    }

    /// Does `work`, listening to the client meanwhile.
    ///
    /// `ABOR` ends the work by dropping it; other commands wait until it is done. An ABOR
    /// behind commands that wait is heard all the same, as it must be to be of use.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Outcome<T> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                // The client first: a transfer that is always ready to go on uses up what tokio
                // lets a task do at a time, and ABOR would never be read. The other way round
                // the backlog is the limit.
                biased;
                incoming = self.receive(), if self.backlog.len() < Self::BACKLOG_LIMIT => {
                    match incoming {
                        Incoming::Closed => return Outcome::Closed,
                        Incoming::Line(line) if Command::parse(&line).verb == "ABOR" => {
                            return Outcome::Aborted;
                        }
                        later => self.backlog.push_back(later),
                    }
                }
                done = &mut work => return Outcome::Done(done),
            }
        }
    }

    /// Closes the connection so that the client gets to read the last reply.
    ///
    /// A socket closed with input unread resets the connection, and a reset may overtake the
    /// reply: so the rest of the input is taken first, for as long as a second.
    pub(super) async fn close(mut self) -> io::Result<()> {
        self.wire.end().await?;
        match tokio::time::timeout(Duration::from_secs(1), self.wire.drain()).await {
            Ok(drained) => drained,
            Err(_elapsed) => Ok(()),
        }
    }

    /// The next line that arrives.
    async fn receive(&mut self) -> Incoming {
        loop {
            if let Some(incoming) = self.take_line() {
                return incoming;
            }
            // A connection that broke is over just like one that was closed.
            if matches!(self.wire.read_buf(&mut self.buffer).await, Ok(0) | Err(_)) {
                return Incoming::Closed;
            }
        }
    }

    /// Takes a line out of the buffer, if there is a whole one. CRLF ends it, or LF alone.
    fn take_line(&mut self) -> Option<Incoming> {
        let Some(end) = self.buffer.iter().position(|&byte| byte == b'\n') else {
            if self.buffer.len() > Self::LINE_LIMIT {
                self.buffer.clear();
                self.skipping = true;
            }
            return None;
        };
        let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
        if mem::take(&mut self.skipping) || line.len() > Self::LINE_LIMIT {
            self.shared
                .log
                .client(self.connection, "(a line too long to keep)".as_bytes());
            return Some(Incoming::TooLong);
        }
        line.pop();
        line.pop_if(|byte| *byte == b'\r');
        self.shared.log.client(self.connection, &line);
        Some(Incoming::Line(line))
    }
}
