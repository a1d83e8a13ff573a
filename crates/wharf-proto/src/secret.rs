//! Passwords and accounts, kept out of everything that prints.

use std::fmt;

/// Bytes that are shown to the server and to nobody else.
///
/// `Debug` and `Display` print `…` in every build. The bytes are overwritten when the value is
/// dropped, as far as safe code can promise: copies that the operating system, the TLS layer or a
/// growing buffer made are beyond it.
///
/// # Examples
///
/// ```
/// use wharf_proto::secret::Secret;
///
/// let password = Secret::from("hunter2");
/// assert_eq!(format!("{password} {password:?}"), "… …");
/// assert_eq!(password.expose(), b"hunter2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The bytes themselves. Whoever calls this answers for where they go.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is nothing in it. An empty password is a password: `PASS ` is sent for it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // Nothing reads the zeros, so without this the optimiser may leave the write out.
        std::hint::black_box(self.0.as_slice());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_neither_itself_nor_its_length() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "only its Debug output is looked at")]
        struct Login {
            password: Secret,
        }
        let login = Login {
            password: Secret::from("swordfish".to_owned()),
        };
        assert_eq!(format!("{login:?}"), "Login { password: … }");
        assert_eq!(
            format!("{:?}", Secret::from("")),
            format!("{:?}", Secret::from("long"))
        );
    }

    #[test]
    fn every_constructor_keeps_the_same_bytes() {
        let bytes = Secret::from(b"p\xe9ss".to_vec());
        assert_eq!(bytes.expose(), b"p\xe9ss");
        assert_eq!(Secret::from("a"), Secret::from("a".to_owned()));
        assert_ne!(Secret::from("a"), Secret::from("b"));
        assert!(Secret::from("").is_empty());
    }
}
