//! The same client for code that is not asynchronous.
//!
//! One background thread runs the connection's driver; the caller's thread waits. So commands that were
//! queued go out, replies are read and idle connections kept alive between calls too. Data is read and
//! written by the caller's own thread, into the caller's own buffers.
//!
//! [`Client`] here wraps [`crate::Client`] and borrows its methods through [`Client::wait`], so there is
//! one client and one set of names:
//!
//! ```
//! use std::io::{Read, Write};
//! use wharf::blocking::Client;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = wharf_testing::server::Server::builder().blocking_start()?;
//! # let url = server.url();
//! let client = Client::connect(&url)?;
//! client.wait(|c| c.make_directory("incoming"))?;
//!
//! let mut upload = client.store_file("incoming/report.txt")?;
//! upload.write_all(b"all is well\n")?;
//! upload.finish()?;
//!
//! let mut text = String::new();
//! client.retrieve_file("incoming/report.txt")?.read_to_string(&mut text)?;
//! assert_eq!(text, "all is well\n");
//! client.quit()?;
//! # Ok(()) }
//! ```
//!
//! # Panics
//!
//! All that waits panics inside an asynchronous runtime, which it would block.

use std::future::Future;
use std::io::{self, Read, Write};
use std::sync::mpsc;
use std::thread;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Handle};
use wharf_proto::error::{Error, ErrorKind};
use wharf_proto::listing::{Dialect, Entry, Parsed, ServerZone};
use wharf_proto::op::{Completion, ListCommand};
use wharf_proto::path::RemotePath;
use wharf_proto::reply::Reply;

use crate::config::Config;
use crate::options::{ListOptions, RetrieveOptions, StoreOptions};
use crate::tls::Negotiated;
use crate::url::FtpUrl;

/// A handle to one FTP session for blocking code. Clones share the session, and may be used from any
/// thread.
#[derive(Debug, Clone)]
pub struct Client {
    client: crate::Client,
    runtime: Handle,
}

impl Client {
    /// Connects to the server of a URL and logs in.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::connect`].
    pub fn connect(url: &str) -> Result<Self, Error> {
        Self::from_config(&Config::for_url(&FtpUrl::parse(url)?))
    }

    /// Connects and logs in as a configuration says.
    ///
    /// # Errors
    ///
    /// As of [`Config::connect`], and [`ErrorKind::Io`] if no thread can be started.
    pub fn from_config(config: &Config) -> Result<Self, Error> {
        let config = config.clone();
        let (sender, receiver) = mpsc::channel();
        thread::Builder::new()
            .name("wharf".to_owned())
            .spawn(move || run(&config, &sender))
            .map_err(|error| unstarted().with_source(error))?;
        receiver.recv().map_err(|_| unstarted())?
    }

    /// Calls a method of the asynchronous client and waits for its result:
    /// `client.wait(|c| c.size("a"))`.
    ///
    /// # Errors
    ///
    /// Those of the method.
    pub fn wait<T, F>(&self, call: impl FnOnce(&crate::Client) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.runtime.block_on(call(&self.client))
    }

    /// The asynchronous client, for queueing several commands before waiting for the first.
    pub fn queue(&self) -> &crate::Client {
        &self.client
    }

    /// Retrieves a file.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::retrieve_file`].
    pub fn retrieve_file(&self, path: impl Into<RemotePath>) -> Result<Download, Error> {
        self.retrieve_file_with(path, RetrieveOptions::default())
    }

    /// Retrieves a file, or the rest of it.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::retrieve_file`].
    pub fn retrieve_file_with(
        &self,
        path: impl Into<RemotePath>,
        options: RetrieveOptions,
    ) -> Result<Download, Error> {
        let download = self.wait(|client| client.retrieve_file_with(path, options))?;
        Ok(Download {
            download,
            runtime: self.runtime.clone(),
        })
    }

    /// Stores a file.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::store_file`].
    pub fn store_file(&self, path: impl Into<RemotePath>) -> Result<Upload, Error> {
        self.store_file_with(path, StoreOptions::default())
    }

