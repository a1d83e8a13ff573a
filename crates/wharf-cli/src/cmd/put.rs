//! `put`.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt as _;
use wharf::{Client, FtpUrl, RemotePath, Representation, RetrieveOptions, StoreOptions, Upload};

use super::{Context, Item, facts, mkdir};
use crate::copy;
use crate::exit::Exit;
use crate::failure::{Expected, Failure, Next, is_answer};
use crate::local;
use crate::partial::OVERLAP;

/// A file to upload.
#[derive(Debug)]
pub(crate) struct Sending {
    pub(crate) from: Input,
    pub(crate) url: FtpUrl,
    /// What the URL means for this file.
    pub(crate) to: RemotePath,
    pub(crate) options: Options,
}

/// Where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Stdin,
    File(PathBuf),
}

/// How it is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) how: How,
    pub(crate) create_dirs: bool,
    pub(crate) representation: Representation,
}

/// What becomes of a remote file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// It is replaced.
    Store,
    /// It is the beginning of the local one, and the rest is sent.
    Resume,
    /// What is sent goes behind it.
    Append,
}

impl Item for Sending {
    fn name(&self) -> String {
        format!("{} to {}", self.from.name(), self.url)
    }
}

impl Input {
    fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => local::shown(path).to_string(),
        }
    }
}

/// Uploads one file.
pub(crate) async fn send(context: &mut Context<'_>, sending: &Sending) -> Result<(), Failure> {
    let Options {
        how,
        create_dirs,
        representation,
    } = sending.options;
    let source = Source::open(&sending.from).await?;
    let client = context.connections.to(&sending.url).await?;
    if representation == Representation::Ascii {
        context.connections.note_text();
    }
    if create_dirs && let Some(parent) = sending.to.parent().filter(|parent| !parent.is_empty()) {
        mkdir::with_parents(&client, &parent).await?;
    }
    let offset = match (how, &source) {
        (How::Resume, Source::File { file, before, .. }) => {
            let offset = resume_at(context, &client, sending, file, before.len()).await?;
            if offset == before.len() {
                context
                    .printer
                    .note(format_args!("{}: is there already", sending.name()));
                return Ok(());
            }
            offset
        }
        _ => 0,
    };
    // An appended file is as long as both parts together.
    let before = match how {
        How::Append if representation == Representation::Image => {
            facts(&client, &sending.to, false).await?.size
        }
        _ => Some(offset),
    };
    let options = StoreOptions::default().representation(representation);
    let upload = match how {
        How::Append => client.append_file_with(&sending.to, options),
        How::Store | How::Resume => client.store_file_with(&sending.to, options.offset(offset)),
    };
    let upload = upload
        .await
        .map_err(|error| Failure::remote(&error, Expected::Directory))?;
    let sent = transmit(context, sending, source, upload, offset).await?;
    if representation == Representation::Image
        && let Some(before) = before
    {
        // The server's number, so the sum may be beyond any file.
        let expected = before.checked_add(sent).ok_or_else(|| {
            let message = format!("the server said that it had {before} bytes, which cannot be");
            Failure::new(Exit::Mismatch, message).then(Next::Continue)
        })?;
        confirm(&client, &sending.to, expected).await?;
    }
    Ok(())
}

/// What is read: a file, looked at before and after, or standard input.
enum Source {
    Stdin,
    File {
        path: PathBuf,
        file: File,
        before: Box<Metadata>,
    },
}

impl Source {
    async fn open(from: &Input) -> Result<Self, Failure> {
        let Input::File(path) = from else {
            return Ok(Self::Stdin);
        };
        let path = path.clone();
        let opened = path.clone();
        let open = local::apart(move || {
            let file = File::open(opened)?;
            let before = Box::new(file.metadata()?);
            if before.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            Ok((file, before))
        });
        match open.await {
            Ok((file, before)) => Ok(Self::File { path, file, before }),
            Err(error) => Err(Failure::local(&path, &error).then(Next::Continue)),
        }
    }
}

