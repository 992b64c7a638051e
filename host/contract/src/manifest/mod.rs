//! What a plugin says about itself and asks for: authored as `plugin.toml`,
//! packaged as canonical JSON in the component's section `neustream:manifest`.
//!
//! Invariant: a [`Manifest`] is complete and coherent, whichever form it came
//! from; a key that is not known here is an error, so a plugin never believes
//! to have asked for something that the host has not read. Absent here: what
//! the tenant granted, and every enforcement.

mod check;
mod fields;
mod permission;

use serde_json::Value;

pub use check::ManifestError;
pub use fields::{
    Capabilities, ClientAuth, ConfigSection, ConnectCapability, DataUse, HttpCapability, Kind, KvCapability,
    Limits, Manifest, Pricing, PushCapability, SecretCapability, SecretKind, WebhookCapability,
};
pub use permission::Permission;

/// The largest manifest in either form.
pub const MAX_MANIFEST_BYTES: usize = 64 * 1024;

impl Manifest {
    /// Reads `plugin.toml`.
    ///
    /// # Errors
    /// Names the key path, such as `capabilities.http.hosts[0]`.
    pub fn from_toml(text: &str) -> Result<Self, ManifestError> {
        if text.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLarge(text.len()));
        }
        let deserializer =
            toml::Deserializer::parse(text).map_err(|error| ManifestError::Syntax(error.to_string()))?;
        let manifest: Self = serde_path_to_error::deserialize(deserializer)
            .map_err(|error| ManifestError::at(&error.path().to_string(), error.inner().message()))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Reads the packaged form.
    pub fn from_json(text: &[u8]) -> Result<Self, ManifestError> {
        if text.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLarge(text.len()));
        }
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let manifest: Self = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| ManifestError::at(&error.path().to_string(), &error.inner().to_string()))?;
        deserializer.end().map_err(|error| ManifestError::Syntax(error.to_string()))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The packaged form: JSON with sorted keys, no white space, defaults left out, so that the same manifest
    /// always gives the same bytes and the same digest.
    pub fn to_canonical_json(&self) -> Vec<u8> {
        let value = serde_json::to_value(self).expect("a manifest has only text keys");
        canonical_json(&value).into_bytes()
    }
}

/// `value` as JSON text with sorted keys and no white space: what is signed is this form, whichever way it travelled.
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

/// Writes `value` with object keys in byte order. serde_json's own order depends on a feature that any crate of
/// the build may switch on.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(object) => {
            let mut fields: Vec<_> = object.iter().collect();
            fields.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (index, (key, value)) in fields.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        simple => out.push_str(&simple.to_string()),
    }
}

#[cfg(test)]
mod tests;
