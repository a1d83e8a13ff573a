//! What a caller's own input gets: line ends in arguments, and more than the queue holds.

#![expect(clippy::unwrap_used, reason = "what a helper cannot do fails its test")]

mod common;
#[path = "common/listing.rs"]
mod listing;
#[path = "common/memory.rs"]
mod memory;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use wharf::{
    Client, Config, Error, ErrorKind, FtpUrl, Queued, RetrieveOptions, StoreOptions, Timestamp,
};
use wharf_testing::server::Server;

use common::{farewell, lines, session};
use memory::in_memory;

/// A call that must fail, made with an argument.
type Call = fn(&Client, &str) -> BoxFuture<'static, Error>;

fn failure<T: std::fmt::Debug + Send + 'static>(queued: Queued<T>) -> BoxFuture<'static, Error> {
    queued.map(Result::unwrap_err).boxed()
}

/// Every method that takes a path and needs no data connection, and the line with that path.
const PATHS: &[(&str, Call)] = &[
    ("CWD *", |c, p| failure(c.cwd(p))),
    ("MKD *", |c, p| failure(c.make_directory(p))),
    ("RMD *", |c, p| failure(c.remove_directory(p))),
    ("DELE *", |c, p| failure(c.remove_file(p))),
    ("RNFR *", |c, p| failure(c.rename(p, "to"))),
    ("SIZE *", |c, p| failure(c.size(p))),
    ("MDTM *", |c, p| failure(c.mdtm(p))),
    ("MFMT 20200102030405 *", |c, p| {
        let modified = Timestamp::parse(b"20200102030405").unwrap();
        failure(c.mfmt(p, modified))
    }),
    ("MLST *", |c, p| failure(c.mlst(p))),
    ("STAT *", |c, p| failure(c.status(p))),
];

/// Every method that takes a path and needs a data connection, and the line with that path.
const TRANSFERS: &[(&str, Call)] = &[
    ("RETR *", |c, p| failure(c.retrieve_file(p))),
    ("RETR *", |c, p| {
        failure(c.retrieve_file_with(p, RetrieveOptions::default()))
    }),
    ("STOR *", |c, p| failure(c.store_file(p))),
    ("STOR *", |c, p| {
        failure(c.store_file_with(p, StoreOptions::default()))
    }),
    ("APPE *", |c, p| failure(c.append_file(p))),
    ("APPE *", |c, p| {
        failure(c.append_file_with(p, StoreOptions::default()))
    }),
    ("STOU *", |c, p| failure(c.store_unique(p))),
    ("LIST *", |c, p| failure(listing::list(c, p))),
    ("MLSD *", |c, p| failure(c.mlsd(p))),
    ("NLST *", |c, p| failure(c.nlst(p))),
];

/// Every method that takes any other text.
const TEXTS: &[(&str, Call)] = &[
    ("the user", |c, t| failure(c.queue_login(t, "secret"))),
    ("the password", |c, t| failure(c.queue_login("user", t))),
    ("ACCT", |c, t| failure(c.acct(t))),
    ("HOST", |c, t| failure(c.host(t))),
    ("OPTS", |c, t| failure(c.opts(t))),
    ("HELP", |c, t| failure(c.help(t))),
    ("SITE", |c, t| failure(c.site(t))),
    ("CLNT", |c, t| failure(c.clnt(t))),
    ("a raw command", |c, t| failure(c.command(t))),
    ("a raw download", |c, t| {
        failure(c.receive_from_connection([t]))
    }),
    ("the command before a raw download", |c, t| {
        failure(c.receive_from_connection([t, "RETR a"]))
    }),
    ("a raw upload", |c, t| failure(c.send_to_connection([t]))),
    ("the command before a raw upload", |c, t| {
        failure(c.send_to_connection([t, "STOR a"]))
    }),
];

const RENAMED_TO: (&str, Call) = ("RNTO", |c, p| failure(c.rename("from", p)));

fn refused_at_once(client: &Client, what: &str, call: Call, argument: &str) {
    let error = call(client, argument).now_or_never().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{what} {argument:?}");
    assert!(!error.was_sent(), "{what} {argument:?}");
}

