//! The listings that were made for programs (`MLSD` and `MLST`, RFC 3659 §7).
//!
//! ```text
//! type=file;size=1024;modify=20200102030405;UNIX.mode=0644; name with blanks
//! └─ facts, each ended by a semicolon ────────────────────┘ └─ all that follows one blank
//! ```

use std::borrow::Cow;

use super::draft::{Draft, Reading};
use super::reader::{self, Context, Reader};
use super::words::Line;
use super::{Confidence, Dialect, Entry, Kind, Modified, Permissions, Precision, Zone, decimal};
use crate::reply::Reply;
use crate::time::Timestamp;

/// Reads one line of an `MLSD` listing; `None` if it is not one.
///
/// A line that begins with a blank has no facts, by the RFC; if facts follow all the same, it is
/// an indented line of an `MLST` reply.
///
/// # Examples
///
/// ```
/// use wharf_proto::listing::{Kind, parse_mlsx_line};
///
/// let line = b"Type=file;Size=11;Modify=20200102030405;UNIX.mode=0644; a b.txt\r";
/// let entry = parse_mlsx_line(line).unwrap();
/// assert_eq!((entry.kind(), entry.name(), entry.size()), (Kind::File, &b"a b.txt"[..], Some(11)));
/// assert_eq!(entry.permissions().unwrap().mode(), Some(0o644));
/// ```
pub fn parse_mlsx_line(line: &[u8]) -> Option<Entry> {
    reader::one_line(line, Dialect::Mlsx, |line| read(line.text()))
}

/// Reads the entry in a reply to `MLST`: the line between the first and the last, which servers
/// indent, or begin with `250-`, or both. Its name is a path with some servers.
pub fn parse_mlst_reply(reply: &Reply) -> Option<Entry> {
    let [_, lines @ .., _] = reply.final_lines() else {
        return None;
    };
    lines.iter().find_map(|line| {
        let text = line.strip_prefix(b"250-").unwrap_or(line);
        parse_mlsx_line(text).filter(|entry| entry.facts().is_some())
    })
}

/// The reader of whole listings.
#[derive(Debug)]
pub(super) struct Mlsx {
    /// Whether every line must have facts, since nobody says that the listing is of this form.
    needs_facts: bool,
}

impl Mlsx {
    /// For what `MLSD` was answered with.
    pub(super) fn asked_for() -> Self {
        Self { needs_facts: false }
    }

    /// For what came without having been asked for.
    pub(super) fn suspected() -> Self {
        Self { needs_facts: true }
    }
}

impl Reader for Mlsx {
    fn read<'a>(&mut self, line: &Line<'a>, _: &Context) -> Reading<'a> {
        let text = line.text();
        if self.needs_facts && !text.contains(&b'=') {
            return Reading::Unknown;
        }
        let draft = read(text);
        if !self.needs_facts {
            return draft.into();
        }
        let Some(draft) = draft else {
            return Reading::Unknown;
        };
        let facts = text[..text.len() - draft.name.len()].trim_ascii_start();
        let is_known = facts.split(|&byte| byte == b';').any(is_registered);
        // A reply to MLST is indented, and so is much that is no listing.
        if text.starts_with(b" ") && !(is_known && facts.ends_with(b"; ")) {
            return Reading::Unknown;
        }
        // Facts that nobody knows may be something else.
        Reading::Entry(if is_known {
            draft
        } else {
            draft.confidence(Confidence::Low)
        })
    }
}

fn read(text: &[u8]) -> Option<Draft<'_>> {
    let start = usize::from(text.starts_with(b" "));
    let mut facts = Facts::default();
    let name = match (facts.read(&text[start..]), start) {
        (Some(end), _) => start + end + 1,
        // Without facts there is nothing to read but the name.
        (None, 1) => {
            facts = Facts::default();
            1
        }
        (None, _) => return None,
    };
    let name = text.get(name..).filter(|name| !name.is_empty())?;
    let (kind, linked) = facts.kind.map_or((Kind::Unknown, None), kind);
    // By the name they can be nothing else.
    let kind = match (kind, name) {
        (Kind::Directory, b".") => Kind::CurrentDirectory,
        (Kind::Directory, b"..") => Kind::ParentDirectory,
        (kind, _) => kind,
    };
    let mut draft = Draft::new(name, kind).size(facts.size.and_then(decimal));
    draft.target = linked
        .or(facts.target)
        .filter(|target| !target.is_empty())
        .map(Cow::Borrowed);
    draft.links = facts.links;
    draft.date = facts.modify;
    draft.modified = facts.modify.and_then(modified);
    draft.owner = facts.owner.map(|(_, owner)| owner);
    draft.group = facts.group.map(|(_, group)| group);
    draft.permissions = facts.mode.and_then(Permissions::from_octal);
    Some(draft)
}

