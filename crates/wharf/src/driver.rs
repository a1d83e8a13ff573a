//! The driver: the one task that owns the control connection.
//!
//! It does what the session says until the session waits, then waits for ONE thing — a message, a data
//! connection, bytes out, bytes in, a deadline — hands it over, and goes round. Reading and writing are
//! both armed, so a server that writes before it reads cannot block us. Messages go before input: an
//! upload says that it is finished before its last byte leaves, and so before the server's 226.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::ReadBuf;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Sleep, sleep_until};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{Direction, Event, Listed, Op, OpId, Outcome};
use wharf_proto::reply::Reply;
use wharf_proto::session::{Output, Session, TlsAction, Trace};

use crate::control::{Changed, Control, ControlStream};
use crate::data::{BoxFuture, Dial};
use crate::lane::{Delivery, Lane, Message, Shared, Sink};
use crate::stream::{DataStream, Socket, Terms, Verdict};
use crate::tls::TlsContext;
use crate::watch::{Standstill, Watch};

mod connections;

use connections::{DataOutcome, Held, first_byte};

/// The work behind a [`Client`](crate::Client) made by [`Config::handshake`](crate::Config::handshake);
/// [`Config::connect`](crate::Config::connect) spawns it by itself.
///
/// It ends by itself when the session has ended. Dropping it closes the connection, and every operation
/// that is not answered yet fails.
#[must_use = "nothing happens unless the driver runs"]
pub struct Driver {
    control: Control,
    /// The control connection while it begins or ends TLS.
    changing: Option<BoxFuture<'static, Result<Changed, Error>>>,
    session: Session,
    dialer: Arc<dyn Dial>,
    /// What TLS is spoken with, if it may be.
    tls: Option<Arc<TlsContext>>,
    inbox: mpsc::UnboundedReceiver<Message>,
    lane: Lane,
    shared: Arc<Shared>,
    jobs: HashMap<OpId, Job>,
    /// Data connections that are being made.
    pending: Vec<(OpId, BoxFuture<'static, DataOutcome>)>,
    /// Data connections that are made, and wait for the server's consent to be handed out.
    sockets: HashMap<OpId, Held>,
    /// Data connections that nobody wants any more, until they may end.
    given_up: Vec<BoxFuture<'static, ()>>,
    /// Streams in their users' hands.
    streams: HashMap<OpId, Watch>,
    unsent: BytesMut,
    sleep: Pin<Box<Sleep>>,
    limits: Limits,
    ended: bool,
}

/// What the driver times by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How long a stream may stand still.
    pub(crate) standstill: Standstill,
    /// When the whole session must be over.
    pub(crate) end: Option<Instant>,
}

/// Who waits for an operation.
#[derive(Default)]
struct Job {
    sink: Option<Sink>,
    settled: Vec<oneshot::Sender<Result<(), Error>>>,
    /// Callers of `abor` who wait for the same.
    abor: Vec<Sink>,
    counted: bool,
    uploads: bool,
}

/// The one thing that happened.
enum Happening {
    Message(Message),
    Data(OpId, DataOutcome),
    Changed(Result<Changed, Error>),
    Sent(io::Result<usize>),
    Received(io::Result<usize>),
    Deadline,
}

/// Replies are lines; 8 KiB takes the longest FEAT in one read.
const READ_BUFFER: usize = 8 * 1024;

impl Driver {
    pub(crate) fn new(
        io: Box<dyn ControlStream>,
        session: Session,
        (dialer, tls): (Arc<dyn Dial>, Option<Arc<TlsContext>>),
        (lane, inbox): (Lane, mpsc::UnboundedReceiver<Message>),
        shared: Arc<Shared>,
        limits: Limits,
    ) -> Self {
        Self {
            control: Control::Clear(io),
            changing: None,
            session,
            dialer,
            tls,
            inbox,
            lane,
            shared,
            jobs: HashMap::new(),
            pending: Vec::new(),
            sockets: HashMap::new(),
            given_up: Vec::new(),
            streams: HashMap::new(),
            unsent: BytesMut::new(),
            sleep: Box::pin(sleep_until(Instant::now())),
            limits,
            ended: false,
        }
    }

