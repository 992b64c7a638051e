//! An installation as its tenant sees it.

use std::collections::BTreeSet;

use neustream_catalogue::{Version, VersionState};
use neustream_contract::manifest::SecretKind;
use neustream_contract::{ConfigInvalid, Digest, Grant, Kind};
use neustream_model::InstallationId;
use neustream_store::{Installation, InstallationRow, SecretInfo};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::InstallationError;
use crate::rings::{self, Ring};

/// An installation with everything that is known about it.
#[derive(Debug, Clone)]
pub struct InstallationView {
    /// As it is stored.
    pub row: InstallationRow,
    /// The package that it runs.
    pub digest: Digest,
    /// The package's manifest, schema and state.
    pub version: Version,
    /// What the tenant granted.
    pub grant: Grant,
    /// The configuration, an object.
    pub config: Value,
    /// The pasted secrets that are set.
    pub secrets: Vec<SecretInfo>,
    /// The `oauth2` secrets that the tenant has consented to.
    pub connected: BTreeSet<String>,
}

/// What becomes of messages that a moderation filter does not judge: it was too slow, it failed, it is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// They wait for a moderator.
    #[default]
    Hold,
    /// They are shown.
    Allow,
    /// They are removed.
    Delete,
}

impl OnFailure {
    /// The word as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Allow => "allow",
            Self::Delete => "delete",
        }
    }

    /// Reads a stored word; what this version does not know must not let messages through.
    fn of_word(word: &str) -> Self {
        match word {
            "allow" => Self::Allow,
            "delete" => Self::Delete,
            _ => Self::Hold,
        }
    }
}

/// Whether an installation works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does.
    Ready,
    /// Configuration or secrets are missing or wrong; see [`InstallationView::problems`].
    NeedsConfiguration,
    /// Switched off by its tenant.
    Disabled,
    /// Its package was suspended, or its countersignature does not fit.
    Suspended,
    /// Its package was revoked.
    Revoked,
}

impl State {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NeedsConfiguration => "needs-configuration",
            Self::Disabled => "disabled",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }
}

/// What an installation lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The configuration is refused by the schema.
    Config(ConfigInvalid),
    /// A pasted secret is not set.
    SecretMissing(String),
    /// The tenant has not consented yet.
    ConsentMissing(String),
}

impl InstallationView {
    pub(crate) fn new(
        stored: Installation,
        version: Version,
        connected: BTreeSet<String>,
    ) -> Result<Self, InstallationError> {
        let Installation { row, secrets } = stored;
        Ok(Self {
            digest: version.package.digest,
            grant: grant_of(&row.granted)?,
            config: object_of(&row.config)?,
            version,
            secrets,
            connected,
            row,
        })
    }

    /// Its id.
    pub fn id(&self) -> InstallationId {
        self.row.id
    }

    /// Its plugin's kind.
    pub fn kind(&self) -> Kind {
        self.version.package.manifest.kind
    }

    /// What becomes of messages that it does not judge; for moderation filters.
    pub fn on_failure(&self) -> OnFailure {
        OnFailure::of_word(&self.row.on_failure)
    }

    /// The ring in which it gets new versions.
    pub fn ring(&self) -> Ring {
        rings::ring_of(&self.row)
    }

    /// What it lacks. What a destination adapter merely misses is not told: the destinations complete it, and are
    /// judged with what they add.
    pub fn problems(&self) -> Vec<Problem> {
        lacks(&self.version, &self.config, |name| self.has_secret(name))
    }

    /// Whether the pasted secret `name` is set, or an account is connected for it.
    pub(crate) fn has_secret(&self, name: &str) -> bool {
        self.secrets.iter().any(|set| set.name == name) || self.connected.contains(name)
    }

    /// Whether it works.
    pub fn state(&self) -> State {
        match self.version.state {
            VersionState::Revoked => State::Revoked,
            _ if self.version.check_runnable().is_err() => State::Suspended,
            _ if !self.row.is_enabled => State::Disabled,
            _ if self.problems().is_empty() => State::Ready,
            _ => State::NeedsConfiguration,
        }
    }
}

/// What an installation of `version` lacks that has this configuration and the secrets that `has_secret` names.
pub(crate) fn lacks(version: &Version, config: &Value, has_secret: impl Fn(&str) -> bool) -> Vec<Problem> {
    let package = &version.package;
    let is_completed_elsewhere = version.kind() == Kind::Destination;
    let errors = if is_completed_elsewhere {
        package.config_schema.validate_part(config)
    } else {
        package.config_schema.validate_all(config)
    };
    let mut problems: Vec<_> = errors.into_iter().map(Problem::Config).collect();
    for (name, secret) in &package.manifest.capabilities.secrets {
        let is_pasted = secret.kind != SecretKind::Oauth2;
        if secret.required && !has_secret(name) && !(is_pasted && is_completed_elsewhere) {
            let missing = if is_pasted { Problem::SecretMissing } else { Problem::ConsentMissing };
            problems.push(missing(name.clone()));
        }
    }
    problems
}

/// A grant as it is stored.
pub(crate) fn grant_text(grant: &Grant) -> String {
    serde_json::to_string(grant).expect("a grant is a list of texts")
}

pub(crate) fn grant_of(text: &str) -> Result<Grant, InstallationError> {
    serde_json::from_str(text).map_err(|error| InstallationError::Damaged(format!("its grant: {error}")))
}

pub(crate) fn object_of(text: &str) -> Result<Value, InstallationError> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| InstallationError::Damaged(format!("its configuration: {error}")))?;
    Ok(value)
}

pub(crate) fn digest_of(text: &str) -> Result<Digest, InstallationError> {
    text.parse().map_err(|error| InstallationError::Damaged(format!("its package: {error}")))
}
