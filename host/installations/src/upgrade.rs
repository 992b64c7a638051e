//! Switching an installation to another package, and back.

use neustream_catalogue::Version;
use neustream_contract::{Digest, Grant};
use neustream_model::{InstallationId, UnixMillis};
use neustream_store::{FormerPackage, PackageChange, Scoped};

use crate::install::checked_grant;
use crate::rings::is_newer;
use crate::view::{digest_of, grant_of, grant_text};
use crate::{Change, InstallationError, InstallationView, Installations, UpgradePlan};

/// What a tenant asks for when it upgrades.
#[derive(Debug, Clone, Default)]
pub struct UpgradeRequest {
    /// The version; the newest where nothing is said.
    pub version: Option<String>,
    /// In place of `version`: the package.
    pub digest: Option<Digest>,
    /// The tenant's consent: the keys of the plan's permissions that it grants. The others are declined.
    pub grant: Option<Vec<String>>,
    /// Whether to go on although configuration or secrets do not fit, or the replay failed.
    pub force: bool,
    /// Who asks.
    pub by: String,
}

/// What a tenant asks for when it goes back.
#[derive(Debug, Clone, Default)]
pub struct RollbackRequest {
    /// The package; the former one where nothing is said.
    pub digest: Option<String>,
    /// Whether to go back across a change of the state schema.
    pub force: bool,
    /// Who asks.
    pub by: String,
}

impl Installations {
    /// Upgrades an installation. What widens its permissions needs the tenant's consent.
    ///
    /// # Errors
    /// [`InstallationError::NothingNewer`]; [`InstallationError::ConsentNeeded`] with the plan, where the request does
    /// not answer its permissions or does not force its obstacles.
    pub async fn upgrade(
        &self,
        scope: impl Scoped,
        id: InstallationId,
        ask: UpgradeRequest,
    ) -> Result<InstallationView, InstallationError> {
        let present = self.show(scope, id).await?;
        let target = self.upgrade_target(&present, ask.version.as_deref(), ask.digest.as_ref()).await?;
        let target = target.ok_or(InstallationError::NothingNewer)?;
        let mut plan = self.plan_to(&present, &target).await?;
        match ask.grant {
            Some(keys) => {
                let more = checked_grant(&target, keys)?;
                plan.grant = plan.grant.with(&more);
            }
            None if !plan.permissions.is_empty() => {
                return Err(InstallationError::ConsentNeeded(Box::new(plan)));
            }
            None => {}
        }
        // Who develops a version sees what it lacks while it runs.
        let is_forced = ask.force || target.is_development();
        if !is_forced && !plan.obstacles().is_empty() {
            return Err(InstallationError::ConsentNeeded(Box::new(plan)));
        }
        self.switch_to(&present, &target, &plan, &ask.by, self.now()).await
    }

    /// The packages that the installation can go back to, the latest first: at most two.
    pub async fn former_packages(
        &self,
        scope: impl Scoped,
        id: InstallationId,
    ) -> Result<Vec<FormerPackage>, InstallationError> {
        Ok(scope.scope_in(&self.parts().store).former_packages(id).await?)
    }

    /// Goes back to a former package, with the configuration of that time. No automatic upgrade goes to the package
    /// that it comes from again. From a development version it is the way to what ran before the development began. What the tenant has withdrawn from the grant since stays withdrawn.
    ///
    /// # Errors
    /// [`InstallationError::NothingFormer`]; [`CatalogueError::NotRunnable`](neustream_catalogue::CatalogueError::NotRunnable) for a package that was suspended or
    /// revoked; [`InstallationError::StateSchema`] unless forced.
    pub async fn roll_back(
        &self,
        scope: impl Scoped,
        id: InstallationId,
        ask: RollbackRequest,
    ) -> Result<InstallationView, InstallationError> {
        let present = self.show(scope, id).await?;
        self.back_from(&present, ask, self.now()).await
    }

