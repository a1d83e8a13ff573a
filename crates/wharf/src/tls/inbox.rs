//! What has come from a socket and is not used up yet.

use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// A buffer that is filled behind and used up in front.
#[derive(Debug)]
pub(super) struct Inbox {
    buffer: Box<[u8]>,
    held: Range<usize>,
}

impl Inbox {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            buffer: vec![0; capacity].into_boxed_slice(),
            held: 0..0,
        }
    }

    pub(super) fn held(&self) -> &[u8] {
        &self.buffer[self.held.clone()]
    }

    pub(super) fn held_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.held.clone()]
    }

    /// Uses up the first bytes.
    pub(super) fn consume(&mut self, count: usize) {
        self.held.start = (self.held.start + count).min(self.held.end);
        if self.held.is_empty() {
            self.held = 0..0;
        }
    }

    /// Takes what there is, moving what is held to the front if that makes room for it. Zero bytes are the end.
    pub(super) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        io: &mut (impl AsyncRead + Unpin),
    ) -> Poll<io::Result<usize>> {
        if self.held.start > 0 {
            self.buffer.copy_within(self.held.clone(), 0);
            self.held = 0..self.held.len();
        }
        let mut room = ReadBuf::new(&mut self.buffer[self.held.end..]);
        ready!(Pin::new(io).poll_read(cx, &mut room))?;
        let count = room.filled().len();
        self.held.end += count;
        Poll::Ready(Ok(count))
    }

    /// Makes room if there is none, up to this capacity; whether there is any.
    pub(super) fn make_room(&mut self, most: usize) -> bool {
        if self.held.len() == self.buffer.len() {
            let capacity = (2 * self.buffer.len()).min(most);
            let mut buffer = vec![0; capacity.max(self.held.len())];
            buffer[..self.held.len()].copy_from_slice(self.held());
            self.buffer = buffer.into_boxed_slice();
            self.held = 0..self.held.len();
        }
        self.held.len() < self.buffer.len()
    }
}
