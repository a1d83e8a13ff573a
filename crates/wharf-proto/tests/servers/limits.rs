//! What a server does not tell, or tells wrongly: each with its reason, and none without need.

use wharf_proto::listing::Kind;

use crate::compare::{Difference, What};

/// A difference that is the server's.
#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) servers: &'static [&'static str],
    /// The commands, each as what its file's name begins with.
    commands: &'static [&'static str],
    what: &'static [What],
    of: fn(&Difference) -> bool,
    pub(crate) why: &'static str,
}

impl Limit {
    /// Whether it is the reason of a difference.
    pub(crate) fn explains(&self, server: &str, command: &str, difference: &Difference) -> bool {
        self.servers.contains(&server)
            && self.commands.iter().any(|known| command.starts_with(known))
            && self.what.contains(&difference.what)
            && (self.of)(difference)
    }
}

const ALL: &[&str] = &["list", "nlst", "mlsd", "mlst"];
const MLSX: &[&str] = &["mlsd", "mlst"];

pub(crate) const LIMITS: &[Limit] = &[
    Limit {
        servers: &["aioftp", "ftp-srv", "ftp-srv-eplf", "gridftp", "twisted"],
        commands: ALL,
        what: &[
            What::Kind,
            What::Target,
            What::Mode,
            What::Links,
            What::Time,
        ],
        of: is_link,
        why: "follows links, and shows what they lead to",
    },
    Limit {
        servers: &["pyftpdlib", "libunftp"],
        commands: MLSX,
        what: &[What::Kind, What::Target, What::Time],
        of: is_link,
        why: "follows links where there is a fact for what they lead to",
    },
    Limit {
        servers: &["proftpd"],
        commands: &["mlst"],
        what: &[What::Kind],
        of: is_link,
        why: "follows links in MLST, though not in MLSD",
    },
    Limit {
        servers: &["proftpd", "pure-ftpd"],
        commands: MLSX,
        what: &[What::Target],
        of: is_link,
        why: "says that it is a link, and not where to",
    },
    Limit {
        servers: &["ftp-srv", "ftp-srv-eplf", "libunftp", "twisted"],
        commands: ALL,
        what: &[What::Kind],
        of: is_special,
        why: "takes everything for a file that is neither directory nor link",
    },
    Limit {
        servers: &["proftpd", "pyftpdlib"],
        commands: MLSX,
        what: &[What::Kind],
        of: is_special,
        why: "has facts for files, directories and links alone",
    },
    Limit {
        servers: &["gridftp"],
        commands: ALL,
        what: &[What::Kind],
        of: |it| is(it, Kind::Socket),
        why: "knows no sockets",
    },
    Limit {
        servers: &["pure-ftpd"],
        commands: &["list"],
        what: &[What::Missing],
        of: is_special,
        why: "lists files, directories and links alone",
    },
    Limit {
        servers: &["vsftpd", "proftpd", "pure-ftpd"],
        commands: &["list"],
        what: &[What::Missing],
        of: is_hidden,
        why: "hides names with a leading dot unless -a is given",
    },
    Limit {
        servers: &["vsftpd", "proftpd"],
        commands: &["nlst"],
        what: &[What::Missing],
        of: is_hidden,
        why: "hides names with a leading dot unless -a is given",
    },
    Limit {
        servers: &["ftp-srv", "gridftp", "libunftp", "twisted"],
        commands: &["list"],
        what: &[What::Mode],
        of: has_special_bits,
        why: "leaves out the set-uid, set-gid and sticky bits",
    },
    Limit {
        servers: &["ftp-srv"],
        commands: &["list"],
        what: &[What::Links],
        of: |_| true,
        why: "says of everything that it has one name",
    },
    Limit {
        servers: &["ftp-srv-eplf"],
        commands: &["list"],
        what: &[What::Size],
        of: |it| it.name == b"size-0",
        why: "leaves out a size of 0",
    },
    Limit {
        servers: &["aioftp"],
        commands: &["list"],
        what: &[What::Owner],
        of: |_| true,
        why: "says `none` for every owner",
    },
    Limit {
        servers: &["ftp-srv"],
        commands: &["list"],
        what: &[What::Owner],
        of: |it| it.thing.as_ref().is_some_and(|thing| thing.owner == 0),
        why: "says 1 where the owner is 0",
    },
    Limit {
        servers: &["proftpd"],
        commands: MLSX,
        what: &[What::Owner],
        of: |it| it.thing.as_ref().is_some_and(|thing| thing.owner != 2121),
        why: "says in MLSD that everything is the user's",
    },
    Limit {
        servers: &["vsftpd", "pure-ftpd", "gridftp", "twisted"],
        commands: ALL,
        what: &[What::Owner],
        of: |it| it.name.starts_with(b"owner-"),
        why: "takes the number of an owner for one with a sign, or cuts it off",
    },
    Limit {
        servers: &[
            "ftp-srv",
            "inetutils",
            "libunftp",
            "proftpd",
            "pure-ftpd",
            "pyftpdlib",
            "twisted",
        ],
        commands: &["list"],
        what: &[What::Time],
        of: |it| it.is_to_come,
        why: "writes no year where the time is to come, as if it were one of the last months",
    },
    Limit {
        servers: &["gridftp"],
        commands: &["list"],
        what: &[What::Time],
        of: |it| it.is_to_come || it.is_long_past,
        why: "never writes a year",
    },
    Limit {
        servers: &[
            "vsftpd",
            "proftpd",
            "pure-ftpd",
            "inetutils",
            "linux-ftpd",
            "gridftp",
            "pyftpdlib",
            "twisted",
            "ftp-srv",
            "ftp-srv-eplf",
            "libunftp",
        ],
        commands: &["nlst"],
        what: &[What::Missing, What::Unknown],
        of: |it| it.name.ends_with(b"ls: x: Permission denied"),
        why: "may mean the file of that name or what `ls` says of another; the line is handed back",
    },
    Limit {
        servers: &["vsftpd", "proftpd", "pure-ftpd", "inetutils", "linux-ftpd"],
        commands: &["list-r"],
        what: &[What::Missing],
        of: |it| it.name == b"locked/unseen",
        why: "may not look into that directory",
    },
    Limit {
        servers: &["linux-ftpd"],
        commands: &["list-r"],
        what: &[What::Unknown],
        of: |it| it.name == b"/bin/ls: cannot open directory 'bay/locked': Permission denied",
        why: "sends what its `ls` has to say along with the listing",
    },
    Limit {
        servers: &["inetutils"],
        commands: &["list-r"],
        what: &[What::Invented, What::Missing, What::Unknown],
        of: |it| {
            let cut = "\u{fc}".repeat(127);
            let has_message = it.name.ends_with(b"locked: Permission denied");
            has_message || cut.as_bytes().ends_with(&it.name)
        },
        why: "sends what its `ls` has to say in the middle of another file's line",
    },
];

fn is(it: &Difference, kind: Kind) -> bool {
    it.thing.as_ref().is_some_and(|thing| thing.kind == kind)
}

fn is_link(it: &Difference) -> bool {
    is(it, Kind::Symlink)
}

fn is_special(it: &Difference) -> bool {
    let special = [
        Kind::Fifo,
        Kind::Socket,
        Kind::CharDevice,
        Kind::BlockDevice,
    ];
    special.into_iter().any(|kind| is(it, kind))
}

fn is_hidden(it: &Difference) -> bool {
    it.name.starts_with(b".")
}

fn has_special_bits(it: &Difference) -> bool {
    it.thing
        .as_ref()
        .is_some_and(|thing| thing.mode & 0o7000 != 0)
}
