//! Addresses of data connections: RFC 959 §3.2 and §4.1.2, RFC 1123 §4.1.2.6, RFC 2428.
//!
//! ```text
//! 227 Entering Passive Mode (h1,h2,h3,h4,p1,p2)      parse_pasv
//! 229 Entering Extended Passive Mode (|||port|)      parse_epsv
//! PORT h1,h2,h3,h4,p1,p2      EPRT |2|::1|port|      port_command, eprt_command
//! ```
//!
//! Replies are read with patience, since servers write much around the numbers; what the address
//! is then good for is decided by [`data_target`], with none.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4};

/// The address in the text of a 227 reply, the code left off (RFC 959 §4.1.2).
///
/// RFC 1123 §4.1.2.6 has a client look for the numbers wherever they are. The six must be a list of
/// their own, so a version number or a time-out in the prose is not taken for one of them; if there
/// are several such lists, the one in parentheses or behind `=` counts.
///
/// # Errors
///
/// [`AddrError`] if there is no list of just six numbers, one is above 255, or the port is 0.
///
/// # Examples
///
/// ```
/// use wharf_proto::addr::parse_pasv;
///
/// let expected = "127.0.0.1:12345".parse().unwrap();
/// assert_eq!(parse_pasv(b"Entering Passive Mode (127,0,0,1,48,57)."), Ok(expected));
/// assert_eq!(parse_pasv(b"v2: =127,0,0,001, 48, 57 for 30s"), Ok(expected));
/// assert!(parse_pasv(b"Entering Passive Mode (::1,48,57)").is_err());
/// ```
pub fn parse_pasv(message_text: &[u8]) -> Result<SocketAddrV4, AddrError> {
    let mut found = None;
    let mut at = 0;
    while at < message_text.len() {
        let Some((numbers, end)) = number_list(message_text, at) else {
            at += 1;
            continue;
        };
        if let Ok(six) = <[Option<u8>; 6]>::try_from(numbers) {
            let marked = at > 0 && matches!(message_text[at - 1], b'(' | b'=');
            if marked || found.is_none() {
                found = Some(six);
            }
            if marked {
                break;
            }
        }
        at = end;
    }
    let numbers = found.ok_or(AddrError::Malformed)?;
    let mut bytes = [0; 6];
    for (byte, number) in bytes.iter_mut().zip(numbers) {
        *byte = number.ok_or(AddrError::NumberTooLarge)?;
    }
    from_six(bytes)
}

/// The address in the text of a 229 reply, the code left off (RFC 2428 §3).
///
/// Any printable character but a digit may be the delimiter: IBM i uses `!`. The protocol and the
/// address are empty by the RFC; if they are there, they are kept.
///
/// # Errors
///
/// [`AddrError`] if nothing in the text has the form, or the port is not in 1 to 65535.
///
/// # Examples
///
/// ```
/// use wharf_proto::addr::parse_epsv;
///
/// assert_eq!(parse_epsv(b"Entering Extended Passive Mode (|||6446|)").unwrap().port, 6446);
/// assert_eq!(parse_epsv(b"EPSV OK (!!!6446!).").unwrap().port, 6446);
/// let full = parse_epsv(b"ok (|2|::1|6446|)").unwrap();
/// assert_eq!(full.address, Some("::1".parse().unwrap()));
/// ```
pub fn parse_epsv(message_text: &[u8]) -> Result<ExtendedAddr, AddrError> {
    let mut error = AddrError::Malformed;
    for (at, _) in message_text
        .iter()
        .enumerate()
        .filter(|&(_, &byte)| byte == b'(')
    {
        match extended(&message_text[at + 1..]) {
            Ok(addr) => return Ok(addr),
            // A form that was there and wrong says more than one that was not there.
            Err(AddrError::Malformed) => {}
            Err(found) => error = found,
        }
    }
    // Without parentheses only the plain form is plain enough to be told from prose.
    for at in 0..message_text.len() {
        let rest = &message_text[at..];
        if let [a, b, c, ..] = rest
            && a.is_ascii_punctuation()
            && a == b
            && b == c
            && let Ok(addr) = extended(rest)
        {
            return Ok(addr);
        }
    }
    Err(error)
}

