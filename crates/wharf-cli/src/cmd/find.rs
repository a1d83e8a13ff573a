//! `find`.

use wharf::{Entry, FtpUrl, ListCommand, RemotePath};

use super::array::Array;
use super::{Context, each};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::{self, Record};
use crate::listing::filter::Filter;
use crate::listing::walk::{Course, Step, Walk, Way};

/// What is looked for, where, and how it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) filter: Filter,
    /// 0 is what the URL names, which is looked at only if it is a file.
    pub(crate) min_depth: usize,
    pub(crate) max_depth: usize,
    pub(crate) utc: bool,
    pub(crate) form: Form,
}

/// How what is found is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Lines,
    /// A NUL behind each path.
    Nul,
    Json,
}

/// Looks below each directory.
pub(super) async fn run(context: &mut Context<'_>, urls: &[FtpUrl], options: &Options) -> Exit {
    let mut array = Array::default();
    let exit = each(context, urls, async |context, url| {
        look(context, url, options, &mut array).await
    })
    .await;
    match options.form {
        Form::Json => array.end(context, exit),
        Form::Lines | Form::Nul => exit,
    }
}

async fn look(
    context: &mut Context<'_>,
    url: &FtpUrl,
    options: &Options,
    array: &mut Array,
) -> Result<(), Failure> {
    let way = Way {
        // What is in a directory is one step below it.
        depth: options.max_depth.saturating_sub(1),
        hidden: true,
        files: true,
        paths: true,
        course: Course::Listed,
        utc: options.utc,
    };
    let mut walk = Walk::new(url, way);
    while let Some(step) = walk.next(context).await? {
        let found = match step {
            Step::Entry(entry) if walk.depth() + 1 >= options.min_depth => {
                if !options
                    .filter
                    .accepts(&entry, entry.name(), context.encoding)
                {
                    continue;
                }
                Found {
                    path: walk.path().join(entry.name()),
                    entry,
                    command: Some(walk.command()),
                }
            }
            Step::File(entry) if options.min_depth == 0 => {
                let name = url.file_name().unwrap_or_default();
                if !options.filter.accepts(&entry, name, context.encoding) {
                    continue;
                }
                Found {
                    path: walk.path(),
                    entry,
                    command: None,
                }
            }
            Step::Unknown(line) => {
                context.not_understood(&line);
                continue;
            }
            _ => continue,
        };
        let path = found.path.as_bytes();
        if options.filter.accepts_path(path, context.encoding) {
            found.show(context, options.form, array)?;
        }
    }
    walk.outcome()
}

/// Something that was looked for.
#[derive(Debug)]
struct Found {
    path: RemotePath,
    entry: Entry,
    /// By which command its directory was listed; none for what the URL names.
    command: Option<ListCommand>,
}

impl Found {
    fn show(&self, context: &Context<'_>, form: Form, array: &mut Array) -> Result<(), Failure> {
        let path = self.path.as_bytes();
        match (form, self.command) {
            (Form::Lines, _) => context.printer.data_line(path),
            (Form::Nul, _) => {
                context.printer.data_bytes(path)?;
                context.printer.data_bytes(b"\0")
            }
            (Form::Json, Some(command)) => {
                let source = json::source(command);
                let record = Record::of_entry(&self.path, &self.entry, source, context.encoding);
                array.push(context, &record)
            }
            (Form::Json, None) => {
                let record = Record::of_path(&self.path, &self.entry, context.encoding);
                array.push(context, &record)
            }
        }
    }
}
