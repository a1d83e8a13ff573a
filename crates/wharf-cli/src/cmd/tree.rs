//! `tree`.

use wharf::{Entry, FtpUrl};

use super::array::Array;
use super::nest::Nest;
use super::{Context, each};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::{self, Record};
use crate::listing::order::Order;
use crate::listing::walk::{Course, Step, Walk, Way, is_directory};
use crate::names;

/// What is drawn, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// How many directories deep; 1 is what is in the one that the URL names.
    pub(crate) depth: usize,
    pub(crate) hidden: bool,
    /// Whether anything but directories is drawn.
    pub(crate) files: bool,
    pub(crate) json: bool,
}

/// Draws each directory.
pub(super) async fn run(context: &mut Context<'_>, urls: &[FtpUrl], options: Options) -> Exit {
    if !options.json {
        let mut first = true;
        return each(context, urls, async |context, url| {
            if !std::mem::take(&mut first) {
                context.printer.data("\n")?;
            }
            draw(context, url, options).await
        })
        .await;
    }
    let mut array = Array::default();
    let exit = each(context, urls, async |context, url| {
        nest(context, url, options, &mut array).await
    })
    .await;
    array.end(context, exit)
}

fn way(options: Options) -> Way {
    Way {
        depth: options.depth.saturating_sub(1),
        hidden: options.hidden,
        files: options.files,
        paths: true,
        course: Course::Nested(Order::default()),
        utc: false,
    }
}

/// Draws for people.
async fn draw(context: &mut Context<'_>, url: &FtpUrl, options: Options) -> Result<(), Failure> {
    let mut walk = Walk::new(url, way(options));
    let (mut directories, mut files) = (0_u64, 0_u64);
    // What stands before a line, and how long it was in each directory above.
    let mut margin = String::new();
    let mut margins = Vec::new();
    let mut last = false;
    while let Some(step) = walk.next(context).await? {
        match step {
            Step::Begin if walk.depth() == 0 => context.printer.data(&format!("{url}\n"))?,
            Step::Begin => {
                margins.push(margin.len());
                margin += if last { "    " } else { "│   " };
            }
            Step::Entry(entry) => {
                *(if is_directory(&entry) {
                    &mut directories
                } else {
                    &mut files
                }) += 1;
                last = walk.waiting().is_empty();
                let branch = if last { "└── " } else { "├── " };
                let name = names::shown(entry.name(), context.encoding);
                let line = labelled(context, format!("{margin}{branch}{name}"), &entry);
                context.printer.data(&line)?;
            }
            Step::End => margin.truncate(margins.pop().unwrap_or_default()),
            Step::File(entry) => {
                files += 1;
                let line = labelled(context, url.to_string(), &entry);
                context.printer.data(&line)?;
            }
            Step::Unknown(line) => context.not_understood(&line),
            Step::Listed => {}
        }
    }
    let directories = counted(directories, "directory", "directories");
    let files = counted(files, "file", "files");
    let sum = if options.files {
        format!("\n{directories}, {files}\n")
    } else {
        format!("\n{directories}\n")
    };
    context.printer.data(&sum)?;
    walk.outcome()
}

/// A line that ends with an entry's name, and where that leads. Safe for a terminal, and one line.
fn labelled(context: &Context<'_>, mut line: String, entry: &Entry) -> String {
    if let Some(target) = entry.target() {
        line += " -> ";
        line += &names::shown(target, context.encoding);
    }
    line + "\n"
}

fn counted(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// Writes JSON: an object for each entry, with those of a directory in it.
async fn nest(
    context: &mut Context<'_>,
    url: &FtpUrl,
    options: Options,
    array: &mut Array,
) -> Result<(), Failure> {
    let mut walk = Walk::new(url, way(options));
    let mut nest = Nest::default();
    let result = fill(context, &mut walk, &mut nest, array).await;
    // The output is a document after a failure as well.
    nest.close(context)?;
    result?;
    walk.outcome()
}

async fn fill(
    context: &mut Context<'_>,
    walk: &mut Walk<'_>,
    nest: &mut Nest,
    array: &mut Array,
) -> Result<(), Failure> {
    let encoding = context.encoding;
    while let Some(step) = walk.next(context).await? {
        match step {
            Step::Begin => {
                if walk.depth() == 0 {
                    array.begin_element(context)?;
                    nest.push(context, &Record::of_directory(&walk.path(), encoding))?;
                }
                nest.enter(context)?;
            }
            Step::Entry(entry) => {
                let path = walk.path().join(entry.name());
                let source = json::source(walk.command());
                nest.push(context, &Record::of_entry(&path, &entry, source, encoding))?;
            }
            Step::End => nest.leave(context)?,
            Step::File(entry) => {
                array.begin_element(context)?;
                nest.push(context, &Record::of_path(&walk.path(), &entry, encoding))?;
            }
            Step::Unknown(line) => context.not_understood(&line),
            Step::Listed => {}
        }
    }
    Ok(())
}
