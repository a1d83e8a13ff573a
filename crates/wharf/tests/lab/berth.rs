//! A real server for one test: started by the lab, and gone with the test.

use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::tls::{Roots, TlsConfig, TlsVersion, Trust};
use wharf::{Client, Completion, Config, DataMode, ErrorKind, Passive, RemotePath, Result, Tls};
use wharf_testing::server::{Mode, Reuse, Server, ServerTls};
use wharf_testing::tls::authority::Authority;

use crate::deviations::Expected;

/// One column of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    PassiveV4,
    PassiveV6,
    ActiveV4,
    ActiveV6,
}

impl Column {
    pub(crate) fn is_active(self) -> bool {
        matches!(self, Self::ActiveV4 | Self::ActiveV6)
    }

    pub(crate) fn is_ipv6(self) -> bool {
        matches!(self, Self::PassiveV6 | Self::ActiveV6)
    }

    fn mode(self) -> DataMode {
        if self.is_active() {
            DataMode::Active
        } else {
            DataMode::Passive(Passive::Auto)
        }
    }
}

/// Whether and how a column speaks TLS. Servers that can be told to want every data connection to resume
/// the control connection's session are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    Clear,
    Tls12,
    Tls13,
    ImplicitTls12,
    ImplicitTls13,
}

impl Security {
    /// The one version spoken, so that no fallback to another passes for success.
    pub(crate) fn version(self) -> Option<TlsVersion> {
        match self {
            Self::Clear => None,
            Self::Tls12 | Self::ImplicitTls12 => Some(TlsVersion::Tls12),
            Self::Tls13 | Self::ImplicitTls13 => Some(TlsVersion::Tls13),
        }
    }

    /// What it is to a client.
    fn tls(self) -> Tls {
        match self {
            Self::Clear => Tls::Off,
            Self::Tls12 | Self::Tls13 => Tls::Explicit,
            Self::ImplicitTls12 | Self::ImplicitTls13 => Tls::Implicit,
        }
    }

    /// What it is to the lab.
    fn mode(self) -> &'static str {
        match self.tls() {
            Tls::Explicit => "explicit",
            Tls::Implicit => "implicit",
            _ => "none",
        }
    }
}

/// A running server with its own empty directory. Dropping it ends the server, waits for that, and
/// removes the directory.
#[derive(Debug)]
pub(crate) struct Berth {
    pub(crate) column: Column,
    pub(crate) security: Security,
    pub(crate) expected: Expected,
    address: SocketAddr,
    running: Running,
    /// Above the served directory, so that nobody else can look into it.
    directory: TempDir,
}

/// What serves. Dropping it ends it.
#[derive(Debug)]
enum Running {
    Lab(Child),
    Embedded { _server: Server },
}

/// The server that is part of our own tests.
const EMBEDDED: &str = "embedded";

/// Runs one behaviour against one server, or says aloud that the server is not there.
pub(crate) fn run<Behaviour>(
    server: &'static str,
    column: Column,
    security: Security,
    behaviour: impl FnOnce(Berth) -> Behaviour,
) where
    Behaviour: Future<Output = ()>,
{
    if server != EMBEDDED && !is_installed(server) {
        let notice = format!("SKIPPED: {server} is not installed (lab/wharf-lab install)\n");
        // Past the test harness, which keeps what passing tests print to itself.
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
        return;
    }
    let berth = Berth::start(server, column, security);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // What was said is what one wants to read when a test fails.
    let conversation = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_test_writer()
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(conversation, || runtime.block_on(behaviour(berth)));
}

impl Berth {
    fn start(server: &'static str, column: Column, security: Security) -> Self {
        let directory = TempDir::with_prefix("wharf-test-").unwrap();
        let root = directory.path().join("root");
        std::fs::create_dir(&root).unwrap();
        let (address, running) = if server == EMBEDDED {
            start_embedded(&root, security)
        } else {
            start_lab(server, &root, column, security)
        };
        Self {
            column,
            security,
            expected: Expected::of(server, security),
            address,
            running,
            directory,
        }
    }

    /// A session of its own.
    pub(crate) async fn connect(&self) -> Client {
        self.config().connect().await.unwrap()
    }

    /// How sessions are made here.
    pub(crate) fn config(&self) -> Config {
        Config::new(self.address.ip().to_string())
            .port(self.address.port())
            .login("ship", "harbor")
            .tls(self.security.tls())
            .tls_config(self.tls_config())
            .mode(self.column.mode())
            // pyftpdlib and Twisted overlook an upload's reset that comes before they have accepted
            // the connection; they answer the ABOR that follows after half of this.
            .settle_timeout(Duration::from_secs(6))
    }

    /// Whom they trust, and what they speak.
    pub(crate) fn tls_config(&self) -> TlsConfig {
        let Some(version) = self.security.version() else {
            return TlsConfig::new();
        };
        let roots = match self.running {
            Running::Lab(_) => Roots::from_pem_file(lab_home().join("certs/ca.pem")),
            Running::Embedded { .. } => Roots::from_pem(Authority::shared().pem().as_bytes()),
        };
        TlsConfig::new()
            .trust(Trust::Roots(roots.unwrap()))
            .server_name("localhost")
            .min_version(version)
            .max_version(version)
    }

