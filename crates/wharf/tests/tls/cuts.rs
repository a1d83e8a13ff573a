//! Transfers under TLS that nobody goes on with: the session does, and nothing piles up.

use std::pin::Pin;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::Client;
use wharf_testing::cancel::{drop_after, for_each_cut};
use wharf_testing::server::{Reuse, Server, ServerTls, Versions};
use wharf_testing::tls::record::MAX_PAYLOAD;

use crate::harbor::{ashore, content, retrieve, store};
use crate::stage::{BOTH, Stage};

/// A server that demands resumed sessions, with a file that is larger than the sockets' buffers.
async fn demanding(versions: Versions) -> (Server, Client) {
    let tls = ServerTls {
        versions,
        reuse: Reuse::RequiredAsProftpd,
        ..ServerTls::default()
    };
    let (server, client) = ashore(tls).await;
    std::fs::write(server.root().join("large"), content(LARGE)).unwrap();
    std::fs::write(server.root().join("small"), b"all is well").unwrap();
    (server, client)
}

const LARGE: usize = 3 << 20;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Drops this after every number of polls; each time the session goes on, and its next transfers are resumed.
async fn cut_everywhere(work: impl Fn(Client) -> Work + Sync) {
    for versions in BOTH {
        let polls = for_each_cut(|polls| {
            let work = &work;
            async move {
                let (_server, client) = demanding(versions).await;
                let done = drop_after(polls, work(client.clone())).await;
                assert_eq!(client.pwd().await.unwrap().code(), 257, "{polls} polls");
                let small = retrieve(&client, "small").await.unwrap();
                assert_eq!(small, (b"all is well".to_vec(), true), "{polls} polls");
                assert!(store(&client, "new", b"cargo").await.unwrap());
                client.quit().await.unwrap();
                done
            }
        })
        .await;
        assert!(polls > 2, "waits for nothing");
    }
}

#[tokio::test]
async fn a_protected_download_may_be_dropped_anywhere() {
    let work = |client: Client| async move {
        let (bytes, resumed) = retrieve(&client, "large").await.unwrap();
        assert!(resumed && bytes.len() == LARGE);
    };
    cut_everywhere(|client| Box::pin(work(client))).await;
}

#[tokio::test]
async fn a_protected_upload_may_be_dropped_anywhere() {
    let work = |client: Client| async move {
        assert!(store(&client, "up", &content(LARGE)).await.unwrap());
    };
    cut_everywhere(|client| Box::pin(work(client))).await;
}

#[tokio::test]
async fn a_protected_listing_may_be_dropped_anywhere() {
    let work = |client: Client| async move {
        let names = client.nlst("").await.unwrap().lines().await.unwrap();
        assert_eq!(names.len(), 2);
    };
    cut_everywhere(|client| Box::pin(work(client))).await;
}

#[tokio::test]
async fn what_nobody_reads_or_takes_does_not_pile_up() {
    /// Eight records opened at a time on our side, and what the network holds.
    const BOUND: usize = 512 * 1024;
    for versions in BOTH {
        let (mut stage, client) = Stage::of(versions).await;
        let (download, mut data) =
            tokio::join!(client.retrieve_file("a"), stage.secure_data("RETR a"));
        let mut download = download.unwrap();
        let mut sent = 0;
        let piece = [7; MAX_PAYLOAD];
        let first = download.read_u8();
        let endless = async {
            loop {
                data.send_data(&piece).await.unwrap();
                sent += piece.len();
                assert!(sent < BOUND, "taken in and not asked for");
            }
        };
        tokio::select! {
            byte = first => assert_eq!(byte.unwrap(), 7),
            () = endless => {}
        }
        let endless = async {
            loop {
                data.send_data(&piece).await.unwrap();
                sent += piece.len();
                assert!(sent < BOUND, "taken in and not asked for");
            }
        };
        assert!(drop_after(1, endless).await.is_none());

        let (mut stage, client) = Stage::of(versions).await;
        let (upload, _data) = tokio::join!(client.store_file("a"), stage.secure_data("STOR a"));
        let mut upload = upload.unwrap();
        let endless = async {
            loop {
                upload.write_all(&piece).await.unwrap();
            }
        };
        assert!(drop_after(1, endless).await.is_none());
        assert!(upload.bytes() < BOUND as u64, "taken and not sent");
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_given_up_while_it_shakes_hands_is_reset() {
    for versions in BOTH {
        let (mut stage, client) = Stage::of(versions).await;
        let upload = client.store_file("a");
        let mut data = stage.data("STOR a").await;
        let mut hello = [0; 5];
        data.read_exact(&mut hello).await.unwrap();
        drop(upload);
        // A clean end would be an empty file to a server that takes one for the end of an upload.
        let end = data.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(
            end.kind(),
            std::io::ErrorKind::ConnectionReset,
            "{versions:?}"
        );
        stage.say("426 Cut off.").await;
        stage.answer("PWD", "257 \"/\"").await;
        stage.goes_on(&client).await;
    }
}
