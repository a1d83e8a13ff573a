//! The `list` of the API that wharf began from: one LIST as it is, read as `ls -l`.

use wharf::listing::Dialect;
use wharf::{Client, ListCommand, ListOptions, Listing, Queued, RemotePath};

/// Lists by LIST, with nothing chosen, tried instead or asked behind it.
pub(crate) fn list(client: &Client, path: impl Into<RemotePath>) -> Queued<Listing> {
    let options = ListOptions::default().command(ListCommand::List);
    client.list_with(path, options.dialect(Dialect::Unix).dots(true))
}
