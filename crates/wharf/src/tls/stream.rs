//! A connection under TLS as a stream of bytes.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustls::AlertDescription;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wharf_proto::error::{Error, ErrorKind};

use super::explain::explain;
use super::inbox::Inbox;
use super::records::{FRAGMENT, Fault, Opened, Records};
use crate::data::DataSocket;

/// The records of a connection over its socket.
///
/// Reading ends with the server's close_notify. An end without one is an [`Unclosed`] error, for anybody
/// on the way could have cut the connection there. Reading also does the connection's own business, such as
/// taking tickets in and changing keys, so the writing side has to read too. Shutting down sends our
/// close_notify and ends the socket's writing half. Nothing else does: the answer to the server's close_notify
/// would make a broken upload look complete.
pub(crate) struct TlsStream<S> {
    io: S,
    /// Whom TLS is spoken with, for its errors.
    name: ServerName<'static>,
    records: Records,
    inbox: Inbox,
    /// Data that is opened and not handed out yet: where it is in the inbox, and the length of its record.
    opened: Option<(Range<usize>, usize)>,
    /// How much of the outbox's first record is written.
    written: usize,
    ended: Option<End>,
    closing: bool,
}

/// How the server's side ended.
#[derive(Debug, Clone)]
enum End {
    /// With its close_notify.
    Closed,
    /// Without.
    Cut,
    Failed(Error),
}

/// The connection ended without close_notify: what came may be all, or cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unclosed;

impl fmt::Display for Unclosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TLS ended without close_notify: the data may have been cut short on its way")
    }
}

impl std::error::Error for Unclosed {}

impl Unclosed {
    /// Whether this is why reading failed.
    pub(crate) fn is(error: &io::Error) -> bool {
        error
            .get_ref()
            .is_some_and(<dyn std::error::Error + Send + Sync>::is::<Self>)
    }
}

/// How many records wait for the socket at most before the writer has to.
const OUTBOX: usize = 8;
/// How many records go into one system call.
const SLICES: usize = 16;

impl<S> TlsStream<S> {
    pub(super) fn new(io: S, name: ServerName<'static>, records: Records, inbox: Inbox) -> Self {
        Self {
            io,
            name,
            records,
            inbox,
            opened: None,
            written: 0,
            ended: None,
            closing: false,
        }
    }

