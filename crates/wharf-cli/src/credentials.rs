//! Who logs in where: from the URL, the command line, the environment, `.netrc`, or the keyboard.
//!
//! Everything is settled, questions included, before the first connection is made.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use wharf::{FtpUrl, Secret};

use crate::args::LoginArgs;
use crate::failure::Failure;
use crate::local;
use crate::netrc::Netrc;
use crate::stop::Stop;

/// The port of a URL that names none.
const FTP_PORT: u16 = 21;

/// A user of a server. Two URLs with the same one share a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) host: String,
    pub(crate) port: u16,
    user: Option<String>,
}

/// What is sent to get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// Whatever the library says to be let in as anybody.
    Anonymous,
    /// A user, with what is known of the password and the account.
    Named {
        user: String,
        password: Option<Secret>,
        account: Option<Secret>,
    },
}

/// The logins of a run.
#[derive(Debug)]
pub(crate) struct Logins {
    known: Vec<(Account, Login)>,
    /// The user of URLs without one.
    user: Option<String>,
}

/// Where logins are looked for, besides URLs.
#[derive(Debug, Default)]
struct Sources {
    /// From `--user`.
    user: Option<String>,
    user_password: Option<Secret>,
    /// From `--password-stdin` or `WHARF_PASSWORD`.
    password: Option<Secret>,
    netrc: Option<Netrc>,
    /// Whether somebody can be asked, and it is of use.
    ask: bool,
}

impl Account {
    /// The account that a URL means; `user` is that of URLs without one.
    pub(crate) fn of(url: &FtpUrl, user: Option<&str>) -> Self {
        Self {
            host: url.host().to_ascii_lowercase(),
            port: url.port().unwrap_or(FTP_PORT),
            user: url.user().or(user).map(str::to_owned),
        }
    }
}

impl Logins {
    /// Finds the login for each URL. Reads standard input and asks at the terminal where the
    /// arguments say so.
    pub(crate) fn gather(args: &LoginArgs, urls: &[&FtpUrl], stop: &Stop) -> Result<Self, Failure> {
        Self::resolve(&Sources::read(args)?, urls, |user, host| {
            ask(stop, user, host)
        })
    }

    /// The login that was found for a URL.
    pub(crate) fn of(&self, url: &FtpUrl) -> (Account, Login) {
        let account = Account::of(url, self.user.as_deref());
        let login = self.known.iter().find(|(known, _)| *known == account);
        let login = login.map_or(Login::Anonymous, |(_, login)| login.clone());
        (account, login)
    }

    fn resolve(
        sources: &Sources,
        urls: &[&FtpUrl],
        ask: impl Fn(&str, &str) -> Result<Secret, Failure>,
    ) -> Result<Self, Failure> {
        let user = sources.user.clone();
        let mut logins = Self {
            known: Vec::new(),
            user,
        };
        // The one account that the password from outside the URLs is for.
        let mut shared: Option<Account> = None;
        for url in urls {
            let account = Account::of(url, sources.user.as_deref());
            if logins.known.iter().any(|(known, _)| *known == account) {
                continue;
            }
            let login = match (
                &account.user,
                url.password(),
                sources.shared_password(&account),
            ) {
                (None, _, _) => sources.netrc_login(&account).unwrap_or(Login::Anonymous),
                (Some(user), Some(password), _) => Login::named(user, Some(password.clone())),
                (Some(user), None, Some(password)) => {
                    if let Some(other) = shared.replace(account.clone()) {
                        return Err(Failure::usage(format!(
                            "one password, but two accounts: {} and {}",
                            other.shown(),
                            account.shown()
                        ))
                        .advise("run the command once for each, or use --netrc"));
                    }
                    Login::named(user, Some(password.clone()))
                }
                (Some(user), None, None) => match sources.netrc_login(&account) {
                    Some(login) => login,
                    None if is_anonymous(user) => Login::named(user, Some(Secret::from("wharf@"))),
                    None if sources.ask => Login::named(user, Some(ask(user, &account.host)?)),
                    None => Login::named(user, None),
                },
            };
            logins.known.push((account, login));
        }
        Ok(logins)
    }
}

impl Login {
    fn named(user: &str, password: Option<Secret>) -> Self {
        Self::Named {
            user: user.to_owned(),
            password,
            account: None,
        }
    }
}

impl Account {
    fn shown(&self) -> String {
        let user = self.user.as_deref().unwrap_or("anonymous");
        wharf::text::escaped_str(&format!("{user}@{}:{}", self.host, self.port)).to_string()
    }
}

impl Sources {
    fn read(args: &LoginArgs) -> Result<Self, Failure> {
        let (user, user_password) = match args.user.as_deref() {
            None => (None, None),
            Some(user) => match user.split_once(':') {
                Some((user, password)) => (Some(user), Some(Secret::from(password))),
                None => (Some(user), None),
            },
        };
        if user == Some("") {
            return Err(Failure::usage("--user is empty"));
        }
        let password = if args.password_stdin {
            Some(password_from_stdin()?)
        } else {
            env::var_os("WHARF_PASSWORD")
                .map(OsString::into_vec)
                .map(Secret::from)
        };
        let netrc = match netrc_path(args)? {
            None => None,
            Some(path) => Some(Netrc::read(&path).map_err(|error| {
                Failure::usage(error.to_string()).about(local::shown(&path).to_string())
            })?),
        };
        Ok(Self {
            user: user.map(str::to_owned),
            user_password,
            password,
            netrc,
            // A password that must not be sent need not be typed.
            ask: args.plaintext && io::stderr().is_terminal(),
        })
    }

