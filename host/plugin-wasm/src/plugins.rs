//! The plugins of this host: registering, loading, listing, finding.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use neustream_contract::chat::{ChatConnector, ChatConnectors};
use neustream_contract::destination::{DestinationAdapter, DestinationAdapters};
use neustream_contract::moderation::{Found, Message, ModerationFilter, ModerationFilters, Verdict};
use neustream_contract::payment::{PaymentProvider, PaymentProviders};
use neustream_contract::{Call, CallError, CallErrorKind, Digest, Kind, PackageSource, PluginInfo};
use neustream_model::UnixMillis;
use neustream_outbound::Network;
use tokio::runtime::{Handle, Runtime};

use crate::call::{Caller, Calls};
use crate::chat::WasmConnector;
use crate::clock::{Clock, SystemClock};
use crate::compile::Compiler;
use crate::compile::artifacts::Artifacts;
use crate::counters::Counters;
use crate::destination::WasmDestination;
use crate::door::Tape;
use crate::engine::{Metering, Ticker, runtime_engine};
use crate::error::{LoadError, StartError};
use crate::kv_store::{KvStore, MemoryKv};
use crate::library::{Library, Workshop};
use crate::measures;
use crate::moderation::WasmFilter;
use crate::payment::WasmProvider;
use crate::plugin::KnownPlugin;
use crate::report::Observer;
use crate::state::Services;
use crate::text::printable;
use crate::threads::{ThreadMark, runtime};

/// How often prepared instances that nobody needed are looked for.
const IDLE_EVERY: Duration = Duration::from_secs(15);

/// What the platform needs from its host.
pub struct PluginsSettings {
    /// Compiled plugins and the key that authenticates them are kept below it.
    pub data_dir: PathBuf,
    /// How to start the compiling child.
    pub compiler: Compiler,
    /// The way out for requests: what the rules let through goes there.
    pub network: Arc<dyn Network>,
    /// Where packages come from that were not registered.
    pub packages: Option<Arc<dyn PackageSource>>,
    /// Where plugins remember things; in this process where nothing is given.
    pub kv: Option<Arc<dyn KvStore>>,
    /// Sees, and may answer, every host call.
    pub tape: Option<Arc<dyn Tape>>,
    /// The clock of guests; the system's where nothing is given.
    pub clock: Option<Arc<dyn Clock>>,
    /// Hears what each call used.
    pub observer: Option<Arc<dyn Observer>>,
}

impl PluginsSettings {
    /// Settings with an in-memory kv and the system's clock, without a source of packages, tape or observer.
    pub fn new(data_dir: PathBuf, compiler: Compiler, network: impl Network + 'static) -> Self {
        Self {
            data_dir,
            compiler,
            network: Arc::new(network),
            packages: None,
            kv: None,
            tape: None,
            clock: None,
            observer: None,
        }
    }
}

/// The plugins of this host.
pub struct Plugins {
    pub(crate) calls: Arc<Calls>,
    pub(crate) library: Library,
    /// Taken when the platform is dropped.
    runtime: Option<Runtime>,
}

