//! Development versions: what a tenant tries out on this host before it publishes.
//!
//! They need no signature, come again and again under one version number, and
//! run in the same sandbox with the same limits as everything else, after the
//! same scan. They are their tenant's alone: the bytes are marked with the
//! tenant before they get their digest, so the same file has another digest
//! for every tenant and when it is published; the platform's countersignature
//! is of a level of its own, which no decision of a reviewer leads away from
//! but to stop it; and the catalogue gives them to nobody else.

use bytes::Bytes;
use neustream_contract::Package;
use neustream_contract::package::marked_for_development;
use neustream_model::{TenantId, UserId};
use neustream_store::{DevelopmentRoom, NewPluginVersion};

use crate::countersignature::Statement;
use crate::publish::{check_not_reserved, namespace_of, read};
use crate::{Catalogue, CatalogueError, Version, VersionState, Visibility};

/// How much of a tenant's development is kept: what an editor makes in a few minutes.
const ROOM: DevelopmentRoom = DevelopmentRoom { of_plugin: 3, versions: 50, bytes: 256 * 1024 * 1024 };

/// A package that a tenant tries out.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Whose it is.
    pub tenant: TenantId,
    /// Who brings it.
    pub actor: UserId,
    /// The plugin that it must be of: `namespace/name`.
    pub plugin: String,
    /// The package. A signature counts for nothing and is dropped.
    pub package: Bytes,
}

impl Catalogue {
    /// Takes a development version: looks it over like an upload and keeps it for its tenant. Nothing is kept of one
    /// that the scan refuses.
    ///
    /// It runs to its end only while it is polled: spawn it where the asker may go away.
    ///
    /// # Errors
    /// [`CatalogueError::DevelopmentOff`]; [`CatalogueError::PluginOther`] where the package is of another plugin;
    /// [`CatalogueError::NamespaceReserved`] or [`CatalogueError::NamespaceForeign`] where the namespace is another
    /// publisher's; [`CatalogueError::NotAllowed`] where the tenant's partner does not let the plugin be installed;
    /// [`CatalogueError::ScanRefused`]; [`neustream_store::StoreError::LimitReached`].
    pub async fn try_out(&self, trial: Trial) -> Result<Version, CatalogueError> {
        let Trial { tenant, actor, plugin, package: bytes } = trial;
        if !self.0.packages.may_develop() {
            return Err(CatalogueError::DevelopmentOff);
        }
        let (package, bytes) = read(bytes).await?;
        if package.manifest.id != plugin {
            return Err(CatalogueError::PluginOther { expected: plugin, found: package.manifest.id });
        }
        self.check_may_develop(tenant, &plugin).await?;
        let marked: Bytes = marked_for_development(&bytes[..package.content_len], tenant)?.into();
        let (package, marked) = read(marked).await?;
        let report = self.looked_over(marked.clone()).await?;
        if report.problem().is_some() {
            return Err(CatalogueError::ScanRefused { digest: package.digest, report: Box::new(report) });
        }
        let new = NewPluginVersion {
            scan: serde_json::to_string(&report).expect("a report has text keys"),
            ..self.development_row(tenant, actor, &package).await?
        };
        let row = self.store().tenant(tenant).offer_development(&new, ROOM).await?;
        // After the row: an upload at the same time that has no room for older bytes lets those of a newer row be.
        self.store().host().put_package(&row.digest, &marked).await?;
        self.apply_soon().await;
        let version = self.0.packages.read(&row)?;
        version.check_runnable()?;
        Ok(version)
    }

    /// Forgets a tenant's development versions of a plugin.
    ///
    /// # Errors
    /// [`CatalogueError::PluginUnknown`] when there are none, [`neustream_store::StoreError::Running`] while an
    /// installation runs one.
    pub async fn forget_trials(&self, tenant: TenantId, plugin: &str) -> Result<(), CatalogueError> {
        match self.store().tenant(tenant).forget_development(plugin).await? {
            0 => Err(CatalogueError::PluginUnknown),
            _ => Ok(()),
        }
    }

    /// A namespace is to be developed in by its publisher, or by anybody while it is nobody's.
    async fn check_may_develop(&self, tenant: TenantId, plugin: &str) -> Result<(), CatalogueError> {
        let namespace = namespace_of(plugin);
        check_not_reserved(namespace)?;
        let publisher = self.store().host().publisher_of(namespace).await?;
        if publisher.is_some_and(|publisher| publisher.tenant_id != tenant) {
            return Err(self.namespace_foreign(tenant, plugin).await?);
        }
        if !self.store().tenant(tenant).is_plugin_allowed(plugin).await? {
            return Err(CatalogueError::NotAllowed);
        }
        Ok(())
    }

    async fn development_row(
        &self,
        tenant: TenantId,
        actor: UserId,
        package: &Package,
    ) -> Result<NewPluginVersion, CatalogueError> {
        let row = NewPluginVersion {
            visibility: Visibility::Development.as_str().to_owned(),
            owner_id: Some(tenant),
            state: VersionState::Development.as_str().to_owned(),
            actor: Some(actor),
            ..self.described(package).await?
        };
        let statement = Statement {
            level: VersionState::Development,
            digest: &row.digest,
            plugin: &row.plugin,
            version: &row.version,
            visibility: &row.visibility,
            owner: tenant.to_string(),
        };
        let countersignature = Some(self.0.packages.key().countersign(&statement));
        Ok(NewPluginVersion { countersignature, ..row })
    }
}
