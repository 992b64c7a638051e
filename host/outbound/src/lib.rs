//! The only way out for plugins and destinations: allow-list, address guard, TLS.
//!
//! Everything that tenants or plugins can point somewhere (an RTMP target, a
//! plugin's HTTP request, later a webhook) leaves the process through
//! [`Outbound`]. Its invariant: **no socket is opened to an address that
//! [`AddressPolicy`] did not pass**. A name is resolved once, every address of
//! the answer is checked, and exactly a checked address is dialled; there is no
//! second resolution that could answer differently (DNS rebinding), no redirect
//! is followed, no proxy is consulted, and no address literal takes a short cut.
//!
//! | file | concept |
//! |---|---|
//! | `address` | what an address is ([`AddressClass`]) and whether it may be dialled ([`AddressPolicy`]) |
//! | `endpoint` | strict reading of hosts and URLs ([`Host`], [`Endpoint`]) |
//! | `allow_list` | which origins and methods a plugin was granted ([`AllowList`]) |
//! | `resolve` | one bounded resolution, with overrides ([`Resolve`], [`ResolveOverride`]) |
//! | `dial` | TCP to the first of the checked addresses that answers |
//! | `tls` | trust roots and the TLS client configuration |
//! | `http` | one HTTP/1.1 exchange with ceilings ([`HttpRequest`], [`CheckedRequest`], [`HttpResponse`]) |
//! | `network` | what answers requests behind the rules ([`Network`]) |
//! | `socket` | what long-lived sockets have in common ([`SocketLimits`], [`SocketError`]) |
//! | `websocket` | a WebSocket over TLS ([`WebSocket`]) |
//! | `line` | lines over TLS ([`Lines`]) |
//! | `echo` | secrets taken out of what comes back ([`Echoes`]) |
//! | `rules` | what one plugin may do: manifest and grant, enforced ([`Rules`]) |
//!
//! Absent on purpose: connection reuse (a pooled connection would outlive the
//! check that allowed it), decompression (no bombs), cookies, HTTP proxies.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod address;
mod allow_list;
mod dial;
mod echo;
mod endpoint;
mod error;
mod http;
mod line;
mod network;
mod outbound;
mod resolve;
mod rules;
mod socket;
mod tls;
mod websocket;

pub use address::{AddressClass, AddressPolicy};
pub use allow_list::{AllowList, OriginPattern, PatternInvalid};
pub use echo::Echoes;
pub use endpoint::{Endpoint, Host};
pub use error::OutboundError;
pub use http::{CheckedRequest, HttpLimits, HttpRequest, HttpResponse};
pub use line::Lines;
pub use network::Network;
pub use outbound::{Outbound, OutboundSettings};
pub use resolve::{Resolve, ResolveOverride, ResolveOverrideInvalid, SystemResolver};
pub use rules::Rules;
pub use socket::{Incoming, SocketError, SocketLimits};
pub use websocket::{WebSocket, WebSocketRequest};
