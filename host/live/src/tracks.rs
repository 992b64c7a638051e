//! What people are told about the tracks of a session.

use neustream_media::{Frame, Track, TrackConfig};
use neustream_model::TrackInfo;

/// The track that a sequence header describes; `None` when it is not understood, which does not keep it from
/// being relayed.
pub(crate) fn track_info(header: &Frame) -> Option<TrackInfo> {
    let config = match TrackConfig::from_frame(header) {
        Ok(config) => config?,
        Err(error) => {
            tracing::info!(%error, "a codec header is passed on without being understood");
            return None;
        }
    };
    let kind = match config.track {
        Track::Video => "video",
        Track::Audio => "audio",
        Track::Data => "data",
    };
    Some(TrackInfo {
        kind: kind.to_owned(),
        codec: config.codec_string,
        width: config.width,
        height: config.height,
        sample_rate: config.sample_rate,
        channels: config.channels,
    })
}
