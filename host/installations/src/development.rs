//! Installations that run what their tenant develops.
//!
//! A development version takes the place of the one before it at once, and
//! nobody waits for a ring, a watch or a replay. What stays is consent: more
//! permissions than were granted are asked for like those of an upgrade. The
//! way back is the rollback, to what ran before the development began.

use neustream_catalogue::Version;
use neustream_contract::{ConfigInvalid, Permission};
use neustream_model::InstallationId;
use neustream_store::Scoped;
use serde_json::json;

use crate::view::lacks;
use crate::{InstallationError, InstallationView, Installations, Problem};

/// What became of a development version in its tenant.
#[derive(Debug)]
pub struct Sideloaded {
    /// The installation that it is for, as it is now; none where the plugin is not installed.
    pub installation: Option<InstallationView>,
    /// Whether the installation runs it.
    pub is_running: bool,
    /// What is missing before it runs, or works.
    pub needs: Needs,
}

/// What a version needs of its tenant.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Permissions that were neither granted nor declined. Only these keep an installation from running the version.
    pub permissions: Vec<Permission>,
    /// What is wrong with the configuration.
    pub config_errors: Vec<ConfigInvalid>,
    /// The names of secrets that it cannot do without and that are not set, or not connected.
    pub secrets: Vec<String>,
}

impl Needs {
    fn of(permissions: Vec<Permission>, problems: Vec<Problem>) -> Self {
        let mut needs = Self { permissions, ..Self::default() };
        for problem in problems {
            match problem {
                Problem::Config(error) => needs.config_errors.push(error),
                Problem::SecretMissing(name) | Problem::ConsentMissing(name) => needs.secrets.push(name),
            }
        }
        needs
    }
}

impl Installations {
    /// Lets the tenant's installation of a plugin run the development version `version`: the one that is named, or the
    /// one that runs a development version already, or the oldest. Where the version asks for more than was granted or
    /// declined, nothing changes.
    ///
    /// # Errors
    /// [`neustream_store::StoreError::NotFound`] without the installation that is named,
    /// [`InstallationError::PluginOther`] where that is of another plugin, [`InstallationError::NotUsable`].
    pub async fn sideload(
        &self,
        scope: impl Scoped,
        named: Option<InstallationId>,
        version: &Version,
        by: &str,
    ) -> Result<Sideloaded, InstallationError> {
        let Some(present) = self.developed(scope, named, version.id()).await? else {
            let missing = lacks(version, &json!({}), |_| false);
            let needs = Needs::of(version.package.manifest.permissions(), missing);
            return Ok(Sideloaded { installation: None, is_running: false, needs });
        };
        let plan = self.plan_without_replay(&present, version).await?;
        let is_covered = plan.permissions.is_empty();
        let present = if is_covered && present.digest != version.package.digest {
            self.switch_to(&present, version, &plan, by, self.now()).await?
        } else {
            present
        };
        let missing = lacks(version, &present.config, |name| present.has_secret(name));
        Ok(Sideloaded {
            is_running: present.digest == version.package.digest,
            needs: Needs::of(plan.permissions, missing),
            installation: Some(present),
        })
    }

    /// The installation that a tenant develops with.
    async fn developed(
        &self,
        scope: impl Scoped,
        named: Option<InstallationId>,
        plugin: &str,
    ) -> Result<Option<InstallationView>, InstallationError> {
        let scope = scope.scope_in(&self.parts().store);
        if let Some(id) = named {
            let view = self.show(&scope, id).await?;
            let is_of_plugin = view.row.plugin == plugin;
            return if is_of_plugin {
                Ok(Some(view))
            } else {
                Err(InstallationError::PluginOther { installed: view.row.plugin, wanted: plugin.to_owned() })
            };
        }
        let mut oldest = None;
        for row in scope.installations_of(plugin).await? {
            let view = self.show(&scope, row.id).await?;
            if view.version.is_development() {
                return Ok(Some(view));
            }
            oldest = oldest.or(Some(view));
        }
        Ok(oldest)
    }
}
