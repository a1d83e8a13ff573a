//! What the channels of a session owe each other: the same sessions, the same certificate, and to keep in step
//! whatever becomes of one of them.

use std::io;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use wharf_testing::server::Versions;

use crate::harbor::trusting;
use crate::stage::{BOTH, Stage, implicit};

#[tokio::test(start_paused = true)]
async fn a_download_that_is_given_up_before_its_first_byte_is_cut_behind_it() {
    // ProFTPD ends its session where it cannot write its first byte.
    for (how, sends) in [
        ("drop", true),
        ("drop", false),
        ("abort", true),
        ("abor", true),
    ] {
        let (mut stage, client) = Stage::of(Versions::Tls13).await;
        let (download, mut data) =
            tokio::join!(client.retrieve_file("a"), stage.secure_data("RETR a"));
        let download = download.unwrap();
        let give_up = async {
            match how {
                "abort" => download.abort().await.unwrap(),
                "abor" => {
                    client.abor().await.unwrap();
                    // Held on to, and not polled.
                    drop(download);
                }
                _ => drop(download),
            }
        };
        let serve = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            if sends {
                data.send_data(b"first").await.unwrap();
            }
            let end = data.read_record().await.unwrap_err();
            assert_eq!(end.kind(), io::ErrorKind::ConnectionReset, "{how}");
            stage.say("426 Cut.").await;
            stage.answer("PWD", "257 \"/\"").await;
        };
        tokio::join!(give_up, serve);
        stage.goes_on(&client).await;
    }
}