/// The facts of a line that are read at once.
#[derive(Debug, Default)]
struct Facts<'a> {
    kind: Option<&'a [u8]>,
    size: Option<&'a [u8]>,
    modify: Option<&'a [u8]>,
    mode: Option<&'a [u8]>,
    links: Option<&'a [u8]>,
    target: Option<&'a [u8]>,
    // With how good a name for them it is.
    owner: Option<(u8, &'a [u8])>,
    group: Option<(u8, &'a [u8])>,
}

impl<'a> Facts<'a> {
    /// Reads the facts that `text` begins with, and returns the place of the blank before the name.
    ///
    /// The RFC knows no blank in a value, but groups of Windows and targets of links have them, so
    /// the facts go on to the first blank behind a semicolon. A last semicolon may be missing if
    /// the facts are known ones.
    fn read(&mut self, text: &'a [u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let fact = &text[at..];
            let equals = fact.iter().position(|&byte| !is_name(byte))?;
            if equals == 0 || fact[equals] != b'=' {
                return None;
            }
            let (name, value) = (&fact[..equals], &fact[equals + 1..]);
            let from = at + name.len() + 1;
            let mut length = value.iter().position(|byte| matches!(byte, b';' | b' '))?;
            if value[length] == b' ' {
                let whole = value.iter().position(|&byte| byte == b';');
                let Some(whole) = whole.filter(|&whole| !is_unbroken(name, &value[..whole])) else {
                    // The name began there, and a semicolon behind it is the name's own.
                    self.take(name, &value[..length]);
                    return self.is_known().then_some(from + length);
                };
                length = whole;
            }
            self.take(name, &value[..length]);
            let end = from + length;
            if text.get(end + 1) == Some(&b' ') {
                return Some(end + 1);
            }
            at = end + 1;
        }
    }

    fn take(&mut self, name: &[u8], value: &'a [u8]) {
        let some = Some(value);
        // Nearly all write them as the registry of facts does, which is seen at one look.
        let is =
            |known: &str| name == known.as_bytes() || name.eq_ignore_ascii_case(known.as_bytes());
        match name.len() {
            4 if is("type") => self.kind = self.kind.or(some),
            4 if is("size") => self.size = self.size.or(some),
            6 if is("modify") => self.modify = self.modify.or(some),
            8 if is("UNIX.uid") => better(&mut self.owner, 1, value),
            8 if is("UNIX.gid") => better(&mut self.group, 1, value),
            9 if is("UNIX.mode") => self.mode = self.mode.or(some),
            10 if is("UNIX.owner") => better(&mut self.owner, 2, value),
            10 if is("UNIX.group") => better(&mut self.group, 2, value),
            10 if is("UNIX.nlink") => self.links = self.links.or(some),
            10 if is("UNIX.slink") => self.target = self.target.or(some),
            14 if is("UNIX.ownername") => better(&mut self.owner, 3, value),
            14 if is("UNIX.groupname") => better(&mut self.group, 3, value),
            _ => {}
        }
    }

    fn is_known(&self) -> bool {
        self.kind.is_some() || self.modify.is_some() || self.size.is_some()
    }
}

/// Keeps the value under the better name.
fn better<'a>(kept: &mut Option<(u8, &'a [u8])>, rank: u8, value: &'a [u8]) {
    if !value.is_empty() && kept.is_none_or(|(best, _)| best < rank) {
        *kept = Some((rank, value));
    }
}

