//! Packages by digest: found, compiled, loaded, and let go when others are needed more.
//!
//! Several versions of a plugin stand side by side, since each is its digest.
//! What is loaded stands on a bounded [`Shelf`]. A package comes from the
//! registry or from a source that is not trusted: what it answers is read and
//! checked like any upload, and must have the digest that was asked for.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use neustream_contract::{Digest, Package, PackageSource};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::compile::Compiler;
use crate::compile::artifacts::Artifacts;
use crate::engine::Metering;
use crate::error::{CompileError, LoadError};
use crate::kind::Linkers;
use crate::plugin::{KnownPlugin, LoadedPlugin};
use crate::registry::Registry;
use crate::shelf::Shelf;

/// An engine with its compiled packages on disk.
pub(crate) struct Workshop {
    pub(crate) engine: Engine,
    pub(crate) artifacts: Artifacts,
}

/// All packages that this host can run.
pub(crate) struct Library {
    pub(crate) registry: Registry,
    source: Option<Arc<dyn PackageSource>>,
    shelf: Mutex<Shelf<LoadedPlugin>>,
    cpu_time: Arc<Workshop>,
    fuel: Arc<Workshop>,
    linkers: Linkers,
    compiler: Compiler,
    /// One compilation at a time.
    compiling: Semaphore,
    runtime: Handle,
}

impl Library {
    pub(crate) fn new(
        source: Option<Arc<dyn PackageSource>>,
        cpu_time: Workshop,
        fuel: Workshop,
        compiler: Compiler,
        runtime: Handle,
    ) -> wasmtime::Result<Self> {
        Ok(Self {
            registry: Registry::default(),
            source,
            shelf: Mutex::default(),
            linkers: Linkers::new(&cpu_time.engine, &fuel.engine)?,
            cpu_time: Arc::new(cpu_time),
            fuel: Arc::new(fuel),
            compiler,
            compiling: Semaphore::new(1),
            runtime,
        })
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf<LoadedPlugin>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The loaded plugin; compiled once, however many ask.
    ///
    /// # Errors
    /// Whatever keeps it from running; the same again for a while where trying again makes no sense.
    pub(crate) async fn loaded(&self, digest: &Digest) -> Result<Arc<LoadedPlugin>, LoadError> {
        let place = self.shelf().ask(digest)?;
        if let Some(loaded) = place.get() {
            return Ok(Arc::clone(loaded));
        }
        let load = async {
            // Whoever waited for an attempt that failed does not make another.
            self.shelf().check_broken(digest)?;
            self.load(digest).await.inspect_err(|error| self.shelf().note_broken(digest, error))
        };
        let loaded = place.get_or_try_init(|| load).await.cloned()?;
        self.shelf().make_room(digest, |plugin| plugin.code_bytes);
        Ok(loaded)
    }

    async fn load(&self, digest: &Digest) -> Result<Arc<LoadedPlugin>, LoadError> {
        let (known, bytes) = match self.registry.find(digest) {
            Some(registered) => (Arc::clone(&registered.known), registered.component.clone()),
            None => self.fetched(digest).await?,
        };
        self.bound(known, bytes).await.map(Arc::new)
    }

    async fn fetched(&self, digest: &Digest) -> Result<(Arc<KnownPlugin>, Bytes), LoadError> {
        let source = self.source.as_ref().ok_or(LoadError::Unknown(*digest))?;
        let bytes = source.package(digest).await.map_err(LoadError::Source)?;
        let bytes = bytes.ok_or(LoadError::Unknown(*digest))?;
        let known = KnownPlugin::of(Package::read(&bytes)?, &bytes)?;
        let found = known.package.digest;
        if found != *digest {
            return Err(LoadError::OtherDigest { asked: *digest, found });
        }
        Ok((Arc::new(known), bytes))
    }

    /// Compiles a package, or fetches the artifact of an earlier compilation, and binds it. It is not put on the
    /// shelf.
    pub(crate) async fn bound(
        &self,
        known: Arc<KnownPlugin>,
        bytes: Bytes,
    ) -> Result<LoadedPlugin, LoadError> {
        let (component, _) = self.component(&known, bytes).await?;
        LoadedPlugin::bind(known, &component, &self.linkers)
    }

    /// The code of a package, and the size of its artifact where it was compiled just now.
    pub(crate) async fn component(
        &self,
        known: &KnownPlugin,
        bytes: Bytes,
    ) -> Result<(Component, Option<usize>), CompileError> {
        let digest = known.package.digest;
        let workshop = match known.metering() {
            Metering::CpuTime => &self.cpu_time,
            Metering::Fuel => &self.fuel,
        };
        let cached = Arc::clone(workshop);
        let cached = self.aside(move || cached.artifacts.load(&cached.engine, &digest)).await?;
        if let Some(component) = cached {
            return Ok((component, None));
        }
        let _one_at_a_time = self.compiling.acquire().await.expect("never closed");
        let (compiler, metering) = (self.compiler.clone(), known.metering());
        let compiling = self.runtime.spawn(async move { compiler.compile(&bytes, metering).await });
        let artifact = AbortOnDropHandle::new(compiling).await.map_err(|_| stopped())??;
        let size = artifact.len();
        let workshop = Arc::clone(workshop);
        let kept = self.aside(move || workshop.artifacts.keep(&workshop.engine, &digest, &artifact)).await?;
        let component =
            kept.map_err(|error| CompileError::Died(format!("what it answered does not load: {error:#}")))?;
        Ok((component, Some(size)))
    }

    pub(crate) fn linkers(&self) -> &Linkers {
        &self.linkers
    }

    /// Forgets that a package does not load: somebody has changed something.
    pub(crate) fn try_again(&self, digest: &Digest) {
        self.shelf().try_again(digest);
    }

    /// Takes a package from the shelf; its running calls go on.
    pub(crate) fn take_down(&self, digest: &Digest) {
        self.shelf().take_down(digest);
    }

    /// Does what takes milliseconds (files, MACs, loading code) on the platform's threads: callers are on the
    /// media's.
    async fn aside<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, CompileError> {
        self.runtime.spawn_blocking(work).await.map_err(|_| stopped())
    }
}

fn stopped() -> CompileError {
    CompileError::Died("the plugin platform has stopped".to_owned())
}