#[tokio::test]
async fn no_method_sends_an_argument_with_a_line_s_end_or_a_nul() {
    let (server, client) = session("C: NOOP\nS: 200 Here.").await;
    for &(what, call) in PATHS
        .iter()
        .chain(TRANSFERS)
        .chain([&RENAMED_TO])
        .chain(TEXTS)
    {
        for argument in ["a\rDELE b", "a\r\nDELE b", "a\0DELE b", "\r", "a\r"] {
            refused_at_once(&client, what, call, argument);
        }
    }
    for &(what, call) in TEXTS {
        for argument in ["a\nDELE b", "\n", "a\n"] {
            refused_at_once(&client, what, call, argument);
        }
    }
    client.noop().await.unwrap();
    farewell(server, client).await;
}

#[tokio::test]
async fn a_line_feed_in_any_path_goes_out_as_a_nul_in_one_line() {
    let refused = |line: &str| format!("C: {}\nS: 550 No.\n", line.replace('*', r"a\0DELE b"));
    let plain = PATHS.iter().map(|(line, _)| refused(line));
    let passive = "C: PASV\nL\nS: 227 Entering Passive Mode ({pasv}).\n";
    let transfers = TRANSFERS
        .iter()
        .map(|(line, _)| passive.to_owned() + &refused(line));
    let script: String = plain.chain(transfers).collect();
    let (server, client) = session(&script).await;
    for (line, call) in PATHS.iter().chain(TRANSFERS) {
        let error = call(&client, "a\nDELE b").await;
        assert_eq!(error.code().unwrap(), 550, "{line}");
    }
    farewell(server, client).await;
}

#[test]
fn no_url_holds_a_line_s_end_or_a_nul() {
    for part in ["%0D", "%0A", "%00", "%0D%0ADELE%20b"] {
        for url in [
            format!("ftp://host/a{part}"),
            format!("ftp://u{part}@host/"),
            format!("ftp://u:p{part}@host/"),
        ] {
            let error = FtpUrl::parse(&url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_queue_cannot_hold_is_refused_unsent_and_there_is_room_again_later() {
    let script = "
        login
        C: SITE 1
        S: 200 1
        C: SITE 2
        S: 200 2
        C: SITE 4
        S: 200 4
    ";
    let (server, client) = in_memory(script, &Config::new("harbour").queue_limit(2)).await;
    let (one, two) = (client.site("1"), client.site("2"));
    let three = client.site("3").now_or_never().unwrap().unwrap_err();
    assert_eq!(three.kind(), ErrorKind::QueueFull);
    assert!(!three.was_sent());
    one.await.unwrap();
    two.await.unwrap();
    assert_eq!(lines(&client.site("4").await.unwrap()), ["200 4"]);
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_or_withdrawn_takes_no_room_in_the_queue() {
    let script = "gate queued\nlogin\nC: NOOP\nS: 200 Here.";
    let (server, client) = in_memory(script, &Config::new("harbour").queue_limit(1)).await;
    for _ in 0..10 {
        let error = client.cwd("a\r").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let withdrawn = client.cwd("a").withdraw().await.unwrap_err();
        assert_eq!(withdrawn.kind(), ErrorKind::Withdrawn);
    }
    let noop = client.noop();
    server.open("queued");
    noop.await.unwrap();
    server.finished().await;
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_queued_commands_are_answered_in_order() {
    let answered = (0..10_000).map(|n| format!("C: SITE {n}\nS: 200 {n}\n"));
    let script = "gate queued\nlogin\n".to_owned() + &answered.collect::<String>();
    let (server, client) = in_memory(&script, &Config::new("harbour")).await;
    let queued: Vec<_> = (0..10_000).map(|n| client.site(&n.to_string())).collect();
    let over = client.noop().await.unwrap_err();
    assert_eq!(over.kind(), ErrorKind::QueueFull);
    server.open("queued");
    // From the last to the first: the order of awaiting is nobody's business.
    for (n, site) in queued.into_iter().enumerate().rev() {
        assert_eq!(lines(&site.await.unwrap()), [format!("200 {n}")]);
    }
    server.finished().await;
}

#[tokio::test]
async fn the_embedded_server_sees_every_command_of_a_long_queue_in_order() {
    let server = Server::builder().start().await.unwrap();
    let client = Config::new("127.0.0.1")
        .port(server.addr().port())
        .connect()
        .await
        .unwrap();
    let queued: Vec<_> = (0..1000).map(|n| client.size(format!("{n}"))).collect();
    for size in queued {
        assert!(size.await.unwrap_err().is_not_found());
    }
    let sizes: Vec<_> = server.commands();
    let expected: Vec<_> = (0..1000).map(|n| format!("SIZE {n}")).collect();
    assert!(sizes.ends_with(&expected), "{sizes:?}");
}
