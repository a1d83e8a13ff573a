//! Where a walk begins: with a directory, or with a file that the URL names instead.

use wharf::listing::Kind;
use wharf::{Entry, ListCommand, RemotePath};

use super::{Step, Walk, is_directory};
use crate::cmd::Context;
use crate::failure::{Expected, Failure, is_answer, known};
use crate::listing::reading::NotListed;

impl Walk<'_> {
    /// Lists what the URL names.
    pub(super) async fn begin(&mut self, context: &mut Context<'_>) -> Result<Step, Failure> {
        let path = self.root.clone();
        if self.way.utc {
            self.find_zone(context, &path).await?;
        }
        let may_be_file = !path.is_empty() && !self.url.is_directory();
        match self.open(context, &path).await? {
            Ok(reading) => {
                if self.way.utc && self.zone.is_none() && reading.command() != ListCommand::Mlsd {
                    context.printer.warn(format_args!(
                        "{}: the zone of the server's clock cannot be found out; times are its own",
                        self.url
                    ));
                }
                // LIST of a file is a listing with that file in it, and so is a directory with a file
                // of its own name.
                if may_be_file
                    && reading.is_only(&path)
                    && let Some(entry) = self.file(context, &path).await?
                {
                    return Ok(Step::File(entry));
                }
                self.push(path, None, reading);
                Ok(Step::Begin)
            }
            Err(NotListed { failure, refused }) => {
                if may_be_file
                    && refused
                    && let Some(entry) = self.file(context, &path).await?
                {
                    return Ok(Step::File(entry));
                }
                Err(failure)
            }
        }
    }

    /// What the URL names, if the server says that this is something other than a directory.
    async fn file(
        &mut self,
        context: &mut Context<'_>,
        path: &RemotePath,
    ) -> Result<Option<Entry>, Failure> {
        let client = context.connections.to(self.url).await?;
        match client.stat(path).await {
            Ok(entry) => {
                let is_file = !is_directory(&entry) && entry.kind() != Kind::Unknown;
                Ok(is_file.then_some(entry))
            }
            Err(error) if is_answer(&error) => Ok(None),
            Err(error) => Err(Failure::remote(&error, Expected::File)),
        }
    }

    /// Finds out how far the server's clock is from UTC, if its listings do not tell.
    async fn find_zone(
        &mut self,
        context: &mut Context<'_>,
        path: &RemotePath,
    ) -> Result<(), Failure> {
        let client = context.connections.to(self.url).await?;
        let failed = |error| Failure::remote(&error, Expected::Directory);
        if client.features().await.map_err(failed)?.supports_mlst() {
            return Ok(());
        }
        // A directory that cannot be listed is told of when it is.
        self.zone = known(client.detect_zone(path).await)?.flatten();
        Ok(())
    }
}
