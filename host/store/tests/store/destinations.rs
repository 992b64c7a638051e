use std::collections::BTreeMap;

use neustream_model::{DestinationId, Secret, SourceId};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{
    DestinationChange, LimitKind, Missing, NewDestination, SealingKey, Store, StoreError, StoreSettings,
    TenantStore,
};
use sqlx::{Connection, Row};

use crate::world;

const KEY: &str = "live_4711_verysecretkey";

fn destination() -> NewDestination {
    NewDestination {
        plugin: "neustream/twitch".to_owned(),
        installation: None,
        name: String::new(),
        config: "{}".to_owned(),
        secrets: BTreeMap::from([("stream-key".to_owned(), Secret::new(KEY))]),
        is_active: true,
    }
}

async fn tenant_with_source(t: &TestStore, email: &str) -> (TenantStore, SourceId) {
    let tenant = world::tenant(t, email).await;
    let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
    (tenant, source.row.id)
}

fn is_missing<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotFound(Missing::Destination)))
}

#[tokio::test]
async fn the_host_gets_the_secrets_and_the_tenant_learns_that_they_are_set() {
    on_both(async |t| {
        let (tenant, source) = tenant_with_source(&t, "ada@example.com").await;
        let made = tenant.create_destination(source, &destination(), 10).await.unwrap();
        assert_eq!(made.secrets.len(), 1);
        assert_eq!(made.secrets[0].name, "stream-key");
        assert_eq!(tenant.destination(made.row.id).await.unwrap().secrets, made.secrets);

        let active = t.store.host().active_destinations(source).await.unwrap();
        assert_eq!(active.len(), 1);
        assert_eq!(active[0].row.id, made.row.id);
        assert_eq!(active[0].secrets["stream-key"].expose(), KEY);
        assert!(!format!("{active:?}").contains(KEY));
    })
    .await;
}

