//! Transfers that end before their end, by word or by drop; the session goes on.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::{Client, ErrorKind};
use wharf_testing::cancel::{drop_after, for_each_cut};

use crate::berth::{Berth, assert_in_step, retrieve, store};
use crate::content::Content;
use crate::deviations::Cut;

/// More than the buffers of two sockets hold, so that the server is in the middle when it is cut.
const LARGE: Content = Content(32 << 20);

fn furnish(berth: &Berth) {
    LARGE.write_to(&berth.on_disk("large")).unwrap();
    berth.hand_over("large");
}

/// The session does what it did before.
async fn assert_usable(client: &Client) {
    assert_in_step(client).await;
    let content = Content(10_000).bytes();
    store(client, "after", &content).await.unwrap();
    assert!(retrieve(client, "after").await.unwrap() == content);
    assert_in_step(client).await;
}

/// The session goes on, or is over where the server ends it; then the next one is returned.
async fn after_a_cut(berth: &Berth, client: Client, expected: Cut) -> Client {
    let error = match (client.pwd().await, expected) {
        (Ok(_), Cut::InStep | Cut::Either) => {
            assert_usable(&client).await;
            return client;
        }
        (Err(error), Cut::Lost | Cut::Either) => error,
        (reply, _) => panic!("{reply:?} is not {expected:?}"),
    };
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert_eq!(client.closed().await.kind(), ErrorKind::ConnectionLost);
    berth.connect().await
}

fn assert_settled(aborted: wharf::Result<()>, expected: Cut) {
    match (aborted, expected) {
        (Ok(()), Cut::InStep | Cut::Either) => {}
        (Err(error), Cut::Lost | Cut::Either) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error}");
        }
        (aborted, _) => panic!("{aborted:?} is not {expected:?}"),
    }
}

pub(crate) async fn an_aborted_download_leaves_the_session_in_step(berth: Berth) {
    furnish(&berth);
    let mut client = berth.connect().await;
    for read in [0, 1, 100_000] {
        let mut download = client.retrieve_file("large").await.unwrap();
        download.read_exact(&mut vec![0; read]).await.unwrap();
        assert_settled(download.abort().await, berth.expected.cut_download);
        client = after_a_cut(&berth, client, berth.expected.cut_download).await;
    }
    // Nothing is left to stop when all has come.
    store(&client, "small", &[1; 1000]).await.unwrap();
    let mut download = client.retrieve_file("small").await.unwrap();
    download.read_exact(&mut [0; 1000]).await.unwrap();
    download.abort().await.unwrap();
    assert_usable(&client).await;
    client.quit().await.unwrap();
}

pub(crate) async fn an_aborted_upload_leaves_the_session_in_step(berth: Berth) {
    let mut client = berth.connect().await;
    for written in [0, 1, 100_000, 5_000_000] {
        let mut upload = client.store_file("half").await.unwrap();
        upload.write_all(&vec![7; written]).await.unwrap();
        assert_settled(upload.abort().await, berth.expected.cut_upload);
        client = after_a_cut(&berth, client, berth.expected.cut_upload).await;
    }
    client.quit().await.unwrap();
}

pub(crate) async fn a_dropped_download_leaves_the_session_in_step(berth: Berth) {
    furnish(&berth);
    let mut client = berth.connect().await;
    for read in [0, 1, 100_000] {
        let mut download = client.retrieve_file("large").await.unwrap();
        download.read_exact(&mut vec![0; read]).await.unwrap();
        drop(download);
        client = after_a_cut(&berth, client, berth.expected.cut_download).await;
    }
    // The future alone, before its stream is there.
    drop(client.retrieve_file("large"));
    assert_usable(&client).await;
    client.quit().await.unwrap();
}

pub(crate) async fn a_dropped_upload_leaves_the_session_in_step(berth: Berth) {
    let mut client = berth.connect().await;
    for written in [0, 1, 100_000] {
        let mut upload = client.store_file("half").await.unwrap();
        upload.write_all(&vec![7; written]).await.unwrap();
        drop(upload);
        client = after_a_cut(&berth, client, berth.expected.cut_upload).await;
    }
    drop(client.store_file("half"));
    assert_usable(&client).await;
    client.quit().await.unwrap();
}

pub(crate) async fn a_dropped_listing_leaves_the_session_in_step(berth: Berth) {
    berth.put_directory("many");
    // A hundred kilobytes of listing, which is more than is read at a time.
    let long = "a name ".repeat(30);
    for n in 0..400 {
        berth.put(&format!("many/{long}{n}"), b"");
    }
    let client = berth.connect().await;
    let mut listing = client.list("many").await.unwrap();
    listing.next_entry().await.unwrap().unwrap();
    drop(listing);
    // It fits into the sockets' buffers, so the server may be done with it and have lost nothing.
    let was_over = berth.expected.cut_download == Cut::Lost && client.pwd().await.is_ok();
    let client = if was_over {
        client
    } else {
        after_a_cut(&berth, client, berth.expected.cut_download).await
    };
    drop(client.list("many"));
    assert_usable(&client).await;
    client.quit().await.unwrap();
}

/// A transfer or a rename that is dropped after each number of polls, each time in a session of its own.
pub(crate) async fn a_future_dropped_at_any_poll_leaves_the_session_in_step(berth: Berth) {
    let content = Content(50_000).bytes();
    berth.put("small", &content);
    berth.put("a", b"1");
    for_each_cut(|polls| {
        cut(&berth, polls, berth.expected.cut_download, async |client| {
            retrieve(client, "small").await.unwrap();
        })
    })
    .await;
    for_each_cut(|polls| {
        cut(&berth, polls, berth.expected.cut_upload, async |client| {
            store(client, "up", &content).await.unwrap();
        })
    })
    .await;
    for_each_cut(|polls| {
        cut(&berth, polls, berth.expected.cut_download, async |client| {
            let mut listing = client.list("").await.unwrap();
            while let Some(parsed) = listing.next_entry().await {
                parsed.unwrap();
            }
        })
    })
    .await;
    for_each_cut(|polls| {
        cut(&berth, polls, Cut::InStep, async |client| {
            client.rename("a", "b").await.unwrap();
            client.rename("b", "a").await.unwrap();
        })
    })
    .await;
}

async fn cut(
    berth: &Berth,
    polls: usize,
    expected: Cut,
    work: impl AsyncFn(&Client),
) -> Option<()> {
    // What the last cut left undone, on either side.
    if berth.on_disk("b").exists() {
        std::fs::rename(berth.on_disk("b"), berth.on_disk("a")).unwrap();
    }
    let client = berth.connect().await;
    let done = drop_after(polls, work(&client)).await;
    match client.pwd().await {
        Ok(reply) => assert_eq!(reply.code(), 257, "{polls} polls: {reply}"),
        Err(error) => {
            assert_eq!(expected, Cut::Lost, "{polls} polls: {error}");
            assert_eq!(error.kind(), ErrorKind::ConnectionLost);
            return done;
        }
    }
    // Its reply is the end of what the cut left running.
    client.quit().await.unwrap();
    done
}