/// What a 229 reply names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ExtendedAddr {
    /// The address, which RFC 2428 leaves out and means the control connection's.
    pub address: Option<IpAddr>,
    /// The port, never 0.
    pub port: u16,
}

/// Six numbers and five commas, as `PORT` has them.
///
/// ```
/// let address = "25.234.129.22:25623".parse().unwrap();
/// assert_eq!(wharf_proto::addr::encode_host_port(address), "25,234,129,22,100,23");
/// ```
#[doc(alias = "encodeHostPort")]
pub fn encode_host_port(address: SocketAddrV4) -> String {
    let [a, b, c, d] = address.ip().octets();
    let [high, low] = address.port().to_be_bytes();
    format!("{a},{b},{c},{d},{high},{low}")
}

/// Reads what [`encode_host_port`] writes, and nothing else.
///
/// # Errors
///
/// [`AddrError`] if the text is not six numbers from 0 to 255 and five commas, or the port is 0.
#[doc(alias = "decodeHostPort")]
pub fn decode_host_port(text: &str) -> Result<SocketAddrV4, AddrError> {
    let mut bytes = [0; 6];
    let mut fields = text.split(',');
    for byte in &mut bytes {
        *byte = decimal(fields.next().ok_or(AddrError::Malformed)?)?;
    }
    match fields.next() {
        None => from_six(bytes),
        Some(_) => Err(AddrError::Malformed),
    }
}

/// Reads the argument of `EPRT` (RFC 2428 §2): `|1|132.235.1.2|6275|` or `|2|::1|6275|`.
///
/// # Errors
///
/// [`AddrError`] if the text has another form, the address is not of the protocol's family, or the
/// port is not in 1 to 65535.
#[doc(alias = "decodeExtendedAddress")]
pub fn decode_extended_address(text: &str) -> Result<SocketAddr, AddrError> {
    let delimiter = text.chars().next().ok_or(AddrError::Malformed)?;
    if !delimiter.is_ascii_graphic() || delimiter.is_ascii_digit() {
        return Err(AddrError::Malformed);
    }
    let fields: Vec<&str> = text.split(delimiter).collect();
    let ["", protocol, address, port, ""] = fields[..] else {
        return Err(AddrError::Malformed);
    };
    let address: IpAddr = match protocol {
        "1" => address.parse::<Ipv4Addr>().map(IpAddr::V4),
        "2" => address.parse::<Ipv6Addr>().map(IpAddr::V6),
        _ => return Err(AddrError::Malformed),
    }
    .map_err(|_| AddrError::Malformed)?;
    Ok(SocketAddr::new(address, nonzero(decimal(port)?)?))
}

/// The whole command by which the server learns where to connect to in active mode: `PORT` for
/// IPv4, `EPRT` for IPv6, which `PORT` cannot say.
///
/// ```
/// use wharf_proto::addr::port_command;
///
/// assert_eq!(port_command("127.0.0.1:9876".parse().unwrap()), "PORT 127,0,0,1,38,148");
/// assert_eq!(port_command("[::1]:9876".parse().unwrap()), "EPRT |2|::1|9876|");
/// ```
#[doc(alias = "generatePortCommand")]
pub fn port_command(address: SocketAddr) -> String {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => {
            format!(
                "PORT {}",
                encode_host_port(SocketAddrV4::new(ip, address.port()))
            )
        }
        IpAddr::V6(_) => eprt_command(address),
    }
}

