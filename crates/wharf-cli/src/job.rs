//! What the arguments mean. Everything that can be found wrong without a connection is found here.

mod listing;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use wharf::{Encoding, FtpUrl, RemotePath, Representation};

use crate::args::{Command, GetArgs, MvArgs, PutArgs};
use crate::cmd::get::{self, Fetch, To};
use crate::cmd::parse_listing::Reading;
use crate::cmd::put::{self, How, Input, Sending};
use crate::cmd::{du, find, ls, tree};
use crate::credentials::Accounts;
use crate::failure::Failure;
use crate::local::{self, Existing};
use crate::names;

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Job {
    Get(Vec<Fetch>),
    Put(Vec<Sending>),
    List {
        urls: Vec<FtpUrl>,
        options: ls::Options,
    },
    Tree {
        urls: Vec<FtpUrl>,
        options: tree::Options,
    },
    Find {
        urls: Vec<FtpUrl>,
        options: find::Options,
    },
    Usage {
        urls: Vec<FtpUrl>,
        options: du::Options,
    },
    Names(Vec<FtpUrl>),
    Stat {
        urls: Vec<FtpUrl>,
        json: bool,
    },
    MakeDirectories {
        urls: Vec<FtpUrl>,
        parents: bool,
    },
    RemoveDirectories(Vec<FtpUrl>),
    RemoveFiles(Vec<FtpUrl>),
    Rename {
        from: FtpUrl,
        to: RemotePath,
    },
    Raw {
        url: FtpUrl,
        commands: Vec<String>,
    },
    ParseListing(Reading),
}

impl Job {
    /// Reads the meaning off what was typed. The names in it go out in `encoding`.
    pub(crate) fn new(
        command: &Command,
        accounts: &Accounts,
        encoding: Encoding,
    ) -> Result<Self, Failure> {
        Ok(match command {
            Command::Get(args) => Self::Get(fetches(args, encoding)?),
            Command::Put(args) => Self::Put(sendings(args, encoding)?),
            Command::Cat(args) => {
                let urls = files(&args.urls, encoding)?;
                let fetch = |url| Fetch {
                    options: get::Options {
                        representation: representation(&url, args.ascii),
                        ..get::Options::default()
                    },
                    url,
                    to: To::Stdout,
                };
                Self::Get(urls.into_iter().map(fetch).collect())
            }
            Command::Ls(args) => Self::List {
                urls: parse_all(&args.urls, encoding)?,
                options: listing::list(args),
            },
            Command::Tree(args) => Self::Tree {
                urls: parse_all(&args.urls, encoding)?,
                options: listing::tree(args),
            },
            Command::Find(args) => Self::Find {
                urls: parse_all(&args.urls, encoding)?,
                options: listing::find(args, SystemTime::now())?,
            },
            Command::Du(args) => Self::Usage {
                urls: parse_all(&args.urls, encoding)?,
                options: listing::usage(args),
            },
            Command::Nlst(args) => Self::Names(parse_all(&args.urls, encoding)?),
            Command::Stat(args) => Self::Stat {
                urls: parse_all(&args.urls, encoding)?,
                json: args.json,
            },
            Command::Mkdir(args) => Self::MakeDirectories {
                urls: named(&args.urls, encoding)?,
                parents: args.parents,
            },
            Command::Rmdir(args) => Self::RemoveDirectories(named(&args.urls, encoding)?),
            Command::Rm(args) => Self::RemoveFiles(files(&args.urls, encoding)?),
            Command::Mv(args) => rename(args, accounts, encoding)?,
            Command::Raw(args) => Self::Raw {
                url: parse(&args.url, encoding)?,
                commands: args.commands.clone(),
            },
            Command::ParseListing(args) => Self::ParseListing(Reading {
                now: args.now,
                dialect: args.dialect,
                json: args.json,
            }),
        })
    }

    /// Every URL in it, in order.
    pub(crate) fn urls(&self) -> Vec<&FtpUrl> {
        match self {
            Self::Get(fetches) => fetches.iter().map(|fetch| &fetch.url).collect(),
            Self::Put(sendings) => sendings.iter().map(|sending| &sending.url).collect(),
            Self::List { urls, .. }
            | Self::Tree { urls, .. }
            | Self::Find { urls, .. }
            | Self::Usage { urls, .. }
            | Self::Names(urls)
            | Self::Stat { urls, .. }
            | Self::MakeDirectories { urls, .. }
            | Self::RemoveDirectories(urls)
            | Self::RemoveFiles(urls) => urls.iter().collect(),
            Self::Rename { from: url, .. } | Self::Raw { url, .. } => vec![url],
            Self::ParseListing(_) => Vec::new(),
        }
    }

