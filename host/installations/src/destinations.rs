//! The installation behind a destination.

use neustream_catalogue::Version;
use neustream_contract::{Grant, Kind};
use neustream_model::InstallationId;
use neustream_store::Scoped;
use serde_json::Value;

use crate::install::new_installation;
use crate::{InstallationError, InstallationView, Installations};

/// A destination plugin that a tenant can use, before there is an installation for it.
#[derive(Debug, Clone)]
pub struct DestinationPlugin {
    /// The version that its installation runs, or would run.
    pub version: Version,
    /// The tenant's oldest installation of it.
    pub installation: Option<InstallationView>,
}

impl Installations {
    /// What a destination of `plugin` would be made with. Changes nothing.
    ///
    /// # Errors
    /// [`InstallationError::NotInstalled`] for a plugin that neither is installed nor comes with the host,
    /// [`InstallationError::NotDestination`], [`InstallationError::Catalogue`].
    pub async fn destination_plugin(
        &self,
        scope: impl Scoped,
        plugin: &str,
    ) -> Result<DestinationPlugin, InstallationError> {
        let scope = scope.scope_in(&self.parts().store);
        let tenant = scope.tenant();
        let installed = scope.installations_of(plugin).await?;
        if let Some(row) = installed.first() {
            let view = self.show(&scope, row.id).await?;
            return of_kind(&view.version)
                .map(|()| DestinationPlugin { version: view.version.clone(), installation: Some(view) });
        }
        let version = self.parts().catalogue.resolve(tenant, plugin, None).await?;
        of_kind(&version)?;
        if version.owner.is_some() {
            return Err(InstallationError::NotInstalled(plugin.to_owned()));
        }
        Ok(DestinationPlugin { version, installation: None })
    }

    /// The tenant's installation of `plugin` for a destination that names none. A plugin that comes with the host is
    /// installed by this, with everything that its manifest asks for.
    ///
    /// # Errors
    /// Like those of [`Installations::destination_plugin`], and [`LimitReached`](neustream_store::StoreError::LimitReached).
    pub async fn ensure_for_destination(
        &self,
        scope: impl Scoped,
        plugin: &str,
    ) -> Result<InstallationView, InstallationError> {
        let scope = scope.scope_in(&self.parts().store);
        let tenant = scope.tenant();
        let DestinationPlugin { version, installation } = self.destination_plugin(&scope, plugin).await?;
        if let Some(installation) = installation {
            return Ok(installation);
        }
        let grant = Grant::all_of(&version.package.manifest);
        let new = new_installation(&version, &grant, &Value::Object(serde_json::Map::new()));
        let max = u64::from(self.parts().catalogue.ceilings(tenant).await?.installations);
        let stored = scope.ensure_installation(&new, max).await?;
        let view = self.view(stored).await?;
        self.has_been_made(&view).await;
        Ok(view)
    }

    /// An installation that a destination names.
    ///
    /// # Errors
    /// [`InstallationError::NotDestination`], [`NotFound`](neustream_store::StoreError::NotFound).
    pub async fn for_destination(
        &self,
        scope: impl Scoped,
        id: InstallationId,
    ) -> Result<InstallationView, InstallationError> {
        let view = self.show(scope, id).await?;
        of_kind(&view.version)?;
        Ok(view)
    }

    /// Gives destinations of older hosts, which knew no installations, theirs. One whose plugin is not on this host
    /// any more stays as it is, and is reported; the next start tries again.
    ///
    /// # Errors
    /// The database's.
    pub async fn adopt_destinations(&self) -> Result<u64, InstallationError> {
        let host = self.parts().store.host();
        let mut adopted = 0;
        for old in host.destinations_without_installation().await? {
            match self.ensure_for_destination(old.tenant, &old.plugin).await {
                Ok(installation) => {
                    host.give_installation(old.id, installation.id()).await?;
                    adopted += 1;
                }
                Err(error) if error.is_outage() => return Err(error),
                Err(error) => {
                    tracing::warn!(destination = %old.id, plugin = old.plugin, %error, "a destination has no plugin");
                }
            }
        }
        Ok(adopted)
    }
}

/// Lays the top-level keys of `over` over those of `base`. Both are objects; anything else is replaced.
pub fn overlaid(base: &Value, over: &Value) -> Value {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            let mut all = base.clone();
            all.extend(over.iter().map(|(key, value)| (key.clone(), value.clone())));
            Value::Object(all)
        }
        _ => over.clone(),
    }
}

fn of_kind(version: &Version) -> Result<(), InstallationError> {
    let manifest = &version.package.manifest;
    match manifest.kind {
        Kind::Destination => Ok(()),
        _ => Err(InstallationError::NotDestination(manifest.id.clone())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_of_the_destination_win_and_the_others_stay() {
        let base = json!({ "a": 1, "b": { "x": 1 } });
        assert_eq!(overlaid(&base, &json!({ "b": { "y": 2 } })), json!({ "a": 1, "b": { "y": 2 } }));
        assert_eq!(overlaid(&base, &json!({})), base);
    }
}
