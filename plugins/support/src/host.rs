//! What the host offers, as a trait, so that adapters can be tested without one.

use crate::{Entry, Error, Level, Request, Response};

/// The imports of the world `neustream:host/connected` that adapters use.
pub trait Host {
    /// The configuration as JSON text, valid against the plugin's schema.
    fn config(&self) -> String;

    /// Writes a line into the installation's log.
    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]);

    /// Sends a request to a host of the manifest.
    fn send(&self, request: &Request) -> Result<Response, Error>;

    /// The stored value of `key`.
    fn load(&self, key: &str) -> Result<Option<Entry>, Error>;

    /// Stores `value` if `expected` is still the revision (none: if there is no such key); none when the race
    /// is lost.
    fn store(
        &self,
        key: &str,
        value: &[u8],
        expected: Option<u64>,
        ttl_s: Option<u32>,
    ) -> Result<Option<u64>, Error>;
}
