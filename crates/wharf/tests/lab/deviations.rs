//! Where real servers differ from each other: what each does instead, and why the tests believe it.
//!
//! [`PLAIN`] is what a client may hope for. A server's row names its departures and no others, so a
//! server that mends its ways fails a test as surely as a client that breaks.

use wharf::ErrorKind;
use wharf::tls::TlsVersion;

use crate::berth::Security;

/// What the tests expect of a server.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states of a machine"
)]
pub(crate) struct Expected {
    /// Commands that are answered 500 or 502.
    pub(crate) unknown: &'static [&'static str],
    /// What a name in NLST of `full` looks like.
    pub(crate) names: Names,
    /// How NLST of an empty directory ends.
    pub(crate) names_of_nothing: Nothing,
    /// Whether LIST and NLST show `.` and `..`.
    pub(crate) lists_dots: bool,
    /// Whether a file of 2020 is listed with its year.
    pub(crate) lists_years: bool,
    /// How LIST of a directory that does not exist ends.
    pub(crate) list_of_missing: Missing,
    /// How NLST of it ends.
    pub(crate) names_of_missing: Missing,
    /// Which of the directories with odd names cannot be listed by them.
    pub(crate) misread: &'static [&'static str],
    /// Whether a directory that may not be read is refused, and not listed and entered as an empty one.
    pub(crate) refuses_forbidden: bool,
    /// How a file is listed.
    pub(crate) file_listed: FileListed,
    /// What LIST -R does.
    pub(crate) below: Below,
    /// What is told of a symbolic link.
    pub(crate) link: Link,
    /// Whether SIZE of a missing file says that it is missing.
    pub(crate) size_knows_missing: bool,
    /// Which command of a rename is refused when there is nothing to rename.
    pub(crate) rename_refused_at: &'static str,
    /// Whether RNTO may name a file that exists.
    pub(crate) rename_replaces: bool,
    /// Whether MKD of a directory that exists is refused.
    pub(crate) refuses_existing: bool,
    /// What `0123456789` becomes when `xyz` is stored at offset 4.
    pub(crate) overwritten: &'static str,
    /// What becomes of the session when a download or listing is cut short.
    pub(crate) cut_download: Cut,
    /// What becomes of it when an upload is.
    pub(crate) cut_upload: Cut,
    /// Whether transfers of two sessions may start in active mode at the same time.
    pub(crate) active_at_once: bool,
    /// Whether EPSV over IPv6 is answered as quickly as any other command.
    pub(crate) quick_over_ipv6: bool,
    /// Names that are not kept as they are.
    pub(crate) odd: &'static [(&'static str, Odd)],
    /// What becomes of a file stored as `a\xffb`.
    pub(crate) telnet_byte: TelnetByte,
    /// The versions of TLS in which data connections continue the control connection's session.
    pub(crate) resumed_in: &'static [TlsVersion],
    /// Whether a download of nothing ends with `close_notify` under TLS, and not somewhere ahead of it.
    pub(crate) closes_nothing: bool,
    /// Whether `PROT C` is taken.
    pub(crate) clear_data: Weaker,
    /// Whether `CCC` is taken.
    pub(crate) clear_commands: Weaker,
}

/// How NLST writes names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// `x`
    Bare,
    /// `full/x`
    WithDirectory,
    /// `full/x`, and `full/.` and `full/..`.
    WithDirectoryAndDots,
}

/// How an empty directory is listed by NLST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// By nothing.
    Empty,
    /// 550, as if it did not exist.
    NotFound,
    /// By these.
    Dots(&'static [&'static str]),
}

/// How a missing directory is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Refused, in words that say so.
    NotFound,
    /// As an empty one, with success.
    Empty,
    /// With success, and `ls`'s complaint for a listing.
    Complaint,
}

/// How a file is listed whose path is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileListed {
    AsItself,
    /// It is refused, for it is no directory.
    NotAtAll,
}

/// What becomes of the wish to see everything below a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Below {
    Listed,
    /// The server is known not to.
    Unsupported,
}

/// What is told of a symbolic link to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// That it is one.
    Told,
    /// What it leads to.
    Followed,
    /// That it is a file, of the length of its target's name.
    Other,
}

/// What becomes of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    InStep,
    /// The server closes the control connection without a word.
    Lost,
    /// One or the other, by how far the server has come.
    Either,
}

/// What becomes of a wish for less protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weaker {
    Allowed,
    /// With this code.
    Refused(u16),
}