/// Whether a fact has no blank in its value, but for a link's target.
fn is_unbroken(name: &[u8], value: &[u8]) -> bool {
    let known: [&[u8]; 4] = [b"type", b"size", b"modify", b"perm"];
    known.iter().any(|known| name.eq_ignore_ascii_case(known)) && !value.contains(&b':')
}

fn is_name(byte: u8) -> bool {
    // Asked of a third of all bytes of a listing.
    const NAMES: [bool; 256] = {
        let mut names = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            let is_mark = matches!(byte, b'.' | b'-' | b'_' | b'/');
            names[byte as usize] = byte.is_ascii_alphanumeric() || is_mark;
            byte += 1;
        }
        names
    };
    NAMES[usize::from(byte)]
}

/// Whether a fact is one of the RFC's (§7.5), of an operating system (§10.1), or the size of a directory,
/// as most servers have it.
fn is_registered(fact: &[u8]) -> bool {
    const KNOWN: [&str; 10] = [
        "type",
        "size",
        "sizd",
        "modify",
        "create",
        "unique",
        "perm",
        "lang",
        "media-type",
        "charset",
    ];
    const SYSTEMS: [&str; 3] = ["unix.", "win32.", "os."];
    let name = fact.split(|&byte| byte == b'=').next().unwrap_or_default();
    let begins = |system: &&str| {
        let start = name.get(..system.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(system.as_bytes()))
    };
    let is = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
    KNOWN.iter().any(is) || SYSTEMS.iter().any(begins)
}

/// The value of a fact.
pub(super) fn find<'a>(facts: &'a [u8], name: &str) -> Option<&'a [u8]> {
    facts.split(|&byte| byte == b';').find_map(|fact| {
        let at = fact.iter().position(|&byte| byte == b'=')?;
        fact[..at]
            .eq_ignore_ascii_case(name.as_bytes())
            .then_some(&fact[at + 1..])
    })
}

/// RFC 3659 §7.5.1, and `OS.unix=`, by which servers say what the RFC left open.
fn kind(value: &[u8]) -> (Kind, Option<&[u8]>) {
    let is = |known: &[u8]| value == known || value.eq_ignore_ascii_case(known);
    if is(b"file") {
        return (Kind::File, None);
    }
    if is(b"dir") {
        return (Kind::Directory, None);
    }
    let lower = value.to_ascii_lowercase();
    let Some(unix) = lower.strip_prefix(b"os.unix=") else {
        let kind = match &lower[..] {
            b"cdir" => Kind::CurrentDirectory,
            b"pdir" => Kind::ParentDirectory,
            b"link" | b"symlink" | b"slink" => Kind::Symlink,
            b"" | b"unknown" => Kind::Unknown,
            _ => Kind::Other,
        };
        return (kind, None);
    };
    // `slink:target`, `chr-13/29`: the word, and what a mark sets apart from it.
    let word = unix
        .split(|byte| matches!(byte, b':' | b'-' | b'/'))
        .next()
        .unwrap_or_default();
    match word {
        b"slink" | b"symlink" => {
            let colon = value.iter().position(|&byte| byte == b':');
            (Kind::Symlink, colon.map(|at| &value[at + 1..]))
        }
        b"pipe" | b"fifo" => (Kind::Fifo, None),
        b"socket" | b"sock" => (Kind::Socket, None),
        b"chr" => (Kind::CharDevice, None),
        b"blk" => (Kind::BlockDevice, None),
        _ => (Kind::Other, None),
    }
}