    /// Switches as `plan` says.
    pub(crate) async fn switch_to(
        &self,
        present: &InstallationView,
        next: &Version,
        plan: &UpgradePlan,
        by: &str,
        now: UnixMillis,
    ) -> Result<InstallationView, InstallationError> {
        let manifest = &next.package.manifest;
        // Compiled before the switch, the first call waits for nothing; if it does not compile, nothing changes.
        self.parts()
            .platform
            .make_ready(&next.package.digest)
            .await
            .map_err(|error| InstallationError::NotUsable(error.message))?;
        let was_development = present.version.is_development();
        let change = PackageChange {
            expected: present.row.revision,
            digest: next.package.digest.to_string(),
            version: manifest.version.clone(),
            state_schema: u64::from(manifest.state_schema),
            granted: grant_text(&plan.grant),
            config: present.row.config.clone(),
            by: by.to_owned(),
            now,
            is_watched: !next.is_development(),
            is_former_kept: !was_development,
            // Who asks for an older version does not want the newer one to come back by itself.
            avoided_digest: (!was_development
                && !next.is_development()
                && !is_newer(&manifest.version, &present.row.version))
            .then(|| present.row.digest.clone()),
        };
        let view = self.replace(present, &change).await?;
        if change.is_watched {
            self.begin_watch(&view, now).await;
        } else {
            self.inner.watches.forget(view.id());
        }
        self.changed(&view.row, view.kind(), Change::Upgraded);
        Ok(view)
    }

    pub(crate) async fn back_from(
        &self,
        present: &InstallationView,
        ask: RollbackRequest,
        now: UnixMillis,
    ) -> Result<InstallationView, InstallationError> {
        let row = &present.row;
        let former = self.parts().store.tenant(row.tenant_id).former_packages(row.id).await?;
        let wanted =
            |former: &FormerPackage| ask.digest.as_ref().is_none_or(|digest| *digest == former.digest);
        let former = former.into_iter().find(wanted).ok_or(InstallationError::NothingFormer)?;
        let version = self.parts().catalogue.version(&digest_of(&former.digest)?).await?;
        version.check_runnable()?;
        if former.state_schema != row.state_schema && !ask.force {
            return Err(InstallationError::StateSchema {
                version: former.version,
                from: row.state_schema,
                to: former.state_schema,
            });
        }
        let change = PackageChange {
            expected: row.revision,
            granted: grant_text(&grant_before(present, &grant_of(&former.granted)?)),
            digest: former.digest,
            version: former.version,
            state_schema: former.state_schema,
            config: former.config,
            by: ask.by,
            now,
            is_watched: false,
            is_former_kept: !present.version.is_development(),
            avoided_digest: (!present.version.is_development()).then(|| row.digest.clone()),
        };
        let view = self.replace(present, &change).await?;
        self.inner.watches.forget(row.id);
        self.changed(&view.row, view.kind(), Change::RolledBack);
        Ok(view)
    }

    async fn replace(
        &self,
        present: &InstallationView,
        change: &PackageChange,
    ) -> Result<InstallationView, InstallationError> {
        let row = &present.row;
        let stored = self.parts().store.tenant(row.tenant_id).replace_package(row.id, change).await?;
        self.inner.cache.forget(row.tenant_id, row.id);
        tracing::info!(
            installation = %row.id, plugin = row.plugin, from = row.version, to = change.version, by = change.by,
            "an installation runs another version"
        );
        self.view(stored).await
    }
}

/// The grant of a former time without what the tenant has withdrawn since: a key that the present package asks for,
/// too, must still be granted.
fn grant_before(present: &InstallationView, former: &Grant) -> Grant {
    let asked_now = Grant::all_of(&present.version.package.manifest);
    let is_kept = |key: &&str| present.grant.covers(key) || !asked_now.covers(key);
    Grant::new(former.keys().filter(is_kept).map(str::to_owned))
}
