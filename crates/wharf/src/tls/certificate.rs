//! A server's certificate as a person wants to see it.

use std::fmt;
use std::net::IpAddr;

use wharf_proto::text::{Encoding, escaped, escaped_str};
use wharf_proto::time::Timestamp;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{AnyRef, BitStringRef};
use x509_cert::der::{Decode, Reader, SliceReader, Tag, Tagged};
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::name::Name;
use x509_cert::time::{Time, Validity};

use super::fingerprint::Fingerprint;

/// What a server's certificate says (RFC 5280 §4.1).
///
/// Its texts are escaped: a certificate may hold anything, and none of it acts on a terminal. Each part
/// is read for itself, and one that cannot be read is left out; the fingerprint of the whole is always
/// there.
///
/// # Examples
///
/// ```
/// use wharf::tls::Certificate;
///
/// let nonsense = Certificate::from_der(b"not DER");
/// assert_eq!(nonsense.subject(), "");
/// assert_eq!(nonsense.public_key_sha256(), None);
/// assert!(nonsense.sha256().to_string().starts_with("SHA256:"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    subject: String,
    issuer: String,
    self_issued: bool,
    names: Vec<String>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    public_key: Option<Fingerprint>,
    version_1: bool,
    authority: bool,
}

impl Certificate {
    /// The certificate with this DER encoding. Anything is accepted; what cannot be read is left out.
    pub fn from_der(der: impl Into<Vec<u8>>) -> Self {
        let der = der.into();
        let fields = Fields::read(&der);
        let validity = fields.validity();
        let extensions = fields.extensions();
        Self {
            subject: fields.subject.map_or_else(String::new, readable_name),
            issuer: fields.issuer.map_or_else(String::new, readable_name),
            self_issued: fields.subject.is_some() && fields.subject == fields.issuer,
            names: alternative_names(&extensions),
            not_before: validity.and_then(|validity| timestamp(validity.not_before)),
            not_after: validity.and_then(|validity| timestamp(validity.not_after)),
            public_key: fields.public_key.map(Fingerprint::of),
            version_1: fields.version_1,
            authority: fields.version_1 || may_sign(&extensions),
            der,
        }
    }

    /// Whom the certificate speaks of, most specific first: `CN=ftp.example.com,O=Example` (RFC 4514).
    /// Empty if it names nobody.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Who signed it, in the form of [`subject`](Self::subject).
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The host names and addresses that it is valid for. The common name is none of them
    /// (RFC 9525 §2).
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// When it begins to be valid.
    pub fn not_before(&self) -> Option<Timestamp> {
        self.not_before
    }

    /// The last moment at which it is valid.
    pub fn not_after(&self) -> Option<Timestamp> {
        self.not_after
    }

    /// The fingerprint of the whole certificate.
    pub fn sha256(&self) -> Fingerprint {
        Fingerprint::of(&self.der)
    }

    /// The fingerprint of its public key (the `SubjectPublicKeyInfo`), which a renewed certificate may
    /// keep.
    pub fn public_key_sha256(&self) -> Option<Fingerprint> {
        self.public_key
    }

    /// The certificate as it came.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether it names itself as its issuer.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.self_issued
    }

    /// Whether it is of X.509's first version, which has no place for host names.
    pub(crate) fn is_version_1(&self) -> bool {
        self.version_1
    }

    /// Whether it may sign others: one that says so (RFC 5280 §4.2.1.9), and one of version 1, which
    /// has no way to say it.
    pub(crate) fn is_authority(&self) -> bool {
        self.authority
    }
}

/// What a person wants to see of it, in several lines; what it does not say has none.
impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = |time: Option<Timestamp>| match time {
            Some(time) => time.to_string(),
            None => "an unknown time".to_owned(),
        };
        match self.subject() {
            "" => writeln!(f, "certificate without a subject")?,
            subject => writeln!(f, "certificate of {subject}")?,
        }
        if !self.issuer.is_empty() {
            writeln!(f, "  issued by {}", self.issuer)?;
        }
        if !self.names.is_empty() {
            writeln!(f, "  for {}", self.names.join(", "))?;
        }
        let (from, until) = (moment(self.not_before), moment(self.not_after));
        writeln!(f, "  valid from {from} until {until}")?;
        write!(f, "  {}", self.sha256())?;
        match &self.public_key {
            Some(key) => write!(f, "\n  public key sha256//{}", key.base64()),
            None => Ok(()),
        }
    }
}

