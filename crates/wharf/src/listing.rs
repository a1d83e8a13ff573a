//! A directory listing in its user's hands, and what its entries are made of.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::{Buf, Bytes, BytesMut};
use futures_core::Stream;
use tokio::io::{AsyncRead, ReadBuf};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::listing::Entry;
use wharf_proto::op::{Completion, ListCommand, may_mean_nothing};
use wharf_proto::reply::{Code, Reply};
use wharf_proto::time::Timestamp;

use crate::download::Download;
use crate::queued::Queued;
use crate::tls::Negotiated;

mod heading;
mod knowledge;
mod origin;
mod own_line;
mod probe;

use heading::Heading;
pub(crate) use knowledge::Knowledge;
pub(crate) use origin::Origin;
use own_line::OwnLine;
use probe::{FirstEnd, Probe, Probed};

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
/// Many servers list nothing for a directory that does not exist, and some refuse to list one in which there
/// is nothing. So where [`Client::list`](crate::Client::list) chose the command and no entry has come, the
/// listing asks the server for the directory itself before it ends, and ends with the refusal if it is not there.
/// For that it holds the session like a clone of the client. Where all that `LIST` shows is a directory of the name
/// that was asked for, it tries to enter one of this name within, and fails if that is refused: vsFTPd lists so what may
/// not be read. It also fails where the server says, behind its success, that it could not open the directory.
///
/// A directory that the server writes ahead of each name is taken off it, if it is the one that was asked for.
/// What stands below the heading of another directory is handed on as lines that could not be read, unless
/// the listing is a [recursive](crate::ListOptions::recursive) one: it is no entry of the directory asked for.
///
/// Of a server that nobody knows, the first such listings by `LIST`, of the working directory and of a path, may be
/// asked for twice, the second time with `-a`, which shows names that begin with a dot. The second counts if it has
/// all that the first has, and comes within the [stall limit](crate::Config::stall_timeout) or the time of a
/// [reply](crate::Config::reply_timeout), whichever is longer.
///
/// What is asked behind a listing waits its turn: a transfer that was called meanwhile has to end first, so read a
/// listing before you wait for what comes behind it.
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
    manner: Manner,
    /// Whom to ask, if anything is to be asked behind it.
    origin: Option<Origin>,
    parser: ListParser,
    buffer: Box<[u8]>,
    /// Whether an entry was read, shown or not.
    has_entries: bool,
    heading: Heading,
    /// What stands ahead of the names, if they are paths.
    ahead: Heading,
    own_line: OwnLine,
    stage: Stage,
}

/// How far it is.
#[derive(Debug)]
enum Stage {
    /// It may show less than there is.
    Probing(Box<Probe>),
    Reading,
    /// There is nothing more to read; what comes behind the entries that are left.
    Ended(Option<Error>),
    /// There was no entry, or one that may be the directory itself. If the one or the other is there, the listing
    /// is right; if not, it ends with this failure if it is a refusal, or else with the server's word on it.
    Confirming {
        question: Queued<Reply>,
        failure: Option<Error>,
    },
    Over,
}

/// How a listing is to be read.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    pub(crate) dialect: Option<Dialect>,
    pub(crate) limits: ListingLimits,
    /// What the server has said of itself.
    pub(crate) hint: Vec<u8>,
    pub(crate) zone: Option<ServerZone>,
    pub(crate) shown: Shown,
}

impl Manner {
    fn parser(&self, command: ListCommand, omits_year: bool) -> ListParser {
        // Year-less dates of `ls -l` are near the present, unless the server never gives a year.
        let now = if omits_year {
            None
        } else {
            Timestamp::from_system_time(SystemTime::now())
        };
        let format = match (command, self.dialect) {
            (ListCommand::List, Some(dialect)) => Format::Dialect(dialect),
            _ => command.format(),
        };
        let parser = ListParser::new(format, now, self.limits).with_hint(&self.hint);
        match self.zone {
            Some(zone) => parser.with_zone(zone),
            None => parser,
        }
    }
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
    /// A listing by this command.
    pub(crate) fn new(download: Download, command: ListCommand, manner: Manner) -> Self {
        let parser = manner.parser(command, download.quirks().listing_omits_year);
        Self {
            download,
            command,
            manner,
            origin: None,
            parser,
            buffer: vec![0; CHUNK].into_boxed_slice(),
            has_entries: false,
            heading: Heading::default(),
            ahead: Heading::default(),
            own_line: OwnLine::Past,
            stage: Stage::Reading,
        }
    }

