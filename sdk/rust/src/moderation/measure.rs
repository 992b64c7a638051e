//! What a tenant wants done when a rule matches, as settings name it.

use serde::Deserialize;

use super::Action;

/// How long a time-out lasts where the settings do not say.
const TIMEOUT_S: u32 = 600;

/// A measure, as a setting's text: `allow`, `replace`, `hold`, `hide`, `delete`, `timeout`. Ordered: where several rules
/// match, the strictest decides.
///
/// ```
/// use neustream_plugin::moderation::{Action, Measure};
/// use neustream_plugin::read_config;
/// use neustream_plugin::testing::FakeHost;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Config {
///     action: Measure,
///     timeout_seconds: Option<u32>,
/// }
///
/// let host = FakeHost::new(r#"{"action": "timeout", "timeout_seconds": 60}"#);
/// let config: Config = read_config(&host)?;
/// assert!(config.action > Measure::Hold);
/// let action = config.action.action(config.timeout_seconds, || "***".to_owned());
/// assert_eq!(action, Action::TimeoutS(60));
/// # Ok::<(), neustream_plugin::Error>(())
/// ```
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
    /// The action. `replaced` makes the text that [`Measure::Replace`] shows; a time-out without a length is ten minutes.
    ///
    /// ```
    /// use neustream_plugin::moderation::{Action, Measure};
    ///
    /// let action = Measure::Replace.action(None, || "***".to_owned());
    /// assert_eq!(action, Action::Replace("***".to_owned()));
    /// assert_eq!(Measure::Timeout.action(None, String::new), Action::TimeoutS(600));
    /// ```
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
