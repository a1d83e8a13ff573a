//! What ends a run early: Ctrl-C, SIGTERM, and `--max-time`.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::exit::Exit;
use crate::failure::{Failure, Next};

/// Watches for the end.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    signalled: watch::Receiver<bool>,
    max_time: Option<(Duration, Instant)>,
}

impl Stop {
    /// Takes over SIGINT and SIGTERM. The first asks the work to stop, the second ends the process
    /// at once. Must be called within the runtime.
    pub(crate) fn install(max_time: Option<Duration>) -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        let (raise, signalled) = watch::channel(false);
        tokio::spawn(listen(interrupt, terminate, raise));
        let max_time = max_time.map(|limit| (limit, Instant::now() + limit));
        Ok(Self {
            signalled,
            max_time,
        })
    }

    /// Carries `work` on until it is done or has to stop; then it is dropped, which aborts a
    /// transfer.
    pub(crate) async fn guard<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut signalled = self.signalled.clone();
        let late = async {
            match self.max_time {
                Some((_, deadline)) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            // The sender lives as long as the runtime, so an error means that the runtime ends.
            _ = signalled.wait_for(|raised| *raised) => {
                Err(Failure::new(Exit::Interrupted, "interrupted").then(Next::Stop))
            }
            () = late => {
                let limit = self.max_time.map_or(Duration::ZERO, |(limit, _)| limit);
                let message = format!("not done within {} s (--max-time)", limit.as_secs_f64());
                Err(Failure::new(Exit::Timeout, message).then(Next::Stop))
            }
            result = work => result,
        }
    }
}

async fn listen(mut interrupt: Signal, mut terminate: Signal, raise: watch::Sender<bool>) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if raise.send_replace(true) {
            #[expect(clippy::exit, reason = "the second Ctrl-C must not wait for anything")]
            std::process::exit(Exit::Interrupted.code().into());
        }
    }
}
