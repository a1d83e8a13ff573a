//! The transfers themselves, and what is kept of them. The tests over real servers use it as well.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use wharf::listing::Kind;
use wharf::tls::Negotiated;
use wharf::{Client, Config, Error, ErrorKind, Parsed, Result};

/// What is to be done: this many of each on each of these connections, in an order that follows from the
/// seed.
#[derive(Debug, Clone)]
pub(crate) struct Voyage {
    pub(crate) config: Config,
    /// Where the server's files are on this machine, if they are.
    pub(crate) root: Option<PathBuf>,
    pub(crate) downloads: usize,
    pub(crate) uploads: usize,
    pub(crate) listings: usize,
    pub(crate) connections: usize,
    pub(crate) seed: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// How many of each went well and were right.
    pub(crate) downloads: usize,
    pub(crate) uploads: usize,
    pub(crate) listings: usize,
    /// How many data connections were protected, and how many of them continued a session.
    pub(crate) handshakes: usize,
    pub(crate) resumed: usize,
    /// What a control connection agreed on.
    pub(crate) tls: Option<String>,
    /// What went wrong.
    pub(crate) failures: Vec<String>,
    /// From the first connection to the last reply.
    pub(crate) elapsed: Duration,
}

/// The directory with the files to be downloaded, which is listed too.
const SOURCES: &str = "sources";
/// The directory for uploads.
const TARGETS: &str = "targets";
/// Nothing, and on both sides of what fits into one record and one read.
const SIZES: [usize; 8] = [0, 1, 1_000, 16_384, 16_385, 32_768, 50_000, 200_000];

#[derive(Debug, Clone, Copy)]
enum Task {
    Download(usize),
    Upload(usize),
    Listing,
}

impl Voyage {
    /// One connection, and ten of each.
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config,
            root: None,
            downloads: 10,
            uploads: 10,
            listings: 10,
            connections: 1,
            seed: 1,
        }
    }

    /// Makes the directories, connects and transfers. What fails then is in the log.
    pub(crate) async fn run(&self) -> Result<Log> {
        self.furnish().await?;
        let began = Instant::now();
        let mut sessions = JoinSet::new();
        let voyage = Arc::new(self.clone());
        for number in 0..self.connections {
            let voyage = Arc::clone(&voyage);
            sessions.spawn(async move { voyage.session(number).await });
        }
        let mut log = Log::default();
        for session in sessions.join_all().await {
            log.add(session);
        }
        log.elapsed = began.elapsed();
        Ok(log)
    }

    async fn furnish(&self) -> Result<()> {
        let client = self.config.connect().await?;
        client.make_directory(SOURCES).await?;
        client.make_directory(TARGETS).await?;
        let mut uncounted = Log::default();
        for (number, size) in SIZES.into_iter().enumerate() {
            let content = content(number as u64, size);
            match &self.root {
                Some(root) => {
                    std::fs::write(root.join(source(number)), content).map_err(wharf::from_io)?;
                }
                None => store(&client, &source(number), &content, &mut uncounted).await?,
            }
        }
        client.quit().await.map(drop)
    }

    /// All that happens on one control connection.
    async fn session(&self, number: usize) -> Log {
        let mut log = Log::default();
        let client = match self.config.connect().await {
            Ok(client) => client,
            Err(error) => {
                log.fail(&format!("connection {number}"), &error);
                return log;
            }
        };
        log.tls = client.tls().map(|tls| tls.to_string());
        for task in self.tasks(number) {
            let done = match task {
                Task::Download(file) => download(&client, file, &mut log).await,
                Task::Upload(file) => self.upload(&client, number, file, &mut log).await,
                Task::Listing => list(&client, &mut log).await,
            };
            match (done, task) {
                (Ok(()), Task::Download(_)) => log.downloads += 1,
                (Ok(()), Task::Upload(_)) => log.uploads += 1,
                (Ok(()), Task::Listing) => log.listings += 1,
                (Err(error), _) => log.fail(&format!("connection {number}, {task:?}"), &error),
            }
        }
        if let Err(error) = client.quit().await {
            log.fail(&format!("connection {number}, the end"), &error);
        }
        log
    }

    fn tasks(&self, connection: usize) -> Vec<Task> {
        let mut tasks: Vec<Task> = (0..self.downloads)
            .map(|n| Task::Download(n % SIZES.len()))
            .chain((0..self.uploads).map(Task::Upload))
            .chain((0..self.listings).map(|_| Task::Listing))
            .collect();
        let mut noise = Noise(self.seed + ((connection as u64) << 32));
        for last in (1..tasks.len()).rev() {
            tasks.swap(last, noise.below(last + 1));
        }
        tasks
    }

    async fn upload(
        &self,
        client: &Client,
        number: usize,
        file: usize,
        log: &mut Log,
    ) -> Result<()> {
        // Unlike any other of this voyage, so that a file in the place of another is found out.
        let content = content(
            (number as u64 + 1) << 32 | file as u64,
            SIZES[file % SIZES.len()],
        );
        let path = format!("{TARGETS}/{number}-{file}");
        store(client, &path, &content, log).await?;
        let stored = match &self.root {
            Some(root) => std::fs::read(root.join(&path)).map_err(wharf::from_io)?,
            None => retrieve(client, &path, log).await?,
        };
        expect(stored == content, "what is stored is not what was sent")
    }
}

