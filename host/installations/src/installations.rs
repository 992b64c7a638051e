//! The service, and what every part of it uses.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use neustream_catalogue::{Catalogue, CatalogueError, Version};
use neustream_contract::{Call, Ceilings, Grant, Kind, PluginPlatform, Secrets};
use neustream_model::{InstallationId, TenantId, UnixMillis};
use neustream_store::{Installation, InstallationRow, Scoped, Store};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::activity::Pending;
use crate::cache::Cache;
use crate::install::kind_of;
use crate::installed::Opened;
use crate::rings::RingSettings;
use crate::view::digest_of;
use crate::watch::{WatchSettings, Watches};
use crate::{
    Change, InstallationChanged, InstallationError, InstallationFailed, InstallationView, ShadowReplay,
    TokenSource,
};

/// Changes that a slow listener may be behind; it then misses the oldest and learns so.
const CHANGES: usize = 1024;
/// Failures that wait for a listener.
const FAILURES: usize = 256;

/// Reads the wall clock.
pub type Clock = Arc<dyn Fn() -> UnixMillis + Send + Sync>;

/// What [`Installations`] is made of.
#[derive(Clone)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Which versions there are.
    pub catalogue: Catalogue,
    /// The runtime of plugins.
    pub platform: Arc<dyn PluginPlatform>,
    /// OAuth tokens.
    pub tokens: Arc<dyn TokenSource>,
    /// Tries versions on what happened.
    pub replay: Arc<dyn ShadowReplay>,
    /// The wall clock.
    pub clock: Clock,
    /// How new versions go out.
    pub rings: RingSettings,
    /// How they are watched.
    pub watch: WatchSettings,
}

/// The installations of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct Installations {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub parts: Parts,
    pub cache: Cache<Opened>,
    pub pending: Pending,
    pub watches: Watches,
    changes: broadcast::Sender<InstallationChanged>,
    pub(crate) failures: broadcast::Sender<InstallationFailed>,
}

impl fmt::Debug for Installations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installations").finish_non_exhaustive()
    }
}

impl Installations {
    /// The service. What it does by itself begins with [`Installations::run`].
    pub fn new(parts: Parts) -> Self {
        let inner = Inner {
            parts,
            cache: Cache::default(),
            pending: Pending::default(),
            watches: Watches::default(),
            changes: broadcast::channel(CHANGES).0,
            failures: broadcast::channel(FAILURES).0,
        };
        Self { inner: Arc::new(inner) }
    }

    /// What changes from now on. A listener that is more than 1024 changes behind misses the oldest.
    pub fn changes(&self) -> broadcast::Receiver<InstallationChanged> {
        self.inner.changes.subscribe()
    }

    /// Which plugins fail from now on, told within seconds and at most once in that time for each installation. A listener
    /// that is more than 256 behind misses the oldest.
    pub fn failures(&self) -> broadcast::Receiver<InstallationFailed> {
        self.inner.failures.subscribe()
    }

