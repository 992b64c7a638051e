//! What the next call of an installation needs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use neustream_catalogue::{CatalogueError, Version, VersionState};
use neustream_contract::manifest::SecretKind;
use neustream_contract::{
    Call, CallError, CallErrorKind, Ceilings, Digest, Grant, Installed, Kind, PlanCeilings, Secrets, grant,
};
use neustream_model::{InstallationId, Secret, TenantId};
use neustream_store::{InstallationRow, StoreError};
use serde_json::Value;

use crate::install::kind_of;
use crate::plan::is_refusal;
use crate::view::{digest_of, grant_of, object_of};
use crate::{Consent, InstallationError, Installations};

/// An installation as calls need it; kept for a moment.
#[derive(Debug)]
pub(crate) struct Opened {
    row: InstallationRow,
    is_app_archived: bool,
    digest: Digest,
    kind: Kind,
    grant: Grant,
    config: Value,
    /// What is wrong with the configuration, where the kind has nobody who completes it.
    config_problem: Option<String>,
    secrets: BTreeMap<String, Secret>,
    ceilings: PlanCeilings,
}

#[async_trait]
impl Installed for Installations {
    async fn call(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        pin: Option<Digest>,
    ) -> Result<Call, CallError> {
        let open = self.opened(tenant, installation).await?;
        if !open.row.is_enabled {
            return Err(not_runnable("installation-disabled", "the installation is switched off"));
        }
        if open.is_app_archived {
            return Err(not_runnable("app-archived", "the app that the installation belongs to is archived"));
        }
        let pinned = match pin.filter(|pin| *pin != open.digest) {
            Some(pin) => self.pinned(&open, pin).await?,
            None => None,
        };
        let (version, config) = if let Some(pinned) = pinned {
            pinned
        } else {
            let version = self.runnable(&open.digest).await?;
            if let Some(problem) = &open.config_problem {
                let (kind, code) = (CallErrorKind::InvalidConfig, "needs-configuration");
                return Err(CallError::new(kind, code, problem.clone()));
            }
            (version, open.row.config.clone())
        };
        let secrets = self.secrets_of(&open, &version).await?;
        Ok(Call {
            tenant,
            installation,
            plugin: version.package.digest,
            grant: open.grant.clone(),
            ceilings: open.ceilings,
            config,
            secrets: Secrets::new(secrets),
            attempt: 1,
            deadline: Ceilings::of(&version.package, &open.ceilings).wall,
        })
    }

    async fn refused(&self, call: &Call) -> bool {
        let Ok(version) = self.parts().catalogue.version(&call.plugin).await else { return false };
        let mut has_changed = false;
        for (name, secret) in &version.package.manifest.capabilities.secrets {
            let (SecretKind::Oauth2, Some(token)) = (secret.kind, call.secrets.get(name)) else { continue };
            let consent = Consent {
                tenant: call.tenant,
                installation: call.installation,
                plugin: &version.package.manifest.id,
                name,
                secret,
                grant: &call.grant,
            };
            has_changed |= self.parts().tokens.refused(&consent, token).await;
        }
        has_changed
    }
}

impl Installations {
    async fn opened(&self, tenant: TenantId, id: InstallationId) -> Result<Arc<Opened>, CallError> {
        if let Some(open) = self.inner.cache.get(tenant, id, Instant::now()) {
            return Ok(open);
        }
        let reading = self.inner.cache.reading();
        let open = Arc::new(self.open(tenant, id).await?);
        self.inner.cache.keep(tenant, id, &open, reading, Instant::now());
        Ok(open)
    }

    async fn open(&self, tenant: TenantId, id: InstallationId) -> Result<Opened, CallError> {
        let found = self.parts().store.host().open_installation(tenant, id).await.map_err(of_store)?;
        let found =
            found.ok_or_else(|| not_runnable("installation-unknown", "there is no such installation"))?;
        let row = found.row;
        let digest = digest_of(&row.digest).map_err(damaged)?;
        let kind = kind_of(&row.kind).map_err(damaged)?;
        let config = object_of(&row.config).map_err(damaged)?;
        let version = self.parts().catalogue.version(&digest).await.map_err(of_version)?;
        let config_problem = match kind {
            // Its destinations complete the configuration.
            Kind::Destination => None,
            _ => version.package.config_schema.validate(&config).err().map(|error| error.to_string()),
        };
        Ok(Opened {
            digest,
            kind,
            grant: grant_of(&row.granted).map_err(damaged)?,
            config,
            config_problem,
            secrets: found.secrets,
            ceilings: self.parts().catalogue.ceilings(tenant).await.map_err(of_version)?,
            is_app_archived: found.is_app_archived,
            row,
        })
    }

