//! Keys of servers that were met before: trust on first use.
//!
//! The file has a line for each, and blank lines and comments between them:
//!
//! ```text
//! # Servers and the SHA-256 of their public keys.
//! ftp.example.com:21 sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
//! [2001:db8::1]:990 sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
//! ```

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding as _};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::text::escaped_str;

use super::fingerprint::Fingerprint;
use super::pem;

/// A file of the keys that servers had when they were first met.
///
/// A server may have several lines; any of its keys is right. Nothing is kept in memory: the file is
/// read anew for each handshake, so that a line that was removed or added counts at once, and several
/// processes may use it at a time.
///
/// # Examples
///
/// ```
/// use wharf::tls::{KnownKeys, TlsConfig, Trust};
///
/// # let home = tempfile::tempdir()?;
/// # let home = home.path();
/// let known = KnownKeys::open(home.join("wharf/known_keys"))?;
/// let tls = TlsConfig::new().trust(Trust::FirstUse(known));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct KnownKeys {
    path: PathBuf,
}

/// What is known of a server that shows a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acquaintance {
    /// It has had this key before.
    Known,
    /// It was never met.
    Stranger,
}

impl KnownKeys {
    /// The keys in this file. If it does not exist, the first server that is met makes it, with its
    /// directories, for nobody else to read.
    ///
    /// # Errors
    ///
    /// [`Io`](ErrorKind::Io) if it cannot be read, and [`InvalidInput`](ErrorKind::InvalidInput) if a line
    /// in it is not understood.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let known = Self { path: path.into() };
        known.read()?;
        Ok(known)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the server may have this key.
    ///
    /// # Errors
    ///
    /// Of kind [`Certificate`](ErrorKind::Certificate) if it had another one before; and as
    /// [`open`](Self::open).
    pub(crate) fn check(
        &self,
        host: &str,
        port: u16,
        key: Fingerprint,
    ) -> Result<Acquaintance, Error> {
        self.judge(&self.read()?, &server(host, port)?, key)
    }

    /// Writes down a key that the server has proved to own, unless it is known.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check), for another process may have met the server meanwhile; and of kind
    /// [`Io`](ErrorKind::Io) if the file cannot be written, for then the next meeting would be a first
    /// one again.
    pub(crate) fn remember(&self, host: &str, port: u16, key: Fingerprint) -> Result<(), Error> {
        // The file may be one that is given, and not for us to write.
        if self.check(host, port, key)? == Acquaintance::Known {
            return Ok(());
        }
        let server = server(host, port)?;
        let mut file = self.create().map_err(|error| self.unwritable(error))?;
        // Held until the file is closed, so that no two processes trust different keys.
        lock(&file, PATIENCE).map_err(|error| self.unwritable(error))?;
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(|error| self.unreadable(error))?;
        if self.judge(&self.parse(&text)?, &server, key)? == Acquaintance::Known {
            return Ok(());
        }
        let line_end = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let line = format!("{line_end}{server} {PREFIX}{}\n", key.base64());
        file.write_all(line.as_bytes())
            .and_then(|()| file.sync_data())
            .map_err(|error| self.unwritable(error))
    }

    fn judge(
        &self,
        entries: &[Entry],
        server: &str,
        key: Fingerprint,
    ) -> Result<Acquaintance, Error> {
        let of_server: Vec<&Entry> = entries
            .iter()
            .filter(|entry| entry.server.eq_ignore_ascii_case(server))
            .collect();
        if of_server.is_empty() {
            return Ok(Acquaintance::Stranger);
        }
        if of_server.iter().any(|entry| entry.key == key) {
            return Ok(Acquaintance::Known);
        }
        let list = |each: fn(&&Entry) -> String| {
            of_server.iter().map(each).collect::<Vec<_>>().join(" or ")
        };
        Err(Error::new(
            ErrorKind::Certificate,
            format!(
                "the key of {} has changed from {} to sha256//{}: the server was given a new one, or \
                 somebody is in between. If its owner confirms the new one, remove line {} of {}",
                escaped_str(server),
                list(|entry| format!("sha256//{}", entry.key.base64())),
                key.base64(),
                list(|entry| entry.line.to_string()),
                pem::origin(&self.path),
            ),
        ))
    }

    fn read(&self) -> Result<Vec<Entry>, Error> {
        match pem::read_bounded(&self.path).and_then(pem::text) {
            Ok(text) => self.parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(self.unreadable(error)),
        }
    }

