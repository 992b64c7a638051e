//! What the dashboard shows of a running stream: figures, viewers, green lights, and the look before going on air.

use std::time::Duration;

use neustream_tests::kit::hls;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::rtmp::destination::{Acknowledges, Behaviour, RtmpDestination};
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Result, ensure};
use serde_json::{Value, json};

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_running_stream_shows_its_figures_its_viewers_and_its_history() -> Result<()> {
    let studio = Studio::open().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let publisher = studio.publish_live(&Encoding { video_kbps: Some(1_000), ..Encoding::default() }).await?;
    studio.all_live(&[&id]).await?;

    let stream = until(LONG, "pictures are counted and a viewer is seen", || async {
        // Whoever reads the media playlist is a viewer.
        hls::media(&studio, 1, LONG).await?;
        let stream = stream(&studio).await?;
        let is_counted = stream["frame_rate"].as_f64().is_some_and(|rate| (20.0..40.0).contains(&rate));
        Ok((is_counted && stream["viewers"] == 1).then_some(stream))
    })
    .await?
    .0;
    ensure!(stream["bitrate_in_bps"].as_u64() > Some(500_000), "{stream:#}");

    let path = format!("/api/streams/{}/health", studio.source.id);
    let (health, _) = until(LONG, "samples tell it too", || async {
        let health = studio.account.ask("GET", &path, None).await?;
        let samples = list(&health["samples"]);
        let is_full = samples.iter().any(|sample| {
            sample["viewers"] == 1
                && sample["frame_rate"].as_f64() > Some(20.0)
                && sample["destinations"][0]["bitrate_out_bps"].as_u64() > Some(500_000)
        });
        Ok((samples.len() >= 3 && is_full).then_some(health))
    })
    .await?;
    let moments: Vec<_> = list(&health["samples"]).iter().map(|sample| sample["at"].as_str()).collect();
    ensure!(moments.is_sorted(), "the oldest comes first: {moments:?}");

    publisher.stop().await?;
    studio.account.stream_is(&studio.source, LONG, "it is offline", |s| s.state == "offline").await?;
    let after = studio.account.ask("GET", &path, None).await?;
    ensure!(list(&after["samples"]).len() >= moments.len(), "figures outlive the session");
    let states: Vec<_> = list(&after["events"])
        .iter()
        .filter(|event| event["destination_id"] == json!(id))
        .filter_map(|event| event["state"].as_str())
        .collect();
    ensure!(states.starts_with(&["preparing", "connecting", "connecting", "live"]), "{states:?}");
    ensure!(
        list(&after["events"])
            .last()
            .is_some_and(|event| event["destination_id"].is_null() || event["state"] == "idle"),
        "{after:#}"
    );
    Ok(())
}

#[tokio::test]
async fn a_receiver_that_acknowledges_nothing_is_live_when_its_kernel_has_taken_enough() -> Result<()> {
    let studio = Studio::open().await?;
    let silent = Behaviour { acknowledges: Acknowledges::Never, ..Behaviour::default() };
    let stand_in = RtmpDestination::start(silent).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let publisher = studio.publish_live(&Encoding { video_kbps: Some(1_500), ..Encoding::default() }).await?;
    studio.all_live(&[&id]).await?;
    publisher.stop().await
}

#[tokio::test]
async fn a_look_before_going_on_air_finds_the_wrong_key_and_the_missing_encoder() -> Result<()> {
    let studio = Studio::open().await?;
    let strict = Behaviour { only_key: Some("right".to_owned()), ..Behaviour::default() };
    let stand_in = RtmpDestination::start(strict).await?;
    let good = studio.destination(&stand_in.url(), "right").await?;
    let bad = studio.destination(&stand_in.url(), "wrong").await?;
    let path = format!("/api/sources/{}/pre-flight", studio.source.id);

    let before = studio.account.ask("POST", &path, None).await?;
    ensure!(before["is_ready"] == false, "{before:#}");
    ensure!(status(&before, "encoder-connected", None) == "problem", "{before:#}");
    ensure!(status(&before, "video-codec", None) == "unknown", "{before:#}");
    ensure!(status(&before, "plugin-ready", Some(&good)) == "ok", "{before:#}");
    ensure!(status(&before, "key-accepted", Some(&good)) == "ok", "{before:#}");
    ensure!(status(&before, "key-accepted", Some(&bad)) == "problem", "{before:#}");
    ensure!(!before.to_string().contains("\"wrong\""), "no key is told: {before:#}");
    let seen = stand_in.connections();
    ensure!(seen.iter().all(|connection| connection.arrivals.is_empty()), "no media is sent to ask");

    studio.account.ask("DELETE", &format!("/api/sources/destinations/{bad}"), None).await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    studio.all_live(&[&good]).await?;
    until(LONG, "the encoder's stream is measured", || async {
        let stream = stream(&studio).await?;
        Ok((!stream["frame_rate"].is_null() && !stream["keyframe_interval_ms"].is_null()).then_some(()))
    })
    .await?;
    let ready = studio.account.ask("POST", &path, None).await?;
    ensure!(ready["is_ready"] == true, "{ready:#}");
    let sent = ["video-codec", "resolution", "keyframe-interval", "audio-present", "audio-codec"];
    for code in ["encoder-connected"].into_iter().chain(sent) {
        ensure!(status(&ready, code, None) == "ok", "{code}: {ready:#}");
    }
    ensure!(status(&ready, "key-accepted", Some(&good)) == "ok", "{ready:#}");
    publisher.stop().await
}

async fn stream(studio: &Studio) -> Result<Value> {
    let all = studio.account.ask("GET", "/api/streams/info", None).await?;
    let found = list(&all["streams"]).iter().find(|stream| stream["id"] == json!(studio.source.id)).cloned();
    Ok(found.unwrap_or_default())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The status of the check of this code and destination.
fn status<'a>(body: &'a Value, code: &str, destination: Option<&str>) -> &'a str {
    let found = list(&body["checks"])
        .iter()
        .find(|check| check["code"] == code && check["destination_id"].as_str() == destination);
    found.and_then(|check| check["status"].as_str()).unwrap_or("missing")
}
