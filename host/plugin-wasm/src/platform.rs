//! What the platform does besides calling: looking over, making ready, stopping, telling what happened.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use neustream_contract::{
    Activity, Call, CallError, Check, Digest, Egress, LogLine, PluginPlatform, ScanReport,
};
use neustream_model::{InstallationId, Reason, TenantId};
use tokio::sync::broadcast::error::RecvError;

use crate::call::Caller;
use crate::kv_store::KvOwner;
use crate::plugins::{Plugins, not_runnable};
use crate::scan;

#[async_trait]
impl PluginPlatform for Plugins {
    async fn scan(&self, package: Bytes) -> ScanReport {
        scan::scan(&self.library, &self.calls, package).await
    }

    async fn self_test(&self, call: &Call) -> ScanReport {
        let began = Instant::now();
        let loaded = match self.calls.permits.of(&call.plugin) {
            Ok(_) => self.library.loaded(&call.plugin).await.map_err(|error| not_runnable(&error)),
            Err(forbidden) => Err(forbidden),
        };
        match loaded {
            Ok(plugin) => {
                let caller = Caller { calls: Arc::clone(&self.calls), plugin, is_trial: true };
                scan::self_test(caller, call).await
            }
            Err(error) => ScanReport {
                checks: vec![Check {
                    name: "load".to_owned(),
                    problem: Some(error.reason()),
                    note: String::new(),
                    took: began.elapsed(),
                }],
            },
        }
    }

    async fn make_ready(&self, plugin: &Digest) -> Result<(), CallError> {
        self.library.loaded(plugin).await.map(|_| ()).map_err(|error| not_runnable(&error))
    }

    fn forbid(&self, plugin: &Digest, reason: Reason) {
        self.calls.permits.forbid(plugin, reason);
        self.calls.prepared.drop_plugin(plugin);
        self.library.take_down(plugin);
    }

    fn permit(&self, plugin: &Digest) {
        self.library.try_again(plugin);
        self.calls.permits.permit(plugin);
    }

    fn activity(&self, tenant: TenantId, installation: InstallationId) -> Activity {
        self.calls.installations.find(tenant, installation).map(|found| found.activity()).unwrap_or_default()
    }

    fn take_activity(&self) -> Vec<(TenantId, InstallationId, Activity)> {
        self.calls.installations.take_activity()
    }

    fn note_egress(&self, tenant: TenantId, installation: InstallationId, host: &str, traffic: Egress) {
        self.calls.installations.of(tenant, installation, Instant::now()).sent(host, &traffic);
    }

    fn log(&self, tenant: TenantId, installation: InstallationId) -> Vec<LogLine> {
        self.calls.installations.find(tenant, installation).map(|found| found.lines()).unwrap_or_default()
    }

    fn follow_log(&self, tenant: TenantId, installation: InstallationId) -> BoxStream<'static, LogLine> {
        let installation = self.calls.installations.of(tenant, installation, Instant::now());
        stream::unfold(installation.follow(), |mut lines| async move {
            loop {
                match lines.recv().await {
                    Ok(line) => return Some((line, lines)),
                    // The numbers of the lines tell what is missing.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        })
        .boxed()
    }

    fn reset_breaker(&self, tenant: TenantId, installation: InstallationId) {
        if let Some(installation) = self.calls.installations.find(tenant, installation) {
            installation.reset_breaker();
        }
    }

    async fn forget(&self, tenant: TenantId, installation: InstallationId) {
        self.calls.prepared.forget(tenant, installation);
        self.calls.installations.forget(tenant, installation);
        let owner = KvOwner { tenant, installation };
        if let Err(error) = self.calls.services.kv.forget(&owner).await {
            tracing::error!(%tenant, %installation, %error, "the memory of an installation was not removed");
        }
    }
}