    fn parse(&self, text: &str) -> Result<Vec<Entry>, Error> {
        (1..)
            .zip(text.lines())
            .filter(|(_, text)| !matches!(text.trim_start().as_bytes(), [] | [b'#', ..]))
            .map(|(line, text)| {
                Entry::parse(line, text).ok_or_else(|| {
                    pem::invalid(format!(
                        "line {line} of {} is not a server, a blank, `{PREFIX}` and a hash in Base64",
                        pem::origin(&self.path)
                    ))
                })
            })
            .collect()
    }

    fn create(&self) -> io::Result<File> {
        if let Some(directory) = self.path.parent() {
            let mut builder = DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.recursive(true).create(directory)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }

    fn unreadable(&self, error: io::Error) -> Error {
        let message = format!(
            "the known keys in {} cannot be read",
            pem::origin(&self.path)
        );
        Error::new(ErrorKind::Io, message).with_source(error)
    }

    fn unwritable(&self, error: io::Error) -> Error {
        let message = format!(
            "the server's key cannot be written to the known keys in {}",
            pem::origin(&self.path)
        );
        Error::new(ErrorKind::Io, message).with_source(error)
    }
}

/// How long another process may keep the file locked. It writes a line, and waits for the disk.
const PATIENCE: Duration = Duration::from_secs(5);

/// Locks a file as soon as nobody else has it locked. A handshake is judged in one go, so this holds its thread: not
/// for ever, whatever the other process does.
fn lock(file: &File, patience: Duration) -> io::Result<()> {
    let begin = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if begin.elapsed() < patience => {
                thread::sleep(Duration::from_millis(10));
            }
            Err(TryLockError::WouldBlock) => {
                let message = "another process keeps it locked";
                return Err(io::Error::new(io::ErrorKind::TimedOut, message));
            }
        }
    }
}

/// A line of the file, counted from one.
struct Entry {
    line: usize,
    server: String,
    key: Fingerprint,
}

impl Entry {
    fn parse(line: usize, text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let (server, key) = (words.next()?, words.next()?);
        let hash = Base64::decode_vec(key.strip_prefix(PREFIX)?).ok()?;
        if words.next().is_some_and(|word| !word.starts_with('#')) {
            return None;
        }
        server.rsplit_once(':')?.1.parse::<u16>().ok()?;
        Some(Self {
            line,
            server: server.to_owned(),
            key: Fingerprint::new(hash.try_into().ok()?),
        })
    }
}

const PREFIX: &str = "sha256:";

