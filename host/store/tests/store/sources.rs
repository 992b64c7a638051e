use neustream_model::{SecondPublisher, SourceId, StreamKey};
use neustream_store::testing::on_both;
use neustream_store::{LimitKind, Missing, SourceChange, StoreError};

use crate::world;

fn is_missing<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotFound(Missing::Source)))
}

#[tokio::test]
async fn a_source_is_found_by_its_key_and_nothing_else() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let (source, key) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let host = t.store.host();
        let found = host.source_by_key_digest(&key.digest()).await.unwrap().unwrap();
        assert_eq!((found.id, found.tenant_id), (source.row.id, tenant.tenant()));
        assert_eq!(found.playback_id, source.row.playback_id);

        let wrong = StreamKey::generate(tenant.tenant(), source.row.id);
        assert!(host.source_by_key_digest(&wrong.digest()).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_source_is_found_by_its_playback_id() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let host = t.store.host();
        let found = host.source_by_playback_id(&source.row.playback_id).await.unwrap().unwrap();
        assert_eq!(found.id, source.row.id);
        assert_eq!(host.source_by_id(source.row.id).await.unwrap().unwrap().name, "Main");
        assert!(host.source_by_id(SourceId::new()).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_rotated_key_is_unknown_and_the_new_one_is_known() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let (source, old) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let new = tenant.rotate_stream_key(source.row.id).await.unwrap();
        let host = t.store.host();
        assert!(host.source_by_key_digest(&old.digest()).await.unwrap().is_none());
        assert_eq!(host.source_by_key_digest(&new.digest()).await.unwrap().unwrap().id, source.row.id);
    })
    .await;
}

#[tokio::test]
async fn the_keys_of_an_archived_app_are_not_taken_until_it_is_restored() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let stage = tenant.create_app("Stage", "", 9).await.unwrap().id;
        let (_, key) = tenant.app(stage).create_source(&world::source("Main"), 10).await.unwrap();
        let (_, other) = tenant.create_source(&world::source("Elsewhere"), 10).await.unwrap();
        let host = t.store.host();
        let is_taken =
            async |key: &StreamKey| host.source_by_key_digest(&key.digest()).await.unwrap().is_some();
        assert!(is_taken(&key).await);
        tenant.archive_app(stage).await.unwrap();
        assert_eq!((is_taken(&key).await, is_taken(&other).await), (false, true));
        tenant.restore_app(stage).await.unwrap();
        assert!(is_taken(&key).await);
    })
    .await;
}

#[tokio::test]
async fn a_change_leaves_the_other_fields_alone() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let change =
            SourceChange { second_publisher: Some(SecondPublisher::Replace), ..SourceChange::default() };
        let changed = tenant.update_source(source.row.id, &change).await.unwrap();
        assert_eq!(changed.row.second_publisher, SecondPublisher::Replace);
        assert_eq!((changed.row.name.as_str(), changed.row.reconnect_window_s), ("Main", 60));

        let change = SourceChange {
            name: Some("It's \"quoted\"; DROP TABLE sources; -- \u{1F3AC}".to_owned()),
            description: Some(String::new()),
            reconnect_window_s: Some(5),
            second_publisher: None,
            ..SourceChange::default()
        };
        let changed = tenant.update_source(source.row.id, &change).await.unwrap();
        assert_eq!(Some(changed.row.name), change.name);
        assert_eq!(changed.row.reconnect_window_s, 5);
        assert_eq!(changed.row.second_publisher, SecondPublisher::Replace);
    })
    .await;
}

#[tokio::test]
async fn sources_are_listed_oldest_first_and_only_the_own() {
    on_both(async |t| {
        let ada = world::tenant(&t, "ada@example.com").await;
        let eve = world::tenant(&t, "eve@example.com").await;
        for name in ["one", "two", "three"] {
            ada.create_source(&world::source(name), 10).await.unwrap();
        }
        eve.create_source(&world::source("other"), 10).await.unwrap();
        let names: Vec<_> = ada.sources().await.unwrap().into_iter().map(|source| source.row.name).collect();
        assert_eq!(names, ["one", "two", "three"]);
    })
    .await;
}

#[tokio::test]
async fn another_tenants_source_is_not_there() {
    on_both(async |t| {
        let ada = world::tenant(&t, "ada@example.com").await;
        let eve = world::tenant(&t, "eve@example.com").await;
        let (source, key) = ada.create_source(&world::source("Main"), 10).await.unwrap();
        let id = source.row.id;
        let change = SourceChange { name: Some("stolen".to_owned()), ..SourceChange::default() };
        assert!(is_missing(&eve.source(id).await));
        assert!(is_missing(&eve.update_source(id, &change).await));
        assert!(is_missing(&eve.rotate_stream_key(id).await));
        assert!(is_missing(&eve.delete_source(id).await));
        assert!(is_missing(&eve.destinations(id).await));

        let untouched = t.store.host().source_by_key_digest(&key.digest()).await.unwrap().unwrap();
        assert_eq!(untouched.name, "Main");
    })
    .await;
}

#[tokio::test]
async fn racing_requests_never_pass_the_limit() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let attempts = (0..8).map(|n| {
            let tenant = tenant.clone();
            tokio::spawn(async move { tenant.create_source(&world::source(&n.to_string()), 3).await })
        });
        let mut refused = 0;
        for attempt in attempts.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(_) => {}
                Err(StoreError::LimitReached { kind: LimitKind::Sources, current: 3, max: 3 }) => {
                    refused += 1;
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(refused, 5);
        assert_eq!(tenant.sources().await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_source_is_gone_with_its_key() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let (source, key) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        tenant.delete_source(source.row.id).await.unwrap();
        assert!(is_missing(&tenant.source(source.row.id).await));
        assert!(is_missing(&tenant.delete_source(source.row.id).await));
        assert!(t.store.host().source_by_key_digest(&key.digest()).await.unwrap().is_none());
    })
    .await;
}
