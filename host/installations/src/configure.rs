//! Configuration, secrets, and switching on and off.

use std::collections::BTreeMap;

use neustream_catalogue::Version;
use neustream_contract::config::MAX_CONFIG_BYTES;
use neustream_contract::manifest::SecretKind;
use neustream_contract::{ConfigInvalid, Kind, Manifest, ScanReport, Secrets};
use neustream_model::{InstallationId, Secret};
use neustream_store::{InstallationChange, Scoped};
use serde_json::{Map, Value};

use crate::install::checked_grant;
use crate::rings::Ring;
use crate::view::grant_text;
use crate::{Change, Consent, InstallationError, InstallationView, Installations, OnFailure};

/// The longest pasted secret.
pub const MAX_SECRET_BYTES: usize = 4096;

/// What a tenant changes about an installation; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// What the tenant calls it.
    pub name: Option<String>,
    /// The permission keys that are granted from now on.
    pub grant: Option<Vec<String>>,
    /// What becomes of messages that a moderation filter does not judge.
    pub on_failure: Option<OnFailure>,
    /// The place of a moderation filter among those of the tenant; lower ones judge first.
    pub position: Option<u64>,
    /// The ring, or that the host chooses.
    pub ring: Option<Option<Ring>>,
    /// Whether new versions come by themselves.
    pub is_auto_upgraded: Option<bool>,
}

impl Installations {
    /// Changes name, grant, place, ring and whether new versions come by themselves.
    pub async fn edit(
        &self,
        scope: impl Scoped,
        id: InstallationId,
        edit: Edit,
    ) -> Result<InstallationView, InstallationError> {
        let present = self.show(scope, id).await?;
        let grant = edit.grant.map(|keys| checked_grant(&present.version, keys)).transpose()?;
        let change = InstallationChange {
            name: edit.name,
            granted: grant.as_ref().map(grant_text),
            on_failure: edit.on_failure.map(|on_failure| on_failure.as_str().to_owned()),
            position: edit.position,
            ring: edit.ring.map(|ring| ring.map(Ring::percent)),
            is_auto_upgraded: edit.is_auto_upgraded,
            ..InstallationChange::default()
        };
        // The grant was checked against the manifest of the package that ran then.
        let expected = grant.is_some().then_some(present.row.revision);
        self.update(present, &change, expected, Change::Configured).await
    }

    /// Replaces the configuration. That of a destination adapter may be a part, which destinations complete.
    ///
    /// # Errors
    /// [`InstallationError::ConfigInvalid`] with everything that is wrong.
    pub async fn configure(
        &self,
        scope: impl Scoped,
        id: InstallationId,
        config: Map<String, Value>,
    ) -> Result<InstallationView, InstallationError> {
        let present = self.show(scope, id).await?;
        let config = Value::Object(config);
        check_config(&present.version, &config)?;
        let change = InstallationChange { config: Some(config.to_string()), ..Default::default() };
        let expected = Some(present.row.revision);
        self.update(present, &change, expected, Change::Configured).await
    }

    /// Sets secrets, or removes those whose value is none; others stay.
    ///
    /// # Errors
    /// [`InstallationError::SecretRefused`].
    pub async fn set_secrets(
        &self,
        scope: impl Scoped,
        id: InstallationId,
        secrets: BTreeMap<String, Option<String>>,
    ) -> Result<InstallationView, InstallationError> {
        let present = self.show(scope, id).await?;
        let secrets = checked_secrets(&present.version.package.manifest, secrets)?;
        let change = InstallationChange { secrets, ..Default::default() };
        self.update(present, &change, None, Change::Configured).await
    }

    /// Switches an installation on or off. Off acts at once: the next call is refused.
    pub async fn set_enabled(
        &self,
        scope: impl Scoped,
        id: InstallationId,
        is_enabled: bool,
    ) -> Result<InstallationView, InstallationError> {
        let present = self.show(scope, id).await?;
        if present.row.is_enabled == is_enabled {
            return Ok(present);
        }
        let change = InstallationChange { is_enabled: Some(is_enabled), ..Default::default() };
        let what = if is_enabled { Change::Enabled } else { Change::Disabled };
        self.update(present, &change, None, what).await
    }

