//! What travels from handles, futures and streams to the driver.
//!
//! The lane is an unbounded channel: a call takes its place in the queue before it returns, and a `Drop`
//! can say what it dropped without waiting or needing a runtime. How much may be queued is counted in
//! [`Shared`], for a call that cannot wait cannot be pushed back either.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{mpsc, oneshot, watch};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{DataEvent, Op, OpId, Outcome};
use wharf_proto::reply::Reply;

use crate::listing::Knowledge;
use crate::stream::DataStream;
use crate::tls::{CloseNotify, Negotiated};

/// What an operation gives to its future: an outcome, or an open stream.
#[derive(Debug)]
pub(crate) enum Delivery {
    Outcome(Outcome),
    Stream(Box<DataStream>),
    Settled,
}

pub(crate) type Sink = oneshot::Sender<Result<Delivery, Error>>;

/// One thing the driver is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// Queue this.
    Submit {
        id: OpId,
        op: Op,
        sink: Sink,
    },
    /// Take it back if it is unsent.
    Withdraw(OpId),
    /// Nobody wants the transfer any more: take it back, or stop it.
    Abandon(OpId),
    /// Stop the transfer and say when the connection is in step again.
    Abort {
        id: OpId,
        done: oneshot::Sender<Result<(), Error>>,
    },
    /// Stop whatever transfer runs; send ABOR if none does.
    AbortAny {
        id: OpId,
        op: Op,
        sink: Sink,
    },
    /// A stream's news.
    Data(OpId, DataEvent),
    /// A stream is gone.
    Gone(OpId),
    Pause,
    Resume,
    /// Close at once.
    Fail(Error),
    /// The last handle is gone.
    LastHandle,
}

pub(crate) type Lane = mpsc::UnboundedSender<Message>;

/// What handles and driver both know.
#[derive(Debug)]
pub(crate) struct Shared {
    next_id: AtomicU64,
    queued: AtomicUsize,
    queue_limit: usize,
    pub(crate) greeting: OnceLock<Reply>,
    /// What TLS on the control connection came to.
    pub(crate) negotiated: OnceLock<Negotiated>,
    pub(crate) close_notify: CloseNotify,
    /// What listings have taught about the server.
    pub(crate) knowledge: Knowledge,
    /// The outcome of the first login.
    pub(crate) login: watch::Sender<Option<Result<Reply, Error>>>,
    /// Why the connection ended.
    pub(crate) closed: watch::Sender<Option<Error>>,
}

impl Shared {
    pub(crate) fn new(queue_limit: usize, close_notify: CloseNotify) -> Arc<Self> {
        Arc::new(Self {
            next_id: AtomicU64::new(1),
            queued: AtomicUsize::new(0),
            queue_limit,
            greeting: OnceLock::new(),
            negotiated: OnceLock::new(),
            close_notify,
            knowledge: Knowledge::default(),
            login: watch::Sender::new(None),
            closed: watch::Sender::new(None),
        })
    }

    pub(crate) fn next_id(&self) -> OpId {
        OpId::new(self.next_id.fetch_add(1, Ordering::Relaxed))
    }

    /// Counts one more queued operation, unless there are too many.
    pub(crate) fn enter(&self) -> Result<(), Error> {
        let before = self.queued.fetch_add(1, Ordering::Relaxed);
        if before >= self.queue_limit {
            self.leave();
            let message = format!("{before} operations are queued already, the most allowed");
            return Err(Error::new(ErrorKind::QueueFull, message));
        }
        Ok(())
    }

    /// Counts one operation less.
    pub(crate) fn leave(&self) {
        self.queued.fetch_sub(1, Ordering::Relaxed);
    }

    /// Why nothing can be queued any more, if that is so.
    pub(crate) fn cause(&self) -> Option<Error> {
        self.closed.borrow().clone()
    }

    /// What an operation gets that can no longer be answered.
    pub(crate) fn lost(&self) -> Error {
        let cause = self.cause().unwrap_or_else(|| {
            Error::new(
                ErrorKind::ConnectionLost,
                "the driver of the connection was dropped",
            )
        });
        Error::connection_lost(&cause)
    }
}