/// As [`port_command`], with `EPRT` for either family. An IPv4 address that a dual-stack socket
/// shows as IPv6 goes out as IPv4, which is what the server can reach.
///
/// ```
/// use wharf_proto::addr::eprt_command;
///
/// assert_eq!(eprt_command("132.235.1.2:6275".parse().unwrap()), "EPRT |1|132.235.1.2|6275|");
/// ```
pub fn eprt_command(address: SocketAddr) -> String {
    let ip = address.ip().to_canonical();
    let protocol = if ip.is_ipv4() { 1 } else { 2 };
    format!("EPRT |{protocol}|{ip}|{}|", address.port())
}

/// Whether the address in a passive reply is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrustAddress {
    /// Data connections go to the control connection's peer, whatever the reply says. A server
    /// that could name any host could make the client connect to it, and so scan a network or
    /// speak to a neighbour in the client's name; a server behind NAT names one that leads nowhere.
    #[default]
    Never,
    /// Data connections go where the reply says, for servers that spread them over several hosts.
    Always,
}

/// Where to connect to for data.
///
/// With [`TrustAddress::Never`], that is `control_peer`, and ports below 1024 are refused: no FTP
/// server has its passive range there, and other services of that host live there.
///
/// With [`TrustAddress::Always`], it is the `advertised` address, if there is one and it can lead
/// anywhere: `0.0.0.0` cannot, and neither can a private, link-local or loopback address that a
/// server with a public address gives. Any port is taken then.
///
/// # Errors
///
/// [`AddrError::PortZero`], and [`AddrError::PrivilegedPort`] as said above.
///
/// # Examples
///
/// ```
/// use wharf_proto::addr::{TrustAddress, data_target};
///
/// let peer = "203.0.113.5".parse().unwrap();
/// let other = Some("198.51.100.7".parse().unwrap());
/// let target = |trust| data_target(other, 5000, peer, trust).unwrap().to_string();
/// assert_eq!(target(TrustAddress::Never), "203.0.113.5:5000");
/// assert_eq!(target(TrustAddress::Always), "198.51.100.7:5000");
/// ```
pub fn data_target(
    advertised: Option<IpAddr>,
    port: u16,
    control_peer: IpAddr,
    trust: TrustAddress,
) -> Result<SocketAddr, AddrError> {
    let port = nonzero(port)?;
    let address = match trust {
        TrustAddress::Never if port < 1024 => return Err(AddrError::PrivilegedPort { port }),
        TrustAddress::Never => control_peer,
        TrustAddress::Always => advertised
            .filter(|ip| !ip.is_unspecified())
            .filter(|ip| !is_internal(*ip) || is_internal(control_peer))
            .unwrap_or(control_peer),
    };
    Ok(SocketAddr::new(address, port))
}

/// An address that cannot be used, or text that holds none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddrError {
    /// The text does not have the form.
    #[error("there is no address in the text")]
    Malformed,
    /// A number is above what its place can hold.
    #[error("a number of the address is too large")]
    NumberTooLarge,
    /// The port is 0.
    #[error("the port is 0")]
    PortZero,
    /// The port is below 1024.
    #[error("port {port} is below 1024")]
    PrivilegedPort {
        /// The port.
        port: u16,
    },
}

/// The longest list of numbers, with commas and blanks between them, that begins at `at`, and where
/// it ends. A number above 255 is `None`.
fn number_list(text: &[u8], at: usize) -> Option<(Vec<Option<u8>>, usize)> {
    let mut numbers = Vec::new();
    let mut at = at;
    loop {
        let digits = run(text, at, |byte| byte.is_ascii_digit());
        if digits == 0 {
            return None;
        }
        let value = text[at..at + digits].iter().try_fold(0_u8, |value, digit| {
            value.checked_mul(10)?.checked_add(digit - b'0')
        });
        numbers.push(value);
        at += digits;
        let mut next = at + run(text, at, is_blank);
        if text.get(next) != Some(&b',') {
            return Some((numbers, at));
        }
        next += 1;
        next += run(text, next, is_blank);
        if !text.get(next).is_some_and(u8::is_ascii_digit) {
            return Some((numbers, at));
        }
        at = next;
    }
}

