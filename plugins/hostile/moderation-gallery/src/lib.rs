//! A moderation filter that misbehaves on demand: the regression suite of the plugin host.
//!
//! The first message of a batch names the deed, `plan <deed>` or `judge <deed>`, with an argument behind a space. What
//! a deed learns replaces the message, so that a test can read it. Built for wasm only.

#[cfg(target_arch = "wasm32")]
mod gallery;
