use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_catalogue::testing::{manifest, package};
use neustream_contract::Installed;
use neustream_model::Reason;
use serde_json::{Value, json};

use crate::kit::{Account, TestApi, on_both, package_of, tenant_of, text};

const HTTP: &str = "[capabilities.http]\nhosts = [\"https://api.example.com\"]\nreason = \"To read\"\n";
const HTTP_KEY: &str = "http:https://api.example.com";
const TOKEN: &str = "[capabilities.secrets.token]\nkind = \"oauth2\"\nauthorize-url = \"https://id.example.com/a\"\n\
    token-url = \"https://id.example.com/t\"\nhosts = [\"api.example.com\"]\n[config]\nschema = \"c.json\"\n";

/// An unsigned package of `acme/plugin` 0.1.0; `text` makes it another one.
fn unsigned(text: &str, more: &str, schema: Option<&str>) -> Vec<u8> {
    let more = format!("description = \"{text}\"\n{more}");
    package(&manifest("acme/plugin", "0.1.0", &more), schema).to_vec()
}

async fn taken(api: &TestApi, account: &Account, query: &str, package: Vec<u8>) -> Value {
    let answer = api.try_out(account, "acme", query, package).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

/// Installs what was answered, with everything it asks for.
async fn installed(api: &TestApi, account: &Account, tried: &Value, grant: Value) -> Value {
    let ask = json!({ "plugin": "acme/plugin", "digest": tried["version"]["digest"], "grant": grant });
    let answer = api.post(account, "/api/installations", &ask).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()["installation"].clone()
}

#[tokio::test]
async fn what_is_not_installed_yet_is_told_with_everything_that_it_needs() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let schema = r#"{ "type": "object", "additionalProperties": false, "properties": { "room": { "type": "string" } } }"#;
        let tried = taken(&api, &ada, "", unsigned("first", &format!("{HTTP}{TOKEN}"), Some(schema))).await;
        assert_eq!(tried["version"]["state"], "development");
        assert_eq!(tried["version"]["visibility"], "development");
        assert_eq!(tried["version"]["scan"][0]["name"], "imports");
        assert_eq!(tried["version"]["signed_by"], json!(null));
        assert_eq!((&tried["installation"], &tried["switched"]), (&json!(null), &json!(false)));
        assert_eq!(tried["needs"]["permissions"][0]["keys"], json!([HTTP_KEY]));
        assert_eq!(tried["needs"]["config_errors"], json!([]));
        assert_eq!(tried["needs"]["secrets"][0]["name"], "token");
        assert_eq!(tried["needs"]["secrets"][0]["kind"], "oauth2");
        assert_eq!((&tried["next"]["who"], &tried["next"]["code"]), (&json!("author"), &json!("publish")));

        let made = installed(&api, &ada, &tried, json!([HTTP_KEY])).await;
        assert_eq!((&made["development"], &made["digest"]), (&json!(true), &tried["version"]["digest"]));
        let listed = api.get(&ada, "/api/installations").await.json();
        assert_eq!(listed["installations"][0]["development"], true);

        let eve = api.account("eve@example.com").await;
        api.get(&eve, "/api/plugins/acme/plugin").await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        let ask = json!({ "plugin": "acme/plugin", "digest": tried["version"]["digest"], "grant": [] });
        api.post(&eve, "/api/installations", &ask).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        let plugins = api.get(&eve, "/api/plugins").await.text();
        assert!(!plugins.contains("acme/plugin"), "{plugins}");
    })
    .await;
}

#[tokio::test]
async fn the_same_version_comes_again_and_the_installation_runs_it_from_the_next_call_on() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let first = taken(&api, &ada, "", unsigned("a", HTTP, None)).await;
        let made = installed(&api, &ada, &first, json!([HTTP_KEY])).await;
        let (tenant, id) = (tenant_of(&api, &ada).parse().unwrap(), text(&made["id"]).parse().unwrap());
        let begun = api.installations.call(tenant, id, None).await.unwrap().plugin;

        let second = taken(&api, &ada, "", unsigned("b", HTTP, None)).await;
        assert_eq!((&second["switched"], &second["installation"]["id"]), (&json!(true), &made["id"]));
        assert_ne!(second["version"]["digest"], first["version"]["digest"]);
        let call = api.installations.call(tenant, id, None).await.unwrap();
        assert_eq!(json!(call.plugin), second["version"]["digest"]);
        let pinned = api.installations.call(tenant, id, Some(begun)).await.unwrap();
        assert_eq!(pinned.plugin, call.plugin, "what was begun with the former goes on with the newer");
        let former = api.get(&ada, &format!("/api/installations/{id}/rollback")).await.json();
        assert_eq!(former["former"], json!([]), "what was developed before is nothing to go back to");
    })
    .await;
}

