//! Bundles: a partner's signed set of plugins with their configuration, and branding.
//!
//! A bundle is a JSON document. What is signed is its canonical form (sorted
//! keys, no white space), by a current key of the partner's namespace, so it
//! may travel as anybody likes. It names every plugin by digest and holds no
//! secrets. Keys that are not known here are errors.

use std::collections::{BTreeMap, BTreeSet};

use neustream_contract::{Digest, PublisherKey, canonical_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// What a bundle's signature is of; see [`neustream_contract::sign_document`].
pub(crate) const DOMAIN: &str = "neustream-bundle-v1";
/// The largest canonical form.
const MAX_BYTES: usize = 512 * 1024;
const MAX_PLUGINS: usize = 50;
const MAX_LIST: usize = 500;
const MAX_NAME_CHARS: usize = 60;
const MAX_LOGO_BYTES: usize = 64 * 1024;

/// Why a document is not a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bundle, {place}: {problem}")]
pub struct BundleError {
    /// Where, such as `plugins[0].digest`.
    pub place: String,
    /// What is wrong.
    pub problem: String,
}

/// A bundle as it travels.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedBundle {
    /// The document.
    pub bundle: Value,
    /// Whose key signed it: `ed25519:<hex>`.
    pub key: String,
    /// The 64 bytes in hexadecimal.
    pub signature: String,
}

/// A bundle, schema 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Bundle {
    /// The version of these keys; 1.
    pub schema: u32,
    /// The partner's namespace.
    pub partner: String,
    /// The bundle's own name: a-z, 0-9 and `-`.
    pub name: String,
    /// What is installed.
    pub plugins: Vec<BundledPlugin>,
    /// How the tenant's pages look; the host's own where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branding: Option<Branding>,
    /// The only plugins that the tenant may install; every one that it sees where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_list: Option<BTreeSet<String>>,
    /// The only version of a plugin that the tenant may install, by plugin. A pin of the partner stands above it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pins: BTreeMap<String, Digest>,
}

/// A plugin in a bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BundledPlugin {
    /// `namespace/name`.
    pub id: String,
    /// Semantic version, for people; it must be that of the package.
    pub version: String,
    /// Which package.
    pub digest: Digest,
    /// What the tenant will call the installation; the plugin's name where nothing is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its configuration, valid against the plugin's schema.
    #[serde(default = "empty_object")]
    pub config: Value,
    /// Whether it is switched on from the beginning.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn empty_object() -> Value {
    Value::Object(serde_json::Map::new())
}

fn yes() -> bool {
    true
}

/// Name, logo and colours in place of the host's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Branding {
    /// The name that people see.
    pub name: String,
    /// An `https:` URL, or a PNG or WebP as `data:` URL of at most 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// The five colours that the others are made of.
    pub colours: Colours,
}

/// Colours as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Colours {
    /// Buttons and links.
    pub accent: String,
    /// Text on the accent.
    pub on_accent: String,
    /// Behind everything.
    pub canvas: String,
    /// Cards.
    pub surface: String,
    /// Text.
    pub ink: String,
}

impl SignedBundle {
    /// The canonical form: what is signed and kept.
    pub fn document(&self) -> String {
        canonical_json(&self.bundle)
    }

    /// Reads the bundle and checks that `key` signed it. Whether the key is one of the partner's is another question.
    pub fn read(&self) -> Result<Bundle, BundleError> {
        let document = self.document();
        let key: PublisherKey = self.key.parse().map_err(|error| problem("key", format!("{error}")))?;
        let signature = hex::decode(&self.signature)
            .map_err(|_| problem("signature", "is not hexadecimal".to_owned()))?;
        if !key.has_signed(DOMAIN, document.as_bytes(), &signature) {
            return Err(problem("signature", "is not one of this bundle by this key".to_owned()));
        }
        Bundle::read(&document)
    }
}

