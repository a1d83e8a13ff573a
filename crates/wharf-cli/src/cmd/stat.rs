//! `stat`.

use std::fmt::Write as _;

use wharf::text::escaped_str;
use wharf::{Entry, FtpUrl, RemotePath};

use super::array::Array;
use super::{Context, each};
use crate::exit::Exit;
use crate::failure::{Expected, Failure};
use crate::json::Record;
use crate::listing::date;

/// Tells what is known of each URL.
pub(super) async fn run(context: &mut Context<'_>, urls: &[FtpUrl], json: bool) -> Exit {
    if !json {
        return each(context, urls, async |context, url| {
            let (path, entry) = find(context, url).await?;
            let record = Record::of_path(&path, &entry, context.encoding);
            let modified = entry.modified().map(date::shown);
            context.printer.data(&lines(url, &record, modified))
        })
        .await;
    }
    let mut array = Array::default();
    let exit = each(context, urls, async |context, url| {
        let (path, entry) = find(context, url).await?;
        array.push(context, &Record::of_path(&path, &entry, context.encoding))
    })
    .await;
    array.end(context, exit)
}

async fn find(context: &mut Context<'_>, url: &FtpUrl) -> Result<(RemotePath, Entry), Failure> {
    let client = context.connections.to(url).await?;
    let path = url.remote_path();
    // MLST without a path means the working directory, and so does this.
    let path = if path.is_empty() {
        RemotePath::from(".")
    } else {
        path
    };
    let entry = client.stat(&path).await;
    let entry = entry.map_err(|error| Failure::remote(&error, Expected::File))?;
    Ok((path, entry))
}

/// A record for people: what is known, a line each, and the time as exact as it is known.
fn lines(url: &FtpUrl, record: &Record, modified: Option<String>) -> String {
    let fields = [
        ("type", record.kind.map(str::to_owned)),
        ("size", record.size.map(|size| size.to_string())),
        ("modified", modified),
        ("mode", record.mode.clone()),
        ("owner", record.owner.clone()),
        ("group", record.group.clone()),
        ("target", record.target.clone()),
        ("unique", record.unique.clone()),
        ("perm", record.perm.clone()),
    ];
    let mut text = format!("{url}\n");
    for (name, value) in fields {
        if let Some(value) = value {
            writeln!(text, "  {name:<9} {}", escaped_str(&value)).expect("a string takes any text");
        }
    }
    text
}
