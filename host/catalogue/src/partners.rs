//! Partners: their lists, pins and bundles, and tenants that begin with one.
//!
//! A tenant is made with its bundle or not at all. Its row comes first, marked
//! as unfinished; nobody can enter it until everything is installed. When
//! something fails it is deleted again, and when the host is killed in
//! between, a host that finds it later does so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use neustream_contract::Digest;
use neustream_model::{TenantId, UnixMillis};
use neustream_store::{
    BundleRow, InstallRules, NewAccount, NewPartnerTenant, PartnerRow, StoreError, TenantStore, UserRow,
};
use serde_json::Value;

use crate::bundle::problem;
use crate::{
    Bundle, BundledPlugin, Catalogue, CatalogueError, SignedBundle, Version, VersionState, Visibility,
};

/// Entries of an allow-list, and pins.
const MAX_LIST: usize = 500;

/// A plugin of a bundle, ready to be installed.
#[derive(Debug, Clone)]
pub struct PluginToInstall {
    /// Which version.
    pub version: Version,
    /// What the tenant will call it; empty for the plugin's own name.
    pub name: String,
    /// Its configuration, valid against the version's schema.
    pub config: Value,
    /// Whether it is switched on.
    pub is_enabled: bool,
}

/// Installs plugins for a tenant that a partner makes. Implemented by whoever keeps installations.
#[async_trait]
pub trait Provision: Send + Sync {
    /// Installs all of `plugins` or none, each with everything that its manifest asks for: by signing the bundle, which
    /// names packages by digest, the partner has consented for its tenant.
    async fn provision(&self, tenant: TenantId, plugins: &[PluginToInstall]) -> Result<(), ProvisionError>;
}

/// The plugins of a bundle could not be installed; none of them is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProvisionError {
    /// One of them cannot be installed so.
    #[error("{plugin} cannot be installed: {problem}")]
    Refused {
        /// Which one.
        plugin: String,
        /// Why.
        problem: String,
    },
    /// Not now.
    #[error("the plugins cannot be installed now: {0}")]
    Unavailable(String),
}

/// The first user of a tenant that a partner makes.
#[derive(Debug, Clone)]
pub struct FirstUser {
    /// Address, name and role; nobody knows a password for it yet.
    pub account: NewAccount,
    /// Digest of the token with which the user chooses a password.
    pub invitation: String,
    /// When the invitation ends.
    pub invitation_expires_at: UnixMillis,
}

/// What partners do. Cheap to clone.
#[derive(Clone)]
pub struct Partners {
    catalogue: Catalogue,
    provision: Arc<dyn Provision>,
}

impl Partners {
    /// Partners of this catalogue, whose bundles are installed by `provision`.
    pub fn new(catalogue: Catalogue, provision: Arc<dyn Provision>) -> Self {
        Self { catalogue, provision }
    }

    /// Makes the tenant that holds `namespace` a partner.
    ///
    /// # Errors
    /// [`CatalogueError::PartnerImpossible`] when nobody holds it, or its holder is a partner's tenant, or a partner with
    /// another namespace.
    pub async fn make(&self, namespace: &str, name: &str) -> Result<PartnerRow, CatalogueError> {
        let host = self.catalogue.store().host();
        let holder = host.publisher_of(namespace).await?;
        let holder = holder.ok_or(CatalogueError::PartnerImpossible("nobody holds the namespace"))?;
        let store = self.catalogue.store().tenant(holder.tenant_id);
        if store.partner_id().await?.is_some() {
            return Err(CatalogueError::PartnerImpossible("a partner's tenant cannot be a partner itself"));
        }
        let row = host.make_partner(holder.tenant_id, namespace, name).await?;
        if row.namespace != namespace {
            return Err(CatalogueError::PartnerImpossible("the tenant is a partner with another namespace"));
        }
        Ok(row)
    }

    /// What the partner's tenants may install.
    pub async fn rules(&self, partner: TenantId) -> Result<InstallRules, CatalogueError> {
        let (_, store) = self.partner(partner).await?;
        Ok(store.install_rules().await?)
    }

