//! One HTTP/1.1 exchange with ceilings, on a connection of its own.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use neustream_model::Secret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::{AddressPolicy, AllowList, Endpoint, Outbound, OutboundError};

/// Most response headers that are read, and the bytes that head may have.
const MAX_RESPONSE_HEADERS: usize = 100;
const MAX_RESPONSE_HEAD_BYTES: usize = 64 * 1024;

/// Most request headers.
const MAX_REQUEST_HEADERS: usize = 64;

/// Headers that belong to the connection or are written here. All of `proxy-*` besides.
const DENIED_HEADERS: [&str; 10] = [
    "host",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "content-length",
    "upgrade",
    "expect",
    "http2-settings",
];

const DEFAULT_USER_AGENT: &str = concat!("Neustream/", env!("CARGO_PKG_VERSION"));

/// Ceilings of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    /// Largest request body in bytes.
    pub request_body_bytes: usize,
    /// Largest response body in bytes.
    pub response_body_bytes: usize,
    /// Time for everything: resolution, connection, TLS, request and the whole response.
    pub timeout: Duration,
}

impl Default for HttpLimits {
    /// 1 MiB out, 4 MiB in, 10 seconds.
    fn default() -> Self {
        Self {
            request_body_bytes: 1024 * 1024,
            response_body_bytes: 4 * 1024 * 1024,
            timeout: Duration::from_secs(10),
        }
    }
}

/// A request. Prints its method and the number of its headers: the URL's query and the values may be secret.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method in upper case.
    pub method: String,
    /// `http[s]://host[:port]/path?query`.
    pub url: String,
    /// Headers in order. Values are secrets until proven otherwise.
    pub headers: Vec<(String, Secret)>,
    /// The body.
    pub body: Bytes,
    /// Its ceilings.
    pub limits: HttpLimits,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A response. Prints its status and sizes only.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Headers in order, names in lower case. Bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body as sent: a content coding is not undone.
    pub body: Bytes,
}

impl HttpResponse {
    /// The first header called `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

impl HttpRequest {
    /// Everything that can be checked before a name is resolved: URL, origin, method, an address literal, headers,
    /// the body's size.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn checked(
        self,
        allowed: &AllowList,
        policy: AddressPolicy,
    ) -> Result<CheckedRequest, OutboundError> {
        let (endpoint, url) = Endpoint::parse_with_url(&self.url)?;
        if !matches!(endpoint.scheme, "http" | "https") {
            return Err(OutboundError::UrlInvalid("the scheme is not http or https"));
        }
        allowed.check(&self.method, &endpoint)?;
        endpoint.host.check(policy)?;
        let message = message(&endpoint, &url, &self)?;
        Ok(CheckedRequest { endpoint, message, request: self })
    }
}

/// A request that keeps the rules: only [`HttpRequest::checked`] makes one. Prints like [`HttpRequest`].
#[derive(Clone)]
pub struct CheckedRequest {
    endpoint: Endpoint,
    message: Request<Full<Bytes>>,
    request: HttpRequest,
}

impl CheckedRequest {
    /// Where it goes.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What is sent, secrets included.
    pub fn request(&self) -> &HttpRequest {
        &self.request
    }
}

impl fmt::Debug for CheckedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(f)
    }
}

pub(crate) async fn exchange(
    outbound: &Outbound,
    request: CheckedRequest,
) -> Result<HttpResponse, OutboundError> {
    let CheckedRequest { endpoint, message, request: HttpRequest { limits, .. } } = request;
    let exchange = async {
        if endpoint.is_tls() {
            let stream = outbound.connect_host_https(&endpoint.host, endpoint.port).await?;
            send(&endpoint, stream, message, limits).await
        } else {
            let stream = outbound.connect_host(&endpoint.host, endpoint.port).await?;
            send(&endpoint, stream, message, limits).await
        }
    };
    tokio::time::timeout(limits.timeout, exchange).await.unwrap_or_else(|_| {
        Err(OutboundError::TimedOut { host: endpoint.host.to_string(), after: limits.timeout })
    })
}

/// The request as hyper takes it, every part of it checked.
pub(crate) fn message(
    endpoint: &Endpoint,
    url: &Url,
    request: &HttpRequest,
) -> Result<Request<Full<Bytes>>, OutboundError> {
    if request.body.len() > request.limits.request_body_bytes {
        let limit = request.limits.request_body_bytes;
        return Err(OutboundError::BodyTooLarge { direction: "request", limit });
    }
    if request.headers.len() > MAX_REQUEST_HEADERS {
        return Err(OutboundError::HeaderDenied { name: "(more than 64 headers)".to_owned() });
    }
    let path_and_query = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut message = Request::builder()
        .method(request.method.as_str())
        .uri(path_and_query)
        .body(Full::new(request.body.clone()))
        .map_err(|_| OutboundError::UrlInvalid("its path cannot be sent"))?;

    let headers = message.headers_mut();
    let authority = HeaderValue::try_from(endpoint.authority())
        .map_err(|_| OutboundError::UrlInvalid("its host cannot be sent"))?;
    headers.insert(HOST, authority);
    headers.insert(USER_AGENT, HeaderValue::from_static(DEFAULT_USER_AGENT));
    for (name, value) in &request.headers {
        let shown: String = name.chars().filter(char::is_ascii_graphic).take(80).collect();
        let invalid = || OutboundError::HeaderInvalid { name: shown.clone() };
        let header = HeaderName::try_from(name.as_str()).map_err(|_| invalid())?;
        if DENIED_HEADERS.contains(&header.as_str()) || header.as_str().starts_with("proxy-") {
            return Err(OutboundError::HeaderDenied { name: shown });
        }
        let mut value = HeaderValue::try_from(value.expose()).map_err(|_| invalid())?;
        value.set_sensitive(true);
        if header == USER_AGENT {
            headers.insert(header, value);
        } else {
            headers.append(header, value);
        }
    }
    Ok(message)
}

async fn send<S>(
    endpoint: &Endpoint,
    stream: S,
    message: Request<Full<Bytes>>,
    limits: HttpLimits,
) -> Result<HttpResponse, OutboundError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let failed = |error: hyper::Error| OutboundError::HttpFailed {
        host: endpoint.host.to_string(),
        detail: error.to_string(),
    };
    let (mut sender, connection) = http1::Builder::new()
        .max_headers(MAX_RESPONSE_HEADERS)
        .max_buf_size(MAX_RESPONSE_HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    // Ends with this call, whichever way that ends.
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let response = sender.send_request(message).await.map_err(failed)?;
    let (head, body) = response.into_parts();
    let body = read_body(body, limits.response_body_bytes).await?.map_err(failed)?;
    Ok(whole(&Response::from_parts(head, ()), body))
}

/// Reads a body up to `limit` bytes: the outer error is ours, the inner one the peer's.
async fn read_body(mut body: Incoming, limit: usize) -> Result<Result<Bytes, hyper::Error>, OutboundError> {
    let too_large = || OutboundError::BodyTooLarge { direction: "response", limit };
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                let Some(data) = frame.data_ref() else { continue };
                if read.len() + data.len() > limit {
                    return Err(too_large());
                }
                read.extend_from_slice(data);
            }
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(read.freeze()))
}

fn whole(head: &Response<()>, body: Bytes) -> HttpResponse {
    let headers = head
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    HttpResponse { status: head.status().as_u16(), headers, body }
}
