//! Every public future, dropped wherever it can be dropped; the session goes on.
//!
//! Two kinds of cut: after each number of polls, which is where a caller's own task can be, and as soon
//! as the server's log has so many lines more, which is where the conversation can be. After each cut the
//! same session must answer PWD with 257, which nothing else is answered with, and retrieve a file in the
//! representation that it is stored in.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::{
    Client, Config, DataMode, ErrorKind, Representation, RetrieveOptions, StoreOptions, Timestamp,
    Tls,
};
use wharf_testing::cancel::{drop_after, for_each_cut};
use wharf_testing::server::{Options, Server};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Larger than the sockets' buffers, so that a transfer can be met in its middle.
const LARGE: usize = 4 << 20;

/// With line ends that would change if it came as text.
const SMALL: &[u8] = b"one\ntwo\r\nthree\n";

async fn harbor() -> Server {
    let server = Server::builder()
        .user("ship", "harbor")
        .start()
        .await
        .unwrap();
    let root = server.root();
    std::fs::write(root.join("large"), vec![7; LARGE]).unwrap();
    std::fs::write(root.join("small"), SMALL).unwrap();
    std::fs::create_dir(root.join("dir")).unwrap();
    server
}

fn config(server: &Server) -> Config {
    Config::new(server.addr().ip().to_string())
        .port(server.addr().port())
        .login("ship", "harbor")
        .tls(Tls::Off)
}

async fn connect(server: &Server) -> Client {
    config(server).connect().await.unwrap()
}

async fn assert_in_step(client: &Client, cut: &str) {
    let reply = client.pwd().await.unwrap();
    assert_eq!(reply.code(), 257, "{cut}: {reply}");
    let mut small = Vec::new();
    let mut download = client.retrieve_file("small").await.unwrap();
    download.read_to_end(&mut small).await.unwrap();
    assert_eq!(small, SMALL, "{cut}");
}

/// Cuts the work on a session of its own after every number of polls, and then at every line of the
/// conversation.
async fn cut_everywhere(server: &Server, what: &str, work: impl Fn(Client) -> Work + Sync) {
    let polls = for_each_cut(|polls| {
        let work = &work;
        async move {
            let client = connect(server).await;
            let done = drop_after(polls, work(client.clone())).await;
            assert_in_step(&client, &format!("{what}, {polls} polls")).await;
            client.quit().await.unwrap();
            done
        }
    })
    .await;
    assert!(polls > 0, "{what} waits for nothing");
    for lines in 0_usize.. {
        let client = connect(server).await;
        let done = drop_at_line(server, lines, work(client.clone())).await;
        assert_in_step(&client, &format!("{what}, {lines} lines")).await;
        client.quit().await.unwrap();
        if done.is_some() {
            break;
        }
    }
}

