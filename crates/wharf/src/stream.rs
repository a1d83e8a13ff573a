//! A data connection in its user's hands: what [`Download`](crate::Download) and
//! [`Upload`](crate::Upload) share.
//!
//! File bytes go between the socket and the user; the driver only counts them. What the server says
//! about the transfer reaches the stream as a [`Verdict`].

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{Completion, DataEvent, Listed, OpId};
use wharf_proto::reply::Reply;
use wharf_proto::server::Quirks;

use crate::data::DataSocket;
use crate::lane::{Lane, Message, Shared};
use crate::tls::{CloseNotify, Negotiated, Unclosed};

/// The driver's word about a transfer, and the stream's progress for the driver to see.
#[derive(Debug)]
pub(crate) struct Verdict {
    begun: Instant,
    bytes: AtomicU64,
    /// Since how many nanoseconds behind the beginning the user waits; [`NOT_WAITING`] if they do not.
    waits_since: AtomicU64,
    state: Mutex<State>,
}

const NOT_WAITING: u64 = u64::MAX;

#[derive(Debug, Default)]
struct State {
    result: Option<Result<Completion, Error>>,
    waker: Option<Waker>,
}

impl Verdict {
    pub(crate) fn new() -> Self {
        Self {
            begun: Instant::now(),
            bytes: AtomicU64::new(0),
            waits_since: AtomicU64::new(NOT_WAITING),
            state: Mutex::default(),
        }
    }

    /// Bytes moved so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Since when the user waits for something that the data connection has not done yet.
    pub(crate) fn user_waits_since(&self) -> Option<Instant> {
        let since = self.waits_since.load(Ordering::Relaxed);
        (since != NOT_WAITING).then(|| self.begun + Duration::from_nanos(since))
    }

    /// Says that the user waits for the data connection. The clock is read where nothing moves, and never
    /// for bytes that do.
    pub(crate) fn wait(&self) {
        if self.waits_since.load(Ordering::Relaxed) == NOT_WAITING {
            // In five hundred years.
            let since = u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(NOT_WAITING);
            self.waits_since.store(since, Ordering::Relaxed);
        }
    }

    /// Says that bytes have moved.
    pub(crate) fn count(&self, moved: usize) {
        // One writer; the driver only reads.
        self.bytes.fetch_add(moved as u64, Ordering::Relaxed);
        self.waits_since.store(NOT_WAITING, Ordering::Relaxed);
    }

    /// Whether the server has said that all went well.
    pub(crate) fn is_confirmed(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(state.result, Some(Ok(_)))
    }

    /// Pronounces the verdict. A success may still be overturned, for the data may break after the
    /// server has said its last; a failure stands.
    pub(crate) fn pronounce(&self, result: Result<Completion, Error>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(state.result, Some(Err(_))) {
            state.result = Some(result);
            if let Some(waker) = state.waker.take() {
                waker.wake();
            }
        }
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Result<Completion, Error>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A success wakes its reader once more if it is overturned: the data may stand still after it.
        if !matches!(state.result, Some(Err(_))) {
            state.waker = Some(cx.waker().clone());
        }
        state.result.clone().map_or(Poll::Pending, Poll::Ready)
    }
}

/// A data connection that its stream uses and the driver can take away.
///
/// What stops a transfer on every server is the end of its data connection, and some notice nothing
/// else. So it cannot wait until somebody polls the stream: its holder may be asleep, or have
/// forgotten it.
pub(crate) struct Socket {
    connection: Mutex<Connection>,
    /// Whether it ends by a reset when it ends before its time.
    resets: bool,
    /// Whether it must not end before it has brought a byte.
    patient: AtomicBool,
}

enum Connection {
    Open(Box<dyn DataSocket>),
    /// Given up before it might end: for the driver to cut as soon as it may.
    GivenUp(Box<dyn DataSocket>),
    Gone,
}

impl Socket {
    pub(crate) fn new(socket: Box<dyn DataSocket>, resets: bool) -> Arc<Self> {
        Arc::new(Self {
            connection: Mutex::new(Connection::Open(socket)),
            resets,
            patient: AtomicBool::new(false),
        })
    }

    /// Has a break-off wait for the first byte. ProFTPD ends its session where a protected data connection is reset
    /// before it has written to it.
    pub(crate) fn wait_for_a_byte(&self) {
        self.patient.store(true, Ordering::Relaxed);
    }

    /// Says that a byte has moved.
    fn moved(&self) {
        self.patient.store(false, Ordering::Relaxed);
    }

    /// Uses the connection, unless it is gone.
    pub(crate) fn with<R>(&self, use_it: impl FnOnce(Pin<&mut dyn DataSocket>) -> R) -> Option<R> {
        match &mut *self.lock() {
            Connection::Open(socket) => Some(use_it(Pin::new(&mut **socket))),
            Connection::GivenUp(_) | Connection::Gone => None,
        }
    }

    /// Closes the connection, unless it was given up.
    pub(crate) fn close(&self) {
        let mut connection = self.lock();
        if matches!(*connection, Connection::Open(_)) {
            *connection = Connection::Gone;
        }
    }

    /// Ends the connection before its time.
    pub(crate) fn break_off(&self) {
        let mut connection = self.lock();
        let Connection::Open(socket) = &mut *connection else {
            return;
        };
        if self.resets {
            socket.reset_on_drop();
        }
        let broken_off = std::mem::replace(&mut *connection, Connection::Gone);
        if self.patient.load(Ordering::Relaxed)
            && let Connection::Open(socket) = broken_off
        {
            *connection = Connection::GivenUp(socket);
        }
    }

