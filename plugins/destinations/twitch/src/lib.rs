//! Pushes to Twitch, through the ingest that Twitch recommends or the tenant prefers.

mod adapter;
mod helix;
mod ingests;

pub use adapter::Twitch;

neustream_plugin::export_destination_with_metadata!(Twitch);
