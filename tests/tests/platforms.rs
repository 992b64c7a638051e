//! Each bundled adapter, end to end, against a strict stand-in for its platform.

use std::time::Duration;

use neustream_tests::kit::counter::Count;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::rtmp::amf::Amf;
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::rtmp::freshness::Freshness;
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::stand_in::{Platforms, twitch_ingest};
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::json;

const CLOSING: Duration = Duration::from_secs(20);
const KEY: &str = "live_1234_AbCdEfGh";

#[tokio::test]
async fn youtube_takes_the_stream_over_tls() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let ingest = platforms.rtmps("a.rtmps.youtube.com", KEY).await?;
    goes_live_at(&platforms, "neustream/youtube", &ingest, "live2").await
}

#[tokio::test]
async fn facebook_takes_the_stream_over_tls() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let ingest = platforms.rtmps("rtmp-api.facebook.com", KEY).await?;
    goes_live_at(&platforms, "neustream/facebook", &ingest, "rtmp").await
}

#[tokio::test]
async fn kick_takes_the_stream_over_tls() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let ingest = platforms.rtmps("fa723fc1b171.global-contribute.live-video.net", KEY).await?;
    goes_live_at(&platforms, "neustream/kick", &ingest, "app").await
}

#[tokio::test]
async fn twitch_takes_the_stream_at_the_ingest_that_its_list_prefers() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let preferred = platforms.rtmp("live-fra.twitch.tv", KEY).await?;
    let other = platforms.rtmp("live-sfo.twitch.tv", KEY).await?;
    let ingests = [
        twitch_ingest(12, "live-sfo.twitch.tv", false, 30),
        twitch_ingest(24, "live-fra.twitch.tv", true, 1),
    ];
    let list = platforms.twitch_ingests(json!({ "ingests": ingests })).await?;
    goes_live_at(&platforms, "neustream/twitch", &preferred, "app").await?;
    assert!(other.connections().is_empty());
    let requests = list.requests();
    ensure!(!requests.is_empty(), "the list was not asked");
    ensure!(!requests.iter().any(|head| head.contains(KEY)), "the key went to the list: {requests:?}");
    Ok(())
}

#[tokio::test]
async fn a_key_that_the_platform_refuses_shows_as_the_reason() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let _ingest = platforms.rtmps("a.rtmps.youtube.com", KEY).await?;
    let studio = Studio::open_with(platforms.lead(Settings::new()?)).await?;
    let id = studio.account.plugin(&studio.source, "neustream/youtube", json!({}), "another-key").await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let is_shown = |stream: &neustream_tests::kit::api::Stream| {
        let destination = stream.destination(&id).ok();
        destination.and_then(|found| found.reason.as_ref()).is_some_and(|reason| reason.code == "rejected")
    };
    studio
        .account
        .stream_is(&studio.source, Duration::from_secs(5), "the refusal is shown", is_shown)
        .await?;
    publisher.stop().await
}

#[tokio::test]
async fn a_platform_with_a_wrong_certificate_gets_no_key() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let ingest = platforms.rtmps("a.rtmps.youtube.com", KEY).await?;
    // The same road, but without trust in the stand-in's authority.
    let settings = platforms.lead(Settings::new()?).without("NEUSTREAM_OUTBOUND_CA_FILE");
    let studio = Studio::open_with(settings).await?;
    let id = studio.account.plugin(&studio.source, "neustream/youtube", json!({}), KEY).await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let is_shown = |stream: &neustream_tests::kit::api::Stream| {
        let destination = stream.destination(&id).ok();
        destination.and_then(|found| found.reason.as_ref()).is_some_and(|reason| reason.code == "tls-failed")
    };
    studio.account.stream_is(&studio.source, Duration::from_secs(5), "the cause is shown", is_shown).await?;
    assert!(ingest.connections().iter().all(|connection| connection.commands.is_empty()));
    publisher.stop().await
}

