//! Pushes to any RTMP or RTMPS server that the tenant names.

mod adapter;

pub use adapter::CustomRtmp;

neustream_plugin::export_destination!(CustomRtmp);
