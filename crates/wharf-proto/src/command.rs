//! Commands: the one place that makes a line of the control connection.
//!
//! A command is checked when it is made, so that a line feed in a name can never begin a command of
//! its own, and written by [`Command::encode`], so that CRLF stands nowhere else. What it shows of
//! itself in logs and errors leaves passwords out.

use std::borrow::Cow;
use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use crate::path::escape_path;
use crate::secret::Secret;
use crate::text::escaped;

/// One command, ready to be sent.
///
/// `Display` and `Debug` show it without its secret and safe for a terminal.
///
/// # Examples
///
/// ```
/// use wharf_proto::command::{Command, Wire};
/// use wharf_proto::secret::Secret;
///
/// let cwd = Command::path("CWD", b"bar/foo")?;
/// assert_eq!(cwd.encode(&Wire::default()).unwrap(), "CWD bar/foo\r\n");
///
/// let pass = Command::secret("PASS", &Secret::from("hunter2"))?;
/// assert_eq!(pass.to_string(), "PASS …");
///
/// assert!(Command::text("USER", b"u\r\nDELE x").is_err());
/// # Ok::<(), wharf_proto::command::InvalidArgument>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// The line without CRLF.
    line: Bytes,
    /// Where the part begins that is not shown.
    secret_at: Option<usize>,
}

impl Command {
    /// A command without an argument. No trailing blank is sent: BSD servers, pyftpdlib, Twisted
    /// and libunftp take one for a syntax error.
    pub fn bare(verb: &'static str) -> Self {
        Self {
            line: Bytes::from_static(verb.as_bytes()),
            secret_at: None,
        }
    }

    /// A command whose argument is a path. A LF in it goes out as NUL, see
    /// [`escape_path`].
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`] if the path is empty or holds CR or NUL.
    pub fn path(verb: &'static str, path: &[u8]) -> Result<Self, InvalidArgument> {
        check(verb, path, &[b'\r', 0])?;
        Self::with_argument(verb, &escape_path(path))
    }

    /// A command with any other argument.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`] if the argument is empty or holds CR, LF or NUL.
    pub fn text(verb: &'static str, argument: &[u8]) -> Result<Self, InvalidArgument> {
        check(verb, argument, b"\r\n\0")?;
        Self::with_argument(verb, argument)
    }

    /// A command whose argument is never shown. It may be empty; the blank is sent then, for an
    /// empty password is not the same as none.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`] if the secret holds CR, LF or NUL.
    pub fn secret(verb: &'static str, secret: &Secret) -> Result<Self, InvalidArgument> {
        check(verb, secret.expose(), b"\r\n\0")?;
        Ok(Self {
            line: join(verb, secret.expose()),
            secret_at: Some(verb.len() + 1),
        })
    }

    /// A whole line of the caller's, without CRLF. What follows a verb that carries a secret
    /// (`PASS`, `ACCT`, `ADAT`, `SITE PSWD` and their like) is not shown.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`] if the line is empty or blank, which several servers never answer, or
    /// holds CR, LF or NUL.
    pub fn raw(line: impl Into<Vec<u8>>) -> Result<Self, InvalidArgument> {
        let line = line.into();
        let verb = "the raw command";
        check(verb, &line, b"\r\n\0")?;
        if line.trim_ascii().is_empty() {
            return Err(InvalidArgument::Empty { verb });
        }
        let secret_at = secret_at(&line);
        Ok(Self {
            line: line.into(),
            secret_at,
        })
    }

    /// Its verb, in upper case.
    pub fn verb(&self) -> Cow<'_, str> {
        let (_, verb) = words(&self.line).next().unwrap_or_default();
        match std::str::from_utf8(verb) {
            Ok(text) if !text.bytes().any(|byte| byte.is_ascii_lowercase()) => Cow::Borrowed(text),
            _ => Cow::Owned(escaped(&verb.to_ascii_uppercase()).to_string()),
        }
    }

    /// The line as it may be shown: without the secret, control characters escaped.
    pub fn redacted(&self) -> String {
        self.to_string()
    }

    /// The line as it is, secret included, without CRLF.
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    /// The bytes to write, CRLF included, as one buffer: a command that is split over two segments
    /// is two commands to ftp-srv, and ProFTPD loses the next one if CR and LF are apart.
    ///
    /// # Errors
    ///
    /// [`CommandTooLong`] if the line is beyond what the server holds.
    pub fn encode(&self, wire: &Wire) -> Result<Bytes, CommandTooLong> {
        let mut encoded = BytesMut::with_capacity(self.line.len() + 2);
        for piece in self.line.split_inclusive(|&byte| byte == IAC) {
            encoded.put_slice(piece);
            if wire.double_iac && piece.ends_with(&[IAC]) {
                encoded.put_u8(IAC);
            }
        }
        if let Some(limit) = wire.line_limit
            && encoded.len() > limit
        {
            let verb = self.verb().into_owned();
            return Err(CommandTooLong {
                verb,
                length: encoded.len(),
                limit,
            });
        }
        encoded.put_slice(b"\r\n");
        Ok(encoded.freeze())
    }

    /// What of the line must not be shown.
    pub(crate) fn secret_part(&self) -> Option<Secret> {
        let at = self.secret_at?;
        self.line
            .get(at..)
            .map(|secret| Secret::from(secret.to_vec()))
    }

    /// Whether a part of the line must not be shown.
    pub(crate) fn holds_secret(&self) -> bool {
        self.secret_at.is_some()
    }

    /// What stands behind the verb.
    pub(crate) fn argument(&self) -> &[u8] {
        let behind = words(&self.line).next().map(|(at, verb)| at + verb.len());
        self.line[behind.unwrap_or(0)..].trim_ascii()
    }

    /// Whether this names a user whose password is a courtesy (RFC 1635).
    pub(crate) fn names_anonymous(&self) -> bool {
        let user = self.argument();
        self.verb() == "USER"
            && (user.eq_ignore_ascii_case(b"anonymous") || user.eq_ignore_ascii_case(b"ftp"))
    }

    fn with_argument(verb: &'static str, argument: &[u8]) -> Result<Self, InvalidArgument> {
        if argument.is_empty() {
            return Err(InvalidArgument::Empty { verb });
        }
        let line = join(verb, argument);
        let secret_at = secret_at(&line);
        Ok(Self { line, secret_at })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.secret_at {
            None => escaped(&self.line).fmt(f),
            Some(at) => write!(f, "{}…", escaped(&self.line[..at])),
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({self})")
    }
}

