use axum::http::{Method, StatusCode};
use neustream_catalogue::ProvisionError;
use neustream_contract::{PublisherKey, canonical_json, sign_document};
use serde_json::{Value, json};

use crate::kit::{Account, PASSWORD, TestApi, key_of, on_both, text};

/// A signed bundle with one plugin of the namespace.
pub fn bundle(namespace: &str, digest: &str) -> Value {
    signed(namespace, &document(namespace, digest))
}

fn document(namespace: &str, digest: &str) -> Value {
    json!({
        "schema": 1,
        "partner": namespace,
        "name": "starter",
        "plugins": [{ "id": format!("{namespace}/plugin"), "version": "1.0.0", "digest": digest, "config": {} }],
        "branding": {
            "name": "Acme Live",
            "colours": {
                "accent": "#4338ca", "on-accent": "#ffffff", "canvas": "#f5f6f9", "surface": "#ffffff",
                "ink": "#12151f",
            },
        },
    })
}

fn signed(namespace: &str, bundle: &Value) -> Value {
    let key = key_of(namespace);
    let signature = sign_document(&key, "neustream-bundle-v1", canonical_json(bundle).as_bytes());
    json!({ "bundle": bundle, "key": PublisherKey::of(&key).to_string(), "signature": hex::encode(signature) })
}

