//! What can be typed to list, to walk and to look.

use clap::ArgAction;
use wharf::Timestamp;
use wharf::listing::{Dialect, Kind};

use crate::listing::date::Moment;
use crate::listing::filter::Bound;

/// List directories
///
/// Names, one a line, sorted; those that begin with a dot with --all only. The listing is MLSD where the
/// server has it, and LIST or NLST elsewhere. A file is listed by itself. Lines that cannot be
/// understood are shown on standard error, and make a failure only where there is nothing else.
///
/// To be put in order a listing is kept, up to 512 MiB of it, which is some three million entries; -U keeps
/// none.
///
/// On a terminal control characters in names are shown as escapes; in a pipe names are the bytes
/// of the server, except with --long.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_flag = true,
    after_help = "\
Times are UTC where a Z stands behind them, and the server's own elsewhere; --utc finds out how far \
its clock is off. What the server does not tell is a question mark, and ~ marks a size that it \
counts in blocks or rounds.

With --json the output is one array with an object for each entry: path, name, type, size, \
size_exact, mtime (RFC 3339), mtime_precision (day, minute, second, fraction), mtime_source (mlsd, \
mlst, mdtm, list), mtime_zone (utc, unknown), permissions, mode, owner, group, links, target, version \
(VMS), unique, perm, raw, dialect, confidence (high, medium, low). What the server does not tell is \
null. A name that is not UTF-8 has its bytes in name_hex. A line that cannot be understood has only raw.

Examples:
  wharf ls -lh ftp://ftp.example.org/pub/
  wharf ls -lt --utc ftp://10.0.0.7/log/ | head       the newest first
  wharf ls -aR ftp://ftp.example.org/pub/
  wharf ls --json ftp://ftp.example.org/pub/ | jq '.[].name'
  wharf ls --raw ftp://10.0.0.7/ | wharf parse-listing --json"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct LsArgs {
    /// Which directories
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// Permissions, owner, group, size and time as well
    #[arg(short = 'l', long)]
    pub(crate) long: bool,
    /// One name a line, which is so without this as well
    #[arg(short = '1', conflicts_with_all = ["long", "json"])]
    one: bool,
    /// Sizes for people: 1.2K, 15M
    #[arg(short = 'h', long, conflicts_with = "json")]
    pub(crate) human_readable: bool,
    /// Names that begin with a dot as well
    #[arg(short = 'a', long)]
    pub(crate) all: bool,
    /// The directories below as well, each behind the one it stands in
    #[arg(short = 'R', long)]
    pub(crate) recursive: bool,
    /// In order of size, the largest first
    #[arg(short = 'S', overrides_with_all = ["time", "unsorted"])]
    pub(crate) size: bool,
    /// In order of time, the newest first
    #[arg(short = 't', overrides_with_all = ["size", "unsorted"])]
    pub(crate) time: bool,
    /// In no order: as the server lists them and at once, so that no length takes memory
    #[arg(short = 'U', overrides_with_all = ["size", "time"])]
    pub(crate) unsorted: bool,
    /// The other way round
    #[arg(short = 'r', long, conflicts_with = "unsorted")]
    pub(crate) reverse: bool,
    /// Times in UTC, if the zone of the server's clock can be found out
    #[arg(long)]
    pub(crate) utc: bool,
    /// One JSON array
    #[arg(long, conflicts_with = "long")]
    pub(crate) json: bool,
    /// The listing as the server sends it
    #[arg(long, conflicts_with_all = ["long", "json", "recursive", "size", "time", "reverse", "utc"])]
    pub(crate) raw: bool,
    /// Print help
    #[arg(long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// List the names in a directory, as the server writes them (NLST)
#[derive(Debug, clap::Args)]
pub(crate) struct NlstArgs {
    /// Which directories
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
}

