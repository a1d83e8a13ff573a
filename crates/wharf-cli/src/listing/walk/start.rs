//! Where a walk begins: with a directory, or with a file that the URL names instead.

use wharf::listing::Kind;
use wharf::{Entry, ListCommand, RemotePath};

use super::{Step, Walk, is_directory};
use crate::cmd::Context;
use crate::exit::Exit;
use crate::failure::{Expected, Failure, Next, is_answer, known};

impl Walk<'_> {
    /// Lists what the URL names.
    pub(super) async fn begin(&mut self, context: &mut Context<'_>) -> Result<Step, Failure> {
        let path = self.root.clone();
        if self.way.utc {
            self.find_zone(context, &path).await?;
        }
        let opened = self.open(context, &path).await?;
        let may_be_file = match &opened {
            Ok(reading) => reading.may_be_of_a_file(&path),
            Err(not_listed) => not_listed.refused && !self.url.is_directory(),
        };
        if may_be_file
            && !path.is_empty()
            && let Some(entry) = self.file(context, &path).await?
        {
            return self.begin_with_file(context, entry).await;
        }
        let reading = opened.map_err(|not_listed| not_listed.failure)?;
        if self.way.utc && self.zone.is_none() && reading.command() != ListCommand::Mlsd {
            context.printer.warn(format_args!(
                "{}: the zone of the server's clock cannot be found out; times are its own",
                self.url
            ));
        }
        self.push(path, None, reading);
        Ok(Step::Begin)
    }

    /// Begins with something that is no directory: a file, or a link that may lead to one.
    async fn begin_with_file(
        &mut self,
        context: &mut Context<'_>,
        entry: Entry,
    ) -> Result<Step, Failure> {
        if entry.kind() == Kind::Symlink {
            // As ls goes where a link in its arguments leads to. inetutils does so for a slash only.
            let inside = RemotePath::from([self.root.as_bytes(), b"/"].concat());
            match self.open(context, &inside).await? {
                Ok(reading) if !reading.may_be_of_a_file(&inside) => {
                    self.push(self.root.clone(), None, reading);
                    return Ok(Step::Begin);
                }
                _ => {}
            }
        }
        if self.url.is_directory() || !self.way.files {
            let failure = Failure::new(Exit::DirectoryNotFound, "it is a file, and no directory");
            return Err(failure.then(Next::Continue));
        }
        Ok(Step::File(entry))
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
