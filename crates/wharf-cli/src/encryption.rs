//! How TLS is spoken and who is believed: from flags and files to what the library wants.

use std::collections::HashSet;
use std::env;
use std::fs;
use std::path::PathBuf;

use wharf::Error;
use wharf::text::escaped_str;
use wharf::tls::{
    CloseNotify, DataProtection, Identity, KnownKeys, Pin, Roots, TlsConfig, TlsVersion, Trust,
};

use crate::args::{ClearData, Ending, TlsArgs, Version};
use crate::credentials::{Account, authority};
use crate::failure::{Expected, Failure, Next};
use crate::local;

/// What all encrypted connections have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct Encryption {
    pub(crate) config: TlsConfig,
    /// With `--tofu`, the servers that were met before.
    known: Option<KnownKeys>,
}

/// The servers that were known at some moment, each a line of the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Known(HashSet<String>);

impl Encryption {
    /// Reads the files that the flags name.
    pub(crate) fn read(args: &TlsArgs) -> Result<Self, Failure> {
        if args.tls_min > args.tls_max.or(Some(Version::Tls13)) {
            return Err(Failure::usage("--tls-min is newer than --tls-max"));
        }
        let known = if args.tofu {
            Some(usable(KnownKeys::open(known_keys()?))?)
        } else {
            None
        };
        let trust = match (&known, args.insecure) {
            (Some(known), _) => Trust::FirstUse(known.clone()),
            (None, true) => Trust::DangerAnything,
            (None, false) => roots(&args.cacert)?.map_or(Trust::Platform, Trust::Roots),
        };
        let mut config = TlsConfig::new().trust(trust);
        if let Some(pins) = &args.pinnedpubkey {
            config = config.pins(read_pins(pins)?);
        }
        if let Some(cert) = &args.cert {
            let key = args.key.as_ref().unwrap_or(cert);
            config = config.identity(usable(Identity::from_pem_files(cert, key))?);
        }
        if let Some(name) = &args.tls_name {
            config = config.server_name(name);
        }
        if let Some(version) = args.tls_min {
            config = config.min_version(version.into());
        }
        if let Some(version) = args.tls_max {
            config = config.max_version(version.into());
        }
        if let Some(path) = args.keylog.clone().or_else(key_log_of_environment) {
            config = config.key_log(path);
        }
        if let Some(ending) = args.close_notify {
            config = config.close_notify(ending.into());
        }
        if let Some(how) = args.danger_clear_data {
            config = config.data_protection(how.into());
        }
        if args.danger_clear_control {
            config = config.danger_clear_command_channel();
        }
        Ok(Self { config, known })
    }

    /// Who is known now, with `--tofu`.
    pub(crate) fn known(&self) -> Option<Known> {
        // A file that is not there or cannot be read is a matter for the library.
        let text = fs::read_to_string(self.known.as_ref()?.path()).unwrap_or_default();
        Some(Known(text.lines().map(str::to_owned).collect()))
    }

    /// What to tell of a server that was met for the first time since `before`.
    pub(crate) fn first_meeting(&self, account: &Account, before: &Known) -> Option<String> {
        let now = self.known()?;
        // Another wharf may have met another server meanwhile. A final dot is no part of a name there.
        let host = account.host.strip_suffix('.').unwrap_or(&account.host);
        let server = authority(host, account.port);
        let mut lines = now.0.difference(&before.0);
        let key = lines.find_map(|line| line.strip_prefix(&server)?.strip_prefix(" sha256:"))?;
        // As a pin, for that is how --verbose and the messages of the library show a key too.
        Some(format!(
            "{} is met for the first time, and trusted from now on by its key, sha256//{key}: does its \
             owner confirm that? It is written down in {}",
            escaped_str(&server),
            local::shown(self.known.as_ref()?.path())
        ))
    }
}

impl From<Version> for TlsVersion {
    fn from(version: Version) -> Self {
        match version {
            Version::Tls12 => Self::Tls12,
            Version::Tls13 => Self::Tls13,
        }
    }
}

impl From<Ending> for CloseNotify {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Strict => Self::Strict,
            Ending::Tolerate => Self::TolerateIfProven,
            Ending::DangerIgnore => Self::DangerIgnore,
        }
    }
}

impl From<ClearData> for DataProtection {
    fn from(how: ClearData) -> Self {
        match how {
            ClearData::Prot => Self::DangerClearByProt,
            ClearData::Cdc => Self::DangerClearByCdc,
        }
    }
}

/// The certificates in these files and directories, if any are named.
fn roots(paths: &[PathBuf]) -> Result<Option<Roots>, Failure> {
    let mut all: Option<Roots> = None;
    for path in paths {
        let roots = usable(if path.is_dir() {
            Roots::from_dir(path)
        } else {
            Roots::from_pem_file(path)
        })?;
        all = Some(match all {
            Some(others) => others.with(roots),
            None => roots,
        });
    }
    Ok(all)
}

/// Hashes are told from a file as curl does it.
fn read_pins(text: &str) -> Result<Vec<Pin>, Failure> {
    if text.starts_with("sha256//") {
        return usable(Pin::parse(text));
    }
    let pin = usable(Pin::from_public_key_file(text)).map_err(|failure| {
        // Other spellings of a fingerprint are taken for the name of a file.
        failure.advise(
            "--pinnedpubkey takes a file with a key, or sha256// and the key's hash in Base64, as \
             --verbose shows it",
        )
    })?;
    Ok(vec![pin])
}

/// Where `--tofu` keeps the servers it has met (XDG Base Directory Specification, which has relative
/// paths ignored).
fn known_keys() -> Result<PathBuf, Failure> {
    let named = env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let at_home = || env::home_dir().map(|home| home.join(".local/share"));
    match named.or_else(at_home) {
        Some(data) => Ok(data.join("wharf/known_keys")),
        None => Err(Failure::usage(
            "--tofu: there is no home directory to keep the servers' keys in",
        )),
    }
}

fn key_log_of_environment() -> Option<PathBuf> {
    env::var_os("SSLKEYLOGFILE")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

/// What a file that a flag names is good for, or what is wrong with it.
fn usable<T>(read: Result<T, Error>) -> Result<T, Failure> {
    read.map_err(|error| Failure::remote(&error, Expected::File).then(Next::Stop))
}
