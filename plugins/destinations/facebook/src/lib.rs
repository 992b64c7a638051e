//! Pushes to Facebook Live.

mod adapter;

pub use adapter::Facebook;

neustream_plugin::export_destination!(Facebook);
