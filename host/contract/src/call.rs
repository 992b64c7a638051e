//! One call of a plugin: who asks, until when, and how it can go wrong.

use std::fmt;
use std::time::Duration;

use neustream_model::{InstallationId, Reason, TenantId};

use crate::package::Digest;
use crate::{Grant, PlanCeilings, Secrets};

/// The circumstances of one call. The configuration and secrets are pinned for its length.
#[derive(Debug, Clone)]
pub struct Call {
    /// Whose call it is.
    pub tenant: TenantId,
    /// The installation it is made for.
    pub installation: InstallationId,
    /// The package that the installation runs.
    pub plugin: Digest,
    /// What the tenant granted; what the manifest asks for beyond it is denied.
    pub grant: Grant,
    /// What the tenant's plan makes of the ceilings.
    pub ceilings: PlanCeilings,
    /// Configuration as JSON text, valid against the plugin's schema.
    pub config: String,
    /// Secrets that the host may substitute; their bytes never enter the guest.
    pub secrets: Secrets,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Wall-clock time the call may take, host calls included; the plugin's own ceiling may be lower.
    pub deadline: Duration,
}

impl Call {
    /// This call with settings and secrets of its own over those of the installation: each field of the object
    /// `config` and each secret in place of the one of the same name.
    ///
    /// # Errors
    /// [`CallErrorKind::InvalidConfig`] when either configuration is not a JSON object.
    pub fn overlaid(mut self, config: &str, secrets: &Secrets) -> Result<Self, CallError> {
        let object = |text: &str| {
            serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).map_err(|_| {
                CallError::new(
                    CallErrorKind::InvalidConfig,
                    "config-invalid",
                    "The configuration is not a JSON object.",
                )
            })
        };
        let over = object(config)?;
        if !over.is_empty() {
            let mut merged = object(&self.config)?;
            merged.extend(over);
            self.config = serde_json::Value::Object(merged).to_string();
        }
        self.secrets = self.secrets.overlaid(secrets);
        Ok(self)
    }
}

/// How a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// The kind, which decides what the caller does next.
    pub kind: CallErrorKind,
    /// A kebab-case code from an open vocabulary, shown to the tenant.
    pub code: String,
    /// One readable sentence, already stripped of secrets and control characters.
    pub message: String,
    /// When the plugin suggests to try again.
    pub retry_after: Option<Duration>,
}

/// Kinds of [`CallError`]. The first six are what the guest answered, the others what the host observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallErrorKind {
    /// Something outside the manifest or the grant was needed.
    Denied,
    /// The configuration is wrong; trying again without a change is useless.
    InvalidConfig,
    /// The platform refused the credentials; trying again without a change is useless.
    Unauthorized,
    /// The platform asked for patience.
    RateLimited,
    /// The platform could not be reached or answered nonsense.
    Unavailable,
    /// Anything else the guest reported.
    Other,
    /// The guest trapped.
    Trap,
    /// The deadline or the CPU budget passed.
    Timeout,
    /// Memory, host calls or another limit ran out.
    Limit,
    /// Too many faults of late: the breaker is open and the guest was not called.
    BreakerOpen,
    /// No such plugin, or it is not allowed to run.
    NotRunnable,
}

impl CallError {
    /// An error with no suggestion when to try again.
    pub fn new(kind: CallErrorKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, code: code.into(), message: message.into(), retry_after: None }
    }

    /// Whether only a change by the tenant can help.
    pub fn needs_change(&self) -> bool {
        matches!(
            self.kind,
            CallErrorKind::Denied
                | CallErrorKind::InvalidConfig
                | CallErrorKind::Unauthorized
                | CallErrorKind::NotRunnable
        )
    }

    /// What people are shown.
    pub fn reason(&self) -> Reason {
        Reason::new(self.code.clone(), self.message.clone())
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for CallError {}
