//! A download as a stream of chunks.

mod common;

use futures_util::StreamExt;

use common::{farewell, lines, session};

const RETR: &str = "
    C: PASV
    L
    S: 227 Entering Passive Mode ({pasv}).
    C: RETR a
    D+
    S: 150 Here it comes.
";

#[tokio::test]
async fn small_chunks_share_one_buffer() {
    let script = format!("{RETR}\nD> abc\ngate more\nD> de\nD.\nS: 226 Done.");
    let (server, client) = session(&script).await;
    let mut download = client.retrieve_file("a").await.unwrap();
    let first = download.next().await.unwrap().unwrap();
    server.open("more");
    let second = download.next().await.unwrap().unwrap();
    assert_eq!((&first[..], &second[..]), (&b"abc"[..], &b"de"[..]));
    assert_eq!(
        second.as_ptr().addr(),
        first.as_ptr().addr() + first.len(),
        "a buffer for a few bytes"
    );
    assert!(download.next().await.is_none());
    let replies = lines(&download.completion().unwrap().reply);
    assert_eq!(replies, ["150 Here it comes.", "226 Done."]);
    drop(download);
    farewell(server, client).await;
}

#[tokio::test]
async fn chunks_hold_every_byte_once_however_many_buffers_they_take() {
    let script = format!("{RETR}\nD>* 30000 0123456789\nD.\nS: 226 Done.");
    let (server, client) = session(&script).await;
    let mut download = client.retrieve_file("a").await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = download.next().await {
        bytes.extend_from_slice(&chunk.unwrap());
    }
    assert_eq!(bytes, b"0123456789".repeat(30_000));
    farewell(server, client).await;
}