/// A partner with a verified plugin and a bundle.
async fn partner(api: &TestApi) -> (Account, String) {
    let acme = api.account("acme@example.com").await;
    api.publisher(&acme, "acme").await;
    api.partner("acme").await;
    let digest = api.verified(&acme, "acme", "partner").await;
    let answer = api.post(&acme, "/api/partner/bundles", &bundle("acme", &digest)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    (acme, digest)
}

fn shop() -> Value {
    json!({ "bundle": "starter", "email": "shop@example.com", "display_name": "Shop" })
}

#[tokio::test]
async fn a_partner_makes_a_tenant_in_one_call_and_its_user_enters_by_the_invitation() {
    on_both(async |api| {
        let (acme, _) = partner(&api).await;
        let answer = api.post(&acme, "/api/partner/tenants", &shop()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        let made = answer.json();
        let token = text(&made["invitation"]["token"]);
        let url = text(&made["invitation"]["url"]);
        assert_eq!(url, format!("http://stream.example.com:3000/invitation?token={token}"));
        let installed = api.installer.installed.lock().unwrap().clone();
        assert_eq!(installed, [(text(&made["tenant_id"]).parse().unwrap(), "acme/plugin".to_owned())]);

        // Without a password nobody is in.
        let credentials = json!({ "email": "shop@example.com", "password": "!" });
        let refused = api.ask(None, Method::POST, "/api/auth/login", Some(&credentials)).await;
        refused.is_error(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS");
        let accept = async |password: &str| {
            let body = json!({ "token": token, "password": password });
            api.ask(None, Method::POST, "/api/auth/invitation", Some(&body)).await
        };
        accept("short").await.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        let entered = accept(PASSWORD).await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
        accept(PASSWORD).await.is_error(StatusCode::FORBIDDEN, "INVITATION_REFUSED");

        let shop = Account::of(&entered);
        let branding = api.get(&shop, "/api/branding").await.json();
        assert_eq!(branding["branding"]["name"], "Acme Live");
        let plugin = api.get(&shop, "/api/plugins/acme/plugin").await;
        assert_eq!(plugin.status, StatusCode::OK);
        let credentials = json!({ "email": "shop@example.com", "password": PASSWORD });
        let again = api.ask(None, Method::POST, "/api/auth/login", Some(&credentials)).await;
        assert_eq!(again.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_invitation_is_refused() {
    on_both(async |api| {
        let other = "nsi_".to_owned() + &"00".repeat(36);
        for token in ["", "nsi_", "nss_12", &other] {
            let body = json!({ "token": token, "password": PASSWORD });
            let refused = api.ask(None, Method::POST, "/api/auth/invitation", Some(&body)).await;
            refused.is_error(StatusCode::FORBIDDEN, "INVITATION_REFUSED");
        }
    })
    .await;
}

#[tokio::test]
async fn when_a_plugin_cannot_be_installed_there_is_no_tenant() {
    on_both(async |api| {
        let (acme, _) = partner(&api).await;
        let refusal =
            ProvisionError::Refused { plugin: "acme/plugin".to_owned(), problem: "no room".to_owned() };
        *api.installer.refusal.lock().unwrap() = Some(refusal);
        let refused = api.post(&acme, "/api/partner/tenants", &shop()).await;
        let details = refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "PLUGIN_REFUSED");
        assert_eq!(details, json!({ "plugin": "acme/plugin", "problem": "no room" }));
        assert!(api.db.store.host().user_by_email("shop@example.com").await.unwrap().is_none());

        *api.installer.refusal.lock().unwrap() = None;
        let answer = api.post(&acme, "/api/partner/tenants", &shop()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        let again = api.post(&acme, "/api/partner/tenants", &shop()).await;
        again.is_error(StatusCode::CONFLICT, "EMAIL_TAKEN");
        let body = json!({ "bundle": "other", "email": "two@example.com", "display_name": "Two" });
        let unknown = api.post(&acme, "/api/partner/tenants", &body).await;
        unknown.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_bundle_is_told_what_is_wrong_with_it_and_where() {
    on_both(async |api| {
        let (acme, digest) = partner(&api).await;
        let place = async |body: &Value| {
            let refused = api.post(&acme, "/api/partner/bundles", body).await;
            text(&refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "BUNDLE_INVALID")["place"])
        };
        let mut changed = bundle("acme", &digest);
        changed["bundle"]["plugins"][0]["config"] = json!({ "more": 1 });
        assert_eq!(place(&changed).await, "signature");
        let mut with_secrets = document("acme", &digest);
        with_secrets["plugins"][0]["secrets"] = json!({ "stream-key": "k" });
        assert_eq!(place(&signed("acme", &with_secrets)).await, "plugins[0].secrets");
        let mut wrong = document("acme", &digest);
        wrong["plugins"][0]["config"] = json!({ "more": 1 });
        assert_eq!(place(&signed("acme", &wrong)).await, "plugins[0].config");
        let mut unknown = document("acme", &digest);
        unknown["plugins"][0]["digest"] = json!(format!("sha256:{}", "0".repeat(64)));
        assert_eq!(place(&signed("acme", &unknown)).await, "plugins[0].digest");
        let listed = api.get(&acme, "/api/partner/bundles").await.json();
        assert_eq!(listed["bundles"].as_array().unwrap().len(), 1);
        assert_eq!(listed["bundles"][0]["bundle"]["plugins"][0]["digest"], digest);
    })
    .await;
}

#[tokio::test]
async fn a_large_bundle_is_taken_and_a_larger_one_refused() {
    let api = TestApi::on_sqlite(neustream_api::ApiSettings::default()).await;
    let (acme, digest) = partner(&api).await;
    let with_logo = |bytes: usize| {
        let mut document = document("acme", &digest);
        document["branding"]["logo"] = json!(format!("data:image/png;base64,{}", "A".repeat(bytes)));
        document["allow-list"] = json!(
            (0..499)
                .map(|n| format!("some-namespace-{n}/plugin-{n}"))
                .chain(["acme/plugin".to_owned()])
                .collect::<Vec<_>>()
        );
        signed("acme", &document)
    };
    let answer = api.post(&acme, "/api/partner/bundles", &with_logo(65_000)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let answer = api.post(&acme, "/api/partner/bundles", &with_logo(1_000_000)).await;
    answer.is_error(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn allow_list_and_pins_narrow_what_a_partners_tenants_see() {
    on_both(async |api| {
        let (acme, digest) = partner(&api).await;
        let made = api.post(&acme, "/api/partner/tenants", &shop()).await.json();
        let body = json!({ "token": made["invitation"]["token"], "password": PASSWORD });
        let shop = Account::of(&api.ask(None, Method::POST, "/api/auth/invitation", Some(&body)).await);
        let seen = async || {
            let plugins = api.get(&shop, "/api/plugins").await.json()["plugins"].clone();
            plugins.as_array().unwrap().iter().map(|plugin| text(&plugin["id"])).collect::<Vec<_>>()
        };
        assert_eq!(seen().await, ["acme/plugin", "neustream/custom-rtmp", "neustream/twitch"]);
        let list = json!({ "allowed": ["acme/plugin", "neustream/twitch"] });
        assert_eq!(api.put(&acme, "/api/partner/allow-list", &list).await.json(), list);
        assert_eq!(api.get(&acme, "/api/partner/allow-list").await.json(), list);
        assert_eq!(seen().await, ["acme/plugin", "neustream/twitch"]);

        let pins = json!({ "pins": { "acme/plugin": digest } });
        assert_eq!(api.put(&acme, "/api/partner/pins", &pins).await.json(), pins);
        assert_eq!(api.get(&acme, "/api/partner/pins").await.json(), pins);
        let wrong = json!({ "pins": { "neustream/twitch": digest } });
        let refused = api.put(&acme, "/api/partner/pins", &wrong).await;
        let details = refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "BUNDLE_INVALID");
        assert_eq!(details["place"], "pins.neustream/twitch");
        let refused = api.put(&acme, "/api/partner/allow-list", &json!({ "allowed": ["no id"] })).await;
        refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "BUNDLE_INVALID");
        assert_eq!(api.get(&shop, "/api/plugins/neustream/custom-rtmp").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_no_partner_is_told_so() {
    on_both(async |api| {
        let (_, digest) = partner(&api).await;
        let eve = api.account("eve@example.com").await;
        for path in ["/api/partner/allow-list", "/api/partner/pins", "/api/partner/bundles"] {
            api.get(&eve, path).await.is_error(StatusCode::FORBIDDEN, "NOT_PARTNER");
        }
        let stolen = api.post(&eve, "/api/partner/bundles", &bundle("acme", &digest)).await;
        stolen.is_error(StatusCode::FORBIDDEN, "NOT_PARTNER");
        let stolen = api.post(&eve, "/api/partner/tenants", &shop()).await;
        stolen.is_error(StatusCode::FORBIDDEN, "NOT_PARTNER");
        assert_eq!(api.get(&eve, "/api/branding").await.json(), json!({ "branding": null }));
    })
    .await;
}