/// What becomes of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    Kept,
    /// It is this one on disk, in listings and in PWD, and found under the one asked for.
    As(&'static str),
    /// The same, but PWD shows the one asked for.
    Recoded(&'static str),
    /// It is this one, and not found under the one asked for.
    Lost(&'static str),
    /// No directory can have it.
    NoDirectory,
    /// Nothing can have it.
    Refused,
    /// It is not sent, for the server would make another of it.
    Unsupported,
}

/// What becomes of the name `a\xffb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TelnetByte {
    /// It is this one on disk.
    As(&'static [u8]),
    /// No file has it.
    Fails(ErrorKind),
}

const PLAIN: Expected = Expected {
    unknown: &[],
    names: Names::Bare,
    names_of_nothing: Nothing::Empty,
    lists_dots: false,
    lists_years: true,
    list_of_missing: Missing::NotFound,
    names_of_missing: Missing::NotFound,
    misread: &[],
    file_listed: FileListed::AsItself,
    below: Below::Listed,
    link: Link::Told,
    size_knows_missing: true,
    rename_refused_at: "RNFR",
    rename_replaces: true,
    refuses_existing: true,
    refuses_forbidden: true,
    overwritten: "0123xyz789",
    cut_download: Cut::InStep,
    cut_upload: Cut::InStep,
    active_at_once: true,
    quick_over_ipv6: true,
    odd: &[],
    telnet_byte: TelnetByte::As(b"a\xffb"),
    resumed_in: &[TlsVersion::Tls12, TlsVersion::Tls13],
    closes_nothing: true,
    clear_data: Weaker::Allowed,
    clear_commands: Weaker::Allowed,
};

impl Expected {
    /// What to expect of the server of this name.
    pub(crate) fn of(server: &str, security: Security) -> Self {
        match server {
            "vsftpd" => Self {
                // Facts came with RFC 3659, which it knows SIZE, MDTM and REST of.
                unknown: &["MLSD", "MLST"],
                names: Names::WithDirectory,
                // What cannot be opened has no entries.
                list_of_missing: Missing::Empty,
                names_of_missing: Missing::Empty,
                clear_commands: Weaker::Refused(500),
                ..PLAIN
            },
            "proftpd" => Self {
                // MLST has the link's length, and `type=file`.
                link: Link::Other,
                names: Names::WithDirectory,
                // `550 Invalid directory name`: LIST would take it for a pattern.
                odd: &[("star*", Odd::NoDirectory)],
                ..PLAIN
            },
            "pure-ftpd" => Self {
                names: Names::WithDirectoryAndDots,
                names_of_nothing: Nothing::Dots(&["empty/.", "empty/.."]),
                // `226 0 matches`.
                list_of_missing: Missing::Empty,
                // It truncates behind the new data.
                overwritten: "0123xyz",
                // It makes outer blanks and control characters `_` in STOR and MKD, but looks for the
                // blanks when the file is asked for; TAB is replaced there as well.
                odd: &[
                    ("  leading blanks", Odd::Lost("__leading blanks")),
                    ("trailing blank ", Odd::Lost("trailing blank_")),
                    ("tab\there", Odd::As("tab_here")),
                    ("back\\slash", Odd::Refused),
                ],
                // It hands out no tickets.
                resumed_in: &[TlsVersion::Tls12],
                ..PLAIN
            },
            "inetutils" | "linux-ftpd" => Self {
                unknown: &["MLSD", "MLST"],
                names: Names::WithDirectory,
                // `550 No files found.`
                names_of_nothing: Nothing::NotFound,
                // LIST is `ls` with its errors on the data connection.
                list_of_missing: Missing::Complaint,
                // `550 nope: not a plain file.`
                size_knows_missing: false,
                ..PLAIN
            },
            "gridftp" => Self {
                misread: &[" blank"],
                // `LIST -R` lists one directory.
                below: Below::Unsupported,
                link: Link::Followed,
                lists_dots: true,
                names_of_nothing: Nothing::Dots(&[".", ".."]),
                // The time of day, whatever the year.
                lists_years: false,
                // Every thirtieth or so takes five seconds, as a question to a name server does that is
                // not there.
                quick_over_ipv6: false,
                odd: &[
                    ("  leading blanks", Odd::As("leading blanks")),
                    // It would keep the ASCII of a name.
                    ("Zürich-日本-🚢", Odd::Unsupported),
                    // `500 Cannot expand ~`
                    ("~tilde", Odd::Refused),
                ],
                telnet_byte: TelnetByte::Fails(ErrorKind::Unsupported),
                ..PLAIN
            },
            "aioftp" => Self {
                // Lines are stripped at the end.
                misread: &["blank "],
                // CWD asks whether there is such a directory, and no more.
                refuses_forbidden: false,
                // `226` for nothing, and CWD is refused.
                file_listed: FileListed::NotAtAll,
                below: Below::Unsupported,
                link: Link::Followed,
                unknown: &["NLST", "SIZE", "MDTM"],
                // `550 path already exists`
                rename_replaces: false,
                // A data connection that breaks is an exception that ends the session's task. Under TLS
                // it may be done writing before it sees that nobody reads: `226 data transfer done`.
                cut_download: match security {
                    Security::Clear => Cut::Lost,
                    _ => Cut::Either,
                },
                cut_upload: Cut::Lost,
                // Lines are stripped at the end.
                odd: &[("trailing blank ", Odd::As("trailing blank"))],
                // So is a byte that is not UTF-8.
                telnet_byte: TelnetByte::Fails(ErrorKind::ConnectionLost),
                ..PLAIN
            },
            "twisted" => Self {
                below: Below::Unsupported,
                link: Link::Followed,
                unknown: &["REST", "APPE", "MLSD", "MLST"],
                // A 226 without a 150.
                names_of_missing: Missing::Empty,
                // RNFR is answered before anything is looked at.
                rename_refused_at: "RNTO",
                // Commands are Latin-1 to it, file names UTF-8.
                odd: &[(
                    "Zürich-日本-🚢",
                    Odd::Recoded("ZÃ¼rich-æ\u{97}¥æ\u{9c}¬-ð\u{9f}\u{9a}¢"),
                )],
                telnet_byte: TelnetByte::As("aÿb".as_bytes()),
                ..PLAIN
            },
            "ftp-srv" => Self {
                // A separator, and quotes are dropped.
                misread: &["back\\slash", "say \"ahoy\""],
                below: Below::Unsupported,
                link: Link::Followed,
                unknown: &["MLSD", "MLST"],
                // 257, as if it had been made.
                refuses_existing: false,
                // It writes into a new file, at the offset.
                overwritten: "\0\0\0\0xyz",
                odd: &[
                    // A separator, and the directory before it does not exist.
                    ("back\\slash", Odd::Refused),
                    // Quotes are dropped; what remains of the lone one is the root.
                    ("say \"ahoy\"", Odd::As("say ahoy")),
                    ("\"", Odd::Refused),
                ],
                telnet_byte: TelnetByte::As("a\u{fffd}b".as_bytes()),
                // It makes a TLS context for each connection.
                resumed_in: &[],
                // In active mode, now and then, TCP alone ends; the 226 comes all the same.
                closes_nothing: false,
                // `536 Not supported`
                clear_data: Weaker::Refused(536),
                clear_commands: Weaker::Refused(502),
                ..PLAIN
            },
            "libunftp" => Self {
                // `550 Directory not found`
                file_listed: FileListed::NotAtAll,
                below: Below::Unsupported,
                link: Link::Other,
                // It truncates behind the new data.
                overwritten: "0123xyz",
                telnet_byte: TelnetByte::As("a\u{fffd}b".as_bytes()),
                clear_commands: Weaker::Refused(502),
                ..PLAIN
            },
            "pyftpdlib" => Self {
                below: Below::Unsupported,
                link: Link::Followed,
                // It connects when PORT comes, and sometimes misses that one of two connections made
                // at once has been accepted: `421 Active data channel timed out` half a minute later.
                active_at_once: false,
                // What is not UTF-8 is replaced.
                telnet_byte: TelnetByte::As("a\u{fffd}b".as_bytes()),
                clear_commands: Weaker::Refused(500),
                // TCP alone ends where the command is carried out ahead of the handshake.
                closes_nothing: false,
                ..PLAIN
            },
            "embedded" => Self {
                names: Names::WithDirectory,
                ..PLAIN
            },
            _ => panic!("nothing is known of {server}"),
        }
    }

    /// Whether the server knows a command.
    pub(crate) fn knows(&self, verb: &str) -> bool {
        !self.unknown.contains(&verb)
    }

    /// Whether data connections continue the control connection's session.
    pub(crate) fn resumes(&self, version: TlsVersion) -> bool {
        self.resumed_in.contains(&version)
    }

    /// What becomes of a name.
    pub(crate) fn odd(&self, name: &str) -> Odd {
        let row = self.odd.iter().find(|(odd, _)| *odd == name);
        row.map_or(Odd::Kept, |&(_, becomes)| becomes)
    }
}
