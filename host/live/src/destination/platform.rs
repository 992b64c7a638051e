//! What a destination's adapter is asked, each time as its installation is then.
//!
//! A broadcast is checked, retitled and finished by the package that prepared
//! it for as long as that may run: another version need not read its state.

use std::sync::Arc;
use std::time::Duration;

use neustream_model::{DestinationId, TenantId};
use neustream_plugin::destination::{Broadcast, DestinationAdapter, DestinationAdapters, Health, Target};
use neustream_plugin::{Call, CallError, Digest, Installed, Secrets};

use crate::DestinationConfig;
use crate::session::Session;

/// The platform of one destination. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Platform {
    tenant: TenantId,
    config: Arc<DestinationConfig>,
    installed: Arc<dyn Installed>,
    adapters: Arc<dyn DestinationAdapters>,
    deadline: Duration,
}

/// A broadcast that the platform prepared.
pub(crate) struct Prepared {
    platform: Platform,
    plugin: Digest,
    /// Where to push.
    pub target: Target,
    /// What the target's key is joined from.
    pub secrets: Secrets,
}

impl Platform {
    pub fn new(session: &Session, config: DestinationConfig) -> Self {
        Self {
            tenant: session.tenant,
            config: Arc::new(config),
            installed: Arc::clone(&session.context.installed),
            adapters: Arc::clone(&session.context.adapters),
            deadline: session.context.settings.adapter_deadline,
        }
    }

    /// Whose platform it is.
    pub fn destination(&self) -> DestinationId {
        self.config.id
    }

    /// Asks where to push.
    pub async fn prepare(&self, broadcast: &Broadcast, attempt: u32) -> Result<Prepared, CallError> {
        let (call, adapter) = self.call(None, attempt).await?;
        let target = adapter.prepare(&call, broadcast).await?;
        Ok(Prepared { platform: self.clone(), plugin: call.plugin, target, secrets: call.secrets })
    }

    async fn call(
        &self,
        pin: Option<Digest>,
        attempt: u32,
    ) -> Result<(Call, Arc<dyn DestinationAdapter>), CallError> {
        let config = &self.config;
        let call = self.installed.call(self.tenant, config.installation, pin).await?;
        let mut call = call.overlaid(&config.config, &config.secrets)?;
        call.attempt = attempt;
        call.deadline = self.deadline;
        let adapter = self.adapters.adapter(&call.plugin).await?;
        Ok((call, adapter))
    }
}

impl Prepared {
    /// How the platform sees the broadcast.
    pub async fn check(&self) -> Result<Health, CallError> {
        let (call, adapter) = self.platform.call(Some(self.plugin), 1).await?;
        adapter.check(&call, &self.target.state).await
    }

    /// Changes the broadcast's title; false where the plugin cannot.
    pub async fn retitle(&self, title: &str) -> Result<bool, CallError> {
        let (call, adapter) = self.platform.call(Some(self.plugin), 1).await?;
        adapter.retitle(&call, &self.target.state, title).await
    }

    /// Ends the broadcast.
    pub async fn finish(&self) -> Result<(), CallError> {
        let (call, adapter) = self.platform.call(Some(self.plugin), 1).await?;
        adapter.finish(&call, &self.target.state).await
    }
}
