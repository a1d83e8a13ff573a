//! What can be typed: the command line as clap reads it. What it means is decided in [`job`](crate::job).

mod finds;
mod listing;
mod tls;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use wharf::Encoding;

use crate::exit::Exit;

pub(crate) use finds::explain as explain_finds;
pub(crate) use listing::{
    DuArgs, FindArgs, LsArgs, NlstArgs, ParseListingArgs, StatArgs, TreeArgs,
};
pub(crate) use tls::{ClearData, Ending, Mode, TlsArgs, Version};

/// Get, put, list and manage files over FTP and FTPS
#[derive(Debug, Parser)]
#[command(
    name = "wharf",
    version,
    long_about = ABOUT,
    after_long_help = format!("{EXAMPLES}\n\n{}", Exit::help()),
    after_help = Exit::help(),
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// The options of all commands that a command without a server has a use for.
const OFFLINE: [&str; 2] = ["encoding", "silent"];

impl Args {
    /// Reads the command line of this process.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let mut matches = Self::definition().try_get_matches()?;
        Self::from_arg_matches_mut(&mut matches)
            .map_err(|error| error.format(&mut Self::definition()))
    }

    /// What can be typed. The options of all commands are taken by those without a server too, for an alias may
    /// give them, but only those that matter are shown there.
    fn definition() -> clap::Command {
        let command = Self::command();
        let is_idle = |arg: &Arg| !OFFLINE.contains(&arg.get_id().as_str());
        let of_all: Vec<Arg> = command
            .get_arguments()
            .filter(|arg| arg.is_global_set())
            .map(|arg| arg.clone().hide(is_idle(arg)).help_heading(None))
            .collect();
        command.mut_subcommand("parse-listing", |offline| offline.args(of_all))
    }
}

const ABOUT: &str = "\
Get, put, list and manage files over FTP and FTPS

URLs follow RFC 1738: ftp://[user[:password]@]host[:port]/path[;type=a|i]. The path begins at the \
login directory; /%2F begins it at the root. A slash at the end means a directory.

A password travels in TLS only: ftp:// asks the server for it (AUTH TLS), and ftpes:// does so for \
anonymous logins too; ftps:// has TLS from the first byte, on port 990. Files and listings are \
encrypted with it. --plaintext does without.

Data goes to standard output, everything else to standard error. A progress bar is shown on a \
terminal only. Several URLs are worked through one after the other, over one connection while the \
host and the user stay the same; after a failure the rest is still done.";

const EXAMPLES: &str = "\
Examples:
  wharf get ftp://ftp.example.org/pub/data.csv
  wharf get -C -O downloads ftp://ftp.example.org/pub/big.iso
  wharf put -u ship report.pdf ftp://ftp.example.org/in/
  wharf put -u ship --tofu report.pdf ftps://10.0.0.7/in/
  tar cz dir | wharf put - ftp://backup.example.org/dir.tgz
  wharf ls -l ftp://ftp.example.org/pub/
  wharf ls --json ftp://ftp.example.org/pub/ | jq '.[].name'";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Get(GetArgs),
    Put(PutArgs),
    Cat(CatArgs),
    Ls(LsArgs),
    Nlst(NlstArgs),
    Stat(StatArgs),
    Tree(TreeArgs),
    Find(FindArgs),
    Du(DuArgs),
    Mkdir(MkdirArgs),
    Rmdir(RmdirArgs),
    Rm(RmArgs),
    Mv(MvArgs),
    Raw(RawArgs),
    ParseListing(ParseListingArgs),
}

/// Download files
///
/// A file is written under a temporary name beside its target, brought to the disk and then
/// renamed, so that a failure leaves an old file as it was and no half a new one. A symbolic link
/// in the target's place is replaced, not followed; a device such as /dev/null is written to.
/// The number of bytes must be what the server's SIZE says, if it has SIZE.
///
/// The local name is the last part of the URL, if that makes one plain component. Names from a
/// server are not asked for.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --continue the bytes so far stay in .NAME.wharf-part beside the target, and what the file was \
in .NAME.wharf-part.json. The next run goes on if the URL, SIZE and MDTM are still the same, and \
fetches the last 4 KiB again to compare them; otherwise it starts over. Without SIZE nothing can be \
proved, so it starts over as well.

