//! Whether a source is ready to go on air.

use std::time::Duration;

use axum::http::StatusCode;
use neustream_api::ApiSettings;
use neustream_contract::destination::Limits;
use neustream_contract::{CallError, CallErrorKind};
use neustream_live::{DestinationProbe, ProbeOutcome};
use neustream_model::{Reason, TrackInfo};
use serde_json::{Value, json};

use crate::kit::{Account, TestApi, on_both, tenant_of, text};

async fn checked(api: &TestApi, account: &Account, source: &Value) -> Value {
    let path = format!("/api/sources/{}/pre-flight", text(&source["id"]));
    let answer = api.post(account, &path, &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

/// The check of this code and destination.
fn check<'a>(body: &'a Value, code: &str, destination: &Value) -> &'a Value {
    let checks = body["checks"].as_array().unwrap();
    let found = checks.iter().find(|one| one["code"] == code && one["destination_id"] == *destination);
    found.unwrap_or_else(|| panic!("no {code} of {destination} in {body:#}"))
}

fn answer_with(api: &TestApi, destination: &Value, limits: Option<Limits>, outcome: ProbeOutcome) {
    let id = text(&destination["id"]).parse().unwrap();
    *api.live.probes.lock().unwrap() = vec![DestinationProbe { id, limits, outcome }];
}

#[tokio::test]
async fn without_an_encoder_that_is_the_problem_and_destinations_are_asked_all_the_same() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        let nowhere = checked(&api, &ada, &source).await;
        assert_eq!(nowhere["is_ready"], false);
        assert_eq!(check(&nowhere, "encoder-connected", &Value::Null)["status"], "problem");
        assert_eq!(check(&nowhere, "destination-enabled", &Value::Null)["status"], "warning");
        for code in ["video-codec", "resolution", "keyframe-interval", "audio-present", "frame-rate"] {
            assert_eq!(check(&nowhere, code, &Value::Null)["status"], "unknown", "{code}");
        }

        let destination = api.destination(&ada, &source).await;
        answer_with(&api, &destination, None, ProbeOutcome::Accepted);
        let asked = checked(&api, &ada, &source).await;
        for code in ["destination-enabled", "plugin-ready", "key-accepted"] {
            assert_eq!(check(&asked, code, &destination["id"])["status"], "ok", "{code}");
        }
        assert_eq!(check(&asked, "streaming-hours", &Value::Null)["unit"], "hours");
    })
    .await;
}

#[tokio::test]
async fn what_the_encoder_sends_is_held_against_each_destinations_limits() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let source = api.source(&ada).await;
    let destination = api.destination(&ada, &source).await;
    let mut session = api.live.run(&source, &tenant_of(&api, &ada), Some(&destination));
    let limits = Limits { video_kbps: 6_000, audio_kbps: 160, keyframe: Duration::from_secs(2) };
    answer_with(&api, &destination, Some(limits), ProbeOutcome::IsLive);
    let good = checked(&api, &ada, &source).await;
    assert_eq!(good["is_ready"], true, "{good:#}");
    assert_eq!(check(&good, "audio-present", &Value::Null)["status"], "warning");
    assert_eq!(check(&good, "resolution", &Value::Null)["actual"], "1280x720");
    assert_eq!(check(&good, "frame-rate", &Value::Null)["actual"], 30.0);
    assert_eq!(check(&good, "key-accepted", &destination["id"])["status"], "ok");

    session.keyframe_interval_ms = Some(8_300);
    session.video_bitrate_bps = 9_000_000;
    session.audio_bitrate_bps = 128_000;
    let track = session.tracks[0].clone();
    session.tracks.push(TrackInfo { kind: "audio".to_owned(), codec: "mp4a.40.2".to_owned(), ..track });
    api.live.replace(session);
    let bad = checked(&api, &ada, &source).await;
    assert_eq!(bad["is_ready"], false);
    let keyframes = check(&bad, "keyframe-interval", &destination["id"]);
    assert_eq!(keyframes["status"], "problem");
    assert_eq!((&keyframes["actual"], &keyframes["limit"]), (&json!(8_300), &json!(2_000)));
    assert_eq!(keyframes["unit"], "ms");
    assert!(text(&keyframes["message"]).contains("8.3 s"), "{keyframes}");
    assert_eq!(check(&bad, "keyframe-interval", &Value::Null)["status"], "warning");
    assert_eq!(check(&bad, "video-bitrate", &destination["id"])["status"], "problem");
    assert_eq!(check(&bad, "audio-bitrate", &destination["id"])["status"], "ok");
    assert_eq!(check(&bad, "audio-codec", &Value::Null)["status"], "ok");
}

#[tokio::test]
async fn a_key_that_is_refused_a_plugin_that_fails_and_a_lost_account_are_told_apart() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let source = api.source(&ada).await;
    let destination = api.destination(&ada, &source).await;
    let id = &destination["id"];

    let reason = Reason::new("rejected", "the destination refused the publication: BadName");
    answer_with(&api, &destination, None, ProbeOutcome::Refused(reason));
    let refused = checked(&api, &ada, &source).await;
    assert_eq!(check(&refused, "plugin-ready", id)["status"], "ok");
    let key = check(&refused, "key-accepted", id);
    assert_eq!(key["status"], "problem");
    assert_eq!(key["message"], "The destination refused the publication: BadName.");

    let trap = CallError::new(CallErrorKind::Trap, "plugin-trap", "The plugin panicked.");
    answer_with(&api, &destination, None, ProbeOutcome::PluginFailed(trap));
    let failed = checked(&api, &ada, &source).await;
    assert_eq!(check(&failed, "plugin-ready", id)["message"], "The plugin panicked.");
    assert_eq!(check(&failed, "plugin-ready", id)["status"], "problem");
    assert_eq!(check(&failed, "key-accepted", id)["status"], "unknown");

    let lost = CallError::new(CallErrorKind::Unauthorized, "unauthorized", "The account must be connected.");
    answer_with(&api, &destination, None, ProbeOutcome::PluginFailed(lost));
    let lost = checked(&api, &ada, &source).await;
    assert_eq!(check(&lost, "plugin-ready", id)["status"], "ok");
    assert_eq!(check(&lost, "account-connected", id)["status"], "problem");

    let path = format!("/api/sources/destinations/{}", text(id));
    api.put(&ada, &path, &json!({ "is_active": false })).await;
    let off = checked(&api, &ada, &source).await;
    assert_eq!(check(&off, "destination-enabled", id)["status"], "warning");
    assert!(!off.to_string().contains("key-accepted"), "what is off is not asked");
}

#[tokio::test]
async fn an_organisation_looks_thirty_times_a_minute_at_most() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let source = api.source(&ada).await;
    for _ in 0..30 {
        checked(&api, &ada, &source).await;
    }
    let path = format!("/api/sources/{}/pre-flight", text(&source["id"]));
    let answer = api.post(&ada, &path, &json!({})).await;
    answer.is_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
}
