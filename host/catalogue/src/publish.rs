//! How versions come into the catalogue: a publisher's by upload, the operator's from the binary or a folder.

use std::time::Duration;

use bytes::Bytes;
use neustream_contract::{Package, PublisherKey, ScanReport};
use neustream_model::{TenantId, UserId};
use neustream_store::{
    LimitKind, Missing, NewPluginVersion, NewTransition, PluginVersionRow, Publisher, StoreError,
};

use crate::countersignature::Statement;
use crate::precedence::precedence;
use crate::{Catalogue, CatalogueError, Difference, Version, VersionState, Visibility};

/// Namespaces that are the platform's own, and everything that begins so.
const RESERVED: &str = "neustream";
/// Versions and bytes that a tenant may have published.
const MAX_VERSIONS: u64 = 500;
const MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// The report of what was not scanned.
const NOT_SCANNED: &str = "{\"checks\":[]}";
/// How long an upload waits for its turn to be looked over.
const PATIENCE: Duration = Duration::from_secs(30);
const MAX_NAMESPACES: u64 = 5;
const MAX_KEYS: u64 = 20;

/// A package that somebody uploads.
#[derive(Debug, Clone)]
pub struct Publication {
    /// Whose upload it is.
    pub tenant: TenantId,
    /// Who uploads.
    pub actor: UserId,
    /// Who shall see it.
    pub visibility: Visibility,
    /// The signed package.
    pub package: Bytes,
}

impl Catalogue {
    /// Takes a namespace for a tenant, with its first key (`ed25519:<hex>`).
    ///
    /// # Errors
    /// [`CatalogueError::NamespaceReserved`], [`CatalogueError::NamespaceMalformed`], [`StoreError::NamespaceTaken`].
    pub async fn create_publisher(
        &self,
        tenant: TenantId,
        namespace: &str,
        key: &PublisherKey,
    ) -> Result<Publisher, CatalogueError> {
        let is_name = namespace.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let begins_well = namespace.starts_with(|c: char| c.is_ascii_lowercase());
        if !is_name || !begins_well || !(2..=40).contains(&namespace.len()) {
            return Err(CatalogueError::NamespaceMalformed);
        }
        check_not_reserved(namespace)?;
        let store = self.store().tenant(tenant);
        Ok(store.create_publisher(namespace, &key.to_string(), MAX_NAMESPACES).await?)
    }

    /// Adds a key to a namespace of a tenant.
    pub async fn add_publisher_key(
        &self,
        tenant: TenantId,
        namespace: &str,
        key: &PublisherKey,
    ) -> Result<Publisher, CatalogueError> {
        let store = self.store().tenant(tenant);
        Ok(store.add_publisher_key(namespace, &key.to_string(), MAX_KEYS).await?)
    }

    /// Takes an upload: checks whose it is, looks it over and keeps it. It comes back `scanned`, or as a `draft` whose
    /// report says what is wrong. A version that is there already comes back as it is; a draft is looked over again.
    ///
    /// It runs to its end only while it is polled: spawn it where the asker may go away.
    pub async fn publish(&self, publication: Publication) -> Result<Version, CatalogueError> {
        let Publication { tenant, actor, visibility, package: bytes } = publication;
        if visibility == Visibility::Development {
            return Err(CatalogueError::VisibilityFixed(visibility));
        }
        let (package, bytes) = read(bytes).await?;
        let signed_by = self.check_publisher(tenant, visibility, &package).await?;
        let draft = NewPluginVersion {
            owner_id: Some(tenant),
            visibility: visibility.as_str().to_owned(),
            state: VersionState::Draft.as_str().to_owned(),
            signature: Some(hex::encode(&bytes[package.content_len..])),
            signed_by: Some(signed_by),
            actor: Some(actor),
            ..self.described(&package).await?
        };
        let row = self.store().host().offer_version(&draft).await?;
        if row.owner_id != Some(tenant) {
            let (version, highest) = (draft.version, row.version);
            return Err(StoreError::VersionNotHigher { version, highest }.into());
        }
        let version = self.0.packages.read(&row)?;
        if version.visibility != visibility {
            return Err(CatalogueError::VisibilityFixed(version.visibility));
        }
        if version.state != VersionState::Draft {
            return Ok(version);
        }
        let content = bytes.slice(..package.content_len);
        let outcome = self.scan(&version, content, actor).await;
        self.apply_soon().await;
        outcome
    }

