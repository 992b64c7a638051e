//! The host of one package.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use neustream_contract::config::ConfigSchema;
use neustream_contract::{Digest, Kind, Manifest, Package, PackageError, PluginPlatform as _, ScanReport};
use neustream_plugin_wasm::{CompileError, Compiler, LoadError, MemoryKv, Plugins, PluginsSettings};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::clock::StillClock;
use super::ledger::Ledger;
use super::platform::{LocalNetwork, Platform};
use super::session::{Session, Settings, SettingsInvalid};
use crate::failure::{Diagnostic, Exit, Failure};
use crate::home;

/// The hidden subcommand that compiles: the command is its own compiling child.
pub const COMPILE_SUBCOMMAND: &str = "compile-plugin";

/// Packages that are kept compiled: the last ones of an author who saves and tries again. One with the engine of a
/// scripting language takes tens of megabytes.
const COMPILED_KEPT: usize = 8;

/// One package in the production runtime. What its calls leave behind goes with it.
pub struct LocalHost {
    pub(super) plugins: Arc<Plugins>,
    pub(super) package: Package,
    pub(super) network: Arc<LocalNetwork>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) clock: Arc<StillClock>,
    pub(super) kv: Arc<MemoryKv>,
    pub(super) runtime: Runtime,
    bytes: Bytes,
    /// Where compiled code lies, unless it is kept.
    _folder: Option<TempDir>,
}

/// Why a package does not run here.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It would not run on a server, either.
    #[error(transparent)]
    Plugin(#[from] LoadError),
    /// This machine is at fault.
    #[error("{0}")]
    Machine(String),
}

impl LocalHost {
    /// Loads `package`, signed or not, as a server does: sizes, imports against the manifest, exports, compilation in
    /// a child process. The running program must be `neustream-plugin` itself, which is its own child.
    ///
    /// # Errors
    /// What keeps the package from running.
    pub fn start(package: &[u8]) -> Result<Self, StartError> {
        let compiler = Compiler::this_program(vec![OsString::from(COMPILE_SUBCOMMAND)])
            .map_err(|error| StartError::Machine(format!("which program runs is not known: {error}")))?;
        // The same package is compiled once, not for `test` and for `run` and again; it is authenticated like a server's.
        let kept = home::folder().map(|home| home.join("compiled"));
        let Ok(kept) = kept else { return Self::start_with(package, compiler) };
        let host = Self::start_in(&kept, package, compiler)?;
        prune(&kept.join("plugin-cache"));
        Ok(host)
    }

    /// [`LocalHost::start`] with another compiling child.
    ///
    /// # Errors
    /// As there.
    pub fn start_with(package: &[u8], compiler: Compiler) -> Result<Self, StartError> {
        let folder = tempfile::tempdir().map_err(|error| machine("a temporary folder", &error))?;
        let host = Self::start_in(folder.path(), package, compiler)?;
        Ok(Self { _folder: Some(folder), ..host })
    }

