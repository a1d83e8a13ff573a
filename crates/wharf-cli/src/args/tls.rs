//! The flags about encryption.

use std::path::PathBuf;

use clap::ValueEnum;

/// How we encrypt, and whom we believe.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Encryption")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct TlsArgs {
    /// How to encrypt where the URL begins with ftp://; without this, TLS is required for a password
    #[arg(long, value_name = "MODE", long_help = TLS_HELP, global = true)]
    pub(crate) tls: Option<Mode>,
    /// Let the password travel unencrypted: alone it is --tls off, with --tls auto it counts where the
    /// server has no TLS
    #[arg(long, global = true)]
    pub(crate) plaintext: bool,
    /// Trust the authorities or servers whose certificates are in this file or directory (PEM), in
    /// place of the system's; may be given several times
    #[arg(long, value_name = "FILE|DIR", global = true)]
    pub(crate) cacert: Vec<PathBuf>,
    /// Show servers that ask for it the client certificate in this file (PEM)
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) cert: Option<PathBuf>,
    /// The private key of --cert, if it is not in the same file (PEM)
    #[arg(long, value_name = "FILE", requires = "cert", global = true)]
    pub(crate) key: Option<PathBuf>,
    /// Believe only a server with one of these public keys: sha256//BASE64[;...] or a file
    #[arg(long, value_name = "HASHES|FILE", long_help = PIN_HELP, global = true)]
    pub(crate) pinnedpubkey: Option<String>,
    /// Trust a server on first use, and later only if it has the same key
    #[arg(long, long_help = TOFU_HELP, conflicts_with_all = ["cacert", "insecure"], global = true)]
    pub(crate) tofu: bool,
    /// Believe any server, so that anybody on the way can read and change everything
    #[arg(short = 'k', long, conflicts_with = "cacert", global = true)]
    pub(crate) insecure: bool,
    /// Expect this name in the certificate, and send it ahead (SNI), in place of the URL's host
    #[arg(long, value_name = "NAME", hide_short_help = true, global = true)]
    pub(crate) tls_name: Option<String>,
    /// The oldest version of TLS to accept; 1.2 if nothing is said
    #[arg(long, value_name = "VERSION", hide_short_help = true, global = true)]
    pub(crate) tls_min: Option<Version>,
    /// The newest version of TLS to offer; 1.3 if nothing is said
    #[arg(long, value_name = "VERSION", hide_short_help = true, global = true)]
    pub(crate) tls_max: Option<Version>,
    /// Append the secrets of TLS to this file, for Wireshark; whoever has it can read the traffic.
    /// Without this flag the file that $SSLKEYLOGFILE names, as with curl
    #[arg(long, value_name = "FILE", hide_short_help = true, global = true)]
    pub(crate) keylog: Option<PathBuf>,
    /// What to make of data that ends without TLS's goodbye, as it does if somebody cuts it short
    #[arg(long, value_name = "POLICY", hide_short_help = true, global = true)]
    pub(crate) close_notify: Option<Ending>,
    /// Let files and listings travel unencrypted, for a firewall that must read them
    #[arg(
        long,
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "prot",
        hide_short_help = true,
        global = true
    )]
    pub(crate) danger_clear_data: Option<ClearData>,
    /// End TLS on the control connection behind the login (CCC), for a firewall that must read it:
    /// whoever is in between can then change commands, and so decide where files go
    #[arg(long, hide_short_help = true, global = true)]
    pub(crate) danger_clear_control: bool,
}

const TLS_HELP: &str = "\
How to encrypt where the URL begins with ftp://; ftps:// is implicit and ftpes:// explicit

Without this flag TLS is required (as with explicit) for a login with a password, and for every \
login if another flag about TLS is given. Other anonymous logins go in clear text.";

const PIN_HELP: &str = "\
Believe only a server with one of these public keys

Either sha256// and the SHA-256 of the key in Base64, several of them separated by semicolons, as \
for curl, or a file with the key or with a certificate that has it (PEM, or the key in DER). The \
certificate must be trusted besides; with --insecure the key alone decides. --verbose shows the key \
of a server in this form.";

const TOFU_HELP: &str = "\
Trust a server on first use, and later only if it has the same key

The fingerprint of a new server's key is shown, and written to wharf/known_keys in $XDG_DATA_HOME \
or ~/.local/share. Names, dates and authorities do not count. A server whose key has changed is \
refused; the message names the line to remove if the change is right.";

/// Whether and how the control connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Begin with AUTH TLS, and end if that is refused
    Explicit,
    /// TLS from the first byte, on port 990 unless the URL names another
    Implicit,
    /// AUTH TLS where the server has it, clear text elsewhere, so that it keeps out listeners only. A
    /// password goes out in TLS alone, unless --plaintext is given too
    Auto,
    /// Everything in clear text, the password too
    Off,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Version {
    #[value(name = "1.2", help = "TLS 1.2")]
    Tls12,
    #[value(name = "1.3", help = "TLS 1.3")]
    Tls13,
}

/// What an end without `close_notify` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ending {
    /// The transfer has failed
    Strict,
    /// It has failed unless the server confirms it and its SIZE is right; the default
    Tolerate,
    /// It is an end like any other, so that a cut file can pass for a whole one
    DangerIgnore,
}

/// How the server is told that data goes in clear text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClearData {
    /// By PROT C, which all servers know
    Prot,
    /// By CDC, for those that refuse PROT C
    Cdc,
}

impl TlsArgs {
    /// A flag that was given and has no meaning without TLS.
    pub(crate) fn about_tls(&self) -> Option<&'static str> {
        [
            ("--cacert", !self.cacert.is_empty()),
            ("--cert", self.cert.is_some()),
            ("--pinnedpubkey", self.pinnedpubkey.is_some()),
            ("--tofu", self.tofu),
            ("--insecure", self.insecure),
            ("--tls-name", self.tls_name.is_some()),
            ("--tls-min", self.tls_min.is_some()),
            ("--tls-max", self.tls_max.is_some()),
            ("--keylog", self.keylog.is_some()),
            ("--close-notify", self.close_notify.is_some()),
            ("--danger-clear-data", self.danger_clear_data.is_some()),
            ("--danger-clear-control", self.danger_clear_control),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }
}