    /// The connection, if it was given up and must not end yet.
    pub(crate) fn given_up(&self) -> Option<Box<dyn DataSocket>> {
        let mut connection = self.lock();
        if matches!(*connection, Connection::GivenUp(_))
            && let Connection::GivenUp(socket) =
                std::mem::replace(&mut *connection, Connection::Gone)
        {
            return Some(socket);
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far a transfer has come, for another task to watch while the stream is being copied.
///
/// # Examples
///
/// ```no_run
/// # async fn f(client: wharf::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let mut download = client.retrieve_file("large.iso").await?;
/// let progress = download.progress();
/// tokio::spawn(async move {
///     let mut tick = tokio::time::interval(std::time::Duration::from_secs(1));
///     loop {
///         tick.tick().await;
///         eprintln!("{} bytes", progress.bytes());
///     }
/// });
/// tokio::io::copy(&mut download, &mut tokio::io::sink()).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Progress(Arc<Verdict>);

impl Progress {
    /// Bytes that have gone over the data connection so far.
    pub fn bytes(&self) -> u64 {
        self.0.bytes()
    }
}

/// What is known of a data connection when its stream begins.
#[derive(Debug)]
pub(crate) struct Terms {
    /// The server's 1yz.
    pub(crate) mark: Option<Reply>,
    /// What TLS came to, if the connection is protected.
    pub(crate) negotiated: Option<Negotiated>,
    /// The server's peculiarities.
    pub(crate) quirks: Quirks,
    /// What was chosen, if this is a listing whose command was.
    pub(crate) listed: Option<Listed>,
    /// There is no data connection, for the listing is empty and was confirmed to be.
    pub(crate) is_nothing: bool,
}

/// An open data connection and the line to the driver. Dropping it tells the driver.
pub(crate) struct DataStream {
    id: OpId,
    lane: Lane,
    shared: Arc<Shared>,
    verdict: Arc<Verdict>,
    pub(crate) terms: Terms,
    /// Gone once the data has ended, so that the server sees our end close: ProFTPD holds its 226
    /// back until then.
    pub(crate) socket: Arc<Socket>,
    ended: bool,
}

impl DataStream {
    pub(crate) fn new(
        id: OpId,
        socket: Arc<Socket>,
        terms: Terms,
        verdict: Arc<Verdict>,
        lane: Lane,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            id,
            lane,
            shared,
            verdict,
            terms,
            socket,
            ended: false,
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.verdict.bytes()
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress(Arc::clone(&self.verdict))
    }

    pub(crate) fn count(&self, moved: usize) {
        self.verdict.count(moved);
        self.socket.moved();
    }

    /// Says that the user waits for the data connection.
    pub(crate) fn wait(&self) {
        self.verdict.wait();
    }

    /// What is made of an end without close_notify.
    pub(crate) fn close_notify(&self) -> CloseNotify {
        self.shared.close_notify
    }

    /// Says that the data has ended cleanly (download) or is about to (upload).
    pub(crate) fn finished(&mut self) {
        self.report(DataEvent::Finished);
    }

    /// Says that the data connection broke, and lets go of it.
    pub(crate) fn failed(&mut self, error: Error) {
        self.socket.break_off();
        self.report(DataEvent::Failed(error));
    }

    fn report(&mut self, event: DataEvent) {
        if !self.ended {
            self.ended = true;
            // Without a driver there is no more to be said; the verdict tells why.
            let _gone = self.lane.send(Message::Data(self.id, event));
        }
    }

    /// What the server, or the loss of the connection, has made of the transfer.
    pub(crate) fn poll_verdict(&self, cx: &Context<'_>) -> Poll<Result<Completion, Error>> {
        self.verdict.poll(cx)
    }

    /// Stops the transfer and waits until the control connection is in step again.
    pub(crate) async fn abort(mut self) -> Result<(), Error> {
        let (done, settled) = oneshot::channel();
        self.socket.break_off();
        let asked = self.lane.send(Message::Abort { id: self.id, done });
        self.ended = true;
        let shared = Arc::clone(&self.shared);
        drop(self);
        if asked.is_err() {
            return Err(shared.lost());
        }
        settled.await.unwrap_or_else(|_| Err(shared.lost()))
    }
}

/// The error of a data connection that broke: TLS's own words if it was TLS that did.
pub(crate) fn broken(error: io::Error) -> Error {
    if Unclosed::is(&error) {
        return Error::new(
            ErrorKind::Truncated,
            "the data connection was cut, or ended without TLS's close_notify",
        )
        .with_source(error);
    }
    match error
        .get_ref()
        .and_then(<dyn std::error::Error + Send + Sync>::downcast_ref::<Error>)
    {
        Some(ours) => ours.clone(),
        None => {
            Error::new(ErrorKind::DataConnection, "the data connection broke").with_source(error)
        }
    }
}

impl Drop for DataStream {
    fn drop(&mut self) {
        if !self.ended {
            // The server must not take this for the end of the file.
            self.socket.break_off();
            let _gone = self.lane.send(Message::Data(self.id, DataEvent::Dropped));
        }
        // The driver may hold on to its share for a moment.
        self.socket.close();
        let _gone = self.lane.send(Message::Gone(self.id));
    }
}

impl fmt::Debug for DataStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataStream")
            .field("id", &self.id)
            .field("bytes", &self.bytes())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