#[tokio::test]
async fn more_than_was_granted_waits_for_consent_to_its_digest() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let first = taken(&api, &ada, "", unsigned("a", "", None)).await;
        let made = installed(&api, &ada, &first, json!([])).await;
        let wider = taken(&api, &ada, "", unsigned("b", HTTP, None)).await;
        assert_eq!(wider["switched"], false);
        assert_eq!(wider["installation"]["digest"], first["version"]["digest"], "it runs what it ran");
        assert_eq!(wider["needs"]["permissions"][0]["keys"], json!([HTTP_KEY]));

        let path = format!("/api/installations/{}/upgrade", text(&made["id"]));
        let digest = &wider["version"]["digest"];
        let refused = api.post(&ada, &path, &json!({ "digest": digest })).await;
        refused.is_error(StatusCode::CONFLICT, "CONSENT_NEEDED");
        let answer = api.post(&ada, &path, &json!({ "digest": digest, "grant": [HTTP_KEY] })).await;
        assert_eq!(answer.json()["installation"]["digest"], *digest, "{answer:?}");
        let again = taken(&api, &ada, "", unsigned("c", HTTP, None)).await;
        assert_eq!(again["switched"], true);

        let eve = api.account("eve@example.com").await;
        let foreign = format!("?installation={}", text(&made["id"]));
        let refused = api.try_out(&eve, "acme", &foreign, unsigned("d", "", None)).await;
        refused.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_configuration_that_does_not_fit_is_told_and_holds_nothing_up() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let config = "[config]\nschema = \"config.schema.json\"\n";
        let schema = |kind: &str| {
            format!(r#"{{ "type": "object", "properties": {{ "room": {{ "type": "{kind}" }} }} }}"#)
        };
        let first = taken(&api, &ada, "", unsigned("a", config, Some(&schema("string")))).await;
        let made = installed(&api, &ada, &first, json!([])).await;
        let path = format!("/api/installations/{}/config", text(&made["id"]));
        let answer = api.put(&ada, &path, &json!({ "room": "lobby" })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");

        let second = taken(&api, &ada, "", unsigned("b", config, Some(&schema("integer")))).await;
        assert_eq!(second["switched"], true);
        assert_eq!(second["needs"]["config_errors"][0]["pointer"], "/room");
        assert_eq!(second["installation"]["state"], "needs-configuration");
        api.put(&ada, &path, &json!({ "room": 7 })).await;
        let third = taken(&api, &ada, "", unsigned("c", config, Some(&schema("integer")))).await;
        assert_eq!(third["needs"]["config_errors"], json!([]));
        assert_eq!(third["installation"]["state"], "ready");
    })
    .await;
}

