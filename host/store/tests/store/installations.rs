use std::collections::BTreeMap;

use neustream_model::{InstallationId, Secret, UnixMillis};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{
    InstallationChange, LimitKind, Missing, NewDestination, NewInstallation, PackageChange, SealingKey,
    Store, StoreError, StoreSettings,
};
use sqlx::{Connection, Row};

use crate::world;

const TOKEN: &str = "token_4711_verysecret";

pub fn installation(plugin: &str) -> NewInstallation {
    NewInstallation {
        plugin: plugin.to_owned(),
        kind: "destination".to_owned(),
        digest: "sha256:01".to_owned(),
        version: "1.0.0".to_owned(),
        state_schema: 1,
        name: String::new(),
        granted: r#"["http:https://api.example.com"]"#.to_owned(),
        config: "{}".to_owned(),
        secrets: BTreeMap::from([("api-token".to_owned(), Secret::new(TOKEN))]),
        is_enabled: true,
        on_failure: "hold".to_owned(),
        ring: None,
        is_auto_upgraded: true,
    }
}

fn package(expected: u64, number: u32) -> PackageChange {
    PackageChange {
        expected,
        digest: format!("sha256:0{number}"),
        version: format!("{number}.0.0"),
        state_schema: 1,
        granted: "[]".to_owned(),
        config: format!("{{\"made_for\":{number}}}"),
        by: "ring".to_owned(),
        now: UnixMillis(u64::from(number) * 1000),
        is_former_kept: true,
        is_watched: true,
        avoided_digest: None,
    }
}

fn is_missing<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotFound(Missing::Installation)))
}

async fn count(t: &TestStore, statement: &'static str) -> i64 {
    let mut connection = sqlx::AnyConnection::connect(&t.url).await.unwrap();
    sqlx::query_scalar(statement).fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn the_host_gets_the_secrets_and_the_tenant_learns_that_they_are_set() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let made = tenant.create_installations(&[installation("acme/one")], 10).await.unwrap().remove(0);
        assert_eq!(made.secrets[0].name, "api-token");
        assert_eq!(tenant.installation(made.row.id).await.unwrap(), made);
        assert_eq!(tenant.installations().await.unwrap(), std::slice::from_ref(&made));

        let open = t.store.host().open_installation(tenant.tenant(), made.row.id).await.unwrap().unwrap();
        assert_eq!(open.row, made.row);
        assert_eq!(open.secrets["api-token"].expose(), TOKEN);
        assert!(!format!("{open:?}").contains(TOKEN));

        let mut connection = sqlx::AnyConnection::connect(&t.url).await.unwrap();
        let row =
            sqlx::query("SELECT sealed FROM installation_secrets").fetch_one(&mut connection).await.unwrap();
        assert!(!row.try_get::<String, _>("sealed").unwrap().contains(TOKEN));
    })
    .await;
}

