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

const ENTRY: &str = r"-rw-r--r--   1 root     other        531 Jan 29  2003 README\r\n";
const HIDDEN: &str = r"-rw-r--r--   1 root     other        531 Jan 29  2003 .profile\r\n";

fn whole(line: &str) -> String {
    listing(
        line,
        &format!("S: 150 Here.\nD> {ENTRY}\nD.\nS: 226 Done.\n"),
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

#[tokio::test(start_paused = true)]
async fn a_try_that_is_answered_after_it_was_given_up_leaves_the_session_in_step() {
    for answer in [
        "S: 150 Here.\nD<end\nS: 426 Aborted.\nC: PWD\nS: 257 \"/\"\n",
        "D<end\nS: 550 -a pub: No such file\nC: PWD\nS: 257 \"/\"\n",
    ] {
        let whole = whole("LIST pub");
        let late = listing("LIST -a pub", &format!("gate answer\n{answer}"));
        let script = ["login\n", REFUSED, &whole, &late, &whole, BYE].concat();
        let (server, client) = in_memory(&script, &config()).await;
        assert_eq!(names(&client).await.unwrap(), ["README"]);
        sleep(LIMIT / 12).await;
        server.open("answer");
        assert_eq!(names(&client).await.unwrap(), ["README"]);
        drop(client);
        server.finished().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_may_take_as_long_as_any_reply() {
    let script = [
        "login\n",
        REFUSED,
        &whole("LIST pub"),
        &listing(
            "LIST -a pub",
            &format!("gate answer\nS: 150 Here.\nD> {HIDDEN}{ENTRY}\nD.\nS: 226 Done.\n"),
        ),
        BYE,
    ]
    .concat();
    let config = config().reply_timeout(3 * LIMIT);
    let (server, client) = in_memory(&script, &config).await;
    let late = async {
        sleep(2 * LIMIT).await;
        server.open("answer");
    };
    let (listed, ()) = tokio::join!(names(&client), late);
    assert_eq!(listed.unwrap(), [".profile", "README"]);
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
