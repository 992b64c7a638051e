//! Why something did not leave, or did not come back.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::AddressClass;

/// How an outbound call failed. Texts name hosts and addresses, never a URL's path, query or user
/// information, and never a header's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// A setting of this crate is wrong.
    #[error("outbound setting `{setting}`: {detail}")]
    SettingInvalid {
        /// The setting's name.
        setting: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The URL does not parse, or has a part that is not accepted here.
    #[error("the URL is refused: {0}")]
    UrlInvalid(&'static str),
    /// The host is not a name or an address.
    #[error("the host `{host}` is refused: {detail}")]
    HostInvalid {
        /// The host as given, shortened and without control characters.
        host: String,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// The host is not on the allow-list.
    #[error("`{origin}` is not among the hosts that were granted")]
    HostDenied {
        /// Scheme, host and port that were asked for.
        origin: String,
    },
    /// The method is not on the allow-list.
    #[error("the method `{method}` was not granted")]
    MethodDenied {
        /// The method that was asked for.
        method: String,
    },
    /// The header belongs to the connection, not to the request.
    #[error("the header `{name}` may not be set")]
    HeaderDenied {
        /// The header's name.
        name: String,
    },
    /// A header's name or value has characters that HTTP forbids.
    #[error("the header `{name}` is malformed")]
    HeaderInvalid {
        /// The header's name.
        name: String,
    },
    /// The address is of a class that is not dialled.
    #[error("`{host}` leads to {address}, which is {class}: refused")]
    AddressRefused {
        /// The host that was asked for.
        host: String,
        /// The address it stands for.
        address: IpAddr,
        /// What kind of address that is.
        class: AddressClass,
    },
    /// The name could not be resolved.
    #[error("`{host}` could not be resolved: {detail}")]
    DnsFailed {
        /// The name.
        host: String,
        /// What the resolver said.
        detail: String,
    },
    /// The peer answered that nobody listens.
    #[error("`{host}` ({address}) refused the connection")]
    ConnectRefused {
        /// The host that was asked for.
        host: String,
        /// The address that was dialled last.
        address: SocketAddr,
    },
    /// The connection could not be made for another reason.
    #[error("no connection to `{host}` ({address}): {kind}")]
    ConnectFailed {
        /// The host that was asked for.
        host: String,
        /// The address that was dialled last.
        address: SocketAddr,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// The TLS handshake failed.
    #[error("TLS with `{host}` failed: {detail}")]
    TlsFailed {
        /// The host that was asked for.
        host: String,
        /// What rustls said.
        detail: String,
    },
    /// The exchange did not end in time.
    #[error("`{host}` did not answer within {} ms", after.as_millis())]
    TimedOut {
        /// The host that was asked for.
        host: String,
        /// The time that was allowed.
        after: Duration,
    },
    /// A body is larger than its ceiling.
    #[error("the {direction} body is larger than {limit} bytes")]
    BodyTooLarge {
        /// `request` or `response`.
        direction: &'static str,
        /// The ceiling in bytes.
        limit: usize,
    },
    /// The peer does not speak HTTP, or stopped in the middle.
    #[error("`{host}` broke the HTTP exchange: {detail}")]
    HttpFailed {
        /// The host that was asked for.
        host: String,
        /// What the HTTP layer said.
        detail: String,
    },
    /// An error of another time, told again by a recording.
    #[error("{message}")]
    Recorded {
        /// The code of that error.
        code: &'static str,
        /// Its text.
        message: String,
    },
}

impl OutboundError {
    /// The kebab-case code of this error, for reasons and API answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SettingInvalid { .. } => "setting-invalid",
            Self::UrlInvalid(_) => "url-invalid",
            Self::HostInvalid { .. } => "host-invalid",
            Self::HostDenied { .. } => "host-denied",
            Self::MethodDenied { .. } => "method-denied",
            Self::HeaderDenied { .. } => "header-denied",
            Self::HeaderInvalid { .. } => "header-invalid",
            Self::AddressRefused { .. } => "address-refused",
            Self::DnsFailed { .. } => "dns-failed",
            Self::ConnectRefused { .. } => "connect-refused",
            Self::ConnectFailed { .. } => "connect-failed",
            Self::TlsFailed { .. } => "tls-failed",
            Self::TimedOut { .. } => "timed-out",
            Self::BodyTooLarge { .. } => "body-too-large",
            Self::HttpFailed { .. } => "http-failed",
            Self::Recorded { code, .. } => code,
        }
    }

    /// Whether trying again without a change is useless: the request itself was refused here.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::UrlInvalid(_)
                | Self::HostInvalid { .. }
                | Self::HostDenied { .. }
                | Self::MethodDenied { .. }
                | Self::HeaderDenied { .. }
                | Self::HeaderInvalid { .. }
                | Self::AddressRefused { .. }
                | Self::Recorded { code: "address-refused", .. }
        )
    }
}
