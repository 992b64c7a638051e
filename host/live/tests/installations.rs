//! What becomes of a running broadcast when its destination's installation changes.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use std::time::Duration;

use neustream_live::LiveSettings;
use neustream_model::{DestinationState, LiveEventKind};
use support::{Scene, Seen, TargetServer, video_header};

#[tokio::test]
async fn an_upgrade_leaves_the_stream_running_and_the_broadcast_ends_with_the_package_that_began_it() {
    let mut scene = Scene::new(|_| {}).await;
    let mut target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.accepted(id).await;
    publisher.send_pictures(0..30, 30).await;
    let began_with = scene.installations.digest();
    scene.installations.upgrade();
    publisher.send_pictures(30..60, 30).await;
    for expected in 0..60 {
        assert_eq!(target.next_picture().await, expected);
    }
    scene.live.end(scene.source.id).await;
    assert_eq!(scene.installations.asked(), [None, Some(began_with)]);
}

#[tokio::test]
async fn a_revoked_plugin_stops_its_destination_and_a_pardoned_one_starts_again() {
    let mut scene = Scene::new(|_| {}).await;
    let mut target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    publisher.send_pictures(0..2, 30).await;
    scene.accepted(id).await;
    scene.installations.set_revoked(true);
    let installation = scene.installation_of(id);
    scene.live.installation_changed(installation).await;
    let failed = scene.destination_in(id, DestinationState::Failed).await;
    assert_eq!(failed.reason.unwrap().code, "plugin-revoked");
    while !matches!(target.next().await, Seen::Ended) {}
    scene.installations.set_revoked(false);
    scene.live.installation_changed(installation).await;
    scene.accepted(id).await;
}

#[tokio::test]
async fn an_account_that_is_connected_again_starts_what_failed_and_leaves_the_rest_alone() {
    let mut scene = Scene::new(|_| {}).await;
    let mut target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.accepted(id).await;
    let installation = scene.installation_of(id);
    scene.live.account_connected(installation).await;
    publisher.send_pictures(0..30, 30).await;
    for expected in 0..30 {
        assert_eq!(target.next_picture().await, expected);
    }
    scene.installations.set_revoked(true);
    scene.live.installation_changed(installation).await;
    scene.destination_in(id, DestinationState::Failed).await;
    scene.installations.set_revoked(false);
    scene.live.account_connected(installation).await;
    scene.accepted(id).await;
}

#[tokio::test]
async fn a_token_that_the_platform_refuses_is_refreshed_and_the_call_made_once_more() {
    let mut scene = Scene::new(|_| {}).await;
    scene.installations.let_the_token_expire();
    let target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.accepted(id).await;
    assert_eq!(scene.installations.asked(), [None, None]);
}

#[tokio::test]
async fn a_new_title_reaches_the_platform_of_a_running_broadcast() {
    let mut scene = Scene::new(|_| {}).await;
    let target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    scene.accepted(id).await;
    let answers = scene.live.retitle(scene.source.id, "Evening show").await.unwrap();
    assert_eq!(answers, [(id, Ok(true))]);
    assert_eq!(*scene.titles.lock().unwrap(), ["Evening show"]);
}

#[tokio::test]
async fn a_source_that_is_offline_takes_no_title() {
    let scene = Scene::new(|_| {}).await;
    assert!(scene.live.retitle(scene.source.id, "Nobody listens").await.is_none());
}

#[tokio::test]
async fn a_platform_that_does_not_show_the_broadcast_yet_is_asked_again_soon() {
    let first_checks = Duration::from_millis(10);
    let settings =
        LiveSettings { first_checks, check_interval: Duration::from_hours(1), ..LiveSettings::default() };
    let mut scene = Scene::with_settings(settings, |_| {}).await;
    let target = TargetServer::start().await;
    let id = scene.add_destination(target.address);
    let mut publisher = scene.publisher().await;
    publisher.send(&[video_header()]).await;
    let seen = scene.event(|event| match &event.kind {
        LiveEventKind::Destination { status } if status.id == id => {
            status.platform_live.filter(|is_live| *is_live).map(|_| status.platform_viewers)
        }
        _ => None,
    });
    assert_eq!(seen.await, Some(7));
}
