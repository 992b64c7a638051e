//! What an upgrade would change.

use neustream_catalogue::{CatalogueError, Version};
use neustream_contract::manifest::SecretKind;
use neustream_contract::{ConfigInvalid, Digest, Grant, Kind, Permission};
use neustream_model::{InstallationId, Reason};
use neustream_store::Scoped;

use crate::rings::is_newer;
use crate::view::object_of;
use crate::{InstallationError, InstallationView, Installations, Replayed, overlaid};

/// A package, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its digest.
    pub digest: Digest,
    /// Its version.
    pub version: String,
}

/// What an upgrade would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradePlan {
    /// What the installation runs.
    pub from: Package,
    /// What it would run.
    pub to: Package,
    /// What the version brings, in its author's words.
    pub changelog: String,
    /// What it asks for that was neither granted nor declined before.
    pub permissions: Vec<Permission>,
    /// What is wrong with the stored configuration by the new schema; that of destinations too, which then stand in
    /// the message.
    pub config_errors: Vec<ConfigInvalid>,
    /// Secrets that it cannot do without and the former version could.
    pub missing_secrets: Vec<String>,
    /// The state schemas of both, where they differ: there is no automatic way back then.
    pub state_schema: Option<(u32, u32)>,
    /// How the replay of what happened went.
    pub replay: Replayed,
    /// The grant that the installation would have.
    pub(crate) grant: Grant,
}

impl UpgradePlan {
    /// Whether it needs nobody's consent.
    pub fn is_automatic(&self) -> bool {
        self.permissions.is_empty() && self.obstacles().is_empty()
    }

    /// What speaks against the upgrade besides permissions; `force` overrides it.
    pub fn obstacles(&self) -> Vec<Reason> {
        let mut obstacles = Vec::new();
        for error in &self.config_errors {
            obstacles.push(Reason::new("config-invalid", error.to_string()));
        }
        for name in &self.missing_secrets {
            obstacles.push(Reason::new("secret-missing", format!("it needs the secret {name}")));
        }
        if let Replayed::Failed(reason) = &self.replay {
            obstacles.push(reason.clone());
        }
        obstacles
    }
}

/// Whether the catalogue has no version for the tenant, in difference to not answering.
pub(crate) fn is_refusal(error: &CatalogueError) -> bool {
    matches!(
        error,
        CatalogueError::PluginUnknown
            | CatalogueError::VersionUnknown
            | CatalogueError::NotAllowed
            | CatalogueError::NotRunnable { .. }
            | CatalogueError::DevelopmentOff
            | CatalogueError::Damaged { .. }
    )
}

impl Installations {
    /// What an upgrade to `version`, or to the newest that the tenant may install, would change; none where the
    /// installation runs it already (or, without `version`, a newer one).
    pub async fn upgrade_plan(
        &self,
        scope: impl Scoped,
        id: InstallationId,
        version: Option<&str>,
    ) -> Result<Option<UpgradePlan>, InstallationError> {
        let present = self.show(scope, id).await?;
        match self.upgrade_target(&present, version, None).await? {
            None => Ok(None),
            Some(version) => self.plan_to(&present, &version).await.map(Some),
        }
    }

    /// The version that an upgrade goes to: the one with this digest, or number, or the newest.
    pub(crate) async fn upgrade_target(
        &self,
        present: &InstallationView,
        version: Option<&str>,
        digest: Option<&Digest>,
    ) -> Result<Option<Version>, InstallationError> {
        let row = &present.row;
        if let Some(digest) = digest {
            let target = self.parts().catalogue.may_install(row.tenant_id, digest).await?;
            if target.id() != row.plugin {
                return Err(CatalogueError::VersionUnknown.into());
            }
            return Ok((*digest != present.digest).then_some(target));
        }
        let found = self.parts().catalogue.resolve(row.tenant_id, &row.plugin, version).await;
        let target = match found {
            // A plugin that is no longer offered has no upgrade.
            Err(error) if version.is_none() && is_refusal(&error) => {
                return Ok(None);
            }
            found => found?,
        };
        let manifest = &target.package.manifest;
        let is_other = target.package.digest != present.digest;
        // What was developed is replaced by the published version of the same number.
        let is_published = present.version.is_development() && manifest.version == row.version;
        let is_meant = version.is_some() || is_published || is_newer(&manifest.version, &row.version);
        Ok((is_other && is_meant).then_some(target))
    }