#[tokio::test]
async fn a_slow_platform_behind_tls_is_fed_fresh_pictures_too() -> Result<()> {
    const KBPS: u32 = 5_000;
    let mut platforms = Platforms::new()?;
    let slowly =
        Behaviour { read_bytes_per_s: Some(u64::from(KBPS) * 1000 / 8 / 10), ..Behaviour::default() };
    let slow = platforms.behaving_rtmps("a.rtmps.youtube.com", slowly).await?;
    let on_time = platforms.rtmp("ingest.example.com", KEY).await?;
    let studio = Studio::open_with(platforms.lead(Settings::new()?)).await?;
    studio.account.plugin(&studio.source, "neustream/youtube", json!({}), KEY).await?;
    let on_time_id = studio.destination("rtmp://ingest.example.com/live", KEY).await?;
    let publisher = studio.publish(&Encoding { video_kbps: Some(KBPS), ..Encoding::seconds(25) })?;
    studio.all_live(&[&on_time_id]).await?;
    publisher.finish(Duration::from_mins(1)).await?;
    on_time.sees(CLOSING, "the end", |seen| seen[0].closed).await?;
    let seen = Freshness::of(&slow.connections(), &on_time.connections()[0])?;
    eprintln!("figure: at a platform behind TLS that reads 10 %: {seen:?}");
    seen.expect_fresh()
}

#[tokio::test]
async fn the_short_form_of_the_documents_leads_to_the_same_places() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let youtube = platforms.rtmps("a.rtmps.youtube.com", KEY).await?;
    let custom = platforms.rtmp("ingest.example.com", KEY).await?;
    let studio = Studio::open_with(platforms.lead(Settings::new()?)).await?;
    let bodies = [
        json!({ "platform": "youtube", "rtmp_url": "rtmps://a.rtmps.youtube.com:443/live2", "stream_key": KEY }),
        json!({ "platform": "custom", "rtmp_url": "rtmp://ingest.example.com/live", "stream_key": KEY }),
    ];
    for body in &bodies {
        studio.account.destination(&studio.source, body).await?;
    }
    let publisher = studio.publish_live(&Encoding::default()).await?;
    for stand_in in [&youtube, &custom] {
        stand_in.sees(CLOSING, "pictures", |c| (c.first()?.arrivals.len() > 30).then_some(())).await?;
    }
    publisher.stop().await
}

#[tokio::test]
async fn a_platform_plugin_does_not_push_to_foreign_hosts() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let foreign = platforms.rtmp("ingest.example.com", KEY).await?;
    let studio = Studio::open_with(platforms.lead(Settings::new()?)).await?;
    for plugin in ["twitch", "youtube", "facebook", "kick"] {
        let body = json!({
            "plugin": format!("neustream/{plugin}"),
            "config": { "rtmp_url": "rtmp://ingest.example.com/live" },
            "secrets": { "stream-key": KEY },
        });
        let path = format!("/api/sources/{}/destinations", studio.source.id);
        let answer = studio.account.send("POST", &path, Some(&body)).await?;
        ensure!(answer.status < 500, "{plugin}: {} {}", answer.status, answer.text());
    }
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let settled = |stream: &neustream_tests::kit::api::Stream| {
        let is_settled = |state: &str| ["failed", "retrying"].contains(&state);
        stream.destinations.iter().all(|destination| is_settled(&destination.state))
    };
    studio.account.stream_is(&studio.source, CLOSING, "each one is refused", settled).await?;
    assert!(foreign.connections().is_empty(), "a platform's key went to a foreign host");
    publisher.stop().await
}

async fn goes_live_at(
    platforms: &Platforms,
    plugin: &str,
    ingest: &RtmpDestination,
    app: &str,
) -> Result<()> {
    let studio = Studio::open_with(platforms.lead(Settings::new()?)).await?;
    let id = studio.account.plugin(&studio.source, plugin, json!({}), KEY).await?;
    let publisher = studio.publish(&Encoding::seconds(6))?;
    studio.all_live(&[&id]).await?;
    publisher.finish(CLOSING).await?;
    ingest.sees(CLOSING, "the end", |connections| connections.first()?.closed).await?;
    let connections = ingest.connections();
    let connection = connections.first().context("a connection")?;
    assert_eq!(connections.len(), 1, "one connection is enough");
    assert_eq!(connection.key(), Some(KEY));
    let named = connection.connect_field("app").and_then(Amf::as_text).unwrap_or_default();
    assert_eq!(named.trim_end_matches('/').split('?').next(), Some(app));
    let names = connection.command_names();
    let order: Vec<usize> =
        ["connect", "releaseStream", "FCPublish", "createStream", "publish", "@setDataFrame"]
            .iter()
            .filter_map(|wanted| names.iter().position(|name| name == wanted))
            .collect();
    ensure!(order.len() == 6 && order.is_sorted(), "commands came as {names:?}");
    Count::of(&ingest.recording(0)).await?.expect_whole(plugin)?;
    let told =
        studio.account.send("GET", &format!("/api/sources/{}/destinations", studio.source.id), None).await?;
    ensure!(!told.text().contains(KEY), "the API tells the destination's key: {}", told.text());
    Ok(())
}
