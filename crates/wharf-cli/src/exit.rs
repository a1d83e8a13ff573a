//! The exit codes: one table, used by the program and shown by `--help`.

use std::fmt::Write as _;
use std::process::ExitCode;

/// How the command ended, as the shell sees it.
///
/// The numbers are a promise to scripts and never change. 19 is kept free for what this command
/// does not do yet: "nothing had to be done".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Success = 0,
    Other = 1,
    Usage = 2,
    DirectoryNotFound = 3,
    FileNotFound = 4,
    Temporary = 5,
    Permission = 6,
    Login = 7,
    Connect = 8,
    Tls = 9,
    DataConnection = 10,
    Timeout = 11,
    Partial = 12,
    Mismatch = 13,
    StorageFull = 14,
    Refused = 15,
    Protocol = 16,
    LocalFile = 17,
    Interrupted = 18,
}

impl Exit {
    /// Every code and what it means, in order.
    pub(crate) const TABLE: [(Self, &'static str); 19] = [
        (Self::Success, "everything was done"),
        (Self::Other, "a failure of no other class"),
        (
            Self::Usage,
            "the command line, a URL or a configuration file is wrong",
        ),
        (
            Self::DirectoryNotFound,
            "the directory does not exist at the server, or is refused without a reason",
        ),
        (
            Self::FileNotFound,
            "the file does not exist at the server, or is refused without a reason",
        ),
        (
            Self::Temporary,
            "the server is busy or the connection was lost: try again later",
        ),
        (Self::Permission, "the server does not allow it"),
        (Self::Login, "the login was refused"),
        (
            Self::Connect,
            "the host was not found, or no connection could be made",
        ),
        (
            Self::Tls,
            "TLS failed, or the server's certificate is not to be trusted",
        ),
        (
            Self::DataConnection,
            "the data connection could not be made, or broke off",
        ),
        (Self::Timeout, "something took longer than its limit"),
        (
            Self::Partial,
            "of several items some were done and some failed",
        ),
        (
            Self::Mismatch,
            "what arrived is not what was sent: the sizes or contents differ",
        ),
        (
            Self::StorageFull,
            "no space left, at the server or here; the message says where",
        ),
        (
            Self::Refused,
            "stopped by a safety rule, such as a password in clear text",
        ),
        (Self::Protocol, "the server does not keep to the protocol"),
        (Self::LocalFile, "a local file could not be read or written"),
        (
            Self::Interrupted,
            "interrupted; with --continue the same command goes on from there",
        ),
    ];

    /// The number.
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    /// [`TABLE`](Self::TABLE) for the end of `--help`.
    pub(crate) fn help() -> String {
        let mut help = "Exit codes:\n".to_owned();
        for (exit, meaning) in Self::TABLE {
            writeln!(help, "  {:>2}  {meaning}", exit.code()).expect("a string takes any text");
        }
        help.truncate(help.trim_end().len());
        help
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_code_once_in_ascending_order() {
        let codes = Exit::TABLE.map(|(exit, _)| exit.code());
        assert_eq!(
            codes,
            [
                0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
            ]
        );
    }

    #[test]
    fn the_help_is_the_table() {
        let help = Exit::help();
        for (exit, meaning) in Exit::TABLE {
            assert!(
                help.contains(&format!("{:>2}  {meaning}", exit.code())),
                "{help}"
            );
        }
        assert_eq!(help.lines().count(), 1 + Exit::TABLE.len());
    }
}
