//! Local files: names that a URL may choose, and writing that never leaves half a file.
//!
//! A download goes to a new file beside its target and takes the target's name once it is whole
//! and on the disk. Whatever fails before that leaves the old file as it was.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// What becomes of a local file that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It is replaced once the new one is whole.
    #[default]
    Replace,
    /// It stays, and that is an error.
    Refuse,
    /// It stays, and that is fine.
    Skip,
}

/// Why a name cannot be that of a local file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadName {
    /// Nothing is left to name the file by.
    Empty,
    /// `.` or `..`, which name directories.
    Dots,
    /// A slash would lead into another directory.
    Slash,
    /// A control character, which a terminal would obey and a person not see.
    Control,
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the URL ends without a file name",
            Self::Dots => "`.` and `..` are no file names",
            Self::Slash => "a slash in the name would lead into another directory",
            Self::Control => "a control character in the name",
        })
    }
}

/// The local name for a remote one: the same bytes, if they make one harmless component.
pub(crate) fn safe_name(name: &[u8]) -> Result<OsString, BadName> {
    match name {
        b"" => return Err(BadName::Empty),
        b"." | b".." => return Err(BadName::Dots),
        _ if name.contains(&b'/') => return Err(BadName::Slash),
        _ => {}
    }
    // C1 controls are two bytes in UTF-8; a lone byte of that range is a letter of another charset.
    let controls = name
        .utf8_chunks()
        .any(|chunk| chunk.valid().chars().any(char::is_control));
    if controls {
        Err(BadName::Control)
    } else {
        Ok(OsString::from_vec(name.to_vec()))
    }
}

/// How a target can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Nothing is there.
    New,
    /// A file, or a symbolic link, which is replaced and not followed.
    Old,
    /// A device or a pipe such as `/dev/null`: written to, never replaced.
    Device,
}

/// Looks at what is at `path` now.
pub(crate) fn target(path: &Path) -> io::Result<Target> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Target::New),
        Err(error) => return Err(error),
    };
    // A link may lead to a device, as `/dev/stderr` does.
    let leads_to = fs::metadata(path).unwrap_or(found);
    let kind = leads_to.file_type();
    if kind.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else if kind.is_char_device() || kind.is_block_device() || kind.is_fifo() {
        Ok(Target::Device)
    } else {
        Ok(Target::Old)
    }
}

/// Makes a call that may block for ever, such as opening a pipe, where it blocks nobody else.
pub(crate) async fn apart<T: Send + 'static>(
    call: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let called = tokio::task::spawn_blocking(call).await;
    called.unwrap_or_else(|_| Err(io::Error::other("the thread that handles the file died")))
}

/// The directory a path is in.
pub(crate) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The name beside `path` of something that belongs to it: `.NAME` + `suffix`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_else(|| OsStr::new("file")));
    name.push(suffix);
    path.with_file_name(name)
}

/// A file that is being written, under a name of its own, readable by its owner alone.
///
/// Dropped before [`commit`](Self::commit) it is removed.
#[derive(Debug)]
pub(crate) struct Replacement {
    file: File,
    path: TempPath,
}

impl Replacement {
    /// A new file beside `target`. It cannot be one that somebody else put there (`O_EXCL`).
    pub(crate) fn beside(target: &Path) -> io::Result<Self> {
        let directory = directory_of(target);
        // Asked first, for an error without the name of a temporary file in it.
        fs::metadata(directory)?;
        let made: NamedTempFile = tempfile::Builder::new()
            .prefix(".wharf-")
            .suffix(".tmp")
            .tempfile_in(directory)?;
        let (file, path) = made.into_parts();
        Ok(Self { file, path })
    }

