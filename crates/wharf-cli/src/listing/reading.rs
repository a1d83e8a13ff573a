//! A listing that is being read, of which the first two items are known before it is taken up.

use std::collections::VecDeque;

use wharf::listing::Kind;
use wharf::{Client, Error, ErrorKind, ListCommand, ListOptions, Listing, Parsed, RemotePath};

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

/// How much is read before it is clear that this is a listing: one item shows that the data connection
/// works, and a second that it is not a file's.
const AHEAD: usize = 2;

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
    while reading.ahead.len() < AHEAD {
        match reading.listing.next_entry().await {
            Some(Ok(parsed)) => reading.ahead.push_back(Some(Ok(parsed))),
            None => {
                reading.ahead.push_back(None);
                break;
            }
            Some(Err(error)) if reading.ahead.is_empty() => {
                return Err(NotListed {
                    failure: broken_off(&error),
                    refused: is_answer(&error),
                });
            }
            // What came before it is shown first.
            Some(Err(error)) => {
                reading.ahead.push_back(Some(Err(broken_off(&error))));
                break;
            }
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

    /// Whether the server says, at the end, that it has left some out.
    pub(super) fn is_truncated(&self) -> bool {
        self.listing.is_truncated()
    }

    /// Whether there is nothing in it but something that is no directory, and has the name of the path
    /// that was listed.
    pub(super) fn is_only(&self, path: &RemotePath) -> bool {
        let [Some(Ok(Parsed::Entry(entry))), None] = self.ahead.as_slices().0 else {
            return false;
        };
        let name = RemotePath::from(entry.name());
        entry.kind() != Kind::Directory
            && (name == *path
                || name
                    .file_name()
                    .is_some_and(|it| path.file_name() == Some(it)))
    }
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
