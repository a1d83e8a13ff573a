//! The lines of listings: `ls -l`, names alone, and the facts of RFC 3659.

use std::{
    ffi::OsStr,
    fs::{self, FileType, Metadata},
    io,
    os::unix::{
        ffi::{OsStrExt, OsStringExt},
        fs::{FileTypeExt, MetadataExt},
    },
    path::Path,
};

use super::{clock, files::on_the_wire};

/// One directory entry: its name and what the file system says of it.
#[derive(Debug)]
pub(super) struct Entry {
    name: Vec<u8>,
    metadata: Metadata,
    /// Where it points, for a symbolic link.
    target: Option<Vec<u8>>,
}

impl Entry {
    /// The entry at `path`, shown under `name`. A symbolic link is described, not followed.
    pub(super) fn new(path: &Path, name: Vec<u8>) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        let target = if metadata.is_symlink() {
            Some(fs::read_link(path)?.into_os_string().into_vec())
        } else {
            None
        };
        Ok(Self {
            name,
            metadata,
            target,
        })
    }

    /// A line as `ls -l` writes it, with numeric owners.
    pub(super) fn ls_line(&self, now: i64) -> Vec<u8> {
        let mut line = format!(
            "{}{} {:>4} {:<8} {:<8} {:>12} {} ",
            type_letter(self.metadata.file_type()),
            permissions(self.metadata.mode()),
            self.metadata.nlink(),
            self.metadata.uid(),
            self.metadata.gid(),
            self.metadata.len(),
            clock::ls_date(self.metadata.mtime(), now),
        )
        .into_bytes();
        line.extend(on_the_wire(&self.name));
        if let Some(target) = &self.target {
            line.extend_from_slice(b" -> ");
            line.extend(on_the_wire(target));
        }
        line
    }

    /// A line of `MLSD`: facts, a blank, the name.
    pub(super) fn facts_line(&self, facts: Facts) -> Vec<u8> {
        let kind = if self.metadata.is_dir() {
            "dir"
        } else if self.metadata.is_file() {
            "file"
        } else if self.metadata.is_symlink() {
            "OS.unix=symlink"
        } else {
            "OS.unix=special"
        };
        self.typed_line(kind, facts)
    }

    /// The line of the directory itself (`cdir`) or its parent (`pdir`) in its own listing.
    pub(super) fn typed_line(&self, kind: &str, facts: Facts) -> Vec<u8> {
        let mut line = Vec::new();
        for fact in Fact::ALL.into_iter().filter(|&fact| facts.has(fact)) {
            let value = match fact {
                Fact::Type => kind.to_owned(),
                // The size of a directory in bytes means nothing to a client.
                Fact::Size if self.metadata.is_dir() => continue,
                Fact::Size => self.metadata.len().to_string(),
                Fact::Modify => clock::stamp(self.metadata.mtime()),
                Fact::Perm => self.perm().to_owned(),
                Fact::Unique => format!("{:x}g{:x}", self.metadata.dev(), self.metadata.ino()),
                Fact::Mode => format!("{:04o}", self.metadata.mode() & 0o7777),
            };
            line.extend_from_slice(format!("{}={value};", fact.name()).as_bytes());
        }
        line.push(b' ');
        line.extend(on_the_wire(&self.name));
        line
    }

    /// What may be done with it (RFC 3659 §7.5.5), as far as the owner's bits tell.
    fn perm(&self) -> &'static str {
        let mode = self.metadata.mode();
        match (self.metadata.is_dir(), mode & 0o400 != 0, mode & 0o200 != 0) {
            (true, true, true) => "cdeflmp",
            (true, true, false) => "el",
            (true, false, true) => "cdfmp",
            (false, true, true) => "adfrw",
            (false, true, false) => "dfr",
            (false, false, true) => "adfw",
            (_, false, false) => "",
        }
    }
}

/// The names in a directory, sorted, so that a listing is the same each time.
pub(super) fn names(directory: &Path) -> io::Result<Vec<Vec<u8>>> {
    let mut names = fs::read_dir(directory)?
        .map(|entry| Ok(entry?.file_name().into_vec()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}

/// The entries of a directory, in the order of [`names`].
pub(super) fn entries(directory: &Path) -> io::Result<impl Iterator<Item = Entry> + '_> {
    Ok(names(directory)?.into_iter().filter_map(move |name| {
        // An entry that went away since the directory was read is not in it any more.
        Entry::new(&directory.join(OsStr::from_bytes(&name)), name).ok()
    }))
}

/// A listing in the style of `ls -l`, lines ended by CRLF.
pub(super) fn long(directory: &Path, recursive: bool) -> io::Result<Vec<u8>> {
    let now = clock::now();
    let mut text = Vec::new();
    // Directories still to be shown, the next one last.
    let mut waiting = vec![(directory.to_owned(), b".".to_vec())];
    while let Some((directory, title)) = waiting.pop() {
        if recursive {
            if !text.is_empty() {
                text.extend_from_slice(b"\r\n");
            }
            text.extend(on_the_wire(&title));
            text.extend_from_slice(b":\r\n");
        }
        let found = match entries(&directory) {
            Ok(found) => found,
            // Like `ls -R`, go on behind a directory that may not be read.
            Err(_) if title != b"." => continue,
            Err(error) => return Err(error),
        };
        let mut below = Vec::new();
        for entry in found {
            text.extend_from_slice(&entry.ls_line(now));
            text.extend_from_slice(b"\r\n");
            if recursive && entry.metadata.is_dir() {
                let path = directory.join(OsStr::from_bytes(&entry.name));
                below.push((path, [title.as_slice(), b"/", &entry.name].concat()));
            }
        }
        waiting.extend(below.into_iter().rev());
    }
    Ok(text)
}

/// A fact of RFC 3659 §7.5 this server tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    Type,
    Size,
    Modify,
    Perm,
    Unique,
    Mode,
}

