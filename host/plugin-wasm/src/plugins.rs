//! All plugins of this host: registering, loading, listing, finding.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use bytes::Bytes;
use neustream_model::{InstallationId, TenantId};
use neustream_outbound::Outbound;
use neustream_plugin::destination::{DestinationAdapter, DestinationAdapters};
use neustream_plugin::manifest::Kind;
use neustream_plugin::{
    CallError, CallErrorKind, Catalogue, ConfigInvalid, Digest, LogLine, Package, PluginInfo,
};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::task::AbortOnDropHandle;
use wasmtime::component::{Component, Linker};

use crate::call::Calls;
use crate::compile::Compiler;
use crate::compile::artifacts::Artifacts;
use crate::counters::Counters;
use crate::destination::WasmDestination;
use crate::door::Tape;
use crate::engine::{Ticker, runtime_engine};
use crate::error::{CompileError, LoadError, StartError};
use crate::kv_store::{KvStore, MemoryKv};
use crate::plugin::{KnownPlugin, LoadedPlugin, linker};
use crate::state::{CallState, Services};

/// Threads that run guests. Two keep one busy guest from delaying the next; media has its own.
const THREADS: usize = 2;
/// What the threads add to the process's niceness.
const NICENESS: i32 = 5;

/// What the platform needs from its host.
pub struct PluginsSettings {
    /// Compiled plugins and the key that authenticates them are kept below it.
    pub data_dir: PathBuf,
    /// How to start the compiling child.
    pub compiler: Compiler,
    /// The way out for requests.
    pub outbound: Outbound,
    /// Where plugins remember things; in this process where nothing is given.
    pub kv: Option<Arc<dyn KvStore>>,
    /// Sees, and may answer, every host call.
    pub tape: Option<Arc<dyn Tape>>,
}

impl PluginsSettings {
    /// Settings with an in-memory kv and without a tape.
    pub fn new(data_dir: PathBuf, compiler: Compiler, outbound: Outbound) -> Self {
        Self { data_dir, compiler, outbound, kv: None, tape: None }
    }
}

/// The plugins of this host.
pub struct Plugins {
    calls: Arc<Calls>,
    linker: Linker<CallState>,
    artifacts: Arc<Artifacts>,
    compiler: Compiler,
    /// One compilation at a time.
    compiling: Semaphore,
    registered: RwLock<RegisteredPackages>,
    /// Taken when the platform is dropped.
    runtime: Option<Runtime>,
}

/// Packages that were handed over, by digest, and the latest of each id.
#[derive(Default)]
struct RegisteredPackages {
    by_digest: BTreeMap<Digest, Arc<Registered>>,
    latest: BTreeMap<String, Arc<Registered>>,
}

/// A plugin whose package was read. Its code is loaded when it is first needed.
struct Registered {
    known: Arc<KnownPlugin>,
    component: Bytes,
    loaded: OnceCell<Arc<LoadedPlugin>>,
}

impl Plugins {
    /// Starts the platform: engine, threads, cache. No plugin is loaded yet.
    pub fn new(settings: PluginsSettings) -> Result<Arc<Self>, StartError> {
        let failed = |error: wasmtime::Error| StartError::Engine(format!("{error:#}"));
        let engine = runtime_engine().map_err(failed)?;
        let linker = linker(&engine).map_err(failed)?;
        let artifacts = Artifacts::open(&settings.data_dir, &engine)?;
        let ticker = Ticker::start(engine.clone()).map_err(StartError::Threads)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .max_blocking_threads(4)
            .thread_name("plugin")
            .on_thread_start(|| {
                // On Linux niceness belongs to threads. Failing to be polite is no reason to fail.
                let thread = rustix::thread::gettid();
                let _ = rustix::process::setpriority_process(Some(thread), NICENESS);
            })
            .enable_all()
            .build()
            .map_err(StartError::Threads)?;
        describe_metrics();
        let services = Services {
            outbound: settings.outbound,
            kv: settings.kv.unwrap_or_else(|| Arc::new(MemoryKv::default())),
            tape: settings.tape,
            counters: Counters::default(),
        };
        Ok(Arc::new(Self {
            calls: Arc::new(Calls::new(engine, ticker, runtime.handle().clone(), services)),
            linker,
            artifacts: Arc::new(artifacts),
            compiler: settings.compiler,
            compiling: Semaphore::new(1),
            registered: RwLock::default(),
            runtime: Some(runtime),
        }))
    }

    /// Reads a package and lists it. Its code is compiled or fetched when it is first called, or by
    /// [`Plugins::load`]. Quick: microseconds for 50 kB.
    ///
    /// # Errors
    /// What is wrong with the package or its manifest.
    pub fn register(&self, bytes: Bytes) -> Result<PluginInfo, LoadError> {
        let known = Arc::new(KnownPlugin::of(Package::read(&bytes)?)?);
        let info = known.info.clone();
        let mut all = self.registered.write().unwrap_or_else(PoisonError::into_inner);
        let digest = known.package.digest;
        if all.by_digest.contains_key(&digest) {
            return Ok(info);
        }
        let registered = Arc::new(Registered { known, component: bytes, loaded: OnceCell::new() });
        all.by_digest.insert(digest, Arc::clone(&registered));
        all.latest.insert(info.id.clone(), registered);
        Ok(info)
    }

