//! A server that plays a [`Transcript`] to whoever connects, and fails the test when the client
//! departs from it.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
//! use wharf_testing::script::Script;
//!
//! let server = Script::new(
//!     "
//!     S: 220 ready
//!     C: NOOP
//!     note asked
//!     gate answer
//!     S: 200 still here
//!     eof
//!     ",
//! )
//! .play()
//! .await;
//!
//! let mut client = BufStream::new(tokio::net::TcpStream::connect(server.addr()).await?);
//! let mut replies = String::new();
//! client.read_line(&mut replies).await?;
//! client.write_all(b"NOOP\r\n").await?;
//! client.flush().await?;
//! server.reached("asked").await;
//! server.open("answer");
//! client.read_line(&mut replies).await?;
//! drop(client);
//!
//! assert_eq!(replies, "220 ready\r\n200 still here\r\n");
//! assert_eq!(server.finished().await.lines(), ["NOOP"]);
//! # Ok(())
//! # }
//! ```

use std::{
    collections::BTreeSet,
    error::Error,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    thread,
    time::Duration,
};

use tokio::task::{JoinHandle, JoinSet};

use crate::{
    board::{Board, Watchdog},
    net::{Net, Tcp},
    player::Player,
    transcript::{Step, Transcript},
};

/// What a [`ScriptedServer`] will do: one [`Transcript`] for each connection it accepts.
#[derive(Clone, Debug)]
pub struct Script {
    connections: Vec<Transcript>,
    deadline: Duration,
}

impl Script {
    /// A script for the first connection: a [`Transcript`], or its text.
    ///
    /// # Panics
    ///
    /// If the text is no transcript, with the line that is none.
    #[track_caller]
    pub fn new<T>(first: T) -> Self
    where
        T: TryInto<Transcript>,
        T::Error: fmt::Display,
    {
        // Generous, since it is only ever waited for by a test that fails.
        const DEADLINE: Duration = Duration::from_secs(10);
        Self {
            connections: Vec::new(),
            deadline: DEADLINE,
        }
        .then(first)
    }

    /// The script for one connection more.
    ///
    /// Connections take their scripts in the order in which they are made, and run side by side.
    /// Once the last has its script the server listens no more, so a connection too many is
    /// refused.
    ///
    /// # Panics
    ///
    /// If the text is no transcript, with the line that is none.
    #[must_use]
    #[track_caller]
    pub fn then<T>(mut self, next: T) -> Self
    where
        T: TryInto<Transcript>,
        T::Error: fmt::Display,
    {
        match next.try_into() {
            Ok(transcript) => self.connections.push(transcript),
            Err(e) => panic!("{e}"),
        }
        self
    }

    /// How long the server waits in one step, in real time, before it says that nothing came; 10 s
    /// by default.
    ///
    /// The clock of the runtime, paused or not, has no part in it.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Plays the script over TCP, on 127.0.0.1.
    ///
    /// # Panics
    ///
    /// If this machine cannot listen there.
    pub async fn play(self) -> ScriptedServer {
        self.play_on(&Tcp, Ipv4Addr::LOCALHOST.into()).await
    }

    /// Plays the script on `net`, listening on `ip` at a free port.
    ///
    /// # Panics
    ///
    /// If the network cannot listen there.
    pub async fn play_on<N: Net>(self, net: &N, ip: IpAddr) -> ScriptedServer {
        let (listener, addr) = match net.listen(ip).await {
            Ok(listening) => listening,
            Err(e) => panic!("the scripted server cannot listen on {ip}: {e}"),
        };
        let board = Board::new(self.connections.len());
        let mut names = Names::default();
        self.connections
            .iter()
            .flat_map(|connection| &connection.steps)
            .for_each(|s| names.add(s));
        let watchdog = Watchdog::start(self.deadline);
        let task = tokio::spawn({
            let (net, board) = (net.clone(), board.clone());
            async move {
                let stage = Stage {
                    net,
                    ip,
                    board: board.clone(),
                    watchdog,
                };
                let players = match stage.play(listener, self.connections).await {
                    Ok(players) => players,
                    Err(failure) => return board.end(Err(failure)),
                };
                let connections = players.iter().map(|player| player.lines.clone()).collect();
                board.end(Ok(Played { connections }));
                // The connections stay as the script left them until the test is done with the
                // server.
                std::future::pending::<()>().await;
                drop(players);
            }
        });
        ScriptedServer {
            addr,
            board,
            names,
            task,
            judged: false,
        }
    }
}

/// A [`Script`] being played.
///
/// End a test with [`finished`](Self::finished). Dropping the server before its script is over
/// panics, as it does when the script has failed: no departure from a script goes unseen.
#[derive(Debug)]
#[must_use = "a server that is dropped before its script is over fails the test"]
pub struct ScriptedServer {
    addr: SocketAddr,
    board: Board,
    names: Names,
    task: JoinHandle<()>,
    judged: bool,
}

impl ScriptedServer {
    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Opens a gate, which lets every script pass that waits there or comes there later.
    ///
    /// # Panics
    ///
    /// If no script has a gate of that name.
    #[track_caller]
    pub fn open(&self, gate: &str) {
        assert!(
            self.names.gates.contains(gate),
            "no script has the gate `{gate}`"
        );
        self.board.open(gate);
    }

