//! Faults of plugins, as they happen: `plugin.error`.

use neustream_installations::InstallationFailed;
use neustream_model::InstallationId;
use serde::Serialize;
use socketioxide::SocketIo;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::{broadcast, tenant_room};
use crate::moment::rfc3339;
use crate::state::AppState;

/// The body of `plugin.error`.
#[derive(Serialize)]
struct PluginError {
    installation_id: InstallationId,
    plugin: String,
    code: String,
    message: String,
    at: String,
    /// Whether it is not called: switched off, or resting because it failed too often.
    is_disabled: bool,
}

/// Tells the organisations whose plugins fail, until dropped.
pub(super) async fn tell(io: SocketIo, state: AppState, mut failures: Receiver<InstallationFailed>) {
    loop {
        match failures.recv().await {
            Ok(failed) => tell_of(&io, &state, failed).await,
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "failures of plugins were not told"),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn tell_of(io: &SocketIo, state: &AppState, failed: InstallationFailed) {
    let InstallationFailed { tenant, installation, fault, is_breaker_open } = failed;
    let shown = match state.installations.show(tenant, installation).await {
        Ok(shown) => shown,
        Err(error) => {
            tracing::debug!(%installation, %error, "a failure is told of no plugin: it is not there any more");
            return;
        }
    };
    let body = PluginError {
        installation_id: installation,
        plugin: shown.version.id().to_owned(),
        code: fault.reason.code,
        message: fault.reason.message,
        at: rfc3339(fault.at),
        is_disabled: is_breaker_open || !shown.row.is_enabled,
    };
    broadcast(io, vec![tenant_room(tenant)], "plugin.error", &body).await;
}
