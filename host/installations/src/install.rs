//! Making and removing installations.

use std::collections::BTreeMap;

use neustream_catalogue::{CatalogueError, Version};
use neustream_contract::{Digest, Grant, Kind};
use neustream_model::{InstallationId, Secret};
use neustream_store::{NewInstallation, Scoped};
use serde_json::{Map, Value};

use crate::configure::{check_config, checked_secrets};
use crate::rings::Ring;
use crate::view::grant_text;
use crate::{Change, InstallationError, InstallationView, Installations, OnFailure};

/// What a tenant asks for when it installs a plugin.
#[derive(Debug, Default)]
pub struct Install {
    /// The plugin, such as `neustream/twitch`.
    pub plugin: String,
    /// Its version; the newest that the tenant may install where neither this nor `digest` is said.
    pub version: Option<String>,
    /// Its package.
    pub digest: Option<Digest>,
    /// The permission keys that the tenant grants: all or some of what the manifest asks for.
    pub grant: Vec<String>,
    /// The configuration. Without one, the installation waits for it (unless it needs none).
    pub config: Option<Map<String, Value>>,
    /// Pasted secrets by name.
    pub secrets: BTreeMap<String, String>,
    /// What the tenant calls it; may be empty.
    pub name: String,
    /// What becomes of messages that a moderation filter does not judge.
    pub on_failure: OnFailure,
    /// The ring, where the tenant chooses.
    pub ring: Option<Ring>,
    /// Whether new versions come by themselves.
    pub is_auto_upgraded: bool,
}

impl Installations {
    /// Installs a plugin in a tenant.
    ///
    /// # Errors
    /// [`InstallationError::Catalogue`] when the tenant may not install it, `GrantUnknown`, `ConfigInvalid`,
    /// `SecretRefused`, or [`neustream_store::StoreError::LimitReached`] for the plan's limit.
    pub async fn install(
        &self,
        scope: impl Scoped,
        ask: Install,
    ) -> Result<InstallationView, InstallationError> {
        let scope = scope.scope_in(&self.parts().store);
        let tenant = scope.tenant();
        let catalogue = &self.parts().catalogue;
        let version = match &ask.digest {
            Some(digest) => catalogue.may_install(tenant, digest).await?,
            None => catalogue.resolve(tenant, &ask.plugin, ask.version.as_deref()).await?,
        };
        let manifest = &version.package.manifest;
        if manifest.id != ask.plugin {
            return Err(CatalogueError::VersionUnknown.into());
        }
        let grant = checked_grant(&version, ask.grant)?;
        if let Some(config) = &ask.config {
            check_config(&version, &Value::Object(config.clone()))?;
        }
        let given = ask.secrets.into_iter().map(|(name, text)| (name, Some(text))).collect();
        let secrets = checked_secrets(manifest, given)?;
        let new = NewInstallation {
            secrets: secrets.into_iter().filter_map(|(name, secret)| Some((name, secret?))).collect(),
            name: ask.name,
            on_failure: ask.on_failure.as_str().to_owned(),
            ring: ask.ring.map(Ring::percent),
            is_auto_upgraded: ask.is_auto_upgraded,
            ..new_installation(&version, &grant, &Value::Object(ask.config.unwrap_or_default()))
        };
        Ok(self.make(&scope, &[new]).await?.remove(0))
    }

    /// Removes an installation with its secrets, tokens, memory, webhook URLs, history and kept activity.
    ///
    /// # Errors
    /// [`neustream_store::StoreError::InUse`] while destinations use it.
    pub async fn uninstall(&self, scope: impl Scoped, id: InstallationId) -> Result<(), InstallationError> {
        let parts = self.parts();
        let scope = scope.scope_in(&parts.store);
        let tenant = scope.tenant();
        let row = scope.delete_installation(id).await?;
        parts.tokens.forget(tenant, id).await;
        parts.platform.forget(tenant, id).await;
        self.inner.watches.forget(id);
        let kind = kind_of(&row.kind)?;
        self.changed(&row, kind, Change::Uninstalled);
        Ok(())
    }

    /// Makes installations: all of them, or none.
    pub(crate) async fn make(
        &self,
        scope: impl Scoped,
        new: &[NewInstallation],
    ) -> Result<Vec<InstallationView>, InstallationError> {
        let parts = self.parts();
        let scope = scope.scope_in(&parts.store);
        let max = u64::from(parts.catalogue.ceilings(scope.tenant()).await?.installations);
        let made = scope.create_installations(new, max).await?;
        let mut views = Vec::with_capacity(made.len());
        for stored in made {
            let view = self.view(stored).await?;
            self.has_been_made(&view).await;
            views.push(view);
        }
        Ok(views)
    }

    /// What follows when an installation was made.
    pub(crate) async fn has_been_made(&self, view: &InstallationView) {
        self.make_ready(&view.version);
        if view.kind() == Kind::Payment
            && let Err(error) = self.default_hook(view).await
        {
            tracing::warn!(installation = %view.id(), %error, "its webhook URL will be made when it is asked for");
        }
        self.changed(&view.row, view.kind(), Change::Installed);
    }
}

/// A row for `version`, switched on and upgraded automatically, without secrets.
pub(crate) fn new_installation(version: &Version, grant: &Grant, config: &Value) -> NewInstallation {
    let manifest = &version.package.manifest;
    NewInstallation {
        plugin: manifest.id.clone(),
        kind: manifest.kind.as_str().to_owned(),
        digest: version.package.digest.to_string(),
        version: manifest.version.clone(),
        state_schema: u64::from(manifest.state_schema),
        name: String::new(),
        granted: grant_text(grant),
        config: config.to_string(),
        secrets: BTreeMap::<String, Secret>::new(),
        is_enabled: true,
        on_failure: OnFailure::default().as_str().to_owned(),
        ring: None,
        is_auto_upgraded: true,
    }
}

/// A grant of `keys`, each of which the manifest must ask for.
pub(crate) fn checked_grant(version: &Version, keys: Vec<String>) -> Result<Grant, InstallationError> {
    let asked = Grant::all_of(&version.package.manifest);
    match keys.iter().find(|key| !asked.keys().any(|asked| asked == key.as_str())) {
        Some(unknown) => Err(InstallationError::GrantUnknown(unknown.chars().take(200).collect())),
        None => Ok(Grant::new(keys)),
    }
}

pub(crate) fn kind_of(word: &str) -> Result<Kind, InstallationError> {
    let kinds = [Kind::Destination, Kind::Chat, Kind::Moderation, Kind::Payment];
    let found = kinds.into_iter().find(|kind| kind.as_str() == word);
    found.ok_or_else(|| InstallationError::Damaged("its kind is unknown".to_owned()))
}
