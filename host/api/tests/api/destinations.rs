use axum::http::StatusCode;
use neustream_api::ApiSettings;
use neustream_model::SourceId;
use serde_json::{Value, json};

use crate::kit::{Account, TestApi, on_both, text};

const KEY: &str = "live_4711_verysecretkey";

async fn prepared(api: &TestApi) -> (Account, SourceId, String) {
    let ada = api.account("ada@example.com").await;
    let source = api.source(&ada).await;
    let id = text(&source["id"]);
    let path = format!("/api/sources/{id}/destinations");
    (ada, id.parse().unwrap(), path)
}

async fn stored_key(api: &TestApi, source: SourceId) -> String {
    let active = api.db.store.host().active_destinations(source).await.unwrap();
    active[0].secrets["stream-key"].expose().to_owned()
}

#[tokio::test]
async fn the_short_and_the_long_form_say_the_same() {
    on_both(async |api| {
        let (ada, source, path) = prepared(&api).await;
        let url = "rtmp://live.example.com/app";
        let short = json!({ "platform": "custom", "rtmp_url": url, "stream_key": KEY });
        let long = json!({
            "plugin": "neustream/custom-rtmp", "config": { "rtmp_url": url }, "secrets": { "stream-key": KEY },
        });
        for body in [short, long] {
            let answer = api.post(&ada, &path, &body).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
            assert!(!answer.text().contains(KEY));
            let destination = &answer.json()["destination"];
            assert_eq!(destination["platform"], "custom");
            assert_eq!(destination["plugin"], "neustream/custom-rtmp");
            assert_eq!(destination["rtmp_url"], url);
            assert_eq!(destination["config"], json!({ "rtmp_url": url }));
            assert_eq!(destination["is_active"], true);
            assert_eq!(destination["secrets"]["stream-key"]["set"], true);
            assert!(text(&destination["secrets"]["stream-key"]["updated_at"]).ends_with('Z'));
            assert_eq!(api.live.told(), [format!("changed {source}")]);
        }
        assert_eq!(stored_key(&api, source).await, KEY);
        let listed = api.get(&ada, &path).await;
        assert_eq!(listed.json()["destinations"].as_array().unwrap().len(), 2);
        assert!(!listed.text().contains(KEY));
    })
    .await;
}

#[tokio::test]
async fn an_edit_changes_what_it_names() {
    on_both(async |api| {
        let (ada, source, path) = prepared(&api).await;
        let body =
            json!({ "platform": "custom", "rtmp_url": "rtmp://one.example.com/app", "stream_key": KEY });
        let made = api.post(&ada, &path, &body).await.json()["destination"].clone();
        let path = format!("/api/sources/destinations/{}", text(&made["id"]));
        api.live.told();

        let edit = json!({ "rtmp_url": "rtmp://two.example.com/app", "name": "Backup" });
        let answer = api.put(&ada, &path, &edit).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let edited = &answer.json()["destination"];
        assert_eq!(edited["rtmp_url"], "rtmp://two.example.com/app");
        assert_eq!(edited["name"], "Backup");
        assert_eq!(edited["is_active"], true);
        assert_eq!(stored_key(&api, source).await, KEY);

        let edit = json!({ "secrets": { "stream-key": "  fresh\n" } });
        assert_eq!(api.put(&ada, &path, &edit).await.status, StatusCode::OK);
        assert_eq!(stored_key(&api, source).await, "fresh");

        let off = api.put(&ada, &path, &json!({ "is_active": false })).await;
        assert_eq!(off.json()["destination"]["is_active"], false);
        assert!(api.db.store.host().active_destinations(source).await.unwrap().is_empty());
        assert_eq!(api.live.told(), vec![format!("changed {source}"); 3]);
    })
    .await;
}