/// What the server at the other end wants of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wire {
    /// Whether the byte 0xFF goes out twice, as Telnet has it. ProFTPD and the BSD servers take
    /// the pair for one byte; vsFTPd, Pure-FTPd and pyftpdlib keep both.
    pub double_iac: bool,
    /// The longest line in bytes, without CRLF. GNU inetutils runs what is beyond its 512 bytes as
    /// a command of its own, so a longer line is refused here.
    pub line_limit: Option<usize>,
}

/// An argument that would not arrive as one argument of one command. Nothing of it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidArgument {
    /// It holds a carriage return.
    #[error("the argument of {verb} holds a carriage return")]
    Cr {
        /// The command.
        verb: &'static str,
    },
    /// It holds a line feed.
    #[error("the argument of {verb} holds a line feed")]
    Lf {
        /// The command.
        verb: &'static str,
    },
    /// It holds a NUL.
    #[error("the argument of {verb} holds a NUL")]
    Nul {
        /// The command.
        verb: &'static str,
    },
    /// There is nothing in it.
    #[error("the argument of {verb} is empty")]
    Empty {
        /// The command.
        verb: &'static str,
    },
}

/// A line longer than the server can hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {verb} command takes {length} bytes, and this server holds {limit}")]
#[non_exhaustive]
pub struct CommandTooLong {
    /// The command.
    pub verb: String,
    /// What its line takes.
    pub length: usize,
    /// The server's limit.
    pub limit: usize,
}

/// Telnet's "interpret as command" (RFC 854).
const IAC: u8 = 0xff;

