//! Command lines: what verbs there are, and what a line asks for.

/// One command of a client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// The verb in capitals, with `XCWD` and its kin replaced by what they stand for.
    pub(super) verb: String,
    /// Everything behind the first blank, trailing blanks included.
    pub(super) argument: Vec<u8>,
}

impl Command {
    /// Reads a line without its end.
    ///
    /// Telnet commands in front of the verb (RFC 959 §4.1.3 has a client announce `ABOR` with
    /// them) are dropped: no verb begins with a byte from 0xF0 on.
    pub(super) fn parse(line: &[u8]) -> Self {
        let start = line
            .iter()
            .position(|&byte| byte < 0xF0)
            .unwrap_or(line.len());
        let line = &line[start..];
        let (verb, argument) = match line.iter().position(|&byte| byte == b' ') {
            Some(blank) => (&line[..blank], &line[blank + 1..]),
            None => (line, &line[line.len()..]),
        };
        let typed = verb.escape_ascii().to_string().to_ascii_uppercase();
        // RFC 775 named the directory commands with an X before RFC 959 took them over.
        let verb = match typed.as_str() {
            "XCUP" => "CDUP".to_owned(),
            "XCWD" => "CWD".to_owned(),
            "XMKD" => "MKD".to_owned(),
            "XPWD" => "PWD".to_owned(),
            "XRMD" => "RMD".to_owned(),
            _ => typed,
        };
        Self {
            verb,
            argument: argument.to_vec(),
        }
    }

    /// What is known about the verb, unless the server has never heard of it.
    pub(super) fn spec(&self) -> Option<&'static Spec> {
        COMMANDS.iter().find(|spec| spec.verb == self.verb)
    }

    /// The argument as text, blanks at its ends taken off. Only for arguments that are not names.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.argument).trim().to_owned()
    }
}

/// What is known about a verb.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) verb: &'static str,
    /// Its argument, for `HELP`.
    pub(super) usage: &'static str,
    /// Whether it is carried out for somebody who has not logged in.
    pub(super) open: bool,
    /// Whether it changes the tree.
    pub(super) writes: bool,
}

impl Spec {
    /// Whether the verb means nothing without an argument. `PASS` does: a password may be empty.
    pub(super) fn needs_argument(&self) -> bool {
        !self.usage.is_empty() && !self.usage.starts_with('[') && self.verb != "PASS"
    }
}

const fn open(verb: &'static str, usage: &'static str) -> Spec {
    Spec {
        verb,
        usage,
        open: true,
        writes: false,
    }
}

const fn reads(verb: &'static str, usage: &'static str) -> Spec {
    Spec {
        verb,
        usage,
        open: false,
        writes: false,
    }
}

const fn writes(verb: &'static str, usage: &'static str) -> Spec {
    Spec {
        verb,
        usage,
        open: false,
        writes: true,
    }
}

/// Every verb the server carries out, those of [`TLS`] if it speaks that.
pub(super) const COMMANDS: &[Spec] = &[
    open("ABOR", ""),
    open("ACCT", "<account>"),
    writes("ALLO", "<bytes>"),
    writes("APPE", "<path>"),
    open("AUTH", "TLS"),
    open("CCC", ""),
    open("CDC", ""),
    reads("CDUP", ""),
    open("CLNT", "<name>"),
    reads("CWD", "<path>"),
    writes("DELE", "<path>"),
    reads("EPRT", "|<1 or 2>|<address>|<port>|"),
    reads("EPSV", "[1 | 2 | ALL]"),
    open("FEAT", ""),
    open("HELP", "[<command>]"),
    open("HOST", "<name>"),
    open("LANG", "[<tag>]"),
    reads("LIST", "[-alR] [<path>]"),
    reads("MDTM", "<path>"),
    writes("MFMT", "<YYYYMMDDhhmmss> <path>"),
    writes("MKD", "<path>"),
    reads("MLSD", "[<path>]"),
    reads("MLST", "[<path>]"),
    reads("MODE", "S"),
    reads("NLST", "[<path>]"),
    open("NOOP", ""),
    open("OPTS", "<command> [<options>]"),
    open("PASS", "<password>"),
    reads("PASV", ""),
    open("PBSZ", "0"),
    reads("PORT", "<h1,h2,h3,h4,p1,p2>"),
    open("PROT", "C | P"),
    reads("PWD", ""),
    open("QUIT", ""),
    open("REIN", ""),
    reads("REST", "<offset>"),
    reads("RETR", "<path>"),
    writes("RMD", "<path>"),
    writes("RNFR", "<path>"),
    writes("RNTO", "<path>"),
    reads(
        "SITE",
        "CHMOD <mode> <path> | UTIME <YYYYMMDDhhmmss> <path> | HELP",
    ),
    reads("SIZE", "<path>"),
    open("STAT", "[<path>]"),
    writes("STOR", "<path>"),
    writes("STOU", ""),
    reads("STRU", "F"),
    open("SYST", ""),
    reads("TYPE", "A | I"),
    open("USER", "<name>"),
];

/// The verbs that mean nothing to a server without TLS: RFC 4217's, and `CDC`, by which some old
/// clients ask for data in clear text.
pub(super) const TLS: &[&str] = &["AUTH", "CCC", "CDC", "PBSZ", "PROT"];

/// Verbs of the standards that the server knows and does not carry out: 502, where 500 is for
/// what nobody ever defined.
pub(super) const NOT_IMPLEMENTED: &[&str] = &[
    "ADAT", "CONF", "CSID", "ENC", "HASH", "LPRT", "LPSV", "MFCT", "MFF", "MIC", "RANG", "SMNT",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[u8]) -> (String, Vec<u8>) {
        let Command { verb, argument } = Command::parse(line);
        (verb, argument)
    }

    #[test]
    fn the_argument_begins_behind_one_blank_and_keeps_every_other() {
        assert_eq!(parse(b"cwd  a b "), ("CWD".to_owned(), b" a b ".to_vec()));
        assert_eq!(parse(b"NOOP"), ("NOOP".to_owned(), Vec::new()));
        assert_eq!(parse(b"CWD \xff\0"), ("CWD".to_owned(), b"\xff\0".to_vec()));
    }

    #[test]
    fn telnet_signals_before_the_verb_are_not_part_of_it() {
        assert_eq!(parse(b"\xff\xf4\xff\xf2ABOR").0, "ABOR");
        assert_eq!(parse(b"\xff\xf4\xffABOR").0, "ABOR");
    }

    #[test]
    fn the_old_names_are_the_new_commands() {
        assert_eq!(parse(b"xpwd").0, "PWD");
        assert_eq!(parse(b"XMKD a"), ("MKD".to_owned(), b"a".to_vec()));
    }

    #[test]
    fn an_unknown_verb_is_kept_readable() {
        let command = Command::parse(b"\xe9\x01 x");
        assert_eq!(command.verb, "\\XE9\\X01");
        assert!(command.spec().is_none());
    }

    #[test]
    fn the_table_is_sorted_so_that_help_reads_well() {
        assert!(COMMANDS.is_sorted_by_key(|spec| spec.verb));
    }
}
