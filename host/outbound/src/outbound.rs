//! The door itself.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::dial::dial;
use crate::resolve::checked_addresses;
use crate::{
    AddressPolicy, AllowList, CheckedRequest, Endpoint, Host, HttpRequest, HttpResponse, Network,
    OutboundError, Resolve, ResolveOverride, SystemResolver, http, tls,
};

/// How this host reaches the outside.
#[derive(Debug, Clone, Default)]
pub struct OutboundSettings {
    /// Also dial loopback and private addresses: for development and for partners who need it. See
    /// [`AddressPolicy::allow_private_networks`].
    pub allow_private_networks: bool,
    /// Certificates (PEM) that are trusted besides Mozilla's roots.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// Hosts that go to a fixed address: for split-horizon DNS and tests.
    pub resolve: Vec<ResolveOverride>,
}

/// The only way out. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

struct Inner {
    policy: AddressPolicy,
    overrides: Vec<ResolveOverride>,
    resolver: Box<dyn Resolve>,
    stream_tls: Arc<ClientConfig>,
    http_tls: Arc<ClientConfig>,
}

impl Outbound {
    /// Opens the door with the system's resolver.
    ///
    /// # Errors
    /// [`OutboundError::SettingInvalid`] when the extra certificates cannot be read.
    pub fn new(settings: OutboundSettings) -> Result<Self, OutboundError> {
        Self::with_resolver(settings, SystemResolver::default())
    }

    /// [`Outbound::new`] with another resolver; its answers are guarded like any other.
    pub fn with_resolver(
        settings: OutboundSettings,
        resolver: impl Resolve + 'static,
    ) -> Result<Self, OutboundError> {
        let roots = tls::roots(settings.extra_ca_pem.as_deref())?;
        Ok(Self(Arc::new(Inner {
            policy: AddressPolicy { allow_private_networks: settings.allow_private_networks },
            overrides: settings.resolve,
            resolver: Box::new(resolver),
            stream_tls: tls::client_config(roots.clone(), &[])?,
            http_tls: tls::client_config(roots, &["http/1.1"])?,
        })))
    }

    /// Checks a URL (`http`, `https`, `rtmp`, `rtmps`) as far as that is possible without resolving its name:
    /// for forms, at the time a destination is configured.
    pub fn check_url(&self, url: &str) -> Result<Endpoint, OutboundError> {
        let (endpoint, _) = Endpoint::parse_with_url(url)?;
        endpoint.host.check(self.0.policy)?;
        Ok(endpoint)
    }

    /// Which addresses are dialled.
    pub fn policy(&self) -> AddressPolicy {
        self.0.policy
    }

    /// Connects to `host` (a name, an address, IPv6 with or without brackets). The name is resolved once and
    /// exactly a checked address is dialled. No time limit: wrap it in the caller's.
    pub async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, OutboundError> {
        self.connect_host(&Host::parse(host)?, port).await
    }

    /// [`Outbound::connect`] and a TLS handshake in which the peer proves to be `host`.
    pub async fn connect_tls(&self, host: &str, port: u16) -> Result<TlsStream<TcpStream>, OutboundError> {
        self.connect_host_tls(&Host::parse(host)?, port, &self.0.stream_tls).await
    }

    /// One HTTP exchange with an origin on `allowed`. Redirects are answers like any other: they are not
    /// followed. Ends within the request's time limit.
    pub async fn http(
        &self,
        allowed: &AllowList,
        request: HttpRequest,
    ) -> Result<HttpResponse, OutboundError> {
        http::exchange(self, request.checked(allowed, self.0.policy)?).await
    }

    pub(crate) async fn connect_host(&self, host: &Host, port: u16) -> Result<TcpStream, OutboundError> {
        let inner = &self.0;
        let addresses =
            checked_addresses(&*inner.resolver, &inner.overrides, inner.policy, host, port).await?;
        dial(&host.to_string(), &addresses).await
    }

    pub(crate) async fn connect_host_https(
        &self,
        host: &Host,
        port: u16,
    ) -> Result<TlsStream<TcpStream>, OutboundError> {
        self.connect_host_tls(host, port, &self.0.http_tls).await
    }

    async fn connect_host_tls(
        &self,
        host: &Host,
        port: u16,
        config: &Arc<ClientConfig>,
    ) -> Result<TlsStream<TcpStream>, OutboundError> {
        let name = tls::server_name(host)?;
        let stream = self.connect_host(host, port).await?;
        TlsConnector::from(Arc::clone(config))
            .connect(name, stream)
            .await
            .map_err(|error| OutboundError::TlsFailed { host: host.to_string(), detail: error.to_string() })
    }
}

impl Network for Outbound {
    fn policy(&self) -> AddressPolicy {
        self.0.policy
    }

    fn exchange(&self, request: CheckedRequest) -> BoxFuture<'static, Result<HttpResponse, OutboundError>> {
        let outbound = self.clone();
        Box::pin(async move { http::exchange(&outbound, request).await })
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("policy", &self.0.policy).finish_non_exhaustive()
    }
}