/// Drops the future as soon as the server's log has `lines` lines more. It is polled on every turn of
/// the runtime, whether or not it asked for it.
async fn drop_at_line<F: Future>(server: &Server, lines: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let until = server.log().len() + lines;
    poll_fn(|cx| {
        if server.log().len() >= until {
            return Poll::Ready(None);
        }
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// A server that its greeting does not name, with neither FEAT nor MLSD: listings are chosen, tried with -a, and
/// asked about behind.
async fn plain_harbor() -> Server {
    let options = Options {
        without: vec!["FEAT", "MLSD", "MLST"],
        ..Options::default()
    };
    let server = Server::builder()
        .user("ship", "harbor")
        .options(options)
        .start()
        .await
        .unwrap();
    std::fs::write(server.root().join("small"), SMALL).unwrap();
    std::fs::create_dir(server.root().join("dir")).unwrap();
    server
}

async fn entries(client: &Client, path: &str) -> usize {
    let mut listing = client.list(path).await.unwrap();
    let mut count = 0;
    while let Some(item) = listing.next_entry().await {
        item.unwrap();
        count += 1;
    }
    count
}

/// A test that cuts each of these everywhere.
macro_rules! cuts {
    ($($test:ident { $($what:literal => |$client:ident| $work:expr;)+ })+) => {$(
        #[tokio::test]
        async fn $test() {
            let server = harbor().await;
            $(cut_everywhere(&server, $what, |$client| Box::pin(async move { $work; })).await;)+
        }
    )+};
}

cuts! {
    a_command_may_be_dropped_anywhere {
        "pwd" => |client| client.pwd().await.unwrap();
        "get_directory" => |client| client.get_directory().await.unwrap();
        "cwd" => |client| client.cwd("/").await.unwrap();
        "cdup" => |client| client.cdup().await.unwrap();
        "noop" => |client| client.noop().await.unwrap();
        "syst" => |client| client.syst().await.unwrap();
        "status" => |client| client.status("").await.unwrap();
        "help" => |client| client.help("").await.unwrap();
        "features" => |client| client.features().await.unwrap();
        "allo" => |client| client.allo(1).await.unwrap();
        "size" => |client| client.size("small").await.unwrap();
        "mdtm" => |client| client.mdtm("small").await.unwrap();
        "mlst" => |client| client.mlst("small").await.unwrap();
        "stat" => |client| client.stat("small").await.unwrap();
        "command" => |client| client.command("NOOP").await.unwrap();
        "set_representation" => |client| {
            client.set_representation(Representation::Ascii).await.unwrap()
        };
        "queue_login" => |client| client.queue_login("ship", "harbor").await.unwrap();
    }

    // A refusal is an answer like any other.
    a_command_that_may_be_refused_may_be_dropped_anywhere {
        "acct" => |client| drop(client.acct("harbormaster").await);
        "host" => |client| drop(client.host("ftp.example.com").await);
        "opts" => |client| drop(client.opts("UTF8 ON").await);
        "site" => |client| drop(client.site("HELP").await);
        "clnt" => |client| drop(client.clnt("wharf").await);
        "abor" => |client| drop(client.abor().await);
        "remove_file" => |client| drop(client.remove_file("nope").await);
        "mfmt" => |client| {
            let epoch = Timestamp::from_unix(0, 0).unwrap();
            drop(client.mfmt("small", epoch).await);
        };
    }

    a_change_of_the_tree_may_be_dropped_anywhere {
        // What was cut may or may not have been done; the next attempt makes no assumption.
        "make_directory" => |client| drop(client.make_directory("made").await);
        "remove_directory" => |client| drop(client.remove_directory("made").await);
        "rename" => |client| drop(client.rename("dir", "dir").await);
        "rename, refused" => |client| client.rename("nope", "other").await.unwrap_err();
    }

    a_download_may_be_dropped_anywhere {
        "read" => |client| {
            let mut all = Vec::new();
            let mut download = client.retrieve_file("large").await.unwrap();
            download.read_to_end(&mut all).await.unwrap();
            assert_eq!(all.len(), LARGE);
        };
        "next" => |client| {
            let mut download = client.retrieve_file("small").await.unwrap();
            while let Some(chunk) = download.next().await {
                chunk.unwrap();
            }
        };
        "finish" => |client| {
            client.retrieve_file("small").await.unwrap().finish().await.unwrap()
        };
        "abort" => |client| {
            client.retrieve_file("large").await.unwrap().abort().await.unwrap();
        };
        "abor" => |client| {
            let _download = client.retrieve_file("large").await.unwrap();
            client.abor().await.unwrap();
        };
        "in part" => |client| {
            let part = RetrieveOptions::default().offset(4);
            client.retrieve_file_with("small", part).await.unwrap().finish().await.unwrap()
        };
        "as text" => |client| {
            let text = RetrieveOptions::default().representation(Representation::Ascii);
            client.retrieve_file_with("small", text).await.unwrap().finish().await.unwrap()
        };
        "in active mode" => |client| {
            let active = RetrieveOptions::default().mode(DataMode::Active);
            client.retrieve_file_with("small", active).await.unwrap().finish().await.unwrap()
        };
        "receive_from_connection" => |client| {
            let commands = ["NOOP", "RETR small"];
            client.receive_from_connection(commands).await.unwrap().finish().await.unwrap()
        };
        "refused" => |client| client.retrieve_file("nope").await.unwrap_err();
    }

    an_upload_may_be_dropped_anywhere {
        "write and finish" => |client| {
            let mut upload = client.store_file("up").await.unwrap();
            upload.write_all(&vec![7; LARGE]).await.unwrap();
            upload.finish().await.unwrap();
        };
        "shutdown" => |client| {
            let mut upload = client.append_file("up").await.unwrap();
            upload.write_all(SMALL).await.unwrap();
            AsyncWriteExt::flush(&mut upload).await.unwrap();
            upload.shutdown().await.unwrap();
        };
        "send and close" => |client| {
            let mut upload = client.store_unique("up").await.unwrap();
            upload.send(Bytes::from_static(SMALL)).await.unwrap();
            upload.close().await.unwrap();
        };
        "abort" => |client| {
            let mut upload = client.store_file("up").await.unwrap();
            upload.write_all(SMALL).await.unwrap();
            upload.abort().await.unwrap();
        };
        "in part" => |client| {
            let part = StoreOptions::default().offset(4);
            client.store_file_with("up", part).await.unwrap().finish().await.unwrap()
        };
        "as text" => |client| {
            let text = StoreOptions::default().representation(Representation::Ascii);
            let mut upload = client.append_file_with("up", text).await.unwrap();
            upload.write_all(SMALL).await.unwrap();
            upload.finish().await.unwrap()
        };
        "in active mode" => |client| {
            let active = StoreOptions::default().mode(DataMode::Active);
            client.store_file_with("up", active).await.unwrap().finish().await.unwrap()
        };
        "send_to_connection" => |client| {
            client.send_to_connection(["STOR up"]).await.unwrap().finish().await.unwrap()
        };
    }

    a_listing_may_be_dropped_anywhere {
        "list" => |client| {
            let mut listing = client.list("").await.unwrap();
            while let Some(entry) = listing.next_entry().await {
                entry.unwrap();
            }
        };
        "mlsd" => |client| client.mlsd("").await.unwrap().raw().await.unwrap();
        "nlst" => |client| client.nlst("").await.unwrap().lines().await.unwrap();
        "into_download" => |client| {
            client.list("").await.unwrap().into_download().finish().await.unwrap()
        };
    }

    waiting_for_the_login_may_be_dropped_anywhere {
        "logged_in, and more" => |client| {
            client.logged_in().await.unwrap();
            client.noop().await.unwrap();
        };
    }
}

#[tokio::test]
async fn what_is_asked_around_a_listing_may_be_dropped_anywhere() {
    let server = plain_harbor().await;
    cut_everywhere(&server, "probed", |client| {
        Box::pin(async move { assert_eq!(entries(&client, "").await, 2) })
    })
    .await;
    cut_everywhere(&server, "confirmed", |client| {
        Box::pin(async move { assert_eq!(entries(&client, "dir").await, 0) })
    })
    .await;
    cut_everywhere(&server, "stat of a file", |client| {
        Box::pin(async move { drop(client.stat("small").await.unwrap()) })
    })
    .await;
    cut_everywhere(&server, "stat of a directory", |client| {
        Box::pin(async move { drop(client.stat("/").await.unwrap()) })
    })
    .await;
    cut_everywhere(&server, "stat of nothing", |client| {
        Box::pin(async move { drop(client.stat("nope").await.unwrap_err()) })
    })
    .await;
    cut_everywhere(&server, "detect_zone", |client| {
        Box::pin(async move { assert!(client.detect_zone("").await.unwrap().is_some()) })
    })
    .await;
}

#[tokio::test]
async fn a_withdrawn_operation_may_be_dropped_anywhere() {
    let server = harbor().await;
    for polls in 0..=1 {
        let client = connect(&server).await;
        let first = client.noop();
        let done = drop_after(polls, client.retrieve_file("large").withdraw()).await;
        assert!(done.is_none());
        first.await.unwrap();
        assert_in_step(&client, "withdrawn").await;
    }
}

#[tokio::test]
async fn waiting_for_the_end_may_be_dropped_and_begun_again() {
    let server = harbor().await;
    let client = connect(&server).await;
    for polls in 0..=1 {
        assert!(drop_after(polls, client.closed()).await.is_none());
        assert_in_step(&client, "closed").await;
    }
    client.quit().await.unwrap();
    assert_eq!(client.closed().await.kind(), ErrorKind::ConnectionLost);
}

#[tokio::test]
async fn a_dropped_quit_says_goodbye_all_the_same() {
    let server = harbor().await;
    for_each_cut(|polls| {
        let server = &server;
        async move {
            let client = connect(server).await;
            let done = drop_after(polls, client.quit()).await;
            let cause = client.closed().await;
            assert_eq!(cause.root().code().unwrap(), 221, "{cause}");
            done
        }
    })
    .await;
}

#[tokio::test]
async fn a_dropped_rein_is_carried_out() {
    let server = harbor().await;
    for_each_cut(|polls| {
        let server = &server;
        async move {
            let client = connect(server).await;
            let done = drop_after(polls, client.rein()).await;
            let error = client.pwd().await.unwrap_err();
            assert_eq!(error.code().unwrap(), 530);
            client.queue_login("ship", "harbor").await.unwrap();
            assert_in_step(&client, "rein").await;
            done
        }
    })
    .await;
}

#[tokio::test]
async fn connecting_may_be_dropped_anywhere() {
    let server = harbor().await;
    let config = config(&server);
    let polls = for_each_cut(|polls| {
        let (server, config) = (&server, &config);
        async move {
            let done = drop_after(polls, config.connect()).await;
            assert_in_step(&connect(server).await, "connect").await;
            done
        }
    })
    .await;
    assert!(polls > 1, "connecting waits more than once");
}
