use neustream_model::UnixMillis;
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{NewPluginVersion, NewTransition, PACKAGE_PART_BYTES, StoreError};

use crate::installations::installation;
use crate::world;

fn version(plugin: &str, number: &str, digest: &str) -> NewPluginVersion {
    NewPluginVersion {
        digest: digest.to_owned(),
        plugin: plugin.to_owned(),
        version: number.to_owned(),
        precedence: number.to_owned(),
        is_prerelease: false,
        kind: "chat".to_owned(),
        search_text: plugin.to_owned(),
        manifest: "{}".to_owned(),
        config_schema: "{}".to_owned(),
        visibility: "public".to_owned(),
        owner_id: None,
        state: "verified".to_owned(),
        scan: "{\"checks\":[]}".to_owned(),
        changes: "{}".to_owned(),
        signature: None,
        signed_by: None,
        countersignature: None,
        size_bytes: 1,
        actor: None,
    }
}

fn change(digest: &str, from: &str, to: &str) -> NewTransition {
    NewTransition {
        digest: digest.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
        reason: "a test".to_owned(),
        actor: None,
        scan: None,
        countersignature: None,
    }
}

#[tokio::test]
async fn bytes_of_any_value_and_length_come_back_as_they_were() {
    on_both(async |t| {
        let host = t.store.host();
        for len in [0, 1, PACKAGE_PART_BYTES - 1, PACKAGE_PART_BYTES, 2 * PACKAGE_PART_BYTES + 7] {
            let bytes: Vec<u8> = (0..len).map(|n| n as u8).collect();
            let digest = format!("sha256:{len}");
            host.put_package(&digest, &bytes).await.unwrap();
            host.put_package(&digest, &bytes).await.unwrap();
            assert!(host.package(&digest, len as u64).await.unwrap() == bytes, "{len} bytes");
        }
    })
    .await;
}

#[tokio::test]
async fn a_package_that_was_not_written_to_its_end_is_not_given_out() {
    on_both(async |t| {
        let host = t.store.host();
        let bytes = vec![1; PACKAGE_PART_BYTES + 10];
        host.put_package("sha256:a", &bytes[..PACKAGE_PART_BYTES]).await.unwrap();
        let cut = host.package("sha256:a", bytes.len() as u64).await;
        assert!(matches!(cut, Err(StoreError::NotFound(_))), "{cut:?}");
        host.put_package("sha256:a", &bytes).await.unwrap();
        assert_eq!(host.package("sha256:a", bytes.len() as u64).await.unwrap().len(), bytes.len());
        let unknown = host.package("sha256:b", 1).await;
        assert!(matches!(unknown, Err(StoreError::NotFound(_))), "{unknown:?}");
    })
    .await;
}

#[tokio::test]
async fn changes_have_numbers_in_their_order_and_are_told_after_the_last_one_seen() {
    on_both(async |t| {
        let host = t.store.host();
        host.offer_version(&version("a/b", "1", "sha256:1")).await.unwrap();
        let (seen, held) = host.held_versions().await.unwrap();
        assert!(held.is_empty());
        host.change_version(&change("sha256:1", "verified", "suspended")).await.unwrap();
        host.change_version(&change("sha256:1", "suspended", "verified")).await.unwrap();
        host.change_version(&change("sha256:1", "verified", "revoked")).await.unwrap();
        let changes = host.transitions_after(seen, 2).await.unwrap();
        assert_eq!(changes.iter().map(|c| c.to.as_str()).collect::<Vec<_>>(), ["suspended", "verified"]);
        assert_eq!(changes[0].plugin, "a/b");
        let rest = host.transitions_after(changes[1].number, 2).await.unwrap();
        assert_eq!(rest.iter().map(|c| c.to.as_str()).collect::<Vec<_>>(), ["revoked"]);
        let (_, held) = host.held_versions().await.unwrap();
        assert_eq!((held[0].digest.as_str(), held[0].reason.as_str()), ("sha256:1", "a test"));
    })
    .await;
}

#[tokio::test]
async fn a_change_that_expects_another_state_changes_and_records_nothing() {
    on_both(async |t| {
        let host = t.store.host();
        host.offer_version(&version("a/b", "1", "sha256:1")).await.unwrap();
        let late = host.change_version(&change("sha256:1", "reviewed", "verified")).await;
        assert!(matches!(late, Err(StoreError::StateChanged { now }) if now == "verified"));
        let unknown = host.change_version(&change("sha256:2", "reviewed", "verified")).await;
        assert!(matches!(unknown, Err(StoreError::NotFound(_))), "{unknown:?}");
        assert_eq!(host.transitions_of("sha256:1").await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn of_racing_changes_one_wins_and_the_numbers_have_no_doubles() {
    on_both(async |t| {
        let host = t.store.host();
        host.offer_version(&version("a/b", "1", "sha256:1")).await.unwrap();
        let attempts = (0..4).map(|_| {
            let host = host.clone();
            tokio::spawn(
                async move { host.change_version(&change("sha256:1", "verified", "suspended")).await },
            )
        });
        let mut won = 0;
        for attempt in attempts.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(_) => won += 1,
                Err(StoreError::StateChanged { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(host.transitions_of("sha256:1").await.unwrap().len(), 2);
    })
    .await;
}

/// An installation of `plugin` with `faults` on `day`.
async fn installed(t: &TestStore, email: &str, plugin: &str, day: u64, faults: u64) {
    let tenant = world::tenant(t, email).await;
    let made = tenant.create_installations(&[installation(plugin)], 10).await.unwrap();
    let figures = |_: Option<&str>| "{}".to_owned();
    let host = t.store.host();
    let day = UnixMillis(day);
    host.add_activity(tenant.tenant(), made[0].row.id, day, (100, faults), figures).await.unwrap();
}

#[tokio::test]
async fn a_plugins_figures_are_summed_over_tenants_since_a_day() {
    on_both(async |t| {
        installed(&t, "ada@example.com", "a/b", 10, 1).await;
        installed(&t, "eve@example.com", "a/b", 20, 2).await;
        installed(&t, "old@example.com", "a/b", 1, 50).await;
        installed(&t, "other@example.com", "c/d", 20, 70).await;
        let figures = t.store.host().plugin_figures("a/b", UnixMillis(10)).await.unwrap();
        assert_eq!((figures.installs, figures.calls, figures.faults), (3, 200, 3));
        let none = t.store.host().plugin_figures("x/y", UnixMillis(0)).await.unwrap();
        assert_eq!((none.installs, none.calls, none.faults), (0, 0, 0));
    })
    .await;
}