    /// Runs the connection to its end.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection; see [`Driver`].
    pub async fn run(mut self) {
        let mut buffer = vec![0; READ_BUFFER];
        loop {
            let session_deadline = self.obey();
            if self.ended && self.streams.is_empty() {
                return;
            }
            let deadline = [session_deadline, self.stall_deadline(), self.end()]
                .into_iter()
                .flatten()
                .min();
            match poll_fn(|cx| self.poll_happening(cx, &mut buffer, deadline)).await {
                Happening::Message(message) => self.on_message(message),
                Happening::Data(id, outcome) => self.on_data_outcome(id, outcome),
                Happening::Changed(result) => self.on_changed(result),
                Happening::Sent(Ok(0)) => self.lost(Some(io::ErrorKind::WriteZero.into())),
                Happening::Sent(Ok(_)) => {}
                Happening::Received(Ok(0)) => self.lost(None),
                Happening::Received(Ok(n)) => self.session.handle_input(&buffer[..n], now()),
                Happening::Sent(Err(error)) | Happening::Received(Err(error)) => {
                    self.lost(Some(error));
                }
                Happening::Deadline => self.on_deadline(),
            }
        }
    }

    /// Does what the session says until it waits.
    fn obey(&mut self) -> Option<Instant> {
        loop {
            match self.session.poll_output() {
                Output::Transmit(bytes) => self.unsent.extend_from_slice(&bytes),
                Output::Tls(action) => self.on_tls_action(action),
                Output::Data(id, action) => self.on_data_action(id, &action),
                Output::Event(id, event) => self.on_event(id, event),
                Output::Greeting(greeting) => {
                    // There is one greeting.
                    let _first = self.shared.greeting.set(greeting);
                }
                Output::Trace(line) => trace(&line),
                Output::Closed(cause) => self.on_closed(cause),
                Output::Wait(deadline) => return deadline.map(Instant::from_std),
                // A newer session may say more than this driver knows; it is optional then.
                _ => {}
            }
        }
    }

