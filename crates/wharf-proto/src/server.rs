//! Who the server is, and what that means for the client.
//!
//! A greeting is text that an administrator may change, so an unknown server is the ordinary case
//! and its [`Quirks`] are the careful ones. Every quirk is a value with the reason beside it; none
//! is compiled in or out.

use crate::command::Wire;
use crate::reply::{Multiline, Reply};
use crate::text::Encoding;

/// A server program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Server {
    /// vsFTPd.
    VsFtpd,
    /// ProFTPD.
    ProFtpd,
    /// Pure-FTPd.
    PureFtpd,
    /// ftpd of GNU inetutils.
    InetUtils,
    /// Linux-ftpd, the BSD server of old Linux distributions.
    LinuxFtpd,
    /// Globus GridFTP.
    GridFtp,
    /// Python's pyftpdlib.
    PyFtpdLib,
    /// Python's aioftp.
    AioFtp,
    /// Twisted's server.
    Twisted,
    /// ftp-srv for Node. Its greeting does not name it.
    FtpSrv,
    /// libunftp, for Rust.
    LibUnftp,
    /// FileZilla Server.
    FileZilla,
    /// Microsoft's Internet Information Services.
    Iis,
    /// glFTPd.
    GlFtpd,
    /// Any other.
    #[default]
    Unknown,
}

impl Server {
    /// The server that greets so. A greeting that names none is an [`Unknown`](Self::Unknown) one.
    ///
    /// # Examples
    ///
    /// ```
    /// use wharf_proto::reply::{Code, Message, Reply};
    /// use wharf_proto::server::{Quirks, Server};
    ///
    /// let lines = vec!["220 (vsFTPd 3.0.3)".into()];
    /// let greeting = Reply::new(Vec::new(), Message { code: Code::new(220).unwrap(), lines });
    /// assert_eq!(Server::from_greeting(&greeting), Server::VsFtpd);
    /// assert!(Quirks::of(Server::VsFtpd).keeps_order);
    /// ```
    pub fn from_greeting(greeting: &Reply) -> Self {
        // aioftp's whole greeting is one word, which may stand in anybody else's.
        if greeting.final_lines().len() == 1 && greeting.text_bytes() == b"welcome" {
            return Self::AioFtp;
        }
        greeting
            .final_lines()
            .iter()
            .find_map(|line| {
                let line = Encoding::Utf8.decode(line).to_lowercase();
                NAMES
                    .iter()
                    .find(|(name, _)| line.contains(name))
                    .map(|&(_, server)| server)
            })
            .unwrap_or_default()
    }

    /// The server that answers PBSZ and PROT in these words. A greeting that came ahead of TLS may be
    /// anybody's; these answers are the first that tell servers apart.
    ///
    /// Both must fit, for many a server has borrowed one of the phrases.
    ///
    /// # Examples
    ///
    /// ```
    /// use wharf_proto::reply::{Code, Message, Reply};
    /// use wharf_proto::server::Server;
    ///
    /// let reply = |line: &'static str| {
    ///     let lines = vec![line.into()];
    ///     Reply::new(Vec::new(), Message { code: Code::new(200).unwrap(), lines })
    /// };
    /// let buffer = reply("200 PBSZ set to 0.");
    /// let level = reply("200 PROT now Private.");
    /// assert_eq!(Server::from_protection(&buffer, &level), Server::VsFtpd);
    /// ```
    pub fn from_protection(buffer: &Reply, level: &Reply) -> Self {
        PROTECTIONS
            .iter()
            .find(|(said, begins, _)| {
                buffer.text_bytes() == said.as_bytes()
                    && level.text_bytes().starts_with(begins.as_bytes())
            })
            .map(|&(_, _, server)| server)
            .unwrap_or_default()
    }
}

/// What servers say to PBSZ 0, and how their answers to PROT begin.
const PROTECTIONS: &[(&str, &str, Server)] = &[
    ("PBSZ set to 0.", "PROT now ", Server::VsFtpd),
    ("PBSZ 0 successful", "Protection set to ", Server::ProFtpd),
    // Many say the first; few the second.
    (
        "PBSZ=0",
        "Data protection level set to \"",
        Server::PureFtpd,
    ),
    (
        "PBSZ=0 successful.",
        "Protection set to ",
        Server::PyFtpdLib,
    ),
    ("OK", "PROT OK. ", Server::LibUnftp),
];

