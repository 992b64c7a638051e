use std::time::Duration;

use neustream_catalogue::Decision;
use neustream_contract::{CallErrorKind, Digest, Installed, Kind, PlanCeilings};
use neustream_installations::{Change, Install, UpgradeRequest};
use neustream_model::InstallationId;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::kit::{CHANNEL_SCHEMA, World, chat, manifest, on_both};

const OAUTH: &str = "[capabilities.secrets.account]\nkind = \"oauth2\"\nscopes = [\"read\"]\n\
    hosts = [\"api.example.com\"]\nauthorize-url = \"https://example.com/a\"\ntoken-url = \"https://example.com/t\"\n";

async fn code(w: &World, view: &neustream_installations::InstallationView) -> (CallErrorKind, String) {
    let error = w.installations.call(view.row.tenant_id, view.id(), None).await.unwrap_err();
    (error.kind, error.code)
}

#[tokio::test]
async fn a_call_has_package_grant_and_the_plans_ceilings() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let ceilings = PlanCeilings { wall_percent: 200, ..PlanCeilings::default() };
        w.catalogue.set_ceilings_of_plan("unlimited", ceilings).await.unwrap();
        let version = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &version, Some(json!({ "channel": "ada" }))).await;
        let call = w.installations.call(tenant, made.id(), None).await.unwrap();
        assert_eq!((call.tenant, call.installation, call.plugin), (tenant, made.id(), version.digest()));
        assert_eq!((call.grant, call.ceilings, call.attempt), (made.grant, ceilings, 1));
        assert_eq!(call.deadline, Duration::from_millis(200));
    })
    .await;
}

