//! Contents: stored, retrieved, in part, appended to, and empty.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::{Client, DataMode, ErrorKind, Passive, RetrieveOptions, StoreOptions};

use crate::berth::{Berth, Column, assert_in_step, assert_unknown, retrieve, store};
use crate::content::Content;

pub(crate) async fn what_was_stored_is_retrieved(berth: Berth) {
    let client = berth.connect().await;
    let content = Content(100_000).bytes();
    let completion = store(&client, "a.bin", &content).await.unwrap();
    assert!(completion.reply.code().is_completion(), "{completion:?}");
    assert!(std::fs::read(berth.on_disk("a.bin")).unwrap() == content);
    assert!(retrieve(&client, "a.bin").await.unwrap() == content);

    // Shorter, so that the old content shows if it stays; and bytes that are not text.
    let second = b"line\nline\r\nline\r\xff\xff\0";
    store(&client, "a.bin", second).await.unwrap();
    assert_eq!(retrieve(&client, "a.bin").await.unwrap(), second);
    if berth.column == Column::PassiveV4 {
        client.set_mode(DataMode::Passive(Passive::Classic));
        assert_eq!(retrieve(&client, "a.bin").await.unwrap(), second);
        store(&client, "b.bin", second).await.unwrap();
        assert_eq!(retrieve(&client, "b.bin").await.unwrap(), second);
    }
    client.quit().await.unwrap();
}

pub(crate) async fn an_offset_retrieves_the_rest(berth: Berth) {
    berth.put("a.txt", b"0123456789");
    let client = berth.connect().await;
    let rest = retrieve_from(&client, "a.txt", 4).await;
    if berth.expected.knows("REST") {
        assert_eq!(rest.unwrap(), b"456789");
    } else {
        assert_unknown(rest, "REST 4");
    }
    // The offset was for that transfer only.
    assert_eq!(retrieve(&client, "a.txt").await.unwrap(), b"0123456789");
    client.quit().await.unwrap();
}

async fn retrieve_from(client: &Client, path: &str, offset: u64) -> wharf::Result<Vec<u8>> {
    let options = RetrieveOptions::default().offset(offset);
    let mut rest = Vec::new();
    let mut download = client.retrieve_file_with(path, options).await?;
    download
        .read_to_end(&mut rest)
        .await
        .map_err(wharf::from_io)?;
    Ok(rest)
}

pub(crate) async fn an_offset_overwrites_from_there(berth: Berth) {
    berth.put("a.txt", b"0123456789");
    let client = berth.connect().await;
    let options = StoreOptions::default().offset(4);
    let upload = client.store_file_with("a.txt", options).await;
    let mut expected = berth.expected.overwritten;
    if berth.expected.knows("REST") {
        let mut upload = upload.unwrap();
        upload.write_all(b"xyz").await.unwrap();
        upload.finish().await.unwrap();
    } else {
        assert_unknown(upload, "REST 4");
        expected = "0123456789";
    }
    let stored = std::fs::read_to_string(berth.on_disk("a.txt")).unwrap();
    assert_eq!(stored, expected);
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}

pub(crate) async fn appending_adds_to_the_end(berth: Berth) {
    berth.put("log", b"one\n");
    let client = berth.connect().await;
    if !berth.expected.knows("APPE") {
        assert_unknown(client.append_file("log").await, "APPE log");
        assert_eq!(retrieve(&client, "log").await.unwrap(), b"one\n");
        return;
    }
    for (path, line) in [("log", "two\n"), ("log", "three\n"), ("new", "first\n")] {
        let mut upload = client.append_file(path).await.unwrap();
        upload.write_all(line.as_bytes()).await.unwrap();
        upload.finish().await.unwrap();
    }
    assert_eq!(
        retrieve(&client, "log").await.unwrap(),
        b"one\ntwo\nthree\n"
    );
    assert_eq!(retrieve(&client, "new").await.unwrap(), b"first\n");
    client.quit().await.unwrap();
}

pub(crate) async fn empty_files_go_both_ways(berth: Berth) {
    let client = berth.connect().await;
    store(&client, "nothing", b"").await.unwrap();
    let stored = std::fs::metadata(berth.on_disk("nothing")).unwrap();
    assert_eq!(stored.len(), 0);
    let mut options = RetrieveOptions::default();
    if !berth.expected.closes_nothing {
        // What proves that nothing is missing.
        options = options.expected_size(0);
    }
    match client.retrieve_file_with("nothing", options).await {
        Ok(mut download) => {
            let mut retrieved = Vec::new();
            download.read_to_end(&mut retrieved).await.unwrap();
            assert_eq!(retrieved, b"");
        }
        // It hangs up with nothing to send, be the handshake over or not.
        Err(error) => {
            assert!(!berth.expected.closes_nothing, "{error}");
            assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
            assert_eq!(error.reply().unwrap().code(), 226, "{error}");
        }
    }
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}