#[tokio::test]
async fn several_installations_are_made_together_or_not_at_all() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let three = [installation("acme/one"), installation("acme/two"), installation("acme/three")];
        let refused = tenant.create_installations(&three, 2).await;
        let is_limit = matches!(
            refused,
            Err(StoreError::LimitReached { kind: LimitKind::Installations, current: 2, max: 2 })
        );
        assert!(is_limit, "{refused:?}");
        assert_eq!(tenant.installations().await.unwrap(), []);
        assert_eq!(tenant.create_installations(&three, 3).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_requests_for_the_one_installation_of_a_plugin_make_one() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let racing = (0..8).map(|_| {
            let tenant = tenant.clone();
            tokio::spawn(async move {
                tenant.ensure_installation(&installation("acme/one"), 10).await.unwrap().row.id
            })
        });
        let mut ids = Vec::new();
        for one in racing.collect::<Vec<_>>() {
            ids.push(one.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
        assert_eq!(tenant.installations_of("acme/one").await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_grows_the_revision() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let made = tenant.create_installations(&[installation("acme/one")], 10).await.unwrap().remove(0);
        let edit = InstallationChange {
            config: Some(r#"{"a":1}"#.to_owned()),
            secrets: BTreeMap::from([
                ("api-token".to_owned(), None),
                ("other".to_owned(), Some(Secret::new("o"))),
            ]),
            ring: Some(Some(1)),
            on_failure: Some("allow".to_owned()),
            position: Some(7),
            ..InstallationChange::default()
        };
        let edited = tenant.update_installation(made.row.id, &edit, Some(1)).await.unwrap();
        assert_eq!((edited.row.revision, edited.row.ring), (2, Some(1)));
        assert_eq!((edited.row.on_failure.as_str(), edited.row.position), ("allow", 7));
        let second = tenant.create_installations(&[installation("acme/two")], 10).await.unwrap().remove(0);
        assert_eq!((made.row.position, second.row.position), (1, 8), "a new one is the last");
        assert_eq!((edited.row.config.as_str(), edited.row.is_enabled), (r#"{"a":1}"#, true));
        assert_eq!(edited.secrets.iter().map(|secret| secret.name.as_str()).collect::<Vec<_>>(), ["other"]);

        let stale = tenant.update_installation(made.row.id, &InstallationChange::default(), Some(1)).await;
        assert!(matches!(stale, Err(StoreError::Changed(Missing::Installation))), "{stale:?}");

        let off = InstallationChange { is_enabled: Some(false), ring: Some(None), ..Default::default() };
        let off = tenant.update_installation(made.row.id, &off, None).await.unwrap();
        assert_eq!((off.row.is_enabled, off.row.ring, off.row.revision), (false, None, 3));
        assert_eq!(off.row.config, r#"{"a":1}"#);
    })
    .await;
}

#[tokio::test]
async fn another_tenants_installation_is_not_there() {
    on_both(async |t| {
        let ada = world::tenant(&t, "ada@example.com").await;
        let eve = world::tenant(&t, "eve@example.com").await;
        let made = ada.create_installations(&[installation("acme/one")], 10).await.unwrap().remove(0);
        let id = made.row.id;
        assert!(is_missing(&eve.installation(id).await));
        assert!(is_missing(&eve.update_installation(id, &InstallationChange::default(), None).await));
        assert!(is_missing(&eve.replace_package(id, &package(1, 2)).await));
        assert!(is_missing(&eve.delete_installation(id).await));
        assert!(is_missing(&eve.ensure_hook(id, "events", ("d", &Secret::new("t"))).await));
        assert_eq!(eve.installations().await.unwrap(), []);
        assert_eq!(eve.former_packages(id).await.unwrap(), []);
        assert_eq!(eve.activity(id, UnixMillis(0)).await.unwrap(), []);
        assert!(eve.hooks(id).await.unwrap().is_empty());
        assert!(t.store.host().open_installation(eve.tenant(), id).await.unwrap().is_none());
        assert_eq!(ada.installation(id).await.unwrap(), made);
    })
    .await;
}

#[tokio::test]
async fn the_two_latest_former_packages_are_kept_with_grant_and_configuration() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let id = tenant.create_installations(&[installation("acme/one")], 10).await.unwrap()[0].row.id;
        for number in 2..=4 {
            let row = tenant.replace_package(id, &package(u64::from(number) - 1, number)).await.unwrap().row;
            assert_eq!((row.digest, row.revision), (format!("sha256:0{number}"), u64::from(number)));
            assert_eq!(row.upgraded_at, Some(UnixMillis(u64::from(number) * 1000)));
        }
        let kept = tenant.former_packages(id).await.unwrap();
        let digests = kept.iter().map(|former| former.digest.as_str()).collect::<Vec<_>>();
        assert_eq!(digests, ["sha256:03", "sha256:02"]);
        assert_eq!((kept[0].config.as_str(), kept[0].version.as_str()), (r#"{"made_for":3}"#, "3.0.0"));

        // Going back to a former package takes it off the list.
        let back = PackageChange {
            is_former_kept: true,
            is_watched: false,
            avoided_digest: Some("sha256:04".to_owned()),
            now: UnixMillis(9000),
            ..package(4, 3)
        };
        let row = tenant.replace_package(id, &back).await.unwrap().row;
        assert_eq!((row.upgraded_at, row.avoided_digest.as_deref()), (None, Some("sha256:04")));
        let kept = tenant.former_packages(id).await.unwrap();
        let digests = kept.iter().map(|former| former.digest.as_str()).collect::<Vec<_>>();
        assert_eq!(digests, ["sha256:04", "sha256:02"]);

        let stale = tenant.replace_package(id, &package(4, 2)).await;
        assert!(matches!(stale, Err(StoreError::Changed(Missing::Installation))), "{stale:?}");
    })
    .await;
}

#[tokio::test]
async fn an_installation_that_destinations_use_stays() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let eve = world::tenant(&t, "eve@example.com").await;
        let id = tenant.create_installations(&[installation("acme/one")], 10).await.unwrap()[0].row.id;
        let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let destination = |installation| NewDestination {
            plugin: "acme/one".to_owned(),
            installation,
            name: String::new(),
            config: "{}".to_owned(),
            secrets: BTreeMap::new(),
            is_active: true,
        };
        let unknown = destination(Some(InstallationId::new()));
        assert!(is_missing(&tenant.create_destination(source.row.id, &unknown, 10).await));
        let (foreign, _) = eve.create_source(&world::source("Main"), 10).await.unwrap();
        assert!(is_missing(&eve.create_destination(foreign.row.id, &destination(Some(id)), 10).await));

        let made = tenant.create_destination(source.row.id, &destination(Some(id)), 10).await.unwrap();
        assert_eq!(made.row.installation, Some(id));
        assert_eq!(tenant.destinations_of_installation(id).await.unwrap()[0].id, made.row.id);
        assert!(matches!(tenant.delete_installation(id).await, Err(StoreError::InUse(1))));

        // One of an older host is found, and given its installation, but only one of its own tenant.
        let old = tenant.create_destination(source.row.id, &destination(None), 10).await.unwrap();
        let host = t.store.host();
        let found = host.destinations_without_installation().await.unwrap();
        assert_eq!(found.iter().map(|old| old.id).collect::<Vec<_>>(), [old.row.id]);
        let foreign = eve.create_installations(&[installation("acme/one")], 10).await.unwrap()[0].row.id;
        host.give_installation(old.row.id, foreign).await.unwrap();
        assert_eq!(tenant.destination(old.row.id).await.unwrap().row.installation, None);
        host.give_installation(old.row.id, id).await.unwrap();
        assert_eq!(tenant.destination(old.row.id).await.unwrap().row.installation, Some(id));

        tenant.delete_destination(made.row.id).await.unwrap();
        tenant.delete_destination(old.row.id).await.unwrap();
        assert_eq!(tenant.delete_installation(id).await.unwrap().id, id);
        assert!(is_missing(&tenant.delete_installation(id).await));
        assert_eq!(
            count(&t, "SELECT COUNT(*) FROM installation_secrets s JOIN installations i ON i.id = s.installation_id \
                       WHERE i.plugin = 'acme/one'").await,
            1,
            "only the other tenant's secret is left"
        );
    })
    .await;
}

#[tokio::test]
async fn a_webhook_url_is_made_once_and_found_by_its_digest() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let id = tenant.create_installations(&[installation("acme/one")], 10).await.unwrap()[0].row.id;
        let first = tenant.ensure_hook(id, "events", ("digest-1", &Secret::new("nsh_first"))).await.unwrap();
        let again = tenant.ensure_hook(id, "events", ("digest-2", &Secret::new("nsh_second"))).await.unwrap();
        assert_eq!((first.expose(), again.expose()), ("nsh_first", "nsh_first"));

        let found = t.store.host().hook_by_digest("digest-1").await.unwrap().unwrap();
        assert_eq!((found.tenant_id, found.installation_id), (tenant.tenant(), id));
        assert_eq!(found.connection, "events");
        assert!(t.store.host().hook_by_digest("digest-2").await.unwrap().is_none());
        let listed = tenant.hooks(id).await.unwrap();
        assert_eq!((listed.len(), listed[0].1.expose()), (1, "nsh_first"));

        tenant.delete_installation(id).await.unwrap();
        assert!(t.store.host().hook_by_digest("digest-1").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn activity_is_kept_a_day_and_merged_by_whoever_knows_it() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let id = tenant.create_installations(&[installation("acme/one")], 10).await.unwrap()[0].row.id;
        let host = t.store.host();
        let day = |number: u64| UnixMillis(number * 86_400_000);
        let add = |number: u64, figures: &'static str| {
            let merged = move |kept: Option<&str>| format!("{}{figures}", kept.unwrap_or("|"));
            host.add_activity(tenant.tenant(), id, day(number), (2, 1), merged)
        };
        assert!(add(1, "a").await.unwrap());
        assert!(add(1, "b").await.unwrap());
        assert!(add(2, "c").await.unwrap());
        let kept = tenant.activity(id, day(1)).await.unwrap();
        let days = kept.iter().map(|row| (row.day, row.figures.as_str())).collect::<Vec<_>>();
        assert_eq!(days, [(day(2), "|c"), (day(1), "|ab")]);
        assert_eq!(count(&t, "SELECT CAST(SUM(faults) AS BIGINT) FROM installation_activity").await, 3);

        assert_eq!(host.forget_activity_before(day(2)).await.unwrap(), 1);
        assert_eq!(tenant.activity(id, day(0)).await.unwrap().len(), 1);
        let unknown =
            host.add_activity(tenant.tenant(), InstallationId::new(), day(1), (1, 0), |_| String::new());
        assert!(!unknown.await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_rollout_advances_once_and_not_after_it_was_halted() {
    on_both(async |t| {
        let host = t.store.host();
        let begun = host.ensure_rollout("sha256:02", "acme/one", UnixMillis(5)).await.unwrap();
        assert_eq!((begun.ring, begun.since), (1, UnixMillis(5)));
        assert_eq!(host.ensure_rollout("sha256:02", "acme/one", UnixMillis(9)).await.unwrap(), begun);
        assert!(host.advance_rollout("sha256:02", 1, 10, UnixMillis(10)).await.unwrap());
        assert!(!host.advance_rollout("sha256:02", 1, 10, UnixMillis(11)).await.unwrap());
        host.count_upgrade("sha256:02").await.unwrap();
        let counted = host.count_rollback("sha256:02").await.unwrap().unwrap();
        assert_eq!((counted.upgraded, counted.rolled_back, counted.ring), (1, 1, 10));
        assert_eq!(host.count_rollback("sha256:99").await.unwrap(), None);
        host.halt_rollout("sha256:02", "faults").await.unwrap();
        assert!(!host.advance_rollout("sha256:02", 10, 100, UnixMillis(20)).await.unwrap());
        let halted = host.ensure_rollout("sha256:02", "acme/one", UnixMillis(30)).await.unwrap();
        assert_eq!(halted.halted.as_deref(), Some("faults"));
    })
    .await;
}

#[tokio::test]
async fn the_host_finds_installations_by_package_by_upgrade_and_page_by_page() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let by_hand = NewInstallation { is_auto_upgraded: false, ..installation("acme/hand") };
        let new = [installation("acme/one"), installation("acme/two"), by_hand];
        let made = tenant.create_installations(&new, 10).await.unwrap();
        tenant.replace_package(made[1].row.id, &package(1, 2)).await.unwrap();
        let host = t.store.host();
        let ids =
            |rows: Vec<neustream_store::InstallationRow>| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(
            ids(host.installations_running("sha256:01").await.unwrap()),
            [made[0].row.id, made[2].row.id]
        );
        let first = ids(host.auto_upgraded_installations(None, 1).await.unwrap());
        assert_eq!(first, [made[0].row.id]);
        let rest = ids(host.auto_upgraded_installations(Some(first[0]), 9).await.unwrap());
        assert_eq!(rest, [made[1].row.id]);
        assert_eq!(ids(host.installations_upgraded_since(UnixMillis(2000)).await.unwrap()), [made[1].row.id]);
        assert!(host.installations_upgraded_since(UnixMillis(2001)).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_secret_of_another_master_key_is_left_out() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let id = tenant.create_installations(&[installation("acme/one")], 10).await.unwrap()[0].row.id;
        let other = Store::open(StoreSettings::by_url(t.url.clone(), SealingKey::generate())).await.unwrap();
        let open = other.host().open_installation(tenant.tenant(), id).await.unwrap().unwrap();
        assert!(open.secrets.is_empty());
    })
    .await;
}
