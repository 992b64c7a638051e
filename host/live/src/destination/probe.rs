//! Whether a destination would take a broadcast: asked before there is one.
//!
//! The adapter is asked where to push, as for a broadcast that nobody sees,
//! then the server there whether it takes a publication under the key. No
//! media is sent, and the platform is told the end. A destination that is live
//! has answered already; one that is about to be is left alone.

use std::sync::Arc;
use std::time::Duration;

use neustream_contract::destination::{Broadcast, Limits};
use neustream_contract::{CallError, CallErrorKind};
use neustream_model::{DestinationId, DestinationState, Reason, SourceId};
use tokio::time::{Instant, timeout_at};

use super::platform::{Platform, Prepared};
use super::push;
use crate::context::Context;
use crate::{DestinationConfig, SourceConfig};

/// All of it, for one destination.
const PATIENCE: Duration = Duration::from_secs(7);

/// What a destination that is switched on says to a broadcast to come.
#[derive(Debug, Clone)]
pub struct DestinationProbe {
    /// Which destination.
    pub id: DestinationId,
    /// What the platform accepts, where its adapter tells.
    pub limits: Option<Limits>,
    /// What came of it.
    pub outcome: ProbeOutcome,
}

/// How far it came.
#[derive(Debug, Clone)]
pub enum ProbeOutcome {
    /// It is live already.
    IsLive,
    /// It is being connected right now, and was left alone.
    IsConnecting,
    /// The server takes a publication under the key.
    Accepted,
    /// The adapter did not tell where to push.
    PluginFailed(CallError),
    /// The server cannot be reached, or does not take the key.
    Refused(Reason),
}

/// Asks one destination of `source`.
pub(crate) async fn probe(
    context: Arc<Context>,
    source: Arc<SourceConfig>,
    config: DestinationConfig,
) -> DestinationProbe {
    let id = config.id;
    if let Some(known) = running(&context, source.id, id) {
        return known;
    }
    let deadline = Instant::now() + PATIENCE;
    let broadcast = Broadcast {
        id: format!("pre-flight-{id}"),
        title: source.name.clone(),
        visibility: "private".to_owned(),
    };
    let platform = Platform::new(&context, source.tenant, config);
    // A task of its own: what it makes on the platform is ended there, also if that takes longer than we wait.
    let mut preparing = tokio::spawn(async move { platform.prepare(&broadcast, 1).await });
    let prepared = match timeout_at(deadline, &mut preparing).await {
        Ok(Ok(Ok(prepared))) => prepared,
        Ok(Ok(Err(error))) => {
            return DestinationProbe { id, limits: None, outcome: ProbeOutcome::PluginFailed(error) };
        }
        Ok(Err(panicked)) => {
            let error = CallError::new(CallErrorKind::Other, "plugin-failed", panicked.to_string());
            return DestinationProbe { id, limits: None, outcome: ProbeOutcome::PluginFailed(error) };
        }
        Err(_) => {
            tokio::spawn(async move {
                if let Ok(Ok(prepared)) = preparing.await {
                    finish(id, prepared).await;
                }
            });
            let message = format!("The plugin did not answer within {} s.", PATIENCE.as_secs());
            let error = CallError::new(CallErrorKind::Timeout, "plugin-timeout", message);
            return DestinationProbe { id, limits: None, outcome: ProbeOutcome::PluginFailed(error) };
        }
    };
    let outcome = timeout_at(deadline, ask(&context, &prepared)).await.unwrap_or_else(|_| {
        let text = format!("the destination did not answer within {} s", PATIENCE.as_secs());
        ProbeOutcome::Refused(Reason::new("timed-out", text))
    });
    let limits = prepared.target.limits;
    tokio::spawn(finish(id, prepared));
    DestinationProbe { id, limits, outcome }
}

/// What is known of a destination that runs.
fn running(context: &Context, source: SourceId, id: DestinationId) -> Option<DestinationProbe> {
    let (state, prepared) = context.session(source)?.destinations.known(id)?;
    let outcome = match state {
        DestinationState::Live => ProbeOutcome::IsLive,
        DestinationState::Preparing | DestinationState::Connecting => ProbeOutcome::IsConnecting,
        DestinationState::Idle | DestinationState::Retrying | DestinationState::Failed => return None,
    };
    let limits = prepared.and_then(|prepared| prepared.target.limits);
    Some(DestinationProbe { id, limits, outcome })
}

async fn ask(context: &Context, prepared: &Prepared) -> ProbeOutcome {
    let target = &prepared.target;
    let key = match prepared.secrets.join(&target.key) {
        Ok(key) => key,
        Err(error) => return ProbeOutcome::Refused(Reason::new("secret-missing", error.to_string())),
    };
    match push::try_out(context, &target.url, &key).await {
        Ok(()) => ProbeOutcome::Accepted,
        Err(error) => ProbeOutcome::Refused(error.reason()),
    }
}

async fn finish(destination: DestinationId, prepared: Prepared) {
    if let Err(error) = prepared.finish().await {
        tracing::warn!(%destination, %error, "the platform was not told that the trial is over");
    }
}
