use std::collections::BTreeMap;

use neustream_catalogue::{CatalogueError, Decision, Version};
use neustream_contract::Installed;
use neustream_installations::{
    Change, Edit, InstallationError, InstallationView, Replayed, RollbackRequest, UpgradePlan, UpgradeRequest,
};
use neustream_model::{Reason, SecondPublisher, TenantId, Visibility};
use neustream_store::{NewDestination, NewSource};
use serde_json::json;

use crate::kit::{CHANNEL_SCHEMA, World, chat, manifest, on_both};

const CONNECT: &str = "[capabilities.connect]\nhosts = [\"wss://chat.example.com\"]\nreason = \"To hear\"\n";
const CONNECT_KEY: &str = "connect:wss://chat.example.com";

async fn installed(w: &World) -> (TenantId, InstallationView) {
    let tenant = w.tenant("ada@example.com").await;
    let version = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
    let made = w.installed(tenant, &version, Some(json!({ "channel": "ada" }))).await;
    (tenant, made)
}

async fn newer(w: &World, version: &str, more: &str) -> Version {
    w.bundled(&chat(version, more), Some(CHANNEL_SCHEMA)).await
}

async fn plan(w: &World, view: &InstallationView) -> UpgradePlan {
    w.installations.upgrade_plan(view.row.tenant_id, view.id(), None).await.unwrap().expect("a newer version")
}

fn by(user: &str) -> UpgradeRequest {
    UpgradeRequest { by: user.to_owned(), ..UpgradeRequest::default() }
}

#[tokio::test]
async fn an_upgrade_within_the_grant_needs_no_consent_and_holds_from_the_next_call_on() {
    on_both(async |w| {
        let (tenant, made) = installed(&w).await;
        assert_eq!(w.installations.upgrade_plan(tenant, made.id(), None).await.unwrap(), None);
        let nothing = w.installations.upgrade(tenant, made.id(), by("ada")).await;
        assert!(matches!(nothing, Err(InstallationError::NothingNewer)));

        let new = newer(&w, "1.1.0", "changelog = \"Faster\"\n").await;
        let plan = plan(&w, &made).await;
        assert!(plan.is_automatic(), "{plan:?}");
        assert_eq!((plan.from.version.as_str(), plan.to.version.as_str()), ("1.0.0", "1.1.0"));
        assert_eq!((plan.to.digest, plan.changelog.as_str()), (new.digest(), "Faster"));

        let mut changes = w.installations.changes();
        let upgraded = w.installations.upgrade(tenant, made.id(), by("ada")).await.unwrap();
        assert_eq!((upgraded.digest, upgraded.row.version.as_str()), (new.digest(), "1.1.0"));
        assert_eq!(changes.try_recv().unwrap().what, Change::Upgraded);
        assert_eq!(w.installations.call(tenant, made.id(), None).await.unwrap().plugin, new.digest());
        let former = w.installations.former_packages(tenant, made.id()).await.unwrap();
        assert_eq!((former[0].version.as_str(), former[0].replaced_by.as_str()), ("1.0.0", "ada"));
    })
    .await;
}

#[tokio::test]
async fn wider_permissions_ask_with_the_difference_only() {
    on_both(async |w| {
        let (tenant, made) = installed(&w).await;
        newer(&w, "2.0.0", CONNECT).await;
        let plan = plan(&w, &made).await;
        assert!(!plan.is_automatic());
        let keys: Vec<_> = plan.permissions.iter().flat_map(|line| line.keys.clone()).collect();
        assert_eq!(keys, [CONNECT_KEY]);
        assert_eq!(plan.permissions[0].summary, "Stay connected to wss://chat.example.com");

        let refused = w.installations.upgrade(tenant, made.id(), by("ada")).await;
        let Err(InstallationError::ConsentNeeded(told)) = refused else { panic!("{refused:?}") };
        assert_eq!(*told, plan);
        let force = UpgradeRequest { force: true, ..by("ada") };
        let refused = w.installations.upgrade(tenant, made.id(), force).await;
        assert!(matches!(refused, Err(InstallationError::ConsentNeeded(_))), "force is no consent");
        let foreign = UpgradeRequest { grant: Some(vec!["kv:9".to_owned()]), ..by("ada") };
        let refused = w.installations.upgrade(tenant, made.id(), foreign).await;
        assert!(matches!(refused, Err(InstallationError::GrantUnknown(_))));
        assert_eq!(w.installations.show(tenant, made.id()).await.unwrap().row.version, "1.0.0");

        let consent = UpgradeRequest { grant: Some(vec![CONNECT_KEY.to_owned()]), ..by("ada") };
        let upgraded = w.installations.upgrade(tenant, made.id(), consent).await.unwrap();
        assert!(upgraded.grant.covers(CONNECT_KEY));
        assert!(upgraded.grant.covers("http:https://api.example.com"));
    })
    .await;
}

