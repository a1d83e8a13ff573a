//! From a host name to a control connection: resolution, and the race of addresses (RFC 8305).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use wharf_proto::error::{Error, ErrorKind};

/// Which addresses of a host are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Family {
    /// All of them, IPv6 first.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl Family {
    fn admits(self, address: &SocketAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

/// How long one attempt has before the next address is tried beside it (RFC 8305 §5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to the first address of `host` that answers.
pub(crate) async fn connect(
    host: &str,
    port: u16,
    family: Family,
    local: Option<IpAddr>,
    limit: Duration,
) -> Result<TcpStream, Error> {
    let attempt = async {
        let addresses = resolve(host, port, family).await?;
        race(host, interleave(addresses), local).await
    };
    timeout(limit, attempt).await.unwrap_or_else(|_| {
        let message = format!("could not connect to {host} within {limit:?}");
        Err(Error::new(ErrorKind::Timeout, message))
    })
}

async fn resolve(host: &str, port: u16, family: Family) -> Result<Vec<SocketAddr>, Error> {
    let unresolved = |message: String| Error::new(ErrorKind::Resolve, message);
    let addresses: Vec<SocketAddr> = lookup_host((host, port))
        .await
        .map_err(|error| {
            unresolved(format!("the host name {host} cannot be resolved")).with_source(error)
        })?
        .filter(|address| family.admits(address))
        .collect();
    if addresses.is_empty() {
        return Err(unresolved(format!(
            "{host} has no address of the wanted family"
        )));
    }
    Ok(addresses)
}

/// IPv6 and IPv4 in turn, each in the order of the resolver (RFC 8305 §4).
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let (v6, v4): (Vec<_>, Vec<_>) = addresses.into_iter().partition(SocketAddr::is_ipv6);
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    let mut order = Vec::with_capacity(v6.len() + v4.len());
    loop {
        match (v6.next(), v4.next()) {
            (None, None) => return order,
            (first, second) => order.extend(first.into_iter().chain(second)),
        }
    }
}

/// Tries the addresses one after the other, each a head start ahead of the next; the first connection
/// wins and the rest are dropped.
async fn race(
    host: &str,
    addresses: Vec<SocketAddr>,
    local: Option<IpAddr>,
) -> Result<TcpStream, Error> {
    let mut attempts = JoinSet::new();
    let mut addresses = addresses.into_iter();
    let mut next_at = Instant::now();
    let mut last_error = None;
    loop {
        let waiting = addresses.len() > 0;
        tokio::select! {
            Some(joined) = attempts.join_next() => match joined {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => {
                    last_error = Some(error);
                    next_at = Instant::now();
                }
                // An attempt neither panics nor is aborted while we wait for it.
                Err(_) => {}
            },
            () = sleep_until(next_at), if waiting => {
                if let Some(address) = addresses.next() {
                    attempts.spawn(dial(address, local));
                    next_at = Instant::now() + ATTEMPT_DELAY;
                }
            }
            else => break,
        }
    }
    let message = format!("could not connect to {host}");
    let error = Error::new(ErrorKind::Connect, message);
    Err(match last_error {
        Some(cause) => error.with_source(cause),
        None => error,
    })
}

async fn dial(address: SocketAddr, local: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    if let Some(local) = local {
        socket.bind(SocketAddr::new(local, 0))?;
    }
    socket.connect(address).await
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use wharf_testing::net::{Net as _, Tcp};

    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_families_take_turns_and_ipv6_begins() {
        let order = interleave(
            ["1.1.1.1:21", "1.1.1.2:21", "[2001::1]:21", "1.1.1.3:21"]
                .map(address)
                .to_vec(),
        );
        assert_eq!(
            order,
            ["[2001::1]:21", "1.1.1.1:21", "1.1.1.2:21", "1.1.1.3:21"].map(address)
        );
    }

    #[tokio::test]
    async fn an_address_that_refuses_makes_room_for_the_next_at_once() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = listener.local_addr().unwrap();
        let (_refusal, bad) = Tcp.refuse(LOOPBACK).await.unwrap();
        let stream = race("host", vec![bad, good], None).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
    }

    #[tokio::test]
    async fn when_all_refuse_the_error_carries_the_last_refusal() {
        let (_refusal, bad) = Tcp.refuse(LOOPBACK).await.unwrap();
        let error = race("host", vec![bad], None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        let cause = std::error::Error::source(&error).unwrap();
        let cause = cause.downcast_ref::<io::Error>().unwrap();
        assert_eq!(cause.kind(), io::ErrorKind::ConnectionRefused);
    }
}
