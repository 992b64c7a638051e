//! The platform's own signature of a version: ed25519 over what may be done with it.
//!
//! It covers digest, id, version, who sees it, whose it is, and the level of
//! trust: `development` (its tenant tries it out), `scanned` (the owner may run it) or `verified`. So nobody who can
//! write to the database, but has not the sealed key, makes a version run that
//! was not let through, or lets others see a private one.

use neustream_contract::{PublisherKey, SigningKey, sign_document};
use neustream_model::Secret;
use neustream_store::{HostStore, PluginVersionRow};

use crate::{CatalogueError, VersionState};

/// What the signature is of, so that one made for anything else is none.
const DOMAIN: &str = "neustream-countersignature-v1";

/// The platform's key. Prints nothing of it.
pub(crate) struct PlatformKey {
    secret: SigningKey,
    public: PublisherKey,
}

/// What a countersignature says.
pub(crate) struct Statement<'a> {
    /// How far the version is trusted.
    pub level: VersionState,
    /// `sha256:<hex>`.
    pub digest: &'a str,
    /// `namespace/name`.
    pub plugin: &'a str,
    /// Semantic version.
    pub version: &'a str,
    /// The visibility's word.
    pub visibility: &'a str,
    /// The owner's id; empty for the operator.
    pub owner: String,
}

impl PlatformKey {
    /// The key of this database, made on the first call.
    pub async fn load(store: &HostStore) -> Result<Self, CatalogueError> {
        let kept = store.platform_key(|| Secret::new(hex::encode(rand::random::<[u8; 32]>()))).await?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(kept.expose(), &mut bytes).map_err(|_| CatalogueError::KeyDamaged)?;
        let secret = SigningKey::from_bytes(&bytes);
        Ok(Self { public: PublisherKey::of(&secret), secret })
    }

    /// Signs `statement`; in hexadecimal.
    pub fn countersign(&self, statement: &Statement<'_>) -> String {
        hex::encode(sign_document(&self.secret, DOMAIN, statement.text().as_bytes()))
    }

    /// Whether the row's countersignature is this key's and says what the row says.
    pub fn has_countersigned(&self, row: &PluginVersionRow) -> bool {
        let level = match row.state.as_str() {
            "verified" => VersionState::Verified,
            "scanned" | "reviewed" => VersionState::Scanned,
            "development" => VersionState::Development,
            _ => return false,
        };
        let signature = row.countersignature.as_deref().and_then(|text| hex::decode(text).ok());
        let text = Statement::of(row, level).text();
        signature.is_some_and(|signature| self.public.has_signed(DOMAIN, text.as_bytes(), &signature))
    }
}

impl<'a> Statement<'a> {
    /// That the version in `row` is trusted as far as `level`.
    pub fn of(row: &'a PluginVersionRow, level: VersionState) -> Self {
        Self {
            level,
            digest: &row.digest,
            plugin: &row.plugin,
            version: &row.version,
            visibility: &row.visibility,
            owner: row.owner_id.map(|owner| owner.to_string()).unwrap_or_default(),
        }
    }

    /// One field a line; none of them can hold a line's end.
    fn text(&self) -> String {
        let Self { level, digest, plugin, version, visibility, owner } = self;
        format!("{level}\n{digest}\n{plugin}\n{version}\n{visibility}\n{owner}")
    }
}

impl std::fmt::Debug for PlatformKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PlatformKey({})", self.public)
    }
}
