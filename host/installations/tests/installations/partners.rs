use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use neustream_catalogue::{CatalogueError, Decision, FirstUser, Partners, SignedBundle, Version, Visibility};
use neustream_contract::{PlanCeilings, PublisherKey, SigningKey, canonical_json, sign_document};
use neustream_installations::rings::Ring;
use neustream_installations::{Edit, Install, InstallationError, State};
use neustream_model::{TenantId, UnixMillis};
use neustream_store::NewAccount;
use serde_json::{Value, json};

use crate::kit::{CHANNEL_SCHEMA, World, manifest, on_both};

/// A partner with a chat connector for its tenants.
struct Partner {
    tenant: TenantId,
    partners: Partners,
    first: Version,
}

impl Partner {
    async fn begin(w: &World) -> Self {
        let tenant = w.tenant("acme@example.com").await;
        let first = version(w, tenant, "1.0.0").await;
        let partners = Partners::new(w.catalogue.clone(), Arc::new(w.installations.clone()));
        partners.make("acme", "Acme Live").await.unwrap();
        let this = Self { tenant, partners, first };
        this.verify(w, &this.first).await;
        this
    }

    async fn verify(&self, w: &World, version: &Version) {
        w.decide(version, Decision::Review).await;
        w.decide(version, Decision::Verify).await;
    }

    /// The partner's plugin, as a bundle names it.
    fn plugin(&self, config: &Value) -> Value {
        let digest = self.first.digest();
        json!({ "id": "acme/talk", "version": "1.0.0", "digest": digest, "config": config, "name": "Chat" })
    }

    async fn put_bundle(&self, config: &Value) -> Result<(), CatalogueError> {
        self.put(json!([self.plugin(config)])).await
    }

    async fn put(&self, plugins: Value) -> Result<(), CatalogueError> {
        let bundle = json!({ "schema": 1, "partner": "acme", "name": "starter", "plugins": plugins });
        let key = SigningKey::from_bytes(&[7; 32]);
        let signature = sign_document(&key, "neustream-bundle-v1", canonical_json(&bundle).as_bytes());
        let signed = SignedBundle {
            bundle,
            key: PublisherKey::of(&key).to_string(),
            signature: hex::encode(signature),
        };
        self.partners.put_bundle(self.tenant, &signed).await.map(drop)
    }

    async fn provision(&self, email: &str) -> Result<TenantId, CatalogueError> {
        let first = FirstUser {
            account: NewAccount {
                email: email.to_owned(),
                display_name: "Shop".to_owned(),
                password_hash: "!".to_owned(),
                role: "member".to_owned(),
            },
            invitation: format!("digest of {email}"),
            invitation_expires_at: UnixMillis::now().plus(Duration::from_hours(1)),
        };
        Ok(self.partners.provision(self.tenant, "starter", first).await?.tenant_id)
    }
}

async fn version(w: &World, tenant: TenantId, number: &str) -> Version {
    let more = "[capabilities.http]\nhosts = [\"https://api.example.com\"]\nreason = \"To read\"\n\
        [config]\nschema = \"s.json\"\n";
    let manifest = manifest("acme/talk", number, "chat", more);
    // The namespace is a partner's only after its first version.
    let visibility = if number == "1.0.0" { Visibility::Public } else { Visibility::Partner };
    w.published(tenant, visibility, &manifest, Some(CHANNEL_SCHEMA)).await
}

#[tokio::test]
async fn a_bundle_makes_a_tenant_whose_plugins_are_ready() {
    on_both(async |w| {
        let acme = Partner::begin(&w).await;
        acme.put_bundle(&json!({ "channel": "shop" })).await.unwrap();
        let shop = acme.provision("shop@example.com").await.unwrap();
        let installed = w.installations.list(shop).await.unwrap();
        assert_eq!(installed.len(), 1);
        assert_eq!((installed[0].state(), installed[0].row.name.as_str()), (State::Ready, "Chat"));
        assert!(installed[0].grant.covers("http:https://api.example.com"));
    })
    .await;
}

#[tokio::test]
async fn a_tenant_whose_plugins_do_not_fit_into_its_plan_is_not_made() {
    on_both(async |w| {
        let acme = Partner::begin(&w).await;
        acme.put_bundle(&json!({ "channel": "shop" })).await.unwrap();
        let judge = w.bundled(&manifest("neustream/judge", "1.0.0", "moderation", ""), None).await;
        let more = json!({ "id": "neustream/judge", "version": "1.0.0", "digest": judge.digest() });
        acme.put(json!([acme.plugin(&json!({ "channel": "shop" })), more])).await.unwrap();
        let ceilings = PlanCeilings { installations: 1, ..PlanCeilings::default() };
        w.catalogue.set_ceilings_of_plan("unlimited", ceilings).await.unwrap();
        let refused = acme.provision("shop@example.com").await;
        assert!(matches!(refused, Err(CatalogueError::Provision(_))), "{refused:?}");
        assert!(w.t.store.host().user_by_email("shop@example.com").await.unwrap().is_none());
        assert!(
            w.t.store.host().installations_running(&judge.digest().to_string()).await.unwrap().is_empty()
        );

        w.catalogue.set_ceilings_of_plan("unlimited", PlanCeilings::default()).await.unwrap();
        let shop = acme.provision("shop@example.com").await.unwrap();
        assert_eq!(w.installations.list(shop).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_partners_pin_holds_its_tenants_at_a_version_and_its_list_keeps_others_out() {
    on_both(async |w| {
        let acme = Partner::begin(&w).await;
        acme.put_bundle(&json!({ "channel": "shop" })).await.unwrap();
        let shop = acme.provision("shop@example.com").await.unwrap();
        let installed = w.installations.list(shop).await.unwrap().remove(0);
        let early = Edit { ring: Some(Some(Ring::First)), ..Edit::default() };
        w.installations.edit(shop, installed.id(), early).await.unwrap();
        let second = version(&w, acme.tenant, "1.1.0").await;
        acme.verify(&w, &second).await;

        let pins = BTreeMap::from([("acme/talk".to_owned(), acme.first.digest())]);
        acme.partners.set_pins(acme.tenant, &pins).await.unwrap();
        assert_eq!(w.installations.upgrade_plan(shop, installed.id(), None).await.unwrap(), None);
        assert_eq!(w.installations.ring_step(w.now()).await.unwrap().upgraded, 0);
        acme.partners.set_pins(acme.tenant, &BTreeMap::new()).await.unwrap();
        assert_eq!(w.installations.ring_step(w.now()).await.unwrap().upgraded, 1);

        w.bundled(&manifest("neustream/judge", "1.0.0", "moderation", ""), None).await;
        let allowed = BTreeSet::from(["acme/talk".to_owned()]);
        acme.partners.set_allow_list(acme.tenant, Some(&allowed)).await.unwrap();
        let ask = || Install { plugin: "neustream/judge".to_owned(), ..Install::default() };
        let refused = w.installations.install(shop, ask()).await;
        let is_kept_out = matches!(
            refused,
            Err(InstallationError::Catalogue(CatalogueError::NotAllowed | CatalogueError::PluginUnknown))
        );
        assert!(is_kept_out, "{refused:?}");
        acme.partners.set_allow_list(acme.tenant, None).await.unwrap();
        w.installations.install(shop, ask()).await.unwrap();
    })
    .await;
}
