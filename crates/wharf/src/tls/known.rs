//! Keys of servers that were met before: trust on first use.

use std::path::{Path, PathBuf};

use wharf_proto::error::{Error, ErrorKind};

use super::fingerprint::Fingerprint;

/// A file of the keys that servers had when they were first met.
#[derive(Clone, Debug)]
pub struct KnownKeys {
    path: PathBuf,
}

impl KnownKeys {
    /// The keys in this file, which need not exist yet.
    ///
    /// # Errors
    ///
    /// [`Io`](ErrorKind::Io) if it cannot be read, and [`InvalidInput`](ErrorKind::InvalidInput) if a line
    /// in it is not understood.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        Ok(Self { path: path.into() })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this key may be the server's: it is known, or the server is not.
    pub(crate) fn check(&self, _host: &str, _port: u16, _key: Fingerprint) -> Result<(), Error> {
        Err(Error::new(ErrorKind::Unsupported, "not yet"))
    }
}
