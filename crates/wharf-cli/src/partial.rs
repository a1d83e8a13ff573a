//! The part of a file that `get --continue` keeps, and the proof that it belongs to the file.
//!
//! Beside the target `NAME` lie `.NAME.wharf-part`, the bytes so far, and `.NAME.wharf-part.json`,
//! what the file was when they were fetched. A part whose record says something else than the
//! server does now is thrown away: two versions of a file spliced together are worse than none.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::TempPath;

use crate::local::{self, Existing};

/// How much of the end of a part is fetched again and compared before anything is added to it.
pub(crate) const OVERLAP: u64 = 4096;

/// More than any record takes: a URL is as long as a command line may be at most.
const RECORD_LIMIT: u64 = 1 << 20;

/// What a file was when its part was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The URL, without a password.
    pub(crate) url: String,
    /// Its `SIZE`. Without one nothing proves that a part belongs to the file.
    pub(crate) size: u64,
    /// Its `MDTM`, if the server tells one.
    pub(crate) modified: Option<String>,
}

/// A part, open for writing and locked against another wharf.
#[derive(Debug)]
pub(crate) struct Partial {
    file: File,
    path: PathBuf,
    record: PathBuf,
    /// How many bytes were there when it was opened.
    length: u64,
}

impl Partial {
    /// Where the part of `target` is kept.
    pub(crate) fn path_for(target: &Path) -> PathBuf {
        local::beside(target, ".wharf-part")
    }

    /// The part of `target` to go on with: the old one if its record says `origin`, an empty one
    /// otherwise. Without an `origin` it is always empty.
    pub(crate) fn open(target: &Path, origin: Option<&Origin>) -> io::Result<Self> {
        let path = Self::path_for(target);
        let record = local::beside(target, ".wharf-part.json");
        let file = open_or_create(&path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(
                io::ErrorKind::ResourceBusy,
                format!("another process is writing {}", local::shown(&path)),
            ),
            TryLockError::Error(error) => error,
        })?;
        let length = file.metadata()?.len();
        let mut partial = Self {
            file,
            path,
            record,
            length,
        };
        // A record that cannot be read proves nothing, whatever the reason.
        let recorded = read_record(&partial.record)
            .ok()
            .and_then(|text| serde_json::from_slice::<Origin>(&text).ok());
        let proved = origin.is_some_and(|origin| {
            recorded.as_ref() == Some(origin) && partial.length <= origin.size
        });
        if !proved {
            partial.restart(origin)?;
        }
        Ok(partial)
    }

    /// How many bytes are there.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The last bytes, which a server must repeat before more is added: up to [`OVERLAP`].
    pub(crate) fn tail(&self) -> io::Result<Vec<u8>> {
        let length = self.length.min(OVERLAP);
        let mut tail = vec![0; usize::try_from(length).expect("the overlap is small")];
        self.file.read_exact_at(&mut tail, self.length - length)?;
        Ok(tail)
    }

    /// Empties it and writes down what it will be a part of.
    pub(crate) fn restart(&mut self, origin: Option<&Origin>) -> io::Result<()> {
        // The record goes first: bytes without one prove nothing, a record of other bytes lies.
        remove_if_there(&self.record)?;
        self.file.set_len(0)?;
        self.length = 0;
        if let Some(origin) = origin {
            let mut record = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&self.record)?;
            serde_json::to_writer(&record, origin)?;
            record.write_all(b"\n")?;
        }
        Ok(())
    }

    /// The file, to be written from [`length`](Self::length) on.
    pub(crate) fn writer(&self) -> io::Result<File> {
        use std::io::Seek as _;
        let mut writer = self.file.try_clone()?;
        writer.seek(io::SeekFrom::Start(self.length))?;
        Ok(writer)
    }

    /// Puts the whole file in the place of `target`; `false` if a file is there that has to stay.
    /// The part is gone then. On an error it is kept.
    pub(crate) fn commit(self, target: &Path, existing: Existing) -> io::Result<bool> {
        let path = TempPath::try_from_path(&self.path)?;
        match local::install(&self.file, path, target, existing) {
            Ok(installed) => {
                remove_if_there(&self.record)?;
                Ok(installed)
            }
            Err((error, path)) => {
                path.keep()?;
                Err(error)
            }
        }
    }

    /// Removes it: it is a part of nothing.
    pub(crate) fn discard(self) -> io::Result<()> {
        remove_if_there(&self.record)?;
        remove_if_there(&self.path)
    }
}

/// Opens a regular file of ours for reading and writing, or makes one.
///
/// The name is known beforehand, so somebody with access to the directory could have put a link
/// there. A new file is made with `O_EXCL`; of an old one it is checked, once it is open, that the
/// name still means it and that it has no second name.
fn open_or_create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made_or_failed => return made_or_failed,
    }
    let named = fs::symlink_metadata(path)?;
    let suspect = || {
        let message = format!(
            "{} is not a plain file: remove it first",
            local::shown(path)
        );
        io::Error::new(io::ErrorKind::AlreadyExists, message)
    };
    if !named.is_file() || named.nlink() != 1 {
        return Err(suspect());
    }
    let file = options.open(path)?;
    let opened = file.metadata()?;
    if (opened.dev(), opened.ino()) == (named.dev(), named.ino()) {
        Ok(file)
    } else {
        Err(suspect())
    }
}

