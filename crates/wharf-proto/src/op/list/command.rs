//! The commands that list.

use crate::listing::Format;

/// A command that lists.
///
/// # Examples
///
/// ```
/// use wharf_proto::op::ListCommand;
///
/// assert_eq!(ListCommand::Mlsd.verb(), "MLSD");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListCommand {
    /// `MLSD` (RFC 3659 §7): facts for machines, in one form and in UTC.
    Mlsd,
    /// `LIST` (RFC 959 §4.1.3): lines for people, in the form of the server's system.
    List,
    /// `NLST` (RFC 959 §4.1.3): names alone.
    Nlst,
}

impl ListCommand {
    /// The command's name.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Mlsd => "MLSD",
            Self::List => "LIST",
            Self::Nlst => "NLST",
        }
    }

    /// What its answer is to be read as.
    pub const fn format(self) -> Format {
        match self {
            Self::Mlsd => Format::Mlsd,
            Self::List => Format::Detect,
            Self::Nlst => Format::Names,
        }
    }
}
