//! Bytes over a data connection, and the ways in which they stop.

use std::{
    fs::File,
    io::{self, Read, Write},
    mem,
    sync::atomic::{AtomicU64, Ordering},
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    options::{Interrupt, Interruption, Options},
    tls::UploadEnd,
    wire::Wire,
};

/// Read from the file and written to the socket at once.
///
/// File reads and writes are plain blocking calls of this size: from the page cache they take
/// some tens of microseconds, less than handing them to another thread and back.
const CHUNK: usize = 256 * 1024;

/// How a transfer ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// All bytes went over.
    Complete,
    /// The options wanted it broken.
    Interrupted(Interruption),
    /// The data connection failed.
    Lost,
    /// The file could not be read or written.
    File(io::Error),
    /// The upload went beyond the quota.
    OverQuota,
}

/// Sends a file, or what is left of it from where it stands, and closes the connection.
pub(super) async fn send(
    wire: &mut Wire,
    mut file: File,
    ascii: bool,
    options: &Options,
) -> Ending {
    let mut buffer = vec![0; CHUNK];
    let mut converted = Vec::new();
    let mut last = 0;
    let mut fuse = Fuse::new(options.interrupt);
    let mut endless = false;
    loop {
        if !endless {
            match file.read(&mut buffer) {
                Ok(0) if options.endless => {
                    endless = true;
                    buffer.fill(0);
                }
                Ok(0) => break,
                Ok(n) => buffer.truncate(n),
                Err(error) => return Ending::File(error),
            }
        }
        let bytes = if ascii {
            converted.clear();
            to_network(&buffer, &mut last, &mut converted);
            &converted
        } else {
            &buffer
        };
        let (bytes, blown) = fuse.pass(bytes);
        if put(wire, bytes).await.is_err() {
            return Ending::Lost;
        }
        if let Some(how) = blown {
            return interrupt(wire, how).await;
        }
        buffer.resize(CHUNK, 0);
    }
    finish(wire).await
}

/// Sends what is in memory, and closes the connection.
pub(super) async fn send_bytes(wire: &mut Wire, bytes: &[u8]) -> Ending {
    if put(wire, bytes).await.is_err() {
        return Ending::Lost;
    }
    finish(wire).await
}

/// Stores what comes until the client ends the connection. `stored` counts what all uploads
/// stored together, for the quota.
pub(super) async fn receive(
    wire: &mut Wire,
    mut file: File,
    ascii: bool,
    options: &Options,
    stored: &AtomicU64,
) -> Ending {
    let mut buffer = vec![0; CHUNK];
    let mut converted = Vec::new();
    let mut pending_cr = false;
    let mut fuse = Fuse::new(options.interrupt);
    loop {
        let received = match wire.read(&mut buffer).await {
            Ok(0) => break,
            Ok(n) => &buffer[..n],
            // TCP ended, and TLS had not.
            Err(error)
                if error.kind() == io::ErrorKind::UnexpectedEof
                    && wire.upload_end() == UploadEnd::EitherEnd =>
            {
                break;
            }
            Err(_) => return Ending::Lost,
        };
        let (bytes, blown) = fuse.pass(received);
        let bytes = if ascii {
            converted.clear();
            from_network(bytes, &mut pending_cr, &mut converted);
            &converted
        } else {
            bytes
        };
        let allowed = allowance(options.quota, stored, bytes.len());
        if let Err(error) = file.write_all(&bytes[..allowed]) {
            return Ending::File(error);
        }
        if allowed < bytes.len() {
            return Ending::OverQuota;
        }
        if let Some(how) = blown {
            return interrupt(wire, how).await;
        }
    }
    if pending_cr && let Err(error) = file.write_all(b"\r") {
        return Ending::File(error);
    }
    let both = wire.upload_end() == UploadEnd::BothEnds;
    // The file is whole: a client that is gone by now needs no answer to its end.
    if wire.end().await.is_ok() && both && wire.drain().await.is_err() {
        return Ending::Lost;
    }
    Ending::Complete
}

/// Writes all of it, out of the buffers of TLS too.
async fn put(wire: &mut Wire, bytes: &[u8]) -> io::Result<()> {
    wire.write_all(bytes).await?;
    wire.flush().await
}

/// Ends a download so that the client sees its end before it can see the reply.
async fn finish(wire: &mut Wire) -> Ending {
    match wire.end().await {
        Ok(()) => Ending::Complete,
        Err(_) => Ending::Lost,
    }
}

