//! An upload in its user's hands.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use futures_sink::Sink;
use tokio::io::{AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};
use wharf_proto::ascii::ToNetwork;
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{Completion, Representation};
use wharf_proto::reply::Reply;

use crate::stream::{DataStream, Progress, broken};
use crate::tls::{Negotiated, Unclosed};

/// Where a file's bytes go, on their way to the server.
///
/// It is handed out only after the server's 1yz, so nothing can be written before the server knows what
/// it is. **It must be finished**: [`finish`](Self::finish), or `shutdown` of [`AsyncWrite`], ends the
/// file and waits for the server's verdict. Dropped before that, the data connection is *reset*, for a
/// clean close would tell the server that the file is complete.
///
/// Should the server end the transfer early (its disk is full, say), the next write fails with its
/// words.
///
/// # Cancel safety
///
/// A dropped write may have moved some bytes, like any [`AsyncWrite`]'s. Dropping the upload before its
/// end aborts it; what is queued behind it goes on.
///
/// # Examples
///
/// ```
/// use tokio::io::AsyncWriteExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = wharf_testing::server::Server::builder().start().await?;
/// # let client = wharf::Client::connect(&server.url()).await?;
/// let mut upload = client.store_file("report.txt").await?;
/// upload.write_all(b"all is well\n").await?;
/// let completion = upload.finish().await?; // the server has it, and says so
/// assert!(completion.reply.code().is_completion());
/// # assert_eq!(std::fs::read(server.root().join("report.txt"))?, b"all is well\n");
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "an upload that is dropped before it is finished is aborted"]
pub struct Upload {
    stream: DataStream,
    /// What is on its way to the socket: text that was converted, or an item of the [`Sink`].
    unsent: BytesMut,
    text: Option<ToNetwork>,
    fault: Option<Error>,
    end: End,
    /// How long the server's side of the connection is still waited for, once its verdict is in.
    farewell: Option<Pin<Box<Sleep>>>,
    completion: Option<Completion>,
}

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    Announced,
    Sent,
}

/// How long a server that has confirmed an upload may keep its end of the connection open.
const FAREWELL: Duration = Duration::from_secs(1);

/// How much of the user's data is converted, or taken into the sink, before the socket is asked again.
const CHUNK: usize = 64 * 1024;

impl Upload {
    pub(crate) fn new(stream: DataStream, representation: Representation) -> Self {
        let text = (representation == Representation::Ascii).then(ToNetwork::default);
        let unsent = BytesMut::new();
        Self {
            stream,
            unsent,
            text,
            fault: None,
            end: End::Open,
            farewell: None,
            completion: None,
        }
    }

    /// How many bytes have gone over the data connection.
    pub fn bytes(&self) -> u64 {
        self.stream.bytes()
    }

    /// The same figure for another task to watch.
    pub fn progress(&self) -> Progress {
        self.stream.progress()
    }

    /// The server's 1yz reply. STOU's names the file on many servers.
    pub fn mark(&self) -> Option<&Reply> {
        self.stream.terms.mark.as_ref()
    }

    /// What TLS on the data connection came to, if it is protected.
    pub fn tls(&self) -> Option<&Negotiated> {
        self.stream.terms.negotiated.as_ref()
    }

    /// Ends the file and waits for the server's verdict.
    ///
    /// # Errors
    ///
    /// What the server refused the file with, or what broke on the way. The file at the server is then
    /// incomplete, or of unknown state.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future aborts the upload if its last byte has not left yet; else the server's verdict
    /// stays unknown. The connection stays in step.
    pub async fn finish(mut self) -> Result<Completion, Error> {
        poll_fn(|cx| self.poll_finish(cx)).await?;
        self.completion.take().ok_or_else(|| {
            Error::new(
                ErrorKind::BadResponse,
                "the upload ended without the server's replies",
            )
        })
    }

