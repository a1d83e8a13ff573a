//! The commands about files and directories that need no data connection.

use std::{
    fs::{self, File, Metadata, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::PathBuf,
};

use super::{
    clock,
    command::Command,
    list::{self, Entry},
    reply::Reply,
    session::Session,
};

impl Session {
    pub(super) fn pwd(&self) -> Reply {
        let mut text = self.directory.quoted();
        text.extend_from_slice(b" is the current directory.");
        Reply::new(257, text)
    }

    pub(super) fn cwd(&mut self, command: &Command) -> Reply {
        let wanted = self.directory.join(&command.argument);
        match self.shared.root.follow(&wanted).and_then(fs::read_dir) {
            Ok(_readable) => {
                self.directory = wanted;
                Reply::new(250, "Directory changed.")
            }
            Err(error) => refusal(550, &error),
        }
    }

    pub(super) fn cdup(&mut self) -> Reply {
        self.directory = self.directory.parent();
        Reply::new(250, "Directory changed.")
    }

    pub(super) fn mkd(&self, command: &Command) -> Reply {
        let path = self.directory.join(&command.argument);
        match self.shared.root.entry(&path).and_then(fs::create_dir) {
            Ok(()) => {
                let mut text = path.quoted();
                text.extend_from_slice(b" created.");
                Reply::new(257, text)
            }
            Err(error) => refusal(550, &error),
        }
    }

    pub(super) fn rmd(&self, command: &Command) -> Reply {
        let path = self.directory.join(&command.argument);
        done(
            self.shared.root.entry(&path).and_then(fs::remove_dir),
            "Directory removed.",
        )
    }

    pub(super) fn dele(&self, command: &Command) -> Reply {
        let path = self.directory.join(&command.argument);
        done(
            self.shared.root.entry(&path).and_then(fs::remove_file),
            "File removed.",
        )
    }

    pub(super) fn rnfr(&mut self, command: &Command) -> Reply {
        let path = self.directory.join(&command.argument);
        let found = self.shared.root.entry(&path).and_then(|entry| {
            fs::symlink_metadata(&entry)?;
            Ok(entry)
        });
        match found {
            Ok(entry) => {
                self.rename_from = Some(entry);
                Reply::new(350, "Ready for RNTO.")
            }
            Err(error) => refusal(550, &error),
        }
    }

    pub(super) fn rnto(&self, from: Option<PathBuf>, command: &Command) -> Reply {
        let Some(from) = from else {
            return Reply::new(503, "RNFR first.");
        };
        let path = self.directory.join(&command.argument);
        match self
            .shared
            .root
            .entry(&path)
            .and_then(|to| fs::rename(from, to))
        {
            Ok(()) => Reply::new(250, "Renamed."),
            Err(error) => refusal(553, &error),
        }
    }

    pub(super) fn size(&self, command: &Command) -> Reply {
        if self.ascii {
            // The size of a text on the wire is known only once it was converted.
            return Reply::new(550, "SIZE needs TYPE I.");
        }
        match self.plain_file(&command.argument) {
            Ok((_, metadata)) => Reply::new(213, metadata.len().to_string()),
            Err(error) => refusal(550, &error),
        }
    }

    pub(super) fn mdtm(&self, command: &Command) -> Reply {
        match self.plain_file(&command.argument) {
            Ok((_, metadata)) => Reply::new(213, clock::stamp(metadata.mtime())),
            Err(error) => refusal(550, &error),
        }
    }

    pub(super) fn mfmt(&self, command: &Command) -> Reply {
        self.set_modified(&command.argument)
            .unwrap_or_else(|syntax| {
                Reply::new(501, format!("{syntax}: MFMT <YYYYMMDDhhmmss> <path>"))
            })
    }

    pub(super) fn mlst(&self, command: &Command) -> Reply {
        let path = self.directory.join(&command.argument);
        // Facts about the root come from behind its name, it has no directory to be an entry of.
        let root = &self.shared.root;
        let real = if path.is_root() {
            root.follow(&path)
        } else {
            root.entry(&path)
        };
        match real.and_then(|real| Entry::new(&real, path.display())) {
            Ok(entry) => {
                let line = [b" ".as_slice(), &entry.facts_line(self.facts)].concat();
                Reply::block(250, "Listing", [line], "End")
            }
            Err(error) => refusal(550, &error),
        }
    }

    pub(super) fn stat(&self, command: &Command) -> Reply {
        if command.argument.is_empty() {
            return self.status();
        }
        if !self.logged_in() {
            return Reply::new(530, "Please log in with USER and PASS.");
        }
        let path = self.directory.join(&command.argument);
        let listing = self.shared.root.follow(&path).and_then(|real| {
            if real.is_dir() {
                Ok((212, list::long(&real, false)?))
            } else {
                Ok((
                    213,
                    Entry::new(&real, command.argument.clone())?.ls_line(clock::now()),
                ))
            }
        });
        match listing {
            Ok((code, text)) => {
                let lines = text
                    .split(|&byte| byte == b'\n')
                    .filter(|line| !line.is_empty());
                let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec());
                let title = [b"Status of ".as_slice(), &path.display()].concat();
                Reply::block(code, title, lines, "End of status")
            }
            Err(error) => refusal(550, &error),
        }
    }

    pub(super) fn site(&self, command: &Command) -> Reply {
        let blank = command.argument.iter().position(|&byte| byte == b' ');
        let (verb, argument) = match blank {
            Some(blank) => (&command.argument[..blank], &command.argument[blank + 1..]),
            None => (command.argument.as_slice(), b"".as_slice()),
        };
        let verb = verb.to_ascii_uppercase();
        if self.options.read_only && matches!(verb.as_slice(), b"CHMOD" | b"UTIME") {
            return Reply::new(550, "Permission denied: this server is read-only.");
        }
        match verb.as_slice() {
            b"HELP" => Reply::block(
                214,
                "These SITE commands are carried out:",
                [b" CHMOD HELP UTIME".to_vec()],
                "End",
            ),
            b"CHMOD" => self.chmod(argument),
            b"UTIME" => self.set_modified(argument).unwrap_or_else(|syntax| {
                Reply::new(501, format!("{syntax}: SITE UTIME <YYYYMMDDhhmmss> <path>"))
            }),
            _ => Reply::new(504, "No such SITE command."),
        }
    }

    /// `mode path`, the mode in octal.
    fn chmod(&self, argument: &[u8]) -> Reply {
        let parsed = split_word(argument)
            .and_then(|(mode, path)| Some((u32::from_str_radix(mode, 8).ok()?, path)))
            .filter(|&(mode, _)| mode <= 0o7777);
        let Some((mode, path)) = parsed else {
            return Reply::new(501, "Syntax: SITE CHMOD <mode> <path>");
        };
        let real = self.shared.root.follow(&self.directory.join(path));
        let changed = real.and_then(|real| fs::set_permissions(real, Permissions::from_mode(mode)));
        match changed {
            Ok(()) => Reply::new(200, "Mode changed."),
            Err(error) => refusal(550, &error),
        }
    }

    /// `stamp path`: sets the date of a file or directory.
    ///
    /// # Errors
    ///
    /// What is wrong with the argument, for a 501.
    fn set_modified(&self, argument: &[u8]) -> Result<Reply, &'static str> {
        let (stamp, path) = split_word(argument).ok_or("Date and path, please")?;
        let seconds = clock::parse_stamp(stamp).ok_or("No such date")?;
        let date = clock::system_time(seconds).ok_or("No such date")?;
        let changed = self
            .shared
            .root
            .follow(&self.directory.join(path))
            .and_then(|real| {
                let metadata = fs::metadata(&real)?;
                // Opening a pipe would wait for its other end.
                if !metadata.is_file() && !metadata.is_dir() {
                    return Err(io::ErrorKind::PermissionDenied.into());
                }
                File::open(real)?.set_modified(date)
            });
        Ok(match changed {
            // The form of draft-somers-ftp-mfxx §3.1.
            Ok(()) => {
                let modify = format!("Modify={}; ", clock::stamp(seconds));
                Reply::new(213, [modify.as_bytes(), path].concat())
            }
            Err(error) => refusal(550, &error),
        })
    }

    /// A file that has a size and a content.
    pub(super) fn plain_file(&self, argument: &[u8]) -> io::Result<(PathBuf, Metadata)> {
        let real = self.shared.root.follow(&self.directory.join(argument))?;
        let metadata = fs::metadata(&real)?;
        if metadata.is_file() {
            Ok((real, metadata))
        } else {
            Err(io::ErrorKind::IsADirectory.into())
        }
    }
}

