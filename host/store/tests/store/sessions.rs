use std::time::Duration;

use neustream_model::{SessionId, SourceId, UnixMillis};
use neustream_store::testing::on_both;
use neustream_store::{StreamedSession, TenantStore};

use crate::world;

/// 2024-01-31 12:00 UTC.
const NOON: UnixMillis = UnixMillis(1_706_702_400_000);
const DAY: Duration = Duration::from_hours(24);
const MINUTE: Duration = Duration::from_mins(1);

/// A session of an organisation that was streamed so long on the day of [`NOON`].
fn streamed(tenant: &TenantStore, source: SourceId, minutes: u32) -> StreamedSession {
    StreamedSession {
        id: SessionId::new(),
        tenant: tenant.tenant(),
        source,
        started_at: NOON,
        by_day: vec![(NOON.day(), MINUTE * minutes)],
    }
}

#[tokio::test]
async fn a_session_begins_and_ends_once() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let host = t.store.host();
        let session = streamed(&tenant, SourceId::new(), 0);
        host.record_sessions(std::slice::from_ref(&session), NOON).await.unwrap();
        host.record_sessions(std::slice::from_ref(&session), NOON.plus(MINUTE)).await.unwrap();
        let running = tenant.recent_sessions(10).await.unwrap();
        assert_eq!(running.len(), 1);
        assert_eq!((running[0].started_at, running[0].seen_at), (NOON, NOON.plus(MINUTE)));
        assert_eq!((running[0].id, running[0].ended_at), (session.id, None));

        host.session_ended(&session, NOON.plus(MINUTE * 2)).await.unwrap();
        host.session_ended(&session, NOON.plus(MINUTE * 3)).await.unwrap();
        host.record_sessions(&[session], NOON.plus(MINUTE * 4)).await.unwrap();
        let ended = &tenant.recent_sessions(10).await.unwrap()[0];
        assert_eq!(ended.ended_at, Some(NOON.plus(MINUTE * 2)));
        assert_eq!(ended.seen_at, NOON.plus(MINUTE * 2));
    })
    .await;
}

#[tokio::test]
async fn sessions_that_a_killed_host_left_open_end_when_they_were_last_seen() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let host = t.store.host();
        host.record_sessions(&[streamed(&tenant, SourceId::new(), 3)], NOON).await.unwrap();
        assert_eq!(host.end_abandoned_sessions().await.unwrap(), 1);
        assert_eq!(tenant.recent_sessions(10).await.unwrap()[0].ended_at, Some(NOON));
        assert_eq!(host.end_abandoned_sessions().await.unwrap(), 0);
        assert_eq!(tenant.usage(NOON).await.unwrap().total().this_month, MINUTE * 3);
    })
    .await;
}

#[tokio::test]
async fn figures_that_come_twice_late_or_in_another_order_count_once_and_are_never_taken_back() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let host = t.store.host();
        let ten = streamed(&tenant, SourceId::new(), 10);
        let five = StreamedSession { by_day: vec![(NOON.day(), MINUTE * 5)], ..ten.clone() };
        for told in [&five, &ten, &ten, &five] {
            host.record_sessions(std::slice::from_ref(told), NOON).await.unwrap();
        }
        host.session_ended(&five, NOON).await.unwrap();
        assert_eq!(tenant.usage(NOON).await.unwrap().total().today, MINUTE * 10);
    })
    .await;
}

#[tokio::test]
async fn many_hosts_and_sessions_at_once_lose_no_minute() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let source = SourceId::new();
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let sessions: Vec<_> = (0..120).map(|_| streamed(&tenant, source, 1)).collect();
            let host = t.store.host();
            writers.spawn(async move {
                host.record_sessions(&sessions, NOON).await.unwrap();
                host.record_sessions(&sessions, NOON).await.unwrap();
            });
        }
        writers.join_all().await;
        assert_eq!(tenant.usage(NOON).await.unwrap().of(source).this_month, MINUTE * 480);
    })
    .await;
}

#[tokio::test]
async fn usage_counts_days_and_months_and_outlives_the_source() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let other = world::tenant(&t, "eve@example.com").await;
        let (source, _) = tenant.every_app().create_source(&world::source("Main"), 10).await.unwrap();
        let source = source.row.id;
        let (yesterday, tomorrow) = (UnixMillis(NOON.day().0 - 1).day(), NOON.plus(DAY).day());
        let session = StreamedSession {
            by_day: vec![(yesterday, MINUTE), (NOON.day(), MINUTE * 2), (tomorrow, MINUTE * 4)],
            ..streamed(&tenant, source, 0)
        };
        t.store.host().record_sessions(&[session], NOON).await.unwrap();
        let january = tenant.usage(NOON).await.unwrap();
        assert_eq!(january.of(source).today, MINUTE * 2);
        assert_eq!(january.of(source).this_month, MINUTE * 3);
        let february = tenant.usage(NOON.plus(DAY)).await.unwrap();
        assert_eq!(february.of(source).today, MINUTE * 4);
        assert_eq!(february.of(source).this_month, MINUTE * 4);

        tenant.every_app().delete_source(source).await.unwrap();
        assert_eq!(tenant.usage(NOON).await.unwrap().total().this_month, MINUTE * 3);
        assert_eq!(other.usage(NOON).await.unwrap().total().this_month, Duration::ZERO);
    })
    .await;
}

#[tokio::test]
async fn a_session_of_an_organisation_that_is_gone_holds_nobody_up() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let gone = StreamedSession {
            tenant: neustream_model::TenantId::new(),
            ..streamed(&tenant, SourceId::new(), 9)
        };
        let here = streamed(&tenant, SourceId::new(), 1);
        t.store.host().record_sessions(&[gone.clone(), here], NOON).await.unwrap();
        t.store.host().session_ended(&gone, NOON).await.unwrap();
        assert_eq!(tenant.usage(NOON).await.unwrap().total().today, MINUTE);
    })
    .await;
}
