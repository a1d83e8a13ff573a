//! A client's session: the loop over its commands, the login, and what concerns neither files
//! nor transfers (`tree.rs` and `transfer.rs` have those).

use std::{io, net::IpAddr, path::PathBuf, sync::Arc};

use super::{
    Shared,
    command::{COMMANDS, Command, NOT_IMPLEMENTED, TLS},
    control::{Control, Incoming},
    data::Opener,
    files::VirtualPath,
    is_anonymous,
    list::Facts,
    options::Options,
    reply::Reply,
    security::Security,
    tls::ServerTls,
};

/// Everything that is remembered between two commands.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) control: Control,
    /// The options as they were when the current command arrived.
    pub(super) options: Arc<Options>,
    /// How TLS is spoken, if it is, likewise.
    pub(super) tls: Option<Arc<ServerTls>>,
    pub(super) security: Security,
    pub(super) peer: IpAddr,
    pub(super) local: IpAddr,
    pub(super) directory: VirtualPath,
    /// `TYPE A`, which RFC 959 makes the default.
    pub(super) ascii: bool,
    /// Where the next transfer begins, by `REST`.
    pub(super) restart: u64,
    /// What `RNFR` named; only the very next command can use it.
    pub(super) rename_from: Option<PathBuf>,
    /// How the next data connection comes about.
    pub(super) opener: Opener,
    /// `EPSV ALL` was said: no other way of opening data connections is taken from now on.
    pub(super) only_epsv: bool,
    /// The facts of `MLSD`.
    pub(super) facts: Facts,
    login: Login,
    /// Commands so far.
    commands: u64,
}

