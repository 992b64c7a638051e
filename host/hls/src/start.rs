//! Before a run: waiting until it is clear which tracks it has.
//!
//! An initialization section names its tracks, and a player waits forever for one that never sends. So a
//! run begins with the tracks of which frames have come, and gives the second one a moment.

use std::collections::VecDeque;
use std::time::Duration;

use neustream_media::Track;

use crate::PackagerSettings;
use crate::run::MediaFrame;
use crate::timeline::Anchor;

/// Sound that leads the first keyframe by at most this much begins with it, in milliseconds.
const LEAD_MS: u64 = 100;

/// The tracks that a run begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tracks {
    pub(crate) video: bool,
    pub(crate) audio: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Start {
    /// Set where the timeline goes on and only the tracks or their configuration change.
    anchor: Option<Anchor>,
    /// Whether the picture fell silent, so that sound does not wait for it.
    picture_is_gone: bool,
    pending: VecDeque<MediaFrame>,
    bytes: usize,
}

impl Start {
    /// A start on the timeline of the run before it. `picture_is_gone`: sound does not wait for the picture.
    pub(crate) fn continuing(anchor: Anchor, picture_is_gone: bool) -> Self {
        Self { anchor: Some(anchor), picture_is_gone, ..Self::default() }
    }

    /// Where the two clocks were pinned together before, if the timeline goes on.
    pub(crate) fn anchor(&self) -> Option<Anchor> {
        self.anchor
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps a frame; pictures before the first keyframe are of no use.
    pub(crate) fn push(&mut self, frame: MediaFrame) {
        if frame.track == Track::Video && !frame.is_key && !self.has_keyframe() {
            return;
        }
        self.bytes += frame.body.len();
        self.pending.push_back(frame);
    }

    /// Forgets the frames of a track whose configuration turned out to be of no use.
    pub(crate) fn forget(&mut self, track: Track) {
        self.pending.retain(|frame| frame.track != track);
        self.bytes = self.pending.iter().map(|frame| frame.body.len()).sum();
    }

    /// The tracks to begin with, once it is clear. `expects_picture`: a picture has announced itself.
    pub(crate) fn decide(&self, expects_picture: bool, settings: &PackagerSettings) -> Option<Tracks> {
        let tracks = self.present();
        let waited = self.span();
        let is_too_much = self.bytes >= settings.max_segment_bytes;
        let wait = match tracks {
            Tracks { video: false, audio: false } => return None,
            Tracks { video: true, audio: true } => Duration::ZERO,
            Tracks { video: false, .. } if expects_picture && !self.picture_is_gone => settings.track_timeout,
            _ => settings.track_wait,
        };
        (waited >= wait || is_too_much).then_some(tracks)
    }

    /// The tracks that could be begun with now.
    pub(crate) fn present(&self) -> Tracks {
        let audio = self.pending.iter().any(|frame| frame.track == Track::Audio);
        Tracks { video: self.has_keyframe(), audio }
    }

    /// The frames to begin with, about from the first keyframe on if there is a picture.
    pub(crate) fn into_frames(self) -> VecDeque<MediaFrame> {
        let mut pending = self.pending;
        let keyframe = pending.iter().find(|frame| frame.track == Track::Video).map(|frame| frame.session_ms);
        if let Some(keyframe_ms) = keyframe {
            pending.retain(|frame| {
                frame.track == Track::Video || frame.session_ms.saturating_add(LEAD_MS) >= keyframe_ms
            });
        }
        pending
    }

    fn has_keyframe(&self) -> bool {
        self.pending.iter().any(|frame| frame.track == Track::Video)
    }

    fn span(&self) -> Duration {
        let times = self.pending.iter().map(|frame| frame.session_ms);
        let (earliest, latest) = times.fold((u64::MAX, 0), |(low, high), at| (low.min(at), high.max(at)));
        Duration::from_millis(latest.saturating_sub(earliest))
    }
}
