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
use crate::security::Security;
use crate::stop::Stop;

/// A user of a server. Two URLs with the same one share a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) host: String,
    pub(crate) port: u16,
    user: Option<String>,
}

/// What a URL leaves open about its account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts {
    /// The user of URLs without one.
    pub(crate) user: Option<String>,
    /// Whose port it is that a URL does not name.
    pub(crate) security: Security,
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
    accounts: Accounts,
}

/// Where logins are looked for, besides URLs.
#[derive(Debug, Default)]
struct Sources {
    /// From `--user`.
    user_password: Option<Secret>,
    /// From `--password-stdin` or `WHARF_PASSWORD`.
    password: Option<Secret>,
    netrc: Option<Netrc>,
    /// Whether somebody can be asked.
    ask: bool,
}

impl Accounts {
    /// The account that a URL means.
    pub(crate) fn of(&self, url: &FtpUrl) -> Account {
        Account {
            host: url.host().to_ascii_lowercase(),
            port: self.security.port(url),
            user: url.user().or(self.user.as_deref()).map(str::to_owned),
        }
    }
}

impl Logins {
    /// Finds the login for each URL. Reads standard input and asks at the terminal where the
    /// arguments say so.
    pub(crate) fn gather(
        args: &LoginArgs,
        accounts: Accounts,
        urls: &[&FtpUrl],
        stop: &Stop,
    ) -> Result<Self, Failure> {
        let sources = Sources::read(args)?;
        Self::resolve(&sources, accounts, urls, |user, host| ask(stop, user, host))
    }

    /// The account that a URL means.
    pub(crate) fn account(&self, url: &FtpUrl) -> Account {
        self.accounts.of(url)
    }

    /// The login that was found for a URL.
    pub(crate) fn of(&self, url: &FtpUrl) -> (Account, Login) {
        let account = self.account(url);
        let login = self.known.iter().find(|(known, _)| *known == account);
        let login = login.map_or(Login::Anonymous, |(_, login)| login.clone());
        (account, login)
    }

    fn resolve(
        sources: &Sources,
        accounts: Accounts,
        urls: &[&FtpUrl],
        ask: impl Fn(&str, &str) -> Result<Secret, Failure>,
    ) -> Result<Self, Failure> {
        let mut logins = Self {
            known: Vec::new(),
            accounts,
        };
        // The one account that the password from outside the URLs is for.
        let mut shared: Option<Account> = None;
        for url in urls {
            let account = logins.account(url);
            if logins.known.iter().any(|(known, _)| *known == account) {
                continue;
            }
            let login = match (
                &account.user,
                url.password(),
                sources.shared_password(&account, &logins.accounts),
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
        let server = authority(&self.host, self.port);
        wharf::text::escaped_str(&format!("{user}@{server}")).to_string()
    }
}

/// `host:port`, as in a URL.
pub(crate) fn authority(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

impl Sources {
    fn read(args: &LoginArgs) -> Result<Self, Failure> {
        let user_password = args.user.as_deref().and_then(|user| user.split_once(':'));
        let user_password = user_password.map(|(_user, password)| Secret::from(password));
        if args.user_name() == Some("") {
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
            user_password,
            password,
            netrc,
            ask: io::stderr().is_terminal(),
        })
    }

    /// The password from outside the URLs, if it is for this account.
    fn shared_password(&self, account: &Account, accounts: &Accounts) -> Option<&Secret> {
        let of_user = self
            .user_password
            .as_ref()
            .filter(|_| account.user == accounts.user);
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
        resolve_as(None, sources, texts)
    }

    fn resolve_as(
        user: Option<&str>,
        sources: &Sources,
        texts: &[&str],
    ) -> Result<Vec<Login>, Failure> {
        let accounts = Accounts {
            user: user.map(str::to_owned),
            ..Accounts::default()
        };
        let urls = urls(texts);
        let all = urls.iter().collect::<Vec<_>>();
        let logins = Logins::resolve(sources, accounts, &all, nobody)?;
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
            user_password: Some(Secret::from("of -u")),
            password: Some(Secret::from("of env")),
            ..Sources::default()
        };
        let login = |url| resolve_as(Some("u"), &sources, &[url]).unwrap();
        assert_eq!(login("ftp://h/"), [named("u", "of -u")]);
        assert_eq!(login("ftp://u:x@h/"), [named("u", "x")]);
        assert_eq!(login("ftp://v@h/"), [named("v", "of env")]);
    }

    #[test]
    fn the_password_after_user_is_for_that_user_only() {
        let sources = Sources {
            user_password: Some(Secret::from("p")),
            ..Sources::default()
        };
        assert_eq!(
            resolve_as(Some("u"), &sources, &["ftp://v@h/"]).unwrap(),
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
        let all = urls.iter().collect::<Vec<_>>();
        let logins = Logins::resolve(&sources, Accounts::default(), &all, |user, host| {
            asked.borrow_mut().push(format!("{user}@{host}"));
            Ok(Secret::from("typed"))
        });
        assert_eq!(logins.unwrap().of(&urls[1]).1, named("u", "typed"));
        assert_eq!(*asked.borrow(), ["u@h", "v@h"]);
    }
}
