//! Packages that may not run, and how their running calls are ended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use neustream_contract::{CallError, CallErrorKind, Digest};
use neustream_model::Reason;
use tokio_util::sync::CancellationToken;

/// Which packages may run.
#[derive(Debug, Default)]
pub(crate) struct Permits(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    forbidden: HashMap<Digest, Reason>,
    /// The permits that running calls hold.
    given: HashMap<Digest, Weak<Permit>>,
}

/// Held by a call for as long as it runs.
#[derive(Debug)]
pub(crate) struct Permit(CancellationToken);

impl Permit {
    /// Ends when the package is forbidden.
    pub(crate) async fn withdrawn(&self) {
        self.0.cancelled().await;
    }
}

impl Permits {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A permit for a call of `plugin`.
    ///
    /// # Errors
    /// [`CallErrorKind::NotRunnable`] with the reason that it was forbidden for.
    pub(crate) fn of(&self, plugin: &Digest) -> Result<Arc<Permit>, CallError> {
        let mut state = self.lock();
        if let Some(reason) = state.forbidden.get(plugin) {
            return Err(refusal(reason));
        }
        if let Some(permit) = state.given.get(plugin).and_then(Weak::upgrade) {
            return Ok(permit);
        }
        if state.given.len() >= 1024 {
            state.given.retain(|_, permit| permit.strong_count() > 0);
        }
        let permit = Arc::new(Permit(CancellationToken::new()));
        state.given.insert(*plugin, Arc::downgrade(&permit));
        Ok(permit)
    }

    /// Why `plugin` may not run; a permit that was withdrawn and given back meanwhile counts as forbidden, too.
    pub(crate) fn refusal(&self, plugin: &Digest) -> CallError {
        match self.lock().forbidden.get(plugin) {
            Some(reason) => refusal(reason),
            None => refusal(&Reason::new("plugin-suspended", "The plugin was stopped while it was called.")),
        }
    }

    /// Ends the running calls of `plugin` and refuses later ones.
    pub(crate) fn forbid(&self, plugin: &Digest, reason: Reason) {
        let mut state = self.lock();
        state.forbidden.insert(*plugin, reason);
        if let Some(permit) = state.given.remove(plugin).and_then(|permit| permit.upgrade()) {
            permit.0.cancel();
        }
    }

    /// Takes [`Permits::forbid`] back.
    pub(crate) fn permit(&self, plugin: &Digest) {
        self.lock().forbidden.remove(plugin);
    }
}

fn refusal(reason: &Reason) -> CallError {
    CallError::new(CallErrorKind::NotRunnable, reason.code.clone(), reason.message.clone())
}
