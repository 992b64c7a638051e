//! One installation for each destination, until installations are kept in the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use neustream_model::{DestinationId, InstallationId, TenantId};
use neustream_plugin::{
    Call, CallError, CallErrorKind, Catalogue, Digest, Grant, Installed, PlanCeilings, Secrets,
};
use neustream_plugin_wasm::Plugins;

/// Which plugin each destination uses, as the directory last said.
pub struct PerDestination {
    plugins: Arc<Plugins>,
    known: Mutex<HashMap<InstallationId, String>>,
}

impl PerDestination {
    pub fn new(plugins: Arc<Plugins>) -> Self {
        Self { plugins, known: Mutex::default() }
    }

    /// The installation of `destination`.
    pub fn of(&self, destination: DestinationId, plugin: &str) -> InstallationId {
        let id = destination.to_string().parse().expect("ids have one form");
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(id, plugin.to_owned());
        id
    }
}

#[async_trait]
impl Installed for PerDestination {
    async fn call(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        pin: Option<Digest>,
    ) -> Result<Call, CallError> {
        let unknown = || {
            CallError::new(CallErrorKind::NotRunnable, "plugin-unknown", "There is no such plugin on this host.")
        };
        let plugin = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&installation).cloned();
        let info = plugin.and_then(|plugin| self.plugins.find(&plugin)).ok_or_else(unknown)?;
        Ok(Call {
            tenant,
            installation,
            plugin: pin.unwrap_or(info.digest.parse().map_err(|_| unknown())?),
            grant: Grant::new(info.permissions.into_iter().flat_map(|permission| permission.keys)),
            ceilings: PlanCeilings::default(),
            config: "{}".to_owned(),
            secrets: Secrets::default(),
            attempt: 1,
            deadline: Duration::from_secs(10),
        })
    }
}
