//! The zone of the server's clock.

use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::listing::{Entry, Kind, Modified, Parsed, Precision, ServerZone, Zone};
use wharf_proto::op::ListCommand;
use wharf_proto::path::RemotePath;

use super::Client;
use crate::options::ListOptions;

/// How many files are asked for. One may have changed since it was listed; not all of them have.
const FILES: usize = 5;

impl Client {
    /// Finds out the zone of the server's clock by a directory with files in it: what `LIST` says of one is the
    /// server's local time, and what `MDTM` says is UTC. Listings that are called from then on come out in UTC, on
    /// this connection, where they are exact to the minute; `MLSD` is in UTC anyway.
    ///
    /// `None` if nothing in the directory tells: `ls -l` has the time of day only for files of the last months, and
    /// not every server has `MDTM`.
    ///
    /// # Errors
    ///
    /// As of [`list`](Self::list); that a file cannot be asked for is none.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves things as they were.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = wharf_testing::server::Server::builder().start().await?;
    /// # std::fs::write(server.root().join("README"), "ahoy")?;
    /// # let client = wharf::Client::connect(&server.url()).await?;
    /// let zone = client.detect_zone("").await?;
    /// assert_eq!(zone.map(|zone| zone.minutes()), Some(0));
    /// # Ok(()) }
    /// ```
    #[doc(alias = "MDTM")]
    pub async fn detect_zone(
        &self,
        directory: impl Into<RemotePath>,
    ) -> Result<Option<ServerZone>, Error> {
        let directory = directory.into();
        for (name, listed) in self.dated_files(&directory).await? {
            let known = match self.mdtm(directory.join(name)).await {
                Ok(known) => known,
                Err(error) if is_answer(&error) => continue,
                Err(error) => return Err(error),
            };
            if let Some(zone) = ServerZone::between(listed, known) {
                self.set_zone(Some(zone));
                return Ok(Some(zone));
            }
        }
        Ok(None)
    }

    /// Tells the zone of the server's clock, if it is known otherwise; `None` forgets it. It counts for listings
    /// that are called from now on, on this connection.
    pub fn set_zone(&self, zone: Option<ServerZone>) {
        self.knowledge().set_zone(zone);
    }

    /// Some files of a directory, with the local times that LIST has of them.
    async fn dated_files(&self, directory: &RemotePath) -> Result<Vec<(Vec<u8>, Modified)>, Error> {
        let options = ListOptions::default().command(ListCommand::List);
        let mut listing = self.listing_in(directory, options, None).await?;
        let mut files = Vec::new();
        while let Some(item) = listing.next_entry().await {
            if let Parsed::Entry(entry) = item?
                && let Some(listed) = local_time(&entry)
            {
                files.push((entry.name().to_vec(), listed));
            }
            if files.len() == FILES {
                break;
            }
        }
        Ok(files)
    }
}

fn local_time(entry: &Entry) -> Option<Modified> {
    entry
        .modified()
        .filter(|listed| listed.precision >= Precision::Minute && listed.zone == Zone::Unknown)
        .filter(|_| entry.kind() == Kind::File && !entry.name().contains(&b'/'))
}

/// Whether an error is the server's answer, and not the end of the session or the like.
pub(super) fn is_answer(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::CommandFailed | ErrorKind::BadResponse
    )
}
