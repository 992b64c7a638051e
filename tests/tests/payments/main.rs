//! Payments with the real parts: driver, store, components in the runtime, TLS, against strict stand-ins; and killed
//! with SIGKILL at every point. `cargo xtask setup` builds and fetches what they start.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod host;
mod killed;
mod localstripe;
mod razorpay;
mod served;
mod stripe;
mod world;

/// The glue of the server, as it is.
#[path = "../../../host/server/src/payment_journal.rs"]
mod payment_journal;
#[path = "../../../host/server/src/plugin_kv.rs"]
mod plugin_kv;
