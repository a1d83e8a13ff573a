//! A download in its user's hands.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use wharf_proto::ascii::FromNetwork;
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{Completion, Listed, Representation};
use wharf_proto::reply::Reply;
use wharf_proto::server::Quirks;

use crate::stream::{DataStream, Progress, broken};
use crate::tls::{CloseNotify, Negotiated, Unclosed};

/// The bytes of a file or listing, as they come from the server.
///
/// It is an [`AsyncRead`] and a [`Stream`] of [`Bytes`]. **Its end is the truth**: a read of zero bytes
/// means that the data connection ended cleanly *and* the server confirmed the transfer (2yz). A cut, a
/// reset, a refusal after the last byte or a loss of the control connection is an error, so a plain
/// [`tokio::io::copy`] cannot take half a file for a whole one. Large buffers make for few system calls;
/// 256 KiB is a good size.
///
/// The error of a read wraps an [`Error`](crate::Error); [`from_io`](crate::from_io) gets it out.
///
/// # Cancel safety
///
/// Reads lose nothing when they are dropped. Dropping the download before its end stops the transfer and
/// brings the control connection in step again; what is queued behind it goes on.
///
/// # Examples
///
/// ```
/// use tokio::io::AsyncReadExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = wharf_testing::server::Server::builder().start().await?;
/// # std::fs::write(server.root().join("README"), "all is well\n")?;
/// # let client = wharf::Client::connect(&server.url()).await?;
/// let mut download = client.retrieve_file("README").await?;
/// let mut text = String::new();
/// download.read_to_string(&mut text).await?; // an error unless it is whole
/// assert_eq!(text, "all is well\n");
/// assert_eq!(download.completion().unwrap().reply.code(), 226);
/// # Ok(()) }
/// ```
///
/// Half a file is not a whole one, though the server may think so:
///
/// ```
/// use wharf::{ErrorKind, RetrieveOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = wharf_testing::server::Server::builder().start().await?;
/// # std::fs::write(server.root().join("README"), "all is")?;
/// # let client = wharf::Client::connect(&server.url()).await?;
/// let whole = RetrieveOptions::default().expected_size(12);
/// let error = client.retrieve_file_with("README", whole).await?.finish().await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Truncated);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a download that is dropped before its end is stopped"]
pub struct Download {
    stream: DataStream,
    expected: Option<u64>,
    text: Option<Text>,
    /// What this side found wrong, which a 2yz does not mend.
    fault: Option<Error>,
    /// Whether the data connection was read to its clean end.
    end_seen: bool,
    completion: Option<Completion>,
    /// Where the next chunk of the [`Stream`] goes.
    spare: BytesMut,
}

/// The state of a download in `TYPE A`.
#[derive(Debug, Default)]
struct Text {
    converter: FromNetwork,
    /// What is read into, kept over polls.
    raw: Vec<u8>,
    converted: BytesMut,
    flushed: bool,
}

/// How much is read at a time for a [`Stream`], and for text before it is converted.
const CHUNK: usize = 64 * 1024;

impl Download {
    pub(crate) fn new(
        stream: DataStream,
        representation: Representation,
        expected: Option<u64>,
    ) -> Self {
        let text = (representation == Representation::Ascii).then(Text::default);
        Self {
            stream,
            expected,
            text,
            fault: None,
            end_seen: false,
            completion: None,
            spare: BytesMut::new(),
        }
    }

    /// How many bytes have come over the data connection.
    pub fn bytes(&self) -> u64 {
        self.stream.bytes()
    }

    /// The same figure for another task to watch.
    pub fn progress(&self) -> Progress {
        self.stream.progress()
    }

    /// The server's 1yz reply, if it sent one.
    pub fn mark(&self) -> Option<&Reply> {
        self.stream.terms.mark.as_ref()
    }

    /// The server's replies, once a read has returned zero bytes.
    pub fn completion(&self) -> Option<&Completion> {
        self.completion.as_ref()
    }

    /// What TLS on the data connection came to, if it is protected.
    pub fn tls(&self) -> Option<&Negotiated> {
        self.stream.terms.negotiated.as_ref()
    }

    pub(crate) fn quirks(&self) -> Quirks {
        self.stream.terms.quirks
    }

    /// What was chosen, if this is a listing whose command was.
    pub(crate) fn listed(&self) -> Option<Listed> {
        self.stream.terms.listed
    }

    /// Whether there is nothing to come, as was found out already.
    pub(crate) fn is_nothing(&self) -> bool {
        self.stream.terms.is_nothing
    }

    /// Reads and discards what is left, and returns the server's replies.
    ///
    /// # Errors
    ///
    /// What a read would have returned.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the download, which stops it.
    pub async fn finish(mut self) -> Result<Completion, Error> {
        let mut rest = vec![0; CHUNK];
        while self.read(&mut rest).await.map_err(crate::from_io)? > 0 {}
        self.completion.take().ok_or_else(|| {
            Error::new(
                ErrorKind::BadResponse,
                "the download ended without the server's replies",
            )
        })
    }

    /// Stops the transfer and waits until the connection is in step again.
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

