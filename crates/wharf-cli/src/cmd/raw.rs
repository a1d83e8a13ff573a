//! `raw`.

use wharf::{FtpUrl, Reply};

use super::Context;
use crate::failure::{Expected, Failure};

/// Sends each command, and prints every line of every reply, a refusal as well.
pub(super) async fn send(
    context: &mut Context<'_>,
    url: &FtpUrl,
    commands: &[String],
) -> Result<(), Failure> {
    let client = context.connections.to(url).await?;
    let path = url.remote_path();
    if !path.is_empty() {
        let entered = client.cwd(path).await;
        entered.map_err(|error| Failure::remote(&error, Expected::Directory))?;
    }
    for command in commands {
        match client.command(command.as_str()).await {
            Ok(reply) => show(context, &reply)?,
            Err(error) => {
                if let Some(reply) = error.reply() {
                    show(context, reply)?;
                }
                return Err(Failure::remote(&error, Expected::File));
            }
        }
    }
    Ok(())
}

fn show(context: &Context<'_>, reply: &Reply) -> Result<(), Failure> {
    for line in reply.lines() {
        context.printer.data_line(line)?;
    }
    Ok(())
}
