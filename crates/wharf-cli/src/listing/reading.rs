//! A listing that is being read, of which the beginning is known before it is taken up.

use std::collections::VecDeque;

use wharf::listing::Kind;
use wharf::{
    Client, Entry, Error, ErrorKind, ListCommand, ListOptions, Listing, Parsed, RemotePath,
};

use crate::failure::{Expected, Failure, Next, is_answer};

/// A listing that has begun.
#[derive(Debug)]
pub(super) struct Reading {
    listing: Listing,
    /// What was read ahead, its end as well.
    ahead: VecDeque<Option<Result<Parsed, Failure>>>,
}

/// Why there is no listing.
#[derive(Debug)]
pub(super) struct NotListed {
    pub(super) failure: Failure,
    /// Whether the server has refused it, rather than that it broke off.
    pub(super) refused: bool,
}

/// How many lines that are none are kept until there is an entry, or a refusal that says it better.
const LINES: usize = 16;
/// How long a listing of a file may be. vsFTPd lists the links to it as well.
const FEW: usize = 64;

/// Begins a listing.
pub(super) async fn begin(
    client: &Client,
    path: &RemotePath,
    options: ListOptions,
) -> Result<Reading, NotListed> {
    let listing = client.list_with(path, options).await;
    let listing = listing.map_err(|error| NotListed {
        failure: Failure::remote(&error, Expected::Directory),
        refused: is_answer(&error),
    })?;
    let mut reading = Reading {
        listing,
        ahead: VecDeque::new(),
    };
    while reading.wants_more(path) {
        match reading.listing.next_entry().await {
            Some(Ok(parsed)) => reading.ahead.push_back(Some(Ok(parsed))),
            None => reading.ahead.push_back(None),
            Some(Err(error)) if reading.ahead.is_empty() || reading.is_told_by(&error) => {
                // BSD servers say in the listing what is missing; of a file there would be a line.
                let refused = reading.ahead.is_empty() && is_answer(&error);
                return Err(NotListed {
                    failure: broken_off(&error),
                    refused,
                });
            }
            // What came before it is shown first.
            Some(Err(error)) => reading.ahead.push_back(Some(Err(broken_off(&error)))),
        }
    }
    Ok(reading)
}

impl Reading {
    /// What comes next; `None` behind the last item, once the server has confirmed the listing.
    pub(super) async fn next(&mut self) -> Option<Result<Parsed, Failure>> {
        if let Some(item) = self.ahead.pop_front() {
            return item;
        }
        let item = self.listing.next_entry().await?;
        Some(item.map_err(|error| broken_off(&error)))
    }

    /// By which command the server lists.
    pub(super) fn command(&self) -> ListCommand {
        self.listing.command()
    }

    /// How many bytes its entries share at the most.
    pub(super) fn bytes(&self) -> u64 {
        self.listing.bytes()
    }

    /// Whether the server says, at the end, that it has left some out.
    pub(super) fn is_truncated(&self) -> bool {
        self.listing.is_truncated()
    }

    /// Whether this may as well be what the server lists of a file: all of it is known, and it begins
    /// with something of the name that was listed, or a link to it.
    pub(super) fn may_be_of_a_file(&self, path: &RemotePath) -> bool {
        self.is_whole() && self.begins_with_a_file(path)
    }

    fn wants_more(&self, path: &RemotePath) -> bool {
        let is_over = matches!(self.ahead.back(), Some(None | Some(Err(_))));
        // An entry shows that the data connection works.
        let has_entry = self.entries().next().is_some();
        !is_over
            && (!has_entry && self.ahead.len() < LINES
                || self.begins_with_a_file(path) && self.ahead.len() < FEW)
    }

    fn is_whole(&self) -> bool {
        matches!(self.ahead.back(), Some(None))
    }

    /// Whether a refusal says what the lines so far say as well, for none of them is an entry.
    fn is_told_by(&self, error: &Error) -> bool {
        self.entries().next().is_none() && (error.is_not_found() || error.is_permission_denied())
    }

    fn begins_with_a_file(&self, path: &RemotePath) -> bool {
        self.entries().next().is_some_and(|entry| {
            entry.kind() != Kind::Directory
                && (same_end(entry.name(), path)
                    || entry.target().is_some_and(|target| same_end(target, path)))
        })
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.ahead.iter().filter_map(|item| match item {
            Some(Ok(Parsed::Entry(entry))) => Some(entry),
            _ => None,
        })
    }
}

/// Whether a name, of which some servers write the whole path, ends as a path does.
fn same_end(name: &[u8], path: &RemotePath) -> bool {
    let name = RemotePath::from(name);
    name == *path
        || name
            .file_name()
            .is_some_and(|it| path.file_name() == Some(it))
}

/// A failure in the middle of a listing. Unless the server itself says so, the connection may be busy
/// with what was given up.
fn broken_off(error: &Error) -> Failure {
    let failure = Failure::remote(error, Expected::Directory);
    if error.kind() == ErrorKind::CommandFailed {
        failure
    } else {
        failure.then(Next::Reconnect)
    }
}
