//! One bounded resolution, with overrides.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::endpoint::split_port;
use crate::{AddressPolicy, Host, OutboundError};

/// Most addresses of one answer that are looked at. Real answers are shorter; the rest is not dialled.
const MAX_ADDRESSES: usize = 16;

/// Most names that the system resolver looks up at a time. The calls block a thread each and cannot be ended,
/// so slow name servers must not take the whole pool of blocking threads.
const MAX_LOOKUPS: usize = 64;

/// Asks for the addresses of a name. The system's resolver by default; a test puts in its own.
pub trait Resolve: Send + Sync {
    /// The addresses of `name`, each with `port`.
    fn lookup<'a>(
        &'a self,
        name: &'a str,
        port: u16,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;
}

/// The operating system's resolver (`getaddrinfo`), with a ceiling on lookups under way.
pub struct SystemResolver {
    lookups: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self { lookups: Arc::new(Semaphore::new(MAX_LOOKUPS)) }
    }
}

impl Resolve for SystemResolver {
    fn lookup<'a>(
        &'a self,
        name: &'a str,
        port: u16,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>> {
        Box::pin(async move {
            let permit = Arc::clone(&self.lookups).acquire_owned().await.map_err(io::Error::other)?;
            let name = name.to_owned();
            let lookup = tokio::task::spawn_blocking(move || {
                // Given back when the lookup ends, not when its caller stops waiting.
                let _permit = permit;
                (name.as_str(), port).to_socket_addrs().map(Vec::from_iter)
            });
            lookup.await.map_err(io::Error::other)?
        })
    }
}

/// Sends a host and port to a fixed address instead of asking the resolver, like curl's `--resolve`. Written
/// `host:port=address:port`. The address is guarded like any other; TLS still expects the host's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveOverride {
    /// The name that is asked for.
    pub host: String,
    /// The port that is asked for.
    pub port: u16,
    /// Where the connection goes.
    pub address: SocketAddr,
}

/// A resolve override is not `host:port=address:port`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not of the form host:port=address:port")]
pub struct ResolveOverrideInvalid(pub String);

impl FromStr for ResolveOverride {
    type Err = ResolveOverrideInvalid;

    fn from_str(text: &str) -> Result<Self, ResolveOverrideInvalid> {
        let invalid = || ResolveOverrideInvalid(text.to_owned());
        let (authority, address) = text.trim().split_once('=').ok_or_else(invalid)?;
        let (host, port) = split_port(authority, 0).map_err(|_| invalid())?;
        let address = address.parse().map_err(|_| invalid())?;
        match Host::parse(host) {
            Ok(Host::Name(host)) if port != 0 => Ok(Self { host, port, address }),
            _ => Err(invalid()),
        }
    }
}

/// The addresses that a host stands for, all of them passed by the policy.
pub(crate) async fn checked_addresses(
    resolver: &dyn Resolve,
    overrides: &[ResolveOverride],
    policy: AddressPolicy,
    host: &Host,
    port: u16,
) -> Result<Vec<SocketAddr>, OutboundError> {
    let name = match host {
        Host::Address(address) => {
            host.check(policy)?;
            return Ok(vec![SocketAddr::new(*address, port)]);
        }
        Host::Name(name) => name,
    };
    let fixed = overrides.iter().find(|entry| entry.host == *name && entry.port == port);
    let addresses = match fixed {
        Some(entry) => vec![entry.address],
        None => resolver
            .lookup(name, port)
            .await
            .map_err(|error| OutboundError::DnsFailed { host: name.clone(), detail: error.to_string() })?,
    };
    if addresses.is_empty() {
        return Err(OutboundError::DnsFailed { host: name.clone(), detail: "no address".to_owned() });
    }
    // One bad address condemns the answer: a mixture is what an attack looks like.
    for address in &addresses {
        policy.check(name, address.ip())?;
    }
    Ok(alternating(addresses))
}

/// IPv6 and IPv4 by turns, beginning with the family that the resolver put first (RFC 8305 4).
fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_family = addresses.first().map(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| Some(address.is_ipv6()) == first_family);
    let longest = first.len().max(second.len());
    (0..longest)
        .flat_map(|at| [first.get(at).copied(), second.get(at).copied()])
        .flatten()
        .take(MAX_ADDRESSES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_are_read_like_curl_writes_them() {
        let entry: ResolveOverride = "Ingest.example:443=127.0.0.1:8443".parse().expect("an override");
        assert_eq!((entry.host.as_str(), entry.port), ("ingest.example", 443));
        assert_eq!(entry.address, "127.0.0.1:8443".parse().expect("an address"));
        assert!("a.example:443=[::1]:8443".parse::<ResolveOverride>().is_ok());
        for text in [
            "",
            "a.example=127.0.0.1:1",
            "a.example:443=127.0.0.1",
            "127.0.0.1:443=127.0.0.1:1",
            "a:0=127.0.0.1:1",
        ] {
            assert!(text.parse::<ResolveOverride>().is_err(), "{text}");
        }
    }

    #[test]
    fn families_take_turns() {
        let addresses = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| text.parse().expect("an address")).collect()
        };
        let sorted = alternating(addresses(&["[2600::1]:1", "[2600::2]:1", "[2600::3]:1", "1.1.1.1:1"]));
        assert_eq!(sorted, addresses(&["[2600::1]:1", "1.1.1.1:1", "[2600::2]:1", "[2600::3]:1"]));
        let many = addresses(&["1.1.1.1:1"; 100]);
        assert_eq!(alternating(many).len(), MAX_ADDRESSES);
    }
}
