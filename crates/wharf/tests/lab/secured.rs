//! What TLS adds: sessions that data connections continue, trust, and the ways to do without.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::tls::{DataProtection, Negotiated, Roots, TlsConfig, Trust};
use wharf::{Client, ErrorKind};
use wharf_testing::tls::authority::Authority;

use crate::berth::{Berth, assert_in_step, retrieve, store};
use crate::content::Content;
use crate::deviations::Weaker;

/// Several of each, and uploads in a row: where tickets run out, that is where it shows.
pub(crate) async fn every_data_connection_continues_the_session(berth: Berth) {
    let client = berth.connect().await;
    let content = Content(30_000).bytes();
    let control = client.tls().unwrap();
    assert_eq!(control.version(), berth.security.version().unwrap());
    assert!(!control.resumed(), "{control}");
    for n in 1..=4 {
        for _ in 0..4 {
            upload(&berth, &client, &n.to_string(), &content).await;
        }
        let mut download = client.retrieve_file(n.to_string()).await.unwrap();
        assert_continues(&berth, download.tls());
        let mut retrieved = Vec::new();
        download.read_to_end(&mut retrieved).await.unwrap();
        assert!(retrieved == content);
        let listing = client.list("").await.unwrap();
        assert_continues(&berth, listing.tls());
        assert!(listing.lines().await.unwrap().len() >= n);
    }
    client.quit().await.unwrap();
}

async fn upload(berth: &Berth, client: &Client, path: &str, content: &[u8]) {
    let mut upload = client.store_file(path).await.unwrap();
    assert_continues(berth, upload.tls());
    upload.write_all(content).await.unwrap();
    upload.finish().await.unwrap();
    assert!(std::fs::read(berth.on_disk(path)).unwrap() == content);
}

fn assert_continues(berth: &Berth, tls: Option<&Negotiated>) {
    let tls = tls.expect("data connections are protected");
    let version = berth.security.version().unwrap();
    assert_eq!(tls.version(), version);
    assert_eq!(tls.resumed(), berth.expected.resumes(version), "{tls}");
}

pub(crate) async fn a_server_of_another_authority_is_not_trusted(berth: Berth) {
    let stranger = Authority::new();
    let roots = Roots::from_pem(stranger.pem().as_bytes()).unwrap();
    let config = berth.tls_config().trust(Trust::Roots(roots));
    let connected = berth.config().tls_config(config).connect().await;
    let error = connected.expect_err("nobody has vouched for it");
    assert_eq!(error.kind(), ErrorKind::Certificate, "{error}");
    // The server does not hold it against the next one.
    let client = berth.connect().await;
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}

/// PROT C: the login is protected, and files are not.
pub(crate) async fn files_go_in_clear_text_if_the_caller_says_so(berth: Berth) {
    let config = berth
        .tls_config()
        .data_protection(DataProtection::DangerClearByProt);
    let Some(client) = weaker(&berth, config, berth.expected.clear_data).await else {
        return;
    };
    assert!(client.tls().is_some());
    let content = Content(100_000).bytes();
    store(&client, "a", &content).await.unwrap();
    let download = client.retrieve_file("a").await.unwrap();
    assert!(download.tls().is_none());
    download.abort().await.unwrap();
    assert!(retrieve(&client, "a").await.unwrap() == content);
    client.quit().await.unwrap();
}

/// CCC: the login and the files are protected, and commands behind it are not.
pub(crate) async fn commands_go_in_clear_text_if_the_caller_says_so(berth: Berth) {
    let config = berth.tls_config().danger_clear_command_channel();
    let Some(client) = weaker(&berth, config, berth.expected.clear_commands).await else {
        return;
    };
    let content = Content(100_000).bytes();
    for path in ["a", "b", "c"] {
        upload(&berth, &client, path, &content).await;
        assert!(retrieve(&client, path).await.unwrap() == content);
    }
    assert_in_step(&client).await;
    client.quit().await.unwrap();
}

/// The session, if the server has it so.
async fn weaker(berth: &Berth, config: TlsConfig, expected: Weaker) -> Option<Client> {
    let connected = berth.config().tls_config(config).connect().await;
    match (connected, expected) {
        (Ok(client), Weaker::Allowed) => Some(client),
        (Err(error), Weaker::Refused(code)) => {
            assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
            assert_eq!(error.code().map(wharf::Code::get), Some(code), "{error}");
            None
        }
        (connected, expected) => panic!("{connected:?} is not {expected:?}"),
    }
}
