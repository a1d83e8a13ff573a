//! `nlst`.

use wharf::FtpUrl;

use super::Context;
use crate::failure::{Expected, Failure, Next};

/// Prints the names in a directory as the server writes them.
pub(super) async fn names(context: &mut Context<'_>, url: &FtpUrl) -> Result<(), Failure> {
    let client = context.connections.to(url).await?;
    let listing = client
        .nlst(url.remote_path())
        .await
        .map_err(|error| Failure::remote(&error, Expected::Directory))?;
    let lines = listing
        .lines()
        .await
        .map_err(|error| Failure::remote(&error, Expected::Directory).then(Next::Reconnect))?;
    for line in lines {
        context.printer.data_line(&line)?;
    }
    Ok(())
}
