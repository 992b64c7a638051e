//! Pushes to YouTube Live: as an event of a connected account, or with a pasted key.

mod adapter;
mod api;
mod broadcasts;
mod health;
mod streams;

pub use adapter::YouTube;

neustream_plugin::export_destination_with_metadata!(YouTube);
