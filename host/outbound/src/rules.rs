//! What one plugin may do, in the form in which it is enforced: the manifest's
//! capabilities as far as the tenant granted them.
//!
//! Whoever opens a socket for a plugin asks here: the runtime for its requests
//! and push targets, the chat driver for its connections, the moderation
//! pipeline for lookups.

use std::collections::BTreeMap;

use neustream_contract::manifest::{SecretCapability, SecretKind};
use neustream_contract::{CLIENT_ID_SUFFIX, Grant, Manifest, grant};
use serde_json::Value;

use crate::{AllowList, Endpoint, Host, OriginPattern, PatternInvalid};

/// What one plugin may do.
#[derive(Debug)]
pub struct Rules {
    plugin: String,
    http: Option<AllowList>,
    push: Vec<OriginPattern>,
    push_from_config: Vec<String>,
    connect: Vec<OriginPattern>,
    has_webhook: bool,
    kv_max_bytes: Option<usize>,
    secrets: BTreeMap<String, SecretRule>,
}

#[derive(Debug)]
struct SecretRule {
    hosts: Vec<String>,
    is_stream_key: bool,
    is_mac_key: bool,
    required: bool,
}

impl Rules {
    /// The rules of a plugin for somebody who granted `grant`.
    ///
    /// # Errors
    /// A pattern of the manifest that cannot be enforced.
    pub fn of(manifest: &Manifest, grant: &Grant) -> Result<Self, PatternInvalid> {
        let capabilities = &manifest.capabilities;
        let granted = |texts: &[String], key: fn(&str) -> String| {
            texts.iter().filter(|text| grant.covers(&key(text))).cloned().collect::<Vec<_>>()
        };
        let patterns = |hosts: Vec<String>| hosts.iter().map(|host| host.parse()).collect::<Result<_, _>>();
        let http = match &capabilities.http {
            None => None,
            Some(http) => {
                let hosts = granted(&http.hosts, grant::http_key);
                let is_granted =
                    |method: &&String| grant::http_method_key(method).is_none_or(|key| grant.covers(&key));
                let methods: Vec<_> = http.methods.iter().filter(is_granted).cloned().collect();
                if hosts.is_empty() { None } else { Some(AllowList::parse(&hosts, &methods)?) }
            }
        };
        let push = capabilities.push.as_ref();
        let connect = capabilities.connect.as_ref();
        let kv = capabilities.kv.as_ref().filter(|kv| grant.covers(&grant::kv_key(kv.max_bytes)));
        let secret = |(name, secret): (&String, _)| (name.clone(), SecretRule::of(name, secret, grant));
        let client_id = |(name, secret): (&String, &SecretCapability)| {
            let rule = SecretRule { required: false, ..SecretRule::of(name, secret, grant) };
            (secret.kind == SecretKind::Oauth2).then(|| (format!("{name}{CLIENT_ID_SUFFIX}"), rule))
        };
        let secrets = &capabilities.secrets;
        Ok(Self {
            plugin: manifest.id.clone(),
            http,
            push: patterns(push.map_or_else(Vec::new, |push| granted(&push.hosts, grant::push_key)))?,
            push_from_config: push
                .map_or_else(Vec::new, |push| granted(&push.from_config, grant::push_config_key)),
            connect: patterns(
                connect.map_or_else(Vec::new, |connect| granted(&connect.hosts, grant::connect_key)),
            )?,
            has_webhook: capabilities.webhook.is_some() && grant.covers(grant::WEBHOOK_KEY),
            kv_max_bytes: kv.map(|kv| kv.max_bytes as usize),
            secrets: secrets.iter().map(secret).chain(secrets.iter().filter_map(client_id)).collect(),
        })
    }

    /// The plugin's id, for logs and metrics.
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// Where requests may go; `None` refuses all.
    pub fn http(&self) -> Option<&AllowList> {
        self.http.as_ref()
    }

    /// Bytes of kv; `None` refuses all.
    pub fn kv_max_bytes(&self) -> Option<usize> {
        self.kv_max_bytes
    }

    /// Whether the platform may send requests to the host.
    pub fn has_webhook(&self) -> bool {
        self.has_webhook
    }

    /// Whether a broadcast may be pushed to `endpoint`: the manifest's hosts, and those that the tenant's
    /// configuration names where the manifest says so.
    pub fn may_push(&self, endpoint: &Endpoint, config: &Value) -> bool {
        let is_configured = |pointer: &String| {
            let url = config.pointer(pointer).and_then(Value::as_str);
            url.and_then(|url| Endpoint::parse(url.trim()).ok())
                .is_some_and(|configured| configured == *endpoint)
        };
        self.push.iter().any(|pattern| pattern.matches(endpoint))
            || self.push_from_config.iter().any(is_configured)
    }

    /// Whether a socket may be kept open to `endpoint`.
    pub fn may_connect(&self, endpoint: &Endpoint) -> bool {
        self.connect.iter().any(|pattern| pattern.matches(endpoint))
    }

