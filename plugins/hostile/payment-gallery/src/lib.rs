//! A payment provider that misbehaves on demand: the regression suite of the plugin host.
//!
//! A charge's description, a webhook's body, the first value that a payer returns with, the provider's id of what is
//! refunded and, for `find`, the setting `deed` name a deed, with an argument behind a space. What a deed learns is the
//! provider's id of the answer, so that a test can read it. Built for wasm only.

#[cfg(target_arch = "wasm32")]
mod gallery;