impl Plugins {
    /// Starts the platform: engines, threads, cache. No plugin is loaded yet.
    pub fn new(settings: PluginsSettings) -> Result<Arc<Self>, StartError> {
        let failed = |error: wasmtime::Error| StartError::Engine(format!("{error:#}"));
        let workshop = |metering: Metering| {
            let engine = runtime_engine(metering).map_err(failed)?;
            let artifacts = Artifacts::open(&settings.data_dir, &engine)?;
            Ok::<_, StartError>(Workshop { engine, artifacts })
        };
        let (cpu_time, fuel) = (workshop(Metering::CpuTime)?, workshop(Metering::Fuel)?);
        let ticker = Ticker::start(cpu_time.engine.clone()).map_err(StartError::Threads)?;
        let threads = ThreadMark::new();
        let runtime = runtime(threads).map_err(StartError::Threads)?;
        measures::describe();
        let counters = Arc::new(Counters::default());
        let clock = settings.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let services = Services {
            network: Some(settings.network),
            clock: Arc::clone(&clock),
            kv: settings.kv.unwrap_or_else(|| Arc::new(MemoryKv::default())),
            tape: settings.tape,
            counters: Arc::clone(&counters),
        };
        let trial_services =
            Services { network: None, clock, kv: Arc::new(MemoryKv::default()), tape: None, counters };
        let handle = runtime.handle().clone();
        let calls = Arc::new(Calls::new(
            handle.clone(),
            threads,
            ticker,
            services,
            trial_services,
            settings.observer,
        ));
        let watched = Arc::downgrade(&calls);
        runtime.spawn(async move {
            loop {
                tokio::time::sleep(IDLE_EVERY).await;
                let Some(calls) = watched.upgrade() else { return };
                calls.prepared.drop_idle(Instant::now());
            }
        });
        let library =
            Library::new(settings.packages, cpu_time, fuel, settings.compiler, handle).map_err(failed)?;
        Ok(Arc::new(Self { calls, library, runtime: Some(runtime) }))
    }

    /// Reads a package and lists it. Its code is compiled or fetched when it is first called, or by
    /// [`Plugins::load`]. Quick: microseconds for 50 kB.
    ///
    /// # Errors
    /// What is wrong with the package or its manifest.
    pub fn register(&self, bytes: Bytes) -> Result<PluginInfo, LoadError> {
        let known = Arc::new(KnownPlugin::read(&bytes)?);
        let info = known.info.clone();
        self.library.registry.add(known, bytes);
        Ok(info)
    }

    /// [`Plugins::register`], and makes the plugin ready: validates, compiles in a child process or fetches the
    /// artifact of an earlier compilation, checks imports and exports.
    ///
    /// # Errors
    /// Whatever keeps it from running. It is then not listed, unless it was before.
    pub async fn load(&self, bytes: Bytes) -> Result<PluginInfo, LoadError> {
        let known = Arc::new(KnownPlugin::read(&bytes)?);
        let (info, digest) = (known.info.clone(), known.package.digest);
        let is_new = self.library.registry.find(&digest).is_none();
        self.library.try_again(&digest);
        self.library.registry.add(known, bytes);
        match self.library.loaded(&digest).await {
            Ok(_) => Ok(info),
            Err(error) => {
                if is_new {
                    self.library.registry.remove(&digest);
                }
                Err(error)
            }
        }
    }

    /// The platform's own threads. A driver that calls many filters may run on them: such a call is served in
    /// place and saves two changes of thread, some ten microseconds.
    pub fn threads(&self) -> Handle {
        self.calls.runtime.clone()
    }

    /// Makes an instance as a fresh call makes it, and discards it: for measurements.
    ///
    /// # Errors
    /// Whatever keeps the plugin from running.
    #[doc(hidden)]
    pub async fn instantiate(&self, call: &Call) -> Result<(), CallError> {
        let plugin = self.library.loaded(&call.plugin).await.map_err(|error| not_runnable(&error))?;
        let caller = Caller { calls: Arc::clone(&self.calls), plugin, is_trial: true };
        caller.call(call, "instantiate", |_| Box::pin(async { Ok(()) }), |(), _| Ok(())).await.result
    }

    /// Filter instances that wait for their call.
    pub fn prepared_instances(&self) -> usize {
        self.calls.prepared.len()
    }

    /// Judges again what was judged before: with the package, configuration and ceilings of `call`, at `now`, the
    /// same batch and answers give the same verdicts, byte for byte. What an appeal and a shadow run need.
    ///
    /// It is not counted as the installation's, and its breaker does not matter.
    ///
    /// # Errors
    /// Those of [`ModerationFilter::judge`]: a batch on which the filter ran out of its budget does so again.
    pub async fn replay(
        &self,
        call: &Call,
        now: UnixMillis,
        batch: &[Message],
        found: &[Found],
    ) -> Result<Vec<Verdict>, CallError> {
        self.trial_filter(&call.plugin).await?.judge_at(call, now, batch, found).await
    }

