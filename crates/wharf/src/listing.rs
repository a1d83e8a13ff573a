//! A directory listing in its user's hands, and what its entries are made of.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::{Buf, Bytes, BytesMut};
use futures_core::Stream;
use tokio::io::{AsyncRead, ReadBuf};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{Completion, ListCommand};
use wharf_proto::time::Timestamp;

use crate::download::Download;
use crate::tls::Negotiated;

pub use wharf_proto::listing::{
    Confidence, Dialect, Format, Kind, ListParser, ListingError, ListingLimits, Modified, Parsed,
    Permissions, Precision, ServerZone, Zone,
};

/// A listing as it comes: entries one by one, or the raw bytes.
///
/// It is a [`Stream`] of [`Parsed`]: an entry, or a line that could not be read as one, which is handed
/// on as it is rather than guessed at. Memory is bounded by the longest line. The stream ends after the
/// last entry, once the server has confirmed the listing; a cut is an error.
///
/// Some servers answer the listing of a directory that does not exist with an empty one.
///
/// # Cancel safety
///
/// As of [`Download`].
///
/// # Examples
///
/// ```
/// use wharf::Parsed;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = wharf_testing::server::Server::builder().start().await?;
/// # std::fs::write(server.root().join("README"), "ahoy")?;
/// # let client = wharf::Client::connect(&server.url()).await?;
/// let mut sizes = Vec::new();
/// let mut listing = client.list("").await?;
/// while let Some(item) = listing.next_entry().await {
///     match item? {
///         Parsed::Entry(entry) => sizes.push((entry.name_lossy().into_owned(), entry.size())),
///         Parsed::Unknown(line) => eprintln!("not understood: {}", wharf::text::escaped(&line)),
///     }
/// }
/// assert_eq!(sizes, [("README".to_owned(), Some(4))]);
///
/// // The names alone.
/// assert_eq!(client.nlst("").await?.lines().await?, ["README"]);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a listing that is dropped before its end is stopped"]
pub struct Listing {
    download: Download,
    command: ListCommand,
    parser: ListParser,
    shown: Shown,
    buffer: Box<[u8]>,
    ended: bool,
}

/// How a listing is to be read.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    pub(crate) dialect: Option<Dialect>,
    pub(crate) limits: ListingLimits,
    /// What the server has said of itself.
    pub(crate) hint: Vec<u8>,
    pub(crate) shown: Shown,
}

/// Which entries come out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) hidden: bool,
    pub(crate) dots: bool,
}

impl Shown {
    fn has(self, parsed: &Parsed) -> bool {
        let Parsed::Entry(entry) = parsed else {
            return true;
        };
        // NLST writes the directory ahead of each name on some servers.
        let name = entry.name().rsplit(|&byte| byte == b'/').next();
        let name = name.unwrap_or_default();
        let is_dot = matches!(name, b"." | b"..")
            || matches!(entry.kind(), Kind::CurrentDirectory | Kind::ParentDirectory);
        if is_dot {
            self.dots
        } else {
            self.hidden || !name.starts_with(b".")
        }
    }
}

/// How much of a listing is read at a time.
const CHUNK: usize = 32 * 1024;

impl Listing {
    pub(crate) fn new(download: Download, command: ListCommand, manner: &Manner) -> Self {
        // Year-less dates of `ls -l` are near the present, unless the server never gives a year.
        let now = if download.quirks().listing_omits_year {
            None
        } else {
            Timestamp::from_system_time(SystemTime::now())
        };
        let format = match (command, manner.dialect) {
            (ListCommand::List, Some(dialect)) => Format::Dialect(dialect),
            _ => command.format(),
        };
        let parser = ListParser::new(format, now, manner.limits).with_hint(&manner.hint);
        let buffer = vec![0; CHUNK].into_boxed_slice();
        Self {
            download,
            command,
            parser,
            shown: manner.shown,
            buffer,
            ended: false,
        }
    }

    /// The next entry; `None` after the last one of a confirmed listing.
    ///
    /// # Errors
    ///
    /// As an item: what broke the listing off. Nothing follows it.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn next_entry(&mut self) -> Option<Result<Parsed, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// All bytes of the listing as the server sent them.
    ///
    /// # Errors
    ///
    /// What broke the listing off, or that it is larger than 64 MiB: read such a one as a stream of
    /// entries, or through [`into_download`](Self::into_download).
    pub async fn raw(self) -> Result<Bytes, Error> {
        let mut download = self.download;
        let mut all = BytesMut::new();
        while let Some(chunk) =
            std::future::poll_fn(|cx| Pin::new(&mut download).poll_next(cx)).await
        {
            let chunk = chunk.map_err(crate::from_io)?;
            if all.len() + chunk.len() > RAW_LIMIT {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    "the listing is larger than 64 MiB, too large to be kept whole",
                ));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// The lines of the listing without their ends, which for `NLST` are the names.
    ///
    /// # Errors
    ///
    /// As of [`raw`](Self::raw).
    pub async fn lines(self) -> Result<Vec<Bytes>, Error> {
        let mut rest = self.raw().await?;
        let mut lines = Vec::new();
        while !rest.is_empty() {
            let end = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .unwrap_or(rest.len());
            let mut line = rest.split_to(end);
            rest.advance(usize::from(!rest.is_empty()));
            if line.ends_with(b"\r") {
                line.truncate(line.len() - 1);
            }
            if !line.is_empty() {
                lines.push(line);
            }
        }
        Ok(lines)
    }

    /// The command that the server lists by.
    pub fn command(&self) -> ListCommand {
        self.command
    }

    /// In which dialect the listing is, as soon as that is known: behind its first hundred lines or so, or
    /// its end. There is none if nothing in it could be read.
    pub fn dialect(&self) -> Option<Dialect> {
        self.parser.dialect()
    }

    /// What TLS on the data connection came to, if it is protected.
    pub fn tls(&self) -> Option<&Negotiated> {
        self.download.tls()
    }

    /// The listing as a stream of bytes.
    pub fn into_download(self) -> Download {
        self.download
    }

    /// Whether the server's last reply says that the listing was cut short, once it has ended. Pure-FTPd
    /// stops after 10,000 entries and says so nowhere else.
    pub fn is_truncated(&self) -> bool {
        self.completion().is_some_and(|completion| {
            let mut lines = completion.reply.final_lines().iter();
            lines.any(|line| {
                let line = line.to_ascii_lowercase();
                line.windows(9).any(|word| word == b"truncated")
            })
        })
    }

    /// The server's replies, once the listing has ended.
    pub fn completion(&self) -> Option<&Completion> {
        self.download.completion()
    }
}

const RAW_LIMIT: usize = 64 * 1024 * 1024;

impl Stream for Listing {
    type Item = Result<Parsed, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            while let Some(parsed) = this.parser.next() {
                if this.shown.has(&parsed) {
                    return Poll::Ready(Some(Ok(parsed)));
                }
            }
            if this.ended {
                return Poll::Ready(None);
            }
            let mut read = ReadBuf::new(&mut this.buffer);
            let result = ready!(Pin::new(&mut this.download).poll_read(cx, &mut read))
                .map_err(crate::from_io)
                .and_then(|()| {
                    let parsed = match read.filled() {
                        [] => {
                            this.ended = true;
                            this.parser.finish()
                        }
                        bytes => this.parser.push(bytes),
                    };
                    parsed.map_err(|error| {
                        Error::new(ErrorKind::BadResponse, "the listing cannot be read")
                            .with_source(error)
                    })
                });
            if let Err(error) = result {
                this.ended = true;
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}