/// How far a client has come with its login.
#[derive(Debug)]
enum Login {
    Nobody,
    /// `USER` was said; its `PASS` is wanted.
    Named(String),
    /// The password was right; `ACCT` is wanted.
    WantsAccount,
    Done,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>, control: Control, peer: IpAddr, local: IpAddr) -> Self {
        Self {
            options: shared.options(),
            tls: shared.tls(),
            security: Security::default(),
            shared,
            control,
            peer,
            local,
            directory: VirtualPath::default(),
            ascii: true,
            restart: 0,
            rename_from: None,
            opener: Opener::None,
            only_epsv: false,
            facts: Facts::ALL,
            login: Login::Nobody,
            commands: 0,
        }
    }

    /// Greets the client and serves it until one of the two has enough.
    pub(super) async fn run(mut self) -> io::Result<()> {
        self.control
            .send(&Reply::text(220, &self.options.greeting))
            .await?;
        loop {
            let reply = match self.next().await {
                Some(Incoming::Line(line)) => {
                    self.options = self.shared.options();
                    self.tls = self.shared.tls();
                    self.answer(&Command::parse(&line)).await?
                }
                Some(Incoming::TooLong) => Reply::new(500, "Line too long."),
                Some(Incoming::Closed) => return Ok(()),
                None => Reply::new(421, "Timeout."),
            };
            self.control.send(&reply).await?;
            if reply.closes() {
                return self.control.close().await;
            }
            self.change_over().await?;
        }
    }

    /// The next thing the client sends, or nothing if it takes too long over it.
    async fn next(&mut self) -> Option<Incoming> {
        match self.shared.options().idle {
            Some(limit) => tokio::time::timeout(limit, self.control.next()).await.ok(),
            None => Some(self.control.next().await),
        }
    }

    /// Carries a command out. Its final reply is returned; marks before that are sent from here.
    async fn answer(&mut self, command: &Command) -> io::Result<Reply> {
        self.commands += 1;
        if self
            .options
            .goodbye_after
            .is_some_and(|limit| self.commands > limit)
        {
            return Ok(Reply::new(
                421,
                "Service not available, closing control connection.",
            ));
        }
        let rename_from = self.rename_from.take();
        let verb = command.verb.as_str();
        if let Some(reply) = self.options.answer(verb) {
            return Ok(Reply::verbatim(reply));
        }
        let Some(spec) = command.spec().filter(|_| !self.lacks(verb)) else {
            return Ok(self.unknown(verb));
        };
        if !spec.open && !self.logged_in() {
            return Ok(Reply::new(530, "Please log in with USER and PASS."));
        }
        if let Some(reply) = self.wants_tls(verb) {
            return Ok(reply);
        }
        if spec.needs_argument() && command.argument.is_empty() {
            return Ok(Reply::new(501, format!("Syntax: {verb} {}", spec.usage)));
        }
        if spec.writes && self.options.read_only {
            return Ok(Reply::new(
                550,
                "Permission denied: this server is read-only.",
            ));
        }
        Ok(match verb {
            "ABOR" => self.abor(),
            "ACCT" => self.acct(command),
            "ALLO" => Reply::new(202, "No storage allocation necessary."),
            "APPE" => return self.appe(command).await,
            "AUTH" => self.auth(command),
            "CCC" => self.ccc(),
            "CDC" => self.cdc(),
            "CDUP" => self.cdup(),
            "CLNT" => Reply::new(200, "Noted."),
            "CWD" => self.cwd(command),
            "DELE" => self.dele(command),
            "EPRT" => self.eprt(command),
            "EPSV" => self.epsv(command).await,
            "FEAT" => self.feat(),
            "HELP" => self.help(command),
            "HOST" => self.host(),
            "LANG" => lang(command),
            "LIST" => return self.list(command).await,
            "MDTM" => self.mdtm(command),
            "MFMT" => self.mfmt(command),
            "MKD" => self.mkd(command),
            "MLSD" => return self.mlsd(command).await,
            "MLST" => self.mlst(command),
            "MODE" => only("S", command),
            "NLST" => return self.nlst(command).await,
            "NOOP" => Reply::new(200, "NOOP ok."),
            "OPTS" => self.opts(command),
            "PASS" => self.pass(command),
            "PASV" => self.pasv().await,
            "PBSZ" => self.pbsz(command),
            "PORT" => self.port(command),
            "PROT" => self.prot(command),
            "PWD" => self.pwd(),
            "QUIT" => Reply::new(221, "Goodbye."),
            "REIN" => self.rein(),
            "REST" => self.rest(command),
            "RETR" => return self.retr(command).await,
            "RMD" => self.rmd(command),
            "RNFR" => self.rnfr(command),
            "RNTO" => self.rnto(rename_from, command),
            "SITE" => self.site(command),
            "SIZE" => self.size(command),
            "STAT" => self.stat(command),
            "STOR" => return self.stor(command).await,
            "STOU" => return self.stou().await,
            "STRU" => only("F", command),
            "SYST" => Reply::new(215, "UNIX Type: L8"),
            "TYPE" => self.set_type(command),
            "USER" => self.user(command),
            _ => Reply::new(502, format!("{verb} not implemented.")),
        })
    }

    /// Whether the server does without this verb.
    fn lacks(&self, verb: &str) -> bool {
        self.options.lacks(verb) || self.tls.is_none() && TLS.contains(&verb)
    }

    /// The reply to a verb that is not carried out.
    fn unknown(&self, verb: &str) -> Reply {
        if verb.is_empty() || !verb.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            // Not even a word. It is not repeated: it may be a password gone astray.
            Reply::new(500, "Command not understood.")
        } else if (NOT_IMPLEMENTED.contains(&verb) || TLS.contains(&verb))
            && !self.options.lacks(verb)
        {
            Reply::new(502, format!("{verb} not implemented."))
        } else {
            Reply::new(500, format!("{verb} not understood."))
        }
    }

    pub(super) fn logged_in(&self) -> bool {
        matches!(self.login, Login::Done)
    }

    fn user(&mut self, command: &Command) -> Reply {
        let name = command.text();
        let reply = if self.shared.anonymous && is_anonymous(&name) {
            Reply::new(
                331,
                "Anonymous login ok, send your e-mail address as password.",
            )
        } else {
            Reply::new(331, "Password required.")
        };
        self.login = Login::Named(name);
        reply
    }

    fn pass(&mut self, command: &Command) -> Reply {
        let Login::Named(user) = &self.login else {
            return Reply::new(503, "Log in with USER first.");
        };
        // As it came: a password may begin or end with a blank.
        if !self
            .shared
            .admits(user, &String::from_utf8_lossy(&command.argument))
        {
            self.login = Login::Nobody;
            return Reply::new(530, "Login incorrect.");
        }
        if self.options.account.is_some() {
            self.login = Login::WantsAccount;
            return Reply::new(332, "Account required.");
        }
        self.login = Login::Done;
        Reply::new(230, "Logged in.")
    }

    fn acct(&mut self, command: &Command) -> Reply {
        match self.login {
            Login::WantsAccount => {}
            Login::Done => return Reply::new(202, "No account necessary."),
            Login::Nobody | Login::Named(_) => {
                return Reply::new(503, "Log in with USER and PASS first.");
            }
        }
        if self
            .options
            .account
            .as_ref()
            .is_none_or(|account| *account == command.text())
        {
            self.login = Login::Done;
            Reply::new(230, "Logged in.")
        } else {
            self.login = Login::Nobody;
            Reply::new(530, "Login incorrect.")
        }
    }

    fn rein(&mut self) -> Reply {
        self.start_anew();
        self.leave_tls();
        Reply::new(220, "Ready for a new user.")
    }

    /// Forgets all that a client said, its login included.
    pub(super) fn start_anew(&mut self) {
        self.login = Login::Nobody;
        self.directory = VirtualPath::default();
        self.ascii = true;
        self.restart = 0;
        self.opener = Opener::None;
        self.only_epsv = false;
        self.facts = Facts::ALL;
        self.security = Security::default();
    }

    /// Nothing is running, or `ABOR` would not have come this far; what was prepared goes.
    fn abor(&mut self) -> Reply {
        self.opener = Opener::None;
        Reply::new(226, "No transfer to abort.")
    }

    fn host(&self) -> Reply {
        // RFC 7151 §3.1: the host is chosen before the user.
        match self.login {
            Login::Nobody => Reply::new(220, "Host accepted."),
            _ => Reply::new(503, "HOST must come before USER."),
        }
    }

    fn set_type(&mut self, command: &Command) -> Reply {
        let wanted = command.text().to_ascii_uppercase();
        let words: Vec<_> = wanted.split_whitespace().collect();
        match words.as_slice() {
            ["A"] | ["A", "N"] => {
                self.ascii = true;
                // RFC 3659 §5.1: an offset counts bytes, and has no meaning in text.
                self.restart = 0;
                Reply::new(200, "Type set to A.")
            }
            ["I"] | ["L", "8"] => {
                self.ascii = false;
                Reply::new(200, "Type set to I.")
            }
            ["A" | "E" | "L", ..] => Reply::new(504, "Only A N, I and L 8."),
            _ => Reply::new(501, "No such type."),
        }
    }

    fn feat(&self) -> Reply {
        let mlst = format!("MLST {}", self.facts.offered());
        let features = [
            ("AUTH", "AUTH TLS"),
            ("CCC", "CCC"),
            ("CLNT", "CLNT"),
            ("EPRT", "EPRT"),
            ("EPSV", "EPSV"),
            ("HOST", "HOST"),
            ("LANG", "LANG en*"),
            ("MDTM", "MDTM"),
            ("MFMT", "MFMT"),
            ("MLST", mlst.as_str()),
            ("PASV", "PASV"),
            ("PBSZ", "PBSZ"),
            ("PROT", "PROT"),
            ("REST", "REST STREAM"),
            ("SIZE", "SIZE"),
            ("TVFS", "TVFS"),
            ("UTF8", "UTF8"),
        ];
        let offered = features.into_iter().filter(|&(verb, _)| {
            // RFC 3659 §7.8: one line stands for MLST and MLSD together.
            !(self.lacks(verb) || verb == "MLST" && self.lacks("MLSD"))
        });
        Reply::block(
            211,
            "Features:",
            offered.map(|(_, line)| format!(" {line}").into_bytes()),
            "End",
        )
    }

    fn opts(&mut self, command: &Command) -> Reply {
        let text = command.text();
        let (verb, value) = text.split_once(' ').unwrap_or((&text, ""));
        let verb = verb.to_ascii_uppercase();
        match (verb.as_str(), value.to_ascii_uppercase().as_str()) {
            (known, _) if self.options.lacks(known) => {
                Reply::new(501, format!("No options for {known}."))
            }
            ("UTF8", "" | "ON") => Reply::new(200, "Names are bytes, UTF-8 included."),
            ("UTF8", "OFF") => Reply::new(504, "Names are not converted."),
            ("MLST", _) => {
                self.facts = Facts::parse(value);
                let chosen = self.facts.chosen();
                Reply::new(200, format!("MLST OPTS {chosen}").trim_end())
            }
            (other, _) => Reply::new(501, format!("No such options for {other}.")),
        }
    }

    /// The status of the session, for `STAT` without a path.
    pub(super) fn status(&self) -> Reply {
        let user = match &self.login {
            Login::Done => "Logged in",
            _ => "Not logged in",
        };
        let lines = [
            format!(" Connected to {}", self.peer),
            format!(" {user}"),
            format!(
                " TYPE {}, STRU F, MODE S",
                if self.ascii { "A" } else { "I" }
            ),
        ];
        Reply::block(
            211,
            "wharf test server status:",
            lines.map(String::into_bytes),
            "End of status",
        )
    }

    fn help(&self, command: &Command) -> Reply {
        let wanted = command.text().to_ascii_uppercase();
        let carried_out = || {
            let without_tls = self.tls.is_none();
            COMMANDS
                .iter()
                .filter(move |spec| !(without_tls && TLS.contains(&spec.verb)))
        };
        if wanted.is_empty() {
            let verbs: Vec<_> = carried_out().map(|spec| spec.verb).collect();
            let lines = verbs
                .chunks(8)
                .map(|row| format!(" {}", row.join(" ")).into_bytes());
            return Reply::block(214, "These commands are carried out:", lines, "End");
        }
        match carried_out().find(|spec| spec.verb == wanted) {
            Some(spec) => Reply::new(
                214,
                format!("Syntax: {} {}", spec.verb, spec.usage).trim_end(),
            ),
            None => Reply::new(502, format!("No help on {wanted}.")),
        }
    }
}

fn lang(command: &Command) -> Reply {
    match command.text().to_ascii_lowercase().split('-').next() {
        Some("" | "en") => Reply::new(200, "English it is."),
        _ => Reply::new(504, "English only."),
    }
}

/// Answers `MODE` and `STRU`, which have one value each that is served.
fn only(value: &str, command: &Command) -> Reply {
    let verb = &command.verb;
    if command.text().eq_ignore_ascii_case(value) {
        Reply::new(200, format!("{verb} set to {value}."))
    } else if command.text().len() == 1 {
        Reply::new(504, format!("Only {verb} {value}."))
    } else {
        Reply::new(501, format!("Syntax: {verb} {value}"))
    }
}