/// How a server is called in the file.
fn server(host: &str, port: u16) -> Result<String, Error> {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let breaks_the_line = |character: char| character.is_whitespace() || character == '#';
    if host.is_empty() || host.contains(breaks_the_line) {
        return Err(pem::invalid(format!(
            "`{}` is not a host whose key can be remembered",
            escaped_str(&host)
        )));
    }
    Ok(if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc;

    use super::*;

    fn file() -> (tempfile::TempDir, KnownKeys) {
        let directory = tempfile::tempdir().unwrap();
        let known = KnownKeys::open(directory.path().join("a/b/known_keys")).unwrap();
        (directory, known)
    }

    fn key(of: u8) -> Fingerprint {
        Fingerprint::new([of; 32])
    }

    #[test]
    fn a_server_is_a_stranger_until_its_key_is_remembered() {
        let (_directory, known) = file();
        assert_eq!(
            known.check("ftp.example", 21, key(1)).unwrap(),
            Acquaintance::Stranger
        );
        known.remember("ftp.example", 21, key(1)).unwrap();
        let again = KnownKeys::open(known.path()).unwrap();
        for name in ["ftp.example", "FTP.Example", "ftp.example."] {
            assert_eq!(again.check(name, 21, key(1)).unwrap(), Acquaintance::Known);
        }
        assert_eq!(
            again.check("ftp.example", 990, key(2)).unwrap(),
            Acquaintance::Stranger
        );
    }

    #[test]
    fn a_known_key_is_confirmed_without_waiting_to_write() {
        let (_directory, known) = file();
        known.remember("a", 21, key(1)).unwrap();
        let busy = File::open(known.path()).unwrap();
        busy.lock().unwrap();
        let (confirmed, confirmation) = mpsc::channel();
        thread::spawn(move || confirmed.send(known.remember("a", 21, key(1)).is_ok()));
        assert_eq!(confirmation.recv_timeout(Duration::from_secs(20)), Ok(true));
    }

    #[test]
    fn a_file_that_another_keeps_locked_is_not_waited_for_without_end() {
        let (_directory, known) = file();
        known.remember("a", 21, key(1)).unwrap();
        let other = File::open(known.path()).unwrap();
        other.lock().unwrap();
        let ours = File::open(known.path()).unwrap();
        let error = lock(&ours, Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        other.unlock().unwrap();
        lock(&ours, Duration::ZERO).unwrap();
    }

    #[test]
    fn a_changed_key_is_refused_with_both_fingerprints_and_the_line_to_remove() {
        let (_directory, known) = file();
        known.remember("other", 21, key(9)).unwrap();
        known.remember("::1", 21, key(1)).unwrap();
        for error in [
            known.check("::1", 21, key(2)).unwrap_err(),
            known.remember("::1", 21, key(2)).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Certificate);
            let text = error.to_string();
            assert!(text.contains("the key of [::1]:21 has changed"), "{text}");
            assert!(text.contains(&key(1).base64()), "{text}");
            assert!(text.contains(&key(2).base64()), "{text}");
            assert!(text.contains("remove line 2 of"), "{text}");
        }
        assert_eq!(known.check("::1", 21, key(1)).unwrap(), Acquaintance::Known);
    }

    #[test]
    fn any_of_several_keys_will_do() {
        let (_directory, known) = file();
        known.remember("a", 21, key(1)).unwrap();
        let text = fs::read_to_string(known.path()).unwrap();
        let second = key(2).base64();
        let text = format!("{text}\n# The second machine.\n  A:21 sha256:{second} # since May\n");
        fs::write(known.path(), text).unwrap();
        for right in [key(1), key(2)] {
            assert_eq!(known.check("a", 21, right).unwrap(), Acquaintance::Known);
        }
        let text = known.check("a", 21, key(3)).unwrap_err().to_string();
        assert!(text.contains("remove line 1 or 4 of"), "{text}");
    }

    #[test]
    fn a_last_line_without_its_end_is_not_run_into() {
        let (_directory, known) = file();
        known.remember("a", 21, key(1)).unwrap();
        let text = fs::read_to_string(known.path()).unwrap();
        fs::write(known.path(), text.trim_end()).unwrap();
        known.remember("b", 21, key(2)).unwrap();
        assert_eq!(known.check("a", 21, key(1)).unwrap(), Acquaintance::Known);
        assert_eq!(known.check("b", 21, key(2)).unwrap(), Acquaintance::Known);
    }

    #[test]
    fn a_line_that_is_not_understood_is_named_and_nothing_is_trusted() {
        let (_directory, known) = file();
        known.remember("a", 21, key(1)).unwrap();
        let good = fs::read_to_string(known.path()).unwrap();
        for bad in [
            "a:21".to_owned(),
            "a sha256:AAAA".to_owned(),
            format!("a sha256:{}", key(1).base64()),
            format!("a:21 sha1:{}", key(1).base64()),
            format!("a:21 sha256:{} b", key(1).base64()),
        ] {
            fs::write(known.path(), format!("{good}{bad}\n")).unwrap();
            let error = known.check("new", 21, key(1)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
            assert!(error.to_string().starts_with("line 2 of `"), "{error}");
            known.remember("new", 21, key(1)).unwrap_err();
            KnownKeys::open(known.path()).unwrap_err();
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_trusts_nobody() {
        let directory = tempfile::tempdir().unwrap();
        let in_the_way = directory.path().join("file");
        fs::write(&in_the_way, "").unwrap();
        let known = KnownKeys {
            path: in_the_way.join("known_keys"),
        };
        let error = known.remember("a", 21, key(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
    }

    #[test]
    fn a_host_that_would_break_the_line_is_refused() {
        let (_directory, known) = file();
        for host in ["", "a b", "a\nb:21", "#a"] {
            let error = known.remember(host, 21, key(1)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, known) = file();
        known.remember("a", 21, key(1)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(known.path()), 0o600);
        assert_eq!(mode(known.path().parent().unwrap()), 0o700);
    }

    #[test]
    fn of_two_first_meetings_at_once_one_key_wins_and_the_other_is_refused() {
        for _ in 0..50 {
            let (_directory, known) = file();
            let meet = |of: u8| {
                let known = known.clone();
                thread::spawn(move || known.remember("a", 21, key(of)))
            };
            let trusted: Vec<bool> = [meet(1), meet(2)]
                .map(|thread| thread.join().unwrap().is_ok())
                .to_vec();
            assert_eq!(trusted.iter().filter(|&&trusted| trusted).count(), 1);
        }
    }
}