/// What greetings call a server, in lower case.
const NAMES: &[(&str, Server)] = &[
    ("vsftpd", Server::VsFtpd),
    ("proftpd", Server::ProFtpd),
    ("pure-ftpd", Server::PureFtpd),
    ("gnu inetutils", Server::InetUtils),
    ("linux-ftpd", Server::LinuxFtpd),
    ("gridftp server", Server::GridFtp),
    ("pyftpdlib", Server::PyFtpdLib),
    ("aioftp", Server::AioFtp),
    ("twisted", Server::Twisted),
    ("ftp-srv", Server::FtpSrv),
    ("libunftp", Server::LibUnftp),
    ("filezilla server", Server::FileZilla),
    ("microsoft ftp service", Server::Iis),
    ("glftpd", Server::GlFtpd),
];

/// What a server makes of `LIST -a` and `LIST -R`, which are in no RFC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LsOptions {
    /// Nobody knows.
    #[default]
    Unknown,
    /// What `ls` does: names that begin with a dot are shown only for `-a` (vsFTPd, ProFTPD, Pure-FTPd, GNU
    /// inetutils, Linux-ftpd).
    Obeyed,
    /// Nothing, or a name; all names are shown without. GridFTP, libunftp and ftp-srv pass options over;
    /// pyftpdlib, aioftp and Twisted look for a file of that name.
    Needless,
}

/// How a server differs from what one may expect of any.
///
/// # Defaults
///
/// Those of [`Quirks::of`]`(Server::Unknown)`: no order of replies is relied upon, no limit of a
/// line is known, and bytes go out as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states of a machine"
)]
pub struct Quirks {
    /// The byte 0xFF is doubled in commands. ProFTPD and the BSD servers read Telnet and make one
    /// of two; undoubled, GNU inetutils and Linux-ftpd lose it and the byte behind it. vsFTPd,
    /// Pure-FTPd and pyftpdlib would keep both.
    pub double_iac: bool,
    /// The longest command line, without CRLF. GNU inetutils and Linux-ftpd hold 512 bytes, and the
    /// first executes the rest as further commands; pyftpdlib refuses from 2 KiB on; vsFTPd and
    /// Pure-FTPd hang up beyond 4 KiB, and ProFTPD does not answer.
    pub line_limit: Option<usize>,
    /// Replies come in the order of the commands, however many are sent ahead, as long as no
    /// transfer runs. True of the C daemons, by measurement. libunftp runs commands side by side
    /// and pyftpdlib, aioftp and ftp-srv begin the next before a transfer is over; about a server
    /// that is not known, nothing can be told by trying.
    pub keeps_order: bool,
    /// `ABOR` closes the control connection (GridFTP): only closing the data connection cancels.
    pub abor_closes_control: bool,
    /// EPSV and PASV are answered, and then nothing is until their port was dialled; after ten seconds
    /// without, a 550 comes that answers no command (Twisted). So the port of a transfer that was
    /// given up is dialled all the same.
    pub waits_for_dial: bool,
    /// A transfer starts before its data connection is accepted, and a connection that was reset by
    /// then is overlooked (pyftpdlib): the file goes over the next transfer's. So a download is given up
    /// by a clean close, which GNU inetutils, for one, does not survive.
    pub overlooks_resets: bool,
    /// Listings never have a year, so a date without one may be of any year (GridFTP).
    pub listing_omits_year: bool,
    /// What is not ASCII is dropped from a path (GridFTP), so that another one is meant: no command goes out with one.
    pub drops_non_ascii: bool,
    /// LIST and NLST take all that stands behind them for one path, as it is (vsFTPd, pyftpdlib, aioftp, Twisted,
    /// ftp-srv, libunftp). Others hand it to `ls` as a shell does: at GNU inetutils and Linux-ftpd `[ab]` lists
    /// `a`, and `two words` nothing, with success; ProFTPD and Pure-FTPd expand patterns.
    pub lists_verbatim: bool,
    /// What LIST makes of the options of `ls`.
    pub ls_options: LsOptions,
    /// When a multi-line reply ends. glFTPd closes some with another code than it opened them with.
    pub multiline: Multiline,
}

