//! Pushes to YouTube Live, with its backup ingest as second place.

mod adapter;

pub use adapter::YouTube;

neustream_plugin_support::export_destination!(YouTube);
