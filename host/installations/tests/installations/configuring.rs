use std::collections::BTreeMap;

use neustream_contract::{CallErrorKind, Installed};
use neustream_installations::{Change, Edit, InstallationError, State};
use neustream_model::Reason;
use serde_json::json;

use crate::kit::{CHANNEL_SCHEMA, chat, object, on_both};

#[tokio::test]
async fn everything_that_is_wrong_with_a_configuration_is_told_by_pointer() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &version, Some(json!({ "channel": "ada" }))).await;
        let wrong = object(json!({ "port": "live_4711", "other": 1 }));
        let refused = w.installations.configure(tenant, made.id(), wrong).await;
        let Err(InstallationError::ConfigInvalid(errors)) = refused else { panic!("{refused:?}") };
        let mut pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["", "/channel", "/port"]);
        assert!(!format!("{errors:?}").contains("4711"));
        let huge = object(json!({ "channel": "x".repeat(70_000) }));
        let refused = w.installations.configure(tenant, made.id(), huge).await;
        assert!(matches!(refused, Err(InstallationError::ConfigInvalid(_))));
        assert_eq!(
            w.installations.show(tenant, made.id()).await.unwrap().config,
            json!({ "channel": "ada" })
        );
    })
    .await;
}

#[tokio::test]
async fn a_change_holds_from_the_next_call_on_and_closes_the_breaker() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &version, Some(json!({ "channel": "one" }))).await;
        let id = made.id();
        let config = async || w.installations.call(tenant, id, None).await.unwrap().config;
        assert_eq!(config().await, r#"{"channel":"one"}"#);
        let mut changes = w.installations.changes();
        w.installations.configure(tenant, id, object(json!({ "channel": "two" }))).await.unwrap();
        assert_eq!(config().await, r#"{"channel":"two"}"#);
        assert_eq!(changes.try_recv().unwrap().what, Change::Configured);
        assert_eq!(w.platform.resets(), [id]);

        let secret = |text: Option<&str>| BTreeMap::from([("token".to_owned(), text.map(str::to_owned))]);
        w.installations.set_secrets(tenant, id, secret(Some("one"))).await.unwrap();
        let call = w.installations.call(tenant, id, None).await.unwrap();
        assert_eq!(call.secrets.get("token").unwrap().expose(), "one");
        w.installations.set_secrets(tenant, id, secret(None)).await.unwrap();
        assert!(w.installations.call(tenant, id, None).await.unwrap().secrets.get("token").is_none());
    })
    .await;
}

#[tokio::test]
async fn switching_off_acts_at_once_and_switching_twice_changes_nothing() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &version, Some(json!({ "channel": "ada" }))).await;
        let id = made.id();
        w.installations.call(tenant, id, None).await.unwrap();
        let off = w.installations.set_enabled(tenant, id, false).await.unwrap();
        assert_eq!(off.state(), State::Disabled);
        let refused = w.installations.call(tenant, id, None).await.unwrap_err();
        assert_eq!(
            (refused.kind, refused.code.as_str()),
            (CallErrorKind::NotRunnable, "installation-disabled")
        );
        let again = w.installations.set_enabled(tenant, id, false).await.unwrap();
        assert_eq!(again.row.revision, off.row.revision);
        w.installations.set_enabled(tenant, id, true).await.unwrap();
        w.installations.call(tenant, id, None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_grant_is_narrowed_and_widened_by_its_tenant_alone() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &version, Some(json!({ "channel": "ada" }))).await;
        let grant = |keys: &[&str]| Edit {
            grant: Some(keys.iter().map(|key| (*key).to_owned()).collect()),
            ..Edit::default()
        };
        w.installations.edit(tenant, made.id(), grant(&[])).await.unwrap();
        let call = w.installations.call(tenant, made.id(), None).await.unwrap();
        assert_eq!(call.grant.keys().count(), 0);
        let wide = w.installations.edit(tenant, made.id(), grant(&["connect:wss://evil.example"])).await;
        assert!(matches!(wide, Err(InstallationError::GrantUnknown(_))));
        let edit = Edit { name: Some("Mine".to_owned()), is_auto_upgraded: Some(false), ..Edit::default() };
        let edited = w.installations.edit(tenant, made.id(), edit).await.unwrap();
        assert_eq!((edited.row.name.as_str(), edited.row.is_auto_upgraded), ("Mine", false));
        assert_eq!(edited.grant.keys().count(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_self_test_tells_what_the_runtime_found() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &version, None).await;
        let report = w.installations.self_test(tenant, made.id()).await.unwrap();
        assert_eq!(report.problem(), None);
        w.platform.find(Some(Reason::new("config", "the channel is missing")));
        let report = w.installations.self_test(tenant, made.id()).await.unwrap();
        assert_eq!(report.problem().unwrap().code, "config");
    })
    .await;
}