    /// Whether the secret `name` may be the key of a target.
    pub fn may_be_stream_key(&self, name: &str) -> bool {
        self.secrets.get(name).is_some_and(|secret| secret.is_stream_key)
    }

    /// Whether the secret `name` may go to `endpoint`, in a request or over a socket. Never without TLS.
    pub fn may_send(&self, name: &str, endpoint: &Endpoint) -> bool {
        let host = endpoint.host.to_string();
        endpoint.is_tls() && self.secrets.get(name).is_some_and(|secret| secret.hosts.contains(&host))
    }

    /// Whether the secret `name` may be a MAC key.
    pub fn may_authenticate(&self, name: &str) -> bool {
        self.secrets.get(name).is_some_and(|secret| secret.is_mac_key)
    }

    /// Secrets that the plugin is useless without.
    pub fn required_secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter(|(_, secret)| secret.required).map(|(name, _)| name.as_str())
    }
}

impl SecretRule {
    fn of(name: &str, secret: &SecretCapability, grant: &Grant) -> Self {
        let can_leave = secret.kind != SecretKind::Hmac;
        // Compared with the host as `Endpoint` prints it, so written the same way.
        let canonical =
            |host: &String| Host::parse(host).map_or_else(|_| host.clone(), |host| host.to_string());
        let hosts = secret.hosts.iter().filter(|host| grant.covers(&grant::secret_key(name, host)));
        let is_mac_key = secret.mac || secret.kind == SecretKind::Hmac;
        Self {
            hosts: if can_leave { hosts.map(canonical).collect() } else { Vec::new() },
            is_stream_key: can_leave && secret.push && grant.covers(&grant::secret_push_key(name)),
            is_mac_key: is_mac_key && grant.covers(&grant::secret_mac_key(name)),
            required: secret.required,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "schema = 1\nid = \"a/b\"\nversion = \"1.0.0\"\nkind = \"chat\"\nname = \"B\"\nlicense = \"MIT\"\n\
        [capabilities.http]\nhosts = [\"https://api.example.com\"]\nmethods = [\"GET\", \"POST\"]\nreason = \"x\"\n\
        [capabilities.connect]\nhosts = [\"wss://chat.example.com\"]\nreason = \"x\"\n\
        [capabilities.secrets.token]\nkind = \"string\"\nhosts = [\"api.example.com\", \"chat.example.com\"]\n";

    fn endpoint(url: &str) -> Endpoint {
        Endpoint::parse(url).unwrap()
    }

    #[test]
    fn a_full_grant_allows_what_the_manifest_says_and_nothing_else() {
        let manifest = Manifest::from_toml(MANIFEST).unwrap();
        let rules = Rules::of(&manifest, &Grant::all_of(&manifest)).unwrap();
        assert!(rules.http().unwrap().permits(&endpoint("https://api.example.com/x")));
        assert!(rules.may_connect(&endpoint("wss://chat.example.com/ws")));
        assert!(!rules.may_connect(&endpoint("wss://other.example.com/ws")));
        assert!(rules.may_send("token", &endpoint("wss://chat.example.com/ws")));
        assert!(!rules.may_send("token", &endpoint("wss://other.example.com/ws")));
        assert!(!rules.may_authenticate("token"));
        assert!(!rules.has_webhook());
    }

    #[test]
    fn the_client_id_of_an_oauth_secret_goes_where_the_secret_goes_and_nowhere_else() {
        let oauth = "kind = \"oauth2\"\nauthorize-url = \"https://id.example.com/a\"\ntoken-url = \"https://id.example.com/t\"";
        let manifest = Manifest::from_toml(&MANIFEST.replace("kind = \"string\"", oauth)).unwrap();
        let rules = Rules::of(&manifest, &Grant::all_of(&manifest)).unwrap();
        assert!(rules.may_send("token.client-id", &endpoint("https://api.example.com")));
        assert!(!rules.may_send("token.client-id", &endpoint("https://id.example.com")));
        assert!(!rules.may_be_stream_key("token.client-id"));
        assert_eq!(rules.required_secrets().collect::<Vec<_>>(), ["token"]);
        let plain = Manifest::from_toml(MANIFEST).unwrap();
        let plain = Rules::of(&plain, &Grant::all_of(&plain)).unwrap();
        assert!(!plain.may_send("token.client-id", &endpoint("https://api.example.com")));
    }

    #[test]
    fn what_was_not_granted_is_not_there() {
        let manifest = Manifest::from_toml(MANIFEST).unwrap();
        let keys = ["connect:wss://chat.example.com", "secret:token@api.example.com"].map(str::to_owned);
        let rules = Rules::of(&manifest, &Grant::new(keys)).unwrap();
        assert!(rules.http().is_none());
        assert!(rules.may_connect(&endpoint("wss://chat.example.com/ws")));
        assert!(!rules.may_send("token", &endpoint("wss://chat.example.com/ws")));
        assert!(rules.may_send("token", &endpoint("https://api.example.com")));
    }
}