/// Tell what the server knows of files and directories
///
/// From MLST where the server has it, otherwise from LIST, SIZE and MDTM.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --json the output is one array with an object for each URL; `wharf ls --help` tells the fields.")]
pub(crate) struct StatArgs {
    /// Of what
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// One JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// Draw a directory with all that is below it
///
/// Links are shown and not followed. A file is a tree of one line. A directory that cannot be listed is
/// told on standard error, and the rest goes on.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --json the output is one array with an object for each URL, whose entries are in contents, and \
theirs in contents again; `wharf ls --help` tells the other fields.

Examples:
  wharf tree -L 2 ftp://ftp.example.org/pub/
  wharf tree -d ftp://ftp.example.org/")]
pub(crate) struct TreeArgs {
    /// Which directories
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// How many directories deep to go
    #[arg(short = 'L', long, value_name = "DEPTH", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) level: Option<u16>,
    /// Names that begin with a dot as well
    #[arg(short = 'a', long)]
    pub(crate) all: bool,
    /// Directories alone
    #[arg(short = 'd', long)]
    pub(crate) dirs_only: bool,
    /// One JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// Look for files below a directory
///
/// Shows the paths of all that every condition holds for, as they come: what is in a directory stands
/// together, and the directories below it behind that. The directory itself is not shown. Links are not
/// followed. A directory that cannot be listed is told on standard error, and the rest goes on.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
GLOB is a pattern as shells have it: * for any characters, ? for one, [a-z] for one of a set. Of \
several --name or --iname one has to fit.

SIZE counts bytes, or 1,024 of them with k, and so on with M, G and T. +SIZE is for more, -SIZE for \
less. What is no directory and has a size that the server tells is compared.

WHEN is an age (30s, 15min, 36h, 7d, 2w) or a date in UTC (2026-11-22, 2026-11-22T10:30). Times that \
the server tells in its own zone are taken for UTC, unless --utc finds out how far its clock is off.

Examples:
  wharf find ftp://ftp.example.org/pub --name '*.iso' --size +1G
  wharf find ftp://10.0.0.7/log --type f --older-than 30d
  wharf find ftp://10.0.0.7/in -0 | xargs -0 -n 1 echo
  wharf find ftp://10.0.0.7/in --newer-than 1d --json | jq -r '.[].path'")]
pub(crate) struct FindArgs {
    /// Below which directories
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// The name is like this
    #[arg(long, value_name = "GLOB")]
    pub(crate) name: Vec<String>,
    /// The name is like this, in upper or lower case
    #[arg(long, value_name = "GLOB")]
    pub(crate) iname: Vec<String>,
    /// The whole path is like this; * goes across slashes
    #[arg(long, value_name = "GLOB")]
    pub(crate) path: Option<String>,
    /// It is a file (f), a directory (d) or a link (l)
    #[arg(long = "type", value_name = "f|d|l", value_parser = kind, value_delimiter = ',')]
    pub(crate) kinds: Vec<Kind>,
    /// It is as large as this
    #[arg(
        long,
        value_name = "[+-]SIZE",
        value_parser = Bound::parse,
        allow_hyphen_values = true,
        action = ArgAction::Append
    )]
    pub(crate) size: Vec<Bound>,
    /// It was modified after this
    #[arg(long, value_name = "WHEN", value_parser = Moment::parse)]
    pub(crate) newer_than: Option<Moment>,
    /// It was modified before this
    #[arg(long, value_name = "WHEN", value_parser = Moment::parse)]
    pub(crate) older_than: Option<Moment>,
    /// It is so many steps below the directory or more; what is in it is 1 below
    #[arg(long, value_name = "DEPTH", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) min_depth: Option<u16>,
    /// It is so many steps below the directory or less
    #[arg(long, value_name = "DEPTH", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) max_depth: Option<u16>,
    /// Times in UTC, if the zone of the server's clock can be found out
    #[arg(long)]
    pub(crate) utc: bool,
    /// One JSON array
    #[arg(long)]
    pub(crate) json: bool,
    /// A NUL behind each path, for xargs -0
    #[arg(short = '0', long, conflicts_with = "json")]
    pub(crate) print0: bool,
}