    /// Stores a file, or the rest of it.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::store_file`].
    pub fn store_file_with(
        &self,
        path: impl Into<RemotePath>,
        options: StoreOptions,
    ) -> Result<Upload, Error> {
        let upload = self.wait(|client| client.store_file_with(path, options))?;
        Ok(Upload {
            upload,
            runtime: self.runtime.clone(),
        })
    }

    /// Appends to a file, or makes it.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::append_file`].
    pub fn append_file(&self, path: impl Into<RemotePath>) -> Result<Upload, Error> {
        let upload = self.wait(|client| client.append_file(path))?;
        Ok(Upload {
            upload,
            runtime: self.runtime.clone(),
        })
    }

    /// Lists a directory.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::list`].
    pub fn list(&self, path: impl Into<RemotePath>) -> Result<Listing, Error> {
        self.list_with(path, ListOptions::default())
    }

    /// Lists a directory in another way than the usual.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::list_with`].
    pub fn list_with(
        &self,
        path: impl Into<RemotePath>,
        options: ListOptions,
    ) -> Result<Listing, Error> {
        let listing = self.wait(|client| client.list_with(path, options))?;
        Ok(self.listing(listing))
    }

    /// What the server tells of a file or directory.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::stat`].
    pub fn stat(&self, path: impl Into<RemotePath>) -> Result<Entry, Error> {
        self.runtime.block_on(self.client.stat(path))
    }

    /// Finds out the zone of the server's clock.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::detect_zone`].
    pub fn detect_zone(
        &self,
        directory: impl Into<RemotePath>,
    ) -> Result<Option<ServerZone>, Error> {
        self.runtime.block_on(self.client.detect_zone(directory))
    }

    /// Tells the zone of the server's clock; see [`crate::Client::set_zone`].
    pub fn set_zone(&self, zone: Option<ServerZone>) {
        self.client.set_zone(zone);
    }

    /// Lists a directory for machines (`MLSD`).
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::mlsd`].
    pub fn mlsd(&self, path: impl Into<RemotePath>) -> Result<Listing, Error> {
        let listing = self.wait(|client| client.mlsd(path))?;
        Ok(self.listing(listing))
    }

    /// Lists the names in a directory (`NLST`).
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::nlst`].
    pub fn nlst(&self, path: impl Into<RemotePath>) -> Result<Listing, Error> {
        let listing = self.wait(|client| client.nlst(path))?;
        Ok(self.listing(listing))
    }

    fn listing(&self, listing: crate::Listing) -> Listing {
        Listing {
            listing,
            runtime: self.runtime.clone(),
        }
    }

    /// Says goodbye, and waits for the server to do so.
    ///
    /// # Errors
    ///
    /// As of [`crate::Client::quit`].
    pub fn quit(self) -> Result<Reply, Error> {
        self.wait(crate::Client::quit)
    }
}

/// The background thread: connects, hands the client over, and drives the connection to its end.
fn run(config: &Config, sender: &mpsc::Sender<Result<Client, Error>>) {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            // The caller waits for exactly this.
            let _waits = sender.send(Err(unstarted().with_source(error)));
            return;
        }
    };
    let handle = runtime.handle().clone();
    runtime.block_on(async move {
        match config.start().await {
            Ok((client, driver)) => {
                let client = Client {
                    client,
                    runtime: handle,
                };
                let _waits = sender.send(Ok(client));
                // It neither panics nor is aborted.
                let _ended = driver.await;
            }
            Err(error) => {
                let _waits = sender.send(Err(error));
            }
        }
    });
}

fn unstarted() -> Error {
    Error::new(
        ErrorKind::Io,
        "the thread of the connection could not be started",
    )
}

/// A download as a [`Read`]; see [`crate::Download`].
#[derive(Debug)]
#[must_use = "a download that is dropped before its end is stopped"]
pub struct Download {
    download: crate::Download,
    runtime: Handle,
}

