use std::collections::BTreeMap;

use neustream_catalogue::{CatalogueError, Decision, PluginToInstall, Provision, ProvisionError, Visibility};
use neustream_contract::PlanCeilings;
use neustream_installations::{Change, Install, InstallationError, Problem, State};
use neustream_store::StoreError;
use serde_json::json;

use crate::kit::{CHANNEL_SCHEMA, chat, manifest, object, on_both};

#[tokio::test]
async fn an_installation_has_what_was_granted_and_nothing_else() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let mut changes = w.installations.changes();
        let ask = Install {
            plugin: "neustream/talk".to_owned(),
            grant: vec!["http:https://api.example.com".to_owned()],
            config: Some(object(json!({ "channel": "ada" }))),
            secrets: BTreeMap::from([("token".to_owned(), " pasted\n".to_owned())]),
            name: "Talk".to_owned(),
            ..Install::default()
        };
        let made = w.installations.install(tenant, ask).await.unwrap();
        assert_eq!(made.digest, version.digest());
        assert_eq!(made.grant.keys().collect::<Vec<_>>(), ["http:https://api.example.com"]);
        assert_eq!((made.row.name.as_str(), made.state()), ("Talk", State::Ready));
        assert_eq!(made.secrets[0].name, "token");
        let told = changes.try_recv().unwrap();
        assert_eq!((told.tenant, told.installation, told.what), (tenant, made.id(), Change::Installed));
        let open = w.t.store.host().open_installation(tenant, made.id()).await.unwrap().unwrap();
        assert_eq!(open.secrets["token"].expose(), "pasted");
        assert_eq!(w.installations.list(tenant).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_the_manifest_does_not_ask_for_cannot_be_granted() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let install = |grant: &str, secret: &str, plugin: &str| Install {
            plugin: plugin.to_owned(),
            grant: vec![grant.to_owned()],
            secrets: BTreeMap::from([(secret.to_owned(), "key-4711".to_owned())]),
            ..Install::default()
        };
        let asked = "http:https://api.example.com";
        let refused = w.installations.install(tenant, install("http:https://evil.example", "token", "neustream/talk"));
        assert!(matches!(refused.await, Err(InstallationError::GrantUnknown(key)) if key.ends_with("evil.example")));
        let refused = w.installations.install(tenant, install(asked, "key-4711", "neustream/talk")).await;
        let text = refused.unwrap_err().to_string();
        assert!(text.contains("takes: token") && !text.contains("4711"), "{text}");
        let unknown = w.installations.install(tenant, install(asked, "token", "neustream/nothing")).await;
        assert!(
            matches!(unknown, Err(InstallationError::Catalogue(CatalogueError::PluginUnknown))),
            "{unknown:?}"
        );
        assert!(w.installations.list(tenant).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn configuration_and_secrets_may_come_later() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let needy = "[capabilities.secrets.key]\nkind = \"hmac\"\n\
            [capabilities.secrets.account]\nkind = \"oauth2\"\nscopes = [\"read\"]\nhosts = [\"api.example.com\"]\n\
            authorize-url = \"https://example.com/a\"\ntoken-url = \"https://example.com/t\"\n";
        let version = w.bundled(&chat("1.0.0", needy), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &version, None).await;
        assert_eq!(made.state(), State::NeedsConfiguration);
        let [Problem::Config(config), rest @ ..] = &made.problems()[..] else { panic!("{:?}", made.problems()) };
        assert_eq!(config.pointer, "/channel");
        assert_eq!(
            rest,
            [Problem::ConsentMissing("account".to_owned()), Problem::SecretMissing("key".to_owned())]
        );

        let id = made.id();
        w.installations.configure(tenant, id, object(json!({ "channel": "ada" }))).await.unwrap();
        let keys = BTreeMap::from([("key".to_owned(), Some("k".to_owned()))]);
        let waiting = w.installations.set_secrets(tenant, id, keys).await.unwrap();
        assert_eq!(waiting.problems(), [Problem::ConsentMissing("account".to_owned())]);
        w.tokens.connect(id, "account", "t");
        assert_eq!(w.installations.show(tenant, id).await.unwrap().state(), State::Ready);
    })
    .await;
}

