//! `rm` and `rmdir`.

use wharf::FtpUrl;

use super::Context;
use crate::failure::{Expected, Failure};

/// Removes a file.
pub(super) async fn file(context: &mut Context<'_>, url: &FtpUrl) -> Result<(), Failure> {
    let client = context.connections.to(url).await?;
    let removed = client.remove_file(url.remote_path()).await;
    removed.map_err(|error| Failure::remote(&error, Expected::File))?;
    context.printer.note(format_args!("removed {url}"));
    Ok(())
}

/// Removes an empty directory.
pub(super) async fn directory(context: &mut Context<'_>, url: &FtpUrl) -> Result<(), Failure> {
    let client = context.connections.to(url).await?;
    let removed = client.remove_directory(url.remote_path()).await;
    removed.map_err(|error| Failure::remote(&error, Expected::Directory))?;
    context.printer.note(format_args!("removed {url}"));
    Ok(())
}