    /// Waits until a script has come by this note.
    ///
    /// # Panics
    ///
    /// If no script has a note of that name, or the script fails before it comes there.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn reached(&self, note: &str) {
        assert!(
            self.names.notes.contains(note),
            "no script has the note `{note}`"
        );
        if let Err(failure) = self.board.noted(note).await {
            panic!("{failure}");
        }
    }

    /// Waits until every script has taken its last step, and closes what is still open.
    ///
    /// # Panics
    ///
    /// If a script has failed, with the [`Failure`].
    pub async fn finished(self) -> Played {
        match self.outcome().await {
            Ok(played) => played,
            Err(failure) => panic!("{failure}"),
        }
    }

    /// Like [`finished`](Self::finished), for tests that want to see the failure.
    ///
    /// # Errors
    ///
    /// The first [`Failure`] of a script.
    pub async fn outcome(mut self) -> Result<Played, Failure> {
        let outcome = self.board.outcome().await;
        self.judged = true;
        outcome
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.task.abort();
        let failure = match self.board.outcome_now() {
            _ if self.judged => return,
            Some(Ok(_)) => return,
            Some(Err(failure)) => failure,
            None => self.board.unfinished(),
        };
        if thread::panicking() {
            tell(&failure);
        } else {
            panic!("{failure}");
        }
    }
}

/// What the client did while a [`Script`] was played to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    connections: Vec<Vec<Vec<u8>>>,
}

impl Played {
    /// The lines that the client sent and a `C:` or `C*` step took, one connection after the other,
    /// without their CRLF; what is not UTF-8 is replaced.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.connections.iter().flatten();
        lines
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect()
    }

    /// The lines of each connection, as they came.
    pub fn connections(&self) -> &[Vec<Vec<u8>>] {
        &self.connections
    }
}

/// Where a client departed from a [`Script`], in words that can be read in a test's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub(crate) connection: usize,
    pub(crate) of: usize,
    pub(crate) expected: String,
    pub(crate) came: String,
    pub(crate) taken: Vec<String>,
}

impl Failure {
    /// The step's number, from 1.
    pub const fn step(&self) -> usize {
        self.taken.len() + 1
    }

    /// The step, as a transcript writes it.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What came instead.
    pub fn came(&self) -> &str {
        &self.came
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Enough to see what led here.
        const SHOWN: usize = 30;
        let (connection, step) = (self.connection + 1, self.step());
        writeln!(
            f,
            "the client departed from its script on connection {connection}:"
        )?;
        let earlier = self.taken.len().saturating_sub(SHOWN);
        if earlier > 0 {
            writeln!(f, "      … {earlier} earlier steps")?;
        }
        for (at, taken) in self.taken.iter().enumerate().skip(earlier) {
            writeln!(f, "{:>5}  {taken}", at + 1)?;
        }
        writeln!(
            f,
            "{step:>5}  {}    <- step {step} of {}",
            self.expected, self.of
        )?;
        write!(f, "but came: {}", self.came)
    }
}

impl Error for Failure {}

/// The gates and notes that a test may ask for, so that a misspelt one is told at once.
#[derive(Debug, Default)]
struct Names {
    gates: BTreeSet<String>,
    notes: BTreeSet<String>,
}

impl Names {
    fn add(&mut self, step: &Step) {
        match step {
            Step::Gate(name) => self.gates.insert(name.clone()),
            Step::Note(name) => self.notes.insert(name.clone()),
            _ => return,
        };
    }
}

/// What all the connections of a script have in common.
struct Stage<N> {
    net: N,
    ip: IpAddr,
    board: Board,
    watchdog: Watchdog,
}

impl<N: Net> Stage<N> {
    /// Plays every connection to its last step; the first failure ends them all.
    async fn play(
        mut self,
        listener: N::Listener,
        connections: Vec<Transcript>,
    ) -> Result<Vec<Player<N>>, Failure> {
        let mut connections = connections.into_iter().enumerate();
        let mut listener = Some(listener);
        let mut upcoming = connections.next();
        let mut running = JoinSet::new();
        let mut done = Vec::new();
        while upcoming.is_some() || !running.is_empty() {
            if upcoming.is_none() {
                listener = None;
            }
            let connection = upcoming.as_ref().map_or(0, |(connection, _)| *connection);
            tokio::select! {
                Some(joined) = running.join_next() => done.push(joined.unwrap_or_else(|e| {
                    Err(self.board.failure(connection, format!("a panic of the player: {e}")))
                })?),
                accepted = accept::<N>(&mut listener) => {
                    let Some((connection, transcript)) = upcoming.take() else { continue };
                    let control = accepted.map_err(|e| {
                        self.board.failure(connection, format!("an error: {e}"))
                    })?;
                    let (net, board) = (self.net.clone(), self.board.clone());
                    let player = Player::new(net, self.ip, connection, control, board);
                    running.spawn(player.run(transcript, self.watchdog.clone()));
                    upcoming = connections.next();
                }
                // While a connection is being played, its player knows better what did not come.
                deadline = self.watchdog.expired(), if running.is_empty() => {
                    let came = format!("nobody within {deadline:?}");
                    return Err(self.board.failure(connection, came));
                }
            }
        }
        done.sort_by_key(Player::connection);
        Ok(done)
    }
}

async fn accept<N: Net>(listener: &mut Option<N::Listener>) -> std::io::Result<N::Stream> {
    match listener {
        Some(listener) => N::accept(listener).await,
        None => std::future::pending().await,
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a test that is failing already still shows why it did"
)]
fn tell(failure: &Failure) {
    eprintln!("{failure}");
}