fn modified(value: &[u8]) -> Option<Modified> {
    // It is UTC in any case (§2.3), and some say so.
    let value = value.strip_suffix(b"Z").unwrap_or(value);
    let time = Timestamp::parse(value)?;
    let precision = if value.contains(&b'.') {
        Precision::Fraction
    } else {
        Precision::Second
    };
    Some(Modified {
        time,
        precision,
        zone: Zone::Utc,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reply::tests::reply;

    fn entry(line: &str) -> Entry {
        parse_mlsx_line(line.as_bytes()).unwrap_or_else(|| panic!("no entry in {line:?}"))
    }

    #[test]
    fn proftpds_line_gives_everything_that_it_says() {
        let line = "modify=20200102030405;perm=adfrw;size=11;type=file;unique=FE00U9A800C;\
                    UNIX.group=2121;UNIX.groupname=ship;UNIX.mode=0644;UNIX.owner=7;\
                    UNIX.ownername=bob; a.txt\r";
        let entry = entry(line);
        assert_eq!(entry.name(), b"a.txt");
        assert_eq!(entry.kind(), Kind::File);
        assert_eq!(entry.size(), Some(11));
        assert_eq!(entry.owner(), Some(&b"bob"[..]));
        assert_eq!(entry.group(), Some(&b"ship"[..]));
        assert_eq!(entry.unique(), Some(&b"FE00U9A800C"[..]));
        assert_eq!(entry.perm_facts(), Some(&b"adfrw"[..]));
        assert_eq!(entry.fact("unix.OWNER"), Some(&b"7"[..]));
        assert_eq!(entry.date_text(), Some(&b"20200102030405"[..]));
        assert_eq!(entry.permissions().unwrap().symbolic(), None);
        assert_eq!(entry.dialect(), Dialect::Mlsx);
        assert_eq!(entry.raw(), line.trim_end().as_bytes());
        let modified = entry.modified().unwrap();
        assert_eq!(modified.time.to_string(), "2020-01-02T03:04:05Z");
        assert_eq!(
            (modified.precision, modified.zone),
            (Precision::Second, Zone::Utc)
        );
    }

    #[test]
    fn what_a_line_does_not_say_is_absent() {
        let entry = entry("Type=unknown; dangling");
        assert_eq!(
            (entry.name(), entry.kind()),
            (&b"dangling"[..], Kind::Unknown)
        );
        assert_eq!(
            (entry.size(), entry.modified(), entry.links()),
            (None, None, None)
        );
        assert_eq!(
            (entry.owner(), entry.group(), entry.target()),
            (None, None, None)
        );
        assert_eq!((entry.permissions(), entry.date_text()), (None, None));
    }

    #[test]
    fn dots_are_the_directories_that_they_stand_for() {
        assert_eq!(entry("type=dir; .").kind(), Kind::CurrentDirectory);
        assert_eq!(entry("type=dir; ..").kind(), Kind::ParentDirectory);
        assert_eq!(entry("type=OS.unix=slink:a; .").kind(), Kind::Symlink);
        assert_eq!(entry("type=dir; .a").kind(), Kind::Directory);
    }

    #[test]
    fn types_are_those_of_the_rfc_and_of_os_unix() {
        for (value, expected, target) in [
            ("file", Kind::File, None),
            ("DIR", Kind::Directory, None),
            ("cdir", Kind::CurrentDirectory, None),
            ("pdir", Kind::ParentDirectory, None),
            ("link", Kind::Symlink, None),
            ("OS.unix=slink:", Kind::Symlink, None),
            ("OS.unix=slink:/foo bar", Kind::Symlink, Some("/foo bar")),
            ("OS.unix=symlink", Kind::Symlink, None),
            ("OS.unix=pipe", Kind::Fifo, None),
            ("OS.unix=chr-13/29", Kind::CharDevice, None),
            ("OS.unix=door", Kind::Other, None),
            ("OS.vms=x", Kind::Other, None),
            ("", Kind::Unknown, None),
        ] {
            let entry = entry(&format!("type={value};size=1; x"));
            assert_eq!(entry.kind(), expected, "{value}");
            assert_eq!(entry.target(), target.map(str::as_bytes), "{value}");
        }
        assert_eq!(
            entry("Type=file;UNIX.slink=a.txt; l").target(),
            Some(&b"a.txt"[..])
        );
    }

    #[test]
    fn names_keep_blanks_semicolons_and_equals_signs() {
        for name in [
            "  a",
            "a ",
            "a; b",
            "a=b;c=d; e",
            ";",
            "caf\u{e9}",
            "/abs/path",
        ] {
            assert_eq!(
                entry(&format!("type=file;size=1; {name}\r")).name(),
                name.as_bytes()
            );
        }
    }

    #[test]
    fn a_line_with_a_blank_first_has_no_facts_unless_it_is_indented() {
        let bare = entry(" a b");
        assert_eq!(
            (bare.name(), bare.kind(), bare.fact("type")),
            (&b"a b"[..], Kind::Unknown, None)
        );
        let indented = entry(" type=dir; a b");
        assert_eq!(
            (indented.name(), indented.kind()),
            (&b"a b"[..], Kind::Directory)
        );
    }

    #[test]
    fn blanks_in_values_and_a_missing_last_semicolon_are_tolerated() {
        let windows = entry("type=file;UNIX.groupname=Domain Users;size=3; a");
        assert_eq!(
            (windows.group(), windows.size()),
            (Some(&b"Domain Users"[..]), Some(3))
        );
        let cut = entry("type=file;size=3 a b");
        assert_eq!((cut.name(), cut.size()), (&b"a b"[..], Some(3)));
        let both = entry("type=file;size=3 a; b=c; d");
        assert_eq!((both.name(), both.size()), (&b"a; b=c; d"[..], Some(3)));
    }

    #[test]
    fn the_first_of_two_facts_of_one_name_counts() {
        let entry = entry("type=dir;type=file;size=1;size=2; a");
        assert_eq!((entry.kind(), entry.size()), (Kind::Directory, Some(1)));
        assert_eq!(entry.fact("size"), Some(&b"1"[..]));
    }

    #[test]
    fn what_is_no_line_of_mlsd_is_none() {
        for line in [
            "",
            "\r",
            " ",
            "type=file;size=3;",
            "type=file; ",
            "type=file; \r",
            "total 3",
            "total=3 files",
            "-rw-r--r--   1 ship     crew         612 Feb 11 04:37 LOGBOOK",
            "01-29-03  03:26AM       <DIR>          x",
            "=file; a",
            "type; a",
        ] {
            assert_eq!(parse_mlsx_line(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn values_that_make_no_sense_are_absent_and_the_entry_stays() {
        let entry = entry("type=file;size=-1;modify=20201301000000;UNIX.mode=rwx; a");
        assert_eq!(
            (entry.size(), entry.modified(), entry.permissions()),
            (None, None, None)
        );
        assert_eq!(entry.date_text(), Some(&b"20201301000000"[..]));
    }

    #[test]
    fn a_time_may_say_that_it_is_utc() {
        let time = |value: &str| entry(&format!("type=file;modify={value}; a")).modified();
        let plain = time("20200102030405");
        assert!(plain.is_some());
        assert_eq!(
            (time("20200102030405Z"), time("20200102030405ZZ")),
            (plain, None)
        );
        assert_eq!(time("20200102030405.25Z"), time("20200102030405.25"));
    }

    #[test]
    fn mlst_replies_of_real_servers_give_their_entry() {
        for wire in [
            "250-Start of list for a.txt\r\n modify=20200102030405;type=file; /a.txt\r\n250 End\r\n",
            "250-Begin\r\n type=file;size=11; /a.txt\r\n250 End.\r\n",
            "250-Listing \"/a.txt\":\r\n250-type=file; /a.txt\r\n250 End\r\n",
            "250-status of a.txt\r\n250- Type=file; /a.txt\r\n250 End.\r\n",
        ] {
            let entry = parse_mlst_reply(&reply(wire.as_bytes())).unwrap();
            assert_eq!(
                (entry.name(), entry.kind()),
                (&b"/a.txt"[..], Kind::File),
                "{wire}"
            );
        }
        assert_eq!(parse_mlst_reply(&reply(b"550 No\r\n")), None);
        assert_eq!(parse_mlst_reply(&reply(b"250-a\r\n b\r\n250 c\r\n")), None);
    }

    proptest! {
        #[test]
        fn any_name_behind_facts_is_the_name(name in "[^\r\n]{1,20}") {
            let entry = entry(&format!("type=file;size=1; {name}"));
            prop_assert_eq!(entry.name(), name.as_bytes());
        }

        #[test]
        fn no_line_panics(bytes: Vec<u8>, line in "[ ;=a-ct.]{0,30}") {
            for line in [&bytes[..], line.as_bytes()] {
                if let Some(entry) = parse_mlsx_line(line) {
                    prop_assert!(!entry.name().is_empty());
                    let _ = (entry.owner(), entry.group(), entry.date_text(), entry.fact("a"));
                }
            }
        }
    }
}