    /// A connector whose calls are not counted as the installation's: for a shadow run of what was recorded. A
    /// fault does not open the breaker, nothing reaches the log.
    ///
    /// # Errors
    /// Those of [`ChatConnectors::connector`].
    pub async fn trial_connector(&self, plugin: &Digest) -> Result<Arc<dyn ChatConnector>, CallError> {
        let caller = Caller { is_trial: true, ..self.caller(plugin, Kind::Chat).await? };
        Ok(Arc::new(WasmConnector(caller)))
    }

    /// What calls the package `plugin`, which must be of `kind`.
    async fn caller(&self, plugin: &Digest, kind: Kind) -> Result<Caller, CallError> {
        self.calls.permits.of(plugin)?;
        let plugin = self.library.loaded(plugin).await.map_err(|error| not_runnable(&error))?;
        if plugin.known.kind() != kind {
            let message = format!("`{}` is not of kind {}.", plugin.known.info.id, kind.as_str());
            return Err(CallError::new(CallErrorKind::NotRunnable, "plugin-kind", message));
        }
        Ok(Caller { calls: Arc::clone(&self.calls), plugin, is_trial: false })
    }
}

/// What a caller is told of a package that does not load.
pub(crate) fn not_runnable(error: &LoadError) -> CallError {
    let (kind, code) = match error {
        LoadError::Unknown(_) => (CallErrorKind::NotRunnable, "plugin-unknown"),
        LoadError::Source(_) => (CallErrorKind::Unavailable, "plugin-unavailable"),
        _ => (CallErrorKind::NotRunnable, "plugin-not-runnable"),
    };
    CallError::new(kind, code, printable(&error.to_string(), 500))
}

impl Drop for Plugins {
    fn drop(&mut self) {
        // A runtime must not be dropped where it would block; its tasks end by themselves.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[async_trait]
impl DestinationAdapters for Plugins {
    async fn adapter(&self, plugin: &Digest) -> Result<Arc<dyn DestinationAdapter>, CallError> {
        Ok(Arc::new(WasmDestination(self.caller(plugin, Kind::Destination).await?)))
    }
}

#[async_trait]
impl ChatConnectors for Plugins {
    async fn connector(&self, plugin: &Digest) -> Result<Arc<dyn ChatConnector>, CallError> {
        Ok(Arc::new(WasmConnector(self.caller(plugin, Kind::Chat).await?)))
    }
}

#[async_trait]
impl ModerationFilters for Plugins {
    async fn filter(&self, plugin: &Digest) -> Result<Arc<dyn ModerationFilter>, CallError> {
        Ok(Arc::new(WasmFilter(self.caller(plugin, Kind::Moderation).await?)))
    }

    async fn trial_filter(&self, plugin: &Digest) -> Result<Arc<dyn ModerationFilter>, CallError> {
        let caller = Caller { is_trial: true, ..self.caller(plugin, Kind::Moderation).await? };
        Ok(Arc::new(WasmFilter(caller)))
    }
}

#[async_trait]
impl PaymentProviders for Plugins {
    async fn provider(&self, plugin: &Digest) -> Result<Arc<dyn PaymentProvider>, CallError> {
        Ok(Arc::new(WasmProvider(self.caller(plugin, Kind::Payment).await?)))
    }
}

/// The plugins that were registered or loaded here, in difference to those that [`PackageSource`] has.
impl Plugins {
    /// All of them, by id.
    pub fn list(&self) -> Vec<PluginInfo> {
        self.library.registry.list()
    }

    /// The one with this id.
    pub fn find(&self, id: &str) -> Option<PluginInfo> {
        self.library.registry.info(id)
    }
}
