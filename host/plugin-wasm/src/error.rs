//! Why a plugin could not be loaded, and why the platform could not start.

use neustream_plugin::PackageError;

/// Why a plugin could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The package itself is wrong.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A host pattern that the way out does not understand.
    #[error("manifest: {0}")]
    Pattern(#[from] neustream_outbound::PatternInvalid),
    /// A kind that this host does not run yet.
    #[error("this host does not run plugins of kind `{0}` yet")]
    KindUnsupported(&'static str),
    /// The compiler refused or died.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// WASI is not offered.
    #[error(
        "the component imports `{0}`: WASI is not offered to plugins. Build Rust plugins for \
         wasm32-unknown-unknown, JavaScript ones with WASI features disabled"
    )]
    WasiImport(String),
    /// An import that this host does not know.
    #[error("the component imports `{0}`, which this host does not offer")]
    ImportUnknown(String),
    /// An import that the manifest does not ask for.
    #[error("the component imports `{import}`, but its manifest has no [{key}]")]
    ImportNotAsked {
        /// The interface.
        import: String,
        /// The missing table.
        key: &'static str,
    },
    /// The interface of its kind is missing.
    #[error("the component does not export `{0}`, which its kind needs")]
    ExportMissing(String),
    /// Functions with other types than ours.
    #[error("the component does not fit this host's interface: {0}")]
    Mismatch(String),
    /// The artifact's folder.
    #[error("plugin cache {path}: {error}")]
    Cache {
        /// Which file or folder.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
}

/// Why compiling failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// The component is invalid.
    #[error("the component does not compile: {0}")]
    Refused(String),
    /// Too much CPU time.
    #[error("compiling the component took more than {0} s of CPU time")]
    Cpu(u64),
    /// Too much wall-clock time.
    #[error("compiling the component took longer than {0} s")]
    Wall(u64),
    /// Too much memory.
    #[error("compiling the component took more than {0} MiB of memory")]
    Memory(u64),
    /// A result that is too large.
    #[error("the compiled component is larger than {0} MiB")]
    TooLarge(usize),
    /// The child died for another reason.
    #[error("the compiler died: {0}")]
    Died(String),
    /// The child could not be started.
    #[error("the compiler could not be started: {0}")]
    NotStarted(String),
}

/// Why the plugin platform could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The engine refused its configuration, or its pool could not be reserved.
    #[error("the WebAssembly engine could not start: {0}")]
    Engine(String),
    /// Threads of the platform.
    #[error("threads of the plugin platform could not be started: {0}")]
    Threads(std::io::Error),
    /// The cache and its key.
    #[error("plugin cache {path}: {error}")]
    Cache {
        /// Which file or folder.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
}