    fn start_in(folder: &Path, package: &[u8], compiler: Compiler) -> Result<Self, StartError> {
        let bytes = Bytes::copy_from_slice(package);
        let package = Package::read(&bytes).map_err(LoadError::from)?;
        let (ledger, clock) = (Arc::<Ledger>::default(), Arc::<StillClock>::default());
        let (kv, network) = (Arc::<MemoryKv>::default(), Arc::new(LocalNetwork::new(Arc::clone(&ledger))));
        let mut settings = PluginsSettings::new(folder.to_owned(), compiler, Arc::clone(&network));
        settings.kv = Some(Arc::<MemoryKv>::clone(&kv));
        settings.tape = Some(Arc::<Ledger>::clone(&ledger));
        settings.observer = Some(Arc::<Ledger>::clone(&ledger));
        settings.clock = Some(Arc::<StillClock>::clone(&clock));
        let plugins = Plugins::new(settings).map_err(|error| machine("the runtime", &error))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| machine("the runtime", &error))?;
        runtime.block_on(plugins.load(bytes.clone()))?;
        Ok(Self { plugins, package, network, ledger, clock, kv, runtime, bytes, _folder: None })
    }

    /// What the plugin says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.package.manifest
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.package.manifest.kind
    }

    /// Its configuration schema.
    pub fn schema(&self) -> &ConfigSchema {
        &self.package.config_schema
    }

    /// The digest of the package.
    pub fn digest(&self) -> Digest {
        self.package.digest
    }

    /// Bytes of the package.
    pub fn package_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Looks the package over as a server does with an upload.
    pub fn scan(&self) -> ScanReport {
        self.runtime.block_on(self.plugins.scan(self.bytes.clone()))
    }

    /// A new installation with these settings, whose requests `platform` answers. Nothing of a former one is left.
    ///
    /// # Errors
    /// Settings that an installation cannot have.
    pub fn session(
        &mut self,
        settings: &Settings,
        platform: Arc<dyn Platform>,
    ) -> Result<Session<'_>, SettingsInvalid> {
        Session::begin(self, settings, platform)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let (exit, code, help) = match &error {
            StartError::Machine(_) => (Exit::Environment, "runtime-failed", ""),
            StartError::Plugin(LoadError::Compile(CompileError::NotStarted(_) | CompileError::Died(_))) => {
                (Exit::Environment, "compiler-failed", "run it again; where it stays so, report it")
            }
            StartError::Plugin(error) => {
                let (code, help) = told(error);
                (Exit::Plugin, code, help)
            }
        };
        let diagnostic = Diagnostic::new(code, error.to_string());
        Self::new(exit, if help.is_empty() { diagnostic } else { diagnostic.help(help) })
    }
}

/// The code of an error, and what to do about it.
fn told(error: &LoadError) -> (&'static str, &'static str) {
    match error {
        LoadError::Package(PackageError::Manifest(_)) => {
            ("manifest-invalid", "change plugin.toml and build again")
        }
        LoadError::Package(_) => ("package-invalid", "build the package with `neustream-plugin build`"),
        LoadError::Pattern(_) => ("manifest-invalid", "write hosts as `https://host[:port]` in plugin.toml"),
        LoadError::TooLarge { .. } => (
            "too-large",
            "leave out what is not needed: debug information, large tables, unused dependencies",
        ),
        LoadError::WasiImport(_) => (
            "wasi-import",
            "a plugin has no files, clock, randomness or sockets of its own; ask the host instead",
        ),
        LoadError::ImportNotAsked { .. } => {
            ("permission-missing", "add the table to plugin.toml, or do not call what it permits")
        }
        LoadError::PlatformTooNew { .. } => {
            ("platform-too-new", "build with the SDK of this command's version, or upgrade this command")
        }
        LoadError::PlatformTooOld { .. } => {
            ("platform-too-old", "build with the SDK of this command's version")
        }
        LoadError::ImportUnknown(_) | LoadError::FunctionUnknown { .. } | LoadError::Mismatch(_) => {
            ("platform-mismatch", "build with the SDK of this command's version")
        }
        LoadError::ImportOfOtherKind { .. } | LoadError::ExportMissing(_) => (
            "export-wrong",
            "export the interface of the kind that plugin.toml names, with the SDK's macro or function",
        ),
        LoadError::Compile(_) => {
            ("does-not-compile", "make it smaller or simpler: a server compiles with the same limits")
        }
        LoadError::OtherDigest { .. } | LoadError::Unknown(_) | LoadError::Source(_) => {
            ("package-invalid", "")
        }
    }
}

fn machine(what: &str, error: &dyn std::fmt::Display) -> StartError {
    StartError::Machine(format!("{what}: {error}"))
}

/// Removes the oldest files above [`COMPILED_KEPT`]. What cannot be removed is there the next time.
fn prune(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    for (_, path) in files.iter().take(files.len().saturating_sub(COMPILED_KEPT)) {
        let _ = fs::remove_file(path);
    }
}
