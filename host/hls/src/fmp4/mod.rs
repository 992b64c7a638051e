//! Fragmented MP4 (ISO/IEC 14496-12): initialization sections and fragments.
//!
//! Boxes are mp4-atom's; which ones, and what stands in them, is decided here.

mod fragment;
mod init;
mod sample_entry;

pub(crate) use fragment::{TrackFragment, fragment};
pub(crate) use init::init;

/// Track id of the picture in every file.
pub(crate) const VIDEO_TRACK_ID: u32 = 1;
/// Track id of the sound in every file.
pub(crate) const AUDIO_TRACK_ID: u32 = 2;

/// `sample_depends_on` = 2 (ISO/IEC 14496-12, 8.8.3.1): decodes alone.
pub(crate) const SYNC_SAMPLE: u32 = 0x0200_0000;
/// `sample_depends_on` = 1 and `sample_is_non_sync_sample`.
pub(crate) const NON_SYNC_SAMPLE: u32 = 0x0101_0000;
