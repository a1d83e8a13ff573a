//! The handle, which is one table: every FTP command as a method that queues it at once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wharf_proto::command::Command;
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::feature::Features;
use wharf_proto::listing::{Entry, ListingLimits, parse_mlst_reply};
use wharf_proto::op::{
    Credentials, DataMode, Direction, ListCommand, Login, Op, Outcome, Passive, Rename,
    Representation, Simple,
};
use wharf_proto::path::{RemotePath, parse_pwd_response};
use wharf_proto::reply::{Code, Reply};
use wharf_proto::secret::Secret;
use wharf_proto::text::Encoding;
use wharf_proto::time::Timestamp;

use crate::download::Download;
use crate::lane::{Delivery, Lane, Message, Shared};
use crate::listing::Listing;
use crate::options::{ListOptions, RetrieveOptions, StoreOptions};
use crate::queued::Queued;
use crate::tls::Negotiated;
use crate::upload::Upload;

mod stat;
pub(crate) mod submit;
mod zone;

use submit::{into_reply, into_stream, invalid, out_of_place, submitted, unreadable};

/// A handle to one FTP session. Clones share it; it may be used from any thread.
///
/// A method that returns [`Queued`] has queued its command when it returns; the wire sees the commands in
/// the order of the calls. An operation is one job, however many commands it takes: nothing of another
/// clone comes between RNFR and RNTO.
///
/// When the last handle is dropped, what is queued is carried out, then QUIT is sent.
///
/// Commands that have no method are for [`command`](Self::command), or, with a data connection, for
/// [`receive_from_connection`](Self::receive_from_connection) and
/// [`send_to_connection`](Self::send_to_connection).
///
/// # Errors
///
/// Of every method, through its future:
///
/// - [`CommandFailed`](ErrorKind::CommandFailed): the server answered 4yz or 5yz;
///   [`Error::reply`] has its words.
/// - [`BadResponse`](ErrorKind::BadResponse): its answer makes no sense; the session goes on.
/// - [`ConnectionLost`](ErrorKind::ConnectionLost): the session ended before the answer, or before
///   the call; [`Error::root`] says why, [`Error::was_sent`] whether the command had gone out.
/// - [`InvalidInput`](ErrorKind::InvalidInput): an argument holds CR, LF or NUL (a LF in a path
///   goes out as NUL instead), cannot be encoded, or is too long for the server; nothing was sent.
/// - [`QueueFull`](ErrorKind::QueueFull): too many operations are queued; nothing was sent.
///
/// Of every transfer also, through its future or its stream:
///
/// - [`DataConnection`](ErrorKind::DataConnection): the data connection could not be made, or broke;
/// - [`Timeout`](ErrorKind::Timeout): it could not be made in time, or stood still too long;
/// - [`Refused`](ErrorKind::Refused): the server named an address that must not be dialled;
/// - [`Unsupported`](ErrorKind::Unsupported): the mode of the data connection does not go with the
///   server's address;
/// - [`Aborted`](ErrorKind::Aborted): it was given up, by whatever holder of the session.
///
/// # Cancel safety
///
/// See [`Queued`].
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = wharf_testing::server::Server::builder().start().await?;
/// let client = wharf::Client::connect(&server.url()).await?;
/// // Queued in this order, whenever they are awaited.
/// let made = client.make_directory("incoming");
/// let entered = client.cwd("incoming");
/// let here = client.get_directory();
/// assert_eq!(here.await?.to_string(), "/incoming");
/// made.await?;
/// entered.await?;
///
/// // The server's own words are in the error.
/// let error = client.remove_file("nothing").await.unwrap_err();
/// assert!(error.is_not_found());
/// assert_eq!(error.code().unwrap(), 550);
/// client.quit().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Handle>);

struct Handle {
    lane: Lane,
    shared: Arc<Shared>,
    mode: Mutex<DataMode>,
    encoding: Encoding,
    listing_limits: ListingLimits,
    /// How long a listing may take that is only tried.
    patience: Duration,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // A driver that is gone needs no farewell.
        let _gone = self.lane.send(Message::LastHandle);
    }
}

