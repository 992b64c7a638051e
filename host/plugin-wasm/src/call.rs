//! One call of a guest, from admission to discarding.
//!
//! A call has a Store of its own that is dropped whatever happens, so nothing
//! of a trap, a timeout or another tenant outlives it. It runs on the plugin
//! platform's own threads; its caller only waits, and gives it up by dropping
//! the future. A caller that is on these threads already is served in place.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use neustream_contract::{Call, CallError, CallErrorKind, Ceilings};
use neustream_model::UnixMillis;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_util::task::AbortOnDropHandle;
use wasmtime::component::Instance;
use wasmtime::{Store, UpdateDeadline};

use crate::bindings::moderation::exports::neustream::moderation::filter;
use crate::bindings::neustream::host::types::Context;
use crate::context::{CallIds, context};
use crate::engine::{FUEL_YIELD, Metering, SLOTS, Ticker};
use crate::fault;
use crate::installation::{Ending, Finished, Installation, Installations};
use crate::limits::{HOST_CALL_FUEL, MAX_HANDLES, MemoryLimiter, fuel};
use crate::meter::{Meter, Metered};
use crate::permits::{Permit, Permits};
use crate::plugin::{LoadedPlugin, check_settings};
use crate::prepared::{Prepared, PreparedInstances};
use crate::report::{CallReport, Observer};
use crate::spent::{Spent, spent};
use crate::state::{CallState, Sent, Services};
use crate::tenants::Tenants;
use crate::threads::ThreadMark;

/// What all calls of a platform share.
pub(crate) struct Calls {
    pub(crate) runtime: Handle,
    pub(crate) threads: ThreadMark,
    pub(crate) ticker: Ticker,
    pub(crate) services: Arc<Services>,
    /// The services of calls that only try a plugin.
    pub(crate) trial_services: Arc<Services>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) installations: Installations,
    pub(crate) permits: Permits,
    pub(crate) prepared: PreparedInstances,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) tenants: Tenants,
    pub(crate) ids: CallIds,
}

impl Calls {
    pub(crate) fn new(
        runtime: Handle,
        threads: ThreadMark,
        ticker: Ticker,
        services: Services,
        trial_services: Services,
        observer: Option<Arc<dyn Observer>>,
    ) -> Self {
        Self {
            runtime,
            threads,
            ticker,
            services: Arc::new(services),
            trial_services: Arc::new(trial_services),
            observer,
            installations: Installations::default(),
            permits: Permits::default(),
            prepared: PreparedInstances::default(),
            slots: Arc::new(Semaphore::new(SLOTS)),
            tenants: Tenants::default(),
            ids: CallIds::default(),
        }
    }
}

/// Calls one plugin: what the adapters of all kinds are made of.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) calls: Arc<Calls>,
    pub(crate) plugin: Arc<LoadedPlugin>,
    /// Whether the plugin is only tried: without a network, on a memory of its own, and nothing is counted.
    pub(crate) is_trial: bool,
}

/// A guest that is about to be asked something.
pub(crate) struct Guest<'a> {
    pub(crate) plugin: &'a LoadedPlugin,
    pub(crate) instance: &'a Instance,
    /// The functions of a filter, found when its instance was made.
    pub(crate) filter: Option<&'a filter::Guest>,
    pub(crate) store: &'a mut Store<CallState>,
    pub(crate) context: Context,
}

/// An instance, and the functions of a filter.
pub(crate) struct GuestInstance {
    pub(crate) instance: Instance,
    pub(crate) filter: Option<filter::Guest>,
}

/// What a call leaves behind: its Store, and its place in the pool, which is free when the Store is gone.
struct Leftover {
    store: Store<CallState>,
    at: Circumstances,
    slot: OwnedSemaphorePermit,
    is_good: bool,
}

/// `ask` itself: tells the compiler that it takes a guest of any lifetime.
pub(crate) fn asking<A, F>(ask: F) -> F
where
    F: for<'a> FnOnce(Guest<'a>) -> BoxFuture<'a, wasmtime::Result<A>> + Send + 'static,
{
    ask
}