    /// Whether it reads standard input.
    pub(crate) fn reads_stdin(&self) -> bool {
        match self {
            Self::Put(sendings) => sendings.iter().any(|sending| sending.from == Input::Stdin),
            Self::ParseListing(_) => true,
            _ => false,
        }
    }
}

fn fetches(args: &GetArgs, encoding: Encoding) -> Result<Vec<Fetch>, Failure> {
    let options = get::Options {
        existing: match (args.no_clobber, args.skip_existing) {
            (true, _) => Existing::Refuse,
            (false, true) => Existing::Skip,
            (false, false) => Existing::Replace,
        },
        resume: args.resume,
        remote_time: args.remote_time,
        create_dirs: args.create_dirs,
        ..get::Options::default()
    };
    let fetch = |url: FtpUrl, to| {
        let representation = representation(&url, args.ascii);
        if representation == Representation::Ascii && args.resume {
            return Err(
                Failure::usage("a text transfer cannot be continued").about(url.to_string())
            );
        }
        Ok(Fetch {
            url,
            to,
            options: get::Options {
                representation,
                ..options
            },
        })
    };
    let urls = files(&args.urls, encoding)?;
    if let Some(output) = &args.output {
        if output.as_os_str() == "-" {
            if args.resume || args.remote_time {
                return Err(Failure::usage(
                    "--continue and --remote-time need a file, not standard output",
                ));
            }
            return urls.into_iter().map(|url| fetch(url, To::Stdout)).collect();
        }
        let [url] = <[FtpUrl; 1]>::try_from(urls)
            .map_err(|_| Failure::usage("--output takes one URL; --directory takes several"))?;
        return Ok(vec![fetch(url, To::File(output.clone()))?]);
    }
    let directory = args.directory.as_deref().unwrap_or_else(|| Path::new(""));
    if !args.create_dirs && !directory.as_os_str().is_empty() && !directory.is_dir() {
        return Err(
            Failure::usage("there is no such directory; --create-dirs would make it")
                .about(local::shown(directory).to_string()),
        );
    }
    let mut targets = HashSet::new();
    let mut fetches = Vec::new();
    for url in urls {
        let name = local::safe_name(url.file_name().unwrap_or_default()).map_err(|error| {
            Failure::usage(format!("it gives no local name: {error}"))
                .about(url.to_string())
                .advise("choose a name with --output")
        })?;
        let target = directory.join(name);
        if !targets.insert(target.clone()) {
            return Err(Failure::usage("two URLs would be written to this file")
                .about(local::shown(&target).to_string()));
        }
        fetches.push(fetch(url, To::File(target))?);
    }
    Ok(fetches)
}

fn sendings(args: &PutArgs, encoding: Encoding) -> Result<Vec<Sending>, Failure> {
    let url = parse(&args.url, encoding)?;
    let options = put::Options {
        how: match (args.append, args.resume) {
            (true, _) => How::Append,
            (false, true) => How::Resume,
            (false, false) => How::Store,
        },
        create_dirs: args.create_dirs,
        representation: representation(&url, args.ascii),
    };
    let named = !url.is_directory();
    if named && args.files.len() > 1 {
        return Err(
            Failure::usage("several files need a directory: end the URL with a slash")
                .about(url.to_string()),
        );
    }
    if options.representation == Representation::Ascii && args.resume {
        return Err(Failure::usage("a text transfer cannot be continued").about(url.to_string()));
    }
    let sending = |file: &PathBuf| {
        let from = if file.as_os_str() == "-" {
            Input::Stdin
        } else {
            Input::File(file.clone())
        };
        let to = match (&from, named) {
            (_, true) => url.remote_path(),
            (Input::Stdin, false) => {
                return Err(
                    Failure::usage("standard input has no name: put one into the URL")
                        .about(url.to_string()),
                );
            }
            (Input::File(path), false) => {
                let name = path.file_name().ok_or_else(|| {
                    Failure::usage("it has no file name").about(local::shown(path).to_string())
                })?;
                url.remote_path().join(names::wire(name, encoding)?)
            }
        };
        if from == Input::Stdin && args.resume {
            return Err(Failure::usage("standard input cannot be continued"));
        }
        Ok(Sending {
            from,
            url: url.clone(),
            to,
            options,
        })
    };
    args.files.iter().map(sending).collect()
}

