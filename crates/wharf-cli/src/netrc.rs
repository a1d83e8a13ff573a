//! `.netrc`: logins by host, in the format that `ftp(1)` began.
//!
//! ```text
//! machine ftp.example.org login ship password "har bor" account 4711
//! macdef init
//! …lines up to the next empty one are skipped…
//!
//! default login anonymous password me@example.org
//! ```
//!
//! Tokens are separated by blanks and line ends. A token in double quotes may hold blanks, with
//! `\"`, `\\`, `\n`, `\r` and `\t` for what cannot stand there. A line that begins with `#` is a
//! comment.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use wharf::Secret;

/// The entries of a `.netrc`, in their order.
#[derive(Debug, Default)]
pub(crate) struct Netrc {
    entries: Vec<Entry>,
}

/// A login.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The host it is for; `None` in the `default` entry.
    machine: Option<String>,
    pub(crate) login: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) account: Option<Secret>,
}

/// Why a `.netrc` was not used. No variant holds text of the file, which may be a password.
#[derive(Debug)]
pub(crate) enum NetrcError {
    /// It cannot be read.
    Io(io::Error),
    /// Others than its owner can read or change it.
    Exposed {
        /// Its permission bits.
        mode: u32,
    },
    /// A line is not in the format.
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        what: &'static str,
    },
}

impl Netrc {
    /// Reads a file, which nobody but its owner may read or write.
    pub(crate) fn read(path: &Path) -> Result<Self, NetrcError> {
        let mut file = File::open(path).map_err(NetrcError::Io)?;
        // Asked of the open file, so that nobody can swap it between the question and the reading.
        let mode = file.metadata().map_err(NetrcError::Io)?.mode() & 0o777;
        if mode & 0o066 != 0 {
            return Err(NetrcError::Exposed { mode });
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(NetrcError::Io)?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, NetrcError> {
        let mut tokens = Tokens::new(text);
        let mut entries: Vec<Entry> = Vec::new();
        while let Some(keyword) = tokens.next()? {
            match keyword.as_str() {
                "machine" => {
                    let machine = Some(tokens.value("the name behind `machine` is missing")?);
                    entries.push(Entry {
                        machine,
                        ..Entry::default()
                    });
                }
                "default" => entries.push(Entry::default()),
                "macdef" => {
                    tokens.value("the name behind `macdef` is missing")?;
                    tokens.skip_macro();
                }
                attribute => {
                    let entry = entries
                        .last_mut()
                        .ok_or_else(|| tokens.error("it does not begin with `machine`"))?;
                    match attribute {
                        "login" => {
                            entry.login = Some(tokens.value("the login is missing")?);
                        }
                        "password" => {
                            entry.password = Some(tokens.value("the password is missing")?.into());
                        }
                        "account" => {
                            entry.account = Some(tokens.value("the account is missing")?.into());
                        }
                        _ => {
                            return Err(tokens.error(
                                "a word is not a keyword; a value with blanks needs double quotes",
                            ));
                        }
                    }
                }
            }
        }
        Ok(Self { entries })
    }

    /// The entry for `host`, and for `user` if one is named.
    ///
    /// Names of hosts are compared whole and without regard to case. `default` counts only for a
    /// host without an entry, and only for its own user, so a password never goes to a login it
    /// was not written for.
    pub(crate) fn find(&self, host: &str, user: Option<&str>) -> Option<&Entry> {
        let fits = |entry: &&Entry| match (user, entry.login.as_deref()) {
            (Some(user), Some(login)) => user == login,
            (Some(_), None) => entry.machine.is_some(),
            (None, login) => login.is_some(),
        };
        let names_host = |entry: &&Entry| {
            entry
                .machine
                .as_deref()
                .is_some_and(|machine| machine.eq_ignore_ascii_case(host))
        };
        if self.entries.iter().any(|entry| names_host(&entry)) {
            self.entries.iter().filter(names_host).find(fits)
        } else {
            self.entries
                .iter()
                .filter(|entry| entry.machine.is_none())
                .find(fits)
        }
    }
}

impl fmt::Display for NetrcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Exposed { mode } => write!(
                f,
                "its mode is {mode:04o}, so others can read or change it: `chmod 600` it first"
            ),
            Self::Syntax { line, what } => write!(f, "line {line}: {what}"),
        }
    }
}

