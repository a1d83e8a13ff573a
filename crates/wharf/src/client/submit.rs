//! From a method's arguments to a place in the queue.
//!
//! What the methods of [`Client`] have in common: they make commands of their arguments, which may be
//! refused, wrap them in an operation, send that down the lane, and read the result that comes back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use wharf_proto::command::{Command, InvalidArgument};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::listing::ServerZone;
use wharf_proto::op::{
    DataMode, Direction, List, ListAll, ListCommand, Op, OpId, Outcome, Representation, Simple,
    Transfer,
};
use wharf_proto::path::RemotePath;
use wharf_proto::reply::Reply;

use crate::download::Download;
use crate::lane::{Delivery, Message, Sink};
use crate::listing::{Knowledge, Listing, Manner, Origin, Shown};
use crate::options::{ListOptions, StoreOptions};
use crate::queued::Queued;
use crate::stream::DataStream;
use crate::upload::Upload;

use super::{Client, Handle};

impl Client {
    pub(super) fn tell(&self, message: Message) {
        // Without a driver the session has ended, and there is nothing to tell.
        let _gone = self.0.lane.send(message);
    }

    pub(super) fn submit<T>(
        &self,
        op: Op,
        streaming: bool,
        convert: impl FnOnce(Delivery) -> Result<T, Error> + Send + 'static,
    ) -> Queued<T> {
        self.submit_as(op, streaming, submitted, |result| result.and_then(convert))
    }

    pub(super) fn submit_as<T>(
        &self,
        op: Op,
        streaming: bool,
        message: impl FnOnce(OpId, Op, Sink) -> Message,
        convert: impl FnOnce(Result<Delivery, Error>) -> Result<T, Error> + Send + 'static,
    ) -> Queued<T> {
        let Handle { lane, shared, .. } = &*self.0;
        if let Some(cause) = shared.cause() {
            return Queued::failed(Error::connection_lost(&cause));
        }
        if let Err(error) = shared.enter() {
            return Queued::failed(error);
        }
        let id = shared.next_id();
        let (sink, result) = oneshot::channel();
        // Without a driver, the receiver finds its sender gone, and says why.
        let _gone = lane.send(message(id, op, sink));
        Queued::new(
            id,
            result,
            lane.clone(),
            Arc::clone(shared),
            streaming,
            convert,
        )
    }

    pub(super) fn simple(&self, command: Result<Command, InvalidArgument>) -> Queued<Reply> {
        self.simple_or(command.map_err(invalid))
    }

    pub(super) fn simple_or(&self, command: Result<Command, Error>) -> Queued<Reply> {
        match command {
            Ok(command) => self.submit(Op::Simple(Simple::new(command)), false, into_reply),
            Err(error) => Queued::failed(error),
        }
    }

    pub(super) fn text(&self, verb: &'static str, argument: &str) -> Queued<Reply> {
        let command = self
            .encode(argument)
            .and_then(|argument| Command::text(verb, &argument).map_err(invalid));
        self.simple_or(command)
    }

    pub(super) fn path_command(
        &self,
        verb: &'static str,
        fallback: Option<&'static str>,
        path: impl Into<RemotePath>,
    ) -> Queued<Reply> {
        let path = path.into();
        let op = self.path(verb, &path).and_then(|command| match fallback {
            Some(fallback) => Ok(Simple::with_fallback(command, self.path(fallback, &path)?)),
            None => Ok(Simple::new(command)),
        });
        match op {
            Ok(simple) => self.submit(Op::Simple(simple), false, into_reply),
            Err(error) => Queued::failed(error),
        }
    }

