//! libunftp as a server of the lab.
//!
//! ```text
//! wharf-lab-libunftp ADDRESS ROOT LOW-HIGH IDLE-SECONDS [CERTIFICATE KEY]
//! ```
//!
//! With a certificate it offers explicit TLS. Active mode, TLS 1.3, both kinds of resumption and
//! `SITE MD5` are off in the library by default and on here, for tests want all that there is.

use std::{env, error::Error, fmt, ops::RangeInclusive, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use libunftp::{
    ServerBuilder,
    options::{ActivePassiveMode, SiteMd5, TlsFlags},
};
use unftp_core::auth::{AuthenticationError, Authenticator, Credentials, Principal};
use unftp_sbe_fs::Filesystem;

const USAGE: &str =
    "usage: wharf-lab-libunftp ADDRESS ROOT LOW-HIGH IDLE-SECONDS [CERTIFICATE KEY]";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Order {
        address,
        root,
        passive,
        idle,
        tls,
    } = Order::from_args().ok_or(USAGE)?;
    // Once here, so that a wrong path is an error now and not a panic at the first login.
    Filesystem::new(&root)?;
    let storage = move || Filesystem::new(&root).expect("the root was opened at the start");
    let mut server = ServerBuilder::new(Box::new(storage))
        .authenticator(Arc::new(LabAccounts))
        .greeting("libunftp 0.24.0 (wharf lab)")
        .active_passive_mode(ActivePassiveMode::ActiveAndPassive)
        .passive_ports(passive)
        .idle_session_timeout(idle)
        .sitemd5(SiteMd5::All);
    if let Some((certificate, key)) = tls {
        server = server.ftps(certificate, key).ftps_tls_flags(
            TlsFlags::LATEST_VERSIONS | TlsFlags::RESUMPTION_SESS_ID | TlsFlags::RESUMPTION_TICKETS,
        );
    }
    server.build()?.listen(address).await?;
    Ok(())
}

struct Order {
    address: String,
    root: PathBuf,
    passive: RangeInclusive<u16>,
    idle: u64,
    tls: Option<(PathBuf, PathBuf)>,
}

impl Order {
    fn from_args() -> Option<Self> {
        let mut args = env::args().skip(1);
        let (address, root, range, idle) = (args.next()?, args.next()?, args.next()?, args.next()?);
        let (low, high) = range.split_once('-')?;
        Some(Self {
            address,
            root: root.into(),
            passive: low.parse().ok()?..=high.parse().ok()?,
            idle: idle.parse().ok()?,
            tls: args
                .next()
                .map(PathBuf::from)
                .zip(args.next().map(PathBuf::from)),
        })
    }
}

/// The accounts that every server of the lab knows.
struct LabAccounts;

impl fmt::Debug for LabAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LabAccounts")
    }
}

#[async_trait]
impl Authenticator for LabAccounts {
    async fn authenticate(
        &self,
        username: &str,
        credentials: &Credentials,
    ) -> Result<Principal, AuthenticationError> {
        match (username, credentials.password.as_deref()) {
            ("anonymous" | "ftp", _) | ("ship", Some("harbor")) => Ok(Principal {
                username: username.to_owned(),
            }),
            ("ship", _) => Err(AuthenticationError::BadPassword),
            _ => Err(AuthenticationError::BadUser),
        }
    }
}