impl Bundle {
    /// Reads a document.
    pub fn read(document: &str) -> Result<Self, BundleError> {
        if document.len() > MAX_BYTES {
            let problem_text = format!("has {} bytes; {MAX_BYTES} are allowed", document.len());
            return Err(problem("the document", problem_text));
        }
        let mut deserializer = serde_json::Deserializer::from_str(document);
        let bundle: Self = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| problem(&error.path().to_string(), error.inner().to_string()))?;
        deserializer.end().map_err(|error| problem("the document", error.to_string()))?;
        bundle.check()?;
        Ok(bundle)
    }

    fn check(&self) -> Result<(), BundleError> {
        if self.schema != 1 {
            return Err(problem("schema", format!("is {}; this host knows 1", self.schema)));
        }
        check_word("name", &self.name)?;
        if self.plugins.len() > MAX_PLUGINS {
            return Err(problem("plugins", format!("has more than {MAX_PLUGINS} entries")));
        }
        for (index, plugin) in self.plugins.iter().enumerate() {
            let place = |field: &str| format!("plugins[{index}].{field}");
            if !plugin.config.is_object() {
                return Err(problem(&place("config"), "is not an object".to_owned()));
            }
            if !plugin.name.is_empty() {
                check_name(&place("name"), &plugin.name)?;
            }
            if self.allow_list.as_ref().is_some_and(|allowed| !allowed.contains(&plugin.id)) {
                return Err(problem(&place("id"), "is not on the bundle's own allow-list".to_owned()));
            }
            if self.pins.get(&plugin.id).is_some_and(|pin| *pin != plugin.digest) {
                return Err(problem(&place("digest"), "is not the one that the bundle pins".to_owned()));
            }
        }
        let longest = self.allow_list.as_ref().map_or(0, BTreeSet::len).max(self.pins.len());
        if longest > MAX_LIST {
            return Err(problem("allow-list or pins", format!("has more than {MAX_LIST} entries")));
        }
        self.branding.as_ref().map_or(Ok(()), Branding::check)
    }
}

impl Branding {
    fn check(&self) -> Result<(), BundleError> {
        check_name("branding.name", &self.name)?;
        if let Some(logo) = &self.logo {
            check_logo(logo)?;
        }
        let Colours { accent, on_accent, canvas, surface, ink } = &self.colours;
        let all = [
            ("accent", accent),
            ("on-accent", on_accent),
            ("canvas", canvas),
            ("surface", surface),
            ("ink", ink),
        ];
        for (name, colour) in all {
            let digits = colour.strip_prefix('#').unwrap_or_default();
            if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(problem(&format!("branding.colours.{name}"), "is not `#rrggbb`".to_owned()));
            }
        }
        Ok(())
    }
}

fn check_logo(logo: &str) -> Result<(), BundleError> {
    let place = "branding.logo";
    if logo.len() > MAX_LOGO_BYTES {
        return Err(problem(place, format!("has more than {MAX_LOGO_BYTES} bytes")));
    }
    let image = ["data:image/png;base64,", "data:image/webp;base64,"];
    if let Some(data) = image.iter().find_map(|kind| logo.strip_prefix(kind)) {
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        return if data.bytes().all(is_base64) {
            Ok(())
        } else {
            Err(problem(place, "is not base64".to_owned()))
        };
    }
    // No SVG: it may hold scripts.
    let is_https = Url::parse(logo).is_ok_and(|url| url.scheme() == "https" && url.username().is_empty());
    if is_https {
        Ok(())
    } else {
        Err(problem(place, "is neither an https URL nor a PNG or WebP as data URL".to_owned()))
    }
}

fn check_word(place: &str, text: &str) -> Result<(), BundleError> {
    let is_word = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if text.is_empty() || text.len() > MAX_NAME_CHARS || !is_word {
        return Err(problem(place, "is not 1 to 60 of a-z, 0-9 and `-`".to_owned()));
    }
    Ok(())
}

