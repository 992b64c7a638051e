use std::sync::Arc;

use bytes::Bytes;
use neustream_catalogue::testing::{ScriptedPlatform, manifest, package, signed};
use neustream_catalogue::{
    Catalogue, CatalogueError, Decision, Packages, Partners, ProvisionError, Search, Trial, Version,
    VersionState, Visibility,
};
use neustream_contract::{Digest, PackageSource};
use neustream_model::{Reason, TenantId, UserId};

use crate::kit::{World, account, on_both, tamper};

/// An unsigned package of `acme/plugin` 0.1.0; `text` makes it another one.
fn unsigned(text: &str) -> Bytes {
    package(&manifest("acme/plugin", "0.1.0", &format!("description = \"{text}\"\n")), None)
}

async fn developer(w: &World, email: &str) -> (TenantId, UserId) {
    let user = account(&w.t, email).await;
    (user.tenant_id, user.id)
}

async fn try_out(
    catalogue: &Catalogue,
    (tenant, actor): (TenantId, UserId),
    package: Bytes,
) -> Result<Version, CatalogueError> {
    catalogue.try_out(Trial { tenant, actor, plugin: "acme/plugin".to_owned(), package }).await
}

async fn numbers(w: &World, tenant: TenantId) -> Vec<(String, VersionState)> {
    let detail = w.catalogue.detail(tenant, "acme/plugin").await.unwrap();
    detail.versions.iter().map(|version| (version.number().to_owned(), version.state)).collect()
}

