//! One filter over one batch.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use neustream_contract::moderation::{Action, Found, MAX_LOOKUPS, Message, ModerationFilter, Verdict};
use neustream_contract::{CallError, CallErrorKind};
use neustream_model::{Reason, TenantId, UnixMillis};
use tokio::time::Instant;
use uuid::Uuid;

use super::chain::{ChainLink, Decision};
use super::lookup::found;
use super::pipeline::Shared;
use super::recording::VerdictRecording;
use crate::access::{Access, Place, call_at};

/// Longest text that a filter may put in place of another.
const MAX_REPLACEMENT_BYTES: usize = 16 * 1024;
/// Beyond its deadline the runtime has ended a call already; this is for a runtime that has not.
const GRACE: Duration = Duration::from_millis(20);

type FilterAccess = Arc<Access<dyn ModerationFilter>>;

/// What one filter does with each message of `batch`, in their order.
pub(crate) async fn judged(
    shared: &Arc<Shared>,
    tenant: TenantId,
    link: ChainLink,
    batch: &[Message],
) -> Vec<(Action, Decision)> {
    let place = Place { tenant, installation: link.installation };
    let access = match access(shared, place).await {
        Ok(access) => access,
        // Switched off or gone since the chain was read: it is no filter of this tenant any more.
        Err(error) if matches!(error.code.as_str(), "installation-disabled" | "installation-unknown") => {
            let nothing = || (Action::Allow, decision(link, "no-filter", String::new(), None));
            return batch.iter().map(|_| nothing()).collect();
        }
        Err(error) => return batch.iter().map(|_| failure(link, &error, None)).collect(),
    };
    match asked(shared, place, &access, batch).await {
        Ok(answered) => answers(link, batch, answered),
        Err((error, _)) if batch.len() > 1 && is_fault(&error) => {
            one_by_one(shared, place, link, &access, batch).await
        }
        Err((error, recording)) => batch.iter().map(|_| failure(link, &error, recording)).collect(),
    }
}

/// Judges each message alone, as long as there is time: one that the filter fails at does not decide about others.
async fn one_by_one(
    shared: &Arc<Shared>,
    place: Place,
    link: ChainLink,
    access: &FilterAccess,
    batch: &[Message],
) -> Vec<(Action, Decision)> {
    let until = Instant::now() + shared.settings.rescue_deadline;
    let mut judged = Vec::with_capacity(batch.len());
    for message in batch {
        if Instant::now() >= until {
            let error = CallError::new(CallErrorKind::Timeout, "timed-out", "its batch took too long");
            judged.push(failure(link, &error, None));
            continue;
        }
        let alone = std::slice::from_ref(message);
        match asked(shared, place, access, alone).await {
            Ok(answered) => judged.extend(answers(link, alone, answered)),
            Err((error, recording)) => judged.push(failure(link, &error, recording)),
        }
    }
    judged
}

/// Verdicts, and where they are recorded.
type Answered = (Vec<Verdict>, Option<Uuid>);

/// Plan, lookups, judge; recorded if there is something to record. `plan` and `judge` share the time of a call, lookups
/// are not counted.
async fn asked(
    shared: &Arc<Shared>,
    place: Place,
    access: &FilterAccess,
    batch: &[Message],
) -> Result<Answered, (CallError, Option<Uuid>)> {
    let mut spent = Duration::ZERO;
    let mut found_all = Vec::new();
    if access.rules.http().is_some() {
        let began = Instant::now();
        let planned = within(access.call.deadline, access.plugin.plan(&access.call, batch)).await;
        let lookups = match planned {
            Ok(lookups) if lookups.len() <= MAX_LOOKUPS => lookups,
            Ok(lookups) => {
                let message = format!("{} lookups, at most {MAX_LOOKUPS} are made", lookups.len());
                let error = CallError::new(CallErrorKind::Limit, "too-many-lookups", message);
                return Err(failed(shared, place, access, batch, UnixMillis::now(), Vec::new(), error));
            }
            Err(error) => {
                return Err(failed(shared, place, access, batch, UnixMillis::now(), Vec::new(), error));
            }
        };
        spent = began.elapsed();
        found_all = found(shared, place, access, lookups).await;
    }
    let now = UnixMillis::now();
    let left = access.call.deadline.saturating_sub(spent);
    let verdicts = within(left, access.plugin.judge_at(&access.call, now, batch, &found_all)).await;
    match verdicts {
        Ok(verdicts) => {
            let is_plain = verdicts.len() == batch.len()
                && verdicts.iter().all(|verdict| verdict.action == Action::Allow);
            let recording = (!is_plain).then(|| {
                let recording = recording(place, access, batch, now, found_all, verdicts.clone(), None);
                shared.record(recording)
            });
            Ok((verdicts, recording))
        }
        Err(error) => Err(failed(shared, place, access, batch, now, found_all, error)),
    }
}

