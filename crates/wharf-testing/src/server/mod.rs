//! A small FTP server to run inside a test, an example or a benchmark.
//!
//! It serves a real directory over loopback, and is a good citizen: every command of RFC 959 a
//! client has use for, with RFC 2389 (`FEAT`), 2428 (`EPSV`, `EPRT`), 3659 (`MLSD`, `SIZE`,
//! `MDTM`, `REST`) and 7151 (`HOST`). [`Options`] make it a bad one, in one respect at a time.
//! It shares no code with the client it tests.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use tokio::{io::AsyncReadExt, net::TcpStream};
//! use wharf_testing::server::Server;
//!
//! let server = Server::builder().user("ship", "harbor").start().await?;
//! std::fs::write(server.root().join("hello.txt"), "ahoy")?;
//!
//! let mut client = TcpStream::connect(server.addr()).await?;
//! let mut greeting = [0; 4];
//! client.read_exact(&mut greeting).await?;
//! assert_eq!(&greeting, b"220 ");
//! # std::io::Result::Ok(())
//! # })?;
//! # std::io::Result::Ok(())
//! ```
//!
//! With a [`ServerTls`] it speaks TLS as well (RFC 4217), explicit or implicit, with sessions resumed
//! or required to be.
//!
//! What it cannot do: record and page structures, block and compressed modes. It is made for Unix,
//! where names are bytes.

mod builder;
mod clock;
mod command;
mod control;
mod data;
mod files;
mod handshake;
mod list;
mod log;
mod options;
mod reply;
mod security;
mod session;
mod stream;
mod tls;
mod transfer;
mod tree;
mod wire;

#[cfg(test)]
mod tests;

use std::{
    io,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinSet,
};

pub use self::{
    builder::Builder,
    handshake::{Channel, Handshake},
    log::{Line, Side},
    options::{Interrupt, Interruption, Options},
    tls::{End, Mode, Required, Reuse, ServerTls, Tickets, UploadEnd},
};
use self::{
    control::Control, files::Root, handshake::Handshakes, log::Log, reply::Reply, session::Session,
};
pub use crate::tls::accept::{Resumption, Versions};
use crate::{temporary::TemporaryDirectory, tls::sessions::Sessions};

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    /// Orders to the task that accepts clients. It stops when this is gone, so that dropping a
    /// server needs no runtime.
    orders: Option<mpsc::UnboundedSender<Order>>,
    /// Answers once every session is gone.
    stopped: oneshot::Receiver<()>,
    /// The thread that runs it, if it was started with [`Builder::blocking_start`].
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// Describes a server: without further words it serves an empty temporary directory on a
    /// free port of 127.0.0.1, to anonymous users.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address of the control port.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The server as a URL without a user: `ftp://127.0.0.1:40001/`, and `ftps:` if its TLS is
    /// implicit.
    pub fn url(&self) -> String {
        let scheme = match self.shared.tls() {
            Some(tls) if tls.mode == Mode::Implicit => "ftps",
            _ => "ftp",
        };
        format!("{scheme}://{}/", self.address)
    }

    /// The directory served. Tests put files there and look at what was uploaded.
    pub fn root(&self) -> &Path {
        self.shared.root.directory()
    }

    /// The newest lines that went over the control connections, 65 536 at most, oldest first.
    ///
    /// A line is in the log by the time the other side can know of it: a reply that a client
    /// has read is there, and so is the command it answers.
    pub fn log(&self) -> Vec<Line> {
        self.shared.log.snapshot()
    }

    /// The [`log`](Self::log) as text, a line each: `1 C: USER ship`, `1 S: 331 …`. The number is the connection's.
    pub fn transcript(&self) -> String {
        let lines: Vec<_> = self.log().iter().map(Line::to_string).collect();
        lines.join("\n")
    }

    /// Every command received, in order, whatever the connection: the client's half of the
    /// [`log`](Self::log).
    pub fn commands(&self) -> Vec<String> {
        let lines = self.log().into_iter();
        lines
            .filter(|line| line.from == Side::Client)
            .map(|line| line.text)
            .collect()
    }

    /// How many control connections were made since the start, refused ones included.
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// How many clients are being served at the moment.
    pub fn clients(&self) -> usize {
        self.shared.clients.load(Ordering::SeqCst)
    }

    /// The options in force.
    pub fn options(&self) -> Options {
        self.shared.options().as_ref().clone()
    }

    /// Changes the options from the next command of each session on.
    pub fn set_options(&self, options: Options) {
        *self.shared.lock_options() = Arc::new(options);
    }

    /// The TLS handshakes that succeeded, the newest 65 536 at most, oldest first.
    ///
    /// One is in the list before the final reply to the transfer it was for, and before the first
    /// reply in TLS.
    pub fn handshakes(&self) -> Vec<Handshake> {
        self.shared.handshakes.all_made()
    }

    /// What became of the TLS handshakes that failed, one text each: `1 data: …`.
    pub fn failed_handshakes(&self) -> Vec<String> {
        self.shared.handshakes.all_failed()
    }

    /// Changes how TLS is spoken, from the next command or handshake of each session on.
    pub fn set_tls(&self, tls: ServerTls) {
        *self.shared.lock_tls() = Some(Arc::new(tls));
    }

    /// Forgets every TLS session, before its lifetime is over: what was handed out resumes nothing
    /// any more.
    pub fn forget_sessions(&self) {
        self.shared.sessions.forget();
    }

    /// Cuts every connection, without a goodbye, and goes on serving new clients.
    ///
    /// Returns when all of them are closed, so that no reply can still be on its way.
    pub async fn hang_up(&self) {
        let (done, finished) = oneshot::channel();
        let order = self
            .orders
            .as_ref()
            .map(|orders| orders.send(Order::HangUp(done)));
        if let Some(Ok(())) = order {
            // A server that stopped meanwhile has no connection either.
            let _ = finished.await;
        }
    }

    /// Stops the server and waits until every connection is closed and the port is free.
    pub async fn shutdown(mut self) {
        self.orders = None;
        // An error says that the runtime went away, and the sessions with it.
        let _ = (&mut self.stopped).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A panic there was printed when it happened, and a drop must not add its own.
            let _ = thread.join();
        }
    }
}

