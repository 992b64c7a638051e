//! Values that may hold a secret by reference, and the host's side of joining them.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use neustream_model::Secret;
use serde::{Deserialize, Serialize};

/// A text that a plugin composed. Where it names a secret, the host puts the bytes in at the socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Plain text.
    Plain(String),
    /// A secret by its manifest name.
    Secret(String),
    /// Plain text followed by a secret, such as `Bearer ` and a token.
    Prefixed(String, String),
    /// HTTP Basic credentials (RFC 7617): a user, and the secret that is its password.
    Basic(String, String),
}

impl Value {
    /// The name of the secret that this value holds.
    pub fn secret(&self) -> Option<&str> {
        match self {
            Self::Plain(_) => None,
            Self::Secret(name) | Self::Prefixed(_, name) | Self::Basic(_, name) => Some(name),
        }
    }
}

/// A name with a value that may hold a secret: a header, a query parameter, a form field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// What stands behind the name of an OAuth secret where its client's id is meant: `<secret>.client-id` is beside
/// every connected secret of kind `oauth2` and goes to the same hosts. Some platforms want it with each request.
pub const CLIENT_ID_SUFFIX: &str = ".client-id";

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

    /// These secrets, and those of `over` in place of the ones that have the same name.
    #[must_use]
    pub fn overlaid(&self, over: &Self) -> Self {
        let mut all = (*self.0).clone();
        all.extend(over.0.iter().map(|(name, secret)| (name.clone(), secret.clone())));
        Self::new(all)
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
            Value::Basic(user, name) => {
                let credentials = BASE64_STANDARD.encode(format!("{user}:{}", find(name)?.expose()));
                Ok(Secret::new(format!("Basic {credentials}")))
            }
        }
    }
}
