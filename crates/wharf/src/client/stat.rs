//! What a path is, by whatever the server has to tell it.
//!
//! ```text
//! MLST ──500,502,504──▶ SIZE, MDTM ─▶ the parent's listing ─ its line ─▶ told
//!   │                                   └ no line of it ─▶ CWD has an answer, or SIZE had ─▶ told
//!   └─▶ told, or refused                                     └ neither ─▶ refused
//! ```

use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::listing::{
    Entry, Kind, Modified, Parsed, Precision, Zone, parse_mlst_reply, parse_mlsx_line,
};
use wharf_proto::op::{Op, Presence, Representation, Simple, is_not_offered};
use wharf_proto::path::RemotePath;
use wharf_proto::time::Timestamp;

use super::submit::invalid;
use super::zone::is_answer;
use super::{Client, read_size};
use crate::queued::Queued;

impl Client {
    /// What the server tells of a file or directory: by `MLST`, else by `SIZE`, `MDTM` and its line in the
    /// listing of the directory above.
    ///
    /// The entry's name is what the server calls it: the path, or its last part. Where nothing but `SIZE`,
    /// `MDTM` and `CWD` tells of it, the entry is made of their answers, in the form of an `MLST` line; it is of
    /// [`Kind::Unknown`] if the server does not allow to find out more.
    ///
    /// # Errors
    ///
    /// The server's refusal, with its words, if nothing is there; see [`Error::is_not_found`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future sends nothing more; a command that was sent runs on.
    ///
    /// # Examples
    ///
    /// ```
    /// use wharf::listing::Kind;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = wharf_testing::server::Server::builder().start().await?;
    /// # std::fs::write(server.root().join("README"), "ahoy")?;
    /// # let client = wharf::Client::connect(&server.url()).await?;
    /// let entry = client.stat("README").await?;
    /// assert_eq!((entry.kind(), entry.size()), (Kind::File, Some(4)));
    /// assert!(client.stat("nothing").await.unwrap_err().is_not_found());
    /// # Ok(()) }
    /// ```
    #[doc(alias = "MLST")]
    #[doc(alias = "SIZE")]
    #[doc(alias = "MDTM")]
    pub async fn stat(&self, path: impl Into<RemotePath>) -> Result<Entry, Error> {
        // Names in listings are bytes, among which its own is looked for.
        let path = RemotePath::from(self.wire_path(&path.into())?);
        // MLST without a path means the working directory, and so does this.
        let path = if path.is_empty() {
            RemotePath::from(".")
        } else {
            path
        };
        let told = self.query_as("MLST", &path, Simple::if_offered, parse_mlst_reply);
        match told.await {
            Err(error) if leaves_open(&error) => self.piece_together(&path).await.map(as_asked),
            told => told.map(as_asked),
        }
    }

    async fn piece_together(&self, path: &RemotePath) -> Result<Entry, Error> {
        let (size, modified) = (self.image_size(path), self.mdtm(path));
        let (size, modified) = (answered(size.await)?, answered(modified.await)?);
        let named = match (path.file_name(), path.parent()) {
            (Some(name), Some(parent)) => self.find(&parent, name, size.is_ok()).await?,
            // A root has no line, and `..` not the one that it seems to.
            _ => None,
        };
        let modified = modified.ok().map(in_utc);
        let entry = match (named, size) {
            (Some(entry), Ok(size)) if !is_directory(&entry) => entry.with_size(size),
            (Some(entry), _) => entry,
            // Twisted and ftp-srv have a size for directories too.
            (None, size) => match (answered(self.presence(path).await)?, size) {
                (Ok(()), _) => made_up("type=dir;", path)?,
                // Who may not enter it is not told that it cannot be entered.
                (Err(refusal), Ok(size)) if refusal.is_permission_denied() => {
                    made_up(&format!("size={size};"), path)?
                }
                (Err(_), Ok(size)) => made_up(&format!("type=file;size={size};"), path)?,
                (Err(_), Err(refusal)) if refusal.is_not_found() => return Err(refusal),
                (Err(missing), Err(_)) => return Err(missing),
            },
        };
        Ok(match modified {
            Some(modified) => entry.with_modified(modified),
            None => entry,
        })
    }

    /// Its line in the listing of the directory above; none if that cannot be listed.
    async fn find(
        &self,
        parent: &RemotePath,
        name: &[u8],
        has_size: bool,
    ) -> Result<Option<Entry>, Error> {
        let Ok(mut listing) = answered(self.list(parent).await)? else {
            return Ok(None);
        };
        let mut found: Option<Entry> = None;
        while let Some(item) = listing.next_entry().await {
            let Ok(item) = answered(item)? else {
                return Ok(found);
            };
            let Parsed::Entry(entry) = item else {
                continue;
            };
            // NLST names the directory too. Of two with one name, a size is not the directory's.
            let is_it = entry.name().rsplit(|&byte| byte == b'/').next() == Some(name);
            let is_better = found
                .as_ref()
                .is_none_or(|found| has_size && is_directory(found));
            if is_it && is_better {
                found = Some(entry);
            }
        }
        Ok(found)
    }

    /// SIZE in bytes as they are: some servers refuse it in `TYPE A`, others count the line ends.
    fn image_size(&self, path: &RemotePath) -> Queued<u64> {
        let image = |simple: Simple| simple.represented_as(Representation::Image);
        self.query_as("SIZE", path, image, |reply| {
            read_size(reply.lines().last()?)
        })
    }

    /// Whether it is a directory.
    async fn presence(&self, path: &RemotePath) -> Result<(), Error> {
        let presence = Presence::new(&self.wire_path(path)?).map_err(invalid)?;
        let _reply = self.queue_reply(Op::Presence(Box::new(presence))).await?;
        Ok(())
    }
}

/// A result, or the server's no; any other failure is one of the session.
fn answered<T>(result: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match result {
        Err(error) if !is_answer(&error) && error.kind() != ErrorKind::Unsupported => Err(error),
        result => Ok(result),
    }
}

/// Whether MLST has told nothing, so that others may: it is not there, or not in this form, or was answered with
/// what is not understood.
fn leaves_open(error: &Error) -> bool {
    let is_syntax = error.code().is_some_and(|code| code == 501) && !error.is_not_found();
    matches!(
        error.kind(),
        ErrorKind::Unsupported | ErrorKind::BadResponse
    ) || is_syntax
        || is_not_offered(error)
}

/// What is listed in a directory may be that directory or the one above; what was asked for by its name is a
/// directory like any. Pure-FTPd calls a root the one above.
fn as_asked(entry: Entry) -> Entry {
    if is_directory(&entry) {
        entry.with_kind(Kind::Directory)
    } else {
        entry
    }
}

fn is_directory(entry: &Entry) -> bool {
    matches!(
        entry.kind(),
        Kind::Directory | Kind::CurrentDirectory | Kind::ParentDirectory
    )
}

/// An entry of what is known by other commands than listings.
fn made_up(facts: &str, path: &RemotePath) -> Result<Entry, Error> {
    let line = [facts.as_bytes(), b" ", path.as_bytes()].concat();
    parse_mlsx_line(&line).ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            "the path cannot be the name of an entry",
        )
    })
}

/// MDTM's answer, which is UTC (RFC 3659 §2.3).
fn in_utc(time: Timestamp) -> Modified {
    let precision = if time.subsec_nanos() > 0 {
        Precision::Fraction
    } else {
        Precision::Second
    };
    Modified {
        time,
        precision,
        zone: Zone::Utc,
    }
}