fn run(text: &[u8], at: usize, class: fn(u8) -> bool) -> usize {
    text[at..].iter().take_while(|&&byte| class(byte)).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// `|protocol|address|port|` at the start of `text`, whatever the delimiter.
fn extended(text: &[u8]) -> Result<ExtendedAddr, AddrError> {
    let (&delimiter, rest) = text.split_first().ok_or(AddrError::Malformed)?;
    if !delimiter.is_ascii_graphic() || delimiter.is_ascii_digit() {
        return Err(AddrError::Malformed);
    }
    let mut fields = rest
        .split(|&byte| byte == delimiter)
        .map(std::str::from_utf8);
    // The fifth field is what follows the last delimiter: without it, that one is missing.
    let (Some(Ok(protocol)), Some(Ok(address)), Some(Ok(port)), Some(_)) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(AddrError::Malformed);
    };
    if !matches!(protocol, "" | "1" | "2") {
        return Err(AddrError::Malformed);
    }
    let address = match address {
        "" => None,
        address => Some(address.parse().map_err(|_| AddrError::Malformed)?),
    };
    Ok(ExtendedAddr {
        address,
        port: nonzero(decimal(port)?)?,
    })
}

/// A number without sign, blanks or anything else that `FromStr` would let pass.
fn decimal<T: std::str::FromStr>(text: &str) -> Result<T, AddrError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AddrError::Malformed);
    }
    text.parse().map_err(|_| AddrError::NumberTooLarge)
}

fn nonzero(port: u16) -> Result<u16, AddrError> {
    if port == 0 {
        Err(AddrError::PortZero)
    } else {
        Ok(port)
    }
}

fn from_six([a, b, c, d, high, low]: [u8; 6]) -> Result<SocketAddrV4, AddrError> {
    let port = nonzero(u16::from_be_bytes([high, low]))?;
    Ok(SocketAddrV4::new(Ipv4Addr::new(a, b, c, d), port))
}