    /// A listing whose command was chosen.
    pub(crate) fn of(origin: Origin, download: Download, manner: Manner) -> Self {
        let mut listing = Self::new(download, origin.listed.command, manner);
        if origin.is_worth_a_probe() {
            listing.stage = Stage::Probing(Box::new(Probe::new()));
        }
        listing.origin = Some(origin);
        listing.own_line = OwnLine::Awaited;
        listing
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

    /// All bytes of the listing as the server sent them. Nothing is asked behind it: that there are none may mean
    /// that there is no such directory.
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

    /// How many bytes of it have come, which is what its entries share at the most, as long as they are kept.
    pub fn bytes(&self) -> u64 {
        self.download.bytes()
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
        self.last_reply_saying(b"truncated").is_some()
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
            if let Some(parsed) = this.next_parsed() {
                return Poll::Ready(Some(Ok(parsed)));
            }
            match &mut this.stage {
                Stage::Probing(_) => ready!(this.poll_probe(cx)),
                Stage::Reading => ready!(this.poll_read(cx)),
                Stage::Ended(failure) => {
                    let failure = failure.take();
                    this.stage = this
                        .doubt(failure.as_ref())
                        .map_or(Stage::Over, |question| Stage::Confirming {
                            question,
                            failure: failure.clone(),
                        });
                    if matches!(this.stage, Stage::Over)
                        && let Some(failure) = failure.or_else(|| this.unopened())
                    {
                        return Poll::Ready(Some(Err(failure)));
                    }
                }
                Stage::Confirming { question, failure } => {
                    let found = ready!(Pin::new(question).poll(cx));
                    // That its data connection was not used says nothing of the directory.
                    let refusal = failure
                        .take()
                        .filter(|it| it.kind() == ErrorKind::CommandFailed);
                    this.stage = Stage::Over;
                    if let Err(missing) = found {
                        let listed = this.download.completion().map(|end| &end.reply);
                        let missing = this.own_line.explain(missing, listed);
                        return Poll::Ready(Some(Err(refusal.unwrap_or(missing))));
                    }
                    this.own_line.let_go();
                    if let Some(unopened) = this.unopened() {
                        return Poll::Ready(Some(Err(unopened)));
                    }
                }
                Stage::Over => return Poll::Ready(None),
            }
        }
    }
}

impl Listing {
    /// The next entry or line that is to be shown, of those that have been read.
    fn next_parsed(&mut self) -> Option<Parsed> {
        let shown = self.manner.shown;
        std::iter::from_fn(|| self.next_in_it()).find(|parsed| shown.has(parsed))
    }

    /// The next that stands in the directory, for all that is known so far.
    fn next_in_it(&mut self) -> Option<Parsed> {
        if let Some(parsed) = self.own_line.take_next() {
            return Some(parsed);
        }
        loop {
            let parsed = self.next_asked_for()?;
            let origin = self.origin.as_ref();
            let may_be_own =
                |entry: &Entry| origin.is_some_and(|origin| origin.may_be_about_itself(entry));
            if let Some(parsed) = self.own_line.pass(parsed, may_be_own) {
                return Some(parsed);
            }
        }
    }

    /// The next that has been read, in which entries of other directories are lines that cannot be read.
    fn next_asked_for(&mut self) -> Option<Parsed> {
        let entry = match self.parser.next()? {
            Parsed::Entry(entry) => entry,
            unknown @ Parsed::Unknown(_) => return Some(unknown),
        };
        let Some(origin) = &self.origin else {
            self.has_entries = true;
            return Some(Parsed::Entry(entry));
        };
        if !origin.has_asked_for(&entry, &mut self.heading) {
            return Some(Parsed::Unknown(Bytes::copy_from_slice(entry.raw())));
        }
        self.has_entries = true;
        Some(Parsed::Entry(origin.by_own_name(entry, &mut self.ahead)))
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut read = ReadBuf::new(&mut self.buffer);
        let result = ready!(Pin::new(&mut self.download).poll_read(cx, &mut read))
            .map_err(crate::from_io)
            .map(|()| read.filled().len());
        match result {
            Ok(0) => self.end(None),
            Ok(length) => {
                if let Err(error) = self.parser.push(&self.buffer[..length]) {
                    self.end_by(unreadable(error));
                }
            }
            Err(failure) => self.end(Some(failure)),
        }
        Poll::Ready(())
    }

