//! The driver of chat connectors.
//!
//! A connector is a reducer (see `neustream_contract::chat`): events go in, a new
//! state and effects come out. One task owns one installation. It gathers what
//! its connections, timers, webhooks and the tenant bring into batches, hands
//! them to the version that is installed at that moment, commits state and
//! effects together, and only then lets the effects be seen.
//!
//! Invariants:
//! - An event is handed over again until a step with it has committed, whether
//!   the guest failed, the store was away or the version was replaced.
//! - Events of one connection come in order; nothing is dropped for want of
//!   room, sockets are not read instead. The one exception is said aloud: an
//!   event that fails alone, again and again, is poison, and is counted.
//! - A message whose platform id is stored is not published again.
//! - An outgoing message is kept until the connector says what became of it. It
//!   is handed over *at least* once: after a restart it may be written twice.
//! - What was read from a socket and not committed when the process is killed is
//!   lost with it, since no platform sends it again over a socket; an orderly end
//!   takes these steps first. Webhooks and polls come again.
//! - Other effects (transmissions, requests) are lost with the process. The
//!   connector learns of that: its connections are told `closed` with the code
//!   `restarted`, its requests are answered with `interrupted`.
//! - Nothing leaves that manifest and grant do not allow, whichever version is
//!   installed now; what is denied is told, and does not end the connector.
//!
//! An upgrade hands the old state to the new version: one that cannot read it
//! answers with the code `state-unreadable` and is begun anew, as after a change
//! of the configuration. The last state of an older schema is kept for a
//! rollback.
//!
//! | file | concept |
//! |---|---|
//! | `service` | all connectors of this host ([`Connectors`]) |
//! | `driver` | the task of one installation: what wakes it, when it waits |
//! | `step` | one batch through the connector and into the store |
//! | `failure` | what follows a failure: again, alone, later, or not at all |
//! | `effects` | what a committed step lets happen |
//! | `memory` | what is remembered between two steps |
//! | `queue` | events on their way, bounded |
//! | `socket`, `poll`, `request` | the transports |
//! | `link` | what a connection's task needs of its driver |
//! | `store` | what must outlive the process, behind a trait |
//! | `recording` | steps of late, and the shadow replay of another version |
//! | `rehearsal` | what would be refused of a step, for an author's tests |
//!
//! Absent: what a platform's lines mean, moderation, rooms, SQL.

mod driver;
mod effects;
mod event;
mod failure;
mod link;
mod memory;
mod poll;
mod queue;
mod recording;
mod rehearsal;
mod request;
mod service;
mod settings;
mod socket;
mod step;
mod store;

pub use event::{
    ChatEvent, ChatEventKind, ConnectionState, ConnectionStatus, ConnectorState, ConnectorStatus,
};
pub use memory::{Kept, Memory};
pub use recording::{RecordedStep, Recording, ShadowOutcome, Told, shadow};
pub use rehearsal::{denied_effects, kept_after};
pub use service::{ConnectorParts, Connectors, Delivery, SendError};
pub use settings::ConnectorSettings;
pub use store::{Commit, Committed, ConnectorStore, Finished, NewMessage, Saved, StoreFailure, Waiting};
pub use uuid::Uuid;

/// The code with which a version says that it cannot read the state that it was handed: it is begun anew.
pub const STATE_UNREADABLE: &str = "state-unreadable";

/// A connector answered with more than the contract allows; counts as a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepInvalid {
    /// Something is too large.
    #[error("{what} may have at most {max} bytes")]
    TooLarge {
        /// What.
        what: &'static str,
        /// How large it may be, in bytes.
        max: usize,
    },
    /// There are too many of something.
    #[error("there may be at most {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// A name is empty or too long.
    #[error("a name has from 1 to {0} bytes")]
    Name(usize),
}
