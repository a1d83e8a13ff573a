//! `get` and `cat`.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt as _;
use wharf::{Client, Download, ErrorKind, FtpUrl, Representation, RetrieveOptions, Timestamp};

use super::{Context, Facts, Item, facts};
use crate::copy;
use crate::credentials::Account;
use crate::exit::Exit;
use crate::failure::{Expected, Failure, Next};
use crate::local::{self, Existing, Replacement, Target};
use crate::partial::{OVERLAP, Origin, Partial};

/// A file to download.
#[derive(Debug)]
pub(crate) struct Fetch {
    pub(crate) url: FtpUrl,
    pub(crate) to: To,
    pub(crate) options: Options,
}

/// Where it goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum To {
    Stdout,
    File(PathBuf),
}

/// How it is done.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) existing: Existing,
    pub(crate) resume: bool,
    pub(crate) remote_time: bool,
    pub(crate) create_dirs: bool,
    pub(crate) representation: Representation,
}

impl Item for Fetch {
    fn name(&self) -> String {
        self.url.to_string()
    }

    fn explain(&self, failure: Failure) -> Failure {
        match &self.to {
            To::File(target) if self.options.resume => {
                let part = Partial::path_for(target);
                match fs::symlink_metadata(&part) {
                    Ok(found) if found.is_file() && found.len() > 0 => failure.advise(format!(
                        "what has come is kept in {}: the same command goes on from there",
                        local::shown(&part)
                    )),
                    _ => failure,
                }
            }
            _ => failure,
        }
    }
}

/// Downloads one file.
pub(crate) async fn fetch(context: &mut Context<'_>, fetch: &Fetch) -> Result<(), Failure> {
    let options = fetch.options;
    let path = match &fetch.to {
        To::Stdout => {
            let stdout = context.printer.data_file()?;
            let remote = Remote::ask(context, fetch).await?;
            let download = remote.retrieve(0).await?;
            return remote.receive(context, download, stdout, 0, None).await;
        }
        To::File(path) => path,
    };
    let failed = |error| Failure::local(path, &error);
    if options.create_dirs {
        fs::create_dir_all(local::directory_of(path)).map_err(failed)?;
    }
    match local::target(path).map_err(failed)? {
        Target::Old if options.existing == Existing::Refuse => return Err(exists(path)),
        Target::Old if options.existing == Existing::Skip => {
            context
                .printer
                .note(format_args!("{}: is there already", local::shown(path)));
            return Ok(());
        }
        Target::Device => {
            let device = path.clone();
            let open = move || OpenOptions::new().write(true).open(device);
            let device = local::apart(open).await.map_err(failed)?;
            let remote = Remote::ask(context, fetch).await?;
            let download = remote.retrieve(0).await?;
            return remote
                .receive(context, download, device, 0, Some(path))
                .await;
        }
        Target::Old | Target::New => {}
    }
    let installed = if options.resume {
        let remote = Remote::ask(context, fetch).await?;
        resume(context, &remote, path).await?
    } else {
        // First of all, so that a directory we cannot write to is found out before the server is
        // asked for anything.
        let replacement = Replacement::beside(path).map_err(failed)?;
        let writer = replacement.writer().map_err(failed)?;
        let time = writer.try_clone().map_err(failed)?;
        let remote = Remote::ask(context, fetch).await?;
        let download = remote.retrieve(0).await?;
        remote
            .receive(context, download, writer, 0, Some(path))
            .await?;
        remote.set_time(context, &time).map_err(failed)?;
        replacement.commit(path, options.existing)
    };
    let installed = installed.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists if options.existing == Existing::Refuse => exists(path),
        _ => Failure::local(path, &error),
    })?;
    if !installed {
        context
            .printer
            .note(format_args!("{}: is there already", local::shown(path)));
    }
    Ok(())
}

/// A file at the server, and what it is there.
struct Remote<'a> {
    fetch: &'a Fetch,
    client: Client,
    facts: Facts,
}

impl<'a> Remote<'a> {
    async fn ask(context: &mut Context<'_>, fetch: &'a Fetch) -> Result<Self, Failure> {
        let client = context.connections.to(&fetch.url).await?;
        // How long a text is on the wire, SIZE does not say.
        let facts = if fetch.options.representation == Representation::Image {
            let with_time = fetch.options.resume || fetch.options.remote_time;
            facts(&client, &fetch.url.remote_path(), with_time).await?
        } else {
            context.connections.note_text();
            Facts {
                size: None,
                modified: None,
            }
        };
        Ok(Self {
            fetch,
            client,
            facts,
        })
    }

    /// Begins to retrieve it from this byte on.
    async fn retrieve(&self, offset: u64) -> Result<Download, Failure> {
        let options = self.retrieve_options(offset);
        let download = self
            .client
            .retrieve_file_with(self.fetch.url.remote_path(), options)
            .await;
        download.map_err(|error| Failure::remote(&error, Expected::File))
    }

    fn retrieve_options(&self, offset: u64) -> RetrieveOptions {
        let options = RetrieveOptions::default()
            .offset(offset)
            .representation(self.fetch.options.representation);
        match self.facts.size {
            // An offset beyond the end would leave nothing to come.
            Some(size) => options.expected_size(size.saturating_sub(offset)),
            None => options,
        }
    }

