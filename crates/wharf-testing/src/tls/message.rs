//! Handshake messages (RFC 8446 §4) that a server sends behind its handshake, byte by byte.
//!
//! Nothing here is checked: a test that wants a broken message changes the bytes.

/// A handshake message: its type, the length in three bytes, the body.
///
/// # Panics
///
/// The body has 2^24 bytes or more.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let [over, a, b, c] = length.to_be_bytes();
    assert_eq!(over, 0, "a message has less than 16 MiB");
    [&[kind, a, b, c], body].concat()
}

/// A `NewSessionTicket` of TLS 1.3 (§4.6.1) by which nothing can be resumed. `lifetime` is in
/// seconds.
///
/// For tickets that are good, see [`TlsPeer::tickets`](super::peer::TlsPeer::tickets).
///
/// # Panics
///
/// The ticket is longer than 65535 bytes.
pub fn new_session_ticket(lifetime: u32, ticket: &[u8]) -> Vec<u8> {
    let length = u16::try_from(ticket.len()).expect("a ticket has 65535 bytes at most");
    let mut body = lifetime.to_be_bytes().to_vec();
    body.extend_from_slice(&[0; 4]); // ticket_age_add
    body.extend_from_slice(&[1, 0]); // ticket_nonce
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(ticket);
    body.extend_from_slice(&[0, 0]); // extensions
    message(4, &body)
}

/// The same `NewSessionTicket` with another lifetime, in seconds.
///
/// # Panics
///
/// It is no such message.
#[must_use]
pub fn with_lifetime(mut ticket: Vec<u8>, lifetime: u32) -> Vec<u8> {
    assert_eq!(ticket.first(), Some(&4), "no NewSessionTicket");
    ticket[4..8].copy_from_slice(&lifetime.to_be_bytes());
    ticket
}

/// A `KeyUpdate` (§4.6.3), which `requested` has the other side answer with its own.
pub fn key_update(requested: bool) -> Vec<u8> {
    message(24, &[u8::from(requested)])
}

/// A `CertificateRequest` behind the handshake (§4.6.2), which a client that did not offer it must
/// not take.
pub fn certificate_request() -> Vec<u8> {
    let context = [1, 0x77];
    let signature_algorithms = [0, 13, 0, 4, 0, 2, 4, 3]; // ecdsa_secp256r1_sha256
    message(13, &[&context[..], &[0, 8], &signature_algorithms].concat())
}

/// The `HelloRequest` of TLS 1.2 (RFC 5246 §7.4.1.1), which asks for a renegotiation.
pub fn hello_request() -> Vec<u8> {
    message(0, &[])
}

/// Takes the bytes of several messages apart. What is no whole message stays as it is, at the end.
pub fn split(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while let &[_, a, b, c, ref rest @ ..] = bytes {
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        let whole = bytes.len() - rest.len() + length.min(rest.len());
        messages.push(bytes[..whole].to_vec());
        bytes = &bytes[whole..];
    }
    if !bytes.is_empty() {
        messages.push(bytes.to_vec());
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_tells_its_length() {
        assert_eq!(key_update(true), [24, 0, 0, 1, 1]);
        assert_eq!(hello_request(), [0, 0, 0, 0]);
        assert_eq!(message(4, &vec![7; 0x01_02_03])[..5], [4, 1, 2, 3, 7]);
    }

    #[test]
    fn messages_in_a_row_are_taken_apart() {
        let row = [key_update(false), hello_request(), key_update(true)].concat();
        assert_eq!(
            split(&row),
            [key_update(false), hello_request(), key_update(true)]
        );
        assert_eq!(split(&row[..7]), [&row[..5], &row[5..7]]);
        assert_eq!(split(b""), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn a_ticket_can_be_given_another_lifetime() {
        let ticket = new_session_ticket(7200, b"ticket");
        let other = with_lifetime(ticket.clone(), 1);
        assert_eq!(other, new_session_ticket(1, b"ticket"));
        assert_ne!(other, ticket);
    }
}
