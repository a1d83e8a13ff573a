//! Records (RFC 8446 §5.1), sealed and opened one at a time.

use std::{fmt, io, mem};

use rustls::{
    AlertDescription, ConnectionTrafficSecrets, ContentType, ProtocolVersion, SupportedCipherSuite,
    crypto::cipher::{
        AeadKey, InboundOpaqueMessage, Iv, MessageDecrypter, MessageEncrypter, OutboundChunks,
        OutboundPlainMessage,
    },
};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The most a record may carry: 2^14 bytes.
pub const MAX_PAYLOAD: usize = 1 << 14;

/// Type, version and length.
pub(super) const HEADER: usize = 5;

/// A record as it was received, decrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it carries.
    pub kind: ContentType,
    /// What that is.
    pub payload: Vec<u8>,
}

impl Record {
    /// What the alert in it says, if it is one.
    pub fn alert(&self) -> Option<AlertDescription> {
        match (self.kind, self.payload.as_slice()) {
            (ContentType::Alert, &[_, description]) => Some(description.into()),
            _ => None,
        }
    }
}

/// A record that is not encrypted.
///
/// # Panics
///
/// The payload is longer than the two bytes of its length can tell.
pub fn plain(kind: ContentType, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("a record holds 65535 bytes");
    let mut record = vec![u8::from(kind), 3, 3];
    record.extend_from_slice(&length.to_be_bytes());
    record.extend_from_slice(payload);
    record
}

/// A stream of records, of which no byte is taken before it is wanted.
#[derive(Debug)]
pub(super) struct Framed<S> {
    pub(super) stream: S,
    /// The part of a record that came so far.
    incoming: Vec<u8>,
}

impl<S: AsyncRead + Unpin> Framed<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            incoming: Vec::new(),
        }
    }

    /// The next record as it comes, or nothing at the end of the stream.
    ///
    /// # Errors
    ///
    /// The stream failed, or ended within a record.
    ///
    /// # Cancel safety
    ///
    /// What was received is kept when the future is dropped.
    pub(super) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let wanted = match *self.incoming {
                [_, _, _, high, low, ..] => HEADER + usize::from(u16::from_be_bytes([high, low])),
                _ => HEADER,
            };
            let missing = wanted - self.incoming.len();
            if missing == 0 {
                return Ok(Some(mem::take(&mut self.incoming)));
            }
            let mut rest = (&mut self.stream).take(missing as u64);
            if rest.read_buf(&mut self.incoming).await? == 0 {
                if self.incoming.is_empty() {
                    return Ok(None);
                }
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Encrypts records.
pub(super) struct Sealer {
    cipher: Box<dyn MessageEncrypter>,
    next: u64,
}

impl Sealer {
    /// Goes on behind so many records.
    pub(super) fn new(
        suite: SupportedCipherSuite,
        next: u64,
        secrets: ConnectionTrafficSecrets,
    ) -> io::Result<Self> {
        let (key, iv) = parts(secrets)?;
        let mut cipher = match suite {
            SupportedCipherSuite::Tls13(suite) => suite.aead_alg.encrypter(key, iv),
            SupportedCipherSuite::Tls12(suite) => {
                let (fixed, explicit) = iv
                    .as_ref()
                    .split_at(suite.aead_alg.key_block_shape().fixed_iv_len);
                suite.aead_alg.encrypter(key, fixed, explicit)
            }
        };
        if next > 0 {
            // aws-lc-rs takes the first number it meets for 0, and wants every later one to be
            // greater than the last by that count: so it has to meet the true 0, for nothing.
            seal(&mut *cipher, ContentType::ApplicationData, b"", 0)?;
        }
        Ok(Self { cipher, next })
    }

    /// The next record, whatever its size.
    pub(super) fn seal(&mut self, kind: ContentType, payload: &[u8]) -> io::Result<Vec<u8>> {
        let record = seal(&mut *self.cipher, kind, payload, self.next)?;
        self.next += 1;
        Ok(record)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

fn seal(
    cipher: &mut dyn MessageEncrypter,
    kind: ContentType,
    payload: &[u8],
    number: u64,
) -> io::Result<Vec<u8>> {
    let message = OutboundPlainMessage {
        typ: kind,
        version: ProtocolVersion::TLSv1_2,
        payload: OutboundChunks::Single(payload),
    };
    let sealed = cipher.encrypt(message, number).map_err(io::Error::other)?;
    Ok(sealed.encode())
}

/// Decrypts records.
pub(super) struct Unsealer {
    cipher: Box<dyn MessageDecrypter>,
    next: u64,
}

impl Unsealer {
    /// Goes on behind so many records.
    pub(super) fn new(
        suite: SupportedCipherSuite,
        next: u64,
        secrets: ConnectionTrafficSecrets,
    ) -> io::Result<Self> {
        let (key, iv) = parts(secrets)?;
        let cipher = match suite {
            SupportedCipherSuite::Tls13(suite) => suite.aead_alg.decrypter(key, iv),
            SupportedCipherSuite::Tls12(suite) => {
                let fixed = suite.aead_alg.key_block_shape().fixed_iv_len;
                suite.aead_alg.decrypter(key, &iv.as_ref()[..fixed])
            }
        };
        Ok(Self { cipher, next })
    }

    /// What is in a whole record.
    pub(super) fn unseal(&mut self, record: &mut [u8]) -> io::Result<Record> {
        let (header, body) = record.split_at_mut(HEADER);
        let sealed =
            InboundOpaqueMessage::new(ContentType::from(header[0]), ProtocolVersion::TLSv1_2, body);
        let plain = self
            .cipher
            .decrypt(sealed, self.next)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.next += 1;
        Ok(Record {
            kind: plain.typ,
            payload: plain.payload.to_vec(),
        })
    }
}

impl fmt::Debug for Unsealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsealer")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

/// The same secrets two times. They can be copied only if the key has 32 bytes, as every key has that
/// [`provider`](super::provider) lets TLS 1.3 agree on.
pub(super) fn twice(
    secrets: ConnectionTrafficSecrets,
) -> io::Result<(ConnectionTrafficSecrets, ConnectionTrafficSecrets)> {
    use ConnectionTrafficSecrets::{Aes256Gcm, Chacha20Poly1305};
    Ok(match secrets {
        Aes256Gcm { key, iv } => {
            let (key_again, iv_again) = copy(&key, &iv)?;
            let again = Aes256Gcm {
                key: key_again,
                iv: iv_again,
            };
            (Aes256Gcm { key, iv }, again)
        }
        Chacha20Poly1305 { key, iv } => {
            let (key_again, iv_again) = copy(&key, &iv)?;
            let again = Chacha20Poly1305 {
                key: key_again,
                iv: iv_again,
            };
            (Chacha20Poly1305 { key, iv }, again)
        }
        _ => return Err(io::Error::other("a key of another length")),
    })
}

fn copy(key: &AeadKey, iv: &Iv) -> io::Result<(AeadKey, Iv)> {
    let bytes: [u8; 32] = key.as_ref().try_into().map_err(io::Error::other)?;
    Ok((AeadKey::from(bytes), Iv::copy(iv.as_ref())))
}

fn parts(secrets: ConnectionTrafficSecrets) -> io::Result<(AeadKey, Iv)> {
    match secrets {
        ConnectionTrafficSecrets::Aes128Gcm { key, iv }
        | ConnectionTrafficSecrets::Aes256Gcm { key, iv }
        | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => Ok((key, iv)),
        _ => Err(io::Error::other("a cipher of the future")),
    }
}