/// What all sessions of a server have in common.
#[derive(Debug)]
struct Shared {
    root: Root,
    users: Vec<(String, String)>,
    anonymous: bool,
    options: Mutex<Arc<Options>>,
    tls: Mutex<Option<Arc<ServerTls>>>,
    /// Has no session of its own; those of the control connections are its siblings.
    sessions: Sessions,
    handshakes: Handshakes,
    log: Log,
    accepted: AtomicUsize,
    clients: AtomicUsize,
    /// Bytes stored by uploads since the start.
    stored: AtomicU64,
    /// Held so that the directory outlives the last session that may write into it.
    _temporary: Option<TemporaryDirectory>,
}

impl Shared {
    fn options(&self) -> Arc<Options> {
        self.lock_options().clone()
    }

    fn lock_options(&self) -> MutexGuard<'_, Arc<Options>> {
        // The options are replaced as a whole, so a panic cannot leave them half-written.
        self.options.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tls(&self) -> Option<Arc<ServerTls>> {
        self.lock_tls().clone()
    }

    fn lock_tls(&self) -> MutexGuard<'_, Option<Arc<ServerTls>>> {
        // As with the options.
        self.tls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this password opens the server to this user.
    fn admits(&self, user: &str, password: &str) -> bool {
        (self.anonymous && is_anonymous(user))
            || self
                .users
                .iter()
                .any(|(name, secret)| name == user && secret == password)
    }
}

/// Whether a name is one of the two that stand for everybody (RFC 1635).
fn is_anonymous(user: &str) -> bool {
    user.eq_ignore_ascii_case("anonymous") || user.eq_ignore_ascii_case("ftp")
}

/// What a [`Server`] tells the task that accepts its clients.
#[derive(Debug)]
enum Order {
    /// End all sessions, then answer.
    HangUp(oneshot::Sender<()>),
}

/// Serves clients until the server is dropped.
async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    stopping: oneshot::Sender<()>,
) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::HangUp(done)) => {
                    sessions.shutdown().await;
                    // Whoever asked may have stopped waiting.
                    let _ = done.send(());
                }
                None => break,
            },
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    sessions.spawn(serve(stream, shared.clone(), Client::new(&shared)));
                }
                // The client is gone already, or the process is out of file descriptors: give
                // it time to close some.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            // Sessions that are over are taken off the set.
            Some(_) = sessions.join_next() => {}
        }
    }
    sessions.shutdown().await;
    drop((listener, shared));
    // The server was dropped rather than shut down if nobody waits.
    let _ = stopping.send(());
}

/// Serves one client.
async fn serve(stream: TcpStream, shared: Arc<Shared>, client: Client) {
    // The connection failing is an end of a session like any other.
    let _ = converse(stream, shared, &client).await;
}

async fn converse(stream: TcpStream, shared: Arc<Shared>, client: &Client) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (peer, local) = (stream.peer_addr()?.ip(), stream.local_addr()?.ip());
    let mut control = Control::new(stream, shared.clone(), client.connection);
    if let Some(tls) = shared.tls().filter(|tls| tls.mode == Mode::Implicit) {
        control.secure(tls).await?;
    }
    if shared
        .options()
        .max_clients
        .is_some_and(|limit| client.present > limit)
    {
        control
            .send(&Reply::new(421, "Too many clients, try again later."))
            .await?;
        return control.close().await;
    }
    Session::new(shared, control, peer, local).run().await
}

/// A client's place among the others, given back when it leaves.
#[derive(Debug)]
struct Client {
    shared: Arc<Shared>,
    /// Its number since the start.
    connection: usize,
    /// How many there were when it came, itself included.
    present: usize,
}

impl Client {
    fn new(shared: &Arc<Shared>) -> Self {
        Self {
            connection: shared.accepted.fetch_add(1, Ordering::SeqCst) + 1,
            present: shared.clients.fetch_add(1, Ordering::SeqCst) + 1,
            shared: shared.clone(),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.shared.clients.fetch_sub(1, Ordering::SeqCst);
    }
}
