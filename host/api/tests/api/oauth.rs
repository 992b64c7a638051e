//! Connecting an account by HTTP, against a strict provider.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_api::ApiSettings;
use neustream_outbound::{Outbound, OutboundSettings};
use neustream_store::testing::TestStore;
use neustream_tests::kit::oauth::{Decision, HttpsSite, Provider, ProviderRules, Registration};
use neustream_tests::kit::tls::Authority;
use serde_json::{Value, json};

use crate::kit::{Account, Answer, TestApi, text, tube};

const SECRET: &str = "the-clients-own-secret";
const CLIENT: &str = "neustream/tube/account";

struct World {
    api: TestApi,
    provider: HttpsSite<Provider>,
    ada: Account,
    installation: String,
}

impl World {
    /// An installation whose account is not connected, on a host that is registered at the provider.
    async fn new() -> Self {
        let authority = Authority::new().unwrap();
        let provider = Provider::new(ProviderRules::strict());
        let provider =
            HttpsSite::start(authority.acceptor("id.example.com").unwrap(), provider).await.unwrap();
        let outbound = Outbound::new(OutboundSettings {
            allow_private_networks: true,
            extra_ca_pem: Some(std::fs::read(authority.file()).unwrap()),
            resolve: vec![format!("id.example.com:443={}", provider.address()).parse().unwrap()],
        });
        let settings = ApiSettings {
            public_url: Some("https://stream.example.com".to_owned()),
            ..ApiSettings::default()
        };
        let api = TestApi::reaching(outbound.unwrap(), TestStore::sqlite().await, settings).await;
        api.catalogue.adopt(tube()).await.unwrap();
        let admin = api.administrator().await;
        let body = json!({ "client_id": "client-1", "client_secret": SECRET });
        let answer = api.put(&admin, &format!("/api/admin/oauth-clients/{CLIENT}"), &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let redirect_uri = text(&answer.json()["clients"][0]["redirect_uri"]);
        assert_eq!(redirect_uri, format!("https://stream.example.com/api/oauth/callback/{CLIENT}"));
        provider.site.register(Registration {
            client_id: "client-1".to_owned(),
            client_secret: SECRET.to_owned(),
            redirect_uris: vec![redirect_uri],
        });
        let ada = api.account("ada@example.com").await;
        let installation = text(&api.install(&ada, "neustream/tube", &json!({})).await["id"]);
        Self { api, provider, ada, installation }
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/installations/{}/{rest}", self.installation)
    }

    /// Begins; gives the provider's page and the cookie.
    async fn begin(&self, body: &Value) -> (String, String) {
        let answer = self.api.post(&self.ada, &self.path("secrets/account/authorize"), body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("; Path=/api/oauth/callback; ") && cookie.contains("; HttpOnly"), "{cookie}");
        assert!(cookie.ends_with("; SameSite=Lax; Secure"), "{cookie}");
        let pair = cookie.split(';').next().unwrap().to_owned();
        (text(&answer.json()["authorize_url"]), pair)
    }

    async fn come_back(&self, back: &str, cookie: Option<&str>) -> Answer {
        let path = back.strip_prefix("https://stream.example.com").expect(back);
        let mut request = Request::builder().method(Method::GET).uri(path);
        if let Some(cookie) = cookie {
            request = request.header("cookie", format!("theme=dark; {cookie}"));
        }
        let answer = self.api.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        answer
    }

    async fn connect(&self) {
        let (url, cookie) = self.begin(&json!({})).await;
        let back = self.provider.site.consent(&url, Decision::Allow).unwrap();
        let answer = self.come_back(&back, Some(&cookie)).await;
        assert!(location(&answer).starts_with("/?oauth=connected"), "{}", location(&answer));
    }

    async fn connection(&self) -> Value {
        let answer = self.api.get(&self.ada, &self.path("connections")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["connections"][0].clone()
    }
}

fn location(answer: &Answer) -> &str {
    answer.headers["location"].to_str().unwrap()
}

#[tokio::test]
async fn a_person_is_sent_away_comes_back_and_the_account_is_connected() {
    let world = World::new().await;
    assert_eq!(world.connection().await["state"], "not-connected");
    assert_eq!(world.connection().await["missing_scopes"], json!(["read", "write"]));
    let shown = world.api.get(&world.ada, &format!("/api/installations/{}", world.installation)).await;
    assert_eq!(shown.json()["installation"]["state"], "needs-configuration");

    let mut changes = world.api.installations.changes();
    let (url, cookie) = world.begin(&json!({ "return_to": "/plugins?tab=accounts" })).await;
    let back = world.provider.site.consent(&url, Decision::Allow).unwrap();
    let answer = world.come_back(&back, Some(&cookie)).await;
    let expected =
        format!("/plugins?tab=accounts&oauth=connected&installation={}&secret=account", world.installation);
    assert_eq!(location(&answer), expected);
    let gone = answer.headers["set-cookie"].to_str().unwrap();
    assert!(gone.contains("Max-Age=0"), "{gone}");
    assert_eq!(changes.recv().await.unwrap().what, neustream_installations::Change::Connected);

    let connection = world.connection().await;
    assert_eq!(
        (text(&connection["state"]), &connection["missing_scopes"]),
        ("connected".to_owned(), &json!([]))
    );
    assert!(connection["expires_at"].is_string() && connection["renewed_at"].is_string(), "{connection}");
    let shown = world.api.get(&world.ada, &format!("/api/installations/{}", world.installation)).await;
    assert_eq!(shown.json()["installation"]["state"], "ready");
}

#[tokio::test]
async fn nobody_but_the_browser_that_began_can_come_back_and_it_only_once() {
    let world = World::new().await;
    let (url, _) = world.begin(&json!({})).await;
    let back = world.provider.site.consent(&url, Decision::Allow).unwrap();
    assert_eq!(location(&world.come_back(&back, None).await), "/?oauth=failed&code=oauth-state-foreign");

    let (url, cookie) = world.begin(&json!({})).await;
    let back = world.provider.site.consent(&url, Decision::Allow).unwrap();
    world.come_back(&back, Some(&cookie)).await;
    let again = world.come_back(&back, Some(&cookie)).await;
    assert_eq!(location(&again), "/?oauth=failed&code=oauth-state-unknown");
    assert_eq!(world.provider.site.token_requests(), ["authorization_code"]);
}

#[tokio::test]
async fn what_stands_in_the_address_cannot_lead_elsewhere() {
    let world = World::new().await;
    for path in ["https://evil.example/", "//evil.example", "/\\evil.example", "plugins", "/a b"] {
        let body = json!({ "return_to": path });
        let answer = world.api.post(&world.ada, &world.path("secrets/account/authorize"), &body).await;
        answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    }
    for query in [
        "",
        "?state=",
        "?state=x&state=y&code=z",
        "?code=x",
        "?error=access_denied",
        "?state=%00%ff&code=%0d%0aset-cookie:x",
        "?state=a&code=b&code=c&iss=https://evil.example",
    ] {
        let back = format!("https://stream.example.com/api/oauth/callback/{CLIENT}{query}");
        let answer = world.come_back(&back, Some("x=y")).await;
        assert_eq!(location(&answer), "/?oauth=failed&code=oauth-state-unknown", "{query}");
    }
}

#[tokio::test]
async fn a_refusal_leads_back_with_its_reason_and_without_the_providers_words() {
    let world = World::new().await;
    let (url, cookie) = world.begin(&json!({ "return_to": "/plugins" })).await;
    let back = world.provider.site.consent(&url, Decision::Deny).unwrap();
    let answer = world.come_back(&back, Some(&cookie)).await;
    assert!(
        location(&answer).starts_with("/plugins?oauth=failed&code=oauth-denied&"),
        "{}",
        location(&answer)
    );
    assert!(!location(&answer).contains("resource"), "{}", location(&answer));
    let (url, cookie) = world.begin(&json!({})).await;
    let back = world.provider.site.consent(&url, Decision::AllowOnly(&["read"])).unwrap();
    let answer = world.come_back(&back, Some(&cookie)).await;
    assert!(location(&answer).contains("code=oauth-scope-narrowed"), "{}", location(&answer));
}

#[tokio::test]
async fn disconnecting_forgets_and_a_pasted_secret_is_none_of_its_business() {
    let world = World::new().await;
    world.connect().await;
    let path = world.path("secrets/account");
    assert_eq!(world.api.delete(&world.ada, &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.connection().await["state"], "not-connected");
    assert!(world.provider.site.token_requests().iter().any(|what| what == "revoke"));
    assert_eq!(world.api.delete(&world.ada, &path).await.status, StatusCode::NO_CONTENT);
    let pasted = world.api.delete(&world.ada, &world.path("secrets/pasted")).await;
    pasted.is_error(StatusCode::UNPROCESSABLE_ENTITY, "NOT_BY_CONSENT");
    let unknown = world.api.delete(&world.ada, &world.path("secrets/nothing")).await;
    unknown.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
}

#[tokio::test]
async fn without_a_client_nobody_is_sent_away_and_a_tenant_may_bring_its_own() {
    let world = World::new().await;
    let admin = world.api.administrator().await;
    let path = format!("/api/admin/oauth-clients/{CLIENT}");
    assert_eq!(world.api.delete(&admin, &path).await.status, StatusCode::NO_CONTENT);
    world.api.delete(&admin, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    let answer = world.api.post(&world.ada, &world.path("secrets/account/authorize"), &json!({})).await;
    answer.is_error(StatusCode::CONFLICT, "OAUTH_CLIENT_MISSING");
    // Known before anybody is registered, under the name that the operator gave this host.
    let expected = format!("https://stream.example.com/api/oauth/callback/{CLIENT}");
    assert_eq!(text(&world.connection().await["redirect_uri"]), expected);

    let own = format!("/api/oauth-clients/{CLIENT}");
    let body = json!({ "client_id": "client-1", "client_secret": SECRET });
    let answer = world.api.put(&world.ada, &own, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.json()["clients"][0]["token_url"], "https://id.example.com/token");
    world.connect().await;

    let moved =
        json!({ "client_id": "c", "client_secret": "s", "token_url": "https://id.example.com/other" });
    assert_eq!(world.api.put(&world.ada, &own, &moved).await.status, StatusCode::OK);
    let answer = world.api.post(&world.ada, &world.path("secrets/account/authorize"), &json!({})).await;
    answer.is_error(StatusCode::CONFLICT, "OAUTH_CLIENT_BOUND_ELSEWHERE");
    let shown = world.api.get(&world.ada, "/api/oauth-clients").await.json();
    assert_eq!(shown["clients"][0]["client_id"], "c");
    let whole = format!("{}/{CLIENT}", shown["redirect_base"].as_str().unwrap());
    assert_eq!(shown["clients"][0]["redirect_uri"], whole);
    assert_eq!(world.api.delete(&world.ada, &own).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn clients_that_cannot_be_ones_are_refused_at_their_field() {
    let world = World::new().await;
    let fit = json!({ "client_id": "c", "client_secret": "s" });
    for (field, value) in [
        ("client_id", ""),
        ("client_id", "ä"),
        ("client_secret", "a\nb"),
        ("token_url", "http://id.example.com/token"),
    ] {
        let mut body = fit.clone();
        body[field] = json!(value);
        let answer = world.api.put(&world.ada, &format!("/api/oauth-clients/{CLIENT}"), &body).await;
        answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        assert!(text(&answer.json()["details"]).starts_with(field), "{answer:?}");
    }
    for client in ["neustream/tube/nothing", "neustream/nothing/account"] {
        let answer = world.api.put(&world.ada, &format!("/api/oauth-clients/{client}"), &fit).await;
        answer.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    }
    let answer = world.api.put(&world.ada, "/api/oauth-clients/neustream/tube/pasted", &fit).await;
    answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "NOT_BY_CONSENT");
}

#[tokio::test]
async fn no_answer_ever_holds_a_token_or_a_clients_secret() {
    let world = World::new().await;
    world.connect().await;
    let admin = world.api.administrator().await;
    let mut said = Vec::new();
    for path in [
        "/api/installations".to_owned(),
        format!("/api/installations/{}", world.installation),
        world.path("connections"),
        world.path("activity"),
        "/api/oauth-clients".to_owned(),
        "/api/auth/profile".to_owned(),
    ] {
        let answer = world.api.get(&world.ada, &path).await;
        said.push(format!("{:?}{}", answer.headers, answer.text()));
    }
    said.push(world.api.get(&admin, "/api/admin/oauth-clients").await.text());
    let said = said.join(" ");
    for secret in world.provider.site.secrets() {
        assert!(!said.contains(&secret), "{secret} in {said}");
    }
}