#[tokio::test]
async fn a_removed_destination_is_gone() {
    on_both(async |api| {
        let (ada, source, path) = prepared(&api).await;
        let body = json!({ "platform": "twitch", "stream_key": KEY });
        let made = api.post(&ada, &path, &body).await.json()["destination"].clone();
        api.live.told();
        let one = format!("/api/sources/destinations/{}", text(&made["id"]));
        assert_eq!(api.delete(&ada, &one).await.status, StatusCode::NO_CONTENT);
        assert_eq!(api.live.told(), [format!("changed {source}")]);
        api.delete(&ada, &one).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        assert_eq!(api.get(&ada, &path).await.json(), json!({ "destinations": [], "next_cursor": null }));
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_destination_is_said_without_repeating_a_key() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let (ada, source, path) = prepared(&api).await;
    let invalid = |body: Value, details: &'static str| (body, "VALIDATION_FAILED", details);
    for (body, code, expected) in [
        invalid(json!({}), "plugin: "),
        invalid(json!({ "platform": "vimeo" }), "platform: must be one of custom, twitch"),
        invalid(json!({ "platform": "twitch", "plugin": "neustream/twitch" }), "platform: "),
        invalid(json!({ "plugin": "nobody/nothing" }), "plugin: "),
        invalid(json!({ "platform": "twitch" }), "secrets: neustream/twitch needs stream-key"),
        invalid(
            json!({ "platform": "twitch", "secrets": { KEY: "x" } }),
            "secrets: neustream/twitch takes: ",
        ),
        invalid(json!({ "platform": "twitch", "stream_key": "  " }), "secrets: stream-key must not be empty"),
        invalid(
            json!({ "platform": "twitch", "stream_key": "a\nb" }),
            "secrets: stream-key must be one line",
        ),
        invalid(
            json!({ "platform": "twitch", "stream_key": "x".repeat(4097) }),
            "secrets: stream-key has more",
        ),
        (json!({ "platform": "custom", "stream_key": KEY }), "CONFIG_INVALID", "configuration: "),
        (
            json!({ "platform": "custom", "rtmp_url": format!("http://{KEY}"), "stream_key": KEY }),
            "CONFIG_INVALID",
            "/rtmp_url: ",
        ),
        (
            json!({ "platform": "custom", "rtmp_url": "rtmp://127.0.0.1/live", "stream_key": KEY }),
            "ADDRESS_REFUSED",
            "config.rtmp_url: the address is this machine's own",
        ),
    ] {
        let answer = api.post(&ada, &path, &body).await;
        let details = text(&answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, code));
        assert!(details.starts_with(expected), "{body}: {details}");
        assert!(!answer.text().contains(KEY), "{}", answer.text());
    }
    assert!(api.live.told().is_empty());
    assert!(api.db.store.host().active_destinations(source).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_edit_is_judged_like_a_new_destination() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let (ada, _, path) = prepared(&api).await;
    let body = json!({ "platform": "custom", "rtmp_url": "rtmp://one.example.com/app", "stream_key": KEY });
    let made = api.post(&ada, &path, &body).await.json()["destination"].clone();
    let path = format!("/api/sources/destinations/{}", text(&made["id"]));
    for (body, code) in [
        (json!({ "rtmp_url": "rtmp://localhost/live" }), "ADDRESS_REFUSED"),
        (json!({ "config": {} }), "CONFIG_INVALID"),
        (json!({ "secrets": { "stream-key": null } }), "VALIDATION_FAILED"),
        (json!({ "secrets": { "other": "x" } }), "VALIDATION_FAILED"),
    ] {
        let answer = api.put(&ada, &path, &body).await;
        answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, code);
    }
}

#[tokio::test]
async fn a_source_takes_only_so_many_destinations() {
    let api = TestApi::on_sqlite(ApiSettings { max_destinations: 1, ..ApiSettings::default() }).await;
    let (ada, _, path) = prepared(&api).await;
    let body = json!({ "platform": "twitch", "stream_key": KEY });
    assert_eq!(api.post(&ada, &path, &body).await.status, StatusCode::CREATED);
    let refused = api.post(&ada, &path, &body).await;
    assert_eq!(refused.is_error(StatusCode::FORBIDDEN, "LIMIT_REACHED")["max"], 1);
}

#[tokio::test]
async fn plugins_are_listed_with_schema_and_secrets() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let listed = api.get(&ada, "/api/plugins").await.json();
    let ids: Vec<_> =
        listed["plugins"].as_array().unwrap().iter().map(|plugin| text(&plugin["id"])).collect();
    assert_eq!(ids, ["neustream/custom-rtmp", "neustream/twitch"]);
    let one = api.get(&ada, "/api/plugins/neustream/custom-rtmp").await.json();
    assert_eq!(one["plugin"]["platform"], "custom");
    assert_eq!(one["plugin"]["kind"], "destination");
    assert_eq!(one["plugin"]["config_schema"]["required"], json!(["rtmp_url"]));
    assert_eq!(one["plugin"]["secrets"][0]["name"], "stream-key");
    let missing = api.get(&ada, "/api/plugins/neustream/nothing").await;
    missing.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
}