#[tokio::test]
async fn a_private_version_is_for_its_tenant_once_it_was_scanned_and_for_nobody_when_revoked() {
    on_both(async |w| {
        let ada = w.tenant("ada@example.com").await;
        let eve = w.tenant("eve@example.com").await;
        let own = manifest("acme/own", "1.0.0", "moderation", "");
        let version = w.published(ada, Visibility::Private, &own, None).await;
        let ask = || Install { plugin: "acme/own".to_owned(), ..Install::default() };
        let foreign = w.installations.install(eve, ask()).await;
        assert!(matches!(foreign, Err(InstallationError::Catalogue(CatalogueError::PluginUnknown))));
        let by_digest = Install { digest: Some(version.digest()), ..ask() };
        let foreign = w.installations.install(eve, by_digest).await;
        assert!(matches!(foreign, Err(InstallationError::Catalogue(_))), "{foreign:?}");

        let made = w.installations.install(ada, ask()).await.unwrap();
        assert_eq!(made.state(), State::Ready);
        w.decide(&version, Decision::Revoke).await;
        assert_eq!(w.installations.show(ada, made.id()).await.unwrap().state(), State::Revoked);
        let again = w.installations.install(ada, ask()).await;
        assert!(matches!(again, Err(InstallationError::Catalogue(_))), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn a_tenant_has_as_many_installations_as_its_plan_allows() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let ceilings = PlanCeilings { installations: 1, ..PlanCeilings::default() };
        w.catalogue.set_ceilings_of_plan("unlimited", ceilings).await.unwrap();
        let version = w.bundled(&manifest("neustream/judge", "1.0.0", "moderation", ""), None).await;
        w.installed(tenant, &version, None).await;
        let ask = Install { plugin: "neustream/judge".to_owned(), ..Install::default() };
        let refused = w.installations.install(tenant, ask).await;
        let is_limit = matches!(
            refused,
            Err(InstallationError::Store(StoreError::LimitReached { current: 1, max: 1, .. }))
        );
        assert!(is_limit, "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn an_uninstalled_plugin_leaves_nothing() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&manifest("neustream/judge", "1.0.0", "moderation", ""), None).await;
        let made = w.installed(tenant, &version, None).await;
        let mut changes = w.installations.changes();
        w.installations.uninstall(tenant, made.id()).await.unwrap();
        assert_eq!(changes.try_recv().unwrap().what, Change::Uninstalled);
        assert_eq!(w.platform.forgotten(), [made.id()]);
        assert_eq!(*w.tokens.forgotten.lock().unwrap(), [made.id()]);
        let gone = w.installations.show(tenant, made.id()).await;
        assert!(matches!(gone, Err(InstallationError::Store(StoreError::NotFound(_)))));
    })
    .await;
}

#[tokio::test]
async fn a_bundle_is_installed_whole_or_not_at_all() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let judge = w.bundled(&manifest("neustream/judge", "1.0.0", "moderation", ""), None).await;
        let talk = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let plugin = |version: &neustream_catalogue::Version, config| PluginToInstall {
            version: version.clone(),
            name: "Of the bundle".to_owned(),
            config,
            is_enabled: true,
        };
        let wrong = [plugin(&judge, json!({})), plugin(&talk, json!({ "channel": 5 }))];
        let refused = w.installations.provision(tenant, &wrong).await.unwrap_err();
        let expected = ProvisionError::Refused {
            plugin: "neustream/talk".to_owned(),
            problem: "/channel: value is not of type \"string\"".to_owned(),
        };
        assert_eq!(refused, expected);
        let right = [plugin(&judge, json!({})), plugin(&talk, json!({ "channel": "x" }))];
        let ceilings = PlanCeilings { installations: 1, ..PlanCeilings::default() };
        w.catalogue.set_ceilings_of_plan("unlimited", ceilings).await.unwrap();
        let refused = w.installations.provision(tenant, &right).await;
        assert!(matches!(refused, Err(ProvisionError::Refused { .. })), "{refused:?}");
        assert!(w.installations.list(tenant).await.unwrap().is_empty());

        w.catalogue.set_ceilings_of_plan("unlimited", PlanCeilings::default()).await.unwrap();
        w.installations.provision(tenant, &right).await.unwrap();
        let made = w.installations.list(tenant).await.unwrap();
        assert_eq!(made.len(), 2);
        assert_eq!(made[1].grant.keys().count(), talk.package.manifest.permission_keys().len());
        assert_eq!((made[1].state(), made[1].row.name.as_str()), (State::Ready, "Of the bundle"));
    })
    .await;
}