    /// Reads from the socket, and brings the end of the data to the driver's notice.
    fn poll_socket(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<usize, Error>> {
        loop {
            let before = buf.filled().len();
            let Some(read) = self.stream.socket.with(|socket| socket.poll_read(cx, buf)) else {
                return self.poll_end(cx);
            };
            match read {
                Poll::Ready(Ok(())) => {
                    let moved = buf.filled().len() - before;
                    if moved == 0 {
                        self.end_of_data(cx);
                        continue;
                    }
                    self.stream.count(moved);
                    if let Some(expected) = self.expected.filter(|size| self.bytes() > *size) {
                        let error = Error::new(
                            ErrorKind::Truncated,
                            format!("the server sent more than the {expected} bytes of the file"),
                        );
                        self.stream.failed(error.clone());
                        self.fault = Some(error.clone());
                        return Poll::Ready(Err(error));
                    }
                    return Poll::Ready(Ok(moved));
                }
                Poll::Ready(Err(error)) if Unclosed::is(&error) && self.may_end_unclosed() => {
                    self.end_of_data(cx);
                }
                Poll::Ready(Err(error)) => {
                    let error = broken(error);
                    self.fault = Some(error.clone());
                    self.stream.failed(error);
                }
                Poll::Pending => {
                    self.stream.wait();
                    // The server may refuse, or be lost, while the data stands still.
                    let verdict = self.stream.poll_verdict(cx);
                    if let Poll::Ready(Err(error)) = verdict {
                        self.stream.socket.close();
                        return Poll::Ready(Err(error));
                    }
                    return Poll::Pending;
                }
            }
        }
    }

    /// Whether an end without TLS's close_notify may be the end of the file: by the configuration, or because
    /// as much has come as the file has. The server's 2yz must follow all the same.
    fn may_end_unclosed(&self) -> bool {
        match self.stream.close_notify() {
            CloseNotify::Strict => false,
            CloseNotify::TolerateIfProven => self.expected == Some(self.bytes()),
            CloseNotify::DangerIgnore => true,
        }
    }

    fn end_of_data(&mut self, cx: &mut Context<'_>) {
        let bytes = self.bytes();
        if let Some(expected) = self.expected.filter(|size| bytes < *size) {
            self.fault = Some(Error::new(
                ErrorKind::Truncated,
                format!("the data ended after {bytes} of {expected} bytes"),
            ));
        }
        self.end_seen = true;
        self.stream.finished();
        if self.tls().is_some() {
            // Our close_notify (RFC 8446 §6.1), if the socket takes it at once. Nobody has to wait for it.
            let _gone = self.stream.socket.with(|socket| socket.poll_shutdown(cx));
        }
        self.stream.socket.close();
    }

    /// The data is over; the server's word is awaited.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, Error>> {
        if self.completion.is_some() {
            return Poll::Ready(Ok(0));
        }
        let completion = ready!(self.stream.poll_verdict(cx))?;
        if self.fault.is_none() && !self.end_seen {
            // Taken away by the driver. Only an end that was seen here makes a file whole.
            self.fault = Some(Error::new(
                ErrorKind::DataConnection,
                "the data connection was closed before the end of the data",
            ));
        }
        if let Some(fault) = &self.fault {
            return Poll::Ready(Err(fault.clone().with_reply(completion.reply)));
        }
        self.completion = Some(completion);
        Poll::Ready(Ok(0))
    }

    fn poll_text(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), Error>> {
        loop {
            let Some(text) = &mut self.text else {
                return Poll::Ready(Ok(()));
            };
            if !text.converted.is_empty() {
                let n = text.converted.len().min(buf.remaining());
                buf.put_slice(&text.converted.split_to(n));
                return Poll::Ready(Ok(()));
            }
            if text.flushed {
                return Poll::Ready(Ok(()));
            }
            let mut raw = std::mem::take(&mut text.raw);
            raw.resize(CHUNK, 0);
            let polled = self.poll_socket(cx, &mut ReadBuf::new(&mut raw));
            let Some(text) = &mut self.text else {
                return Poll::Ready(Ok(()));
            };
            if let Poll::Ready(Ok(moved)) = polled {
                if moved == 0 {
                    text.converter.finish(&mut text.converted);
                    text.flushed = true;
                } else {
                    text.converter.push(&raw[..moved], &mut text.converted);
                }
            }
            text.raw = raw;
            ready!(polled)?;
        }
    }
}

impl AsyncRead for Download {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if this.text.is_some() {
            return this.poll_text(cx, buf).map_err(io::Error::from);
        }
        this.poll_socket(cx, buf)
            .map_ok(|_bytes| ())
            .map_err(io::Error::from)
    }
}

/// Ends after the last byte, once the server has confirmed the transfer.
impl Stream for Download {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Kept over polls and shared by small chunks, so that neither a poll in vain nor a chunk of a few
        // bytes costs a whole buffer. The last quarter is left unused: reads into it would be small.
        let mut spare = std::mem::take(&mut self.spare);
        if spare.len() < CHUNK / 4 {
            spare = BytesMut::zeroed(CHUNK);
        }
        let mut read = ReadBuf::new(&mut spare);
        let polled = self.as_mut().poll_read(cx, &mut read);
        let length = read.filled().len();
        let chunk = spare.split_to(length).freeze();
        self.spare = spare;
        ready!(polled)?;
        Poll::Ready((!chunk.is_empty()).then_some(Ok(chunk)))
    }
}
