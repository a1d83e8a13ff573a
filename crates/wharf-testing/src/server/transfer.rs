//! The commands about data connections: agreeing on one, and everything that goes over it.
//!
//! A transfer takes these steps; the client is listened to during those marked *:
//!
//! ```text
//! look at the file ─► open the data connection* ─► 150 ─► TLS* ─► move the bytes* ─► final reply
//!      │ 550              │ 425                            │ 425 522  │ 226 426 451 552
//!      │                  └────────── ABOR: 426, then 226 ─┴──────────┘
//!      └ the data connection agreed on stays for the next try
//! ```

use std::{
    fs::{self, File},
    io::{self, Seek, SeekFrom},
    mem,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use super::{
    clock,
    command::Command,
    control::Outcome,
    data::{self, AddressError, Opener},
    files::{VirtualPath, on_the_wire},
    list::{self, Entry},
    options::Interruption,
    reply::Reply,
    session::Session,
    stream::{self, Ending},
    tls::Carries,
    tree::refusal,
    wire::Wire,
};

/// Ports below are other services' (RFC 2577 §3).
const FIRST_FREE_PORT: u16 = 1024;

impl Session {
    pub(super) async fn pasv(&mut self) -> Reply {
        if self.only_epsv {
            return Reply::new(503, "You said EPSV ALL.");
        }
        let IpAddr::V4(local) = self.local else {
            return Reply::new(425, "No PASV over IPv6, use EPSV.");
        };
        match Opener::listen(self.local).await {
            Ok((opener, port)) => {
                self.opener = opener;
                let shown = self.options.pasv_host.unwrap_or(local);
                let numbers = data::six_numbers(shown, port);
                Reply::new(227, format!("Entering Passive Mode ({numbers})."))
            }
            Err(_) => Reply::new(425, "Cannot listen."),
        }
    }

    pub(super) async fn epsv(&mut self, command: &Command) -> Reply {
        let wanted = command.text().to_ascii_uppercase();
        let family = data::family(self.local);
        if wanted == "ALL" {
            self.only_epsv = true;
            return Reply::new(200, "EPSV ALL ok.");
        }
        if wanted != family && !wanted.is_empty() {
            return match wanted.parse::<u32>() {
                Ok(_) => Reply::new(
                    522,
                    format!("Network protocol not supported, use ({family})"),
                ),
                Err(_) => Reply::new(501, "Syntax: EPSV [1 | 2 | ALL]"),
            };
        }
        match Opener::listen(self.local).await {
            Ok((opener, port)) => {
                self.opener = opener;
                Reply::new(229, format!("Entering Extended Passive Mode (|||{port}|)"))
            }
            Err(_) => Reply::new(425, "Cannot listen."),
        }
    }

    pub(super) fn port(&mut self, command: &Command) -> Reply {
        self.active(data::parse_port(&command.text()), "PORT")
    }

    pub(super) fn eprt(&mut self, command: &Command) -> Reply {
        self.active(data::parse_eprt(&command.text()), "EPRT")
    }

    fn active(&mut self, wanted: Result<SocketAddr, AddressError>, verb: &str) -> Reply {
        if self.only_epsv {
            return Reply::new(503, "You said EPSV ALL.");
        }
        let family = data::family(self.local);
        match wanted {
            Err(AddressError::Syntax) => Reply::new(501, format!("{verb} with no good address.")),
            Err(AddressError::Family) => Reply::new(
                522,
                format!("Network protocol not supported, use ({family})"),
            ),
            Ok(address) if address.is_ipv4() != self.local.is_ipv4() => Reply::new(
                522,
                format!("Network protocol not supported, use ({family})"),
            ),
            // The bounce attack: a server made to dial whom its client likes (RFC 2577 §2).
            Ok(address) if address.ip() != self.peer || address.port() < FIRST_FREE_PORT => {
                Reply::new(500, format!("{verb} to there refused."))
            }
            Ok(address) => {
                self.opener = Opener::Active(address);
                Reply::new(200, format!("{verb} ok."))
            }
        }
    }

    pub(super) fn rest(&mut self, command: &Command) -> Reply {
        match command.text().parse() {
            Ok(offset) if offset > 0 && self.ascii => Reply::new(501, "REST needs TYPE I."),
            Ok(offset) => {
                self.restart = offset;
                Reply::new(350, format!("Restarting at {offset}."))
            }
            Err(_) => Reply::new(501, "Syntax: REST <offset>"),
        }
    }

    pub(super) async fn retr(&mut self, command: &Command) -> io::Result<Reply> {
        let offset = mem::take(&mut self.restart);
        if self.opener.is_none() {
            return Ok(no_data_connection());
        }
        let (mut file, size) = match self.plain_file(&command.argument) {
            Ok((_, metadata)) if offset > metadata.len() => return Ok(past_the_end()),
            Ok((real, metadata)) => match File::open(real) {
                Ok(file) => (file, metadata.len()),
                Err(error) => return Ok(refusal(550, &error)),
            },
            Err(error) => return Ok(refusal(550, &error)),
        };
        file.seek(SeekFrom::Start(offset))?;
        let mark = self.opening(&command.argument, Some(size - offset));
        let mut wire = match self.open_data(mark, Carries::Download).await? {
            Ok(wire) => wire,
            Err(refused) => return Ok(refused),
        };
        let work = stream::send(&mut wire, file, self.ascii, &self.options);
        let outcome = self.control.during(work).await;
        self.conclude(wire, outcome, "Transfer complete.").await
    }

    pub(super) async fn stor(&mut self, command: &Command) -> io::Result<Reply> {
        let placement = match mem::take(&mut self.restart) {
            0 => Placement::Replace,
            offset => Placement::From(offset),
        };
        self.store(&command.argument, placement).await
    }

    pub(super) async fn appe(&mut self, command: &Command) -> io::Result<Reply> {
        self.restart = 0;
        self.store(&command.argument, Placement::Append).await
    }

    pub(super) async fn stou(&mut self) -> io::Result<Reply> {
        self.restart = 0;
        if self.opener.is_none() {
            return Ok(no_data_connection());
        }
        let (name, file) = match self.unique_file() {
            Ok(made) => made,
            Err(error) => return Ok(refusal(553, &error)),
        };
        // RFC 1123 §4.1.2.9 gives this reply its form.
        let mark = Reply::new(150, format!("FILE: {name}"));
        let wire = match self.open_data(mark, Carries::Upload).await? {
            Ok(wire) => wire,
            Err(refused) => return Ok(refused),
        };
        let done = format!("Transfer complete (unique file name: {name}).");
        self.take_upload(wire, file, &done).await
    }

    pub(super) async fn list(&mut self, command: &Command) -> io::Result<Reply> {
        let (flags, argument) = ls_arguments(&command.argument);
        let recursive = flags.contains(&b'R');
        let listing = self.real(argument).and_then(|real| {
            if real.is_dir() {
                return list::long(&real, recursive);
            }
            let mut line = Entry::new(&real, argument.to_vec())?.ls_line(clock::now());
            line.extend_from_slice(b"\r\n");
            Ok(line)
        });
        self.send_listing(listing, argument).await
    }

    pub(super) async fn nlst(&mut self, command: &Command) -> io::Result<Reply> {
        let (_, argument) = ls_arguments(&command.argument);
        let listing = self.real(argument).and_then(|real| {
            if !real.is_dir() {
                return Ok([argument, b"\r\n"].concat());
            }
            // RFC 1123 §4.1.2.7: each name can be given back to the server as it is.
            let mut prefix = argument.to_vec();
            if !matches!(prefix.last(), None | Some(b'/')) {
                prefix.push(b'/');
            }
            let mut text = Vec::new();
            for name in list::names(&real)? {
                text.extend_from_slice(&prefix);
                text.extend(on_the_wire(&name));
                text.extend_from_slice(b"\r\n");
            }
            Ok(text)
        });
        self.send_listing(listing, argument).await
    }

    pub(super) async fn mlsd(&mut self, command: &Command) -> io::Result<Reply> {
        let path = self.directory.join(&command.argument);
        let real = match self.shared.root.follow(&path) {
            // RFC 3659 §7.2.1: MLSD of a file is an error in the argument.
            Ok(real) if !real.is_dir() => return Ok(Reply::new(501, "Not a directory, use MLST.")),
            other => other,
        };
        let listing = real.and_then(|real| self.facts_of(&real, &path));
        self.send_listing(listing, &command.argument).await
    }

    /// The listing `MLSD` sends: the directory itself, its parent, everything in it.
    fn facts_of(&self, real: &Path, path: &VirtualPath) -> io::Result<Vec<u8>> {
        let itself = Entry::new(real, b".".to_vec())?;
        let mut lines = vec![itself.typed_line("cdir", self.facts)];
        if !path.is_root() {
            let parent = self.shared.root.follow(&path.parent())?;
            lines.push(Entry::new(&parent, b"..".to_vec())?.typed_line("pdir", self.facts));
        }
        lines.extend(list::entries(real)?.map(|entry| entry.facts_line(self.facts)));
        lines.push(Vec::new());
        Ok(lines.join(b"\r\n".as_slice()))
    }

    fn real(&self, argument: &[u8]) -> io::Result<PathBuf> {
        self.shared.root.follow(&self.directory.join(argument))
    }

    async fn send_listing(
        &mut self,
        listing: io::Result<Vec<u8>>,
        name: &[u8],
    ) -> io::Result<Reply> {
        self.restart = 0;
        if self.opener.is_none() {
            return Ok(no_data_connection());
        }
        let listing = match listing {
            Ok(listing) => listing,
            Err(error) => return Ok(refusal(550, &error)),
        };
        let name = if name.is_empty() {
            b"the listing"
        } else {
            name
        };
        let mark = self.opening(name, None);
        let mut wire = match self.open_data(mark, Carries::Download).await? {
            Ok(wire) => wire,
            Err(refused) => return Ok(refused),
        };
        let work = stream::send_bytes(&mut wire, &listing);
        let outcome = self.control.during(work).await;
        self.conclude(wire, outcome, "Directory sent.").await
    }

    async fn store(&mut self, argument: &[u8], placement: Placement) -> io::Result<Reply> {
        if self.opener.is_none() {
            return Ok(no_data_connection());
        }
        let target = match self.shared.root.target(&self.directory.join(argument)) {
            Ok(target) => target,
            Err(error) => return Ok(refusal(553, &error)),
        };
        let file = match placement.open(&target) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(past_the_end()),
            Err(error) => return Ok(refusal(553, &error)),
        };
        let mark = self.opening(argument, None);
        let wire = match self.open_data(mark, Carries::Upload).await? {
            Ok(wire) => wire,
            Err(refused) => return Ok(refused),
        };
        // Not before now, so that a transfer that never begins costs nobody the old content.
        if placement == Placement::Replace
            && let Err(error) = file.set_len(0)
        {
            return Ok(refusal(553, &error));
        }
        self.take_upload(wire, file, "Transfer complete.").await
    }

    async fn take_upload(&mut self, mut wire: Wire, file: File, done: &str) -> io::Result<Reply> {
        let stored = &self.shared.stored;
        let work = stream::receive(&mut wire, file, self.ascii, &self.options, stored);
        let outcome = self.control.during(work).await;
        self.conclude(wire, outcome, done).await
    }

    /// A new file in the current directory, under a name nobody has.
    fn unique_file(&self) -> io::Result<(String, File)> {
        let directory = self.shared.root.follow(&self.directory)?;
        for number in 1_u32.. {
            let name = format!("wharf.{number:06}");
            match File::create_new(directory.join(&name)) {
                Ok(file) => return Ok((name, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// The data connection that was agreed on, announced by `mark` and secured if it is to be, or
    /// the reply to send in place of the transfer.
    async fn open_data(
        &mut self,
        mark: Reply,
        carries: Carries,
    ) -> io::Result<Result<Wire, Reply>> {
        let opening = mem::take(&mut self.opener).open(self.peer, self.options.data_wait);
        let tcp = match self.control.during(opening).await {
            Outcome::Done(Ok(tcp)) => tcp,
            Outcome::Done(Err(_)) => return Ok(Err(cannot_open())),
            Outcome::Aborted => return self.aborted().await.map(Err),
            Outcome::Closed => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        let Some(rules) = self.data_rules() else {
            self.control.send(&mark).await?;
            return Ok(Ok(Wire::Clear(tcp)));
        };
        if !rules.handshake_before_mark {
            self.control.send(&mark).await?;
        }
        let limit = self.options.data_wait;
        let securing = self.control.secure_data(tcp, carries, rules.clone());
        let securing = tokio::time::timeout(limit, securing);
        let wire = match self.control.during(securing).await {
            Outcome::Done(Ok(Ok(wire))) => wire,
            Outcome::Done(Ok(Err(_)) | Err(_)) => return Ok(Err(cannot_secure())),
            Outcome::Aborted => return self.aborted().await.map(Err),
            Outcome::Closed => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        if let Some(refused) = rules.reuse.refusal(&wire) {
            return Ok(Err(refused));
        }
        if rules.handshake_before_mark {
            self.control.send(&mark).await?;
        }
        Ok(Ok(wire))
    }

    /// Announces a transfer.
    fn opening(&self, name: &[u8], size: Option<u64>) -> Reply {
        let mode = if self.ascii { "ASCII" } else { "BINARY" };
        let mut text = format!("Opening {mode} mode data connection for ").into_bytes();
        text.extend(on_the_wire(name));
        if let Some(size) = size.filter(|_| !self.ascii) {
            text.extend_from_slice(format!(" ({size} bytes)").as_bytes());
        }
        text.push(b'.');
        Reply::new(150, text)
    }

    /// The final reply to a transfer.
    async fn conclude(
        &mut self,
        wire: Wire,
        outcome: Outcome<Ending>,
        done: &str,
    ) -> io::Result<Reply> {
        let ending = match outcome {
            Outcome::Done(Ending::Complete) => {
                self.security.linger(wire);
                Ending::Complete
            }
            Outcome::Done(ending) => ending,
            Outcome::Aborted => return self.aborted().await,
            Outcome::Closed => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        Ok(match ending {
            Ending::Complete | Ending::Interrupted(Interruption::Truncated) => {
                Reply::new(226, done)
            }
            Ending::Interrupted(Interruption::Vanished) => {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Ending::Interrupted(_) | Ending::Lost => {
                Reply::new(426, "Connection closed; transfer aborted.")
            }
            Ending::File(error) => refusal(451, &error),
            Ending::OverQuota => Reply::new(552, "Exceeded storage allocation."),
        })
    }

    /// Ends a transfer the client wants aborted: the reply to it is sent, that to `ABOR` returned.
    async fn aborted(&mut self) -> io::Result<Reply> {
        self.control
            .send(&Reply::new(426, "Connection closed; transfer aborted."))
            .await?;
        Ok(Reply::new(226, "ABOR successful."))
    }
}

/// Where the bytes of an upload go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placement {
    /// In place of what is there.
    Replace,
    /// Over what is there, from this offset on; the rest stays.
    From(u64),
    /// Behind what is there.
    Append,
}

impl Placement {
    /// Opens the file, or nothing if it ends before the offset.
    fn open(self, path: &Path) -> io::Result<Option<File>> {
        // Opening a pipe would wait for its other end.
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut options = File::options();
        match self {
            Self::Replace => options.write(true).create(true).truncate(false),
            Self::From(_) => options.write(true),
            Self::Append => options.append(true).create(true),
        };
        let mut file = options.open(path)?;
        if let Self::From(offset) = self {
            if offset > file.metadata()?.len() {
                return Ok(None);
            }
            file.seek(SeekFrom::Start(offset))?;
        }
        Ok(Some(file))
    }
}

/// Takes `-al` and the like off the front of an argument. A name that begins with a dash is
/// reached as `./-name`.
fn ls_arguments(argument: &[u8]) -> (Vec<u8>, &[u8]) {
    let (mut flags, mut rest) = (Vec::new(), argument);
    while let Some(word) = rest.strip_prefix(b"-") {
        let end = word
            .iter()
            .position(|&byte| byte == b' ')
            .unwrap_or(word.len());
        flags.extend_from_slice(&word[..end]);
        rest = word.get(end + 1..).unwrap_or_default();
    }
    (flags, rest)
}

fn no_data_connection() -> Reply {
    Reply::new(425, "Use EPSV, PASV, EPRT or PORT first.")
}

fn cannot_open() -> Reply {
    Reply::new(425, "Cannot open data connection.")
}

fn cannot_secure() -> Reply {
    Reply::new(425, "Cannot build data connection: TLS handshake failed.")
}

fn past_the_end() -> Reply {
    Reply::new(554, "The restart offset is beyond the end of the file.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_ls_come_off_the_front_only() {
        assert_eq!(
            ls_arguments(b"-al sub"),
            (b"al".to_vec(), b"sub".as_slice())
        );
        assert_eq!(ls_arguments(b"-a -R"), (b"aR".to_vec(), b"".as_slice()));
        assert_eq!(ls_arguments(b"sub -a"), (Vec::new(), b"sub -a".as_slice()));
        assert_eq!(ls_arguments(b"./-a"), (Vec::new(), b"./-a".as_slice()));
    }
}
