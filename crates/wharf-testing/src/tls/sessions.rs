//! The TLS sessions that a server has in memory.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rustls::server::{ProducesTickets, StoresServerSessions};

/// Sessions that can be resumed: what was handed out with a clone of this is taken with every other
/// clone, and nowhere else.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    kept: Arc<Mutex<HashMap<Vec<u8>, Kept>>>,
    generation: Arc<AtomicU64>,
}

impl Sessions {
    /// None so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// None so far, and they will be [forgotten](Self::forget) together with those of `self`.
    pub(crate) fn sibling(&self) -> Self {
        Self {
            kept: Arc::default(),
            generation: Arc::clone(&self.generation),
        }
    }

    /// Forgets all that was handed out, before its lifetime is over.
    pub fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Kept>> {
        // Sessions are put in and taken out whole, so a panic leaves none half there.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session as rustls wrote it down.
#[derive(Clone, Debug)]
struct Kept {
    state: Vec<u8>,
    since: Instant,
    /// The generation in which it was made; a later one has forgotten it.
    generation: u64,
}

/// [`Sessions`] under the rules that are in force for one handshake.
///
/// A ticket is a number, not the session itself under a key: the sessions are here, and so they can
/// be forgotten, one by one after their use or all of them.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) sessions: Sessions,
    pub(super) single_use: bool,
    pub(super) lifetime: Duration,
}

impl Memory {
    fn keep(&self, key: Vec<u8>, state: Vec<u8>) {
        let kept = Kept {
            state,
            since: Instant::now(),
            generation: self.sessions.generation.load(Ordering::SeqCst),
        };
        self.sessions.lock().insert(key, kept);
    }

    /// The session by that key, if it is still good. With `spend`, a single use is used up.
    fn find(&self, key: &[u8], spend: bool) -> Option<Vec<u8>> {
        let mut sessions = self.sessions.lock();
        let kept = if spend && self.single_use {
            sessions.remove(key)?
        } else {
            sessions.get(key)?.clone()
        };
        let whole_lifetime = Duration::from_secs(self.lifetime.as_secs());
        let good = kept.since.elapsed() < whole_lifetime
            && kept.generation == self.sessions.generation.load(Ordering::SeqCst);
        good.then_some(kept.state)
    }
}

impl ProducesTickets for Memory {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        // RFC 8446 §4.6.1 allows a week at most; more seconds than fit are no lifetime at all.
        u32::try_from(self.lifetime.as_secs()).unwrap_or(u32::MAX)
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        // Numbered through the whole process: the ticket of another connection must not happen to
        // be one of ours.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let ticket = format!("wharf test ticket {number:020}").into_bytes();
        self.keep(ticket.clone(), plain.to_vec());
        Some(ticket)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.find(cipher, true)
    }
}

impl StoresServerSessions for Memory {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        self.keep(key, value);
        true
    }

    /// TLS 1.2 asks here, where a session may be resumed any number of times.
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.find(key, false)
    }

    /// TLS 1.3 asks here.
    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.find(key, true)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(single_use: bool, lifetime: Duration) -> Memory {
        Memory {
            sessions: Sessions::new(),
            single_use,
            lifetime,
        }
    }

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn a_ticket_is_good_once_or_for_ever() {
        let ever = memory(false, HOUR);
        let ticket = ever.encrypt(b"state").unwrap();
        for _ in 0..3 {
            assert_eq!(ever.decrypt(&ticket).as_deref(), Some(&b"state"[..]));
        }
        let once = memory(true, HOUR);
        let ticket = once.encrypt(b"state").unwrap();
        assert_eq!(once.decrypt(&ticket).as_deref(), Some(&b"state"[..]));
        assert_eq!(once.decrypt(&ticket), None);
    }

    #[test]
    fn a_session_of_tls_1_2_is_found_by_its_id_as_often_as_it_is_wanted() {
        let once = memory(true, HOUR);
        once.put(b"id".to_vec(), b"state".to_vec());
        for _ in 0..3 {
            assert_eq!(once.get(b"id").as_deref(), Some(&b"state"[..]));
        }
        assert!(once.take(b"id").is_some());
        assert_eq!(once.take(b"id"), None);
    }

    #[test]
    fn sessions_end_with_their_lifetime() {
        let gone = memory(false, Duration::from_millis(999));
        assert_eq!(gone.lifetime(), 0);
        let ticket = gone.encrypt(b"state").unwrap();
        assert_eq!(gone.decrypt(&ticket), None);
    }

    #[test]
    fn what_was_forgotten_is_gone_from_its_siblings_too() {
        let memory = memory(false, HOUR);
        let before = memory.encrypt(b"before").unwrap();
        memory.sessions.sibling().forget();
        assert_eq!(memory.decrypt(&before), None);
        let behind = memory.encrypt(b"behind").unwrap();
        assert!(memory.decrypt(&behind).is_some());
    }

    #[test]
    fn no_two_tickets_are_the_same_whoever_gave_them() {
        let (one, two) = (memory(false, HOUR), memory(false, HOUR));
        let ticket = one.encrypt(b"state").unwrap();
        two.encrypt(b"other").unwrap();
        assert_eq!(two.decrypt(&ticket), None);
    }
}
