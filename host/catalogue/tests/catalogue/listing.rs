use neustream_catalogue::testing::{manifest, package, signed};
use neustream_catalogue::{CatalogueError, Decision, Search, VersionState, Visibility};
use neustream_contract::{Kind, PlanCeilings};
use neustream_model::{Reason, TenantId, UnixMillis};
use neustream_store::BillingCycle;

use crate::kit::{World, on_both};

async fn listed(w: &World, tenant: TenantId, search: Search) -> Vec<String> {
    let page = w.catalogue.list(tenant, &Search { limit: 100, ..search }).await.unwrap();
    page.plugins.iter().map(|listed| format!("{} {}", listed.version.id(), listed.version.number())).collect()
}

#[tokio::test]
async fn others_see_a_public_version_once_it_is_verified_and_its_owner_sees_it_before() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let ada = w.tenant("ada@example.com").await;
        let version = w.published(&acme, Visibility::Public, "1.0.0").await;
        assert_eq!(listed(&w, acme.user.tenant_id, Search::default()).await, ["acme/plugin 1.0.0"]);
        assert!(listed(&w, ada, Search::default()).await.is_empty());
        let unseen = w.catalogue.detail(ada, "acme/plugin").await;
        assert!(matches!(unseen, Err(CatalogueError::PluginUnknown)), "{unseen:?}");
        let unseen = w.catalogue.may_install(ada, &version.digest()).await;
        assert!(matches!(unseen, Err(CatalogueError::VersionUnknown)), "{unseen:?}");

        w.decide(&version, Decision::Review).await.unwrap();
        w.decide(&version, Decision::Verify).await.unwrap();
        assert_eq!(listed(&w, ada, Search::default()).await, ["acme/plugin 1.0.0"]);
        w.catalogue.may_install(ada, &version.digest()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_private_plugin_is_its_owners_even_when_it_is_verified() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let ada = w.tenant("ada@example.com").await;
        w.verified(&acme, Visibility::Private, "1.0.0").await;
        assert!(listed(&w, ada, Search::default()).await.is_empty());
        let refused = w.catalogue.resolve(ada, "acme/plugin", Some("1.0.0")).await;
        assert!(matches!(refused, Err(CatalogueError::VersionUnknown)), "{refused:?}");
        w.catalogue.resolve(acme.user.tenant_id, "acme/plugin", None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_newest_release_comes_before_pre_releases_and_what_was_revoked_is_passed_over() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let ada = w.tenant("ada@example.com").await;
        w.verified(&acme, Visibility::Public, "1.9.0").await;
        let newest = w.verified(&acme, Visibility::Public, "1.10.0").await;
        w.verified(&acme, Visibility::Public, "2.0.0-beta.1").await;
        assert_eq!(listed(&w, ada, Search::default()).await, ["acme/plugin 1.10.0"]);
        let detail = w.catalogue.detail(ada, "acme/plugin").await.unwrap();
        let numbers: Vec<_> = detail.versions.iter().map(|version| version.number().to_owned()).collect();
        assert_eq!(numbers, ["1.10.0", "1.9.0", "2.0.0-beta.1"]);

        w.catalogue.decide(&newest.digest(), Decision::Revoke, "loses frames", w.admin).await.unwrap();
        assert_eq!(listed(&w, ada, Search::default()).await, ["acme/plugin 1.9.0"]);
        let refused = w.catalogue.resolve(ada, "acme/plugin", Some("1.10.0")).await;
        let Err(CatalogueError::NotRunnable { state, reason }) = refused else { panic!("{refused:?}") };
        assert_eq!((state, reason.as_str()), (VersionState::Revoked, "loses frames"));
    })
    .await;
}

#[tokio::test]
async fn a_search_looks_through_id_name_description_and_publisher_and_takes_signs_as_they_are() {
    on_both(async |w| {
        let ada = w.tenant("ada@example.com").await;
        let adopt = async |id: &str, more: &str| {
            w.catalogue.adopt(package(&manifest(id, "1.0.0", more), None)).await.unwrap();
        };
        adopt("neustream/twitch", "description = \"Sends to Twitch\"\n").await;
        adopt("neustream/kick", "description = \"100% of your frames\"\npublisher = \"Example GmbH\"\n")
            .await;
        let find = async |text: &str| {
            listed(&w, ada, Search { text: Some(text.to_owned()), ..Search::default() }).await
        };
        assert_eq!(find("TWITCH").await, ["neustream/twitch 1.0.0"]);
        assert_eq!(find("sends to").await, ["neustream/twitch 1.0.0"]);
        assert_eq!(find("gmbh").await, ["neustream/kick 1.0.0"]);
        assert_eq!(find("100%").await, ["neustream/kick 1.0.0"]);
        assert_eq!(find("1%0").await, Vec::<String>::new());
        assert_eq!(find("_").await, Vec::<String>::new());
        assert_eq!(find(" ").await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_list_is_read_page_by_page_and_by_kind() {
    on_both(async |w| {
        let ada = w.tenant("ada@example.com").await;
        for name in ["a", "b", "c"] {
            w.catalogue
                .adopt(package(&manifest(&format!("neustream/{name}"), "1.0.0", ""), None))
                .await
                .unwrap();
        }
        let mut seen = Vec::new();
        let mut search = Search { limit: 2, ..Search::default() };
        loop {
            let page = w.catalogue.list(ada, &search).await.unwrap();
            assert!(page.plugins.len() <= 2);
            seen.extend(page.plugins.iter().map(|listed| listed.version.id().to_owned()));
            let Some(next) = page.next else { break };
            search.after = Some(next);
        }
        assert_eq!(seen, ["neustream/a", "neustream/b", "neustream/c"]);
        assert_eq!(
            listed(&w, ada, Search { kind: Some(Kind::Destination), ..Search::default() }).await.len(),
            3
        );
        assert!(listed(&w, ada, Search { kind: Some(Kind::Chat), ..Search::default() }).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_author_sees_drafts_in_the_detail_but_not_in_the_list() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        w.platform.find(Some(Reason::new("import-denied", "no")));
        let bytes = signed(&package(&manifest("acme/other", "1.0.0", ""), None), &acme.key);
        w.upload(&acme, Visibility::Private, bytes).await.unwrap();
        assert!(listed(&w, acme.user.tenant_id, Search::default()).await.is_empty());
        let detail = w.catalogue.detail(acme.user.tenant_id, "acme/other").await.unwrap();
        assert_eq!(detail.version.state, VersionState::Draft);
        let refused = w.catalogue.resolve(acme.user.tenant_id, "acme/other", None).await;
        assert!(
            matches!(refused, Err(CatalogueError::NotRunnable { state: VersionState::Draft, .. })),
            "{refused:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_tenants_ceilings_are_those_of_its_plan() {
    on_both(async |w| {
        let ada = w.tenant("ada@example.com").await;
        assert_eq!(w.catalogue.ceilings(ada).await.unwrap(), PlanCeilings::default());
        let more = PlanCeilings { calls: 16, ..PlanCeilings::default() };
        w.catalogue.set_ceilings_of_plan("pro", more).await.unwrap();
        assert_eq!(w.catalogue.ceilings(ada).await.unwrap(), PlanCeilings::default());
        let host = w.t.store.host();
        host.set_plan(ada, "pro", BillingCycle::Monthly, UnixMillis::now()).await.unwrap();
        w.catalogue.forget_ceilings();
        assert_eq!(w.catalogue.ceilings(ada).await.unwrap(), more);
        assert_eq!(w.catalogue.ceilings_of_plan("pro").await.unwrap(), more);
    })
    .await;
}