    /// Sets the only plugins that the partner's tenants may install; `None` lifts the restriction. What is installed
    /// already stays.
    pub async fn set_allow_list(
        &self,
        partner: TenantId,
        allowed: Option<&BTreeSet<String>>,
    ) -> Result<(), CatalogueError> {
        let (_, store) = self.partner(partner).await?;
        check_ids("allow-list", allowed.into_iter().flatten())?;
        Ok(store.set_allow_list(allowed).await?)
    }

    /// Sets the only versions of plugins that the partner's tenants may install.
    pub async fn set_pins(
        &self,
        partner: TenantId,
        pins: &BTreeMap<String, Digest>,
    ) -> Result<(), CatalogueError> {
        let (row, store) = self.partner(partner).await?;
        check_ids("pins", pins.keys())?;
        for (plugin, digest) in pins {
            self.version_for_tenants(&row, &format!("pins.{plugin}"), plugin, digest).await?;
        }
        let pins = pins.iter().map(|(plugin, digest)| (plugin.clone(), digest.to_string())).collect();
        Ok(store.set_pins(&pins).await?)
    }

    /// The partner's bundles, by name.
    pub async fn bundles(&self, partner: TenantId) -> Result<Vec<BundleRow>, CatalogueError> {
        let (_, store) = self.partner(partner).await?;
        Ok(store.bundles().await?)
    }

    /// Keeps a bundle, in place of a former one of that name, after everything about it was checked.
    pub async fn put_bundle(
        &self,
        partner: TenantId,
        signed: &SignedBundle,
    ) -> Result<BundleRow, CatalogueError> {
        let (row, store) = self.partner(partner).await?;
        let bundle = signed.read()?;
        self.check_key(&row, &store, &bundle, &signed.key).await?;
        self.resolved(&row, &bundle).await?;
        Ok(store.put_bundle(&bundle.name, &signed.document(), &signed.key, &signed.signature).await?)
    }

