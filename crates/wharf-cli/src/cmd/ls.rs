//! `ls`.

use wharf::listing::{Kind, Modified, Precision, Zone};
use wharf::text::escaped;
use wharf::{Client, Entry, FtpUrl, Listing, Parsed, RemotePath};

use super::{Context, each, enter, is_unknown_command};
use crate::exit::Exit;
use crate::failure::{Expected, Failure, Next};
use crate::json::{self, Record, UnknownLine};

/// How a listing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Names,
    Long,
    Json,
}

/// Lists each directory.
pub(super) async fn run(context: &mut Context<'_>, urls: &[FtpUrl], form: Form) -> Exit {
    let mut output = Output {
        form,
        array: Array::default(),
        headings: form != Form::Json && urls.len() > 1,
        first: true,
    };
    let exit = each(context, urls, async |context, url| {
        list(context, url, &mut output).await
    })
    .await;
    match form {
        Form::Json => output.array.end(context, exit),
        Form::Names | Form::Long => exit,
    }
}

/// A JSON array that is written as it grows, so that a listing of any length needs no memory.
#[derive(Debug, Default)]
pub(super) struct Array {
    begun: bool,
}

impl Array {
    /// Writes one element.
    pub(super) fn push(
        &mut self,
        context: &Context<'_>,
        element: &impl serde::Serialize,
    ) -> Result<(), Failure> {
        let json = json::line(element)
            .map_err(|error| Failure::new(Exit::Other, format!("no JSON: {error}")))?;
        let lead = if self.begun { ",\n " } else { "[\n " };
        self.begun = true;
        context.printer.data(&format!("{lead}{json}"))
    }

    /// Closes it, whatever happened: the output is one document after a failure as well.
    pub(super) fn end(self, context: &Context<'_>, exit: Exit) -> Exit {
        let closed = context
            .printer
            .data(if self.begun { "\n]\n" } else { "[]\n" });
        match closed {
            Err(failure) if exit == Exit::Success => {
                context.printer.failure(&failure);
                failure.exit
            }
            _ => exit,
        }
    }
}

/// Where entries are shown.
#[derive(Debug)]
struct Output {
    form: Form,
    array: Array,
    /// Whether each listing has a line above it.
    headings: bool,
    /// Whether nothing was shown yet.
    first: bool,
}

