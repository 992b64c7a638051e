use std::time::Duration;

use neustream_catalogue::{Version, Visibility};
use neustream_contract::Kind;
use neustream_installations::rings::{Ring, RingStep};
use neustream_installations::{
    Change, Edit, InstallationError, InstallationView, RollbackRequest, UpgradeRequest,
};
use neustream_model::TenantId;
use serde_json::json;

use crate::kit::{CHANNEL_SCHEMA, World, chat, manifest, on_both};

const SOAK: Duration = Duration::from_hours(24);

async fn in_ring(w: &World, tenant: TenantId, version: &Version, ring: Ring) -> InstallationView {
    let config = (version.kind() == Kind::Chat).then(|| json!({ "channel": "ada" }));
    let made = w.installed(tenant, version, config).await;
    let edit = Edit { ring: Some(Some(ring)), ..Edit::default() };
    w.installations.edit(tenant, made.id(), edit).await.unwrap()
}

async fn step(w: &World) -> usize {
    w.installations.ring_step(w.now()).await.unwrap().upgraded
}

async fn version_of(w: &World, view: &InstallationView) -> String {
    w.installations.show(view.row.tenant_id, view.id()).await.unwrap().row.version
}

#[tokio::test]
async fn a_new_version_goes_out_ring_by_ring_after_each_soak_time() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let old = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let all = in_ring(&w, tenant, &old, Ring::All).await;
        let early = in_ring(&w, tenant, &old, Ring::Early).await;
        let first = in_ring(&w, tenant, &old, Ring::First).await;
        let by_hand = in_ring(&w, tenant, &old, Ring::First).await;
        let off = Edit { is_auto_upgraded: Some(false), ..Edit::default() };
        w.installations.edit(tenant, by_hand.id(), off).await.unwrap();
        assert_eq!(step(&w).await, 0);

        w.bundled(&chat("1.1.0", ""), Some(CHANNEL_SCHEMA)).await;
        for (expected, reached) in [(1, &first), (1, &early), (1, &all)] {
            assert_eq!(step(&w).await, expected);
            assert_eq!(version_of(&w, reached).await, "1.1.0");
            assert_eq!(step(&w).await, 0, "it rests until the soak time is over");
            w.pass(SOAK);
        }
        assert_eq!(version_of(&w, &by_hand).await, "1.0.0");
        let former = w.installations.former_packages(tenant, all.id()).await.unwrap();
        assert_eq!(former[0].replaced_by, "ring");
    })
    .await;
}

#[tokio::test]
async fn what_needs_consent_waits_and_its_tenant_is_told_once() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let old = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let first = in_ring(&w, tenant, &old, Ring::First).await;
        let wide = "[capabilities.webhook]\nreason = \"x\"\n";
        w.bundled(&chat("2.0.0", wide), Some(CHANNEL_SCHEMA)).await;
        let mut changes = w.installations.changes();
        for _ in 0..2 {
            let step = w.installations.ring_step(w.now()).await.unwrap();
            assert_eq!(step, RingStep { upgraded: 0, waiting: 1 });
        }
        assert_eq!(changes.try_recv().unwrap().what, Change::UpgradeWaits);
        assert!(changes.try_recv().is_err());
        assert_eq!(version_of(&w, &first).await, "1.0.0");
    })
    .await;
}

#[tokio::test]
async fn an_installation_that_was_rolled_back_is_not_upgraded_to_the_same_version_again() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let old = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let first = in_ring(&w, tenant, &old, Ring::First).await;
        w.bundled(&chat("1.1.0", ""), Some(CHANNEL_SCHEMA)).await;
        assert_eq!(step(&w).await, 1);
        w.installations.roll_back(tenant, first.id(), RollbackRequest::default()).await.unwrap();
        assert_eq!(step(&w).await, 0);
        assert_eq!(version_of(&w, &first).await, "1.0.0");
        w.bundled(&chat("1.2.0", ""), Some(CHANNEL_SCHEMA)).await;
        assert_eq!(step(&w).await, 1);
        assert_eq!(version_of(&w, &first).await, "1.2.0");
    })
    .await;
}

#[tokio::test]
async fn a_version_that_nobody_verified_comes_by_hand_only() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let own = |version| manifest("acme/own", version, "moderation", "");
        let old = w.published(tenant, Visibility::Private, &own("1.0.0"), None).await;
        let made = w.installed(tenant, &old, None).await;
        w.published(tenant, Visibility::Private, &own("1.1.0"), None).await;
        assert_eq!(step(&w).await, 0);
        w.pass(SOAK * 5);
        assert_eq!(step(&w).await, 0);
        assert_eq!(version_of(&w, &made).await, "1.0.0");
        assert!(w.installations.upgrade_plan(tenant, made.id(), None).await.unwrap().unwrap().is_automatic());
    })
    .await;
}

#[tokio::test]
async fn who_asks_for_an_older_version_keeps_it() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let old = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let first = in_ring(&w, tenant, &old, Ring::First).await;
        w.bundled(&chat("1.1.0", ""), Some(CHANNEL_SCHEMA)).await;
        assert_eq!(step(&w).await, 1);
        let ask = UpgradeRequest { version: Some("1.0.0".to_owned()), ..UpgradeRequest::default() };
        w.installations.upgrade(tenant, first.id(), ask).await.unwrap();
        assert_eq!(step(&w).await, 0);
        assert_eq!(version_of(&w, &first).await, "1.0.0");
    })
    .await;
}

#[tokio::test]
async fn a_version_that_cannot_be_used_here_changes_nothing_and_holds_nobody_up() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let old = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let talk = in_ring(&w, tenant, &old, Ring::First).await;
        let judge = |version| manifest("neustream/judge", version, "moderation", "");
        let other = w.bundled(&judge("1.0.0"), None).await;
        let other = in_ring(&w, tenant, &other, Ring::First).await;
        let spoilt = w.bundled(&chat("1.1.0", ""), Some(CHANNEL_SCHEMA)).await;
        w.platform.spoil(&spoilt.digest());
        w.bundled(&judge("1.1.0"), None).await;
        assert_eq!(step(&w).await, 1);
        assert_eq!(
            (version_of(&w, &talk).await, version_of(&w, &other).await),
            ("1.0.0".into(), "1.1.0".into())
        );
        let refused = w.installations.upgrade(tenant, talk.id(), UpgradeRequest::default()).await;
        assert!(matches!(refused, Err(InstallationError::NotUsable(_))), "{refused:?}");
    })
    .await;
}
