//! A poll: a GET again and again.
//!
//! The next question waits for three things: the step with the last answer has
//! committed (so that the connector could change the URL), the interval has
//! passed since that answer, and the platform's `Retry-After` or the back-off
//! is over. The last two outlive a `reopen` of the same connection.

use std::sync::{Arc, Mutex, PoisonError};

use neustream_contract::chat::{Endpoint, Event, Request};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::event::ConnectionState;
use super::link::Link;
use super::queue::{Gone, Label};
use super::request::{answer, patience};

/// When a connection was answered and may be asked again, whatever its URL.
#[derive(Debug, Clone, Default)]
pub(crate) struct PollClock(Arc<Mutex<Times>>);

#[derive(Debug, Default)]
struct Times {
    answered: Option<Instant>,
    not_before: Option<Instant>,
    failures: u32,
}

/// Asks until the task is aborted. `is_new` tells a connection that was not a poll before: it is announced.
pub(crate) async fn ask_again_and_again(
    mut link: Link,
    endpoint: Endpoint,
    clock: PollClock,
    is_new: bool,
) -> Result<(), Gone> {
    let settings = link.shared.settings;
    let interval = endpoint.interval.max(settings.poll_least);
    let request = Request {
        id: link.id.clone(),
        method: "GET".to_owned(),
        url: endpoint.url,
        query: endpoint.query,
        headers: endpoint.headers,
        body: Vec::new(),
    };
    if is_new {
        link.tell(Event::Opened(link.id.clone()), Label::default()).await?;
    }
    loop {
        sleep_until(clock.next(interval)).await;
        link.changes.mark_unchanged();
        let access = match link.shared.access(link.place, None).await {
            Ok(access) => access,
            Err(error) => {
                // The driver meets the same error, and decides.
                link.report.set(ConnectionState::Waiting, Some(error.reason()));
                clock.failed(&settings);
                continue;
            }
        };
        let (outcome, is_refusal) = answer(&link.shared, link.place, &access, &request).await;
        let (wait, has_failed) = patience(&outcome);
        clock.answered(wait, has_failed, &settings);
        match &outcome {
            Err(problem) if is_refusal => {
                link.report.set(ConnectionState::Denied, Some(problem.reason.clone()));
            }
            Err(problem) => link.report.set(ConnectionState::Waiting, Some(problem.reason.clone())),
            Ok(_) => link.report.set(ConnectionState::Open, None),
        }
        let (done, through) = oneshot::channel();
        let event = Event::Answered(link.id.clone(), outcome);
        link.tell(event, Label { done: Some(done), ..Label::default() }).await?;
        let _ = through.await;
        if is_refusal {
            link.changed().await;
        }
    }
}

impl PollClock {
    fn next(&self, interval: std::time::Duration) -> Instant {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let after_answer = times.answered.map(|answered| answered + interval);
        after_answer.into_iter().chain(times.not_before).max().unwrap_or_else(Instant::now)
    }

    fn answered(
        &self,
        wait: Option<std::time::Duration>,
        has_failed: bool,
        settings: &super::ConnectorSettings,
    ) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        times.answered = Some(now);
        times.failures = if has_failed { times.failures + 1 } else { 0 };
        let backoff = has_failed.then(|| settings.backoff_now(times.failures));
        times.not_before = wait.into_iter().chain(backoff).max().map(|wait| now + wait);
    }

    fn failed(&self, settings: &super::ConnectorSettings) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        times.failures += 1;
        times.not_before = Some(Instant::now() + settings.backoff_now(times.failures));
    }
}