    /// Has the runtime look the installation over: configuration, secrets, and a call without a network.
    pub async fn self_test(
        &self,
        scope: impl Scoped,
        id: InstallationId,
    ) -> Result<ScanReport, InstallationError> {
        let present = self.show(scope, id).await?;
        present.version.check_runnable()?;
        let mut call =
            self.call_with(&present.row, &present.version, &present.grant, &present.config).await?;
        call.secrets = call.secrets.overlaid(&self.account_tokens(&present).await);
        Ok(self.parts().platform.self_test(&call).await)
    }

    /// The tokens of the accounts that are connected. One that cannot be had now is missing, which the test then tells.
    async fn account_tokens(&self, present: &InstallationView) -> Secrets {
        let manifest = &present.version.package.manifest;
        let accounts = manifest.capabilities.secrets.iter();
        let mut tokens = BTreeMap::new();
        for (name, secret) in accounts.filter(|(_, secret)| secret.kind == SecretKind::Oauth2) {
            let consent = Consent {
                tenant: present.row.tenant_id,
                installation: present.id(),
                plugin: &manifest.id,
                name,
                secret,
                grant: &present.grant,
            };
            match self.parts().tokens.secrets(&consent).await {
                Ok(found) => tokens.extend(found),
                Err(error) => {
                    tracing::debug!(installation = %present.id(), %error, "no token for a self-test");
                }
            }
        }
        Secrets::new(tokens)
    }

    async fn update(
        &self,
        present: InstallationView,
        change: &InstallationChange,
        expected: Option<u64>,
        what: Change,
    ) -> Result<InstallationView, InstallationError> {
        let store = self.parts().store.tenant(present.row.tenant_id);
        let stored = store.update_installation(present.row.id, change, expected).await?;
        let view = self.view(stored).await?;
        self.changed(&view.row, view.kind(), what);
        Ok(view)
    }
}

/// Checks a configuration against the version's schema; that of a destination adapter may be a part.
pub(crate) fn check_config(version: &Version, config: &Value) -> Result<(), InstallationError> {
    let bytes = config.to_string().len();
    if bytes > MAX_CONFIG_BYTES {
        let message = format!("it has {bytes} bytes; {MAX_CONFIG_BYTES} are allowed");
        return Err(InstallationError::ConfigInvalid(vec![ConfigInvalid {
            pointer: String::new(),
            message,
        }]));
    }
    let schema = &version.package.config_schema;
    let errors = match version.package.manifest.kind {
        Kind::Destination => schema.validate_part(config),
        Kind::Chat | Kind::Moderation | Kind::Payment => schema.validate_all(config),
    };
    if errors.is_empty() { Ok(()) } else { Err(InstallationError::ConfigInvalid(errors)) }
}

/// Checks the names of pasted secrets against the manifest, and the texts for what no secret holds. Texts are trimmed:
/// what is pasted often ends in a line end.
///
/// # Errors
/// [`InstallationError::SecretRefused`]; it repeats nothing that was given, because people paste keys into the wrong
/// field.
pub fn checked_secrets(
    manifest: &Manifest,
    given: BTreeMap<String, Option<String>>,
) -> Result<BTreeMap<String, Option<Secret>>, InstallationError> {
    let refused = |message: String| Err(InstallationError::SecretRefused(message));
    let known = &manifest.capabilities.secrets;
    let mut secrets = BTreeMap::new();
    for (name, text) in given {
        match known.get(&name) {
            None => {
                let names: Vec<_> = known.keys().map(String::as_str).collect();
                let names = if names.is_empty() { "no secrets".to_owned() } else { names.join(", ") };
                return refused(format!("{} takes: {names}", manifest.id));
            }
            Some(secret) if secret.kind == SecretKind::Oauth2 => {
                return refused(format!("{name} is not pasted: connect the account instead"));
            }
            Some(_) => {}
        }
        let secret = match text.as_deref().map(str::trim) {
            None => None,
            Some("") => return refused(format!("{name} must not be empty")),
            Some(text) if text.len() > MAX_SECRET_BYTES => {
                return refused(format!("{name} has more than {MAX_SECRET_BYTES} bytes"));
            }
            Some(text) if text.chars().any(char::is_control) => {
                return refused(format!("{name} must be one line without control characters"));
            }
            Some(text) => Some(Secret::new(text)),
        };
        secrets.insert(name, secret);
    }
    Ok(secrets)
}