    /// There is nothing more to read.
    fn end(&mut self, failure: Option<Error>) {
        let failure = match failure {
            None => self.parser.finish().err().map(unreadable),
            Some(failure) => {
                self.parser.cut_off();
                Some(failure)
            }
        };
        match failure {
            None => self.stage = Stage::Ended(None),
            Some(failure) => self.end_by(failure),
        }
    }

    /// It ends badly. What came before is handed on.
    fn end_by(&mut self, failure: Error) {
        self.own_line.let_go();
        self.stage = Stage::Ended(Some(failure));
    }

    /// The question that is open behind the last entry, if one is.
    fn doubt(&self, failure: Option<&Error>) -> Option<Queued<Reply>> {
        let origin = self.origin.as_ref()?;
        if self.own_line.is_held() {
            return Some(origin.confirm_within());
        }
        let is_open = !self.has_entries
            && !self.download.is_nothing()
            && origin.leaves_doubt()
            && failure.is_none_or(|failure| self.may_mean_nothing(failure));
        is_open.then(|| origin.confirm())
    }

    /// What the server has said against its own success. So vsFTPd tells of a directory that may be entered and
    /// not read, if it was asked for with a slash or from within, and so does Pure-FTPd.
    fn unopened(&self) -> Option<Error> {
        let said = [&b"failed to open directory"[..], b"unable to read ["];
        let reply = said
            .into_iter()
            .find_map(|words| self.last_reply_saying(words))?;
        let error = Error::new(ErrorKind::CommandFailed, "the server has listed nothing");
        (!self.has_entries).then(|| error.with_reply(reply.clone()))
    }

    /// The reply that ended the listing, if it has these words in small letters.
    fn last_reply_saying(&self, words: &[u8]) -> Option<&Reply> {
        let reply = &self.completion()?.reply;
        let says = |line: &Bytes| {
            let line = line.to_ascii_lowercase();
            line.windows(words.len()).any(|window| window == words)
        };
        reply.final_lines().iter().any(says).then_some(reply)
    }

    /// Whether a failure ahead of the first byte may be how the server lists nothing.
    fn may_mean_nothing(&self, failure: &Error) -> bool {
        // A 2yz and a data connection that was reset, for it was never used.
        let is_done = failure.code().is_some_and(Code::is_completion);
        let is_unused = self.download.mark().is_none();
        let is_reset = failure.kind() == ErrorKind::DataConnection;
        self.download.bytes() == 0
            && (is_done && is_unused && is_reset || may_mean_nothing(failure))
    }

    fn poll_probe(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (Stage::Probing(probe), Some(origin)) = (&mut self.stage, &self.origin) else {
            return Poll::Ready(());
        };
        let omits_year = self.download.quirks().listing_omits_year;
        let parser = || self.manner.parser(self.command, omits_year);
        let (bytes, end) = match ready!(probe.poll(cx, &mut self.download, origin, parser)) {
            Probed::First { kept, end } => (kept, end),
            Probed::Second { download, all } => {
                self.download = *download;
                (all, FirstEnd::Ended)
            }
        };
        self.stage = Stage::Reading;
        if let Err(error) = self.parser.push(&bytes) {
            self.end_by(unreadable(error));
            return Poll::Ready(());
        }
        match end {
            FirstEnd::Open => {}
            FirstEnd::Ended => self.end(None),
            FirstEnd::Failed(failure) => self.end(Some(failure)),
        }
        Poll::Ready(())
    }
}

fn unreadable(error: ListingError) -> Error {
    Error::new(ErrorKind::BadResponse, "the listing cannot be read").with_source(error)
}
