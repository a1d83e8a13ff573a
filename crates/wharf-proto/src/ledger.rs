//! The reply ledger: which operation the next reply belongs to.
//!
//! A server answers in the order it was asked, so this is a queue: a command enters at the back when it
//! is sent, and a final reply takes the front away. Only the front has a running clock, for the server
//! works on one command at a time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use crate::reply::ReplyLimits;
use crate::secret::Secret;

/// Names one submitted operation for as long as the session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(u64);

impl OpId {
    /// The greeting and the login that follows it: every session's first operation.
    pub const LOGIN: Self = Self(0);
    /// The NOOP of an idle session; its outcome interests nobody.
    pub(crate) const KEEPALIVE: Self = Self(u64::MAX);
    /// The QUIT of a session whose last handle is gone.
    pub(crate) const FAREWELL: Self = Self(u64::MAX - 1);

    /// The id of the `n`th operation a caller submits, from 1.
    pub const fn new(n: u64) -> Self {
        Self(n)
    }
}

/// The unanswered commands, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pending: VecDeque<Pending>,
}

/// One unanswered command.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) op: OpId,
    /// The command, secrets masked; empty for the greeting.
    pub(crate) command: String,
    /// The 1yz lines that have come so far.
    pub(crate) marks: Vec<Bytes>,
    mark_bytes: usize,
    secret: Option<Secret>,
    /// How long the reply may take once the server has nothing older to answer.
    limit: Option<Duration>,
    /// When it is overdue; set while this is the front.
    deadline: Option<Instant>,
}

impl Ledger {
    /// Enters a command that was just sent.
    pub(crate) fn expect(
        &mut self,
        op: OpId,
        command: &str,
        limit: Option<Duration>,
        now: Instant,
    ) {
        let command = command.to_owned();
        self.pending.push_back(Pending {
            op,
            command,
            marks: Vec::new(),
            mark_bytes: 0,
            secret: None,
            limit,
            deadline: None,
        });
        if self.pending.len() == 1 {
            self.start_clock(now);
        }
    }

    /// Keeps a secret that was just sent out of what answers it.
    pub(crate) fn guard(&mut self, secret: Secret) {
        if let Some(back) = self.pending.back_mut() {
            back.secret = Some(secret);
        }
    }

    /// A line of the front's reply without the secret that it may repeat: some servers say which
    /// password was wrong.
    pub(crate) fn masked(&self, line: Bytes) -> Bytes {
        match self.front().and_then(|front| front.secret.as_ref()) {
            Some(secret) => mask(line, secret.expose()),
            None => line,
        }
    }

    pub(crate) fn front(&self) -> Option<&Pending> {
        self.pending.front()
    }

    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Adds a 1yz to the front; false once they are together more than a reply may be, for they are
    /// kept as the beginning of one.
    pub(crate) fn mark(&mut self, lines: Vec<Bytes>, limits: ReplyLimits) -> bool {
        let Some(front) = self.pending.front_mut() else {
            return true;
        };
        front.mark_bytes += lines.iter().map(Bytes::len).sum::<usize>();
        front.marks.extend(lines);
        front.marks.len() <= limits.lines && front.mark_bytes <= limits.bytes
    }

    /// Takes the front away, for its final reply is here.
    pub(crate) fn answer(&mut self, now: Instant) -> Option<Pending> {
        let answered = self.pending.pop_front();
        self.start_clock(now);
        answered
    }

    /// Removes what an operation that is over still has here.
    pub(crate) fn forget(&mut self, op: OpId) {
        self.pending.retain(|pending| pending.op != op);
    }

    /// Gives the oldest reply that `op` waits for another limit, from now on.
    pub(crate) fn time(&mut self, op: OpId, limit: Option<Duration>, now: Instant) {
        let front_is_meant = self.pending.front().is_some_and(|front| front.op == op);
        if let Some(pending) = self.pending.iter_mut().find(|pending| pending.op == op) {
            pending.limit = limit;
        }
        if front_is_meant {
            self.start_clock(now);
        }
    }