    fn poll_happening(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
        deadline: Option<Instant>,
    ) -> Poll<Happening> {
        // The driver holds a lane of its own, so the inbox does not end.
        if let Poll::Ready(Some(message)) = self.inbox.poll_recv(cx) {
            return Poll::Ready(Happening::Message(message));
        }
        self.given_up
            .retain_mut(|end| end.as_mut().poll(cx).is_pending());
        for index in 0..self.pending.len() {
            if let Poll::Ready(outcome) = self.pending[index].1.as_mut().poll(cx) {
                let (id, _) = self.pending.swap_remove(index);
                return Poll::Ready(Happening::Data(id, outcome));
            }
        }
        if let Some(changing) = &mut self.changing {
            if let Poll::Ready(result) = changing.as_mut().poll(cx) {
                self.changing = None;
                return Poll::Ready(Happening::Changed(result));
            }
        } else if !self.ended {
            if let Poll::Ready(sent) = self.poll_send(cx) {
                return Poll::Ready(Happening::Sent(sent));
            }
            if !self.session.is_paused() {
                let mut read = ReadBuf::new(buffer);
                if let Poll::Ready(result) = self.control.poll_read(cx, &mut read) {
                    let received = result.map(|()| read.filled().len());
                    return Poll::Ready(Happening::Received(received));
                }
            }
        }
        if let Some(deadline) = deadline {
            if self.sleep.deadline() != deadline {
                self.sleep.as_mut().reset(deadline);
            }
            if self.sleep.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Happening::Deadline);
            }
        }
        Poll::Pending
    }

    /// Writes what is unsent: all that the session said in one go leaves in one write.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.unsent.is_empty() {
            return match self.control.poll_flush(cx) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                _ => Poll::Pending,
            };
        }
        match self.control.poll_write(cx, &self.unsent) {
            Poll::Ready(Ok(n)) => {
                let _written = self.unsent.split_to(n);
                Poll::Ready(Ok(n))
            }
            poll => poll,
        }
    }

    fn on_message(&mut self, message: Message) {
        match message {
            Message::Submit { id, op, sink } => self.submit(id, op, sink),
            Message::Withdraw(id) => {
                self.session.withdraw(id);
            }
            Message::Abandon(id) => {
                let error = Error::new(ErrorKind::Aborted, "nobody waits for the transfer");
                self.session.abort(id, error, now());
            }
            Message::Abort { id, done } => {
                self.take_given_up(id);
                self.abort(id, done);
            }
            Message::AbortAny { id, op, sink } => match self.session.running_transfer() {
                Some(transfer) => {
                    self.shared.leave();
                    self.jobs.entry(transfer).or_default().abor.push(sink);
                    if let Some(watch) = self.streams.get(&transfer).filter(|watch| !watch.ended) {
                        watch.socket.break_off();
                    }
                    self.take_given_up(transfer);
                    self.session.abort(transfer, given_up(), now());
                }
                None => self.submit(id, op, sink),
            },
            Message::Data(id, event) => {
                if let Some(watch) = self.streams.get_mut(&id) {
                    watch.ended = true;
                }
                self.take_given_up(id);
                self.session.handle_data(id, event, now());
            }
            Message::Gone(id) => {
                self.take_given_up(id);
                self.streams.remove(&id);
            }
            Message::Pause => self.session.pause(),
            Message::Resume => self.session.resume(now()),
            Message::Fail(cause) => self.session.fail(cause),
            Message::LastHandle => self.session.finish(now()),
        }
    }

    fn submit(&mut self, id: OpId, op: Op, sink: Sink) {
        let job = Job {
            sink: Some(sink),
            counted: true,
            uploads: matches!(&op, Op::Transfer(op) if op.direction() == Direction::Upload),
            ..Job::default()
        };
        self.jobs.insert(id, job);
        self.session.submit(id, op, now());
    }

    fn abort(&mut self, id: OpId, done: oneshot::Sender<Result<(), Error>>) {
        if self.ended {
            answer(done, Err(self.shared.lost()));
        } else if self.session.running_transfer() == Some(id) {
            // Its caller may have its result already: a stalled transfer fails before it has settled.
            self.jobs.entry(id).or_default().settled.push(done);
            self.session.abort(id, given_up(), now());
        } else {
            // The server's last word is in, so the connection is in step.
            answer(done, Ok(()));
        }
    }

    fn on_event(&mut self, id: OpId, event: Event) {
        match event {
            Event::Started { mark, listed } => self.start_stream(id, mark, listed),
            Event::Finished(result) => {
                if let (Err(error), Some(tls)) = (&result, &self.tls) {
                    tls.learn(error);
                }
                if id == OpId::LOGIN {
                    self.on_login(&result);
                }
                self.finish(id, result);
            }
            Event::Settled(result) => {
                if let Some(job) = self.jobs.remove(&id) {
                    for done in job.settled {
                        answer(done, result.clone());
                    }
                    for sink in job.abor {
                        answer(sink, result.clone().map(|()| Delivery::Settled));
                    }
                }
            }
            _ => {}
        }
    }

    fn on_login(&self, result: &Result<Outcome, Error>) {
        let result = match result {
            Ok(Outcome::Reply(reply)) => Ok(reply.clone()),
            Ok(_) => return,
            Err(error) => Err(error.clone()),
        };
        self.shared.login.send_replace(Some(result));
    }

    fn start_stream(&mut self, id: OpId, mark: Option<Reply>, listed: Option<Listed>) {
        let resets = self.resets(id);
        let (Some(held), Some(job)) = (self.sockets.remove(&id), self.jobs.get_mut(&id)) else {
            return;
        };
        let verdict = Arc::new(Verdict::new());
        let socket = Socket::new(held.socket, resets);
        if held.negotiated.is_some() && !job.uploads {
            socket.wait_for_a_byte();
        }
        let terms = Terms {
            mark,
            negotiated: held.negotiated,
            quirks: *self.session.quirks(),
            listed,
            is_nothing: false,
        };
        self.streams.insert(
            id,
            Watch::new(Arc::clone(&verdict), Arc::clone(&socket), Instant::now()),
        );
        let lane = self.lane.clone();
        let stream = DataStream::new(id, socket, terms, verdict, lane, Arc::clone(&self.shared));
        if let Some(sink) = job.sink.take() {
            // A receiver that left drops the stream, which tells us so.
            answer(sink, Ok(Delivery::Stream(Box::new(stream))));
        }
    }

    fn finish(&mut self, id: OpId, result: Result<Outcome, Error>) {
        self.release(id);
        let Some(job) = self.jobs.get_mut(&id) else {
            return;
        };
        if std::mem::take(&mut job.counted) {
            self.shared.leave();
        }
        match job.sink.take() {
            Some(sink) => {
                let delivery = result.map(|outcome| self.deliver(id, outcome));
                answer(sink, delivery);
            }
            None => {
                if let Some(watch) = self.streams.get(&id) {
                    watch
                        .verdict
                        .pronounce(result.and_then(|outcome| match outcome {
                            Outcome::Transferred(completion) => Ok(completion),
                            _ => Err(Error::new(ErrorKind::BadResponse, "is no transfer's end")),
                        }));
                }
            }
        }
        // Kept while somebody waits for an abort to settle.
        let job = &self.jobs[&id];
        if job.settled.is_empty() && job.abor.is_empty() {
            self.jobs.remove(&id);
        }
    }

    /// What a future is given for an outcome that no stream was handed out for.
    fn deliver(&self, id: OpId, outcome: Outcome) -> Delivery {
        let Outcome::Empty { listed, completion } = outcome else {
            return Delivery::Outcome(outcome);
        };
        let terms = Terms {
            mark: None,
            negotiated: None,
            quirks: *self.session.quirks(),
            listed: Some(listed),
            is_nothing: true,
        };
        let verdict = Arc::new(Verdict::new());
        verdict.pronounce(Ok(completion));
        let socket = Socket::new(Box::new(tokio::io::empty()), false);
        let (lane, shared) = (self.lane.clone(), Arc::clone(&self.shared));
        let stream = DataStream::new(id, socket, terms, verdict, lane, shared);
        Delivery::Stream(Box::new(stream))
    }

    fn on_tls_action(&mut self, action: TlsAction) {
        let control = std::mem::replace(&mut self.control, Control::Gone);
        let tls = self.tls.clone();
        self.changing = Some(Box::pin(async move {
            match (action, tls) {
                (TlsAction::Start, Some(tls)) => control.secure(&tls).await,
                (TlsAction::Stop, _) => control.clear().await,
                _ => Err(Error::new(ErrorKind::Tls, "there is no TLS to speak")),
            }
        }));
    }

    fn on_changed(&mut self, result: Result<Changed, Error>) {
        match result {
            Ok(changed) => {
                self.control = changed.control;
                if let Some(negotiated) = changed.negotiated {
                    tracing::debug!(target: TRANSCRIPT, "* control connection: {negotiated}");
                    let certificate = negotiated.certificate().map(ToString::to_string);
                    for line in certificate.iter().flat_map(|text| text.lines()) {
                        tracing::debug!(target: TRANSCRIPT, "* {line}");
                    }
                    // TLS begins once.
                    let _first = self.shared.negotiated.set(negotiated);
                }
                self.session.handle_tls(Ok(()), now());
                if !changed.input.is_empty() {
                    self.session.handle_input(&changed.input, now());
                }
            }
            Err(error) => self.session.handle_tls(Err(error), now()),
        }
    }

    fn lost(&mut self, error: Option<io::Error>) {
        let ours = error.as_ref().and_then(io::Error::get_ref);
        match ours.and_then(<dyn std::error::Error + Send + Sync>::downcast_ref::<Error>) {
            // TLS broke, and knows better why than that the connection did.
            Some(cause) => self.session.fail(cause.clone()),
            None => self.session.handle_eof(error),
        }
    }

    fn on_closed(&mut self, cause: Error) {
        tracing::debug!(%cause, "the session has ended");
        self.ended = true;
        self.unsent.clear();
        self.pending.clear();
        self.shared.closed.send_replace(Some(cause));
        // Nobody can use the connection any more; its end is the server's to see at once.
        self.changing = None;
        self.control.close();
    }

    fn end(&self) -> Option<Instant> {
        self.limits.end.filter(|_| !self.ended)
    }

    fn stall_deadline(&self) -> Option<Instant> {
        let standstill = self.limits.standstill;
        self.streams
            .values()
            .filter_map(|watch| watch.deadline(standstill))
            .min()
    }

    fn on_deadline(&mut self) {
        let now = Instant::now();
        if self.end().is_some_and(|end| end <= now) {
            let cause = Error::new(ErrorKind::Timeout, "the session took longer than it may");
            self.session.fail(cause);
            return;
        }
        self.stop_stalled(now);
        self.session.handle_timeout(now.into_std());
    }

    /// Stops the streams that have stood still for too long.
    fn stop_stalled(&mut self, now: Instant) {
        let standstill = self.limits.standstill;
        for (id, watch) in &mut self.streams {
            if watch
                .deadline(standstill)
                .is_none_or(|deadline| deadline > now)
            {
                continue;
            }
            let Some(limit) = watch.look(standstill, now) else {
                continue;
            };
            watch.ended = true;
            let bytes = watch.verdict.bytes();
            let mut why = format!("no byte of data moved within {limit:?}, {bytes} bytes in");
            if watch.verdict.is_confirmed() {
                why += ", though the server has confirmed the transfer";
            }
            let error = Error::new(ErrorKind::Timeout, why);
            // The verdict first: behind a 226, a reader who found the connection gone and the old verdict
            // in force would take the part for the whole.
            watch.verdict.pronounce(Err(error.clone()));
            watch.socket.break_off();
            self.given_up
                .extend(watch.socket.given_up().map(first_byte));
            self.session.abort(*id, error, now.into_std());
        }
    }
}

/// A driver dropped before the session's end leaves nobody waiting.
impl Drop for Driver {
    fn drop(&mut self) {
        if !self.ended {
            let cause = Error::new(ErrorKind::ConnectionLost, "the driver was dropped");
            self.session.fail(cause);
            self.obey();
        }
    }
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// Answers somebody who may have left; that they left is their right.
fn answer<T>(sink: oneshot::Sender<T>, value: T) {
    let _left = sink.send(value);
}

fn given_up() -> Error {
    Error::new(ErrorKind::Aborted, "was given up by the caller")
}

fn now() -> std::time::Instant {
    // Tokio's clock, so that tests can stop it.
    Instant::now().into_std()
}

fn trace(line: &Trace) {
    match line {
        Trace::Sent(text) => tracing::debug!(target: TRANSCRIPT, "> {text}"),
        Trace::Received(text) => tracing::debug!(target: TRANSCRIPT, "< {text}"),
        Trace::Ignored(text) => tracing::debug!(target: TRANSCRIPT, "< {text} (ignored)"),
        _ => {}
    }
}

/// The `tracing` target of the transcript.
pub const TRANSCRIPT: &str = "wharf::transcript";
