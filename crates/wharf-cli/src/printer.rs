//! The one place that prints. Data goes to standard output, talk to standard error.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write as _};
use std::os::fd::AsFd as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wharf::Encoding;

use crate::failure::Failure;
use crate::names;
use crate::progress::Progress;

/// Standard output and standard error, and what may be shown there.
#[derive(Debug)]
pub(crate) struct Printer {
    data: Mutex<BufWriter<Stdout>>,
    data_on_terminal: bool,
    talk: Talk,
    encoding: Encoding,
}

/// What is said on standard error: each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Talk {
    Errors,
    Warnings,
    /// What was done, for a person to read.
    Notes,
    ProgressBars,
}

impl Printer {
    /// For this process; `silent` leaves only errors, `verbose` takes the place of progress bars.
    /// What servers call their files is in `encoding`.
    pub(crate) fn new(silent: bool, verbose: bool, encoding: Encoding) -> Self {
        Self {
            encoding,
            data: Mutex::new(BufWriter::new(io::stdout())),
            data_on_terminal: io::stdout().is_terminal(),
            talk: match (silent, io::stderr().is_terminal(), verbose) {
                (true, _, _) => Talk::Errors,
                (false, false, _) => Talk::Warnings,
                (false, true, true) => Talk::Notes,
                (false, true, false) => Talk::ProgressBars,
            },
        }
    }

    /// Text of ours, as it is.
    pub(crate) fn data(&self, text: &str) -> Result<(), Failure> {
        self.write(text.as_bytes())
    }

    /// A line of a server's: the bytes as they are in a pipe, escaped on a terminal.
    pub(crate) fn data_line(&self, line: &[u8]) -> Result<(), Failure> {
        if self.data_on_terminal {
            self.data(&format!("{}\n", names::shown(line, self.encoding)))
        } else {
            self.write(line)?;
            self.write(b"\n")
        }
    }

    /// Bytes of a server's as they are, wherever they go.
    pub(crate) fn data_bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.write(bytes)
    }

    /// Whether it is a person who reads the data.
    pub(crate) fn is_read_by_a_person(&self) -> bool {
        self.data_on_terminal
    }

    /// Standard output for a whole file, past the buffer, which is emptied first.
    pub(crate) fn data_file(&self) -> Result<File, Failure> {
        self.flush()?;
        let descriptor = io::stdout().as_fd().try_clone_to_owned();
        descriptor
            .map(File::from)
            .map_err(|error| Failure::local_stream(&error))
    }

    /// Brings all data out. A command is done only when this has worked.
    pub(crate) fn flush(&self) -> Result<(), Failure> {
        self.buffer()
            .flush()
            .map_err(|error| Failure::local_stream(&error))
    }

    /// Something to know that is no failure.
    pub(crate) fn warn(&self, message: impl fmt::Display) {
        if self.talk >= Talk::Warnings {
            talk(&format!("wharf: {message}"));
        }
    }

    /// A word about what was done, for a person: on a terminal only.
    pub(crate) fn note(&self, message: impl fmt::Display) {
        if self.talk >= Talk::Notes {
            talk(&message.to_string());
        }
    }

    /// A failure, whatever the flags.
    pub(crate) fn failure(&self, failure: &Failure) {
        // What was printed before stands before it.
        let _ = self.flush();
        if let Some(text) = failure.text() {
            talk(&text);
        }
    }

    /// A progress bar, if there is somebody to see it.
    pub(crate) fn progress(&self, name: &str, total: Option<u64>, done: u64) -> Progress {
        if self.talk >= Talk::ProgressBars {
            Progress::bar(name, total, done)
        } else {
            Progress::hidden()
        }
    }

    fn buffer(&self) -> MutexGuard<'_, BufWriter<Stdout>> {
        // A panic cannot leave half a line: each write is one call.
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.buffer().write_all(bytes);
        written.map_err(|error| Failure::local_stream(&error))
    }
}

/// A line on standard error. If that cannot be written there is nobody to tell.
fn talk(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
