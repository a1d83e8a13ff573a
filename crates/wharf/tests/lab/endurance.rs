//! What `benches/endurance` does at length, in short: many transfers on each control connection, each of
//! them checked, and each data connection resumed.

use crate::berth::Berth;
use crate::voyage::Voyage;

pub(crate) async fn one_connection_endures(berth: Berth) {
    endures(&berth, 1).await;
}

pub(crate) async fn four_connections_endure(berth: Berth) {
    endures(&berth, 4).await;
}

async fn endures(berth: &Berth, connections: usize) {
    const EACH: usize = 20;
    let mut voyage = Voyage::new(berth.config());
    voyage.root = Some(berth.on_disk(""));
    voyage.connections = connections;
    (voyage.downloads, voyage.uploads, voyage.listings) = (EACH, EACH, EACH);
    let log = voyage.run().await.unwrap();
    assert_eq!(log.failures, [""; 0]);
    let right = (log.downloads, log.uploads, log.listings);
    let each = EACH * connections;
    assert_eq!(right, (each, each, each));
    assert_eq!((log.resumed, log.handshakes), (3 * each, 3 * each));
}
