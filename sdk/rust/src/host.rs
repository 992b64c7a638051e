//! What the host offers, as traits named after the worlds of `wit/host`, so that plugins can be tested without
//! one: a filter has [`PureHost`], a chat connector [`AuthenticatingHost`], the others [`Host`].

use crate::{Entry, Error, Level, Request, Response};

/// The imports of the world `neustream:host/pure`: for a plugin that only computes.
pub trait PureHost {
    /// The configuration as JSON text, valid against the plugin's schema.
    fn config(&self) -> String;

    /// Writes a line into the installation's log.
    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]);

    /// Adds to a counter that the host exports with the plugin's id; `metric` is kebab-case.
    fn count(&self, metric: &str, delta: u64);
}

/// The imports of the world `neustream:host/authenticating`.
pub trait AuthenticatingHost: PureHost {
    /// Whether `tag` is the HMAC-SHA256 of `data` under the secret `key`, compared in constant time.
    fn verify_hmac_sha256(&self, key: &str, data: &[u8], tag: &[u8]) -> Result<bool, Error>;

    /// The HMAC-SHA256 of `data` under the secret `key`: 32 bytes.
    fn hmac_sha256(&self, key: &str, data: &[u8]) -> Result<Vec<u8>, Error>;
}

/// The imports of the world `neustream:host/connected`: for a plugin that talks to a platform.
pub trait Host: AuthenticatingHost {
    /// Sends a request to a host of the manifest.
    fn send(&self, request: &Request) -> Result<Response, Error>;

    /// The stored value of `key`.
    fn kv_get(&self, key: &str) -> Result<Option<Entry>, Error>;

    /// Stores `value` if `expected` is still the revision (none: if there is no such key); none when the race
    /// is lost.
    fn kv_put(
        &self,
        key: &str,
        value: &[u8],
        expected: Option<u64>,
        ttl_s: Option<u32>,
    ) -> Result<Option<u64>, Error>;

    /// Removes `key` if `expected` is still its revision; false when the race is lost or there is none.
    fn kv_delete(&self, key: &str, expected: u64) -> Result<bool, Error>;
}