    /// Starts the front's clock anew.
    pub(crate) fn start_clock(&mut self, now: Instant) {
        if let Some(front) = self.pending.front_mut() {
            front.deadline = front.limit.and_then(|limit| now.checked_add(limit));
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.pending.front().and_then(|front| front.deadline)
    }

    /// The front, if its time is over.
    pub(crate) fn overdue(&self, now: Instant) -> Option<&Pending> {
        self.pending
            .front()
            .filter(|front| front.deadline.is_some_and(|deadline| deadline <= now))
    }
}

/// A shorter secret would black out text that has nothing to do with it, and gives less away.
const SHORTEST_MASKED: usize = 3;

/// Replaces each occurrence of `secret` in a line, but for its code.
fn mask(line: Bytes, secret: &[u8]) -> Bytes {
    if secret.len() < SHORTEST_MASKED || line.len() < secret.len() {
        return line;
    }
    let code = line.iter().take(3).filter(|byte| byte.is_ascii_digit());
    let text_at = if code.count() == 3 { 3 } else { 0 };
    let (code, mut rest) = line.split_at(text_at);
    let mut masked = BytesMut::from(code);
    while let Some(at) = rest
        .windows(secret.len())
        .position(|window| window == secret)
    {
        masked.extend_from_slice(&rest[..at]);
        masked.extend_from_slice("…".as_bytes());
        rest = &rest[at + secret.len()..];
    }
    masked.extend_from_slice(rest);
    masked.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    #[expect(
        clippy::disallowed_methods,
        reason = "an instant to count from; the clock is not looked at again"
    )]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn replies_are_matched_in_the_order_of_the_commands() {
        let now = start();
        let mut ledger = Ledger::default();
        for n in 1..=3 {
            ledger.expect(OpId::new(n), "NOOP", None, now);
        }
        let order: Vec<OpId> = std::iter::from_fn(|| ledger.answer(now))
            .map(|pending| pending.op)
            .collect();
        assert_eq!(order, [OpId::new(1), OpId::new(2), OpId::new(3)]);
    }

    #[test]
    fn the_clock_of_a_command_starts_when_it_is_the_oldest() {
        let now = start();
        let mut ledger = Ledger::default();
        ledger.expect(OpId::new(1), "A", Some(LIMIT), now);
        ledger.expect(OpId::new(2), "B", Some(LIMIT), now);
        assert_eq!(ledger.deadline(), Some(now + LIMIT));
        let later = now + Duration::from_secs(4);
        ledger.answer(later);
        assert_eq!(ledger.deadline(), Some(later + LIMIT));
        assert!(ledger.overdue(now + LIMIT).is_none());
        assert_eq!(ledger.overdue(later + LIMIT).unwrap().command, "B");
    }

    #[test]
    fn a_reply_s_limit_can_be_lifted_and_set_again() {
        let now = start();
        let mut ledger = Ledger::default();
        ledger.expect(OpId::new(1), "RETR a", Some(LIMIT), now);
        ledger.time(OpId::new(1), None, now);
        assert_eq!(ledger.deadline(), None);
        ledger.time(OpId::new(1), Some(LIMIT), now + LIMIT);
        assert_eq!(ledger.deadline(), Some(now + LIMIT + LIMIT));
    }

    #[test]
    fn a_secret_is_masked_in_the_text_that_answers_it_and_not_in_its_code() {
        let masked = |line: &'static str, secret: &str| mask(line.into(), secret.as_bytes());
        assert_eq!(
            masked("530 hunter2? No, not hunter2", "hunter2"),
            "530 …? No, not …"
        );
        assert_eq!(masked("530 530 times wrong", "530"), "530 … times wrong");
        assert_eq!(masked("hunter2 is wrong", "hunter2"), "… is wrong");
        assert_eq!(masked("530 No", "hunter2"), "530 No");
        assert_eq!(masked("530 No", "No"), "530 No");
    }
}
