//! The real host: the component's imports.

use std::panic;

use crate::bindings::neustream::host::{config, crypto, http, kv, telemetry};
use crate::{AuthenticatingHost, Entry, Error, Host, Level, PureHost, Request, Response};

/// The host by the component's imports. Works only inside a component.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Imports;

impl PureHost for Imports {
    fn config(&self) -> String {
        config::get()
    }

    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]) {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        telemetry::log(level, message, &fields);
    }

    fn count(&self, metric: &str, delta: u64) {
        telemetry::count(metric, delta);
    }
}

impl AuthenticatingHost for Imports {
    fn verify_hmac_sha256(&self, key: &str, data: &[u8], tag: &[u8]) -> Result<bool, Error> {
        crypto::verify_hmac_sha256(key, data, tag)
    }

    fn hmac_sha256(&self, key: &str, data: &[u8]) -> Result<Vec<u8>, Error> {
        crypto::hmac_sha256(key, data)
    }
}

impl Host for Imports {
    fn send(&self, request: &Request) -> Result<Response, Error> {
        http::send(request)
    }

    fn kv_get(&self, key: &str) -> Result<Option<Entry>, Error> {
        kv::get(key)
    }

    fn kv_put(
        &self,
        key: &str,
        value: &[u8],
        expected: Option<u64>,
        ttl_s: Option<u32>,
    ) -> Result<Option<u64>, Error> {
        kv::put(key, value, expected, ttl_s)
    }

    fn kv_delete(&self, key: &str, expected: u64) -> Result<bool, Error> {
        kv::delete(key, expected)
    }
}

/// Sends a panic's message and place to the host before the trap, which alone would read `unreachable`.
#[doc(hidden)]
pub fn report_panics() {
    panic::set_hook(Box::new(|info| {
        let message = info
            .payload()
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| info.payload().downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let location = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        last_words(&message, &location);
    }));
}

/// Tells the host why the call ends, before a trap: what the tenant and the author read instead of `unreachable`. The
/// `export_...!` macros do this for every panic; it is for a plugin that traps in a way of its own. `location` is a file
/// and line, or empty. Works only inside a component.
///
/// ```no_run
/// neustream_plugin::last_words("the interpreter gave up", "script.lua:12");
/// ```
pub fn last_words(message: &str, location: &str) {
    telemetry::panicked(message, location);
}
