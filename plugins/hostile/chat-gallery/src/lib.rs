//! A chat connector that misbehaves on demand: the regression suite of the plugin host.
//!
//! A written message, a line received and the setting `deed` each name a deed, with an argument behind a space. What a
//! deed learns becomes the state, so that a test can read it. Built for wasm only: natively there is nothing to attack.

#[cfg(target_arch = "wasm32")]
mod gallery;