impl Fact {
    const ALL: [Self; 6] = [
        Self::Type,
        Self::Size,
        Self::Modify,
        Self::Perm,
        Self::Unique,
        Self::Mode,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Size => "size",
            Self::Modify => "modify",
            Self::Perm => "perm",
            Self::Unique => "unique",
            Self::Mode => "UNIX.mode",
        }
    }
}

/// The facts a client wants, as `OPTS MLST` chose them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts(u8);

impl Facts {
    pub(super) const ALL: Self = Self(0b11_1111);

    /// Reads `type;size;` as `OPTS MLST` has it. What is not known is left out, as RFC 3659
    /// §7.9 asks.
    pub(super) fn parse(wanted: &str) -> Self {
        let mut chosen = 0;
        for name in wanted.split(';') {
            for fact in Fact::ALL {
                if fact.name().eq_ignore_ascii_case(name.trim()) {
                    chosen |= 1 << fact as u8;
                }
            }
        }
        Self(chosen)
    }

    fn has(self, fact: Fact) -> bool {
        self.0 & (1 << fact as u8) != 0
    }

    /// `type;size;`: what is chosen.
    pub(super) fn chosen(self) -> String {
        let mut text = String::new();
        for fact in Fact::ALL.into_iter().filter(|&fact| self.has(fact)) {
            text += fact.name();
            text += ";";
        }
        text
    }

    /// `type*;size;`: everything on offer, a star on what is chosen, for `FEAT`.
    pub(super) fn offered(self) -> String {
        let mut text = String::new();
        for fact in Fact::ALL {
            text += fact.name();
            text += if self.has(fact) { "*;" } else { ";" };
        }
        text
    }
}

/// The first letter of an `ls -l` line.
fn type_letter(kind: FileType) -> char {
    if kind.is_dir() {
        'd'
    } else if kind.is_symlink() {
        'l'
    } else if kind.is_fifo() {
        'p'
    } else if kind.is_socket() {
        's'
    } else if kind.is_block_device() {
        'b'
    } else if kind.is_char_device() {
        'c'
    } else {
        '-'
    }
}

/// `rwxr-xr-x`, with the letters of set-id and sticky bits.
fn permissions(mode: u32) -> String {
    let mut text = String::with_capacity(9);
    // For each of the three: how far its bits are shifted, its special bit and that one's letter.
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::symlink, time::Duration};

    use super::*;
    use crate::temporary::TemporaryDirectory;

    #[test]
    fn permission_letters_are_those_of_ls() {
        assert_eq!(permissions(0o644), "rw-r--r--");
        assert_eq!(permissions(0o4755), "rwsr-xr-x");
        assert_eq!(permissions(0o2644), "rw-r-Sr--");
        assert_eq!(permissions(0o1777), "rwxrwxrwt");
        assert_eq!(permissions(0o1666), "rw-rw-rwT");
    }

    #[test]
    fn a_client_chooses_its_facts_and_unknown_ones_are_left_out() {
        let facts = Facts::parse("Size;TYPE;media-type;");
        assert_eq!(facts.chosen(), "type;size;");
        assert_eq!(facts.offered(), "type*;size*;modify;perm;unique;UNIX.mode;");
        assert_eq!(Facts::parse("").chosen(), "");
    }

    #[test]
    fn lines_tell_size_date_and_name() {
        let directory = TemporaryDirectory::new().unwrap();
        let path = directory.path().join("a\nb");
        fs::write(&path, "eleven byte").unwrap();
        let date = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_934_245);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(date)
            .unwrap();
        let entry = Entry::new(&path, b"a\nb".to_vec()).unwrap();

        let line = String::from_utf8(entry.ls_line(clock::now())).unwrap();
        let words: Vec<_> = line.split_whitespace().collect();
        assert!(words[0].starts_with("-rw"));
        assert_eq!(words[4..], ["11", "Jan", "2", "2020", "a\0b"]);

        let facts = Facts::parse("type;size;modify");
        assert_eq!(
            entry.facts_line(facts),
            b"type=file;size=11;modify=20200102030405; a\0b"
        );
        assert_eq!(
            entry.typed_line("cdir", Facts::parse("type")),
            b"type=cdir; a\0b"
        );
    }

    #[test]
    fn a_link_is_described_and_not_followed() {
        let directory = TemporaryDirectory::new().unwrap();
        let path = directory.path().join("link");
        symlink("nowhere", &path).unwrap();
        let entry = Entry::new(&path, b"link".to_vec()).unwrap();
        let line = String::from_utf8(entry.ls_line(0)).unwrap();
        assert!(
            line.starts_with("lrwxrwxrwx") && line.ends_with(" link -> nowhere"),
            "{line}"
        );
        assert_eq!(
            entry.facts_line(Facts::parse("type")),
            b"type=OS.unix=symlink; link"
        );
    }

    #[test]
    fn a_recursive_listing_names_each_directory_before_its_lines() {
        let directory = TemporaryDirectory::new().unwrap();
        fs::create_dir_all(directory.path().join("a/deep")).unwrap();
        fs::create_dir(directory.path().join("b")).unwrap();
        let text = String::from_utf8(long(directory.path(), true).unwrap()).unwrap();
        let titles: Vec<_> = text.lines().filter(|line| line.ends_with(':')).collect();
        assert_eq!(titles, [".:", "./a:", "./a/deep:", "./b:"]);
    }
}
