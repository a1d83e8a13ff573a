//! The server's side of one scripted connection: takes the steps in order and says which one went
//! wrong.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{sleep, timeout},
};

use crate::{
    board::{Board, Watchdog},
    line::{Channel, Template, escaped},
    net::Net,
    script::Failure,
    transcript::{DataStep, End, Step, Times, Transcript},
};

/// A connection being played. It keeps its sockets when the last step is taken, so that the client
/// sees nothing that the script did not say.
pub(crate) struct Player<N: Net> {
    net: N,
    ip: IpAddr,
    connection: usize,
    control: Wire<N::Stream>,
    inbox: BytesMut,
    channels: BTreeMap<Channel, Data<N>>,
    /// Every line the client sent, without its CRLF.
    pub(crate) lines: Vec<Vec<u8>>,
    board: Board,
}

/// What came instead of what was expected, in words.
type Came = String;

impl<N: Net> Player<N> {
    pub(crate) fn new(
        net: N,
        ip: IpAddr,
        connection: usize,
        control: N::Stream,
        board: Board,
    ) -> Self {
        Self {
            net,
            ip,
            connection,
            control: Wire {
                stream: Some(control),
                end: None,
                received: 0,
            },
            inbox: BytesMut::new(),
            channels: BTreeMap::new(),
            lines: Vec::new(),
            board,
        }
    }

    /// Which connection of its script this is, from 0.
    pub(crate) const fn connection(&self) -> usize {
        self.connection
    }

    /// Takes every step, feeding the watchdog with each.
    ///
    /// # Errors
    ///
    /// The step that did not come about.
    pub(crate) async fn run(
        mut self,
        transcript: Transcript,
        mut watchdog: Watchdog,
    ) -> Result<Self, Failure> {
        let of = transcript.steps.len();
        for step in &transcript.steps {
            watchdog.feed();
            self.board.begin(self.connection, step.to_string(), of);
            let taken = tokio::select! {
                biased;
                taken = self.take(step) => taken,
                deadline = watchdog.expired() => Err(self.nothing_within(deadline)),
            };
            match taken {
                Ok(()) => self.board.done(self.connection, self.said(step)),
                Err(came) => return Err(self.board.failure(self.connection, came)),
            }
        }
        Ok(self)
    }

    /// The line that a pattern let pass, for the report.
    fn said(&self, step: &Step) -> Option<String> {
        match (step, self.lines.last()) {
            (Step::Expect(_), Some(line)) => Some(format!("C: {}", escaped(line))),
            _ => None,
        }
    }

    fn nothing_within(&self, deadline: Duration) -> Came {
        let mut came = vec![format!("nothing within {deadline:?}")];
        if !self.inbox.is_empty() {
            came.push(format!("unread was `{}`", abridged(&self.inbox)));
        }
        for (channel, data) in &self.channels {
            if let Some(wire) = &data.wire {
                came.push(format!("D{channel} had received {} bytes", wire.received));
            }
        }
        came.join("; ")
    }