#[tokio::test]
async fn what_was_declined_once_is_not_asked_again_and_stays_denied() {
    on_both(async |w| {
        let (tenant, made) = installed(&w).await;
        newer(&w, "2.0.0", CONNECT).await;
        let decline = UpgradeRequest { grant: Some(vec![]), ..by("ada") };
        let upgraded = w.installations.upgrade(tenant, made.id(), decline).await.unwrap();
        assert!(!upgraded.grant.covers(CONNECT_KEY));
        newer(&w, "2.1.0", CONNECT).await;
        assert!(plan(&w, &upgraded).await.is_automatic());
        let upgraded = w.installations.upgrade(tenant, made.id(), by("ada")).await.unwrap();
        assert_eq!((upgraded.row.version.as_str(), upgraded.grant.covers(CONNECT_KEY)), ("2.1.0", false));
    })
    .await;
}

#[tokio::test]
async fn a_configuration_that_no_longer_fits_a_new_secret_and_a_failed_replay_ask() {
    on_both(async |w| {
        let (tenant, made) = installed(&w).await;
        let schema = r#"{ "type": "object", "required": ["room"], "additionalProperties": false,
            "properties": { "room": { "type": "string" } } }"#;
        let needs = "[capabilities.secrets.key]\nkind = \"hmac\"\n";
        let new = w.bundled(&chat("2.0.0", needs), Some(schema)).await;
        let failed = Replayed::Failed(Reason::new("replay-trap", "it trapped on event 3"));
        *w.replay.outcome.lock().unwrap() = Some(failed.clone());
        let plan = plan(&w, &made).await;
        let mut pointers: Vec<_> = plan.config_errors.iter().map(|error| error.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["", "/room"]);
        assert_eq!((plan.missing_secrets.as_slice(), &plan.replay), (["key".to_owned()].as_slice(), &failed));
        assert_eq!(plan.obstacles().len(), 4);
        let asked = w.replay.asked.lock().unwrap().pop().unwrap();
        assert_eq!((asked.0.plugin, asked.1.plugin), (made.digest, new.digest()));

        let mac = UpgradeRequest { grant: Some(vec!["secret-mac:key".to_owned()]), ..by("ada") };
        let refused = w.installations.upgrade(tenant, made.id(), mac.clone()).await;
        assert!(matches!(refused, Err(InstallationError::ConsentNeeded(_))));
        let force = UpgradeRequest { force: true, ..mac };
        let upgraded = w.installations.upgrade(tenant, made.id(), force).await.unwrap();
        assert_eq!(upgraded.digest, new.digest());
        assert_eq!(upgraded.state(), neustream_installations::State::NeedsConfiguration);
    })
    .await;
}

#[tokio::test]
async fn the_configurations_of_destinations_must_fit_too() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let push =
            |version| manifest("neustream/push", version, "destination", "[config]\nschema = \"s.json\"\n");
        let old = w.bundled(&push("1.0.0"), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &old, Some(json!({ "port": 1 }))).await;
        let store = w.t.store.tenant(tenant);
        let source = NewSource {
            name: "Main".to_owned(),
            description: String::new(),
            second_publisher: SecondPublisher::Reject,
            reconnect_window_s: 60,
            visibility: Visibility::Unlisted,
            is_encrypted: false,
        };
        let (source, _) = store.create_source(&source, 10).await.unwrap();
        let destination = NewDestination {
            plugin: "neustream/push".to_owned(),
            installation: Some(made.id()),
            name: String::new(),
            config: r#"{"channel":"longer than five"}"#.to_owned(),
            secrets: BTreeMap::new(),
            is_active: true,
        };
        let destination = store.create_destination(source.row.id, &destination, 10).await.unwrap();
        w.bundled(&push("1.1.0"), Some(CHANNEL_SCHEMA)).await;
        assert!(plan(&w, &made).await.is_automatic());
        w.bundled(&push("1.2.0"), Some(&CHANNEL_SCHEMA.replace("20", "5"))).await;
        let plan = plan(&w, &made).await;
        assert_eq!(plan.config_errors.len(), 1);
        assert_eq!(plan.config_errors[0].pointer, "/channel");
        assert!(plan.config_errors[0].message.contains(&destination.row.id.to_string()));
    })
    .await;
}

