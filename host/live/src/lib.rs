//! Ingest, broadcast, destination supervisors, play and the HLS window.

mod directory;
mod handle;
mod hls_window;

pub use directory::{DestinationConfig, Directory, DirectoryError, SourceConfig};
pub use handle::Live;
pub use hls_window::{HlsError, HlsRequest, HlsResponse};
