//! `mkdir`, and the directories that `put --create-dirs` needs.

use wharf::{Client, Error, FtpUrl, RemotePath};

use super::Context;
use crate::failure::{Expected, Failure, is_answer};

/// Makes a directory; with `parents` also those above, and it may be there already.
pub(super) async fn make(
    context: &mut Context<'_>,
    url: &FtpUrl,
    parents: bool,
) -> Result<(), Failure> {
    let client = context.connections.to(url).await?;
    let path = url.remote_path();
    if parents {
        with_parents(&client, &path).await?;
    } else {
        let made = client.make_directory(path).await;
        made.map_err(|error| Failure::remote(&error, Expected::Directory))?;
    }
    context.printer.note(format_args!("made {url}"));
    Ok(())
}

/// Sees to it that a directory is there.
///
/// Servers refuse MKD for a directory that exists in the words they use for any other refusal, and
/// may not let us look at those above. So each is tried, and the last is entered to find out.
pub(super) async fn with_parents(client: &Client, path: &RemotePath) -> Result<(), Failure> {
    let refused = match client.make_directory(path).await {
        Ok(_) => return Ok(()),
        Err(error) if is_answer(&error) => error,
        Err(error) => return Err(Failure::remote(&error, Expected::Directory)),
    };
    if enter(client, path).await?.is_ok() {
        return Ok(());
    }
    let mut above: Vec<RemotePath> = Vec::new();
    let mut next = path.parent();
    while let Some(parent) = next.filter(|parent| !parent.is_empty() && *parent != *"/") {
        next = parent.parent();
        above.push(parent);
    }
    if above.is_empty() {
        return Err(Failure::remote(&refused, Expected::Directory));
    }
    for parent in above.iter().rev() {
        match client.make_directory(parent).await {
            Err(error) if !is_answer(&error) => {
                return Err(Failure::remote(&error, Expected::Directory));
            }
            // Made, or there already; if it is neither, the last one will not do either.
            _ => {}
        }
    }
    let made = client.make_directory(path).await;
    made.map(drop)
        .map_err(|error| Failure::remote(&error, Expected::Directory))
}

/// Tries to enter a directory, and comes back: `Ok` if it is there, the server's refusal if not.
/// The one question about a directory that every server answers.
async fn enter(client: &Client, path: &RemotePath) -> Result<Result<(), Error>, Failure> {
    let failed = |error| Failure::remote(&error, Expected::Directory);
    let home = match client.get_directory().await {
        Ok(home) => home,
        // Without a way back there is no way in.
        Err(error) if is_answer(&error) => return Ok(Err(error)),
        Err(error) => return Err(failed(error)),
    };
    match client.cwd(path).await {
        Ok(_) => client.cwd(home).await.map(|_| Ok(())).map_err(failed),
        Err(error) if is_answer(&error) => Ok(Err(error)),
        Err(error) => Err(failed(error)),
    }
}