Examples:
  wharf get ftp://ftp.example.org/pub/a.txt ftp://ftp.example.org/pub/b.txt
  wharf get -o today.csv ftp://ftp.example.org/pub/2026-11-22.csv
  wharf get -o - ftp://ftp.example.org/pub/a.tgz | tar tz")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct GetArgs {
    /// What to download
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// Write to this file; - is standard output
    #[arg(short = 'o', long, value_name = "FILE", conflicts_with = "directory")]
    pub(crate) output: Option<PathBuf>,
    /// Write into this directory
    #[arg(short = 'O', long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// Go on where an earlier run with this flag was cut off
    #[arg(short = 'C', long = "continue")]
    pub(crate) resume: bool,
    /// Give the local file the time of the remote one
    #[arg(short = 'R', long)]
    pub(crate) remote_time: bool,
    /// Make the local directories that are missing
    #[arg(long)]
    pub(crate) create_dirs: bool,
    /// Fail if the local file is there already
    #[arg(long, conflicts_with = "skip_existing")]
    pub(crate) no_clobber: bool,
    /// Do nothing if the local file is there already
    #[arg(long)]
    pub(crate) skip_existing: bool,
    /// Transfer as text: line ends are converted (TYPE A)
    #[arg(short = 'B', long, conflicts_with = "resume")]
    pub(crate) ascii: bool,
}

/// Upload files
///
/// The last argument is the URL. If it ends in a slash the files keep their names in that
/// directory; otherwise it names the file. After each file the server's SIZE is compared with
/// what was sent, if it has SIZE.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --continue the server is asked for the SIZE of what it has, the end of that is compared with \
the local file where the server lets it be read, and the rest is sent from there (REST and STOR).

Examples:
  wharf put a.txt b.txt ftp://ftp.example.org/incoming/
  wharf put -C big.iso ftp://ship@ftp.example.org/big.iso
  date | wharf put -a - ftp://10.0.0.7/log.txt")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct PutArgs {
    /// What to upload; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Where to
    #[arg(required = true, value_name = "URL")]
    pub(crate) url: String,
    /// Go on where an earlier upload was cut off
    #[arg(short = 'C', long = "continue")]
    pub(crate) resume: bool,
    /// Add to the end of the remote file (APPE)
    #[arg(short = 'a', long, conflicts_with = "resume")]
    pub(crate) append: bool,
    /// Make the remote directories that are missing
    #[arg(long)]
    pub(crate) create_dirs: bool,
    /// Transfer as text: line ends are converted (TYPE A)
    #[arg(short = 'B', long, conflicts_with = "resume")]
    pub(crate) ascii: bool,
}

/// Write files to standard output, one after the other
#[derive(Debug, clap::Args)]
pub(crate) struct CatArgs {
    /// What to write
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// Transfer as text: line ends are converted (TYPE A)
    #[arg(short = 'B', long)]
    pub(crate) ascii: bool,
}

/// Make directories
#[derive(Debug, clap::Args)]
pub(crate) struct MkdirArgs {
    /// Which
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// Make those above as well, and do not mind what is there already
    #[arg(short = 'p', long)]
    pub(crate) parents: bool,
}

/// Remove empty directories
#[derive(Debug, clap::Args)]
pub(crate) struct RmdirArgs {
    /// Which
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
}

/// Remove files
#[derive(Debug, clap::Args)]
pub(crate) struct RmArgs {
    /// Which
    #[arg(required = true, value_name = "URL")]
    pub(crate) urls: Vec<String>,
}

/// Rename a file or directory, or move it within its server
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  wharf mv ftp://10.0.0.7/in/a.txt done/a.txt     from the login directory
  wharf mv ftp://10.0.0.7/in/a.txt /srv/a.txt     from the root
  wharf mv ftp://10.0.0.7/in/a.txt ftp://10.0.0.7/done/a.txt")]
pub(crate) struct MvArgs {
    /// What
    #[arg(value_name = "URL")]
    pub(crate) from: String,
    /// Its new path: from the login directory, from the root if it begins with a slash, or a URL
    /// of the same server and user
    #[arg(value_name = "NEWPATH")]
    pub(crate) to: OsString,
}

/// Send commands as they are, and show the replies
///
/// The path of the URL, if it has one, is entered first (CWD). The first command that is refused
/// ends the run. Commands that need a data connection, such as RETR and LIST, cannot be sent.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  wharf raw ftp://10.0.0.7/ FEAT
  wharf raw ftp://10.0.0.7/scripts/ 'SITE CHMOD 755 run.sh' NOOP")]
pub(crate) struct RawArgs {
    /// To which server
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// Commands, each one argument
    #[arg(required = true, value_name = "COMMAND")]
    pub(crate) commands: Vec<String>,
}

