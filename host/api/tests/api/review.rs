use axum::http::StatusCode;
use neustream_model::TenantId;
use serde_json::json;

use crate::kit::{on_both, package_of, tenant_of, text};

#[tokio::test]
async fn the_queue_shows_what_waits_and_a_version_goes_its_way_to_verified() {
    on_both(async |api| {
        let root = api.administrator().await;
        let ada = api.account("ada@example.com").await;
        api.publisher(&ada, "acme").await;
        api.upload(&ada, "?visibility=public", package_of("acme", "1.0.0")).await;
        let queue = api.get(&root, "/api/admin/plugins").await.json();
        assert_eq!(queue["versions"].as_array().unwrap().len(), 1);
        let waiting = &queue["versions"][0];
        assert_eq!(waiting["plugin"]["id"], "acme/plugin");
        assert_eq!(waiting["owner_id"], tenant_of(&api, &ada));
        let digest = text(&waiting["version"]["digest"]);

        api.decide(&digest, "verify").await.is_error(StatusCode::CONFLICT, "DECISION_ILLEGAL");
        assert_eq!(api.decide(&digest, "review").await.json()["version"]["state"], "reviewed");
        let verified = api.decide(&digest, "verify").await.json();
        assert_eq!(verified["version"]["state"], "verified");
        assert!(verified["version"]["verified_at"].is_string());
        let shown = api.get(&root, &format!("/api/admin/plugins/{digest}")).await.json();
        let states: Vec<_> =
            shown["history"].as_array().unwrap().iter().map(|step| text(&step["to"])).collect();
        assert_eq!(states, ["draft", "scanned", "reviewed", "verified"]);
        assert_eq!(shown["history"][3]["reason"], "as the test wants");
        assert_eq!(api.get(&root, "/api/admin/plugins").await.json()["versions"], json!([]));
        let verified = api.get(&root, "/api/admin/plugins?state=verified").await.json();
        assert_eq!(verified["versions"].as_array().unwrap().len(), 3, "the host's two are there too");
    })
    .await;
}

#[tokio::test]
async fn suspending_stops_a_version_and_reinstating_brings_it_back() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let eve = api.account("eve@example.com").await;
        api.publisher(&ada, "acme").await;
        let digest = api.verified(&ada, "acme", "public").await;
        let stopped = api.decide(&digest, "suspend").await.json();
        assert_eq!(stopped["version"]["state"], "suspended");
        assert_eq!(api.platform.forbidden(&digest.parse().unwrap()).unwrap().code, "plugin-suspended");
        assert_eq!(api.get(&eve, "/api/plugins/acme/plugin").await.status, StatusCode::NOT_FOUND);
        let own = api.get(&ada, "/api/plugins/acme/plugin").await.json();
        assert_eq!(own["versions"][0]["reason"], "as the test wants");

        assert_eq!(api.decide(&digest, "reinstate").await.json()["version"]["state"], "verified");
        assert_eq!(api.platform.forbidden(&digest.parse().unwrap()), None);
        assert_eq!(api.get(&eve, "/api/plugins/acme/plugin").await.status, StatusCode::OK);
        assert_eq!(api.decide(&digest, "revoke").await.json()["version"]["state"], "revoked");
        api.decide(&digest, "reinstate").await.is_error(StatusCode::CONFLICT, "DECISION_ILLEGAL");
    })
    .await;
}

#[tokio::test]
async fn a_decision_needs_a_reason_a_known_version_and_a_known_word() {
    on_both(async |api| {
        let root = api.administrator().await;
        let ada = api.account("ada@example.com").await;
        api.publisher(&ada, "acme").await;
        let digest = api.verified(&ada, "acme", "public").await;
        let path = format!("/api/admin/plugins/{digest}/revoke");
        for reason in [json!(null), json!(""), json!("x".repeat(501))] {
            let refused = api.post(&root, &path, &json!({ "reason": reason })).await;
            refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        }
        api.decide(&digest, "destroy").await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        let unknown = format!("sha256:{}", "0".repeat(64));
        api.decide(&unknown, "revoke").await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        api.decide("sha256:12", "revoke").await.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
    })
    .await;
}

#[tokio::test]
async fn ceilings_are_set_for_a_plan_and_hold_for_its_tenants() {
    on_both(async |api| {
        let root = api.administrator().await;
        let ada = api.account("ada@example.com").await;
        let free = api.get(&root, "/api/admin/plans/free/ceilings").await.json();
        assert_eq!(free["ceilings"]["calls"], 4);
        let pro = json!({ "calls": 16, "cpu_percent": 200 });
        let set = api.put(&root, "/api/admin/plans/pro/ceilings", &pro).await.json();
        assert_eq!(set["ceilings"]["wall_percent"], 100, "what is left out has its default");
        for wrong in [json!({ "calls": 0 }), json!({ "cpu_percent": 1000 }), json!({ "cpu": 1 })] {
            let refused = api.put(&root, "/api/admin/plans/pro/ceilings", &wrong).await;
            refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        }
        let tenant = tenant_of(&api, &ada);
        let path = format!("/api/admin/tenants/{tenant}/plan");
        assert_eq!(api.put(&root, &path, &json!({ "plan": "pro" })).await.status, StatusCode::OK);
        let ceilings = api.catalogue.ceilings(tenant.parse().unwrap()).await.unwrap();
        assert_eq!((ceilings.calls, ceilings.cpu_percent), (16, 200));
        let nobody = format!("/api/admin/tenants/{}/plan", TenantId::new());
        let refused = api.put(&root, &nobody, &json!({ "plan": "pro" })).await;
        refused.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        let refused = api.put(&root, &path, &json!({ "plan": "Pro!" })).await;
        refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    })
    .await;
}