    /// [`Plugins::register`], and makes the plugin ready: validates, compiles in a child process or fetches the
    /// artifact of an earlier compilation, checks imports and exports.
    ///
    /// # Errors
    /// Whatever keeps it from running. It is then not listed, unless it was before.
    pub async fn load(self: &Arc<Self>, bytes: Bytes) -> Result<PluginInfo, LoadError> {
        let is_new = Package::read(&bytes).is_ok_and(|package| self.registered(&package.digest).is_none());
        let info = self.register(bytes)?;
        let Some(registered) = self.latest(&info.id) else { return Ok(info) };
        match self.ready(&registered).await {
            Ok(_) => Ok(info),
            Err(error) => {
                if is_new {
                    let mut all = self.registered.write().unwrap_or_else(PoisonError::into_inner);
                    all.by_digest.remove(&registered.known.package.digest);
                    all.latest.remove(&info.id);
                    let of_same_id = |other: &&Arc<Registered>| other.known.info.id == info.id;
                    if let Some(other) = all.by_digest.values().find(of_same_id).cloned() {
                        all.latest.insert(info.id, other);
                    }
                }
                Err(error)
            }
        }
    }

    /// The lines that an installation's plugin wrote, oldest first, and how many were dropped.
    pub fn log(&self, tenant: TenantId, installation: InstallationId) -> (Vec<LogLine>, u64) {
        self.calls.installations.find(tenant, installation).map(|found| found.lines()).unwrap_or_default()
    }

    fn registered(&self, digest: &Digest) -> Option<Arc<Registered>> {
        self.registered.read().unwrap_or_else(PoisonError::into_inner).by_digest.get(digest).cloned()
    }

    fn latest(&self, id: &str) -> Option<Arc<Registered>> {
        self.registered.read().unwrap_or_else(PoisonError::into_inner).latest.get(id).cloned()
    }

    /// The loaded plugin; compiled once, however many ask.
    async fn ready(&self, registered: &Registered) -> Result<Arc<LoadedPlugin>, LoadError> {
        registered.loaded.get_or_try_init(|| self.loaded(registered)).await.cloned()
    }

    async fn loaded(&self, registered: &Registered) -> Result<Arc<LoadedPlugin>, LoadError> {
        let component = match self.cached(registered).await? {
            Some(component) => component,
            None => self.compiled(registered).await?,
        };
        let engine = &self.calls.engine;
        let loaded = LoadedPlugin::bind(Arc::clone(&registered.known), &component, &self.linker, engine)?;
        Ok(Arc::new(loaded))
    }

    async fn cached(&self, registered: &Registered) -> Result<Option<Component>, CompileError> {
        let (artifacts, engine) = (Arc::clone(&self.artifacts), self.calls.engine.clone());
        let digest = registered.known.package.digest;
        self.aside(move || artifacts.load(&engine, &digest)).await
    }

    async fn compiled(&self, registered: &Registered) -> Result<Component, CompileError> {
        let _one_at_a_time = self.compiling.acquire().await.expect("never closed");
        let (compiler, component) = (self.compiler.clone(), registered.component.clone());
        let compiling = self.calls.runtime.spawn(async move { compiler.compile(&component).await });
        let artifact = AbortOnDropHandle::new(compiling).await.map_err(|_| stopped())??;
        let (artifacts, engine) = (Arc::clone(&self.artifacts), self.calls.engine.clone());
        let digest = registered.known.package.digest;
        let kept = self.aside(move || artifacts.keep(&engine, &digest, &artifact)).await?;
        kept.map_err(|error| CompileError::Died(format!("what it answered does not load: {error:#}")))
    }

    /// Does what takes milliseconds (files, MACs, loading code) on the platform's threads: callers are on the
    /// media's.
    async fn aside<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, CompileError> {
        self.calls.runtime.spawn_blocking(work).await.map_err(|_| stopped())
    }
}

fn describe_metrics() {
    use metrics::{Unit, describe_counter, describe_histogram};
    describe_counter!("neustream_plugin_calls_total", "Calls of plugins by outcome.");
    describe_histogram!(
        "neustream_plugin_call_seconds",
        Unit::Seconds,
        "Time of plugin calls, waiting for a place and for hosts included."
    );
    describe_counter!("neustream_plugin_events_total", "What plugins count themselves.");
}

fn stopped() -> CompileError {
    CompileError::Died("the plugin platform has stopped".to_owned())
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
        let not_runnable = |code: &str, message: String| {
            CallError::new(CallErrorKind::NotRunnable, code, crate::text::printable(&message, 500))
        };
        let registered = self
            .registered(plugin)
            .ok_or_else(|| not_runnable("plugin-unknown", format!("There is no plugin `{plugin}`.")))?;
        if registered.known.info.kind != Kind::Destination {
            return Err(not_runnable("plugin-kind", format!("`{plugin}` is not a destination.")));
        }
        match self.ready(&registered).await {
            Ok(plugin) => Ok(Arc::new(WasmDestination { calls: Arc::clone(&self.calls), plugin })),
            Err(error) => Err(not_runnable("plugin-not-runnable", error.to_string())),
        }
    }
}

impl Catalogue for Plugins {
    fn list(&self) -> Vec<PluginInfo> {
        let all = self.registered.read().unwrap_or_else(PoisonError::into_inner);
        all.latest.values().map(|registered| registered.known.info.clone()).collect()
    }

    fn find(&self, id: &str) -> Option<PluginInfo> {
        Some(self.latest(id)?.known.info.clone())
    }

    fn validate_config(&self, id: &str, config: &Value) -> Result<(), ConfigInvalid> {
        let registered = self.latest(id).ok_or_else(|| ConfigInvalid {
            pointer: String::new(),
            message: "there is no such plugin".to_owned(),
        })?;
        registered.known.package.config_schema.validate(config)
    }
}
