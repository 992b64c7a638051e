//! What is written down of sessions, and what becomes of a stream whose plan gives it no more time.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use std::time::{Duration, Instant};

use neustream_live::LiveSettings;
use neustream_model::{LiveEventKind, Reason, UsageWarning};
use support::{PATIENCE, Publisher, Scene};

/// A beat that no test waits long for.
fn quick(grace: Duration) -> LiveSettings {
    LiveSettings { usage_interval: Duration::from_millis(20), usage_grace: grace, ..LiveSettings::default() }
}

/// Waits for the next warning.
async fn warning(scene: &mut Scene) -> UsageWarning {
    let pick = |kind: &LiveEventKind| match kind {
        LiveEventKind::UsageWarning { usage } => Some(*usage),
        _ => None,
    };
    scene.event(|event| pick(&event.kind)).await
}

/// Waits until a stream has a problem; tells which.
async fn problem(scene: &mut Scene) -> String {
    let pick = |kind: &LiveEventKind| match kind {
        LiveEventKind::StreamError { reason } => Some(reason.code.clone()),
        _ => None,
    };
    scene.event(|event| pick(&event.kind)).await
}

#[tokio::test]
async fn a_session_is_written_down_while_it_runs_and_at_its_end_and_never_longer_than_it_was() {
    let scene = Scene::with_settings(quick(PATIENCE), |_| {}).await;
    let began = Instant::now();
    let publisher = scene.publisher().await;
    let session = scene.live.session(scene.source.id).unwrap().id;
    let running = scene.accounts.told(|told| told.totals.get(&session).is_some_and(|t| !t.is_zero())).await;
    assert!(running.ended.is_empty());
    publisher.end().await;
    let ended = scene.accounts.told(|told| told.ended.contains(&session)).await;
    assert!(ended.totals[&session] >= running.totals[&session]);
    assert!(ended.totals[&session] <= began.elapsed());
}

#[tokio::test]
async fn time_without_a_publisher_does_not_count() {
    let mut scene = Scene::with_settings(quick(PATIENCE), |_| {}).await;
    let began = Instant::now();
    let publisher = scene.publisher().await;
    let session = scene.live.session(scene.source.id).unwrap().id;
    drop(publisher);
    assert_eq!(problem(&mut scene).await, "publisher-vanished");
    let published = began.elapsed();
    let before = scene.accounts.told(|told| told.totals.contains_key(&session)).await;
    // Some beats of a session that nobody publishes to.
    let after = scene.accounts.told(|told| told.times > before.times + 5).await;
    assert!(after.totals[&session] <= published);
    scene.publisher().await.end().await;
    scene.accounts.told(|told| told.ended == [session]).await;
}

#[tokio::test]
async fn what_is_streamed_while_the_directory_is_away_is_written_down_when_it_is_back() {
    let scene = Scene::with_settings(quick(PATIENCE), |_| {}).await;
    let publisher = scene.publisher().await;
    let session = scene.live.session(scene.source.id).unwrap().id;
    let before = scene.accounts.told(|told| told.totals.contains_key(&session)).await;
    scene.accounts.be_away(true);
    let since = Instant::now();
    let away = scene.accounts.told(|told| told.refused > 5).await;
    let gone = since.elapsed();
    scene.accounts.be_away(false);
    let back = scene.accounts.told(|told| told.times > away.times).await;
    assert!(back.totals[&session] >= before.totals[&session] + gone);
    // An end that the directory does not take is told again until it does.
    scene.accounts.be_away(true);
    publisher.end().await;
    let refused = scene.accounts.told(|_| true).await.refused;
    scene.accounts.told(|told| told.refused > refused).await;
    scene.accounts.be_away(false);
    scene.accounts.told(|told| told.ended == [session]).await;
}

#[tokio::test]
async fn a_stream_is_warned_then_ended_after_its_grace_and_a_new_one_is_refused() {
    let mut scene = Scene::with_settings(quick(Duration::from_millis(300)), |_| {}).await;
    let mut publisher = scene.publisher().await;
    scene.accounts.use_minutes(480);
    let near = warning(&mut scene).await;
    assert_eq!((near.percent, near.used_s, near.limit_s, near.ends_at), (80, 28_800, 36_000, None));
    let told = scene.live.session(scene.source.id).unwrap().warnings;
    let message = "8.0 of this month's 10 streaming hours are used";
    assert_eq!(told, [Reason::new("streaming-hours-low", message)]);

    let began = Instant::now();
    scene.accounts.use_minutes(600);
    let spent = warning(&mut scene).await;
    assert_eq!(spent.percent, 100);
    assert!(spent.ends_at.is_some());
    assert_eq!(problem(&mut scene).await, "plan-limit-reached");
    assert!(began.elapsed() >= Duration::from_millis(300), "the grace period is given");
    scene.event(|event| (event.kind == LiveEventKind::StreamOffline).then_some(())).await;
    publisher.closed().await;
    let refused = Publisher::connect(scene.rtmp, scene.key.expose()).await.err().unwrap();
    assert_eq!(refused, "this month's streaming time of the plan is used up");

    scene.accounts.use_minutes(599);
    scene.publisher().await.end().await;
}

#[tokio::test]
async fn more_hours_save_a_stream_in_its_grace_period_and_its_encoder_may_come_back_meanwhile() {
    let mut scene = Scene::with_settings(quick(PATIENCE), |_| {}).await;
    scene.accounts.use_minutes(1);
    let publisher = scene.publisher().await;
    scene.accounts.use_minutes(601);
    assert_eq!(warning(&mut scene).await.percent, 100);
    drop(publisher);
    assert_eq!(problem(&mut scene).await, "publisher-vanished");
    let _back = scene.publisher().await;
    scene.accounts.use_minutes(1);
    let times = scene.accounts.told(|_| true).await.times;
    scene.accounts.told(|told| told.times > times + 3).await;
    let session = scene.live.session(scene.source.id).unwrap();
    assert!(session.warnings.is_empty(), "{:?}", session.warnings);
}

#[tokio::test]
async fn while_the_directory_is_away_no_stream_begins_and_none_is_ended() {
    let mut scene = Scene::with_settings(quick(Duration::ZERO), |_| {}).await;
    let _publisher = scene.publisher().await;
    scene.accounts.use_minutes(600);
    assert_eq!(warning(&mut scene).await.percent, 100);
    scene.event(|event| (event.kind == LiveEventKind::StreamOffline).then_some(())).await;

    scene.accounts.use_minutes(1);
    let _publisher = scene.publisher().await;
    scene.accounts.be_away(true);
    scene.accounts.use_minutes(600);
    let refused = scene.accounts.told(|_| true).await.refused;
    scene.accounts.told(|told| told.refused > refused + 5).await;
    assert!(scene.live.session(scene.source.id).is_some());
    scene.accounts.be_away(false);
    scene.event(|event| (event.kind == LiveEventKind::StreamOffline).then_some(())).await;
    scene.accounts.be_away(true);
    let refused = Publisher::connect(scene.rtmp, scene.key.expose()).await.err().unwrap();
    assert_eq!(refused, "try again in a moment");
}