/// The session as a whole.
impl Client {
    pub(crate) fn new(
        lane: Lane,
        shared: Arc<Shared>,
        mode: DataMode,
        encoding: Encoding,
        listing_limits: ListingLimits,
        patience: Duration,
    ) -> Self {
        Self(Arc::new(Handle {
            lane,
            shared,
            mode: Mutex::new(mode),
            encoding,
            listing_limits,
            patience,
        }))
    }

    /// What the server greeted us with, once it has.
    pub fn greeting(&self) -> Option<Reply> {
        self.0.shared.greeting.get().cloned()
    }

    /// What TLS on the control connection came to, once it has. It stays told where TLS was ended again.
    pub fn tls(&self) -> Option<Negotiated> {
        self.0.shared.negotiated.get().cloned()
    }

    /// Waits for the first login, and returns the reply that let us in (or the greeting, with
    /// [`Config::no_login`](crate::Config::no_login)).
    ///
    /// # Errors
    ///
    /// As of [`Config::connect`](crate::Config::connect), from the greeting on.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn logged_in(&self) -> Result<Reply, Error> {
        let mut login = self.0.shared.login.subscribe();
        let result = login.wait_for(Option::is_some).await;
        match result.as_deref() {
            Ok(Some(result)) => result.clone(),
            _ => Err(self.0.shared.lost()),
        }
    }

    /// Waits for the end of the session, and returns its cause.
    ///
    /// # Cancel safety
    ///
    /// May be dropped and called again.
    pub async fn closed(&self) -> Error {
        let mut closed = self.0.shared.closed.subscribe();
        let cause = closed.wait_for(Option::is_some).await;
        match cause.as_deref() {
            Ok(Some(cause)) => cause.clone(),
            _ => self.0.shared.lost(),
        }
    }

    /// Why the session has ended, if it has.
    pub fn close_cause(&self) -> Option<Error> {
        self.0.shared.cause()
    }

    /// Ends the session at once: nothing more is written, and every operation fails with
    /// [`ConnectionLost`](ErrorKind::ConnectionLost) because of `cause`.
    pub fn fail(&self, cause: Error) {
        self.tell(Message::Fail(cause));
    }

    /// Holds replies back: the control connection is not read until [`resume`](Self::resume), and no
    /// limit on a reply or on making a connection runs. Commands still go out and data still flows, so
    /// the limits on a stream that stands still and on the whole session do run.
    #[doc(alias = "pauseProducing")]
    pub fn pause(&self) {
        self.tell(Message::Pause);
    }

    /// Hands on what [`pause`](Self::pause) held back.
    #[doc(alias = "resumeProducing")]
    pub fn resume(&self) {
        self.tell(Message::Resume);
    }

    /// Ends the session at once, by the caller's wish.
    #[doc(alias = "stopProducing")]
    pub fn stop(&self) {
        self.fail(Error::new(
            ErrorKind::ConnectionLost,
            "the session was stopped by its user",
        ));
    }

    /// Passive (true) or active (false) data connections, for transfers that are called from now on.
    #[doc(alias = "passive")]
    pub fn set_passive(&self, passive: bool) {
        self.set_mode(if passive {
            DataMode::Passive(Passive::Auto)
        } else {
            DataMode::Active
        });
    }

    /// How data connections are made, for transfers that are called from now on.
    #[doc(alias = "EPSV")]
    #[doc(alias = "PASV")]
    #[doc(alias = "EPRT")]
    #[doc(alias = "PORT")]
    pub fn set_mode(&self, mode: DataMode) {
        *self.0.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// How data connections are made at present.
    pub fn mode(&self) -> DataMode {
        *self.0.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Access.
impl Client {
    /// Logs in once more, as another user perhaps (`USER`, `PASS`, `TYPE I`), when its turn comes. A
    /// refusal fails this operation only.
    ///
    /// # Errors
    ///
    /// Beside the usual, [`Login`](ErrorKind::Login) if the server does not let us in, and
    /// [`Cleartext`](ErrorKind::Cleartext) if the password would travel in clear text without the
    /// configuration having said so ([`Tls`](crate::Tls)).
    #[doc(alias = "queueLogin")]
    #[doc(alias = "USER")]
    #[doc(alias = "PASS")]
    pub fn queue_login(&self, user: &str, password: impl Into<Secret>) -> Queued<Reply> {
        let credentials = self
            .encode(user)
            .and_then(|user| Credentials::new(&user, Some(&password.into())).map_err(invalid));
        match credentials {
            Ok(credentials) => self.submit(Op::Login(Login::again(credentials)), false, into_reply),
            Err(error) => Queued::failed(error),
        }
    }

    /// Sends the account (`ACCT`).
    ///
    /// # Errors
    ///
    /// Beside the usual, [`Cleartext`](ErrorKind::Cleartext) as of [`queue_login`](Self::queue_login).
    #[doc(alias = "ACCT")]
    pub fn acct(&self, account: impl Into<Secret>) -> Queued<Reply> {
        self.simple_or(Command::secret("ACCT", &account.into()).map_err(invalid))
    }

    /// Names the virtual host (`HOST`, RFC 7151); before USER only.
    #[doc(alias = "HOST")]
    pub fn host(&self, host: &str) -> Queued<Reply> {
        self.simple(Command::text("HOST", host.as_bytes()))
    }

    /// Forgets the login and all settings (`REIN`).
    #[doc(alias = "REIN")]
    pub fn rein(&self) -> Queued<Reply> {
        self.simple(Ok(Command::bare("REIN")))
    }

    /// Says goodbye (`QUIT`). The session ends with the server's reply; what is queued behind it fails.
    #[doc(alias = "QUIT")]
    pub fn quit(&self) -> Queued<Reply> {
        self.simple(Ok(Command::bare("QUIT")))
    }
}

/// Directories and names.
impl Client {
    /// Changes the working directory (`CWD`).
    #[doc(alias = "CWD")]
    pub fn cwd(&self, path: impl Into<RemotePath>) -> Queued<Reply> {
        self.path_command("CWD", Some("XCWD"), path)
    }

    /// Changes to the parent directory (`CDUP`).
    #[doc(alias = "CDUP")]
    pub fn cdup(&self) -> Queued<Reply> {
        let (command, fallback) = (Command::bare("CDUP"), Command::bare("XCUP"));
        self.submit(
            Op::Simple(Simple::with_fallback(command, fallback)),
            false,
            into_reply,
        )
    }

    /// The reply to `PWD`, as it is; [`get_directory`](Self::get_directory) reads it.
    #[doc(alias = "PWD")]
    pub fn pwd(&self) -> Queued<Reply> {
        self.submit(print_directory(), false, into_reply)
    }

    /// The working directory (`PWD`).
    ///
    /// # Errors
    ///
    /// [`BadResponse`](ErrorKind::BadResponse) if the server's reply names none, beside the usual.
    #[doc(alias = "getDirectory")]
    #[doc(alias = "PWD")]
    pub fn get_directory(&self) -> Queued<RemotePath> {
        self.submit(print_directory(), false, |delivery| {
            let reply = into_reply(delivery)?;
            let line = reply.lines().last().filter(|_| reply.code() == 257);
            line.and_then(|line| parse_pwd_response(line))
                .ok_or_else(|| unreadable(reply, "PWD", "was answered without a directory"))
        })
    }

    /// Makes a directory (`MKD`). The path in the reply is not to be relied on: servers name it
    /// relative, absolute, unquoted, or not at all.
    #[doc(alias = "MKD")]
    #[doc(alias = "makeDirectory")]
    pub fn make_directory(&self, path: impl Into<RemotePath>) -> Queued<Reply> {
        self.path_command("MKD", Some("XMKD"), path)
    }

    /// Removes an empty directory (`RMD`).
    #[doc(alias = "RMD")]
    #[doc(alias = "removeDirectory")]
    pub fn remove_directory(&self, path: impl Into<RemotePath>) -> Queued<Reply> {
        self.path_command("RMD", Some("XRMD"), path)
    }

    /// Removes a file (`DELE`).
    #[doc(alias = "DELE")]
    #[doc(alias = "removeFile")]
    pub fn remove_file(&self, path: impl Into<RemotePath>) -> Queued<Reply> {
        self.path_command("DELE", None, path)
    }

    /// Renames (`RNFR`, `RNTO`), and returns both replies. A refused RNFR withholds RNTO. What is there
    /// under the new name is replaced by most servers, and protected by some.
    #[doc(alias = "RNFR")]
    #[doc(alias = "RNTO")]
    pub fn rename(
        &self,
        from: impl Into<RemotePath>,
        to: impl Into<RemotePath>,
    ) -> Queued<(Reply, Reply)> {
        let commands = self
            .path("RNFR", &from.into())
            .and_then(|from| Ok(Rename::new(from, self.path("RNTO", &to.into())?)));
        match commands {
            Ok(rename) => self.submit(Op::Rename(rename), false, |delivery| match delivery {
                Delivery::Outcome(Outcome::Renamed(from, to)) => Ok((from, to)),
                _ => Err(out_of_place()),
            }),
            Err(error) => Queued::failed(error),
        }
    }

    /// The size of a file in bytes as a transfer in the current type would send it (`SIZE`, RFC 3659
    /// §4). Some servers refuse it while `TYPE A` is set.
    ///
    /// # Errors
    ///
    /// [`BadResponse`](ErrorKind::BadResponse) if the reply holds no number, beside the usual.
    #[doc(alias = "SIZE")]
    pub fn size(&self, path: impl Into<RemotePath>) -> Queued<u64> {
        self.query("SIZE", path, |reply| read_size(reply.lines().last()?))
    }

    /// When a file was last modified (`MDTM`, RFC 3659 §3), in UTC.
    ///
    /// # Errors
    ///
    /// [`BadResponse`](ErrorKind::BadResponse) if the reply holds no time, beside the usual.
    #[doc(alias = "MDTM")]
    pub fn mdtm(&self, path: impl Into<RemotePath>) -> Queued<Timestamp> {
        self.query("MDTM", path, |reply| Timestamp::parse(reply.text_bytes()))
    }

    /// Sets when a file was last modified (`MFMT`).
    #[doc(alias = "MFMT")]
    pub fn mfmt(&self, path: impl Into<RemotePath>, modified: Timestamp) -> Queued<Reply> {
        let command = self.wire_path(&path.into()).and_then(|path| {
            let mut argument = modified.to_wire().into_bytes();
            argument.push(b' ');
            argument.extend_from_slice(&path);
            Command::path("MFMT", &argument).map_err(invalid)
        });
        self.simple_or(command)
    }

    /// The facts of one file or directory (`MLST`, RFC 3659 §7).
    ///
    /// # Errors
    ///
    /// [`BadResponse`](ErrorKind::BadResponse) if the reply holds no facts, beside the usual.
    #[doc(alias = "MLST")]
    pub fn mlst(&self, path: impl Into<RemotePath>) -> Queued<Entry> {
        self.query("MLST", path, parse_mlst_reply)
    }
}

/// Transfers.
impl Client {
    /// Retrieves a file (`RETR`). The future yields the stream once the server has agreed to send.
    #[doc(alias = "RETR")]
    #[doc(alias = "retrieveFile")]
    pub fn retrieve_file(&self, path: impl Into<RemotePath>) -> Queued<Download> {
        self.retrieve_file_with(path, RetrieveOptions::default())
    }

    /// Retrieves a file in another way than the usual, or the rest of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use tokio::io::AsyncReadExt;
    /// use wharf::RetrieveOptions;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = wharf_testing::server::Server::builder().start().await?;
    /// # std::fs::write(server.root().join("a.txt"), "0123456789")?;
    /// # let client = wharf::Client::connect(&server.url()).await?;
    /// // The first four bytes are here already; six more make it whole.
    /// let rest = RetrieveOptions::default().offset(4).expected_size(6);
    /// let mut text = String::from("0123");
    /// client.retrieve_file_with("a.txt", rest).await?.read_to_string(&mut text).await?;
    /// assert_eq!(text, "0123456789");
    /// # Ok(()) }
    /// ```
    #[doc(alias = "REST")]
    pub fn retrieve_file_with(
        &self,
        path: impl Into<RemotePath>,
        options: RetrieveOptions,
    ) -> Queued<Download> {
        let RetrieveOptions {
            offset,
            representation,
            expected_size,
            mode,
        } = options;
        let transfer = self.path("RETR", &path.into()).map(|command| {
            self.transfer(Direction::Download, mode, command)
                .represented_as(representation)
                .from_offset(offset)
        });
        self.download(transfer, move |stream| {
            Download::new(stream, representation, expected_size)
        })
    }

    /// Stores a file (`STOR`). The future yields the stream once the server has agreed to take it.
    #[doc(alias = "STOR")]
    #[doc(alias = "storeFile")]
    pub fn store_file(&self, path: impl Into<RemotePath>) -> Queued<Upload> {
        self.store_file_with(path, StoreOptions::default())
    }

    /// Stores a file in another way than the usual, or the rest of it.
    #[doc(alias = "REST")]
    pub fn store_file_with(
        &self,
        path: impl Into<RemotePath>,
        options: StoreOptions,
    ) -> Queued<Upload> {
        self.upload(self.path("STOR", &path.into()), options)
    }

    /// Appends to a file, or makes it (`APPE`).
    #[doc(alias = "APPE")]
    pub fn append_file(&self, path: impl Into<RemotePath>) -> Queued<Upload> {
        self.append_file_with(path, StoreOptions::default())
    }

    /// Appends to a file in another way than the usual. What an offset means here differs between
    /// servers.
    pub fn append_file_with(
        &self,
        path: impl Into<RemotePath>,
        options: StoreOptions,
    ) -> Queued<Upload> {
        self.upload(self.path("APPE", &path.into()), options)
    }

    /// Stores a file under a name of the server's choosing (`STOU`), suggesting one unless it is empty.
    /// Where the name is to be read differs: [`Upload::mark`], or the reply of the end.
    #[doc(alias = "STOU")]
    pub fn store_unique(&self, suggestion: impl Into<RemotePath>) -> Queued<Upload> {
        self.upload(
            self.path_or_bare("STOU", &suggestion.into()),
            StoreOptions::default(),
        )
    }

    /// Lists a directory by the best command that the server really has: `MLSD`, else `LIST`, else `NLST`; an
    /// empty path is the working directory.
    ///
    /// Of a file, most servers list that file, and vsFTPd the links to it as well: entries of the path's own name may
    /// be what was asked for, and not in it. [`stat`](Self::stat) tells.
    ///
    /// # Errors
    ///
    /// Beside the usual, in the stream: that no such directory is there, or that it may not be read, if the
    /// server listed nothing for it, or nothing but itself (see [`Listing`]), and
    /// [`Unsupported`](ErrorKind::Unsupported) if that cannot be found out, because the working directory was
    /// changed behind a relative path or the server does not tell it.
    ///
    /// # Examples
    ///
    /// ```
    /// use wharf::Parsed;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = wharf_testing::server::Server::builder().start().await?;
    /// # std::fs::create_dir(server.root().join("pub"))?;
    /// # std::fs::write(server.root().join("pub/README"), "ahoy")?;
    /// # let client = wharf::Client::connect(&server.url()).await?;
    /// let mut listing = client.list("pub").await?;
    /// while let Some(item) = listing.next_entry().await {
    ///     if let Parsed::Entry(entry) = item? {
    ///         println!("{} {:?}", wharf::text::escaped(entry.name()), entry.size());
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    #[doc(alias = "LIST")]
    #[doc(alias = "MLSD")]
    pub fn list(&self, path: impl Into<RemotePath>) -> Queued<Listing> {
        self.list_with(path, ListOptions::default())
    }

    /// Lists a directory in another way than the usual.
    ///
    /// # Errors
    ///
    /// As of [`list`](Self::list), but that nothing is found out behind a command that was named;
    /// [`InvalidInput`](ErrorKind::InvalidInput) if another than `LIST` is to be recursive, and
    /// [`Unsupported`](ErrorKind::Unsupported) if the server is known not to be.
    pub fn list_with(&self, path: impl Into<RemotePath>, options: ListOptions) -> Queued<Listing> {
        self.listing(&path.into(), options)
    }

    /// Lists a directory for machines (`MLSD`, RFC 3659 §7); an empty path is the working directory.
    #[doc(alias = "MLSD")]
    pub fn mlsd(&self, path: impl Into<RemotePath>) -> Queued<Listing> {
        self.list_with(path, exactly(ListCommand::Mlsd))
    }

    /// Lists the names in a directory (`NLST`): see [`Listing::lines`].
    #[doc(alias = "NLST")]
    pub fn nlst(&self, path: impl Into<RemotePath>) -> Queued<Listing> {
        self.list_with(path, exactly(ListCommand::Nlst))
    }

    /// Receives what these commands produce on a data connection: each but the last must be answered
    /// 2yz or 3yz, the last one starts the transfer. The current type stays.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if there is no command, beside the usual.
    ///
    /// # Examples
    ///
    /// ```
    /// use tokio::io::AsyncReadExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = wharf_testing::server::Server::builder().start().await?;
    /// # std::fs::write(server.root().join("a.txt"), "0123456789")?;
    /// # let client = wharf::Client::connect(&server.url()).await?;
    /// let mut rest = String::new();
    /// let commands = ["REST 8", "RETR a.txt"];
    /// client.receive_from_connection(commands).await?.read_to_string(&mut rest).await?;
    /// assert_eq!(rest, "89");
    /// # Ok(()) }
    /// ```
    #[doc(alias = "receiveFromConnection")]
    pub fn receive_from_connection<C>(
        &self,
        commands: impl IntoIterator<Item = C>,
    ) -> Queued<Download>
    where
        C: Into<Vec<u8>>,
    {
        let transfer = self.raw_transfer(Direction::Download, commands);
        self.download(transfer, |stream| {
            Download::new(stream, Representation::Image, None)
        })
    }

    /// Sends what these commands take on a data connection, as
    /// [`receive_from_connection`](Self::receive_from_connection) receives.
    #[doc(alias = "sendToConnection")]
    pub fn send_to_connection<C>(&self, commands: impl IntoIterator<Item = C>) -> Queued<Upload>
    where
        C: Into<Vec<u8>>,
    {
        match self.raw_transfer(Direction::Upload, commands) {
            Ok(transfer) => self.submit(Op::Transfer(Box::new(transfer)), true, |delivery| {
                Ok(Upload::new(into_stream(delivery)?, Representation::Image))
            }),
            Err(error) => Queued::failed(error),
        }
    }

    /// Stops the transfer that is running, whoever holds its stream, and waits until the connection is
    /// in step again. Without one, `ABOR` is sent when its turn comes.
    ///
    /// # Errors
    ///
    /// The loss of the connection, which is also what becomes of a server that does not settle.
    #[doc(alias = "ABOR")]
    pub fn abor(&self) -> Queued<()> {
        let op = Op::Simple(Simple::new(Command::bare("ABOR")));
        let message = |id, op, sink| Message::AbortAny { id, op, sink };
        self.submit_as(op, false, message, |result| result.map(|_settled| ()))
    }
}

/// Settings and questions.
impl Client {
    /// Sets how files are represented (`TYPE I`, `TYPE A`). Retrieving and storing files sets it by
    /// itself; it matters for [`size`](Self::size), listings and raw transfers.
    #[doc(alias = "TYPE")]
    pub fn set_representation(&self, representation: Representation) -> Queued<Reply> {
        self.simple(Ok(representation.command()))
    }

    /// What the server says it can do (`FEAT`, RFC 2389). A server that does not know the command has
    /// said nothing: the set is empty then. What is listed is a hint, what is missing less than that.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = wharf_testing::server::Server::builder().start().await?;
    /// # let client = wharf::Client::connect(&server.url()).await?;
    /// if client.features().await?.supports_mlst() {
    ///     let entry = client.mlst("/").await?;
    ///     assert_eq!(entry.kind(), wharf::listing::Kind::Directory);
    /// }
    /// # Ok(()) }
    /// ```
    #[doc(alias = "FEAT")]
    pub fn features(&self) -> Queued<Features> {
        let op = Op::Simple(Simple::new(Command::bare("FEAT")));
        self.submit_as(op, false, submitted, |result| {
            match result.and_then(into_reply) {
                Ok(reply) => Ok(Features::parse(&reply)),
                Err(error)
                    if error.kind() == ErrorKind::CommandFailed
                        && error.code().is_some_and(Code::is_permanent) =>
                {
                    Ok(Features::default())
                }
                Err(error) => Err(error),
            }
        })
    }

    /// Tunes an extension (`OPTS`, RFC 2389): `UTF8 ON`, `MLST type;size;`.
    #[doc(alias = "OPTS")]
    pub fn opts(&self, arguments: &str) -> Queued<Reply> {
        self.text("OPTS", arguments)
    }

    /// The server's kind of system (`SYST`).
    #[doc(alias = "SYST")]
    pub fn syst(&self) -> Queued<Reply> {
        self.simple(Ok(Command::bare("SYST")))
    }

    /// The server's status, or what it says of a path (`STAT`), over the control connection.
    #[doc(alias = "STAT")]
    pub fn status(&self, path: impl Into<RemotePath>) -> Queued<Reply> {
        let command = self.path_or_bare("STAT", &path.into());
        self.simple_or(command)
    }

    /// What the server says about itself, or about a command (`HELP`).
    #[doc(alias = "HELP")]
    pub fn help(&self, about: &str) -> Queued<Reply> {
        if about.is_empty() {
            return self.simple(Ok(Command::bare("HELP")));
        }
        self.text("HELP", about)
    }

    /// A command of the server's own (`SITE`).
    #[doc(alias = "SITE")]
    pub fn site(&self, arguments: &str) -> Queued<Reply> {
        self.text("SITE", arguments)
    }

    /// Does nothing, and shows that the server is there (`NOOP`).
    #[doc(alias = "NOOP")]
    pub fn noop(&self) -> Queued<Reply> {
        self.simple(Ok(Command::bare("NOOP")))
    }

    /// Reserves room for a file of this many bytes (`ALLO`).
    #[doc(alias = "ALLO")]
    pub fn allo(&self, bytes: u64) -> Queued<Reply> {
        self.text("ALLO", &bytes.to_string())
    }

    /// Tells the server who we are (`CLNT`).
    #[doc(alias = "CLNT")]
    pub fn clnt(&self, name: &str) -> Queued<Reply> {
        self.text("CLNT", name)
    }

    /// Sends a line of the caller's own and yields its reply. Not for commands with a data connection:
    /// those are for [`receive_from_connection`](Self::receive_from_connection).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the line is blank or holds CR, LF or NUL, beside the
    /// usual.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = wharf_testing::server::Server::builder().start().await?;
    /// # let client = wharf::Client::connect(&server.url()).await?;
    /// let reply = client.command("STRU F").await?;
    /// assert!(reply.code().is_completion());
    /// # Ok(()) }
    /// ```
    #[doc(alias = "queueStringCommand")]
    #[doc(alias = "QUOTE")]
    pub fn command(&self, line: impl Into<Vec<u8>>) -> Queued<Reply> {
        self.simple(Command::raw(line))
    }
}

/// This command, and all that it shows.
fn exactly(command: ListCommand) -> ListOptions {
    ListOptions::default().command(command).dots(true)
}

fn print_directory() -> Op {
    Op::Simple(Simple::with_fallback(
        Command::bare("PWD"),
        Command::bare("XPWD"),
    ))
}

/// The number in a line that answers SIZE. Some servers put words around it. What is only the end of
/// a number, as in `-1` and `1,024`, is none: a size that is made up would be the end of a good file.
fn read_size(line: &[u8]) -> Option<u64> {
    let text = line.get(3..)?;
    let end = text.iter().rposition(u8::is_ascii_digit)? + 1;
    let before = text[..end].iter().rposition(|byte| !byte.is_ascii_digit());
    if before.is_some_and(|at| b"+-.,".contains(&text[at])) {
        return None;
    }
    let digits = &text[before.map_or(0, |at| at + 1)..end];
    std::str::from_utf8(digits).ok()?.parse().ok()
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("mode", &self.mode())
            .field("closed", &self.close_cause())
            .finish_non_exhaustive()
    }
}