    /// Waits for whatever ends the upload before its time: the server refuses the rest or hangs up, or
    /// the stall limit is over. Otherwise a caller that has nothing to write would not notice.
    ///
    /// It does not return for as long as all is well.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn next_line() -> Vec<u8> { Vec::new() }
    /// # async fn f(mut upload: wharf::Upload) -> Result<(), Box<dyn std::error::Error>> {
    /// use tokio::io::AsyncWriteExt as _;
    ///
    /// let line = tokio::select! {
    ///     line = next_line() => line,
    ///     error = upload.failed() => return Err(error.into()),
    /// };
    /// upload.write_all(&line).await?;
    /// # Ok(()) }
    /// ```
    pub async fn failed(&mut self) -> Error {
        poll_fn(|cx| {
            self.poll_server(cx);
            let verdict = ready!(self.stream.poll_verdict(cx));
            self.stream.socket.close();
            Poll::Ready(self.after_the_end(verdict))
        })
        .await
    }

    /// Gives the upload up by resetting the data connection, and waits until the control connection is
    /// in step again. What the server does with the partial file is its own affair; most keep it.
    ///
    /// # Errors
    ///
    /// If the server did not settle within the limit, or the connection was lost; it is closed then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not take the abort back.
    pub async fn abort(self) -> Result<(), Error> {
        self.stream.abort().await
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.completion.is_some() {
            return Poll::Ready(Ok(()));
        }
        if let Some(mut text) = self.text.take() {
            text.finish(&mut self.unsent);
        }
        if self.end == End::Open {
            // All of it, for the stall limit ends with the announcement.
            ready!(self.poll_out(cx))?;
            // Before the end itself, so that the server's 226 finds the driver prepared.
            self.stream.finished();
            self.end = End::Announced;
        }
        if self.end == End::Announced {
            self.poll_end(cx);
        }
        // The server's close, or an error of the socket, is as welcome as its reply.
        self.poll_server(cx);
        let verdict = ready!(self.stream.poll_verdict(cx));
        if verdict.is_ok() {
            ready!(self.poll_farewell(cx));
        }
        self.stream.socket.close();
        Poll::Ready(match (verdict, &self.fault) {
            (Err(error), _) => Err(error),
            (Ok(completion), Some(fault)) => Err(fault.clone().with_reply(completion.reply)),
            (Ok(completion), None) => {
                self.completion = Some(completion);
                Ok(())
            }
        })
    }

    /// Ends our side. A socket that does not take the end now does not keep the server's words from being heard.
    fn poll_end(&mut self, cx: &mut Context<'_>) {
        match self.stream.socket.with(|socket| socket.poll_shutdown(cx)) {
            Some(Poll::Pending) => return,
            Some(Poll::Ready(Err(error))) => self.fail(broken(error)),
            Some(Poll::Ready(Ok(()))) | None => {}
        }
        self.end = End::Sent;
    }

    /// Waits under TLS for the server's close_notify or its end, though its verdict is in: what it still has to
    /// say, session tickets for one, would be answered with a reset otherwise.
    fn poll_farewell(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let open = self.stream.socket.with(|_| ()).is_some();
        if self.tls().is_none() || !open {
            return Poll::Ready(());
        }
        let farewell = self
            .farewell
            .get_or_insert_with(|| Box::pin(sleep(FAREWELL)));
        farewell.as_mut().poll(cx)
    }

