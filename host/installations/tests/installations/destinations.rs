use std::collections::BTreeMap;

use neustream_catalogue::{Decision, Visibility};
use neustream_installations::InstallationError;
use neustream_model::SecondPublisher;
use neustream_store::{NewDestination, NewSource};

use crate::kit::{manifest, on_both};

fn destination(plugin: &str) -> NewDestination {
    NewDestination {
        plugin: plugin.to_owned(),
        installation: None,
        name: String::new(),
        config: "{}".to_owned(),
        secrets: BTreeMap::new(),
        is_active: true,
    }
}

#[tokio::test]
async fn a_destination_of_a_bundled_plugin_needs_no_installing() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let more = "[capabilities.push]\nhosts = [\"rtmp://live.example.com\"]\nreason = \"To send\"\n";
        w.bundled(&manifest("neustream/push", "1.0.0", "destination", more), None).await;
        let made = w.installations.ensure_for_destination(tenant, "neustream/push").await.unwrap();
        assert_eq!(made.grant.keys().collect::<Vec<_>>(), ["push:rtmp://live.example.com"]);
        let again = w.installations.ensure_for_destination(tenant, "neustream/push").await.unwrap();
        assert_eq!(again.id(), made.id());
        assert_eq!(w.installations.list(tenant).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn other_plugins_are_installed_first_and_must_be_of_the_kind() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let own = w
            .published(tenant, Visibility::Public, &manifest("acme/push", "1.0.0", "destination", ""), None)
            .await;
        w.decide(&own, Decision::Review).await;
        w.decide(&own, Decision::Verify).await;
        let refused = w.installations.ensure_for_destination(tenant, "acme/push").await;
        assert!(matches!(refused, Err(InstallationError::NotInstalled(_))), "{refused:?}");
        let made = w.installed(tenant, &own, None).await;
        assert_eq!(
            w.installations.ensure_for_destination(tenant, "acme/push").await.unwrap().id(),
            made.id()
        );

        let judge = w.bundled(&manifest("neustream/judge", "1.0.0", "moderation", ""), None).await;
        let refused = w.installations.ensure_for_destination(tenant, "neustream/judge").await;
        assert!(matches!(refused, Err(InstallationError::NotDestination(_))), "{refused:?}");
        let judge = w.installed(tenant, &judge, None).await;
        let refused = w.installations.for_destination(tenant, judge.id()).await;
        assert!(matches!(refused, Err(InstallationError::NotDestination(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn destinations_of_an_older_host_get_their_installation_on_start() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        w.bundled(&manifest("neustream/push", "1.0.0", "destination", ""), None).await;
        let store = w.t.store.tenant(tenant);
        let source = NewSource {
            name: "Main".to_owned(),
            description: String::new(),
            second_publisher: SecondPublisher::Reject,
            reconnect_window_s: 60,
            visibility: neustream_model::Visibility::Unlisted,
            is_encrypted: false,
        };
        let (source, _) = store.create_source(&source, 10).await.unwrap();
        for plugin in ["neustream/push", "neustream/push", "neustream/gone"] {
            store.create_destination(source.row.id, &destination(plugin), 10).await.unwrap();
        }
        assert_eq!(w.installations.adopt_destinations().await.unwrap(), 2);
        let installed = w.installations.list(tenant).await.unwrap();
        assert_eq!(installed.len(), 1);
        let owners: Vec<_> = store
            .destinations(source.row.id)
            .await
            .unwrap()
            .into_iter()
            .map(|destination| destination.row.installation)
            .collect();
        assert_eq!(owners, [Some(installed[0].id()), Some(installed[0].id()), None]);
        assert_eq!(w.installations.adopt_destinations().await.unwrap(), 0);
    })
    .await;
}