#[tokio::test]
async fn a_rollback_brings_package_and_configuration_back() {
    on_both(async |w| {
        let (tenant, made) = installed(&w).await;
        let nothing = w.installations.roll_back(tenant, made.id(), RollbackRequest::default()).await;
        assert!(matches!(nothing, Err(InstallationError::NothingFormer)));
        for version in ["1.1.0", "1.2.0", "1.3.0"] {
            newer(&w, version, "").await;
            w.installations.upgrade(tenant, made.id(), by("ada")).await.unwrap();
            let config = crate::kit::object(json!({ "channel": version }));
            w.installations.configure(tenant, made.id(), config).await.unwrap();
        }
        let mut changes = w.installations.changes();
        let ask = || RollbackRequest { by: "ada".to_owned(), ..RollbackRequest::default() };
        let back = w.installations.roll_back(tenant, made.id(), ask()).await.unwrap();
        assert_eq!((back.row.version.as_str(), &back.config), ("1.2.0", &json!({ "channel": "1.2.0" })));
        assert_eq!(changes.try_recv().unwrap().what, Change::RolledBack);
        let former = w.installations.former_packages(tenant, made.id()).await.unwrap();
        let versions: Vec<_> = former.iter().map(|former| former.version.as_str()).collect();
        assert_eq!(versions, ["1.3.0", "1.1.0"]);

        let first = Some(made.digest.to_string());
        let forgotten =
            w.installations.roll_back(tenant, made.id(), RollbackRequest { digest: first, ..ask() }).await;
        assert!(matches!(forgotten, Err(InstallationError::NothingFormer)), "only two are kept");
        let chosen = RollbackRequest { digest: Some(former[1].digest.clone()), ..ask() };
        let back = w.installations.roll_back(tenant, made.id(), chosen).await.unwrap();
        assert_eq!(back.row.version, "1.1.0");
    })
    .await;
}

#[tokio::test]
async fn a_rollback_does_not_cross_a_state_schema_or_reach_a_revoked_version() {
    on_both(async |w| {
        let (tenant, made) = installed(&w).await;
        newer(&w, "2.0.0", "state-schema = 2\n").await;
        let plan = plan(&w, &made).await;
        assert_eq!(plan.state_schema, Some((1, 2)));
        w.installations.upgrade(tenant, made.id(), by("ada")).await.unwrap();
        let ask = || RollbackRequest { by: "ada".to_owned(), ..RollbackRequest::default() };
        let refused = w.installations.roll_back(tenant, made.id(), ask()).await.unwrap_err();
        assert!(matches!(refused, InstallationError::StateSchema { from: 2, to: 1, .. }), "{refused}");
        assert!(refused.to_string().contains("force"), "{refused}");
        let force = RollbackRequest { force: true, ..ask() };
        let back = w.installations.roll_back(tenant, made.id(), force.clone()).await.unwrap();
        assert_eq!(back.row.version, "1.0.0");

        let second = w.catalogue.resolve(tenant, "neustream/talk", Some("2.0.0")).await.unwrap();
        w.decide(&second, Decision::Revoke).await;
        let refused = w.installations.roll_back(tenant, made.id(), force).await;
        let is_revoked =
            matches!(refused, Err(InstallationError::Catalogue(CatalogueError::NotRunnable { .. })));
        assert!(is_revoked, "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_rollback_gives_nothing_back_that_the_tenant_withdrew() {
    on_both(async |w| {
        let (tenant, made) = installed(&w).await;
        newer(&w, "1.1.0", "").await;
        w.installations.upgrade(tenant, made.id(), by("ada")).await.unwrap();
        let narrow = Edit { grant: Some(vec!["secret:token@api.example.com".to_owned()]), ..Edit::default() };
        w.installations.edit(tenant, made.id(), narrow).await.unwrap();
        let back = w.installations.roll_back(tenant, made.id(), RollbackRequest::default()).await.unwrap();
        assert_eq!(back.grant.keys().collect::<Vec<_>>(), ["secret:token@api.example.com"]);
    })
    .await;
}

#[tokio::test]
async fn an_older_version_is_installed_when_it_is_asked_for_by_number() {
    on_both(async |w| {
        let (tenant, made) = installed(&w).await;
        newer(&w, "1.1.0", "").await;
        w.installations.upgrade(tenant, made.id(), by("ada")).await.unwrap();
        assert_eq!(w.installations.upgrade_plan(tenant, made.id(), None).await.unwrap(), None);
        let old = UpgradeRequest { version: Some("1.0.0".to_owned()), ..by("ada") };
        let row = w.installations.upgrade(tenant, made.id(), old).await.unwrap().row;
        assert_eq!(row.version, "1.0.0");
        let unknown = UpgradeRequest { version: Some("9.9.9".to_owned()), ..by("ada") };
        let refused = w.installations.upgrade(tenant, made.id(), unknown).await;
        assert!(matches!(refused, Err(InstallationError::Catalogue(CatalogueError::VersionUnknown))));
    })
    .await;
}