#[tokio::test]
async fn no_row_of_the_database_holds_a_key_in_clear() {
    on_both(async |t| {
        let (tenant, source) = tenant_with_source(&t, "ada@example.com").await;
        tenant.create_destination(source, &destination(), 10).await.unwrap();
        let stream_key = tenant.rotate_stream_key(source).await.unwrap();
        let signing = t.store.host().signing_key(|| Secret::new("signing-key-in-clear")).await.unwrap();

        let mut connection = sqlx::AnyConnection::connect(&t.url).await.unwrap();
        for statement in [
            "SELECT sealed AS t FROM destination_secrets",
            "SELECT config AS t FROM destinations",
            "SELECT key_digest AS t FROM sources",
            "SELECT value AS t FROM meta",
        ] {
            let rows = sqlx::query(statement).fetch_all(&mut connection).await.unwrap();
            assert!(!rows.is_empty(), "{statement}");
            for row in rows {
                let text: String = row.try_get("t").unwrap();
                for secret in [KEY, stream_key.expose(), signing.expose()] {
                    assert!(!text.contains(secret), "{statement}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_grows_the_revision() {
    on_both(async |t| {
        let (tenant, source) = tenant_with_source(&t, "ada@example.com").await;
        let made = tenant.create_destination(source, &destination(), 10).await.unwrap();
        let id = made.row.id;

        let renewed = DestinationChange {
            secrets: BTreeMap::from([
                ("stream-key".to_owned(), Some(Secret::new("fresh"))),
                ("token".to_owned(), Some(Secret::new("t"))),
            ]),
            ..DestinationChange::default()
        };
        let changed = tenant.update_destination(id, &renewed).await.unwrap();
        assert_eq!(changed.row.revision, made.row.revision + 1);
        assert_eq!((changed.row.plugin.as_str(), changed.row.is_active), ("neustream/twitch", true));
        let active = t.store.host().active_destinations(source).await.unwrap();
        assert_eq!(active[0].secrets["stream-key"].expose(), "fresh");
        assert_eq!(active[0].secrets["token"].expose(), "t");

        let edit = DestinationChange {
            name: Some("Main channel".to_owned()),
            installation: None,
            config: Some(r#"{"rtmp_url":"rtmp://x"}"#.to_owned()),
            secrets: BTreeMap::from([("token".to_owned(), None)]),
            is_active: Some(false),
        };
        let changed = tenant.update_destination(id, &edit).await.unwrap();
        assert_eq!(changed.row.revision, made.row.revision + 2);
        assert_eq!(changed.row.name, "Main channel");
        assert_eq!(changed.row.config, r#"{"rtmp_url":"rtmp://x"}"#);
        assert_eq!(changed.secrets.len(), 1);
        assert!(!changed.row.is_active);
        assert!(t.store.host().active_destinations(source).await.unwrap().is_empty());

        let renamed = DestinationChange {
            name: Some("Second channel".to_owned()),
            config: Some(r#"{ "rtmp_url": "rtmp://x" }"#.to_owned()),
            is_active: Some(false),
            ..DestinationChange::default()
        };
        let changed = tenant.update_destination(id, &renamed).await.unwrap();
        assert_eq!(changed.row.name, "Second channel");
        assert_eq!(changed.row.revision, made.row.revision + 2, "nothing that runs has to begin anew");
    })
    .await;
}

#[tokio::test]
async fn destinations_are_listed_by_source_and_counted() {
    on_both(async |t| {
        let (tenant, source) = tenant_with_source(&t, "ada@example.com").await;
        let (other, _) = tenant.create_source(&world::source("Other"), 10).await.unwrap();
        let first = tenant.create_destination(source, &destination(), 10).await.unwrap();
        let second = tenant.create_destination(source, &destination(), 10).await.unwrap();
        tenant.create_destination(other.row.id, &destination(), 10).await.unwrap();

        let listed: Vec<_> = tenant
            .destinations(source)
            .await
            .unwrap()
            .into_iter()
            .map(|destination| destination.row.id)
            .collect();
        assert_eq!(listed, [first.row.id, second.row.id]);
        assert_eq!(tenant.all_destinations().await.unwrap().len(), 3);
        assert_eq!(tenant.source(source).await.unwrap().destinations_count, 2);
    })
    .await;
}

#[tokio::test]
async fn another_tenants_destination_is_not_there() {
    on_both(async |t| {
        let (ada, source) = tenant_with_source(&t, "ada@example.com").await;
        let (eve, _) = tenant_with_source(&t, "eve@example.com").await;
        let made = ada.create_destination(source, &destination(), 10).await.unwrap();
        let id = made.row.id;
        let change = DestinationChange { is_active: Some(false), ..DestinationChange::default() };
        assert!(is_missing(&eve.destination(id).await));
        assert!(is_missing(&eve.update_destination(id, &change).await));
        assert!(is_missing(&eve.delete_destination(id).await));
        assert!(eve.all_destinations().await.unwrap().is_empty());
        let intruding = eve.create_destination(source, &destination(), 10).await;
        assert!(matches!(intruding, Err(StoreError::NotFound(Missing::Source))), "{intruding:?}");
        assert!(ada.destination(id).await.unwrap().row.is_active);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_destination_is_gone_with_its_secrets() {
    on_both(async |t| {
        let (tenant, source) = tenant_with_source(&t, "ada@example.com").await;
        let made = tenant.create_destination(source, &destination(), 10).await.unwrap();
        assert_eq!(tenant.delete_destination(made.row.id).await.unwrap(), source);
        assert!(is_missing(&tenant.delete_destination(made.row.id).await));
        assert_eq!(secrets_left(&t).await, 0);

        tenant.create_destination(source, &destination(), 10).await.unwrap();
        tenant.delete_source(source).await.unwrap();
        assert_eq!(secrets_left(&t).await, 0);
        assert!(is_missing(&tenant.destination(DestinationId::new()).await));
    })
    .await;
}

async fn secrets_left(t: &TestStore) -> i64 {
    let mut connection = sqlx::AnyConnection::connect(&t.url).await.unwrap();
    sqlx::query_scalar("SELECT COUNT(*) FROM destination_secrets").fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn a_source_takes_only_so_many_destinations() {
    on_both(async |t| {
        let (tenant, source) = tenant_with_source(&t, "ada@example.com").await;
        tenant.create_destination(source, &destination(), 1).await.unwrap();
        let refused = tenant.create_destination(source, &destination(), 1).await;
        let expected = matches!(
            refused,
            Err(StoreError::LimitReached { kind: LimitKind::Destinations, current: 1, max: 1 })
        );
        assert!(expected, "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_secret_of_another_master_key_fails_only_its_destination() {
    on_both(async |t| {
        let (tenant, source) = tenant_with_source(&t, "ada@example.com").await;
        tenant.create_destination(source, &destination(), 10).await.unwrap();
        let other = Store::open(StoreSettings::by_url(t.url.clone(), SealingKey::generate())).await.unwrap();
        other.tenant(tenant.tenant()).create_destination(source, &destination(), 10).await.unwrap();

        let active = t.store.host().active_destinations(source).await.unwrap();
        assert_eq!(active[0].secrets["stream-key"].expose(), KEY);
        assert!(active[1].secrets.is_empty());
    })
    .await;
}