    /// Takes a package that comes with the host or that its operator put beside it: verified, without a scan. Of two
    /// with one version number the one that was brought last counts.
    ///
    /// A version that was suspended or revoked stays so.
    pub async fn adopt(&self, bytes: Bytes) -> Result<Version, CatalogueError> {
        let (package, bytes) = read(bytes).await?;
        let digest = package.digest.to_string();
        let host = self.store().host();
        // At most starts nothing has changed, and encoders wait for the host: then nothing is written.
        if let Some(known) = host.last_offered(&digest).await? {
            return self.adopted(&known);
        }
        let visibility = Visibility::Public.as_str();
        let statement = Statement {
            level: VersionState::Verified,
            digest: &digest,
            plugin: &package.manifest.id,
            version: &package.manifest.version,
            visibility,
            owner: String::new(),
        };
        let new = NewPluginVersion {
            visibility: visibility.to_owned(),
            state: VersionState::Verified.as_str().to_owned(),
            countersignature: Some(self.0.packages.key().countersign(&statement)),
            ..self.described(&package).await?
        };
        // First the bytes: a version that is listed can be had.
        host.put_package(&digest, &bytes[..package.content_len]).await?;
        let row = host.offer_version(&new).await?;
        self.apply_soon().await;
        self.adopted(&row)
    }

