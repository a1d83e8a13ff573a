//! How a file is transferred or a directory listed, if not in the usual way.

use wharf_proto::listing::Dialect;
use wharf_proto::op::{DataMode, ListCommand, Representation};

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

/// How a directory is listed.
///
/// # Defaults
///
/// The best command that the server has, with everything in it that is there but `.` and `..`, in the
/// dialect that its lines show.
///
/// # Examples
///
/// ```
/// use wharf::{ListCommand, ListOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = wharf_testing::server::Server::builder().start().await?;
/// # std::fs::write(server.root().join(".hidden"), "")?;
/// # let client = wharf::Client::connect(&server.url()).await?;
/// let plain = ListOptions::default().command(ListCommand::List).hidden(false);
/// let mut listing = client.list_with("", plain).await?;
/// assert!(listing.next_entry().await.is_none());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ListOptions {
    /// Exactly this command, as it is: nothing is chosen, tried instead or confirmed.
    pub command: Option<ListCommand>,
    /// Whether names that begin with a dot are among the entries, as far as the server shows them. To see
    /// them all, `LIST` that was chosen goes out with `-a` where that does no harm.
    pub hidden: bool,
    /// Whether the directory itself and the one above it are among the entries, where the server lists them.
    pub dots: bool,
    /// With everything below the directory (`LIST -R`); [`Entry::section`](crate::Entry::section) tells
    /// where an entry is.
    pub recursive: bool,
    /// In which dialect `LIST` is to be read.
    pub dialect: Option<Dialect>,
    /// Passive or active, if other than the client's choice.
    pub mode: Option<DataMode>,
}

impl Default for ListOptions {
    fn default() -> Self {
        Self {
            command: None,
            hidden: true,
            dots: false,
            recursive: false,
            dialect: None,
            mode: None,
        }
    }
}

impl ListOptions {
    /// By this command and no other, whatever it is answered with.
    #[doc(alias = "LIST")]
    #[doc(alias = "MLSD")]
    #[doc(alias = "NLST")]
    #[must_use]
    pub fn command(mut self, command: ListCommand) -> Self {
        self.command = Some(command);
        self
    }

    /// With names that begin with a dot, or without.
    #[must_use]
    pub fn hidden(mut self, shown: bool) -> Self {
        self.hidden = shown;
        self
    }

    /// With `.` and `..`, or without.
    #[must_use]
    pub fn dots(mut self, shown: bool) -> Self {
        self.dots = shown;
        self
    }

    /// With everything below, or without.
    #[must_use]
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.recursive = recursive;
        self
    }

    /// Reads `LIST` in this dialect, whatever its lines look like.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = Some(dialect);
        self
    }

    /// Over a data connection made in this way.
    #[must_use]
    pub fn mode(mut self, mode: DataMode) -> Self {
        self.mode = Some(mode);
        self
    }
}
