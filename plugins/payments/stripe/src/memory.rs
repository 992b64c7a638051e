//! What is remembered of a charge or refund under its key, so that it is found again.

use neustream_plugin::{Error, Host, json};
use serde::{Deserialize, Serialize};

/// How long a charge is remembered: a session ends within a day (docs.stripe.com/api/checkout/sessions: `expires_at`).
pub const CHARGE_S: u32 = 26 * 3600;
/// How long a payment under way is remembered: bank debits take days.
pub const PENDING_S: u32 = 14 * 24 * 3600;
/// How long a refund is remembered.
pub const REFUND_S: u32 = 30 * 24 * 3600;

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Memo {
    /// A charge was asked for at this moment (seconds since the Unix epoch); it may not have been made.
    Asked(u64),
    /// A charge began with this session or intent.
    Begun(String),
    /// A refund of this intent was asked for.
    Refund(String),
}

/// What is remembered of `key`.
pub fn recall(host: &impl Host, key: &str) -> Result<Option<Memo>, Error> {
    let entry = host.kv_get(key)?;
    Ok(entry.and_then(|entry| json::from(&entry.value).ok()))
}

/// Remembers `memo`, in place of what was remembered.
pub fn remember(host: &impl Host, key: &str, memo: &Memo, ttl_s: u32) -> Result<(), Error> {
    // One call works on a key at a time; a race is lost at most to the same memo.
    let expected = host.kv_get(key)?.map(|entry| entry.revision);
    host.kv_put(key, &json::to(memo), expected, Some(ttl_s)).map(drop)
}

/// Forgets `key`; what cannot be forgotten expires.
pub fn forget(host: &impl Host, key: &str) {
    if let Ok(Some(entry)) = host.kv_get(key) {
        // It expires otherwise.
        let _forgotten = host.kv_delete(key, entry.revision);
    }
}