    /// The same file, for whoever writes it.
    pub(crate) fn writer(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Puts it in the place of `target`, on the disk. `false` if a file is there that has to stay.
    pub(crate) fn commit(self, target: &Path, existing: Existing) -> io::Result<bool> {
        install(&self.file, self.path, target, existing).map_err(|(error, _)| error)
    }
}

/// Puts a whole file in the place of `target`; hands it back if that fails.
///
/// It gets the permissions of the file it replaces, or those the umask leaves.
pub(crate) fn install(
    file: &File,
    path: TempPath,
    target: &Path,
    existing: Existing,
) -> Result<bool, (io::Error, TempPath)> {
    if let Err(error) = settle(file, target) {
        return Err((error, path));
    }
    let renamed = match existing {
        Existing::Replace => path.persist(target),
        Existing::Refuse | Existing::Skip => path.persist_noclobber(target),
    };
    match renamed {
        Ok(()) => {
            // The rename is on the disk once the directory is. Some file systems cannot say that
            // of a directory, and the file is complete either way.
            let _ = File::open(directory_of(target)).and_then(|directory| directory.sync_all());
            Ok(true)
        }
        Err(failed)
            if existing == Existing::Skip
                && failed.error.kind() == io::ErrorKind::AlreadyExists =>
        {
            Ok(false)
        }
        Err(failed) => Err((failed.error, failed.path)),
    }
}

fn settle(file: &File, target: &Path) -> io::Result<()> {
    file.sync_all()?;
    file.set_permissions(permissions_for(target)?)
}

/// What the permissions of a file at `target` should be.
fn permissions_for(target: &Path) -> io::Result<Permissions> {
    match fs::symlink_metadata(target) {
        // Never setuid, setgid or sticky: the contents are somebody else's now.
        Ok(old) if old.is_file() => Ok(Permissions::from_mode(old.permissions().mode() & 0o777)),
        _ => default_permissions(directory_of(target)),
    }
}

/// What an ordinary new file would get. The umask can be read only by setting it, so an empty file
/// is made and looked at.
fn default_permissions(directory: &Path) -> io::Result<Permissions> {
    let probe = tempfile::Builder::new()
        .prefix(".wharf-")
        .suffix(".tmp")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(directory)?;
    let mode = probe.as_file().metadata()?.permissions().mode();
    Ok(Permissions::from_mode(mode & 0o777))
}

/// A path for messages, safe for a terminal.
pub(crate) fn shown(path: &Path) -> impl fmt::Display + '_ {
    wharf::text::escaped(path.as_os_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(directory: &Path) -> Vec<OsString> {
        let mut names: Vec<_> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_name_is_one_visible_component_or_refused() {
        for (name, reason) in [
            (&b""[..], BadName::Empty),
            (b".", BadName::Dots),
            (b"..", BadName::Dots),
            (b"../x", BadName::Slash),
            (b"/etc/passwd", BadName::Slash),
            (b"a\0b", BadName::Control),
            (b"a\nb", BadName::Control),
            (b"\x1b[2J", BadName::Control),
            (b"a\x7f", BadName::Control),
            (b"a\xc2\x9bb", BadName::Control),
        ] {
            assert_eq!(safe_name(name), Err(reason), "{name:?}");
        }
        for name in [
            &b"a"[..],
            b"...",
            b".profile",
            b"-rf",
            "été".as_bytes(),
            b"\xe9t\xe9",
        ] {
            assert_eq!(safe_name(name).unwrap().as_bytes(), name);
        }
    }

    #[test]
    fn the_old_file_is_whole_until_the_new_one_is() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("data");
        fs::write(&target, "old").unwrap();

        let replacement = Replacement::beside(&target).unwrap();
        replacement.writer().unwrap().write_all(b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert!(replacement.commit(&target, Existing::Replace).unwrap());
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(directory.path()), ["data"]);
    }

    #[test]
    fn a_replacement_given_up_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("data");
        let replacement = Replacement::beside(&target).unwrap();
        assert_eq!(mode(&replacement.path), 0o600);
        replacement.writer().unwrap().write_all(b"half").unwrap();
        drop(replacement);
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    fn a_file_that_appeared_meanwhile_is_kept_if_asked_for() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("data");
        let refusing = Replacement::beside(&target).unwrap();
        let skipping = Replacement::beside(&target).unwrap();
        fs::write(&target, "theirs").unwrap();
        let refused = refusing.commit(&target, Existing::Refuse).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert!(!skipping.commit(&target, Existing::Skip).unwrap());
        assert_eq!(fs::read(&target).unwrap(), b"theirs");
        assert_eq!(names(directory.path()), ["data"]);
    }

    #[test]
    fn a_new_file_has_the_mode_of_any_new_file_and_a_replaced_one_keeps_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let ordinary = directory.path().join("ordinary");
        File::create(&ordinary).unwrap();
        let target = directory.path().join("data");
        Replacement::beside(&target)
            .unwrap()
            .commit(&target, Existing::Replace)
            .unwrap();
        assert_eq!(mode(&target), mode(&ordinary));

        fs::set_permissions(&target, Permissions::from_mode(0o4750)).unwrap();
        Replacement::beside(&target)
            .unwrap()
            .commit(&target, Existing::Replace)
            .unwrap();
        assert_eq!(mode(&target), 0o750);
    }

    #[test]
    fn a_link_is_replaced_and_what_it_leads_to_is_untouched() {
        let directory = tempfile::tempdir().unwrap();
        let (precious, target) = (
            directory.path().join("precious"),
            directory.path().join("link"),
        );
        fs::write(&precious, "keep").unwrap();
        symlink(&precious, &target).unwrap();
        assert_eq!(self::target(&target).unwrap(), Target::Old);
        Replacement::beside(&target)
            .unwrap()
            .commit(&target, Existing::Replace)
            .unwrap();
        assert!(fs::symlink_metadata(&target).unwrap().is_file());
        assert_eq!(fs::read(&precious).unwrap(), b"keep");
    }

    #[test]
    fn devices_and_directories_are_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(target(Path::new("/dev/null")).unwrap(), Target::Device);
        assert_eq!(
            target(directory.path()).unwrap_err().kind(),
            io::ErrorKind::IsADirectory
        );
        assert_eq!(target(&directory.path().join("x")).unwrap(), Target::New);
    }

    #[test]
    fn what_belongs_to_a_file_is_named_after_it() {
        assert_eq!(beside(Path::new("/a/b"), ".part"), Path::new("/a/.b.part"));
        assert_eq!(beside(Path::new("b"), ".part"), Path::new(".b.part"));
    }
}
