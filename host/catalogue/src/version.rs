//! A version of a plugin: what it is, who may see it, and how far it is trusted.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use neustream_contract::config::ConfigSchema;
use neustream_contract::{Digest, Kind, Manifest, Package, PluginInfo, ScanReport};
use neustream_model::{TenantId, UnixMillis};
use neustream_store::PluginVersionRow;

use crate::countersignature::PlatformKey;
use crate::{CatalogueError, Difference};

/// How far a version is trusted.
///
/// draft → scanned → reviewed → verified; from each of the last three to suspended and back, and to revoked for good.
/// What a tenant develops is of a state of its own, from which no way leads to the others but to be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionState {
    /// Uploaded; not looked over yet, or refused by the scan.
    Draft,
    /// Not published: its tenant tries it out. The scan found nothing; its tenant may install it, nobody else ever.
    Development,
    /// The scan found nothing: its owner may install it.
    Scanned,
    /// A person has looked at it.
    Reviewed,
    /// Countersigned: everyone who sees it may install it.
    Verified,
    /// Stopped until somebody decides.
    Suspended,
    /// Stopped for good.
    Revoked,
}

/// Who sees a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Everyone, once it is verified.
    Public,
    /// Its owner.
    Private,
    /// The tenants of the partner that owns it, once it is verified.
    Partner,
    /// Its owner, who develops it. It is none of the plugin's published versions, and never becomes one.
    Development,
}

/// A word that is none of a state or a visibility.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not one of {known}")]
pub struct WordUnknown {
    word: String,
    known: &'static str,
}

/// A version of a plugin. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Version {
    /// Manifest, configuration schema and digest.
    pub package: Arc<Package>,
    /// How far it is trusted.
    pub state: VersionState,
    /// Why it is in this state; may be empty.
    pub reason: String,
    /// When it entered the state.
    pub state_at: UnixMillis,
    /// Who sees it.
    pub visibility: Visibility,
    /// The tenant that published it; `None` for what the operator brought.
    pub owner: Option<TenantId>,
    /// What the last scan found.
    pub scan: Arc<ScanReport>,
    /// What it changes against the version before it.
    pub difference: Arc<Difference>,
    /// Whose key signed it: `ed25519:<hex>`.
    pub signed_by: Option<String>,
    /// When a review was first concluded.
    pub verified_at: Option<UnixMillis>,
    /// Bytes of the package.
    pub size_bytes: u64,
    /// When it was brought.
    pub created_at: UnixMillis,
    /// Whether the platform's countersignature says what the row says.
    is_countersigned: bool,
    /// Whether this host runs development versions.
    may_develop: bool,
}

impl VersionState {
    /// Every state, in the order of trust.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Development,
        Self::Scanned,
        Self::Reviewed,
        Self::Verified,
        Self::Suspended,
        Self::Revoked,
    ];

    /// The word as stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Development => "development",
            Self::Scanned => "scanned",
            Self::Reviewed => "reviewed",
            Self::Verified => "verified",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    /// Whether a version in this state may run at all; for whom, is another question.
    pub fn may_run(self) -> bool {
        matches!(self, Self::Development | Self::Scanned | Self::Reviewed | Self::Verified)
    }
}

impl Visibility {
    /// The word as stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Partner => "partner",
            Self::Development => "development",
        }
    }
}

impl FromStr for VersionState {
    type Err = WordUnknown;

    fn from_str(word: &str) -> Result<Self, WordUnknown> {
        let known = "draft, development, scanned, reviewed, verified, suspended, revoked";
        let found = Self::ALL.into_iter().find(|state| state.as_str() == word);
        found.ok_or_else(|| WordUnknown { word: word.chars().take(32).collect(), known })
    }
}

impl FromStr for Visibility {
    type Err = WordUnknown;

    fn from_str(word: &str) -> Result<Self, WordUnknown> {
        match word {
            "public" => Ok(Self::Public),
            "private" => Ok(Self::Private),
            "partner" => Ok(Self::Partner),
            "development" => Ok(Self::Development),
            other => Err(WordUnknown {
                word: other.chars().take(32).collect(),
                known: "public, private, partner, development",
            }),
        }
    }
}

impl fmt::Display for VersionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Version {
    /// Reads a row and checks the countersignature in it.
    pub(crate) fn of(
        row: &PluginVersionRow,
        key: &PlatformKey,
        may_develop: bool,
    ) -> Result<Self, CatalogueError> {
        let digest: Digest = row.digest.parse().map_err(|_| CatalogueError::VersionUnknown)?;
        let damaged = |what| CatalogueError::Damaged { digest, what };
        let manifest = Manifest::from_json(row.manifest.as_bytes()).map_err(|_| damaged("the manifest"))?;
        let config_schema = ConfigSchema::parse(row.config_schema.as_bytes())
            .map_err(|_| damaged("the configuration schema"))?;
        let is_itself = manifest.id == row.plugin && manifest.version == row.version;
        if !is_itself {
            return Err(damaged("the manifest"));
        }
        Ok(Self {
            package: Arc::new(Package {
                manifest,
                config_schema,
                digest,
                signature: None,
                content_len: usize::try_from(row.size_bytes).unwrap_or(usize::MAX),
            }),
            state: row.state.parse().map_err(|_| damaged("the state"))?,
            reason: row.state_reason.clone(),
            state_at: row.state_at,
            visibility: row.visibility.parse().map_err(|_| damaged("the visibility"))?,
            owner: row.owner_id,
            scan: Arc::new(serde_json::from_str(&row.scan).map_err(|_| damaged("the scan"))?),
            difference: Arc::new(serde_json::from_str(&row.changes).map_err(|_| damaged("the difference"))?),
            signed_by: row.signed_by.clone(),
            verified_at: row.verified_at,
            size_bytes: row.size_bytes,
            created_at: row.created_at,
            is_countersigned: key.has_countersigned(row),
            may_develop,
        })
    }

    /// `namespace/name`.
    pub fn id(&self) -> &str {
        &self.package.manifest.id
    }

    /// Semantic version.
    pub fn number(&self) -> &str {
        &self.package.manifest.version
    }

    /// What it is for.
    pub fn kind(&self) -> Kind {
        self.package.manifest.kind
    }

    /// Its digest.
    pub fn digest(&self) -> Digest {
        self.package.digest
    }

    /// The version as it is shown to people.
    pub fn info(&self) -> PluginInfo {
        PluginInfo::of(&self.package)
    }

    /// Whether the operator brought it: with the host, or in a folder beside it.
    pub fn is_bundled(&self) -> bool {
        self.owner.is_none()
    }

    /// Whether its tenant develops it: it is none of the plugin's published versions.
    pub fn is_development(&self) -> bool {
        self.visibility == Visibility::Development
    }

    /// Whether it may run: its state allows it and the platform's countersignature fits.
    ///
    /// # Errors
    /// [`CatalogueError::NotRunnable`], [`CatalogueError::DevelopmentOff`] or [`CatalogueError::Damaged`].
    pub fn check_runnable(&self) -> Result<(), CatalogueError> {
        if self.is_development() && !self.may_develop {
            return Err(CatalogueError::DevelopmentOff);
        }
        if !self.state.may_run() {
            return Err(CatalogueError::NotRunnable { state: self.state, reason: self.reason.clone() });
        }
        if !self.is_countersigned {
            let what = "the countersignature";
            return Err(CatalogueError::Damaged { digest: self.digest(), what });
        }
        Ok(())
    }
}
