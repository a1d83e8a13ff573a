//! Paths: what a client may name, and the file of the served directory it stands for.

use std::{
    ffi::OsStr,
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

/// An absolute path as clients see it: `/` is the served directory.
///
/// `.` and `..` are resolved by name alone, so a path cannot climb above `/`, and `link/..` is
/// the directory that holds the link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct VirtualPath {
    names: Vec<Vec<u8>>,
}

impl VirtualPath {
    /// The path an argument stands for, seen from here. A NUL in it stands for a line feed,
    /// which a command line cannot carry.
    pub(super) fn join(&self, argument: &[u8]) -> Self {
        let mut names = if argument.starts_with(b"/") {
            Vec::new()
        } else {
            self.names.clone()
        };
        for name in argument.split(|&byte| byte == b'/') {
            match name {
                b"" | b"." => {}
                b".." => {
                    names.pop();
                }
                _ => names.push(
                    name.iter()
                        .map(|&byte| if byte == 0 { b'\n' } else { byte })
                        .collect(),
                ),
            }
        }
        Self { names }
    }

    pub(super) fn parent(&self) -> Self {
        let mut parent = self.clone();
        parent.names.pop();
        parent
    }

    pub(super) fn is_root(&self) -> bool {
        self.names.is_empty()
    }

    /// The path as it goes into a reply: absolute, a line feed as NUL.
    pub(super) fn display(&self) -> Vec<u8> {
        if self.is_root() {
            return b"/".to_vec();
        }
        let mut text = Vec::new();
        for name in &self.names {
            text.push(b'/');
            text.extend(on_the_wire(name));
        }
        text
    }

    /// The path between quotes, quotes inside it doubled (RFC 959 appendix II).
    pub(super) fn quoted(&self) -> Vec<u8> {
        let mut text = vec![b'"'];
        for byte in self.display() {
            text.push(byte);
            if byte == b'"' {
                text.push(byte);
            }
        }
        text.push(b'"');
        text
    }
}

/// A name as it is sent to clients: a line feed would end the line, so NUL stands for it.
pub(super) fn on_the_wire(name: &[u8]) -> impl Iterator<Item = u8> + '_ {
    name.iter()
        .map(|&byte| if byte == b'\n' { 0 } else { byte })
}

/// The directory a server serves, and never leaves.
///
/// Symbolic links are followed as long as they stay inside. The check and the use are two
/// steps, so it protects against clients, not against somebody else who rearranges the tree at
/// the same time.
#[derive(Debug)]
pub(super) struct Root {
    /// Absolute, no symbolic link in it.
    directory: PathBuf,
}

impl Root {
    pub(super) fn new(directory: &Path) -> io::Result<Self> {
        let directory = fs::canonicalize(directory)?;
        if directory.is_dir() {
            Ok(Self { directory })
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// What `path` leads to, all symbolic links followed.
    pub(super) fn follow(&self, path: &VirtualPath) -> io::Result<PathBuf> {
        let mut real = self.directory.clone();
        real.extend(path.names.iter().map(|name| OsStr::from_bytes(name)));
        let real = fs::canonicalize(real)?;
        if real.starts_with(&self.directory) {
            Ok(real)
        } else {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }

    /// The directory entry `path` itself, which need not exist and is not followed.
    pub(super) fn entry(&self, path: &VirtualPath) -> io::Result<PathBuf> {
        let name = path.names.last().ok_or(io::ErrorKind::PermissionDenied)?;
        Ok(self.follow(&path.parent())?.join(OsStr::from_bytes(name)))
    }

    /// Where a file of this name is to be written: what is there already if it may be written
    /// through, a new entry else.
    pub(super) fn target(&self, path: &VirtualPath) -> io::Result<PathBuf> {
        let entry = self.entry(path)?;
        // Creating a file through a dangling link would create it wherever the link points.
        match fs::symlink_metadata(&entry) {
            Ok(found) if found.is_symlink() => self.follow(path),
            _ => Ok(entry),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::temporary::TemporaryDirectory;

    fn at(argument: &[u8]) -> VirtualPath {
        VirtualPath::default().join(argument)
    }

    #[test]
    fn dots_never_climb_above_the_root() {
        assert_eq!(at(b"/../../etc/passwd").display(), b"/etc/passwd");
        assert_eq!(at(b"a/./b//../c").display(), b"/a/c");
        assert_eq!(at(b"a").join(b"..").join(b"..").display(), b"/");
    }

    #[test]
    fn an_absolute_argument_forgets_where_we_are() {
        assert_eq!(at(b"a/b").join(b"/c").display(), b"/c");
        assert_eq!(at(b"a/b").join(b"c").display(), b"/a/b/c");
    }

    #[test]
    fn nul_stands_for_a_line_feed_both_ways() {
        let path = at(b"a\0b");
        assert_eq!(path.names, [b"a\nb"]);
        assert_eq!(path.display(), b"/a\0b");
    }

    #[test]
    fn quotes_in_a_path_are_doubled() {
        assert_eq!(at(b"x\"y").quoted(), b"\"/x\"\"y\"");
    }

    #[test]
    fn links_that_leave_the_root_lead_nowhere() {
        let inside = TemporaryDirectory::new().unwrap();
        let outside = TemporaryDirectory::new().unwrap();
        fs::write(outside.path().join("secret"), "x").unwrap();
        fs::write(inside.path().join("plain"), "x").unwrap();
        symlink(outside.path(), inside.path().join("out")).unwrap();
        symlink(outside.path().join("new"), inside.path().join("dangling")).unwrap();
        symlink("plain", inside.path().join("in")).unwrap();
        let root = Root::new(inside.path()).unwrap();

        assert_eq!(
            root.follow(&at(b"in")).unwrap(),
            root.directory().join("plain")
        );
        for refused in [
            root.follow(&at(b"out")),
            root.follow(&at(b"out/secret")),
            root.entry(&at(b"out/new")),
        ] {
            assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        }
        assert!(root.target(&at(b"dangling")).is_err());
        assert_eq!(
            root.target(&at(b"in")).unwrap(),
            root.directory().join("plain")
        );
        assert_eq!(
            root.entry(&at(b"out")).unwrap(),
            root.directory().join("out")
        );
        assert!(root.entry(&at(b"/")).is_err());
    }
}
