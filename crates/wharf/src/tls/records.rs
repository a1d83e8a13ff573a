//! The record protocol after a handshake: RFC 8446 §5 and RFC 5246 §6.2, without I/O.
//!
//! The handshake is rustls' work, and so is the cryptography. The records are kept here because rustls
//! lets go of a ticket once it is spent (see [`tickets`](super::tickets)), because CCC goes on in clear text
//! behind the last record, and because whole buffers can be opened in place and sealed for one write.

use std::collections::VecDeque;
use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::sync::{Arc, PoisonError};

use rustls::client::ClientConnectionData;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, Iv, MessageDecrypter, MessageEncrypter, OutboundChunks,
    OutboundPlainMessage,
};
use rustls::kernel::KernelConnection;
use rustls::{
    AlertDescription, ConnectionTrafficSecrets, ContentType, ExtractedSecrets, HandshakeType,
    ProtocolVersion, SupportedCipherSuite,
};
use zeroize::Zeroizing;

use super::tickets::{Channel, Secrets, Tickets};

/// One connection's records, both ways.
pub(super) struct Records {
    channel: Channel,
    tickets: Arc<Tickets>,
    secrets: Arc<Secrets>,
    suite: SupportedCipherSuite,
    opener: Box<dyn MessageDecrypter>,
    opened: u64,
    sealer: Box<dyn MessageEncrypter>,
    sealed: u64,
    /// The beginning of a handshake message whose end is in the next record.
    handshake: Zeroizing<Vec<u8>>,
    /// Records on their way out.
    pub(super) outbox: VecDeque<Vec<u8>>,
    /// The server wants us to change our key.
    key_wanted: bool,
    /// Records in a row that brought no data.
    idle: u32,
}

/// What a record was.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// Data, and where in the record it stands now.
    Data(Range<usize>),
    /// The connection's own business, done already.
    Nothing,
    /// The server's close_notify: the end of its data.
    End,
}

/// Why the records cannot go on. What the server is to be told is in the outbox already.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// The server broke the protocol, or somebody between us did.
    Misbehaved(&'static str),
    /// The key has protected as much as it may, and TLS 1.2 has no other.
    Spent,
    /// The server gave up.
    Alert(AlertDescription),
    /// What rustls says.
    Rustls(rustls::Error),
}

pub(super) const HEADER: usize = 5;
/// The types of records, from `change_cipher_spec` to `application_data`.
pub(super) const TYPES: RangeInclusive<u8> = 20..=23;
/// The largest piece of data in a record.
pub(super) const FRAGMENT: usize = 1 << 14;
/// The largest record there is: TLS 1.2 allows 2,048 bytes more than the fragment, TLS 1.3 256.
pub(super) const LARGEST: usize = HEADER + FRAGMENT + 2048;

/// A NewSessionTicket is the longest message that may come: a ticket of 64 KiB, as much of
/// extensions, and a nonce.
const LONGEST_MESSAGE: usize = 4 + 4 + 4 + 256 + 2 * (2 + 0xffff);

/// Records without data that are borne with in a row. A peer that sends more is not there to send a file.
const IDLE_RECORDS: u32 = 64;

impl Records {
    /// The records behind a handshake.
    pub(super) fn new(
        channel: Channel,
        tickets: Arc<Tickets>,
        extracted: ExtractedSecrets,
        connection: KernelConnection<ClientConnectionData>,
    ) -> Result<Self, rustls::Error> {
        let suite = connection.negotiated_cipher_suite();
        let (opened, receiving) = extracted.rx;
        let (sealed, sending) = extracted.tx;
        Ok(Self {
            channel,
            tickets,
            secrets: Arc::new(Secrets::new(connection)),
            suite,
            opener: opener(suite, receiving)?,
            opened,
            sealer: sealer(suite, sending, sealed)?,
            sealed,
            handshake: Zeroizing::default(),
            outbox: VecDeque::new(),
            key_wanted: false,
            idle: 0,
        })
    }

    /// How long the record at the beginning of `bytes` is, if its header is there. One that cannot be is refused before
    /// the rest of it is waited for.
    pub(super) fn length(&mut self, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        let Some((header, _)) = bytes.split_first_chunk::<HEADER>() else {
            return Ok(None);
        };
        // RFC 8446 §5: behind the Finished all is encrypted, and looks like application data.
        let possible = if self.is_tls13() {
            header[0] == *TYPES.end()
        } else {
            TYPES.contains(&header[0])
        };
        if !possible {
            return Err(self.refuse(
                AlertDescription::UnexpectedMessage,
                "sent something that is not encrypted",
            ));
        }
        let length = HEADER + usize::from(u16::from_be_bytes([header[3], header[4]]));
        let overhead = if self.is_tls13() { 256 } else { 2048 };
        if length > HEADER + FRAGMENT + overhead {
            return Err(self.refuse(
                AlertDescription::RecordOverflow,
                "sent a record that is too large",
            ));
        }
        Ok(Some(length))
    }

