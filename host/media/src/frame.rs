//! The unit that flows through the house.

use bytes::Bytes;

/// Which elementary stream a frame belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Track {
    /// FLV tag type 9.
    Video,
    /// FLV tag type 8.
    Audio,
    /// FLV tag type 18 (script data: `onMetaData` and the like).
    Data,
}

/// What a frame is to a reader that joins or skips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// A codec sequence header, or `onMetaData` on the data track: kept and shown first to every new reader.
    Header,
    /// A picture that decodes alone: readers start here.
    Key,
    /// Anything else: a dependent picture, sound, other script data.
    Delta,
}

/// One FLV tag body with its time, shared by all readers without copying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its track.
    pub track: Track,
    /// What it is to a reader.
    pub kind: FrameKind,
    /// Decode time in milliseconds. From an RTMP session: the publisher's clock, unwrapped beyond 32 bits.
    /// In a broadcast: the session's own timeline, which never goes back.
    pub timestamp_ms: u64,
    /// The tag body exactly as published (FLV 10.1 Annex E.4.2/E.4.3, Enhanced RTMP v2). For the data track
    /// the AMF0 values without a leading `@setDataFrame`.
    pub payload: Bytes,
}

impl Frame {
    /// Whether it is sound or picture, not a header and not script data.
    pub fn is_media(&self) -> bool {
        self.track != Track::Data && self.kind != FrameKind::Header
    }
}