    async fn take(&mut self, step: &Step) -> Result<(), Came> {
        match step {
            Step::Reply(text) => {
                let mut line = self.fill(text)?;
                line.extend_from_slice(b"\r\n");
                self.control.send(&line, Times::Exactly(1)).await
            }
            Step::Raw(text, times) => {
                let bytes = self.fill(text)?;
                self.control.send(&bytes, *times).await
            }
            Step::Expect(pattern) => {
                let line = self.line().await?;
                let matched = pattern.matches(&line);
                let came = || format!("the line `{}`", abridged(&line));
                let address = matched.ok_or_else(came)?.address;
                self.lines.push(line);
                if let Some((channel, address)) = address {
                    let data = Data {
                        client: Some(address),
                        ..Data::default()
                    };
                    self.channels.insert(channel, data);
                }
                Ok(())
            }
            Step::ExpectRaw(bytes) => self.bytes(bytes).await,
            Step::ExpectNothing => {
                let read = timeout(N::QUIET, self.control.read(&mut self.inbox, usize::MAX)).await;
                read.unwrap_or(Ok(()))?;
                self.nothing_unread()
            }
            Step::ExpectEof => {
                while self.control.end.is_none() {
                    self.nothing_unread()?;
                    self.control.read(&mut self.inbox, usize::MAX).await?;
                }
                self.nothing_unread()
            }
            Step::Close => self.control.finish().await,
            Step::Reset => self.control.reset::<N>(),
            Step::Listen {
                channel,
                at,
                refused,
            } => {
                let ip = at.unwrap_or(self.ip);
                let no_listener = |e| format!("no listener: {e}");
                let data = if *refused {
                    let (refusal, at) = self.net.refuse(ip).await.map_err(no_listener)?;
                    Data {
                        _refusal: Some(refusal),
                        at: Some(at),
                        ..Data::default()
                    }
                } else {
                    let (listener, at) = self.net.listen(ip).await.map_err(no_listener)?;
                    Data {
                        listener: Some(listener),
                        at: Some(at),
                        ..Data::default()
                    }
                };
                self.channels.insert(*channel, data);
                Ok(())
            }
            Step::Data(channel, step) => {
                let data = self.channels.entry(*channel).or_default();
                data.take(&self.net, self.ip, step).await
            }
            Step::Gate(name) => {
                self.board.opened(name).await;
                Ok(())
            }
            Step::Note(name) => {
                self.board.note(name);
                Ok(())
            }
            Step::Wait(time) => {
                sleep(*time).await;
                Ok(())
            }
        }
    }

    fn fill(&self, text: &Template) -> Result<Vec<u8>, Came> {
        let listener = |channel| self.channels.get(&channel)?.at;
        text.fill(listener)
            .map_err(|slot| format!("no listener that {slot} could name"))
    }

    /// The client's next line, without its CRLF.
    async fn line(&mut self) -> Result<Vec<u8>, Came> {
        /// No command is longer, and a report has to be read.
        const LONGEST: usize = 64 * 1024;
        loop {
            if let Some(end) = self.inbox.iter().position(|byte| *byte == b'\n') {
                let line = self.inbox.split_to(end + 1);
                let whole = line.strip_suffix(b"\r\n").map(<[u8]>::to_vec);
                return whole.ok_or_else(|| format!("a line without CR, `{}`", abridged(&line)));
            }
            if self.inbox.len() > LONGEST {
                return Err(format!("{} bytes without a line's end", self.inbox.len()));
            }
            self.more().await?;
        }
    }

    async fn bytes(&mut self, expected: &[u8]) -> Result<(), Came> {
        while self.inbox.len() < expected.len() && expected.starts_with(&self.inbox) {
            self.more().await?;
        }
        if !self.inbox.starts_with(expected) {
            return Err(format!("`{}`", abridged(&self.inbox)));
        }
        drop(self.inbox.split_to(expected.len()));
        Ok(())
    }

    async fn more(&mut self) -> Result<(), Came> {
        self.control.read(&mut self.inbox, usize::MAX).await?;
        match self.control.end {
            None => Ok(()),
            Some(end) if self.inbox.is_empty() => Err(ended(end, "the control connection")),
            Some(end) => {
                let unread = abridged(&self.inbox);
                Err(format!(
                    "{}, after `{unread}`",
                    ended(end, "the control connection")
                ))
            }
        }
    }

    fn nothing_unread(&self) -> Result<(), Came> {
        if self.inbox.is_empty() {
            Ok(())
        } else {
            Err(format!("`{}`", abridged(&self.inbox)))
        }
    }
}

