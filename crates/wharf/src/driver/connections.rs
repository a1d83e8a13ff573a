//! The data connections of a session: being made, held until the server agrees, and given up.
//!
//! What the session wants of one is a [`DataAction`], and what became of it a [`DataEvent`].

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::op::{DataAction, DataEvent, OpId};

use super::{Driver, TRANSCRIPT, now};
use crate::data::{BoxFuture, DataSocket, Listen, Unsettled};
use crate::tls::{Channel, Negotiated};

/// A data connection that nobody uses yet.
pub(super) struct Held {
    pub(super) socket: Box<dyn DataSocket>,
    pub(super) negotiated: Option<Negotiated>,
}

/// What became of a data connection that was to be made.
pub(super) enum DataOutcome {
    Dialled(io::Result<Box<dyn DataSocket>>),
    Listening(io::Result<Box<dyn Listen>>),
    Accepted(io::Result<Box<dyn DataSocket>>),
    Secured(Result<Box<Held>, Error>),
}

impl Driver {
    pub(super) fn on_data_action(&mut self, id: OpId, action: &DataAction) {
        let dialer = Arc::clone(&self.dialer);
        match *action {
            DataAction::Dial(to) => {
                tracing::debug!(%to, "connecting for data");
                let dial = async move { DataOutcome::Dialled(dialer.dial(to).await) };
                self.pending.push((id, Box::pin(dial)));
            }
            DataAction::Listen => {
                let listen = async move { DataOutcome::Listening(dialer.listen().await) };
                self.pending.push((id, Box::pin(listen)));
            }
            DataAction::Secure => self.secure(id),
            DataAction::Release => self.release(id),
            _ => {}
        }
    }

    /// Shakes hands on a data connection, while the control connection goes its way: servers differ in whether
    /// their 1yz comes before the handshake or behind it.
    fn secure(&mut self, id: OpId) {
        let (Some(tls), Some(held)) = (self.tls.clone(), self.sockets.remove(&id)) else {
            return;
        };
        let socket = Unsettled::new(held.socket, self.uploads(id));
        let handshake = async move {
            let secured = tls.secure(Channel::Data, socket).await;
            DataOutcome::Secured(secured.map(|(mut stream, negotiated)| {
                stream.io_mut().settle();
                Box::new(Held {
                    socket: Box::new(stream),
                    negotiated: Some(negotiated),
                })
            }))
        };
        self.pending.push((id, Box::pin(handshake)));
    }

    /// Lets go of whatever connection is being made or held for an operation.
    pub(super) fn release(&mut self, id: OpId) {
        self.pending.retain(|(pending, _)| *pending != id);
        let Some(mut held) = self.sockets.remove(&id) else {
            return;
        };
        if self.resets(id) {
            held.socket.reset_on_drop();
        }
        if held.negotiated.is_some() && !self.uploads(id) {
            self.given_up.push(first_byte(held.socket));
        }
    }

    /// Takes a connection over that its stream has given up and that may not end yet.
    pub(super) fn take_given_up(&mut self, id: OpId) {
        if let Some(watch) = self.streams.get(&id) {
            self.given_up
                .extend(watch.socket.given_up().map(first_byte));
        }
    }

    /// Whether an operation's data connection is reset when it ends before its time: an upload's always,
    /// for a clean close would call the part the whole.
    pub(super) fn resets(&self, id: OpId) -> bool {
        self.uploads(id) || !self.session.quirks().overlooks_resets
    }

    pub(super) fn uploads(&self, id: OpId) -> bool {
        self.jobs.get(&id).is_some_and(|job| job.uploads)
    }

    pub(super) fn on_data_outcome(&mut self, id: OpId, outcome: DataOutcome) {
        let event = match outcome {
            DataOutcome::Dialled(Ok(socket)) | DataOutcome::Accepted(Ok(socket)) => {
                let negotiated = None;
                self.sockets.insert(id, Held { socket, negotiated });
                DataEvent::Connected
            }
            DataOutcome::Listening(Ok(listen)) => {
                let address: SocketAddr = listen.advertised();
                let accept = async move { DataOutcome::Accepted(listen.accept().await) };
                self.pending.push((id, Box::pin(accept)));
                DataEvent::Listening(address)
            }
            DataOutcome::Secured(Ok(held)) => {
                let resumed = held.negotiated.as_ref().is_some_and(Negotiated::resumed);
                if let Some(negotiated) = &held.negotiated {
                    tracing::debug!(target: TRANSCRIPT, "* data connection: {negotiated}");
                }
                self.sockets.insert(id, *held);
                DataEvent::Secured { resumed }
            }
            DataOutcome::Secured(Err(error)) => DataEvent::Failed(error),
            DataOutcome::Dialled(Err(error)) => {
                DataEvent::Failed(unconnected("could not connect for data", error))
            }
            DataOutcome::Listening(Err(error)) => {
                DataEvent::Failed(unconnected("could not listen for data", error))
            }
            DataOutcome::Accepted(Err(error)) => {
                DataEvent::Failed(unconnected("could not accept a data connection", error))
            }
        };
        self.session.handle_data(id, event, now());
    }
}

/// How long a server has for the first byte on a connection that nobody wants any more.
const FIRST_BYTE: Duration = Duration::from_secs(1);

/// Keeps a connection until it has brought a byte or its end, see [`Socket::wait_for_a_byte`](crate::stream::Socket::wait_for_a_byte).
pub(super) fn first_byte(mut socket: Box<dyn DataSocket>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let mut byte = [0; 1];
        // Whichever comes, the connection ends with it.
        let _end = timeout(FIRST_BYTE, socket.read(&mut byte)).await;
    })
}

fn unconnected(what: &'static str, error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::TimedOut => ErrorKind::Timeout,
        _ => ErrorKind::DataConnection,
    };
    Error::new(kind, what).with_source(error)
}