/// Reads a record. As with the part, somebody could have put a device or a pipe in its place, which
/// would never end.
fn read_record(path: &Path) -> io::Result<Vec<u8>> {
    let named = fs::symlink_metadata(path)?;
    if !named.is_file() || named.len() > RECORD_LIMIT {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = Vec::new();
    File::open(path)?
        .take(RECORD_LIMIT)
        .read_to_end(&mut text)?;
    Ok(text)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn origin(size: u64, modified: &str) -> Origin {
        Origin {
            url: "ftp://h/f".to_owned(),
            size,
            modified: Some(modified.to_owned()),
        }
    }

    fn begin(target: &Path, bytes: &[u8], origin: &Origin) {
        let partial = Partial::open(target, Some(origin)).unwrap();
        partial.writer().unwrap().write_all(bytes).unwrap();
    }

    #[test]
    fn a_part_of_the_same_file_goes_on_and_one_of_another_starts_over() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("f");
        let first = origin(9, "a");
        let elsewhere = Origin {
            url: "ftp://h/g".to_owned(),
            ..first.clone()
        };
        let timeless = Origin {
            modified: None,
            ..first.clone()
        };
        begin(&target, b"12345", &first);
        assert_eq!(Partial::open(&target, Some(&first)).unwrap().length(), 5);
        for other in [origin(9, "b"), origin(8, "a"), elsewhere, timeless] {
            begin(&target, b"12345", &first);
            assert_eq!(
                Partial::open(&target, Some(&other)).unwrap().length(),
                0,
                "{other:?}"
            );
            // And from now on it is a part of that one.
            begin(&target, b"123", &other);
            assert_eq!(
                Partial::open(&target, Some(&other)).unwrap().length(),
                3,
                "{other:?}"
            );
        }
        assert_eq!(Partial::open(&target, None).unwrap().length(), 0);
    }

    #[test]
    fn a_part_without_a_record_or_longer_than_the_file_proves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("f");
        fs::write(Partial::path_for(&target), "123").unwrap();
        assert_eq!(
            Partial::open(&target, Some(&origin(9, "a")))
                .unwrap()
                .length(),
            0
        );
        begin(&target, b"1234567890", &origin(9, "a"));
        assert_eq!(
            Partial::open(&target, Some(&origin(9, "a")))
                .unwrap()
                .length(),
            0
        );
    }

    #[test]
    fn the_tail_is_what_the_overlap_covers() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("f");
        let bytes: Vec<u8> = (0..5000_u32)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        begin(&target, &bytes, &origin(6000, "a"));
        let partial = Partial::open(&target, Some(&origin(6000, "a"))).unwrap();
        assert_eq!(partial.tail().unwrap(), bytes[5000 - 4096..]);
    }

    #[test]
    fn a_commit_leaves_the_file_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("f");
        begin(&target, b"123", &origin(3, "a"));
        let partial = Partial::open(&target, Some(&origin(3, "a"))).unwrap();
        assert!(partial.commit(&target, Existing::Replace).unwrap());
        assert_eq!(fs::read(&target).unwrap(), b"123");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_commit_that_fails_keeps_the_part() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("f");
        begin(&target, b"123", &origin(3, "a"));
        fs::write(&target, "theirs").unwrap();
        let partial = Partial::open(&target, Some(&origin(3, "a"))).unwrap();
        let error = partial.commit(&target, Existing::Refuse).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(
            Partial::open(&target, Some(&origin(3, "a")))
                .unwrap()
                .length(),
            3
        );
    }

    #[test]
    fn links_planted_under_the_known_name_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let (precious, target) = (
            directory.path().join("precious"),
            directory.path().join("f"),
        );
        fs::write(&precious, "keep").unwrap();
        let part = Partial::path_for(&target);
        symlink(&precious, &part).unwrap();
        Partial::open(&target, None).unwrap_err();
        fs::remove_file(&part).unwrap();
        fs::hard_link(&precious, &part).unwrap();
        Partial::open(&target, None).unwrap_err();
        assert_eq!(fs::read(&precious).unwrap(), b"keep");
    }

    #[test]
    fn two_at_once_do_not_write_the_same_part() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("f");
        let _first = Partial::open(&target, None).unwrap();
        let second = Partial::open(&target, None).unwrap_err();
        assert_eq!(second.kind(), io::ErrorKind::ResourceBusy);
    }

    #[test]
    fn a_record_that_never_ends_proves_nothing_and_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("f");
        let record = local::beside(&target, ".wharf-part.json");
        let origin = origin(9, "a");
        fs::write(Partial::path_for(&target), "12345").unwrap();
        symlink("/dev/zero", &record).unwrap();
        assert_eq!(Partial::open(&target, Some(&origin)).unwrap().length(), 0);
        assert!(fs::symlink_metadata(&record).unwrap().is_file());
    }
}
