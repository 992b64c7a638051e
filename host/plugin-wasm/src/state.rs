//! What one call carries: the data of its Store.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use neustream_contract::Call;
use neustream_outbound::{Echoes, Network, Rules};

use crate::clock::Clock;
use crate::counters::Counters;
use crate::door::Tape;
use crate::installation::{Installation, Used};
use crate::kv_store::{KvStore, KvUsage};
use crate::limits::MemoryLimiter;
use crate::meter::Meter;

/// What all calls share.
pub(crate) struct Services {
    /// The way out; none for calls that try a plugin without a network.
    pub(crate) network: Option<Arc<dyn Network>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) kv: Arc<dyn KvStore>,
    pub(crate) tape: Option<Arc<dyn Tape>>,
    pub(crate) counters: Arc<Counters>,
}

/// One call, from its Store's making to its discarding.
pub(crate) struct CallState {
    pub(crate) call: Arc<Call>,
    pub(crate) call_id: String,
    pub(crate) rules: Arc<Rules>,
    pub(crate) installation: Arc<Installation>,
    pub(crate) services: Arc<Services>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) limiter: MemoryLimiter,
    /// Whether the instance is only made ready: what it writes then, it would write for every call.
    pub(crate) is_preparing: bool,
    /// Host calls so far.
    pub(crate) host_calls: u32,
    /// Requests so far.
    pub(crate) requests: u32,
    /// Requests of which something may have left the host.
    pub(crate) sent: Sent,
    /// Log bytes so far.
    pub(crate) log_bytes: usize,
    /// What the installation keeps, when the call has written to it.
    pub(crate) kv_usage: Option<KvUsage>,
    /// How much of its limit the state takes that the guest answered.
    pub(crate) kept_state: Option<Used>,
    /// What the guest said before it trapped.
    pub(crate) last_words: Option<String>,
    /// How the call's secrets are found in what comes back; made when something does.
    pub(crate) echoes: OnceLock<Echoes>,
}

impl CallState {
    /// `text` with stars in place of the call's secrets.
    pub(crate) fn starred(&self, text: String) -> String {
        self.echoes().starred_text(text)
    }

    /// `bytes` with stars in place of the call's secrets.
    pub(crate) fn starred_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.echoes().starred(bytes)
    }

    fn echoes(&self) -> &Echoes {
        self.echoes.get_or_init(|| Echoes::of(&self.call.secrets))
    }
}

/// How many requests of a call may have left the host. Outlives the call, so that it is known of one that was cut
/// off, too.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent(Arc<SentCount>);

#[derive(Debug, Default)]
struct SentCount {
    requests: AtomicU32,
    answered: AtomicU32,
    is_denied: AtomicBool,
}

impl Sent {
    /// A request is about to leave.
    pub(crate) fn begin(&self) {
        self.0.requests.fetch_add(1, Ordering::SeqCst);
    }

    /// It is certain that nothing of it left.
    pub(crate) fn take_back(&self) {
        self.0.requests.fetch_sub(1, Ordering::SeqCst);
    }

    /// A request was answered.
    pub(crate) fn answered(&self) {
        self.0.answered.fetch_add(1, Ordering::SeqCst);
    }

    /// The guest tells that the provider said it has not acted. That counts when every request was answered: who
    /// did not answer cannot have said so.
    pub(crate) fn provider_denied(&self) {
        self.0.is_denied.store(true, Ordering::SeqCst);
    }

    /// Whether a request may have left, and may have been acted on.
    pub(crate) fn is_any(&self) -> bool {
        let sent = self.0.requests.load(Ordering::SeqCst);
        let is_denied = self.0.is_denied.load(Ordering::SeqCst);
        sent > 0 && !(is_denied && self.0.answered.load(Ordering::SeqCst) == sent)
    }
}