    /// Opens one record, in place.
    pub(super) fn open(&mut self, record: &mut [u8]) -> Result<Opened, Fault> {
        let origin = record.as_ptr().addr();
        let Some((header, payload)) = record.split_first_chunk_mut::<HEADER>() else {
            return Err(self.refuse(
                AlertDescription::DecodeError,
                "sent a record without a header",
            ));
        };
        let outer = ContentType::from(header[0]);
        let message = InboundOpaqueMessage::new(outer, ProtocolVersion::TLSv1_2, payload);
        let message = match self.opener.decrypt(message, self.opened) {
            Ok(message) => message,
            Err(error) => return Err(self.unreadable(error)),
        };
        self.opened += 1;
        if message.typ == ContentType::ApplicationData && !message.payload.is_empty() {
            self.idle = 0;
        } else {
            self.idle += 1;
            if self.idle > IDLE_RECORDS {
                return Err(self.refuse(
                    AlertDescription::UnexpectedMessage,
                    "sends record after record without data",
                ));
            }
        }
        // RFC 8446 §5.1: no other record may come between the fragments of a message.
        if message.typ != ContentType::Handshake && !self.handshake.is_empty() {
            return Err(self.refuse(
                AlertDescription::UnexpectedMessage,
                "broke a handshake message off",
            ));
        }
        match message.typ {
            ContentType::ApplicationData if message.payload.is_empty() => Ok(Opened::Nothing),
            // RFC 8446 §5.4: only data may be of no length.
            _ if message.payload.is_empty() => Err(self.refuse(
                AlertDescription::UnexpectedMessage,
                "sent a record with nothing in it",
            )),
            ContentType::ApplicationData => {
                let begin = message.payload.as_ptr().addr() - origin;
                Ok(Opened::Data(begin..begin + message.payload.len()))
            }
            ContentType::Alert => self.on_alert(message.payload),
            ContentType::Handshake => {
                self.handshake.extend_from_slice(message.payload);
                // What was opened in place may have been a ticket.
                zeroize::Zeroize::zeroize(payload_of(record));
                self.on_handshake().map(|()| Opened::Nothing)
            }
            _ => Err(self.refuse(
                AlertDescription::UnexpectedMessage,
                "sent a record of an unknown type",
            )),
        }
    }

    /// Answers a wish for a new key, once nothing else waits to be written. However often it was uttered till then, one
    /// answer will do (RFC 8446 §4.6.3), and answers cannot pile up for a server that does not read them.
    pub(super) fn answer(&mut self) -> Result<(), Fault> {
        if self.key_wanted && self.outbox.is_empty() {
            self.renew_key()?;
        }
        Ok(())
    }

    /// Seals data into as few records as it takes.
    pub(super) fn seal(&mut self, data: &[u8]) -> Result<(), Fault> {
        data.chunks(FRAGMENT)
            .try_for_each(|fragment| self.seal_one(ContentType::ApplicationData, fragment))
    }

    /// Says that no more data comes from us.
    pub(super) fn close(&mut self) -> Result<(), Fault> {
        self.alert(AlertLevel::Warning, AlertDescription::CloseNotify)
    }

    /// Says that this is the end, and why. If not even that can be sealed, the end alone has to do.
    pub(super) fn give_up(&mut self, alert: AlertDescription) {
        let _unsealed = self.alert(AlertLevel::Fatal, alert);
    }

    fn is_tls13(&self) -> bool {
        matches!(self.suite, SupportedCipherSuite::Tls13(_))
    }

    fn seal_one(&mut self, typ: ContentType, payload: &[u8]) -> Result<(), Fault> {
        if self.key_wanted || self.sealed >= self.confidentiality_limit() {
            self.renew_key()?;
        }
        self.encrypt(typ, payload)
    }

    fn encrypt(&mut self, typ: ContentType, payload: &[u8]) -> Result<(), Fault> {
        let message = OutboundPlainMessage {
            typ,
            version: ProtocolVersion::TLSv1_2,
            payload: OutboundChunks::Single(payload),
        };
        let record = self
            .sealer
            .encrypt(message, self.sealed)
            .map_err(Fault::Rustls)?;
        self.sealed += 1;
        self.outbox.push_back(record.encode());
        Ok(())
    }

    /// How many records one key may seal (RFC 8446 §5.5), with room for the message that ends its use.
    fn confidentiality_limit(&self) -> u64 {
        let common = match self.suite {
            SupportedCipherSuite::Tls13(suite) => &suite.common,
            SupportedCipherSuite::Tls12(suite) => &suite.common,
        };
        common.confidentiality_limit.saturating_sub(1)
    }

