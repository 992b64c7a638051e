//! What follows a failure: again, alone, later, or not at all.
//!
//! A fault of a batch makes the next ones single: the breaker of the runtime
//! opens after five faults, so what is poison must be found with few of them,
//! and a call costs next to nothing. After each success the batch may double.
//! Failures that say nothing about the events (the breaker, a busy host) cost
//! them nothing.

use std::time::Duration;

use neustream_contract::chat::{Event, Problem};
use neustream_contract::{CallError, CallErrorKind};
use neustream_model::{Reason, UnixMillis};

use super::driver::Driver;
use super::event::ChatEventKind;
use super::link::printable;
use super::queue::Outcome;
use super::step::Pause;
use super::store::{Finished, StoreFailure};

/// The runtime's code for a call that found no place to run.
const PLUGINS_BUSY: &str = "plugins-busy";
/// The runtime's code for a call that was out of wall-clock time but not of CPU time: a connector waits for nothing, so
/// it was the host that was slow.
const LATE: &str = "plugin-timeout";

impl Driver {
    /// What to do after a batch of `count` events failed.
    pub(super) async fn failed(&mut self, count: usize, error: &CallError) -> Pause {
        use CallErrorKind as Kind;
        let reason = self.reason(error);
        let deliveries = self.queue.first(count).iter().any(|event| matches!(event, Event::Delivered { .. }));
        match error.kind {
            // Says nothing about these events.
            Kind::BreakerOpen => {
                let after = error.retry_after.unwrap_or(Duration::from_secs(5));
                return Pause::Retry { after: self.bounded(after), reason };
            }
            _ if error.code == PLUGINS_BUSY => return self.retry(reason),
            Kind::NotRunnable => return Pause::Change { reason, recheck: true },
            Kind::Unauthorized if count == 1 && deliveries => {
                self.give_up_first(Outcome::Unauthorized, &reason).await;
                return Pause::Again;
            }
            Kind::Unauthorized | Kind::InvalidConfig if !deliveries => {
                return Pause::Change { reason, recheck: false };
            }
            _ => {}
        }
        if count > 1 {
            self.batch_limit = 1;
            return Pause::Again;
        }
        let says_little = matches!(error.kind, Kind::Unavailable | Kind::RateLimited) || error.code == LATE;
        if says_little && self.waits < self.shared.settings.patience {
            self.waits += 1;
            let wait = self.shared.settings.backoff_now(self.waits);
            let after = self.bounded(error.retry_after.unwrap_or_default()).max(wait);
            return Pause::Retry { after, reason };
        }
        self.attempts += 1;
        if self.attempts < self.shared.settings.attempts {
            let after = error.retry_after.unwrap_or_default();
            let wait = self.shared.settings.backoff_now(self.attempts).div_f32(4.0);
            return Pause::Retry { after: self.bounded(after.max(wait)), reason };
        }
        self.figures.poison += 1;
        metrics::counter!("chat_poison_events_total").increment(1);
        let what = self.queue.first(1).first().map(described).unwrap_or_default();
        let message = format!("{what} was dropped after {} attempts: {}", self.attempts, reason.message);
        tracing::warn!(installation = %self.place.installation, tenant = %self.place.tenant, "{message}");
        let reason = Reason::new("event-dropped", printable(&message));
        self.dropped = Some(reason.clone());
        self.give_up_first(Outcome::Dropped, &reason).await;
        Pause::Again
    }

    /// Takes the first event away without a step.
    async fn give_up_first(&mut self, outcome: Outcome, reason: &Reason) {
        (self.attempts, self.waits) = (0, 0);
        let (events, labels) = self.queue.take(1);
        for event in &events {
            match event {
                Event::Send(outgoing) => {
                    let problem = Problem { reason: reason.clone(), retry_after: None };
                    let finished = Finished { id: outgoing.id.clone(), problem: Some(problem) };
                    // Should the store be away, it expires.
                    if self.shared.store.finish(self.place, &[finished]).await.is_ok() {
                        self.tell(ChatEventKind::Failed(outgoing.id.clone(), reason.clone()));
                    }
                }
                // Without this event nobody has logged in: another attempt at the connection brings another one.
                Event::Opened(id) => self.start_over(id, reason),
                _ => {}
            }
        }
        if let Some(saved) = &mut self.saved
            && let Ok(kept) = saved.memory.kept.after(&events, &[], UnixMillis::now())
        {
            saved.memory.kept = kept;
        }
        for event in events {
            if let Event::Timer(name) = event {
                self.alarms.remove(&name);
            }
        }
        for label in labels {
            if let Some(done) = label.done {
                let _ = done.send(outcome);
            }
        }
    }

    /// The installation cannot be called.
    pub(super) fn not_called(&mut self, error: &CallError) -> Pause {
        let reason = self.reason(error);
        match error.kind {
            CallErrorKind::NotRunnable if error.code == "installation-unknown" => Pause::Gone,
            _ if error.needs_change() => Pause::Change { reason, recheck: true },
            _ => self.retry(reason),
        }
    }

    /// The connector does not begin.
    pub(super) fn not_begun(&mut self, error: &CallError) -> Pause {
        let reason = self.reason(error);
        match error.kind {
            CallErrorKind::NotRunnable => Pause::Change { reason, recheck: true },
            _ if error.needs_change() => Pause::Change { reason, recheck: false },
            _ => match error.retry_after {
                Some(after) => Pause::Retry { after: self.bounded(after), reason },
                None => self.retry(reason),
            },
        }
    }

    pub(super) fn unavailable(&mut self, error: &StoreFailure) -> Pause {
        self.retry(Reason::new("store-unavailable", error.to_string()))
    }

    fn retry(&mut self, reason: Reason) -> Pause {
        self.failures += 1;
        Pause::Retry { after: self.shared.settings.backoff_now(self.failures), reason }
    }

    fn bounded(&self, wait: Duration) -> Duration {
        wait.min(self.shared.settings.backoff_most)
    }

    fn reason(&self, error: &CallError) -> Reason {
        let message = match &self.access {
            Some(access) => access.echoes().starred_text(error.message.clone()),
            None => error.message.clone(),
        };
        Reason::new(error.code.clone(), printable(&message))
    }
}

/// An event in words for the tenant.
fn described(event: &Event) -> String {
    match event {
        Event::Opened(id) => format!("the opening of `{id}`"),
        Event::Received(id, _) => format!("a message over `{id}`"),
        Event::Closed(id, _) => format!("the end of `{id}`"),
        Event::Answered(id, _) => format!("the answer to `{id}`"),
        Event::Delivered { connection, .. } => format!("a webhook to `{connection}`"),
        Event::Timer(name) => format!("the timer `{name}`"),
        Event::Send(_) => "an outgoing message".to_owned(),
        Event::Remove(_) => "a removal".to_owned(),
    }
}