/// Does to the connection what the interruption is about.
async fn interrupt(wire: &mut Wire, how: Interruption) -> Ending {
    match how {
        Interruption::Stalled => std::future::pending().await,
        Interruption::Reset => wire.reset(),
        Interruption::Vanished => drop(mem::replace(wire, Wire::Gone)),
        // A client that is gone already sees no end of any kind.
        Interruption::Announced | Interruption::Truncated => drop(wire.end().await),
    }
    Ending::Interrupted(how)
}

/// How many of the next `wanted` bytes may still be stored. They count as stored.
fn allowance(quota: Option<u64>, stored: &AtomicU64, wanted: usize) -> usize {
    let wanted_bytes = wanted as u64;
    let before = stored.fetch_add(wanted_bytes, Ordering::Relaxed);
    match quota.map(|quota| quota.saturating_sub(before)) {
        Some(left) if left < wanted_bytes => {
            stored.fetch_sub(wanted_bytes - left, Ordering::Relaxed);
            usize::try_from(left).unwrap_or(wanted)
        }
        _ => wanted,
    }
}

/// Counts bytes until the interruption is due.
#[derive(Debug)]
struct Fuse {
    interrupt: Option<Interrupt>,
}

impl Fuse {
    fn new(interrupt: Option<Interrupt>) -> Self {
        Self { interrupt }
    }

    /// The part of `bytes` that still passes, and what happens behind it.
    fn pass<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], Option<Interruption>) {
        let Some(Interrupt { after, how }) = &mut self.interrupt else {
            return (bytes, None);
        };
        match usize::try_from(*after) {
            Ok(left) if left <= bytes.len() => (&bytes[..left], Some(*how)),
            _ => {
                *after -= bytes.len() as u64;
                (bytes, None)
            }
        }
    }
}

/// Lines of a file as `TYPE A` sends them: LF becomes CRLF, CRLF stays. `last` is the byte
/// before `bytes`, and is moved on.
fn to_network(bytes: &[u8], last: &mut u8, out: &mut Vec<u8>) {
    for &byte in bytes {
        if byte == b'\n' && *last != b'\r' {
            out.push(b'\r');
        }
        out.push(byte);
        *last = byte;
    }
}

/// Lines of `TYPE A` as a file has them: CRLF becomes LF, other CRs stay. `pending_cr` says
/// that the bytes before ended in a CR not yet put out.
fn from_network(bytes: &[u8], pending_cr: &mut bool, out: &mut Vec<u8>) {
    for &byte in bytes {
        if mem::take(pending_cr) && byte != b'\n' {
            out.push(b'\r');
        }
        if byte == b'\r' {
            *pending_cr = true;
        } else {
            out.push(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_converted_however_the_bytes_are_cut() {
        let file = b"a\nb\r\nc\n\n";
        let wire = b"a\r\nb\r\nc\r\n\r\n";
        for cut in 0..=file.len() {
            let (mut last, mut out) = (0, Vec::new());
            to_network(&file[..cut], &mut last, &mut out);
            to_network(&file[cut..], &mut last, &mut out);
            assert_eq!(out, wire);
        }
        let wire = b"a\r\nb\rc\r\r\nd";
        for cut in 0..=wire.len() {
            let (mut pending, mut out) = (false, Vec::new());
            from_network(&wire[..cut], &mut pending, &mut out);
            from_network(&wire[cut..], &mut pending, &mut out);
            assert_eq!(out, b"a\nb\rc\r\nd");
            assert!(!pending);
        }
    }

    #[test]
    fn the_fuse_blows_at_its_byte_and_not_one_later() {
        let mut fuse = Fuse::new(Some(Interrupt::reset(5)));
        assert_eq!(fuse.pass(b"abc"), (b"abc".as_slice(), None));
        assert_eq!(
            fuse.pass(b"def"),
            (b"de".as_slice(), Some(Interruption::Reset))
        );
        assert_eq!(Fuse::new(None).pass(b"abc"), (b"abc".as_slice(), None));
    }

    #[test]
    fn the_quota_is_shared_by_all_uploads() {
        let stored = AtomicU64::new(0);
        assert_eq!(allowance(Some(10), &stored, 6), 6);
        assert_eq!(allowance(Some(10), &stored, 6), 4);
        assert_eq!(allowance(Some(10), &stored, 6), 0);
        assert_eq!(stored.load(Ordering::Relaxed), 10);
        assert_eq!(allowance(None, &stored, 6), 6);
    }
}
