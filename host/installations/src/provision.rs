//! Installing the plugins of a bundle.

use async_trait::async_trait;
use neustream_catalogue::{PluginToInstall, Provision, ProvisionError};
use neustream_contract::Grant;
use neustream_model::TenantId;
use neustream_store::{NewInstallation, StoreError};

use crate::configure::check_config;
use crate::install::new_installation;
use crate::{InstallationError, Installations};

#[async_trait]
impl Provision for Installations {
    async fn provision(&self, tenant: TenantId, plugins: &[PluginToInstall]) -> Result<(), ProvisionError> {
        let mut new = Vec::with_capacity(plugins.len());
        for plugin in plugins {
            let refused =
                |problem: String| ProvisionError::Refused { plugin: plugin.version.id().to_owned(), problem };
            check_config(&plugin.version, &plugin.config).map_err(|error| refused(problem(&error)))?;
            let grant = Grant::all_of(&plugin.version.package.manifest);
            new.push(NewInstallation {
                name: plugin.name.clone(),
                is_enabled: plugin.is_enabled,
                ..new_installation(&plugin.version, &grant, &plugin.config)
            });
        }
        match self.make(tenant, &new).await {
            Ok(_) => Ok(()),
            Err(error @ InstallationError::Store(StoreError::LimitReached { .. })) => {
                let plugin = plugins.first().map(|plugin| plugin.version.id().to_owned()).unwrap_or_default();
                Err(ProvisionError::Refused { plugin, problem: error.to_string() })
            }
            Err(error) => Err(ProvisionError::Unavailable(error.to_string())),
        }
    }
}

/// What is wrong, in one sentence.
fn problem(error: &InstallationError) -> String {
    match error {
        InstallationError::ConfigInvalid(errors) => {
            errors.first().map(ToString::to_string).unwrap_or_default()
        }
        other => other.to_string(),
    }
}
