//! How a file is transferred, if not in the usual way.

use wharf_proto::op::{DataMode, Representation};

/// How a file is retrieved.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct RetrieveOptions {
    /// The byte to begin with (`REST`).
    pub offset: u64,
    /// `TYPE I` or `TYPE A`; text comes with local line ends.
    pub representation: Representation,
    /// How many bytes must come over the data connection. Fewer or more is
    /// [`Truncated`](crate::ErrorKind::Truncated).
    pub expected_size: Option<u64>,
    /// Passive or active, if other than the client's choice.
    pub mode: Option<DataMode>,
}

impl RetrieveOptions {
    /// Begins at this byte.
    #[doc(alias = "REST")]
    #[must_use]
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// In this representation.
    #[must_use]
    pub fn representation(mut self, representation: Representation) -> Self {
        self.representation = representation;
        self
    }

    /// Exactly this many bytes must come.
    #[must_use]
    pub fn expected_size(mut self, bytes: u64) -> Self {
        self.expected_size = Some(bytes);
        self
    }

    /// Over a data connection made in this way.
    #[must_use]
    pub fn mode(mut self, mode: DataMode) -> Self {
        self.mode = Some(mode);
        self
    }
}

/// How a file is stored.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct StoreOptions {
    /// The byte of the server's file to begin with (`REST`). What the file has from there on is
    /// overwritten; Pure-FTPd and libunftp cut it off.
    pub offset: u64,
    /// `TYPE I` or `TYPE A`; local line ends are sent as CRLF.
    pub representation: Representation,
    /// Passive or active, if other than the client's choice.
    pub mode: Option<DataMode>,
}

impl StoreOptions {
    /// Begins at this byte of the server's file.
    #[doc(alias = "REST")]
    #[must_use]
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// In this representation.
    #[must_use]
    pub fn representation(mut self, representation: Representation) -> Self {
        self.representation = representation;
        self
    }

    /// Over a data connection made in this way.
    #[must_use]
    pub fn mode(mut self, mode: DataMode) -> Self {
        self.mode = Some(mode);
        self
    }
}
