//! How work on installations fails.

use neustream_catalogue::CatalogueError;
use neustream_contract::ConfigInvalid;
use neustream_store::StoreError;

use crate::UpgradePlan;

/// A request about an installation is refused.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The configuration is refused by the plugin's schema: everything that is wrong with it.
    #[error("the configuration is not valid")]
    ConfigInvalid(Vec<ConfigInvalid>),
    /// The grant has a key that the manifest does not ask for.
    #[error("the plugin does not ask for the permission `{0}`")]
    GrantUnknown(String),
    /// A secret has no such name, or its text is none; does not repeat what was given.
    #[error("{0}")]
    SecretRefused(String),
    /// The upgrade changes what only the tenant can agree to.
    #[error("the upgrade needs your consent")]
    ConsentNeeded(Box<UpgradePlan>),
    /// The installation runs that version already.
    #[error("the installation runs this version already")]
    NothingNewer,
    /// There is no package to go back to.
    #[error("there is no former version to go back to")]
    NothingFormer,
    /// What the plugin remembers was written by a version that the other one does not understand.
    #[error(
        "version {version} understands state schema {to}, but what the plugin remembers was written with schema \
         {from}; ask with `force` to go back all the same and lose what it cannot read"
    )]
    StateSchema {
        /// The former version.
        version: String,
        /// The schema of what is remembered.
        from: u64,
        /// The schema of the former version.
        to: u64,
    },
    /// The runtime cannot use the version; a sentence says why.
    #[error("the version cannot be used: {0}")]
    NotUsable(String),
    /// The plugin is of another kind.
    #[error("{0} is not a destination plugin")]
    NotDestination(String),
    /// The plugin must be installed before destinations can use it.
    #[error("install {0} first: it does not come with this host")]
    NotInstalled(String),
    /// The plugin takes no webhooks, or the tenant has not granted them.
    #[error("this installation takes no webhooks")]
    NoWebhooks,
    /// The installation is of another plugin.
    #[error("the installation is of {installed}, not of {wanted}")]
    PluginOther {
        /// The plugin of the installation.
        installed: String,
        /// What is to run in it.
        wanted: String,
    },
    /// What is kept is not readable; the host's fault.
    #[error("the installation is damaged: {0}")]
    Damaged(String),
}

impl InstallationError {
    /// Whether the database is the reason, so that the same may work later and anything else does not work now either.
    pub(crate) fn is_outage(&self) -> bool {
        let (Self::Store(error) | Self::Catalogue(CatalogueError::Store(error))) = self else { return false };
        matches!(error, StoreError::Unavailable(_) | StoreError::Sql(_))
    }
}
