use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use neustream_catalogue::Decision;
use neustream_catalogue::testing::package;
use neustream_contract::{
    Activity, BreakerState, Egress, Fault, LimitWarning, LogLine, Manifest, PlanCeilings,
};
use neustream_model::{InstallationId, Reason, UnixMillis};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::kit::{Account, TestApi, on_both, tenant_of, text, twitch};

const KEY: &str = "live_4711_verysecretkey";

/// A chat connector with a schema, a secret and webhooks.
fn talk(version: &str, more: &str) -> bytes::Bytes {
    let text = format!(
        "schema = 1\nid = \"neustream/talk\"\nversion = \"{version}\"\nkind = \"chat\"\nname = \"Talk\"\n\
         license = \"MIT\"\n[capabilities.http]\nhosts = [\"https://api.example.com\"]\nreason = \"To read\"\n\
         [capabilities.webhook]\nreason = \"To hear\"\n\
         [capabilities.secrets.token]\nkind = \"string\"\nhosts = [\"api.example.com\"]\n\
         [config]\nschema = \"config.schema.json\"\n{more}"
    );
    let schema = json!({
        "type": "object", "required": ["channel"], "additionalProperties": false,
        "properties": { "channel": { "type": "string" }, "port": { "type": "integer" } },
    });
    package(&Manifest::from_toml(&text).unwrap(), Some(&schema.to_string()))
}

async fn installed(api: &TestApi, email: &str) -> (Account, Value, String) {
    let ada = api.account(email).await;
    api.catalogue.adopt(talk("1.0.0", "")).await.unwrap();
    let more = json!({ "config": { "channel": "ada" }, "secrets": { "token": KEY }, "name": "Talk" });
    let made = api.install(&ada, "neustream/talk", &more).await;
    let path = format!("/api/installations/{}", text(&made["id"]));
    (ada, made, path)
}

async fn patch(api: &TestApi, account: &Account, path: &str, body: &Value) -> crate::kit::Answer {
    api.ask(Some(&account.token), Method::PATCH, path, Some(body)).await
}

async fn ask(api: &TestApi, account: &Account, path: &str) -> crate::kit::Answer {
    api.ask(Some(&account.token), Method::POST, path, None).await
}

