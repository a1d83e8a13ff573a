//! The hash by which a certificate or a key is known.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding as _};
use sha2::{Digest, Sha256};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::text::escaped_str;

/// The SHA-256 of a certificate or of a public key.
///
/// # Examples
///
/// ```
/// use wharf::tls::Fingerprint;
///
/// let fingerprint = Fingerprint::of(b"");
/// assert_eq!(fingerprint.base64(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
/// assert!(fingerprint.to_string().starts_with("SHA256:E3:B0:C4:42:"));
/// assert_eq!(fingerprint.to_string().parse::<Fingerprint>()?, fingerprint);
/// # Ok::<(), wharf::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint with these bytes.
    pub fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// The fingerprint of `data`.
    pub fn of(data: &[u8]) -> Self {
        Self(Sha256::digest(data).into())
    }

    /// The hash itself.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The form in which curl and HPKP (RFC 7469 §2.1.1) write the pin of a public key.
    pub fn base64(&self) -> String {
        Base64::encode_string(&self.0)
    }
}

/// `SHA256:` and the bytes in hexadecimal with colons between them, as `openssl x509 -fingerprint` has
/// them.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SHA256")?;
        for byte in self.0 {
            write!(f, ":{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads what [`Display`](fmt::Display) writes, and 64 hexadecimal digits with or without colons between
/// them.
impl FromStr for Fingerprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = match text.get(..7) {
            Some(prefix) if prefix.eq_ignore_ascii_case("SHA256:") => text.split_at(7).1,
            _ => text,
        };
        let mut hash = [0; 32];
        let mut nibbles = 0;
        for character in digits.chars().filter(|&character| character != ':') {
            let value = character
                .to_digit(16)
                .and_then(|value| u8::try_from(value).ok())
                .filter(|_| nibbles < 64)
                .ok_or_else(|| not_a_fingerprint(text))?;
            hash[nibbles / 2] |= value << (4 * (1 - nibbles % 2));
            nibbles += 1;
        }
        if nibbles != 64 {
            return Err(not_a_fingerprint(text));
        }
        Ok(Self(hash))
    }
}

fn not_a_fingerprint(text: &str) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!(
            "`{}` is not a SHA-256 fingerprint of 64 hexadecimal digits",
            escaped_str(text)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_with_and_without_its_name_and_colons() {
        let fingerprint = Fingerprint::of(b"key");
        let text = fingerprint.to_string();
        let bare = text.strip_prefix("SHA256:").unwrap();
        for form in [
            text.clone(),
            text.to_lowercase(),
            bare.to_owned(),
            bare.replace(':', ""),
        ] {
            assert_eq!(form.parse::<Fingerprint>().unwrap(), fingerprint, "{form}");
        }
    }

    #[test]
    fn anything_else_is_no_fingerprint() {
        let digits = "0".repeat(63);
        for text in [
            "",
            "SHA256:",
            &digits,
            &format!("{digits}00"),
            &format!("{digits}g"),
            "é",
        ] {
            let error = text.parse::<Fingerprint>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        }
    }
}
