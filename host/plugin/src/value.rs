//! Values that may hold a secret by reference, and the host's side of joining them.

use std::collections::BTreeMap;
use std::sync::Arc;

use neustream_model::Secret;

/// A text that a plugin composed. Where it names a secret, the host puts the bytes in at the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Plain text.
    Plain(String),
    /// A secret by its manifest name.
    Secret(String),
    /// Plain text followed by a secret, such as `Bearer ` and a token.
    Prefixed(String, String),
}

/// The tenant's secrets for one installation, by manifest name. Prints names, never values; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<BTreeMap<String, Secret>>);

/// A value names a secret that the tenant has not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret `{0}` is not set")]
pub struct SecretUnknown(pub String);

impl Secrets {
    /// Collects secrets by name.
    pub fn new(secrets: BTreeMap<String, Secret>) -> Self {
        Self(Arc::new(secrets))
    }

    /// The names that are set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The secret called `name`.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)
    }

    /// Puts the secrets into `value`. The result is itself a secret.
    pub fn join(&self, value: &Value) -> Result<Secret, SecretUnknown> {
        let find = |name: &String| self.get(name).ok_or_else(|| SecretUnknown(name.clone()));
        match value {
            Value::Plain(text) => Ok(Secret::new(text.clone())),
            Value::Secret(name) => find(name).cloned(),
            Value::Prefixed(prefix, name) => Ok(Secret::new(format!("{prefix}{}", find(name)?.expose()))),
        }
    }
}