/// What a call came to.
pub(crate) struct Called<R> {
    pub(crate) result: Result<R, CallError>,
    /// Whether a request may have left the host.
    pub(crate) has_sent: bool,
}

/// A call that was let through, or why it was not.
enum Ran<R> {
    Refused(CallError),
    Reached(Result<R, CallError>, Spent),
}

/// A call with all that decides how it goes.
pub(crate) struct Circumstances {
    pub(crate) call: Arc<Call>,
    pub(crate) installation: Arc<Installation>,
    pub(crate) sent: Sent,
    pub(crate) began: Instant,
    pub(crate) deadline: Instant,
    /// The guest's clock.
    pub(crate) now: UnixMillis,
    pub(crate) ceilings: Ceilings,
}

impl Caller {
    /// Calls `function`: `ask` is given the instance, and `read` makes of its answer what the contract has.
    pub(crate) async fn call<A, R>(
        &self,
        call: &Call,
        function: &'static str,
        ask: impl for<'a> FnOnce(Guest<'a>) -> BoxFuture<'a, wasmtime::Result<A>> + Send + 'static,
        read: impl FnOnce(A, &mut CallState) -> Result<R, CallError> + Send + 'static,
    ) -> Called<R>
    where
        A: Send + 'static,
        R: Send + 'static,
    {
        let now = self.calls.services.clock.now();
        self.call_at(call, function, now, ask, read).await
    }

    /// [`Caller::call`] with `now` as the guest's clock.
    pub(crate) async fn call_at<A, R>(
        &self,
        call: &Call,
        function: &'static str,
        now: UnixMillis,
        ask: impl for<'a> FnOnce(Guest<'a>) -> BoxFuture<'a, wasmtime::Result<A>> + Send + 'static,
        read: impl FnOnce(A, &mut CallState) -> Result<R, CallError> + Send + 'static,
    ) -> Called<R>
    where
        A: Send + 'static,
        R: Send + 'static,
    {
        let began = Instant::now();
        let installation = if self.is_trial {
            Arc::default()
        } else {
            self.calls.installations.of(call.tenant, call.installation, began)
        };
        let circumstances = self.circumstances(Arc::new(call.clone()), installation, began, now);
        let (installation, sent) = (Arc::clone(&circumstances.installation), circumstances.sent.clone());
        let ran = self.run(circumstances, ask, read).await;
        let result = self.noted(ran, call, &installation, function, began.elapsed());
        Called { result, has_sent: sent.is_any() }
    }

    pub(crate) fn circumstances(
        &self,
        call: Arc<Call>,
        installation: Arc<Installation>,
        began: Instant,
        now: UnixMillis,
    ) -> Circumstances {
        let ceilings = Ceilings::of(&self.plugin.known.package, &call.ceilings);
        let deadline = began + ceilings.wall.min(call.deadline);
        Circumstances { call, installation, sent: Sent::default(), began, deadline, now, ceilings }
    }

    async fn run<A, R>(
        &self,
        at: Circumstances,
        ask: impl for<'a> FnOnce(Guest<'a>) -> BoxFuture<'a, wasmtime::Result<A>> + Send + 'static,
        read: impl FnOnce(A, &mut CallState) -> Result<R, CallError> + Send + 'static,
    ) -> Ran<R>
    where
        A: Send + 'static,
        R: Send + 'static,
    {
        let (permit, state) = match self.admitted(&at).and_then(|permit| Ok((permit, self.state(&at)?))) {
            Ok(admitted) => admitted,
            Err(refusal) => return Ran::Refused(refusal),
        };
        let (tenants, slots) = (&self.calls.tenants, Arc::clone(&self.calls.slots));
        let places = async {
            let of_tenant = tenants.place(at.call.tenant, at.call.ceilings.calls).await;
            (of_tenant, slots.acquire_owned().await.expect("never closed"))
        };
        let Ok(places) = tokio::time::timeout_at(at.deadline.into(), places).await else {
            return Ran::Refused(fault::busy());
        };
        let caller = self.clone();
        let running = async move {
            let (of_tenant, slot) = places;
            let (result, spent, store) = caller.run_guest(state, &at, &permit, ask, read).await;
            let is_good = result.is_ok();
            drop(of_tenant);
            (Ran::Reached(result, spent), Leftover { store, at, slot, is_good })
        };
        if self.calls.threads.is_current() {
            let (ran, leftover) = running.await;
            self.discard(leftover);
            return ran;
        }
        let (tell, told) = oneshot::channel();
        let caller = self.clone();
        let _running = AbortOnDropHandle::new(self.calls.runtime.spawn(async move {
            let (ran, leftover) = running.await;
            // The caller does not wait for the discarding.
            let _ = tell.send(ran);
            caller.discard(leftover);
        }));
        told.await.unwrap_or_else(|_| {
            let message = "The plugin platform has stopped.";
            Ran::Refused(CallError::new(CallErrorKind::NotRunnable, "plugins-stopped", message))
        })
    }

    /// Discards what a call leaves. After a good call of a filter the instance for the next one is made, too.
    fn discard(&self, leftover: Leftover) {
        let Leftover { store, at, slot, is_good } = leftover;
        if is_good && !self.is_trial && self.plugin.known.metering() == Metering::Fuel {
            let caller = self.clone();
            self.calls.runtime.spawn(async move {
                drop(store);
                caller.prepare(at).await;
                drop(slot);
            });
        }
    }

    /// Everything that must hold before a guest is called.
    fn admitted(&self, at: &Circumstances) -> Result<Arc<Permit>, CallError> {
        let permit = self.calls.permits.of(&self.plugin.known.package.digest)?;
        if !self.is_trial {
            check_settings(&self.plugin, &at.call, &at.installation)?;
            at.installation.admit(at.began).map_err(breaker_open)?;
        }
        Ok(permit)
    }

    /// What the call's Store will carry.
    pub(crate) fn state(&self, at: &Circumstances) -> Result<CallState, CallError> {
        let cpu_budget = match self.plugin.known.metering() {
            Metering::CpuTime => Some(at.ceilings.cpu),
            Metering::Fuel => None,
        };
        let services = if self.is_trial { &self.calls.trial_services } else { &self.calls.services };
        Ok(CallState {
            call: Arc::clone(&at.call),
            call_id: String::new(),
            rules: self.plugin.rules(&at.call.grant)?,
            installation: Arc::clone(&at.installation),
            services: Arc::clone(services),
            meter: Arc::new(Meter::new(cpu_budget, at.deadline)),
            limiter: MemoryLimiter::new(at.ceilings.memory_bytes),
            is_preparing: false,
            host_calls: 0,
            requests: 0,
            sent: at.sent.clone(),
            log_bytes: 0,
            kv_usage: None,
            kept_state: None,
            last_words: None,
            echoes: OnceLock::new(),
        })
    }

    /// Runs the guest, on the platform's threads.
    async fn run_guest<A, R>(
        &self,
        mut state: CallState,
        at: &Circumstances,
        permit: &Permit,
        ask: impl for<'a> FnOnce(Guest<'a>) -> BoxFuture<'a, wasmtime::Result<A>> + Send + 'static,
        read: impl FnOnce(A, &mut CallState) -> Result<R, CallError> + Send + 'static,
    ) -> (Result<R, CallError>, Spent, Store<CallState>) {
        let metering = self.plugin.known.metering();
        let _ticking = (metering == Metering::CpuTime).then(|| self.calls.ticker.ticking());
        let context = context(&self.calls.ids, &mut state, metering, at);
        let meter = Arc::clone(&state.meter);
        let is_filter = metering == Metering::Fuel && !self.is_trial;
        let prepared = if is_filter { self.calls.prepared.take(&at.call, at.ceilings) } else { None };
        let (mut store, instance) = match prepared {
            Some(Prepared { mut store, instance, .. }) => {
                let limiter = std::mem::replace(&mut store.data_mut().limiter, MemoryLimiter::new(0));
                *store.data_mut() = CallState { limiter, ..state };
                (store, Some(instance))
            }
            None => (self.store(state, metering), None),
        };
        let guest = async {
            let instance = match instance {
                Some(instance) => instance,
                None => self.instance(&mut store, at.ceilings).await?,
            };
            let GuestInstance { instance, filter } = &instance;
            if metering == Metering::Fuel {
                store.set_fuel(fuel(at.ceilings.cpu))?;
            }
            let filter = filter.as_ref();
            ask(Guest { plugin: &self.plugin, instance, filter, store: &mut store, context }).await
        };
        let metered = tokio::time::timeout_at(at.deadline.into(), Metered::new(guest, meter));
        let ended = tokio::select! {
            biased;
            () = permit.withdrawn() => Err(self.calls.permits.refusal(&at.call.plugin)),
            ended = metered => Ok(ended.ok().flatten()),
        };
        let result = match ended {
            Ok(Some(Ok(answer))) => read(answer, store.data_mut()),
            Ok(Some(Err(error))) => Err(fault::explained(&error, store.data(), &at.ceilings)),
            Ok(None) => Err(fault::timed_out(at.ceilings.wall.min(at.call.deadline))),
            Err(withdrawn) => Err(withdrawn),
        };
        let spent = spent(&store, metering, at);
        if let Some(tape) = &store.data().services.tape {
            tape.ended(&store.data().call_id);
        }
        (result, spent, store)
    }

    /// A fresh Store with every limit set.
    pub(crate) fn store(&self, state: CallState, metering: Metering) -> Store<CallState> {
        let mut store = Store::new(self.plugin.pre.engine(), state);
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(HOST_CALL_FUEL);
        store.set_max_component_handles(MAX_HANDLES);
        match metering {
            Metering::CpuTime => {
                store.set_epoch_deadline(1);
                store.epoch_deadline_callback(|context| {
                    Ok(match context.data().meter.exceeded() {
                        Some(_) => UpdateDeadline::Interrupt,
                        // `Yield` would starve tokio's timers; this one lets them run.
                        None => UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())),
                    })
                });
            }
            Metering::Fuel => {
                store.fuel_async_yield_interval(Some(FUEL_YIELD)).expect("its engine counts fuel");
            }
        }
        store
    }

    /// Notes what a call came to: for the breaker, the installation's figures and log, and metrics.
    fn noted<R>(
        &self,
        ran: Ran<R>,
        call: &Call,
        installation: &Installation,
        function: &'static str,
        took: Duration,
    ) -> Result<R, CallError> {
        if self.is_trial {
            return match ran {
                Ran::Refused(error) => Err(error),
                Ran::Reached(result, _) => result,
            };
        }
        let (result, spent) = match ran {
            Ran::Refused(error) => {
                self.plugin.measures.called(function, Some(&error), took);
                return Err(error);
            }
            Ran::Reached(result, spent) => (result, spent),
        };
        let ending = match &result {
            Ok(_) => Ending::Good,
            Err(error) if is_fault(error.kind) => {
                // The author reads it beside what the guest wrote itself; the caller shows it to the tenant.
                installation.log("error", format!("{function}: {error}"));
                Ending::Fault(crate::installation::fault(function, error))
            }
            Err(_) => Ending::Error,
        };
        let Spent { cpu, memory_bytes, host_calls, used } = spent;
        if let Some(observer) = &self.calls.observer {
            let error = result.as_ref().err();
            observer.called(&CallReport { function, took, cpu, host_calls, used: &used, error });
        }
        if installation.finished(&Finished { ending, took, cpu, memory_bytes, used }) {
            tracing::warn!(
                plugin = %self.plugin.known.info.id,
                installation = %call.installation,
                "a plugin failed five times within a minute; its breaker is open"
            );
        }
        self.plugin.measures.called(function, result.as_ref().err(), took);
        result
    }
}

/// Whether an error counts against the plugin.
fn is_fault(kind: CallErrorKind) -> bool {
    matches!(kind, CallErrorKind::Trap | CallErrorKind::Timeout | CallErrorKind::Limit)
}

fn breaker_open(open_for: Duration) -> CallError {
    let message =
        format!("The plugin failed too often; it is tried again in {} s.", open_for.as_secs().max(1));
    CallError {
        retry_after: Some(open_for),
        ..CallError::new(CallErrorKind::BreakerOpen, "plugin-breaker-open", message)
    }
}
