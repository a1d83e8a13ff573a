//! Moving bytes between the data connection and a file.
//!
//! ```text
//! download   network ─▶ this task ─ full ─▶ thread ─▶ file
//!                           ▲───── empty ─────┘
//! upload     file ─▶ thread ─ full ─▶ this task ─▶ network
//!                      ▲──── empty ─────┘
//! ```
//!
//! File calls block, so a thread makes them, a buffer of up to 1 MiB at a time: handing single
//! reads to a thread pool costs several times the copy itself. Three buffers go round, one at each
//! end and one on the way, so memory stays the same for a file of any size.

use std::io::{self, Read, Write};
use std::thread;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};

use crate::progress::Progress;

/// The size of a buffer. Above 64 KiB it hardly matters for the processor; 1 MiB keeps the number
/// of hand-overs low as well.
const BUFFER: usize = 1 << 20;

/// How many buffers go round.
const BUFFERS: usize = 3;

/// Which end of a copy failed.
#[derive(Debug)]
pub(crate) enum CopyError {
    /// The data connection, or the server's verdict on the transfer.
    Remote(io::Error),
    /// The file, or standard input or output.
    Local(io::Error),
}

/// Writes all of `source` to `sink`; returns how many bytes that were.
///
/// When this returns, everything that arrived is written, after an error of the source as well: a
/// part that is kept is as long as can be.
pub(crate) async fn download<S: AsyncRead + Unpin>(
    source: &mut S,
    sink: impl Write + Send + 'static,
    progress: &Progress,
) -> Result<u64, CopyError> {
    let (full, filled) = mpsc::channel::<(Vec<u8>, usize)>(BUFFERS);
    let (empty, mut emptied) = mpsc::channel::<Vec<u8>>(BUFFERS);
    let (report, mut written) = oneshot::channel();
    let writer = thread::Builder::new().name("wharf-file".to_owned());
    writer
        .spawn(move || {
            // Nobody listens if the copy was given up.
            let _ = report.send(write_all(sink, filled, &empty));
        })
        .map_err(CopyError::Local)?;

    let mut total = 0;
    let mut made = 0;
    let outcome = loop {
        // Buffers are made when they are needed, so a small file takes one.
        let mut buffer = match emptied.try_recv() {
            Ok(buffer) => buffer,
            Err(_) if made < BUFFERS => {
                made += 1;
                vec![0; BUFFER]
            }
            Err(_) => match emptied.recv().await {
                Some(buffer) => buffer,
                None => break Ok(()),
            },
        };
        let mut length = 0;
        let end = loop {
            let read = tokio::select! {
                biased;
                // A sink that fails while the network is silent ends the copy at once.
                result = &mut written => return verdict(result).map(|()| total),
                read = source.read(&mut buffer[length..]) => read,
            };
            match read {
                Ok(0) => break Some(Ok(())),
                Err(error) => break Some(Err(CopyError::Remote(error))),
                Ok(read) => {
                    length += read;
                    total += u64::try_from(read).expect("a buffer is smaller than 2^64");
                    progress.advance(read);
                }
            }
            // An idle writer gets what there is; while it is busy the buffer fills up.
            if length == BUFFER || full.capacity() == BUFFERS {
                break None;
            }
        };
        if length > 0 && full.send((buffer, length)).await.is_err() {
            break Ok(());
        }
        if let Some(end) = end {
            break end;
        }
    };
    drop(full);
    let on_disk = verdict(written.await);
    outcome.and(on_disk).map(|()| total)
}

/// Where an upload goes.
pub(crate) trait Destination: AsyncWrite + Unpin {
    /// Waits for a failure that shows while there is nothing to write.
    async fn failed(&mut self) -> io::Error;
}

impl Destination for wharf::Upload {
    async fn failed(&mut self) -> io::Error {
        Self::failed(self).await.into()
    }
}

/// Writes all of `source` to `sink`, without closing it; returns how many bytes that were.
pub(crate) async fn upload<W: Destination>(
    source: impl Read + Send + 'static,
    sink: &mut W,
    progress: &Progress,
) -> Result<u64, CopyError> {
    let (full, mut filled) = mpsc::channel::<(Vec<u8>, usize)>(BUFFERS);
    let (empty, emptied) = mpsc::channel::<Vec<u8>>(BUFFERS);
    let (report, read) = oneshot::channel();
    let reader = thread::Builder::new().name("wharf-file".to_owned());
    reader
        .spawn(move || {
            // Nobody listens if the copy was given up.
            let _ = report.send(read_all(source, &full, emptied));
        })
        .map_err(CopyError::Local)?;

    let mut total = 0;
    loop {
        let next = tokio::select! {
            biased;
            next = filled.recv() => next,
            // The source may have nothing to say for hours, which nobody needs to wait for then.
            error = sink.failed() => return Err(CopyError::Remote(error)),
        };
        let Some((buffer, length)) = next else { break };
        sink.write_all(&buffer[..length])
            .await
            .map_err(CopyError::Remote)?;
        total += u64::try_from(length).expect("a buffer is smaller than 2^64");
        progress.advance(length);
        // The reader may have come to the end, and needs no more buffers.
        let _ = empty.try_send(buffer);
    }
    sink.flush().await.map_err(CopyError::Remote)?;
    verdict(read.await).map(|()| total)
}

