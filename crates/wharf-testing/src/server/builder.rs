//! From a description to a running server.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize},
    },
    thread,
};

use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::{
    Options, Server, ServerTls, Shared, accept, files::Root, handshake::Handshakes, log::Log,
};
use crate::{temporary::TemporaryDirectory, tls::sessions::Sessions};

/// What a [`Server`] is to be, from [`Server::builder`].
#[derive(Debug)]
pub struct Builder {
    bind: String,
    directory: Directory,
    users: Vec<(String, String)>,
    anonymous: Option<bool>,
    options: Options,
    tls: Option<ServerTls>,
}

/// Where the served files are.
#[derive(Debug)]
enum Directory {
    /// Made at the start.
    New,
    /// Made already.
    Temporary(TemporaryDirectory),
    /// The caller's own.
    Given(PathBuf),
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            bind: "127.0.0.1:0".to_owned(),
            directory: Directory::New,
            users: Vec::new(),
            anonymous: None,
            options: Options::default(),
            tls: None,
        }
    }
}

impl Builder {
    /// Serves this directory, which must exist when the server starts.
    #[must_use]
    pub fn root(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Directory::Given(directory.into());
        self
    }

    /// Serves a new directory that is removed when the server is gone. That is the default;
    /// what this adds is that the directory exists from now on.
    ///
    /// # Errors
    ///
    /// The directory cannot be made.
    pub fn temporary_root(mut self) -> io::Result<Self> {
        self.directory = Directory::Temporary(TemporaryDirectory::new()?);
        Ok(self)
    }

    /// Lets this user in, beside those named before.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.users.push((name.into(), password.into()));
        self
    }

    /// Whether `anonymous` and `ftp` are let in with any password. If nothing is said they are
    /// as long as no user is named.
    #[must_use]
    pub fn anonymous(mut self, allowed: bool) -> Self {
        self.anonymous = Some(allowed);
        self
    }

    /// Listens here: `127.0.0.1:0` (the default), `[::1]:0`, or a port of one's own.
    #[must_use]
    pub fn bind(mut self, address: impl Into<String>) -> Self {
        self.bind = address.into();
        self
    }

    /// Departs from good behaviour.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Speaks TLS. Without this the server has never heard of it.
    #[must_use]
    pub fn tls(mut self, tls: ServerTls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// The address cannot be listened on, or the directory does not exist or cannot be made.
    ///
    /// # Panics
    ///
    /// There is no tokio runtime, or it has no I/O and timers.
    pub async fn start(self) -> io::Result<Server> {
        let (server, _detached) = self.launch().await?;
        Ok(server)
    }

    /// Starts the server on a thread of its own, for callers without a runtime.
    ///
    /// ```
    /// use std::io::{BufRead, BufReader};
    /// use wharf_testing::server::Server;
    ///
    /// let server = Server::builder().blocking_start()?;
    /// let client = std::net::TcpStream::connect(server.addr())?;
    /// let mut greeting = String::new();
    /// BufReader::new(client).read_line(&mut greeting)?;
    /// assert_eq!(greeting, "220 wharf test server ready.\r\n");
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// Dropping the server waits for the thread to end.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), or the thread cannot be made.
    ///
    /// # Panics
    ///
    /// It is called from within a tokio runtime; use [`start`](Self::start) there.
    pub fn blocking_start(self) -> io::Result<Server> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (mut server, accepting) = runtime.block_on(self.launch())?;
        let thread = thread::Builder::new()
            .name("wharf-server".to_owned())
            .spawn(move || {
                // It ends by being told to; its panic has been printed, and `stopped` shows it.
                let _ = runtime.block_on(accepting);
            })?;
        server.thread = Some(thread);
        Ok(server)
    }

    async fn launch(self) -> io::Result<(Server, JoinHandle<()>)> {
        let (root, temporary) = match self.directory {
            Directory::Given(directory) => (Root::new(&directory)?, None),
            Directory::Temporary(made) => (Root::new(made.path())?, Some(made)),
            Directory::New => {
                let made = TemporaryDirectory::new()?;
                (Root::new(made.path())?, Some(made))
            }
        };
        let listener = TcpListener::bind(self.bind).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            root,
            anonymous: self.anonymous.unwrap_or(self.users.is_empty()),
            users: self.users,
            options: Mutex::new(Arc::new(self.options)),
            tls: Mutex::new(self.tls.map(Arc::new)),
            sessions: Sessions::new(),
            handshakes: Handshakes::default(),
            log: Log::default(),
            accepted: AtomicUsize::new(0),
            clients: AtomicUsize::new(0),
            stored: AtomicU64::new(0),
            _temporary: temporary,
        });
        let (orders, received) = mpsc::unbounded_channel();
        let (stopping, stopped) = oneshot::channel();
        let accepting = tokio::spawn(accept(listener, shared.clone(), received, stopping));
        let server = Server {
            shared,
            address,
            orders: Some(orders),
            stopped,
            thread: None,
        };
        Ok((server, accepting))
    }
}
