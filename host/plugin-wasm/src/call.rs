//! One call of a guest, from admission to discarding.
//!
//! A call has a Store of its own that is dropped whatever happens, so nothing
//! of a trap, a timeout or another tenant outlives it. It runs on the plugin
//! platform's own threads; its caller only waits, and gives it up by dropping
//! the future.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use neustream_model::{TenantId, UnixMillis};
use neustream_plugin::{Call, CallError, CallErrorKind, LogLine};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::AbortOnDropHandle;
use wasmtime::component::Instance;
use wasmtime::{Engine, Store, UpdateDeadline};

use crate::bindings::neustream::host::types::{Context, Error, Problem};
use crate::engine::{SLOTS, Ticker};
use crate::fault;
use crate::installation::{Installation, Installations};
use crate::limits::{CALLS_PER_TENANT, HOST_CALL_FUEL, MAX_HANDLES, MemoryLimiter};
use crate::meter::{Meter, Metered};
use crate::plugin::LoadedPlugin;
use crate::state::{CallState, Services};
use crate::text::{code, printable, without_secrets};

/// Makes calls and keeps what they share.
pub(crate) struct Calls {
    pub(crate) engine: Engine,
    pub(crate) ticker: Ticker,
    pub(crate) runtime: Handle,
    pub(crate) services: Arc<Services>,
    pub(crate) installations: Installations,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) tenants: Tenants,
}

impl Calls {
    pub(crate) fn new(engine: Engine, ticker: Ticker, runtime: Handle, services: Services) -> Self {
        Self {
            engine,
            ticker,
            runtime,
            services: Arc::new(services),
            installations: Installations::default(),
            slots: Arc::new(Semaphore::new(SLOTS)),
            tenants: Tenants::default(),
        }
    }

    /// Calls `function` of `plugin`: `guest` is given the instance, its Store and the context.
    pub(crate) async fn call<R, G>(
        self: &Arc<Self>,
        plugin: &Arc<LoadedPlugin>,
        call: &Call,
        function: &'static str,
        guest: G,
    ) -> Result<R, CallError>
    where
        R: Send + 'static,
        G: for<'a> FnOnce(
                &'a Instance,
                &'a mut Store<CallState>,
                Context,
            ) -> BoxFuture<'a, wasmtime::Result<Result<R, Error>>>
            + Send
            + 'static,
    {
        let began = Instant::now();
        let installation = self.installations.of(call.tenant, call.installation, began);
        let result = self.admitted(plugin, call, &installation, began, guest).await;
        let is_fault = matches!(
            result.as_ref().map_err(|error| error.kind),
            Err(CallErrorKind::Trap | CallErrorKind::Timeout | CallErrorKind::Limit)
        );
        let was_called = !matches!(
            result.as_ref().map_err(|error| error.kind),
            Err(CallErrorKind::BreakerOpen | CallErrorKind::NotRunnable)
        );
        if was_called && installation.called(is_fault, Instant::now()) {
            tracing::warn!(
                plugin = %plugin.known.info.id,
                installation = %call.installation,
                "a plugin failed five times within a minute; its breaker is open"
            );
        }
        if let Err(error) = &result
            && is_fault
        {
            // The author reads it beside what the guest wrote itself; the caller shows it to the tenant.
            let text = format!("{function}: {error}");
            installation.log(LogLine { number: 0, at: UnixMillis::now(), level: "error".to_owned(), text }, Instant::now());
        }
        measure(plugin, function, result.as_ref().err(), began.elapsed());
        result
    }

    async fn admitted<R, G>(
        self: &Arc<Self>,
        plugin: &Arc<LoadedPlugin>,
        call: &Call,
        installation: &Arc<Installation>,
        began: Instant,
        guest: G,
    ) -> Result<R, CallError>
    where
        R: Send + 'static,
        G: for<'a> FnOnce(
                &'a Instance,
                &'a mut Store<CallState>,
                Context,
            ) -> BoxFuture<'a, wasmtime::Result<Result<R, Error>>>
            + Send
            + 'static,
    {
        check_settings(plugin, call)?;
        installation.admit(began).map_err(|open_for| CallError {
            retry_after: Some(open_for),
            ..CallError::new(
                CallErrorKind::BreakerOpen,
                "plugin-breaker-open",
                format!("The plugin failed too often; it is tried again in {} s.", open_for.as_secs().max(1)),
            )
        })?;
        let rules = plugin.rules(&call.grant)?;
        let mut ceilings = plugin.known.ceilings;
        ceilings.wall = ceilings.wall.min(call.deadline);
        let deadline = began + ceilings.wall;
        let places = tokio::time::timeout_at(deadline.into(), self.places(call.tenant));
        let places = places.await.map_err(|_| fault::busy())?;

        let meter = Arc::new(Meter::new(ceilings.cpu, deadline));
        let state = CallState {
            call: call.clone(),
            call_id: uuid::Uuid::now_v7().to_string(),
            rules,
            installation: Arc::clone(installation),
            services: Arc::clone(&self.services),
            meter: Arc::clone(&meter),
            limiter: MemoryLimiter::new(ceilings.memory_bytes),
            host_calls: 0,
            requests: 0,
            log_bytes: 0,
            last_words: None,
        };
        let (calls, plugin) = (Arc::clone(self), Arc::clone(plugin));
        let secrets = call.secrets.clone();
        let running = async move {
            let _places = places;
            let _ticking = calls.ticker.ticking();
            let mut store = calls.store(state);
            let context = context(store.data(), ceilings.wall.saturating_sub(began.elapsed()));
            let guest = async {
                let instance = plugin.pre.instantiate_async(&mut store).await?;
                guest(&instance, &mut store, context).await
            };
            let guest = Metered::new(guest, meter);
            let ended = tokio::time::timeout_at(deadline.into(), guest).await;
            match ended {
                Ok(Ok(Ok(answer))) => Ok(answer),
                Ok(Ok(Err(error))) => Err(reported(error, &secrets)),
                Ok(Err(error)) => Err(fault::explained(&error, store.data(), &ceilings)),
                Err(_) => Err(fault::timed_out(&ceilings)),
            }
        };
        let running = AbortOnDropHandle::new(self.runtime.spawn(running));
        running.await.unwrap_or_else(|_| {
            Err(CallError::new(
                CallErrorKind::NotRunnable,
                "plugins-stopped",
                "The plugin platform has stopped.",
            ))
        })
    }

    /// Waits for a place among the tenant's calls and among all.
    async fn places(&self, tenant: TenantId) -> (OwnedSemaphorePermit, OwnedSemaphorePermit) {
        let tenants = self.tenants.semaphore(tenant).acquire_owned().await;
        let all = Arc::clone(&self.slots).acquire_owned().await;
        (tenants.expect("never closed"), all.expect("never closed"))
    }

    /// A fresh Store with every limit set.
    fn store(&self, state: CallState) -> Store<CallState> {
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(HOST_CALL_FUEL);
        store.set_max_component_handles(MAX_HANDLES);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|context| {
            Ok(match context.data().meter.exceeded() {
                Some(_) => UpdateDeadline::Interrupt,
                // `Yield` would starve tokio's timers; this one lets them run.
                None => UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())),
            })
        });
        store
    }
}

