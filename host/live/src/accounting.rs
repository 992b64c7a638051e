//! The beat: what runs is written down, and streams whose plan gives them no more time are warned and ended.
//!
//! A crash forgets at most what was streamed since the last beat. While the
//! directory does not answer, sessions keep their figures and the first beat
//! that gets through tells all of them; nobody is ended on old figures.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use neustream_model::UnixMillis;
use tokio::time::MissedTickBehavior;

use crate::DirectoryError;
use crate::context::Context;

/// Beats until dropped.
pub(crate) async fn keep(context: Arc<Context>) {
    let mut beat = tokio::time::interval(context.settings.usage_interval);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if let Err(error) = account(&context).await {
            tracing::warn!(%error, "what is streamed is written down later");
        }
    }
}

async fn account(context: &Context) -> Result<(), DirectoryError> {
    let sessions = context.sessions();
    if sessions.is_empty() {
        return Ok(());
    }
    let (now, wall) = (Instant::now(), UnixMillis::now());
    let usages: Vec<_> = sessions.iter().map(|session| session.usage(now, wall)).collect();
    context.directory.record_usage(&usages).await?;
    let tenants: BTreeSet<_> = sessions.iter().map(|session| session.tenant).collect();
    let allowances = context.directory.allowances(&Vec::from_iter(tenants)).await?;
    for session in sessions {
        let Some(allowance) = allowances.get(&session.tenant) else { continue };
        if session.take_allowance(allowance, Instant::now()) {
            tracing::info!(session = %session.id, "the plan's streaming time is used up");
            // Its readers finish in their own time; the beat does not wait for them.
            tokio::spawn(session.end());
        }
    }
    Ok(())
}
