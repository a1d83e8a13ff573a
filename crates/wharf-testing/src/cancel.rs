//! Futures dropped at every point where they can be dropped.
//!
//! A future can be cancelled wherever it waits, so a test drops it after one poll, after two, and
//! so on until it completes first, and asks each time whether what remains is still sound.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use wharf_testing::cancel::{drop_after, for_each_cut};
//!
//! let cuts = for_each_cut(|polls| async move {
//!     let two_waits = async {
//!         tokio::task::yield_now().await;
//!         tokio::task::yield_now().await;
//!     };
//!     let done = drop_after(polls, two_waits).await;
//!     // Here a test looks at what the dropped future left behind.
//!     done
//! })
//! .await;
//! assert_eq!(cuts, 3);
//! # });
//! ```

use std::{future::poll_fn, pin::pin, task::Poll};

/// Polls `future` at most `polls` times, each time when it asked for it, and drops it where it then
/// stands.
///
/// `None` if it had not completed. With 0 it is dropped without having been polled.
pub async fn drop_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // Dropped in the state it stopped in, not in the one its waker would have found.
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Runs `attempt` with 0 polls, 1, 2 … until it says that its future completed, and returns with
/// how many cuts it did not.
///
/// An attempt makes everything it needs afresh, calls [`drop_after`], checks what the drop left
/// behind, and returns what `drop_after` gave.
///
/// # Panics
///
/// If the future has not completed within 10 000 polls, for then it never will.
pub async fn for_each_cut<T, Attempt>(mut attempt: impl FnMut(usize) -> Attempt) -> usize
where
    Attempt: Future<Output = Option<T>>,
{
    const ENOUGH: usize = 10_000;
    for polls in 0..ENOUGH {
        if attempt(polls).await.is_some() {
            return polls;
        }
    }
    panic!("the future had not completed after {ENOUGH} polls");
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future, time::Duration};

    use tokio::{task::yield_now, time::sleep};

    use super::*;

    #[tokio::test]
    async fn a_future_is_dropped_where_it_stood() {
        let reached = Cell::new(0);
        let steps = async {
            for step in 1..=3 {
                reached.set(step);
                yield_now().await;
            }
        };
        assert_eq!(drop_after(2, steps).await, None);
        assert_eq!(reached.get(), 2);
    }

    #[tokio::test]
    async fn nothing_is_polled_when_no_poll_is_granted() {
        let untouched = poll_fn(|_| -> Poll<()> { panic!("polled") });
        assert_eq!(drop_after(0, untouched).await, None);
    }

    #[tokio::test]
    async fn a_future_that_completes_in_time_gives_its_output() {
        assert_eq!(drop_after(1, future::ready(7)).await, Some(7));
        assert_eq!(drop_after(2, async { yield_now().await }).await, Some(()));
    }

    #[tokio::test(start_paused = true)]
    async fn polls_come_when_the_future_is_woken() {
        let hour = sleep(Duration::from_hours(1));
        assert_eq!(drop_after(2, hour).await, Some(()), "woken before its time");
    }

    #[tokio::test]
    async fn every_cut_is_tried_once_and_in_order() {
        let tried = Cell::new(0);
        let cuts = for_each_cut(|polls| {
            assert_eq!(tried.replace(polls + 1), polls);
            drop_after(polls, async {
                yield_now().await;
                yield_now().await;
            })
        })
        .await;
        assert_eq!((cuts, tried.get()), (3, 4));
    }

    #[tokio::test]
    #[should_panic(expected = "had not completed after 10000 polls")]
    async fn a_future_that_never_completes_is_reported() {
        for_each_cut(|polls| drop_after(polls.min(1), future::pending::<()>())).await;
    }
}
