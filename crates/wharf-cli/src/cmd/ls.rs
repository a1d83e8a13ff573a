//! `ls`.

use tokio::io::AsyncReadExt as _;
use wharf::{Entry, FtpUrl, ListOptions, RemotePath};

use super::array::Array;
use super::{Context, each};
use crate::copy::CopyError;
use crate::exit::Exit;
use crate::failure::{Expected, Failure};
use crate::json::{self, Record, UnknownLine};
use crate::listing::columns::Columns;
use crate::listing::order::Order;
use crate::listing::walk::{Course, Step, Walk, Way};
use crate::names;

/// How directories are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) form: Form,
    /// As the server lists them if there is none.
    pub(crate) order: Option<Order>,
    pub(crate) hidden: bool,
    pub(crate) recursive: bool,
    pub(crate) utc: bool,
}

/// How a listing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Names,
    Long {
        human: bool,
    },
    Json,
    /// The server's bytes.
    Raw,
}

/// How many entries are held back for the columns of the long form, if they come in no order.
const BATCH: usize = 512;

/// Lists each directory.
pub(super) async fn run(context: &mut Context<'_>, urls: &[FtpUrl], options: Options) -> Exit {
    let mut output = Output {
        options,
        array: Array::default(),
        held: Vec::new(),
        columns: None,
        headings: !matches!(options.form, Form::Json | Form::Raw)
            && (urls.len() > 1 || options.recursive),
        first: true,
    };
    let exit = each(context, urls, async |context, url| match options.form {
        Form::Raw => raw(context, url, options.hidden).await,
        _ => list(context, url, &mut output).await,
    })
    .await;
    match options.form {
        Form::Json => output.array.end(context, exit),
        _ => exit,
    }
}

async fn list(context: &mut Context<'_>, url: &FtpUrl, output: &mut Output) -> Result<(), Failure> {
    let options = output.options;
    let way = Way {
        depth: if options.recursive { usize::MAX } else { 0 },
        hidden: options.hidden,
        files: true,
        paths: options.recursive,
        course: options.order.map_or(Course::Listed, Course::Sorted),
        utc: options.utc,
    };
    let mut walk = Walk::new(url, way);
    loop {
        let step = match walk.next(context).await {
            Ok(Some(step)) => step,
            Ok(None) => return walk.outcome(),
            Err(failure) => {
                output.end(context)?;
                return Err(failure);
            }
        };
        match step {
            Step::Begin => output.begin(context, &walk.shown(context))?,
            Step::Entry(entry) => output.entry(context, &walk, entry)?,
            Step::Unknown(line) => output.unknown(context, &line)?,
            Step::Listed => output.end(context)?,
            Step::End => {}
            Step::File(entry) => output.file(context, &walk.path(), &entry)?,
        }
    }
}

/// Where entries are shown.
#[derive(Debug)]
struct Output {
    options: Options,
    array: Array,
    /// What waits for the width of its columns.
    held: Vec<Entry>,
    /// Those of the long form, from the first entry of a directory on.
    columns: Option<Columns>,
    /// Whether each listing has a line above it.
    headings: bool,
    /// Whether nothing was shown yet.
    first: bool,
}

impl Output {
    /// A listing begins.
    fn begin(&mut self, context: &Context<'_>, directory: &str) -> Result<(), Failure> {
        self.columns = None;
        let gap = if std::mem::take(&mut self.first) {
            ""
        } else {
            "\n"
        };
        if self.headings {
            context.printer.data(&format!("{gap}{directory}:\n"))?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        context: &Context<'_>,
        walk: &Walk<'_>,
        entry: Entry,
    ) -> Result<(), Failure> {
        match self.options.form {
            Form::Names | Form::Raw => context.printer.data_line(entry.name()),
            Form::Long { human } => {
                // In order, all of a directory is known before its first entry comes.
                let columns = self.columns.get_or_insert_with(|| {
                    let mut columns = Columns::new(human, context.encoding);
                    let known = walk.waiting().iter().chain([&entry]);
                    known.for_each(|entry| columns.measure(entry));
                    columns
                });
                if self.options.order.is_some() {
                    return context.printer.data(&columns.line(&entry, entry.name()));
                }
                columns.measure(&entry);
                self.held.push(entry);
                if self.held.len() >= BATCH {
                    self.end(context)?;
                }
                Ok(())
            }
            Form::Json => {
                let path = walk.path().join(entry.name());
                let source = json::source(walk.command());
                let record = Record::of_entry(&path, &entry, source, context.encoding);
                self.array.push(context, &record)
            }
        }
    }

    /// A line that is no entry, as far as we can tell.
    fn unknown(&mut self, context: &Context<'_>, line: &[u8]) -> Result<(), Failure> {
        if self.options.form == Form::Json {
            let raw = names::text(line, context.encoding);
            return self.array.push(context, &UnknownLine { raw });
        }
        context.not_understood(line);
        Ok(())
    }

    /// Shows what is held back.
    fn end(&mut self, context: &Context<'_>) -> Result<(), Failure> {
        let Some(columns) = &self.columns else {
            return Ok(());
        };
        for entry in self.held.drain(..) {
            context.printer.data(&columns.line(&entry, entry.name()))?;
        }
        Ok(())
    }

    /// The URL names a file, which is shown under the path by which it was asked for.
    fn file(
        &mut self,
        context: &Context<'_>,
        path: &RemotePath,
        entry: &Entry,
    ) -> Result<(), Failure> {
        self.first = false;
        match self.options.form {
            Form::Names | Form::Raw => context.printer.data_line(path.as_bytes()),
            Form::Long { human } => {
                let mut columns = Columns::new(human, context.encoding);
                columns.measure(entry);
                context.printer.data(&columns.line(entry, path.as_bytes()))
            }
            Form::Json => {
                let record = Record::of_path(path, entry, context.encoding);
                self.array.push(context, &record)
            }
        }
    }
}

/// Writes a listing as the server sends it; for a person line by line, so that nothing in it acts on the
/// terminal.
async fn raw(context: &mut Context<'_>, url: &FtpUrl, hidden: bool) -> Result<(), Failure> {
    let client = context.connections.to(url).await?;
    let options = ListOptions::default().hidden(hidden);
    let listing = client.list_with(url.remote_path(), options).await;
    let listing = listing.map_err(|error| Failure::remote(&error, Expected::Directory))?;
    let mut download = listing.into_download();
    let mut buffer = Vec::with_capacity(CHUNK);
    loop {
        let read = download.read_buf(&mut buffer).await.map_err(|error| {
            Failure::copy(CopyError::Remote(error), None, Expected::Directory).once()
        })?;
        if !context.printer.is_read_by_a_person() {
            context.printer.data_bytes(&buffer)?;
            buffer.clear();
        } else if read == 0 && !buffer.is_empty() {
            context.printer.data_line(&buffer)?;
        } else {
            let whole = whole_lines(&buffer);
            for line in buffer[..whole].split_inclusive(|&byte| byte == b'\n') {
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                context
                    .printer
                    .data_line(line.strip_suffix(b"\r").unwrap_or(line))?;
            }
            buffer.drain(..whole);
        }
        if read == 0 {
            return Ok(());
        }
    }
}

/// How much of a listing is read at a time, and the longest line that a person is shown as one.
const CHUNK: usize = 32 * 1024;

/// How many bytes end with a line, or are too long for one.
fn whole_lines(buffer: &[u8]) -> usize {
    match buffer.iter().rposition(|&byte| byte == b'\n') {
        Some(last) => last + 1,
        None if buffer.len() >= CHUNK => buffer.len(),
        None => 0,
    }
}
