//! How long a listing waits for what it tries beside it.

#[path = "common/memory.rs"]
mod memory;

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use wharf::{Client, Config, DataMode, Parsed, Passive, Result};

use memory::in_memory;

const LIMIT: Duration = Duration::from_mins(1);

/// What is given up if it takes longer than this.
fn config() -> Config {
    Config::new("harbour")
        .mode(DataMode::Passive(Passive::Classic))
        .reply_timeout(LIMIT)
        .stall_timeout(LIMIT)
}

/// A listing of one entry by this line, and what comes in place of its data.
fn listing(line: &str, rest: &str) -> String {
    format!("C: PASV\nL\nS: 227 Entering Passive Mode ({{pasv}}).\nC: {line}\nD+\n{rest}")
}

fn whole(line: &str) -> String {
    let entry = r"-rw-r--r--   1 root     other        531 Jan 29  2003 README\r\n";
    listing(
        line,
        &format!("S: 150 Here.\nD> {entry}\nD.\nS: 226 Done.\n"),
    )
}

async fn names(client: &Client) -> Result<Vec<String>> {
    let mut listing = client.list("pub").await?;
    let mut names = Vec::new();
    while let Some(item) = listing.next_entry().await {
        if let Parsed::Entry(entry) = item? {
            names.push(entry.name_lossy().into_owned());
        }
    }
    Ok(names)
}

/// Of a server that has LIST alone.
const REFUSED: &str = "C: FEAT\nS: 502 What?\nC: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\nC: MLSD pub\nD+\nS: 502 What?\nD<end\n";

const BYE: &str = "C: QUIT\nS: 221 Bye.\neof";

#[tokio::test(start_paused = true)]
async fn a_try_that_takes_too_long_is_given_up_and_not_made_again() {
    let whole = whole("LIST pub");
    let slow = listing(
        "LIST -a pub",
        "gate mark\nS: 150 Here.\nnote began\nD<end\nS: 426 Aborted.\nC: PWD\nS: 257 \"/\"\n",
    );
    let script = ["login\n", REFUSED, &whole, &slow, &whole, BYE].concat();
    let (server, client) = in_memory(&script, &config()).await;
    let begun = Instant::now();
    let late = async {
        sleep(LIMIT * 59 / 60).await;
        server.open("mark");
        server.reached("began").await;
    };
    let (listed, ()) = tokio::join!(names(&client), late);
    assert_eq!(listed.unwrap(), ["README"]);
    let waited = begun.elapsed();
    assert!(waited < LIMIT + Duration::from_secs(1), "{waited:?}");
    // And at once from there on.
    assert_eq!(names(&client).await.unwrap(), ["README"]);
    assert_eq!(begun.elapsed(), waited);
    drop(client);
    server.finished().await;
}

#[tokio::test]
async fn a_listing_with_a_try_may_be_read_outside_of_the_runtime() {
    let script = [
        "login\n",
        REFUSED,
        &whole("LIST pub"),
        &whole("LIST -a pub"),
        BYE,
    ]
    .concat();
    let (server, client) = in_memory(&script, &config()).await;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut listed = pin!(names(&client));
        let mut context = Context::from_waker(Waker::noop());
        let result = loop {
            match listed.as_mut().poll(&mut context) {
                Poll::Ready(result) => break result,
                Poll::Pending => std::thread::yield_now(),
            }
        };
        sender.send(result)
    });
    assert_eq!(receiver.await.unwrap().unwrap(), ["README"]);
    server.finished().await;
}