    /// Writes the rest of it, of which `done` bytes are there, and says so on a terminal.
    async fn receive(
        &self,
        context: &Context<'_>,
        mut download: Download,
        sink: File,
        done: u64,
        local: Option<&Path>,
    ) -> Result<(), Failure> {
        let name = match local {
            Some(path) => local::shown(path).to_string(),
            None => self.fetch.url.to_string(),
        };
        let progress = context.printer.progress(&name, self.facts.size, done);
        let copied = copy::download(&mut download, sink, &progress).await;
        let bytes = copied.map_err(|error| {
            let failure = Failure::copy(error, local, Expected::File);
            match download.bytes() {
                0 => failure,
                _ => failure.once(),
            }
        })?;
        let summary = progress.finish(bytes);
        if local.is_some() {
            context.printer.note(format_args!("{name}: {summary}"));
        }
        Ok(())
    }

    /// Gives the file the remote time, if that is wanted.
    fn set_time(&self, context: &Context<'_>, file: &File) -> io::Result<()> {
        if !self.fetch.options.remote_time {
            return Ok(());
        }
        if let Some(time) = self.facts.modified.and_then(|time| time.to_system_time()) {
            return file.set_modified(time);
        }
        let url = &self.fetch.url;
        context
            .printer
            .warn(format_args!("{url}: the server does not tell its time"));
        Ok(())
    }
}

/// Downloads into the part that an earlier run left, or begins one.
async fn resume(
    context: &mut Context<'_>,
    remote: &Remote<'_>,
    target: &Path,
) -> Result<io::Result<bool>, Failure> {
    let part = Partial::path_for(target);
    let failed = |error| Failure::local(&part, &error);
    let origin = remote.facts.size.map(|size| Origin {
        url: identity(
            &context.connections.account(&remote.fetch.url),
            &remote.fetch.url,
        ),
        size,
        modified: remote.facts.modified.as_ref().map(Timestamp::to_string),
    });
    let mut partial = Partial::open(target, origin.as_ref()).map_err(failed)?;
    let continued = match partial.length() {
        0 => None,
        _ => match rejoin(remote, &partial).await? {
            Rejoined::Yes(download) => Some(*download),
            Rejoined::No(reason) => {
                context.printer.warn(format_args!(
                    "{}: {reason}: starting over",
                    remote.fetch.url
                ));
                partial.restart(origin.as_ref()).map_err(failed)?;
                None
            }
        },
    };
    let resumed = continued.is_some();
    let download = match continued {
        Some(download) => download,
        None => remote.retrieve(0).await?,
    };
    let writer = partial.writer().map_err(failed)?;
    let time = writer.try_clone().map_err(failed)?;
    remote
        .receive(context, download, writer, partial.length(), Some(target))
        .await?;
    if resumed {
        // It is one file only if it was the same one from the first question to the last byte.
        let now = facts(&remote.client, &remote.fetch.url.remote_path(), true).await?;
        if now != remote.facts {
            partial.discard().map_err(failed)?;
            return Err(Failure::new(
                Exit::Mismatch,
                "the file changed during the transfer",
            ));
        }
    }
    remote.set_time(context, &time).map_err(failed)?;
    Ok(partial.commit(target, remote.fetch.options.existing))
}

/// Whether a part was found to be the beginning of the remote file.
enum Rejoined {
    /// The download stands where the part ends.
    Yes(Box<Download>),
    /// It was not, for this reason.
    No(&'static str),
}

/// Fetches the end of a part again and compares.
async fn rejoin(remote: &Remote<'_>, partial: &Partial) -> Result<Rejoined, Failure> {
    let tail = partial
        .tail()
        .map_err(|error| Failure::local_stream(&error))?;
    let offset = partial.length() - partial.length().min(OVERLAP);
    let options = remote.retrieve_options(offset);
    let path = remote.fetch.url.remote_path();
    let mut download = match remote.client.retrieve_file_with(path, options).await {
        Ok(download) => download,
        Err(error)
            if error
                .command()
                .is_some_and(|command| command.starts_with("REST")) =>
        {
            return Ok(Rejoined::No(
                "the server cannot begin in the middle of a file",
            ));
        }
        Err(error) => return Err(Failure::remote(&error, Expected::File)),
    };
    let mut repeated = vec![0; tail.len()];
    match download.read_exact(&mut repeated).await {
        Ok(_) if repeated == tail => Ok(Rejoined::Yes(Box::new(download))),
        Ok(_) => {
            // The next command waits until this is over, so its outcome need not be looked at: a
            // lost connection shows there.
            let _ = download.abort().await;
            Ok(Rejoined::No("what was kept is not how the file begins"))
        }
        Err(error) => {
            let error = wharf::from_io(error);
            if error.root().kind() == ErrorKind::Truncated {
                Ok(Rejoined::No(
                    "the server did not begin where it was asked to",
                ))
            } else {
                Err(Failure::remote(&error, Expected::File).then(Next::Reconnect))
            }
        }
    }
}

/// The URL as a record of where a part came from: without the password, and however it is encrypted.
fn identity(account: &Account, url: &FtpUrl) -> String {
    let user = url.user().unwrap_or("anonymous");
    let (host, port) = (&account.host, account.port);
    format!("ftp://{user}@{host}:{port}/{}", url.remote_path())
}

fn exists(path: &Path) -> Failure {
    Failure::new(
        Exit::LocalFile,
        "is there already, and --no-clobber keeps it",
    )
    .about(local::shown(path).to_string())
    .then(Next::Continue)
}
