use axum::body::Body;
use axum::http::{Request, StatusCode};
use neustream_api::ApiSettings;
use neustream_contract::package::MAX_PACKAGE_BYTES;
use neustream_model::Reason;
use serde_json::json;

use crate::kit::{TestApi, on_both, package_of, text};

#[tokio::test]
async fn plugins_are_listed_with_what_they_may_do_and_found_by_text_and_kind() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let listed = api.get(&ada, "/api/plugins").await.json();
        let ids: Vec<_> =
            listed["plugins"].as_array().unwrap().iter().map(|plugin| text(&plugin["id"])).collect();
        assert_eq!(ids, ["neustream/custom-rtmp", "neustream/twitch"]);
        assert_eq!(listed["next_cursor"], json!(null));
        let twitch = &listed["plugins"][1];
        assert_eq!(twitch["platform"], "twitch");
        assert_eq!(twitch["state"], "verified");
        assert_eq!(twitch["installs"], 0);
        assert_eq!(twitch["permissions"][0]["keys"], json!(["push:rtmp://live.twitch.tv"]));
        assert_eq!(
            twitch["secrets"][0],
            json!({
                "name": "stream-key", "label": "Stream key", "kind": "string", "required": true,
            })
        );

        let found = api.get(&ada, "/api/plugins?q=CUSTOM&kind=destination").await.json();
        assert_eq!(found["plugins"].as_array().unwrap().len(), 1);
        let none = api.get(&ada, "/api/plugins?kind=chat").await.json();
        assert_eq!(none["plugins"], json!([]));
        let unknown = api.get(&ada, "/api/plugins?kind=spam").await;
        unknown.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        let first = api.get(&ada, "/api/plugins?limit=1").await.json();
        assert_eq!(first["next_cursor"], "neustream/custom-rtmp");
        let next = api.get(&ada, "/api/plugins?limit=1&cursor=neustream/custom-rtmp").await.json();
        assert_eq!(next["plugins"][0]["id"], "neustream/twitch");
        assert_eq!(next["next_cursor"], json!(null));
        api.get(&ada, "/api/plugins?limit=many").await.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
    })
    .await;
}

#[tokio::test]
async fn an_upload_is_private_until_others_may_see_it() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let eve = api.account("eve@example.com").await;
        api.publisher(&ada, "acme").await;
        let answer = api.upload(&ada, "?visibility=public", package_of("acme", "1.0.0")).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        let version = answer.json()["version"].clone();
        assert_eq!(version["state"], "scanned");
        assert_eq!(version["visibility"], "public");
        assert_eq!(version["scan"][0]["name"], "imports");
        assert_eq!(version["changelog"], "Better");

        assert_eq!(api.get(&ada, "/api/plugins/acme/plugin").await.status, StatusCode::OK);
        api.get(&eve, "/api/plugins/acme/plugin").await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        let digest = text(&version["digest"]);
        api.decide(&digest, "review").await;
        api.decide(&digest, "verify").await;
        let seen = api.get(&eve, "/api/plugins/acme/plugin").await.json();
        assert_eq!(seen["versions"][0]["version"], "1.0.0");
        assert_eq!(seen["versions"][0]["scan"], json!(null), "the report is its author's");
        assert_eq!(seen["figures"], json!({ "installs": 0, "calls_30d": 0, "faults_30d": 0 }));
        let one = api.get(&eve, "/api/plugins/acme/plugin/versions/1.0.0").await.json();
        assert_eq!(one["version"]["digest"], digest.as_str());
        let none = api.get(&eve, "/api/plugins/acme/plugin/versions/2.0.0").await;
        none.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn what_the_scan_refuses_is_told_check_by_check_and_stays_with_its_author() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        api.publisher(&ada, "acme").await;
        api.platform.find(Some(Reason::new("import-denied", "imports wasi:sockets")));
        let refused = api.upload(&ada, "", package_of("acme", "1.0.0")).await;
        let details = refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "SCAN_REFUSED");
        assert_eq!(details["checks"][0]["code"], "import-denied");
        assert_eq!(details["checks"][0]["message"], "imports wasi:sockets");
        let own = api.get(&ada, "/api/plugins/acme/plugin").await.json();
        assert_eq!(own["versions"][0]["state"], "draft");
        assert_eq!(own["versions"][0]["digest"], details["digest"]);
    })
    .await;
}

#[tokio::test]
async fn an_upload_says_what_is_wrong_with_it() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let eve = api.account("eve@example.com").await;
        api.publisher(&ada, "acme").await;
        api.publisher(&eve, "evil").await;
        let not_wasm = api.upload(&ada, "", b"GIF89a".to_vec()).await;
        not_wasm.is_error(StatusCode::UNPROCESSABLE_ENTITY, "PACKAGE_INVALID");
        let foreign = api.upload(&eve, "", package_of("acme", "1.0.0")).await;
        let details = foreign.is_error(StatusCode::FORBIDDEN, "NAMESPACE_FOREIGN");
        let expected =
            json!({ "namespace": "acme", "plugin": "acme/plugin", "yours": ["evil"], "place": "id" });
        assert_eq!(details, expected);
        let unsigned = neustream_catalogue::testing::package(
            &neustream_catalogue::testing::manifest("acme/plugin", "1.0.0", ""),
            None,
        );
        let unsigned = api.upload(&ada, "", unsigned.to_vec()).await;
        let details = unsigned.is_error(StatusCode::UNPROCESSABLE_ENTITY, "PACKAGE_UNSIGNED");
        assert_eq!(details, json!({ "plugin": "acme/plugin", "version": "1.0.0", "namespace": "acme" }));
        let development = api.upload(&ada, "?visibility=development", package_of("acme", "1.0.0")).await;
        development.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        let partner = api.upload(&ada, "?visibility=partner", package_of("acme", "1.0.0")).await;
        partner.is_error(StatusCode::FORBIDDEN, "NOT_PARTNER");
        let word = api.upload(&ada, "?visibility=everyone", package_of("acme", "1.0.0")).await;
        word.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");

        assert_eq!(api.upload(&ada, "", package_of("acme", "1.1.0")).await.status, StatusCode::CREATED);
        let lower = api.upload(&ada, "", package_of("acme", "1.0.9")).await;
        let details = lower.is_error(StatusCode::CONFLICT, "VERSION_NOT_HIGHER");
        assert_eq!(details, json!({ "version": "1.0.9", "highest": "1.1.0", "place": "version" }));
        let other_eyes = api.upload(&ada, "?visibility=public", package_of("acme", "1.1.0")).await;
        let details = other_eyes.is_error(StatusCode::CONFLICT, "VISIBILITY_FIXED");
        assert_eq!(details["visibility"], "private");
        // The same bytes again are the same version.
        assert_eq!(api.upload(&ada, "", package_of("acme", "1.1.0")).await.status, StatusCode::CREATED);
    })
    .await;
}

#[tokio::test]
async fn a_package_may_be_larger_than_other_bodies_but_not_too_large() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    // More than other routes take: what is wrong is told, not the size.
    let answer = api.upload(&ada, "", vec![0; 1024 * 1024]).await;
    answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "PACKAGE_INVALID");
    let answer = api.upload(&ada, "", vec![0; MAX_PACKAGE_BYTES + 1]).await;
    answer.is_error(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn an_upload_of_another_type_is_told_which_one_is_taken() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let request = Request::post("/api/plugins")
        .header("authorization", format!("Bearer {}", ada.token))
        .header("content-type", "application/octet-stream")
        .body(Body::from("x"));
    let answer = api.send(request.unwrap()).await;
    let details = answer.is_error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(details, "send `Content-Type: application/wasm`");
}