/// A data channel: how the connection is to be made, and the connection.
struct Data<N: Net> {
    listener: Option<N::Listener>,
    /// What keeps the port refused, if it is to be.
    _refusal: Option<N::Refusal>,
    /// Where the listener is, or was.
    at: Option<SocketAddr>,
    /// Where the client listens.
    client: Option<SocketAddr>,
    wire: Option<Wire<N::Stream>>,
}

impl<N: Net> Default for Data<N> {
    fn default() -> Self {
        Self {
            listener: None,
            _refusal: None,
            at: None,
            client: None,
            wire: None,
        }
    }
}

impl<N: Net> Data<N> {
    async fn take(&mut self, net: &N, ip: IpAddr, step: &DataStep) -> Result<(), Came> {
        match step {
            DataStep::Connect { from } => {
                let made = match (self.client, &mut self.listener, from) {
                    (Some(client), _, from) => net.connect(from.unwrap_or(ip), client).await,
                    (None, Some(listener), None) => N::accept(listener).await,
                    (None, Some(_), Some(_)) => {
                        return Err("a passive listener, to which nobody connects from here".into());
                    }
                    (None, None, _) => return Err("neither a listener nor a PORT".into()),
                };
                let stream = made.map_err(|e| format!("no data connection: {e}"))?;
                self.wire = Some(Wire {
                    stream: Some(stream),
                    end: None,
                    received: 0,
                });
                Ok(())
            }
            DataStep::ConnectRefused => {
                let client = self.client.ok_or("no PORT to connect to")?;
                match net.connect(ip, client).await {
                    Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
                    Err(e) => Err(format!("another error: {e}")),
                    Ok(_) => Err(format!(
                        "a connection: the client still listens on {client}"
                    )),
                }
            }
            DataStep::NotConnected => {
                let listener = self.listener.as_mut().ok_or("no listener")?;
                match timeout(N::QUIET, N::accept(listener)).await {
                    Err(_) => Ok(()),
                    Ok(Ok(_)) => Err("a data connection".into()),
                    Ok(Err(e)) => Err(format!("an error: {e}")),
                }
            }
            DataStep::Send(bytes, times) => self.wire()?.send(bytes, *times).await,
            DataStep::Expect(bytes, times) => self.wire()?.expect(bytes, *times).await,
            DataStep::Discard => {
                let wire = self.wire()?;
                let mut bytes = BytesMut::new();
                while wire.end.is_none() {
                    wire.read(&mut bytes, usize::MAX).await?;
                    bytes.clear();
                }
                Ok(())
            }
            DataStep::ExpectEnd(expected) => {
                let wire = self.wire()?;
                let mut bytes = BytesMut::new();
                let end = loop {
                    if let Some(end) = wire.end {
                        break end;
                    }
                    wire.read(&mut bytes, usize::MAX).await?;
                    if !bytes.is_empty() {
                        return Err(format!("data, `{}`", abridged(&bytes)));
                    }
                };
                if *expected == End::Either || *expected == end {
                    return Ok(());
                }
                Err(ended(end, "the data connection"))
            }
            DataStep::Finish => self.wire()?.finish().await,
            DataStep::Close => {
                self.wire()?.stream = None;
                Ok(())
            }
            DataStep::Reset => self.wire()?.reset::<N>(),
        }
    }

    fn wire(&mut self) -> Result<&mut Wire<N::Stream>, Came> {
        self.wire
            .as_mut()
            .ok_or_else(|| "no data connection".to_owned())
    }
}