/// Who we are.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Login")]
pub(crate) struct LoginArgs {
    /// Log in as this user, where the URL names none; a password here can be seen by other
    /// processes
    #[arg(short = 'u', long, value_name = "USER[:PASSWORD]", long_help = USER_HELP, global = true)]
    pub(crate) user: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long, global = true)]
    pub(crate) password_stdin: bool,
    /// Look for user and password in ~/.netrc, or the file that $NETRC names
    #[arg(short = 'n', long, global = true)]
    pub(crate) netrc: bool,
    /// Look for user and password in this file; nobody else may be able to read it
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) netrc_file: Option<PathBuf>,
}

impl LoginArgs {
    /// The user of `--user`, without the password that may stand behind it.
    pub(crate) fn user_name(&self) -> Option<&str> {
        self.user.as_deref()?.split(':').next()
    }
}

const USER_HELP: &str = "\
Log in as this user, where the URL names none

Without a user the login is anonymous. The password is looked for in the URL, here, in \
--password-stdin or the variable WHARF_PASSWORD, in .netrc with --netrc, and then asked for on a \
terminal. A password given here or in a URL can be seen by other processes.";

/// How we connect.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// Let the server open the data connections (PORT, EPRT)
    #[arg(long, global = true)]
    pub(crate) active: bool,
    /// Use IPv4 only
    #[arg(short = '4', long, global = true, conflicts_with = "ipv6")]
    pub(crate) ipv4: bool,
    /// Use IPv6 only
    #[arg(short = '6', long, global = true)]
    pub(crate) ipv6: bool,
    /// How the server writes names that are not ASCII
    #[arg(long, value_name = "ENCODING", value_enum, long_help = ENCODING_HELP, global = true)]
    encoding: Option<NameEncoding>,
    /// The longest wait for a connection, a reply, or the next bytes of a transfer
    #[arg(long, value_name = "SECONDS", value_parser = seconds, global = true)]
    pub(crate) timeout: Option<Duration>,
    /// The longest wait for a connection
    #[arg(long, value_name = "SECONDS", value_parser = seconds, global = true)]
    pub(crate) connect_timeout: Option<Duration>,
    /// The longest time for everything together
    #[arg(short = 'm', long, value_name = "SECONDS", value_parser = seconds, global = true)]
    pub(crate) max_time: Option<Duration>,
}

impl ConnectionArgs {
    /// How the server writes names.
    pub(crate) fn encoding(&self) -> Encoding {
        match self.encoding {
            None | Some(NameEncoding::Utf8) => Encoding::Utf8,
            Some(NameEncoding::Latin1) => Encoding::Latin1,
        }
    }
}

/// How names are written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum NameEncoding {
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    #[value(name = "latin1", alias = "iso-8859-1")]
    Latin1,
}

const ENCODING_HELP: &str = "\
How the server writes names that are not ASCII

Without this they are UTF-8, and what is not valid UTF-8 is read as Latin-1. With latin1 what is typed \
goes out in Latin-1 as well; percent-encoded bytes in a URL are sent as they are in any case.";

/// What is told.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Show the commands and replies, secrets masked, and what TLS came to, in place of the progress bar
    #[arg(short = 'v', long, action = ArgAction::SetTrue, global = true)]
    pub(crate) verbose: bool,
    /// Show errors and nothing else
    #[arg(short = 's', long, global = true, conflicts_with = "verbose")]
    pub(crate) silent: bool,
}

/// A number of seconds, with a fraction if need be.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("must be more than 0 and within reason".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Args::definition().debug_assert();
    }

    #[test]
    fn seconds_have_fractions_and_are_never_zero() {
        assert_eq!(seconds("1.5"), Ok(Duration::from_millis(1500)));
        for wrong in ["0", "-1", "x", "inf", "NaN", "1e300", ""] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_subcommand_has_help_and_the_options_of_all() {
        let mut command = Args::definition();
        command.build();
        for sub in command.get_subcommands() {
            assert!(sub.get_about().is_some(), "{}", sub.get_name());
            assert!(
                sub.get_arguments().any(|arg| arg.get_id() == "plaintext"),
                "{}",
                sub.get_name()
            );
            for arg in sub.get_arguments() {
                assert!(
                    arg.get_help().is_some(),
                    "{} {}",
                    sub.get_name(),
                    arg.get_id()
                );
            }
        }
    }

    #[test]
    fn the_help_shows_every_exit_code() {
        let help = Args::definition().render_long_help().to_string();
        for (exit, meaning) in Exit::TABLE {
            let words: Vec<_> = meaning.split(' ').take(4).collect();
            let line = format!("{:>2}  {}", exit.code(), words.join(" "));
            assert!(help.contains(&line), "{line}");
        }
    }
}
