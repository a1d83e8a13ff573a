//! The control connection: lines in, replies out.

use std::{collections::VecDeque, io, mem, pin::pin, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use super::{Shared, command::Command, reply::Reply};

/// A client's control connection. Everything that passes is logged.
#[derive(Debug)]
pub(super) struct Control {
    shared: Arc<Shared>,
    connection: usize,
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
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
        let (reader, writer) = stream.into_split();
        Self {
            shared,
            connection,
            reader,
            writer,
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
        self.writer.write_all(&reply.encode()).await
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
        self.writer.shutdown().await?;
        let mut sink = tokio::io::sink();
        let drained = tokio::io::copy(&mut self.reader, &mut sink);
        match tokio::time::timeout(Duration::from_secs(1), drained).await {
            Ok(copied) => copied.map(drop),
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
            if matches!(self.reader.read_buf(&mut self.buffer).await, Ok(0) | Err(_)) {
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
