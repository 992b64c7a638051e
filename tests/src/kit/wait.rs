//! Waiting for events, each with a deadline and a name for what did not come.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How often [`until`] looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Waits for `event`, at most `limit`.
///
/// # Errors
/// The event's own error, or that `what` did not happen in time.
pub async fn within<T>(limit: Duration, what: &str, event: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout(limit, event).await {
        Ok(outcome) => outcome.with_context(|| format!("while waiting for: {what}")),
        Err(_) => bail!("did not happen within {limit:?}: {what}"),
    }
}

/// Looks until `look` finds something, at most `limit`. Gives what was found and how long it took.
///
/// # Errors
/// An error of `look`, or that `what` did not happen in time.
pub async fn until<T, F, Fut>(limit: Duration, what: &str, mut look: F) -> Result<(T, Duration)>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Option<T>>>,
{
    let started = Instant::now();
    within(limit, what, async move {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Some(found) = look().await? {
                return Ok((found, started.elapsed()));
            }
        }
    })
    .await
}