/// Sum up the sizes of what is below a directory
///
/// In bytes, as the server tells the sizes of files; directories and links themselves count nothing, and
/// links are not followed. Each directory stands behind those in it. A directory that cannot be listed is told on
/// standard error, and the rest is summed up.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_flag = true,
    after_help = "\
With --json the output is one array with an object for each line: path, type, size, and for \
directories how many files and directories are below them.

Examples:
  wharf du -hs ftp://ftp.example.org/pub/ ftp://ftp.example.org/in/
  wharf du -d 1 ftp://10.0.0.7/ | sort -n"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct DuArgs {
    /// Which directories
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// Sizes for people: 1.2K, 15M
    #[arg(short = 'h', long, conflicts_with = "json")]
    pub(crate) human_readable: bool,
    /// The sum of each URL alone
    #[arg(short = 's', long, conflicts_with_all = ["max_depth", "all"])]
    pub(crate) summarize: bool,
    /// Show errors and nothing else
    // The option of all commands without its letter, which du has for something else.
    #[arg(
        id = "silent",
        long,
        help_heading = "Output",
        conflicts_with = "verbose"
    )]
    silent: bool,
    /// Show what is so many steps below the directory or less
    #[arg(short = 'd', long, value_name = "DEPTH")]
    pub(crate) max_depth: Option<u16>,
    /// Files as well
    #[arg(short = 'a', long)]
    pub(crate) all: bool,
    /// One JSON array
    #[arg(long)]
    pub(crate) json: bool,
    /// Print help
    #[arg(long, action = ArgAction::HelpLong)]
    help: Option<bool>,
}

/// Read a listing on standard input, and show what is in it
///
/// The listing may be in any form that a server has answered LIST, MLSD or NLST with; its dialect is
/// found out. Lines that cannot be understood are shown on standard error and make no failure.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --json the output is one object a line for each entry: name, type (file, dir, symlink, other), \
size, modified (ISO 8601, as exact as the listing is, with a Z where it is known to be UTC), target, \
permissions, owner, group, links, dialect, confidence (high, medium, low). What the listing does not \
tell is null.

Examples:
  wharf parse-listing --json < listing.txt
  wharf parse-listing --now 1999-12-31 --dialect vms < old.txt")]
pub(crate) struct ParseListingArgs {
    /// The day on which the listing was made; dates without a year are the last ones before it, or a day
    /// later, for the server's clock may be ahead
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = noon)]
    pub(crate) now: Option<Timestamp>,
    /// Take it for this dialect, whatever it looks like
    #[arg(long, value_name = "NAME", value_parser = dialect)]
    pub(crate) dialect: Option<Dialect>,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

fn kind(letter: &str) -> Result<Kind, String> {
    match letter {
        "f" => Ok(Kind::File),
        "d" => Ok(Kind::Directory),
        "l" => Ok(Kind::Symlink),
        _ => Err("must be f, d or l".to_owned()),
    }
}

/// The middle of a day.
fn noon(text: &str) -> Result<Timestamp, String> {
    let wrong = || "not a day such as 2026-11-22".to_owned();
    let digits = text.replace('-', "");
    if text.len() != 10 || digits.len() != 8 {
        return Err(wrong());
    }
    Timestamp::parse(format!("{digits}120000").as_bytes()).ok_or_else(wrong)
}

fn dialect(name: &str) -> Result<Dialect, String> {
    Dialect::from_name(name).ok_or_else(|| {
        let names: Vec<_> = Dialect::ALL.into_iter().map(Dialect::name).collect();
        format!("must be one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_middle() {
        assert_eq!(
            noon("2026-11-22").unwrap().to_string(),
            "2026-11-22T12:00:00Z"
        );
        for wrong in ["2026-11-31", "2026-1-2", "20261122", "2026-11-22T", "x"] {
            assert!(noon(wrong).is_err(), "{wrong}");
        }
    }
}
