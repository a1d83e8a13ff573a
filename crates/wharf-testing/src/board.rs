//! What a test and the players of its script tell each other: gates, notes, and how far each
//! connection has come.

use std::{
    collections::BTreeSet,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use tokio::sync::watch;

use crate::script::{Failure, Played};

/// Shared by the test's handle and every player.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct State {
    gates: BTreeSet<String>,
    notes: BTreeSet<String>,
    progress: Vec<Progress>,
    outcome: Option<Result<Played, Failure>>,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    taken: Vec<String>,
    current: Option<String>,
    of: usize,
}

impl Board {
    pub(crate) fn new(connections: usize) -> Self {
        let progress = vec![Progress::default(); connections];
        Self {
            state: watch::Sender::new(State {
                progress,
                ..State::default()
            }),
        }
    }

    pub(crate) fn open(&self, gate: &str) {
        self.state.send_modify(|state| {
            state.gates.insert(gate.to_owned());
        });
    }

    /// Waits until the test has opened `gate`.
    pub(crate) async fn opened(&self, gate: &str) {
        self.until(|state| state.gates.contains(gate)).await;
    }

    pub(crate) fn note(&self, note: &str) {
        self.state.send_modify(|state| {
            state.notes.insert(note.to_owned());
        });
    }

    /// Waits until a script has come by `note`.
    ///
    /// # Errors
    ///
    /// The failure that keeps the script from coming there.
    pub(crate) async fn noted(&self, note: &str) -> Result<(), Failure> {
        self.until(|state| state.notes.contains(note) || state.outcome.is_some())
            .await;
        let state = self.state.borrow();
        match &state.outcome {
            Some(Err(failure)) if !state.notes.contains(note) => Err(failure.clone()),
            _ => Ok(()),
        }
    }

    /// Waits for the outcome of the whole script.
    pub(crate) async fn outcome(&self) -> Result<Played, Failure> {
        self.until(|state| state.outcome.is_some()).await;
        self.outcome_now().unwrap_or_else(|| Err(self.unfinished()))
    }

    pub(crate) fn outcome_now(&self) -> Option<Result<Played, Failure>> {
        self.state.borrow().outcome.clone()
    }

    pub(crate) fn end(&self, outcome: Result<Played, Failure>) {
        self.state
            .send_modify(|state| state.outcome = Some(outcome));
    }

    /// Nobody waits for a step, so these two wake nobody.
    pub(crate) fn begin(&self, connection: usize, step: String, of: usize) {
        self.state.send_if_modified(|state| {
            state.progress[connection].current = Some(step);
            state.progress[connection].of = of;
            false
        });
    }

    /// The step is taken; `said` tells what happened, where that is more than the step's own words.
    pub(crate) fn done(&self, connection: usize, said: Option<String>) {
        self.state.send_if_modified(|state| {
            let progress = &mut state.progress[connection];
            progress
                .taken
                .extend(said.or_else(|| progress.current.clone()));
            progress.current = None;
            false
        });
    }

    /// The step that `connection` is at met this instead.
    pub(crate) fn failure(&self, connection: usize, came: String) -> Failure {
        let progress = self.state.borrow().progress[connection].clone();
        let expected = progress
            .current
            .unwrap_or_else(|| "a client that connects".to_owned());
        Failure {
            connection,
            of: progress.of,
            expected,
            came,
            taken: progress.taken,
        }
    }

    /// What to say of a script that was left before its end.
    pub(crate) fn unfinished(&self) -> Failure {
        let unfinished = |p: &Progress| p.current.is_some() || p.taken.len() < p.of || p.of == 0;
        let at = self.state.borrow().progress.iter().position(unfinished);
        self.failure(at.unwrap_or(0), "the end of the test".to_owned())
    }

    async fn until(&self, condition: impl FnMut(&State) -> bool + Send) {
        // The only error is that the sender is gone, and `self` holds it.
        let _ = self.state.subscribe().wait_for(condition).await;
    }
}

/// Barks when no step has been taken for too long, in real time.
///
/// A thread of its own, for under a paused clock a timer of the runtime would go off as soon as
/// everybody waits, and keep the client's own deadlines from being the first.
#[derive(Clone, Debug)]
pub(crate) struct Watchdog {
    fed: mpsc::Sender<()>,
    expired: watch::Receiver<bool>,
    deadline: Duration,
}

impl Watchdog {
    pub(crate) fn start(deadline: Duration) -> Self {
        let (fed, meals) = mpsc::channel();
        let (bark, expired) = watch::channel(false);
        thread::spawn(move || {
            loop {
                match meals.recv_timeout(deadline) {
                    Ok(()) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {
                        bark.send_replace(true);
                        return;
                    }
                }
            }
        });
        Self {
            fed,
            expired,
            deadline,
        }
    }

    pub(crate) fn feed(&self) {
        // It has gone only if it has barked, which somebody is about to hear.
        let _ = self.fed.send(());
    }

    /// Waits for the bark, and tells after how long it comes.
    pub(crate) async fn expired(&mut self) -> Duration {
        // The thread ends without barking only when every `Watchdog` is gone, and this is one.
        let _ = self.expired.wait_for(|expired| *expired).await;
        self.deadline
    }
}