impl Quirks {
    /// The quirks of a server.
    pub const fn of(server: Server) -> Self {
        let plain = Self {
            double_iac: false,
            line_limit: None,
            keeps_order: false,
            abor_closes_control: false,
            waits_for_dial: false,
            overlooks_resets: false,
            listing_omits_year: false,
            drops_non_ascii: false,
            lists_verbatim: false,
            ls_options: LsOptions::Unknown,
            multiline: Multiline::Strict,
        };
        match server {
            Server::VsFtpd => Self {
                keeps_order: true,
                lists_verbatim: true,
                ls_options: LsOptions::Obeyed,
                line_limit: Some(4000),
                ..plain
            },
            Server::PureFtpd => Self {
                keeps_order: true,
                ls_options: LsOptions::Obeyed,
                line_limit: Some(4000),
                ..plain
            },
            Server::ProFtpd => Self {
                keeps_order: true,
                ls_options: LsOptions::Obeyed,
                line_limit: Some(4000),
                double_iac: true,
                ..plain
            },
            // 500 leaves room for the CRLF and for Linux-ftpd, which refuses from 506 on.
            Server::InetUtils | Server::LinuxFtpd => Self {
                keeps_order: true,
                ls_options: LsOptions::Obeyed,
                line_limit: Some(500),
                double_iac: true,
                ..plain
            },
            Server::GridFtp => Self {
                keeps_order: true,
                abor_closes_control: true,
                drops_non_ascii: true,
                listing_omits_year: true,
                ls_options: LsOptions::Needless,
                ..plain
            },
            Server::PyFtpdLib => Self {
                overlooks_resets: true,
                lists_verbatim: true,
                ls_options: LsOptions::Needless,
                line_limit: Some(2000),
                ..plain
            },
            Server::Twisted => Self {
                waits_for_dial: true,
                lists_verbatim: true,
                ls_options: LsOptions::Needless,
                ..plain
            },
            Server::AioFtp | Server::FtpSrv | Server::LibUnftp => Self {
                lists_verbatim: true,
                ls_options: LsOptions::Needless,
                ..plain
            },
            Server::GlFtpd => Self {
                multiline: Multiline::Tolerant,
                ..plain
            },
            Server::FileZilla | Server::Iis | Server::Unknown => plain,
        }
    }

