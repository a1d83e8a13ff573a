//! Sessions beside each other, and their end.

use wharf::{Client, ErrorKind};

use crate::berth::{Berth, assert_in_step, retrieve, store};
use crate::content::Content;

pub(crate) async fn two_clients_do_not_disturb_each_other(berth: Berth) {
    let (one, two) = tokio::join!(berth.connect(), berth.connect());
    one.make_directory("one").await.unwrap();
    two.make_directory("two").await.unwrap();
    one.cwd("one").await.unwrap();
    two.cwd("two").await.unwrap();
    let (first, second) = (Content(300_000).bytes(), Content(200_000).bytes());
    if berth.column.is_active() && !berth.expected.active_at_once {
        there_and_back(&one, &first).await;
        there_and_back(&two, &second).await;
    } else {
        tokio::join!(there_and_back(&one, &first), there_and_back(&two, &second));
    }
    assert!(std::fs::read(berth.on_disk("one/a")).unwrap() == first);
    assert!(std::fs::read(berth.on_disk("two/a")).unwrap() == second);
    one.quit().await.unwrap();
    assert_in_step(&two).await;
    two.quit().await.unwrap();
}

async fn there_and_back(client: &Client, content: &[u8]) {
    store(client, "a", content).await.unwrap();
    assert!(retrieve(client, "a").await.unwrap() == content);
}

pub(crate) async fn quit_ends_the_session(berth: Berth) {
    let client = berth.connect().await;
    let reply = client.quit().await.unwrap();
    assert_eq!(reply.code(), 221);
    let cause = client.closed().await;
    assert_eq!(cause.kind(), ErrorKind::ConnectionLost);
    let error = client.pwd().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert!(!error.was_sent());
}

/// Where the server cannot make data connections itself.
pub(crate) async fn active_mode_is_refused_and_passive_still_works(berth: Berth) {
    let client = berth.connect().await;
    let verb = if berth.column.is_ipv6() {
        "EPRT"
    } else {
        "PORT"
    };
    let error = client.store_file("a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommandFailed);
    assert!(matches!(error.code().unwrap().get(), 500 | 502), "{error}");
    let refused = error
        .command()
        .and_then(|command| command.split(' ').next());
    assert_eq!(refused, Some(verb));
    client.set_passive(true);
    store(&client, "a", b"1").await.unwrap();
    assert_eq!(retrieve(&client, "a").await.unwrap(), b"1");
    client.quit().await.unwrap();
}