    /// Where a path of the served tree is on this machine.
    pub(crate) fn on_disk(&self, path: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join("root").join(path)
    }

    /// Puts a file into the served tree.
    pub(crate) fn put(&self, path: &str, content: &[u8]) {
        std::fs::write(self.on_disk(path), content).unwrap();
        self.hand_over(path);
    }

    /// Puts an empty directory into the served tree.
    pub(crate) fn put_directory(&self, path: &str) {
        std::fs::create_dir(self.on_disk(path)).unwrap();
        self.hand_over(path);
    }

    /// Gives what a test has put there to the account that the servers run under.
    pub(crate) fn hand_over(&self, path: &str) {
        if let Running::Lab(_) = self.running {
            chown(self.on_disk(path), Some(SHIP), Some(SHIP)).unwrap();
        }
    }
}

/// The lab's user.
const SHIP: u32 = 2121;

impl Drop for Running {
    fn drop(&mut self) {
        if let Self::Lab(process) = self {
            // The end of its input is what the lab waits for. If it is gone already, so is the server.
            drop(process.stdin.take());
            let _status = process.wait();
        }
    }
}

fn start_lab(
    server: &str,
    root: &Path,
    column: Column,
    security: Security,
) -> (SocketAddr, Running) {
    let mut command = lab();
    command.args(["start", server, "--until-eof", "--root"]);
    command.arg(root);
    if column.is_ipv6() {
        command.arg("--ipv6");
    }
    command.args(["--tls", security.mode()]);
    if security != Security::Clear && entry(server).is_some_and(|entry| entry["tls_reuse"] == true)
    {
        command.arg("--require-tls-reuse");
    }
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let stdout = process.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut ready).unwrap();
    let [_ready, host, port] = ready.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("the lab did not start {server}; it says why on stderr");
    };
    let address = SocketAddr::new(host.parse().unwrap(), port.parse().unwrap());
    (address, Running::Lab(process))
}

fn start_embedded(root: &Path, security: Security) -> (SocketAddr, Running) {
    let mode = if security.tls() == Tls::Implicit {
        Mode::Implicit
    } else {
        Mode::Explicit
    };
    let server = Server::builder()
        .root(root)
        .user("ship", "harbor")
        .tls(ServerTls {
            mode,
            reuse: Reuse::RequiredAsVsftpd,
            ..ServerTls::default()
        })
        .blocking_start()
        .unwrap();
    (server.addr(), Running::Embedded { _server: server })
}

fn lab() -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lab/wharf-lab"))
}

/// Where the lab keeps the software and the certificates.
fn lab_home() -> PathBuf {
    let home = std::env::var_os("LAB_HOME");
    home.map_or_else(|| PathBuf::from("/opt/wharf-lab"), PathBuf::from)
}

/// What the lab says about a server.
fn entry(server: &str) -> Option<&'static serde_json::Value> {
    static LIST: OnceLock<Vec<serde_json::Value>> = OnceLock::new();
    let list = LIST.get_or_init(|| {
        // A machine without the lab's interpreter has none of its servers either.
        let output = lab().args(["list", "--json"]).output().ok();
        output
            .and_then(|output| serde_json::from_slice(&output.stdout).ok())
            .unwrap_or_default()
    });
    list.iter().find(|entry| entry["name"] == server)
}

/// Whether the lab has the server.
///
/// # Panics
///
/// With `WHARF_LAB=required`, if it has not and the server is of tier 1.
fn is_installed(server: &str) -> bool {
    let entry = entry(server);
    let installed = entry.is_some_and(|entry| entry["installed"] == true);
    let required = std::env::var_os("WHARF_LAB").is_some_and(|value| value == "required");
    let tier = entry.map_or(1, |entry| entry["tier"].as_u64().unwrap_or(1));
    assert!(
        installed || !required || tier > 1,
        "{server} is not installed (lab/wharf-lab install), and WHARF_LAB=required"
    );
    installed
}

/// Stores a file from its first byte.
pub(crate) async fn store(
    client: &Client,
    path: impl Into<RemotePath>,
    content: &[u8],
) -> Result<Completion> {
    let mut upload = client.store_file(path).await?;
    upload.write_all(content).await.map_err(wharf::from_io)?;
    upload.finish().await
}

/// Retrieves a whole file.
pub(crate) async fn retrieve(client: &Client, path: impl Into<RemotePath>) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut download = client.retrieve_file(path).await?;
    download
        .read_to_end(&mut all)
        .await
        .map_err(wharf::from_io)?;
    Ok(all)
}

/// Fails unless the next reply is the next command's: nothing but PWD is answered 257.
pub(crate) async fn assert_in_step(client: &Client) {
    let reply = client.pwd().await.unwrap();
    assert_eq!(reply.code(), 257, "{reply}");
}

/// Fails unless the server did not know the command.
pub(crate) fn assert_unknown<T>(result: Result<T>, command: &str) {
    let error = result.err().expect("the server does not know it");
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert!(matches!(error.code().unwrap().get(), 500 | 502), "{error}");
    assert_eq!(error.command(), Some(command));
    assert!(!error.is_not_found());
}
