//! Pushes to Facebook Live.

mod adapter;

pub use adapter::Facebook;

neustream_plugin_support::export_destination!(Facebook);
