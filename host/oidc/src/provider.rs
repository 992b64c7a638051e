//! What is known of a provider before it is asked: `providers.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// A provider that people sign in with.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provider {
    /// Its name for people.
    pub label: String,
    pub(crate) issuer: String,
    #[serde(default)]
    pub(crate) former_issuers: Vec<String>,
    pub(crate) scopes: Vec<String>,
    #[serde(default)]
    pub(crate) claims: Option<String>,
    #[serde(default)]
    mail_domains: Vec<String>,
    #[serde(default)]
    pub(crate) organisation_claim: Option<String>,
}

static PROVIDERS: LazyLock<BTreeMap<String, Provider>> = LazyLock::new(|| {
    toml::from_str(include_str!("providers.toml")).expect("the built-in providers are TOML")
});

impl Provider {
    /// The provider of this name.
    pub fn of_name(name: &str) -> Option<&'static Self> {
        PROVIDERS.get(name)
    }

    /// Whether the provider's word about who reads the mail of an address is final: it gives the address out itself,
    /// or runs the mail of the organisation that it names. Elsewhere it knows only who once read it.
    pub(crate) fn is_authority_for(&self, email: &str, organisation: Option<&str>) -> bool {
        let Some((_, domain)) = email.rsplit_once('@') else { return false };
        let is_domain = |own: &str| own.eq_ignore_ascii_case(domain);
        self.mail_domains.iter().any(|own| is_domain(own)) || organisation.is_some_and(is_domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_providers_are_whole() {
        for (name, provider) in &*PROVIDERS {
            assert!(provider.issuer.starts_with("https://"), "{name}");
            assert!(provider.scopes.iter().any(|scope| scope == "openid"), "{name}");
            let claims = provider.claims.as_deref().unwrap_or("{}");
            assert!(serde_json::from_str::<serde_json::Value>(claims).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_provider_is_an_authority_for_its_own_domains_and_its_customers() {
        let google = Provider::of_name("google").unwrap();
        assert!(google.is_authority_for("ada@gmail.com", None));
        assert!(google.is_authority_for("ada@acme.example", Some("acme.example")));
        assert!(!google.is_authority_for("ada@acme.example", None));
        assert!(!google.is_authority_for("ada@acme.example", Some("other.example")));
        assert!(!google.is_authority_for("ada@notgmail.com", None));
        let twitch = Provider::of_name("twitch").unwrap();
        assert!(!twitch.is_authority_for("ada@gmail.com", None));
    }
}