/// Configuration and secrets as the manifest wants them.
fn check_settings(plugin: &LoadedPlugin, call: &Call) -> Result<(), CallError> {
    let schema = &plugin.known.package.config_schema;
    schema.validate_text(&call.config).map_err(|invalid| {
        CallError::new(CallErrorKind::InvalidConfig, "config-invalid", printable(&invalid.to_string(), 300))
    })?;
    let missing = plugin.rules(&call.grant)?.required_secrets().map(str::to_owned).collect::<Vec<_>>().into_iter().find(|name| call.secrets.get(name).is_none());
    match missing {
        Some(name) => Err(CallError::new(
            CallErrorKind::InvalidConfig,
            "secret-missing",
            format!("The secret `{name}` is not set."),
        )),
        None => Ok(()),
    }
}

fn context(state: &CallState, left: Duration) -> Context {
    Context {
        tenant: state.call.tenant.to_string(),
        installation: state.call.installation.to_string(),
        call_id: state.call_id.clone(),
        trace_parent: String::new(),
        now: UnixMillis::now().0,
        attempt: state.call.attempt,
        deadline_ms: u32::try_from(left.as_millis()).unwrap_or(u32::MAX),
    }
}

/// What the guest itself reported.
fn reported(error: Error, secrets: &neustream_plugin::Secrets) -> CallError {
    let (kind, fallback, problem): (_, _, Problem) = match error {
        Error::Denied(problem) => (CallErrorKind::Denied, "denied", problem),
        Error::InvalidConfig(problem) => (CallErrorKind::InvalidConfig, "config-invalid", problem),
        Error::Unauthorized(problem) => (CallErrorKind::Unauthorized, "unauthorized", problem),
        Error::RateLimited(problem) => (CallErrorKind::RateLimited, "rate-limited", problem),
        Error::Unavailable(problem) => (CallErrorKind::Unavailable, "unavailable", problem),
        Error::Other(problem) => (CallErrorKind::Other, "plugin-error", problem),
    };
    CallError {
        kind,
        code: code(&problem.code, fallback),
        message: without_secrets(printable(&problem.message, 500), secrets),
        retry_after: problem.retry_after_ms.map(|ms| Duration::from_millis(ms.into())),
    }
}

fn measure(plugin: &LoadedPlugin, function: &'static str, error: Option<&CallError>, took: Duration) {
    let outcome = match error.map(|error| error.kind) {
        None => "ok",
        Some(CallErrorKind::Trap) => "trap",
        Some(CallErrorKind::Timeout) => "timeout",
        Some(CallErrorKind::Limit) => "limit",
        Some(CallErrorKind::BreakerOpen) => "breaker-open",
        Some(_) => "error",
    };
    let (id, kind) = (plugin.known.info.id.clone(), plugin.known.info.kind.as_str());
    metrics::counter!(
        "neustream_plugin_calls_total",
        "plugin" => id.clone(), "kind" => kind, "function" => function, "outcome" => outcome
    )
    .increment(1);
    metrics::histogram!(
        "neustream_plugin_call_seconds",
        "plugin" => id, "kind" => kind, "function" => function
    )
    .record(took);
}

/// One semaphore a tenant, for as long as somebody holds or awaits it.
#[derive(Debug, Default)]
pub(crate) struct Tenants(Mutex<HashMap<TenantId, Weak<Semaphore>>>);

impl Tenants {
    fn semaphore(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(semaphore) = all.get(&tenant).and_then(Weak::upgrade) {
            return semaphore;
        }
        if all.len() >= 1024 {
            all.retain(|_, semaphore| semaphore.strong_count() > 0);
        }
        let semaphore = Arc::new(Semaphore::new(CALLS_PER_TENANT));
        all.insert(tenant, Arc::downgrade(&semaphore));
        semaphore
    }
}
