//! What a tenant decides about a source.

use serde::{Deserialize, Serialize};

/// What happens when a second publisher arrives on a live key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondPublisher {
    /// The newcomer is refused; the running stream goes on.
    #[default]
    Reject,
    /// The newcomer takes over; the former publisher is disconnected.
    Replace,
}

impl SecondPublisher {
    /// The word as stored and as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Replace => "replace",
        }
    }
}
