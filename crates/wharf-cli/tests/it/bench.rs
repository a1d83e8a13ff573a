//! A server, a directory to work in, and the command.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;
use wharf_testing::script::Script;
use wharf_testing::server::{Options, Server, ServerTls};
use wharf_testing::tls::authority::Authority;

/// A running server, and a local directory in which the command runs.
pub(crate) struct Bench {
    pub(crate) server: Server,
    local: TempDir,
}

impl Bench {
    /// An honest server for anonymous users.
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    /// A server with knobs turned.
    pub(crate) fn with(options: Options) -> Self {
        let server = Server::builder().options(options).blocking_start().unwrap();
        Self::around(server)
    }

    /// A server that lets in nobody but `ship`, whose password is [`PASSWORD`].
    pub(crate) fn with_user(options: Options) -> Self {
        let builder = Server::builder().user("ship", PASSWORD).options(options);
        Self::around(builder.blocking_start().unwrap())
    }

    /// A server with TLS, for everybody and for `ship`. Its authority is in `ca.pem`.
    pub(crate) fn with_tls(tls: ServerTls) -> Self {
        Self::with_tls_and(tls, Options::default())
    }

    /// The same with knobs turned.
    pub(crate) fn with_tls_and(tls: ServerTls, options: Options) -> Self {
        let builder = Server::builder().user("ship", PASSWORD).anonymous(true);
        let builder = builder.options(options).tls(tls);
        let bench = Self::around(builder.blocking_start().unwrap());
        bench.local("ca.pem", Authority::shared().pem());
        bench
    }

    fn around(server: Server) -> Self {
        let local = TempDir::new().unwrap();
        Self { server, local }
    }

    /// Puts a file at the server.
    pub(crate) fn remote(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.server.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    /// Puts a file into the local directory.
    pub(crate) fn local(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.path(name), contents).unwrap();
    }

    /// A path in the local directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.local.path().join(name)
    }

    /// The contents of a local file, which is text.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The contents of a file at the server, which is text.
    pub(crate) fn read_remote(&self, name: &str) -> String {
        fs::read_to_string(self.server.root().join(name)).unwrap()
    }

    /// The names in the local directory, hidden ones included.
    pub(crate) fn names(&self) -> Vec<String> {
        names(self.local.path())
    }

    /// The command, ready to run. `HOST` in an argument is the server's address.
    pub(crate) fn command(&self, line: &str) -> Command {
        let address = self.server.addr().to_string();
        command(
            self.local.path(),
            line.split(' ').map(|word| word.replace("HOST", &address)),
        )
    }

    /// Runs the command to its end. The words of `line` are separated by blanks.
    pub(crate) fn run(&self, line: &str) -> String {
        self.shown(&self.command(line).output().unwrap())
    }

    /// As [`run`](Self::run), with the password of `ship` in the environment.
    pub(crate) fn run_with_password(&self, line: &str) -> String {
        let mut command = self.command(line);
        self.shown(&command.env("WHARF_PASSWORD", PASSWORD).output().unwrap())
    }

    /// As [`run`](Self::run), with this on standard input.
    pub(crate) fn run_with_input(&self, line: &str, input: &[u8]) -> String {
        let mut child = self.command(line).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        self.wait(child)
    }

    /// Waits for the end of a command that was spawned.
    pub(crate) fn wait(&self, child: Child) -> String {
        self.shown(&child.wait_with_output().unwrap())
    }

    /// A run as one text.
    pub(crate) fn shown(&self, output: &Output) -> String {
        let directory = self.local.path().to_str().unwrap();
        shown(output, self.server.addr()).replace(directory, "LOCAL")
    }
}

/// What must never be seen anywhere.
pub(crate) const PASSWORD: &str = "swordfish";

/// The command in a directory, with nothing of the environment but what it needs.
pub(crate) fn command<S: AsRef<OsStr>>(
    directory: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wharf"));
    command
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("HOME", directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A run as one text, addresses replaced. No output ever holds the password.
pub(crate) fn shown(output: &Output, server: SocketAddr) -> String {
    let mut text = match output.status.code() {
        Some(code) => format!("exit {code}"),
        None => format!("{}", output.status),
    };
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if !bytes.is_empty() {
            let shown = String::from_utf8_lossy(bytes).replace(&server.to_string(), "HOST");
            write!(text, "\n--- {name}\n{}", shown.trim_end_matches('\n')).unwrap();
        }
    }
    assert!(!text.contains(PASSWORD), "a password was shown:\n{text}");
    without_data_ports(&text)
}

/// Replaces the port in `(|||40001|)`.
fn without_data_ports(text: &str) -> String {
    let mut pieces = text.split("(|||");
    let mut result = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (_port, rest) = piece.split_once('|').unwrap();
        write!(result, "(|||DATA|{rest}").unwrap();
    }
    result
}

/// Runs the command against a script that is played to its end.
pub(crate) fn against_script(script: &str, line: &str) -> String {
    against_script_in(tempfile::tempdir().unwrap().path(), script, line)
}

/// The same in this directory.
pub(crate) fn against_script_in(directory: &Path, script: &str, line: &str) -> String {
    play(directory, Script::new(script), line)
}

/// The same with a script for each connection.
pub(crate) fn against_scripts(scripts: &[&str], line: &str) -> String {
    let (first, others) = scripts.split_first().unwrap();
    let first = Script::new(*first);
    let script = others.iter().fold(first, |script, next| script.then(*next));
    play(tempfile::tempdir().unwrap().path(), script, line)
}

fn play(directory: &Path, script: Script, line: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = script.play().await;
        let address = server.addr();
        let words = line
            .split(' ')
            .map(|word| word.replace("HOST", &address.to_string()));
        let mut command = command(directory, words);
        let output = tokio::task::spawn_blocking(move || command.output())
            .await
            .unwrap()
            .unwrap();
        server.finished().await;
        shown(&output, address)
    })
}

/// The names in a directory, sorted.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Bytes that differ at every place within reach of an error.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| u8::try_from((at * 7 + at / 251) % 256).unwrap())
        .collect()
}

/// Waits until `done`, for as long as `child` runs; for what no output tells of.
pub(crate) fn wait_until(child: &mut Child, done: impl Fn() -> bool) {
    while !done() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "the command ended too early"
        );
        std::thread::yield_now();
    }
}