#[tokio::test]
async fn an_installation_is_shown_with_what_was_granted_and_never_with_a_secret() {
    on_both(async |api| {
        let (ada, made, path) = installed(&api, "ada@example.com").await;
        assert_eq!(
            (&made["state"], &made["enabled"], &made["name"]),
            (&json!("ready"), &json!(true), &json!("Talk"))
        );
        assert_eq!((&made["kind"], &made["version"]), (&json!("chat"), &json!("1.0.0")));
        assert_eq!(made["secrets"]["token"]["set"], true);
        assert_eq!(made["on_failure"], Value::Null, "only filters have it");
        assert!(made["permissions"].as_array().unwrap().iter().all(|line| line["granted"] == true));
        let shown = api.get(&ada, &path).await;
        assert_eq!(shown.json()["installation"], made);
        let listed = api.get(&ada, "/api/installations").await;
        assert_eq!(made["config_schema"]["required"], json!(["channel"]));
        let mut in_list = made.clone();
        in_list.as_object_mut().unwrap().remove("config_schema");
        assert_eq!(listed.json()["installations"], json!([in_list]));
        assert!(!listed.text().contains(KEY));

        // Some of what it asks for.
        let body = json!({ "plugin": "neustream/talk", "grant": ["webhook"] });
        let part = api.post(&ada, "/api/installations", &body).await.json()["installation"].clone();
        assert_eq!(part["state"], "needs-configuration");
        let codes: Vec<_> = part["problems"].as_array().unwrap().iter().map(|p| text(&p["code"])).collect();
        assert_eq!(codes, ["config-invalid", "secret-missing"]);
        let granted: BTreeMap<_, _> = part["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| (text(&line["capability"]), line["granted"] == true))
            .collect();
        let expected = [("http", false), ("secret", false), ("webhook", true)];
        assert_eq!(granted, expected.map(|(word, is)| (word.to_owned(), is)).into());
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_without_repeating_a_secret() {
    on_both(async |api| {
        let (ada, _, path) = installed(&api, "ada@example.com").await;
        let install = |more: Value| {
            let mut body = json!({ "plugin": "neustream/talk", "grant": [] });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        for (more, status, code) in [
            (json!({ "plugin": "neustream/nothing" }), StatusCode::NOT_FOUND, "NOT_FOUND"),
            (json!({ "version": "9.9.9" }), StatusCode::NOT_FOUND, "NOT_FOUND"),
            (json!({ "digest": "x" }), StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED"),
            (json!({ "grant": ["kv:1"] }), StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED"),
            (json!({ "ring": 7 }), StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED"),
            (json!({ "secrets": { KEY: KEY } }), StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED"),
            (json!({ "config": { "channel": 1 } }), StatusCode::UNPROCESSABLE_ENTITY, "CONFIG_INVALID"),
        ] {
            let answer = api.post(&ada, "/api/installations", &install(more.clone())).await;
            answer.is_error(status, code);
            assert!(!answer.text().contains(KEY), "{}", answer.text());
        }
        let wrong = json!({ "port": KEY, "other": 1 });
        let refused = api.put(&ada, &format!("{path}/config"), &wrong).await;
        let details = refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "CONFIG_INVALID");
        let pointers: BTreeSet<_> =
            details.as_array().unwrap().iter().map(|error| text(&error["pointer"])).collect();
        assert_eq!(pointers, ["", "/channel", "/port"].map(str::to_owned).into());
        assert!(!refused.text().contains(KEY));
        assert_eq!(
            api.get(&ada, "/api/installations").await.json()["installations"].as_array().unwrap().len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn settings_secrets_and_switches_change_what_they_name() {
    on_both(async |api| {
        let (ada, _, path) = installed(&api, "ada@example.com").await;
        let edit = json!({ "name": "Other", "ring": 1, "auto_upgrade": false, "grant": ["webhook"] });
        let edited = patch(&api, &ada, &path, &edit).await.json()["installation"].clone();
        assert_eq!(
            (&edited["name"], &edited["ring"], &edited["ring_chosen"]),
            (&json!("Other"), &json!(1), &json!(true))
        );
        assert_eq!((&edited["auto_upgrade"], &edited["grant"]), (&json!(false), &json!(["webhook"])));
        let edited = patch(&api, &ada, &path, &json!({ "ring": null })).await.json()["installation"].clone();
        assert_eq!((&edited["ring_chosen"], &edited["name"]), (&json!(false), &json!("Other")));

        let configured = api.put(&ada, &format!("{path}/config"), &json!({ "channel": "new" })).await;
        assert_eq!(configured.json()["installation"]["config"], json!({ "channel": "new" }));
        let removed = api.put(&ada, &format!("{path}/secrets"), &json!({ "token": null })).await;
        assert_eq!(removed.json()["installation"]["secrets"], json!({}));
        let set = api.put(&ada, &format!("{path}/secrets"), &json!({ "token": KEY })).await;
        assert_eq!(set.json()["installation"]["secrets"]["token"]["set"], true);
        assert!(!set.text().contains(KEY));

        for (switch, state) in [("disable", "disabled"), ("disable", "disabled"), ("enable", "ready")] {
            let answer = ask(&api, &ada, &format!("{path}/{switch}")).await;
            assert_eq!(answer.json()["installation"]["state"], state);
        }
        let passed = ask(&api, &ada, &format!("{path}/self-test")).await.json();
        assert_eq!((&passed["passed"], &passed["checks"][0]["name"]), (&json!(true), &json!("imports")));
        api.platform.find(Some(Reason::new("config", "no channel")));
        let failed = ask(&api, &ada, &format!("{path}/self-test")).await.json();
        assert_eq!(
            (&failed["passed"], &failed["checks"][0]["message"]),
            (&json!(false), &json!("no channel"))
        );

        assert_eq!(api.delete(&ada, &path).await.status, StatusCode::NO_CONTENT);
        api.get(&ada, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        api.delete(&ada, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn an_upgrade_asks_with_the_difference_and_a_rollback_takes_it_back() {
    on_both(async |api| {
        let (ada, _, path) = installed(&api, "ada@example.com").await;
        let (upgrade, rollback) = (format!("{path}/upgrade"), format!("{path}/rollback"));
        assert_eq!(api.get(&ada, &upgrade).await.json(), json!({ "upgrade": null }));
        ask(&api, &ada, &upgrade).await.is_error(StatusCode::CONFLICT, "NOTHING_NEWER");
        ask(&api, &ada, &rollback).await.is_error(StatusCode::CONFLICT, "NOTHING_FORMER");

        let more = "[capabilities.connect]\nhosts = [\"wss://chat.example.com\"]\nreason = \"To hear\"\n";
        api.catalogue.adopt(talk("1.1.0", more)).await.unwrap();
        let plan = api.get(&ada, &upgrade).await.json()["upgrade"].clone();
        assert_eq!((&plan["automatic"], &plan["to"]["version"]), (&json!(false), &json!("1.1.0")));
        assert_eq!(plan["permissions"].as_array().unwrap().len(), 1);
        let key = plan["permissions"][0]["keys"][0].clone();
        assert_eq!(key, "connect:wss://chat.example.com");

        let details = ask(&api, &ada, &upgrade).await.is_error(StatusCode::CONFLICT, "CONSENT_NEEDED");
        assert_eq!(details["upgrade"], plan);
        let upgraded = api.post(&ada, &upgrade, &json!({ "grant": [key] })).await;
        assert_eq!(upgraded.json()["installation"]["version"], "1.1.0");
        let former = api.get(&ada, &rollback).await.json()["former"].clone();
        assert_eq!((former.as_array().unwrap().len(), &former[0]["version"]), (1, &json!("1.0.0")));

        let back = ask(&api, &ada, &rollback).await;
        assert_eq!(back.json()["installation"]["version"], "1.0.0");

        api.catalogue.adopt(talk("2.0.0", "")).await.unwrap();
        let forward = api.post(&ada, &upgrade, &json!({ "version": "2.0.0" })).await;
        assert_eq!(forward.json()["installation"]["version"], "2.0.0");
    })
    .await;
}

#[tokio::test]
async fn a_rollback_across_a_state_schema_must_be_forced() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let state = |version: &str, schema: u32| {
            let text = format!(
                "schema = 1\nid = \"neustream/judge\"\nversion = \"{version}\"\nkind = \"moderation\"\n\
                 name = \"Judge\"\nlicense = \"MIT\"\nstate-schema = {schema}\n"
            );
            package(&Manifest::from_toml(&text).unwrap(), None)
        };
        api.catalogue.adopt(state("1.0.0", 1)).await.unwrap();
        let made = api.install(&ada, "neustream/judge", &json!({ "on_failure": "delete" })).await;
        assert_eq!((&made["on_failure"], &made["position"]), (&json!("delete"), &json!(1)));
        let path = format!("/api/installations/{}", text(&made["id"]));
        api.catalogue.adopt(state("2.0.0", 2)).await.unwrap();
        ask(&api, &ada, &format!("{path}/upgrade")).await;
        let refused = ask(&api, &ada, &format!("{path}/rollback")).await;
        let details = refused.is_error(StatusCode::CONFLICT, "STATE_SCHEMA");
        assert_eq!(details, json!({ "version": "1.0.0", "from": 2, "to": 1 }));
        let forced = api.post(&ada, &format!("{path}/rollback"), &json!({ "force": true })).await;
        assert_eq!(forced.json()["installation"]["version"], "1.0.0");
    })
    .await;
}

#[tokio::test]
async fn a_suspended_version_says_why() {
    on_both(async |api| {
        let (ada, made, path) = installed(&api, "ada@example.com").await;
        let digest = text(&made["digest"]).parse().unwrap();
        let admin = api.db.store.host().user_by_email("ada@example.com").await.unwrap().unwrap();
        api.catalogue.decide(&digest, Decision::Suspend, "it leaks", admin.id).await.unwrap();
        let shown = api.get(&ada, &path).await.json()["installation"].clone();
        assert_eq!((&shown["state"], &shown["reason"]), (&json!("suspended"), &json!("it leaks")));
        let refused = ask(&api, &ada, &format!("{path}/self-test")).await;
        refused.is_error(StatusCode::CONFLICT, "PLUGIN_NOT_RUNNABLE");
    })
    .await;
}

#[tokio::test]
async fn a_plans_limit_is_told_with_a_way_out() {
    let settings = neustream_api::ApiSettings {
        upgrade_url: Some("https://example.com/plans".to_owned()),
        ..Default::default()
    };
    let api = TestApi::on_sqlite(settings).await;
    let (ada, _, _) = installed(&api, "ada@example.com").await;
    let ceilings = PlanCeilings { installations: 1, ..PlanCeilings::default() };
    api.catalogue.set_ceilings_of_plan("unlimited", ceilings).await.unwrap();
    let expected = json!({ "current": 1, "max": 1, "upgrade_url": "https://example.com/plans" });
    let body = json!({ "plugin": "neustream/talk", "grant": [] });
    let refused = api.post(&ada, "/api/installations", &body).await;
    assert_eq!(refused.is_error(StatusCode::FORBIDDEN, "LIMIT_REACHED"), expected);
    let source = api.source(&ada).await;
    let path = format!("/api/sources/{}/destinations", text(&source["id"]));
    let refused = api.post(&ada, &path, &json!({ "platform": "twitch", "stream_key": "k" })).await;
    assert_eq!(refused.is_error(StatusCode::FORBIDDEN, "LIMIT_REACHED"), expected);
}

#[tokio::test]
async fn figures_say_what_left_the_platform_and_what_comes_near_a_limit() {
    on_both(async |api| {
        let (ada, made, path) = installed(&api, "ada@example.com").await;
        let (tenant, id): (_, InstallationId) =
            (tenant_of(&api, &ada).parse().unwrap(), text(&made["id"]).parse().unwrap());
        let at = UnixMillis(1_800_000_000_000);
        let egress = Egress {
            requests: 2,
            bytes_out: 300,
            bytes_in: 4000,
            secrets: BTreeSet::from(["token".to_owned()]),
        };
        let activity = Activity {
            calls: 10,
            errors: 2,
            faults: 1,
            p50_us: 20,
            p95_us: 90,
            p99_us: 99,
            memory_peak_bytes: 1 << 20,
            last_fault: Some(Fault {
                at,
                function: "handle".to_owned(),
                reason: Reason::new("plugin-trap", "it divided by zero"),
            }),
            breaker: BreakerState::Open { until: at },
            egress: BTreeMap::from([("api.example.com".to_owned(), egress)]),
            warnings: BTreeMap::from([("memory".to_owned(), LimitWarning { used: 15, limit: 16, at })]),
            ..Activity::default()
        };
        api.platform.happen(tenant, id, activity.clone());
        let shown = api.get(&ada, &format!("{path}/activity")).await.json();
        assert_eq!(shown["breaker"], json!({ "state": "open", "until": "2027-01-15T08:00:00Z" }));
        let live = &shown["live"];
        assert_eq!((&live["calls"], &live["errors"], &live["faults"]), (&json!(10), &json!(2), &json!(1)));
        assert_eq!((&live["p50_us"], &live["p99_us"]), (&json!(20), &json!(99)));
        let egress = json!([{
            "host": "api.example.com", "requests": 2, "bytes_out": 300, "bytes_in": 4000, "secrets": ["token"],
        }]);
        assert_eq!(live["egress"], egress);
        assert_eq!(live["last_fault"]["message"], "it divided by zero");
        assert_eq!((&live["warnings"][0]["limit"], &live["warnings"][0]["max"]), (&json!("memory"), &json!(16)));
        assert_eq!(shown["days"], json!([]));

        api.installations.flush(UnixMillis::now()).await.unwrap();
        let shown = api.get(&ada, &format!("{path}/activity?days=1")).await.json();
        assert_eq!((&shown["days"][0]["calls"], &shown["days"][0]["egress"]), (&json!(10), &egress));
    })
    .await;
}

#[tokio::test]
async fn a_log_is_read_from_any_line_on_and_followed_live() {
    on_both(async |api| {
        let (ada, made, path) = installed(&api, "ada@example.com").await;
        let id: InstallationId = text(&made["id"]).parse().unwrap();
        let line = |number| LogLine {
            number,
            at: UnixMillis(1_800_000_000_000),
            level: "info".to_owned(),
            text: format!("line {number}"),
        };
        api.platform.write(id, line(1));
        api.platform.write(id, line(2));
        let read = api.get(&ada, &format!("{path}/logs?after=1")).await.json();
        let expected =
            json!({ "number": 2, "at": "2027-01-15T08:00:00Z", "level": "info", "text": "line 2" });
        assert_eq!(read, json!({ "lines": [expected] }));

        let follow = |after: Option<&str>| {
            let mut request = Request::get(format!("{path}/logs/stream"))
                .header("authorization", format!("Bearer {}", ada.token));
            if let Some(after) = after {
                request = request.header("last-event-id", after);
            }
            api.router.clone().oneshot(request.body(Body::empty()).unwrap())
        };
        let mut followed = follow(Some("1")).await.unwrap();
        assert_eq!(followed.headers()["content-type"], "text/event-stream");
        assert_eq!(api.platform.followers(id), 1);
        api.platform.write(id, line(3));
        for number in [2, 3] {
            let frame = followed.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
            let event = String::from_utf8(frame.to_vec()).unwrap();
            let is_event = event.contains("event: line\n") && event.contains(&format!("id: {number}\n"));
            assert!(is_event && event.contains(&format!("\"text\":\"line {number}\"")), "{event}");
        }
        // Each user follows only so many.
        let mut more = Vec::new();
        for _ in 0..4 {
            more.push(follow(None).await.unwrap());
        }
        assert_eq!(follow(None).await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
        drop(followed);
        assert_eq!(follow(None).await.unwrap().status(), StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_destination_uses_an_installation_and_lays_its_own_settings_over_it() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let path = format!("/api/sources/{}/destinations", text(&source["id"]));
        let more = json!({ "secrets": { "stream-key": KEY } });
        let installation = api.install(&ada, "neustream/custom-rtmp", &more).await;
        assert_eq!(installation["state"], "ready", "its destinations complete it");

        let body =
            json!({ "installation_id": installation["id"], "rtmp_url": "rtmp://live.example.com/app" });
        let made = api.post(&ada, &path, &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let made = made.json()["destination"].clone();
        assert_eq!(
            (&made["installation_id"], &made["plugin"]),
            (&installation["id"], &json!("neustream/custom-rtmp"))
        );
        assert_eq!(made["secrets"], json!({}), "the installation's key is used");

        // The installation's configuration counts, too.
        let config = format!("/api/installations/{}/config", text(&installation["id"]));
        let configured = api.put(&ada, &config, &json!({ "rtmp_url": "rtmp://all.example.com/app" })).await;
        assert_eq!(configured.status, StatusCode::OK, "{configured:?}");
        let bare = api.post(&ada, &path, &json!({ "installation_id": installation["id"] })).await;
        assert_eq!(bare.status, StatusCode::CREATED, "{bare:?}");
        let own = json!({ "rtmp_url": "rtmp://127.0.0.1/app" });
        api.put(&ada, &config, &own).await.is_error(StatusCode::UNPROCESSABLE_ENTITY, "ADDRESS_REFUSED");

        let used = format!("/api/installations/{}", text(&installation["id"]));
        let details = api.delete(&ada, &used).await.is_error(StatusCode::CONFLICT, "IN_USE");
        assert_eq!(details, json!({ "destinations": 2 }));

        // Another installation of the same plugin, and no other.
        let second = api.install(&ada, "neustream/custom-rtmp", &more).await;
        let one = format!("/api/sources/destinations/{}", text(&made["id"]));
        let moved = api.put(&ada, &one, &json!({ "installation_id": second["id"] })).await;
        assert_eq!(moved.json()["destination"]["installation_id"], second["id"]);
        let other = api.install(&ada, "neustream/twitch", &more).await;
        let refused = api.put(&ada, &one, &json!({ "installation_id": other["id"] })).await;
        refused.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        let both = json!({ "installation_id": other["id"], "platform": "twitch" });
        api.post(&ada, &path, &both).await.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    })
    .await;
}

#[tokio::test]
async fn a_destination_without_one_gets_the_tenants_installation_and_another_tenants_is_not_there() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let path = format!("/api/sources/{}/destinations", text(&source["id"]));
        let body = json!({ "platform": "twitch", "stream_key": KEY });
        let first = api.post(&ada, &path, &body).await.json()["destination"].clone();
        let second = api.post(&ada, &path, &body).await.json()["destination"].clone();
        assert_eq!(first["installation_id"], second["installation_id"]);
        let listed = api.get(&ada, "/api/installations").await.json();
        assert_eq!(listed["installations"].as_array().unwrap().len(), 1);
        assert_eq!(listed["installations"][0]["id"], first["installation_id"]);

        let eve = api.account("eve@example.com").await;
        let source = api.source(&eve).await;
        let path = format!("/api/sources/{}/destinations", text(&source["id"]));
        let body = json!({ "installation_id": first["installation_id"], "stream_key": KEY });
        api.post(&eve, &path, &body).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        api.catalogue.adopt(twitch("1.1.0")).await.unwrap();
        let own = api.install(&eve, "neustream/twitch", &json!({})).await;
        assert_eq!(own["version"], "1.1.0");
    })
    .await;
}
