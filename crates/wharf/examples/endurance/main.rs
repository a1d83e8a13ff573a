//! Hundreds of transfers on each control connection, in random order, and every one of them checked.
//!
//! Servers that want data connections to resume the control connection's TLS session are where clients
//! fail: at the third upload, or at the second connection. This counts what went well, and how many data
//! connections were resumed, and prints it as a line of JSON. It fails if anything did.
//!
//! ```sh
//! cargo run --release -p wharf --example endurance -- ftpes://ship:harbor@localhost:2121 --ca ca.pem \
//!     --downloads 500 --uploads 500 --listings 500 --connections 8 --tls-max 1.2
//! ```
//!
//! With `--root` the uploads are looked at where the server has its files; otherwise they are downloaded
//! again. `benches/endurance` runs it against servers of the lab, beside other clients.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to its reader"
)]

mod voyage;

use std::error::Error;
use std::process::ExitCode;

use voyage::Voyage;
use wharf::tls::{Roots, TlsConfig, TlsVersion, Trust};
use wharf::{Config, FtpUrl};

const USAGE: &str = "usage: endurance URL [--ca FILE] [--tls-max 1.2|1.3] [--root DIR] \
    [--downloads N] [--uploads N] [--listings N] [--connections N] [--seed N]";

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let voyage = from_args(std::env::args().skip(1))?;
    let log = voyage.run().await?;
    for failure in log.failures.iter().take(10) {
        eprintln!("{failure}");
    }
    println!(
        "{}",
        serde_json::json!({
            "downloads": log.downloads,
            "uploads": log.uploads,
            "listings": log.listings,
            "resumed": log.resumed,
            "handshakes": log.handshakes,
            "tls": log.tls,
            "failures": log.failures.len(),
            "seconds": log.elapsed.as_secs_f64(),
        })
    );
    Ok(if log.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn from_args(mut args: impl Iterator<Item = String>) -> Result<Voyage, Box<dyn Error>> {
    let url = FtpUrl::parse(&args.next().ok_or(USAGE)?)?;
    let mut tls = TlsConfig::new();
    let mut voyage = Voyage::new(Config::for_url(&url));
    while let Some(option) = args.next() {
        let value = args.next().ok_or(USAGE)?;
        match option.as_str() {
            "--ca" => tls = tls.trust(Trust::Roots(Roots::from_pem_file(value)?)),
            "--tls-max" => {
                tls = tls.max_version(match value.as_str() {
                    "1.2" => TlsVersion::Tls12,
                    "1.3" => TlsVersion::Tls13,
                    _ => return Err(USAGE.into()),
                });
            }
            "--root" => voyage.root = Some(value.into()),
            "--downloads" => voyage.downloads = value.parse()?,
            "--uploads" => voyage.uploads = value.parse()?,
            "--listings" => voyage.listings = value.parse()?,
            "--connections" => voyage.connections = value.parse()?,
            "--seed" => voyage.seed = value.parse()?,
            _ => return Err(USAGE.into()),
        }
    }
    voyage.config = voyage.config.tls_config(tls);
    Ok(voyage)
}
