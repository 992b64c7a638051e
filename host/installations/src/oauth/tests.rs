//! The flow against a strict provider: `consenting` is about the way there and back, `refreshing` about what follows.

mod consenting;
mod refreshing;

use std::time::Duration;

use neustream_contract::{CallError, Grant, Manifest};
use neustream_model::{InstallationId, Secret, TenantId, UserId};
use neustream_outbound::{Outbound, OutboundSettings};
use neustream_store::testing::TestStore;
use neustream_store::{NewAccount, OauthClient};
use neustream_tests::kit::oauth::{Decision, HttpsSite, Provider, ProviderRules, Registration};
use neustream_tests::kit::tls::Authority;
use url::Url;

use super::{Begun, Callback, CallbackOutcome, Oauth, OauthError, Returned};
use crate::{Consent, TokenSource as _};

const PLUGIN: &str = "acme/tube";
const NAME: &str = "account";
const REDIRECT: &str = "https://stream.example.com/api/oauth/callback/acme/tube/account";
const CLIENT_SECRET: &str = "the-clients-own-secret";

const MANIFEST: &str = r#"
schema = 1
id = "acme/tube"
version = "1.0.0"
kind = "destination"
name = "Tube"
license = "MIT"
[capabilities.http]
hosts = ["https://api.example.com"]
reason = "To read"
[capabilities.secrets.account]
kind = "oauth2"
label = "Tube account"
hosts = ["api.example.com"]
authorize-url = "https://id.example.com/authorize"
token-url = "https://id.example.com/token"
revoke-url = "https://id.example.com/revoke"
scopes = ["read", "write"]
"#;

/// A host, a tenant with an installation, and a provider that knows the host.
struct World {
    oauth: Oauth,
    another_host: Oauth,
    provider: HttpsSite<Provider>,
    manifest: Manifest,
    grant: Grant,
    tenant: TenantId,
    user: UserId,
    installation: InstallationId,
    store: TestStore,
    outbound: Outbound,
}

impl World {
    async fn new() -> Self {
        Self::with(MANIFEST, ProviderRules::strict(), TestStore::sqlite().await).await
    }

    async fn with(manifest: &str, rules: ProviderRules, store: TestStore) -> Self {
        let authority = Authority::new().unwrap();
        let name = rules.name;
        let provider =
            HttpsSite::start(authority.acceptor(name).unwrap(), Provider::new(rules)).await.unwrap();
        provider.site.register(Registration {
            client_id: "client-1".to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            redirect_uris: vec![REDIRECT.to_owned()],
        });
        let outbound = Outbound::new(OutboundSettings {
            allow_private_networks: true,
            extra_ca_pem: Some(std::fs::read(authority.file()).unwrap()),
            resolve: vec![format!("{name}:443={}", provider.address()).parse().unwrap()],
        })
        .unwrap();
        let account = NewAccount {
            email: "ada@example.com".to_owned(),
            display_name: "Ada".to_owned(),
            password_hash: "$argon2id$".to_owned(),
            role: "member".to_owned(),
        };
        let user = store.store.host().create_account(&account).await.unwrap();
        let manifest = Manifest::from_toml(manifest).unwrap();
        let token_url = manifest.capabilities.secrets[NAME].token_url.clone().unwrap();
        let client = OauthClient {
            client_id: "client-1".to_owned(),
            client_secret: Secret::new(CLIENT_SECRET),
            token_url,
        };
        store.store.host().set_oauth_client(PLUGIN, NAME, &client).await.unwrap();
        Self {
            oauth: Oauth::new(store.store.clone(), outbound.clone()),
            another_host: Oauth::new(store.store.clone(), outbound.clone()),
            provider,
            grant: Grant::all_of(&manifest),
            manifest,
            tenant: user.tenant_id,
            user: user.id,
            installation: InstallationId::new(),
            store,
            outbound,
        }
    }

    fn consent(&self) -> Consent<'_> {
        Consent {
            tenant: self.tenant,
            installation: self.installation,
            plugin: PLUGIN,
            name: NAME,
            secret: &self.manifest.capabilities.secrets[NAME],
            grant: &self.grant,
        }
    }

    async fn begin(&self) -> Begun {
        self.oauth.begin(&self.consent(), self.user, REDIRECT, "/plugins").await.unwrap()
    }

    /// The person opens the page and decides; their browser comes back.
    fn decide(&self, begun: &Begun, decision: Decision<'_>) -> Callback {
        let back = self.provider.site.consent(&begun.authorize_url, decision).unwrap();
        callback(&back, begun)
    }

    async fn connect(&self) {
        let begun = self.begin().await;
        let returned = self.oauth.finish(self.decide(&begun, Decision::Allow)).await;
        returned.result.expect("connected");
    }

    async fn token(&self) -> Result<Secret, CallError> {
        Ok(self.oauth.secrets(&self.consent()).await?.remove(NAME).expect("a token"))
    }

    fn asked(&self, what: &str) -> usize {
        self.provider.site.token_requests().iter().filter(|request| *request == what).count()
    }
}

/// What the browser brings back.
fn callback(back: &str, begun: &Begun) -> Callback {
    let url = Url::parse(back).unwrap();
    assert!(back.starts_with(REDIRECT), "{back}");
    let take =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let outcome = match (take("code"), take("error")) {
        (Some(code), None) => CallbackOutcome::Code(Secret::new(code)),
        (None, Some(error)) => CallbackOutcome::Error(error),
        other => panic!("{other:?}"),
    };
    Callback {
        plugin: PLUGIN.to_owned(),
        name: NAME.to_owned(),
        state: Secret::new(take("state").unwrap()),
        iss: take("iss"),
        outcome,
        browser: Some(begun.browser.clone()),
    }
}

fn code_of(returned: &Returned) -> &'static str {
    returned.result.as_ref().err().map_or("connected", OauthError::code)
}

/// Longer than any margin: a token that lasts so long is not refreshed.
const LONG: Duration = Duration::from_hours(1);
/// Over at once: a token that lasts so long must be refreshed before it is used.
const OVER: Duration = Duration::ZERO;
