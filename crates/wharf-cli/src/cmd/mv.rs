//! `mv`.

use wharf::{FtpUrl, RemotePath};

use super::Context;
use crate::failure::{Expected, Failure};

/// Renames what `from` names.
pub(super) async fn rename(
    context: &mut Context<'_>,
    from: &FtpUrl,
    to: &RemotePath,
) -> Result<(), Failure> {
    let client = context.connections.to(from).await?;
    let renamed = client.rename(from.remote_path(), to).await;
    renamed.map_err(|error| Failure::remote(&error, Expected::File))?;
    context.printer.note(format_args!("renamed {from} to {to}"));
    Ok(())
}
