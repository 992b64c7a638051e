//! What a manifest must keep beyond its keys and types.

use url::Url;

use crate::host_pattern::{CONNECT_SCHEMES, HTTP_SCHEMES, HostPattern, PUSH_SCHEMES, is_host_name};

use super::fields::{ClientAuth, Kind, Manifest, SecretCapability, SecretKind};

/// Why a manifest is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// More than [`super::MAX_MANIFEST_BYTES`].
    #[error("the manifest has {0} bytes; {max} are allowed", max = super::MAX_MANIFEST_BYTES)]
    TooLarge(usize),
    /// Not TOML, or not JSON.
    #[error("the manifest cannot be read: {0}")]
    Syntax(String),
    /// A key is missing, unknown or wrong.
    #[error("manifest, `{key}`: {problem}")]
    Key {
        /// Path such as `capabilities.http.hosts[0]`; `.` is the whole.
        key: String,
        /// What is wrong.
        problem: String,
    },
}

impl ManifestError {
    pub(super) fn at(key: &str, problem: &str) -> Self {
        Self::Key { key: key.to_owned(), problem: problem.trim().to_owned() }
    }
}

/// Names of people's things: any text without control characters, of bounded length.
fn check_text(key: &str, text: &str, max_chars: usize) -> Result<(), ManifestError> {
    if text.trim().is_empty() {
        return Err(ManifestError::at(key, "must not be empty"));
    }
    if text.chars().count() > max_chars {
        return Err(ManifestError::at(key, &format!("is longer than {max_chars} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(ManifestError::at(key, "has control characters"));
    }
    Ok(())
}

/// Like [`check_text`], and may have lines.
fn check_long_text(key: &str, text: &str, max_chars: usize) -> Result<(), ManifestError> {
    check_optional_text(key, &text.replace(['\n', '\t'], " "), max_chars)
}

fn check_optional_text(key: &str, text: &str, max_chars: usize) -> Result<(), ManifestError> {
    if text.is_empty() { Ok(()) } else { check_text(key, text, max_chars) }
}

/// Names of programs' things: `a-z`, `0-9` and `-`, beginning with a letter or digit.
fn is_name(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=40).contains(&text.len())
        && text.bytes().next().is_some_and(is_plain)
        && text.bytes().all(|b| is_plain(b) || b == b'-')
}

fn check_words(key: &str, words: &[String]) -> Result<(), ManifestError> {
    for (index, word) in words.iter().enumerate() {
        if !is_name(word) {
            return Err(ManifestError::at(
                &format!("{key}[{index}]"),
                &format!("`{word}` is not a kebab-case word"),
            ));
        }
    }
    Ok(())
}

const MAX_HOSTS: usize = 64;

fn check_patterns(
    key: &str,
    hosts: &[String],
    schemes: &[(&'static str, u16)],
) -> Result<Vec<HostPattern>, ManifestError> {
    if hosts.len() > MAX_HOSTS {
        return Err(ManifestError::at(key, &format!("has more than {MAX_HOSTS} entries")));
    }
    let read = |(index, host): (usize, &String)| {
        HostPattern::parse(host, schemes)
            .map_err(|error| ManifestError::at(&format!("{key}[{index}]"), &error.to_string()))
    };
    hosts.iter().enumerate().map(read).collect()
}

impl Manifest {
    /// Checks what serde cannot.
    pub(super) fn check(&self) -> Result<(), ManifestError> {
        if self.schema != 1 {
            let problem = format!("is {}; this host reads schema 1", self.schema);
            return Err(ManifestError::at("schema", &problem));
        }
        if !self.id.split_once('/').is_some_and(|(namespace, name)| is_name(namespace) && is_name(name)) {
            let problem = format!("`{}` is not `namespace/name` of a-z, 0-9 and `-`", self.id.escape_debug());
            return Err(ManifestError::at("id", &problem));
        }
        if let Err(error) = semver::Version::parse(&self.version) {
            let problem = format!("`{}` is not a semantic version: {error}", self.version.escape_debug());
            return Err(ManifestError::at("version", &problem));
        }
        check_text("name", &self.name, 60)?;
        check_optional_text("description", &self.description, 300)?;
        check_optional_text("publisher", self.publisher.as_deref().unwrap_or_default(), 60)?;
        check_text("license", &self.license, 100)?;
        check_long_text("changelog", &self.changelog, 4000)?;
        check_words("data.reads", &self.data.reads)?;
        check_words("data.leaves-platform", &self.data.leaves_platform)?;
        if self.limits.memory_mib == Some(0) {
            return Err(ManifestError::at("limits.memory-mib", "must be at least 1"));
        }
        let model = self.pricing.model.as_str();
        let metric = model.strip_prefix("usage(").and_then(|rest| rest.strip_suffix(')'));
        if !matches!(model, "free" | "per-tenant-month") && !metric.is_some_and(is_name) {
            let problem =
                format!("`{}` is not free, per-tenant-month or usage(<metric>)", model.escape_debug());
            return Err(ManifestError::at("pricing.model", &problem));
        }
        self.check_capabilities()
    }

    fn check_capabilities(&self) -> Result<(), ManifestError> {
        let capabilities = &self.capabilities;
        let mut reachable = Vec::new();
        if let Some(http) = &capabilities.http {
            if http.hosts.is_empty() {
                return Err(ManifestError::at("capabilities.http.hosts", "must name at least one host"));
            }
            reachable = check_patterns("capabilities.http.hosts", &http.hosts, &HTTP_SCHEMES)?;
            check_methods(&http.methods)?;
            check_text("capabilities.http.reason", &http.reason, 200)?;
        }
        if let Some(push) = &capabilities.push {
            check_patterns("capabilities.push.hosts", &push.hosts, &PUSH_SCHEMES)?;
            if push.hosts.is_empty() && push.from_config.is_empty() {
                return Err(ManifestError::at("capabilities.push", "needs `hosts` or `from-config`"));
            }
            for (index, pointer) in push.from_config.iter().enumerate() {
                if !pointer.starts_with('/') {
                    let key = format!("capabilities.push.from-config[{index}]");
                    return Err(ManifestError::at(&key, "is not a JSON pointer: it must begin with `/`"));
                }
            }
            check_optional_text("capabilities.push.reason", &push.reason, 200)?;
        }
        if let Some(connect) = &capabilities.connect {
            if connect.hosts.is_empty() {
                return Err(ManifestError::at("capabilities.connect.hosts", "must name at least one host"));
            }
            if self.kind != Kind::Chat {
                return Err(ManifestError::at("capabilities.connect", "is only for kind chat"));
            }
            reachable.extend(check_patterns("capabilities.connect.hosts", &connect.hosts, &CONNECT_SCHEMES)?);
            check_text("capabilities.connect.reason", &connect.reason, 200)?;
        }
        if let Some(webhook) = &capabilities.webhook {
            if !matches!(self.kind, Kind::Chat | Kind::Payment) {
                return Err(ManifestError::at("capabilities.webhook", "is only for kinds chat and payment"));
            }
            check_text("capabilities.webhook.reason", &webhook.reason, 200)?;
        }
        if capabilities.push.is_some() && self.kind != Kind::Destination {
            return Err(ManifestError::at("capabilities.push", "is only for kind destination"));
        }
        if let Some(kv) = &capabilities.kv
            && !(1..=1024 * 1024).contains(&kv.max_bytes)
        {
            return Err(ManifestError::at("capabilities.kv.max-bytes", "must be from 1 to 1048576"));
        }
        if capabilities.secrets.len() > 16 {
            return Err(ManifestError::at("capabilities.secrets", "has more than 16 entries"));
        }
        for (name, secret) in &capabilities.secrets {
            let key = format!("capabilities.secrets.{name}");
            if !is_name(name) {
                return Err(ManifestError::at(&key, "a secret's name is of a-z, 0-9 and `-`"));
            }
            check_optional_text(&format!("{key}.label"), secret.label.as_deref().unwrap_or_default(), 60)?;
            check_secret_hosts(&key, secret, &reachable)?;
            if secret.push && capabilities.push.is_none() {
                let problem = "is set, but there is no [capabilities.push]";
                return Err(ManifestError::at(&format!("{key}.push"), problem));
            }
            check_oauth(&key, secret)?;
        }
        Ok(())
    }
}

fn check_methods(methods: &[String]) -> Result<(), ManifestError> {
    const KNOWN: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    if methods.is_empty() {
        return Err(ManifestError::at("capabilities.http.methods", "must name at least one method"));
    }
    match methods.iter().position(|method| !KNOWN.contains(&method.as_str())) {
        Some(index) => Err(ManifestError::at(
            &format!("capabilities.http.methods[{index}]"),
            &format!("`{}` is not one of {}", methods[index].escape_debug(), KNOWN.join(", ")),
        )),
        None => Ok(()),
    }
}

fn check_secret_hosts(
    key: &str,
    secret: &SecretCapability,
    reachable: &[HostPattern],
) -> Result<(), ManifestError> {
    for (index, host) in secret.hosts.iter().enumerate() {
        let key = format!("{key}.hosts[{index}]");
        if !is_host_name(host) {
            let problem = format!("`{}` is not a host name in lower case", host.escape_debug());
            return Err(ManifestError::at(&key, &problem));
        }
        let is_reachable = reachable.iter().any(|pattern| pattern.scheme() != "http" && pattern.covers(host));
        if !is_reachable {
            let problem = format!(
                "`{host}` is not one of capabilities.http.hosts over https, nor of capabilities.connect.hosts"
            );
            return Err(ManifestError::at(&key, &problem));
        }
    }
    let goes_out = secret.push || !secret.hosts.is_empty();
    match secret.kind {
        SecretKind::Hmac if goes_out => Err(ManifestError::at(
            key,
            "a secret of kind hmac is never sent: `hosts` and `push` do not apply",
        )),
        SecretKind::Oauth2 if secret.mac || secret.push => {
            Err(ManifestError::at(key, "a secret of kind oauth2 is neither a MAC key nor a stream key"))
        }
        SecretKind::String | SecretKind::Oauth2 if !goes_out && !secret.mac => {
            Err(ManifestError::at(key, "is bound to nothing: give it `hosts`, `push = true` or `mac = true`"))
        }
        _ => Ok(()),
    }
}

/// Parameters at `authorize-url` that the host sets itself.
const HOSTS_PARAMETERS: [&str; 10] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "state",
];

fn check_oauth(key: &str, secret: &SecretCapability) -> Result<(), ManifestError> {
    let is_oauth = secret.kind == SecretKind::Oauth2;
    let urls = [
        ("authorize-url", &secret.authorize_url, true),
        ("token-url", &secret.token_url, true),
        ("revoke-url", &secret.revoke_url, false),
    ];
    for (name, url, is_needed) in urls {
        let key = format!("{key}.{name}");
        match url {
            Some(_) if !is_oauth => return Err(ManifestError::at(&key, "is only for kind oauth2")),
            Some(url) => check_oauth_url(&key, url)?,
            None if is_oauth && is_needed => {
                return Err(ManifestError::at(&key, "is needed for kind oauth2"));
            }
            None => {}
        }
    }
    let others = [
        ("scopes", secret.scopes.is_empty()),
        ("authorize-parameters", secret.authorize_parameters.is_empty()),
        ("client-auth", secret.client_auth == ClientAuth::default()),
        ("issuer", secret.issuer.is_none()),
    ];
    if let Some((name, _)) = others.iter().find(|(_, is_unset)| !is_oauth && !is_unset) {
        return Err(ManifestError::at(&format!("{key}.{name}"), "is only for kind oauth2"));
    }
    // RFC 6749 3.3: a scope is of visible characters without `"` and `\`, and scopes are parted by spaces.
    let is_scope = |scope: &String| {
        !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
    };
    if let Some(index) = secret.scopes.iter().position(|scope| !is_scope(scope)) {
        return Err(ManifestError::at(&format!("{key}.scopes[{index}]"), "is not an OAuth scope"));
    }
    if secret.authorize_parameters.len() > 16 {
        return Err(ManifestError::at(&format!("{key}.authorize-parameters"), "has more than 16 entries"));
    }
    for (name, value) in &secret.authorize_parameters {
        let key = format!("{key}.authorize-parameters.{}", name.escape_debug());
        let is_name = (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if !is_name {
            return Err(ManifestError::at(&key, "is not the name of a parameter"));
        }
        if name == "scope" || HOSTS_PARAMETERS.contains(&name.as_str()) {
            return Err(ManifestError::at(&key, "is set by the host"));
        }
        check_optional_text(&key, value, 200)?;
    }
    check_optional_text(&format!("{key}.issuer"), secret.issuer.as_deref().unwrap_or_default(), 300)
}

fn check_oauth_url(key: &str, url: &str) -> Result<(), ManifestError> {
    let parsed = Url::parse(url).map_err(|error| ManifestError::at(key, &error.to_string()))?;
    let has_credentials = !parsed.username().is_empty() || parsed.password().is_some();
    if parsed.scheme() != "https" || has_credentials {
        return Err(ManifestError::at(key, "must be an https URL without credentials"));
    }
    // RFC 6749 3.1 and 3.2: neither endpoint may have a fragment.
    if parsed.fragment().is_some() {
        return Err(ManifestError::at(key, "must have no fragment"));
    }
    Ok(())
}
