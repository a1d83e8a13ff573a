//! The secrets of every handshake in a file, for those who look into recorded traffic.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::KeyLog;
use wharf_proto::error::{Error, ErrorKind};

use super::pem;

/// A file in the format of NSS's key log, which Wireshark reads.
#[derive(Debug)]
pub(crate) struct KeyLogFile {
    file: File,
    broken: AtomicBool,
}

impl KeyLogFile {
    /// Opens it, to append to; if it is new, nobody else may read it.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| {
            let message = format!("the key log {} cannot be opened", pem::origin(path));
            Error::new(ErrorKind::Io, message).with_source(error)
        })?;
        Ok(Self {
            file,
            broken: AtomicBool::new(false),
        })
    }
}

impl KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!(
            "{label} {} {}\n",
            hexadecimal(client_random),
            hexadecimal(secret)
        );
        // One write a line: other connections and other processes append to the same file.
        if let Err(error) = (&self.file).write_all(line.as_bytes())
            && !self.broken.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(%error, "the key log cannot be written and is not complete");
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