/// Whether an address has a meaning only on its own host or network.
fn is_internal(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            // RFC 6598: the addresses between a carrier's NAT and its customers.
            let shared = matches!(ip.octets(), [100, 64..=127, ..]);
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pasv(text: &str) -> Result<String, AddrError> {
        parse_pasv(text.as_bytes()).map(|address| address.to_string())
    }

    #[test]
    fn t8_pasv_is_read_in_every_form_that_servers_write() {
        for text in [
            "Entering Passive Mode (127,0,0,1,48,57).",
            "Entering Passive Mode (127,0,0,1,48,57)",
            "PASV OK (127,0,0,1,48,57)",
            "=127,0,0,1,48,57",
            "127,0,0,1,48,57",
            "Entering Passive Mode. 127,0,0,1,48,57.",
            "Entering Passive Mode ( 127, 0 ,0,1,\t48,57 )",
            "(127,000,00,001,048,057)",
            "-127,0,0,1,48,57",
            "v2 (127,0,0,1,48,57)",
            "Ok, 127,0,0,1,48,57",
            "(127,0,0,1,48,57) 30s",
            "on 10.1.2.3 at 12:30, 2 of 5: 127,0,0,1,48,57,",
            "was 1,2,3,4,5,6 is (127,0,0,1,48,57)",
        ] {
            assert_eq!(pasv(text).as_deref(), Ok("127.0.0.1:12345"), "{text}");
        }
    }

    #[test]
    fn x26_pasv_without_just_six_numbers_is_malformed() {
        for text in [
            "",
            "nonsense",
            "Entering Extended Passive Mode (|||5000|)",
            "(127,0,0,1,48)",
            "(127,0,0,1,48,57,1)",
            "(1,48,57)",
            "(::1,48,57)",
            "(127,0,0,1,-48,57)",
            "127.0.0.1.48.57",
        ] {
            assert_eq!(pasv(text), Err(AddrError::Malformed), "{text}");
        }
    }

    #[test]
    fn pasv_numbers_are_checked_and_not_wrapped() {
        assert_eq!(pasv("(256,0,0,1,48,57)"), Err(AddrError::NumberTooLarge));
        assert_eq!(pasv("(127,0,0,1,48,65536)"), Err(AddrError::NumberTooLarge));
        assert_eq!(
            pasv(&format!("(127,0,0,1,48,{})", "9".repeat(99))),
            Err(AddrError::NumberTooLarge)
        );
        assert_eq!(pasv("(127,0,0,1,0,0)"), Err(AddrError::PortZero));
        assert_eq!(pasv("(0,0,0,0,255,255)").as_deref(), Ok("0.0.0.0:65535"));
    }

    #[test]
    fn s7_epsv_is_read_in_every_form_that_servers_write() {
        for text in [
            "Entering Extended Passive Mode (|||5000|)",
            "Entering Extended Passive Mode (|||5000|).",
            "entering extended passive mode (|||5000|).",
            "listen socket created (|||5000|)",
            "EPSV OK (!!!5000!)",
            "ok (xxx5000x)",
            "(see RFC 2428) (|||5000|)",
            "EPSV OK |||5000|",
        ] {
            let expected = ExtendedAddr {
                address: None,
                port: 5000,
            };
            assert_eq!(parse_epsv(text.as_bytes()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn an_epsv_reply_that_names_an_address_keeps_it() {
        let v4 = parse_epsv(b"(|1|192.0.2.1|5000|)").unwrap();
        assert_eq!(v4.address, Some("192.0.2.1".parse().unwrap()));
        let v6 = parse_epsv(b"(|2|2001:db8::1|5000|)").unwrap();
        assert_eq!(v6.address, Some("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn epsv_replies_of_another_form_or_port_are_errors() {
        for (text, error) in [
            ("", AddrError::Malformed),
            ("(127,0,0,1,48,57)", AddrError::Malformed),
            ("(|||5000)", AddrError::Malformed),
            ("(||5000|)", AddrError::Malformed),
            ("(|||+5000|)", AddrError::Malformed),
            ("(|||-1|)", AddrError::Malformed),
            ("(||| 5000|)", AddrError::Malformed),
            ("(||host|5000|)", AddrError::Malformed),
            ("(1115000 1)", AddrError::Malformed),
            ("EPSV ALL accepted --- see help", AddrError::Malformed),
            ("(|||0|)", AddrError::PortZero),
            ("(|||65536|)", AddrError::NumberTooLarge),
            ("(|||99999999999999999999|)", AddrError::NumberTooLarge),
        ] {
            assert_eq!(parse_epsv(text.as_bytes()), Err(error), "{text}");
        }
    }

    #[test]
    fn s6_host_and_port_are_decoded_strictly() {
        let decoded = decode_host_port("25,234,129,22,100,23").unwrap();
        assert_eq!(decoded.to_string(), "25.234.129.22:25623");
        for at in 0..6 {
            let mut fields = ["25", "234", "129", "22", "100", "23"];
            fields[at] = "256";
            assert_eq!(
                decode_host_port(&fields.join(",")),
                Err(AddrError::NumberTooLarge)
            );
        }
        for text in [
            "",
            "1,2,3,4,5",
            "1,2,3,4,5,6,7",
            "+1,2,3,4,5,6",
            "1, 2,3,4,5,6",
            "1,2,3,4,5,",
        ] {
            assert_eq!(decode_host_port(text), Err(AddrError::Malformed), "{text}");
        }
    }

    #[test]
    fn s7_an_extended_address_needs_its_family_and_its_delimiters() {
        let ok = |text| decode_extended_address(text).unwrap().to_string();
        assert_eq!(ok("|1|132.235.1.2|6275|"), "132.235.1.2:6275");
        assert_eq!(
            ok("$2$1080::8:800:200c:417a$5282$"),
            "[1080::8:800:200c:417a]:5282"
        );
        for text in [
            "",
            "|1|::1|6275|",
            "|2|132.235.1.2|6275|",
            "|3|132.235.1.2|6275|",
            "|1|132.235.1.2|6275",
            "|1|132.235.1.2|6275||",
            "x1|132.235.1.2|6275|",
        ] {
            assert_eq!(
                decode_extended_address(text),
                Err(AddrError::Malformed),
                "{text}"
            );
        }
    }

    #[test]
    fn x50_active_mode_over_ipv6_says_eprt() {
        assert_eq!(
            port_command("[::1]:45323".parse().unwrap()),
            "EPRT |2|::1|45323|"
        );
    }

    #[test]
    fn a_dual_stack_sockets_ipv4_address_goes_out_as_ipv4() {
        let address = "[::ffff:192.0.2.1]:256".parse().unwrap();
        assert_eq!(port_command(address), "PORT 192,0,2,1,1,0");
        assert_eq!(eprt_command(address), "EPRT |1|192.0.2.1|256|");
    }

    #[test]
    fn t39_t40_the_address_in_a_reply_is_believed_only_on_request() {
        let peer = "127.0.0.1".parse().unwrap();
        let named = Some("127.0.0.2".parse().unwrap());
        let target = |trust| data_target(named, 12345, peer, trust).unwrap().to_string();
        assert_eq!(target(TrustAddress::default()), "127.0.0.1:12345");
        assert_eq!(target(TrustAddress::Always), "127.0.0.2:12345");
    }

    #[test]
    fn an_address_that_leads_nowhere_is_not_believed_even_on_request() {
        let peer = "203.0.113.5".parse().unwrap();
        for named in [
            "0.0.0.0",
            "10.0.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            let named = Some(named.parse().unwrap());
            let target = data_target(named, 5000, peer, TrustAddress::Always).unwrap();
            assert_eq!(target.ip(), peer, "{named:?}");
        }
        let target = data_target(None, 5000, peer, TrustAddress::Always).unwrap();
        assert_eq!(target.ip(), peer);
    }

    #[test]
    fn other_services_of_the_servers_host_are_out_of_reach() {
        let peer = "203.0.113.5".parse().unwrap();
        let target = |port| data_target(None, port, peer, TrustAddress::Never);
        assert_eq!(target(25), Err(AddrError::PrivilegedPort { port: 25 }));
        assert_eq!(target(0), Err(AddrError::PortZero));
        assert_eq!(target(1024).unwrap().port(), 1024);
        assert!(data_target(None, 20, peer, TrustAddress::Always).is_ok());
    }

    proptest! {
        #[test]
        fn a_host_and_port_is_decoded_as_it_was_encoded(ip: [u8; 4], port in 1_u16..) {
            let address = SocketAddrV4::new(ip.into(), port);
            let text = encode_host_port(address);
            prop_assert_eq!(decode_host_port(&text), Ok(address));
            prop_assert_eq!(parse_pasv(format!("Mode ({text}).").as_bytes()), Ok(address));
        }

        #[test]
        fn an_extended_address_is_decoded_as_it_was_encoded(ip: IpAddr, port in 1_u16..) {
            let address = SocketAddr::new(ip.to_canonical(), port);
            let command = eprt_command(address);
            let argument = command.strip_prefix("EPRT ").unwrap();
            prop_assert_eq!(decode_extended_address(argument), Ok(address));
        }

        #[test]
        fn no_text_panics_and_no_port_is_zero(text in "[(=|!0-9, .x]{0,40}", bytes: Vec<u8>) {
            for text in [text.as_bytes(), &bytes] {
                prop_assert!(parse_pasv(text).map_or(1, |address| address.port()) > 0);
                prop_assert!(parse_epsv(text).map_or(1, |address| address.port) > 0);
                let text = String::from_utf8_lossy(text);
                let _ = (decode_host_port(&text), decode_extended_address(&text));
            }
        }
    }
}