    /// What [`Command::encode`](crate::command::Command::encode) needs of them.
    pub const fn wire(&self) -> Wire {
        Wire {
            double_iac: self.double_iac,
            line_limit: self.line_limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::tests::reply;

    fn server(greeting: &str) -> Server {
        Server::from_greeting(&reply(format!("{greeting}\r\n").as_bytes()))
    }

    #[test]
    fn servers_are_known_by_their_greetings() {
        for (greeting, expected) in [
            ("220 (vsFTPd 3.0.3)", Server::VsFtpd),
            ("220 ProFTPD Server (lab) [127.0.0.1]", Server::ProFtpd),
            (
                "220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n\
                 220-Local time is now 12:00.\r\n220 You will be disconnected",
                Server::PureFtpd,
            ),
            (
                "220 localhost FTP server (GNU inetutils 2.4) ready.",
                Server::InetUtils,
            ),
            (
                "220 vm FTP server (Version 6.4/OpenBSD/Linux-ftpd-0.17) ready.",
                Server::LinuxFtpd,
            ),
            (
                "220 vm GridFTP Server 13.24 (gcc64, 1) ready.",
                Server::GridFtp,
            ),
            ("220 pyftpdlib 2.2.0 ready.", Server::PyFtpdLib),
            ("220 welcome", Server::AioFtp),
            ("220 Twisted 26.10.0 FTP Server", Server::Twisted),
            (
                "220-FileZilla Server 1.8.0\r\n220 Please visit",
                Server::FileZilla,
            ),
            ("220 Microsoft FTP Service", Server::Iis),
            ("220 host (glFTPd 2.14 Linux+TLS) ready.", Server::GlFtpd),
        ] {
            assert_eq!(server(greeting), expected, "{greeting}");
        }
    }

    #[test]
    fn servers_are_known_by_how_they_agree_on_protection() {
        let known = |buffer: &str, level: &str| {
            Server::from_protection(
                &reply(format!("200 {buffer}\r\n").as_bytes()),
                &reply(format!("200 {level}\r\n").as_bytes()),
            )
        };
        for (buffer, private, clear, server) in [
            (
                "PBSZ set to 0.",
                "PROT now Private.",
                "PROT now Clear.",
                Server::VsFtpd,
            ),
            (
                "PBSZ 0 successful",
                "Protection set to Private",
                "Protection set to Clear",
                Server::ProFtpd,
            ),
            (
                "PBSZ=0",
                "Data protection level set to \"private\"",
                "Data protection level set to \"clear\"",
                Server::PureFtpd,
            ),
            (
                "PBSZ=0 successful.",
                "Protection set to Private",
                "Protection set to Clear",
                Server::PyFtpdLib,
            ),
            (
                "OK",
                "PROT OK. Securing data channel",
                "PROT OK. Switching data channel to plaintext",
                Server::LibUnftp,
            ),
        ] {
            assert_eq!(known(buffer, private), server);
            assert_eq!(known(buffer, clear), server);
        }
        // ftp-srv, and servers that have the first phrase alone.
        for (buffer, level) in [
            ("OK", "OK"),
            ("PBSZ=0", "Protection level set to P"),
            ("PBSZ set to 0.", "Protection set to P"),
        ] {
            assert_eq!(known(buffer, level), Server::Unknown, "{buffer}, {level}");
        }
    }

    #[test]
    fn a_greeting_without_a_name_is_unknown() {
        for greeting in [
            "220 ",
            "220 Welcome",
            "220 welcome to my server",
            "220-welcome\r\n220 hi",
        ] {
            assert_eq!(server(greeting), Server::Unknown, "{greeting}");
        }
    }

    #[test]
    fn nothing_is_taken_for_granted_of_an_unknown_server() {
        assert_eq!(Quirks::of(Server::Unknown), Quirks::default());
        assert!(!Quirks::default().keeps_order);
    }

    #[test]
    fn order_is_relied_on_only_where_it_was_measured() {
        let ordered = [
            Server::VsFtpd,
            Server::ProFtpd,
            Server::PureFtpd,
            Server::InetUtils,
            Server::LinuxFtpd,
            Server::GridFtp,
        ];
        for server in ordered {
            assert!(Quirks::of(server).keeps_order, "{server:?}");
        }
        for server in [
            Server::PyFtpdLib,
            Server::AioFtp,
            Server::FtpSrv,
            Server::LibUnftp,
        ] {
            assert!(!Quirks::of(server).keeps_order, "{server:?}");
        }
    }

    #[test]
    fn options_of_ls_are_relied_on_only_where_they_were_measured() {
        let options = |server| Quirks::of(server).ls_options;
        for server in [Server::VsFtpd, Server::ProFtpd, Server::PureFtpd] {
            assert_eq!(options(server), LsOptions::Obeyed, "{server:?}");
        }
        for server in [Server::AioFtp, Server::FtpSrv, Server::LibUnftp] {
            assert_eq!(options(server), LsOptions::Needless, "{server:?}");
        }
        for server in [Server::FileZilla, Server::Iis, Server::Unknown] {
            assert_eq!(options(server), LsOptions::Unknown, "{server:?}");
        }
    }

    #[test]
    fn a_bsd_server_never_gets_a_line_that_it_would_cut_in_two() {
        let command = crate::command::Command::path("CWD", &[b'a'; 497]).unwrap();
        assert!(
            command
                .encode(&Quirks::of(Server::InetUtils).wire())
                .is_err()
        );
        assert!(command.encode(&Quirks::of(Server::VsFtpd).wire()).is_ok());
    }
}