/// Sends the source from `offset` on, to the server's confirmation.
async fn transmit(
    context: &Context<'_>,
    sending: &Sending,
    source: Source,
    mut upload: Upload,
    offset: u64,
) -> Result<u64, Failure> {
    let name = sending.from.name();
    let (reader, total, path): (Box<dyn Read + Send>, _, _) = match &source {
        Source::Stdin => (Box::new(io::stdin()), None, None),
        Source::File { path, file, before } => {
            let mut reader = file
                .try_clone()
                .map_err(|error| Failure::local(path, &error))?;
            if offset > 0 {
                reader
                    .seek(SeekFrom::Start(offset))
                    .map_err(|error| Failure::local(path, &error))?;
            }
            // The length of a device or a pipe says nothing.
            let total = before.is_file().then_some(before.len());
            (Box::new(reader), total, Some(path.as_path()))
        }
    };
    let progress = context.printer.progress(&name, total, offset);
    // What was read from standard input cannot be read again, and what was appended must not be.
    let again = path.is_some() && sending.options.how != How::Append;
    let failed = |failure: Failure| if again { failure } else { failure.once() };
    let sent = copy::upload(reader, &mut upload, &progress)
        .await
        .map_err(|error| failed(Failure::copy(error, path, Expected::Directory)))?;
    upload.finish().await.map_err(|error| {
        failed(Failure::remote(&error, Expected::Directory).then(Next::Reconnect))
    })?;
    let summary = progress.finish(sent);
    context.printer.note(format_args!("{name}: {summary}"));
    if let Source::File { path, file, before } = &source {
        warn_if_changed(context, path, file, before)?;
    }
    Ok(sent)
}

/// A file that changes while it is read may have been sent half old, half new.
fn warn_if_changed(
    context: &Context<'_>,
    path: &Path,
    file: &File,
    before: &Metadata,
) -> Result<(), Failure> {
    let after = file
        .metadata()
        .map_err(|error| Failure::local(path, &error))?;
    let same_time = after.modified().ok() == before.modified().ok();
    if before.is_file() && (after.len() != before.len() || !same_time) {
        context.printer.warn(format_args!(
            "{}: changed while it was sent",
            local::shown(path)
        ));
    }
    Ok(())
}

/// How much of the file the server has, if that is how the file begins.
async fn resume_at(
    context: &Context<'_>,
    client: &Client,
    sending: &Sending,
    file: &File,
    length: u64,
) -> Result<u64, Failure> {
    let there = match client.size(&sending.to).await {
        Ok(size) => size,
        Err(error) if error.is_not_found() => return Ok(0),
        Err(error) if is_answer(&error) => {
            return Err(Failure::remote(&error, Expected::File).advise(
                "the server does not say how much it has; without --continue all of it is sent",
            ));
        }
        Err(error) => return Err(Failure::remote(&error, Expected::File)),
    };
    if there > length {
        return Err(Failure::new(
            Exit::Mismatch,
            format!("the server has {there} bytes, more than the {length} of the local file"),
        )
        .then(Next::Continue));
    }
    let overlap = there.min(OVERLAP);
    if overlap == 0 {
        return Ok(there);
    }
    let start = there - overlap;
    let mut ours = vec![0; usize::try_from(overlap).expect("the overlap is small")];
    file.read_exact_at(&mut ours, start)
        .map_err(|error| Failure::local_stream(&error))?;
    let options = RetrieveOptions::default()
        .offset(start)
        .expected_size(overlap);
    let theirs = match client.retrieve_file_with(&sending.to, options).await {
        Ok(mut download) => {
            let mut theirs = Vec::new();
            download
                .read_to_end(&mut theirs)
                .await
                .map(|_| theirs)
                .map_err(|error| {
                    Failure::remote(&wharf::from_io(error), Expected::File).then(Next::Reconnect)
                })?
        }
        // A drop box takes files and gives none back.
        Err(error) if is_answer(&error) => {
            context.printer.warn(format_args!(
                "{}: the part at the server cannot be read, so it was not compared",
                sending.name()
            ));
            return Ok(there);
        }
        Err(error) => return Err(Failure::remote(&error, Expected::File)),
    };
    if theirs == ours {
        Ok(there)
    } else {
        Err(Failure::new(
            Exit::Mismatch,
            "what the server has is not how the local file begins",
        )
        .advise("without --continue all of it is sent")
        .then(Next::Continue))
    }
}

/// Compares the size that the server has now with what it should have.
async fn confirm(client: &Client, path: &RemotePath, expected: u64) -> Result<(), Failure> {
    match facts(client, path, false).await?.size {
        Some(size) if size != expected => Err(Failure::new(
            Exit::Mismatch,
            format!("the server has {size} bytes now, and should have {expected}"),
        )
        .then(Next::Continue)),
        _ => Ok(()),
    }
}
