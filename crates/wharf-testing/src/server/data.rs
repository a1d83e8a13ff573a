//! Data connections: how they are agreed on, and how they come about.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::net::{TcpListener, TcpStream};

/// What was agreed for the next transfer.
#[derive(Debug, Default)]
pub(super) enum Opener {
    /// Nothing yet.
    #[default]
    None,
    /// The client dials this listener (`PASV`, `EPSV`).
    Passive(TcpListener),
    /// The server dials this address (`PORT`, `EPRT`).
    Active(SocketAddr),
}

impl Opener {
    /// A listener on a free port of the address the control connection came in on.
    pub(super) async fn listen(local: IpAddr) -> io::Result<(Self, u16)> {
        let listener = TcpListener::bind((local, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok((Self::Passive(listener), port))
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The data connection with `peer`, within `wait`.
    ///
    /// A connection from anybody else is dropped: who guesses the port must not get the file.
    pub(super) async fn open(self, peer: IpAddr, wait: Duration) -> io::Result<TcpStream> {
        let opening = async {
            match self {
                Self::None => Err(io::ErrorKind::NotConnected.into()),
                Self::Active(address) => TcpStream::connect(address).await,
                Self::Passive(listener) => loop {
                    let (stream, from) = listener.accept().await?;
                    if from.ip() == peer {
                        return Ok(stream);
                    }
                },
            }
        };
        let stream = tokio::time::timeout(wait, opening).await??;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Why the address of a `PORT` or `EPRT` is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressError {
    /// It cannot be read.
    Syntax,
    /// It is of a family the control connection does not use, or of an unknown one.
    Family,
}

/// Reads the six numbers of `PORT`.
pub(super) fn parse_port(text: &str) -> Result<SocketAddr, AddressError> {
    let numbers: Vec<u8> = text
        .split(',')
        .map(|number| number.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| AddressError::Syntax)?;
    let &[a, b, c, d, high, low] = numbers.as_slice() else {
        return Err(AddressError::Syntax);
    };
    Ok((Ipv4Addr::new(a, b, c, d), u16::from_be_bytes([high, low])).into())
}

/// Reads `|family|address|port|` as `EPRT` has it (RFC 2428 §2), with any delimiter.
pub(super) fn parse_eprt(text: &str) -> Result<SocketAddr, AddressError> {
    let delimiter = text.chars().next().ok_or(AddressError::Syntax)?;
    let parts: Vec<_> = text.split(delimiter).collect();
    let &["", family, address, port, ""] = parts.as_slice() else {
        return Err(AddressError::Syntax);
    };
    let port = port.parse().map_err(|_| AddressError::Syntax)?;
    let address: IpAddr = match family {
        "1" => address
            .parse::<Ipv4Addr>()
            .map_err(|_| AddressError::Syntax)?
            .into(),
        "2" => address
            .parse::<Ipv6Addr>()
            .map_err(|_| AddressError::Syntax)?
            .into(),
        _ => return Err(AddressError::Family),
    };
    Ok((address, port).into())
}

/// The six numbers of a 227.
pub(super) fn six_numbers(address: Ipv4Addr, port: u16) -> String {
    let [a, b, c, d] = address.octets();
    let [high, low] = port.to_be_bytes();
    format!("{a},{b},{c},{d},{high},{low}")
}

/// The number RFC 2428 gives to the family of an address.
pub(super) fn family(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "1" } else { "2" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_is_six_bytes() {
        assert_eq!(
            parse_port("127,0,0,1,48,57"),
            Ok(([127, 0, 0, 1], 12345).into())
        );
        assert_eq!(six_numbers(Ipv4Addr::LOCALHOST, 12345), "127,0,0,1,48,57");
        for wrong in [
            "",
            "1,2,3,4,5",
            "1,2,3,4,5,256",
            "1,2,3,4,5,6,7",
            "a,b,c,d,e,f",
        ] {
            assert_eq!(parse_port(wrong), Err(AddressError::Syntax), "{wrong}");
        }
    }

    #[test]
    fn eprt_takes_any_delimiter_and_both_families() {
        assert_eq!(
            parse_eprt("|1|127.0.0.1|99|"),
            Ok(([127, 0, 0, 1], 99).into())
        );
        assert_eq!(
            parse_eprt("!2!::1!99!"),
            Ok((Ipv6Addr::LOCALHOST, 99).into())
        );
        assert_eq!(parse_eprt("|3|x|99|"), Err(AddressError::Family));
        for wrong in ["", "|1|::1|99|", "|1|127.0.0.1|99", "|1|127.0.0.1|99999|"] {
            assert_eq!(parse_eprt(wrong), Err(AddressError::Syntax), "{wrong}");
        }
    }
}
