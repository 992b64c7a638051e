//! HLS of running sessions, for whoever speaks HTTP.

use bytes::Bytes;

/// A request for one file of a stream's HLS presentation.
#[derive(Debug, Clone, Default)]
pub struct HlsRequest {
    /// The file's name, such as `media.m3u8`.
    pub name: String,
    /// `_HLS_msn`: answer when this media sequence number is there.
    pub msn: Option<u64>,
    /// `_HLS_part`: and this part of it.
    pub part: Option<u64>,
    /// `_HLS_skip=YES`: a playlist delta update is welcome.
    pub skip: bool,
}

/// One file of the presentation.
#[derive(Debug, Clone)]
pub struct HlsResponse {
    /// Its bytes.
    pub body: Bytes,
    /// Its media type.
    pub content_type: &'static str,
    /// How long it may be cached, in seconds; `None` means not at all.
    pub max_age_s: Option<u32>,
}

/// Why a file is not served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HlsError {
    /// No such file, or it left the window.
    #[error("no such file in this presentation")]
    NotFound,
    /// Nobody publishes under this playback id, or there is no such id.
    #[error("the stream is not live")]
    NotLive,
    /// The request contradicts itself or asks too far ahead.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// What was asked for did not come in time.
    #[error("the stream did not reach the requested position in time")]
    TimedOut,
}
