//! Why a plugin could not be loaded, and why the platform could not start.

use neustream_contract::{Digest, PLATFORM_VERSION, PackageError};

/// Why a plugin could not be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The package itself is wrong.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A host pattern that the way out does not understand.
    #[error("manifest: {0}")]
    Pattern(#[from] neustream_outbound::PatternInvalid),
    /// Larger than a package of its sort may be.
    #[error(
        "the package has {bytes} bytes; {max_bytes} are allowed, and more only where an engine of JavaScript or \
         Python is in it"
    )]
    TooLarge {
        /// What it has.
        bytes: usize,
        /// What it may have.
        max_bytes: usize,
    },
    /// The source of packages answered other bytes than were asked for.
    #[error("the package that was found is {found}, not {asked}")]
    OtherDigest {
        /// What was asked for.
        asked: Digest,
        /// What came.
        found: Digest,
    },
    /// No package has this digest.
    #[error("there is no package {0}, or it may not run")]
    Unknown(Digest),
    /// The source of packages cannot answer now.
    #[error("the package cannot be had now: {0}")]
    Source(String),
    /// The compiler refused or died.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// WASI is not offered.
    #[error(
        "the component imports `{0}`: WASI is not offered to plugins. Build Rust plugins for \
         wasm32-unknown-unknown, JavaScript ones with WASI features disabled"
    )]
    WasiImport(String),
    /// The component was built for a later version of the platform, of which this host lacks something.
    #[error(
        "the component was built for {package} {built_for}, this host offers {PLATFORM_VERSION}, which lacks {what}: \
         build it with the SDK for {PLATFORM_VERSION}, or wait until the host is upgraded"
    )]
    PlatformTooNew {
        /// The package of `wit/`, such as `neustream:host`.
        package: String,
        /// The version that the component was built for.
        built_for: String,
        /// What this host lacks of it.
        what: String,
    },
    /// The component was built for a version of the platform that this host has left behind.
    #[error(
        "the component was built for {package} {built_for}, this host offers {PLATFORM_VERSION}, which does not \
         understand it any more: build it with the SDK for {PLATFORM_VERSION}"
    )]
    PlatformTooOld {
        /// The package of `wit/`, such as `neustream:host`.
        package: String,
        /// The version that the component was built for.
        built_for: String,
    },
    /// A function of an interface that this host has, which no version up to this host's has.
    #[error(
        "the component imports the function `{function}` of `{interface}`, which this host does not offer"
    )]
    FunctionUnknown {
        /// The interface, without its version.
        interface: String,
        /// The function.
        function: String,
    },
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
    /// An import that is not of the plugin's kind.
    #[error("the component imports `{import}`, which plugins of kind {kind} do not have")]
    ImportOfOtherKind {
        /// The interface.
        import: String,
        /// The kind.
        kind: &'static str,
    },
    /// The interface of its kind is missing.
    #[error("the component does not export `{0}`, which its kind needs")]
    ExportMissing(String),
    /// Functions with other types than ours.
    #[error("the component does not fit this host's interface: {0}")]
    Mismatch(String),
}

impl LoadError {
    /// Whether trying again would end the same way.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::Source(_) => false,
            Self::Compile(error) => !matches!(error, CompileError::NotStarted(_) | CompileError::Died(_)),
            _ => true,
        }
    }
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
