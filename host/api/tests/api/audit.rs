//! `/api/audit-log`: what it tells, to whom, and whether it is still what was written.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::kit::{Account, TestApi, on_both, text};

const LOG: &str = "/api/audit-log";

async fn entries(api: &TestApi, account: &Account, query: &str) -> Vec<Value> {
    let answer = api.get(account, &format!("{LOG}{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["entries"].as_array().unwrap().clone()
}

/// An entry's hash, made anew from an export as docs/SECURITY.md tells.
fn hash_of(chain: &str, entry: &Value) -> String {
    let at = OffsetDateTime::parse(entry["at"].as_str().unwrap(), &Rfc3339).unwrap();
    let milliseconds = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap();
    let array = json!([
        "neustream-audit-1",
        chain,
        entry["sequence"],
        milliseconds,
        entry["actor"]["kind"],
        entry["actor"]["id"],
        entry["actor"]["impersonator_id"],
        entry["address"],
        entry["request_id"],
        entry["action"],
        entry["target"]["kind"],
        entry["target"]["id"],
        entry["before"],
        entry["after"],
        entry["reason"],
        entry["previous_hash"],
    ]);
    hex::encode(Sha256::digest(array.to_string()))
}

#[tokio::test]
async fn a_change_is_told_with_who_made_it_from_where_and_what_it_was_before() {
    on_both(async |api| {
        let account = api.member("ada@example.com").await;
        let source = text(&api.source(&account).await["id"]);
        let changed = api.put(&account, &format!("/api/sources/{source}"), &json!({ "name": "Stage" })).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");

        let told = entries(&api, &account, &format!("?target={source}")).await;
        assert_eq!(told.len(), 2, "{told:?}");
        let [entry, ..] = told.as_slice() else { panic!() };
        assert_eq!(entry["action"], "source.update", "the latest comes first");
        assert_eq!(entry["actor"]["kind"], "person");
        assert_eq!(entry["actor"]["name"], "Ada");
        assert_eq!(entry["address"], "192.0.2.1");
        assert_eq!(entry["request_id"], changed.headers["x-request-id"].to_str().unwrap());
        assert_eq!((&entry["before"]["name"], &entry["after"]["name"]), (&json!("Main"), &json!("Stage")));
        assert_eq!(told[1]["action"], "source.create");
    })
    .await;
}

#[tokio::test]
async fn services_that_know_an_organisation_by_its_id_alone_still_name_the_caller() {
    on_both(async |api| {
        let account = api.member("ada@example.com").await;
        api.publisher(&account, "acme").await;
        let installed = api.install(&account, "neustream/twitch", &json!({})).await;
        let path = format!("/api/installations/{}/disable", text(&installed["id"]));
        let off = api.post(&account, &path, &json!({})).await;
        assert_eq!(off.status, StatusCode::OK, "{off:?}");
        for action in ["publisher.create", "installation.install", "installation.update"] {
            let told = entries(&api, &account, &format!("?action={action}")).await;
            assert_eq!(told.len(), 1, "{action}: {told:?}");
            assert_eq!(told[0]["actor"]["kind"], "person", "{action}");
            assert!(told[0]["request_id"].is_string(), "{action}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_log_is_filtered_and_read_page_by_page_and_is_each_organisations_own() {
    on_both(async |api| {
        let account = api.member("ada@example.com").await;
        for _ in 0..5 {
            api.source(&account).await;
        }
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let answer = api.get(&account, &format!("{LOG}?action=source&limit=2{cursor}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            let page = answer.json();
            seen.extend(
                page["entries"].as_array().unwrap().iter().map(|entry| entry["sequence"].as_u64().unwrap()),
            );
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.len(), 5);
        assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");

        let who = entries(&api, &account, "?limit=1").await[0]["actor"]["id"].clone();
        assert_eq!(
            entries(&api, &account, &format!("?actor={}&action=source.create", text(&who))).await.len(),
            5
        );
        assert!(entries(&api, &account, "?from=2999-01-01T00:00:00Z").await.is_empty());
        assert!(entries(&api, &account, "?until=2001-01-01T00:00:00Z").await.is_empty());
        assert!(entries(&api, &account, "?target_kind=source&action=installation").await.is_empty());
        let eve = api.member("eve@example.com").await;
        assert!(entries(&api, &eve, "?action=source").await.is_empty());
        for wrong in ["?from=yesterday", "?until=1"] {
            let answer = api.get(&account, &format!("{LOG}{wrong}")).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {answer:?}");
        }
        assert_eq!(api.get(&account, &format!("{LOG}?cursor=%21")).await.status, StatusCode::BAD_REQUEST);
    })
    .await;
}

#[tokio::test]
async fn an_export_carries_all_that_is_needed_to_follow_the_chain() {
    on_both(async |api| {
        let account = api.member("ada@example.com").await;
        let source = text(&api.source(&account).await["id"]);
        api.put(&account, &format!("/api/sources/{source}"), &json!({ "name": "=cmd(), \"so\"" })).await;
        api.delete(&account, &format!("/api/sources/{source}")).await;
        let answer = api.get(&account, &format!("{LOG}/export")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.headers["content-type"], "application/x-ndjson");
        let lines = String::from_utf8(answer.bytes).unwrap();
        let exported: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(exported.len() >= 3, "{exported:?}");
        let mut previous = "0".repeat(64);
        for entry in &exported {
            assert_eq!(entry["previous_hash"], json!(previous));
            previous = hash_of(&account.tenant, entry);
            assert_eq!(entry["hash"], json!(previous), "{entry}");
        }
        let verified = api.get(&account, &format!("{LOG}/verify")).await.json();
        assert_eq!(verified["head_hash"], json!(previous));

        let answer = api.get(&account, &format!("{LOG}/export?format=csv&action=source")).await;
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
        let table = String::from_utf8(answer.bytes).unwrap();
        assert!(table.starts_with("sequence,at,actor_kind,"), "{table}");
        assert_eq!(table.matches("\r\n").count(), 4, "a line of names and three entries: {table}");
    })
    .await;
}

#[tokio::test]
async fn a_log_that_somebody_tampered_with_is_told_from_one_that_is_intact() {
    on_both(async |api| {
        let account = api.member("ada@example.com").await;
        api.source(&account).await;
        let verified = api.get(&account, &format!("{LOG}/verify")).await.json();
        assert_eq!((&verified["is_intact"], &verified["problem"]), (&json!(true), &Value::Null));
        let tenant = &account.tenant;
        api.db
            .execute(format!("UPDATE audit_entries SET after_json = NULL WHERE tenant_id = '{tenant}'"))
            .await;
        let verified = api.get(&account, &format!("{LOG}/verify")).await.json();
        assert_eq!(verified["is_intact"], false);
        assert!(text(&verified["problem"]).contains("was changed after it was written"), "{verified}");
    })
    .await;
}

#[tokio::test]
async fn administrators_read_the_platforms_log_and_nobody_else() {
    on_both(async |api| {
        let account = api.member("ada@example.com").await;
        api.publisher(&account, "acme").await;
        api.partner("acme").await;
        let root = api.administrator().await;
        let answer = api.get(&root, "/api/admin/audit-log?action=partner.create").await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let told = answer.json()["entries"].as_array().unwrap().clone();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["target"]["id"], json!(account.tenant));
        assert_eq!(
            entries(&api, &account, "?action=partner").await.len(),
            1,
            "the organisation sees it, too"
        );
        assert_eq!(api.get(&root, "/api/admin/audit-log/verify").await.json()["is_intact"], true);
        for path in ["", "/verify", "/export"] {
            let answer = api.get(&account, &format!("/api/admin/audit-log{path}")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_belongs_to_one_app_is_not_there_for_another() {
    on_both(async |api| {
        let account = api.member("ada@example.com").await;
        let source = text(&api.source(&account).await["id"]);
        let installation = text(&api.install(&account, "neustream/twitch", &json!({})).await["id"]);
        let made = api.post(&account, "/api/apps", &json!({ "name": "Other" })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let other = text(&made.json()["app"]["id"]);
        let ask = async |method: Method, path: String, body: Option<Value>| {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("authorization", format!("Bearer {}", account.token))
                .header("neustream-app", &other)
                .header("content-type", "application/json");
            let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
            api.send(request.body(body).unwrap()).await
        };
        let foreign = [
            (Method::GET, format!("/api/sources/{source}"), None),
            (Method::PUT, format!("/api/sources/{source}"), Some(json!({ "name": "Mine" }))),
            (Method::DELETE, format!("/api/sources/{source}"), None),
            (Method::GET, format!("/api/sources/{source}/destinations"), None),
            (Method::GET, format!("/api/installations/{installation}"), None),
            (Method::POST, format!("/api/installations/{installation}/disable"), None),
            (Method::GET, format!("/api/installations/{installation}/activity"), None),
            (Method::DELETE, format!("/api/installations/{installation}"), None),
        ];
        for (method, path, body) in foreign {
            let answer = ask(method.clone(), path.clone(), body).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}: {answer:?}");
        }
        let sources = ask(Method::GET, "/api/sources".to_owned(), None).await;
        assert_eq!(sources.json()["sources"].as_array().map(Vec::len), Some(0));
        let made =
            ask(Method::POST, "/api/sources".to_owned(), Some(json!({ "name": "Of the other" }))).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let id = text(&made.json()["source"]["id"]);
        assert_eq!(api.get(&account, &format!("/api/sources/{id}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(ask(Method::GET, format!("/api/sources/{id}"), None).await.status, StatusCode::OK);
    })
    .await;
}
