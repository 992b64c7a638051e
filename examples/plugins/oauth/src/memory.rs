//! Which broadcast on Aurora belongs to which one here.
//!
//! Written down before Aurora is asked for one, so that an answer that was lost is looked for; and again with the id.

use neustream_plugin::{Error, Host, json};
use serde::{Deserialize, Serialize};

/// Longer than any broadcast. What `finish` does not forget expires.
const KEPT_S: u32 = 7 * 24 * 3600;

/// What is known about one of our broadcasts.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Memo {
    /// Aurora was asked to create it. It may not have been.
    Asked,
    /// It has this id there.
    Created(String),
}

/// What is known about `ours`.
pub(crate) fn recall(host: &impl Host, ours: &str) -> Result<Option<Memo>, Error> {
    let entry = host.kv_get(&key(ours))?;
    entry.map(|entry| json::from(&entry.value)).transpose()
}

/// Remembers `memo`, if nobody else has in the meantime.
pub(crate) fn remember(host: &impl Host, ours: &str, memo: &Memo) -> Result<(), Error> {
    let key = key(ours);
    let expected = host.kv_get(&key)?.map(|entry| entry.revision);
    match host.kv_put(&key, &json::to(memo), expected, Some(KEPT_S))? {
        Some(_) => Ok(()),
        None => Err(Error::unavailable(
            "busy",
            "Another call prepares the same broadcast.",
        )),
    }
}

/// Forgets `ours`. Where that fails, it expires.
pub(crate) fn forget(host: &impl Host, ours: &str) {
    let key = key(ours);
    if let Ok(Some(entry)) = host.kv_get(&key) {
        let _expires_otherwise = host.kv_delete(&key, entry.revision);
    }
}

fn key(ours: &str) -> String {
    format!("broadcast/{ours}")
}