fn failed(
    shared: &Shared,
    place: Place,
    access: &FilterAccess,
    batch: &[Message],
    now: UnixMillis,
    found: Vec<Found>,
    error: CallError,
) -> (CallError, Option<Uuid>) {
    // A batch that is judged once more, one by one, is recorded then.
    if batch.len() > 1 && is_fault(&error) {
        return (error, None);
    }
    let recording = recording(place, access, batch, now, found, Vec::new(), Some(error.reason()));
    let id = shared.record(recording);
    (error, Some(id))
}

fn recording(
    place: Place,
    access: &FilterAccess,
    batch: &[Message],
    now: UnixMillis,
    found: Vec<Found>,
    verdicts: Vec<Verdict>,
    fault: Option<Reason>,
) -> VerdictRecording {
    let call = &access.call;
    VerdictRecording {
        id: Uuid::now_v7(),
        tenant: place.tenant,
        installation: place.installation,
        plugin: call.plugin,
        config: call.config.clone(),
        grant: call.grant.clone(),
        ceilings: call.ceilings,
        now,
        batch: batch.to_vec(),
        found,
        verdicts,
        fault,
    }
}

/// The action for each message: that of its first verdict, otherwise the tenant's choice.
fn answers(link: ChainLink, batch: &[Message], (verdicts, recording): Answered) -> Vec<(Action, Decision)> {
    let mut by_id: HashMap<String, Verdict> = HashMap::with_capacity(verdicts.len());
    for verdict in verdicts {
        by_id.entry(verdict.id.clone()).or_insert(verdict);
    }
    let action = |message: &Message| match by_id.remove(&message.id) {
        Some(Verdict { action: Action::Replace(text), .. }) if text.len() > MAX_REPLACEMENT_BYTES => {
            let reason = format!("it put {} bytes in place of a message", text.len());
            (link.on_failure.action(), decision(link, "no-verdict", reason, recording))
        }
        Some(verdict) => (verdict.action, decision(link, &verdict.rule, verdict.reason, recording)),
        None => {
            let reason = "the filter left this message out".to_owned();
            (link.on_failure.action(), decision(link, "no-verdict", reason, recording))
        }
    };
    batch.iter().map(action).collect()
}

fn failure(link: ChainLink, error: &CallError, recording: Option<Uuid>) -> (Action, Decision) {
    metrics::counter!("moderation_failures_total").increment(1);
    let reason = format!("the filter failed: {error}");
    (link.on_failure.action(), decision(link, "filter-failed", reason, recording))
}

fn decision(link: ChainLink, rule: &str, reason: String, recording: Option<Uuid>) -> Decision {
    Decision { installation: Some(link.installation), rule: rule.to_owned(), reason, recording }
}

/// Whether it may be one message's fault.
fn is_fault(error: &CallError) -> bool {
    use CallErrorKind as Kind;
    matches!(error.kind, Kind::Trap | Kind::Timeout | Kind::Limit | Kind::Other)
}

async fn access(shared: &Shared, place: Place) -> Result<FilterAccess, CallError> {
    let call = call_at(&*shared.installed, place).await?;
    let filter = shared.filters.filter(&call.plugin).await?;
    Ok(Arc::new(Access::new(call, filter, |filter| filter.manifest(), None)?))
}

async fn within<T>(time: Duration, call: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
    let late = |_| CallError::new(CallErrorKind::Timeout, "timed-out", "the filter took too long");
    tokio::time::timeout(time + GRACE, call).await.map_err(late)?
}