fn rename(args: &MvArgs, accounts: &Accounts, encoding: Encoding) -> Result<Job, Failure> {
    let from = named(std::slice::from_ref(&args.from), encoding)?
        .pop()
        .expect("one URL was given, and each becomes one");
    let to = match args.to.to_str().filter(|to| is_url(to)) {
        Some(to) => {
            let url = parse(to, encoding)?;
            if accounts.of(&url) != accounts.of(&from) {
                return Err(
                    Failure::usage("a file moves within one server and user only")
                        .about(url.to_string()),
                );
            }
            url.remote_path()
        }
        None => RemotePath::from(names::wire(&args.to, encoding)?),
    };
    if to.is_empty() {
        return Err(Failure::usage("the new path is empty"));
    }
    Ok(Job::Rename { from, to })
}

fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        ["ftp", "ftps", "ftpes"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    })
}

/// How a file travels: as the flag says, or else the URL's `;type=`.
fn representation(url: &FtpUrl, ascii: bool) -> Representation {
    if ascii {
        Representation::Ascii
    } else {
        url.representation().unwrap_or_default()
    }
}

fn parse(text: &str, encoding: Encoding) -> Result<FtpUrl, Failure> {
    FtpUrl::parse(&names::ascii_path(text, encoding)?).map_err(|error| {
        let failure = Failure::usage(error.to_string())
            .advise("URLs look like ftp://host/path; percent-encode blanks, ?, # and %");
        // What stands before an @ may be a password.
        if text.contains('@') {
            failure
        } else {
            failure.about(wharf::text::escaped_str(text).to_string())
        }
    })
}

fn parse_all(texts: &[String], encoding: Encoding) -> Result<Vec<FtpUrl>, Failure> {
    texts.iter().map(|text| parse(text, encoding)).collect()
}

/// URLs that name something other than the login directory.
fn named(texts: &[String], encoding: Encoding) -> Result<Vec<FtpUrl>, Failure> {
    let check = |url: FtpUrl| {
        if url.remote_path().is_empty() {
            return Err(Failure::usage("it names no path").about(url.to_string()));
        }
        Ok(url)
    };
    texts
        .iter()
        .map(|text| parse(text, encoding).and_then(check))
        .collect()
}

