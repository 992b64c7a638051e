use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use neustream_catalogue::{
    CatalogueError, Decision, FirstUser, Partners, PluginToInstall, Provision, ProvisionError, Search,
    SignedBundle, Version, Visibility,
};
use neustream_contract::{PublisherKey, SigningKey, canonical_json, sign_document};
use neustream_model::{TenantId, UnixMillis};
use neustream_store::{NewAccount, StoreError, UserRow};
use serde_json::{Value, json};

use crate::kit::{Author, World, on_both};

/// Notes what would be installed, or fails.
#[derive(Default)]
struct Installer {
    installed: Mutex<Vec<(TenantId, String, Value, bool)>>,
    refusal: Mutex<Option<ProvisionError>>,
}

#[async_trait]
impl Provision for Installer {
    async fn provision(&self, tenant: TenantId, plugins: &[PluginToInstall]) -> Result<(), ProvisionError> {
        if let Some(refusal) = self.refusal.lock().unwrap().clone() {
            return Err(refusal);
        }
        let mut installed = self.installed.lock().unwrap();
        for plugin in plugins {
            let id = format!("{} {}", plugin.version.id(), plugin.version.number());
            installed.push((tenant, id, plugin.config.clone(), plugin.is_enabled));
        }
        Ok(())
    }
}

struct Partnership {
    acme: Author,
    partners: Partners,
    installer: Arc<Installer>,
    version: Version,
}

impl Partnership {
    /// A partner with one verified plugin for its tenants.
    async fn begin(w: &World) -> Self {
        let acme = w.author("acme").await;
        let installer = Arc::new(Installer::default());
        let partners = Partners::new(w.catalogue.clone(), installer.clone());
        partners.make("acme", "Acme Live").await.unwrap();
        let version = w.verified(&acme, Visibility::Partner, "1.0.0").await;
        Self { acme, partners, installer, version }
    }

    fn tenant(&self) -> TenantId {
        self.acme.user.tenant_id
    }

    fn bundle(&self) -> Value {
        json!({
            "schema": 1,
            "partner": "acme",
            "name": "starter",
            "plugins": [{
                "id": "acme/plugin",
                "version": "1.0.0",
                "digest": self.version.digest(),
                "enabled": false,
            }],
            "branding": {
                "name": "Acme Live",
                "colours": {
                    "accent": "#4338ca", "on-accent": "#ffffff", "canvas": "#f5f6f9", "surface": "#ffffff",
                    "ink": "#12151f",
                },
            },
        })
    }

    fn sign(bundle: Value, key: &SigningKey) -> SignedBundle {
        let signature = sign_document(key, "neustream-bundle-v1", canonical_json(&bundle).as_bytes());
        SignedBundle { bundle, key: PublisherKey::of(key).to_string(), signature: hex::encode(signature) }
    }

    async fn put(&self, bundle: Value) -> Result<(), CatalogueError> {
        let signed = Self::sign(bundle, &self.acme.key);
        self.partners.put_bundle(self.tenant(), &signed).await.map(drop)
    }

    async fn provision(&self, email: &str) -> Result<UserRow, CatalogueError> {
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
        self.partners.provision(self.tenant(), "starter", first).await
    }
}

fn place_of(refused: Result<(), CatalogueError>) -> String {
    match refused {
        Err(CatalogueError::Bundle(error)) => error.place,
        other => panic!("{other:?}"),
    }
}

async fn seen(w: &World, tenant: TenantId) -> Vec<String> {
    let page = w.catalogue.list(tenant, &Search { limit: 100, ..Search::default() }).await.unwrap();
    page.plugins.iter().map(|listed| listed.version.id().to_owned()).collect()
}

