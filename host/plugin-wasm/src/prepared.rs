//! Instances of filters that were made ready ahead of their call.
//!
//! A filter's instance serves one call and is discarded, so that nothing of one
//! batch can change the verdicts of another and a replay needs nothing but its
//! own input. What makes a filter's call quick all the same is that the next
//! instance is made while nobody waits: instantiated, and shown an empty batch
//! once, so that it has built its tables from the configuration. A fresh call
//! goes through the same steps, hence both answer the same, byte for byte.
//!
//! One instance an installation at most, [`MAX_PREPARED`] in all (the one that
//! rested for longest goes first), for the package and configuration that they
//! were made for only, and none that has rested for longer than [`MAX_REST`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use neustream_contract::{Call, Ceilings, Digest, Secrets};
use neustream_model::{InstallationId, TenantId};
use wasmtime::Store;

use crate::call::{Caller, Circumstances, GuestInstance};
use crate::context::preparing_context;
use crate::engine::{MAX_PREPARED, Metering};
use crate::limits::fuel;
use crate::meter::Metered;
use crate::moderation;
use crate::state::CallState;

/// How long an instance waits for a call.
pub(crate) const MAX_REST: Duration = Duration::from_mins(1);

/// How many times the budget of a call an instance may take to be made: it may read a long configuration.
const PREPARING: u64 = 4;

/// An instance that was made for a call of this package with this configuration.
pub(crate) struct Prepared {
    pub(crate) plugin: Digest,
    pub(crate) config: String,
    pub(crate) ceilings: Ceilings,
    pub(crate) store: Store<CallState>,
    pub(crate) instance: GuestInstance,
}

impl Prepared {
    fn fits(&self, call: &Call, ceilings: Ceilings) -> bool {
        self.plugin == call.plugin && self.config == call.config && self.ceilings == ceilings
    }
}

/// The instances that wait for a call.
#[derive(Default)]
pub(crate) struct PreparedInstances(Mutex<HashMap<Key, Resting>>);

type Key = (TenantId, InstallationId);

struct Resting {
    since: Instant,
    prepared: Prepared,
}

impl PreparedInstances {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Resting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The installation's instance, if it fits `call`. One that does not is dropped.
    pub(crate) fn take(&self, call: &Call, ceilings: Ceilings) -> Option<Prepared> {
        let resting = self.lock().remove(&(call.tenant, call.installation))?;
        let prepared = resting.prepared;
        prepared.fits(call, ceilings).then_some(prepared)
    }

    /// Keeps an instance for the installation's next call.
    pub(crate) fn keep(&self, tenant: TenantId, installation: InstallationId, prepared: Prepared) {
        let mut all = self.lock();
        all.remove(&(tenant, installation));
        if all.len() >= MAX_PREPARED {
            let oldest = all.iter().min_by_key(|(_, resting)| resting.since).map(|(key, _)| *key);
            if let Some(oldest) = oldest {
                all.remove(&oldest);
            }
        }
        all.insert((tenant, installation), Resting { since: Instant::now(), prepared });
    }

    /// Drops what has rested for too long.
    pub(crate) fn drop_idle(&self, now: Instant) {
        self.lock().retain(|_, resting| now.duration_since(resting.since) < MAX_REST);
    }

    /// Drops the instances of a package.
    pub(crate) fn drop_plugin(&self, plugin: &Digest) {
        self.lock().retain(|_, resting| resting.prepared.plugin != *plugin);
    }

    /// Drops an installation's instance.
    pub(crate) fn forget(&self, tenant: TenantId, installation: InstallationId) {
        self.lock().remove(&(tenant, installation));
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }
}

impl Caller {
    /// A fresh instance. A filter is shown an empty batch, too: see above.
    pub(crate) async fn instance(
        &self,
        store: &mut Store<CallState>,
        ceilings: Ceilings,
    ) -> wasmtime::Result<GuestInstance> {
        if self.plugin.known.metering() == Metering::CpuTime {
            let instance = self.plugin.pre.instantiate_async(store).await?;
            return Ok(GuestInstance { instance, filter: None });
        }
        store.data_mut().is_preparing = true;
        store.set_fuel(fuel(ceilings.cpu) * PREPARING)?;
        let instance = self.plugin.pre.instantiate_async(&mut *store).await?;
        let context = preparing_context(store.data(), ceilings);
        let filter = moderation::show_empty_batch(&self.plugin, &instance, store, context).await?;
        let state = store.data_mut();
        state.is_preparing = false;
        state.host_calls = 0;
        Ok(GuestInstance { instance, filter: Some(filter) })
    }

    /// Makes the instance for the installation's next call; nobody waits for it.
    pub(crate) async fn prepare(&self, at: Circumstances) {
        // It must not keep secrets for as long as it rests.
        let call = Arc::new(Call { secrets: Secrets::default(), ..(*at.call).clone() });
        let mut at = self.circumstances(call, at.installation, Instant::now(), at.now);
        at.deadline = at.began + at.ceilings.wall * PREPARING as u32;
        let Ok(state) = self.state(&at) else { return };
        let meter = Arc::clone(&state.meter);
        let mut store = self.store(state, Metering::Fuel);
        let made = Metered::new(self.instance(&mut store, at.ceilings), meter).await;
        // A fault is told to the call that meets it.
        let Some(Ok(instance)) = made else { return };
        let (tenant, installation, plugin) = (at.call.tenant, at.call.installation, at.call.plugin);
        let config = at.call.config.clone();
        let prepared = Prepared { plugin, config, ceilings: at.ceilings, store, instance };
        self.calls.prepared.keep(tenant, installation, prepared);
        // It may have been forbidden meanwhile.
        if self.calls.permits.of(&plugin).is_err() {
            self.calls.prepared.drop_plugin(&plugin);
        }
    }
}