    /// Makes a tenant of the partner with one of its bundles. It runs to its end only while it is polled: spawn it
    /// where the asker may go away.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`]; [`CatalogueError::Bundle`] when the bundle does not hold any more, because its key
    /// was retired or a version suspended; [`CatalogueError::Provision`]. Then there is no tenant.
    pub async fn provision(
        &self,
        partner: TenantId,
        bundle: &str,
        first: FirstUser,
    ) -> Result<UserRow, CatalogueError> {
        let (row, store) = self.partner(partner).await?;
        let kept = store.bundle(bundle).await?;
        let signed = SignedBundle {
            bundle: serde_json::from_str(&kept.document).unwrap_or(Value::Null),
            key: kept.key,
            signature: kept.signature,
        };
        let bundle = signed.read()?;
        self.check_key(&row, &store, &bundle, &signed.key).await?;
        let plugins = self.resolved(&row, &bundle).await?;
        let branding = bundle
            .branding
            .as_ref()
            .map(|branding| serde_json::to_string(branding).expect("texts with text keys are JSON"));
        let pins = bundle.pins.iter().map(|(plugin, digest)| (plugin.clone(), digest.to_string()));
        let new = NewPartnerTenant {
            account: first.account,
            invitation: first.invitation,
            invitation_expires_at: first.invitation_expires_at,
            branding,
            rules: InstallRules { allowed: bundle.allow_list.clone(), pins: pins.collect() },
        };
        let user = store.create_partner_tenant(&new).await?;
        let installed = match self.provision.provision(user.tenant_id, &plugins).await {
            Ok(()) => store.finish_provisioning(user.tenant_id).await.map_err(CatalogueError::from),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = installed {
            self.abandon(&store, user.tenant_id).await;
            return Err(error);
        }
        Ok(user)
    }

    async fn abandon(&self, store: &TenantStore, tenant: TenantId) {
        if let Err(error) = store.abandon_provisioning(tenant).await {
            // Nobody can enter it, and the sweep of [`Catalogue::follow`] finds it.
            let error = &error as &dyn std::error::Error;
            tracing::warn!(%tenant, error, "a tenant without its bundle is removed later");
        }
    }

    async fn partner(&self, tenant: TenantId) -> Result<(PartnerRow, TenantStore), CatalogueError> {
        let store = self.catalogue.store().tenant(tenant);
        let row = store.partner().await?.ok_or(CatalogueError::NotPartner)?;
        Ok((row, store))
    }

    async fn check_key(
        &self,
        partner: &PartnerRow,
        store: &TenantStore,
        bundle: &Bundle,
        key: &str,
    ) -> Result<(), CatalogueError> {
        if bundle.partner != partner.namespace {
            return Err(problem("partner", format!("is not `{}`", partner.namespace)).into());
        }
        let publisher = store.publisher(&partner.namespace).await?;
        if !publisher.has_current_key(key) {
            let problem_text = format!("is not a current one of the namespace `{}`", partner.namespace);
            return Err(problem("key", problem_text).into());
        }
        Ok(())
    }

    /// Every plugin of the bundle with its version and a configuration that fits it.
    async fn resolved(
        &self,
        partner: &PartnerRow,
        bundle: &Bundle,
    ) -> Result<Vec<PluginToInstall>, CatalogueError> {
        let mut plugins = Vec::with_capacity(bundle.plugins.len());
        for (index, plugin) in bundle.plugins.iter().enumerate() {
            let place = format!("plugins[{index}]");
            let digest_place = format!("{place}.digest");
            let version =
                self.version_for_tenants(partner, &digest_place, &plugin.id, &plugin.digest).await?;
            check_against(&place, plugin, &version)?;
            plugins.push(PluginToInstall {
                version,
                name: plugin.name.clone(),
                config: plugin.config.clone(),
                is_enabled: plugin.enabled,
            });
        }
        for (plugin, digest) in &bundle.pins {
            self.version_for_tenants(partner, &format!("pins.{plugin}"), plugin, digest).await?;
        }
        Ok(plugins)
    }

    /// The version with this digest, which the partner's tenants see and which may run.
    async fn version_for_tenants(
        &self,
        partner: &PartnerRow,
        place: &str,
        plugin: &str,
        digest: &Digest,
    ) -> Result<Version, CatalogueError> {
        let unknown = || problem(place, format!("is no version of {plugin} that your tenants see"));
        let version = match self.catalogue.version(digest).await {
            Ok(version) => version,
            Err(CatalogueError::VersionUnknown) => return Err(unknown().into()),
            Err(error) => return Err(error),
        };
        let is_own = version.owner == Some(partner.tenant_id);
        let is_seen = match version.visibility {
            Visibility::Public => is_own || version.verified_at.is_some(),
            Visibility::Partner => is_own,
            Visibility::Private | Visibility::Development => false,
        };
        if version.id() != plugin || !is_seen {
            return Err(unknown().into());
        }
        if version.state != VersionState::Verified {
            return Err(problem(place, format!("is {}, not verified", version.state)).into());
        }
        version.check_runnable()?;
        Ok(version)
    }
}

impl std::fmt::Debug for Partners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Partners").field(&self.catalogue).finish()
    }
}

fn check_against(place: &str, plugin: &BundledPlugin, version: &Version) -> Result<(), CatalogueError> {
    if plugin.version != version.number() {
        let problem_text = format!("is not that of the package, which is {}", version.number());
        return Err(problem(&format!("{place}.version"), problem_text).into());
    }
    version
        .package
        .config_schema
        .validate(&plugin.config)
        .map_err(|error| problem(&format!("{place}.config{}", error.pointer), error.message).into())
}

fn check_ids<'a>(place: &str, ids: impl Iterator<Item = &'a String>) -> Result<(), CatalogueError> {
    let mut count = 0;
    for id in ids {
        count += 1;
        let is_id = id.split_once('/').is_some_and(|(namespace, name)| {
            [namespace, name].iter().all(|part| {
                let is_word = part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                (1..=60).contains(&part.len()) && is_word
            })
        });
        if !is_id {
            let shown: String = id.chars().take(64).collect();
            return Err(problem(place, format!("`{}` is not `namespace/name`", shown.escape_debug())).into());
        }
    }
    if count > MAX_LIST {
        return Err(problem(place, format!("has more than {MAX_LIST} entries")).into());
    }
    Ok(())
}

impl From<StoreError> for ProvisionError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
