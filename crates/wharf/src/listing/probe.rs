//! Whether `LIST -a` does no harm, found out with a listing that somebody wants anyway.
//!
//! ```text
//! Keeping ──the end──▶ Asking(LIST -a) ──▶ Comparing ──▶ the second, if nothing of the first is missing in it
//!    │                    │ refused           └────────▶ the first, and -a never again
//!    └─ too large         └────────────────────────────▶ the first
//! ```
//!
//! Somebody waits for the first meanwhile. So what takes longer than a reply, and longer than a stream may stand
//! still, is given up, and not tried again.
//!
//! Some servers take `-a` for a name: they refuse it, or list nothing, or that file. A server that shows
//! everything that it showed before has understood, or did not care.

use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::runtime::Handle;
use tokio::time::{Sleep, sleep};
use wharf_proto::error::Error;
use wharf_proto::listing::{ListParser, Parsed};

use super::origin::Origin;
use crate::download::Download;
use crate::queued::Queued;

/// Two listings of one directory, one with `-a`.
#[derive(Debug)]
pub(super) struct Probe {
    kept: BytesMut,
    stage: Stage,
    /// Until when the second may take.
    limit: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug)]
enum Stage {
    Keeping,
    Asking {
        names: HashSet<Vec<u8>>,
        second: Queued<Download>,
    },
    Comparing {
        names: HashSet<Vec<u8>>,
        second: Box<Download>,
        all: BytesMut,
    },
}

/// What the listing goes on with.
#[derive(Debug)]
pub(super) enum Probed {
    /// These bytes of the first listing, and its rest.
    First { kept: BytesMut, end: FirstEnd },
    /// The second listing, the whole of which is this.
    Second {
        download: Box<Download>,
        all: BytesMut,
    },
}

/// How the first listing stands.
#[derive(Debug)]
pub(super) enum FirstEnd {
    /// There is more of it.
    Open,
    /// It is whole.
    Ended,
    Failed(Error),
}

/// How much of the first listing is kept to be compared. What is larger is worth no second transfer.
const KEPT: usize = 64 * 1024;

/// How much the second may be: hidden files are few beside the others.
const ALL: usize = 4 * KEPT;

impl Probe {
    pub(super) fn new() -> Self {
        Self {
            kept: BytesMut::new(),
            stage: Stage::Keeping,
            limit: None,
        }
    }

    /// Goes on; `first` is the listing without `-a`, and `parser` makes one of its manner.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        first: &mut Download,
        origin: &Origin,
        parser: impl Fn() -> ListParser,
    ) -> Poll<Probed> {
        loop {
            if let Some(limit) = &mut self.limit
                && limit.as_mut().poll(cx).is_ready()
            {
                origin.learn_all(false);
                return Poll::Ready(self.first(FirstEnd::Ended));
            }
            match &mut self.stage {
                Stage::Keeping => {
                    let end = match ready!(poll_all(cx, first, &mut self.kept, KEPT)) {
                        Ok(true) => FirstEnd::Ended,
                        Ok(false) => FirstEnd::Open,
                        Err(error) => FirstEnd::Failed(error),
                    };
                    let names = names(parser(), &self.kept);
                    // By a listing without entries nothing can be told.
                    if !matches!(end, FirstEnd::Ended) || names.is_empty() {
                        return Poll::Ready(self.first(end));
                    }
                    let second = origin.list_all();
                    // Outside of the runtime there is no clock, and the limits of streams have to do.
                    let clock = Handle::try_current().ok();
                    self.limit = clock.map(|_| Box::pin(sleep(origin.client.patience())));
                    self.stage = Stage::Asking { names, second };
                }
                Stage::Asking { names, second } => match ready!(Pin::new(second).poll(cx)) {
                    Ok(second) => {
                        self.stage = Stage::Comparing {
                            names: std::mem::take(names),
                            second: Box::new(second),
                            all: BytesMut::new(),
                        };
                    }
                    Err(error) => {
                        origin.learn_refusal(&error);
                        return Poll::Ready(self.first(FirstEnd::Ended));
                    }
                },
                Stage::Comparing { names, second, all } => {
                    let is_harmless = match ready!(poll_all(cx, second, all, ALL)) {
                        Ok(true) => names.is_subset(&self::names(parser(), all)),
                        // Nobody knows what more there is.
                        Ok(false) => return Poll::Ready(self.first(FirstEnd::Ended)),
                        Err(error) => {
                            origin.learn_refusal(&error);
                            return Poll::Ready(self.first(FirstEnd::Ended));
                        }
                    };
                    origin.learn_all(is_harmless);
                    let stage = std::mem::replace(&mut self.stage, Stage::Keeping);
                    return Poll::Ready(match stage {
                        Stage::Comparing { second, all, .. } if is_harmless => Probed::Second {
                            download: second,
                            all,
                        },
                        _ => self.first(FirstEnd::Ended),
                    });
                }
            }
        }
    }

    fn first(&mut self, end: FirstEnd) -> Probed {
        Probed::First {
            kept: std::mem::take(&mut self.kept),
            end,
        }
    }
}

/// Reads to the end (true), or until there is more than this (false).
fn poll_all(
    cx: &mut Context<'_>,
    download: &mut Download,
    into: &mut BytesMut,
    limit: usize,
) -> Poll<Result<bool, Error>> {
    while into.len() <= limit {
        let mut chunk = [0; 4096];
        let mut read = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut *download).poll_read(cx, &mut read)).map_err(crate::from_io)?;
        if read.filled().is_empty() {
            return Poll::Ready(Ok(true));
        }
        into.extend_from_slice(read.filled());
    }
    Poll::Ready(Ok(false))
}

/// The names in a whole listing.
fn names(mut parser: ListParser, listing: &[u8]) -> HashSet<Vec<u8>> {
    // What goes beyond a limit has no name.
    let _within = parser.push(listing).and_then(|()| parser.finish());
    std::iter::from_fn(|| parser.next())
        .filter_map(|parsed| match parsed {
            Parsed::Entry(entry) => Some(entry.name().to_vec()),
            Parsed::Unknown(_) => None,
        })
        .collect()
}
