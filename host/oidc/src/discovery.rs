//! Where a provider's endpoints and keys are (OpenID Connect Discovery 1.0), remembered for an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use jsonwebtoken::jwk::JwkSet;
use neustream_model::Secret;
use neustream_outbound::{AllowList, Endpoint, HttpLimits, HttpRequest, HttpResponse, Outbound};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::OpenIdError;
use crate::provider::Provider;

/// Time for one exchange with a provider.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer that is read.
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// How long documents are good.
const FRESH: Duration = Duration::from_hours(1);
/// Keys are asked for again at most so often: whoever sends tokens with made-up key names makes no flood.
const KEYS_PAUSE: Duration = Duration::from_mins(1);

/// What a provider says about itself.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    /// OpenID Connect Discovery 3: without it, Basic.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
}

/// A provider's documents, and when they were read.
struct Known {
    metadata: Arc<Metadata>,
    metadata_read: Instant,
    keys: Option<(Arc<JwkSet>, Instant)>,
}

/// Reads and remembers.
pub(crate) struct Discovery {
    outbound: Outbound,
    known: Mutex<HashMap<String, Known>>,
}

impl Discovery {
    pub fn new(outbound: Outbound) -> Self {
        Self { outbound, known: Mutex::default() }
    }

    pub async fn metadata(&self, provider: &Provider) -> Result<Arc<Metadata>, OpenIdError> {
        let issuer = &provider.issuer;
        let fresh = self.with(issuer, |known| {
            (known.metadata_read.elapsed() < FRESH).then(|| Arc::clone(&known.metadata))
        });
        if let Some(Some(metadata)) = fresh {
            return Ok(metadata);
        }
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let metadata: Metadata = self.get(&url).await?;
        // Discovery 4.3: or somebody else's endpoints would be taken for the provider's.
        if metadata.issuer != *issuer {
            return Err(OpenIdError::Unreachable("its document names another issuer".to_owned()));
        }
        let metadata = Arc::new(metadata);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = known.remove(issuer).and_then(|known| known.keys);
        let read = Known { metadata: Arc::clone(&metadata), metadata_read: Instant::now(), keys };
        known.insert(issuer.clone(), read);
        Ok(metadata)
    }

    /// The keys that tokens are signed with; read again when the one called `kid` is not among them.
    pub async fn keys(&self, metadata: &Metadata, kid: Option<&str>) -> Result<Arc<JwkSet>, OpenIdError> {
        let remembered = self.with(&metadata.issuer, |known| known.keys.clone()).flatten();
        if let Some((keys, read)) = remembered {
            let has_key = kid.is_none_or(|kid| keys.find(kid).is_some());
            let age = read.elapsed();
            if age < KEYS_PAUSE || (has_key && age < FRESH) {
                return Ok(keys);
            }
        }
        let keys: Arc<JwkSet> = Arc::new(self.get(&metadata.jwks_uri).await?);
        self.with(&metadata.issuer, |known| known.keys = Some((Arc::clone(&keys), Instant::now())));
        Ok(keys)
    }

    /// Posts a form to the token endpoint and reads its JSON, whatever the status.
    pub async fn post(
        &self,
        url: &str,
        authorization: Option<Secret>,
        form: String,
    ) -> Result<HttpResponse, OpenIdError> {
        let mut headers = vec![
            ("content-type".to_owned(), Secret::new("application/x-www-form-urlencoded")),
            ("accept".to_owned(), Secret::new("application/json")),
        ];
        headers.extend(authorization.map(|value| ("authorization".to_owned(), value)));
        self.exchange("POST", url, headers, Bytes::from(form)).await
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, OpenIdError> {
        let headers = vec![("accept".to_owned(), Secret::new("application/json"))];
        let response = self.exchange("GET", url, headers, Bytes::new()).await?;
        if response.status != 200 {
            return Err(OpenIdError::Unreachable(format!("{url} answered with status {}", response.status)));
        }
        serde_json::from_slice(&response.body)
            .map_err(|error| OpenIdError::Unreachable(format!("{url} is not as it should be: {error}")))
    }

    /// One exchange with exactly the origin of `url`, over TLS. Redirects are not followed.
    async fn exchange(
        &self,
        method: &str,
        url: &str,
        headers: Vec<(String, Secret)>,
        body: Bytes,
    ) -> Result<HttpResponse, OpenIdError> {
        let unreachable = |error: &dyn std::fmt::Display| OpenIdError::Unreachable(error.to_string());
        let origin = Endpoint::parse(url).map_err(|error| unreachable(&error))?;
        if !origin.is_tls() {
            return Err(OpenIdError::Unreachable(format!("{origin} is not https")));
        }
        let allowed =
            AllowList::parse([origin.to_string()], [method]).map_err(|error| unreachable(&error))?;
        let request = HttpRequest {
            method: method.to_owned(),
            url: url.to_owned(),
            headers,
            body,
            limits: HttpLimits {
                response_body_bytes: MAX_ANSWER_BYTES,
                timeout: TIMEOUT,
                ..HttpLimits::default()
            },
        };
        self.outbound.http(&allowed, request).await.map_err(|error| unreachable(&error))
    }

    fn with<T>(&self, issuer: &str, look: impl FnOnce(&mut Known) -> T) -> Option<T> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get_mut(issuer).map(look)
    }
}
