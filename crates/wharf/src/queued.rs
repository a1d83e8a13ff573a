//! The future of a queued operation.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;
use wharf_proto::error::Error;
use wharf_proto::op::OpId;

use crate::lane::{Delivery, Lane, Message, Shared};

/// An operation that has its place in the queue; awaiting it waits for its result.
///
/// The command is queued when the method that returns this returns. Wire order is call order, however
/// and whenever the futures are awaited.
///
/// # Cancel safety
///
/// Dropping this never brings the connection out of step. A command runs on and its reply is read and
/// discarded; a transfer, whose stream nobody can receive any more, is taken back if it was not sent
/// and stopped if it runs.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = wharf_testing::server::Server::builder().start().await?;
/// # std::fs::create_dir(server.root().join("incoming"))?;
/// # let client = wharf::Client::connect(&server.url()).await?;
/// let cwd = client.cwd("incoming"); // queued
/// let pwd = client.get_directory(); // queued behind it
/// assert_eq!(pwd.await?.to_string(), "/incoming"); // awaited in any order
/// cwd.await?;
///
/// client.noop().detach(); // sent all the same; its reply is read and thrown away
/// # client.quit().await?;
/// # assert_eq!(server.commands().iter().filter(|line| *line == "NOOP").count(), 1);
/// # Ok(()) }
/// ```
#[must_use = "the command is queued whether or not this is awaited; call `.detach()` to ignore its reply"]
pub struct Queued<T> {
    state: State<T>,
}

enum State<T> {
    Waiting(Waiting<T>),
    Failed(Error),
    Over,
}

struct Waiting<T> {
    id: OpId,
    result: oneshot::Receiver<Result<Delivery, Error>>,
    lane: Lane,
    shared: Arc<Shared>,
    convert: Convert<T>,
    /// Whether the operation is for a stream, which is worth nothing without its receiver.
    streaming: bool,
}

pub(crate) type Convert<T> = Box<dyn FnOnce(Result<Delivery, Error>) -> Result<T, Error> + Send>;

impl<T> Queued<T> {
    pub(crate) fn new(
        id: OpId,
        result: oneshot::Receiver<Result<Delivery, Error>>,
        lane: Lane,
        shared: Arc<Shared>,
        streaming: bool,
        convert: impl FnOnce(Result<Delivery, Error>) -> Result<T, Error> + Send + 'static,
    ) -> Self {
        let convert = Box::new(convert);
        Self {
            state: State::Waiting(Waiting {
                id,
                result,
                lane,
                shared,
                convert,
                streaming,
            }),
        }
    }

    /// An operation that was refused before it could be queued.
    pub(crate) fn failed(error: Error) -> Self {
        Self {
            state: State::Failed(error),
        }
    }

    /// Lets the operation run and ignores its result. A transfer is given up.
    pub fn detach(self) {
        drop(self);
    }

    /// Takes the operation back if nothing of it was sent yet. Awaiting it then yields
    /// [`ErrorKind::Withdrawn`](crate::ErrorKind::Withdrawn); if it was sent, its result.
    pub fn withdraw(self) -> Self {
        if let State::Waiting(waiting) = &self.state {
            // The driver may be gone; then the result says so.
            let _gone = waiting.lane.send(Message::Withdraw(waiting.id));
        }
        self
    }
}

impl<T> Future for Queued<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Waiting(waiting) = &mut self.state {
            let received = ready!(Pin::new(&mut waiting.result).poll(cx));
            let State::Waiting(waiting) = std::mem::replace(&mut self.state, State::Over) else {
                return Poll::Pending;
            };
            let delivery = received.unwrap_or_else(|_| Err(waiting.shared.lost()));
            return Poll::Ready((waiting.convert)(delivery));
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::Failed(error) => Poll::Ready(Err(error)),
            // Polled again after it was ready: there is nothing to wait for.
            _ => Poll::Pending,
        }
    }
}

// Nothing in it is ever pinned.
impl<T> Unpin for Queued<T> {}

impl<T> Drop for Queued<T> {
    fn drop(&mut self) {
        if let State::Waiting(waiting) = &self.state
            && waiting.streaming
        {
            // A driver that is gone has stopped every transfer already.
            let _gone = waiting.lane.send(Message::Abandon(waiting.id));
        }
    }
}

impl<T> fmt::Debug for Queued<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Queued");
        match &self.state {
            State::Waiting(waiting) => debug.field("id", &waiting.id),
            State::Failed(error) => debug.field("failed", error),
            State::Over => debug.field("over", &true),
        };
        debug.finish_non_exhaustive()
    }
}