impl Output {
    /// A listing begins.
    fn begin(&mut self, context: &Context<'_>, url: &FtpUrl) -> Result<(), Failure> {
        let gap = if std::mem::take(&mut self.first) {
            ""
        } else {
            "\n"
        };
        if self.headings {
            context.printer.data(&format!("{gap}{url}:\n"))?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        context: &Context<'_>,
        directory: &RemotePath,
        entry: &Entry,
        source: &'static str,
    ) -> Result<(), Failure> {
        match self.form {
            Form::Names => context.printer.data_line(entry.name()),
            Form::Long => context.printer.data(&long_line(entry)),
            Form::Json => {
                let path = directory.join(entry.name());
                self.array
                    .push(context, &Record::of_entry(&path, entry, source))
            }
        }
    }

    /// A line that is no entry, as far as we can tell.
    fn unknown(&mut self, context: &Context<'_>, line: &[u8]) -> Result<(), Failure> {
        if self.form == Form::Json {
            let raw = json::text(line);
            return self.array.push(context, &UnknownLine { raw });
        }
        context
            .printer
            .warn(format_args!("not understood: {}", escaped(line)));
        Ok(())
    }
}

async fn list(context: &mut Context<'_>, url: &FtpUrl, output: &mut Output) -> Result<(), Failure> {
    let client = context.connections.to(url).await?;
    let path = url.remote_path();
    let (mut listing, source) = open(&client, &path).await?;
    output.begin(context, url)?;
    let (mut known, mut unknown) = (0_u64, 0_u64);
    while let Some(item) = listing.next_entry().await {
        match item {
            Ok(Parsed::Entry(entry)) => {
                known += 1;
                if !is_dot(&entry) {
                    output.entry(context, &path, &entry, source)?;
                }
            }
            Ok(Parsed::Unknown(line)) => {
                unknown += 1;
                output.unknown(context, &line)?;
            }
            Err(error) => {
                let failure = Failure::remote(&error, Expected::Directory).then(Next::Reconnect);
                let shown = output.headings || known + unknown > 0;
                return Err(if shown { failure.once() } else { failure });
            }
        }
    }
    // Many servers answer LIST of a directory that is not there with an empty listing, or with a
    // sentence in it.
    if known == 0
        && source == "list"
        && !path.is_empty()
        && let Err(refusal) = enter(&client, &path).await?
    {
        return Err(Failure::remote(&refusal, Expected::Directory));
    }
    if unknown > 0 {
        context.printer.warn(format_args!(
            "{url}: lines of the listing not understood: {unknown}"
        ));
    }
    Ok(())
}

/// Begins the best listing that the server can do, and names its source.
async fn open(client: &Client, path: &RemotePath) -> Result<(Listing, &'static str), Failure> {
    let features = client
        .features()
        .await
        .map_err(|error| Failure::remote(&error, Expected::Directory))?;
    if features.supports_mlst() {
        match client.mlsd(path).await {
            Ok(listing) => return Ok((listing, "mlsd")),
            // Listed and not there, or not for this path: MLSD is refused with 501 for a file.
            Err(error) if is_unknown_command(&error) => {}
            Err(error) => return Err(Failure::remote(&error, Expected::Directory)),
        }
    }
    match client.list(path).await {
        Ok(listing) => Ok((listing, "list")),
        Err(error) => Err(Failure::remote(&error, Expected::Directory)),
    }
}

/// Whether an entry is the listed directory or the one above.
fn is_dot(entry: &Entry) -> bool {
    matches!(entry.kind(), Kind::CurrentDirectory | Kind::ParentDirectory)
}

/// A line of `ls -l`. Dates are the server's, with a `Z` where they are known to be UTC.
pub(super) fn long_line(entry: &Entry) -> String {
    let letter = match entry.kind() {
        Kind::File => '-',
        Kind::Directory | Kind::CurrentDirectory | Kind::ParentDirectory => 'd',
        Kind::Symlink => 'l',
        Kind::BlockDevice => 'b',
        Kind::CharDevice => 'c',
        Kind::Fifo => 'p',
        Kind::Socket => 's',
        _ => '?',
    };
    let permissions = entry.permissions();
    let permissions = match (
        permissions.and_then(|it| it.symbolic()),
        permissions.and_then(wharf::listing::Permissions::mode),
    ) {
        (Some(symbolic), _) => symbolic.to_owned(),
        (None, Some(mode)) => symbolic_mode(mode),
        (None, None) => "?".to_owned(),
    };
    let word = |bytes: Option<&[u8]>| match bytes {
        Some(bytes) => escaped(bytes).to_string(),
        None => "?".to_owned(),
    };
    let size = entry
        .size()
        .map_or_else(|| "?".to_owned(), |size| size.to_string());
    let time = entry
        .modified()
        .map_or_else(|| "?".to_owned(), |modified| date(&modified));
    let target = match entry.target() {
        Some(target) => format!(" -> {}", escaped(target)),
        None => String::new(),
    };
    format!(
        "{letter}{permissions:<9} {:<8} {:<8} {size:>12} {time:<20} {}{target}\n",
        word(entry.owner()),
        word(entry.group()),
        escaped(entry.name())
    )
}

/// The nine characters of a mode, as `ls` writes them.
fn symbolic_mode(mode: u32) -> String {
    let bit = |shift: u32, letter: char| if mode >> shift & 1 == 1 { letter } else { '-' };
    let special = |shift: u32, execute: u32, set: char, plain: char| match (
        mode >> shift & 1 == 1,
        mode >> execute & 1 == 1,
    ) {
        (true, true) => set,
        (true, false) => set.to_ascii_uppercase(),
        (false, true) => plain,
        (false, false) => '-',
    };
    [
        bit(8, 'r'),
        bit(7, 'w'),
        special(11, 6, 's', 'x'),
        bit(5, 'r'),
        bit(4, 'w'),
        special(10, 3, 's', 'x'),
        bit(2, 'r'),
        bit(1, 'w'),
        special(9, 0, 't', 'x'),
    ]
    .iter()
    .collect()
}

/// A date as exact as it is known.
fn date(modified: &Modified) -> String {
    let text = modified.time.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    let zone = if modified.zone == Zone::Utc { "Z" } else { "" };
    let parts: Vec<&str> = time.trim_end_matches('Z').split(['.', ':']).collect();
    match (modified.precision, parts.as_slice()) {
        (Precision::Minute, [hour, minute, ..]) => format!("{day} {hour}:{minute}{zone}"),
        (Precision::Second | Precision::Fraction, [hour, minute, second, ..]) => {
            format!("{day} {hour}:{minute}:{second}{zone}")
        }
        _ => day.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_written_as_ls_does() {
        for (mode, text) in [
            (0o644, "rw-r--r--"),
            (0o755, "rwxr-xr-x"),
            (0o4755, "rwsr-xr-x"),
            (0o2640, "rw-r-S---"),
            (0o1777, "rwxrwxrwt"),
            (0o1000, "--------T"),
            (0, "---------"),
        ] {
            assert_eq!(symbolic_mode(mode), text, "{mode:o}");
        }
    }

    #[test]
    fn a_date_is_as_exact_as_it_is_known() {
        let time = wharf::Timestamp::parse(b"20200102030405.5").unwrap();
        for (precision, zone, text) in [
            (Precision::Day, Zone::Unknown, "2020-01-02"),
            (Precision::Minute, Zone::Unknown, "2020-01-02 03:04"),
            (Precision::Second, Zone::Utc, "2020-01-02 03:04:05Z"),
            (Precision::Fraction, Zone::Utc, "2020-01-02 03:04:05Z"),
        ] {
            assert_eq!(
                date(&Modified {
                    time,
                    precision,
                    zone
                }),
                text
            );
        }
    }
}
