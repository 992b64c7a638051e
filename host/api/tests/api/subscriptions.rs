//! Plans, what is used of them, and what happens at their limits.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use neustream_api::ApiSettings;
use neustream_model::{SessionId, SourceId, UnixMillis};
use neustream_store::StreamedSession;
use serde_json::{Value, json};

use crate::kit::{Account, TestApi, on_both, tenant_of, text};

/// Puts an account's organisation on a plan.
async fn subscribe(api: &TestApi, account: &Account, plan: &str) -> Value {
    let path = format!("/api/admin/tenants/{}/plan", tenant_of(api, account));
    let answer = api.put(&api.administrator().await, &path, &json!({ "plan": plan })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

/// Lets an account's organisation have streamed so long today.
async fn stream(api: &TestApi, account: &Account, length: Duration) {
    let now = UnixMillis::now();
    let session = StreamedSession {
        id: SessionId::new(),
        tenant: tenant_of(api, account).parse().unwrap(),
        source: SourceId::new(),
        started_at: now,
        by_day: vec![(now.day(), length)],
    };
    api.db.store.host().record_sessions(&[session], now).await.unwrap();
}

#[tokio::test]
async fn anybody_sees_the_plans_that_are_offered() {
    on_both(async |api| {
        let answer = api.ask(None, Method::GET, "/api/subscriptions/plans", None).await.json();
        let plans = answer["plans"].as_array().unwrap();
        let names: Vec<_> = plans.iter().map(|plan| plan["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Free", "Pro", "Business"]);
        assert_eq!(plans[0]["price_monthly"], 0.0);
        assert_eq!(plans[0]["features"], json!([]));
        let pro = &plans[1];
        assert_eq!(pro["id"], "pro");
        assert_eq!(
            [
                &pro["price_monthly"],
                &pro["price_yearly"],
                &pro["price_monthly_inr"],
                &pro["price_yearly_inr"]
            ],
            [&json!(9.99), &json!(99.99), &json!(799.0), &json!(7999.0)]
        );
        assert_eq!((&pro["max_sources"], &pro["max_destinations"]), (&json!(3), &json!(10)));
        assert_eq!(pro["max_streaming_hours_monthly"], 200);
        let rupees = json!({ "currency": "INR", "billing_cycle": "monthly", "amount_minor": 79_900 });
        assert!(pro["prices"].as_array().unwrap().contains(&rupees));
        assert_eq!(plans[2]["max_destinations"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn an_organisation_sees_its_subscription_and_what_it_uses() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let mine = api.get(&ada, "/api/subscriptions/my-subscription").await.json();
        assert_eq!(mine["subscription"]["id"], Value::Null);
        assert_eq!(mine["subscription"]["plan"]["id"], "unlimited");
        assert_eq!(mine["subscription"]["plan"]["max_sources"], Value::Null);

        assert_eq!(subscribe(&api, &ada, "pro").await, json!({ "plan": "pro", "billing_cycle": "monthly" }));
        let source = api.source(&ada).await;
        api.destination(&ada, &source).await;
        stream(&api, &ada, Duration::from_mins(90)).await;
        let mine = api.get(&ada, "/api/subscriptions/my-subscription").await.json();
        let subscription = &mine["subscription"];
        assert!(subscription["id"].is_string());
        assert_eq!(subscription["plan"]["name"], "Pro");
        assert_eq!(
            (&subscription["status"], &subscription["billing_cycle"]),
            (&json!("active"), &json!("monthly"))
        );
        assert_eq!(subscription["cancel_at_period_end"], false);
        assert!(text(&subscription["current_period_start"]) < text(&subscription["current_period_end"]));
        let usage = &mine["usage"];
        assert_eq!((&usage["sources_used"], &usage["destinations_used"]), (&json!(1), &json!(1)));
        assert_eq!(usage["streaming_hours_used"], 1.5);
        let info = api.get(&ada, "/api/streams/info").await.json();
        assert_eq!(info["streams"][0]["usage"]["hours_limit"], 200);
    })
    .await;
}

#[tokio::test]
async fn a_new_source_tells_what_is_left_and_the_one_too_many_where_there_is_more() {
    let settings = ApiSettings { upgrade_url: Some("/plans".to_owned()), ..ApiSettings::default() };
    let api = TestApi::on_sqlite(settings).await;
    let ada = api.account("ada@example.com").await;
    subscribe(&api, &ada, "free").await;
    stream(&api, &ada, Duration::from_mins(30)).await;
    let created = api.post(&ada, "/api/sources", &json!({ "name": "Main" })).await.json();
    let left =
        json!({ "sources_remaining": 0, "destinations_remaining": 3, "streaming_hours_remaining": 49.5 });
    assert_eq!(created["limits"], left);
    let refused = api.post(&ada, "/api/sources", &json!({ "name": "Second" })).await;
    let details = refused.is_error(StatusCode::FORBIDDEN, "LIMIT_REACHED");
    assert_eq!(details, json!({ "current": 1, "max": 1, "upgrade_url": "/plans" }));

    let source = &created["source"];
    for _ in 0..3 {
        api.destination(&ada, source).await;
    }
    let path = format!("/api/sources/{}/destinations", text(&source["id"]));
    let body = json!({ "platform": "custom", "rtmp_url": "rtmp://live.example.com/app", "stream_key": "k" });
    let details = api.post(&ada, &path, &body).await.is_error(StatusCode::FORBIDDEN, "LIMIT_REACHED");
    assert_eq!(details, json!({ "current": 3, "max": 3, "upgrade_url": "/plans" }));
}

#[tokio::test]
async fn limits_can_be_asked_before() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        subscribe(&api, &ada, "free").await;
        let check = async |operation: &str| {
            let body = json!({ "operation": operation });
            let answer = api.post(&ada, "/api/subscriptions/check-limits", &body).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            answer.json()
        };
        let limits = json!({ "max_sources": 1, "current_sources": 0, "sources_remaining": 1 });
        let room = check("create_source").await;
        assert_eq!((&room["allowed"], &room["limits"]), (&json!(true), &limits));
        api.source(&ada).await;
        assert_eq!(check("create_source").await["allowed"], false);
        assert_eq!(check("create_destination").await["limits"]["destinations_remaining"], 3);
        assert_eq!(check("create_chat_connector").await["limits"]["max_chat_connectors"], 2);
        assert_eq!(check("start_stream").await["allowed"], true);
        stream(&api, &ada, Duration::from_hours(50)).await;
        let streaming = check("start_stream").await;
        assert_eq!(
            (&streaming["allowed"], &streaming["limits"]["streaming_hours_remaining"]),
            (&json!(false), &json!(0.0))
        );
        let odd = api.post(&ada, "/api/subscriptions/check-limits", &json!({ "operation": "fly" })).await;
        odd.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_subscription_holds_to_the_end_of_its_period() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let none = api.post(&ada, "/api/subscriptions/cancel", &json!({})).await;
        none.is_error(StatusCode::CONFLICT, "NOT_SUBSCRIBED");
        subscribe(&api, &ada, "business").await;
        let before = api.get(&ada, "/api/subscriptions/my-subscription").await.json();
        let cancelled = api.post(&ada, "/api/subscriptions/cancel", &json!({})).await;
        assert_eq!(cancelled.status, StatusCode::OK, "{cancelled:?}");
        let cancelled = cancelled.json();
        assert_eq!(cancelled["subscription"]["cancel_at_period_end"], true);
        assert_eq!(cancelled["subscription"]["plan"]["id"], "business");
        let end = |body: &Value| text(&body["subscription"]["current_period_end"]);
        assert_eq!(end(&cancelled), end(&before));
        let again = api.post(&ada, "/api/subscriptions/cancel", &json!({})).await;
        assert_eq!((again.status, end(&again.json())), (StatusCode::OK, end(&before)));
        // Its end is in the audit log of the organisation, and so is how it began.
        let log = api.get(&ada, "/api/audit-log?target_kind=subscription").await;
        assert!(log.text().contains("subscription.cancel"), "{log:?}");
    })
    .await;
}

#[tokio::test]
async fn administrators_make_and_change_plans() {
    on_both(async |api| {
        let root = api.administrator().await;
        let club = json!({
            "name": "Club",
            "max_sources": 2,
            "max_destinations": null,
            "max_streaming_hours_monthly": 10,
            "max_chat_connectors": 1,
            "prices": [{ "currency": "EUR", "billing_cycle": "yearly", "amount_minor": 5_000 }],
            "is_offered": true,
            "position": 9,
        });
        let made = api.put(&root, "/api/admin/plans/club", &club).await;
        assert_eq!(made.status, StatusCode::OK, "{made:?}");
        assert_eq!(made.json()["plan"]["audience"], "creator");
        let all = api.get(&root, "/api/admin/plans").await.json();
        let ids: Vec<_> = all["plans"].as_array().unwrap().iter().map(|plan| text(&plan["id"])).collect();
        assert_eq!(ids, ["free", "pro", "business", "unlimited", "club"]);
        let offered = api.ask(None, Method::GET, "/api/subscriptions/plans", None).await.json();
        let offered = offered["plans"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&offered["name"], &offered["price_monthly"]), (&json!("Club"), &Value::Null));
        assert_eq!(offered["prices"][0]["amount_minor"], 5_000);

        for (place, value) in [
            ("name", json!("")),
            ("audience", json!("robots")),
            ("max_sources", json!(1_000_001)),
            ("prices", json!([{ "currency": "euro", "billing_cycle": "yearly", "amount_minor": 1 }])),
            ("prices", json!([{ "currency": "EUR", "billing_cycle": "weekly", "amount_minor": 1 }])),
        ] {
            let mut body = club.clone();
            body[place] = value;
            let refused = api.put(&root, "/api/admin/plans/club", &body).await;
            refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        }
        let ada = api.account("ada@example.com").await;
        let refused = api.put(&ada, "/api/admin/plans/club", &club).await;
        refused.is_error(StatusCode::FORBIDDEN, "NOT_ADMINISTRATOR");
        let path = format!("/api/admin/tenants/{}/plan", tenant_of(&api, &ada));
        let unknown = api.put(&root, &path, &json!({ "plan": "gold" })).await;
        unknown.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}
