//! The embedded server under TLS, and a client that trusts it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf::tls::{Roots, TlsConfig, Trust};
use wharf::{Client, Config, Tls};
use wharf_testing::server::{Mode, Server, ServerTls};
use wharf_testing::tls::authority::Authority;

/// A server that speaks TLS so.
pub(crate) async fn server(tls: ServerTls) -> Server {
    Server::builder()
        .user("ship", "harbor")
        .tls(tls)
        .start()
        .await
        .unwrap()
}

/// Trusts the test authority.
pub(crate) fn trusting() -> TlsConfig {
    let roots = Roots::from_pem(Authority::shared().pem().as_bytes()).unwrap();
    TlsConfig::new().trust(Trust::Roots(roots))
}

/// How to log in there.
pub(crate) fn config(server: &Server, tls: TlsConfig) -> Config {
    Config::new("127.0.0.1")
        .port(server.addr().port())
        .login("ship", "harbor")
        .tls_config(tls.server_name("localhost"))
}

/// Logged in at a server that speaks TLS in this way, over TLS of the same kind.
pub(crate) async fn ashore(tls: ServerTls) -> (Server, Client) {
    let way = match tls.mode {
        Mode::Explicit => Tls::Explicit,
        Mode::Implicit => Tls::Implicit,
    };
    let server = server(tls).await;
    let client = config(&server, trusting())
        .tls(way)
        .connect()
        .await
        .unwrap();
    (server, client)
}

pub(crate) fn content(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

/// Stores a file; whether its data connection was resumed.
pub(crate) async fn store(client: &Client, path: &str, content: &[u8]) -> wharf::Result<bool> {
    let mut upload = client.store_file(path).await?;
    let resumed = upload.tls().is_some_and(wharf::tls::Negotiated::resumed);
    upload.write_all(content).await.map_err(wharf::from_io)?;
    upload.finish().await?;
    Ok(resumed)
}

/// Retrieves a file; whether its data connection was resumed.
pub(crate) async fn retrieve(client: &Client, path: &str) -> wharf::Result<(Vec<u8>, bool)> {
    let mut all = Vec::new();
    let mut download = client.retrieve_file(path).await?;
    let resumed = download.tls().is_some_and(wharf::tls::Negotiated::resumed);
    download
        .read_to_end(&mut all)
        .await
        .map_err(wharf::from_io)?;
    Ok((all, resumed))
}