    /// Changes over to a new key. RFC 8446 §4.6.3: the message is the last one under the old key.
    fn renew_key(&mut self) -> Result<(), Fault> {
        if !self.is_tls13() {
            return Err(Fault::Spent);
        }
        let message = [
            u8::from(HandshakeType::KeyUpdate),
            0,
            0,
            1,
            KEY_UPDATE_NOT_REQUESTED,
        ];
        self.encrypt(ContentType::Handshake, &message)?;
        let (sealed, secrets) = self.secrets().update_tx_secret().map_err(Fault::Rustls)?;
        self.sealer = sealer(self.suite, secrets, sealed).map_err(Fault::Rustls)?;
        self.sealed = sealed;
        self.key_wanted = false;
        Ok(())
    }

    fn secrets(&self) -> std::sync::MutexGuard<'_, KernelConnection<ClientConnectionData>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn on_alert(&mut self, payload: &[u8]) -> Result<Opened, Fault> {
        let &[level, description] = payload else {
            return Err(self.refuse(AlertDescription::DecodeError, "sent a malformed alert"));
        };
        let warning = level == AlertLevel::Warning as u8;
        match AlertDescription::from(description) {
            AlertDescription::CloseNotify => Ok(Opened::End),
            // RFC 8446 §6: in TLS 1.3 every alert but these two ends the connection.
            AlertDescription::UserCanceled => Ok(Opened::Nothing),
            _ if warning && !self.is_tls13() => Ok(Opened::Nothing),
            description => Err(Fault::Alert(description)),
        }
    }

    /// Handles the messages that are complete.
    fn on_handshake(&mut self) -> Result<(), Fault> {
        let received = std::mem::take(&mut self.handshake);
        let mut rest = received.as_slice();
        while let Some((&[typ, high, middle, low], behind)) = rest.split_first_chunk() {
            let length = u32::from_be_bytes([0, high, middle, low]) as usize;
            if length > LONGEST_MESSAGE {
                return Err(self.refuse(
                    AlertDescription::DecodeError,
                    "sent a handshake message that is too long",
                ));
            }
            let Some((body, behind)) = behind.split_at_checked(length) else {
                break;
            };
            self.on_message(HandshakeType::from(typ), body, behind.is_empty())?;
            rest = behind;
        }
        self.handshake = Zeroizing::new(rest.to_vec());
        Ok(())
    }

    fn on_message(&mut self, typ: HandshakeType, body: &[u8], last: bool) -> Result<(), Fault> {
        match typ {
            HandshakeType::NewSessionTicket if self.is_tls13() => {
                let tickets = Arc::clone(&self.tickets);
                tickets
                    .keep(self.channel, &self.secrets, body)
                    .map_err(|_| {
                        self.refuse(
                            AlertDescription::DecodeError,
                            "sent a malformed session ticket",
                        )
                    })
            }
            HandshakeType::KeyUpdate if self.is_tls13() => self.on_key_update(body, last),
            // RFC 5246 §7.4.1.1: a client that will not renegotiate may say so, and goes on.
            HandshakeType::HelloRequest if !self.is_tls13() && body.is_empty() => {
                if self.outbox.is_empty() {
                    self.alert(AlertLevel::Warning, AlertDescription::NoRenegotiation)?;
                }
                Ok(())
            }
            _ => Err(self.refuse(
                AlertDescription::UnexpectedMessage,
                "sent a handshake message that has no place behind the handshake",
            )),
        }
    }

    fn on_key_update(&mut self, body: &[u8], last: bool) -> Result<(), Fault> {
        let answer = match body {
            [KEY_UPDATE_NOT_REQUESTED] => false,
            [KEY_UPDATE_REQUESTED] => true,
            [_] => {
                return Err(self.refuse(
                    AlertDescription::IllegalParameter,
                    "sent a malformed KeyUpdate",
                ));
            }
            _ => {
                return Err(
                    self.refuse(AlertDescription::DecodeError, "sent a malformed KeyUpdate")
                );
            }
        };
        // RFC 8446 §5.1: what follows is under another key, so it cannot be in this record.
        if !last {
            return Err(self.refuse(
                AlertDescription::UnexpectedMessage,
                "sent more behind a KeyUpdate in one record",
            ));
        }
        let (opened, secrets) = self.secrets().update_rx_secret().map_err(Fault::Rustls)?;
        self.opener = opener(self.suite, secrets).map_err(Fault::Rustls)?;
        self.opened = opened;
        self.key_wanted |= answer;
        Ok(())
    }

    fn alert(&mut self, level: AlertLevel, description: AlertDescription) -> Result<(), Fault> {
        self.encrypt(ContentType::Alert, &[level as u8, description.into()])
    }

    /// Tells the server why this is the end.
    fn refuse(&mut self, alert: AlertDescription, what: &'static str) -> Fault {
        match self.alert(AlertLevel::Fatal, alert) {
            Ok(()) => Fault::Misbehaved(what),
            Err(fault) => fault,
        }
    }

    fn unreadable(&mut self, error: rustls::Error) -> Fault {
        let alert = match error {
            rustls::Error::PeerSentOversizedRecord => AlertDescription::RecordOverflow,
            rustls::Error::PeerMisbehaved(_) => AlertDescription::UnexpectedMessage,
            _ => AlertDescription::BadRecordMac,
        };
        match self.alert(AlertLevel::Fatal, alert) {
            Ok(()) => Fault::Rustls(error),
            Err(fault) => fault,
        }
    }
}

