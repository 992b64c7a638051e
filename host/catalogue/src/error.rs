//! How the catalogue refuses.

use neustream_contract::{Digest, PackageError, ScanReport};
use neustream_store::StoreError;

use crate::review::Decision;
use crate::{BundleError, ProvisionError, VersionState, Visibility};

/// Something cannot be had of the catalogue, or not be done with it.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file is not a package.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The package has no signature.
    #[error(
        "the package of {plugin} {version} is not signed: sign it with a key of the namespace `{namespace}`"
    )]
    Unsigned {
        /// The plugin.
        plugin: String,
        /// Its version.
        version: String,
        /// Whose key is wanted.
        namespace: String,
    },
    /// The package is of another plugin than it was brought for.
    #[error("the package is {found}, not {expected}")]
    PluginOther {
        /// What it was brought for.
        expected: String,
        /// What its manifest says.
        found: String,
    },
    /// This host takes and runs no development versions.
    #[error("this host takes and runs no development versions: its operator has switched them off")]
    DevelopmentOff,
    /// The scan found something.
    #[error("the package is not taken: the scan found something")]
    ScanRefused {
        /// The package.
        digest: Digest,
        /// What was found.
        report: Box<ScanReport>,
    },
    /// The namespace belongs to the platform.
    #[error("the namespace `{0}` belongs to the platform")]
    NamespaceReserved(String),
    /// The name is not one of a namespace.
    #[error("a namespace has 2 to 40 of a-z, 0-9 and `-`, and begins with a letter")]
    NamespaceMalformed,
    /// The namespace is somebody else's or nobody's.
    #[error("the namespace `{namespace}` is not one of yours")]
    NamespaceForeign {
        /// The namespace.
        namespace: String,
        /// The plugin in it.
        plugin: String,
        /// The tenant's own namespaces.
        own: Vec<String>,
    },
    /// The signature is by a key that is not (any more) one of the namespace.
    #[error("the key {key} is not a current one of the namespace `{namespace}`")]
    KeyForeign {
        /// The key of the signature.
        key: String,
        /// The namespace of the package.
        namespace: String,
        /// Its current keys.
        current: Vec<String>,
    },
    /// Only a partner's namespace has versions for a partner's tenants.
    #[error("only a partner publishes for its tenants, in the namespace it is a partner with")]
    NotPartner,
    /// The version is there, for other eyes.
    #[error("this version is {0}, which does not change: publish a new version")]
    VisibilityFixed(Visibility),
    /// The tenant cannot become a partner so.
    #[error("{0}")]
    PartnerImpossible(&'static str),
    /// Too many packages are being looked over.
    #[error("too many packages are being looked over: try again in a moment")]
    Busy,
    /// There is no such plugin for this tenant.
    #[error("there is no such plugin here")]
    PluginUnknown,
    /// There is no such version, or not for this tenant.
    #[error("there is no such version here")]
    VersionUnknown,
    /// The tenant's partner does not let it be installed.
    #[error("your partner does not let this plugin, or this version of it, be installed")]
    NotAllowed,
    /// The version must not run.
    #[error("the version is {state}{}", if .reason.is_empty() { String::new() } else { format!(": {}", .reason) })]
    NotRunnable {
        /// Its state.
        state: VersionState,
        /// Why it is in that state; may be empty.
        reason: String,
    },
    /// The state does not allow the decision.
    #[error("a version that is {from} cannot be {}", .decision.outcome())]
    DecisionIllegal {
        /// Its state.
        from: VersionState,
        /// What was to be done.
        decision: Decision,
    },
    /// The decision takes effect on others' broadcasts, so it must say why.
    #[error("say why, in at most {0} characters")]
    ReasonMissing(usize),
    /// A stored package or row is not what it was.
    #[error("{what} of {digest} is damaged")]
    Damaged {
        /// Which version.
        digest: Digest,
        /// What of it.
        what: &'static str,
    },
    /// The platform's key cannot be read.
    #[error("the platform's key in the database is malformed")]
    KeyDamaged,
    /// The bundle is not one.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The bundle's plugins could not be installed.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}