#[tokio::test]
async fn a_bundle_provisions_a_tenant_with_plugins_branding_and_an_invitation() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        p.put(p.bundle()).await.unwrap();
        let user = p.provision("shop@example.com").await.unwrap();
        let installed = p.installer.installed.lock().unwrap().clone();
        assert_eq!(installed, [(user.tenant_id, "acme/plugin 1.0.0".to_owned(), json!({}), false)]);
        let branding = w.t.store.tenant(user.tenant_id).branding().await.unwrap().unwrap();
        assert!(branding.contains("Acme Live"));
        let host = w.t.store.host();
        let entered = host.accept_invitation("digest of shop@example.com", "$argon2id$new").await.unwrap();
        assert_eq!((entered.id, entered.password_hash.as_str()), (user.id, "$argon2id$new"));
        let again = host.accept_invitation("digest of shop@example.com", "$argon2id$more").await;
        assert!(matches!(again, Err(StoreError::InvitationRefused)), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn a_partners_plugin_is_seen_by_its_tenants_and_by_nobody_else() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        p.put(p.bundle()).await.unwrap();
        let shop = p.provision("shop@example.com").await.unwrap().tenant_id;
        let stranger = w.tenant("eve@example.com").await;
        assert_eq!(seen(&w, shop).await, ["acme/plugin"]);
        assert!(seen(&w, stranger).await.is_empty());
        let refused = w.catalogue.may_install(stranger, &p.version.digest()).await;
        assert!(matches!(refused, Err(CatalogueError::VersionUnknown)), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn when_a_plugin_cannot_be_installed_there_is_no_tenant() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        p.put(p.bundle()).await.unwrap();
        let refusal =
            ProvisionError::Refused { plugin: "acme/plugin".to_owned(), problem: "no room".to_owned() };
        *p.installer.refusal.lock().unwrap() = Some(refusal.clone());
        let refused = p.provision("shop@example.com").await;
        assert!(matches!(refused, Err(CatalogueError::Provision(error)) if error == refusal));
        let host = w.t.store.host();
        assert!(host.user_by_email("shop@example.com").await.unwrap().is_none());
        let refused = host.invited_user("digest of shop@example.com").await;
        assert!(matches!(refused, Err(StoreError::InvitationRefused)), "{refused:?}");
        // The address is free again.
        *p.installer.refusal.lock().unwrap() = None;
        p.provision("shop@example.com").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_tenant_whose_provisioning_was_cut_short_cannot_be_entered_and_is_removed_later() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        let new = neustream_store::NewPartnerTenant {
            account: NewAccount {
                email: "half@example.com".to_owned(),
                display_name: "Half".to_owned(),
                password_hash: "!".to_owned(),
                role: "member".to_owned(),
            },
            invitation: "half".to_owned(),
            invitation_expires_at: UnixMillis::now().plus(Duration::from_hours(1)),
            branding: None,
            rules: neustream_store::InstallRules::default(),
        };
        w.t.store.tenant(p.tenant()).create_partner_tenant(&new).await.unwrap();
        let host = w.t.store.host();
        let refused = host.accept_invitation("half", "$argon2id$").await;
        assert!(matches!(refused, Err(StoreError::InvitationRefused)), "{refused:?}");
        assert_eq!(host.delete_unprovisioned(UnixMillis(1)).await.unwrap(), 0, "it may be under way");
        let later = UnixMillis::now().plus(Duration::from_secs(1));
        assert_eq!(host.delete_unprovisioned(later).await.unwrap(), 1);
        assert!(host.user_by_email("half@example.com").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_taken_address_provisions_nothing() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        p.put(p.bundle()).await.unwrap();
        w.tenant("shop@example.com").await;
        let refused = p.provision("shop@example.com").await;
        assert!(matches!(refused, Err(CatalogueError::Store(StoreError::EmailTaken))), "{refused:?}");
        assert!(p.installer.installed.lock().unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_bundle_holds_only_what_the_partners_tenants_may_run() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        let other = w.author("other-author").await;
        let private = w.verified(&other, Visibility::Private, "1.0.0").await;
        let unverified = w.published(&p.acme, Visibility::Partner, "1.1.0").await;
        let with = |change: &dyn Fn(&mut Value)| {
            let mut bundle = p.bundle();
            change(&mut bundle);
            bundle
        };
        let foreign = with(&|b| {
            b["plugins"][0]["id"] = json!("other-author/plugin");
            b["plugins"][0]["digest"] = json!(private.digest());
        });
        assert_eq!(place_of(p.put(foreign).await), "plugins[0].digest");
        let early = with(&|b| {
            b["plugins"][0]["version"] = json!("1.1.0");
            b["plugins"][0]["digest"] = json!(unverified.digest());
        });
        assert_eq!(place_of(p.put(early).await), "plugins[0].digest");
        let renamed = with(&|b| b["plugins"][0]["version"] = json!("1.0.1"));
        assert_eq!(place_of(p.put(renamed).await), "plugins[0].version");
        let wrong_config = with(&|b| b["plugins"][0]["config"] = json!({ "server": 1 }));
        assert!(place_of(p.put(wrong_config).await).starts_with("plugins[0].config"));
        let other_partner = with(&|b| b["partner"] = json!("other-author"));
        assert_eq!(place_of(p.put(other_partner).await), "partner");
    })
    .await;
}

#[tokio::test]
async fn a_bundle_is_signed_by_a_current_key_of_the_partner_when_it_comes_and_when_it_is_used() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        let stranger = SigningKey::from_bytes(&[200; 32]);
        let signed = Partnership::sign(p.bundle(), &stranger);
        let refused = p.partners.put_bundle(p.tenant(), &signed).await.map(drop);
        assert_eq!(place_of(refused), "key");

        p.put(p.bundle()).await.unwrap();
        let key = PublisherKey::of(&p.acme.key).to_string();
        w.t.store.tenant(p.tenant()).retire_publisher_key("acme", &key).await.unwrap();
        assert_eq!(place_of(p.provision("shop@example.com").await.map(drop)), "key");
    })
    .await;
}

