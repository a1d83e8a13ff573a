//! `du`.

use serde::Serialize;
use wharf::listing::Kind;
use wharf::{FtpUrl, RemotePath};

use super::array::Array;
use super::{Context, each};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::size;
use crate::listing::walk::{Course, Step, Walk, Way, is_directory};
use crate::names;

/// What is shown of the sums, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) form: Form,
    /// Whether files are shown as well.
    pub(crate) files: bool,
    /// How many steps below what the URL names something is shown.
    pub(crate) depth: usize,
}

/// How sums are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Bytes,
    Human,
    Json,
}

/// Sums up each directory.
pub(super) async fn run(context: &mut Context<'_>, urls: &[FtpUrl], options: Options) -> Exit {
    let mut array = Array::default();
    let exit = each(context, urls, async |context, url| {
        sum_up(context, url, options, &mut array).await
    })
    .await;
    match options.form {
        Form::Json => array.end(context, exit),
        Form::Bytes | Form::Human => exit,
    }
}

/// What is in a directory and below it.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    bytes: u64,
    files: u64,
    directories: u64,
    /// Files whose size the server does not tell.
    unsized_files: u64,
}

impl Sum {
    fn add(&mut self, other: Self) {
        // A server may tell any sizes.
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.files += other.files;
        self.directories += other.directories;
        self.unsized_files += other.unsized_files;
    }

    fn of_file(size: Option<u64>) -> Self {
        Self {
            bytes: size.unwrap_or(0),
            files: 1,
            directories: 0,
            unsized_files: u64::from(size.is_none()),
        }
    }
}

async fn sum_up(
    context: &mut Context<'_>,
    url: &FtpUrl,
    options: Options,
    array: &mut Array,
) -> Result<(), Failure> {
    let way = Way {
        depth: usize::MAX,
        hidden: true,
        files: true,
        paths: true,
        course: Course::Listed,
        utc: false,
    };
    let mut walk = Walk::new(url, way);
    // From what the URL names to where the walk is; the first is the sum of all.
    let mut sums = vec![Sum::default()];
    while let Some(step) = walk.next(context).await? {
        match step {
            Step::Begin => sums.push(Sum::default()),
            // What the size of a link is of, it or what it leads to, servers do not agree on.
            Step::Entry(entry) if !is_directory(&entry) && entry.kind() != Kind::Symlink => {
                let file = Sum::of_file(entry.size());
                add(&mut sums, file);
                if options.files
                    && walk.depth() < options.depth
                    && let Some(size) = entry.size()
                {
                    let path = walk.path().join(entry.name());
                    show(context, options.form, array, &path, &Shown::File(size))?;
                }
            }
            Step::End => {
                let mut sum = sums.pop().unwrap_or_default();
                if walk.depth() <= options.depth {
                    show(
                        context,
                        options.form,
                        array,
                        &walk.path(),
                        &Shown::Directory(sum),
                    )?;
                }
                sum.directories += 1;
                add(&mut sums, sum);
            }
            Step::File(entry) => {
                let size = entry.size();
                add(&mut sums, Sum::of_file(size));
                show(
                    context,
                    options.form,
                    array,
                    &walk.path(),
                    &Shown::File(size.unwrap_or(0)),
                )?;
            }
            Step::Unknown(line) => context.not_understood(&line),
            Step::Entry(_) | Step::Listed => {}
        }
    }
    let untold = sums.first().map_or(0, |all| all.unsized_files);
    if untold > 0 {
        context.printer.warn(format_args!(
            "{url}: files whose size the server does not tell, and which are not in the sum: {untold}"
        ));
    }
    walk.outcome()
}

/// Adds to what is being summed up.
fn add(sums: &mut [Sum], more: Sum) {
    if let Some(sum) = sums.last_mut() {
        sum.add(more);
    }
}

/// What a line is about.
enum Shown {
    File(u64),
    Directory(Sum),
}

/// A line of the output as JSON.
#[derive(Debug, Serialize)]
struct Line {
    path: String,
    #[serde(rename = "type")]
    kind: &'static str,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    directories: Option<u64>,
}

fn show(
    context: &Context<'_>,
    form: Form,
    array: &mut Array,
    path: &RemotePath,
    shown: &Shown,
) -> Result<(), Failure> {
    let size = match shown {
        Shown::File(size) => *size,
        Shown::Directory(sum) => sum.bytes,
    };
    let size_shown = match form {
        Form::Bytes => size.to_string(),
        Form::Human => size::human(size),
        Form::Json => {
            let path = names::text(path.as_bytes(), context.encoding);
            let line = match shown {
                Shown::File(_) => Line {
                    path,
                    kind: "file",
                    size,
                    files: None,
                    directories: None,
                },
                Shown::Directory(sum) => Line {
                    path,
                    kind: "directory",
                    size,
                    files: Some(sum.files),
                    directories: Some(sum.directories),
                },
            };
            return array.push(context, &line);
        }
    };
    context.printer.data(&format!("{size_shown}\t"))?;
    // The login directory has no name.
    let path = Some(path.as_bytes()).filter(|path| !path.is_empty());
    context.printer.data_line(path.unwrap_or(b"."))
}