/// Everything but the bytes.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("issuer", &self.issuer)
            .field("names", &self.names)
            .field("not_before", &self.not_before)
            .field("not_after", &self.not_after)
            .field("public_key", &self.public_key)
            .field("sha256", &self.sha256())
            .finish_non_exhaustive()
    }
}

/// The fields of a `TBSCertificate`, each in its own encoding, as many as could be found.
///
/// A parser of whole certificates would refuse all of one whose serial number is negative, say, and
/// then neither its key could be pinned nor its subject shown.
#[derive(Default)]
struct Fields<'a> {
    version_1: bool,
    issuer: Option<&'a [u8]>,
    validity: Option<&'a [u8]>,
    subject: Option<&'a [u8]>,
    public_key: Option<&'a [u8]>,
    extensions: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn read(certificate: &'a [u8]) -> Self {
        let mut fields = Self::default();
        let Some(mut rest) = content(certificate)
            .and_then(|mut certificate| element(&mut certificate))
            .and_then(|(_, to_be_signed)| content(to_be_signed))
        else {
            return fields;
        };
        fields.version_1 = true;
        let mut position = 0;
        while let Some((tag, whole)) = element(&mut rest) {
            if let Tag::ContextSpecific { number, .. } = tag {
                match number.value() {
                    0 => fields.version_1 = false,
                    3 => fields.extensions = content(whole),
                    _ => {}
                }
                continue;
            }
            match position {
                // Ahead of these the serial number and the algorithm of the signature.
                2 => fields.issuer = Some(whole),
                3 => fields.validity = Some(whole),
                4 => fields.subject = Some(whole),
                5 => fields.public_key = Some(whole),
                _ => {}
            }
            position += 1;
        }
        fields
    }

    fn validity(&self) -> Option<Validity> {
        Validity::from_der(self.validity?).ok()
    }

    fn extensions(&self) -> Extensions {
        self.extensions
            .and_then(|extensions| Extensions::from_der(extensions).ok())
            .unwrap_or_default()
    }
}

/// The `SubjectPublicKeyInfo` of a certificate, whole.
pub(crate) fn public_key_info(certificate: &[u8]) -> Option<&[u8]> {
    Fields::read(certificate).public_key
}

/// The two parts of a `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
pub(crate) struct PublicKeyInfo<'a> {
    /// The content of its `AlgorithmIdentifier`.
    pub(crate) algorithm: &'a [u8],
    pub(crate) bits: &'a [u8],
}

impl<'a> PublicKeyInfo<'a> {
    pub(crate) fn parse(whole: &'a [u8]) -> Option<Self> {
        let mut rest = content(whole)?;
        let (_, algorithm) = element(&mut rest)?;
        let (_, bits) = element(&mut rest)?;
        Some(Self {
            algorithm: content(algorithm)?,
            bits: BitStringRef::from_der(bits).ok()?.as_bytes()?,
        })
    }
}

/// The next element of a DER sequence, whole, with its tag.
fn element<'a>(rest: &mut &'a [u8]) -> Option<(Tag, &'a [u8])> {
    let mut reader = SliceReader::new(rest).ok()?;
    let tag = Tag::peek(&reader).ok()?;
    let whole = reader.tlv_bytes().ok()?;
    *rest = rest.get(whole.len()..)?;
    Some((tag, whole))
}

/// What is inside an element.
fn content(whole: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(whole).ok()?;
    AnyRef::decode(&mut reader).ok().map(AnyRef::value)
}

fn timestamp(time: Time) -> Option<Timestamp> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    Timestamp::from_unix(seconds, 0)
}

fn may_sign(extensions: &Extensions) -> bool {
    extension::<BasicConstraints>(extensions).is_some_and(|constraints| constraints.ca)
}