#[tokio::test]
async fn another_tenants_installation_is_unknown() {
    on_both(async |w| {
        let ada = w.tenant("ada@example.com").await;
        let eve = w.tenant("eve@example.com").await;
        let version = w.bundled(&manifest("neustream/judge", "1.0.0", "moderation", ""), None).await;
        let made = w.installed(ada, &version, None).await;
        // Also when its owner's answer is at hand.
        w.installations.call(ada, made.id(), None).await.unwrap();
        for (tenant, id) in [(eve, made.id()), (ada, InstallationId::new())] {
            let error = w.installations.call(tenant, id, None).await.unwrap_err();
            assert_eq!(
                (error.kind, error.code.as_str()),
                (CallErrorKind::NotRunnable, "installation-unknown")
            );
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_of_an_archived_app_is_called_until_it_is_restored() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let organisation = w.t.store.tenant(tenant);
        let stage = organisation.create_app("Stage", "", 9).await.unwrap().id;
        let version = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let ask = Install {
            plugin: version.id().to_owned(),
            config: json!({ "channel": "ada" }).as_object().cloned(),
            ..Install::default()
        };
        let made = w.installations.install(&organisation.app(stage), ask).await.unwrap();
        let other = w.installed(tenant, &version, Some(json!({ "channel": "ada" }))).await;
        w.installations.call(tenant, made.id(), None).await.unwrap();

        let mut changes = w.installations.changes();
        for (is_archived, what) in [(true, Change::Disabled), (false, Change::Enabled)] {
            if is_archived {
                organisation.archive_app(stage).await.unwrap();
            } else {
                organisation.restore_app(stage).await.unwrap();
            }
            w.installations.app_archived(&organisation.app(stage), is_archived).await.unwrap();
            let told = changes.recv().await.unwrap();
            assert_eq!((told.installation, told.what), (made.id(), what));
            let running = w.installations.running(Kind::Chat).await.unwrap();
            assert_eq!(running.contains(&(tenant, made.id())), !is_archived);
            assert!(running.contains(&(tenant, other.id())), "the other app goes on");
            if is_archived {
                let refused = (CallErrorKind::NotRunnable, "app-archived".to_owned());
                assert_eq!(code(&w, &made).await, refused);
            } else {
                w.installations.call(tenant, made.id(), None).await.unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_suspended_or_revoked_version_is_not_called_and_its_installations_are_told() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&manifest("neustream/judge", "1.0.0", "moderation", ""), None).await;
        let made = w.installed(tenant, &version, None).await;
        let stop = CancellationToken::new();
        let mut changes = w.installations.changes();
        let running = tokio::spawn({
            let (installations, stop) = (w.installations.clone(), stop.clone());
            async move { installations.run(stop).await }
        });
        // Decisions are heard once the background listens, which nothing else tells.
        tokio::task::yield_now().await;
        w.installations.call(tenant, made.id(), None).await.unwrap();

        w.decide(&version, Decision::Suspend).await;
        assert_eq!(code(&w, &made).await, (CallErrorKind::NotRunnable, "plugin-suspended".to_owned()));
        let told = changes.recv().await.unwrap();
        assert_eq!((told.installation, told.what), (made.id(), Change::Standing));
        w.decide(&version, Decision::Reinstate).await;
        w.installations.call(tenant, made.id(), None).await.unwrap();
        w.decide(&version, Decision::Revoke).await;
        assert_eq!(code(&w, &made).await, (CallErrorKind::NotRunnable, "plugin-revoked".to_owned()));
        stop.cancel();
        running.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn without_its_configuration_a_plugin_is_not_called_but_a_destination_adapter_is() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let talk = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &talk, None).await;
        assert_eq!(code(&w, &made).await, (CallErrorKind::InvalidConfig, "needs-configuration".to_owned()));
        let push = manifest("neustream/push", "1.0.0", "destination", "[config]\nschema = \"s.json\"\n");
        let push = w.bundled(&push, Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &push, None).await;
        assert_eq!(w.installations.call(tenant, made.id(), None).await.unwrap().config, "{}");
    })
    .await;
}

#[tokio::test]
async fn tokens_come_with_every_call_and_a_missing_consent_is_told() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&chat("1.0.0", OAUTH), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &version, Some(json!({ "channel": "ada" }))).await;
        assert_eq!(code(&w, &made).await, (CallErrorKind::Unauthorized, "oauth-consent-needed".to_owned()));
        for token in ["first", "refreshed"] {
            w.tokens.connect(made.id(), "account", token);
            let call = w.installations.call(tenant, made.id(), None).await.unwrap();
            assert_eq!(call.secrets.get("account").unwrap().expose(), token);
            assert_eq!(call.secrets.get("account.client-id").unwrap().expose(), "client");
        }
        let call = w.installations.call(tenant, made.id(), None).await.unwrap();
        assert!(w.installations.refused(&call).await);
        assert_eq!(*w.tokens.refused.lock().unwrap(), ["account: refreshed"]);
        *w.tokens.is_down.lock().unwrap() = true;
        assert_eq!(code(&w, &made).await, (CallErrorKind::Unavailable, "oauth-refresh-failed".to_owned()));

        // What was not granted is not asked for.
        let none = neustream_installations::Edit { grant: Some(vec![]), ..Default::default() };
        w.installations.edit(tenant, made.id(), none).await.unwrap();
        assert_eq!(w.installations.call(tenant, made.id(), None).await.unwrap().secrets.names().count(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_was_begun_with_a_package_goes_on_with_it_after_an_upgrade() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let old = w.bundled(&chat("1.0.0", ""), Some(CHANNEL_SCHEMA)).await;
        let made = w.installed(tenant, &old, Some(json!({ "channel": "ada" }))).await;
        // The new version knows another configuration.
        let schema =
            r#"{ "type": "object", "required": ["room"], "properties": { "room": { "type": "string" } } }"#;
        let new = w.bundled(&chat("2.0.0", ""), Some(schema)).await;
        let force = UpgradeRequest { force: true, ..UpgradeRequest::default() };
        w.installations.upgrade(tenant, made.id(), force).await.unwrap();
        let room = crate::kit::object(json!({ "room": "r" }));
        w.installations.configure(tenant, made.id(), room).await.unwrap();

        let pinned = w.installations.call(tenant, made.id(), Some(old.digest())).await.unwrap();
        assert_eq!((pinned.plugin, pinned.config.as_str()), (old.digest(), r#"{"channel":"ada"}"#));
        let fresh = w.installations.call(tenant, made.id(), None).await.unwrap();
        assert_eq!((fresh.plugin, fresh.config.as_str()), (new.digest(), r#"{"room":"r"}"#));
        let same = w.installations.call(tenant, made.id(), Some(new.digest())).await.unwrap();
        assert_eq!(same.plugin, new.digest());

        // A pin to what may not run, is another plugin's or is not there gives the present package.
        let other = w.bundled(&manifest("neustream/judge", "1.0.0", "moderation", ""), None).await;
        w.decide(&old, Decision::Revoke).await;
        for pin in [old.digest(), other.digest(), Digest::of(b"nothing")] {
            let call = w.installations.call(tenant, made.id(), Some(pin)).await.unwrap();
            assert_eq!(call.plugin, new.digest());
        }
    })
    .await;
}
