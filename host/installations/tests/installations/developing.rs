use std::time::Duration;

use neustream_catalogue::testing::package;
use neustream_catalogue::{Decision, Trial, Version, Visibility};
use neustream_contract::{Installed, SigningKey};
use neustream_installations::{InstallationView, RollbackRequest, Sideloaded, UpgradeRequest};
use neustream_model::TenantId;

use crate::kit::{World, manifest, on_both};

fn talk(version: &str, text: &str) -> neustream_contract::Manifest {
    manifest("acme/talk", version, "chat", &format!("description = \"{text}\"\n"))
}

async fn tried(w: &World, tenant: TenantId, version: &str, text: &str) -> Version {
    let package = package(&talk(version, text), None);
    let trial = Trial { tenant, actor: w.admin, plugin: "acme/talk".to_owned(), package };
    w.catalogue.try_out(trial).await.unwrap()
}

async fn sideloaded(w: &World, tenant: TenantId, version: &Version) -> Sideloaded {
    w.installations.sideload(tenant, None, version, "ada").await.unwrap()
}

async fn published(w: &World, tenant: TenantId, version: &str) -> Version {
    let version = w.published(tenant, Visibility::Public, &talk(version, "published"), None).await;
    w.decide(&version, Decision::Review).await;
    w.decide(&version, Decision::Verify).await;
    w.catalogue.version(&version.digest()).await.unwrap()
}

async fn shown(w: &World, view: &InstallationView) -> InstallationView {
    w.installations.show(view.row.tenant_id, view.id()).await.unwrap()
}

#[tokio::test]
async fn the_one_that_is_developed_with_is_chosen_before_older_ones() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = published(&w, tenant, "1.0.0").await;
        let (oldest, second) =
            (w.installed(tenant, &version, None).await, w.installed(tenant, &version, None).await);
        let first = tried(&w, tenant, "1.1.0", "a").await;
        let named = w.installations.sideload(tenant, Some(second.id()), &first, "ada").await.unwrap();
        assert_eq!(named.installation.unwrap().id(), second.id());
        let next = sideloaded(&w, tenant, &tried(&w, tenant, "1.1.0", "b").await).await;
        assert!(next.is_running);
        assert_eq!(next.installation.unwrap().id(), second.id());
        assert_eq!(shown(&w, &oldest).await.digest, version.digest(), "the other runs what it ran");
    })
    .await;
}

#[tokio::test]
async fn nothing_published_takes_the_place_of_what_is_developed_by_itself() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let stranger = w.tenant("eve@example.com").await;
        let first = tried(&w, tenant, "1.0.0", "a").await;
        let made = w.installed(tenant, &first, None).await;
        // Somebody else takes the namespace, which was nobody's, and publishes under the same name.
        let theirs = published(&w, stranger, "2.0.0").await;
        for _ in 0..4 {
            assert_eq!(w.installations.ring_step(w.now()).await.unwrap().upgraded, 0);
            w.pass(Duration::from_hours(25));
        }
        assert_eq!(shown(&w, &made).await.digest, first.digest());
        let ask = UpgradeRequest { version: Some("2.0.0".to_owned()), ..UpgradeRequest::default() };
        let asked = w.installations.upgrade(tenant, made.id(), ask).await.unwrap();
        assert_eq!(asked.digest, theirs.digest(), "the tenant may ask for it");
        let former = w.installations.former_packages(tenant, made.id()).await.unwrap();
        assert!(former.is_empty(), "what was developed is nothing to go back to");
    })
    .await;
}

#[tokio::test]
async fn faults_while_developing_are_the_developers_and_take_nothing_back() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = published(&w, tenant, "1.0.0").await;
        let made = w.installed(tenant, &version, None).await;
        let trial = tried(&w, tenant, "1.1.0", "a").await;
        let now = sideloaded(&w, tenant, &trial).await.installation.unwrap();
        w.installations.find_watched(w.now()).await.unwrap();
        w.happen(&now, 100, 100).await;
        w.installations.find_watched(w.now()).await.unwrap();
        assert_eq!(shown(&w, &made).await.digest, trial.digest());
        let figures =
            w.t.store.host().plugin_figures("acme/talk", neustream_model::UnixMillis(0)).await.unwrap();
        assert_eq!((figures.installs, figures.faults), (0, 0), "nor do they count against what is published");

        let back = w.installations.roll_back(tenant, made.id(), RollbackRequest::default()).await.unwrap();
        assert_eq!(back.digest, version.digest());
    })
    .await;
}

#[tokio::test]
async fn the_published_version_of_the_same_number_replaces_what_was_developed_when_the_tenant_asks() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let trial = tried(&w, tenant, "1.0.0", "a").await;
        let made = w.installed(tenant, &trial, None).await;
        assert_eq!(w.installations.upgrade_plan(tenant, made.id(), None).await.unwrap(), None);
        let key = SigningKey::from_bytes(&[7; 32]);
        let version = published(&w, tenant, "1.0.0").await;
        assert_eq!(version.signed_by, Some(neustream_contract::PublisherKey::of(&key).to_string()));
        let plan = w.installations.upgrade_plan(tenant, made.id(), None).await.unwrap().unwrap();
        assert_eq!(plan.to.digest, version.digest());
        let upgraded = w.installations.upgrade(tenant, made.id(), UpgradeRequest::default()).await.unwrap();
        assert_eq!(upgraded.digest, version.digest());
        let call = w.installations.call(tenant, made.id(), None).await.unwrap();
        assert_eq!(call.plugin, version.digest());
    })
    .await;
}

#[tokio::test]
async fn an_old_trial_that_an_installation_runs_is_kept() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let first = tried(&w, tenant, "1.0.0", "first").await;
        let made = w.installed(tenant, &first, None).await;
        for text in ["a", "b", "c", "d", "e"] {
            tried(&w, tenant, "1.0.0", text).await;
        }
        let second = w.second_host().await;
        assert_eq!(second.catalogue.version(&first.digest()).await.unwrap().digest(), first.digest());
        assert_eq!(second.installations.call(tenant, made.id(), None).await.unwrap().plugin, first.digest());
    })
    .await;
}
