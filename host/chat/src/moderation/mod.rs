//! The pipeline of moderation filters.
//!
//! A tenant's filters judge in order, over batches that are gathered for a few
//! milliseconds. Each filter plans lookups, the host makes (or remembers) them,
//! and the filter judges. The first verdict that is not `allow` decides; a
//! `replace` puts its text in place for the filters after it.
//!
//! Invariants:
//! - Every message gets exactly one judgement, whatever a filter does: without a
//!   verdict, after a fault or after the time is over the tenant's choice for
//!   that filter holds ([`OnFailure`]).
//! - One message that a filter fails at does not decide about its neighbours:
//!   after a fault the others are judged one by one.
//! - What a filter was asked and answered is recorded wherever it was more than
//!   `allow`, and can be replayed byte for byte ([`Moderation::replay`]).
//!
//! | file | concept |
//! |---|---|
//! | `pipeline` | gathering, and the way through a chain ([`Moderation`]) |
//! | `chain` | a tenant's filters in order, and what becomes of a message |
//! | `stage` | one filter over one batch |
//! | `lookup` | lookups: made, remembered, bounded |
//! | `recording` | what is kept for appeals, and the replay |
//!
//! Absent: what is done with a judgement (rooms do), queues of moderators.

mod chain;
mod lookup;
mod pipeline;
mod recording;
mod stage;

pub use chain::{ChainLink, ChainUnavailable, Decision, FilterChains, Judgement, OnFailure};
pub use lookup::{LookupCaller, look_up};
pub use pipeline::{Moderation, ModerationParts, ModerationSettings};
pub use recording::{LogFailure, RecentVerdicts, Replay, VerdictLog, VerdictRecording};