fn check(verb: &'static str, argument: &[u8], refused: &[u8]) -> Result<(), InvalidArgument> {
    match argument.iter().find(|byte| refused.contains(byte)) {
        None => Ok(()),
        Some(b'\r') => Err(InvalidArgument::Cr { verb }),
        Some(b'\n') => Err(InvalidArgument::Lf { verb }),
        Some(_) => Err(InvalidArgument::Nul { verb }),
    }
}

fn join(verb: &str, argument: &[u8]) -> Bytes {
    [verb.as_bytes(), b" ", argument].concat().into()
}

/// Where the secret of a line begins, if its verb has one.
fn secret_at(line: &[u8]) -> Option<usize> {
    let mut words = words(line);
    let (mut at, mut verb) = words.next()?;
    let mut secrets = &["PASS", "ACCT", "ADAT", "MIC", "CONF", "ENC"][..];
    if verb.eq_ignore_ascii_case(b"SITE") {
        (at, verb) = words.next()?;
        secrets = &[
            "PSWD", "PASS", "PASSWD", "PASSWORD", "CHPASS", "CPWD", "GPASS",
        ];
    }
    let is_secret = secrets
        .iter()
        .any(|secret| verb.eq_ignore_ascii_case(secret.as_bytes()));
    // The blank behind the verb is shown, nothing else.
    is_secret.then(|| (at + verb.len() + 1).min(line.len()))
}

