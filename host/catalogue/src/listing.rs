//! What a tenant sees of the catalogue, and which version it gets.
//!
//! The rule itself is in `neustream-store` (`catalogue_listing`): a tenant's
//! own versions once scanned (those it develops after all others), others' once
//! verified, narrowed by its partner.

use std::time::Duration;

use neustream_contract::{Digest, Kind};
use neustream_model::{TenantId, UnixMillis};
use neustream_store::{PluginFigures, PluginSearch, TenantStore};

use crate::{Catalogue, CatalogueError, Version, VersionState, Visibility};

/// Plugins of one page.
const MAX_PAGE: u32 = 100;
/// Versions of one plugin that are shown.
const MAX_VERSIONS: u32 = 50;
/// How far back faults are counted.
const FIGURES_SINCE: Duration = Duration::from_hours(30 * 24);

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// A text in id, name, description or publisher, in any case.
    pub text: Option<String>,
    /// What the plugin is for.
    pub kind: Option<Kind>,
    /// Where a former page ended: [`Page::next`].
    pub after: Option<String>,
    /// Plugins of the page, at most 100.
    pub limit: u32,
}

/// A page of plugins, by id.
#[derive(Debug, Clone)]
pub struct Page {
    /// The plugins.
    pub plugins: Vec<Listed>,
    /// What the next page begins after; `None` on the last.
    pub next: Option<String>,
}

/// A plugin in a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The version that an installation gets that names none.
    pub version: Version,
    /// Tenants that have the plugin installed.
    pub installs: u64,
}

/// A plugin with its versions.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The version that an installation gets that names none; for an owner who has nothing installable yet, the
    /// highest draft.
    pub version: Version,
    /// What the tenant may install, the one to choose first; then the tenant's own others, drafts among them.
    pub versions: Vec<Version>,
    /// Installs, and calls and faults of the last 30 days, over all tenants.
    pub figures: PluginFigures,
}

impl Catalogue {
    /// The plugins that a tenant may install.
    pub async fn list(&self, tenant: TenantId, search: &Search) -> Result<Page, CatalogueError> {
        let limit = search.limit.clamp(1, MAX_PAGE);
        let wanted = PluginSearch {
            text: search
                .text
                .as_deref()
                .map(|text| text.trim().to_lowercase())
                .filter(|text| !text.is_empty()),
            kind: search.kind.map(|kind| kind.as_str().to_owned()),
            after: search.after.clone().unwrap_or_default(),
            limit: limit + 1,
        };
        let mut rows = self.store().tenant(tenant).installable_plugins(&wanted).await?;
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let plugins = rows
            .iter()
            .map(|row| Ok(Listed { version: self.0.packages.read(&row.newest)?, installs: row.installs }))
            .collect::<Result<Vec<_>, CatalogueError>>()?;
        let last = plugins.last().map(|listed| listed.version.id().to_owned());
        Ok(Page { plugins, next: last.filter(|_| has_more) })
    }

    /// A plugin that the tenant may install or has published.
    ///
    /// # Errors
    /// [`CatalogueError::PluginUnknown`].
    pub async fn detail(&self, tenant: TenantId, plugin: &str) -> Result<Detail, CatalogueError> {
        let store = self.store().tenant(tenant);
        let mut rows = store.installable_versions(plugin, MAX_VERSIONS).await?;
        for own in store.own_versions(Some(plugin), MAX_VERSIONS).await? {
            if !rows.iter().any(|row| row.digest == own.digest) {
                rows.push(own);
            }
        }
        let versions =
            rows.iter().map(|row| self.0.packages.read(row)).collect::<Result<Vec<_>, CatalogueError>>()?;
        let version = versions.first().cloned().ok_or(CatalogueError::PluginUnknown)?;
        let since = u64::try_from(FIGURES_SINCE.as_millis()).unwrap_or(u64::MAX);
        let since = UnixMillis(UnixMillis::now().0.saturating_sub(since));
        let figures = self.store().host().plugin_figures(plugin, since).await?;
        Ok(Detail { version, versions, figures })
    }

    /// The version of `plugin` that a tenant may install: the one called `number`, or the newest.
    ///
    /// # Errors
    /// [`CatalogueError::PluginUnknown`] or [`CatalogueError::VersionUnknown`] when the tenant sees none,
    /// [`CatalogueError::NotAllowed`] when its partner does not let it, [`CatalogueError::NotRunnable`] when what it
    /// asks for was suspended or revoked.
    pub async fn resolve(
        &self,
        tenant: TenantId,
        plugin: &str,
        number: Option<&str>,
    ) -> Result<Version, CatalogueError> {
        let store = self.store().tenant(tenant);
        let row = match number {
            Some(number) => store.installable_version(plugin, number).await?,
            None => store.installable_versions(plugin, 1).await?.pop(),
        };
        if let Some(row) = row {
            let version = self.0.packages.read(&row)?;
            version.check_runnable()?;
            return Ok(version);
        }
        let others = self.store().host().versions_of(plugin, MAX_VERSIONS).await?;
        let mut others = others.iter().filter(|row| number.is_none_or(|number| row.version == number));
        let unknown =
            if number.is_some() { CatalogueError::VersionUnknown } else { CatalogueError::PluginUnknown };
        let Some(row) = others.next() else { return Err(unknown) };
        let version = self.0.packages.read(row)?;
        Err(self.why_not(&store, &version).await?.unwrap_or(unknown))
    }

    /// The version with this digest, if the tenant may install it.
    ///
    /// # Errors
    /// As [`Catalogue::resolve`].
    pub async fn may_install(&self, tenant: TenantId, digest: &Digest) -> Result<Version, CatalogueError> {
        let version = self.version(digest).await?;
        let store = self.store().tenant(tenant);
        if store.may_install(&digest.to_string()).await? {
            version.check_runnable()?;
            return Ok(version);
        }
        Err(self.why_not(&store, &version).await?.unwrap_or(CatalogueError::VersionUnknown))
    }

    /// Why a tenant may not install a version; `None` when it must not even know of it.
    async fn why_not(
        &self,
        store: &TenantStore,
        version: &Version,
    ) -> Result<Option<CatalogueError>, CatalogueError> {
        let is_own = version.owner == Some(store.tenant());
        let was_verified = version.verified_at.is_some();
        let is_seen = is_own
            || match version.visibility {
                Visibility::Public => was_verified,
                Visibility::Private | Visibility::Development => false,
                Visibility::Partner => was_verified && version.owner == store.partner_id().await?,
            };
        let may_be_installed = version.state == VersionState::Verified || (is_own && version.state.may_run());
        Ok(match () {
            () if !is_seen => None,
            () if may_be_installed => Some(CatalogueError::NotAllowed),
            () => Some(CatalogueError::NotRunnable { state: version.state, reason: version.reason.clone() }),
        })
    }
}