    fn adopted(&self, row: &PluginVersionRow) -> Result<Version, CatalogueError> {
        let version = self.0.packages.read(row)?;
        if let Err(error) = version.check_runnable() {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                plugin = version.id(),
                digest = row.digest,
                error,
                "a plugin of the host must not run"
            );
        }
        Ok(version)
    }

    /// Checks signature, namespace and visibility; gives the key that signed.
    async fn check_publisher(
        &self,
        tenant: TenantId,
        visibility: Visibility,
        package: &Package,
    ) -> Result<String, CatalogueError> {
        let plugin = &package.manifest.id;
        let namespace = namespace_of(plugin);
        check_not_reserved(namespace)?;
        let store = self.store().tenant(tenant);
        let publisher = match store.publisher(namespace).await {
            Ok(publisher) => publisher,
            Err(StoreError::NotFound(Missing::Publisher)) => {
                return Err(self.namespace_foreign(tenant, plugin).await?);
            }
            Err(error) => return Err(error.into()),
        };
        let namespace = namespace.to_owned();
        let Some(signature) = &package.signature else {
            let (plugin, version) = (plugin.clone(), package.manifest.version.clone());
            return Err(CatalogueError::Unsigned { plugin, version, namespace });
        };
        let key = signature.key.to_string();
        if !publisher.has_current_key(&key) {
            let current = publisher.keys.into_iter().filter(|known| known.retired_at.is_none());
            let current = current.map(|known| known.key).collect();
            return Err(CatalogueError::KeyForeign { key, namespace, current });
        }
        if visibility == Visibility::Partner {
            let partner =
                store.partner().await?.filter(|partner| partner.namespace == publisher.row.namespace);
            partner.ok_or(CatalogueError::NotPartner)?;
        }
        let (versions, bytes) = self.store().host().published_by(tenant).await?;
        if versions >= MAX_VERSIONS || bytes >= MAX_BYTES {
            let max = MAX_VERSIONS;
            return Err(StoreError::LimitReached { kind: LimitKind::Versions, current: versions, max }.into());
        }
        Ok(key)
    }

    /// That the namespace of `plugin` is not the tenant's, and which are.
    pub(crate) async fn namespace_foreign(
        &self,
        tenant: TenantId,
        plugin: &str,
    ) -> Result<CatalogueError, CatalogueError> {
        let own = self.store().tenant(tenant).publishers().await?;
        Ok(CatalogueError::NamespaceForeign {
            namespace: namespace_of(plugin).to_owned(),
            plugin: plugin.to_owned(),
            own: own.into_iter().map(|publisher| publisher.row.namespace).collect(),
        })
    }

    /// What a package says about itself, as a row of the operator's; the caller changes what is otherwise.
    pub(crate) async fn described(&self, package: &Package) -> Result<NewPluginVersion, CatalogueError> {
        let manifest = &package.manifest;
        let digest = package.digest.to_string();
        let number =
            semver::Version::parse(&manifest.version).expect("a read manifest has a semantic version");
        let before = self.store().host().highest_version(&manifest.id, &digest).await?;
        let difference = match before {
            Some(row) => Difference::between(&self.0.packages.read(&row)?.package, package),
            None => Difference::default(),
        };
        let publisher = manifest.publisher.as_deref().unwrap_or_default();
        let searched = [&manifest.id, &manifest.name, &manifest.description, publisher];
        Ok(NewPluginVersion {
            digest,
            plugin: manifest.id.clone(),
            version: manifest.version.clone(),
            precedence: precedence(&number),
            is_prerelease: !number.pre.is_empty(),
            kind: manifest.kind.as_str().to_owned(),
            search_text: searched.join("\n").to_lowercase(),
            manifest: String::from_utf8_lossy(&manifest.to_canonical_json()).into_owned(),
            config_schema: package.config_schema.schema().to_string(),
            visibility: String::new(),
            owner_id: None,
            state: String::new(),
            scan: NOT_SCANNED.to_owned(),
            changes: serde_json::to_string(&difference).expect("texts and figures are JSON"),
            signature: None,
            signed_by: None,
            countersignature: None,
            size_bytes: package.content_len as u64,
            actor: None,
        })
    }

    /// The report of a package, when its turn has come.
    ///
    /// # Errors
    /// [`CatalogueError::Busy`].
    pub(crate) async fn looked_over(&self, content: Bytes) -> Result<ScanReport, CatalogueError> {
        let turn = tokio::time::timeout(PATIENCE, self.0.scans.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(CatalogueError::Busy) };
        Ok(self.0.platform.scan(content).await)
    }

    /// Looks a draft over, and keeps its bytes when nothing is wrong: a draft has none.
    async fn scan(&self, draft: &Version, content: Bytes, actor: UserId) -> Result<Version, CatalogueError> {
        let report = self.looked_over(content.clone()).await?;
        let host = self.store().host();
        let digest = draft.digest().to_string();
        let mut change = NewTransition {
            digest: digest.clone(),
            from: VersionState::Draft.as_str().to_owned(),
            to: VersionState::Draft.as_str().to_owned(),
            reason: String::new(),
            actor: Some(actor),
            scan: Some(serde_json::to_string(&report).expect("a report has text keys")),
            countersignature: None,
        };
        if let Some(problem) = report.problem() {
            change.reason = problem.message.chars().take(crate::review::MAX_REASON_CHARS).collect();
        } else {
            host.put_package(&digest, &content).await?;
            let statement = Statement {
                level: VersionState::Scanned,
                digest: &digest,
                plugin: draft.id(),
                version: draft.number(),
                visibility: draft.visibility.as_str(),
                owner: draft.owner.map(|owner| owner.to_string()).unwrap_or_default(),
            };
            VersionState::Scanned.as_str().clone_into(&mut change.to);
            change.countersignature = Some(self.0.packages.key().countersign(&statement));
        }
        match host.change_version(&change).await {
            Ok(row) => self.0.packages.read(&row),
            // Somebody uploaded the same package at the same time and was faster.
            Err(StoreError::StateChanged { .. }) => {
                self.0.packages.read(&host.plugin_version(&digest).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Applies what was just committed here. If the database went away meanwhile, the next poll does it.
    pub(crate) async fn apply_soon(&self) {
        if let Err(error) = self.catch_up().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a change is applied a little later");
        }
    }
}

/// Reads a package on a thread that may block: 20 MB are hashed.
pub(crate) async fn read(bytes: Bytes) -> Result<(Package, Bytes), CatalogueError> {
    let read = tokio::task::spawn_blocking(move || Package::read(&bytes).map(|package| (package, bytes)));
    match read.await {
        Ok(read) => Ok(read?),
        Err(error) => {
            tracing::error!(%error, "a package could not be read");
            Err(CatalogueError::Busy)
        }
    }
}

pub(crate) fn namespace_of(id: &str) -> &str {
    id.split('/').next().unwrap_or_default()
}

pub(crate) fn check_not_reserved(namespace: &str) -> Result<(), CatalogueError> {
    if namespace.starts_with(RESERVED) {
        return Err(CatalogueError::NamespaceReserved(namespace.to_owned()));
    }
    Ok(())
}
