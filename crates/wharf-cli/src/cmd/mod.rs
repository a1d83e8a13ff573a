//! What the subcommands do.

mod array;
pub(crate) mod du;
pub(crate) mod find;
pub(crate) mod get;
pub(crate) mod ls;
mod mkdir;
mod mv;
mod nest;
mod nlst;
pub(crate) mod parse_listing;
pub(crate) mod put;
mod raw;
mod remove;
mod stat;
pub(crate) mod tree;

use wharf::{Client, Encoding, FtpUrl, RemotePath, Timestamp};

use crate::connection::Connections;
use crate::exit::Exit;
use crate::failure::{Failure, Next, known};
use crate::job::Job;
use crate::names;
use crate::printer::Printer;
use crate::stop::Stop;
use crate::transcript;

/// What every subcommand works with.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) printer: &'a Printer,
    pub(crate) connections: Connections<'a>,
    pub(crate) stop: Stop,
    /// How servers write names.
    pub(crate) encoding: Encoding,
}

impl Context<'_> {
    /// Shows a line of a listing that is no entry, as far as we can tell.
    fn not_understood(&self, line: &[u8]) {
        let line = names::shown(line, self.encoding);
        self.printer.warn(format_args!("not understood: {line}"));
    }
}

/// One of the things that a command is to do, one after the other.
trait Item {
    /// What a message about it begins with. Safe for a terminal.
    fn name(&self) -> String;

    /// Adds what helps the user go on after a failure.
    fn explain(&self, failure: Failure) -> Failure {
        failure
    }
}

impl Item for FtpUrl {
    fn name(&self) -> String {
        self.to_string()
    }
}

/// Carries out a job, and reports its failures.
pub(crate) async fn run(job: &Job, context: &mut Context<'_>) -> Exit {
    let exit = match job {
        Job::Get(fetches) => each(context, fetches, get::fetch).await,
        Job::Put(sendings) => each(context, sendings, put::send).await,
        Job::List { urls, options } => ls::run(context, urls, *options).await,
        Job::Tree { urls, options } => tree::run(context, urls, *options).await,
        Job::Find { urls, options } => find::run(context, urls, options).await,
        Job::Usage { urls, options } => du::run(context, urls, *options).await,
        Job::ParseListing(reading) => parse_listing::run(context, *reading),
        Job::Names(urls) => each(context, urls, nlst::names).await,
        Job::Stat { urls, json } => stat::run(context, urls, *json).await,
        Job::MakeDirectories { urls, parents } => {
            each(context, urls, async |context, url| {
                mkdir::make(context, url, *parents).await
            })
            .await
        }
        Job::RemoveDirectories(urls) => each(context, urls, remove::directory).await,
        Job::RemoveFiles(urls) => each(context, urls, remove::file).await,
        Job::Rename { from, to } => {
            let items = std::slice::from_ref(from);
            each(context, items, async |context, from| {
                mv::rename(context, from, to).await
            })
            .await
        }
        Job::Raw { url, commands } => {
            let items = std::slice::from_ref(url);
            each(context, items, async |context, url| {
                raw::send(context, url, commands).await
            })
            .await
        }
    };
    context.connections.close().await;
    match context.printer.flush() {
        Ok(()) => exit,
        Err(failure) => {
            context.printer.failure(&failure);
            if exit == Exit::Success {
                failure.exit
            } else {
                exit
            }
        }
    }
}

/// Does `work` for each item, whatever became of those before it, and sums up how that ended: the
/// code of the first failure, or [`Exit::Partial`] if something succeeded as well, or a part of it. What failed for a
/// reason that a new connection may do away with is done once more.
#[expect(clippy::future_not_send, reason = "one thread does all the talking")]
async fn each<'a, T: Item>(
    context: &mut Context<'a>,
    items: &[T],
    mut work: impl AsyncFnMut(&mut Context<'a>, &T) -> Result<(), Failure>,
) -> Exit {
    let mut first_failure = None;
    let mut successes = 0;
    for item in items {
        let stop = context.stop.clone();
        let mut done = stop.guard(work(context, item)).await;
        if done.as_ref().is_err_and(Failure::may_be_repeated) {
            transcript::remark("the same once more, over a new connection");
            context.connections.abandon();
            done = stop.guard(work(context, item)).await;
        }
        let Err(failure) = done else {
            successes += 1;
            continue;
        };
        let failure = item.explain(failure.about(item.name()));
        context.printer.failure(&failure);
        match failure.next() {
            Next::Continue => {}
            Next::Reconnect => context.connections.abandon(),
            Next::Stop => {
                context.connections.abandon();
                return first_failure
                    .filter(|_| failure.exit == Exit::Success)
                    .unwrap_or(failure.exit);
            }
        }
        // Of a tree that is there some was done.
        successes += usize::from(failure.exit == Exit::Partial);
        first_failure.get_or_insert(failure.exit);
    }
    match first_failure {
        None => Exit::Success,
        Some(_) if successes > 0 => Exit::Partial,
        Some(exit) => exit,
    }
}

/// What a file is at the server, as far as it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Facts {
    size: Option<u64>,
    modified: Option<Timestamp>,
}

/// Asks for a file's size, and for its time if that is wanted.
async fn facts(client: &Client, path: &RemotePath, with_time: bool) -> Result<Facts, Failure> {
    let size = client.size(path);
    let modified = with_time.then(|| client.mdtm(path));
    let size = known(size.await)?;
    let modified = match modified {
        Some(modified) => known(modified.await)?,
        None => None,
    };
    Ok(Facts { size, modified })
}