    /// The password from outside the URLs, if it is for this account.
    fn shared_password(&self, account: &Account) -> Option<&Secret> {
        let of_user = self
            .user_password
            .as_ref()
            .filter(|_| account.user == self.user);
        of_user.or(self.password.as_ref())
    }

    fn netrc_login(&self, account: &Account) -> Option<Login> {
        let entry = self
            .netrc
            .as_ref()?
            .find(&account.host, account.user.as_deref())?;
        Some(Login::Named {
            user: account.user.clone().or_else(|| entry.login.clone())?,
            password: entry.password.clone(),
            account: entry.account.clone(),
        })
    }
}

/// The names under which everybody is let in (RFC 1635).
fn is_anonymous(user: &str) -> bool {
    user.eq_ignore_ascii_case("anonymous") || user.eq_ignore_ascii_case("ftp")
}

fn netrc_path(args: &LoginArgs) -> Result<Option<PathBuf>, Failure> {
    if let Some(path) = &args.netrc_file {
        return Ok(Some(path.clone()));
    }
    if !args.netrc {
        return Ok(None);
    }
    let named = env::var_os("NETRC")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    let at_home = || env::home_dir().map(|home| home.join(".netrc"));
    match named.or_else(at_home) {
        Some(path) => Ok(Some(path)),
        None => Err(Failure::usage(
            "--netrc: there is no home directory to look in",
        )),
    }
}

fn password_from_stdin() -> Result<Secret, Failure> {
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line);
    match read {
        Ok(0) => return Err(Failure::usage("--password-stdin: standard input is empty")),
        Ok(_) => {}
        Err(error) => {
            return Err(Failure::usage(format!("--password-stdin: {error}")));
        }
    }
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line.into())
}

fn ask(stop: &Stop, user: &str, host: &str) -> Result<Secret, Failure> {
    let prompt = format!("Password of {user} at {host}: ");
    let prompt = wharf::text::escaped_str(&prompt).to_string();
    match stop.ask_hidden(&prompt) {
        Ok(password) => Ok(password.into()),
        Err(error) => Err(Failure::usage(format!(
            "no password could be asked for: {error}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nobody(_: &str, _: &str) -> Result<Secret, Failure> {
        panic!("nobody is there to ask");
    }

    fn urls(texts: &[&str]) -> Vec<FtpUrl> {
        texts
            .iter()
            .map(|text| FtpUrl::parse(text).unwrap())
            .collect()
    }

    fn resolve(sources: &Sources, texts: &[&str]) -> Result<Vec<Login>, Failure> {
        let urls = urls(texts);
        let logins = Logins::resolve(sources, &urls.iter().collect::<Vec<_>>(), nobody)?;
        Ok(urls.iter().map(|url| logins.of(url).1).collect())
    }

    fn named(user: &str, password: &str) -> Login {
        Login::named(user, Some(Secret::from(password)))
    }

    #[test]
    fn without_a_user_the_login_is_anonymous_whatever_password_is_about() {
        let sources = Sources {
            password: Some(Secret::from("p")),
            ..Sources::default()
        };
        assert_eq!(
            resolve(&sources, &["ftp://h/"]).unwrap(),
            [Login::Anonymous]
        );
        let named_so = resolve(&Sources::default(), &["ftp://ftp@h/"]).unwrap();
        assert_eq!(named_so, [named("ftp", "wharf@")]);
    }

    #[test]
    fn the_url_comes_before_the_command_line_and_that_before_the_environment() {
        let sources = Sources {
            user: Some("u".to_owned()),
            user_password: Some(Secret::from("of -u")),
            password: Some(Secret::from("of env")),
            ..Sources::default()
        };
        assert_eq!(
            resolve(&sources, &["ftp://h/"]).unwrap(),
            [named("u", "of -u")]
        );
        assert_eq!(
            resolve(&sources, &["ftp://u:x@h/"]).unwrap(),
            [named("u", "x")]
        );
        assert_eq!(
            resolve(&sources, &["ftp://v@h/"]).unwrap(),
            [named("v", "of env")]
        );
    }

    #[test]
    fn the_password_after_user_is_for_that_user_only() {
        let sources = Sources {
            user: Some("u".to_owned()),
            user_password: Some(Secret::from("p")),
            ..Sources::default()
        };
        assert_eq!(
            resolve(&sources, &["ftp://v@h/"]).unwrap(),
            [Login::named("v", None)]
        );
    }

    #[test]
    fn one_password_never_goes_to_two_accounts() {
        let sources = Sources {
            password: Some(Secret::from("p")),
            ..Sources::default()
        };
        for second in ["ftp://u@other/", "ftp://u@h:2121/", "ftp://v@h/"] {
            let refused = resolve(&sources, &["ftp://u@h/a", second]).unwrap_err();
            assert_eq!(refused.exit, crate::exit::Exit::Usage, "{second}");
        }
        let same = resolve(&sources, &["ftp://u@h/a", "ftp://u@H:21/b", "ftp://x/c"]).unwrap();
        assert_eq!(same, [named("u", "p"), named("u", "p"), Login::Anonymous]);
    }

    #[test]
    fn somebody_is_asked_once_for_each_account() {
        let sources = Sources {
            ask: true,
            ..Sources::default()
        };
        let urls = urls(&["ftp://u@h/a", "ftp://u@h/b", "ftp://v@h/a"]);
        let asked = std::cell::RefCell::new(Vec::new());
        let logins = Logins::resolve(&sources, &urls.iter().collect::<Vec<_>>(), |user, host| {
            asked.borrow_mut().push(format!("{user}@{host}"));
            Ok(Secret::from("typed"))
        });
        assert_eq!(logins.unwrap().of(&urls[1]).1, named("u", "typed"));
        assert_eq!(*asked.borrow(), ["u@h", "v@h"]);
    }
}
