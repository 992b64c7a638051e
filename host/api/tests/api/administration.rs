//! The platform for those who run it.

use axum::http::{Method, StatusCode};
use neustream_model::DestinationId;
use neustream_store::DatabaseKind;
use serde_json::{Value, json};

use crate::kit::{Account, Answer, PASSWORD, TestApi, on_both, text};

/// The id behind an account's token.
async fn id_of(api: &TestApi, account: &Account) -> String {
    text(&api.get(account, "/api/auth/profile").await.json()["user"]["id"])
}

fn code(answer: &Answer) -> String {
    text(&answer.json()["code"])
}

/// The actions of an organisation's audit log, the latest first.
async fn actions(api: &TestApi, account: &Account, path: &str) -> Vec<String> {
    let log = api.get(account, path).await.json();
    log["entries"].as_array().unwrap().iter().map(|entry| text(&entry["action"])).collect()
}

#[tokio::test]
async fn figures_have_the_names_of_the_documents() {
    on_both(async |api: TestApi| {
        let root = api.administrator().await;
        let ada = api.member("ada@example.com").await;
        api.source(&ada).await;
        let path = format!("/api/admin/tenants/{}/plan", ada.tenant);
        let set = api.put(&root, &path, &json!({ "plan": "pro", "billing_cycle": "yearly" })).await;
        assert_eq!(set.status, StatusCode::OK, "{set:?}");
        let stats = api.get(&root, "/api/admin/stats").await.json()["stats"].clone();
        for (name, value) in [
            ("total_users", json!(2)),
            ("active_users_today", json!(2)),
            ("total_streams", json!(1)),
            ("active_streams", json!(0)),
            ("total_subscriptions", json!(1)),
            ("active_subscriptions", json!(1)),
            // A twelfth of 99.99 USD.
            ("monthly_revenue", json!(833)),
            ("monthly_revenue_currency", json!("USD")),
            ("streaming_hours_today", json!(0.0)),
        ] {
            assert_eq!(stats[name], value, "{name} of {stats}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_system_tells_what_it_lacks_and_what_runs() {
    on_both(async |api: TestApi| {
        let root = api.administrator().await;
        let ada = api.member("ada@example.com").await;
        let before = api.get(&root, "/api/admin/system").await.json();
        assert_eq!((&before["sessions"], &before["destinations"]), (&json!(0), &json!(0)));
        let source = api.source(&ada).await;
        let destination = json!({ "id": DestinationId::new().to_string(), "plugin": "neustream/twitch" });
        api.live.run(&source, &ada.tenant, Some(&destination));

        let system = api.get(&root, "/api/admin/system").await.json();
        let is_postgres = api.db.store.host().database_kind() == DatabaseKind::Postgres;
        assert_eq!(system["database"]["kind"], if is_postgres { "postgresql" } else { "sqlite" });
        assert!(system["database"]["latency_ms"].as_f64().unwrap() > 0.0, "{system}");
        assert_eq!(
            system["checks"][2],
            json!({
                "code": "disk", "status": "problem", "message": "90.0 MiB free at /data", "advice": "make room"
            })
        );
        for (name, value) in [
            ("started_at", json!("2026-09-01T22:00:00Z")),
            ("checked_at", json!("2026-09-01T22:01:00Z")),
            ("disk", json!({ "free_bytes": 94_371_840, "total_bytes": 107_374_182_400_u64 })),
            ("memory", json!({ "resident_bytes": 268_435_456 })),
            ("cpu_percent", json!(12.5)),
            ("sessions", json!(1)),
            ("destinations", json!(1)),
            ("viewers", json!(7)),
            ("mail_configured", json!(false)),
            ("redis", json!("off")),
        ] {
            assert_eq!(system[name], value, "{name} of {system}");
        }
    })
    .await;
}

#[tokio::test]
async fn lists_have_pages_of_fifty_and_say_how_many_there_are() {
    on_both(async |api: TestApi| {
        let root = api.administrator().await;
        for number in 0..51 {
            api.member(&format!("member{number:02}@example.com")).await;
        }
        let first = api.get(&root, "/api/admin/users").await.json();
        assert_eq!(first["users"].as_array().unwrap().len(), 50);
        assert_eq!(first["pagination"], json!({ "page": 1, "limit": 50, "total": 52, "total_pages": 2 }));
        assert_eq!(first["users"][0]["email"], "member50@example.com", "newest first");
        assert_eq!(first["users"][0]["subscription"]["plan_name"], "Unlimited");
        assert_eq!(first["users"][0]["subscription"]["status"], "active");
        let second = api.get(&root, "/api/admin/users?page=2&limit=50").await.json();
        assert_eq!(second["users"].as_array().unwrap().len(), 2);
        assert_eq!(second["users"][1]["email"], "root@example.com");
        assert_eq!(second["users"][1]["role"], "admin");

        let found = api.get(&root, "/api/admin/users?search=MEMBER07").await.json();
        assert_eq!((found["users"].as_array().unwrap().len(), &found["pagination"]["total"]), (1, &json!(1)));
        let none = api.get(&root, "/api/admin/users?search=%25").await.json();
        assert_eq!(none["pagination"]["total"], 0, "a percent sign is itself");
        for query in ["page=0", "limit=0", "limit=201", "page=x"] {
            let refused = api.get(&root, &format!("/api/admin/users?{query}")).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn sources_and_subscriptions_of_everybody_are_listed_with_their_owners() {
    on_both(async |api: TestApi| {
        let root = api.administrator().await;
        let ada = api.member("ada@example.com").await;
        let source = api.source(&ada).await;
        let path = format!("/api/admin/tenants/{}/plan", ada.tenant);
        api.put(&root, &path, &json!({ "plan": "business" })).await;

        let sources = api.get(&root, "/api/admin/sources").await.json();
        let listed = &sources["sources"][0];
        assert_eq!((&listed["id"], &listed["state"]), (&source["id"], &json!("offline")));
        assert_eq!(
            (&listed["organisation"]["id"], &listed["organisation"]["name"]),
            (&json!(ada.tenant), &json!("Ada"))
        );
        assert_eq!(sources["pagination"]["total"], 1);
        assert_eq!((&listed["started_at"], &listed["bitrate_in_bps"]), (&Value::Null, &json!(0)));

        let none = api.get(&root, "/api/admin/sources?running=true").await.json();
        assert_eq!((&none["sources"], &none["pagination"]["total"]), (&json!([]), &json!(0)));
        let second = api.source(&ada).await;
        api.live.run(&second, &ada.tenant, None);
        let running = api.get(&root, "/api/admin/sources?running=true").await.json();
        assert_eq!(running["pagination"]["total"], 1);
        assert_eq!(running["sources"][0]["id"], second["id"]);
        assert_eq!(running["sources"][0]["bitrate_in_bps"], 2_500_000);
        assert!(running["sources"][0]["started_at"].is_string(), "{running}");
        let beyond = api.get(&root, "/api/admin/sources?running=true&page=2").await.json();
        assert_eq!((&beyond["sources"], &beyond["pagination"]["total"]), (&json!([]), &json!(1)));
        let refused = api.get(&root, "/api/admin/sources?running=maybe").await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);

        let subscriptions = api.get(&root, "/api/admin/subscriptions").await.json();
        let listed = &subscriptions["subscriptions"][0];
        assert_eq!((&listed["plan_name"], &listed["status"]), (&json!("Business"), &json!("active")));
        assert_eq!(listed["organisation"]["id"], ada.tenant);
    })
    .await;
}

#[tokio::test]
async fn only_administrators_see_and_change_the_platform() {
    on_both(async |api: TestApi| {
        let ada = api.member("ada@example.com").await;
        let id = id_of(&api, &ada).await;
        for path in ["stats", "system", "users", "sources", "subscriptions", "settings"] {
            let refused = api.get(&ada, &format!("/api/admin/{path}")).await;
            assert_eq!(
                (refused.status, code(&refused).as_str()),
                (StatusCode::FORBIDDEN, "NOT_ADMINISTRATOR")
            );
        }
        let refused = api.put(&ada, "/api/admin/settings", &json!({ "maintenance_mode": true })).await;
        assert_eq!(code(&refused), "NOT_ADMINISTRATOR");
        let body = json!({ "reason": "because" });
        for deed in ["suspend", "impersonate"] {
            let refused = api.post(&ada, &format!("/api/admin/users/{id}/{deed}"), &body).await;
            assert_eq!(code(&refused), "NOT_ADMINISTRATOR", "{deed}");
        }
    })
    .await;
}

#[tokio::test]
async fn closing_registration_holds_at_once_and_is_in_the_platform_s_audit_log() {
    on_both(async |api: TestApi| {
        let root = api.administrator().await;
        let settings = api.get(&root, "/api/admin/settings").await.json();
        assert_eq!(
            settings["settings"],
            json!({ "maintenance_mode": false, "new_registrations_enabled": true })
        );
        let body = json!({ "maintenance_mode": false, "new_registrations_enabled": false });
        let changed = api.put(&root, "/api/admin/settings", &body).await.json();
        assert_eq!(changed["settings"], body);
        let account = json!({ "email": "late@example.com", "password": PASSWORD, "display_name": "Late" });
        let refused = api.ask(None, Method::POST, "/api/auth/register", Some(&account)).await;
        assert_eq!((refused.status, code(&refused).as_str()), (StatusCode::FORBIDDEN, "REGISTRATION_CLOSED"));
        api.put(&root, "/api/admin/settings", &json!({ "new_registrations_enabled": true })).await;
        api.account("late@example.com").await;

        let log = api.get(&root, "/api/admin/audit-log").await.json();
        let latest = &log["entries"][0];
        assert_eq!(latest["action"], "platform-settings.update");
        assert_eq!(latest["before"], json!({ "new_registrations_enabled": false }));
        assert_eq!(latest["after"], json!({ "new_registrations_enabled": true }));
        let refused = api.put(&root, "/api/admin/settings", &json!({ "colour": "red" })).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test]
async fn maintenance_lets_administrators_in_and_tells_everybody_else_when_to_come_back() {
    on_both(async |api: TestApi| {
        let root = api.administrator().await;
        let ada = api.account("ada@example.com").await;
        api.put(&root, "/api/admin/settings", &json!({ "maintenance_mode": true })).await;

        for answer in [
            api.get(&ada, "/api/sources").await,
            api.post(&ada, "/api/sources", &json!({ "name": "Main" })).await,
            api.ask(None, Method::GET, "/api/streams/live", None).await,
            api.ask(None, Method::POST, "/api/auth/register", Some(&json!({}))).await,
        ] {
            assert_eq!(
                (answer.status, code(&answer).as_str()),
                (StatusCode::SERVICE_UNAVAILABLE, "MAINTENANCE")
            );
            assert_eq!(answer.headers["retry-after"], "120");
            assert_eq!(answer.json()["error"], "the host is being maintained: come back later");
        }
        assert_eq!(api.get(&root, "/api/sources").await.status, StatusCode::OK);
        let login = json!({ "email": "ada@example.com", "password": PASSWORD });
        let open = api.ask(None, Method::POST, "/api/auth/login", Some(&login)).await;
        assert_eq!(open.status, StatusCode::OK, "administrators come in by it");
        assert_eq!(api.ask(None, Method::GET, "/health", None).await.status, StatusCode::OK);
        let playlist = api.ask(None, Method::GET, "/hls/nothing/index.m3u8", None).await;
        assert_eq!(playlist.status, StatusCode::NOT_FOUND, "viewers are not kept out");

        api.put(&root, "/api/admin/settings", &json!({ "maintenance_mode": false })).await;
        assert_eq!(api.get(&ada, "/api/sources").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn somebody_who_is_suspended_is_out_at_once_until_activated() {
    on_both(async |api: TestApi| {
        let root = api.administrator().await;
        let ada = api.account("ada@example.com").await;
        let id = id_of(&api, &ada).await;
        let key = api
            .post(&ada, "/api/api-keys", &json!({ "name": "bot", "scopes": ["sources:read"] }))
            .await
            .json();
        let key = text(&key["api_key"]["key"]);
        let source = api.source(&ada).await;
        let with_key = async || api.ask(Some(&key), Method::GET, "/api/sources", None).await.status;
        assert_eq!(with_key().await, StatusCode::OK);

        let path = format!("/api/admin/users/{id}/suspend");
        let refused = api.post(&root, &path, &json!({ "reason": "  " })).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = api.post(&root, &path, &json!({ "reason": "ticket 7" })).await.json();
        assert!(done["user"]["suspended_at"].is_string(), "{done}");
        assert_eq!(done["user"]["suspension_reason"], "ticket 7");

        let out = api.get(&ada, "/api/sources").await;
        assert_eq!(out.status, StatusCode::UNAUTHORIZED, "every sign-in has ended: {out:?}");
        let login = json!({ "email": "ada@example.com", "password": PASSWORD });
        let refused = api.ask(None, Method::POST, "/api/auth/login", Some(&login)).await;
        assert_eq!((refused.status, code(&refused).as_str()), (StatusCode::FORBIDDEN, "SUSPENDED"));
        assert_eq!(with_key().await, StatusCode::UNAUTHORIZED, "nobody owns the organisation any more");
        let digest =
            source["stream_key"].as_str().unwrap().parse::<neustream_model::StreamKey>().unwrap().digest();
        let host = api.db.store.host();
        assert!(host.source_by_key_digest(&digest).await.unwrap().is_none(), "nothing is published");

        let listed = api.get(&root, "/api/admin/users?search=ada@").await.json();
        assert_eq!(listed["users"][0]["suspension_reason"], "ticket 7");
        let done = api.post(&root, &format!("/api/admin/users/{id}/activate"), &json!({})).await.json();
        assert_eq!(done["user"]["suspended_at"], Value::Null);
        let login = api.ask(None, Method::POST, "/api/auth/login", Some(&login)).await;
        assert_eq!(login.status, StatusCode::OK, "{login:?}");
        assert_eq!(with_key().await, StatusCode::OK);
        assert!(host.source_by_key_digest(&digest).await.unwrap().is_some());
        let log = actions(&api, &root, "/api/admin/audit-log").await;
        assert_eq!(log[..2], ["user.activate", "user.suspend"]);

        let own = id_of(&api, &root).await;
        let refused =
            api.post(&root, &format!("/api/admin/users/{own}/suspend"), &json!({ "reason": "x" })).await;
        assert_eq!((refused.status, code(&refused).as_str()), (StatusCode::CONFLICT, "OWN_ACCOUNT"));
    })
    .await;
}

#[tokio::test]
async fn an_impersonation_is_seen_by_the_person_and_written_down_with_both_names() {
    on_both(async |api: TestApi| {
        let root = api.administrator().await;
        let root_id = id_of(&api, &root).await;
        let ada = api.account("ada@example.com").await;
        let id = id_of(&api, &ada).await;
        let source = text(&api.source(&ada).await["id"]);

        let path = format!("/api/admin/users/{id}/impersonate");
        assert_eq!(
            api.post(&root, &path, &json!({ "reason": "" })).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        let begun = api.post(&root, &path, &json!({ "reason": "You asked, ticket 9" })).await;
        assert_eq!(begun.status, StatusCode::CREATED, "{begun:?}");
        let begun = begun.json();
        let as_ada = Account { token: text(&begun["token"]), ..ada.clone() };

        let changed = api.put(&as_ada, &format!("/api/sources/{source}"), &json!({ "name": "Mended" })).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        assert_eq!(changed.headers["neustream-impersonated-by"], root_id.as_str());
        let profile = api.get(&as_ada, "/api/auth/profile").await.json();
        assert_eq!((&profile["impersonated_by"], &profile["user"]["id"]), (&json!(root_id), &json!(id)));
        let own = api.get(&ada, "/api/sources").await;
        assert!(!own.headers.contains_key("neustream-impersonated-by"));

        let letter = api.letters.take("ada@example.com", "impersonated").await;
        assert!(letter.text.contains("ticket 9"), "{}", letter.text);
        let sign_ins = api.get(&ada, "/api/auth/sign-ins").await.json();
        let seen = |sign_in: &Value| sign_in["id"] == begun["id"] && sign_in["is_impersonation"] == true;
        assert!(sign_ins["sign_ins"].as_array().unwrap().iter().any(seen), "{sign_ins}");

        let log = api.get(&ada, "/api/audit-log").await.json();
        let update =
            log["entries"].as_array().unwrap().iter().find(|entry| entry["action"] == "source.update");
        let update = update.unwrap().to_string();
        assert!(update.contains(&root_id) && update.contains(&id), "{update}");
        assert!(actions(&api, &ada, "/api/audit-log").await.contains(&"user.impersonate".to_owned()));
        assert!(actions(&api, &root, "/api/admin/audit-log").await.contains(&"user.impersonate".to_owned()));

        let refused = api.get(&as_ada, "/api/admin/users").await;
        assert_eq!(code(&refused), "NOT_ADMINISTRATOR", "a person's rights, no more");
        let ended = api.delete(&root, &format!("/api/admin/impersonations/{}", text(&begun["id"]))).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT);
        assert_eq!(code(&api.get(&as_ada, "/api/sources").await), "SIGN_IN_ENDED");
        let again = api.delete(&root, &format!("/api/admin/impersonations/{}", text(&begun["id"]))).await;
        assert_eq!(again.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn whoever_acts_for_somebody_cannot_touch_what_is_theirs_alone() {
    on_both(async |api: TestApi| {
        let root = api.administrator().await;
        let ada = api.account("ada@example.com").await;
        let id = id_of(&api, &ada).await;
        let begin = json!({ "reason": "ticket 9" });
        let begun = api.post(&root, &format!("/api/admin/users/{id}/impersonate"), &begin).await.json();
        let as_ada = Account { token: text(&begun["token"]), ..ada.clone() };

        for (method, path, body) in [
            (Method::PUT, "/api/auth/profile", json!({ "display_name": "Eve" })),
            (
                Method::PUT,
                "/api/auth/password",
                json!({ "current_password": PASSWORD, "password": "another one 1" }),
            ),
            (Method::DELETE, "/api/auth/sign-ins", json!({})),
            (Method::POST, "/api/auth/totp", json!({})),
        ] {
            let refused = api.ask(Some(&as_ada.token), method.clone(), path, Some(&body)).await;
            assert_eq!(code(&refused), "IMPERSONATED", "{method} {path}: {refused:?}");
        }
        let key = json!({ "name": "back door", "scopes": ["sources:read"] });
        let refused = api.post(&as_ada, "/api/api-keys", &key).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");

        // Ada herself ends it.
        let path = format!("/api/auth/sign-ins/{}", text(&begun["id"]));
        assert_eq!(api.delete(&ada, &path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(code(&api.get(&as_ada, "/api/sources").await), "SIGN_IN_ENDED");
    })
    .await;
}

#[tokio::test]
async fn nobody_acts_as_an_administrator_as_somebody_suspended_or_in_a_foreign_organisation() {
    on_both(async |api: TestApi| {
        let root = api.administrator().await;
        let own = id_of(&api, &root).await;
        let ada = api.member("ada@example.com").await;
        let bob = api.member("bob@example.com").await;
        let id = id_of(&api, &ada).await;
        let begin = json!({ "reason": "ticket 9" });
        let refused = api.post(&root, &format!("/api/admin/users/{own}/impersonate"), &begin).await;
        assert_eq!(
            (refused.status, code(&refused).as_str()),
            (StatusCode::FORBIDDEN, "IMPERSONATION_REFUSED")
        );

        let path = format!("/api/admin/users/{id}/impersonate");
        let foreign = json!({ "reason": "ticket 9", "organisation": bob.tenant });
        assert_eq!(api.post(&root, &path, &foreign).await.status, StatusCode::NOT_FOUND);
        api.post(&root, &format!("/api/admin/users/{id}/suspend"), &begin).await;
        assert_eq!(code(&api.post(&root, &path, &begin).await), "IMPERSONATION_REFUSED");
    })
    .await;
}