    /// What is below TLS.
    pub(crate) fn io_mut(&mut self) -> &mut S {
        &mut self.io
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S> {
    /// Ends TLS and gives the bare connection back, as CCC does (RFC 4217 §12.3): sends our close_notify and
    /// waits for the server's. What comes behind that is in clear text, and the second part of the result.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the connection.
    pub(crate) async fn end(mut self) -> Result<(S, Vec<u8>), Error> {
        self.begin_closing().map_err(|fault| self.error(&fault))?;
        let broken = |error| {
            Error::new(ErrorKind::Tls, "the connection broke at the end of TLS").with_source(error)
        };
        poll_fn(|cx| self.poll_outbox(cx)).await.map_err(broken)?;
        // It may have come already, right behind the 200.
        while self.ended.is_none() && !self.goes_on_in_clear() {
            let mut none = [0; 1];
            match self.open_next(&mut ReadBuf::new(&mut none)) {
                Ok(Turn::Ended) => break,
                Ok(Turn::Business) => {}
                Ok(Turn::More) => {
                    if poll_fn(|cx| self.inbox.poll_fill(cx, &mut self.io))
                        .await
                        .map_err(broken)?
                        == 0
                    {
                        let message = "the server hung up at the end of TLS";
                        return Err(Error::new(ErrorKind::ConnectionLost, message));
                    }
                }
                Ok(Turn::Data) => {
                    let message = "the server sent data where TLS was to end";
                    return Err(Error::new(ErrorKind::Tls, message));
                }
                Err(fault) => return Err(self.error(&fault)),
            }
        }
        Ok((self.io, self.inbox.held().to_vec()))
    }

    /// Tells the server that we end the connection, and why.
    pub(super) async fn refuse(&mut self, alert: AlertDescription) {
        self.records.give_up(alert);
        // The connection is of no use whether the server hears of it or not.
        let _unheard = poll_fn(|cx| self.poll_outbox(cx)).await;
    }

    /// Some servers end TLS without a close_notify of their own. A reply begins with a digit, and no record does.
    fn goes_on_in_clear(&self) -> bool {
        self.inbox.held().first().is_some_and(u8::is_ascii_digit)
    }

    /// What ended TLS, in words.
    fn error(&self, fault: &Fault) -> Error {
        match fault {
            Fault::Misbehaved(_) | Fault::Spent => {
                Error::new(ErrorKind::Tls, "TLS broke").with_source(fault.clone())
            }
            Fault::Alert(alert) => explain(&rustls::Error::AlertReceived(*alert), &self.name),
            Fault::Rustls(error) => explain(error, &self.name),
        }
    }

    /// Opens the next record into `buf` if it holds data.
    fn open_next(&mut self, buf: &mut ReadBuf<'_>) -> Result<Turn, Fault> {
        let Some(length) = self.records.length(self.inbox.held())? else {
            return Ok(Turn::More);
        };
        let held = self.inbox.held_mut();
        let Some(record) = held.get_mut(..length) else {
            return Ok(Turn::More);
        };
        match self.records.open(record)? {
            Opened::Data(Range { start, end }) => {
                let taken = (end - start).min(buf.remaining());
                buf.put_slice(&record[start..start + taken]);
                if start + taken < end {
                    self.opened = Some((start + taken..end, length));
                } else {
                    self.inbox.consume(length);
                }
                Ok(Turn::Data)
            }
            Opened::Nothing => {
                self.inbox.consume(length);
                Ok(Turn::Business)
            }
            Opened::End => {
                self.inbox.consume(length);
                Ok(Turn::Ended)
            }
        }
    }

    /// Hands out what was opened before.
    fn take_opened(&mut self, buf: &mut ReadBuf<'_>) {
        let Some((data, length)) = &mut self.opened else {
            return;
        };
        let taken = data.len().min(buf.remaining());
        buf.put_slice(&self.inbox.held()[data.start..data.start + taken]);
        data.start += taken;
        if data.start == data.end {
            self.inbox.consume(*length);
            self.opened = None;
        }
    }

    /// Reads until `buf` is full, the socket has no more, or the server's side has ended.
    fn poll_data(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<(), End>> {
        let before = buf.filled().len();
        loop {
            self.take_opened(buf);
            if buf.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            match self.open_next(buf) {
                Ok(Turn::Data | Turn::Business) => {}
                Ok(Turn::Ended) => return Poll::Ready(Err(End::Closed)),
                // Whole buffers cost the user fewer turns than what one read of the socket brings.
                Ok(Turn::More) => match self.inbox.poll_fill(cx, &mut self.io) {
                    Poll::Pending if buf.filled().len() > before => return Poll::Ready(Ok(())),
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(0)) if self.inbox.held().is_empty() => {
                        return Poll::Ready(Err(End::Cut));
                    }
                    Poll::Ready(Ok(0)) => {
                        return Poll::Ready(Err(End::Failed(cut_within_a_record())));
                    }
                    Poll::Ready(Ok(_)) => {}
                    Poll::Ready(Err(error)) => {
                        return Poll::Ready(Err(End::Failed(broken(error))));
                    }
                },
                Err(fault) => return Poll::Ready(Err(End::Failed(self.error(&fault)))),
            }
        }
    }

    /// Writes what waits in the outbox.
    fn poll_outbox(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.records.outbox.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let mut skip = self.written;
            let mut used = 0;
            for (slice, record) in slices.iter_mut().zip(&self.records.outbox) {
                *slice = IoSlice::new(&record[skip..]);
                skip = 0;
                used += 1;
            }
            let mut count =
                ready!(Pin::new(&mut self.io).poll_write_vectored(cx, &slices[..used]))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            while let Some(first) = self.records.outbox.front() {
                let left = first.len() - self.written;
                if count < left {
                    self.written += count;
                    break;
                }
                count -= left;
                self.written = 0;
                self.records.outbox.pop_front();
            }
        }
        Poll::Ready(Ok(()))
    }

    fn begin_closing(&mut self) -> Result<(), Fault> {
        if self.closing {
            return Ok(());
        }
        self.closing = true;
        if let Some(End::Failed(_)) = self.ended {
            // RFC 8446 §6.2: behind a fatal alert nothing is said any more.
            return Ok(());
        }
        self.records.close()
    }
}

/// What the next record was.
enum Turn {
    Data,
    /// The connection's own business.
    Business,
    /// It is not there yet.
    More,
    Ended,
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        if this.ended.is_none() {
            let polled = this.poll_data(cx, buf);
            if let Poll::Ready(Err(end)) = &polled {
                this.ended = Some(end.clone());
            } else if let Err(fault) = this.records.answer() {
                this.ended = Some(End::Failed(this.error(&fault)));
            }
            if !this.records.outbox.is_empty() {
                // The answer to a KeyUpdate, or our last alert. If the socket does not take it now, the next
                // write will bring it out, or say why it cannot.
                let _later = this.poll_outbox(cx);
            }
            if polled.is_pending() && this.ended.is_none() {
                return Poll::Pending;
            }
        }
        match &this.ended {
            _ if buf.filled().len() > before => Poll::Ready(Ok(())),
            None | Some(End::Closed) => Poll::Ready(Ok(())),
            Some(End::Cut) => {
                Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, Unclosed)))
            }
            Some(End::Failed(error)) => Poll::Ready(Err(error.clone().into())),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.closing {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if this.records.outbox.len() >= OUTBOX {
            ready!(this.poll_outbox(cx))?;
        }
        let data = &data[..data.len().min(OUTBOX * FRAGMENT)];
        this.records
            .seal(data)
            .map_err(|fault| io::Error::from(this.error(&fault)))?;
        // What does not go now goes with the next write, the flush or the end.
        if let Poll::Ready(written) = this.poll_outbox(cx) {
            written?;
        }
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_outbox(cx))?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.begin_closing()
            .map_err(|fault| io::Error::from(self.error(&fault)))?;
        ready!(self.poll_outbox(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl<S: DataSocket> DataSocket for TlsStream<S> {
    fn reset_on_drop(&mut self) {
        self.io.reset_on_drop();
    }
}

/// Not [`Unclosed`]: here it is known that something is missing.
fn cut_within_a_record() -> Error {
    Error::new(
        ErrorKind::Truncated,
        "the connection was cut within a record of TLS",
    )
}

fn broken(error: io::Error) -> Error {
    Error::new(ErrorKind::DataConnection, "the connection broke").with_source(error)
}

impl<S> fmt::Debug for TlsStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("records", &self.records)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