/// The words of the file, and where we are.
struct Tokens<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
    at_line_start: bool,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text.chars().peekable(),
            line: 1,
            at_line_start: true,
        }
    }

    fn next(&mut self) -> Result<Option<String>, NetrcError> {
        loop {
            match self.rest.peek() {
                None => return Ok(None),
                Some(blank) if blank.is_whitespace() => {
                    self.bump();
                }
                Some('#') if self.at_line_start => while self.bump().is_some_and(|c| c != '\n') {},
                Some('"') => return self.quoted().map(Some),
                Some(_) => break,
            }
        }
        let mut token = String::new();
        while let Some(character) = self.rest.next_if(|character| !character.is_whitespace()) {
            token.push(character);
        }
        self.at_line_start = false;
        Ok(Some(token))
    }

    /// A token that must be there.
    fn value(&mut self, what: &'static str) -> Result<String, NetrcError> {
        self.next()?.ok_or_else(|| self.error(what))
    }

    fn quoted(&mut self) -> Result<String, NetrcError> {
        let opened = self.line;
        let unclosed = || NetrcError::Syntax {
            line: opened,
            what: "a double quote is not closed",
        };
        self.bump();
        let mut token = String::new();
        loop {
            match self.bump().ok_or_else(unclosed)? {
                '"' => return Ok(token),
                '\\' => token.push(match self.bump().ok_or_else(unclosed)? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                }),
                // A line end would swallow the entries below a forgotten quote.
                '\n' => return Err(unclosed()),
                other => token.push(other),
            }
        }
    }

    /// Passes over the body of a macro, which ends at an empty line.
    fn skip_macro(&mut self) {
        let mut previous = '\0';
        while let Some(character) = self.bump() {
            match character {
                '\r' => {}
                '\n' if previous == '\n' => return,
                other => previous = other,
            }
        }
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.rest.next()?;
        if character == '\n' {
            self.line += 1;
            self.at_line_start = true;
        } else if !character.is_whitespace() {
            self.at_line_start = false;
        }
        Some(character)
    }

    fn error(&self, what: &'static str) -> NetrcError {
        NetrcError::Syntax {
            line: self.line,
            what,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// The entry that is found, as `login:password`.
    fn find(text: &str, host: &str, user: Option<&str>) -> Option<String> {
        let netrc = Netrc::parse(text).unwrap();
        let entry = netrc.find(host, user)?;
        let login = entry.login.as_deref().unwrap_or_default();
        let password = entry.password.as_ref().map_or(&b""[..], Secret::expose);
        Some(format!(
            "{login}:{}",
            std::str::from_utf8(password).unwrap()
        ))
    }

    fn error(text: &str) -> String {
        Netrc::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn the_host_is_compared_whole_and_without_case() {
        let text = "machine Ftp.Example.org login ship password harbor";
        assert_eq!(
            find(text, "ftp.example.ORG", None),
            Some("ship:harbor".to_owned())
        );
        assert_eq!(find(text, "ftp.example.org.evil.net", None), None);
        assert_eq!(find(text, "example.org", None), None);
    }

    #[test]
    fn a_user_selects_the_entry_and_nobody_elses_password_is_given() {
        let text = "machine h login a password 1\nmachine h login b password 2";
        assert_eq!(find(text, "h", None), Some("a:1".to_owned()));
        assert_eq!(find(text, "h", Some("b")), Some("b:2".to_owned()));
        assert_eq!(find(text, "h", Some("c")), None);
    }

    #[test]
    fn default_is_for_hosts_without_an_entry_and_for_its_own_user() {
        let text = "machine h login a password 1 default login d password 9";
        assert_eq!(find(text, "other", None), Some("d:9".to_owned()));
        assert_eq!(find(text, "other", Some("d")), Some("d:9".to_owned()));
        assert_eq!(find(text, "other", Some("x")), None);
        assert_eq!(find(text, "h", Some("d")), None);
        assert_eq!(find("default password 9", "h", Some("x")), None);
    }

    #[test]
    fn an_entry_without_a_login_serves_the_user_that_was_named() {
        let text = "machine h password 1";
        assert_eq!(find(text, "h", Some("me")), Some(":1".to_owned()));
        assert_eq!(find(text, "h", None), None);
    }

    #[test]
    fn a_macro_is_skipped_up_to_the_empty_line() {
        let text = "machine h login a password 1\nmacdef init\nmachine evil login x\nbin\n\n\
                    machine i login b password 2";
        assert_eq!(find(text, "i", None), Some("b:2".to_owned()));
        assert_eq!(find(text, "evil", None), None);
        let dos = "macdef init\r\nbin\r\n\r\nmachine i login b password 2\r\n";
        assert_eq!(find(dos, "i", None), Some("b:2".to_owned()));
    }

    #[test]
    fn quoted_tokens_hold_blanks_and_escapes() {
        let text = r#"machine h login "a b" password "q\"\\\tz#""#;
        assert_eq!(find(text, "h", None), Some("a b:q\"\\\tz#".to_owned()));
    }

    #[test]
    fn a_number_sign_begins_a_comment_only_at_the_start_of_a_line() {
        let text = "# machine x login y\n  # again\nmachine h login a\n password #1";
        assert_eq!(find(text, "h", None), Some("a:#1".to_owned()));
        assert_eq!(find(text, "x", None), None);
    }

    #[test]
    fn the_account_is_read() {
        let netrc = Netrc::parse("machine h login a account 4711").unwrap();
        let entry = netrc.find("h", None).unwrap();
        assert_eq!(entry.account.as_ref().unwrap().expose(), b"4711");
    }

    #[test]
    fn an_error_names_the_line_and_never_shows_its_text() {
        let text = "machine h\nlogin a password two words";
        assert_eq!(
            error(text),
            "line 2: a word is not a keyword; a value with blanks needs double quotes"
        );
        assert_eq!(error("login a"), "line 1: it does not begin with `machine`");
        assert_eq!(error("machine h login"), "line 1: the login is missing");
        let open = "machine h password \"sword\nfish";
        assert_eq!(error(open), "line 1: a double quote is not closed");
    }

    #[test]
    fn a_file_that_others_can_read_or_write_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("netrc");
        fs::write(&path, "machine h login a password 1").unwrap();
        for (mode, accepted) in [
            (0o600, true),
            (0o400, true),
            (0o640, false),
            (0o604, false),
            (0o620, false),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match Netrc::read(&path) {
                Ok(_) => assert!(accepted, "{mode:o}"),
                Err(NetrcError::Exposed { mode: seen }) => {
                    assert!(!accepted && seen == mode, "{mode:o}");
                }
                Err(other) => panic!("{mode:o}: {other}"),
            }
        }
    }
}
