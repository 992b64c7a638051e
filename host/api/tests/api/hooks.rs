use axum::body::Body;
use axum::http::{Request, StatusCode};
use neustream_api::{Allowance, ApiSettings, HookOutcome, RateLimits};
use neustream_catalogue::testing::package;
use neustream_contract::{Kind, Manifest};
use serde_json::json;
use std::time::Duration;

use crate::kit::{Account, Answer, TestApi, on_both, text};

/// The URL of a payment installation's webhooks, without its host.
async fn hook(api: &TestApi) -> (Account, String) {
    let manifest = "schema = 1\nid = \"neustream/pay\"\nversion = \"1.0.0\"\nkind = \"payment\"\nname = \"Pay\"\n\
        license = \"MIT\"\n[capabilities.webhook]\nreason = \"To hear of payments\"\n";
    api.catalogue.adopt(package(&Manifest::from_toml(manifest).unwrap(), None)).await.unwrap();
    let ada = api.account("ada@example.com").await;
    let made = api.install(&ada, "neustream/pay", &json!({})).await;
    let listed = api.get(&ada, &format!("/api/installations/{}/hooks", text(&made["id"]))).await.json();
    assert_eq!(listed["hooks"][0]["connection"], "payment");
    let url = text(&listed["hooks"][0]["url"]);
    let path = url.strip_prefix("http://stream.example.com:3000").unwrap();
    assert!(path.starts_with("/hooks/nsh_"), "{url}");
    (ada, path.to_owned())
}

async fn deliver(api: &TestApi, path: &str, body: &[u8]) -> Answer {
    let request = Request::post(path).header("Stripe-Signature", "t=1,v1=2").body(Body::from(body.to_vec()));
    api.send(request.unwrap()).await
}

#[tokio::test]
async fn a_webhook_reaches_its_installation_as_it_came() {
    on_both(async |api| {
        let (_, path) = hook(&api).await;
        let answer = deliver(&api, &path, b"\xff{raw}").await;
        assert_eq!((answer.status, answer.bytes.as_slice()), (StatusCode::NO_CONTENT, b"".as_slice()));
        let delivered = api.hooks.delivered.lock().unwrap();
        assert_eq!(
            (delivered[0].owner.kind, delivered[0].owner.connection.as_str()),
            (Kind::Payment, "payment")
        );
        assert_eq!(&delivered[0].body[..], b"\xff{raw}");
        let signature = ("stripe-signature".to_owned(), "t=1,v1=2".to_owned());
        assert!(delivered[0].headers.contains(&signature), "{:?}", delivered[0].headers);
    })
    .await;
}

#[tokio::test]
async fn the_platform_learns_whether_to_send_again() {
    on_both(async |api| {
        let (_, path) = hook(&api).await;
        for (outcome, status, code) in [
            (HookOutcome::NotGenuine, StatusCode::UNAUTHORIZED, "NOT_GENUINE"),
            (HookOutcome::TryAgain, StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
            (HookOutcome::Unwanted, StatusCode::NOT_FOUND, "NOT_FOUND"),
        ] {
            *api.hooks.outcome.lock().unwrap() = Some(outcome);
            deliver(&api, &path, b"{}").await.is_error(status, code);
        }
    })
    .await;
}

#[tokio::test]
async fn large_webhooks_and_unknown_addresses_are_refused() {
    on_both(async |api| {
        let (ada, path) = hook(&api).await;
        assert_eq!(deliver(&api, &path, &vec![b'x'; 256 * 1024]).await.status, StatusCode::NO_CONTENT);
        let large = deliver(&api, &path, &vec![b'x'; 256 * 1024 + 1]).await;
        large.is_error(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE");
        for unknown in ["/hooks/x", &format!("/hooks/nsh_{}", "0".repeat(48))] {
            deliver(&api, unknown, b"{}").await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        }
        let installed = api.get(&ada, "/api/installations").await.json();
        let installation = format!("/api/installations/{}", text(&installed["installations"][0]["id"]));
        api.delete(&ada, &installation).await;
        deliver(&api, &path, b"{}").await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        assert_eq!(api.hooks.delivered.lock().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_installation_takes_only_so_many_webhooks_and_a_stranger_only_so_many_guesses() {
    let minute = Duration::from_mins(1);
    let settings = ApiSettings {
        hooks: Allowance { count: 2, window: minute },
        rate_limits: RateLimits {
            anonymous: vec![Allowance { count: 5, window: minute }],
            ..RateLimits::default()
        },
        ..ApiSettings::default()
    };
    let api = TestApi::on_sqlite(settings).await;
    let (_, path) = hook(&api).await;
    for _ in 0..2 {
        assert_eq!(deliver(&api, &path, b"{}").await.status, StatusCode::NO_CONTENT);
    }
    let refused = deliver(&api, &path, b"{}").await;
    refused.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    assert!(!refused.header("retry-after").is_empty());

    let guess = format!("/hooks/nsh_{}", "0".repeat(48));
    for _ in 0..5 {
        deliver(&api, &guess, b"{}").await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    }
    deliver(&api, &guess, b"{}").await.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
}
