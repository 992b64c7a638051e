//! A destination adapter that misbehaves on demand: the regression suite of the plugin host.
//!
//! The broadcast's title names the deed, with an argument behind a space. What a deed learns comes back as the
//! target's state, so that a test can read it. Built for wasm only: natively there is nothing to attack.

#[cfg(target_arch = "wasm32")]
mod gallery;
