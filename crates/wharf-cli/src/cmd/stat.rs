//! `stat`.

use std::fmt::Write as _;

use wharf::listing::{Precision, Zone};
use wharf::text::escaped_str;
use wharf::{Client, Entry, FtpUrl, Parsed, RemotePath};

use super::ls::Array;
use super::{Context, each, enter};
use crate::exit::Exit;
use crate::failure::{Expected, Failure, Next, is_answer, known};
use crate::json::Record;

/// Tells what is known of each URL.
pub(super) async fn run(context: &mut Context<'_>, urls: &[FtpUrl], json: bool) -> Exit {
    if !json {
        return each(context, urls, async |context, url| {
            let record = find(context, url).await?;
            context.printer.data(&lines(url, &record))
        })
        .await;
    }
    let mut array = Array::default();
    let exit = each(context, urls, async |context, url| {
        let record = find(context, url).await?;
        array.push(context, &record)
    })
    .await;
    array.end(context, exit)
}

async fn find(context: &mut Context<'_>, url: &FtpUrl) -> Result<Record, Failure> {
    let client = context.connections.to(url).await?;
    let path = url.remote_path();
    // MLST without a path means the working directory, and so does this.
    let path = if path.is_empty() {
        RemotePath::from(".")
    } else {
        path
    };
    match client.mlst(&path).await {
        Ok(entry) => {
            let mut record = Record::of_entry(&path, &entry, "mlst");
            // Servers write the whole path there, or a part of it, or the name alone.
            let asked = Record::of_path(&path);
            (record.name, record.name_hex) = (asked.name, asked.name_hex);
            Ok(record)
        }
        Err(error) if error.is_not_found() => Err(Failure::remote(&error, Expected::File)),
        Err(error) if is_answer(&error) => piece_together(&client, &path).await,
        Err(error) => Err(Failure::remote(&error, Expected::File)),
    }
}

/// What LIST, SIZE and MDTM know, for servers without MLST.
async fn piece_together(client: &Client, path: &RemotePath) -> Result<Record, Failure> {
    let (size, time) = (client.size(path), client.mdtm(path));
    let (size, time) = (size.await, known(time.await)?);
    let mut record = match listed(client, path).await? {
        Listed::Entry(entry) => {
            let mut record = Record::of_entry(path, &entry, "list");
            record.name = Record::of_path(path).name;
            record
        }
        Listed::Contents => Record {
            kind: Some("directory"),
            ..Record::of_path(path)
        },
        Listed::Nothing => Record::of_path(path),
    };
    let nothing_listed = record.raw.is_none() && record.kind.is_none();
    match size {
        Ok(size) => {
            record.size = Some(size);
            record.kind.get_or_insert("file");
        }
        Err(error) if !is_answer(&error) => return Err(Failure::remote(&error, Expected::File)),
        // Nothing is there, or an empty directory.
        Err(error) if nothing_listed && time.is_none() => {
            if enter(client, path).await?.is_err() {
                let mut failure = Failure::remote(&error, Expected::File);
                // Some say "not a plain file" of what is not there at all.
                if failure.exit == Exit::Other {
                    failure.exit = Exit::FileNotFound;
                }
                return Err(failure);
            }
            record.kind = Some("directory");
        }
        Err(_) => {}
    }
    if let Some(time) = time {
        let precision = if time.subsec_nanos() > 0 {
            Precision::Fraction
        } else {
            Precision::Second
        };
        record.set_time(time, precision, Zone::Utc, "mdtm");
    }
    Ok(record)
}

/// What LIST says about a path.
enum Listed {
    /// Its own line.
    Entry(Box<Entry>),
    /// Lines of other names: it is a directory.
    Contents,
    /// No line. An empty directory looks like that, and on many servers one that is not there.
    Nothing,
}

async fn listed(client: &Client, path: &RemotePath) -> Result<Listed, Failure> {
    let Some(mut listing) = known(client.list(path).await)? else {
        return Ok(Listed::Nothing);
    };
    let mut entries = Vec::new();
    // One line tells a file from a directory of several; more need not be kept.
    while let Some(item) = listing.next_entry().await {
        let item =
            item.map_err(|error| Failure::remote(&error, Expected::File).then(Next::Reconnect))?;
        if let Parsed::Entry(entry) = item
            && entries.len() < 2
        {
            entries.push(entry);
        }
    }
    let is_it = |entry: &Entry| {
        let whole = RemotePath::from(entry.name());
        entry.name() == path.as_bytes() || whole.file_name() == path.file_name()
    };
    Ok(match entries.pop() {
        None => Listed::Nothing,
        Some(entry) if entries.is_empty() && is_it(&entry) => Listed::Entry(Box::new(entry)),
        Some(_) => Listed::Contents,
    })
}

/// A record for people: what is known, a line each.
fn lines(url: &FtpUrl, record: &Record) -> String {
    let fields = [
        ("type", record.kind.map(str::to_owned)),
        ("size", record.size.map(|size| size.to_string())),
        ("modified", record.mtime.clone()),
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