    /// The version, if it may run.
    async fn runnable(&self, digest: &Digest) -> Result<Version, CallError> {
        let version = self.parts().catalogue.version(digest).await.map_err(of_version)?;
        version.check_runnable().map_err(of_version)?;
        Ok(version)
    }

    /// What a call goes on with that began with another package: that package, and a configuration that it
    /// understands. None where it may not run (any more), or never belonged to this plugin.
    async fn pinned(&self, open: &Opened, pin: Digest) -> Result<Option<(Version, String)>, CallError> {
        let version = match self.parts().catalogue.version(&pin).await {
            Ok(version) => version,
            Err(error) if is_refusal(&error) => return Ok(None),
            Err(error) => return Err(of_version(error)),
        };
        if version.check_runnable().is_err() || version.package.manifest.id != open.row.plugin {
            return Ok(None);
        }
        // What is developed takes the place of what was developed before in the middle of everything.
        let is_understood = u64::from(version.package.manifest.state_schema) == open.row.state_schema;
        if version.is_development() && is_understood && self.runnable(&open.digest).await?.is_development() {
            return Ok(None);
        }
        let is_part = open.kind == Kind::Destination;
        let understands = |config: &Value| {
            let schema = &version.package.config_schema;
            if is_part { schema.validate_part(config).is_empty() } else { schema.validate(config).is_ok() }
        };
        if understands(&open.config) {
            return Ok(Some((version, open.row.config.clone())));
        }
        let store = self.parts().store.tenant(open.row.tenant_id);
        let former = store.former_packages(open.row.id).await.map_err(of_store)?;
        let former = former.iter().find(|former| former.digest == pin.to_string());
        let config =
            former.filter(|former| object_of(&former.config).is_ok_and(|config| understands(&config)));
        Ok(config.map(|former| (version, former.config.clone())))
    }

    /// The secrets that the version's manifest knows: pasted ones, and OAuth tokens of which something is granted.
    async fn secrets_of(
        &self,
        open: &Opened,
        version: &Version,
    ) -> Result<BTreeMap<String, Secret>, CallError> {
        let manifest = &version.package.manifest;
        let known = &manifest.capabilities.secrets;
        let pasted = open
            .secrets
            .iter()
            .filter(|(name, _)| known.get(*name).is_some_and(|secret| secret.kind != SecretKind::Oauth2));
        let mut secrets: BTreeMap<_, _> =
            pasted.map(|(name, secret)| (name.clone(), secret.clone())).collect();
        for (name, secret) in known.iter().filter(|(_, secret)| secret.kind == SecretKind::Oauth2) {
            let is_granted =
                secret.hosts.iter().any(|host| open.grant.covers(&grant::secret_key(name, host)))
                    || open.grant.covers(&grant::secret_push_key(name))
                    || secret.scopes.iter().any(|scope| open.grant.covers(&grant::scope_key(name, scope)));
            if !is_granted {
                continue;
            }
            let consent = Consent {
                tenant: open.row.tenant_id,
                installation: open.row.id,
                plugin: &manifest.id,
                name,
                secret,
                grant: &open.grant,
            };
            let tokens = self.parts().tokens.secrets(&consent).await?;
            if tokens.is_empty() && secret.required {
                let label = secret.label.as_deref().unwrap_or(name);
                let message = format!("connect the account first: {label} was never connected");
                return Err(CallError::new(CallErrorKind::Unauthorized, "oauth-consent-needed", message));
            }
            secrets.extend(tokens);
        }
        Ok(secrets)
    }
}

fn not_runnable(code: &str, message: &str) -> CallError {
    CallError::new(CallErrorKind::NotRunnable, code, message)
}

fn unavailable(cause: impl std::fmt::Display) -> CallError {
    tracing::warn!(%cause, "what a call needs cannot be read");
    CallError::new(CallErrorKind::Unavailable, "host-busy", "the host is busy, it tries again in a moment")
}

fn of_store(error: StoreError) -> CallError {
    unavailable(error)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn of_version(error: CatalogueError) -> CallError {
    match &error {
        CatalogueError::NotRunnable { state: VersionState::Revoked, .. } => {
            not_runnable("plugin-revoked", &error.to_string())
        }
        CatalogueError::NotRunnable { .. } => not_runnable("plugin-suspended", &error.to_string()),
        CatalogueError::DevelopmentOff => not_runnable("development-off", &error.to_string()),
        error if is_refusal(error) => {
            tracing::error!(%error, "an installation has no package that may run");
            not_runnable("plugin-unknown", "the package of this installation is not on this host")
        }
        error => unavailable(error),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn damaged(error: InstallationError) -> CallError {
    tracing::error!(%error, "an installation cannot be read");
    not_runnable("installation-damaged", "what is stored about the installation cannot be read")
}
