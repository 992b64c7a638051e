//! Pushes to Kick.

mod adapter;

pub use adapter::Kick;

neustream_plugin_support::export_destination!(Kick);
