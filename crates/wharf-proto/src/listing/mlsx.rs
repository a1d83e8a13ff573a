//! The listings that were made for programs (`MLSD` and `MLST`, RFC 3659 §7).
//!
//! ```text
//! type=file;size=1024;modify=20200102030405;UNIX.mode=0644; name with blanks
//! └─ facts, each ended by a semicolon ────────────────────┘ └─ all that follows one blank
//! ```

use bytes::Bytes;

use super::{Dialect, Entry, Kind, Modified, Permissions, Precision, Zone};
use super::{decimal, span, without_cr};
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
    parse(&Bytes::copy_from_slice(line))
}

/// Reads the entry in a reply to `MLST`: the line between the first and the last, which servers
/// indent, or begin with `250-`, or both. Its name is a path with some servers.
pub fn parse_mlst_reply(reply: &Reply) -> Option<Entry> {
    let [_, lines @ .., _] = reply.final_lines() else {
        return None;
    };
    lines.iter().find_map(|line| {
        let text = match line.strip_prefix(b"250-") {
            Some(text) => line.slice_ref(text),
            None => line.clone(),
        };
        parse(&text).filter(|entry| !entry.facts.is_empty())
    })
}

pub(super) fn parse(line: &Bytes) -> Option<Entry> {
    let raw = line.slice_ref(without_cr(line));
    let start = usize::from(raw.starts_with(b" "));
    let (end, name) = match (facts_end(&raw[start..]), start) {
        (Some(end), _) => (start + end, start + end + 1),
        (None, 1) => (0, 1),
        (None, _) => return None,
    };
    if name >= raw.len() {
        return None;
    }
    // Without facts there is nothing to read but the name.
    let facts = if end == 0 { 0..0 } else { start..end };
    let text = &raw[facts];
    let (kind, linked) = find(text, "type").map_or((Kind::Unknown, None), kind);
    let target = linked
        .or_else(|| find(text, "UNIX.slink"))
        .filter(|target| !target.is_empty());
    let mut entry = Entry::new(Dialect::Mlsx, raw.clone(), raw.slice(name..), kind);
    entry.target = target.map(|target| raw.slice_ref(target));
    entry.size = find(text, "size").and_then(decimal);
    entry.links = find(text, "UNIX.nlink").and_then(decimal);
    let place = |value: &[u8]| span(&raw, value);
    entry.date = find(text, "modify").and_then(place);
    entry.modified = find(text, "modify").and_then(modified);
    entry.owner = first(text, &["UNIX.ownername", "UNIX.owner", "UNIX.uid"]).and_then(place);
    entry.group = first(text, &["UNIX.groupname", "UNIX.group", "UNIX.gid"]).and_then(place);
    entry.permissions = find(text, "UNIX.mode").and_then(Permissions::from_octal);
    entry.facts = span(&raw, text)?;
    Some(entry)
}

/// The value of a fact.
pub(super) fn find<'a>(facts: &'a [u8], name: &str) -> Option<&'a [u8]> {
    split(facts)
        .find(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| value)
}

fn first<'a>(facts: &'a [u8], names: &[&str]) -> Option<&'a [u8]> {
    names
        .iter()
        .find_map(|name| find(facts, name))
        .filter(|value| !value.is_empty())
}

fn split(facts: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    facts.split(|&byte| byte == b';').filter_map(|fact| {
        let at = fact.iter().position(|&byte| byte == b'=')?;
        Some((&fact[..at], &fact[at + 1..]))
    })
}

/// Where the facts end that `line` begins with: the place of the blank before the name.
///
/// The RFC knows no blank in a value, but groups of Windows and targets of links have them, so the
/// facts go on to the first blank behind a semicolon. A last semicolon may be missing if the facts
/// are known ones.
fn facts_end(line: &[u8]) -> Option<usize> {
    if let Some(at) = line.windows(2).position(|pair| pair == b"; ")
        && are_facts(&line[..at])
        && ["type", "size", "modify", "perm"]
            .iter()
            .all(|name| is_unbroken(&line[..at], name))
    {
        return Some(at + 1);
    }
    let at = line.iter().position(|&byte| byte == b' ')?;
    let known = |name| find(&line[..at], name).is_some();
    (are_facts(&line[..at]) && (known("type") || known("modify") || known("size"))).then_some(at)
}

/// Whether a fact has no blank in its value, but for a link's target: with one, the name began
/// there, and the semicolon behind it is the name's own.
fn is_unbroken(facts: &[u8], name: &str) -> bool {
    find(facts, name).is_none_or(|value| !value.contains(&b' ') || value.contains(&b':'))
}

fn are_facts(text: &[u8]) -> bool {
    text.split(|&byte| byte == b';').all(|fact| {
        let name = fact
            .iter()
            .position(|&byte| byte == b'=')
            .map_or(&b""[..], |at| &fact[..at]);
        let fits =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
        !name.is_empty() && name.iter().all(fits)
    })
}

/// RFC 3659 §7.5.1, and `OS.unix=`, by which servers say what the RFC left open.
fn kind(value: &[u8]) -> (Kind, Option<&[u8]>) {
    let lower = value.to_ascii_lowercase();
    let Some(unix) = lower.strip_prefix(b"os.unix=") else {
        let kind = match &lower[..] {
            b"file" => Kind::File,
            b"dir" => Kind::Directory,
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
            "-rw-r--r--   1 root     other        531 Jan 29 03:26 README",
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
