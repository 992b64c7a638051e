//! From a publisher to destinations: what arrives, in which order, and what one's trouble does to another.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use neustream_model::{DestinationState, LiveEventKind, SecondPublisher};
use support::{
    Publisher, Scene, Seen, TargetServer, audio_header, is_accepted, picture_number, video_header,
};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_destination_gets_headers_first_and_then_every_picture() {
    let mut scene = Scene::new(|_| {}).await;
    let mut target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header(), audio_header()]).await;
    scene.accepted(id).await;
    assert!(matches!(target.next().await, Seen::Publish(name) if name == "destination-key"));
    publisher.send_pictures(0..90, 30).await;
    for expected in [video_header(), audio_header()] {
        let Seen::Frame(frame) = target.next().await else { panic!("a header comes first") };
        assert_eq!(frame.payload, expected.payload);
    }
    for expected in 0..90 {
        let Seen::Frame(frame) = target.next().await else { panic!("pictures follow") };
        assert_eq!(picture_number(&frame), Some(expected));
        assert_eq!(frame.timestamp_ms, u64::from(expected) * 1000 / 30);
    }
    publisher.end().await;
    assert!(matches!(target.next().await, Seen::Ended));
}

#[tokio::test]
async fn a_destination_that_comes_later_starts_at_the_last_keyframe() {
    let mut scene = Scene::new(|_| {}).await;
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    publisher.send_pictures(0..45, 30).await;
    scene.event(|event| (event.kind == LiveEventKind::StreamLive).then_some(())).await;
    let mut target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    scene.live.source_changed(scene.source.id).await;
    scene.accepted(id).await;
    publisher.send_pictures(45..60, 30).await;
    let first = target.next_picture().await;
    assert!(first == 30 || first == 0, "starts at a keyframe, not at {first}");
}

#[tokio::test]
async fn a_refusing_destination_retries_while_its_neighbour_gets_everything() {
    let mut scene = Scene::new(|_| {}).await;
    let refusing = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let mut target = TargetServer::start().await;
    let refused = scene.add_destination(refusing);
    let healthy = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.accepted(healthy).await;
    let mut scene_again = scene;
    publisher.send_pictures(0..60, 30).await;
    for expected in 0..60 {
        assert_eq!(target.next_picture().await, expected);
    }
    let status = loop {
        let status = scene_again.live.session(scene_again.source.id).unwrap();
        let status = status.destinations.into_iter().find(|status| status.id == refused).unwrap();
        if status.state == DestinationState::Retrying {
            break status;
        }
        scene_again.event(|_| Some(())).await;
    };
    assert_eq!(status.reason.unwrap().code, "refused");
    assert!(status.next_attempt.unwrap() > status.since);
}