    /// Every installation of a tenant, oldest first. One whose package the catalogue has lost is left out (and
    /// logged).
    pub async fn list(&self, scope: impl Scoped) -> Result<Vec<InstallationView>, InstallationError> {
        let mut views = Vec::new();
        for stored in scope.scope_in(&self.parts().store).installations().await? {
            let id = stored.row.id;
            match self.view(stored).await {
                Ok(view) => views.push(view),
                Err(
                    error @ (InstallationError::Catalogue(
                        CatalogueError::VersionUnknown | CatalogueError::Damaged { .. },
                    )
                    | InstallationError::Damaged(_)),
                ) => {
                    tracing::error!(installation = %id, %error, "an installation cannot be shown");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(views)
    }

    /// Every enabled installation of a kind, of all tenants: for a driver that begins with the host.
    ///
    /// # Errors
    /// The database's.
    pub async fn running(&self, kind: Kind) -> Result<Vec<(TenantId, InstallationId)>, InstallationError> {
        Ok(self.parts().store.host().enabled_installations(kind.as_str()).await?)
    }

    /// An installation of a tenant.
    pub async fn show(
        &self,
        scope: impl Scoped,
        id: InstallationId,
    ) -> Result<InstallationView, InstallationError> {
        let stored = scope.scope_in(&self.parts().store).installation(id).await?;
        self.view(stored).await
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.inner.parts
    }

    pub(crate) fn now(&self) -> UnixMillis {
        (self.parts().clock)()
    }

    /// A stored installation with its version and consents.
    pub(crate) async fn view(&self, stored: Installation) -> Result<InstallationView, InstallationError> {
        let version = self.version_of(&stored.row).await?;
        let connected = self.connected(&stored.row, &version).await;
        InstallationView::new(stored, version, connected)
    }

    pub(crate) async fn version_of(&self, row: &InstallationRow) -> Result<Version, InstallationError> {
        Ok(self.parts().catalogue.version(&digest_of(&row.digest)?).await?)
    }

    /// The consents of an installation; a plugin without OAuth is not asked about. When the answer cannot be had, none
    /// is shown.
    async fn connected(&self, row: &InstallationRow, version: &Version) -> BTreeSet<String> {
        use neustream_contract::manifest::SecretKind;
        let secrets = &version.package.manifest.capabilities.secrets;
        if !secrets.values().any(|secret| secret.kind == SecretKind::Oauth2) {
            return BTreeSet::new();
        }
        self.parts().tokens.connected(row.tenant_id, row.id).await.unwrap_or_else(|error| {
            tracing::warn!(installation = %row.id, %error, "consents cannot be read");
            BTreeSet::new()
        })
    }

    /// Hears that an account of an installation was connected (`true`) or disconnected. Drivers are told.
    pub async fn account_changed(
        &self,
        tenant: TenantId,
        id: InstallationId,
        is_connected: bool,
    ) -> Result<(), InstallationError> {
        let view = self.show(tenant, id).await?;
        let what = if is_connected { Change::Connected } else { Change::Configured };
        self.changed(&view.row, view.kind(), what);
        Ok(())
    }

    /// Hears that an app was archived (`true`) or restored: its installations stop, or go on. Drivers are told.
    pub async fn app_archived(&self, scope: impl Scoped, is_archived: bool) -> Result<(), InstallationError> {
        for stored in scope.scope_in(&self.parts().store).installations().await? {
            let what = if is_archived { Change::Disabled } else { Change::Enabled };
            if stored.row.is_enabled {
                self.changed(&stored.row, kind_of(&stored.row.kind)?, what);
            }
        }
        Ok(())
    }

    /// Forgets what is cached, closes the breaker where the tenant changed something, and tells everyone.
    pub(crate) fn changed(&self, row: &InstallationRow, kind: Kind, what: Change) {
        self.inner.cache.forget(row.tenant_id, row.id);
        if matches!(
            what,
            Change::Configured | Change::Connected | Change::Enabled | Change::Upgraded | Change::RolledBack
        ) {
            self.parts().platform.reset_breaker(row.tenant_id, row.id);
        }
        self.tell(row, kind, what);
    }

    /// Tells everyone. Nobody listening is fine.
    pub(crate) fn tell(&self, row: &InstallationRow, kind: Kind, what: Change) {
        let change = InstallationChanged { tenant: row.tenant_id, installation: row.id, kind, what };
        drop(self.inner.changes.send(change));
    }

    /// Has a package compiled, so that the first call does not wait for it. Failures show at the call.
    pub(crate) fn make_ready(&self, version: &Version) {
        let (platform, digest) = (Arc::clone(&self.parts().platform), version.package.digest);
        tokio::spawn(async move {
            if let Err(error) = platform.make_ready(&digest).await {
                tracing::warn!(%digest, %error, "a package could not be made ready");
            }
        });
    }

    /// A call of an installation as it would be with this version, grant and configuration; pasted secrets only.
    pub(crate) async fn call_with(
        &self,
        row: &InstallationRow,
        version: &Version,
        grant: &Grant,
        config: &Value,
    ) -> Result<Call, InstallationError> {
        let parts = self.parts();
        let open = parts.store.host().open_installation(row.tenant_id, row.id).await?;
        let ceilings = parts.catalogue.ceilings(row.tenant_id).await?;
        Ok(Call {
            tenant: row.tenant_id,
            installation: row.id,
            plugin: version.package.digest,
            grant: grant.clone(),
            ceilings,
            config: config.to_string(),
            secrets: Secrets::new(open.map(|open| open.secrets).unwrap_or_default()),
            attempt: 1,
            deadline: Ceilings::of(&version.package, &ceilings).wall,
        })
    }
}
