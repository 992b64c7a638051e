//! What the platform decides about versions.

use std::fmt;

use neustream_contract::Digest;
use neustream_model::{UnixMillis, UserId};
use neustream_store::{NewTransition, StoreError, TransitionRow};

use crate::countersignature::Statement;
use crate::packages::unknown_version;
use crate::{Catalogue, CatalogueError, Version, VersionState};

/// The longest reason.
pub(crate) const MAX_REASON_CHARS: usize = 500;

/// A decision of the platform about a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A person has looked at it.
    Review,
    /// Everyone who sees it may install it; it is countersigned.
    Verify,
    /// It stops, until it is reinstated or revoked.
    Suspend,
    /// It is again what it was before it was suspended.
    Reinstate,
    /// It stops for good.
    Revoke,
}

/// A change of a version's state, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The state before; `None` for the first.
    pub from: Option<VersionState>,
    /// The state after. A draft that stays one was refused by the scan.
    pub to: VersionState,
    /// Why; may be empty.
    pub reason: String,
    /// Who decided; `None` for the host.
    pub actor: Option<UserId>,
    /// When.
    pub at: UnixMillis,
}

impl Decision {
    /// What a version is after it.
    pub fn outcome(self) -> &'static str {
        match self {
            Self::Review => "reviewed",
            Self::Verify => "verified",
            Self::Suspend => "suspended",
            Self::Reinstate => "reinstated",
            Self::Revoke => "revoked",
        }
    }

    fn needs_reason(self) -> bool {
        matches!(self, Self::Suspend | Self::Reinstate | Self::Revoke)
    }

    /// The state that it leads to from `from`; `before` is the state before a suspension.
    fn state_after(self, from: VersionState, before: Option<VersionState>) -> Option<VersionState> {
        use VersionState as S;
        match (self, from) {
            (Self::Review, S::Scanned) => Some(S::Reviewed),
            (Self::Verify, S::Reviewed) => Some(S::Verified),
            (Self::Suspend, S::Development | S::Scanned | S::Reviewed | S::Verified) => Some(S::Suspended),
            (Self::Reinstate, S::Suspended) => before,
            (Self::Revoke, S::Revoked) => None,
            (Self::Revoke, _) => Some(S::Revoked),
            _ => None,
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Review => "review",
            Self::Verify => "verify",
            Self::Suspend => "suspend",
            Self::Reinstate => "reinstate",
            Self::Revoke => "revoke",
        })
    }
}

impl Catalogue {
    /// Decides about a version. On this host it holds when this returns, on others within [`crate::POLL`].
    ///
    /// # Errors
    /// [`CatalogueError::DecisionIllegal`] where the version's state does not allow it, [`CatalogueError::ReasonMissing`]
    /// without a reason where one is needed, [`CatalogueError::VersionUnknown`].
    pub async fn decide(
        &self,
        digest: &Digest,
        decision: Decision,
        reason: &str,
        actor: UserId,
    ) -> Result<Version, CatalogueError> {
        let reason = reason.trim();
        let is_said = !reason.is_empty() || !decision.needs_reason();
        if !is_said || reason.chars().count() > MAX_REASON_CHARS {
            return Err(CatalogueError::ReasonMissing(MAX_REASON_CHARS));
        }
        let host = self.store().host();
        let row = host.plugin_version(&digest.to_string()).await.map_err(unknown_version)?;
        let version = self.0.packages.read(&row)?;
        let from = version.state;
        let before = self.state_before_suspension(digest).await?;
        let illegal = || CatalogueError::DecisionIllegal { from, decision };
        let to = decision.state_after(from, before).ok_or_else(illegal)?;
        let countersignature = (to == VersionState::Verified)
            .then(|| self.0.packages.key().countersign(&Statement::of(&row, VersionState::Verified)));
        let changed = host
            .change_version(&NewTransition {
                digest: row.digest.clone(),
                from: from.as_str().to_owned(),
                to: to.as_str().to_owned(),
                reason: one_line(reason),
                actor: Some(actor),
                scan: None,
                countersignature,
            })
            .await
            .map_err(|error| match error {
                StoreError::StateChanged { now } => {
                    CatalogueError::DecisionIllegal { from: now.parse().unwrap_or(from), decision }
                }
                other => other.into(),
            })?;
        self.apply_soon().await;
        self.0.packages.read(&changed)
    }

    /// Versions in `state`, after the digest `after`, at most `limit`.
    pub async fn in_state(
        &self,
        state: VersionState,
        after: Option<&Digest>,
        limit: u32,
    ) -> Result<Vec<Version>, CatalogueError> {
        let after = after.map(ToString::to_string).unwrap_or_default();
        let rows = self.store().host().versions_in_state(state.as_str(), &after, limit).await?;
        rows.iter().map(|row| self.0.packages.read(row)).collect()
    }

    /// What happened to a version, oldest first.
    pub async fn history(&self, digest: &Digest) -> Result<Vec<Transition>, CatalogueError> {
        let rows = self.store().host().transitions_of(&digest.to_string()).await?;
        let malformed = |_| CatalogueError::Damaged { digest: *digest, what: "the history" };
        let read = |row: TransitionRow| {
            Ok(Transition {
                from: row.from.map(|word| word.parse()).transpose().map_err(malformed)?,
                to: row.to.parse().map_err(malformed)?,
                reason: row.reason,
                actor: row.actor,
                at: row.at,
            })
        };
        rows.into_iter().map(read).collect()
    }

    async fn state_before_suspension(&self, digest: &Digest) -> Result<Option<VersionState>, CatalogueError> {
        let history = self.history(digest).await?;
        let suspended = history.iter().rev().find(|change| change.to == VersionState::Suspended);
        Ok(suspended.and_then(|change| change.from))
    }
}

/// A reason is shown in lists and logs.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
