//! Why a frame is not packaged.

use neustream_media::Track;
use neustream_media::codec::ConfigError;
use neustream_media::flv::FlvError;

/// Why a frame was skipped. The packager goes on with the next one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackagerError {
    /// The tag's header is broken.
    #[error("malformed {track:?} tag: {source}")]
    Tag {
        /// Of which track.
        track: Track,
        /// What is wrong with it.
        source: FlvError,
    },
    /// A sequence header is hostile, cut off, or of a codec that HLS does not carry; the track goes on with
    /// its former configuration, or is left out when it has none.
    #[error("{track:?} configuration refused: {source}")]
    Config {
        /// Of which track.
        track: Track,
        /// What is wrong with it.
        source: ConfigError,
    },
    /// The configuration reads well but no box can carry it; the track is left out.
    #[error("{track:?} configuration cannot be written to an initialization section: {reason}")]
    Unwritable {
        /// Of which track.
        track: Track,
        /// What the box writer says.
        reason: String,
    },
    /// A coded frame came before its track's sequence header, or names another codec.
    #[error("{0:?} frame without a matching sequence header before it")]
    ConfigurationMissing(Track),
    /// A coded frame without a body, or a sound packet that no decoder accepts.
    #[error("{0:?} frame without playable content")]
    Empty(Track),
    /// A frame longer than a whole segment may be.
    #[error("frame of {length} bytes is longer than a segment may be ({limit})")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The packager was told that the stream is over.
    #[error("the presentation has ended")]
    Ended,
}
