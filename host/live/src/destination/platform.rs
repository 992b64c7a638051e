//! What a destination's adapter is asked, each time as its installation is then.
//!
//! A broadcast is checked, retitled and finished by the package that prepared
//! it for as long as that may run: another version need not read its state.

use std::sync::Arc;
use std::time::Duration;

use neustream_contract::destination::{Broadcast, DestinationAdapter, DestinationAdapters, Health, Target};
use neustream_contract::{Call, CallError, CallErrorKind, Digest, Installed, Secrets};
use neustream_model::{DestinationId, TenantId};

use crate::DestinationConfig;
use crate::context::Context;

type Adapter = Arc<dyn DestinationAdapter>;

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
    pub fn new(context: &Context, tenant: TenantId, config: DestinationConfig) -> Self {
        Self {
            tenant,
            config: Arc::new(config),
            installed: Arc::clone(&context.installed),
            adapters: Arc::clone(&context.adapters),
            deadline: context.settings.adapter_deadline,
        }
    }

    /// Whose platform it is.
    pub fn destination(&self) -> DestinationId {
        self.config.id
    }

    /// Asks where to push.
    pub async fn prepare(&self, broadcast: &Broadcast, attempt: u32) -> Result<Prepared, CallError> {
        let prepare = |call: Call, adapter: Adapter| async move {
            let target = adapter.prepare(&call, broadcast).await?;
            Ok(Prepared { platform: self.clone(), plugin: call.plugin, target, secrets: call.secrets })
        };
        self.ask(None, attempt, prepare).await
    }

    /// Makes a call as the installation is now. When the platform refuses the credentials and there are fresh ones
    /// to be had, it is made a second time.
    async fn ask<T, F: Future<Output = Result<T, CallError>>>(
        &self,
        pin: Option<Digest>,
        attempt: u32,
        question: impl Fn(Call, Adapter) -> F,
    ) -> Result<T, CallError> {
        let mut is_second = false;
        loop {
            let config = &self.config;
            let call = self.installed.call(self.tenant, config.installation, pin).await?;
            let mut call = call.overlaid(&config.config, &config.secrets)?;
            call.attempt = attempt;
            call.deadline = self.deadline;
            let adapter = self.adapters.adapter(&call.plugin).await?;
            match question(call.clone(), adapter).await {
                Err(error) if error.kind == CallErrorKind::Unauthorized && !is_second => {
                    if !self.installed.refused(&call).await {
                        return Err(error);
                    }
                    is_second = true;
                }
                answer => return answer,
            }
        }
    }
}

impl Prepared {
    /// How the platform sees the broadcast.
    pub async fn check(&self) -> Result<Health, CallError> {
        self.ask(|call, adapter| async move { adapter.check(&call, &self.target.state).await }).await
    }

    /// Changes the broadcast's title; false where the plugin cannot.
    pub async fn retitle(&self, title: &str) -> Result<bool, CallError> {
        self.ask(|call, adapter| async move { adapter.retitle(&call, &self.target.state, title).await }).await
    }

    /// Ends the broadcast.
    pub async fn finish(&self) -> Result<(), CallError> {
        self.ask(|call, adapter| async move { adapter.finish(&call, &self.target.state).await }).await
    }

    /// Asks the package that prepared the broadcast, for as long as it may run.
    async fn ask<T, F: Future<Output = Result<T, CallError>>>(
        &self,
        question: impl Fn(Call, Adapter) -> F,
    ) -> Result<T, CallError> {
        self.platform.ask(Some(self.plugin), 1, question).await
    }
}
