//! How long a stream may stand still, and who is waited for meanwhile.
//!
//! A stream that stands still while its user reads or writes is the server's doing, or the network's:
//! the stall limit, counted from when the user began to wait. One that its user leaves alone is the user's:
//! the hold limit, counted from when the driver noticed. Both are looked at from the driver, which sees
//! streams that nobody polls.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::stream::{Socket, Verdict};

/// The limits of a stream that stands still.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standstill {
    /// How long the server may be waited for.
    pub(crate) stall: Duration,
    /// How long the user may be waited for.
    pub(crate) hold: Duration,
}

/// A stream in its user's hands, as the driver sees it.
pub(crate) struct Watch {
    pub(crate) verdict: Arc<Verdict>,
    pub(crate) socket: Arc<Socket>,
    /// The data has ended; what is missing is the server's word, which has its own limit.
    pub(crate) ended: bool,
    bytes: u64,
    /// Since when it is left alone, as far as was seen.
    alone_since: Instant,
    looked_at: Instant,
}

impl Watch {
    pub(crate) fn new(verdict: Arc<Verdict>, socket: Arc<Socket>, now: Instant) -> Self {
        Self {
            verdict,
            socket,
            ended: false,
            bytes: 0,
            alone_since: now,
            looked_at: now,
        }
    }

    /// When to look next.
    pub(crate) fn deadline(&self, limits: Standstill) -> Option<Instant> {
        if self.ended {
            return None;
        }
        // Nobody says when a wait begins or ends, which may be at any time.
        let (next, stalled) = match self.verdict.user_waits_since() {
            Some(since) => (limits.hold, since.checked_add(limits.stall)),
            None => (limits.stall.min(limits.hold), None),
        };
        let looks = [self.looked_at.checked_add(next), stalled];
        looks.into_iter().flatten().min()
    }

    /// Looks, and says which limit the stream has stood still for, if it has.
    pub(crate) fn look(&mut self, limits: Standstill, now: Instant) -> Option<Duration> {
        self.looked_at = now;
        let waits_since = self.verdict.user_waits_since();
        let bytes = self.verdict.bytes();
        if waits_since.is_some() || bytes != self.bytes {
            self.bytes = bytes;
            self.alone_since = now;
        }
        let (since, limit) = match waits_since {
            Some(since) => (since, limits.stall),
            None => (self.alone_since, limits.hold),
        };
        (!self.ended && now.duration_since(since) >= limit).then_some(limit)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
    use tokio::time::advance;

    use super::*;
    use crate::data::DataSocket;

    struct Nowhere;

    impl AsyncRead for Nowhere {
        fn poll_read(
            self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
            _buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Nowhere {
        fn poll_write(
            self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
            _buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    impl DataSocket for Nowhere {
        fn reset_on_drop(&mut self) {}
    }

    const LIMITS: Standstill = Standstill {
        stall: Duration::from_secs(10),
        hold: Duration::from_secs(100),
    };

    fn watch(now: Instant) -> (Arc<Verdict>, Watch) {
        let verdict = Arc::new(Verdict::new());
        let watch = Watch::new(
            Arc::clone(&verdict),
            Socket::new(Box::new(Nowhere), true),
            now,
        );
        (verdict, watch)
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_who_waits_has_the_stall_limit_and_one_who_does_not_the_other() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let (verdict, mut watch) = watch(start);
        assert_eq!(watch.deadline(LIMITS), Some(after(10)));
        assert_eq!(watch.look(LIMITS, after(50)), None);
        assert_eq!(watch.deadline(LIMITS), Some(after(60)));
        // The clock of a stall begins when the user begins to wait, however long that took.
        advance(Duration::from_secs(52)).await;
        verdict.wait();
        assert_eq!(watch.look(LIMITS, after(60)), None);
        assert_eq!(watch.deadline(LIMITS), Some(after(62)));
        // To ask again is no other wait.
        advance(Duration::from_secs(5)).await;
        verdict.wait();
        assert_eq!(watch.look(LIMITS, after(61)), None);
        assert_eq!(watch.look(LIMITS, after(62)), Some(LIMITS.stall));
        verdict.count(1);
        assert_eq!(watch.look(LIMITS, after(80)), None);
        assert_eq!(watch.look(LIMITS, after(179)), None);
        assert_eq!(watch.look(LIMITS, after(180)), Some(LIMITS.hold));
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_that_move_begin_both_limits_anew() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let (verdict, mut watch) = watch(start);
        verdict.wait();
        advance(Duration::from_secs(9)).await;
        verdict.count(1);
        verdict.wait();
        assert_eq!(watch.look(LIMITS, after(18)), None);
        assert_eq!(watch.look(LIMITS, after(19)), Some(LIMITS.stall));
        verdict.count(1);
        assert_eq!(watch.look(LIMITS, after(20)), None);
        verdict.count(1);
        assert_eq!(watch.look(LIMITS, after(119)), None);
        assert_eq!(watch.look(LIMITS, after(120)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_who_leaves_is_noticed_however_long_a_stall_may_be() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        for stall in [Duration::from_secs(1000), Duration::MAX] {
            let hold = Duration::from_secs(100);
            let limits = Standstill { stall, hold };
            let (verdict, mut watch) = watch(start);
            verdict.wait();
            assert_eq!(watch.deadline(limits), Some(after(100)));
            // They get their byte, and do not come back for more.
            verdict.count(1);
            assert_eq!(watch.look(limits, after(100)), None);
            assert_eq!(watch.look(limits, after(200)), Some(hold));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_limits_nobody_looks() {
        let (_verdict, watch) = watch(Instant::now());
        let (stall, hold) = (Duration::MAX, Duration::MAX);
        assert_eq!(watch.deadline(Standstill { stall, hold }), None);
    }
}