#[tokio::test]
async fn a_bundle_with_a_version_that_was_suspended_since_provisions_nothing() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        p.put(p.bundle()).await.unwrap();
        w.decide(&p.version, Decision::Suspend).await.unwrap();
        assert_eq!(place_of(p.provision("shop@example.com").await.map(drop)), "plugins[0].digest");
        assert!(w.t.store.host().user_by_email("shop@example.com").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn an_allow_list_narrows_what_the_partners_tenants_may_install() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        let other = w.author("other-author").await;
        let public = w.verified(&other, Visibility::Public, "1.0.0").await;
        p.put(p.bundle()).await.unwrap();
        let shop = p.provision("shop@example.com").await.unwrap().tenant_id;
        assert_eq!(seen(&w, shop).await, ["acme/plugin", "other-author/plugin"]);

        let only_own = BTreeSet::from(["acme/plugin".to_owned()]);
        p.partners.set_allow_list(p.tenant(), Some(&only_own)).await.unwrap();
        assert_eq!(seen(&w, shop).await, ["acme/plugin"]);
        let refused = w.catalogue.may_install(shop, &public.digest()).await;
        assert!(matches!(refused, Err(CatalogueError::NotAllowed)), "{refused:?}");
        let refused = w.catalogue.resolve(shop, "other-author/plugin", None).await;
        assert!(matches!(refused, Err(CatalogueError::NotAllowed)), "{refused:?}");
        // The partner itself and others are not restricted by it.
        assert_eq!(seen(&w, p.tenant()).await, ["acme/plugin", "other-author/plugin"]);
        assert_eq!(seen(&w, other.user.tenant_id).await, ["other-author/plugin"]);

        p.partners.set_allow_list(p.tenant(), Some(&BTreeSet::new())).await.unwrap();
        assert!(seen(&w, shop).await.is_empty());
        p.partners.set_allow_list(p.tenant(), None).await.unwrap();
        assert_eq!(seen(&w, shop).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_bundles_own_allow_list_holds_for_its_tenant() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        let other = w.author("other-author").await;
        w.verified(&other, Visibility::Public, "1.0.0").await;
        let mut bundle = p.bundle();
        bundle["allow-list"] = json!(["acme/plugin"]);
        p.put(bundle).await.unwrap();
        let shop = p.provision("shop@example.com").await.unwrap().tenant_id;
        assert_eq!(seen(&w, shop).await, ["acme/plugin"]);
    })
    .await;
}

#[tokio::test]
async fn a_pin_holds_a_plugin_at_its_version_and_the_partners_stands_above_the_bundles() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        let mut bundle = p.bundle();
        bundle["pins"] = json!({ "acme/plugin": p.version.digest() });
        p.put(bundle).await.unwrap();
        let shop = p.provision("shop@example.com").await.unwrap().tenant_id;
        let newer = w.verified(&p.acme, Visibility::Partner, "1.1.0").await;
        let current = async || w.catalogue.resolve(shop, "acme/plugin", None).await.unwrap().digest();
        assert_eq!(current().await, p.version.digest());
        let refused = w.catalogue.may_install(shop, &newer.digest()).await;
        assert!(matches!(refused, Err(CatalogueError::NotAllowed)), "{refused:?}");

        let pins = BTreeMap::from([("acme/plugin".to_owned(), newer.digest())]);
        p.partners.set_pins(p.tenant(), &pins).await.unwrap();
        assert_eq!(current().await, newer.digest());
        p.partners.set_pins(p.tenant(), &BTreeMap::new()).await.unwrap();
        assert_eq!(current().await, p.version.digest());
    })
    .await;
}

#[tokio::test]
async fn only_a_partner_has_lists_bundles_and_versions_for_its_tenants() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        let other = w.author("other-author").await;
        let tenant = other.user.tenant_id;
        let refused = w.upload(&other, Visibility::Partner, other.package("1.0.0")).await;
        assert!(matches!(refused, Err(CatalogueError::NotPartner)), "{refused:?}");
        let refused = p.partners.set_allow_list(tenant, None).await;
        assert!(matches!(refused, Err(CatalogueError::NotPartner)), "{refused:?}");
        let refused = p.partners.put_bundle(tenant, &Partnership::sign(p.bundle(), &p.acme.key)).await;
        assert!(matches!(refused, Err(CatalogueError::NotPartner)), "{refused:?}");
        let refused = p.partners.make("nobody", "Nobody").await;
        assert!(matches!(refused, Err(CatalogueError::PartnerImpossible(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_partner_has_one_namespace_and_no_partner_above_it() {
    on_both(async |w| {
        let p = Partnership::begin(&w).await;
        let (tenant, key) = (p.tenant(), PublisherKey::of(&p.acme.key));
        w.catalogue.create_publisher(tenant, "acme-two", &key).await.unwrap();
        let refused = p.partners.make("acme-two", "Acme again").await;
        assert!(matches!(refused, Err(CatalogueError::PartnerImpossible(_))), "{refused:?}");
        assert_eq!(p.partners.make("acme", "Acme Renamed").await.unwrap().name, "Acme Renamed");

        p.put(p.bundle()).await.unwrap();
        let shop = p.provision("shop@example.com").await.unwrap().tenant_id;
        w.catalogue.create_publisher(shop, "shop", &key).await.unwrap();
        let refused = p.partners.make("shop", "Shop").await;
        assert!(matches!(refused, Err(CatalogueError::PartnerImpossible(_))), "{refused:?}");
    })
    .await;
}
