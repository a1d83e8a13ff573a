//! The choices about a transfer: which way, who dials, and how bytes are represented.

use crate::command::Command;

/// Which way the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To us: RETR and the listings.
    Download,
    /// To the server: STOR, APPE, STOU.
    Upload,
}

/// Who opens the data connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataMode {
    /// We dial (EPSV, PASV): works through NAT and firewalls on our side.
    Passive(Passive),
    /// The server dials (PORT, EPRT).
    Active,
}

impl Default for DataMode {
    fn default() -> Self {
        Self::Passive(Passive::Auto)
    }
}

/// Which passive command asks for the port.
///
/// A server that cannot open a port at the moment (425) is asked once more before the transfer fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Passive {
    /// EPSV; PASV where a server does not know it or its port cannot be reached. What was found is
    /// remembered for the session.
    #[default]
    Auto,
    /// EPSV only (RFC 2428).
    Extended,
    /// PASV only (RFC 959); IPv4 only.
    Classic,
}

/// How a file's bytes are represented on the wire (RFC 959 §3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Representation {
    /// `TYPE I`: the bytes as they are.
    #[default]
    Image,
    /// `TYPE A`: text, with CRLF at the end of each line.
    Ascii,
}

impl Representation {
    /// The command that selects it. `TYPE A N` is the same in RFC 959, but pyftpdlib, Twisted and
    /// ftp-srv refuse that spelling.
    pub fn command(self) -> Command {
        Command::bare(match self {
            Self::Image => "TYPE I",
            Self::Ascii => "TYPE A",
        })
    }

    /// What a TYPE command of the caller's selects, if it is one of the two.
    pub(crate) fn of_type_command(command: &Command) -> Option<Self> {
        match command.line().get(5).map(u8::to_ascii_uppercase) {
            Some(b'I') => Some(Self::Image),
            Some(b'A') => Some(Self::Ascii),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_command_s_representation_is_read_off_its_first_letter() {
        let of = |line: &str| Representation::of_type_command(&Command::raw(line).unwrap());
        assert_eq!(of("TYPE I"), Some(Representation::Image));
        assert_eq!(of("type a n"), Some(Representation::Ascii));
        assert_eq!(of("TYPE L 8"), None);
    }
}
