//! What `lab/capture-listings` had put where the servers listed it.

use std::path::Path;

use wharf_proto::listing::Kind;
use wharf_proto::time::Timestamp;

/// The tree, and when it was listed.
pub(crate) struct Tree {
    pub(crate) captured: Timestamp,
    things: Vec<Thing>,
}

/// A file, a directory or another thing.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    /// Its place, without the listed directory itself.
    pub(crate) path: Vec<u8>,
    pub(crate) kind: Kind,
    pub(crate) mode: u32,
    pub(crate) size: u64,
    /// In seconds since 1970.
    pub(crate) modified: i64,
    pub(crate) owner: u32,
    pub(crate) group: u32,
    pub(crate) links: u64,
    pub(crate) target: Option<Vec<u8>>,
}

impl Tree {
    pub(crate) fn read(directory: &Path) -> Self {
        let text = std::fs::read_to_string(directory.join("tree.tsv")).expect("the tree");
        let mut lines = text.lines();
        let captured = lines
            .next()
            .and_then(|line| line.strip_prefix("# captured "));
        let captured = captured.and_then(|time| Timestamp::parse(time.as_bytes()));
        Self {
            captured: captured.expect("the first line says when"),
            things: lines
                .filter(|line| !line.starts_with('#'))
                .map(Thing::read)
                .collect(),
        }
    }

    /// What is in a directory of the tree, and if asked for what is below that.
    pub(crate) fn below(&self, directory: &str, is_recursive: bool) -> Vec<Thing> {
        let prefix = format!("{directory}/").into_bytes();
        let inner = |thing: &Thing| Some(thing.path.strip_prefix(&prefix[..])?.to_vec());
        let things = self.things.iter().filter_map(|thing| {
            let path = inner(thing)?;
            (is_recursive || !path.contains(&b'/')).then(|| Thing {
                path,
                ..thing.clone()
            })
        });
        things.collect()
    }
}

impl Thing {
    fn read(line: &str) -> Self {
        let words: Vec<_> = line.split(' ').collect();
        let [
            path,
            kind,
            mode,
            size,
            modified,
            owner,
            group,
            links,
            target,
        ] = words[..]
        else {
            panic!("nine words, and not {line:?}");
        };
        Self {
            path: unescaped(path),
            kind: match kind {
                "file" => Kind::File,
                "dir" => Kind::Directory,
                "link" => Kind::Symlink,
                "fifo" => Kind::Fifo,
                "socket" => Kind::Socket,
                "char" => Kind::CharDevice,
                "block" => Kind::BlockDevice,
                _ => panic!("no kind {kind}"),
            },
            mode: u32::from_str_radix(mode, 8).expect("a mode"),
            size: size.parse().expect("a size"),
            modified: modified.parse().expect("a time"),
            owner: owner.parse().expect("a number"),
            group: group.parse().expect("a number"),
            links: links.parse().expect("a number"),
            target: (kind == "link").then(|| unescaped(target)),
        }
    }
}

/// Without the percent-encoding that makes a name a word.
fn unescaped(word: &str) -> Vec<u8> {
    let mut name = Vec::new();
    let mut rest = word.as_bytes();
    while let [first, others @ ..] = rest {
        rest = others;
        if *first == b'%' {
            let digits = std::str::from_utf8(&others[..2]).expect("two digits");
            name.push(u8::from_str_radix(digits, 16).expect("two digits"));
            rest = &others[2..];
        } else {
            name.push(*first);
        }
    }
    name
}