fn check_name(place: &str, text: &str) -> Result<(), BundleError> {
    let is_fit = text.trim() == text && !text.is_empty() && !text.chars().any(char::is_control);
    if is_fit && text.chars().count() <= MAX_NAME_CHARS {
        return Ok(());
    }
    Err(problem(place, format!("is not one line of 1 to {MAX_NAME_CHARS} characters")))
}

pub(crate) fn problem(place: &str, problem: String) -> BundleError {
    BundleError { place: place.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use neustream_contract::{SigningKey, sign_document};
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "schema": 1,
            "partner": "acme",
            "name": "starter",
            "plugins": [{
                "id": "acme/odysee",
                "version": "1.0.0",
                "digest": format!("sha256:{}", "ab".repeat(32)),
                "config": { "channel": "main" },
            }],
            "branding": {
                "name": "Acme Live",
                "colours": {
                    "accent": "#4338ca", "on-accent": "#ffffff", "canvas": "#f5f6f9", "surface": "#ffffff",
                    "ink": "#12151f",
                },
            },
            "allow-list": ["acme/odysee"],
        })
    }

    fn signed(bundle: Value) -> SignedBundle {
        let key = SigningKey::from_bytes(&[7; 32]);
        let signature = sign_document(&key, DOMAIN, canonical_json(&bundle).as_bytes());
        SignedBundle { bundle, key: PublisherKey::of(&key).to_string(), signature: hex::encode(signature) }
    }

    fn place_of(change: impl FnOnce(&mut Value)) -> String {
        let mut bundle = document();
        change(&mut bundle);
        signed(bundle).read().unwrap_err().place
    }

    #[test]
    fn a_bundle_is_read_back_and_what_is_left_out_has_its_default() {
        let bundle = signed(document()).read().unwrap();
        assert!(bundle.plugins[0].enabled);
        assert_eq!(bundle.pins.len(), 0);
        assert_eq!(bundle.branding.unwrap().name, "Acme Live");
    }

    #[test]
    fn the_order_of_keys_and_white_space_does_not_matter_but_every_value_does() {
        let mut travelled = signed(document());
        let text = serde_json::to_string_pretty(&travelled.bundle).unwrap();
        travelled.bundle = serde_json::from_str(&text).unwrap();
        travelled.read().unwrap();
        travelled.bundle["plugins"][0]["config"]["channel"] = json!("other");
        assert_eq!(travelled.read().unwrap_err().place, "signature");
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        for (place, change) in [
            ("schema", (|b: &mut Value| b["schema"] = json!(2)) as fn(&mut Value)),
            ("secrets", |b| b["secrets"] = json!({})),
            ("plugins[0].digest", |b| b["plugins"][0]["digest"] = json!("sha256:12")),
            ("plugins[0].config", |b| b["plugins"][0]["config"] = json!([])),
            ("plugins[0].id", |b| b["allow-list"] = json!(["acme/other"])),
            ("plugins[0].digest", |b| {
                b["pins"]["acme/odysee"] = json!(format!("sha256:{}", "cd".repeat(32)));
            }),
            ("name", |b| b["name"] = json!("../etc")),
            ("branding.colours.ink", |b| b["branding"]["colours"]["ink"] = json!("red;}")),
            ("branding.logo", |b| b["branding"]["logo"] = json!("javascript:alert(1)")),
            ("branding.logo", |b| b["branding"]["logo"] = json!("data:image/svg+xml;base64,AAAA")),
        ] {
            assert_eq!(place_of(change), place);
        }
    }

    #[test]
    fn a_signature_for_a_package_or_by_another_key_is_none() {
        let mut other = signed(document());
        other.key = PublisherKey::of(&SigningKey::from_bytes(&[8; 32])).to_string();
        assert_eq!(other.read().unwrap_err().place, "signature");
        let mut elsewhere = signed(document());
        let key = SigningKey::from_bytes(&[7; 32]);
        let text = elsewhere.document();
        elsewhere.signature = hex::encode(sign_document(&key, "neustream-plugin-v1", text.as_bytes()));
        assert_eq!(elsewhere.read().unwrap_err().place, "signature");
    }
}