/// The words between blanks and tabs, each with its place.
fn words(line: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = 0;
    line.split(u8::is_ascii_whitespace)
        .map(move |word| {
            let at = start;
            start += word.len() + 1;
            (at, word)
        })
        .filter(|(_, word)| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent(command: &Command) -> Vec<u8> {
        command.encode(&Wire::default()).unwrap().to_vec()
    }

    #[test]
    fn t22_t26_a_line_feed_in_a_path_goes_out_as_nul() {
        assert_eq!(
            sent(&Command::path("RNFR", b"/foo/ba\nr/baz").unwrap()),
            b"RNFR /foo/ba\0r/baz\r\n"
        );
        assert_eq!(
            sent(&Command::path("MKD", b"/sp\nam").unwrap()),
            b"MKD /sp\0am\r\n"
        );
    }

    #[test]
    fn x23_cr_and_nul_in_a_path_are_refused() {
        assert_eq!(
            Command::path("CWD", b"a\r\nb"),
            Err(InvalidArgument::Cr { verb: "CWD" })
        );
        assert_eq!(
            Command::path("CWD", b"a\0b"),
            Err(InvalidArgument::Nul { verb: "CWD" })
        );
    }

    #[test]
    fn a_password_is_a_courtesy_for_two_users_only() {
        let names = |line: &str| Command::raw(line).unwrap().names_anonymous();
        for line in ["USER anonymous", "user FTP", "USER  ftp "] {
            assert!(names(line), "{line}");
        }
        for line in ["USER anonymous x", "USER ftpd", "USER", "ACCT ftp"] {
            assert!(!names(line), "{line}");
        }
    }

    #[test]
    fn x10_no_argument_can_begin_another_command() {
        let user = Command::text("USER", b"u\r\nDELE x").unwrap_err();
        assert_eq!(
            user.to_string(),
            "the argument of USER holds a carriage return"
        );
        assert_eq!(
            Command::text("SITE", b"a\nb"),
            Err(InvalidArgument::Lf { verb: "SITE" })
        );
        let pass = Command::secret("PASS", &Secret::from("hunter2\nDELE x")).unwrap_err();
        assert_eq!(pass, InvalidArgument::Lf { verb: "PASS" });
        assert!(!format!("{pass} {pass:?}").contains("hunter2"));
        assert!(Command::raw("NOOP\r\nDELE x").is_err());
    }

    #[test]
    fn x56_no_command_ends_in_a_blank_but_an_empty_password() {
        assert_eq!(
            Command::path("LIST", b""),
            Err(InvalidArgument::Empty { verb: "LIST" })
        );
        assert_eq!(
            Command::text("USER", b""),
            Err(InvalidArgument::Empty { verb: "USER" })
        );
        assert!(Command::raw("").is_err() && Command::raw(" \t").is_err());
        assert_eq!(sent(&Command::bare("LIST")), b"LIST\r\n");
        assert_eq!(
            sent(&Command::secret("PASS", &Secret::from("")).unwrap()),
            b"PASS \r\n"
        );
    }

    #[test]
    fn a_secret_is_shown_by_no_way_of_making_its_command() {
        let shown = |command: Command| format!("{command}|{command:?}|{}", command.redacted());
        let secret = Command::secret("PASS", &Secret::from("hunter2")).unwrap();
        assert_eq!(shown(secret), "PASS …|Command(PASS …)|PASS …");
        for (line, redacted) in [
            ("PASS hunter2", "PASS …"),
            ("pass hunter2", "pass …"),
            ("  PaSs  hunter2", "  PaSs …"),
            ("\tPASS\thunter2", r"\tPASS\t…"),
            ("ACCT hunter2", "ACCT …"),
            ("ADAT aHVudGVyMg==", "ADAT …"),
            ("SITE PSWD hunter2 hunter3", "SITE PSWD …"),
            (" site  pswd hunter2", " site  pswd …"),
            ("PASS", "PASS…"),
        ] {
            let command = Command::raw(line).unwrap();
            assert_eq!(command.redacted(), redacted, "{line}");
            assert!(!shown(command.clone()).contains("unter"), "{line}");
            assert_eq!(command.line(), line.as_bytes());
        }
        assert_eq!(
            Command::text("SITE", b"PSWD hunter2").unwrap().redacted(),
            "SITE PSWD …"
        );
        assert_eq!(
            Command::text("ACCT", b"hunter2").unwrap().redacted(),
            "ACCT …"
        );
    }

    #[test]
    fn other_commands_are_shown_whole_and_escaped() {
        assert_eq!(
            Command::raw("SITE CHMOD 644 a").unwrap().redacted(),
            "SITE CHMOD 644 a"
        );
        assert_eq!(Command::raw("STAT PASS").unwrap().redacted(), "STAT PASS");
        assert_eq!(
            Command::path("CWD", b"\x1b[2J\xff").unwrap().redacted(),
            r"CWD \x1b[2J\xff"
        );
    }

    #[test]
    fn the_verb_is_the_first_word_in_upper_case() {
        assert_eq!(Command::raw("  noop x").unwrap().verb(), "NOOP");
        assert_eq!(Command::bare("PWD").verb(), "PWD");
    }

    #[test]
    fn byte_255_is_doubled_only_where_it_is_wanted() {
        let command = Command::path("CWD", b"\xffa\xff\xff").unwrap();
        assert_eq!(sent(&command), b"CWD \xffa\xff\xff\r\n");
        let wire = Wire {
            double_iac: true,
            line_limit: None,
        };
        assert_eq!(
            command.encode(&wire).unwrap(),
            &b"CWD \xff\xffa\xff\xff\xff\xff\r\n"[..]
        );
    }

    #[test]
    fn a_line_beyond_the_limit_is_refused_as_it_would_be_sent() {
        let command = Command::path("CWD", b"12345\xff").unwrap();
        let wire = |double_iac| Wire {
            double_iac,
            line_limit: Some(10),
        };
        assert_eq!(command.encode(&wire(false)).unwrap().len(), 12);
        let error = command.encode(&wire(true)).unwrap_err();
        assert_eq!((error.length, error.limit), (11, 10));
        assert_eq!(
            error.to_string(),
            "the CWD command takes 11 bytes, and this server holds 10"
        );
    }

    proptest! {
        #[test]
        fn every_command_is_one_line(argument: Vec<u8>, double_iac: bool) {
            let secret = Secret::from(argument.clone());
            for command in [
                Command::path("STOR", &argument),
                Command::text("SITE", &argument),
                Command::secret("PASS", &secret),
                Command::raw(argument.clone()),
            ] {
                let Ok(command) = command else { continue };
                let sent = command.encode(&Wire { double_iac, line_limit: None }).unwrap();
                let line = sent.strip_suffix(b"\r\n").unwrap();
                prop_assert!(!line.iter().any(|byte| matches!(byte, b'\r' | b'\n')));
                prop_assert!(!command.redacted().chars().any(char::is_control));
                let _ = command.verb();
            }
        }
    }
}
