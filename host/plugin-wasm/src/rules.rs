//! A manifest's capabilities in the form in which they are enforced.

use std::collections::BTreeMap;

use neustream_outbound::{AllowList, Endpoint, OriginPattern};
use neustream_plugin::Manifest;
use neustream_plugin::manifest::{SecretCapability, SecretKind};
use serde_json::Value;

use crate::error::LoadError;

/// What one plugin may do.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Its id, for logs and metrics.
    pub(crate) plugin: String,
    /// Where requests may go; `None` refuses all.
    pub(crate) http: Option<AllowList>,
    /// Where broadcasts may go.
    push: Vec<OriginPattern>,
    /// Pointers to configured URLs where broadcasts may go as well.
    push_from_config: Vec<String>,
    /// Bytes of kv; `None` refuses all.
    pub(crate) kv_max_bytes: Option<usize>,
    secrets: BTreeMap<String, SecretRule>,
}

#[derive(Debug)]
struct SecretRule {
    kind: SecretKind,
    hosts: Vec<String>,
    push: bool,
    required: bool,
}

impl Rules {
    pub(crate) fn of(manifest: &Manifest) -> Result<Self, LoadError> {
        let capabilities = &manifest.capabilities;
        let refused = |error: neustream_outbound::PatternInvalid| LoadError::Pattern(error.to_string());
        let http = match &capabilities.http {
            Some(http) => Some(AllowList::parse(&http.hosts, &http.methods).map_err(refused)?),
            None => None,
        };
        let push = capabilities.push.iter().flat_map(|push| &push.hosts);
        let push = push.map(|host| host.parse().map_err(refused)).collect::<Result<_, _>>()?;
        let from_config = capabilities.push.iter().flat_map(|push| push.from_config.clone());
        Ok(Self {
            plugin: manifest.id.clone(),
            http,
            push,
            push_from_config: from_config.collect(),
            kv_max_bytes: capabilities.kv.as_ref().map(|kv| kv.max_bytes as usize),
            secrets: capabilities.secrets.iter().map(|(name, s)| (name.clone(), SecretRule::of(s))).collect(),
        })
    }

    /// Whether a broadcast may be pushed to `endpoint`: the manifest's hosts, and those that the tenant's
    /// configuration names where the manifest says so.
    pub(crate) fn may_push(&self, endpoint: &Endpoint, config: &Value) -> bool {
        let is_configured = |pointer: &String| {
            let url = config.pointer(pointer).and_then(Value::as_str);
            url.and_then(|url| Endpoint::parse(url.trim()).ok())
                .is_some_and(|configured| configured == *endpoint)
        };
        self.push.iter().any(|pattern| pattern.matches(endpoint))
            || self.push_from_config.iter().any(is_configured)
    }

    /// Whether the secret `name` may be the key of a target.
    pub(crate) fn may_be_stream_key(&self, name: &str) -> bool {
        self.secrets.get(name).is_some_and(|secret| secret.push && secret.kind != SecretKind::Hmac)
    }

    /// Whether the secret `name` may stand in a request to `endpoint`. Never without TLS.
    pub(crate) fn may_send(&self, name: &str, endpoint: &Endpoint) -> bool {
        let host = endpoint.host.to_string();
        endpoint.is_tls()
            && self
                .secrets
                .get(name)
                .is_some_and(|secret| secret.kind != SecretKind::Hmac && secret.hosts.contains(&host))
    }

    /// Whether the secret `name` may be a MAC key.
    pub(crate) fn may_authenticate(&self, name: &str) -> bool {
        self.secrets.get(name).is_some_and(|secret| secret.kind == SecretKind::Hmac)
    }

    /// Secrets that the plugin is useless without.
    pub(crate) fn required_secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter(|(_, secret)| secret.required).map(|(name, _)| name.as_str())
    }
}

impl SecretRule {
    fn of(secret: &SecretCapability) -> Self {
        // Compared with the host as `Endpoint` prints it, so written the same way.
        let canonical = |host: &String| {
            neustream_outbound::Host::parse(host).map_or_else(|_| host.clone(), |host| host.to_string())
        };
        Self {
            kind: secret.kind,
            hosts: secret.hosts.iter().map(canonical).collect(),
            push: secret.push,
            required: secret.required,
        }
    }
}
