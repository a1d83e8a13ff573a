//! Transfers that end before their end, by word or by drop; the session goes on.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::{Client, ErrorKind};

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
async fn after_a_cut(berth: &Berth, client: Client) -> Client {
    if berth.expected.cut == Cut::InStep {
        assert_usable(&client).await;
        return client;
    }
    let error = client.pwd().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert_eq!(client.closed().await.kind(), ErrorKind::ConnectionLost);
    berth.connect().await
}

fn assert_settled(berth: &Berth, aborted: wharf::Result<()>) {
    let kind = aborted.err().map(|error| error.kind());
    let expected = match berth.expected.cut {
        Cut::InStep => None,
        Cut::Lost => Some(ErrorKind::ConnectionLost),
    };
    assert_eq!(kind, expected);
}

pub(crate) async fn an_aborted_download_leaves_the_session_in_step(berth: Berth) {
    furnish(&berth);
    let mut client = berth.connect().await;
    for read in [0, 1, 100_000] {
        let mut download = client.retrieve_file("large").await.unwrap();
        download.read_exact(&mut vec![0; read]).await.unwrap();
        assert_settled(&berth, download.abort().await);
        client = after_a_cut(&berth, client).await;
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
        assert_settled(&berth, upload.abort().await);
        client = after_a_cut(&berth, client).await;
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
        client = after_a_cut(&berth, client).await;
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
        client = after_a_cut(&berth, client).await;
    }
    drop(client.store_file("half"));
    assert_usable(&client).await;
    client.quit().await.unwrap();
}

pub(crate) async fn a_dropped_listing_leaves_the_session_in_step(berth: Berth) {
    berth.put_directory("many");
    for n in 0..2000 {
        berth.put(
            &format!("many/a rather long name of a file, number {n}"),
            b"",
        );
    }
    let client = berth.connect().await;
    let mut listing = client.list("many").await.unwrap();
    listing.next_entry().await.unwrap().unwrap();
    drop(listing);
    let client = after_a_cut(&berth, client).await;
    drop(client.list("many"));
    assert_usable(&client).await;
    client.quit().await.unwrap();
}
