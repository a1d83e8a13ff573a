//! Unix permissions.

/// Unix permissions, in whichever form the server gave them: a part of the line of their entry.
///
/// # Examples
///
/// ```
/// use wharf_proto::listing::{parse_mlsx_line, parse_unix_line};
///
/// let line = b"-rwxr-s---   1 root     other        531 Jan 29  2003 README";
/// let entry = parse_unix_line(line, None).unwrap();
/// let permissions = entry.permissions().unwrap();
/// assert_eq!(permissions.symbolic(), Some("rwxr-s---"));
/// assert_eq!(permissions.mode(), Some(0o2750));
///
/// let entry = parse_mlsx_line(b"type=file;UNIX.mode=0644; README").unwrap();
/// let permissions = entry.permissions().unwrap();
/// assert_eq!((permissions.symbolic(), permissions.mode()), (None, Some(0o644)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Permissions<'a>(pub(super) Form<'a>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form<'a> {
    /// Nine characters, each of which is a permission on some Unix.
    Symbolic(&'a [u8; 9]),
    Octal(u16),
}

impl<'a> Permissions<'a> {
    /// The nine characters of `ls -l`; `None` if the server gave a number.
    pub fn symbolic(self) -> Option<&'a str> {
        match self.0 {
            Form::Symbolic(symbolic) => std::str::from_utf8(symbolic).ok(),
            Form::Octal(_) => None,
        }
    }

    /// The twelve bits of `chmod`; `None` if the characters do not say.
    ///
    /// The bits for setuid, setgid and sticky are the server's as well: do not give them to a
    /// local file.
    pub fn mode(self) -> Option<u32> {
        match self.0 {
            Form::Symbolic(symbolic) => mode_bits(symbolic).map(u32::from),
            Form::Octal(mode) => Some(u32::from(mode)),
        }
    }

    /// From `0644`, `644`, or with the bits of the file's type before them, `0100644`.
    pub(super) fn from_octal(digits: &[u8]) -> Option<Self> {
        if digits.is_empty() || digits.len() > 8 {
            return None;
        }
        let bits = digits.iter().try_fold(0_u32, |bits, byte| {
            matches!(byte, b'0'..=b'7').then(|| (bits << 3) | u32::from(byte - b'0'))
        })?;
        Some(Self(Form::Octal(u16::try_from(bits & 0o7777).ok()?)))
    }
}

/// Whether a character can stand in a column of permissions.
pub(super) fn is_permission(byte: u8) -> bool {
    // Asked of a quarter of all bytes of many listings.
    const PERMISSIONS: [bool; 256] = {
        let mut permissions = [false; 256];
        let letters = b"-rwxXsStTlL";
        let mut at = 0;
        while at < letters.len() {
            permissions[letters[at] as usize] = true;
            at += 1;
        }
        permissions
    };
    PERMISSIONS[usize::from(byte)]
}

/// The bits that the nine characters stand for; `None` if a character is out of its place.
fn mode_bits(symbolic: &[u8; 9]) -> Option<u16> {
    let mut mode = 0;
    for (group, class) in symbolic.chunks_exact(3).enumerate() {
        let (special, lower, upper) = [
            (0o4000, b's', b'S'),
            (0o2000, b's', b'S'),
            (0o1000, b't', b'T'),
        ][group];
        let read = flag(class[0], b'r', 4)?;
        let write = flag(class[1], b'w', 2)?;
        let execute = match class[2] {
            b'-' => 0,
            b'x' => 1,
            byte if byte == lower => {
                mode |= special;
                1
            }
            byte if byte == upper => {
                mode |= special;
                0
            }
            _ => return None,
        };
        mode |= (read | write | execute) << (6 - 3 * group);
    }
    Some(mode)
}

fn flag(byte: u8, letter: u8, bit: u16) -> Option<u16> {
    match byte {
        b'-' => Some(0),
        byte if byte == letter => Some(bit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbolic(text: &str) -> Permissions<'_> {
        Permissions(Form::Symbolic(text.as_bytes().try_into().unwrap()))
    }

    #[test]
    fn characters_say_the_bits_in_their_places() {
        for (text, bits) in [
            ("---------", Some(0)),
            ("rw-r--r--", Some(0o644)),
            ("rwsr-xr-x", Some(0o4755)),
            ("rwSr-sr-x", Some(0o6655)),
            ("rwxrwxrwt", Some(0o1777)),
            ("rwxrwxrwT", Some(0o1776)),
            ("rwxr-lr-x", None),
            ("wrxr-xr-x", None),
            ("rwtr-xr-x", None),
        ] {
            let permissions = symbolic(text);
            assert_eq!(
                (permissions.mode(), permissions.symbolic()),
                (bits, Some(text))
            );
        }
    }

    #[test]
    fn digits_say_twelve_bits_whatever_stands_before_them() {
        let mode = |digits: &str| Permissions::from_octal(digits.as_bytes())?.mode();
        assert_eq!(mode("644"), Some(0o644));
        assert_eq!(mode("0644"), Some(0o644));
        assert_eq!(mode("4755"), Some(0o4755));
        assert_eq!(mode("0100600"), Some(0o600));
        for digits in ["", "8", "rwx", "000000644"] {
            assert_eq!(mode(digits), None, "{digits}");
        }
    }
}