/// URLs that name files.
fn files(texts: &[String], encoding: Encoding) -> Result<Vec<FtpUrl>, Failure> {
    let check = |url: FtpUrl| {
        if url.is_directory() {
            return Err(Failure::usage("it names a directory, not a file").about(url.to_string()));
        }
        Ok(url)
    };
    texts
        .iter()
        .map(|text| parse(text, encoding).and_then(check))
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Args;
    use crate::exit::Exit;
    use crate::security::Security;

    fn job(line: &str) -> Result<Job, String> {
        let words = std::iter::once("wharf").chain(line.split(' '));
        let args = Args::try_parse_from(words).map_err(|error| error.to_string())?;
        let accounts = Accounts {
            user: args.login.user_name().map(str::to_owned),
            security: Security::new(&args.tls).unwrap(),
        };
        Job::new(&args.command, &accounts, args.connection.encoding()).map_err(|failure| {
            assert_eq!(failure.exit, Exit::Usage);
            failure.text().unwrap()
        })
    }

    fn refused(line: &str) -> String {
        match job(line) {
            Ok(job) => panic!("{line}: {job:?}"),
            Err(text) => text.lines().next().unwrap_or_default().to_owned(),
        }
    }

    fn targets(line: &str) -> Vec<PathBuf> {
        let Ok(Job::Get(fetches)) = job(line) else {
            panic!("{line}")
        };
        fetches
            .into_iter()
            .map(|fetch| match fetch.to {
                To::File(path) => path,
                To::Stdout => PathBuf::from("-"),
            })
            .collect()
    }

    fn remotes(line: &str) -> Vec<String> {
        match job(line) {
            Ok(Job::Put(sendings)) => sendings.iter().map(|it| it.to.to_string()).collect(),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_local_name_is_the_last_part_of_the_url() {
        assert_eq!(
            targets("get ftp://h/a/b ftp://h/c%20d"),
            [Path::new("b"), Path::new("c d")]
        );
        assert_eq!(targets("get -O / ftp://h/a/b"), [Path::new("/b")]);
        assert_eq!(targets("get -o x/y ftp://h/a/b"), [Path::new("x/y")]);
        assert_eq!(
            targets("get -o - ftp://h/a ftp://h/b"),
            [Path::new("-"), Path::new("-")]
        );
        assert_eq!(targets("cat ftp://h/a"), [Path::new("-")]);
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for url in ["ftp://h/..", "ftp://h/a/.", "ftp://h/a%1Bb"] {
            assert!(
                refused(&format!("get {url}")).contains("no local name"),
                "{url}"
            );
        }
        // A decoded slash separates for the server, and so it does here.
        assert_eq!(targets("get ftp://h/..%2Fx"), [Path::new("x")]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (line, words) in [
            ("get http://h/a", "not an ftp://, ftps:// or ftpes:// URL"),
            ("get ftp://h/a/", "names a directory"),
            ("get ftp://h/a ftp://i/a", "two URLs"),
            ("get -o x ftp://h/a ftp://h/b", "takes one URL"),
            ("get -C -o - ftp://h/a", "not standard output"),
            ("get -O /nonexistent ftp://h/a", "no such directory"),
            ("put a b ftp://h/c", "end the URL with a slash"),
            ("get -C ftp://h/a;type=a", "cannot be continued"),
            ("put -C a ftp://h/a;type=a", "cannot be continued"),
            ("put - ftp://h/c/", "no name"),
            ("put -C - ftp://h/c", "cannot be continued"),
            ("put .. ftp://h/c/", "no file name"),
            ("mkdir ftp://h/", "names no path"),
            ("rm ftp://h/a/", "names a directory"),
            ("mv ftp://h/a ftp://i/a", "within one server"),
            ("mv ftp://h/a ftp://u@h/a", "within one server"),
            ("mv ftp://h/a ftps://h/b", "within one server"),
        ] {
            let text = refused(line);
            assert!(text.contains(words), "{line}: {text}");
        }
    }

    #[test]
    fn flags_that_contradict_each_other_are_refused() {
        for line in [
            "get -C -B ftp://h/a",
            "get -o a -O b ftp://h/a",
            "get --no-clobber --skip-existing ftp://h/a",
            "put -a -C a ftp://h/a",
            "ls -l --json ftp://h/",
            "ls -4 -6 ftp://h/",
            "ls -s -v ftp://h/",
            "ls --tofu -k ftp://h/",
            "ls --tofu --cacert f ftp://h/",
            "ls -k --cacert f ftp://h/",
        ] {
            assert!(refused(line).contains("cannot be used with"), "{line}");
        }
    }

    #[test]
    fn a_slash_at_the_end_keeps_the_names_of_uploads() {
        assert_eq!(remotes("put x/a b ftp://h/in/"), ["in/a", "in/b"]);
        assert_eq!(remotes("put x/a ftp://h/%2Fin/b"), ["/in/b"]);
        assert_eq!(remotes("put x/a ftp://h"), ["a"]);
        assert_eq!(remotes("put é ftp://h"), ["é"]);
        assert_eq!(remotes("put --encoding latin1 é ftp://h"), [r"\xe9"]);
    }

    #[test]
    fn a_new_path_is_a_path_or_a_url_of_the_same_account() {
        for (line, path) in [
            ("mv ftp://h/a /b/c", "/b/c"),
            ("mv ftp://h/a b", "b"),
            ("mv ftp://h/a FTP://H:21/%2Fb", "/b"),
            ("mv -u me ftp://me@h/a ftp://h/b", "b"),
            ("mv FTPS://h/a ftps://h:990/b", "b"),
            ("mv ftp://h/a é", "é"),
            ("mv ftp://h/a ftp://h/é", "é"),
            ("mv --encoding latin1 ftp://h/a é", r"\xe9"),
            ("mv --encoding latin1 ftp://h/a ftp://h/é", r"\xe9"),
            ("mv ftpes://h/a ftp://h/b", "b"),
            ("mv --tls implicit ftp://h/a ftp://h:990/b", "b"),
        ] {
            let Ok(Job::Rename { to, .. }) = job(line) else {
                panic!("{line}")
            };
            assert_eq!(to.to_string(), path, "{line}");
        }
    }

    #[test]
    fn the_flag_and_the_type_of_the_url_choose_text() {
        let url = |text| FtpUrl::parse(text).unwrap();
        assert_eq!(
            representation(&url("ftp://h/a"), false),
            Representation::Image
        );
        assert_eq!(
            representation(&url("ftp://h/a;type=a"), false),
            Representation::Ascii
        );
        assert_eq!(
            representation(&url("ftp://h/a;type=i"), true),
            Representation::Ascii
        );
    }

    #[test]
    fn a_wrong_url_is_not_repeated_for_it_may_hold_a_password() {
        assert!(!refused("get ftp://u:hunter2@h/a?b").contains("hunter2"));
    }
}
