//! What one call carries: the data of its Store.

use std::sync::Arc;

use neustream_outbound::{Outbound, Rules};
use neustream_plugin::Call;

use crate::counters::Counters;
use crate::door::Tape;
use crate::installation::Installation;
use crate::kv_store::KvStore;
use crate::limits::MemoryLimiter;
use crate::meter::Meter;

/// What all calls share.
pub(crate) struct Services {
    pub(crate) outbound: Outbound,
    pub(crate) kv: Arc<dyn KvStore>,
    pub(crate) tape: Option<Arc<dyn Tape>>,
    pub(crate) counters: Counters,
}

/// One call, from its Store's making to its discarding.
pub(crate) struct CallState {
    pub(crate) call: Call,
    pub(crate) call_id: String,
    pub(crate) rules: Arc<Rules>,
    pub(crate) installation: Arc<Installation>,
    pub(crate) services: Arc<Services>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) limiter: MemoryLimiter,
    /// Host calls so far.
    pub(crate) host_calls: u32,
    /// Requests so far.
    pub(crate) requests: u32,
    /// Log bytes so far.
    pub(crate) log_bytes: usize,
    /// What the guest said before it trapped.
    pub(crate) last_words: Option<String>,
}
