//! Who logs in, as commands that cannot hold a line end.

use crate::command::{Command, InvalidArgument};
use crate::secret::Secret;

/// Who logs in, and with what.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub(crate) user: Command,
    pub(crate) password: Option<Command>,
    pub(crate) account: Option<Command>,
    pub(crate) host: Option<Command>,
}

impl Credentials {
    /// A user name, and the password to send if the server asks for one. An absent password is never
    /// sent; an empty one goes out as `PASS` and a blank.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`] if either holds CR, LF or NUL, or the name is empty.
    pub fn new(user: &[u8], password: Option<&Secret>) -> Result<Self, InvalidArgument> {
        Ok(Self {
            user: Command::text("USER", user)?,
            password: password
                .map(|secret| Command::secret("PASS", secret))
                .transpose()?,
            account: None,
            host: None,
        })
    }

    /// The same with the account that a server may ask for after the password (332).
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`] if it holds CR, LF or NUL.
    pub fn with_account(mut self, account: &Secret) -> Result<Self, InvalidArgument> {
        self.account = Some(Command::secret("ACCT", account)?);
        Ok(self)
    }

    /// The same, naming the virtual host before the user (RFC 7151).
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`] if it holds CR, LF or NUL, or is empty.
    pub fn with_host(mut self, host: &[u8]) -> Result<Self, InvalidArgument> {
        self.host = Some(Command::text("HOST", host)?);
        Ok(self)
    }

    /// Whether it holds more than an anonymous login does. What such a user sends as a password is a
    /// courtesy (RFC 1635).
    ///
    /// # Examples
    ///
    /// ```
    /// use wharf_proto::op::Credentials;
    /// use wharf_proto::secret::Secret;
    ///
    /// let password = Secret::from("harbor");
    /// assert!(Credentials::new(b"ship", Some(&password))?.has_secret());
    /// assert!(!Credentials::new(b"ftp", Some(&password))?.has_secret());
    /// assert!(!Credentials::new(b"ship", None)?.has_secret());
    /// # Ok::<(), wharf_proto::command::InvalidArgument>(())
    /// ```
    pub fn has_secret(&self) -> bool {
        self.secret().is_some()
    }

    /// The first secret that may be asked for.
    pub(crate) fn secret(&self) -> Option<&Command> {
        let password = self.password.as_ref();
        password
            .filter(|_| !self.user.names_anonymous())
            .or(self.account.as_ref())
    }
}