/// The reply to something refused by the file system. It tells nothing of real paths.
pub(super) fn refusal(code: u16, error: &io::Error) -> Reply {
    use io::ErrorKind as Kind;
    let text = match error.kind() {
        Kind::NotFound => "No such file or directory.",
        Kind::PermissionDenied => "Permission denied.",
        Kind::AlreadyExists => "File exists.",
        Kind::DirectoryNotEmpty => "Directory not empty.",
        Kind::NotADirectory => "Not a directory.",
        Kind::IsADirectory => "Not a plain file.",
        Kind::InvalidFilename => "File name not allowed.",
        Kind::StorageFull | Kind::QuotaExceeded => {
            return Reply::new(452, "Insufficient storage space.");
        }
        _ => "Not possible.",
    };
    Reply::new(code, text)
}

fn done(result: io::Result<()>, text: &str) -> Reply {
    match result {
        Ok(()) => Reply::new(250, text),
        Err(error) => refusal(550, &error),
    }
}

/// The first word, which is text, and what follows the blank behind it, which need not be.
fn split_word(argument: &[u8]) -> Option<(&str, &[u8])> {
    let blank = argument.iter().position(|&byte| byte == b' ')?;
    let word = str::from_utf8(&argument[..blank]).ok()?;
    Some((word, &argument[blank + 1..])).filter(|(_, rest)| !rest.is_empty())
}
