//! The main job, end to end, against a server that this program starts itself: commands queued ahead, a
//! download with a progress bar, an upload, a listing, hashes compared, and the whole conversation.
//!
//! ```sh
//! cargo run --release --example tour
//! ```

#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::error::Error;
use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::{Client, Config, Parsed, RetrieveOptions, Tls};
use wharf_testing::server::Server;

const MIB: usize = 1024 * 1024;
const SIZE: usize = 256 * MIB;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::builder().user("ship", "harbor").start().await?;
    std::fs::write(server.root().join("cargo.bin"), cargo())?;
    println!(
        "An FTP server serves {} at {}\n",
        server.root().display(),
        server.url()
    );

    let client = Config::new("127.0.0.1")
        .port(server.addr().port())
        .login("ship", "harbor")
        .tls(Tls::Off) // the password travels in clear text, but only to this machine
        .connect()
        .await?;

    // Queued at once, in this order; awaited when it suits us.
    let made = client.make_directory("incoming");
    let entered = client.cwd("incoming");
    let here = client.get_directory();
    let size = client.size("/cargo.bin");
    made.await?;
    entered.await?;
    println!("working directory: {}", here.await?);

    let received = download(&client, "/cargo.bin", size.await?).await?;
    let sent = upload(&client, "copy.bin").await?;

    println!("\nlisting of the working directory:");
    let mut listing = client.list("").await?;
    while let Some(item) = listing.next_entry().await {
        match item? {
            Parsed::Entry(entry) => {
                println!(
                    "  {:>10}  {}",
                    entry.size().unwrap_or_default(),
                    entry.name_lossy()
                );
            }
            Parsed::Unknown(line) => println!("  ?  {}", wharf::text::escaped(&line)),
        }
    }
    let stored = Sha256::digest(std::fs::read(server.root().join("incoming/copy.bin"))?);
    client.quit().await?;

    println!("\nSHA-256 received {}", hex(&received));
    println!("SHA-256 sent     {}", hex(&sent));
    println!("SHA-256 stored   {}", hex(&stored));
    println!("\nwhat went over the wire:\n{}", server.transcript());
    if received != sent || sent != stored.as_slice() {
        return Err("the hashes differ".into());
    }
    println!("\nall three hashes are equal");
    Ok(())
}

/// A file's worth of bytes that do not compress and do not repeat within a page.
fn cargo() -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::with_capacity(SIZE);
    while bytes.len() < SIZE {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes
}

async fn download(client: &Client, path: &str, size: u64) -> Result<Vec<u8>, Box<dyn Error>> {
    let bar = bar("download", size)?;
    let options = RetrieveOptions::default().expected_size(size);
    let mut download = client.retrieve_file_with(path, options).await?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let started = Instant::now();
    loop {
        // Zero bytes mean that the server has confirmed the whole file.
        let n = download.read(&mut buffer).await?;
        if n == 0 {
            break;
        }
        hash.update(&buffer[..n]);
        bar.inc(n as u64);
    }
    bar.finish_and_clear();
    report("downloaded and hashed", size, started);
    Ok(hash.finalize().to_vec())
}

async fn upload(client: &Client, path: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let cargo = cargo();
    let bar = bar("upload", cargo.len() as u64)?;
    let mut upload = client.store_file(path).await?;
    let started = Instant::now();
    for chunk in cargo.chunks(256 * 1024) {
        upload.write_all(chunk).await?;
        bar.inc(chunk.len() as u64);
    }
    upload.finish().await?;
    bar.finish_and_clear();
    report("uploaded", cargo.len() as u64, started);
    Ok(Sha256::digest(&cargo).to_vec())
}

/// A bar on a terminal, silence elsewhere.
fn bar(what: &'static str, size: u64) -> Result<ProgressBar, Box<dyn Error>> {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template(
        "{prefix} {wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}",
    )?;
    Ok(ProgressBar::with_draw_target(Some(size), target)
        .with_style(style)
        .with_prefix(what))
}

fn report(what: &str, bytes: u64, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = bytes as f64 / MIB as f64 / seconds;
    println!("{what} {bytes} bytes in {seconds:.2} s, {rate:.0} MiB/s");
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
