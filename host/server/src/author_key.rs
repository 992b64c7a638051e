//! What authors' names are hidden with before a filter sees them.

use neustream_accounts::fresh_signing_key;
use neustream_model::Secret;

/// A new key: 256 random bits, as those that tokens are signed with.
pub fn fresh() -> Secret {
    fresh_signing_key()
}
