//! What is known of how a stream is doing: figures, viewers, when a light is green, and asking before there is one.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use std::time::Duration;

use neustream_live::{HlsRequest, LiveSettings, ProbeOutcome, Viewer};
use neustream_model::{
    DestinationId, DestinationState, HealthEvent, HealthState, LiveFigures, SourceId, StreamState,
};
use support::{PATIENCE, Scene, Seen, TargetServer, picture, video_header};
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;

async fn measured_scene() -> (Scene, Receiver<LiveFigures>) {
    let settings = LiveSettings { health_interval: Duration::from_millis(100), ..LiveSettings::default() };
    let scene = Scene::with_settings(settings, |_| {}).await;
    let figures = scene.live.figures();
    let live = scene.live.clone();
    tokio::spawn(async move { live.keep_health().await });
    (scene, figures)
}

/// Waits for figures that `is_wanted` takes.
async fn figures_where(
    figures: &mut Receiver<LiveFigures>,
    is_wanted: impl Fn(&LiveFigures) -> bool,
) -> LiveFigures {
    let wait = async {
        loop {
            let next = figures.recv().await.unwrap();
            if is_wanted(&next) {
                return next;
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("such figures come in time")
}

fn state(scene: &Scene, id: DestinationId) -> DestinationState {
    let session = scene.live.session(scene.source.id).unwrap();
    session.destinations.iter().find(|status| status.id == id).unwrap().state
}

#[tokio::test]
async fn a_destination_is_live_only_once_it_has_acknowledged_media() {
    let (mut scene, mut figures) = measured_scene().await;
    let target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.accepted(id).await;
    // Its consent alone, however long it lasts, is no green light.
    for _ in 0..12 {
        figures_where(&mut figures, |_| true).await;
        assert_eq!(state(&scene, id), DestinationState::Connecting);
    }
    publisher.send_pictures(0..100, 30).await;
    let status = scene.destination_in(id, DestinationState::Live).await;
    assert_eq!(status.reason, None);
}

#[tokio::test]
async fn pictures_are_counted_and_kept_after_the_session() {
    let (mut scene, mut figures) = measured_scene().await;
    let mut target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.accepted(id).await;
    assert!(matches!(target.next().await, Seen::Publish(_)));
    let sending = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(40));
        let mut number = 0;
        loop {
            pace.tick().await;
            publisher.send(&[picture(number, 30, 4_000)]).await;
            number += 1;
        }
    });
    let is_told = |figures: &LiveFigures| {
        let sample = &figures.sample;
        let taken = sample.destinations.first().map_or(0, |destination| destination.bitrate_out_bps);
        sample.frame_rate.is_some_and(|rate| rate > 5.0) && sample.bitrate_in_bps > 100_000 && taken > 100_000
    };
    let told = figures_where(&mut figures, is_told).await;
    assert!(told.sample.frame_rate.unwrap() < 60.0, "{told:?}");
    assert_eq!(told.sample.destinations[0].id, id);
    sending.abort();
    scene.live.end(scene.source.id).await;

    let health = scene.live.health(scene.source.id);
    assert!(health.samples.contains(&told.sample), "samples outlive the session");
    let entered = |wanted: HealthState| health.events.iter().any(|event: &HealthEvent| event.state == wanted);
    for stream in [StreamState::Starting, StreamState::Live, StreamState::Offline] {
        assert!(entered(HealthState::Stream(stream)), "{stream:?}: {:?}", health.events);
    }
    for known in [DestinationState::Preparing, DestinationState::Connecting, DestinationState::Live] {
        assert!(entered(HealthState::Destination(id, known)), "{known:?}: {:?}", health.events);
    }
    assert!(scene.live.health(SourceId::new()).samples.is_empty());
}

#[tokio::test]
async fn whoever_reads_the_media_playlist_is_a_viewer() {
    let (scene, mut figures) = measured_scene().await;
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    publisher.send_pictures(0..60, 30).await;
    let ask = async |name: &str, player: &str| {
        let viewer = Viewer { token: None, address: Some("192.0.2.7".parse().unwrap()) };
        let player = Some(player.to_owned());
        let request = HlsRequest { name: name.to_owned(), viewer, player, ..HlsRequest::default() };
        // Counted, whether there is a playlist yet or not.
        let _ = tokio::time::timeout(
            Duration::from_millis(100),
            scene.live.hls(&scene.source.playback_id, request),
        )
        .await;
    };
    ask("index.m3u8", "a page that shows a link").await;
    ask("media.m3u8", "one player").await;
    ask("media.m3u8", "one player").await;
    ask("media.m3u8", "another player").await;
    let told = figures_where(&mut figures, |figures| figures.sample.viewers > 0).await;
    assert!(told.is_audience_changed);
    figures_where(&mut figures, |figures| figures.sample.viewers == 2 && !figures.is_audience_changed).await;
    assert_eq!(scene.live.session(scene.source.id).unwrap().viewers, 2);
}

#[tokio::test]
async fn a_destination_that_failed_or_waits_tries_at_once_when_it_is_asked_to() {
    let mut scene = Scene::new(|_| {}).await;
    let target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    assert!(!scene.live.retry(scene.source.id, id), "nothing runs");
    scene.installations.set_revoked(true);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.destination_in(id, DestinationState::Failed).await;
    scene.installations.set_revoked(false);
    assert!(!scene.live.retry(scene.source.id, DestinationId::new()));
    assert!(scene.live.retry(scene.source.id, id));
    scene.accepted(id).await;
    // One that is about to be live is left alone.
    assert!(scene.live.retry(scene.source.id, id));
    publisher.send_pictures(0..100, 30).await;
    scene.destination_in(id, DestinationState::Live).await;
}

#[tokio::test]
async fn destinations_are_asked_before_there_is_a_stream_and_get_none() {
    let mut scene = Scene::new(|_| {}).await;
    let mut willing = TargetServer::start().await;
    let willing_id = scene.add_destination(willing.address);
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let absent_id = scene.add_destination(nobody);
    let probes = scene.live.probe(scene.source.id).await.unwrap();
    let outcome = |id| &probes.iter().find(|probe| probe.id == id).unwrap().outcome;
    assert!(matches!(outcome(willing_id), ProbeOutcome::Accepted), "{probes:?}");
    assert!(
        matches!(outcome(absent_id), ProbeOutcome::Refused(reason) if reason.code == "refused"),
        "{probes:?}"
    );
    assert!(matches!(willing.next().await, Seen::Publish(name) if name == "destination-key"));
    assert!(matches!(willing.next().await, Seen::Ended), "a goodbye follows, and no frame");
    assert!(matches!(willing.next().await, Seen::Closed));

    scene.remove_destination(absent_id);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.accepted(willing_id).await;
    publisher.send_pictures(0..100, 30).await;
    scene.destination_in(willing_id, DestinationState::Live).await;
    let probes = scene.live.probe(scene.source.id).await.unwrap();
    assert!(matches!(probes[0].outcome, ProbeOutcome::IsLive), "{probes:?}");

    scene.live.end(scene.source.id).await;
    scene.installations.set_revoked(true);
    let probes = scene.live.probe(scene.source.id).await.unwrap();
    assert!(
        matches!(&probes[0].outcome, ProbeOutcome::PluginFailed(error) if error.code == "plugin-revoked"),
        "{probes:?}"
    );
}