#[tokio::test]
async fn a_rollback_leads_out_of_the_development_and_trials_can_be_forgotten() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        api.publisher(&ada, "acme").await;
        let published = api.verified(&ada, "acme", "public").await;
        let ask = json!({ "plugin": "acme/plugin", "grant": [] });
        let made = api.post(&ada, "/api/installations", &ask).await.json()["installation"].clone();
        assert_eq!((&made["development"], &made["digest"]), (&json!(false), &json!(published)));
        for text in ["a", "b", "c"] {
            assert_eq!(taken(&api, &ada, "", unsigned(text, "", None)).await["switched"], true);
        }
        let path = "/api/plugins/acme/plugin/development";
        let in_use = api.ask(Some(&ada.token), Method::DELETE, path, None).await;
        assert_eq!(in_use.is_error(StatusCode::CONFLICT, "IN_USE"), json!({ "installations": 1 }));
        let rollback = format!("/api/installations/{}/rollback", text(&made["id"]));
        let back = api.post(&ada, &rollback, &json!({})).await.json();
        assert_eq!(back["installation"]["digest"], json!(published));
        assert_eq!(back["installation"]["development"], false);
        let gone = api.ask(Some(&ada.token), Method::DELETE, path, None).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone:?}");
        let detail = api.get(&ada, "/api/plugins/acme/plugin").await.json();
        assert_eq!(detail["versions"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_tried_out_is_refused_with_what_and_where() {
    on_both(async |api| {
        let (ada, eve) = (api.account("ada@example.com").await, api.account("eve@example.com").await);
        api.publisher(&eve, "acme").await;
        let foreign = api.try_out(&ada, "acme", "", unsigned("a", "", None)).await;
        let details = foreign.is_error(StatusCode::FORBIDDEN, "NAMESPACE_FOREIGN");
        assert_eq!(
            details,
            json!({ "namespace": "acme", "plugin": "acme/plugin", "yours": [], "place": "id" })
        );
        let reserved = package(&manifest("neustream/plugin", "0.1.0", ""), None).to_vec();
        let reserved = api.try_out(&ada, "neustream", "", reserved).await;
        reserved.is_error(StatusCode::FORBIDDEN, "NAMESPACE_RESERVED");
        let other = api.try_out(&ada, "nobody", "", unsigned("a", "", None)).await;
        let details = other.is_error(StatusCode::UNPROCESSABLE_ENTITY, "PLUGIN_OTHER");
        assert_eq!(details, json!({ "expected": "nobody/plugin", "found": "acme/plugin", "place": "id" }));
        let text = api.try_out(&eve, "acme", "", b"GIF89a".to_vec()).await;
        text.is_error(StatusCode::UNPROCESSABLE_ENTITY, "PACKAGE_INVALID");
        api.platform.find(Some(Reason::new("import-refused", "imports wasi:sockets")));
        let refused = api.try_out(&eve, "acme", "", unsigned("a", "", None)).await;
        let details = refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "SCAN_REFUSED");
        assert_eq!(details["checks"][0]["code"], "import-refused");
        let untyped = Request::put("/api/plugins/acme/plugin/development")
            .header("authorization", format!("Bearer {}", eve.token))
            .body(Body::from("{}"));
        let untyped = api.send(untyped.unwrap()).await;
        untyped.is_error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE");
    })
    .await;
}

#[tokio::test]
async fn a_tenant_that_tries_out_all_the_time_is_told_to_wait() {
    let api = TestApi::on_sqlite(neustream_api::ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    for _ in 0..60 {
        let answer = api.try_out(&ada, "acme", "", b"GIF89a".to_vec()).await;
        answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "PACKAGE_INVALID");
    }
    let answer = api.try_out(&ada, "acme", "", b"GIF89a".to_vec()).await;
    let details = answer.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    assert!(details["retry_after_s"].as_u64().is_some_and(|seconds| (1..=60).contains(&seconds)));
}

#[tokio::test]
async fn publishing_says_what_a_version_waits_for_and_who_acts() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        api.publisher(&ada, "acme").await;
        let answer = api.upload(&ada, "?visibility=public", package_of("acme", "1.0.0")).await.json();
        let step = |answer: &Value| (text(&answer["next"]["who"]), text(&answer["next"]["code"]));
        assert_eq!(step(&answer), ("reviewer".to_owned(), "review".to_owned()));
        let path = "/api/plugins/acme/plugin/versions/1.0.0";
        let digest = text(&answer["version"]["digest"]);
        for (decision, who, code) in [
            ("review", "reviewer", "verify"),
            ("verify", "nobody", "done"),
            ("suspend", "reviewer", "wait"),
            ("revoke", "author", "raise-version"),
        ] {
            api.decide(&digest, decision).await;
            let shown = api.get(&ada, path).await.json();
            assert_eq!(step(&shown), (who.to_owned(), code.to_owned()), "after {decision}");
        }
        let message = text(&api.get(&ada, path).await.json()["next"]["message"]);
        assert!(message.contains("as the test wants"), "{message}");
        let private = api.upload(&ada, "", package_of("acme", "1.1.0")).await.json();
        assert_eq!(step(&private), ("author".to_owned(), "install".to_owned()));
    })
    .await;
}
