//! What the contract's tests share: a client and a scripted server, from the login to the farewell.
//!
//! Whoever declares this module uses all of it; what only some need has a file of its own beside it.

use wharf::{Client, Config, DataMode, Passive, Reply};
use wharf_testing::script::{Script, ScriptedServer};

/// A client for this server: anonymous, with data connections by PASV.
pub(crate) fn config(server: &ScriptedServer) -> Config {
    Config::new(server.addr().ip().to_string())
        .port(server.addr().port())
        .mode(DataMode::Passive(Passive::Classic))
}

/// A client that has logged in, and a server that plays this script to it from there on. The script
/// ends with QUIT: call [`farewell`] when nothing more may be sent.
pub(crate) async fn session(script: &str) -> (ScriptedServer, Client) {
    let server = Script::new(&*format!("login\n{script}\nC: QUIT\nS: 221 Goodbye.\neof"))
        .play()
        .await;
    let client = config(&server).connect().await.expect("an anonymous login");
    (server, client)
}

/// The last handle goes, and nothing but QUIT reaches the server.
pub(crate) async fn farewell(server: ScriptedServer, client: Client) {
    drop(client);
    server.finished().await;
}

/// The lines of a reply as text.
pub(crate) fn lines(reply: &Reply) -> Vec<&str> {
    let lines = reply.lines().iter();
    lines
        .map(|line| std::str::from_utf8(line).expect("a reply in ASCII"))
        .collect()
}
