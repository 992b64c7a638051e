//! What news make of an entry: pure functions, time as an argument.
//!
//! [`observed`] joins what a provider tells into an entry by the rank of
//! [`State`]: it is idempotent, and whatever order the same news arrive in, the
//! state and the ledger come out the same. The others are the steps of whoever
//! holds the lease; each changes only an entry that is still where the step
//! began, and leaves any other as it is.

use neustream_contract::CallError;
use neustream_contract::payment::{PaymentStatus, Receipt};
use neustream_model::{Reason, UnixMillis};

use crate::entry::{Entry, Lease, State};
use crate::ledger::Transfer;
use crate::settings::PaymentsSettings;

/// Look-ups without an answer after which a person is asked to look.
const LOOKS_BEFORE_FLAG: u32 = 12;

/// An entry as it shall be, and what that moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The entry.
    pub entry: Entry,
    /// What it moves.
    pub transfer: Option<Transfer>,
}

impl Change {
    /// Only the entry.
    pub fn only(entry: Entry) -> Self {
        Self { entry, transfer: None }
    }
}

/// The provider told `status`.
///
/// - A status of lower or equal rank changes nothing but what was not known yet.
/// - Money that moved after a refusal counts: settled stands above declined.
/// - A refusal after money moved, a second payment and an amount that is not the order's are flagged. The latter keeps
///   the entry from being started or asked about again.
pub fn observed(
    entry: &Entry,
    status: &PaymentStatus,
    now: UnixMillis,
    settings: &PaymentsSettings,
) -> Change {
    let mut next = entry.clone();
    match status {
        PaymentStatus::Settled(receipt) | PaymentStatus::Pending(receipt)
            if receipt.amount != entry.amount =>
        {
            flag(&mut next, "amount-differs", amounts(entry, receipt));
            if next.state < State::Pending {
                rise(&mut next, State::Pending);
            }
            if next.state == State::Pending {
                next.next_attempt = None;
            }
        }
        PaymentStatus::Settled(receipt) if entry.state == State::Settled => {
            if entry.payment_id.as_ref().is_some_and(|known| *known != receipt.provider_id) {
                let message = format!("The provider has a second payment: {}.", receipt.provider_id);
                flag(&mut next, "second-payment", message);
            }
        }
        PaymentStatus::Settled(receipt) => {
            rise(&mut next, State::Settled);
            next.payment_id = Some(receipt.provider_id.clone());
            next.fee.clone_from(&receipt.fee);
            return Change { transfer: Some(Transfer::of(&next, now)), entry: next };
        }
        PaymentStatus::Pending(receipt) => {
            if entry.state < State::Pending {
                rise(&mut next, State::Pending);
                next.payment_id = Some(receipt.provider_id.clone());
                next.next_attempt = Some(now.plus(settings.poll(1)));
            }
        }
        PaymentStatus::ActionRequired(action) => {
            if entry.state < State::ActionRequired {
                rise(&mut next, State::ActionRequired);
                next.next_attempt = Some(now.plus(settings.poll(1)));
            }
            // What was begun first is what the payer was sent to.
            next.begun_id.get_or_insert_with(|| action.provider_id.clone());
            next.action.get_or_insert_with(|| action.clone());
        }
        PaymentStatus::Declined(reason) => match entry.state {
            State::Settled => {
                let message = format!("The provider took it back: {}", reason.message);
                flag(&mut next, "declined-after-settled", message);
            }
            State::Declined => {}
            _ => decline(&mut next, reason.clone()),
        },
    }
    Change::only(next)
}

/// The provider is about to be called by the holder of `lease`. None when the entry is not [`State::Prepared`].
pub fn calling(entry: &Entry, lease: &Lease) -> Option<Entry> {
    (entry.state == State::Prepared).then(|| {
        let mut next = entry.clone();
        next.state = State::Calling;
        next.attempts += 1;
        next.looks = 0;
        // Calls end before their lease does, also those of a host that dies now.
        next.sent_by = Some(lease.until);
        next.next_attempt = Some(lease.until);
        next.lease = Some(lease.clone());
        next
    })
}

