//! What a packager aims at and where it stops.

use std::time::Duration;

use crate::SegmentEncryption;

/// Aims and bounds of one packager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagerSettings {
    /// Parts are as many whole frames as fit into this.
    pub part_target: Duration,
    /// Segments end at the first keyframe after this.
    pub segment_target: Duration,
    /// Complete segments in the playlist, at least 7.
    pub window_segments: usize,
    /// Complete segments that can still be fetched after they left the playlist.
    pub retained_segments: usize,
    /// A segment without a further keyframe ends after this all the same.
    pub max_segment_duration: Duration,
    /// A segment ends when it holds this many bytes; longer frames are refused.
    pub max_segment_bytes: usize,
    /// The oldest segments go when all together hold more bytes than this.
    pub max_window_bytes: usize,
    /// Time may step this far, forward or back, before it counts as a break of the timeline.
    pub max_step: Duration,
    /// How long a track that begins waits for the other one, so that both begin together.
    pub track_wait: Duration,
    /// How long sound waits for the first keyframe of a picture that has announced itself; and how long a
    /// track may be silent before viewers are told to go on without it.
    pub track_timeout: Duration,
    /// Wall clock at time zero of the frames, in milliseconds since the Unix epoch, for
    /// `EXT-X-PROGRAM-DATE-TIME`, and for numbers that no earlier presentation at the same address used.
    /// Without it the tags are left out and numbers begin at 1. Because the date follows the frames, a
    /// clock that is set while a stream runs moves nothing.
    pub epoch_unix_ms: Option<u64>,
    /// How segments are encrypted from the first one on; see [`crate::Packager::encrypt`] for later.
    pub encryption: Option<SegmentEncryption>,
}

impl Default for PackagerSettings {
    fn default() -> Self {
        Self {
            part_target: Duration::from_millis(200),
            segment_target: Duration::from_secs(1),
            window_segments: 8,
            retained_segments: 4,
            max_segment_duration: Duration::from_secs(20),
            max_segment_bytes: 16 * 1024 * 1024,
            max_window_bytes: 64 * 1024 * 1024,
            max_step: Duration::from_secs(3),
            track_wait: Duration::from_millis(500),
            track_timeout: Duration::from_secs(3),
            epoch_unix_ms: None,
            encryption: None,
        }
    }
}

impl PackagerSettings {
    /// The settings with every value inside the range in which the packager keeps its promises.
    pub(crate) fn within_bounds(mut self) -> Self {
        self.part_target = self.part_target.clamp(Duration::from_millis(50), Duration::from_secs(2));
        self.segment_target = self.segment_target.clamp(self.part_target, Duration::from_secs(10));
        self.window_segments = self.window_segments.clamp(7, 64);
        self.retained_segments = self.retained_segments.clamp(1, 64);
        self.max_segment_duration =
            self.max_segment_duration.clamp(self.segment_target, Duration::from_mins(1));
        self.max_segment_bytes = self.max_segment_bytes.clamp(1, 256 * 1024 * 1024);
        self.max_step = self.max_step.clamp(Duration::from_millis(500), Duration::from_mins(1));
        self
    }
}