impl Download {
    /// How many bytes have come over the data connection.
    pub fn bytes(&self) -> u64 {
        self.download.bytes()
    }

    /// What TLS on the data connection came to, if it is protected.
    pub fn tls(&self) -> Option<&Negotiated> {
        self.download.tls()
    }

    /// Reads and discards what is left, and returns the server's replies.
    ///
    /// # Errors
    ///
    /// As of [`crate::Download::finish`].
    pub fn finish(self) -> Result<Completion, Error> {
        self.runtime.block_on(self.download.finish())
    }

    /// Stops the transfer and waits until the connection is in step again.
    ///
    /// # Errors
    ///
    /// As of [`crate::Download::abort`].
    pub fn abort(self) -> Result<(), Error> {
        self.runtime.block_on(self.download.abort())
    }
}

/// A read of zero bytes means that the server has confirmed the transfer.
impl Read for Download {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.runtime.block_on(self.download.read(buf))
    }
}

/// An upload as a [`Write`]; see [`crate::Upload`]. It must be [finished](Self::finish).
#[derive(Debug)]
#[must_use = "an upload that is dropped before it is finished is aborted"]
pub struct Upload {
    upload: crate::Upload,
    runtime: Handle,
}

impl Upload {
    /// How many bytes have gone over the data connection.
    pub fn bytes(&self) -> u64 {
        self.upload.bytes()
    }

    /// What TLS on the data connection came to, if it is protected.
    pub fn tls(&self) -> Option<&Negotiated> {
        self.upload.tls()
    }

    /// Ends the file and waits for the server's verdict.
    ///
    /// # Errors
    ///
    /// As of [`crate::Upload::finish`].
    pub fn finish(self) -> Result<Completion, Error> {
        self.runtime.block_on(self.upload.finish())
    }

    /// Gives the upload up, and waits until the connection is in step again.
    ///
    /// # Errors
    ///
    /// As of [`crate::Upload::abort`].
    pub fn abort(self) -> Result<(), Error> {
        self.runtime.block_on(self.upload.abort())
    }
}

impl Write for Upload {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.runtime.block_on(self.upload.write(buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.runtime.block_on(self.upload.flush())
    }
}

/// A listing as an iterator of entries; see [`crate::Listing`].
#[derive(Debug)]
#[must_use = "a listing that is dropped before its end is stopped"]
pub struct Listing {
    listing: crate::Listing,
    runtime: Handle,
}

impl Listing {
    /// All bytes of the listing as the server sent them.
    ///
    /// # Errors
    ///
    /// As of [`crate::Listing::raw`].
    pub fn raw(self) -> Result<Bytes, Error> {
        self.runtime.block_on(self.listing.raw())
    }

    /// The lines of the listing without their ends, which for `NLST` are the names.
    ///
    /// # Errors
    ///
    /// As of [`crate::Listing::lines`].
    pub fn lines(self) -> Result<Vec<Bytes>, Error> {
        self.runtime.block_on(self.listing.lines())
    }

    /// The command that the server lists by.
    pub fn command(&self) -> ListCommand {
        self.listing.command()
    }

    /// How many bytes of it have come.
    pub fn bytes(&self) -> u64 {
        self.listing.bytes()
    }

    /// In which dialect the listing is, as soon as that is known.
    pub fn dialect(&self) -> Option<Dialect> {
        self.listing.dialect()
    }

    /// Whether the server's last reply says that the listing was cut short.
    pub fn is_truncated(&self) -> bool {
        self.listing.is_truncated()
    }

    /// What TLS on the data connection came to, if it is protected.
    pub fn tls(&self) -> Option<&Negotiated> {
        self.listing.tls()
    }

    /// The server's replies, once the listing has ended.
    pub fn completion(&self) -> Option<&Completion> {
        self.listing.completion()
    }
}

impl Iterator for Listing {
    type Item = Result<Parsed, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.runtime.block_on(self.listing.next_entry())
    }
}