/// The call provably reached nobody.
pub fn not_sent(entry: &Entry, error: &CallError, now: UnixMillis, settings: &PaymentsSettings) -> Entry {
    let mut next = entry.clone();
    match entry.state {
        State::Calling => {}
        // It did not come to the call; `calling` has not counted it.
        State::Prepared => next.attempts += 1,
        _ => return next,
    }
    if error.needs_change() || next.attempts >= settings.attempts {
        decline(&mut next, error.reason());
        return next;
    }
    next.state = State::Prepared;
    next.reason = Some(error.reason());
    next.sent_by = None;
    let pause = settings.pause(next.attempts).max(error.retry_after.unwrap_or_default());
    next.next_attempt = Some(now.plus(pause));
    next
}

/// The call may have reached the provider.
pub fn outcome_unknown(
    entry: &Entry,
    error: &CallError,
    now: UnixMillis,
    settings: &PaymentsSettings,
) -> Entry {
    let mut next = entry.clone();
    if entry.state == State::Calling {
        next.state = State::Unknown;
        next.reason = Some(error.reason());
        next.sent_by = Some(now);
        next.next_attempt = Some(now.plus(settings.quiet));
    }
    next
}

/// The provider knows nothing of the entry. Believed when the last request is long enough ago: then it may be called
/// again, with the same key.
pub fn found_nothing(entry: &Entry, now: UnixMillis, settings: &PaymentsSettings) -> Entry {
    let mut next = entry.clone();
    match entry.state {
        State::Calling | State::Unknown => {
            let believed_from = entry.sent_by.unwrap_or(entry.created_at).plus(settings.quiet);
            next.state = if believed_from <= now { State::Prepared } else { State::Unknown };
            next.next_attempt = Some(believed_from.max(now));
            next
        }
        _ => looked(entry, now, settings),
    }
}

/// The provider could not be asked.
pub fn look_up_failed(
    entry: &Entry,
    error: &CallError,
    now: UnixMillis,
    settings: &PaymentsSettings,
) -> Entry {
    if !matches!(entry.state, State::Calling | State::Unknown) {
        return looked(entry, now, settings);
    }
    let mut next = entry.clone();
    next.state = State::Unknown;
    next.looks = entry.looks.saturating_add(1);
    next.reason = Some(error.reason());
    let pause = settings.pause(next.looks).max(error.retry_after.unwrap_or_default());
    next.next_attempt = Some(now.plus(pause));
    if next.looks >= LOOKS_BEFORE_FLAG {
        flag(&mut next, "outcome-unknown", "The provider could not be asked what became of it.".to_owned());
    }
    next
}

/// A look-up brought nothing new.
pub fn looked(entry: &Entry, now: UnixMillis, settings: &PaymentsSettings) -> Entry {
    let mut next = entry.clone();
    next.looks = entry.looks.saturating_add(1);
    let is_waiting = match entry.state {
        State::ActionRequired => now < entry.created_at.plus(settings.wait_for_payer),
        State::Pending => entry.flag.is_none(),
        _ => return entry.clone(),
    };
    next.next_attempt = is_waiting.then(|| now.plus(settings.poll(next.looks)));
    next
}

fn rise(next: &mut Entry, state: State) {
    next.state = state;
    next.reason = None;
    next.looks = 0;
    if state.is_final() {
        next.next_attempt = None;
    }
}

fn decline(next: &mut Entry, reason: Reason) {
    rise(next, State::Declined);
    next.reason = Some(reason);
}

/// The first flag stays: a person begins there.
fn flag(next: &mut Entry, code: &str, message: String) {
    next.flag.get_or_insert_with(|| Reason::new(code, message));
}

fn amounts(entry: &Entry, receipt: &Receipt) -> String {
    format!(
        "The provider speaks of {} {}, ordered were {} {} ({}).",
        receipt.amount.minor,
        receipt.amount.currency,
        entry.amount.minor,
        entry.amount.currency,
        receipt.provider_id
    )
}