    pub(super) fn query<T: 'static>(
        &self,
        verb: &'static str,
        path: impl Into<RemotePath>,
        read: impl FnOnce(&Reply) -> Option<T> + Send + 'static,
    ) -> Queued<T> {
        self.query_as(verb, &path.into(), |simple| simple, read)
    }

    /// A question of which more is to be said than its command.
    pub(super) fn query_as<T: 'static>(
        &self,
        verb: &'static str,
        path: &RemotePath,
        manner: impl FnOnce(Simple) -> Simple,
        read: impl FnOnce(&Reply) -> Option<T> + Send + 'static,
    ) -> Queued<T> {
        match self.path(verb, path) {
            Ok(command) => {
                let shown = command.redacted();
                let simple = manner(Simple::new(command));
                self.submit(Op::Simple(simple), false, move |delivery| {
                    let reply = into_reply(delivery)?;
                    read(&reply).ok_or_else(|| {
                        unreadable(reply, &shown, "was answered with what cannot be read")
                    })
                })
            }
            Err(error) => Queued::failed(error),
        }
    }

    pub(super) fn transfer(
        &self,
        direction: Direction,
        mode: Option<DataMode>,
        command: Command,
    ) -> Transfer {
        Transfer::new(direction, mode.unwrap_or_else(|| self.mode()), command)
    }

    pub(super) fn raw_transfer<C: Into<Vec<u8>>>(
        &self,
        direction: Direction,
        commands: impl IntoIterator<Item = C>,
    ) -> Result<Transfer, Error> {
        let commands: Result<Vec<Command>, _> = commands.into_iter().map(Command::raw).collect();
        let mut commands = commands.map_err(invalid)?;
        let command = commands.pop().ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidInput,
                "a transfer needs at least one command",
            )
        })?;
        Ok(self.transfer(direction, None, command).after(commands))
    }

    pub(super) fn download<T>(
        &self,
        transfer: Result<Transfer, Error>,
        wrap: impl FnOnce(DataStream) -> T + Send + 'static,
    ) -> Queued<T> {
        match transfer {
            Ok(transfer) => self.submit(Op::Transfer(Box::new(transfer)), true, |delivery| {
                Ok(wrap(into_stream(delivery)?))
            }),
            Err(error) => Queued::failed(error),
        }
    }

    pub(super) fn upload(
        &self,
        command: Result<Command, Error>,
        options: StoreOptions,
    ) -> Queued<Upload> {
        let StoreOptions {
            offset,
            representation,
            mode,
        } = options;
        match command {
            Ok(command) => {
                let transfer = self
                    .transfer(Direction::Upload, mode, command)
                    .represented_as(representation)
                    .from_offset(offset);
                self.submit(Op::Transfer(Box::new(transfer)), true, move |delivery| {
                    Ok(Upload::new(into_stream(delivery)?, representation))
                })
            }
            Err(error) => Queued::failed(error),
        }
    }

    pub(super) fn listing(&self, path: &RemotePath, options: ListOptions) -> Queued<Listing> {
        self.listing_in(path, options, self.knowledge().zone())
    }

    /// A listing whose local times are of this zone.
    pub(super) fn listing_in(
        &self,
        path: &RemotePath,
        options: ListOptions,
        zone: Option<ServerZone>,
    ) -> Queued<Listing> {
        let manner = self.manner(options, zone);
        match options.command {
            Some(command) => self.listing_by(command, path, options, manner),
            None => self.best_listing(path, options, manner),
        }
    }

    fn listing_by(
        &self,
        command: ListCommand,
        path: &RemotePath,
        options: ListOptions,
        manner: Manner,
    ) -> Queued<Listing> {
        let transfer = self
            .list_command(command, path, options.recursive)
            .map(|line| self.transfer(Direction::Download, options.mode, line));
        self.download(transfer, move |stream| {
            Listing::new(as_download(stream), command, manner)
        })
    }

    fn best_listing(
        &self,
        path: &RemotePath,
        options: ListOptions,
        manner: Manner,
    ) -> Queued<Listing> {
        let mode = options.mode.unwrap_or_else(|| self.mode());
        let list = self.wire_path(path).and_then(|path| {
            let list = List::new(mode, &path).map_err(invalid)?;
            Ok((path, list))
        });
        let (path, list) = match list {
            Ok(list) => list,
            Err(error) => return Queued::failed(error),
        };
        let all = if options.hidden {
            self.knowledge().all(&path)
        } else {
            ListAll::Never
        };
        let list = if options.recursive {
            list.recursive()
        } else {
            list
        };
        let client = self.clone();
        self.submit(Op::List(Box::new(list.all(all))), true, move |delivery| {
            let download = as_download(into_stream(delivery)?);
            let origin = Origin {
                listed: download.listed().ok_or_else(out_of_place)?,
                client,
                path,
                mode,
                hidden: options.hidden,
                recursive: options.recursive,
            };
            Ok(Listing::of(origin, download, manner))
        })
    }

    pub(crate) fn queue_download(&self, op: Op) -> Queued<Download> {
        self.submit(op, true, |delivery| Ok(as_download(into_stream(delivery)?)))
    }

    pub(crate) fn queue_reply(&self, op: Op) -> Queued<Reply> {
        self.submit(op, false, into_reply)
    }

    /// What listings have taught about the server.
    pub(crate) fn knowledge(&self) -> &Knowledge {
        &self.0.shared.knowledge
    }

    /// How long a listing may take that is only tried.
    pub(crate) fn patience(&self) -> Duration {
        self.0.patience
    }

    fn list_command(
        &self,
        command: ListCommand,
        path: &RemotePath,
        recursive: bool,
    ) -> Result<Command, Error> {
        let verb = command.verb();
        if !recursive {
            return self.path_or_bare(verb, path);
        }
        if command != ListCommand::List {
            let why = format!("{verb} lists one directory, and LIST alone what is below");
            return Err(Error::new(ErrorKind::InvalidInput, why));
        }
        let path = self.wire_path(path)?;
        // A blank at its end is the path's.
        let argument = if path.is_empty() {
            b"-R".to_vec()
        } else {
            [&b"-R "[..], &path].concat()
        };
        Command::path(verb, &argument).map_err(invalid)
    }

    /// How a listing is to be read that is asked for with these options.
    fn manner(&self, options: ListOptions, zone: Option<ServerZone>) -> Manner {
        let greeting = self.greeting();
        Manner {
            dialect: options.dialect,
            limits: self.0.listing_limits,
            hint: greeting.map_or_else(Vec::new, |greeting| greeting.text_bytes().to_vec()),
            zone,
            shown: Shown {
                hidden: options.hidden,
                dots: options.dots,
            },
        }
    }

    pub(super) fn path(&self, verb: &'static str, path: &RemotePath) -> Result<Command, Error> {
        self.wire_path(path)
            .and_then(|path| Command::path(verb, &path).map_err(invalid))
    }

    /// Servers take a blank without a path behind it badly, so an empty path sends none.
    pub(super) fn path_or_bare(
        &self,
        verb: &'static str,
        path: &RemotePath,
    ) -> Result<Command, Error> {
        if path.is_empty() {
            Ok(Command::bare(verb))
        } else {
            self.path(verb, path)
        }
    }

    pub(super) fn wire_path(&self, path: &RemotePath) -> Result<bytes::Bytes, Error> {
        path.to_wire(self.0.encoding).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "the path cannot be encoded").with_source(error)
        })
    }

    pub(super) fn encode<'t>(&self, text: &'t str) -> Result<std::borrow::Cow<'t, [u8]>, Error> {
        self.0.encoding.encode(text).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "the text cannot be encoded").with_source(error)
        })
    }
}

pub(super) fn submitted(id: OpId, op: Op, sink: Sink) -> Message {
    Message::Submit { id, op, sink }
}

pub(super) fn into_reply(delivery: Delivery) -> Result<Reply, Error> {
    match delivery {
        Delivery::Outcome(Outcome::Reply(reply)) => Ok(reply),
        _ => Err(out_of_place()),
    }
}

pub(super) fn into_stream(delivery: Delivery) -> Result<DataStream, Error> {
    match delivery {
        Delivery::Stream(stream) => Ok(*stream),
        _ => Err(out_of_place()),
    }
}

fn as_download(stream: DataStream) -> Download {
    Download::new(stream, Representation::Image, None)
}

pub(super) fn out_of_place() -> Error {
    Error::new(
        ErrorKind::BadResponse,
        "the operation ended in a way it does not have",
    )
}

pub(crate) fn invalid(error: InvalidArgument) -> Error {
    Error::new(ErrorKind::InvalidInput, "the command cannot be sent").with_source(error)
}

pub(super) fn unreadable(reply: Reply, command: &str, what: &'static str) -> Error {
    Error::from_reply(reply, command)
        .with_kind(ErrorKind::BadResponse)
        .with_message(what)
}
