//! A server that the test plays itself, record by record, on a network in memory.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use wharf::tls::TlsConfig;
use wharf::{Client, Completion, Config, Result, RetrieveOptions, Tls};
use wharf_testing::net::{Memory, MemoryListener, MemoryStream};
use wharf_testing::server::Versions;
use wharf_testing::tls::accept::Acceptance;
use wharf_testing::tls::handshake::Handshake;
use wharf_testing::tls::peer::TlsPeer;

use crate::data::{received, stored};
use crate::harbor::trusting;
use crate::memory::dialer;

pub(crate) const BOTH: [Versions; 2] = [Versions::Tls12, Versions::Tls13];

const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A connection in the test's hands.
pub(crate) type Peer = TlsPeer<MemoryStream>;

/// The server's side of a session, logged in over implicit TLS, with `PROT P` in force.
#[derive(Debug)]
pub(crate) struct Stage {
    net: Memory,
    pub(crate) control: Peer,
    /// How it shakes hands from here on.
    pub(crate) acceptance: Acceptance,
}

/// How a server shakes hands that speaks these versions.
pub(crate) fn speaking(versions: Versions) -> Acceptance {
    Acceptance {
        versions,
        ..Acceptance::default()
    }
}

/// Logs in by implicit TLS with what [`trusting`] trusts.
pub(crate) fn implicit(tls: TlsConfig) -> Config {
    Config::new("harbour")
        .login("ship", "harbor")
        .tls(Tls::Implicit)
        .tls_config(tls.server_name("localhost"))
}

/// A connection to a client that has said nothing yet, before TLS.
pub(crate) async fn dialled(net: &Memory, config: &Config) -> (MemoryStream, Client) {
    let mut listener = net.listen(ANY_PORT).unwrap();
    let near = net.connect(listener.local_addr()).unwrap();
    let (client, driver) = config
        .handshake(near, dialer(net.clone()), listener.local_addr())
        .unwrap();
    tokio::spawn(driver.run());
    (listener.accept().await, client)
}

impl Stage {
    /// A session with a client that is configured so.
    pub(crate) async fn open(acceptance: Acceptance, config: &Config) -> (Self, Client) {
        Self::on(Memory::new(), acceptance, config).await
    }

    /// The same with a client that has nothing special about it.
    pub(crate) async fn of(versions: Versions) -> (Self, Client) {
        Self::open(speaking(versions), &implicit(trusting())).await
    }

    /// The same on this network.
    pub(crate) async fn on(net: Memory, acceptance: Acceptance, config: &Config) -> (Self, Client) {
        let (mut stage, client) = Self::holding_back_tickets(net, acceptance, config).await;
        stage.control.send_tickets().await.unwrap();
        (stage, client)
    }

    /// The same, and the control connection's tickets are the test's to send.
    pub(crate) async fn holding_back_tickets(
        net: Memory,
        acceptance: Acceptance,
        config: &Config,
    ) -> (Self, Client) {
        let (stream, client) = dialled(&net, config).await;
        let handshake = Handshake::new(stream, &acceptance).unwrap();
        let control = handshake.finish().await.unwrap();
        let mut stage = Self {
            net,
            control,
            acceptance,
        };
        stage.say("220 Ready.").await;
        stage.answer("USER ship", "331 Password?").await;
        stage.answer("PASS harbor", "230 Welcome.").await;
        stage.answer("PBSZ 0", "200 PBSZ=0").await;
        stage.answer("PROT P", "200 Private.").await;
        stage.answer("TYPE I", "200 Binary.").await;
        client.logged_in().await.unwrap();
        (stage, client)
    }

    pub(crate) async fn say(&mut self, line: &str) {
        let line = format!("{line}\r\n");
        self.control.send_data(line.as_bytes()).await.unwrap();
    }

    /// Hears this, and nothing else.
    pub(crate) async fn hear(&mut self, command: &str) {
        assert_eq!(self.control.read_line().await.unwrap(), command);
    }

    pub(crate) async fn answer(&mut self, command: &str, reply: &str) {
        self.hear(command).await;
        self.say(reply).await;
    }

    /// Listens where EPSV says.
    pub(crate) async fn passive(&mut self) -> MemoryListener {
        let listener = self.net.listen(ANY_PORT).unwrap();
        let port = listener.local_addr().port();
        self.answer("EPSV", &format!("229 Passive (|||{port}|)"))
            .await;
        listener
    }

    /// The data connection of this command, agreed to and not yet under TLS.
    pub(crate) async fn data(&mut self, command: &str) -> MemoryStream {
        let mut listener = self.passive().await;
        let stream = listener.accept().await;
        self.answer(command, "150 Go on.").await;
        stream
    }

    /// The same under TLS, tickets sent.
    pub(crate) async fn secure_data(&mut self, command: &str) -> Peer {
        let stream = self.data(command).await;
        TlsPeer::accept(stream, &self.acceptance).await.unwrap()
    }

    /// The same with the handshake in the test's hands.
    pub(crate) async fn handshake(&mut self, command: &str) -> Handshake<MemoryStream> {
        let stream = self.data(command).await;
        Handshake::new(stream, &self.acceptance).unwrap()
    }

    /// What becomes of a download, every byte that came and its end, at a server that does so with its data
    /// connection.
    pub(crate) async fn download(
        &mut self,
        client: &Client,
        options: RetrieveOptions,
        serve: impl AsyncFnOnce(&mut Self, Peer),
    ) -> (Vec<u8>, Result<Completion>) {
        let read = async {
            match client.retrieve_file_with("a", options).await {
                Ok(download) => received(download).await,
                Err(error) => (Vec::new(), Err(error)),
            }
        };
        let serve = async {
            let data = self.secure_data("RETR a").await;
            serve(self, data).await;
        };
        tokio::join!(read, serve).0
    }

    /// What becomes of an upload there.
    pub(crate) async fn upload(
        &mut self,
        client: &Client,
        bytes: &[u8],
        serve: impl AsyncFnOnce(&mut Self, Peer),
    ) -> Result<Completion> {
        let write = stored(client.store_file("a"), bytes);
        let serve = async {
            let data = self.secure_data("STOR a").await;
            serve(self, data).await;
        };
        tokio::join!(write, serve).0
    }

    /// The session goes on, and its next transfer is right and resumes the session.
    pub(crate) async fn goes_on(&mut self, client: &Client) {
        let download = async {
            let (bytes, resumed) = crate::harbor::retrieve(client, "next").await.unwrap();
            assert_eq!(bytes, b"all is well");
            assert!(resumed, "the next data connection was not resumed");
        };
        let serve = async {
            let mut data = self.secure_data("RETR next").await;
            data.send_data(b"all is well").await.unwrap();
            data.close_notify().await.unwrap();
            self.say("226 Done.").await;
        };
        tokio::join!(download, serve);
    }
}