    /// Writes, unless the server has ended the transfer.
    fn poll_socket(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, Error>> {
        if let Poll::Ready(verdict) = self.stream.poll_verdict(cx) {
            self.stream.socket.close();
            return Poll::Ready(Err(self.after_the_end(verdict)));
        }
        self.poll_server(cx);
        let Some(written) = self
            .stream
            .socket
            .with(|socket| socket.poll_write(cx, bytes))
        else {
            // Broken: the server's words, which say why, are awaited.
            let verdict = ready!(self.stream.poll_verdict(cx));
            return Poll::Ready(Err(self.after_the_end(verdict)));
        };
        if written.is_pending() {
            self.stream.wait();
        }
        match ready!(written) {
            // A socket that takes nothing would be asked again for ever.
            Ok(0) if !bytes.is_empty() => self.poll_broken(io::ErrorKind::WriteZero.into(), cx),
            Ok(n) => {
                self.stream.count(n);
                Poll::Ready(Ok(n))
            }
            Err(error) => self.poll_broken(error, cx),
        }
    }

    /// The socket broke; the server's words, which say why, are awaited.
    fn poll_broken<T>(&mut self, error: io::Error, cx: &Context<'_>) -> Poll<Result<T, Error>> {
        self.fail(broken(error));
        let verdict = ready!(self.stream.poll_verdict(cx));
        Poll::Ready(Err(self.after_the_end(verdict)))
    }

    /// Looks at what comes from the server's side: nothing should, and its close ends the transfer.
    fn poll_server(&mut self, cx: &mut Context<'_>) {
        let mut byte = [0; 64];
        let mut read = ReadBuf::new(&mut byte);
        let polled = self
            .stream
            .socket
            .with(|socket| socket.poll_read(cx, &mut read));
        let Some(polled) = polled else {
            return;
        };
        match polled {
            Poll::Pending => {}
            Poll::Ready(Ok(())) if !read.filled().is_empty() => self.fail(Error::new(
                ErrorKind::UnexpectedData,
                "the server sent data on a connection for uploading",
            )),
            Poll::Ready(Ok(())) if self.end == End::Sent => self.stream.socket.close(),
            Poll::Ready(Ok(())) => self.fail(Error::new(
                ErrorKind::Truncated,
                "the server closed the data connection before the upload was complete",
            )),
            // libunftp and others never say close_notify. They have no data to be cut short, and what they have
            // stored their reply says.
            Poll::Ready(Err(error)) if self.end == End::Sent && Unclosed::is(&error) => {
                self.stream.socket.close();
            }
            Poll::Ready(Err(error)) => self.fail(broken(error)),
        }
    }

    fn fail(&mut self, error: Error) {
        if self.fault.is_none() {
            self.fault = Some(error.clone());
        }
        self.stream.failed(error);
    }

    /// What a write gets when the transfer is over already.
    fn after_the_end(&self, verdict: Result<Completion, Error>) -> Error {
        match verdict {
            Err(error) => error,
            Ok(completion) => match &self.fault {
                Some(fault) => fault.clone().with_reply(completion.reply),
                None => Error::new(ErrorKind::InvalidInput, "the upload was finished already"),
            },
        }
    }

    fn poll_unsent(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !self.unsent.is_empty() {
            let unsent = std::mem::take(&mut self.unsent);
            let written = self.poll_socket(cx, &unsent);
            self.unsent = unsent;
            let n = ready!(written)?;
            self.unsent.advance(n);
        }
        Poll::Ready(Ok(()))
    }

    /// Brings out what is unsent, and what a socket of the caller's own may keep back. One that is gone
    /// keeps nothing; the next write or the end says why it is.
    fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(self.poll_unsent(cx))?;
        match self.stream.socket.with(|socket| socket.poll_flush(cx)) {
            Some(Poll::Ready(Ok(()))) | None => Poll::Ready(Ok(())),
            Some(Poll::Ready(Err(error))) => self.poll_broken(error, cx),
            Some(Poll::Pending) => {
                self.stream.wait();
                self.poll_server(cx);
                let verdict = ready!(self.stream.poll_verdict(cx));
                self.stream.socket.close();
                Poll::Ready(Err(self.after_the_end(verdict)))
            }
        }
    }
}

impl AsyncWrite for Upload {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        ready!(this.poll_unsent(cx))?;
        let Some(text) = &mut this.text else {
            return this.poll_socket(cx, buf).map_err(io::Error::from);
        };
        let taken = &buf[..buf.len().min(CHUNK)];
        text.push(taken, &mut this.unsent);
        // What cannot go yet goes with the next write or flush.
        if let Poll::Ready(sent) = this.poll_unsent(cx) {
            sent?;
        }
        Poll::Ready(Ok(taken.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_out(cx).map_err(io::Error::from)
    }

    /// The same as [`Upload::finish`]: the file's end, and the server's verdict.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_finish(cx).map_err(io::Error::from)
    }
}

/// Closing the sink is the same as [`Upload::finish`].
impl Sink<Bytes> for Upload {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_unsent(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, item: Bytes) -> Result<(), Error> {
        let this = &mut *self;
        match &mut this.text {
            Some(text) => text.push(&item, &mut this.unsent),
            None => this.unsent.extend_from_slice(&item),
        }
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_out(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_finish(cx)
    }
}