/// RFC 8446 §4.6.3.
const KEY_UPDATE_NOT_REQUESTED: u8 = 0;
const KEY_UPDATE_REQUESTED: u8 = 1;

/// RFC 8446 §6.
#[derive(Clone, Copy)]
#[repr(u8)]
enum AlertLevel {
    Warning = 1,
    Fatal = 2,
}

fn payload_of(record: &mut [u8]) -> &mut [u8] {
    record.get_mut(HEADER..).unwrap_or_default()
}

fn opener(
    suite: SupportedCipherSuite,
    secrets: ConnectionTrafficSecrets,
) -> Result<Box<dyn MessageDecrypter>, rustls::Error> {
    let (key, iv) = key_and_iv(secrets)?;
    Ok(match suite {
        SupportedCipherSuite::Tls13(suite) => suite.aead_alg.decrypter(key, iv),
        SupportedCipherSuite::Tls12(suite) => {
            let fixed = suite.aead_alg.key_block_shape().fixed_iv_len;
            suite.aead_alg.decrypter(key, &iv.as_ref()[..fixed])
        }
    })
}

fn sealer(
    suite: SupportedCipherSuite,
    secrets: ConnectionTrafficSecrets,
    sealed: u64,
) -> Result<Box<dyn MessageEncrypter>, rustls::Error> {
    let (key, iv) = key_and_iv(secrets)?;
    match suite {
        SupportedCipherSuite::Tls13(suite) => Ok(suite.aead_alg.encrypter(key, iv)),
        SupportedCipherSuite::Tls12(suite) => {
            let shape = suite.aead_alg.key_block_shape();
            let mut nonce: [u8; 12] = iv.as_ref().try_into().map_err(|_| unsupported())?;
            let (fixed, explicit) = nonce.split_at_mut(shape.fixed_iv_len);
            if explicit.is_empty() {
                return Ok(suite.aead_alg.encrypter(key, fixed, &[]));
            }
            // RFC 5288 §3: the explicit part of the nonce is the sender's choice, but never the same
            // twice under one key. Turning its highest bit keeps ours apart from those of the handshake,
            // which went out under this key already.
            explicit[0] ^= 0x80;
            let mut encrypter = suite.aead_alg.encrypter(key, fixed, explicit);
            prime(&mut *encrypter, sealed)?;
            Ok(encrypter)
        }
    }
}

/// aws-lc-rs has its sealing keys see the nonces in order, from the one of sequence number 0 on. The handshake
/// used the numbers below `sealed` up, under a sealer that is gone, so they are gone through here; what
/// that seals is thrown away.
fn prime(encrypter: &mut dyn MessageEncrypter, sealed: u64) -> Result<(), rustls::Error> {
    for number in 0..sealed {
        let nothing = OutboundPlainMessage {
            typ: ContentType::Alert,
            version: ProtocolVersion::TLSv1_2,
            payload: OutboundChunks::new_empty(),
        };
        encrypter.encrypt(nothing, number)?;
    }
    Ok(())
}

fn key_and_iv(secrets: ConnectionTrafficSecrets) -> Result<(AeadKey, Iv), rustls::Error> {
    match secrets {
        ConnectionTrafficSecrets::Aes128Gcm { key, iv }
        | ConnectionTrafficSecrets::Aes256Gcm { key, iv }
        | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => Ok((key, iv)),
        _ => Err(unsupported()),
    }
}

fn unsupported() -> rustls::Error {
    rustls::Error::General("a cipher that wharf does not know".into())
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misbehaved(what) => write!(f, "the server {what}"),
            Self::Spent => f.write_str("as much was sent as one key of TLS 1.2 may protect"),
            Self::Alert(description) => {
                write!(f, "the server ended TLS with the alert {description:?}")
            }
            Self::Rustls(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for Fault {}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("channel", &self.channel)
            .field("suite", &self.suite)
            .field("opened", &self.opened)
            .field("sealed", &self.sealed)
            .finish_non_exhaustive()
    }
}