#[tokio::test]
async fn an_unsigned_package_is_tried_out_by_its_tenant_and_is_not_there_for_others() {
    on_both(async |w| {
        let ada = developer(&w, "ada@example.com").await;
        let bytes = unsigned("first");
        let version = try_out(&w.catalogue, ada, bytes.clone()).await.unwrap();
        assert_eq!((version.state, version.visibility), (VersionState::Development, Visibility::Development));
        assert_eq!((version.owner, version.signed_by.clone()), (Some(ada.0), None));
        version.check_runnable().unwrap();
        assert_eq!(
            w.catalogue.may_install(ada.0, &version.digest()).await.unwrap().digest(),
            version.digest()
        );
        assert_eq!(w.catalogue.resolve(ada.0, "acme/plugin", None).await.unwrap().digest(), version.digest());

        let packages = Packages::open(w.t.store.clone()).await.unwrap();
        let content = packages.package(&version.digest()).await.unwrap().unwrap();
        assert_eq!(Digest::of(&content), version.digest());
        assert!(content.starts_with(&bytes) && content.len() > bytes.len(), "it is marked with its tenant");

        let eve = w.tenant("eve@example.com").await;
        let all = Search { limit: 100, ..Search::default() };
        assert!(w.catalogue.list(eve, &all).await.unwrap().plugins.is_empty());
        assert!(matches!(w.catalogue.detail(eve, "acme/plugin").await, Err(CatalogueError::PluginUnknown)));
        for refused in [
            w.catalogue.resolve(eve, "acme/plugin", None).await,
            w.catalogue.resolve(eve, "acme/plugin", Some("0.1.0")).await,
            w.catalogue.may_install(eve, &version.digest()).await,
        ] {
            assert!(
                matches!(refused, Err(CatalogueError::PluginUnknown | CatalogueError::VersionUnknown)),
                "{refused:?}"
            );
        }
        assert!(w.catalogue.in_state(VersionState::Scanned, None, 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_same_file_is_another_version_for_every_tenant_and_another_when_it_is_published() {
    on_both(async |w| {
        let (ada, eve) = (developer(&w, "ada@example.com").await, developer(&w, "eve@example.com").await);
        let bytes = unsigned("the same");
        let adas = try_out(&w.catalogue, ada, bytes.clone()).await.unwrap();
        let eves = try_out(&w.catalogue, eve, bytes.clone()).await.unwrap();
        assert_ne!(adas.digest(), eves.digest());

        let acme = w.author("acme").await;
        let published = w.upload(&acme, Visibility::Public, signed(&bytes, &acme.key)).await.unwrap();
        assert_eq!(published.state, VersionState::Scanned, "what others try out takes no version away");
        assert_eq!(published.difference.before, None);
        assert_ne!(published.digest(), adas.digest());
        let refused = try_out(&w.catalogue, ada, unsigned("more")).await;
        assert!(
            matches!(&refused, Err(CatalogueError::NamespaceForeign { plugin, own, .. })
                if plugin == "acme/plugin" && own.is_empty()),
            "the namespace is a publisher's now: {refused:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn one_version_number_comes_again_and_again_and_the_last_three_are_kept() {
    on_both(async |w| {
        let ada = developer(&w, "ada@example.com").await;
        let mut all = Vec::new();
        for text in ["a", "b", "c", "d", "e"] {
            all.push(try_out(&w.catalogue, ada, unsigned(text)).await.unwrap().digest());
        }
        let detail = w.catalogue.detail(ada.0, "acme/plugin").await.unwrap();
        let kept: Vec<_> = detail.versions.iter().map(Version::digest).collect();
        assert_eq!(kept, [all[4], all[3], all[2]], "the last brought first");
        let (second, _) = w.second_host().await;
        assert!(matches!(second.version(&all[0]).await, Err(CatalogueError::VersionUnknown)));

        let again = try_out(&w.catalogue, ada, unsigned("c")).await.unwrap();
        assert_eq!(again.digest(), all[2]);
        let first = w.catalogue.resolve(ada.0, "acme/plugin", Some("0.1.0")).await.unwrap();
        assert_eq!(first.digest(), all[2], "what came again is the last one brought");
    })
    .await;
}

#[tokio::test]
async fn what_is_developed_stands_behind_what_is_published_and_is_never_compared_with_it() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let who = (acme.user.tenant_id, acme.user.id);
        let high = package(&manifest("acme/plugin", "9.0.0", ""), None);
        try_out(&w.catalogue, who, high).await.unwrap();
        let published = w.verified(&acme, Visibility::Public, "1.0.0").await;
        let mine = w.catalogue.resolve(who.0, "acme/plugin", None).await.unwrap();
        assert_eq!(mine.digest(), published.digest());
        let seen =
            [("1.0.0".to_owned(), VersionState::Verified), ("9.0.0".to_owned(), VersionState::Development)];
        assert_eq!(numbers(&w, who.0).await, seen);
        let stranger = w.tenant("eve@example.com").await;
        assert_eq!(numbers(&w, stranger).await, seen[..1]);
    })
    .await;
}

#[tokio::test]
async fn a_development_version_is_never_reviewed_nor_verified_and_can_be_stopped() {
    on_both(async |w| {
        let ada = developer(&w, "ada@example.com").await;
        let version = try_out(&w.catalogue, ada, unsigned("bad")).await.unwrap();
        for decision in [Decision::Review, Decision::Verify, Decision::Reinstate] {
            let refused = w.decide(&version, decision).await;
            assert!(matches!(refused, Err(CatalogueError::DecisionIllegal { .. })), "{refused:?}");
        }
        w.decide(&version, Decision::Suspend).await.unwrap();
        assert!(w.platform.forbidden(&version.digest()).is_some());
        let refused = try_out(&w.catalogue, ada, unsigned("bad")).await;
        assert!(matches!(refused, Err(CatalogueError::NotRunnable { .. })), "{refused:?}");
        let back = w.decide(&version, Decision::Reinstate).await.unwrap();
        assert_eq!(back.state, VersionState::Development);
        back.check_runnable().unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_row_that_was_edited_makes_a_development_version_run_for_nobody() {
    for sql in [
        "UPDATE plugin_versions SET visibility = 'public', state = 'verified'",
        "UPDATE plugin_versions SET state = 'scanned'",
        "UPDATE plugin_versions SET visibility = 'private'",
    ] {
        on_both(async |w| {
            let ada = developer(&w, "ada@example.com").await;
            let version = try_out(&w.catalogue, ada, unsigned("x")).await.unwrap();
            tamper(&w, sql).await;
            let packages = Packages::open(w.t.store.clone()).await.unwrap();
            let refused = packages.runnable_package(&version.digest()).await;
            assert!(matches!(refused, Err(CatalogueError::Damaged { .. })), "{sql}: {refused:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn what_the_scan_refuses_is_told_and_not_kept() {
    on_both(async |w| {
        let ada = developer(&w, "ada@example.com").await;
        w.platform.find(Some(Reason::new("import-refused", "imports wasi:sockets")));
        let refused = try_out(&w.catalogue, ada, unsigned("x")).await;
        let Err(CatalogueError::ScanRefused { digest, report }) = refused else { panic!("{refused:?}") };
        assert_eq!(report.problem().unwrap().code, "import-refused");
        assert!(matches!(w.catalogue.version(&digest).await, Err(CatalogueError::VersionUnknown)));
    })
    .await;
}

#[tokio::test]
async fn another_plugin_and_the_platforms_namespace_are_refused_before_anything_is_compiled() {
    on_both(async |w| {
        let ada = developer(&w, "ada@example.com").await;
        let other = package(&manifest("acme/other", "0.1.0", ""), None);
        let refused = try_out(&w.catalogue, ada, other).await;
        assert!(matches!(refused, Err(CatalogueError::PluginOther { .. })), "{refused:?}");
        let (tenant, actor) = ada;
        let package = package(&manifest("neustream/twitch", "9.0.0", ""), None);
        let plugin = "neustream/twitch".to_owned();
        let refused = w.catalogue.try_out(Trial { tenant, actor, plugin, package }).await;
        assert!(matches!(refused, Err(CatalogueError::NamespaceReserved(_))), "{refused:?}");
        assert_eq!(w.platform.scans(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_partner_cannot_bundle_what_it_develops() {
    struct Never;
    #[async_trait::async_trait]
    impl neustream_catalogue::Provision for Never {
        async fn provision(
            &self,
            _: TenantId,
            _: &[neustream_catalogue::PluginToInstall],
        ) -> Result<(), ProvisionError> {
            unreachable!("nothing is provisioned here")
        }
    }
    on_both(async |w| {
        let acme = w.author("acme").await;
        let who = (acme.user.tenant_id, acme.user.id);
        let partners = Partners::new(w.catalogue.clone(), Arc::new(Never));
        partners.make("acme", "Acme Live").await.unwrap();
        let version = try_out(&w.catalogue, who, unsigned("x")).await.unwrap();
        let pins = [("acme/plugin".to_owned(), version.digest())].into();
        let refused = partners.set_pins(who.0, &pins).await;
        assert!(matches!(refused, Err(CatalogueError::Bundle(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn where_the_operator_switched_it_off_nothing_is_taken_and_what_was_there_does_not_run() {
    on_both(async |w| {
        let ada = developer(&w, "ada@example.com").await;
        let version = try_out(&w.catalogue, ada, unsigned("x")).await.unwrap();
        let packages = Packages::open_without_development(w.t.store.clone()).await.unwrap();
        assert_eq!(packages.package(&version.digest()).await.unwrap(), None);
        let strict = Catalogue::open(packages, Arc::new(ScriptedPlatform::default())).await.unwrap();
        let refused = try_out(&strict, ada, unsigned("y")).await;
        assert!(matches!(refused, Err(CatalogueError::DevelopmentOff)), "{refused:?}");
        let refused = strict.may_install(ada.0, &version.digest()).await;
        assert!(matches!(refused, Err(CatalogueError::DevelopmentOff)), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn trials_are_forgotten_when_nothing_runs_them() {
    on_both(async |w| {
        let ada = developer(&w, "ada@example.com").await;
        let version = try_out(&w.catalogue, ada, unsigned("x")).await.unwrap();
        let eve = w.tenant("eve@example.com").await;
        let refused = w.catalogue.forget_trials(eve, "acme/plugin").await;
        assert!(matches!(refused, Err(CatalogueError::PluginUnknown)), "{refused:?}");
        w.catalogue.forget_trials(ada.0, "acme/plugin").await.unwrap();
        let (second, _) = w.second_host().await;
        assert!(matches!(second.version(&version.digest()).await, Err(CatalogueError::VersionUnknown)));
        let refused = w.catalogue.forget_trials(ada.0, "acme/plugin").await;
        assert!(matches!(refused, Err(CatalogueError::PluginUnknown)), "{refused:?}");
    })
    .await;
}
