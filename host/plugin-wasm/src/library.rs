//! Packages by digest: found, compiled, loaded, and let go when others are needed more.
//!
//! Several versions of a plugin stand side by side, since each is its digest.
//! What is loaded is bounded by number and by bytes of code; the one that was
//! asked for least recently goes first, and those that run stay alive until
//! their calls have ended. What cannot be loaded is remembered for a while, so
//! that a package which takes ten seconds to fail does not take them again and
//! again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use neustream_plugin::{Digest, Package, PackageSource};
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, Semaphore};
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

/// Plugins that are loaded at the same time.
const MAX_LOADED: usize = 128;
/// Code that is loaded at the same time. A Rust plugin has less than a megabyte, one with an engine some fifty.
const MAX_LOADED_BYTES: usize = 512 << 20;
/// Packages of which it is remembered that they do not load, and for how long.
const MAX_BROKEN: usize = 256;
const BROKEN_FOR: Duration = Duration::from_mins(10);

/// An engine with its compiled packages on disk.
pub(crate) struct Workshop {
    pub(crate) engine: Engine,
    pub(crate) artifacts: Artifacts,
}

/// All packages that this host can run.
pub(crate) struct Library {
    pub(crate) registry: Registry,
    source: Option<Arc<dyn PackageSource>>,
    shelf: Mutex<Shelf>,
    cpu_time: Arc<Workshop>,
    fuel: Arc<Workshop>,
    linkers: Linkers,
    compiler: Compiler,
    /// One compilation at a time.
    compiling: Semaphore,
    runtime: Handle,
}

/// What is loaded, being loaded, or known not to load.
#[derive(Default)]
struct Shelf {
    places: HashMap<Digest, Place>,
    broken: HashMap<Digest, (Instant, LoadError)>,
    /// Counts askings, to tell what was asked for least recently.
    asked: u64,
}

struct Place {
    loaded: Arc<OnceCell<Arc<LoadedPlugin>>>,
    last_asked: u64,
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

    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The loaded plugin; compiled once, however many ask.
    ///
    /// # Errors
    /// Whatever keeps it from running; the same again for [`BROKEN_FOR`] where trying again makes no sense.
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
        self.shelf().make_room(digest);
        Ok(loaded)
    }

    async fn load(&self, digest: &Digest) -> Result<LoadedOnShelf, LoadError> {
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
        self.shelf().broken.remove(digest);
    }

    /// Takes a package from the shelf; its running calls go on.
    pub(crate) fn take_down(&self, digest: &Digest) {
        self.shelf().places.remove(digest);
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

type LoadedOnShelf = Arc<LoadedPlugin>;

fn stopped() -> CompileError {
    CompileError::Died("the plugin platform has stopped".to_owned())
}

impl Shelf {
    fn check_broken(&mut self, digest: &Digest) -> Result<(), LoadError> {
        if let Some((since, error)) = self.broken.get(digest) {
            if since.elapsed() < BROKEN_FOR {
                return Err(error.clone());
            }
            self.broken.remove(digest);
        }
        Ok(())
    }

    /// The place of a package, made when there is none.
    fn ask(&mut self, digest: &Digest) -> Result<Arc<OnceCell<LoadedOnShelf>>, LoadError> {
        self.check_broken(digest)?;
        self.asked += 1;
        let place =
            self.places.entry(*digest).or_insert_with(|| Place { loaded: Arc::default(), last_asked: 0 });
        place.last_asked = self.asked;
        Ok(Arc::clone(&place.loaded))
    }

    fn note_broken(&mut self, digest: &Digest, error: &LoadError) {
        self.places.remove(digest);
        if !error.is_lasting() {
            return;
        }
        if self.broken.len() >= MAX_BROKEN {
            let oldest = self.broken.iter().min_by_key(|(_, (since, _))| *since).map(|(digest, _)| *digest);
            if let Some(oldest) = oldest {
                self.broken.remove(&oldest);
            }
        }
        self.broken.insert(*digest, (Instant::now(), error.clone()));
    }

    /// Lets go what was asked for least recently, until the rest is within bounds. `newest` stays.
    fn make_room(&mut self, newest: &Digest) {
        loop {
            let loaded = || self.places.iter().filter(|(_, place)| place.loaded.initialized());
            let bytes: usize = loaded().filter_map(|(_, place)| Some(place.loaded.get()?.code_bytes)).sum();
            if loaded().count() <= MAX_LOADED && bytes <= MAX_LOADED_BYTES {
                return;
            }
            let oldest = loaded().filter(|(digest, _)| *digest != newest);
            let Some(oldest) = oldest.min_by_key(|(_, place)| place.last_asked).map(|(digest, _)| *digest)
            else {
                return;
            };
            self.places.remove(&oldest);
        }
    }
}