fn alternative_names(extensions: &Extensions) -> Vec<String> {
    let names = extension::<SubjectAltName>(extensions).map_or_else(Vec::new, |names| names.0);
    names.iter().filter_map(readable_alternative).collect()
}

fn readable_alternative(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(escaped_str(name.as_str()).to_string()),
        GeneralName::IpAddress(octets) => {
            let octets = octets.as_bytes();
            if let Ok(v4) = <[u8; 4]>::try_from(octets) {
                return Some(IpAddr::from(v4).to_string());
            }
            let v6 = <[u8; 16]>::try_from(octets).ok()?;
            Some(IpAddr::from(v6).to_string())
        }
        _ => None,
    }
}

fn extension<'a, T>(extensions: &'a Extensions) -> Option<T>
where
    T: Decode<'a> + x509_cert::der::oid::AssociatedOid,
{
    extensions
        .iter()
        .find(|extension| extension.extn_id == T::OID)
        .and_then(|extension| T::from_der(extension.extn_value.as_bytes()).ok())
}

/// RFC 4514's form of a name. Its own escapes come first, so that no value can pass for two.
fn readable_name(der: &[u8]) -> String {
    let Ok(name) = Name::from_der(der) else {
        return String::new();
    };
    let mut parts: Vec<String> = name
        .iter_rdn()
        .map(|part| {
            part.iter()
                .map(readable_attribute)
                .collect::<Vec<_>>()
                .join("+")
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

fn readable_attribute(attribute: &AttributeTypeAndValue) -> String {
    let mut value = String::new();
    for character in text(attribute).chars() {
        if matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';') {
            value.push('\\');
        }
        value.push(character);
    }
    let oid = attribute.oid.to_string();
    let key = SHORT_NAMES
        .iter()
        .find_map(|&(known, name)| (known == oid).then_some(name))
        .unwrap_or(&oid);
    format!("{key}={}", escaped_str(&value))
}

/// The characters of an attribute's value, whichever of the string types it has.
fn text(attribute: &AttributeTypeAndValue) -> String {
    let bytes = attribute.value.value();
    match attribute.value.tag() {
        // UTF-16, all of it in the basic plane.
        Tag::BmpString => {
            let units = bytes
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        // T.61 by its name, Latin-1 in fact.
        Tag::TeletexString => Encoding::Latin1.decode(bytes).into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => escaped(bytes).to_string(),
        },
    }
}

/// What RFC 4514 §3 calls the attributes, and the mail address of RFC 5280.
const SHORT_NAMES: [(&str, &str); 11] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, DnValue, KeyPair, SerialNumber};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::*;
    use crate::tls::pem::{CERTIFICATE_BY_OPENSSL, PIN_BY_OPENSSL};

    fn by_openssl() -> Vec<u8> {
        CertificateDer::from_pem_slice(CERTIFICATE_BY_OPENSSL.as_bytes())
            .unwrap()
            .to_vec()
    }

    fn with_subject(adjust: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        adjust(&mut params);
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        Certificate::from_der(made.der().to_vec())
    }

    #[test]
    fn a_certificate_says_what_openssl_reads_in_it() {
        let certificate = Certificate::from_der(by_openssl());
        let name = r"CN=ftp.example.com,O=Häfen\, Werft,C=DE";
        assert_eq!(certificate.subject(), name);
        assert_eq!(certificate.issuer(), name);
        assert!(certificate.is_self_issued() && certificate.is_authority());
        assert!(!certificate.is_version_1());
        assert_eq!(
            certificate.names(),
            [
                "ftp.example.com",
                "*.example.com",
                "192.0.2.1",
                "2001:db8::1"
            ]
        );
        let time = |time: Option<Timestamp>| time.unwrap().to_string();
        assert_eq!(time(certificate.not_before()), "2026-11-22T21:01:45Z");
        assert_eq!(time(certificate.not_after()), "2036-11-19T21:01:45Z");
        assert_eq!(
            certificate.sha256().to_string(),
            "SHA256:CD:E5:37:1A:3A:84:92:0B:8D:00:82:7A:67:DF:8A:F4:\
             F6:5C:D4:8B:63:54:BB:59:D8:40:43:FE:8E:C5:79:F4"
        );
        assert_eq!(
            certificate.public_key_sha256().unwrap().base64(),
            PIN_BY_OPENSSL
        );
    }

    #[test]
    fn a_person_is_shown_what_it_says_and_no_line_for_what_it_does_not() {
        let shown = Certificate::from_der(by_openssl()).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines[..4],
            [
                r"certificate of CN=ftp.example.com,O=Häfen\, Werft,C=DE",
                r"  issued by CN=ftp.example.com,O=Häfen\, Werft,C=DE",
                "  for ftp.example.com, *.example.com, 192.0.2.1, 2001:db8::1",
                "  valid from 2026-11-22T21:01:45Z until 2036-11-19T21:01:45Z",
            ]
        );
        assert!(lines[4].starts_with("  SHA256:CD:E5:"));
        assert_eq!(lines[5], format!("  public key sha256//{PIN_BY_OPENSSL}"));

        let shown = Certificate::from_der(b"nonsense").to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], "certificate without a subject");
        assert_eq!(
            lines[1],
            "  valid from an unknown time until an unknown time"
        );
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn no_value_of_a_name_passes_for_two_or_reaches_the_terminal() {
        let certificate = with_subject(|params| {
            let name = &mut params.distinguished_name;
            name.push(DnType::CommonName, "a,CN=bank.example\u{1b}[2J\u{202e}");
        });
        assert_eq!(
            certificate.subject(),
            r"CN=a\,CN=bank.example\x1b[2J\u{202e}"
        );
    }

    #[test]
    fn every_string_type_and_unknown_attributes_are_shown() {
        let certificate = with_subject(|params| {
            let name = &mut params.distinguished_name;
            name.push(
                DnType::CommonName,
                DnValue::BmpString(rcgen::string::BmpString::try_from("Hafen €").unwrap()),
            );
            name.push(
                DnType::OrganizationName,
                DnValue::TeletexString(rcgen::string::TeletexString::try_from("T").unwrap()),
            );
            name.push(DnType::CustomDnType(vec![2, 5, 4, 12]), "Master");
        });
        assert_eq!(certificate.subject(), "2.5.4.12=Master,O=T,CN=Hafen €");
    }

    #[test]
    fn what_parsers_refuse_is_shown_all_the_same() {
        // A serial number must be positive (RFC 5280 §4.1.2.2), and is not everywhere.
        let mut der = with_subject(|params| {
            params.serial_number = Some(SerialNumber::from(vec![0x77, 1, 2, 3, 4, 5]));
            params.distinguished_name.push(DnType::CommonName, "odd");
        })
        .der()
        .to_vec();
        let at = der
            .windows(6)
            .position(|bytes| bytes == [0x77, 1, 2, 3, 4, 5])
            .unwrap();
        der[at] = 0x80;
        let certificate = Certificate::from_der(der);
        assert_eq!(certificate.subject(), "CN=odd");
        assert!(certificate.public_key_sha256().is_some() && certificate.not_after().is_some());
    }

    #[test]
    fn a_certificate_cut_short_keeps_its_fingerprint_and_loses_the_rest_without_a_panic() {
        let whole = by_openssl();
        for length in 0..whole.len() {
            let cut = Certificate::from_der(&whole[..length]);
            assert_eq!(cut.sha256(), Fingerprint::of(&whole[..length]));
            assert_eq!(cut.subject(), "");
            assert_eq!(cut.public_key_sha256(), None);
            assert!(!cut.is_authority());
        }
    }

    proptest! {
        #[test]
        fn a_changed_byte_never_panics(at: prop::sample::Index, byte: u8) {
            let mut der = by_openssl();
            let at = at.index(der.len());
            der[at] = byte;
            let certificate = Certificate::from_der(der);
            prop_assert!(!certificate.subject().chars().any(char::is_control));
            prop_assert!(!certificate.names().concat().chars().any(char::is_control));
        }
    }
}