#[tokio::test]
async fn a_destination_that_was_away_shows_a_picture_soon_after_it_is_back() {
    let mut scene = Scene::new(|_| {}).await;
    let target = TargetServer::start().await;
    let address = target.address;
    let id = scene.add_destination(address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.accepted(id).await;
    publisher.send_pictures(0..100, 30).await;
    scene.destination_in(id, DestinationState::Live).await;
    drop(target);
    publisher.send_pictures(100..110, 30).await;
    let status = scene.destination_in(id, DestinationState::Retrying).await;
    assert!(["reset", "closed", "broken"].contains(&status.reason.unwrap().code.as_str()));
    let mut target = TargetServer::restart(address);
    scene.accepted(id).await;
    publisher.send_pictures(110..210, 30).await;
    let status = scene.destination_in(id, DestinationState::Live).await;
    assert!(status.reconnects >= 1);
    assert_eq!(target.next_picture().await % 30, 0, "a keyframe");
}

#[tokio::test]
async fn destinations_stay_connected_while_the_publisher_is_away() {
    let mut scene = Scene::new(|_| {}).await;
    let mut target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.accepted(id).await;
    publisher.send_pictures(0..10, 30).await;
    for expected in 0..10 {
        assert_eq!(target.next_picture().await, expected);
    }
    drop(publisher);
    scene.event(|event| matches!(event.kind, LiveEventKind::StreamError { .. }).then_some(())).await;
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    publisher.send_pictures(0..10, 30).await;
    let mut last_ms = 9 * 1000 / 30;
    let mut pictures = 0;
    while pictures < 10 {
        match target.next().await {
            Seen::Frame(frame) => {
                assert!(frame.timestamp_ms >= last_ms, "time goes on");
                last_ms = frame.timestamp_ms;
                pictures += u32::from(picture_number(&frame).is_some());
            }
            other => panic!("the connection goes on, but: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_session_ends_when_the_reconnect_window_passes() {
    let mut scene =
        Scene::new(|source| source.reconnect_window = std::time::Duration::from_millis(200)).await;
    let mut target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    publisher.send_pictures(0..5, 30).await;
    scene.accepted(id).await;
    drop(publisher);
    scene.event(|event| (event.kind == LiveEventKind::StreamOffline).then_some(())).await;
    while !matches!(target.next().await, Seen::Ended) {}
    assert!(scene.live.sessions().is_empty());
}

#[tokio::test]
async fn a_second_publisher_is_refused_where_the_source_says_so() {
    let mut scene = Scene::new(|_| {}).await;
    let _first = scene.publisher().await;
    assert!(Publisher::connect(scene.rtmp, scene.key.expose()).await.is_err());
    let reason = scene
        .event(|event| match &event.kind {
            LiveEventKind::StreamError { reason } => Some(reason.clone()),
            _ => None,
        })
        .await;
    assert_eq!(reason.code, "second-publisher");
}

#[tokio::test]
async fn a_second_publisher_takes_over_where_the_source_says_so() {
    let scene = Scene::new(|source| source.second_publisher = SecondPublisher::Replace).await;
    let mut first = scene.publisher().await;
    let mut second = scene.publisher().await;
    first.closed().await;
    second.send(&[video_header()]).await;
    second.send_pictures(0..5, 30).await;
    assert_eq!(scene.live.sessions().len(), 1);
}

#[tokio::test]
async fn a_rotated_key_ends_the_publisher() {
    let scene = Scene::new(|_| {}).await;
    let mut publisher = scene.publisher().await;
    scene.live.key_rotated(scene.source.id);
    publisher.closed().await;
}

#[tokio::test]
async fn a_removed_destination_is_told_the_end_and_others_go_on() {
    let mut scene = Scene::new(|_| {}).await;
    let mut leaving = TargetServer::start().await;
    let mut staying = TargetServer::start().await;
    let leaving_id = scene.add_destination(leaving.address);
    let staying_id = scene.add_destination(staying.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    let mut accepted = 0;
    while accepted < 2 {
        accepted += scene
            .event(|event| match &event.kind {
                LiveEventKind::Destination { status } if is_accepted(status) => Some(1),
                _ => None,
            })
            .await;
    }
    publisher.send_pictures(0..10, 30).await;
    scene.remove_destination(leaving_id);
    scene.live.source_changed(scene.source.id).await;
    while !matches!(leaving.next().await, Seen::Ended) {}
    publisher.send_pictures(10..20, 30).await;
    for expected in 0..20 {
        assert_eq!(staying.next_picture().await, expected);
    }
    let status = scene.live.session(scene.source.id).unwrap();
    assert_eq!(status.destinations.iter().map(|status| status.id).collect::<Vec<_>>(), [staying_id]);
}

#[tokio::test]
async fn shutting_down_tells_destinations_the_end() {
    let mut scene = Scene::new(|_| {}).await;
    let mut target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    publisher.send_pictures(0..10, 30).await;
    scene.accepted(id).await;
    for expected in 0..10 {
        assert_eq!(target.next_picture().await, expected);
    }
    scene.live.shutdown().await;
    assert!(matches!(target.next().await, Seen::Ended));
    assert!(matches!(target.next().await, Seen::Closed));
    publisher.closed().await;
}
