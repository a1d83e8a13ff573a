//! Much: one large file, and a thousand transfers of small ones.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Mutex;

use crate::berth::{Berth, Column, Security, assert_in_step, retrieve, store};
use crate::content::{CHUNK, Content, Sum, sum_of_file};

const GIB: Content = Content(1 << 30);
const SOME_MIB: Content = Content(8 << 20);

/// A gibibyte over the plain column, so that a size beyond every buffer was seen with every server.
pub(crate) async fn a_large_file_goes_both_ways(berth: Berth) {
    // One at a time: it is two gibibytes of disk, and they would only slow each other down.
    static DISK: Mutex<()> = Mutex::const_new(());
    static SUMS: [OnceLock<Sum>; 2] = [OnceLock::new(), OnceLock::new()];
    let (content, sum) = match (berth.column, berth.security) {
        (Column::PassiveV4, Security::Clear) => (GIB, &SUMS[0]),
        _ => (SOME_MIB, &SUMS[1]),
    };
    let sum = sum.get_or_init(|| content.sum());
    let _turn = DISK.lock().await;

    let client = berth.connect().await;
    content.write_to(&berth.on_disk("down")).unwrap();
    berth.hand_over("down");
    let mut download = client.retrieve_file("down").await.unwrap();
    let mut digest = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        let n = download.read(&mut buffer).await.unwrap();
        if n == 0 {
            break;
        }
        digest.update(&buffer[..n]);
    }
    assert_eq!(download.bytes(), content.0);
    assert!(download.completion().unwrap().reply.code().is_completion());
    assert_eq!(Sum::from(digest.finalize()), *sum, "retrieved");
    client.remove_file("down").await.unwrap();

    let mut upload = client.store_file("up").await.unwrap();
    let mut chunks = content.chunks();
    while let Some(chunk) = chunks.next() {
        upload.write_all(chunk).await.unwrap();
    }
    assert_eq!(upload.bytes(), content.0);
    upload.finish().await.unwrap();
    let stored = sum_of_file(&berth.on_disk("up")).unwrap();
    assert_eq!(stored, (content.0, *sum), "stored");
    client.quit().await.unwrap();
}

pub(crate) async fn a_thousand_transfers_go_through_one_connection(berth: Berth) {
    // Each is stored and retrieved.
    let files = match (berth.column, berth.security) {
        (Column::PassiveV6, _) if !berth.expected.quick_over_ipv6 => 50,
        (_, Security::Clear) => 500,
        // Handshakes are what takes time; `endurance` has many where they matter.
        _ => 50,
    };
    let client = berth.connect().await;
    for n in 0..files {
        let name = format!("file-{n:03}");
        let content = format!("content of {n}\n");
        store(&client, &name, content.as_bytes()).await.unwrap();
        assert_eq!(
            retrieve(&client, &name).await.unwrap(),
            content.as_bytes(),
            "{name}"
        );
    }
    let stored = std::fs::read_dir(berth.on_disk("")).unwrap().count();
    assert_eq!(stored, files);
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}