async fn download(client: &Client, file: usize, log: &mut Log) -> Result<()> {
    let received = retrieve(client, &source(file), log).await?;
    expect(
        received == content(file as u64, SIZES[file]),
        "what came is not what is there",
    )
}

async fn list(client: &Client, log: &mut Log) -> Result<()> {
    let mut listing = client.list(SOURCES).await?;
    log.count(listing.tls());
    let mut listed = BTreeSet::new();
    while let Some(parsed) = listing.next_entry().await {
        match parsed? {
            Parsed::Entry(entry) if entry.kind() == Kind::File => {
                listed.insert((entry.name_lossy().into_owned(), entry.size()));
            }
            _ => {}
        }
    }
    let sizes = SIZES.into_iter().enumerate();
    let expected: BTreeSet<_> = sizes
        .map(|(number, size)| (format!("{number}.bin"), Some(size as u64)))
        .collect();
    expect(listed == expected, "the listing is not what is there")
}

async fn store(client: &Client, path: &str, content: &[u8], log: &mut Log) -> Result<()> {
    let mut upload = client.store_file(path).await?;
    log.count(upload.tls());
    upload.write_all(content).await.map_err(wharf::from_io)?;
    upload.finish().await.map(drop)
}

async fn retrieve(client: &Client, path: &str, log: &mut Log) -> Result<Vec<u8>> {
    let mut download = client.retrieve_file(path).await?;
    log.count(download.tls());
    let mut received = Vec::new();
    download
        .read_to_end(&mut received)
        .await
        .map_err(wharf::from_io)?;
    Ok(received)
}

impl Log {
    fn count(&mut self, tls: Option<&Negotiated>) {
        if let Some(tls) = tls {
            self.handshakes += 1;
            self.resumed += usize::from(tls.resumed());
        }
    }

    fn fail(&mut self, during: &str, error: &Error) {
        let mut text = format!("{during}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        self.failures.push(text);
    }

    fn add(&mut self, other: Self) {
        self.downloads += other.downloads;
        self.uploads += other.uploads;
        self.listings += other.listings;
        self.handshakes += other.handshakes;
        self.resumed += other.resumed;
        self.failures.extend(other.failures);
        self.tls = self.tls.take().or(other.tls);
    }
}

fn source(number: usize) -> String {
    format!("{SOURCES}/{number}.bin")
}

fn expect(right: bool, otherwise: &'static str) -> Result<()> {
    if right {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::UnexpectedData, otherwise))
    }
}

/// Bytes that follow from a number, and are not those of another.
fn content(number: u64, size: usize) -> Vec<u8> {
    let mut noise = Noise(number);
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        bytes.extend_from_slice(&noise.next().to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// `SplitMix64`: short, and good enough to shuffle by.
#[derive(Debug)]
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// One of the numbers below this one.
    fn below(&mut self, bound: usize) -> usize {
        // The remainder is as small as what it was taken by.
        usize::try_from(self.next() % bound as u64).unwrap_or(0)
    }
}
