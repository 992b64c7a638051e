use std::time::Duration;

use neustream_model::{SessionId, UnixMillis};
use neustream_store::testing::on_both;

use crate::world;

#[tokio::test]
async fn a_session_begins_and_ends_once() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let host = t.store.host();
        let session = SessionId::new();
        host.session_started(session, source.row.id).await.unwrap();
        host.session_started(session, source.row.id).await.unwrap();
        let running = tenant.recent_sessions(10).await.unwrap();
        assert_eq!(running.len(), 1);
        assert_eq!((running[0].id, running[0].ended_at), (session, None));

        host.session_ended(session).await.unwrap();
        let ended = tenant.recent_sessions(10).await.unwrap()[0].ended_at;
        assert!(ended.is_some());
        host.session_ended(session).await.unwrap();
        assert_eq!(tenant.recent_sessions(10).await.unwrap()[0].ended_at, ended);
    })
    .await;
}

#[tokio::test]
async fn sessions_that_a_killed_host_left_open_end_when_they_were_last_seen() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let host = t.store.host();
        let session = SessionId::new();
        host.session_started(session, source.row.id).await.unwrap();
        host.sessions_seen(&[session, SessionId::new()]).await.unwrap();
        assert_eq!(host.end_abandoned_sessions().await.unwrap(), 1);
        let row = &tenant.recent_sessions(10).await.unwrap()[0];
        assert_eq!(row.ended_at, Some(row.seen_at));
        assert_eq!(host.end_abandoned_sessions().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn usage_counts_what_lies_in_the_window_and_outlives_the_source() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let other = world::tenant(&t, "eve@example.com").await;
        let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let session = SessionId::new();
        t.store.host().session_started(session, source.row.id).await.unwrap();
        let started = tenant.recent_sessions(1).await.unwrap()[0].started_at;

        let hour_later = started.plus(Duration::from_hours(1));
        let usage = tenant.usage(UnixMillis(0), hour_later).await.unwrap();
        assert_eq!(usage.of(source.row.id), Duration::from_hours(1));
        let half = tenant.usage(started.plus(Duration::from_mins(30)), hour_later).await.unwrap();
        assert_eq!(half.total(), Duration::from_mins(30));

        t.store.host().session_ended(session).await.unwrap();
        tenant.delete_source(source.row.id).await.unwrap();
        let usage = tenant.usage(UnixMillis(0), hour_later).await.unwrap();
        assert!(usage.total() < Duration::from_mins(1));
        assert_eq!(tenant.recent_sessions(1).await.unwrap().len(), 1);
        assert_eq!(other.usage(UnixMillis(0), hour_later).await.unwrap().total(), Duration::ZERO);
    })
    .await;
}