/// The thread of a download: writes what comes and hands the buffers back.
fn write_all(
    mut sink: impl Write,
    mut filled: mpsc::Receiver<(Vec<u8>, usize)>,
    empty: &mpsc::Sender<Vec<u8>>,
) -> io::Result<()> {
    while let Some((buffer, length)) = filled.blocking_recv() {
        sink.write_all(&buffer[..length])?;
        // At the end nobody takes them any more.
        let _ = empty.try_send(buffer);
    }
    sink.flush()
}

/// The thread of an upload: reads to the end, a buffer at a time.
fn read_all(
    mut source: impl Read,
    full: &mpsc::Sender<(Vec<u8>, usize)>,
    mut emptied: mpsc::Receiver<Vec<u8>>,
) -> io::Result<()> {
    let mut made = 0;
    loop {
        let mut buffer = match emptied.try_recv() {
            Ok(buffer) => buffer,
            Err(_) if made < BUFFERS => {
                made += 1;
                vec![0; BUFFER]
            }
            Err(_) => match emptied.blocking_recv() {
                Some(buffer) => buffer,
                // The upload was given up.
                None => return Ok(()),
            },
        };
        let length = match source.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(error),
        };
        if full.blocking_send((buffer, length)).is_err() {
            return Ok(());
        }
    }
}

fn verdict(report: Result<io::Result<()>, oneshot::error::RecvError>) -> Result<(), CopyError> {
    match report {
        Ok(result) => result.map_err(CopyError::Local),
        // The thread ended without a report: it panicked, and has said so.
        Err(_) => Err(CopyError::Local(io::Error::other(
            "the thread that handles the file died",
        ))),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll};

    use tokio::io::ReadBuf;

    use super::*;

    /// Gives its bytes in pieces, then an error or the end.
    struct Pieces {
        bytes: Vec<u8>,
        piece: usize,
        at: usize,
        error: Option<io::ErrorKind>,
    }

    impl AsyncRead for Pieces {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let left = &self.bytes[self.at..];
            let length = left.len().min(self.piece).min(buffer.remaining());
            buffer.put_slice(&left[..length]);
            self.at += length;
            match self.error {
                Some(kind) if length == 0 => Poll::Ready(Err(kind.into())),
                _ => Poll::Ready(Ok(())),
            }
        }
    }

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Destination for Vec<u8> {
        async fn failed(&mut self) -> io::Error {
            std::future::pending().await
        }
    }

    /// Takes nothing.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn pattern(length: usize) -> Vec<u8> {
        (0..length)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect()
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(future)
    }

    #[test]
    fn every_byte_arrives_in_order_whatever_the_pieces() {
        for (length, piece) in [
            (0, 1),
            (1, 1),
            (5000, 7),
            (BUFFER, BUFFER),
            (9 * BUFFER + 3, 95_232),
        ] {
            let bytes = pattern(length);
            let mut source = Pieces {
                bytes: bytes.clone(),
                piece,
                at: 0,
                error: None,
            };
            let sink = Shared::default();
            let copied = run(download(&mut source, sink.clone(), &Progress::hidden())).unwrap();
            assert_eq!(copied, u64::try_from(length).unwrap());
            assert!(
                *sink.0.lock().unwrap() == bytes,
                "{length} bytes in pieces of {piece}"
            );
        }
    }

    #[test]
    fn what_came_before_an_error_is_written() {
        let error = Some(io::ErrorKind::ConnectionReset);
        let mut source = Pieces {
            bytes: pattern(3000),
            piece: 1000,
            at: 0,
            error,
        };
        let sink = Shared::default();
        let failed = run(download(&mut source, sink.clone(), &Progress::hidden()));
        assert!(matches!(failed, Err(CopyError::Remote(_))), "{failed:?}");
        assert_eq!(*sink.0.lock().unwrap(), pattern(3000));
    }

    #[test]
    fn a_full_disk_is_a_local_error() {
        let mut source = Pieces {
            bytes: pattern(5 * BUFFER),
            piece: 65_536,
            at: 0,
            error: None,
        };
        let failed = run(download(&mut source, Full, &Progress::hidden()));
        let Err(CopyError::Local(error)) = failed else {
            panic!("{failed:?}")
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn an_upload_sends_every_byte_and_does_not_close_the_sink() {
        for length in [0, 1, BUFFER, 4 * BUFFER + 17] {
            let bytes = pattern(length);
            let mut sink = Vec::new();
            let source = io::Cursor::new(bytes.clone());
            let copied = run(upload(source, &mut sink, &Progress::hidden())).unwrap();
            assert_eq!(copied, u64::try_from(length).unwrap());
            assert!(sink == bytes, "{length} bytes");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_a_local_error() {
        struct Bad;
        impl Read for Bad {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }
        let failed = run(upload(Bad, &mut Vec::new(), &Progress::hidden()));
        assert!(matches!(failed, Err(CopyError::Local(_))), "{failed:?}");
    }
}
