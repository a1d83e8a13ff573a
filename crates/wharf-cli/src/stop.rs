//! What ends a run early: Ctrl-C, SIGTERM, and `--max-time`.
//!
//! A thread of its own watches for them, so they are heard while the rest of the program is stuck as
//! well: in a question, or in a write to a pipe that nobody reads.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::exit::Exit;
use crate::failure::{Failure, Next};
use crate::terminal::Terminal;

/// How long the work may take to stop once it has to, before the process is ended under it. Longer
/// than a goodbye to the server.
const GRACE: Duration = Duration::from_secs(3);

/// Watches for the end.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    signalled: watch::Receiver<bool>,
    limit: Option<Limit>,
    question: Arc<Mutex<Option<Question>>>,
}

/// `--max-time`.
#[derive(Clone, Copy, Debug)]
struct Limit {
    time: Duration,
    deadline: Instant,
}

/// Something that is being waited for from the user.
#[derive(Debug, Default)]
struct Question {
    /// The terminal, while it does not show what is typed.
    hidden: Option<Terminal>,
}

impl Stop {
    /// Takes over SIGINT and SIGTERM. The first asks the work to stop, the second ends the process
    /// at once.
    pub(crate) fn install(max_time: Option<Duration>) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (interrupt, terminate) = {
            let _context = runtime.enter();
            (
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
            )
        };
        let (raise, signalled) = watch::channel(false);
        let stop = Self {
            signalled,
            limit: max_time.map(|time| Limit {
                time,
                deadline: Instant::now() + time,
            }),
            question: Arc::default(),
        };
        let watched = stop.clone();
        thread::Builder::new()
            .name("wharf-stop".to_owned())
            .spawn(move || runtime.block_on(watched.watch(interrupt, terminate, raise)))?;
        Ok(stop)
    }

    /// Does what may have to wait for the user. Whatever ends the run ends the process then.
    pub(crate) fn during_question<T>(&self, ask: impl FnOnce() -> T) -> T {
        *self.question() = Some(Question::default());
        let answer = ask();
        *self.question() = None;
        answer
    }

    /// Asks for a line at the terminal that nobody sees. The terminal is left as it was, whatever
    /// ends this.
    pub(crate) fn ask_hidden(&self, prompt: &str) -> io::Result<Vec<u8>> {
        let terminal = Terminal::open()?;
        let conversation = terminal.conversation()?;
        {
            // In one step for the watching thread, which restores what it finds here.
            let mut question = self.question();
            terminal.hide()?;
            question.get_or_insert_default().hidden = Some(terminal);
        }
        let answer = conversation.ask(prompt);
        if let Some(question) = self.question().as_mut()
            && let Some(terminal) = question.hidden.take()
        {
            terminal.restore();
        }
        answer
    }

    fn question(&self) -> MutexGuard<'_, Option<Question>> {
        self.question.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries `work` on until it is done or has to stop; then it is dropped, which aborts a
    /// transfer.
    pub(crate) async fn guard<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut signalled = self.signalled.clone();
        tokio::select! {
            biased;
            // The watching thread holds the sender for as long as the process lives.
            _ = signalled.wait_for(|raised| *raised) => {
                Err(Failure::new(Exit::Interrupted, "interrupted").then(Next::Stop))
            }
            failure = self.too_late() => Err(failure),
            result = work => result,
        }
    }

    /// Waits for the end of `--max-time`.
    async fn too_late(&self) -> Failure {
        let Some(Limit { time, deadline }) = self.limit else {
            return std::future::pending().await;
        };
        sleep_until(deadline).await;
        let message = format!("not done within {} s (--max-time)", time.as_secs_f64());
        Failure::new(Exit::Timeout, message).then(Next::Stop)
    }

    /// The thread.
    async fn watch(self, mut interrupt: Signal, mut terminate: Signal, raise: watch::Sender<bool>) {
        let failure = tokio::select! {
            failure = self.too_late() => failure,
            () = either(&mut interrupt, &mut terminate) => {
                raise.send_replace(true);
                Failure::new(Exit::Interrupted, "interrupted").then(Next::Stop)
            }
        };
        if self.question().is_none() {
            // The work has been asked to stop, and need not be patient with those it waits for.
            tokio::select! {
                () = sleep(GRACE) => {}
                () = either(&mut interrupt, &mut terminate) => {}
            }
        }
        end(&failure, self.question().as_ref());
    }
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Ends the process, whatever it is doing.
fn end(failure: &Failure, question: Option<&Question>) -> ! {
    if let Some(question) = question {
        if let Some(terminal) = &question.hidden {
            terminal.restore();
        }
        // The line of the question is not ended yet. Without a standard error there is nobody to tell.
        let text = failure.text().unwrap_or_default();
        let _ = writeln!(io::stderr(), "\n{text}");
    }
    #[expect(clippy::exit, reason = "the work has been asked to stop, and does not")]
    std::process::exit(failure.exit.code().into());
}
