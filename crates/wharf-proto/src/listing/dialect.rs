//! The forms of listings, by name.

use std::fmt;

/// The form of a listing.
///
/// # Examples
///
/// ```
/// use wharf_proto::listing::Dialect;
///
/// assert_eq!(Dialect::Os400.to_string(), "os400");
/// assert_eq!(Dialect::from_name("os400"), Some(Dialect::Os400));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// EPLF, made to be parsed, as anonftpd writes it.
    Eplf,
    /// Facts and a name (RFC 3659 §7).
    Mlsx,
    /// OpenVMS.
    Vms,
    /// HP NonStop (Tandem Guardian).
    NonStop,
    /// OS/400 (IBM i).
    Os400,
    /// Novell NetWare.
    NetWare,
    /// Windows and MS-DOS, in the form of `DIR`.
    Dos,
    /// VM: minidisks and shared directories.
    VmCms,
    /// VM: the byte file system.
    VmBfs,
    /// VM: the virtual reader.
    VmReader,
    /// MVS (z/OS): data sets.
    Mvs,
    /// MVS (z/OS): members of a partitioned data set.
    MvsMembers,
    /// MVS (z/OS): jobs.
    MvsJobs,
    /// VSE/ESA.
    Vse,
    /// Stratus VOS.
    Vos,
    /// Connect:Enterprise.
    ConnectEnterprise,
    /// Bull GCOS 7.
    Gcos7,
    /// Bull GCOS 8.
    Gcos8,
    /// Unisys ClearPath MCP.
    ClearPath,
    /// MPE/iX (HP 3000).
    Mpe,
    /// OS/2.
    Os2,
    /// Microware OS-9.
    Os9,
    /// MUSIC/SP.
    Music,
    /// VxWorks.
    VxWorks,
    /// Distinct's server for Windows.
    Distinct,
    /// VShell, of old.
    VShell,
    /// What `ls -l` writes, and its kin on Mac OS and UniTree.
    Unix,
    /// Servers for DOS, Windows and routers that write the name first.
    NameFirst,
    /// Xecom's MicroRTOS.
    MicroRtos,
    /// KA9Q NOS.
    Ka9q,
    /// TSX-Plus and RT-11.
    Tsx,
    /// TOPS-20.
    Tops20,
    /// `dls`, an `ls` with descriptions.
    Dls,
    /// Names alone, as `NLST` gives them.
    Names,
}

impl Dialect {
    /// All of them, those that are easiest to tell first.
    pub const ALL: [Self; 34] = [
        Self::Eplf,
        Self::Mlsx,
        Self::Vms,
        Self::NonStop,
        Self::Os400,
        Self::NetWare,
        Self::VmBfs,
        Self::Dos,
        Self::VmCms,
        Self::VmReader,
        Self::Mvs,
        Self::MvsMembers,
        Self::MvsJobs,
        Self::Vse,
        Self::Vos,
        Self::ConnectEnterprise,
        Self::Gcos7,
        Self::Gcos8,
        Self::ClearPath,
        Self::Mpe,
        Self::Os2,
        Self::Os9,
        Self::Music,
        Self::VxWorks,
        Self::Distinct,
        Self::VShell,
        Self::Unix,
        Self::NameFirst,
        Self::MicroRtos,
        Self::Ka9q,
        Self::Tsx,
        Self::Tops20,
        Self::Dls,
        Self::Names,
    ];

    /// Its name: a word in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eplf => "eplf",
            Self::Mlsx => "mlsx",
            Self::Vms => "vms",
            Self::NonStop => "nonstop",
            Self::Os400 => "os400",
            Self::NetWare => "netware",
            Self::Dos => "dos",
            Self::VmCms => "vm-cms",
            Self::VmBfs => "vm-bfs",
            Self::VmReader => "vm-reader",
            Self::Mvs => "mvs",
            Self::MvsMembers => "mvs-members",
            Self::MvsJobs => "mvs-jobs",
            Self::Vse => "vse",
            Self::Vos => "vos",
            Self::ConnectEnterprise => "connect-enterprise",
            Self::Gcos7 => "gcos7",
            Self::Gcos8 => "gcos8",
            Self::ClearPath => "clearpath",
            Self::Mpe => "mpe",
            Self::Os2 => "os2",
            Self::Os9 => "os9",
            Self::Music => "music",
            Self::VxWorks => "vxworks",
            Self::Distinct => "distinct",
            Self::VShell => "vshell",
            Self::Unix => "unix",
            Self::NameFirst => "name-first",
            Self::MicroRtos => "micro-rtos",
            Self::Ka9q => "ka9q",
            Self::Tsx => "tsx",
            Self::Tops20 => "tops20",
            Self::Dls => "dls",
            Self::Names => "names",
        }
    }

    /// The one of that name; `None` if there is none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// Whether what a server says of itself, such as its answer to `SYST` or its greeting, speaks
    /// for this form. Many servers say that they are Unix and list as they like.
    pub(super) fn is_hinted_by(self, said: &[u8]) -> bool {
        let words: &[&[u8]] = match self {
            Self::Unix => &[b"UNIX"],
            Self::Dos => &[b"Windows_NT", b"Windows_CE", b"Windows"],
            Self::Vms => &[b"VMS", b"VAX/VMS", b"OpenVMS", b"MultiNet"],
            Self::NonStop => &[b"NONSTOP", b"Guardian", b"Tandem"],
            Self::Os400 => &[b"OS/400"],
            Self::NetWare => &[b"NETWARE"],
            Self::VmCms | Self::VmBfs | Self::VmReader => &[b"VM", b"VM/CMS", b"z/VM"],
            Self::Mvs | Self::MvsMembers | Self::MvsJobs => &[b"MVS", b"z/OS"],
            Self::Vse => &[b"VSE", b"VSE/ESA", b"z/VSE"],
            Self::Vos => &[b"VOS"],
            Self::Gcos7 => &[b"GCOS7", b"GCOS-7"],
            Self::Gcos8 => &[b"GCOS8", b"GCOS-8"],
            Self::ClearPath => &[b"MCP", b"ClearPath"],
            Self::Mpe => &[b"MPE", b"MPE/iX", b"HP3000"],
            Self::Os2 => &[b"OS/2"],
            Self::Os9 => &[b"OS-9", b"OS9"],
            Self::Music => &[b"MUSIC", b"MUSIC/SP"],
            Self::VxWorks => &[b"VxWorks"],
            Self::Tops20 => &[b"TOPS20", b"TOPS-20"],
            Self::Tsx => &[b"TSX", b"TSX+"],
            _ => &[],
        };
        let is_part = |byte: &u8| !byte.is_ascii_alphanumeric() && !b"/_+-".contains(byte);
        said.split(is_part)
            .any(|word| words.iter().any(|known| word.eq_ignore_ascii_case(known)))
    }
}

/// Its [`name`](Dialect::name).
impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_one_dialect() {
        for dialect in Dialect::ALL {
            assert_eq!(Dialect::from_name(dialect.name()), Some(dialect));
        }
        assert_eq!(Dialect::from_name("ls"), None);
    }

    #[test]
    fn what_a_server_says_hints_by_whole_words() {
        assert!(Dialect::Unix.is_hinted_by(b"UNIX Type: L8"));
        assert!(Dialect::Vms.is_hinted_by(b"VMS V7.3-2 on node HERA"));
        assert!(Dialect::Mvs.is_hinted_by(b"MVS is the operating system of this server."));
        assert!(!Dialect::VmCms.is_hinted_by(b"VMS OpenVMS"));
        assert!(!Dialect::Os2.is_hinted_by(b"OS/2000"));
    }
}
