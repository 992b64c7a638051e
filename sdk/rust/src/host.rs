//! What the host offers, as traits named after the worlds of `wit/host`, so that plugins can be tested without
//! one: a filter has [`PureHost`], a chat connector [`AuthenticatingHost`], the others [`Host`].

use crate::{Entry, Error, Level, Request, Response};

/// The imports of the world `neustream:host/pure`: for a plugin that only computes.
///
/// ```
/// use neustream_plugin::{Level, PureHost};
///
/// fn tell(host: &impl PureHost, channel: &str) {
///     host.log(Level::Info, "joined", &[("channel", channel)]);
///     host.count("joins", 1);
/// }
/// ```
pub trait PureHost {
    /// The configuration as JSON text, valid against the plugin's schema and the same for the whole call.
    /// [`read_config`](crate::read_config) makes a type of it.
    fn config(&self) -> String;

    /// Writes a line into the installation's log, with fields such as ids and codes. 8 KiB a call and 64 KiB a second are
    /// kept. Never log what people wrote or who they are.
    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]);

    /// Adds to a counter that the host exports with the plugin's id. `metric` is kebab-case, at most 64 bytes, at most 16
    /// different ones.
    fn count(&self, metric: &str, delta: u64);
}

/// The imports of the world `neustream:host/authenticating`: beside [`PureHost`], message authentication with secrets of
/// kind `hmac`, or of kind `string` with `mac = true`.
///
/// ```
/// use neustream_plugin::{AuthenticatingHost, Error, hex};
///
/// fn is_genuine(host: &impl AuthenticatingHost, body: &[u8], signature: &str) -> Result<bool, Error> {
///     let Some(tag) = hex::decode(signature) else { return Ok(false) };
///     host.verify_hmac_sha256("webhook-secret", body, &tag)
/// }
/// ```
pub trait AuthenticatingHost: PureHost {
    /// Whether `tag` is the HMAC-SHA256 of `data` under the secret `key`, compared in constant time.
    fn verify_hmac_sha256(&self, key: &str, data: &[u8], tag: &[u8]) -> Result<bool, Error>;

    /// The HMAC-SHA256 of `data` under the secret `key`: 32 bytes.
    fn hmac_sha256(&self, key: &str, data: &[u8]) -> Result<Vec<u8>, Error>;
}

/// The imports of the world `neustream:host/connected`: beside [`AuthenticatingHost`], requests and a small memory.
///
/// ```
/// use neustream_plugin::{Entry, Error, Host, Request};
///
/// const A_DAY_S: u32 = 24 * 3600;
///
/// /// The platform's servers, asked for once a day.
/// fn servers(host: &impl Host) -> Result<Vec<u8>, Error> {
///     if let Some(Entry { value, .. }) = host.kv_get("servers")? {
///         return Ok(value);
///     }
///     let request = Request::get("https://api.example/v1/servers");
///     let list = host.send(&request)?.success("Example")?.body;
///     // None means: there must be no such key yet. A lost race means that another call has just kept the same.
///     host.kv_put("servers", &list, None, Some(A_DAY_S))?;
///     Ok(list)
/// }
/// ```
pub trait Host: AuthenticatingHost {
    /// Sends a request to a host of `[capabilities.http]` and waits for the whole answer, of any status. At most 20 a
    /// call.
    fn send(&self, request: &Request) -> Result<Response, Error>;

    /// The stored value of `key`, with its revision.
    fn kv_get(&self, key: &str) -> Result<Option<Entry>, Error>;

    /// Stores `value` if `expected` is still the revision of `key` (none: if there is no such key). Answers the new
    /// revision, or none when the race is lost. `ttl_s` counts from now; none keeps the value.
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
