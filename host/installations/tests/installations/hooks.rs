use neustream_contract::Kind;
use neustream_installations::{Edit, HookOwner, InstallationError};

use crate::kit::{manifest, on_both};

const WEBHOOK: &str = "[capabilities.webhook]\nreason = \"To hear of payments\"\n";

#[tokio::test]
async fn a_payment_provider_has_its_url_from_the_beginning() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&manifest("neustream/pay", "1.0.0", "payment", WEBHOOK), None).await;
        let made = w.installed(tenant, &version, None).await;
        let hooks = w.installations.hooks(tenant, made.id()).await.unwrap();
        assert_eq!((hooks.len(), hooks[0].connection.as_str()), (1, "payment"));
        let owner = w.installations.hook_owner(hooks[0].token.expose()).await.unwrap().unwrap();
        let expected = HookOwner {
            tenant,
            installation: made.id(),
            kind: Kind::Payment,
            connection: "payment".to_owned(),
        };
        assert_eq!(owner, expected);
        for stranger in ["", "nsh_0", &format!("nsh_{}", "0".repeat(48))] {
            assert_eq!(w.installations.hook_owner(stranger).await.unwrap(), None);
        }
        w.installations.uninstall(tenant, made.id()).await.unwrap();
        assert_eq!(w.installations.hook_owner(hooks[0].token.expose()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_url_is_made_once_a_connection_and_only_where_webhooks_were_granted() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let version = w.bundled(&manifest("neustream/talk", "1.0.0", "chat", WEBHOOK), None).await;
        let made = w.installed(tenant, &version, None).await;
        let first = w.installations.ensure_hook(tenant, made.id(), "events").await.unwrap();
        let again = w.installations.ensure_hook(tenant, made.id(), "events").await.unwrap();
        let other = w.installations.ensure_hook(tenant, made.id(), "other").await.unwrap();
        assert_eq!(first.expose(), again.expose());
        assert_ne!(first.expose(), other.expose());
        assert_eq!(w.installations.hooks(tenant, made.id()).await.unwrap().len(), 2);

        let none = Edit { grant: Some(vec![]), ..Edit::default() };
        w.installations.edit(tenant, made.id(), none).await.unwrap();
        let refused = w.installations.ensure_hook(tenant, made.id(), "third").await;
        assert!(matches!(refused, Err(InstallationError::NoWebhooks)), "{refused:?}");
    })
    .await;
}
