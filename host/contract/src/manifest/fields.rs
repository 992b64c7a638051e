//! The keys of a manifest, with the same words in TOML, JSON and Rust.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A plugin's manifest, schema 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// The version of these keys; 1.
    pub schema: u32,
    /// `namespace/name`, each of `a-z`, `0-9` and `-`. The namespace belongs to a publisher's key.
    pub id: String,
    /// Semantic version.
    pub version: String,
    /// What the plugin is for; decides which world it implements.
    pub kind: Kind,
    /// Its name for people.
    pub name: String,
    /// What it does, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Who publishes it; the namespace where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// SPDX expression.
    pub license: String,
    /// What this version brings, for whoever decides about an upgrade; plain text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub changelog: String,
    /// The version of what the plugin remembers. A bump forbids automatic rollback across it.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub state_schema: u32,
    /// What it may do.
    #[serde(default, skip_serializing_if = "Capabilities::is_empty")]
    pub capabilities: Capabilities,
    /// What data it sees.
    #[serde(default, skip_serializing_if = "DataUse::is_empty")]
    pub data: DataUse,
    /// Ceilings lower than those of its kind.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// What the tenant can set.
    #[serde(default, skip_serializing_if = "ConfigSection::is_empty")]
    pub config: ConfigSection,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Pricing::is_default")]
    pub pricing: Pricing,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_one(number: &u32) -> bool {
    *number == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_true(flag: &bool) -> bool {
    *flag
}

fn yes() -> bool {
    true
}

/// What a plugin is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Says where and how to push a broadcast.
    Destination,
    /// Connects a platform's chat.
    Chat,
    /// Judges messages.
    Moderation,
    /// Takes payments.
    Payment,
}

impl Kind {
    /// The word in manifests, folders and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::Chat => "chat",
            Self::Moderation => "moderation",
            Self::Payment => "payment",
        }
    }
}

/// `[capabilities]`: nothing that is not here is possible.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Capabilities {
    /// Requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpCapability>,
    /// Targets of broadcasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<PushCapability>,
    /// Sockets that the host keeps open for a chat connector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<ConnectCapability>,
    /// Requests of the platform to the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<WebhookCapability>,
    /// A small memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv: Option<KvCapability>,
    /// Secrets by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SecretCapability>,
}

impl Capabilities {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `[capabilities.http]`: requests that the plugin may make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpCapability {
    /// `https://host[:port]`, with `*.` for any name below. No bare wildcard.
    pub hosts: Vec<String>,
    /// Methods in upper case; `GET` where nothing is said.
    #[serde(default = "get", skip_serializing_if = "is_get")]
    pub methods: Vec<String>,
    /// Why, for the tenant.
    pub reason: String,
}

fn get() -> Vec<String> {
    vec!["GET".to_owned()]
}

fn is_get(methods: &[String]) -> bool {
    methods == ["GET"]
}

/// `[capabilities.push]`: where broadcasts may go. A target elsewhere fails with `host-denied`, so an adapter
/// that was taken over cannot send a stream key away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PushCapability {
    /// `rtmp[s]://host[:port]`, with `*.` for any name below. Without a port: 1935 for RTMP, 443 for RTMPS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// JSON pointers into the configuration, to URLs whose scheme, host and port the tenant thereby allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from_config: Vec<String>,
    /// Why, for the tenant.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// `[capabilities.connect]`: sockets that the host keeps open for a chat connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConnectCapability {
    /// `wss://host[:port]` for WebSockets, `tls://host:port` for lines; `*.` for any name below.
    pub hosts: Vec<String>,
    /// Why, for the tenant.
    pub reason: String,
}

/// `[capabilities.webhook]`: the platform may send requests to a URL that the host gives the installation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WebhookCapability {
    /// Why, for the tenant.
    pub reason: String,
}

/// `[capabilities.kv]`: a memory of the installation's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KvCapability {
    /// Bytes of keys and values together, at most 1 MiB.
    pub max_bytes: u32,
}

/// `[capabilities.secrets.<name>]`: a secret that the tenant sets and the plugin only names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SecretCapability {
    /// How it comes to be.
    pub kind: SecretKind,
    /// Its name for people; the key where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Host names toward which requests and sockets may carry it; each must be one of `[capabilities.http] hosts`
    /// over HTTPS or of `[capabilities.connect] hosts`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Whether it may be the stream key of a target, so that it goes to the hosts of `[capabilities.push]`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub push: bool,
    /// Whether it may also be the key of a MAC; a secret of kind `hmac` is nothing else.
    #[serde(default, skip_serializing_if = "is_false")]
    pub mac: bool,
    /// Whether the plugin is useless without it.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub required: bool,
    /// For `oauth2`: where the tenant consents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize_url: Option<String>,
    /// For `oauth2`: where tokens are made and refreshed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// For `oauth2`: what is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// For `oauth2`: how the host proves to `token-url` whose client it is.
    #[serde(default, skip_serializing_if = "ClientAuth::is_basic")]
    pub client_auth: ClientAuth,
    /// For `oauth2`: parameters that the platform wants at `authorize-url` beside those of RFC 6749 and RFC 7636.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub authorize_parameters: BTreeMap<String, String>,
    /// For `oauth2`: where tokens are given up (RFC 7009), where the platform has such a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke_url: Option<String>,
    /// For `oauth2`: what the platform calls itself in the parameter `iss` of its answers (RFC 9207); the origin of
    /// `authorize-url` where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

/// How an OAuth client proves who it is (RFC 6749 2.3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientAuth {
    /// HTTP Basic credentials, which every authorization server must take.
    #[default]
    Basic,
    /// `client_id` and `client_secret` in the body, which some take alone.
    Body,
}

impl ClientAuth {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_basic(&self) -> bool {
        *self == Self::Basic
    }
}

/// How a secret comes to be, and what may be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKind {
    /// The tenant pastes it; it is put into values.
    String,
    /// The host runs the OAuth 2.0 flow and refreshes; the access token is put into values.
    Oauth2,
    /// The tenant pastes it; it is only ever a MAC key.
    Hmac,
}

/// `[data]`: what the plugin sees and what it passes on, as words of an open vocabulary.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DataUse {
    /// What it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
    /// What it sends to others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaves_platform: Vec<String>,
}

impl DataUse {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `[limits]`: a plugin may ask for less than its kind's ceiling, never for more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limits {
    /// Memory of an instance in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
}

impl Limits {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `[config]`: what the tenant can set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConfigSection {
    /// The file with the JSON Schema, beside `plugin.toml`; packaged in its own section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

impl ConfigSection {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `[pricing]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pricing {
    /// `free`, `per-tenant-month` or `usage(<metric>)`.
    pub model: String,
}

impl Default for Pricing {
    fn default() -> Self {
        Self { model: "free".to_owned() }
    }
}

impl Pricing {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
