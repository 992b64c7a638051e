use std::time::Duration;

use neustream_contract::{Activity, BreakerState};
use neustream_installations::rings::Ring;
use neustream_installations::{Change, Edit, InstallationView, UpgradeRequest};
use neustream_model::UnixMillis;
use serde_json::json;

use crate::kit::{CHANNEL_SCHEMA, World, chat, on_both};

/// An installation that was upgraded from 1.0.0 to 1.1.0 in the first ring.
async fn upgraded(w: &World, email: &str, more: &str) -> InstallationView {
    let tenant = w.tenant(email).await;
    let old = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
    let made = w.installed(tenant, &old, Some(json!({ "channel": "ada" }))).await;
    let edit = Edit { ring: Some(Some(Ring::First)), ..Edit::default() };
    w.installations.edit(tenant, made.id(), edit).await.unwrap();
    w.happen(&made, 1000, 0).await;
    w.bundled(&chat("1.1.0", more), Some(CHANNEL_SCHEMA)).await;
    assert_eq!(w.installations.ring_step(w.now()).await.unwrap().upgraded, 1);
    w.installations.show(tenant, made.id()).await.unwrap()
}

async fn version_of(w: &World, view: &InstallationView) -> String {
    w.installations.show(view.row.tenant_id, view.id()).await.unwrap().row.version
}

#[tokio::test]
async fn an_upgrade_that_faults_is_taken_back_and_goes_no_further() {
    on_both(async |w| {
        let made = upgraded(&w, "ada@example.com", "").await;
        let mut changes = w.installations.changes();
        w.happen(&made, 100, 4).await;
        assert_eq!(version_of(&w, &made).await, "1.1.0", "4 % is not too many");
        w.happen(&made, 100, 20).await;
        assert_eq!(version_of(&w, &made).await, "1.0.0");
        assert_eq!(changes.try_recv().unwrap().what, Change::RolledBack);
        let former = w.installations.former_packages(made.row.tenant_id, made.id()).await.unwrap();
        assert_eq!(former[0].replaced_by, "watch");

        // The only one that was upgraded had to be rolled back: nobody else gets it.
        let host = w.t.store.host();
        let rollout = host.ensure_rollout(&made.digest.to_string(), "", w.now()).await.unwrap();
        assert!(rollout.halted.is_some());
        w.pass(Duration::from_hours(500));
        let other = w.tenant("eve@example.com").await;
        let old = w.catalogue.resolve(other, "neustream/talk", Some("1.0.0")).await.unwrap();
        let other = w.installed(other, &old, Some(json!({ "channel": "eve" }))).await;
        assert_eq!(w.installations.ring_step(w.now()).await.unwrap().upgraded, 0);
        assert_eq!(version_of(&w, &other).await, "1.0.0");

        // Until somebody who runs the platform lets it go on: with fresh counts, ring by ring, and not to where it was
        // taken back.
        let resumed = w.installations.resume_rollout(&made.digest).await.unwrap().unwrap();
        assert_eq!((resumed.halted, resumed.ring, resumed.upgraded, resumed.rolled_back), (None, 1, 0, 0));
        assert_eq!(resumed.since, w.now());
        for _ in 0..3 {
            w.installations.ring_step(w.now()).await.unwrap();
            w.pass(Duration::from_hours(25));
        }
        assert_eq!(version_of(&w, &other).await, "1.1.0");
        assert_eq!(version_of(&w, &made).await, "1.0.0", "it stays where it was taken back");
        assert_eq!(w.installations.resume_rollout(&neustream_contract::Digest::of(b"")).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_open_breaker_takes_an_upgrade_back() {
    on_both(async |w| {
        let made = upgraded(&w, "ada@example.com", "").await;
        let open = Activity {
            calls: 5,
            faults: 5,
            breaker: BreakerState::Open { until: UnixMillis(w.now().0 + 1) },
            ..Activity::default()
        };
        w.platform.happen(made.row.tenant_id, made.id(), open);
        w.installations.flush(w.now()).await.unwrap();
        assert_eq!(version_of(&w, &made).await, "1.0.0");
    })
    .await;
}

#[tokio::test]
async fn faults_of_the_former_version_and_those_after_the_watch_do_not_count() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let old = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &old, Some(json!({ "channel": "ada" }))).await;
        w.bundled(&chat("1.1.0", ""), Some(CHANNEL_SCHEMA)).await;
        // Not flushed before the upgrade.
        w.platform.happen(tenant, made.id(), Activity { calls: 50, faults: 50, ..Activity::default() });
        w.installations.upgrade(tenant, made.id(), UpgradeRequest::default()).await.unwrap();
        w.happen(&made, 10, 0).await;
        assert_eq!(version_of(&w, &made).await, "1.1.0");
        w.pass(Duration::from_hours(2));
        w.happen(&made, 100, 100).await;
        assert_eq!(version_of(&w, &made).await, "1.1.0");
    })
    .await;
}

#[tokio::test]
async fn nothing_goes_back_by_itself_across_a_state_schema() {
    on_both(async |w| {
        let made = upgraded(&w, "ada@example.com", "state-schema = 2\n").await;
        for _ in 0..3 {
            w.happen(&made, 10, 10).await;
        }
        assert_eq!(version_of(&w, &made).await, "1.1.0");
        let host = w.t.store.host();
        let rollout = host.ensure_rollout(&made.digest.to_string(), "", w.now()).await.unwrap();
        assert_eq!(rollout.rolled_back, 1, "it is judged once");
        assert!(rollout.halted.is_some());
    })
    .await;
}

#[tokio::test]
async fn another_host_takes_the_watch_up_after_a_restart() {
    on_both(async |w| {
        let made = upgraded(&w, "ada@example.com", "").await;
        let restarted = w.second_host().await;
        restarted.installations.find_watched(w.now()).await.unwrap();
        restarted.platform.happen(
            made.row.tenant_id,
            made.id(),
            Activity { calls: 10, faults: 10, ..Activity::default() },
        );
        restarted.installations.flush(w.now()).await.unwrap();
        assert_eq!(version_of(&w, &made).await, "1.0.0");
    })
    .await;
}
