//! Pushes to Kick.

mod adapter;

pub use adapter::Kick;

neustream_plugin::export_destination!(Kick);
