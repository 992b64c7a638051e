//! A plugin as it is shown to whoever lists, chooses and configures it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::manifest::{Kind, Permission, SecretKind};
use crate::package::Package;

/// A plugin, as it is shown to people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PluginInfo {
    /// `namespace/name`.
    pub id: String,
    /// Semantic version.
    pub version: String,
    /// What it is for.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What it does, in a sentence; may be empty.
    pub description: String,
    /// Who publishes it.
    pub publisher: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// The secrets that the tenant sets.
    pub secrets: Vec<SecretInfo>,
    /// What this version brings.
    pub changelog: String,
    /// The version of what it remembers.
    pub state_schema: u32,
    /// JSON Schema of its configuration.
    pub config_schema: Value,
    /// `sha256:<hex>` of the package.
    pub digest: String,
}

/// A secret that a plugin asks the tenant for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretInfo {
    /// Its name in the manifest, such as `stream-key`.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// How it comes to be: pasted (`string`, `hmac`) or by consent (`oauth2`).
    pub kind: SecretKind,
    /// Whether the plugin is useless without it.
    pub required: bool,
}

impl PluginInfo {
    /// What `package` says about itself.
    pub fn of(package: &Package) -> Self {
        let manifest = &package.manifest;
        let namespace = manifest.id.split('/').next().unwrap_or_default();
        let secrets = manifest.capabilities.secrets.iter().map(|(name, secret)| SecretInfo {
            name: name.clone(),
            label: secret.label.clone().unwrap_or_else(|| name.clone()),
            kind: secret.kind,
            required: secret.required,
        });
        Self {
            id: manifest.id.clone(),
            version: manifest.version.clone(),
            kind: manifest.kind,
            name: manifest.name.clone(),
            description: manifest.description.clone(),
            publisher: manifest.publisher.clone().unwrap_or_else(|| namespace.to_owned()),
            permissions: manifest.permissions(),
            secrets: secrets.collect(),
            changelog: manifest.changelog.clone(),
            state_schema: manifest.state_schema,
            config_schema: package.config_schema.schema().clone(),
            digest: package.digest.to_string(),
        }
    }
}