/// A connection, and how the client ended it.
struct Wire<S> {
    /// `None` once the server has closed or reset it.
    stream: Option<S>,
    end: Option<End>,
    received: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Wire<S> {
    /// Reads what is there, up to `limit` bytes, or sets `end`. Loses nothing when dropped.
    async fn read(&mut self, into: &mut BytesMut, limit: usize) -> Result<(), Came> {
        /// A bound on what one read takes, so that a flood is judged while it runs.
        const PIECE: usize = 64 * 1024;
        if self.end.is_some() {
            return Ok(());
        }
        let stream = self
            .stream
            .as_mut()
            .ok_or("a connection that the script has closed")?;
        into.reserve(PIECE.min(limit));
        match stream.take(PIECE.min(limit) as u64).read_buf(into).await {
            Ok(0) => self.end = Some(End::Eof),
            Ok(read) => self.received += read as u64,
            Err(e) if is_reset(&e) => self.end = Some(End::Reset),
            Err(e) => return Err(format!("an error: {e}")),
        }
        Ok(())
    }

    async fn send(&mut self, bytes: &[u8], times: Times) -> Result<(), Came> {
        /// One write of a repeated text, which keeps a megabyte of `x` from taking a million of
        /// them.
        const PIECE: usize = 64 * 1024;
        let stream = self
            .stream
            .as_mut()
            .ok_or("a connection that the script has closed")?;
        if bytes.is_empty() {
            return Ok(());
        }
        let mut left = match times {
            Times::Exactly(times) => times,
            Times::Forever => u64::MAX,
        };
        let at_once = (PIECE / bytes.len()).max(1) as u64;
        let piece = bytes.repeat(usize::try_from(at_once.min(left)).unwrap_or(1));
        while left > 0 {
            let now = at_once.min(left);
            let part = if now == at_once {
                piece.len()
            } else {
                bytes.len() * usize_of(now)
            };
            let written = async {
                stream.write_all(&piece[..part]).await?;
                stream.flush().await
            };
            match written.await {
                Ok(()) => left -= now,
                Err(e) if times == Times::Forever && is_reset(&e) => {
                    self.end = Some(End::Reset);
                    return Ok(());
                }
                Err(e) => return Err(format!("an end of the connection: {e}")),
            }
        }
        Ok(())
    }

    async fn expect(&mut self, bytes: &[u8], times: u64) -> Result<(), Came> {
        let expected = (bytes.len() as u64)
            .checked_mul(times)
            .ok_or("more than can be counted")?;
        let mut got = 0_u64;
        let mut piece = BytesMut::new();
        while got < expected {
            let limit = usize::try_from(expected - got).unwrap_or(usize::MAX);
            self.read(&mut piece, limit).await?;
            if let Some(end) = self.end {
                let end = ended(end, "the data connection");
                return Err(format!("{end}, after {got} of {expected} bytes"));
            }
            let from = usize_of(got % bytes.len() as u64);
            let wanted = bytes[from..].iter().chain(bytes.iter().cycle());
            if let Some(at) = piece
                .iter()
                .zip(wanted)
                .position(|(came, wanted)| came != wanted)
            {
                let offset = got + at as u64;
                return Err(format!(
                    "other data from byte {offset} on, `{}`",
                    abridged(&piece[at..])
                ));
            }
            got += piece.len() as u64;
            piece.clear();
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), Came> {
        let stream = self
            .stream
            .as_mut()
            .ok_or("a connection that the script has closed")?;
        stream
            .shutdown()
            .await
            .map_err(|e| format!("an end of the connection: {e}"))
    }

    fn reset<N: Net<Stream = S>>(&mut self) -> Result<(), Came> {
        let stream = self
            .stream
            .take()
            .ok_or("a connection that the script has closed")?;
        N::reset(stream);
        Ok(())
    }
}

fn is_reset(e: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(e.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
}

fn ended(end: End, what: &str) -> Came {
    let by = if end == End::Eof { "FIN" } else { "RST" };
    format!("the end of {what} by {by}")
}

fn abridged(bytes: &[u8]) -> String {
    const SHOWN: usize = 80;
    match bytes.get(..SHOWN) {
        Some(head) if bytes.len() > SHOWN => format!("{}…", escaped(head)),
        _ => escaped(bytes).to_string(),
    }
}

/// A count that is below a length which is already a `usize`.
fn usize_of(count: u64) -> usize {
    usize::try_from(count).expect("a part of what is in memory")
}