    /// What switching to `next` would change. What a tenant develops is not measured by what happened before.
    pub(crate) async fn plan_to(
        &self,
        present: &InstallationView,
        next: &Version,
    ) -> Result<UpgradePlan, InstallationError> {
        let plan = self.plan_without_replay(present, next).await?;
        if next.is_development() {
            return Ok(plan);
        }
        let replay = self.replayed(present, next, &plan.grant).await?;
        Ok(UpgradePlan { replay, ..plan })
    }

    /// As [`Installations::plan_to`], as if nothing had happened before.
    pub(crate) async fn plan_without_replay(
        &self,
        present: &InstallationView,
        next: &Version,
    ) -> Result<UpgradePlan, InstallationError> {
        let (former, manifest) = (&present.version.package.manifest, &next.package.manifest);
        // What the tenant declined when it was asked before stays declined: it is not asked again.
        let answered = present.grant.with(&Grant::all_of(former));
        let kept = manifest.permission_keys().into_iter().filter(|key| present.grant.covers(key));
        let grant = Grant::new(kept);
        let needs = |secrets: &neustream_contract::manifest::Capabilities, name: &str| {
            secrets.secrets.get(name).is_some_and(|secret| secret.required)
        };
        let missing_secrets = manifest.capabilities.secrets.iter().filter(|(name, secret)| {
            let is_set = match secret.kind {
                SecretKind::Oauth2 => present.connected.contains(*name),
                SecretKind::String | SecretKind::Hmac => present.secrets.iter().any(|set| set.name == **name),
            };
            secret.required && !is_set && !needs(&former.capabilities, name)
        });
        Ok(UpgradePlan {
            from: Package { digest: present.digest, version: present.row.version.clone() },
            to: Package { digest: next.package.digest, version: manifest.version.clone() },
            changelog: manifest.changelog.clone(),
            permissions: manifest.permissions_beyond(&answered),
            config_errors: self.config_errors(present, next).await?,
            missing_secrets: missing_secrets.map(|(name, _)| name.clone()).collect(),
            state_schema: (former.state_schema != manifest.state_schema)
                .then_some((former.state_schema, manifest.state_schema)),
            replay: Replayed::NothingRecorded,
            grant,
        })
    }

    /// What the schema of `next` says about the configuration, and about those of the destinations.
    async fn config_errors(
        &self,
        present: &InstallationView,
        next: &Version,
    ) -> Result<Vec<ConfigInvalid>, InstallationError> {
        let schema = &next.package.config_schema;
        if present.kind() != Kind::Destination {
            let was_valid = present.version.package.config_schema.validate(&present.config).is_ok();
            // An installation that still waits for its configuration goes on waiting.
            return Ok(if was_valid { schema.validate_all(&present.config) } else { Vec::new() });
        }
        let mut errors = schema.validate_part(&present.config);
        let store = self.parts().store.tenant(present.row.tenant_id);
        for destination in store.destinations_of_installation(present.id()).await? {
            let config = overlaid(&present.config, &object_of(&destination.config)?);
            for error in schema.validate_all(&config) {
                let message = format!("destination {}: {}", destination.id, error.message);
                errors.push(ConfigInvalid { pointer: error.pointer, message });
            }
        }
        errors.truncate(neustream_contract::config::MAX_ERRORS);
        Ok(errors)
    }

    async fn replayed(
        &self,
        present: &InstallationView,
        next: &Version,
        grant: &Grant,
    ) -> Result<Replayed, InstallationError> {
        if !matches!(present.kind(), Kind::Chat | Kind::Moderation) {
            return Ok(Replayed::NothingRecorded);
        }
        let row = &present.row;
        let former = self.call_with(row, &present.version, &present.grant, &present.config).await?;
        let next = self.call_with(row, next, grant, &present.config).await?;
        Ok(self.parts().replay.replay(&former, &next).await)
    }
}
