//! What a tenant granted: the keys of the permissions that it accepted.
//!
//! A key is a text such as `http:https://api.example.com` or
//! `secret:api-token@api.example.com`. A grant is made when a plugin is
//! installed and changes only by the tenant's consent; whatever a manifest asks
//! for beyond it is denied at the call. So an upgrade is within the grant
//! exactly when nothing is [`Manifest::permissions_beyond`] it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Manifest;
use crate::manifest::{SecretCapability, SecretKind};

/// The keys that were granted. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grant(Arc<BTreeSet<String>>);

impl Grant {
    /// A grant of these keys.
    pub fn new(keys: impl IntoIterator<Item = String>) -> Self {
        Self(Arc::new(keys.into_iter().collect()))
    }

    /// Everything that `manifest` asks for.
    pub fn all_of(manifest: &Manifest) -> Self {
        Self::new(manifest.permission_keys())
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether `key` is granted. A larger memory covers a smaller one.
    pub fn covers(&self, key: &str) -> bool {
        if self.0.contains(key) {
            return true;
        }
        let bytes = |key: &str| key.strip_prefix("kv:").and_then(|bytes| bytes.parse::<u64>().ok());
        bytes(key).is_some_and(|wanted| self.keys().filter_map(bytes).any(|granted| granted >= wanted))
    }

    /// This grant and `more`.
    #[must_use]
    pub fn with(&self, more: &Self) -> Self {
        Self::new(self.keys().chain(more.keys()).map(str::to_owned))
    }
}

/// The key of an origin for requests.
pub fn http_key(origin: &str) -> String {
    format!("http:{origin}")
}

/// The key of a method; reading (`GET`, `HEAD`) goes with the origin.
pub fn http_method_key(method: &str) -> Option<String> {
    (!matches!(method, "GET" | "HEAD")).then(|| format!("http-method:{method}"))
}

/// The key of a host for broadcasts.
pub fn push_key(host: &str) -> String {
    format!("push:{host}")
}

/// The key of a configured server for broadcasts.
pub fn push_config_key(pointer: &str) -> String {
    format!("push-config:{pointer}")
}

/// The key of a host for sockets.
pub fn connect_key(host: &str) -> String {
    format!("connect:{host}")
}

/// The key of webhooks.
pub const WEBHOOK_KEY: &str = "webhook";

/// The key of a memory.
pub fn kv_key(max_bytes: u32) -> String {
    format!("kv:{max_bytes}")
}

/// The key of a secret toward a host.
pub fn secret_key(name: &str, host: &str) -> String {
    format!("secret:{name}@{host}")
}

/// The key of a secret as a stream key.
pub fn secret_push_key(name: &str) -> String {
    format!("secret-push:{name}")
}

/// The key of a secret as a MAC key.
pub fn secret_mac_key(name: &str) -> String {
    format!("secret-mac:{name}")
}

/// The key of an OAuth scope.
pub fn scope_key(name: &str, scope: &str) -> String {
    format!("scope:{name}:{scope}")
}

/// The key of a kind of data that is passed on.
pub fn data_key(word: &str) -> String {
    format!("data:{word}")
}

/// All keys of one secret.
pub(crate) fn keys_of_secret(name: &str, secret: &SecretCapability) -> Vec<String> {
    let mut keys: Vec<_> = secret.hosts.iter().map(|host| secret_key(name, host)).collect();
    keys.extend(secret.push.then(|| secret_push_key(name)));
    keys.extend((secret.mac || secret.kind == SecretKind::Hmac).then(|| secret_mac_key(name)));
    keys.extend(secret.scopes.iter().map(|scope| scope_key(name, scope)));
    keys
}

impl Manifest {
    /// The keys of everything that the plugin asks for.
    pub fn permission_keys(&self) -> Vec<String> {
        self.permissions().into_iter().flat_map(|permission| permission.keys).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = "schema = 1\nid = \"a/b\"\nversion = \"1.0.0\"\nkind = \"destination\"\nname = \"B\"\nlicense = \"MIT\"\n\
        [capabilities.http]\nhosts = [\"https://one.example.com\"]\nreason = \"To read\"\n\
        [capabilities.kv]\nmax-bytes = 1000\n";

    fn manifest(text: &str) -> Manifest {
        Manifest::from_toml(text).unwrap()
    }

    #[test]
    fn a_manifest_is_within_the_grant_of_itself() {
        let v1 = manifest(V1);
        assert_eq!(v1.permissions_beyond(&Grant::all_of(&v1)), []);
    }

    #[test]
    fn one_more_host_one_more_method_and_more_memory_are_each_told_alone() {
        let grant = Grant::all_of(&manifest(V1));
        let more = V1
            .replace(
                "\"https://one.example.com\"",
                "\"https://one.example.com\", \"https://two.example.com\"",
            )
            .replace("reason", "methods = [\"GET\", \"POST\"]\nreason")
            .replace("1000", "2000");
        let beyond = manifest(&more).permissions_beyond(&grant);
        let keys: Vec<_> = beyond.iter().flat_map(|permission| permission.keys.clone()).collect();
        assert_eq!(keys, ["http:https://two.example.com", "http-method:POST", "kv:2000"]);
        assert!(!beyond[0].summary.contains("one.example.com"), "{beyond:?}");
    }

    #[test]
    fn less_memory_needs_no_new_consent() {
        let grant = Grant::all_of(&manifest(V1));
        assert_eq!(manifest(&V1.replace("1000", "500")).permissions_beyond(&grant), []);
    }
}
