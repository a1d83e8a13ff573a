//! The commands about TLS (RFC 4217), and what a session remembers of them.
//!
//! ```text
//!        AUTH TLS             PBSZ 0                PROT P
//! clear ──────────► control ─────────► PROT may be ───────► data too ──┐
//!   ▲               in TLS             said         ◄─────── PROT C ───┘
//!   └───── REIN; CCC, which leaves the protection of data as it is
//! ```

use std::{io, sync::Arc, time::Duration};

use rustls::HandshakeKind;
use tokio::task::JoinSet;

use super::{
    command::Command,
    reply::Reply,
    session::Session,
    tls::{Mode, Required, Reuse, ServerTls},
    wire::{self, Wire},
};

/// What a client said about TLS.
#[derive(Debug, Default)]
pub(super) struct Security {
    /// `PBSZ` was said.
    sized: bool,
    /// `PROT P` is in force.
    private: bool,
    /// What happens to the control connection behind the reply that is due.
    change: Option<Change>,
    /// Data connections that are over, but whose clients may still have to say so.
    lingering: JoinSet<()>,
}

/// A change of the control connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    ToTls,
    ToClear,
}

impl Security {
    /// Keeps a connection whose client may still answer our `close_notify` with its own.
    ///
    /// If it were closed by now that answer would meet a reset, which costs the client whatever
    /// it has not read yet.
    pub(super) fn linger(&mut self, wire: Wire) {
        /// As long as a slow client may take to read what is in its socket.
        const LIMIT: Duration = Duration::from_secs(10);
        while self.lingering.try_join_next().is_some() {}
        if wire.tls().is_some()
            && let Some(mut tcp) = wire.into_tcp()
        {
            self.lingering.spawn(async move {
                // However it goes, the connection is closed.
                let _ = tokio::time::timeout(LIMIT, wire::drain(&mut tcp)).await;
            });
        }
    }
}

impl Session {
    pub(super) fn auth(&mut self, command: &Command) -> Reply {
        if self.control.is_secure() {
            return Reply::new(503, "This connection is in TLS already.");
        }
        let wanted = command.text().to_ascii_uppercase();
        // The older names are of the drafts before RFC 4217. Two of them protect data from the
        // start.
        let private = match wanted.as_str() {
            "TLS" | "TLS-C" => false,
            "SSL" | "TLS-P" => true,
            _ => return Reply::new(504, "No such AUTH type."),
        };
        // RFC 2228 §3: what came before counts for nothing.
        self.start_anew();
        self.security.private = private;
        self.security.change = Some(Change::ToTls);
        Reply::new(234, "Go ahead with TLS.")
    }

    pub(super) fn pbsz(&mut self, command: &Command) -> Reply {
        if !self.control.is_secure() {
            return Reply::new(503, "PBSZ needs TLS.");
        }
        if command.text().parse::<u32>().is_err() {
            return Reply::new(501, "Syntax: PBSZ 0");
        }
        self.security.sized = true;
        Reply::new(200, "PBSZ=0")
    }

    pub(super) fn prot(&mut self, command: &Command) -> Reply {
        if !self.control.is_secure() {
            return Reply::new(503, "PROT needs TLS.");
        }
        if !self.security.sized {
            return Reply::new(503, "PBSZ first.");
        }
        match command.text().to_ascii_uppercase().as_str() {
            "P" => {
                self.security.private = true;
                Reply::new(200, "Data will be in TLS.")
            }
            "C" => {
                self.security.private = false;
                Reply::new(200, "Data will be in clear text.")
            }
            "S" | "E" => Reply::new(536, "TLS has no such protection."),
            _ => Reply::new(504, "No such protection."),
        }
    }

    /// `CDC`: the same as `PROT C`, in one word.
    pub(super) fn cdc(&mut self) -> Reply {
        if !self.control.is_secure() {
            return Reply::new(503, "CDC needs TLS.");
        }
        self.security.private = false;
        Reply::new(200, "Data will be in clear text.")
    }

    pub(super) fn ccc(&mut self) -> Reply {
        if !self.control.is_secure() {
            return Reply::new(533, "CCC needs TLS.");
        }
        if !self.logged_in() {
            return Reply::new(530, "Please log in with USER and PASS.");
        }
        self.security.change = Some(Change::ToClear);
        Reply::new(200, "Commands will be in clear text.")
    }

    /// Has TLS end behind the reply that is due, as RFC 4217 §11 wants it for `REIN`. Where it
    /// is implicit there is no way back into it, and it stays.
    pub(super) fn leave_tls(&mut self) {
        let explicit = self
            .tls
            .as_ref()
            .is_some_and(|tls| tls.mode == Mode::Explicit);
        if explicit && self.control.is_secure() {
            self.security.change = Some(Change::ToClear);
        }
    }

    /// Changes the control connection over, if the reply that was sent said so.
    ///
    /// # Errors
    ///
    /// The change failed, and the connection is of no use any more.
    pub(super) async fn change_over(&mut self) -> io::Result<()> {
        match (self.security.change.take(), self.tls.clone()) {
            (Some(Change::ToTls), Some(rules)) => self.control.secure(rules).await,
            (Some(Change::ToClear), _) => self.control.reveal(self.options.data_wait).await,
            (Some(Change::ToTls), None) | (None, _) => Ok(()),
        }
    }

    /// The refusal of a command that is not to be had in clear text.
    pub(super) fn wants_tls(&self, verb: &str) -> Option<Reply> {
        let required = self.tls.as_ref()?.required;
        let login = matches!(verb, "USER" | "PASS" | "ACCT");
        let transfer = matches!(
            verb,
            "APPE" | "LIST" | "MLSD" | "NLST" | "RETR" | "STOR" | "STOU"
        );
        if login && required != Required::Nothing && !self.control.is_secure() {
            Some(Reply::new(530, "Only in TLS: AUTH TLS first."))
        } else if transfer && required == Required::Data && !self.security.private {
            Some(Reply::new(522, "Data connections must be encrypted."))
        } else {
            None
        }
    }

    /// How TLS is spoken on the next data connection, if it is.
    pub(super) fn data_rules(&self) -> Option<Arc<ServerTls>> {
        self.tls.clone().filter(|_| self.security.private)
    }
}

impl Reuse {
    /// The reply to a transfer whose data connection resumed nothing, unless that is no matter.
    pub(super) fn refusal(self, wire: &Wire) -> Option<Reply> {
        let resumed = wire
            .tls()
            .is_some_and(|tls| tls.handshake_kind() == Some(HandshakeKind::Resumed));
        // The words are the servers' own, for clients have to make out what they mean.
        match self {
            _ if resumed => None,
            Self::Optional => None,
            Self::RequiredAsVsftpd => {
                Some(Reply::new(522, "SSL connection failed: session reuse required").and_close())
            }
            Self::RequiredAsProftpd => Some(Reply::new(
                425,
                "Unable to build data connection: Operation not permitted",
            )),
            Self::RequiredAsFilezilla => Some(Reply::new(
                425,
                "Unable to build data connection: TLS session of data connection not resumed.",
            )),
        }
    }
}
