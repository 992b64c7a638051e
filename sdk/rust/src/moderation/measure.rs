//! What a tenant wants done when a rule matches, as settings name it.

use serde::Deserialize;

use super::Action;

/// How long a time-out lasts where the settings do not say.
const TIMEOUT_S: u32 = 600;

/// A measure. Ordered: where several rules match, the strictest decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Nothing.
    Allow,
    /// What matched is masked.
    Replace,
    /// The message waits for a moderator.
    Hold,
    /// Only its author and moderators see it.
    Hide,
    /// It is removed.
    Delete,
    /// It is removed and its author may not write for a while.
    Timeout,
}

impl Measure {
    /// The action. `replaced` makes the text that [`Measure::Replace`] shows.
    pub fn action(self, timeout_s: Option<u32>, replaced: impl FnOnce() -> String) -> Action {
        match self {
            Self::Allow => Action::Allow,
            Self::Replace => Action::Replace(replaced()),
            Self::Hold => Action::Hold,
            Self::Hide => Action::Hide,
            Self::Delete => Action::Delete,
            Self::Timeout => Action::TimeoutS(timeout_s.unwrap_or(TIMEOUT_S)),
        }
    }
}
